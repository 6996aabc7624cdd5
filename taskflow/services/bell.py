"""The bell: marking what a person has looked at, and what they have read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from taskflow.models.org import User
from taskflow.models.outbox import Notification
from taskflow.services.unit_of_work import unit_of_work


def looked(user_id: int, *, now: datetime) -> None:
    """The person has looked at the list: the bell counts what comes from now on. Nothing is read by that."""
    with unit_of_work() as session:
        session.connection().execute(update(User).where(User.id == user_id).values(notifications_seen_at=now))


def mark_read(user_id: int, *, now: datetime, up_to: int | None = None, only: int | None = None) -> int:
    """Mark one line, or every line up to an id (so that what came while one looked stays new). How many were new."""
    with unit_of_work() as session:
        statement = update(Notification).where(Notification.user_id == user_id, Notification.read_at.is_(None))
        if only is not None:
            statement = statement.where(Notification.id == only)
        elif up_to is not None:
            statement = statement.where(Notification.id <= up_to)
        done = session.connection().execute(statement.values(read_at=now)).rowcount
        session.connection().execute(update(User).where(User.id == user_id).values(notifications_seen_at=now))
    return done
