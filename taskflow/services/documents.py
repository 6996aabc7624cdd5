"""What an office says of a document itself: its facts put right, and when it has to be reported on (kỳ báo cáo)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Conflict, Invalid, NotAllowed
from taskflow.domain.occurrences import next_period
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.domain.search import search_words
from taskflow.domain.units import fold
from taskflow.models.document import Document
from taskflow.models.task import Task, TaskShape
from taskflow.services import audit, history, wording
from taskflow.services.citations import relink
from taskflow.services.queries.documents import get_document
from taskflow.services.rescheduling import move_due
from taskflow.services.tasks import refresh_search_text
from taskflow.services.unit_of_work import unit_of_work

#: A title (trích yếu) may be a paragraph.
_LONGEST = {"title": 5000}


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What the head of a document says; a draft is silent about number, date and signer."""

    number: str = ""
    type: str = ""
    issuer: str = ""
    issued_on: date | None = None
    title: str = ""
    signer: str = ""
    place: str = ""


def correct(
    *,
    document_id: int,
    facts: DocumentFacts,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> list[str]:
    """Put the facts of a document right, with what was there before in the log.

    Due dates that were counted from the date of issue are counted again, unless a person has set them since; answers
    the codes of those tasks. Raises ``NotFound``, ``NotAllowed``, ``Conflict``, ``Invalid`` without a reason or title,
    and for facts that another document of the office has.
    """
    with unit_of_work() as session:
        document = open_document(actor, document_id, expected_version)
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        before = {one.name: getattr(document, one.name) for one in fields(DocumentFacts)}
        after = {
            name: " ".join(value.split())[: _LONGEST.get(name, 300)] if isinstance(value, str) else value
            for name, value in asdict(facts).items()
        }
        changed = {name: [_plain(before[name]), _plain(after[name])] for name in after if before[name] != after[name]}
        if not changed:
            return []
        if not after["title"] and not after["number"]:
            raise Invalid("document.title_required", "title")
        for name, value in after.items():
            setattr(document, name, value)
        document.number_folded = fold(document.number)[:300]
        document.search_text = search_words(document.number, document.title, document.issuer)
        _check_single(session, document)
        session.flush()
        relink(session, document)
        tasks = session.scalars(select(Task).where(Task.document_id == document.id, Task.is_open)).all()
        refresh_search_text(session, tasks)
        moved = _count_again(session, document, before["issued_on"], actor=actor, now=now, reason=reason.strip())
        audit.record(
            session, actor=actor, action="document.corrected", subject="document", subject_id=document.id, now=now,
            changes=changed, reason=reason.strip(), tasks=moved,
        )  # fmt: skip
        return moved


def _check_single(session: Session, document: Document) -> None:
    if not any(char.isdigit() for char in document.number):
        return
    with session.no_autoflush:
        others = session.scalars(
            select(Document).where(
                Document.number_folded == document.number_folded,
                Document.issued_on.is_not_distinct_from(document.issued_on),
                Document.office_unit_id == document.office_unit_id,
                Document.id != document.id,
            )
        ).all()
    if any(fold(other.issuer) == fold(document.issuer) for other in others):
        raise Invalid("document.known", "number", number=document.number)


def _count_again(
    session: Session, document: Document, old: date | None, *, actor: Actor, now: datetime, reason: str
) -> list[str]:
    if document.issued_on is None or document.issued_on == old:
        return []
    tasks = session.scalars(
        select(Task)
        .where(
            Task.document_id == document.id,
            Task.is_open,
            Task.deadline_text != "",
            Task.shape.not_in((TaskShape.MEMBER, TaskShape.PART)),
        )
        .order_by(Task.id)
        .with_for_update()
    ).all()
    codes = []
    for task in tasks:
        was, read = (wording.read(task.deadline_text, day) for day in (old, document.issued_on))
        day_before, day = was.due or was.suggested_due, read.due or read.suggested_due
        if day is None or day == day_before or task.due_on != day_before:
            continue
        first = task.original_due_on == day_before
        for one in (task, *move_due(session, task, day, exclusive=read.exclusive, pull_parts=True)):
            one.deadline_confirmed = True
            if first:
                one.original_due_on = day
            data = {
                "from": {"due_on": _plain(day_before)}, "to": day.isoformat(), "decision_number": "",
                "corrects": True,
            }  # fmt: skip
            history.record(one, "due_changed", actor=actor, now=now, reason=reason, data=data)
        codes.append(task.code)
    return codes


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def open_document(actor: Actor, document_id: int, expected_version: int | None = None) -> Document:
    """The document for change by its office. Raises ``NotFound``, ``NotAllowed``, ``Conflict``."""
    document = get_document(actor, document_id)
    if not may_set_reporting(actor, document):
        raise NotAllowed("document.not_allowed")
    if expected_version is not None and document.version != expected_version:
        raise Conflict("conflict.changed_meanwhile", version=document.version)
    return document


def may_set_reporting(actor: Actor, document: Document) -> bool:
    """Whether the actor's office tracks the document and the actor may change its tasks."""
    return document.office_unit_id in offices_of(actor, Permission.TASK_EDIT)


def set_reporting(
    *, document_id: int, when: str, to: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Document:
    """Remind the office of the document's reporting day. ``when`` is written as documents write it; "" ends it.

    Raises ``NotFound``, ``NotAllowed``, ``Conflict`` (changed meanwhile), ``Invalid("document.no_reporting_rule")``
    for words that do not say how the day comes again.
    """
    with unit_of_work() as session:
        document = open_document(actor, document_id, expected_version)
        text, rule = when.strip(), ""
        if text:
            found = wording.read(text, document.issued_on or local_date(now))
            if not found.rule or next_period(found.rule, local_date(now)) is None:
                raise Invalid("document.no_reporting_rule", "when", explanation=found.explanation)
            rule = found.rule
        change_reporting(session, document, text, rule, to.strip() if text else "", actor=actor, now=now)
        return document


def change_reporting(
    session: Session, document: Document, text: str, rule: str, to: str, *, actor: Actor, now: datetime
) -> None:
    """Keep the reporting day, and in the log what it was; inside a unit of work."""
    before = (document.reporting_text, document.reporting_to)
    if (document.reporting_text, document.reporting_rule, document.reporting_to) == (text, rule, to):
        return
    document.reporting_text, document.reporting_rule, document.reporting_to = text, rule, to
    audit.record(
        session, actor=actor, action="document.reporting_set", subject="document", subject_id=document.id, now=now,
        number=document.number, before=list(before), after=[text, to],
    )  # fmt: skip
