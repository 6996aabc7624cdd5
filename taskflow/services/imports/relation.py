"""How a document stands to the earlier one that it is compared with: it amends it, or it takes its place.

What the text says is suggested, the reviewer's word holds. An amended document stays in force with what the new one
does not mention; a superseded one ends: its tasks rest on the new document, and of each task that the new one does
not name a person says whether it ends or goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from taskflow.domain.permissions import Actor
from taskflow.domain.units import fold
from taskflow.models.document import Document, DocumentLink, ImportJob, ImportRow, RowDecision
from taskflow.models.outbox import ReminderRule
from taskflow.models.task import Series, Task
from taskflow.services import history
from taskflow.services.documents import change_reporting
from taskflow.services.imports import checks
from taskflow.services.tasks import refresh_search_text

RELATIONS = ("amends", "supersedes")


def relation_of(job: ImportJob) -> str:
    """One of ``RELATIONS``, "itself" for a further import of the same document, "" when nothing is compared."""
    if job.amends is None:
        return ""
    if is_itself(job):
        return "itself"
    return str(job.overrides.get("relation") or suggested(job, job.amends.number))


def suggested(job: ImportJob, number: str = "") -> str:
    """What the text says about this number, or, when it names another one, about any document."""
    said = {fold(str(one["number"])): str(one["relation"]) for one in changing(job)}
    return said.get(fold(number)) or next(iter(said.values()), "amends")


def changing(job: ImportJob) -> list[dict[str, str]]:
    """The references of the text that say what it amends or supersedes; the stronger word last."""
    cited = [one for one in job.head.get("references", ()) if one["relation"] in RELATIONS]
    return sorted(cited, key=lambda one: RELATIONS.index(one["relation"]))


def is_itself(job: ImportJob) -> bool:
    """Whether the import is compared with the very document that it makes: read once more, or a further annex."""
    earlier = job.amends
    if earlier is None:
        return False
    mine = (fold(str(job.head.get("number", "")))[:300], checks.issued_on(job), fold(str(job.head.get("issuer", ""))))
    return mine == (earlier.number_folded, earlier.issued_on, fold(earlier.issuer))


def known_document(session: Session, job: ImportJob) -> Document | None:
    """The document that the import belongs to when it is known already: read once more, or a second annex of it."""
    if is_itself(job):
        return job.amends
    number = str(job.head.get("number", ""))
    if not any(char.isdigit() for char in number):
        return None
    known = session.scalars(
        select(Document).where(
            Document.number_folded == fold(number)[:300],
            Document.issued_on == checks.issued_on(job),
            Document.office_unit_id == job.office_unit_id,
        )
    )
    return next((one for one in known if fold(one.issuer) == fold(str(job.head.get("issuer", "")))), None)


def imported_before(session: Session, job: ImportJob) -> Document | None:
    """The known document when nothing is compared with it yet: all its rows would be assigned a second time."""
    return known_document(session, job) if job.amends_id is None and job.kind != "round_trip" else None


def family(session: Session, document_id: int) -> set[int]:
    """A document with all that amend or supersede it, and what changes those: where its tasks rest by now."""
    found, new = {document_id}, {document_id}
    while new:
        links = select(DocumentLink.document_id).where(
            DocumentLink.target_id.in_(new), DocumentLink.relation.in_(RELATIONS)
        )
        new = set(session.scalars(links)) - found
        found |= new
    return found


def relate(session: Session, job: ImportJob, document: Document) -> None:
    """Keep the reviewer's word as the link between the two documents; there is one, however often it is imported."""
    relation, earlier = relation_of(job), job.amends
    if earlier is None or relation not in RELATIONS or earlier.id == document.id:
        return
    number = fold(earlier.number)
    links = [
        link
        for link in session.scalars(select(DocumentLink).where(DocumentLink.document_id == document.id))
        if link.relation in RELATIONS and (link.target_id == earlier.id or (number and fold(link.number) == number))
    ]
    if not links:
        links = [DocumentLink(document_id=document.id, number=earlier.number, text="", issued_on=earlier.issued_on)]
        session.add_all(links)
    for spare in links[1:]:
        session.delete(spare)
    links[0].relation, links[0].target_id = relation, earlier.id
    session.flush()


def settle_superseded(
    session: Session, job: ImportJob, document: Document, rows: Sequence[ImportRow], *, actor: Actor, now: datetime
) -> None:
    """Let what the new document names rest on it, and note on each task that goes on without it that this was said."""
    if relation_of(job) != "supersedes" or job.amends is None:
        return
    named = [row for row in rows if row.change.get("kind") in ("same", "changed", "closed")]
    named = [row for row in named if row.decision is not RowDecision.SKIP]
    moved = _rest_on(session, document, named, job.amends.number, actor, now)
    left = [row for row in rows if row.change.get("asks") and row.decision is not RowDecision.IMPORT]
    for task in session.scalars(select(Task).where(Task.id.in_([row.task_id for row in left if row.task_id]))):
        history.record(task, "carried_over", actor=actor, now=now, data=_data(document, job.amends.number), tell=False)
    _note([row for row in named if row.task_id in moved or row.change.get("series_id")])
    _note([row for row in left if row.task_id])
    if moved:
        _copy_rules(session, job.amends.id, document.id, actor, now)
    change_reporting(session, job.amends, "", "", "", actor=actor, now=now)  # the new document says when, if at all


def _rest_on(
    session: Session, document: Document, rows: Sequence[ImportRow], earlier: str, actor: Actor, now: datetime
) -> set[int]:
    """Move tasks with all below them, and repeated work with its open periods; answers the tasks' ids."""
    series_ids = [int(row.change["series_id"]) for row in rows if row.change.get("series_id")]
    for series in session.scalars(select(Series).where(Series.id.in_(series_ids), Series.is_active)):
        series.document_id = document.id
    periods = Task.series_id.in_(series_ids) & Task.is_open
    level = list(
        session.scalars(select(Task).where(or_(Task.id.in_([row.task_id for row in rows if row.task_id]), periods)))
    )
    moved: dict[int, Task] = {}
    while level:
        moved |= {task.id: task for task in level}
        level = list(session.scalars(select(Task).where(Task.parent_id.in_([task.id for task in level]))))
    changed = [task for task in moved.values() if task.document_id != document.id]
    for task in changed:
        task.document_id = document.id
        history.record(task, "document_replaced", actor=actor, now=now, data=_data(document, earlier), tell=False)
    refresh_search_text(session, changed)
    return set(moved)


def _data(document: Document, earlier: str) -> dict[str, object]:
    return {"document_id": document.id, "number": document.number, "earlier_number": earlier}


def _note(rows: Iterable[ImportRow]) -> None:
    for row in rows:
        row.change = {**row.change, "noted": True}


def _copy_rules(session: Session, earlier_id: int, document_id: int, actor: Actor, now: datetime) -> None:
    """Reminder rules made for the earlier document hold for its tasks further on."""
    if session.scalar(select(ReminderRule.id).where(ReminderRule.document_id == document_id).limit(1)) is not None:
        return
    for rule in session.scalars(select(ReminderRule).where(ReminderRule.document_id == earlier_id)).all():
        session.add(
            ReminderRule(
                document_id=document_id,
                event=rule.event,
                is_active=rule.is_active,
                definition=rule.definition,
                updated_at=now,
                updated_by_id=actor.user_id,
            )
        )
