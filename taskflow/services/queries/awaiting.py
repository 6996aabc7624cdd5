"""Results that wait for a person's decision: to be confirmed, or approved before they leave the unit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, tuple_

from taskflow.domain.permissions import Actor, Permission, can
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.task import Task
from taskflow.services.queries.scope import facts_of_many, visible_tasks

_NEEDED = {
    TaskState.AWAITING_CONFIRMATION: Permission.TASK_CONFIRM,
    TaskState.AWAITING_APPROVAL: Permission.TASK_APPROVE,
}
#: Tasks whose rights are looked at in one go, and how many such portions at the most.
_PORTION, _PORTIONS = 50, 20


@dataclass(frozen=True, slots=True)
class AwaitingResult:
    """The next task to decide on, and how many wait in the portion that was looked at, this one included."""

    task_id: int
    waiting: int


def next_result(actor: Actor, *, after: int | None = None) -> AwaitingResult | None:
    """The result that has been due longest and that this person may decide on; the one behind ``after`` if given.

    Behind the last one the queue begins again, so that what was left for later comes back.
    """
    session = db.session()
    order = (Task.sort_due_on, Task.id)
    wanted = select(Task).where(visible_tasks(actor), Task.is_open.is_(True), Task.state.in_(_NEEDED)).order_by(*order)
    last = session.execute(select(*order).where(Task.id == after)).first() if after is not None else None
    starts = [tuple_(*order) > tuple_(*last), None] if last is not None else [None]
    for start in starts:
        statement = wanted if start is None else wanted.where(start)
        for portion in range(_PORTIONS):
            tasks = session.scalars(statement.limit(_PORTION).offset(portion * _PORTION)).all()
            facts = facts_of_many(tasks) if tasks else {}
            ours = [task.id for task in tasks if can(actor, _NEEDED[task.state], facts[task.id])]
            if ours:
                return AwaitingResult(ours[0], len(ours))
            if len(tasks) < _PORTION:
                break
    return None
