"""What follows when a message was not taken: the state of its address, the person's next way, who is told.

The state of an address belongs to the person and the address together: another person who has the address later, or
the same person with a corrected one, begins anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from taskflow.models.org import User
from taskflow.models.outbox import (
    Channel,
    ChannelKind,
    DeliveryAttempt,
    OutboxMessage,
    ReminderRecord,
    WebhookEndpoint,
)
from taskflow.services import alarms
from taskflow.services.letters import ACCOUNT_KINDS
from taskflow.services.reach import Route, next_route
from taskflow.services.reminder_policy import load_policy

_RECORD = cast("Table", ReminderRecord.__table__)
#: A failure is the whole office's when it met so many addresses of a channel in this time, began at least one slot of
#: the sweep ago, and nothing was taken meanwhile.
FOR_ALL_ADDRESSES = 3
FOR_ALL_WITHIN = timedelta(hours=1)
FOR_ALL_SINCE = timedelta(minutes=10)


def mark_address(session: Session, message_id: int, reason: str, *, now: datetime) -> None:
    """Nothing more goes to an address that is none, until it is corrected, tried again or takes a message after all."""
    message = session.get_one(OutboxMessage, message_id)
    if message.channel is ChannelKind.WEBHOOK:
        endpoint = session.get(WebhookEndpoint, int(message.address))
        if endpoint is not None:
            endpoint.is_active = False
            endpoint.disabled_reason = reason
        return
    if message.user_id is None:
        return
    channel = _channel(session, message.user_id, message.channel, message.address)
    if channel is None:
        channel = Channel(user_id=message.user_id, kind=message.channel, address=message.address)
        session.add(channel)
    channel.disabled_at = now
    channel.disabled_reason = reason
    session.flush()


def arrived(session: Session, user_id: int, kind: ChannelKind, address: str) -> None:
    """The address takes messages: an earlier refusal is over."""
    session.connection().execute(
        update(Channel)
        .where(
            Channel.user_id == user_id,
            Channel.kind == kind,
            Channel.address == address,
            Channel.disabled_at.is_not(None),
        )
        .values(disabled_at=None, disabled_reason="")
    )


def tell_if_for_all(session: Session, kind: ChannelKind, error: str, *, now: datetime) -> None:
    """Tell the administrators when a failure that may pass holds for the whole office."""
    attempts = (
        select(
            func.count(OutboxMessage.address.distinct()),
            func.min(DeliveryAttempt.at),
            func.count().filter(DeliveryAttempt.outcome == "sent"),
        )
        .join(OutboxMessage, OutboxMessage.id == DeliveryAttempt.message_id)
        .where(
            OutboxMessage.channel == kind,
            DeliveryAttempt.at > now - FOR_ALL_WITHIN,
            DeliveryAttempt.outcome != "started",
        )
    )
    addresses, since, taken = session.execute(attempts).one()
    if taken or addresses < FOR_ALL_ADDRESSES or since > now - FOR_ALL_SINCE:
        return
    alarms.raise_alarm(
        session, what="refused", channel=kind.value, error=error, addresses=addresses,
        since=f"{since:%Y-%m-%dT%H:%MZ}", now=now,
    )  # fmt: skip


def has_other_way(session: Session, message_id: int) -> bool:
    """Whether the person can be reached by a channel that this message has not tried."""
    return _other_way(session, session.get_one(OutboxMessage, message_id))[0] is not None


def _other_way(session: Session, message: OutboxMessage) -> tuple[Route | None, OutboxMessage, int]:
    """The person's next channel for this message, the message it began as, and how many ways have been tried."""
    tried = {Route(message.channel, message.address)}
    earlier = message
    while earlier.fallback_of_id is not None:
        earlier = session.get_one(OutboxMessage, earlier.fallback_of_id)
        tried.add(Route(earlier.channel, earlier.address))
    user = session.get(User, message.user_id) if message.user_id is not None else None
    if user is None or message.kind in ACCOUNT_KINDS:
        return None, earlier, len(tried)
    return next_route(session, user, load_policy(), tried), earlier, len(tried)


def fall_back(session: Session, message_id: int, *, now: datetime) -> OutboxMessage | None:
    """Queue a message that failed on the person's next channel, once; None when there is none."""
    message = session.get_one(OutboxMessage, message_id, populate_existing=True)
    route, earlier, tried = _other_way(session, message)
    if route is None:
        return None
    other = OutboxMessage(
        dedupe_key=f"{earlier.dedupe_key}>{route.kind}:{tried}",
        kind=message.kind,
        channel=route.kind,
        user_id=message.user_id,
        task_id=message.task_id,
        address=route.address,
        payload=message.payload,
        urgent=message.urgent,
        next_attempt_at=now,
        created_at=now,
        fallback_of_id=message.id,
    )
    session.add(other)
    session.flush()
    carry_on(session, message.id, other.id)
    return other


def carry_on(session: Session, message_id: int, next_id: int) -> None:
    """What one message said is said by another now: the record of reminders follows the one that counts."""
    session.connection().execute(update(_RECORD).where(_RECORD.c.message_id == message_id).values(message_id=next_id))


def _channel(session: Session, user_id: int, kind: ChannelKind, address: str) -> Channel | None:
    return session.scalar(
        select(Channel).where(Channel.user_id == user_id, Channel.kind == kind, Channel.address == address)
    )
