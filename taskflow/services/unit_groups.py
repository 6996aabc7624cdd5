"""Groups of units (các xã, phường; các phòng, ban có liên quan): a designation and whom it means.

An open set ("có liên quan") may have members too: they are what is offered for ticking each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.units import fold
from taskflow.models.org import Unit, UnitGroup
from taskflow.services import audit
from taskflow.services.rights import require
from taskflow.services.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class GroupValues:
    """What an administrator writes about a group."""

    name: str
    is_open: bool = False
    note: str = ""
    member_ids: tuple[int, ...] = ()


def get_group(session: Session, group_id: int) -> UnitGroup:
    """The group. Raises ``NotFound("group.not_found")``."""
    group = session.get(UnitGroup, group_id)
    if group is None:
        raise NotFound("group.not_found")
    return group


def save_group(*, actor: Actor, group_id: int | None, values: GroupValues, now: datetime) -> int:
    """Make a group, or change one. Returns its id; raises ``Invalid`` on the field at fault."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    with unit_of_work() as session:
        folded = fold(values.name)
        if not folded:
            raise Invalid("unit.name_empty", "name")
        taken = session.scalar(select(UnitGroup).where(UnitGroup.folded == folded, UnitGroup.id != (group_id or 0)))
        if taken is not None:
            raise Invalid("group.name_taken", "name", name=taken.name)
        members = _members(session, values.member_ids)
        if not members and not values.is_open:
            raise Invalid("group.no_members", "member_ids")
        if group_id is None:
            group = UnitGroup(name=values.name, folded=folded)
            session.add(group)
        else:
            group = get_group(session, group_id)
        group.name, group.folded = values.name, folded
        group.is_open, group.note = values.is_open, values.note
        group.members = members
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="group.created" if group_id is None else "group.changed",
            subject="group",
            subject_id=group.id,
            now=now,
            name=values.name,
            members=sorted(values.member_ids),
        )
        return group.id


def set_group_active(*, actor: Actor, group_id: int, is_active: bool, now: datetime) -> None:
    """Take a group out of use (imports no longer offer it) or bring it back. Groups are not deleted: rows name them."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    with unit_of_work() as session:
        group = get_group(session, group_id)
        group.is_active = is_active
        action = "group.enabled" if is_active else "group.disabled"
        audit.record(
            session, actor=actor, action=action, subject="group", subject_id=group_id, now=now, name=group.name
        )


def _members(session: Session, member_ids: Sequence[int]) -> list[Unit]:
    wanted = set(member_ids)
    found = list(session.scalars(select(Unit).where(Unit.id.in_(wanted)).order_by(Unit.position, Unit.id)))
    if len(found) != len(wanted):
        raise Invalid("unit.not_found", "member_ids")
    return found
