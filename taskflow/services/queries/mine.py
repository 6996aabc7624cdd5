"""A department's work on one page: what is late and due first, what waits here, what others ask of us."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.permissions import Actor
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import Openness, TaskFilter
from taskflow.extensions import db
from taskflow.models.org import Unit
from taskflow.models.task import OWED_COORDINATION, Coordination, CoordinationState, ProgressReport, Task
from taskflow.services.queries.labels import label_condition
from taskflow.services.queries.scope import own_work
from taskflow.services.queries.task_list import TaskPage, label_cutoffs, list_tasks

#: Requests that the page shows; the rest is behind a link.
REQUESTS = 20


@dataclass(frozen=True, slots=True)
class CoordinationRow:
    """One request for coordination to a unit of ours."""

    id: int
    task_id: int
    code: str
    content: str
    lead: str
    #: The unit that is asked.
    unit_id: int
    unit: str
    request: str
    due_on: date | None
    state: CoordinationState
    waiting: bool
    late: bool


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A result that came back and has not been reported again."""

    task_id: int
    code: str
    content: str
    reason: str
    returned_at: datetime | None


@dataclass(frozen=True, slots=True)
class MyWork:
    """The page "Việc của đơn vị tôi"."""

    page: TaskPage
    counts: dict[str, int]
    #: The longest waiting first.
    returned: list[ReturnedRow]
    coordinations: list[CoordinationRow]
    #: Whether there are more requests than these.
    more_coordinations: bool


def my_work(actor: Actor, units: frozenset[int], wanted: TaskFilter) -> MyWork:
    """Open tasks led by these units or carried by the actor, with counts by label and open requests to us."""
    session = db.session()
    ours = own_work(actor, units)
    limits = label_cutoffs()
    named = {
        "overdue": label_condition(TimeLabel.OVERDUE, limits),
        "due_today": label_condition(TimeLabel.DUE_TODAY, limits),
        "due_soon": label_condition(TimeLabel.DUE_SOON, limits),
        "new": Task.state == TaskState.ASSIGNED,
        "awaiting": Task.state == TaskState.AWAITING_CONFIRMATION,
        "mine": Task.person_id == actor.user_id,
    }
    counts = session.execute(
        select(
            func.count().label("open"),
            *(func.count().filter(condition).label(name) for name, condition in named.items()),
        )
        .select_from(Task)
        .where(ours, Task.is_open.is_(True))
    ).one()
    shown = wanted if wanted.shown is not Openness.ALL or wanted.q else replace(wanted, shown=Openness.ALL)
    page = list_tasks(actor, shown, among=ours)
    asked = _coordinations(units, actor.user_id)
    return MyWork(page, counts._asdict(), _returned(ours), asked[:REQUESTS], len(asked) > REQUESTS)


def _returned(ours: ColumnElement[bool]) -> list[ReturnedRow]:
    """Results of these tasks that were returned, or rejected by the unit's head, with the last reason."""
    last = (
        select(func.max(ProgressReport.id))
        .where(ProgressReport.task_id == Task.id, ProgressReport.is_final, ProgressReport.withdrawn.is_(False))
        .correlate(Task)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Task.id, Task.code, Task.content, ProgressReport.returned_reason, ProgressReport.returned_at)
        .join(ProgressReport, ProgressReport.id == last)
        .where(
            ours,
            Task.is_open.is_(True),
            Task.state == TaskState.IN_PROGRESS,
            Task.returned_count > 0,
            ProgressReport.returned_at.is_not(None),
        )
        .order_by(ProgressReport.returned_at, Task.id)
        .limit(REQUESTS)
    )
    return [ReturnedRow(*row) for row in rows]


def _coordinations(units: frozenset[int], person_id: int | None) -> list[CoordinationRow]:
    """What is asked of these units, or was given to the actor by name, the next due first; one more than are shown."""
    asked = aliased(Unit)
    rows = db.session.execute(
        select(
            Coordination.id,
            Coordination.task_id,
            Task.code,
            Task.content,
            func.coalesce(func.nullif(Unit.short_name, ""), Unit.name, Task.lead_wording).label("lead"),
            Coordination.unit_id,
            func.coalesce(func.nullif(asked.short_name, ""), asked.name).label("unit"),
            Coordination.request,
            Coordination.due_on,
            Coordination.state,
            and_(Task.waiting_unit_id.is_not(None), Task.waiting_unit_id == Coordination.unit_id).label("waiting"),
            func.coalesce(Coordination.due_on < label_cutoffs().today, false()).label("late"),
        )
        .join(Task, Task.id == Coordination.task_id)
        .join(asked, asked.id == Coordination.unit_id)
        .outerjoin(Unit, Unit.id == Task.lead_unit_id)
        .where(
            or_(Coordination.unit_id.in_(units), Coordination.person_id == person_id),
            Coordination.state.in_(OWED_COORDINATION),
            Task.is_open.is_(True),
        )
        .order_by(Coordination.due_on.is_(None), Coordination.due_on, Coordination.id)
        .limit(REQUESTS + 1)
    )
    return [CoordinationRow(**row._asdict()) for row in rows]
