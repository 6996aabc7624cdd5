"""A person's addresses: linking a Zalo account by a code that the person sends, switching channels off and on."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Conflict, Invalid, NotFound, TooMany
from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.models.org import OneTimeToken, User
from taskflow.models.outbox import Channel, ChannelKind
from taskflow.notifications.transports.base import PermanentError
from taskflow.notifications.transports.zalo_oa import CONSULTATION_WINDOW, phone_number
from taskflow.services import audit, throttle, tokens
from taskflow.services.reach import Route, routes, set_up_channels
from taskflow.services.reminder_policy import Policy, choice_of, load_policy
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


def holds_code(text: str) -> bool:
    """Whether the text holds what looks like a link code."""
    return _CODE.search(text) is not None


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
    _leave_to(session, user.id, kind, address)
    channel = _channel(session, user.id, kind, address)
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
    for channel in _at(session, kind, address):
        channel.last_interaction_at = now
        channel.disabled_at, channel.disabled_reason = None, ""


def lost(session: Session, kind: ChannelKind, address: str, *, reason: str, now: datetime) -> None:
    """The person unfollowed or blocked: nothing more goes there until they come back."""
    for channel in _at(session, kind, address):
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
        channel = _channel(session, user_id, ChannelKind.EMAIL, email)
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
    kind = ChannelKind.ZALO_TEMPLATE
    try:
        number = phone_number(phone)
    except PermanentError as error:
        raise Invalid("channel.phone", "phone") from error
    with unit_of_work() as session:
        if any(other.user_id != user_id and other.user.is_active for other in _at(session, kind, number)):
            raise Conflict("channel.taken", "phone")
        _leave_to(session, user_id, kind, number)
        channel = _channel(session, user_id, kind, number)
        channel.verified_at = now
        channel.disabled_at, channel.disabled_reason, channel.unsubscribed_at = None, "", None
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


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """An address of a person as it stands now. ``channel``: its row; an e-mail address may have none.

    ``state``: first (the next message goes here) | next (when those before it fail) | stopped (by the person) | refused
    (there is nobody) | not_allowed (by the office) | not_set_up (by the office) | asleep (the Official Account may
    write only for seven days after the person did, and there is no template).
    """

    kind: ChannelKind
    address: str
    channel: Channel | None
    state: str


def own_addresses(user: User, *, now: datetime) -> list[OwnAddress]:
    """All addresses of a person with what each is good for now, the e-mail address first."""
    policy, set_up = load_policy(), set_up_channels()
    stored = channels_of(user.id)
    ways = routes(user.email, choice_of(user.preferences), stored, policy, set_up)
    email = next((one for one in stored if one.kind is ChannelKind.EMAIL and one.address == user.email), None)
    rows = [
        (ChannelKind.EMAIL, user.email, email),
        *((one.kind, one.address, one) for one in stored if one.kind is not ChannelKind.EMAIL),
    ]
    states = {Route(kind, address): _state(kind, channel, policy, set_up, now) for kind, address, channel in rows}
    first = next((way for way in ways if states.get(way) == "next"), None)
    if first is not None:
        states[first] = "first"
    return [OwnAddress(kind, address, channel, states[Route(kind, address)]) for kind, address, channel in rows]


def _state(
    kind: ChannelKind, channel: Channel | None, policy: Policy, set_up: frozenset[ChannelKind], now: datetime
) -> str:
    if channel is not None and channel.unsubscribed_at is not None:
        return "stopped"
    if channel is not None and channel.disabled_at is not None:
        return "refused"
    if kind not in policy.channels:
        return "not_allowed"
    if kind not in set_up:
        return "not_set_up"
    if kind is ChannelKind.ZALO_OA and ChannelKind.ZALO_TEMPLATE not in set_up:
        heard = channel.last_interaction_at if channel is not None else None
        if heard is None or now - heard >= CONSULTATION_WINDOW:
            return "asleep"
    return "next"


def channels_of(user_id: int) -> list[Channel]:
    """The stored addresses of a person, oldest first."""
    return list(db.session.scalars(select(Channel).where(Channel.user_id == user_id).order_by(Channel.id)))


def _own(session: Session, channel_id: int, actor: Actor) -> Channel:
    channel = session.get(Channel, channel_id)
    if channel is None or channel.user_id != actor.user_id:
        raise NotFound("channel.not_found")
    return channel


def _channel(session: Session, user_id: int, kind: ChannelKind, address: str) -> Channel:
    """The person's own row about the address, made when there is none."""
    channel = next((found for found in _at(session, kind, address) if found.user_id == user_id), None)
    if channel is None:
        channel = Channel(user_id=user_id, kind=kind, address=address)
        session.add(channel)
    return channel


def _at(session: Session, kind: ChannelKind, address: str) -> Sequence[Channel]:
    """Everybody's rows about the address."""
    return session.scalars(select(Channel).where(Channel.kind == kind, Channel.address == address)).all()


def _leave_to(session: Session, user_id: int, kind: ChannelKind, address: str) -> None:
    """A Zalo account or number answers for one person: whoever had it before has it no more."""
    session.connection().execute(
        delete(Channel).where(Channel.kind == kind, Channel.address == address, Channel.user_id != user_id)
    )


def _digest(code: str) -> str:
    return hashlib.sha256(f"{_PURPOSE}:{code}".encode()).hexdigest()
