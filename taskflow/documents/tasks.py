"""Task tables: every row of the grid becomes an item, a group label, part of the heading, or is skipped with a reason.

Repairs what tables do: merged cells are already copied by the readers; here ditto marks are resolved,
rows broken by a page are joined, rows with missing cells are aligned by what the cells hold, numbers
inside the content are taken out, and groups are kept on two levels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from taskflow.documents.actors import find_subject
from taskflow.documents.cells import is_ditto, is_number
from taskflow.documents.columns import Head
from taskflow.documents.due import read_due
from taskflow.documents.duties import read_duties
from taskflow.documents.legends import read_legend, spelled_out
from taskflow.documents.marks import marked_wording
from taskflow.documents.messages import problem
from taskflow.documents.model import Cell, Item, ItemSource, Problem, RawTable, SkippedRow
from taskflow.documents.rows import NUMBER_IN_CONTENT, Draft, TableRows
from taskflow.documents.tables import place_of_row
from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.language import problem_message
from taskflow.domain.language.plausible import doubts_of_day
from taskflow.domain.language.wording import PROBLEMS
from taskflow.domain.units import is_group_designation, is_open_set, plain, split_units

_EXTRA = {
    "code": "Mã nhiệm vụ",
    "monitor": "Theo dõi, đôn đốc",
    "leader": "Lãnh đạo phụ trách",
    "submitter": "Cấp trình",
    "progress": "Tình hình thực hiện",
    "amount": "Kinh phí",
    "source": "Nguồn kinh phí",
}


_DITTO_ROLES = (
    "lead",
    "coordinators",
    "units",
    "deadline",
    "start",
    "product",
    "monitor",
    "leader",
    "submitter",
    "note",
)


@dataclass(slots=True)
class TableReading:
    """What the rows of a task table became."""

    items: list[Item] = field(default_factory=list)
    groups: int = 0
    header_rows: int = 0
    skipped: list[SkippedRow] = field(default_factory=list)


def read_tasks(
    table: RawTable,
    head: Head,
    *,
    issued_on: date | None,
    plan_year: int | None = None,
    first_position: int = 1,
    notes: Sequence[str] = (),
) -> TableReading:
    """The items of a task table, every row of it accounted for. ``notes`` around it may explain its signs."""
    rows = TableRows(table, head)
    rows.walk()
    legend = read_legend([*head.labels, *(skip.text for skip in rows.skipped), *notes])
    for draft in rows.drafts:
        for column, role in enumerate(head.roles):
            if legend and role in ("lead", "units", "coordinators"):
                cell = draft.cells[column]
                draft.cells[column] = replace(cell, text=spelled_out(cell.text, legend))
    _resolve_dittos(rows.drafts, head)
    _fill_leading_time(rows.drafts, head)
    swapped = _swapped(rows.drafts, head)
    reading = TableReading(groups=rows.groups, header_rows=rows.header_rows, skipped=rows.skipped)
    for position, draft in enumerate(rows.drafts, first_position):
        reading.items.append(_item(draft, head, table, position, (issued_on, plan_year)))
        if swapped & {id(cell) for cell in draft.cells}:
            reading.items[-1] = _asked_for_swap(reading.items[-1])
    _mark_repeated_numbers(reading.items)
    return reading


def _resolve_dittos(drafts: list[Draft], head: Head) -> None:
    """Put the value above in the place of every "nt", "như trên" or lone quotation mark."""
    for column, role in enumerate(head.roles):
        if role not in _DITTO_ROLES:
            continue
        above: Cell | None = None
        for draft in drafts:
            cell = draft.cells[column]
            if is_ditto(cell.text):
                if above is None:
                    draft.problems.append(problem("row.ditto_nothing", role, text=cell.text))
                    draft.cells[column] = Cell("")
                else:
                    draft.cells[column] = above
            else:
                above = cell


_DAY_IN_TEXT = re.compile(r"\s*(?:1[3-9]|2\d|3[01])\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{2,4}\s*")


def _swapped(drafts: Sequence[Draft], head: Head) -> set[int]:
    """The date cells whose day and month a spreadsheet may have swapped, by identity.

    Typed "25/03/2026" stays text where the spreadsheet expects the month first, and "05/03/2026" becomes the
    third of May: a column that holds both sorts says so.
    """
    found: set[int] = set()
    for column, role in enumerate(head.roles):
        if role not in ("deadline", "start"):
            continue
        cells = [draft.cells[column] for draft in drafts]
        if any(cell.value_date is None and _DAY_IN_TEXT.fullmatch(cell.text) for cell in cells):
            days = ((cell, cell.value_date) for cell in cells if not cell.month_only)
            found.update(id(cell) for cell, day in days if day and day.day <= 12 and day.day != day.month)
    return found


def _asked_for_swap(item: Item) -> Item:
    """``item`` with its deadline doubted, and the day offered that was probably typed."""
    deadline = item.deadline
    other = deadline.due and deadline.due.replace(day=deadline.due.month, month=deadline.due.day)
    confidence = min(deadline.confidence, PROBLEMS["maybe_swapped"][0])
    problems = (*deadline.problems, "maybe_swapped")
    deadline = replace(deadline, confidence=confidence, problems=problems, suggested_due=other or None)
    doubt = problem("row.doubtful_deadline", "deadline", text=deadline.text, reason=_doubt(deadline))
    kept = [found for found in item.problems if found.code != doubt.code]
    return replace(item, deadline=deadline, problems=(*kept, doubt), confidence=round(item.confidence - 0.1, 2))


def _fill_leading_time(drafts: list[Draft], head: Head) -> None:
    """Give the rows below a time the time above, where the first column names it once for several tasks.

    Work calendars name a month and leave the cells below it blank. A blank in any other column says nothing,
    nor does one below another group.
    """
    deadline = head.column("deadline")
    if deadline != 0 or head.column("content") is None:
        return
    above: tuple[tuple[str, ...], Cell] | None = None
    for draft in drafts:
        cell = draft.cells[deadline]
        if cell.text:
            above = (draft.groups, cell)
        elif above is not None and above[0] == draft.groups:
            draft.cells[deadline] = above[1]
            draft.problems.append(problem("row.time_above", "deadline", text=above[1].text))


def _item(draft: Draft, head: Head, table: RawTable, position: int, dated: tuple[date | None, int | None]) -> Item:
    values = {role: draft.cells[head.roles.index(role)] for role in head.roles if role not in {"other", "mark"}}
    crossed = marked_wording(draft.cells, head.labels, head.columns("mark"))
    if crossed and not values.get("deadline", Cell("")).text:
        values["deadline"] = Cell(crossed)

    def text(role: str) -> str:
        return values[role].text if role in values else ""

    tt, content = _numbered(text("tt"), one_line(text("content")))
    lead, coordinators, problems = units_of(text("lead"), text("units"), text("coordinators"))
    deadline, found = _deadline_of(_in_its_unit(values, head), *dated)
    if deadline.kind is not DeadlineKind.NONE and deadline.text == f"{_label(head)} {text('deadline')}":
        deadline = replace(deadline, text=text("deadline"))
    told = [problem(code, role) for role, cell in values.items() for code in cell.problems]
    problems = [*draft.problems, *told, *problems, *found]
    if not lead and not {"lead", "units"} & set(head.roles) and (above := _unit_above(draft.groups)):
        lead = split_units(above)
        problems = [problem("row.lead_above", "lead", text=above) if p.code == "row.no_lead" else p for p in problems]
    ocr = any(cell.ocr for cell in draft.cells)
    if not content:
        problems.append(problem("row.no_content", "content"))
    if ocr:
        problems.append(problem("row.ocr"))
        tt = tt if is_number(tt or "") else None  # "CÓ" is a 3 that was not recognised
    columns = _extra_columns(draft.cells, head)
    deepest = draft.groups[-1] if draft.groups else None
    doubts = sum(1 for found in problems if not found.code.startswith(("row.open", "row.group", "row.many", "row.ocr")))
    return Item(
        position=position,
        content=content,
        source=ItemSource.TABLE,
        deadline=deadline,
        lead=lead,
        coordinators=coordinators,
        tt=tt,
        group=deepest,
        group_parent=draft.groups[-2] if len(draft.groups) > 1 else None,
        product=one_line(text("product")) or None,
        note=one_line(text("note")) or None,
        place=place_of_row(table, draft.index),
        problems=tuple(problems),
        raw={role: cell.text for role, cell in values.items() if cell.text},
        columns=columns,
        confidence=round(max(0.2, min(head.confidence, 0.7 if ocr else 1.0) - 0.1 * doubts), 2),
        ocr=ocr,
    )


_NUMBERS_ALONE = re.compile(r"(?:\d{1,2}|[IV]{1,3})(?:\s*[,&-]\s*(?:\d{1,2}|[IV]{1,3})){0,5}")


def _unit_above(groups: Sequence[str]) -> str:
    """The unit that a group row names for the tasks below it: "I. SỞ TÀI CHÍNH"; "" where it names a topic."""
    for label in reversed(groups):
        group = re.sub(r"^(?:[IVX]+|[A-Z]|\d{1,2}(?:\.\d{1,2})*)\s*[.)/:-]\s*", "", label)
        subject = find_subject(group)
        if subject is not None and subject.rest_at >= len(group.rstrip(" :.")):
            return subject.units
    return ""


def _label(head: Head) -> str:
    return head.labels[head.roles.index("deadline")] if "deadline" in head.roles else ""


def _in_its_unit(values: dict[str, Cell], head: Head) -> dict[str, Cell]:
    """A deadline that only numbers what heads its column: the "9" or "9, 10" under "Tháng", the "III" under "Quý"."""
    label, cell = _label(head), values.get("deadline", Cell(""))
    named = plain(label) in {"thang", "quy"} and cell.value_date is None
    if not named or not _NUMBERS_ALONE.fullmatch(cell.text.strip()):
        return values
    return {**values, "deadline": replace(cell, text=f"{label} {cell.text}")}


def one_line(text: str) -> str:
    """The text of a cell on one line; lines that begin with a bullet stay apart."""
    return re.sub(r"\n(?![-+•*]\s)", " ", text).strip()


def _numbered(tt: str, content: str) -> tuple[str | None, str]:
    """The number of a row: its own cell, or the number that its content begins with."""
    tt = tt.strip().strip("*")
    match = NUMBER_IN_CONTENT.match(content)
    if not tt and match:
        return match[1] or match[2], content[match.end() :]
    number = re.sub(r"^\(?(.*?)[.)/]*$", r"\1", tt)
    if number and content.startswith((f"{number}. ", f"{number}) ", f"{number}/ ")):
        content = content[len(number) + 1 :].lstrip()
    return number or None, content


def _extra_columns(cells: Sequence[Cell], head: Head) -> dict[str, str]:
    extra: dict[str, str] = {}
    for column, role in enumerate(head.roles):
        value = one_line(cells[column].text)
        if value and (role in _EXTRA or role == "other"):
            extra[head.labels[column] or _EXTRA.get(role) or f"Cột {column + 1}"] = value
    return extra


def units_of(lead: str, units: str, coordinators: str) -> tuple[tuple[str, ...], tuple[str, ...], list[Problem]]:
    """Lead and coordinating units out of the cells of a task, and what a reviewer should look at."""
    problems: list[Problem] = []
    duties = read_duties(lead or units)
    helping = split_units(_strip_label(coordinators))
    leading = duties.lead
    helping = (*duties.coordinators, *(name for name in helping if name not in duties.coordinators))
    if not leading:
        problems.append(problem("row.no_lead", "lead"))
    if len(leading) > 1:
        problems.append(problem("row.many_leads", "lead", count=len(leading)))
        if units and not lead and not duties.marked:
            problems.append(problem("row.roles_guessed", "lead"))
    if any(is_open_set(name) for name in leading):
        problems.append(problem("row.open_lead", "lead"))
    elif any(is_group_designation(name) for name in leading):
        problems.append(problem("row.group_lead", "lead"))
    if any(is_open_set(name) for name in helping):
        problems.append(problem("row.open_coordinator", "coordinators"))
    return leading, helping, problems


def _strip_label(text: str) -> str:
    return re.sub(r"(?i)^\s*(?:cơ quan |đơn vị )?phối hợp(?: thực hiện)?\s*(?::|với)\s*", "", text)


def _deadline_of(
    values: dict[str, Cell], issued_on: date | None, plan_year: int | None
) -> tuple[Deadline, list[Problem]]:
    cell = values.get("deadline", Cell(""))
    start = values.get("start")
    deadline = read_due(cell, issued_on, plan_year)
    if start is not None and start.text:
        opening = read_due(start, issued_on, plan_year)
        if deadline.kind is DeadlineKind.NONE:
            deadline = replace(opening, text=start.text)
        elif deadline.due and (opening.start or opening.due):
            first = opening.start or opening.due
            deadline = replace(deadline, kind=DeadlineKind.RANGE, start=first, text=f"{start.text} - {cell.text}")
    return deadline, deadline_problems(deadline, issued_on)


def deadline_problems(deadline: Deadline, issued_on: date | None) -> list[Problem]:
    """What a reviewer should look at in a deadline."""
    problems: list[Problem] = []
    if deadline.kind is DeadlineKind.NONE:
        problems.append(problem("row.no_deadline", "deadline"))
    elif deadline.needs_confirmation:
        problems.append(problem("row.doubtful_deadline", "deadline", text=deadline.text, reason=_doubt(deadline)))
    if deadline.due and issued_on and "due_before_issue" in doubts_of_day(deadline.due, issued_on):
        problems.append(
            problem("row.before_document", "deadline", due=f"{deadline.due:%d/%m/%Y}", issued=f"{issued_on:%d/%m/%Y}")
        )
    return problems


def _doubt(deadline: Deadline) -> str:
    """What makes a deadline doubtful, as the end of a sentence."""
    known = [code for code in deadline.problems if code in PROBLEMS]
    if not known:
        return "chưa chắc chắn. Hãy xác nhận lại."
    reason = problem_message(min(known, key=lambda code: PROBLEMS[code][0]))
    return f"{reason[:1].lower()}{reason[1:]}"


def _mark_repeated_numbers(items: list[Item]) -> None:
    seen: set[tuple[str | None, str | None, str]] = set()
    for index, item in enumerate(items):
        if item.tt is None:
            continue
        key = (item.group_parent, item.group, item.tt)
        if key in seen:
            items[index] = replace(item, problems=(*item.problems, problem("row.repeated_number", "tt", tt=item.tt)))
        seen.add(key)
