"""Alarms to the administrators: something stands still until a person acts. One a day for the same thing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.permissions import Role
from taskflow.models.org import Membership, User
from taskflow.models.outbox import ChannelKind, Notification, OutboxMessage


def raise_alarm(session: Session, *, what: str, now: datetime, **data: Any) -> None:
    """Tell every administrator, under the bell and by e-mail, inside the unit of work that noticed it.

    ``what``: channel (with ``channel`` and ``error``), sweep (with ``since``), year (with ``year``).
    """
    day = now.astimezone(current_app.config["TASKFLOW"].zone).date()
    about = str(data.get("channel", data.get("year", "")))
    administrators = session.scalars(
        select(User)
        .where(User.is_active, User.id.in_(select(Membership.user_id).where(Membership.role == Role.ADMINISTRATOR)))
        .order_by(User.id)
    ).all()
    for user in administrators:
        key = f"alarm:{what}:{about}:{day}:{user.id}"
        if session.scalar(select(Notification.id).where(Notification.dedupe_key == key)) is not None:
            continue
        session.add(Notification(user_id=user.id, at=now, kind="alarm", data={"what": what, **data}, dedupe_key=key))
        # An alarm about e-mail cannot leave by e-mail; it waits in the outbox until the server works again.
        session.add(
            OutboxMessage(
                dedupe_key=key,
                kind="alarm",
                channel=ChannelKind.EMAIL,
                user_id=user.id,
                address=user.email,
                payload={"what": what, **data},
                urgent=True,
                next_attempt_at=now,
                created_at=now,
            )
        )
    session.flush()
