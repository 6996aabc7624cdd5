"""The audit log, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from taskflow.extensions import db
from taskflow.models.org import User
from taskflow.models.system import AuditEntry

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry. ``actor`` is empty for the machine."""

    at: datetime
    actor: str
    action: str
    subject: str
    subject_id: str
    data: dict[str, Any]


def list_entries(
    *, subject: str = "", subject_id: str = "", actor_id: int | None = None, page: int = 1
) -> tuple[list[AuditRow], bool]:
    """A page of entries about this kind of thing, this thing, or by this person; and whether there are more."""
    wanted = select(AuditEntry, User.full_name).outerjoin(User, User.id == AuditEntry.actor_id)
    if subject:
        wanted = wanted.where(AuditEntry.subject == subject)
    if subject_id:
        wanted = wanted.where(AuditEntry.subject_id == subject_id)
    if actor_id is not None:
        wanted = wanted.where(AuditEntry.actor_id == actor_id)
    rows = db.session.execute(
        wanted.order_by(AuditEntry.id.desc()).offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)
    ).all()
    return [
        AuditRow(entry.at, name or "", entry.action, entry.subject, entry.subject_id, entry.data)
        for entry, name in rows[:PER_PAGE]
    ], len(rows) > PER_PAGE
