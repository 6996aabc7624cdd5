"""What a unit has open, to be handed over by choosing, and what units that have ended still hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager

from taskflow.collation import alphabetical
from taskflow.extensions import db
from taskflow.models.indicator import Indicator
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import Coordination, CoordinationState, Series, Task
from taskflow.services.queries.people import current_post
from taskflow.services.queries.units import MemberRow

_OWED = (CoordinationState.ASKED, CoordinationState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What of a unit's work is open, to be handed over by choosing. ``task_count`` counts beyond the page limit."""

    tasks: Sequence[Task]
    task_count: int
    #: With their tasks.
    coordinations: Sequence[Coordination]
    series: Sequence[Series]
    indicators: Sequence[Indicator]
    #: Who has a post in the unit today.
    people: Sequence[MemberRow]


@dataclass(frozen=True, slots=True)
class LeftWork:
    """What a unit that has ended still holds: what nobody may forget after a reorganisation."""

    unit_id: int
    unit: str
    tasks: int
    coordinations: int
    series: int
    indicators: int
    people: int


def open_work(unit_id: int, *, on: date, limit: int = 500) -> OpenWork:
    """What the unit leads, owes, repeats and answers for, and who works there on this day."""
    session = db.session()
    led = (Task.lead_unit_id == unit_id, Task.is_open)
    people = session.execute(
        select(User.id, User.full_name, Membership.role, Membership.valid_from, Membership.valid_to)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.unit_id == unit_id, User.is_active, current_post(on))
        .order_by(alphabetical(User.full_name), User.id)
        .limit(limit)
    )
    return OpenWork(
        tasks=session.scalars(select(Task).where(*led).order_by(Task.sort_due_on, Task.id).limit(limit)).all(),
        task_count=session.scalar(select(func.count()).select_from(Task).where(*led)) or 0,
        coordinations=session.scalars(
            select(Coordination)
            .join(Coordination.task)
            .options(contains_eager(Coordination.task))
            .where(Coordination.unit_id == unit_id, Coordination.state.in_(_OWED), Task.is_open)
            .order_by(Coordination.id)
            .limit(limit)
        ).all(),
        series=[one for one in _series() if unit_id in _units_of(one)],
        indicators=session.scalars(
            select(Indicator).where(Indicator.responsible_unit_id == unit_id).order_by(Indicator.id).limit(limit)
        ).all(),
        people=[MemberRow(*row) for row in people],
    )


def left_work(on: date) -> list[LeftWork]:
    """Units that have ended and still hold something, by name."""
    tasks = _counts(Task.lead_unit_id, select(Task.lead_unit_id, func.count()).where(Task.is_open))
    lines = _counts(
        Coordination.unit_id,
        select(Coordination.unit_id, func.count())
        .join(Task, Task.id == Coordination.task_id)
        .where(Coordination.state.in_(_OWED), Task.is_open),
    )
    indicators = _counts(Indicator.responsible_unit_id, select(Indicator.responsible_unit_id, func.count()))
    people = _counts(
        Membership.unit_id,
        select(Membership.unit_id, func.count(func.distinct(Membership.user_id)))
        .join(User, User.id == Membership.user_id)
        .where(User.is_active, current_post(on)),
    )
    series: dict[int, int] = {}
    for one in _series():
        for unit_id in set(_units_of(one)):
            series[unit_id] = series.get(unit_id, 0) + 1
    holding = {*tasks, *lines, *series, *indicators, *people}
    units = db.session.execute(
        select(Unit.id, Unit.name)
        .where(Unit.id.in_(holding), Unit.is_active.is_(False))
        .order_by(alphabetical(Unit.name), Unit.id)
    )
    found = (tasks, lines, series, indicators, people)
    return [LeftWork(unit_id, name, *(counts.get(unit_id, 0) for counts in found)) for unit_id, name in units]


def _counts(column: InstrumentedAttribute[Any], wanted: Select[Any, int]) -> dict[int, int]:
    """How many of each ended unit."""
    ended = select(Unit.id).where(Unit.is_active.is_(False))
    return dict(db.session.execute(wanted.where(column.in_(ended)).group_by(column)).all())


def _series() -> Sequence[Series]:
    return db.session.scalars(select(Series).where(Series.is_active).order_by(Series.id)).all()


def _units_of(series: Series) -> tuple[int, ...]:
    return (*series.lead_unit_ids, *series.coordinator_unit_ids)
