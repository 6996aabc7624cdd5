"""Who did what to accounts, units, settings and channels (tasks have their own history)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from taskflow.domain.permissions import Actor
from taskflow.models.system import AuditEntry


def record(
    session: Session,
    *,
    actor: Actor,
    action: str,
    subject: str,
    subject_id: int | str = "",
    now: datetime,
    **data: Any,
) -> None:
    """Add an entry to the log, in the transaction of what it tells. ``action`` is a past-tense code: ``user.created``.

    ``data`` holds JSON values that explain the entry (old and new value …), never secrets.
    """
    session.add(
        AuditEntry(
            at=now, actor_id=actor.user_id, action=action, subject=subject, subject_id=str(subject_id), data=data
        )
    )
