"""What a person does to messages: send again, cancel, make their links worthless, send a test."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from taskflow.domain.errors import NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, has, offices_of
from taskflow.models.org import Membership, Unit, User
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage
from taskflow.services import audit
from taskflow.services.letters import ACCOUNT_KINDS, SYSTEM_KINDS
from taskflow.services.reach import choose_route
from taskflow.services.reminder_policy import load_policy
from taskflow.services.rights import require
from taskflow.services.undelivered import carry_on
from taskflow.services.unit_of_work import unit_of_work

#: What can be sent again: an account message carries a secret that was wiped, so a new one must be asked for.
RESENDABLE = (
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.SEEN,
    MessageStatus.FAILED,
    MessageStatus.CANCELLED,
)
CANCELLABLE = (MessageStatus.QUEUED,)
#: What the receiver has taken.
REACHED = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.SEEN)


def visible_messages(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Which messages the actor may see: an administrator all; a coordinating office those to people of its body."""
    if has(actor, Permission.ADMIN_SETTING_EDIT):
        return true()
    bodies = session.scalars(
        select(Unit.path).where(Unit.id.in_(select(Unit.parent_id).where(Unit.id.in_(offices_of(actor)))))
    ).all()
    people = select(Membership.user_id).join(Unit, Unit.id == Membership.unit_id)
    reach = [OutboxMessage.user_id.in_(people.where(Unit.path.startswith(path, autoescape=True))) for path in bodies]
    hidden = OutboxMessage.kind.not_in(sorted(ACCOUNT_KINDS | SYSTEM_KINDS))
    if not reach:
        return OutboxMessage.id.is_(None)
    return and_(or_(*reach), hidden)


def get_message(session: Session, actor: Actor, message_id: int, *, for_change: bool = False) -> OutboxMessage:
    """A message that the actor may see. Raises ``NotFound``."""
    statement = select(OutboxMessage).where(OutboxMessage.id == message_id, visible_messages(session, actor))
    if for_change:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    message = session.scalar(statement)
    if message is None:
        raise NotFound("message.not_found")
    return message


def resend(message_id: int, *, actor: Actor, now: datetime) -> OutboxMessage:
    """Queue the message again, as a new one, on the way that works for the person now. Raises ``WrongState``."""
    require(actor, Permission.ADMIN_MESSAGE_MANAGE)
    with unit_of_work() as session:
        old = get_message(session, actor, message_id, for_change=True)
        if old.status not in RESENDABLE or old.kind in ACCOUNT_KINDS or not old.payload:
            raise WrongState("message.wrong_state")
        user = session.get(User, old.user_id) if old.user_id is not None else None
        channel, address = old.channel, old.address
        if user is not None:
            route = choose_route(session, user, load_policy())
            channel, address = route.kind, route.address
        if not address:
            raise WrongState("message.no_address")
        new = OutboxMessage(
            dedupe_key=f"again:{old.id}:{uuid4().hex}",
            kind=old.kind,
            channel=channel,
            user_id=old.user_id,
            task_id=old.task_id,
            address=address,
            payload=old.payload,
            urgent=True,
            next_attempt_at=now,
            created_at=now,
        )
        session.add(new)
        session.flush()
        if old.status not in REACHED:
            carry_on(session, old.id, new.id)
        audit.record(
            session, actor=actor, action="message.resent", subject="message", subject_id=old.id, now=now, as_id=new.id
        )
    return new


def cancel(message_id: int, *, actor: Actor, now: datetime) -> None:
    """Take back a message that has not left yet. Raises ``WrongState`` when it has."""
    require(actor, Permission.ADMIN_MESSAGE_MANAGE)
    with unit_of_work() as session:
        message = get_message(session, actor, message_id, for_change=True)
        if message.status not in CANCELLABLE:
            raise WrongState("message.wrong_state")
        message.status = MessageStatus.CANCELLED
        audit.record(
            session, actor=actor, action="message.cancelled", subject="message", subject_id=message.id, now=now
        )


def revoke_links(message_id: int, *, actor: Actor, now: datetime) -> None:
    """Make the one-task links that this message carried worthless."""
    require(actor, Permission.ADMIN_MESSAGE_MANAGE)
    with unit_of_work() as session:
        message = get_message(session, actor, message_id, for_change=True)
        message.links_revoked_at = now
        audit.record(
            session, actor=actor, action="message.links_revoked", subject="message", subject_id=message.id, now=now
        )


def send_test(kind: ChannelKind, address: str, *, actor: Actor, now: datetime) -> OutboxMessage:
    """Queue a test message to the person who asks. Raises ``NotAllowed``."""
    require(actor, Permission.ADMIN_SETTING_EDIT)
    with unit_of_work() as session:
        message = OutboxMessage(
            dedupe_key=f"test:{uuid4().hex}",
            kind="test",
            channel=kind,
            user_id=None if kind in (ChannelKind.WEBHOOK, ChannelKind.ZALO_GROUP) else actor.user_id,
            address=address,
            payload={"test": True},
            urgent=True,
            next_attempt_at=now,
            created_at=now,
        )
        session.add(message)
        session.flush()
    return message
