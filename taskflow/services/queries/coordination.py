"""What units owe each other in coordination (phối hợp): asked, answered, late, and the days that others waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from taskflow.clock import local_date
from taskflow.domain.permissions import Actor
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.task import OWED_COORDINATION, Coordination, CoordinationState, Task
from taskflow.services.queries.scope import visible_tasks
from taskflow.services.queries.unit_labels import unit_labels


@dataclass(frozen=True, slots=True)
class CoordinationFigures:
    """The figures of one coordinating unit (``unit_id`` None: all of them)."""

    unit_id: int | None
    unit: str
    answered: int = 0
    #: Owed to open tasks, and those among them whose day is over.
    owed: int = 0
    late: int = 0
    #: Tasks that wait for it now.
    waiting: int = 0
    #: Calendar days that others waited for it, those of running waits included.
    days: int = 0


def coordination_figures(actor: Actor, now: datetime) -> tuple[list[CoordinationFigures], CoordinationFigures]:
    """Per coordinating unit of the tasks that the actor sees, the longest waited for first, and their sum."""
    session, today = db.session(), local_date(now)
    owed = and_(Coordination.state.in_(OWED_COORDINATION), Task.is_open.is_(True), Task.state != TaskState.SUSPENDED)
    rows = session.execute(
        select(
            Coordination.unit_id,
            func.count().filter(Coordination.state == CoordinationState.ANSWERED),
            func.count().filter(owed),
            func.count().filter(owed, Coordination.due_on < today),
            func.sum(Coordination.waited_days),
        )
        .join(Task, Task.id == Coordination.task_id)
        .where(visible_tasks(actor))
        .group_by(Coordination.unit_id)
    ).all()
    running = _running(actor, now)
    figures = {
        unit_id: (answered, open_, late, *_with(running, unit_id, days or 0))
        for unit_id, answered, open_, late, days in rows
    }
    figures |= {unit_id: (0, 0, 0, *running[unit_id]) for unit_id in running if unit_id not in figures}
    labels = unit_labels(list(figures))
    found = [CoordinationFigures(unit_id, label.short, *figures[unit_id]) for unit_id, label in labels.items()]
    found.sort(key=lambda one: (-one.days, -one.late, -one.owed))
    numbers = ("answered", "owed", "late", "waiting", "days")
    return found, CoordinationFigures(None, "", *(sum(getattr(one, name) for one in found) for name in numbers))


def _with(running: dict[int, tuple[int, int]], unit_id: int, days: int) -> tuple[int, int]:
    tasks, more = running.get(unit_id, (0, 0))
    return tasks, days + more


def _running(actor: Actor, now: datetime) -> dict[int, tuple[int, int]]:
    """Tasks that wait for each unit now, and the days of these waits."""
    today = local_date(now)
    found: dict[int, tuple[int, int]] = {}
    rows = db.session.execute(
        select(Task.waiting_unit_id, Task.waiting_since).where(Task.waiting_unit_id.is_not(None), visible_tasks(actor))
    )
    for unit_id, since in rows:
        if unit_id is not None and since is not None:
            tasks, days = found.get(unit_id, (0, 0))
            found[unit_id] = (tasks + 1, days + (today - local_date(since)).days)
    return found
