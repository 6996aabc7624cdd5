"""taskflow's own list of tasks, edited in Excel and brought back: changes by the code of each task.

The sheet is known by its headings (``reports.task_list.COLUMNS``). A cell that was emptied changes nothing; a row
without a code, or with a code that this office does not have, is named in the statement and left out. The mark of a
row tells which cells were edited in Excel and which values somebody changed in taskflow meanwhile: the first are
differences, the second stay, and where both happened a person has to say which holds (``contested``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from taskflow.documents.due import read_due
from taskflow.documents.model import Cell, ParsedDocument, RawTable
from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.units import split_units, tidy
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.models.org import Unit
from taskflow.models.task import Task
from taskflow.reports.task_list import MARKED, marks
from taskflow.services.imports import checks
from taskflow.services.imports.comparing import Target, target_of_task
from taskflow.services.imports.unit_names import choices_for
from taskflow.services.imports.values import UnitChoice, deadline_of, deadline_values, place_values, unit_choices

CODE, CONTENT, LEAD, COORDINATORS, DUE, PRODUCT, MARK = (
    "Mã nhiệm vụ",
    "Nội dung nhiệm vụ",
    "Cơ quan chủ trì",
    "Cơ quan phối hợp",
    "Thời hạn hiện tại",
    "Sản phẩm",
    "Dấu (không sửa)",
)
_NEEDED = {CODE, CONTENT, DUE}


def is_export(parsed: ParsedDocument) -> bool:
    """Whether the file is a list that taskflow exported."""
    return _sheet(parsed) is not None


def fill_from_export(session: Session, job: ImportJob, parsed: ParsedDocument) -> None:
    """Write the rows of an edited export, each with what differs from its task."""
    found = _sheet(parsed)
    if found is None:
        return
    table, first = found
    names = [tidy(cell.text) for cell in table.rows[first]]
    lines = [
        {name: cell for name, cell in zip(names, row, strict=False) if name}
        for row in table.rows[first + 1 :]
    ]  # fmt: skip
    tasks = _tasks(session, job, [_text(line, CODE) for line in lines])
    written = [name for line in lines for column in (LEAD, COORDINATORS) for name in split_units(_text(line, column))]
    choices = choices_for(session, written, job.office_unit_id, None)
    labels = unit_labels(session)
    session.execute(delete(ImportRow).where(ImportRow.job_id == job.id))
    rows: list[ImportRow] = []
    skipped: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        code = _text(line, CODE)
        place = {**place_values(table.place), "row": first + number + 2}
        task = tasks.get(code)
        if task is None:
            reason = f"Không có nhiệm vụ mang mã {code}." if code else "Dòng không có mã nhiệm vụ."
            text = " | ".join(tidy(cell.text) for cell in line.values() if cell.text.strip())
            if text:
                skipped.append({"place": place, "text": text[:300], "reason": reason})
            continue
        rows.append(_row(job, line, target_of_task(task), place, len(rows) + 1, choices, labels))
    session.add_all(rows)
    job.kind = "round_trip"
    job.head, job.tables = {}, []
    job.reading = {"format": parsed.format, "ocr": False, "problems": [], "indicators": [], "budget": []}
    job.reconciliation = {
        "source_rows": len(rows) + len(skipped) + 1,
        "items": len(rows),
        "group_rows": 0,
        "header_rows": 1,
        "skipped": skipped,
    }
    session.flush()


def unit_labels(session: Session) -> dict[int, str]:
    """Name of every unit, as an export writes it."""
    return {unit.id: unit.name for unit in session.execute(select(Unit.id, Unit.name))}


def _sheet(parsed: ParsedDocument) -> tuple[RawTable, int] | None:
    for block in parsed.blocks:
        if isinstance(block, RawTable):
            for number, row in enumerate(block.rows[:5]):
                if {tidy(cell.text) for cell in row} >= _NEEDED:
                    return block, number
    return None


def _tasks(session: Session, job: ImportJob, codes: Sequence[str]) -> dict[str, Task]:
    return {
        task.code: task
        for task in session.scalars(
            select(Task)
            .where(Task.code.in_({code for code in codes if code}), Task.office_unit_id == job.office_unit_id)
            .options(selectinload(Task.children), selectinload(Task.coordinations))
        )
    }


def _row(
    job: ImportJob,
    line: dict[str, Cell],
    target: Target,
    place: dict[str, Any],
    position: int,
    choices: dict[str, UnitChoice],
    labels: dict[int, str],
) -> ImportRow:
    leads = [choices[name] for name in split_units(_text(line, LEAD))]
    coordinators = [choices[name] for name in split_units(_text(line, COORDINATORS))]
    deadline = _deadline(line, target)
    exported = dict(zip(MARKED, _text(line, MARK).split(), strict=False))
    row = ImportRow(
        job_id=job.id,
        position=position,
        source="table",
        place=place,
        raw={name: cell.text for name, cell in line.items() if cell.text.strip() and name != MARK},
        columns={CODE: _text(line, CODE)},
        tt=target.tt,
        content=_text(line, CONTENT) or target.content,
        leads=[choice.values() for choice in leads],
        coordinators=[choice.values() for choice in coordinators],
        deadline=deadline_values(deadline),
        product=_text(line, PRODUCT) or target.product,
        task_id=target.task_id,
        change={"edited": _edited(line, exported, deadline)},
        problems=[],
        decision=RowDecision.IMPORT,
        undo=[],
        edited=[],
    )
    describe(row, target, labels)
    now = _marks_of(target, labels)
    contested = [name for name in row.change["fields"] if name in exported and exported[name] != now[name]]
    accept = [name for name in row.change["fields"] if name not in contested]
    row.change = {**row.change, "contested": contested, "accept": accept}
    checks.refresh(row, None)
    return row


def differences(row: ImportRow, target: Target, labels: dict[int, str]) -> dict[str, str]:
    """The fields that were edited in Excel and say something else than the task does now, with what the task says."""
    edited = row.change["edited"]
    leads, helpers = unit_choices(row.leads), unit_choices(row.coordinators)
    found: dict[str, str] = {}
    if "content" in edited and tidy(row.content) != tidy(target.content):
        found["content"] = target.content
    if "due" in edited and deadline_of(row.deadline).due != target.deadline.due:
        found["due"] = f"{target.deadline.due:%d/%m/%Y}" if target.deadline.due else target.deadline.text
    if "lead" in edited and leads and _differs(leads, target.lead_ids) and len(target.lead_ids) <= 1:
        found["lead"] = "; ".join(labels.get(unit_id, "") for unit_id in target.lead_ids)
    if "coordinators" in edited and helpers and _differs(helpers, target.coordinator_ids):
        found["coordinators"] = "; ".join(labels.get(unit_id, "") for unit_id in target.coordinator_ids)
    if "product" in edited and tidy(row.product) != tidy(target.product):
        found["product"] = target.product
    return found


def describe(row: ImportRow, target: Target, labels: dict[int, str]) -> None:
    """Say in ``row.change`` what differs; cells that were not edited show what the task says now."""
    edited = row.change["edited"]
    if "content" not in edited:
        row.content = target.content
    if "product" not in edited:
        row.product = target.product
    if "due" not in edited:
        row.deadline = deadline_values(target.deadline)
    fields = differences(row, target, labels)
    kind = "same" if not fields else "changed" if target.is_open else "closed"
    accepted = row.change.get("accept", fields)
    row.change = {
        **row.change,
        "kind": kind,
        "series_id": None,
        "fields": fields,
        "accept": [name for name in fields if name in accepted],
    }


def _edited(line: dict[str, Cell], exported: dict[str, str], deadline: Deadline) -> list[str]:
    """The filled cells that do not say any more what was exported; all of them in a file without marks."""
    due_cell = line.get(DUE)
    is_dated = due_cell is not None and bool(due_cell.text.strip() or due_cell.value_date)
    values = (_text(line, CONTENT), _text(line, LEAD), _text(line, COORDINATORS), _text(line, PRODUCT))
    written = marks(*values[:3], deadline.due, values[3])
    filled = (*map(bool, values[:3]), is_dated, bool(values[3]))
    return [
        name
        for name, mark, is_filled in zip(MARKED, written, filled, strict=True)
        if is_filled and exported.get(name) != mark
    ]


def _marks_of(target: Target, labels: dict[int, str]) -> dict[str, str]:
    """The marks that an export of the task would have now."""
    lead = labels.get(target.lead_ids[0], "") if len(target.lead_ids) == 1 else target.lead_wording
    helpers = "; ".join(labels.get(unit_id, "") for unit_id in target.coordinator_ids)
    return dict(zip(MARKED, marks(target.content, lead, helpers, target.deadline.due, target.product), strict=True))


def _deadline(line: dict[str, Cell], target: Target) -> Deadline:
    cell = line.get(DUE)
    if cell is None or not (cell.text.strip() or cell.value_date):
        return target.deadline
    read = read_due(cell, None)
    due: date | None = read.due
    if due is None:
        return read  # doubtful: a person has to say what the cell means
    if due == target.deadline.due:
        return target.deadline
    return Deadline(target.deadline.text, DeadlineKind.DATE, due=due, explanation=f"Hạn trong tệp: {due:%d/%m/%Y}.")


def _differs(choices: Sequence[UnitChoice], ids: tuple[int, ...]) -> bool:
    return not all(choice.settled for choice in choices) or {
        unit_id for choice in choices for unit_id in choice.unit_ids
    } != set(ids)


def _text(line: dict[str, Cell], name: str) -> str:
    return tidy(line[name].text) if name in line else ""
