"""Access keys of people for the API: a program that holds one acts as its owner, with the owner's rights of that day.

The secret is shown once; the database has its digest only. A key always ends by itself.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select

from taskflow.domain.errors import Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.models.org import ApiToken, User
from taskflow.services import audit
from taskflow.services.tokens import digest_of
from taskflow.services.unit_of_work import unit_of_work

#: What every secret begins with, so that programs that look for leaked secrets recognise one.
PREFIX = "taskflow_"
MOST_DAYS = 365
#: Keys that work at the same time, of one person.
MOST_TOKENS = 20
#: The last use is kept to the hour: one small write is enough for "is this key still needed?".
_USE_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A key as it is shown once to its owner."""

    id: int
    label: str
    secret: str


def create(*, actor: Actor, label: str, days: int, now: datetime) -> NewToken:
    """Make a key that works for this many days. The secret is nowhere else than in the answer.

    Raises ``Invalid`` (no label, odd lifetime, too many keys) and ``NotAllowed`` for whoever is no person.
    """
    if actor.user_id is None:
        raise NotAllowed("account.not_allowed")
    if not label.strip():
        raise Invalid("api_token.label_required", "label")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid("api_token.lifetime", "days", limit=MOST_DAYS)
    secret = PREFIX + secrets.token_urlsafe(32)
    with unit_of_work() as session:
        working = select(func.count()).select_from(ApiToken).where(ApiToken.user_id == actor.user_id, _works(now))
        if (session.scalar(working) or 0) >= MOST_TOKENS:
            raise Invalid("api_token.too_many", limit=MOST_TOKENS)
        token = ApiToken(
            user_id=actor.user_id,
            label=label.strip(),
            digest=digest_of(secret),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        session.add(token)
        session.flush()
        _audit(token, "api_token.created", actor, now)
        return NewToken(token.id, token.label, secret)


def revoke(*, actor: Actor, token_id: int, now: datetime) -> None:
    """End one of the actor's own keys at once. Raises ``NotFound``, or ``WrongState`` when it was revoked before."""
    with unit_of_work() as session:
        token = session.get(ApiToken, token_id)
        if token is None or token.user_id != actor.user_id:
            raise NotFound("api_token.not_found")
        if token.revoked_at is not None:
            raise WrongState("api_token.revoked")
        token.revoked_at = now
        _audit(token, "api_token.revoked", actor, now)


def list_own(actor: Actor, *, now: datetime) -> list[ApiToken]:
    """The actor's keys that work, newest first."""
    own = select(ApiToken).where(ApiToken.user_id == actor.user_id, _works(now)).order_by(ApiToken.id.desc())
    return list(db.session.scalars(own))


def find_valid(secret: str, *, now: datetime) -> ApiToken | None:
    """The working key of this secret, whose owner's account is open and needs no new password; else None."""
    return db.session.scalar(
        select(ApiToken)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.digest == digest_of(secret), _works(now), User.is_active, User.must_change_password.is_(False))
    )


def note_use(*, token_id: int, now: datetime) -> None:
    """Remember when the key was last used for a change, to the hour."""
    with unit_of_work() as session:
        token = session.get_one(ApiToken, token_id)
        if token.last_used_at is None or token.last_used_at <= now - _USE_NOTED_EVERY:
            token.last_used_at = now


def _works(now: datetime) -> ColumnElement[bool]:
    return and_(ApiToken.revoked_at.is_(None), or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now))


def _audit(token: ApiToken, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        db.session(), actor=actor, action=action, subject="user", subject_id=token.user_id, now=now, label=token.label
    )
