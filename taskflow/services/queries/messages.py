"""The read side of reminding: messages and their fate, who was not reached, what a month was like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import and_, bindparam, case, func, or_, select

from taskflow.domain.permissions import Actor
from taskflow.domain.states import TaskState
from taskflow.domain.units import fold
from taskflow.extensions import db
from taskflow.models.org import Unit, User
from taskflow.models.outbox import (
    ChannelKind,
    DeliveryAttempt,
    MessageStatus,
    Notification,
    OutboxMessage,
    ReminderRecord,
)
from taskflow.models.task import Task, TaskShape
from taskflow.services.messages import REACHED, get_message, visible_messages
from taskflow.services.queries.scope import visible_tasks

PER_PAGE = 50
_WAITING = (MessageStatus.QUEUED, MessageStatus.SENDING)
_DROPPED = (MessageStatus.CANCELLED, MessageStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What the list of messages shows."""

    status: MessageStatus | None = None
    channel: ChannelKind | None = None
    kind: str = ""
    text: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One line of the list."""

    id: int
    kind: str
    channel: ChannelKind
    status: MessageStatus
    user_id: int | None
    name: str
    address: str
    created_at: datetime
    moment: datetime | None
    next_attempt_at: datetime
    attempts: int
    last_error: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of the list, and how many messages have each status."""

    rows: Sequence[MessageRow]
    has_next: bool
    counts: dict[MessageStatus, int]


@dataclass(frozen=True, slots=True)
class UnreachedTask:
    """A task near or past its day of which nobody has been reached."""

    id: int
    code: str
    content: str
    unit: str
    due_on: date
    tried: int


@dataclass(frozen=True, slots=True)
class PersonReach:
    """How well a person is reached: messages of the last 30 days by fate, and by which channel the last one came."""

    user_id: int
    name: str
    reached: int
    failed: int
    waiting: int
    last_reached_at: datetime | None


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One kind of message on one channel in a month: ``total`` is the sum of the others, seen ones being reached."""

    kind: str
    channel: ChannelKind
    total: int
    reached: int
    seen: int
    failed: int
    #: Queued or on the way.
    waiting: int
    #: Cancelled by a person, or without anything left to say.
    dropped: int


def list_messages(actor: Actor, wanted: MessageFilter) -> MessagePage:
    """A page of the messages that the actor may see, newest first."""
    session = db.session()
    visible = visible_messages(session, actor)
    statement = (
        select(OutboxMessage, User.full_name)
        .outerjoin(User, User.id == OutboxMessage.user_id)
        .where(visible)
        .order_by(OutboxMessage.id.desc())
        .limit(PER_PAGE + 1)
        .offset((wanted.page - 1) * PER_PAGE)
    )
    if wanted.status is not None:
        statement = statement.where(OutboxMessage.status == wanted.status)
    if wanted.channel is not None:
        statement = statement.where(OutboxMessage.channel == wanted.channel)
    if wanted.kind:
        statement = statement.where(OutboxMessage.kind == wanted.kind)
    if wanted.text:
        words = fold(wanted.text)
        statement = statement.where(
            or_(User.search_text.contains(words, autoescape=True), OutboxMessage.address == wanted.text)
        )
    rows = [_row(message, name) for message, name in session.execute(statement)]
    counts = session.execute(
        select(OutboxMessage.status, func.count()).where(visible).group_by(OutboxMessage.status)
    ).all()
    return MessagePage(rows[:PER_PAGE], len(rows) > PER_PAGE, {row[0]: row[1] for row in counts})


def _row(message: OutboxMessage, name: str | None) -> MessageRow:
    return MessageRow(
        id=message.id,
        kind=message.kind,
        channel=message.channel,
        status=message.status,
        user_id=message.user_id,
        name=name or "",
        address=message.address,
        created_at=message.created_at,
        moment=message.seen_at or message.delivered_at or message.sent_at,
        next_attempt_at=message.next_attempt_at,
        attempts=message.attempts,
        last_error=message.last_error,
        urgent=message.urgent,
    )


@dataclass(frozen=True, slots=True)
class MessageDetail:
    """One message with everything that happened to it and the tasks it is about."""

    row: MessageRow
    sent_at: datetime | None
    delivered_at: datetime | None
    seen_at: datetime | None
    links_revoked_at: datetime | None
    attempts: Sequence[DeliveryAttempt]
    tasks: Sequence[tuple[int, str, str]]
    more: int
    replaces_id: int | None
    replaced_by_id: int | None


def message_detail(actor: Actor, message_id: int) -> MessageDetail:
    """One message. Raises ``NotFound``."""
    session = db.session()
    message = get_message(session, actor, message_id)
    items = [*message.payload.get("items", ()), *(i for g in message.payload.get("groups", ()) for i in g["items"])]
    ids = {item["task"] for item in items if item.get("task")}
    tasks = session.execute(
        select(Task.id, Task.code, Task.content).where(Task.id.in_(sorted(ids)), visible_tasks(actor)).order_by(Task.id)
    ).all()
    groups = message.payload.get("groups", ())
    more = message.payload.get("more", 0) + sum(part["count"] - len(part["items"]) for part in groups)
    return MessageDetail(
        row=_row(message, message.user.full_name if message.user else ""),
        sent_at=message.sent_at,
        delivered_at=message.delivered_at,
        seen_at=message.seen_at,
        links_revoked_at=message.links_revoked_at,
        attempts=session.scalars(
            select(DeliveryAttempt).where(DeliveryAttempt.message_id == message.id).order_by(DeliveryAttempt.id)
        ).all(),
        tasks=[(row[0], row[1], row[2]) for row in tasks],
        more=more,
        replaces_id=message.fallback_of_id,
        replaced_by_id=session.scalar(select(OutboxMessage.id).where(OutboxMessage.fallback_of_id == message.id)),
    )


def unreached_tasks(actor: Actor, *, today: date, page: int = 1) -> tuple[list[UnreachedTask], bool]:
    """Open tasks due within three days or late ("chưa ai nhận được nhắc") of which no message has arrived anywhere.

    A message that failed counts for nothing; the one that took its place counts instead.
    """
    session = db.session()
    reached = (
        select(ReminderRecord.id)
        .join(OutboxMessage, OutboxMessage.id == ReminderRecord.message_id)
        .where(
            ReminderRecord.subject == "task",
            ReminderRecord.subject_id == Task.id,
            ReminderRecord.basis == Task.due_on,
            OutboxMessage.status.in_(REACHED),
        )
        .exists()
    )
    tried = (
        select(func.count())
        .select_from(ReminderRecord)
        .where(ReminderRecord.subject == "task", ReminderRecord.subject_id == Task.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Task.id, Task.code, Task.content, Unit.name, Task.due_on, tried)
        .outerjoin(Unit, Unit.id == Task.lead_unit_id)
        .where(
            visible_tasks(actor),
            Task.is_open,
            Task.state.in_((TaskState.ASSIGNED, TaskState.IN_PROGRESS)),
            Task.shape != TaskShape.COLLECTIVE,
            Task.deadline_confirmed,
            Task.due_on <= today + timedelta(days=3),
            ~reached,
        )
        .order_by(Task.due_on, Task.id)
        .limit(PER_PAGE + 1)
        .offset((page - 1) * PER_PAGE)
    ).all()
    found = [UnreachedTask(row[0], row[1], row[2], row[3] or "", row[4], row[5]) for row in rows if row[4]]
    return found[:PER_PAGE], len(rows) > PER_PAGE


def reach_of_people(actor: Actor, *, now: datetime, page: int = 1) -> tuple[list[PersonReach], bool]:
    """People written to in the last 30 days, those who are reached worst first."""
    session = db.session()
    failed = func.sum(case((OutboxMessage.status == MessageStatus.FAILED, 1), else_=0))
    reached = func.sum(case((OutboxMessage.status.in_(REACHED), 1), else_=0))
    waiting = func.sum(case((OutboxMessage.status.in_(_WAITING), 1), else_=0))
    rows = session.execute(
        select(User.id, User.full_name, reached, failed, waiting, func.max(OutboxMessage.sent_at))
        .join(OutboxMessage, OutboxMessage.user_id == User.id)
        .where(visible_messages(session, actor), OutboxMessage.created_at >= now - timedelta(days=30))
        .group_by(User.id, User.full_name)
        .order_by(reached, failed.desc(), User.id)
        .limit(PER_PAGE + 1)
        .offset((page - 1) * PER_PAGE)
    ).all()
    found = [PersonReach(row[0], row[1], int(row[2]), int(row[3]), int(row[4]), _utc(row[5])) for row in rows]
    return found[:PER_PAGE], len(rows) > PER_PAGE


def month_account(actor: Actor, year: int, month: int) -> list[MonthLine]:
    """The account of a month: messages by kind and channel, and what became of them."""
    session = db.session()
    zone = current_app.config["TASKFLOW"].zone
    start = datetime.combine(date(year, month, 1), time(), zone)
    end = datetime.combine(date(year + month // 12, month % 12 + 1, 1), time(), zone)
    rows = session.execute(
        select(
            OutboxMessage.kind,
            OutboxMessage.channel,
            func.count(),
            *(
                func.sum(case((OutboxMessage.status.in_(statuses), 1), else_=0))
                for statuses in (REACHED, (MessageStatus.SEEN,), (MessageStatus.FAILED,), _WAITING, _DROPPED)
            ),
        )
        .where(
            visible_messages(session, actor), and_(OutboxMessage.created_at >= start, OutboxMessage.created_at < end)
        )
        .group_by(OutboxMessage.kind, OutboxMessage.channel)
        .order_by(OutboxMessage.kind, OutboxMessage.channel)
    )
    return [MonthLine(kind, channel, total, *map(int, counts)) for kind, channel, total, *counts in rows]


@dataclass(frozen=True, slots=True)
class BellLine:
    """One line under the bell."""

    id: int
    kind: str
    at: datetime
    is_new: bool
    task_id: int | None
    code: str
    content: str
    data: dict[str, Any]


def bell(actor: Actor, *, page: int = 1, only_new: bool = False) -> tuple[list[BellLine], bool]:
    """What is new for a person, newest first; lines of tasks that they may no longer see are left out."""
    statement = (
        select(Notification, Task.code, Task.content)
        .outerjoin(Task, Task.id == Notification.task_id)
        .where(Notification.user_id == actor.user_id, or_(Notification.task_id.is_(None), visible_tasks(actor)))
        .order_by(Notification.id.desc())
        .limit(PER_PAGE + 1)
        .offset((page - 1) * PER_PAGE)
    )
    if only_new:
        statement = statement.where(Notification.read_at.is_(None))
    found = [
        BellLine(line.id, line.kind, line.at, line.read_at is None, line.task_id, code or "", content or "", line.data)
        for line, code, content in db.session.execute(statement)
    ]
    return found[:PER_PAGE], len(found) > PER_PAGE


_UNREAD = select(Notification.id).where(Notification.user_id == bindparam("user_id"), Notification.read_at.is_(None))
_ARRIVED = select(func.count()).select_from(
    _UNREAD.join(User, User.id == Notification.user_id)
    .where(or_(User.notifications_seen_at.is_(None), Notification.at > User.notifications_seen_at))
    .limit(100)
    .subquery()
)


def newest_line(user_id: int) -> int:
    """The id of a person's newest line under the bell, shown or not; 0 for none."""
    return db.session.scalar(select(func.max(Notification.id)).where(Notification.user_id == user_id)) or 0


def any_unread(user_id: int) -> bool:
    """Whether a line under the bell has not been read, looked at or not."""
    return db.session.scalar(_UNREAD.limit(1), {"user_id": user_id}) is not None


def arrived_count(user_id: int) -> int:
    """How many lines came since the person last looked, and were not read; at most 100 are counted."""
    return db.session.scalar(_ARRIVED, {"user_id": user_id}) or 0


def _utc(value: Any) -> datetime | None:
    """An instant that an aggregate returned."""
    return value if isinstance(value, datetime) or value is None else None
