"""Who stands in for whom: lists for the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from taskflow.extensions import db
from taskflow.models.org import Delegation, Unit, User

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One delegation. ``state`` is running, planned, over or revoked."""

    id: int
    principal_id: int
    principal: str
    delegate_id: int
    delegate: str
    unit: str
    starts_on: date
    ends_on: date
    reason: str
    state: str
    revoked_at: datetime | None


def list_delegations(*, user_id: int | None = None, page: int = 1, on: date) -> tuple[list[DelegationRow], bool]:
    """Newest first, those of one person (either side) or all; and whether there are more."""
    principal, delegate = aliased(User), aliased(User)
    wanted = (
        select(Delegation, principal.full_name, delegate.full_name, Unit.name)
        .join(principal, principal.id == Delegation.principal_id)
        .join(delegate, delegate.id == Delegation.delegate_id)
        .outerjoin(Unit, Unit.id == Delegation.unit_id)
        .order_by(Delegation.starts_on.desc(), Delegation.id.desc())
    )
    if user_id is not None:
        wanted = wanted.where(or_(Delegation.principal_id == user_id, Delegation.delegate_id == user_id))
    rows = db.session.execute(wanted.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
    return [
        DelegationRow(
            id=given.id,
            principal_id=given.principal_id,
            principal=principal_name,
            delegate_id=given.delegate_id,
            delegate=delegate_name,
            unit=unit or "",
            starts_on=given.starts_on,
            ends_on=given.ends_on,
            reason=given.reason,
            state=_state(given, on),
            revoked_at=given.revoked_at,
        )
        for given, principal_name, delegate_name, unit in rows[:PER_PAGE]
    ], len(rows) > PER_PAGE


def _state(given: Delegation, on: date) -> str:
    if given.revoked_at is not None:
        return "revoked"
    if given.ends_on < on:
        return "over"
    return "planned" if given.starts_on > on else "running"
