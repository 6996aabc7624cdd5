"""Secrets that work once: password links, invitations, linking of a Zalo account.

Only the SHA-256 of a secret is stored; the secret itself is known to the one it was given to.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid
from taskflow.extensions import db
from taskflow.models.org import OneTimeToken


def issue(
    session: Session,
    *,
    purpose: str,
    user_id: int | None,
    lifetime: timedelta,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> str:
    """Make a token and return its secret, for the link in a message."""
    secret = secrets.token_urlsafe(32)
    session.add(
        OneTimeToken(
            purpose=purpose,
            digest=digest_of(secret),
            user_id=user_id,
            data=data or {},
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    session.flush()
    return secret


def digest_of(secret: str) -> str:
    """What the database keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_valid(secret: str, *, purpose: str, now: datetime) -> OneTimeToken | None:
    """The unused, unexpired token of this secret; reading does not use it up."""
    return db.session.scalar(
        select(OneTimeToken).where(
            OneTimeToken.digest == digest_of(secret),
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.revoked_at.is_(None),
            OneTimeToken.expires_at > now,
        )
    )


def redeem(session: Session, secret: str, *, purpose: str, now: datetime) -> OneTimeToken:
    """Use the token up. Raises ``Invalid("token.invalid")`` when it was used, revoked, is too old or never was."""
    token = find_valid(secret, purpose=purpose, now=now)
    if token is None:
        raise Invalid("token.invalid")
    # The condition decides between two who press at once.
    taken = session.execute(
        update(OneTimeToken).where(OneTimeToken.id == token.id, OneTimeToken.used_at.is_(None)).values(used_at=now)
    )
    if not isinstance(taken, CursorResult) or taken.rowcount != 1:
        raise Invalid("token.invalid")
    return token


def revoke_all(session: Session, *, user_id: int, purpose: str, now: datetime) -> None:
    """Make the person's open tokens of this purpose worthless."""
    session.execute(
        update(OneTimeToken)
        .where(
            OneTimeToken.user_id == user_id,
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
