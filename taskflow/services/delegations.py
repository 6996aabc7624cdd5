"""Acting for somebody (làm thay): who stands in for whom, from–to, in one unit or in all posts of the person.

Nobody gets more than the other has, administration is never delegated (``services.actors``), and nobody
confirms their own work through it (``domain.permissions``).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import exists, select

from taskflow.domain.errors import Invalid, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, has
from taskflow.models.org import Delegation, Membership, User
from taskflow.services import audit
from taskflow.services.rights import require
from taskflow.services.unit_of_work import unit_of_work


def delegate(
    *,
    actor: Actor,
    principal_id: int,
    delegate_id: int,
    unit_id: int | None,
    starts_on: date,
    ends_on: date,
    reason: str,
    today: date,
    now: datetime,
) -> int:
    """Let one person act for another between two days, both included. Returns the id.

    People do it for themselves; for others only administrators. Raises ``Invalid`` on the field at fault:
    ``delegation.self``, ``.past``, ``.inactive``, ``.unit`` (no post there), ``.overlap`` (already given).
    """
    if actor.user_id != principal_id:
        require(actor, Permission.ADMIN_USER_EDIT)
    if principal_id == delegate_id:
        raise Invalid("delegation.self", "delegate_id")
    if ends_on < starts_on:
        raise Invalid("dates.order", "ends_on")
    if ends_on < today:
        raise Invalid("delegation.past", "ends_on")
    with unit_of_work() as session:
        people = {
            user.id: user for user in session.scalars(select(User).where(User.id.in_([principal_id, delegate_id])))
        }
        for user_id, field in ((principal_id, "principal_id"), (delegate_id, "delegate_id")):
            if user_id not in people:
                raise Invalid("user.not_found", field)
            if not people[user_id].is_active:
                raise Invalid("delegation.inactive", field, name=people[user_id].full_name)
        if unit_id is not None and not session.scalar(
            select(exists().where(Membership.user_id == principal_id, Membership.unit_id == unit_id))
        ):
            raise Invalid("delegation.unit", "unit_id")
        if session.scalar(
            select(
                exists().where(
                    Delegation.principal_id == principal_id,
                    Delegation.delegate_id == delegate_id,
                    Delegation.revoked_at.is_(None),
                    Delegation.starts_on <= ends_on,
                    Delegation.ends_on >= starts_on,
                    Delegation.unit_id.is_(None) if unit_id is None else Delegation.unit_id == unit_id,
                )
            )
        ):
            raise Invalid("delegation.overlap", "starts_on", name=people[delegate_id].full_name)
        given = Delegation(
            principal_id=principal_id,
            delegate_id=delegate_id,
            unit_id=unit_id,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason,
            created_by_id=actor.user_id,
            created_at=now,
        )
        session.add(given)
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="delegation.given",
            subject="user",
            subject_id=principal_id,
            now=now,
            delegate=people[delegate_id].full_name,
            starts_on=starts_on.isoformat(),
            ends_on=ends_on.isoformat(),
        )
        return given.id


def revoke(*, actor: Actor, delegation_id: int, now: datetime) -> None:
    """End a delegation at once. The one who gave it may, the one who acts may, and administrators."""
    with unit_of_work() as session:
        given = session.get(Delegation, delegation_id)
        if given is None or not (
            actor.user_id in (given.principal_id, given.delegate_id) or has(actor, Permission.ADMIN_USER_EDIT)
        ):
            raise NotFound("delegation.not_found")
        if given.revoked_at is not None:
            raise WrongState("delegation.revoked")
        given.revoked_at = now
        audit.record(
            session, actor=actor, action="delegation.revoked", subject="user", subject_id=given.principal_id, now=now,
            delegate=given.delegate.full_name,
        )  # fmt: skip
