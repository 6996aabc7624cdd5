"""How the date of a task moves, with everything that hangs on it: its parts, its members, the day that counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.domain.extension import check_part_due
from taskflow.domain.permissions import Actor, Permission, Post, TaskFacts, can
from taskflow.models.task import Task, TaskShape
from taskflow.services.calendar import work_calendar
from taskflow.services.due_dates import set_due
from taskflow.services.task_access import require_post

_DATED = (DeadlineKind.DATE, DeadlineKind.RANGE, DeadlineKind.RECURRING)


def parent_due(task: Task) -> date | None:
    """The date that a part must not pass; None for every other task."""
    return task.parent.due_on if task.shape is TaskShape.PART and task.parent is not None else None


def require_mover(actor: Actor, task: Task, facts: TaskFacts) -> Post:
    """The post by which the actor may set the date of this task. Raises ``NotAllowed``.

    Whoever does the work never moves its date, whatever their other posts: neither the person in charge nor anybody
    who may report it. They ask for more time instead. A date that is not fixed yet may be set by anybody with the
    right, and a part is held by the date of its task.
    """
    fixed = task.deadline_confirmed and task.original_due_on is not None
    barred: frozenset[int] = frozenset()
    if fixed and task.shape is not TaskShape.PART:
        if can(actor, Permission.TASK_REPORT, facts):
            raise NotAllowed("task.doer_moves_no_date")
        barred = frozenset({task.person_id} if task.person_id is not None else ())
    return require_post(actor, Permission.TASK_EDIT, facts, barred=barred)


def move_due(
    session: Session, task: Task, due_on: date | None, *, exclusive: bool | None = None, pull_parts: bool = False
) -> list[Task]:
    """Give the task another due date; returns those below it whose date moved along.

    A part stays within its parent's date, at every depth. Open parts that would be later than the new date are
    pulled to it when ``pull_parts`` says so, else ``Invalid("breakdown.parts_later")``. Open members of a collective
    task that had its date get the new one; a member with a date of its own keeps it.
    """
    check_part_due(due_on, parent_due(task))
    below = moving_along(session, {task.id: (task.due_on, due_on)})[task.id]
    if not pull_parts:
        check_no_part_later(below)
    calendar = work_calendar()
    for one in (task, *below):
        give_due(one, due_on, calendar=calendar, exclusive=exclusive)
    return below


def moving_along(session: Session, moves: Mapping[int, tuple[date | None, date | None]]) -> dict[int, list[Task]]:
    """What lies below tasks that go from one date to another and cannot keep its own, by the task's id.

    Members that have the date of their collective task, and parts later than the new one; both with what is below
    them in turn. As many queries as there are levels, however many tasks.
    """
    found: dict[int, list[Task]] = {task_id: [] for task_id in moves}
    #: What moves on the level above: its id → the task that was asked for, and the date that it had.
    above = {task_id: (task_id, old) for task_id, (old, _new) in moves.items()}
    while above:
        children = session.scalars(
            select(Task).where(Task.parent_id.in_(above), Task.is_open).order_by(Task.id).with_for_update()
        ).all()
        level = {}
        for child in children:
            top, old = above[child.parent_id or 0]
            new = moves[top][1]
            if child.due_on == old if child.shape is TaskShape.MEMBER else _later(child.due_on, new):
                found[top].append(child)
                level[child.id] = (top, child.due_on)
        above = level
    return found


def check_no_part_later(below: Sequence[Task]) -> None:
    """Raise ``Invalid("breakdown.parts_later")`` when a part is among those that cannot keep their date."""
    parts = [one for one in below if one.shape is TaskShape.PART]
    if parts:
        raise Invalid("breakdown.parts_later", "due_on", count=len(parts), task=parts[0].code)


def give_due(task: Task, due_on: date | None, *, calendar: WorkCalendar, exclusive: bool | None = None) -> None:
    """Set the date of this task alone. One that gets a date by decision becomes a dated one, whatever its wording."""
    if due_on is not None and task.kind not in _DATED:
        task.kind = DeadlineKind.DATE
    set_due(task, due_on, calendar=calendar, exclusive=exclusive)


def _later(part: date | None, due_on: date | None) -> bool:
    return due_on is not None and (part is None or part > due_on)
