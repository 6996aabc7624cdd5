"""Taking a whole import back while nobody has touched what it made. The statement and the log stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Actor
from taskflow.models.document import Document, DocumentFile, DocumentLink, ImportJob, ImportRow, ImportStatus
from taskflow.models.indicator import BudgetLine, Indicator, IndicatorReading, IndicatorTarget
from taskflow.models.outbox import MessageStatus, Notification, OutboxMessage, ReminderRule
from taskflow.models.task import Coordination, CoordinationState, Series, Task, TaskEvent, TaskShape, TaskTag, Watch
from taskflow.services import audit
from taskflow.services.imports.access import open_job
from taskflow.services.imports.relation import RELATIONS
from taskflow.services.message_items import all_items, with_items
from taskflow.services.unit_of_work import unit_of_work

#: Events that an import itself writes; any other one means that somebody did something.
_OWN_EVENTS = ("assigned",)
#: Ids in one statement: both databases limit the number of parameters.
_AT_ONCE = 500


def touched(session: Session, job: ImportJob) -> int:
    """How many tasks of the import somebody has acknowledged, reported on, moved, broken down or talked about."""
    return int(session.scalar(select(func.count()).select_from(Task).where(*_touched(job))) or 0)


def first_touched(session: Session, job: ImportJob, most: int = 10) -> list[Task]:
    """Some of those tasks, to be named."""
    return list(session.scalars(select(Task).where(*_touched(job)).order_by(Task.id).limit(most)))


def _touched(job: ImportJob) -> tuple[ColumnElement[bool], ...]:
    others = exists().where(TaskEvent.task_id == Task.id, TaskEvent.kind.not_in(_OWN_EVENTS))
    answered = exists().where(Coordination.task_id == Task.id, Coordination.state != CoordinationState.ASKED)
    return (Task.import_job_id == job.id, or_(others, answered, Task.shape == TaskShape.PART))


def changed_others(job: ImportJob) -> bool:
    """Whether the import changed tasks that it had not made (amendments, round trips): those changes stay."""
    rows = job.statement.get("rows", ())
    return any((line["change"] in ("changed", "dropped") and line["codes"]) or line.get("noted") for line in rows)


def undo_import(job_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back tasks, series, figures, notices, and the document when this import made it.

    Raises ``WrongState("import.touched")`` with the number of tasks that people have worked on already, and
    ``Invalid("import.changed_tasks")`` for an import that changed existing tasks.
    """
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, status=ImportStatus.COMMITTED)
        if changed_others(job):
            raise Invalid("import.changed_tasks")
        count = touched(session, job) + _readings(session, job)
        if count:
            raise WrongState("import.touched", count=count)
        _forget_tasks(session, job, now)
        _forget_figures(session, job)
        _forget_document(session, job)
        job.status = ImportStatus.UNDONE
        audit.record(session, actor=actor, action="import.undone", subject="import", subject_id=job.id, now=now)


def _readings(session: Session, job: ImportJob) -> int:
    found = select(func.count()).select_from(IndicatorReading).join(Indicator).where(Indicator.import_job_id == job.id)
    return int(session.scalar(found) or 0)


def _forget_tasks(session: Session, job: ImportJob, now: datetime) -> None:
    ids = list(session.scalars(select(Task.id).where(Task.import_job_id == job.id).order_by(Task.id.desc())))
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        for model in (TaskTag, TaskEvent, Coordination, Notification, Watch):
            session.execute(delete(model).where(model.task_id.in_(part)))
        for other in (OutboxMessage, ReminderRule, ImportRow):
            session.execute(update(other).where(other.task_id.in_(part)).values(task_id=None))
        # members before the tasks they belong to
        session.execute(delete(Task).where(Task.id.in_(part), Task.parent_id.is_not(None)))
    for start in range(0, len(ids), _AT_ONCE):
        session.execute(delete(Task).where(Task.id.in_(ids[start : start + _AT_ONCE])))
    session.execute(delete(Series).where(Series.import_job_id == job.id))
    _forget_messages(session, set(ids), job.committed_at or now)


def _forget_messages(session: Session, ids: set[int], since: datetime) -> None:
    """Messages that wait do not speak of the tasks any more; one that would say nothing else is not sent."""
    waiting = session.scalars(
        select(OutboxMessage).where(OutboxMessage.status == MessageStatus.QUEUED, OutboxMessage.created_at >= since)
    )
    for message in waiting:
        items = all_items(message.payload)
        left = [item for item in items if item.get("task") not in ids]
        if len(left) != len(items):
            message.payload = with_items(message.payload, left)
            if not left:
                message.status = MessageStatus.CANCELLED


def _forget_figures(session: Session, job: ImportJob) -> None:
    mine = select(Indicator.id).where(Indicator.import_job_id == job.id)
    session.execute(delete(IndicatorTarget).where(IndicatorTarget.indicator_id.in_(mine)))
    session.execute(delete(Indicator).where(Indicator.import_job_id == job.id))
    session.execute(delete(BudgetLine).where(BudgetLine.import_job_id == job.id))


def _forget_document(session: Session, job: ImportJob) -> None:
    """The document goes when this import made it and nothing else hangs on it."""
    document_id, job.document_id = job.document_id, None
    session.flush()
    if document_id is None or not job.statement.get("made_document"):
        return
    in_use = session.scalar(
        select(func.count()).where(
            or_(
                exists().where(Task.document_id == document_id),
                exists().where(Series.document_id == document_id),
                exists().where(ImportJob.document_id == document_id),
                exists().where(ImportJob.amends_id == document_id),
                exists().where(DocumentLink.target_id == document_id, DocumentLink.relation.in_(RELATIONS)),
                exists().where(Indicator.document_id == document_id),
                exists().where(ReminderRule.document_id == document_id),
            )
        )
    )
    if in_use:
        return
    session.execute(delete(DocumentFile).where(DocumentFile.document_id == document_id))
    session.execute(delete(DocumentLink).where(DocumentLink.document_id == document_id))
    session.execute(update(DocumentLink).where(DocumentLink.target_id == document_id).values(target_id=None))
    session.execute(delete(Document).where(Document.id == document_id))
