"""What the pages of imports show: lists of imports and rows, the state of a review, units to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from taskflow.collation import alphabetical
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.domain.units import fold
from taskflow.extensions import db
from taskflow.models.document import Document, ImportJob, ImportRow, ImportStatus, RowDecision
from taskflow.models.org import Unit, UnitGroup, User
from taskflow.services.imports.statement import Statement, summarize
from taskflow.services.imports.values import cell_text, unit_choices

PER_PAGE = 50
#: Rows of the review on one page: an annex of 150 rows is three screens of scrolling, not three pages of clicking.
ROWS_PER_PAGE = 200


@dataclass(frozen=True, slots=True)
class JobLine:
    """One import in the list."""

    id: int
    filename: str
    kind: str
    status: ImportStatus
    created_at: datetime
    by: str
    office: str
    number: str
    title: str
    rows: int
    blocking: int
    document_id: int | None


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of the list."""

    rows: list[JobLine]
    page: int
    has_next: bool
    page_size: int = PER_PAGE
    total: int | None = None
    more_than_total: bool = False


#: Filters of the review, by their word in the address.
FILTERS = ("all", "problems", "units", "deadline", "look", "several", "changed", "skipped")


@dataclass(frozen=True, slots=True)
class Review:
    """Where a review stands: the counts of its statement, and how many rows each filter shows."""

    statement: Statement
    counts: dict[str, int] = field(default_factory=dict)
    offered: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows of the review."""

    rows: list[ImportRow]
    page: int
    has_next: bool
    total: int
    page_size: int = ROWS_PER_PAGE
    more_than_total: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """Labels of the units and groups that the rows of a page mention."""

    units: dict[int, str]
    groups: dict[int, str]

    def meant(self, unit_ids: Sequence[int], most: int = 3) -> str:
        """The units in a few words ("Sở A; Sở B và 12 đơn vị khác")."""
        labels = [self.units.get(unit_id, "") for unit_id in unit_ids]
        more = len(labels) - most
        return "; ".join(labels[:most]) + (f" và {more} đơn vị khác" if more > 0 else "")


def list_jobs(actor: Actor, *, page: int = 1, status: str = "") -> JobPage:
    """The imports of the actor's offices, newest first."""
    counted = (
        select(
            ImportRow.job_id,
            func.count().label("rows"),
            func.sum(case((ImportRow.is_blocking, 1), else_=0)).label("blocking"),
        )
        .where(ImportRow.decision != RowDecision.OFFER)
        .group_by(ImportRow.job_id)
        .subquery()
    )
    wanted = (
        select(ImportJob, User.full_name, Unit.name, counted.c.rows, counted.c.blocking)
        .outerjoin(User, User.id == ImportJob.created_by_id)
        .join(Unit, Unit.id == ImportJob.office_unit_id)
        .outerjoin(counted, counted.c.job_id == ImportJob.id)
        .where(ImportJob.office_unit_id.in_(offices_of(actor, Permission.DOCUMENT_IMPORT)))
        .order_by(ImportJob.id.desc())
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    if status in set(ImportStatus):
        wanted = wanted.where(ImportJob.status == ImportStatus(status))
    else:
        wanted = wanted.where(ImportJob.status != ImportStatus.DISCARDED)
    found = db.session.execute(wanted).all()
    lines = [
        JobLine(
            id=job.id,
            filename=job.filename,
            kind=job.kind,
            status=job.status,
            created_at=job.created_at,
            by=by or "",
            office=office,
            number=str(job.head.get("number", "")),
            title=str(job.head.get("title", "")),
            rows=rows or 0,
            blocking=int(blocking or 0),
            document_id=job.document_id,
        )
        for job, by, office, rows, blocking in found[:PER_PAGE]
    ]
    return JobPage(lines, page, len(found) > PER_PAGE)


def review_of(job: ImportJob) -> Review:
    """The statement as it stands and the number of rows behind each filter."""
    rows = list(db.session.scalars(select(ImportRow).where(ImportRow.job_id == job.id).order_by(ImportRow.position)))
    sums = [func.sum(case((_condition(name), 1), else_=0)).label(name) for name in FILTERS]
    counts = db.session.execute(select(*sums).where(ImportRow.job_id == job.id)).one()
    duties = [row for row in rows if row.source in ("prose", "report")]
    return Review(
        statement=summarize(job, rows),
        counts={name: int(getattr(counts, name) or 0) for name in FILTERS},
        offered=len(duties),
        taken=sum(1 for row in duties if row.decision is RowDecision.IMPORT),
    )


def list_rows(job: ImportJob, *, shown: str = "all", page: int = 1, in_order: bool = False) -> RowPage:
    """Rows of the review; undecided ones first unless the order of the document is wanted."""
    wanted: Select[ImportRow] = select(ImportRow).where(ImportRow.job_id == job.id, _condition(shown))
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    worst_first = [] if in_order else [ImportRow.is_blocking.desc()]
    found = db.session.scalars(
        wanted.order_by(*worst_first, ImportRow.position).offset((page - 1) * ROWS_PER_PAGE).limit(ROWS_PER_PAGE)
    )
    return RowPage(list(found), page, page * ROWS_PER_PAGE < total, total)


def next_undecided(job: ImportJob, after: int) -> int | None:
    """Id of the next row that blocks the commit, behind this position first, then from the top."""
    blocking = select(ImportRow.id).where(ImportRow.job_id == job.id, ImportRow.is_blocking)
    behind = blocking.where(ImportRow.position > after).order_by(ImportRow.position).limit(1)
    first = blocking.order_by(ImportRow.position).limit(1)
    return db.session.scalar(behind) or db.session.scalar(first)


def duties_of(job: ImportJob) -> list[ImportRow]:
    """Duties and reports found in the text, offered for choosing."""
    return list(
        db.session.scalars(
            select(ImportRow)
            .where(ImportRow.job_id == job.id, ImportRow.source.in_(("prose", "report")))
            .order_by(ImportRow.position)
        )
    )


def equal_cells(job: ImportJob, row: ImportRow) -> dict[str, int]:
    """How many other rows have the very same cell, by field: what "the same fix for all equal cells" would change."""
    others = db.session.scalars(
        select(ImportRow).where(
            ImportRow.job_id == job.id, ImportRow.id != row.id, ImportRow.decision != RowDecision.SKIP
        )
    ).all()
    found = {}
    for name in ("leads", "coordinators", "deadline"):
        mine = cell_text(name, getattr(row, name))
        same = sum(1 for other in others if not other.change and cell_text(name, getattr(other, name)) == mine)
        if mine and same:
            found[name] = same
    return found


def names_of(rows: Iterable[ImportRow]) -> Names:
    """The labels that a page of rows needs, with two queries."""
    choices = [choice for row in rows for choice in (*unit_choices(row.leads), *unit_choices(row.coordinators))]
    return names_for(
        {unit_id for choice in choices for unit_id in choice.unit_ids},
        {choice.group_id for choice in choices if choice.group_id is not None},
    )


def names_for(unit_ids: Iterable[int], group_ids: Iterable[int]) -> Names:
    """Labels of these units and groups."""
    units = select(Unit.id, Unit.name).where(Unit.id.in_(set(unit_ids)))
    groups = select(UnitGroup.id, UnitGroup.name).where(UnitGroup.id.in_(set(group_ids)))
    return Names(
        {row.id: row.name for row in db.session.execute(units)},
        {row.id: row.name for row in db.session.execute(groups)},
    )


def group_options() -> list[tuple[int, str]]:
    """Groups that a name can stand for."""
    found = select(UnitGroup.id, UnitGroup.name).where(UnitGroup.is_active).order_by(alphabetical(UnitGroup.name))
    return [(row.id, row.name) for row in db.session.execute(found)]


def document_by_number(job: ImportJob, numbers: Sequence[str]) -> int | None:
    """The office's newest document that bears one of these numbers."""
    wanted = {fold(number) for number in numbers}
    if not wanted:
        return None
    found = db.session.execute(
        select(Document.id, Document.number)
        .where(Document.office_unit_id == job.office_unit_id, Document.number != "")
        .order_by(Document.id.desc())
    )
    return next((row.id for row in found if fold(row.number) in wanted), None)


def amendable(actor: Actor) -> list[tuple[int, str]]:
    """Documents that a new one can amend or replace: (id, number and title), newest first."""
    found = db.session.execute(
        select(Document.id, Document.number, Document.title, Document.issued_on)
        .where(Document.office_unit_id.in_(offices_of(actor, Permission.DOCUMENT_IMPORT)))
        .order_by(Document.id.desc())
        .limit(300)
    )
    return [(row.id, f"{row.number or '–'}{_on(row.issued_on)} · {row.title[:80]}") for row in found]


def _on(day: date | None) -> str:
    return f" ({day:%d/%m/%Y})" if day else ""


def _condition(shown: str) -> ColumnElement[bool]:
    """The rows that a filter shows; offered duties have a page of their own."""
    listed = ImportRow.source.in_(("table", "list", "task")) | (ImportRow.decision == RowDecision.IMPORT)
    own = {
        "problems": ImportRow.is_blocking,
        "skipped": ImportRow.decision == RowDecision.SKIP,
        "changed": ImportRow.flags.contains(" change "),
        "look": and_(ImportRow.flags != "", ImportRow.is_blocking.is_(False)),
        "units": ImportRow.flags.contains(" units ") | ImportRow.flags.contains(" lead "),
        "deadline": ImportRow.flags.contains(" deadline "),
        "several": ImportRow.flags.contains(" several "),
    }.get(shown)
    return listed if own is None else and_(listed, own)
