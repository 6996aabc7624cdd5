"""What Zalo tells us: follows, words with a link code, that a message arrived or was seen. Counted once each.

The web part checks only the form and hands the raw bytes over; nothing here calls the network, so that the
answer leaves in time (Zalo waits two seconds).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.domain.typed import clean_tree
from taskflow.i18n import _
from taskflow.models.outbox import Channel, ChannelKind, InboundEvent, MessageStatus, OutboxMessage
from taskflow.services import throttle
from taskflow.services.channels import heard_from, holds_code, link_by_text, lost
from taskflow.services.throttle import Bucket
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import OaSettings, bot_settings, oa_settings

OA = "zalo_oa"
BOT = "zalo_bot"
_OA_CHANNELS = (ChannelKind.ZALO_OA, ChannelKind.ZALO_TEMPLATE, ChannelKind.ZALO_GROUP)


def receive_oa(raw: bytes, signature: str, *, now: datetime) -> None:
    """An event of the Official Account. Raises ``NotAllowed`` (wrong signature) or ``Invalid`` (no event at all)."""
    account = oa_settings()
    event = _object(raw)
    if not account.app_id or not _signed(account, raw, str(event.get("timestamp", "")), signature):
        raise NotAllowed("zalo.bad_signature")
    name = str(event.get("event_name", ""))
    with unit_of_work() as session:
        if is_new(session, OA, _oa_identity(event, raw), name, now):
            _apply_oa(session, name, event, now)


def receive_bot(raw: bytes, secret: str, *, now: datetime) -> None:
    """An update that Zalo posts for the bot. Raises ``NotAllowed`` for a wrong secret, ``Invalid`` for no update."""
    expected = bot_settings().webhook_secret
    if not expected or not same(secret, expected):
        raise NotAllowed("zalo.bad_signature")
    update = _object(raw)
    inner = update.get("result", update)
    if not isinstance(inner, dict):
        raise Invalid("zalo.bad_event")
    apply_bot_update(inner, now=now)


def apply_bot_update(update: dict[str, Any], *, now: datetime) -> None:
    """One update of the bot, by webhook or by polling: a text may hold a link code."""
    message = update.get("message")
    if not isinstance(message, dict):
        return
    chat = message.get("chat")
    chat_id = str(chat.get("id", "")) if isinstance(chat, dict) else ""
    identity = str(message.get("message_id", "")) or _digest(json.dumps(update, sort_keys=True).encode())
    with unit_of_work() as session:
        if not chat_id or not is_new(session, BOT, identity, str(update.get("event_name", "")), now):
            return
        heard_from(session, ChannelKind.ZALO_BOT, chat_id, now=now)
        text = str(message.get("text", ""))
        linked = _answer(session, ChannelKind.ZALO_BOT, chat_id, text, identity, now)
        if not linked and isinstance(chat, dict) and chat.get("chat_type", "PRIVATE") == "PRIVATE":
            _explain(session, chat_id, text, identity, now)


def _apply_oa(session: Session, name: str, event: dict[str, Any], now: datetime) -> None:
    sender = _identity(event.get("sender")) or _identity(event.get("follower"))
    message = event.get("message")
    message = message if isinstance(message, dict) else {}
    if name in ("user_received_message", "user_seen_message"):
        _mark(session, message, name, _moment(event, now))
    elif name == "unfollow":
        lost(session, ChannelKind.ZALO_OA, sender, reason="unfollow", now=now)
    elif name == "follow" or name.startswith("user_send_"):
        heard_from(session, ChannelKind.ZALO_OA, sender, now=now)
        if name == "user_send_text":
            identity = str(message.get("msg_id", ""))
            _answer(session, ChannelKind.ZALO_OA, sender, str(message.get("text", "")), identity, now)


def _answer(session: Session, kind: ChannelKind, address: str, text: str, identity: str, now: datetime) -> bool:
    """Link the account when the text holds a code, and say so by the same way; whether it was linked."""
    user = link_by_text(session, kind=kind, address=address, text=text, now=now)
    if user is not None:
        sentence = _("This account is linked. Reminders will come here from now on.")
        _say(session, kind, address, sentence, key=f"linked:{identity}", user_id=user.id, now=now)
    return user is not None


def _explain(session: Session, chat_id: str, text: str, identity: str, now: datetime) -> None:
    """Tell somebody whose words the bot does not understand what it does; not endlessly, should it be a machine."""
    if throttle.take(session, [Bucket(f"explain:{chat_id}"[:250], capacity=3, seconds=600)], now=now):
        return
    user_id = session.scalar(
        select(Channel.user_id).where(Channel.kind == ChannelKind.ZALO_BOT, Channel.address == chat_id)
    )
    if holds_code(text):
        sentence = _(
            "This code is wrong or has expired. Get a new one on taskflow's page Reminders and channels, and send it "
            "here within 15 minutes."
        )
    elif user_id is not None:
        sentence = _(
            "This bot sends reminders and cannot answer questions. It understands one thing: a code such as LK 123456, "
            "which links this Zalo account. To report on a task, open the link of its reminder."
        )
    else:
        sentence = _(
            "This bot sends reminders and cannot answer questions. It understands one thing: a code such as LK 123456, "
            "which links this Zalo account. You get the code on taskflow's page Reminders and channels."
        )
    _say(session, ChannelKind.ZALO_BOT, chat_id, sentence, key=f"explain:{identity}", user_id=user_id, now=now)


def _say(
    session: Session, kind: ChannelKind, address: str, sentence: str, *, key: str, user_id: int | None, now: datetime
) -> None:
    session.add(
        OutboxMessage(
            dedupe_key=f"{key}:{kind}:{address}"[:300],
            kind="test",
            channel=kind,
            user_id=user_id,
            address=address,
            payload={"sentence": sentence},
            urgent=True,
            next_attempt_at=now,
            created_at=now,
        )
    )
    session.flush()


def _mark(session: Session, message: dict[str, Any], name: str, at: datetime) -> None:
    """Delivered or seen: never back from seen to delivered, whatever the order in which events come."""
    row = _outgoing(session, str(message.get("msg_id", "")), str(message.get("tracking_id", "")))
    if row is None:
        return
    if name == "user_seen_message":
        row.status, row.seen_at = MessageStatus.SEEN, at
        row.delivered_at = row.delivered_at or at
    elif row.status is not MessageStatus.SEEN:
        row.status, row.delivered_at = MessageStatus.DELIVERED, at


def _outgoing(session: Session, provider_id: str, tracking_id: str) -> OutboxMessage | None:
    prefix, _dash, number = tracking_id.rpartition("-")
    statement = select(OutboxMessage).where(OutboxMessage.channel.in_(_OA_CHANNELS)).with_for_update()
    if prefix == "taskflow" and number.isdigit():
        return session.scalar(statement.where(OutboxMessage.id == int(number)))
    if provider_id:
        return session.scalar(statement.where(OutboxMessage.provider_id == provider_id))
    return None


def _signed(account: OaSettings, raw: bytes, timestamp: str, signature: str) -> bool:
    """``mac=`` and sha256(first term + body + timestamp + secret); which term and secret, the office chooses."""
    first = account.app_id if account.signature_first == "app_id" else account.oa_id
    secret = account.app_secret if account.signature_secret == "app_secret" else account.oa_secret  # noqa: S105 - the name of a choice
    if not secret:
        return False
    expected = hashlib.sha256(first.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()
    return same(signature.removeprefix("mac=").strip().lower(), expected)


def is_new(
    session: Session, provider: str, identity: str, kind: str, now: datetime, data: dict[str, Any] | None = None
) -> bool:
    """Keep that the event came, with what is worth showing of it; False when it has come before."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"provider": provider, "event_id": identity[:300], "kind": kind[:64], "at": now, "data": data or {}}
    statement = make(InboundEvent).values(values).on_conflict_do_nothing(index_elements=["provider", "event_id"])
    return session.connection().scalar(statement.returning(InboundEvent.id)) is not None


def _oa_identity(event: dict[str, Any], raw: bytes) -> str:
    """What makes the event the same when Zalo repeats it: name and message, else the very bytes."""
    message = event.get("message")
    identity = str(message.get("msg_id", "")) if isinstance(message, dict) else ""
    return f"{event.get('event_name')}:{identity}" if identity else _digest(raw)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = clean_tree(json.loads(raw))
    except (ValueError, RecursionError) as error:
        raise Invalid("zalo.bad_event") from error
    if not isinstance(found, dict):
        raise Invalid("zalo.bad_event")
    return found


def _moment(event: dict[str, Any], now: datetime) -> datetime:
    text = str(event.get("timestamp", ""))
    if not text.isdigit():
        return now
    try:
        return min(now, datetime.fromtimestamp(int(text) / 1000, UTC))
    except (ValueError, OverflowError, OSError):
        return now


def _identity(value: object) -> str:
    return str(value.get("id", "")) if isinstance(value, dict) else ""


def same(given: str, expected: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(), expected.encode())


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
