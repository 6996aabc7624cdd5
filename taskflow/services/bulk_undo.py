"""Putting back what a bulk action changed: only what is as it was left, by whoever may still change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from taskflow.clock import local_date
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.domain.permissions import Actor, Post, TaskFacts, granting_post
from taskflow.domain.states import OPEN_STATES
from taskflow.models.org import Unit
from taskflow.models.task import Task, TaskShape
from taskflow.services.bulk_actions import PERMISSIONS, BulkKind, current, set_tags
from taskflow.services.calendar import work_calendar
from taskflow.services.due_dates import set_due
from taskflow.services.queries.scope import facts_of_many
from taskflow.services.rescheduling import require_mover
from taskflow.services.task_access import require_worker

#: What the operation noted of each task, by its id: "before" and "after", and the whole "deadline" of a moved date.
Noted = Mapping[int, Mapping[str, Any]]


def can_go_back(
    session: Session, kind: BulkKind, tasks: Sequence[Task], noted: Noted, *, actor: Actor, now: datetime
) -> list[tuple[Task, Post]]:
    """The tasks that can be put back, with the post that allows it.

    Left out: closed since, changed again since, no longer the actor's to change, a person who has left the unit,
    a date that would lie before that of a part, or after that of the task that a part belongs to.
    """
    facts = facts_of_many(tasks)
    allowed = {
        task.id: post
        for task in tasks
        if task.state in OPEN_STATES
        and current(kind, task) == noted[task.id]["after"]
        and (post := _post(kind, task, facts[task.id], actor)) is not None
    }
    fitting = [task for task in tasks if task.id in allowed]
    if kind is BulkKind.ASSIGN_PERSON:
        fitting = [task for task in fitting if _works_there(session, task, noted[task.id]["before"], local_date(now))]
    if kind is BulkKind.MOVE_DATE:
        fitting = _within_each_other(session, fitting, noted)
    return [(task, allowed[task.id]) for task in fitting]


def restore(kind: BulkKind, task: Task, noted: Mapping[str, Any]) -> None:
    """Give the task back what was noted of it."""
    match kind:
        case BulkKind.ASSIGN_PERSON:
            task.person_id = noted["before"]
        case BulkKind.MOVE_DATE:
            deadline = noted["deadline"]
            task.kind, task.deadline_confirmed = DeadlineKind(deadline["kind"]), deadline["confirmed"]
            task.original_due_on = _day(deadline["original_due_on"])
            set_due(task, _day(deadline["due_on"]), calendar=work_calendar())
        case _:
            set_tags(task, noted["before"])


def _post(kind: BulkKind, task: Task, facts: TaskFacts, actor: Actor) -> Post | None:
    if kind is not BulkKind.MOVE_DATE:
        return granting_post(actor, PERMISSIONS[kind], facts)
    try:
        return require_mover(actor, task, facts)
    except NotAllowed:
        return None


def _works_there(session: Session, task: Task, person_id: int | None, today: date) -> bool:
    if person_id is None or task.lead_unit_id is None:
        return True
    try:
        require_worker(session, person_id, session.get_one(Unit, task.lead_unit_id), today)
    except Invalid:
        return False
    return True


def _within_each_other(session: Session, tasks: Sequence[Task], noted: Noted) -> list[Task]:
    """Without the tasks whose former date does not fit that of a part, or of the whole, as these will be."""
    back = {task.id: task for task in tasks}
    pairs = _wholes_and_parts(session, list(back))

    def will_be(task: Task) -> date | None:
        return _day(noted[task.id]["before"]) if task.id in back else task.due_on

    while True:
        wrong = {
            one.id
            for whole, part in pairs
            if (limit := will_be(whole)) is not None and ((day := will_be(part)) is None or day > limit)
            for one in (whole, part)
        } & back.keys()
        if not wrong:
            return list(back.values())
        for task_id in wrong:
            del back[task_id]


def _wholes_and_parts(session: Session, ids: Sequence[int]) -> list[tuple[Task, Task]]:
    """Each open part of these tasks, or among them, with the task that it is a part of."""
    parts = session.scalars(
        select(Task)
        .where(Task.shape == TaskShape.PART, Task.is_open, Task.parent_id.in_(ids) | Task.id.in_(ids))
        .options(selectinload(Task.parent))
    ).all()
    return [(part.parent, part) for part in parts if part.parent is not None]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
