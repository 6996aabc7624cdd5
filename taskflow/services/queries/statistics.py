"""The office's statistic: per unit the 2×2 of DOMAIN.md 1.2, what stands outside it, and the exceptions.

Official figures count tasks of the shapes ``single`` and ``member``; continuous and undated tasks
stand outside (decision 7).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from taskflow.clock import today as today_here
from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.permissions import Actor
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import Attention, Counted
from taskflow.extensions import db
from taskflow.models.task import Task
from taskflow.services.queries.labels import CELLS, in_statistic, label_condition
from taskflow.services.queries.scope import visible_tasks
from taskflow.services.queries.task_list import attention_condition, end_of, label_cutoffs
from taskflow.services.queries.unit_history import led_or_delivered, units_now
from taskflow.services.queries.unit_labels import unit_labels


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """The figures of one unit (``unit_id`` None: all units)."""

    unit_id: int | None
    #: As lists show it.
    unit: str
    #: As official papers write it.
    name: str = ""
    done_on_time: int = 0
    done_late: int = 0
    open_on_time: int = 0
    open_late: int = 0
    #: Open or done without a date that could be missed: continuous, conditional, undated, suspended.
    outside: int = 0

    @property
    def total(self) -> int:
        """All tasks given, those outside the statistic included."""
        return self.counted + self.outside

    @property
    def counted(self) -> int:
        """Tasks inside the 2×2."""
        return self.done_on_time + self.done_late + self.open_on_time + self.open_late

    @property
    def done(self) -> int:
        """Finished tasks inside the 2×2."""
        return self.done_on_time + self.done_late


@dataclass(frozen=True, slots=True)
class Period:
    """Which tasks a statistic is about, by the day they were due; open ends count everything."""

    due_from: date | None = None
    due_to: date | None = None
    document_id: int | None = None
    office_id: int | None = None


EVERYTHING = Period()


class UnitsOf(StrEnum):
    """For which unit the work of a unit counts that handed it over or has ended."""

    THEN = "then"  # who delivered it, or who led it when the period ended (đơn vị tại thời điểm)
    NOW = "now"  # who stands today for a unit that was merged or dissolved (đơn vị hiện nay)


def day_of_leads(period: Period, units: UnitsOf) -> date | None:
    """The day on which a unit must have led open work for it to count as its own; None: today."""
    then = period.due_to if units is UnitsOf.THEN else None
    return then if then is not None and then < today_here() else None


def unit_figures(
    actor: Actor, period: Period = EVERYTHING, units: UnitsOf = UnitsOf.THEN
) -> tuple[list[UnitFigures], UnitFigures]:
    """Figures per unit in the order of the units, and their sum."""
    session = db.session()
    figures: dict[int, Counter[Counted]] = {}
    successors = units_now() if units is UnitsOf.NOW else {}
    for unit_id, cell, number, number_late in session.execute(_counted(actor, period, day_of_leads(period, units))):
        figure = figures.setdefault(successors.get(unit_id, unit_id), Counter())
        if cell is None:
            figure[Counted.OPEN_LATE] += number_late
            figure[Counted.OPEN_ON_TIME] += number - number_late
        else:
            figure[CELLS[cell]] += number
    labels = unit_labels([unit_id for unit_id in figures if unit_id is not None])
    found = [
        UnitFigures(unit_id, label.short, label.name, **{cell.value: n for cell, n in figures[unit_id].items()})
        for unit_id, label in labels.items()
    ]
    return found, _sum(found)


def _counted(actor: Actor, period: Period, day: date | None) -> Select[int | None, int | None, int, Any]:
    """Unit, fixed cell, tasks and late tasks among them."""
    late = func.sum(case((Task.counted_due_on < label_cutoffs().today, 1), else_=0))
    which = (visible_tasks(actor), in_statistic(), *_within(period))
    if day is None:
        # Grouped as the index is ordered, so that the database counts without sorting; the offices are added up later.
        groups = (Task.office_unit_id, Task.shape, Task.lead_unit_id, Task.fixed_cell)
        return select(Task.lead_unit_id, Task.fixed_cell, func.count(), late).where(*which).group_by(*groups)
    led = led_or_delivered(end_of(day)).label("led")
    # By its name: PostgreSQL does not see that two expressions with the same instant in them are one.
    return select(led, Task.fixed_cell, func.count(), late).where(*which).group_by("led", Task.fixed_cell)


def _sum(units: list[UnitFigures]) -> UnitFigures:
    numbers = [field.name for field in fields(UnitFigures) if field.name not in ("unit_id", "unit", "name")]
    return UnitFigures(None, "", "", **{name: sum(getattr(unit, name) for unit in units) for name in numbers})


def _within(period: Period) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if period.due_from is not None:
        conditions.append(Task.due_on >= period.due_from)
    if period.due_to is not None:
        conditions.append(Task.due_on <= period.due_to)
    if period.document_id is not None:
        conditions.append(Task.document_id == period.document_id)
    if period.office_id is not None:
        conditions.append(Task.office_unit_id == period.office_id)
    return conditions


@dataclass(frozen=True, slots=True)
class Exceptions:
    """How many tasks need the office, by reason; each number leads to its list."""

    overdue: int
    due_today: int
    due_soon: int
    awaiting_confirmation: int
    needs_deadline: int
    never_acknowledged: int
    extension_asked: int
    sent_back: int
    needs_decision: int
    waiting_for_unit: int
    urged_often: int
    not_updated: int


def exceptions(actor: Actor) -> Exceptions:
    """The exceptions of what the actor may see; each number is one short walk over an index, all in one query."""
    limits = label_cutoffs()
    scope = visible_tasks(actor)
    conditions: dict[str, ColumnElement[bool]] = {
        **{label.value: label_condition(label, limits) for label in _LABELS},
        "awaiting_confirmation": Task.state == TaskState.AWAITING_CONFIRMATION,
        **{kind.value: attention_condition(kind, limits) for kind in Attention},
    }
    numbers = [
        select(func.count()).select_from(Task).where(scope, condition).scalar_subquery().label(name)
        for name, condition in conditions.items()
    ]
    return Exceptions(**db.session.execute(select(*numbers)).one()._asdict())


_LABELS = (TimeLabel.OVERDUE, TimeLabel.DUE_TODAY, TimeLabel.DUE_SOON, TimeLabel.NEEDS_DEADLINE)
