"""News that must not be told any more: of an undone bulk action, or of a comment that its author changed.

What has not left is changed in silence; who has heard already is told, where a bulk action was undone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from taskflow.domain.permissions import Actor
from taskflow.models.org import User
from taskflow.models.outbox import MessageStatus, Notification, OutboxMessage
from taskflow.models.task import BulkOperation, Task
from taskflow.services import history
from taskflow.services.message_items import Item, all_items, with_items

#: A message in one of these has reached nobody, and will not.
_NEVER_ARRIVED = (MessageStatus.FAILED, MessageStatus.CANCELLED, MessageStatus.SKIPPED)


def take_back(
    session: Session, operation: BulkOperation, event: str, tasks: Sequence[Task], *, actor: Actor, now: datetime
) -> None:
    """Withdraw what still waits of the news of these tasks; tell those whom it has reached, each by the way it did.

    A line under the bell that nobody has looked at goes too. Inside the unit of work of the undoing.
    """
    session.flush()
    ids = {task.id for task in tasks}
    found = session.scalars(
        select(Notification).where(
            Notification.task_id.in_(ids), Notification.kind == event, Notification.at == operation.at
        )
    )
    lines = [line for line in found if line.data.get("operation") == operation.id]
    people = {line.user_id for line in lines}
    written_to = rewrite_unsent(
        session,
        (event,),
        people,
        since=operation.at,
        change=lambda item: None if item.get("operation") == operation.id and item["task"] in ids else item,
    )
    looked = select(User.id, User.notifications_seen_at).where(User.id.in_(people))
    looked_at = {user_id: at for user_id, at in session.execute(looked)}  # noqa: C416 - a row is not a pair for mypy
    told: dict[int, dict[int, bool]] = {}
    for line in lines:
        by_message = (line.user_id, line.task_id) in written_to
        last_look = looked_at.get(line.user_id)
        if by_message or line.read_at is not None or (last_look is not None and last_look >= line.at):
            told.setdefault(line.task_id or 0, {})[line.user_id] = by_message
        else:
            session.delete(line)
    history.tell_all([task for task in tasks if task.id in told], "undone", actor=actor, now=now, told=told)


def rewrite_unsent(
    session: Session,
    kinds: Collection[str],
    people: Collection[int],
    *,
    since: datetime,
    change: Callable[[Item], Item | None],
) -> set[tuple[int, int]]:
    """Change, or leave out (None), items of every message of these kinds to these people that has not left.

    Answers the (person, task) pairs of changed items that may have arrived already.
    """
    messages = session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.user_id.in_(people),
            OutboxMessage.kind.in_(kinds),
            or_(OutboxMessage.sent_at.is_(None), OutboxMessage.sent_at >= since),
            OutboxMessage.status.not_in(_NEVER_ARRIVED),
        )
        .order_by(OutboxMessage.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    written_to = set()
    for message in messages:
        items = all_items(message.payload)
        wanted = [change(item) for item in items]
        changed = [item for item, new in zip(items, wanted, strict=True) if new != item]
        if not changed:
            continue
        if message.status is not MessageStatus.QUEUED or message.attempts:
            written_to |= {(message.user_id or 0, item["task"]) for item in changed}
            continue
        left = [item for item in wanted if item is not None]
        if left:
            message.payload = with_items(message.payload, left)
        else:
            message.status = MessageStatus.CANCELLED
    session.flush()
    return written_to
