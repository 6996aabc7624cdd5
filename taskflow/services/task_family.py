"""What a task's steps have to do with the task above it and with those below it.

A member is one unit's share of a collective task, a part is a unit's own breakdown (giao lại).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Actor
from taskflow.domain.states import TaskState
from taskflow.models.task import Task, TaskEvent, TaskShape
from taskflow.services import history

_WORKING = (TaskState.ASSIGNED, TaskState.IN_PROGRESS)


def check_parents(tasks: Sequence[Task]) -> None:
    """Work goes on in a part only while it goes on in its task, in a member unless the whole is discontinued."""
    for task in tasks:
        if task.parent is None:
            continue
        state, is_part = task.parent.state, task.shape is TaskShape.PART
        if state is TaskState.CANCELLED or (is_part and state not in _WORKING):
            raise WrongState("task.whole_rests", task=task.parent.code)


def check_children(session: Session, tasks: Sequence[Task], reason: str) -> None:
    """Broken-down work is finished when its parts are; a collective task is closed early only with a reason."""
    rows = session.execute(
        select(Task.parent_id, func.count())
        .where(Task.parent_id.in_([task.id for task in tasks]), Task.is_open)
        .group_by(Task.parent_id)
    )
    unfinished = {parent_id: count for parent_id, count in rows}  # noqa: C416 - a row is not a pair for mypy
    for task in tasks:
        if task.id not in unfinished:
            continue
        if task.shape is not TaskShape.COLLECTIVE:
            raise Invalid("task.parts_open", count=unfinished[task.id], task=task.code)
        if not reason.strip():
            raise Invalid("task.members_open", "reason", count=unfinished[task.id], task=task.code)


def tell_parents(session: Session, closed: Sequence[Task], *, actor: Actor, now: datetime) -> None:
    """Say on a collective task, or one broken down, that nothing of it is open any more; a person closes it."""
    parent_ids = sorted({task.parent_id for task in closed if task.parent_id is not None})
    if not parent_ids:
        return
    session.flush()
    busy = set(session.scalars(select(Task.parent_id).where(Task.parent_id.in_(parent_ids), Task.is_open)))
    ready = session.scalars(
        select(Task).where(Task.id.in_([one for one in parent_ids if one not in busy]), Task.is_open).order_by(Task.id)
    )
    for parent in ready:
        kind = "children_done" if parent.shape is TaskShape.COLLECTIVE else "parts_done"
        history.record(parent, kind, actor=actor, now=now, touch=False)


def went_with_parent(session: Session, tasks: Sequence[Task], event: str) -> set[int]:
    """Those of these tasks whose last event of this kind was not for a reason of their own."""
    events = session.scalars(
        select(TaskEvent)
        .where(TaskEvent.task_id.in_([task.id for task in tasks]), TaskEvent.kind == event)
        .order_by(TaskEvent.id)
    )
    last = {event.task_id: bool(event.data.get("with_parent")) for event in events}
    return {task_id for task_id, along in last.items() if along}


def members_delivered(session: Session, tasks: Sequence[Task]) -> dict[int, date]:
    """The day on which the last member of each collective task delivered."""
    ids = [task.id for task in tasks if task.shape is TaskShape.COLLECTIVE]
    if not ids:
        return {}
    rows = session.execute(
        select(Task.parent_id, func.max(Task.delivered_on)).where(Task.parent_id.in_(ids)).group_by(Task.parent_id)
    )
    return {parent_id: day for parent_id, day in rows if parent_id is not None and day is not None}
