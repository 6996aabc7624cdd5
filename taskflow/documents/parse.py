"""The reader's front door: bytes in, ``ParsedDocument`` out. Pure but for the libraries that open the formats.

Order of work: real type → blocks → logical tables → head → kind and columns of each table → items of
task tables, label lists, prose and report duties, indicators, costs → the reconciliation of every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from taskflow.documents import limits
from taskflow.documents.budget import budget_line_in, check_budget, extract_budget
from taskflow.documents.columns import Head, read_head
from taskflow.documents.detect import Format, detect
from taskflow.documents.head import read_head as read_document_head
from taskflow.documents.indicators import extract_indicators
from taskflow.documents.kinds import classify
from taskflow.documents.lists import extract_lists
from taskflow.documents.messages import DocumentError, DocumentTooLarge, problem
from taskflow.documents.model import (
    Block,
    BudgetLine,
    DocumentHead,
    Indicator,
    Item,
    ParsedDocument,
    Place,
    Problem,
    RawTable,
    Reconciliation,
    SkippedRow,
    TableKind,
    TableSummary,
)
from taskflow.documents.prose import extract_duties
from taskflow.documents.readers.base import Progress, Reading, reader_for, scanned_pages, silent
from taskflow.documents.references import find_references
from taskflow.documents.reports import extract_reports
from taskflow.documents.secrecy import find_mark
from taskflow.documents.tables import is_layout, notes_around, rebuild, title_of, unit_line_of
from taskflow.documents.targets import extract_targets
from taskflow.documents.tasks import read_tasks
from taskflow.domain.deadlines import Deadline

#: Pages of a long scan that are recognised to find its mark, which stands on the first.
_MARKED_PAGES = 2


@dataclass(frozen=True, slots=True)
class TableOverride:
    """What a reviewer said about a table: its kind, the role of each column, its first heading row (from 0)."""

    kind: TableKind | None = None
    roles: tuple[str, ...] | None = None
    heading_row: int | None = None


@dataclass(frozen=True, slots=True)
class ParseOverrides:
    """Choices of a reviewer that hold over what the reader found: tables by number, a mark that is no secrecy."""

    tables: Mapping[int, TableOverride] = field(default_factory=dict)
    not_secret: bool = False


def parse(
    data: bytes,
    *,
    filename: str,
    issued_on: date | None = None,
    overrides: ParseOverrides | None = None,
    progress: Progress | None = None,
) -> ParsedDocument:
    """Everything the reader finds in a file.

    ``issued_on`` is used where the document does not say its own date. Raises ``DocumentError`` for what
    must not or cannot be read (see ``messages.REFUSALS``); the sandbox adds limits of time and memory.
    """
    form = detect(data, filename)
    reading = reader_for(form)(data, progress or silent)
    return assemble(reading, form=form.value, issued_on=issued_on, overrides=overrides, filename=filename)


def secrecy_of(data: bytes, *, filename: str) -> str | None:
    """The mark of secrecy of a file ("TỐI MẬT"), or None. Raises ``DocumentError`` for what cannot be read."""
    form = detect(data, filename)

    def recognising(stage: str, _done: int, total: int) -> None:
        if stage == "ocr" and form is Format.PDF and total > _MARKED_PAGES:
            raise _LongScan

    try:
        reading = reader_for(form)(data, recognising)
    except _LongScan:
        blocks = scanned_pages(data, range(1, _MARKED_PAGES + 1))
        return find_mark(blocks, filename=filename, ocr=True)
    return find_mark(reading.blocks, filename=filename, ocr=reading.ocr)


class _LongScan(Exception):  # noqa: N818 - ends a reading, is no error
    """Recognising every page would take minutes."""


def parse_pasted(
    text: str, html: str | None = None, *, issued_on: date | None = None, overrides: ParseOverrides | None = None
) -> ParsedDocument:
    """What was pasted from Word, Excel or a web page; the HTML of the clipboard is preferred when it holds a table."""
    if len(text) + len(html or "") > limits.MAX_TEXT:
        raise DocumentTooLarge("document.too_much_text", "text")
    if html and "<t" in html.lower():
        form, data = Format.HTML, html.encode()
    else:
        form, data = Format.TEXT, text.encode()
    if not data.strip():
        raise DocumentError("document.empty", "text")
    return assemble(reader_for(form)(data, silent), form="pasted", issued_on=issued_on, overrides=overrides)


def assemble(
    reading: Reading,
    *,
    form: str,
    issued_on: date | None = None,
    overrides: ParseOverrides | None = None,
    filename: str = "",
) -> ParsedDocument:
    """The document out of the blocks of a reader."""
    overrides = overrides or ParseOverrides()
    mark = find_mark(reading.blocks, filename=filename, ocr=reading.ocr)
    if mark is not None and not overrides.not_secret:
        raise DocumentError("document.secret", "file", mark=mark)
    blocks = rebuild(reading.blocks)
    if not blocks:
        raise DocumentError("document.empty", "file")
    head = replace(read_document_head(blocks), references=tuple(find_references(blocks)), secrecy=mark)
    work = _Assembly(blocks, head, head.issued_on or issued_on, overrides)
    work.read_tables()
    work.read_lists()
    work.read_duties()
    budget = work.budget()
    problems = [*reading.problems, *work.problems, *check_budget(budget)]
    if reading.ocr:
        problems.insert(0, problem("document.ocr"))
    if not work.has_tasks:
        problems.append(problem("document.no_task_table"))
    return ParsedDocument(
        head=head,
        items=tuple(work.items),
        reconciliation=work.reconciliation(),
        tables=tuple(work.summaries),
        indicators=tuple(work.indicators()),
        budget=tuple(budget),
        problems=tuple(problems),
        blocks=blocks,
        format=form,
        ocr=reading.ocr,
    )


class _Assembly:
    """Collects what the extractors find in the blocks of one document."""

    def __init__(
        self, blocks: Sequence[Block], head: DocumentHead, issued_on: date | None, overrides: ParseOverrides
    ) -> None:
        self.blocks = blocks
        self.plan_year = head.plan_year
        self.issued_on = issued_on
        self.overrides = overrides
        self.items: list[Item] = []
        self.summaries: list[TableSummary] = []
        self.problems: list[Problem] = []
        self._by_kind: dict[TableKind, list[tuple[RawTable, str]]] = {}
        self._rows = 0
        self._groups = 0
        self._header_rows = 0
        self._skipped: list[SkippedRow] = []

    @property
    def has_tasks(self) -> bool:
        """Whether any task was found in a table or a list."""
        return any(item.selected for item in self.items)

    def read_tables(self) -> None:
        """Classify every table and read the task tables."""
        for index, block in enumerate(self.blocks):
            if isinstance(block, RawTable):
                self._table(block, index)

    def _table(self, table: RawTable, index: int) -> None:
        title, unit_line = title_of(self.blocks, index), unit_line_of(self.blocks, index)
        number = table.place.table or 0
        chosen = self.overrides.tables.get(number, TableOverride())
        head = _head_of(table, chosen)
        body = table.rows[head.rows[-1] + 1 :] if head else table.rows
        caption = " ".join(filter(None, (title, unit_line)))
        kind, confidence = (TableKind.LAYOUT, 0.95) if is_layout(table) else classify(head, body, caption)
        if chosen.kind is not None:
            kind, confidence = chosen.kind, 1.0
        self._by_kind.setdefault(kind, []).append((table, caption))
        labels = head.labels if head else ()
        roles = head.roles if head else ()
        self.summaries.append(
            TableSummary(number, kind, confidence, title, labels, roles, len(table.rows), table.place)
        )
        if kind is TableKind.TASKS and head is not None:
            self._tasks(table, head, number, notes_around(self.blocks, index))

    def _tasks(self, table: RawTable, head: Head, number: int, notes: Sequence[str]) -> None:
        if not {"lead", "units", "coordinators"} & set(head.roles):
            self.problems.append(problem("document.no_lead_column", "lead", table=number))
        if not {"deadline", "mark"} & set(head.roles):
            self.problems.append(problem("document.no_deadline_column", "deadline", table=number))
        reading = read_tasks(
            table,
            head,
            issued_on=self.issued_on,
            plan_year=self.plan_year,
            first_position=len(self.items) + 1,
            notes=notes,
        )
        self.items.extend(reading.items)
        self._rows += len(table.rows)
        self._groups += reading.groups
        self._header_rows += reading.header_rows
        self._skipped.extend(reading.skipped)
        if len(self.items) > limits.MAX_ITEMS:
            raise DocumentTooLarge("document.too_many_rows", "file", limit=limits.MAX_ITEMS)

    def read_lists(self) -> None:
        """Tasks written as labelled lists."""
        found = extract_lists(
            self.blocks, issued_on=self.issued_on, plan_year=self.plan_year, first_position=len(self.items) + 1
        )
        self.items.extend(found)
        self._rows += len(found)

    def read_duties(self) -> None:
        """Duties and reports in prose, offered for choosing."""
        for extract in (extract_duties, extract_reports):
            for item in extract(self.blocks, issued_on=self.issued_on):
                self.items.append(replace(item, position=len(self.items) + 1))

    def indicators(self) -> list[Indicator]:
        """Indicators of tables; targets of prose only where no table lists them, as the text repeats the annex."""
        tables = self._by_kind.get(TableKind.INDICATORS, [])
        listed = extract_indicators(
            [table for table, _ in tables], [title for _, title in tables], issued_on=self.issued_on
        )
        return listed or extract_targets(self.blocks)

    def budget(self) -> list[BudgetLine]:
        """The lines of the cost tables, and the totals that rows of task tables state."""
        tables = self._by_kind.get(TableKind.BUDGET, [])
        stated = [line for skip in self._skipped if (line := budget_line_in(skip.text, skip.row)) is not None]
        return [*extract_budget([table for table, _ in tables], [title for _, title in tables]), *stated]

    def reconciliation(self) -> Reconciliation:
        """Every row of every task table and list, accounted for."""
        return Reconciliation(
            source_rows=self._rows,
            items=sum(1 for item in self.items if item.selected),
            group_rows=self._groups,
            header_rows=self._header_rows,
            skipped=tuple(self._skipped),
        )


def _head_of(table: RawTable, chosen: TableOverride) -> Head | None:
    """The heading of a table as found, or as a reviewer set it."""
    start = chosen.heading_row
    head = read_head(table.rows[start : start + 3], 1) if start is not None else read_head(table.rows)
    if start is not None and head is not None:
        head = replace(head, rows=tuple(row + start for row in head.rows))
    if chosen.roles is None:
        return head
    width = max(len(row) for row in table.rows)
    roles = tuple((*chosen.roles, *["other"] * width)[:width])
    if head is None:
        first = start if start is not None else 0
        labels = tuple(" ".join(cell.text.split()) for cell in table.rows[first])
        return Head((first,), (*labels, *[""] * (width - len(labels))), roles, 1.0)
    return replace(head, roles=roles, confidence=1.0)


def to_contract(parsed: ParsedDocument) -> dict[str, Any]:
    """The public JSON of a dry run (DESIGN.md 9)."""
    head: DocumentHead = parsed.head
    return {
        "document": {
            "number": head.number,
            "type": head.type,
            "issuer": head.issuer,
            "issued_on": _iso(head.issued_on),
            "title": head.title,
            "signer": head.signer,
            "place": head.place,
        },
        "problems": [{"code": p.code, "field": p.field, "message": p.message} for p in parsed.problems],
        "items": [_item(item) for item in parsed.items],
        "indicators": [
            {
                "group": i.group,
                "name": i.name,
                "current": i.current,
                "targets": dict(i.targets),
                "unit_of_measure": i.unit_of_measure,
                "lead": i.lead,
                "note": i.note,
            }
            for i in parsed.indicators
        ],
        "budget": [
            {
                "tt": b.tt,
                "content": b.content,
                "amount_million_vnd": b.amount_million_vnd,
                "source": b.source,
                "note": b.note,
            }
            for b in parsed.budget
        ],
        "reconciliation": {
            "source_rows": parsed.reconciliation.source_rows,
            "items": parsed.reconciliation.items,
            "group_rows": parsed.reconciliation.group_rows,
            "header_rows": parsed.reconciliation.header_rows,
            "skipped": [{"row": _row_name(skip.row), "reason": skip.reason} for skip in parsed.reconciliation.skipped],
        },
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "position": item.position,
        "tt": item.tt,
        "group": item.group,
        "content": item.content,
        "lead": list(item.lead),
        "coordinators": list(item.coordinators),
        "deadline": deadline_to_dict(item.deadline),
        "product": item.product,
        "note": item.note,
        "origin": {
            "source": item.source.value,
            "page": item.place.page,
            "table": item.place.table,
            "row": item.place.row,
        },
        "problems": [{"code": p.code, "field": p.field, "message": p.message} for p in item.problems],
        # of duties in prose: whether the unit leads or coordinates; of report duties: who receives the report
        **{key: item.raw[key] for key in ("role", "recipient") if key in item.raw},
    }


def deadline_to_dict(deadline: Deadline) -> dict[str, Any]:
    """A deadline object of the public contract."""
    return {
        "text": deadline.text or None,
        "kind": deadline.kind.value,
        "start": _iso(deadline.start),
        "due": _iso(deadline.due),
        "rule": deadline.rule,
        "exclusive": deadline.exclusive,
        "confidence": deadline.confidence,
    }


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _row_name(place: Place) -> str:
    sheet = f"{place.sheet}:" if place.sheet else ""
    return f"{sheet}{place.table}:{place.row}"


__all__ = ["ParseOverrides", "TableOverride", "assemble", "deadline_to_dict", "parse", "parse_pasted", "to_contract"]
