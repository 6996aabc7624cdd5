"""Documents for reading: the list with what was imported of each, and one document with what hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import selectinload

from taskflow.domain.errors import NotFound
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.extensions import db
from taskflow.i18n import format_date
from taskflow.models.document import (
    Document,
    DocumentFile,
    DocumentLink,
    ImportJob,
    ImportRow,
    ImportStatus,
    StoredFile,
)
from taskflow.models.org import Unit, User
from taskflow.models.system import AuditEntry
from taskflow.models.task import Series, Task, TaskShape
from taskflow.services.files import ServedFile
from taskflow.services.indicators import visible_documents
from taskflow.services.queries.scope import visible_tasks
from taskflow.services.queries.words import found_in

PER_PAGE = 50
MOST_SENTENCES = 10
MOST_LEVELS = 4
MOST_CHANGES = 20
#: What changes a document first, then what it rests on, then what it only mentions.
_RELATION_ORDER = case(
    {relation: place for place, relation in enumerate(("supersedes", "amends", "executes", "basis", "mentions"))},
    value=DocumentLink.relation,
    else_=9,
)


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in the list. ``rows`` and ``items``: rows of its annexes and those that became tasks ("đã nhập")."""

    id: int
    number: str
    type: str
    title: str
    issuer: str
    issued_on: date | None
    office: str
    tasks: int
    open: int
    rows: int
    items: int


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page of the list."""

    rows: list[DocumentLine]
    page: int
    has_next: bool
    total: int
    page_size: int = PER_PAGE
    more_than_total: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A document in the tree of citations: ``document_id`` where the actor may open it, ``link_id`` of the citation."""

    link_id: int
    relation: str
    number: str
    title: str
    text: str
    issued_on: date | None
    document_id: int | None
    below: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A correction of the document or its links: who, when, what it was and is."""

    at: datetime
    by: str
    action: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentDetail:
    """One document with its imports, the documents that amend it, and its repeated work."""

    document: Document
    imports: Sequence[ImportJob]
    amended_by: Sequence[DocumentLink]
    #: Ids of the documents named in it that the actor may open; the others are words of its text.
    open_targets: frozenset[int]
    #: What it cites and what these cite in turn; what cites it and what cites those.
    cites: tuple[Branch, ...]
    cited_by: tuple[Branch, ...]
    changes: Sequence[Change]
    series: Sequence[Series]
    may_import: bool


def list_documents(actor: Actor, *, q: str = "", page: int = 1) -> DocumentPage:
    """The documents that one may see, newest first, with counts of the tasks that one may see."""
    conditions: list[ColumnElement[bool]] = [visible_documents(actor), *found_in(Document.search_text, q)]
    total = db.session.scalar(select(func.count()).select_from(Document).where(*conditions)) or 0
    found = db.session.execute(
        select(Document, Unit.name)
        .join(Unit, Unit.id == Document.office_unit_id)
        .where(*conditions)
        .order_by(Document.id.desc())
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
    ).all()
    ids = [document.id for document, _ in found]
    tasks = _task_counts(actor, ids)
    imported = _imported(ids)
    lines = [
        DocumentLine(
            id=document.id,
            number=document.number,
            type=document.type,
            title=document.title,
            issuer=document.issuer,
            issued_on=document.issued_on,
            office=office,
            tasks=tasks.get(document.id, (0, 0))[0],
            open=tasks.get(document.id, (0, 0))[1],
            rows=imported.get(document.id, (0, 0))[0],
            items=imported.get(document.id, (0, 0))[1],
        )
        for document, office in found
    ]
    return DocumentPage(lines, page, page * PER_PAGE < total, total)


def get_document(actor: Actor, document_id: int) -> Document:
    """The document. Raises ``NotFound`` for one that does not concern the actor."""
    document = db.session.scalar(
        select(Document)
        .where(Document.id == document_id, visible_documents(actor))
        .options(selectinload(Document.files).selectinload(DocumentFile.stored), selectinload(Document.links))
    )
    if document is None:
        raise NotFound("document.not_found")
    return document


def reporting_sentences(document: Document) -> Sequence[ImportRow]:
    """What the document's imports read in it of reporting, in its order; at most ``MOST_SENTENCES``."""
    rows = select(ImportRow).join(ImportJob, ImportJob.id == ImportRow.job_id)
    rows = rows.where(ImportJob.document_id == document.id, ImportRow.source == "report")
    return db.session.scalars(rows.order_by(ImportRow.id).limit(MOST_SENTENCES)).all()


def document_detail(actor: Actor, document_id: int) -> DocumentDetail:
    """The document with its surroundings; imports and series only for its office."""
    document = get_document(actor, document_id)
    ours = document.office_unit_id in offices_of(actor, Permission.DOCUMENT_READ)
    jobs = select(ImportJob).where(ImportJob.document_id == document.id, ImportJob.status == ImportStatus.COMMITTED)
    links = (
        select(DocumentLink)
        .join(Document, Document.id == DocumentLink.document_id)
        .where(
            DocumentLink.target_id == document.id,
            DocumentLink.relation.in_(("amends", "supersedes")),
            visible_documents(actor),
        )
        .options(selectinload(DocumentLink.document))
    )
    targets = [link.target_id for link in document.links if link.target_id is not None]
    known = select(Document.id).where(Document.id.in_(targets), visible_documents(actor))
    series = select(Series).where(Series.document_id == document.id, Series.is_active).order_by(Series.id)
    return DocumentDetail(
        document=document,
        imports=db.session.scalars(jobs.order_by(ImportJob.id)).all() if ours else (),
        open_targets=frozenset(db.session.scalars(known)) if targets else frozenset(),
        cites=_cited(actor, document.id),
        cited_by=_citing(actor, document.id),
        changes=_changes(document) if ours else (),
        amended_by=db.session.scalars(links.order_by(DocumentLink.id)).all(),
        series=db.session.scalars(series).all() if ours else (),
        may_import=document.office_unit_id in offices_of(actor, Permission.DOCUMENT_IMPORT),
    )


def _cited(actor: Actor, document_id: int, above: frozenset[int] = frozenset()) -> tuple[Branch, ...]:
    """What a document cites, level by level; of those that one may not open only the number that stands in the text."""
    above |= {document_id}
    links = db.session.execute(
        select(DocumentLink, Document)
        .outerjoin(Document, and_(Document.id == DocumentLink.target_id, visible_documents(actor)))
        .where(DocumentLink.document_id == document_id)
        .order_by(_RELATION_ORDER, DocumentLink.id)
    ).all()
    return tuple(
        _branch(link, target, link.number)
        if target is None or target.id in above or len(above) >= MOST_LEVELS
        else replace(_branch(link, target, link.number), below=_cited(actor, target.id, above))
        for link, target in links
    )


def _citing(actor: Actor, document_id: int, above: frozenset[int] = frozenset()) -> tuple[Branch, ...]:
    """Documents that cite this one and that one may open, and those that cite them."""
    above |= {document_id}
    links = db.session.execute(
        select(DocumentLink, Document)
        .join(Document, Document.id == DocumentLink.document_id)
        .where(DocumentLink.target_id == document_id, visible_documents(actor), Document.id.not_in(above))
        .order_by(_RELATION_ORDER, DocumentLink.id)
    ).all()
    return tuple(
        replace(
            _branch(link, source, source.number or source.title),
            below=_citing(actor, source.id, above) if len(above) < MOST_LEVELS else (),
        )
        for link, source in links
    )


def _branch(link: DocumentLink, other: Document | None, number: str) -> Branch:
    return Branch(
        link_id=link.id,
        relation=link.relation,
        number=number,
        title=other.title if other is not None else "",
        text=link.text,
        issued_on=other.issued_on if other is not None else link.issued_on,
        document_id=other.id if other is not None else None,
    )


def _changes(document: Document) -> list[Change]:
    rows = db.session.execute(
        select(AuditEntry, User.full_name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(
            AuditEntry.subject == "document",
            AuditEntry.subject_id == str(document.id),
            AuditEntry.action.in_(("document.corrected", "document.link_saved", "document.link_removed")),
        )
        .order_by(AuditEntry.id.desc())
        .limit(MOST_CHANGES)
    )
    return [Change(entry.at, name or "", entry.action, _shown(entry.data)) for entry, name in rows]


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    """The log has ISO dates; people read others."""
    changes = dict(data.get("changes") or {})
    if "issued_on" in changes:
        changes["issued_on"] = [format_date(date.fromisoformat(day)) if day else "" for day in changes["issued_on"]]
    return {**data, "changes": changes}


def document_file(actor: Actor, document_id: int, file_id: int) -> ServedFile:
    """A file of a document, for everybody whom the document concerns. Raises ``NotFound``."""
    document = get_document(actor, document_id)
    found = db.session.execute(
        select(DocumentFile, StoredFile)
        .join(StoredFile, StoredFile.sha256 == DocumentFile.sha256)
        .where(DocumentFile.id == file_id, DocumentFile.document_id == document.id)
    ).one_or_none()
    if found is None:
        raise NotFound("file.lost")
    file, stored = found
    return ServedFile(stored.sha256, file.filename, stored.media_type, stored.size)


def _task_counts(actor: Actor, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(all, open) tasks by document, as official figures count them."""
    rows = db.session.execute(
        select(Task.document_id, func.count(), func.sum(case((Task.is_open, 1), else_=0)))
        .where(
            Task.document_id.in_(ids),
            or_(Task.shape == TaskShape.SINGLE, Task.shape == TaskShape.MEMBER),
            visible_tasks(actor),
        )
        .group_by(Task.document_id)
    )
    return {document_id: (total, int(still or 0)) for document_id, total, still in rows if document_id is not None}


def _imported(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(rows of the annexes, rows that became tasks) by document, from the kept statements."""
    counts: dict[int, tuple[int, int]] = {}
    rows = db.session.execute(
        select(ImportJob.document_id, ImportJob.statement).where(
            ImportJob.document_id.in_(ids), ImportJob.status == ImportStatus.COMMITTED
        )
    )
    for document_id, kept in rows:
        if document_id is not None:
            lines, items = counts.get(document_id, (0, 0))
            wanted = int(kept.get("lines", 0)) - int(kept.get("group_rows", 0))
            counts[document_id] = (lines + wanted, items + int(kept.get("items", 0)))
    return counts
