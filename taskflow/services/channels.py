"""A person's addresses: linking a Zalo account by a code that the person sends, switching channels off and on."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Conflict, Invalid, NotFound, TooMany
from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.models.org import OneTimeToken, User
from taskflow.models.outbox import Channel, ChannelKind
from taskflow.notifications.transports.base import PermanentError
from taskflow.notifications.transports.zalo_oa import phone_number
from taskflow.services import audit, throttle, tokens
from taskflow.services.throttle import Bucket
from taskflow.services.unit_of_work import unit_of_work

LINK_LIFETIME = timedelta(minutes=15)
_PURPOSE = "channel_link"
#: What a person sends: "LK 482913", in any case, with or without the blank.
_CODE = re.compile(r"\bLK\s*(\d{6})\b", re.IGNORECASE)


def new_link_code(user_id: int, kind: ChannelKind, *, now: datetime) -> str:
    """A code that links the next Zalo account which sends it; older codes of this person become worthless."""
    with unit_of_work() as session:
        wait = throttle.take(session, [Bucket(f"link:user:{user_id}", capacity=6, seconds=300)], now=now)
        if wait:
            raise TooMany("link.too_many_codes", minutes=-(-wait // 60))
        tokens.revoke_all(session, user_id=user_id, purpose=_PURPOSE, now=now)
        while True:
            code = f"{secrets.randbelow(1_000_000):06d}"
            digest = _digest(code)
            taken = session.scalar(select(OneTimeToken).where(OneTimeToken.digest == digest))
            if taken is None:
                break
            if taken.expires_at <= now or taken.used_at or taken.revoked_at:
                session.delete(taken)  # six digits come round again; an old one is of no use to anybody
                session.flush()
                break
        session.add(
            OneTimeToken(
                purpose=_PURPOSE,
                digest=digest,
                user_id=user_id,
                data={"kind": kind.value},
                created_at=now,
                expires_at=now + LINK_LIFETIME,
            )
        )
    return f"LK {code}"


def link_by_text(session: Session, *, kind: ChannelKind, address: str, text: str, now: datetime) -> User | None:
    """Link the account that wrote ``text``, when it holds a code that works: the person, or None.

    Inside a unit of work. Guessing is throttled for each sender; never matched by a display name.
    """
    found = _CODE.search(text)
    if found is None:
        return None
    if throttle.take(session, [Bucket(f"link:from:{kind}:{address}"[:250], capacity=5, seconds=600)], now=now):
        return None
    token = session.scalar(
        select(OneTimeToken)
        .where(
            OneTimeToken.digest == _digest(found.group(1)),
            OneTimeToken.purpose == _PURPOSE,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.revoked_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .with_for_update()
    )
    user = session.get(User, token.user_id) if token is not None else None
    if token is None or user is None or not user.is_active or token.data.get("kind") != kind.value:
        return None
    token.used_at = now
    channel = _channel(session, kind, address)
    if channel is None:
        channel = Channel(user_id=user.id, kind=kind, address=address)
        session.add(channel)
    channel.user_id = user.id
    channel.verified_at = channel.last_interaction_at = now
    channel.disabled_at, channel.disabled_reason, channel.unsubscribed_at = None, "", None
    audit.record(
        session,
        actor=Actor(user_id=user.id, name=user.full_name),
        action="channel.linked",
        subject="channel",
        subject_id=user.id,
        now=now,
        kind=kind.value,
    )
    session.flush()
    return user


def heard_from(session: Session, kind: ChannelKind, address: str, *, now: datetime) -> None:
    """The person wrote, tapped or followed: the consultation window opens again and a refusal is over."""
    channel = _channel(session, kind, address)
    if channel is not None:
        channel.last_interaction_at = now
        channel.disabled_at, channel.disabled_reason = None, ""


def lost(session: Session, kind: ChannelKind, address: str, *, reason: str, now: datetime) -> None:
    """The person unfollowed or blocked: nothing more goes there until they come back."""
    channel = _channel(session, kind, address)
    if channel is not None:
        channel.disabled_at, channel.disabled_reason = now, reason


def unlink(channel_id: int, *, actor: Actor, now: datetime) -> None:
    """Forget an address of one's own. Raises ``NotFound``."""
    with unit_of_work() as session:
        channel = _own(session, channel_id, actor)
        audit.record(
            session,
            actor=actor,
            action="channel.unlinked",
            subject="channel",
            subject_id=channel.user_id,
            now=now,
            kind=channel.kind.value,
        )
        session.delete(channel)


def set_subscribed(channel_id: int, *, subscribed: bool, actor: Actor, now: datetime) -> None:
    """Stop or start reminders on an address of one's own. Raises ``NotFound``."""
    with unit_of_work() as session:
        channel = _own(session, channel_id, actor)
        channel.unsubscribed_at = None if subscribed else now
        if subscribed:
            channel.disabled_at, channel.disabled_reason = None, ""


def set_email_subscribed(user_id: int, email: str, *, subscribed: bool, now: datetime) -> None:
    """Stop or start reminders by e-mail to this address; mail about the account itself is not touched."""
    with unit_of_work() as session:
        channel = _channel(session, ChannelKind.EMAIL, email)
        if channel is None:
            channel = Channel(user_id=user_id, kind=ChannelKind.EMAIL, address=email, verified_at=now)
            session.add(channel)
        if channel.user_id != user_id:
            raise NotFound("channel.not_found")
        channel.unsubscribed_at = None if subscribed else now
        if subscribed:
            channel.disabled_at, channel.disabled_reason = None, ""
        user = session.get_one(User, user_id)
        audit.record(
            session,
            actor=Actor(user_id=user_id, name=user.full_name),
            action="channel.subscribed" if subscribed else "channel.unsubscribed",
            subject="channel",
            subject_id=user_id,
            now=now,
            kind="email",
        )


def add_phone(user_id: int, phone: str, *, actor: Actor, now: datetime) -> Channel:
    """Let template messages go to a phone number that the person owns up to. Raises ``Invalid``, ``Conflict``."""
    try:
        number = phone_number(phone)
    except PermanentError as error:
        raise Invalid("channel.phone", "phone") from error
    with unit_of_work() as session:
        channel = _channel(session, ChannelKind.ZALO_TEMPLATE, number)
        if channel is not None and channel.user_id != user_id:
            raise Conflict("channel.taken", "phone")
        if channel is None:
            channel = Channel(user_id=user_id, kind=ChannelKind.ZALO_TEMPLATE, address=number)
            session.add(channel)
        channel.verified_at, channel.disabled_at, channel.unsubscribed_at = now, None, None
        audit.record(
            session,
            actor=actor,
            action="channel.linked",
            subject="channel",
            subject_id=user_id,
            now=now,
            kind="zalo_template",
        )
    return channel


def channels_of(user_id: int) -> list[Channel]:
    """The stored addresses of a person, oldest first."""
    return list(db.session.scalars(select(Channel).where(Channel.user_id == user_id).order_by(Channel.id)))


def _own(session: Session, channel_id: int, actor: Actor) -> Channel:
    channel = session.get(Channel, channel_id)
    if channel is None or channel.user_id != actor.user_id:
        raise NotFound("channel.not_found")
    return channel


def _channel(session: Session, kind: ChannelKind, address: str) -> Channel | None:
    return session.scalar(select(Channel).where(Channel.kind == kind, Channel.address == address))


def _digest(code: str) -> str:
    return hashlib.sha256(f"{_PURPOSE}:{code}".encode()).hexdigest()
