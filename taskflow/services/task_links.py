"""Links that open one task on a phone: signed, expiring, for one person and one task, revocable.

The token carries its facts and their signature, so that a thousand digests store nothing. It is worth
nothing after its day, when the person's sessions were ended (``session_epoch``), when the links of its
message were revoked, or when the person may no longer see the task. Every use is kept in the audit log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select, update

from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.models.org import User
from taskflow.models.outbox import MessageStatus, OutboxMessage
from taskflow.models.system import AuditEntry
from taskflow.services import audit
from taskflow.services.unit_of_work import unit_of_work

_TASK = "one-task-link"
_UNSUBSCRIBE = "unsubscribe"
#: A page that is loaded again so soon was not opened anew.
SAME_OPENING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class TaskLink:
    """What a link says: this person may open this task; it came with this message."""

    task_id: int
    user_id: int
    message_id: int
    epoch: int
    expires_at: datetime


def _signer(salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=salt)


def base_url() -> str:
    """Where people reach this installation, without a slash at the end."""
    url: str = current_app.config["TASKFLOW"].base_url
    return url.rstrip("/")


def task_url(*, task_id: int, user_id: int, epoch: int, message_id: int, now: datetime, days: int) -> str:
    """The address that opens this task for this person for so many days."""
    expires = int((now + timedelta(days=days)).timestamp())
    token = _signer(_TASK).dumps([task_id, user_id, message_id, epoch, expires])
    return f"{base_url()}/l/{token if isinstance(token, str) else token.decode()}"


def open_link(token: str, *, now: datetime) -> TaskLink:
    """Check a link. Raises ``NotFound`` for a forged or revoked one, ``Invalid("link.expired")`` for an old one."""
    try:
        facts = _signer(_TASK).loads(token)
        task_id, user_id, message_id, epoch, expires = (int(part) for part in facts)
    except (BadData, ValueError, TypeError) as error:
        raise NotFound("task.not_found") from error
    link = TaskLink(task_id, user_id, message_id, epoch, datetime.fromtimestamp(expires, UTC))
    session = db.session()
    user = session.get(User, user_id)
    if user is None or not user.is_active or user.session_epoch != epoch:
        raise NotFound("task.not_found")
    message = session.get(OutboxMessage, message_id)
    if message is not None and message.links_revoked_at is not None:
        raise NotFound("task.not_found")
    if link.expires_at <= now:
        raise Invalid("link.expired")
    return link


def record_use(link: TaskLink, *, action: str, address: str, now: datetime, **data: Any) -> None:
    """Keep that a link was used: what for, from where."""
    with unit_of_work() as session:
        user = session.get_one(User, link.user_id)
        audit.record(
            session,
            actor=Actor(user_id=user.id, name=user.full_name),
            action=f"task_link.{action}",
            subject="task_link",
            subject_id=link.message_id,
            now=now,
            task_id=link.task_id,
            address=address,
            **data,
        )


def record_opening(link: TaskLink, *, address: str, now: datetime) -> None:
    """Keep that its person opened the task; looking again within minutes is the same opening.

    The message that held the link is seen from then on. Only for somebody who proved who they are: a scanner of
    mails or a preview in a chat opens links too.
    """
    recent = select(AuditEntry.data).where(
        AuditEntry.subject == "task_link",
        AuditEntry.subject_id == str(link.message_id),
        AuditEntry.action == "task_link.opened",
        AuditEntry.actor_id == link.user_id,
        AuditEntry.at > now - SAME_OPENING,
    )
    seen = {(data.get("task_id"), data.get("address")) for data in db.session.scalars(recent)}
    db.session.rollback()
    if (link.task_id, address) not in seen:
        record_use(link, action="opened", address=address, now=now)
        with unit_of_work() as session:
            session.execute(
                update(OutboxMessage)
                .where(
                    OutboxMessage.id == link.message_id,
                    OutboxMessage.status.in_((MessageStatus.SENT, MessageStatus.DELIVERED)),
                )
                .values(status=MessageStatus.SEEN, seen_at=now)
            )


def unsubscribe_url(user_id: int, email: str) -> str:
    """The address of the one-click switch for reminders by e-mail."""
    token = _signer(_UNSUBSCRIBE).dumps([user_id, email])
    return f"{base_url()}/u/{token if isinstance(token, str) else token.decode()}"


def open_unsubscribe(token: str) -> tuple[int, str]:
    """The person and address of an unsubscribe link. Raises ``NotFound`` for a forged one."""
    try:
        user_id, email = _signer(_UNSUBSCRIBE).loads(token)
        return int(user_id), str(email)
    except (BadData, ValueError, TypeError) as error:
        raise NotFound("message.not_found") from error
