"""Waiting for a coordinating unit ("chờ phối hợp của X"): its days count against that unit, the clock runs on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import TaskState
from taskflow.models.task import Coordination, CoordinationState, Task
from taskflow.services import history
from taskflow.services.task_access import open_task
from taskflow.services.unit_of_work import unit_of_work

_WORKING = (TaskState.ASSIGNED, TaskState.IN_PROGRESS)


def start_waiting(*, task_id: int, unit_id: int, actor: Actor, now: datetime, note: str = "") -> Task:
    """Mark that the lead waits for this coordinating unit; one unit at a time, a running wait for another one ends.

    Raises ``WrongState`` when the task is not being worked on, ``Invalid`` when the unit does not coordinate it or
    has answered already.
    """
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.COORDINATION_ASK)
        task = opened.task
        if task.state not in _WORKING:
            raise WrongState("task.not_being_worked_on")
        line = session.scalar(_lines([task]).where(Coordination.unit_id == unit_id))
        if line is None:
            raise Invalid("coordination.not_coordinating", "unit_id")
        if line.state in (CoordinationState.ANSWERED, CoordinationState.NOT_NEEDED):
            raise Invalid("coordination.answered_already", "unit_id")
        if task.waiting_unit_id == unit_id:
            return task
        end_waits(session, [task], now=now)
        task.waiting_unit_id, task.waiting_since = unit_id, now
        history.record(
            task,
            "waiting_started",
            actor=actor,
            post=opened.post,
            now=now,
            reason=note,
            data={"unit_id": unit_id},
            notice={"unit_ids": [unit_id], "coordination": line.id},
        )
        return task


def stop_waiting(*, task_id: int, actor: Actor, now: datetime) -> Task:
    """Say that the lead waits no longer. Nothing happens when it did not wait."""
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.COORDINATION_ASK)
        if opened.task.waiting_unit_id is not None:
            waited = {"unit_id": opened.task.waiting_unit_id, "days": days_waiting(opened.task, now)}
            end_waits(session, [opened.task], now=now)
            history.record(opened.task, "waiting_ended", actor=actor, post=opened.post, now=now, data=waited)
        return opened.task


def days_waiting(task: Task, now: datetime) -> int:
    """Calendar days of the wait that is running, 0 when none is."""
    return (local_date(now) - local_date(task.waiting_since)).days if task.waiting_since is not None else 0


def end_waits(session: Session, tasks: Sequence[Task], *, now: datetime, unit_id: int | None = None) -> None:
    """End the running waits of these tasks (of one unit, when given) and add their days to the unit's line."""
    waiting = [task for task in tasks if task.waiting_unit_id is not None and unit_id in (None, task.waiting_unit_id)]
    if not waiting:
        return
    lines = {(line.task_id, line.unit_id): line for line in session.scalars(_lines(waiting))}
    for task in waiting:
        unit = task.waiting_unit_id or 0
        line = lines.get((task.id, unit)) or lines.get((task.parent_id or 0, unit))
        if line is not None:
            line.waited_days += days_waiting(task, now)
        task.waiting_unit_id = task.waiting_since = None


def _lines(tasks: Sequence[Task]) -> Select[Coordination]:
    """Coordinations of these tasks and of the collective tasks they belong to."""
    return select(Coordination).where(
        or_(
            Coordination.task_id.in_([task.id for task in tasks]),
            Coordination.task_id.in_([task.parent_id for task in tasks if task.parent_id is not None]),
        )
    )
