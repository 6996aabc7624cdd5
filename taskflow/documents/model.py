"""What the document reader works on (blocks) and what it answers (``ParsedDocument``).

Readers turn bytes into ``Block``s with their place; extractors turn blocks into candidate items.
Everything here is a plain value: no database, no flask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from taskflow.domain.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the source: page and table count from 1, row from 1 within its table.

    ``sheet`` names a worksheet; ``offset`` is the character offset in the plain text of the document.
    """

    page: int | None = None
    table: int | None = None
    row: int | None = None
    sheet: str | None = None
    offset: int | None = None


PRINTED_LINE = "line"
"""The style of a line of print whose paragraph is not known (PDF, scan)."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text. ``style`` keeps a heading level or list marker when the format has one."""

    text: str
    place: Place = Place()
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a raw table. ``merged_from`` is (row, column) of the merge's first cell, if it is a copy.

    ``value_date`` is set when the source holds a real date, whatever its number format; ``month_only`` tells that
    the format shows no day ("Tháng 12/2027"). ``ocr`` marks text read by optical character recognition.
    ``problems`` are codes of what the reader left out or changed (``row.struck``, ``row.old_font``, ``row.comment``,
    ``row.no_value``): a reviewer is told of them.
    """

    text: str
    merged_from: tuple[int, int] | None = None
    value_date: date | None = None
    month_only: bool = False
    ocr: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawTable:
    """A grid as the reader saw it, before repair. Rows may be ragged. ``ruled`` is false for guessed grids.

    ``hidden_rows`` are the 0-based indices of rows that the source hides. ``place.row`` is the number of the first
    row within its sheet or table (1 unless the table was carved out of a worksheet). ``row_pages`` gives the page of
    every row of a table that was joined over pages.
    """

    rows: tuple[tuple[Cell, ...], ...]
    place: Place = Place()
    ruled: bool = True
    hidden_rows: frozenset[int] = frozenset()
    row_pages: tuple[int | None, ...] = ()


Block = Paragraph | RawTable


class ItemSource(StrEnum):
    """From which kind of passage a candidate item was taken."""

    TABLE = "table"
    LIST = "list"
    PROSE = "prose"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a reviewer should look at: stable code, the field it concerns, a Vietnamese sentence."""

    code: str
    field: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Item:
    """A candidate task. ``lead``/``coordinators`` are names as written, split, remarks in brackets kept.

    ``raw`` keeps the source cells by column role (or ``sentence`` for prose); ``columns`` extra columns by
    their heading (monitoring unit, leader in charge …). ``selected`` is false for prose and report duties,
    which are only offered (never imported by themselves). ``confidence`` runs from 0 to 1.
    """

    position: int
    content: str
    source: ItemSource
    deadline: Deadline
    lead: tuple[str, ...] = ()
    coordinators: tuple[str, ...] = ()
    tt: str | None = None
    group: str | None = None
    group_parent: str | None = None
    product: str | None = None
    note: str | None = None
    place: Place = Place()
    problems: tuple[Problem, ...] = ()
    raw: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 1.0
    ocr: bool = False

    @property
    def selected(self) -> bool:
        """Whether the item is proposed for import from the start."""
        return self.source in (ItemSource.TABLE, ItemSource.LIST)


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """Another document that this one cites, and how they are related."""

    number: str
    #: basis (căn cứ) | executes (thực hiện) | supersedes (thay thế) | amends (sửa đổi) | mentions (viện dẫn)
    relation: str
    text: str
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """The head of a document (thể thức văn bản); each value is null where the document is silent."""

    number: str | None = None  # số ký hiệu, "/KH-UBND" when the running number is blank
    type: str | None = None  # loại văn bản
    issuer: str | None = None  # cơ quan ban hành
    issued_on: date | None = None
    title: str | None = None  # trích yếu
    plan_year: int | None = None  # the one year that the title plans for ("Kế hoạch công tác năm 2027")
    signer: str | None = None
    place: str | None = None  # địa danh
    urgency: str | None = None  # khẩn, thượng khẩn, hỏa tốc
    secrecy: str | None = None  # MẬT, TỐI MẬT, TUYỆT MẬT (refused unless a person overrules the mark)
    recipients: tuple[str, ...] = ()  # nơi nhận
    references: tuple[DocumentReference, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """A target (chỉ tiêu): values stay as written ("< 3%", "???")."""

    name: str
    group: str | None = None
    current: str | None = None
    targets: Mapping[str, str] = field(default_factory=dict)
    unit_of_measure: str | None = None
    lead: str | None = None
    note: str | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A line of a cost table (kinh phí), in million đồng; ``amount_text`` keeps the wording."""

    content: str
    tt: str | None = None
    amount_million_vnd: float | None = None
    amount_text: str | None = None
    source: str | None = None
    note: str | None = None
    is_total: bool = False
    place: Place = Place()


class TableKind(StrEnum):
    """What a table is about; a reviewer can change it."""

    TASKS = "tasks"
    INDICATORS = "indicators"
    BUDGET = "budget"
    LAYOUT = "layout"  # letterhead, signature block
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TableSummary:
    """One table of the document: its kind with a confidence, its heading and the role of each column."""

    number: int
    kind: TableKind
    confidence: float
    title: str | None
    heading: tuple[str, ...]
    columns: tuple[str, ...]  # column roles by position: tt content lead coordinators units deadline product note …
    rows: int
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A source row that became neither an item nor a group label, with the reason."""

    row: Place
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Accounts for every source row: source_rows = items + group_rows + header_rows + len(skipped)."""

    source_rows: int = 0
    items: int = 0
    group_rows: int = 0
    header_rows: int = 0
    skipped: tuple[SkippedRow, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every source row is accounted for."""
        return self.source_rows == self.items + self.group_rows + self.header_rows + len(self.skipped)


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """Everything the reader found, with ``blocks`` kept so that a reviewer can see the source beside a row."""

    head: DocumentHead
    items: tuple[Item, ...]
    reconciliation: Reconciliation
    tables: tuple[TableSummary, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    budget: tuple[BudgetLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    blocks: tuple[Block, ...] = ()
    format: str = ""
    ocr: bool = False
