"""The light check behind a one-task link: a code to the person's own channel, remembered on the device.

Light means: enough to acknowledge, to report progress, to ask for more time. What finishes a task needs a
full sign-in.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, TooMany
from taskflow.extensions import db
from taskflow.models.org import OneTimeToken, User
from taskflow.models.outbox import Channel, ChannelKind, OutboxMessage
from taskflow.notifications.transports.zalo_oa import CONSULTATION_WINDOW
from taskflow.services import throttle
from taskflow.services.reach import Route, routes_of
from taskflow.services.reminder_policy import load_policy
from taskflow.services.task_links import TaskLink
from taskflow.services.throttle import Bucket
from taskflow.services.unit_of_work import unit_of_work

CODE_MINUTES = 15
#: Codes that one person can be sent in a day.
CODES_A_DAY = 12
REMEMBER = timedelta(days=30)
_PURPOSE = "link_code"
_SALT = "one-task-device"


def send_code(link: TaskLink, *, now: datetime) -> None:
    """Send a code to the person by the channel that the link came by. Raises ``TooMany``."""
    with unit_of_work() as session:
        limits = [
            Bucket(f"link-code:{link.user_id}", capacity=3, seconds=300),
            # With five tries a code, who only holds a link needs years of days like this to guess one.
            Bucket(f"link-code-day:{link.user_id}", capacity=CODES_A_DAY, seconds=86400 / CODES_A_DAY),
        ]
        wait = throttle.take(session, limits, now=now)
        if wait == 0:
            user = session.get_one(User, link.user_id)
            code = f"{secrets.randbelow(1_000_000):06d}"
            old = select(OneTimeToken).where(
                OneTimeToken.purpose == _PURPOSE, OneTimeToken.user_id == user.id, OneTimeToken.used_at.is_(None)
            )
            for token in session.scalars(old):
                token.revoked_at = now
            session.add(
                OneTimeToken(
                    purpose=_PURPOSE,
                    digest=_digest(user.id, code, now),
                    user_id=user.id,
                    data={"salt": now.isoformat(), "tries": 0},
                    created_at=now,
                    expires_at=now + timedelta(minutes=CODE_MINUTES),
                )
            )
            route = _way_back(session, link, user, now)
            session.add(
                OutboxMessage(
                    dedupe_key=f"link_code:{user.id}:{uuid4().hex}",
                    kind=_PURPOSE,
                    channel=route.kind,
                    user_id=user.id,
                    address=route.address,
                    payload={
                        "code": code,
                        "minutes": CODE_MINUTES,
                        "expires_at": (now + timedelta(minutes=CODE_MINUTES)).isoformat(),
                    },
                    urgent=True,
                    next_attempt_at=now,
                    created_at=now,
                )
            )
    if wait:
        raise TooMany("link.too_many_codes", minutes=-(-wait // 60))


def _way_back(session: Session, link: TaskLink, user: User, now: datetime) -> Route:
    """The channel that the link came by, while it still reaches this person; else their first that can carry a code.

    A template has no place for a code, and an Official Account takes free words only within its window.
    """
    heard = now - CONSULTATION_WINDOW
    talking = set(
        session.scalars(
            select(Channel.address).where(
                Channel.user_id == user.id, Channel.kind == ChannelKind.ZALO_OA, Channel.last_interaction_at > heard
            )
        )
    )
    ways = [
        route
        for route in routes_of(session, user, load_policy())
        if route.kind in (ChannelKind.EMAIL, ChannelKind.ZALO_BOT)
        or (route.kind is ChannelKind.ZALO_OA and route.address in talking)
    ]
    message = session.get(OutboxMessage, link.message_id)
    same = Route(message.channel, message.address) if message is not None else None
    if same is not None and same in ways:
        return same
    return next(iter(ways), Route(ChannelKind.EMAIL, user.email))


def check_code(link: TaskLink, code: str, *, now: datetime) -> None:
    """Use the code up. Raises ``Invalid("channel.code_invalid")``; five wrong ones make it worthless."""
    good = False
    with unit_of_work() as session:
        token = session.scalar(
            select(OneTimeToken)
            .where(
                OneTimeToken.purpose == _PURPOSE,
                OneTimeToken.user_id == link.user_id,
                OneTimeToken.used_at.is_(None),
                OneTimeToken.revoked_at.is_(None),
                OneTimeToken.expires_at > now,
            )
            .order_by(OneTimeToken.id.desc())
            .limit(1)
            .with_for_update()
        )
        if token is not None:
            issued = datetime.fromisoformat(token.data["salt"])
            good = secrets.compare_digest(token.digest, _digest(link.user_id, code.strip(), issued))
            tries = int(token.data.get("tries", 0)) + 1
            token.data = {**token.data, "tries": tries}
            if good:
                token.used_at = now
            elif tries >= 5:
                token.revoked_at = now
    if not good:
        raise Invalid("channel.code_invalid", "code")


def device_token(user: User, *, now: datetime) -> str:
    """What the device keeps: that this person proved themselves on it, until when."""
    token = _signer().dumps([user.id, user.session_epoch, int((now + REMEMBER).timestamp())])
    return token if isinstance(token, str) else token.decode()


def is_remembered(token: str, user_id: int, *, now: datetime) -> bool:
    """Whether the device has proved to be this person's; ended by a new password like every session."""
    try:
        kept_id, epoch, until = (int(part) for part in _signer().loads(token))
    except (BadData, ValueError, TypeError):
        return False
    user = db.session.get(User, user_id)
    return (
        user is not None
        and user.is_active
        and (kept_id, epoch) == (user.id, user.session_epoch)
        and datetime.fromtimestamp(until, UTC) > now
    )


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=_SALT)


def _digest(user_id: int, code: str, issued: datetime) -> str:
    return hashlib.sha256(f"{_PURPOSE}:{user_id}:{issued.isoformat()}:{code}".encode()).hexdigest()
