"""How much each person of a unit has on their desk, to help choosing whom to put in charge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from taskflow.collation import alphabetical
from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.permissions import WORKING_ROLES
from taskflow.extensions import db
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import Task
from taskflow.services.queries.labels import label_condition
from taskflow.services.queries.people import current_post
from taskflow.services.queries.task_list import label_cutoffs


@dataclass(frozen=True, slots=True)
class Load:
    """One person's open tasks; ``unit`` is where the post is held."""

    user_id: int
    name: str
    unit: str
    open: int
    overdue: int
    due_soon: int


def workload(unit_id: int, *, on: date) -> list[Load]:
    """Everybody who does work in the unit or below it, with what they have on their desk, by unit and name."""
    session = db.session()
    top = select(Unit.path).where(Unit.id == unit_id).scalar_subquery()
    people = session.execute(
        select(User.id, User.full_name, func.min(func.coalesce(func.nullif(Unit.short_name, ""), Unit.name)))
        .join(Membership, Membership.user_id == User.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(User.is_active, Membership.role.in_(WORKING_ROLES), Unit.path.startswith(top), current_post(on))
        .group_by(User.id, User.full_name)
        .order_by(func.min(Unit.path), alphabetical(User.full_name), User.id)
        .limit(300)
    ).all()
    limits = label_cutoffs()
    counts = session.execute(
        select(
            Task.person_id,
            func.count(),
            func.count().filter(label_condition(TimeLabel.OVERDUE, limits)),
            func.count().filter(label_condition(TimeLabel.DUE_SOON, limits)),
        )
        .where(Task.person_id.in_([row[0] for row in people]), Task.is_open.is_(True))
        .group_by(Task.person_id)
    )
    loads = {row[0]: tuple(row[1:]) for row in counts}
    return [Load(user_id, name, unit, *loads.get(user_id, (0, 0, 0))) for user_id, name, unit in people]
