"""What is forgotten at night: personal data of messages, events, tokens, once the office's time for them is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from taskflow.clock import local_date
from taskflow.domain.reminders import AT_ONCE, ReminderEvent
from taskflow.models.document import ImportJob, ImportStatus
from taskflow.models.org import OneTimeToken
from taskflow.models.outbox import (
    DeliveryAttempt,
    InboundEvent,
    MessageStatus,
    Notification,
    OutboxMessage,
    ReminderRecord,
)
from taskflow.models.system import AuditEntry, JobRun
from taskflow.models.task import Coordination, CoordinationState, Evidence, Task
from taskflow.services import files, submissions, throttle
from taskflow.services.imports.access import erase
from taskflow.services.mail_replies import PROVIDER
from taskflow.services.reminder_policy import load_policy
from taskflow.services.unit_of_work import unit_of_work

#: Rows of one transaction, so that nobody waits for the night's work.
BATCH = 2000
#: Marks of the machine itself, which nobody looks up after so long.
MACHINE_DAYS = 30
_OPEN = (MessageStatus.QUEUED, MessageStatus.SENDING)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows were deleted or emptied."""

    messages: int = 0
    notifications: int = 0
    records: int = 0
    marks: int = 0
    files: int = 0


def forget(now: datetime) -> Forgotten:
    """Forget what is older than the policy says: that somebody was told stays, what and where does not."""
    policy = load_policy()
    old = now - timedelta(days=policy.keep_days)
    machine_old = now - timedelta(days=MACHINE_DAYS)
    messages = _in_batches(lambda session: _empty_messages(session, old))
    notifications = _in_batches(lambda session: _delete(session, Notification, Notification.at < old, Notification.id))
    said = _no_longer_asked(old, now)
    records = _in_batches(lambda session: _delete(session, ReminderRecord, said, ReminderRecord.id))
    # People's replies by e-mail are read by somebody; events of providers only count once.
    unused = (InboundEvent.at < old) | ((InboundEvent.at < machine_old) & (InboundEvent.provider != PROVIDER))
    marks = _in_batches(lambda session: _delete(session, InboundEvent, unused, InboundEvent.id))
    uses = (AuditEntry.subject == "task_link") & (AuditEntry.at < old)
    marks += _in_batches(lambda session: _delete(session, AuditEntry, uses, AuditEntry.id))
    spent = OneTimeToken.expires_at < machine_old
    marks += _in_batches(lambda session: _delete(session, OneTimeToken, spent, OneTimeToken.id))
    with unit_of_work() as session:
        done = session.connection().execute(delete(JobRun).where(JobRun.slot < machine_old))
        marks += done.rowcount + throttle.forget_old(session, now=now)
        marks += submissions.forget_old(session, now=now)
    return Forgotten(messages, notifications, records, marks, _forget_files(old, now))


def _forget_files(old: datetime, now: datetime) -> int:
    """Delete files of imports that were given up and of evidence that was removed, and what nothing keeps."""
    _in_batches(lambda session: _erase_imports(session, old))
    with unit_of_work() as session:
        removed = update(Evidence).where(Evidence.removed_at < old, Evidence.sha256.is_not(None)).values(sha256=None)
        session.connection().execute(removed)
    with unit_of_work() as session:
        return files.drop_unowned(session, before=now - files.UNOWNED_FOR) + files.drop_strays(session, now=now)


def _erase_imports(session: Session, old: datetime) -> int:
    given_up = (ImportStatus.DISCARDED, ImportStatus.FAILED, ImportStatus.UNDONE)
    jobs = session.scalars(
        select(ImportJob)
        .where(ImportJob.status.in_(given_up), ImportJob.sha256.is_not(None), ImportJob.created_at < old)
        .order_by(ImportJob.id)
        .limit(BATCH)
        .with_for_update()
    ).all()
    for job in jobs:
        erase(session, job)
    return len(jobs)


def _empty_messages(session: Session, old: datetime) -> int:
    ids = session.scalars(
        select(OutboxMessage.id)
        .where(
            OutboxMessage.created_at < old,
            OutboxMessage.status.not_in(_OPEN),
            or_(OutboxMessage.address != "", OutboxMessage.last_error != ""),
        )
        .order_by(OutboxMessage.id)
        .limit(BATCH)
    ).all()
    if ids:
        connection = session.connection()
        connection.execute(delete(DeliveryAttempt).where(DeliveryAttempt.message_id.in_(ids)))
        connection.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(ids))
            .values(address="", payload={}, last_error="", provider_id=None)
        )
    return len(ids)


def _no_longer_asked(old: datetime, now: datetime) -> ColumnElement[bool]:
    """Records of what was said so long ago that no sweep asks for them: deleting one makes nobody hear it again.

    Of work that is still open the last word of each kind to each person stays, because a ladder may stand on it.
    """
    record, later = ReminderRecord, aliased(ReminderRecord)
    kinds = [f"{event}:" for event in ReminderEvent if event not in AT_ONCE]
    said_since = exists().where(
        later.subject == record.subject,
        later.subject_id == record.subject_id,
        later.user_id == record.user_id,
        later.id > record.id,
        or_(*(and_(*(one.rung.startswith(kind, autoescape=True) for one in (record, later))) for kind in kinds)),
    )
    open_task = exists().where(Task.id == record.subject_id, Task.is_open)
    owed = exists().where(
        Coordination.id == record.subject_id,
        Coordination.state.in_((CoordinationState.ASKED, CoordinationState.ACCEPTED)),
        Task.id == Coordination.task_id,
        Task.is_open,
    )
    over = or_(
        and_(record.subject == "task", ~open_task),
        and_(record.subject == "coordination", ~owed),
        and_(record.subject == "document", record.basis < local_date(now)),
    )
    return and_(record.at < old, or_(over, said_since))


def _delete(session: Session, model: Any, condition: Any, key: Any) -> int:
    ids = session.scalars(select(key).where(condition).order_by(key).limit(BATCH)).all()
    if ids:
        session.connection().execute(delete(model).where(key.in_(ids)))
    return len(ids)


def _in_batches(step: Any) -> int:
    total = 0
    while True:
        with unit_of_work() as session:
            done: int = step(session)
        total += done
        if done < BATCH:
            return total
