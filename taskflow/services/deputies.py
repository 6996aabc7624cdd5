"""Who stands in for whom today: what would be said to people on leave goes to their deputies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from taskflow.models.org import Delegation, User


@dataclass(frozen=True, slots=True)
class Deputies:
    """The delegations that hold on a day."""

    #: By the person who is away: (deputy, only for this unit and below).
    by_principal: dict[int, list[tuple[int, int | None]]] = field(default_factory=dict)
    #: Names of those who are away.
    names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, *, on: date, now: datetime) -> Deputies:
        """All delegations to active people on this day that nobody has revoked."""
        found = cls()
        delegate = select(User.id).where(User.is_active)
        for principal, name, delegate_id, unit_id in session.execute(
            select(Delegation.principal_id, User.full_name, Delegation.delegate_id, Delegation.unit_id)
            .join(User, User.id == Delegation.principal_id)
            .where(
                Delegation.starts_on <= on,
                Delegation.ends_on >= on,
                or_(Delegation.revoked_at.is_(None), Delegation.revoked_at > now),
                Delegation.delegate_id.in_(delegate),
            )
            .order_by(Delegation.id)
        ):
            found.by_principal.setdefault(principal, []).append((delegate_id, unit_id))
            found.names[principal] = name
        return found

    def of(self, user_id: int, lead_unit_and_above: Collection[int]) -> list[int]:
        """The people who stand in for this one in matters of a unit (given with the units above it)."""
        return [
            deputy
            for deputy, unit_id in self.by_principal.get(user_id, ())
            if unit_id is None or unit_id in lead_unit_and_above
        ]
