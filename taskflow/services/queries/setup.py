"""How far an office has been set up: what the first page of the administration shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import ColumnElement, func, select

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.base import Base
from taskflow.models.org import Membership, Unit, UnitGroup, User
from taskflow.models.task import Task
from taskflow.services.calendar_days import unconfirmed_years
from taskflow.services.queries.people import current_post


@dataclass(frozen=True, slots=True)
class Setup:
    """Numbers of the administration."""

    units: int
    offices: int
    groups: int
    people: int
    invited: int
    #: Active units that lead open tasks although nobody works in them.
    units_without_people: list[tuple[int, str]]
    coordinators: int
    unconfirmed_years: list[int]
    has_mail: bool


def setup_state(on: date) -> Setup:
    """Count what there is on this day."""
    session = db.session()

    def count(model: type[Base], *conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

    staffed = (
        select(Membership.unit_id).join(User, User.id == Membership.user_id).where(User.is_active, current_post(on))
    )
    lonely = session.execute(
        select(Unit.id, Unit.name)
        .where(
            Unit.is_active,
            Unit.id.in_(select(Task.lead_unit_id).where(Task.is_open.is_(True), Task.lead_unit_id.is_not(None))),
            Unit.id.not_in(staffed),
        )
        .order_by(Unit.position, Unit.id)
        .limit(20)
    )
    return Setup(
        units=count(Unit, Unit.is_active.is_(True)),
        offices=count(Unit, Unit.is_active.is_(True), Unit.is_office.is_(True)),
        groups=count(UnitGroup, UnitGroup.is_active.is_(True)),
        people=count(User, User.is_active.is_(True)),
        invited=count(User, User.is_active.is_(True), User.password_hash.is_(None)),
        units_without_people=[(row.id, row.name) for row in lonely],
        coordinators=count(Membership, Membership.role == Role.COORDINATOR, current_post(on)),
        unconfirmed_years=unconfirmed_years(on),
        has_mail=bool(current_app.config["TASKFLOW"].smtp_host),
    )
