"""Alarms to the administrators: something stands still until a person acts. One a day for the same thing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from taskflow.domain.errors import DomainError
from taskflow.domain.permissions import Role
from taskflow.models.org import Membership, User
from taskflow.models.outbox import ChannelKind, Notification, OutboxMessage
from taskflow.services.unit_of_work import unit_of_work

log = structlog.get_logger()


def raise_fault(error: Exception, *, now: datetime, **about: str) -> None:
    """The alarm about an error of ours, in a unit of work of its own; where even that fails it is in the log."""
    try:
        with unit_of_work() as session:
            raise_alarm(session, what="fault", error=f"{type(error).__name__}: {error}"[:500], now=now, **about)
    except (SQLAlchemyError, DomainError):
        log.warning("alarm.not_raised", **about)


def raise_alarm(session: Session, *, what: str, now: datetime, **data: Any) -> None:
    """Tell every administrator, under the bell and by e-mail, inside the unit of work that noticed it.

    ``what``: channel (with ``channel`` and ``error``), fault (an error of ours: ``channel`` or ``job``, and ``error``),
    refused (what holds for the whole office: ``channel``, ``error``, ``addresses``, ``since``), sweep (with ``since``),
    year (with ``year``).
    """
    day = now.astimezone(current_app.config["TASKFLOW"].zone).date()
    about = str(next((data[name] for name in ("channel", "job", "year") if name in data), ""))
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
