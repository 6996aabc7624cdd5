"""What was read becomes the rows of an import; a second reading keeps what reviewers have changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from taskflow.documents.model import (
    BudgetLine,
    Indicator,
    Item,
    ItemSource,
    ParsedDocument,
    Place,
    RawTable,
    TableKind,
    TableSummary,
)
from taskflow.documents.parse import ParseOverrides, TableOverride
from taskflow.documents.passages import paragraph_at
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.services.imports import checks
from taskflow.services.imports.access import all_rows
from taskflow.services.imports.unit_names import resolve_rows
from taskflow.services.imports.values import UnitChoice, deadline_values, head_values, place_values
from taskflow.services.imports.wording import as_office_reads

#: Rows of a table that the page of the tables shows, and characters of each cell.
SAMPLE_ROWS, SAMPLE_CELL = 5, 160


def fill(session: Session, job: ImportJob, parsed: ParsedDocument) -> None:
    """Write head, tables and rows of what was read into a locked import."""
    if not job.head.get("edited"):
        job.head = head_values(parsed.head)
    samples = _samples(parsed)
    job.tables = [_table(table, samples.get(table.number, [])) for table in parsed.tables]
    kept = job.reading
    job.reading = {
        "format": parsed.format,
        "ocr": parsed.ocr,
        "problems": [asdict(problem) for problem in parsed.problems],
        "indicators": [_indicator(one) for one in parsed.indicators],
        "budget": [_budget_line(one) for one in parsed.budget],
        "leave_out": kept.get("leave_out", []),
    }
    count = parsed.reconciliation
    job.reconciliation = {
        "source_rows": count.source_rows,
        "items": count.items,
        "group_rows": count.group_rows,
        "header_rows": count.header_rows,
        "skipped": [
            {"place": _place(skip.row, parsed), "text": skip.text, "reason": skip.reason} for skip in count.skipped
        ],
    }
    _write_rows(session, job, [_row_values(item, parsed) for item in parsed.items])


def overrides_of(job: ImportJob) -> ParseOverrides:
    """What reviewers said about the tables, as the reader takes it."""
    tables = {
        int(number): TableOverride(
            kind=TableKind(said["kind"]) if said.get("kind") else None,
            roles=tuple(said["roles"]) if said.get("roles") else None,
            heading_row=said.get("heading_row"),
        )
        for number, said in job.overrides.get("tables", {}).items()
    }
    return ParseOverrides(tables, not_secret=bool(job.overrides.get("not_secret")))


def _write_rows(session: Session, job: ImportJob, wanted: list[dict[str, Any]]) -> None:
    """Rows are known again by where they stand; their positions move aside first, because each is unique."""
    session.execute(
        update(ImportRow)
        .where(ImportRow.job_id == job.id)
        .values(position=-ImportRow.id)
        .execution_options(synchronize_session=False)
    )
    found = [row for row in all_rows(session, job) if row.source != "task"]
    known = {_key(row.source, row.place, row.raw): row for row in found}
    rows = []
    for values in wanted:
        row = known.pop(_key(values["source"], values["place"], values["raw"]), None)
        if row is None:
            row = ImportRow(job_id=job.id, decision=values.pop("decision"), edited=[], undo=[])
            session.add(row)
        else:
            values.pop("decision")
        for name, value in values.items():
            if name not in row.edited:
                setattr(row, name, value)
        rows.append(row)
    gone = [row.id for row in known.values()]
    if gone:
        for row in known.values():
            session.expunge(row)
        session.execute(delete(ImportRow).where(ImportRow.id.in_(gone)).execution_options(synchronize_session=False))
    resolve_rows(session, job, rows)
    issued_on = checks.issued_on(job)
    for row in rows:
        if "deadline" not in row.edited:
            row.deadline = as_office_reads(row, issued_on)
        checks.refresh(row, issued_on)
    session.flush()


def _key(source: str, place: Mapping[str, Any], raw: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells a row of the source from the others, also after another reading."""
    where = (place.get("sheet"), place.get("table"), place.get("row"), place.get("offset"))
    return (source, *where, raw.get("sentence", "") if source in ("prose", "report", "list") else "")


def _row_values(item: Item, parsed: ParsedDocument) -> dict[str, Any]:
    raw = dict(item.raw)
    if item.source in (ItemSource.PROSE, ItemSource.REPORT):
        raw |= _context(item, parsed)
    return {
        "position": item.position,
        "source": item.source.value,
        "place": _place(item.place, parsed),
        "raw": raw,
        "columns": dict(item.columns),
        "tt": (item.tt or "")[:64],
        "group": item.group or "",
        "group_parent": item.group_parent or "",
        "content": item.content,
        "leads": [UnitChoice(name).values() for name in item.lead],
        "coordinators": [UnitChoice(name).values() for name in item.coordinators],
        "deadline": deadline_values(item.deadline),
        "product": item.product or "",
        "note": item.note or "",
        "confidence": item.confidence,
        "ocr": item.ocr,
        "problems": [asdict(problem) for problem in item.problems],
        "decision": RowDecision.IMPORT if item.selected else RowDecision.OFFER,
    }


def _place(place: Place, parsed: ParsedDocument) -> dict[str, Any]:
    """Where a row stands. Pages are those of paper: a Word file or a sheet has none that everybody sees alike."""
    found = place_values(place)
    if parsed.format not in ("pdf", "image"):
        found.pop("page", None)
    return found


_BETWEEN = 10  # characters of marks and spaces between two letters of a sentence, as its paragraph writes it


def _context(item: Item, parsed: ParsedDocument) -> dict[str, str]:
    """The text round a sentence, so that it can be shown marked in its paragraph: found by its place, never by
    its words, as two paragraphs may begin alike."""
    found = paragraph_at(parsed.blocks, item.place.offset) if item.place.offset is not None else None
    if found is None:
        return {}
    text, start = found
    end = start
    for char in item.raw.get("sentence", item.content):
        if char.isspace():
            continue
        at = text.find(char, end, end + _BETWEEN)
        if at < 0:
            break
        end = at + 1
    return {"before": text[:start][-400:], "after": text[end:][:400]}


def _samples(parsed: ParsedDocument) -> dict[int, list[list[str]]]:
    return {
        block.place.table or 0: [[cell.text[:SAMPLE_CELL] for cell in row] for row in block.rows[:SAMPLE_ROWS]]
        for block in parsed.blocks
        if isinstance(block, RawTable)
    }


def _table(table: TableSummary, sample: list[list[str]]) -> dict[str, Any]:
    return {
        "number": table.number,
        "kind": table.kind.value,
        "confidence": table.confidence,
        "title": table.title or "",
        "heading": list(table.heading),
        "columns": list(table.columns),
        "rows": table.rows,
        "place": place_values(table.place),
        "sample": sample,
    }


def _indicator(one: Indicator) -> dict[str, Any]:
    return {**asdict(one), "targets": dict(one.targets), "place": place_values(one.place)}


def _budget_line(one: BudgetLine) -> dict[str, Any]:
    return {**asdict(one), "place": place_values(one.place)}
