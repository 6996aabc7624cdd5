"""One action on many tasks: a preview that says which can and which cannot, one transaction, undo where it is safe.

Every task is checked by the same rules as alone. What can be undone is what only changed a value (person, date,
tags); a message that was sent or a result that was confirmed is not taken back by a button. Undoing withdraws the
messages that have not left yet, and says to those who were reached that all is as before (``taking_back``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.errors import DomainError, NotFound, WrongState
from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.models.task import BulkOperation, Task
from taskflow.services import history
from taskflow.services.bulk_actions import (
    DO,
    EVENTS,
    PERMISSIONS,
    TOLD,
    UNDOABLE,
    BulkKind,
    BulkRequest,
    Item,
    check_request,
    checker,
    load_tags,
)
from taskflow.services.bulk_undo import can_go_back, restore
from taskflow.services.queries.scope import facts_of_many, get_tasks
from taskflow.services.rescheduling import require_mover
from taskflow.services.taking_back import take_back
from taskflow.services.task_access import require_post
from taskflow.services.tasks import refresh_search_text
from taskflow.services.unit_of_work import unit_of_work

__all__ = ["BulkKind", "BulkRequest", "Outcome", "Preview", "Refusal", "preview", "run", "undo"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A task that the action leaves out, and why (an error with a sentence)."""

    task_id: int
    code: str
    error: DomainError


@dataclass(frozen=True, slots=True)
class Preview:
    """The tasks that the action would change, and those it would leave out; tasks one may not see are in neither."""

    ready: tuple[Task, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, under which number it can be undone, and what was left out."""

    operation: BulkOperation
    done: tuple[int, ...]
    refused: tuple[Refusal, ...]


def preview(request: BulkRequest, task_ids: Sequence[int], *, actor: Actor, now: datetime) -> Preview:
    """What the action would do; nothing is written. Raises ``Invalid`` for values that are wrong for every task."""
    check_request(request, task_ids)
    items, refused = _sort_out(db.session(), request, get_tasks(actor, task_ids), actor, now)
    return Preview(tuple(item.task for item in items), tuple(refused))


def run(request: BulkRequest, task_ids: Sequence[int], *, actor: Actor, now: datetime) -> Outcome:
    """Do it to every task that can, in one transaction; the others are named with their reasons.

    Raises ``Invalid`` for values that are wrong for every task, ``NotFound`` when none of the tasks is visible.
    """
    check_request(request, task_ids)
    with unit_of_work() as session:
        tasks = get_tasks(actor, task_ids, for_change=True)
        if not tasks:
            raise NotFound("task.not_found")
        items, refused = _sort_out(session, request, tasks, actor, now)
        changes = DO[request.kind](session, request, items, actor, now) if items else []
        operation = BulkOperation(
            kind=request.kind.value,
            at=now,
            by_id=actor.user_id,
            params={key: str(value) for key, value in asdict(request).items() if value},
            items=changes,
        )
        session.add(operation)
        session.flush()
        if request.kind in TOLD:
            changed = [session.get_one(Task, one["task_id"]) for one in changes]
            words = {"text": request.reason.strip(), "operation": operation.id}
            history.tell_all(changed, EVENTS[request.kind], actor=actor, now=now, **words)
        return Outcome(operation, tuple(item.task.id for item in items), tuple(refused))


def undo(*, operation_id: int, actor: Actor, now: datetime) -> tuple[list[int], list[int]]:
    """Put back what one's own operation changed, except where that is not possible any more (``bulk_undo``).

    Returns the ids of the tasks that were put back and of those that stay. Raises ``NotFound``, ``WrongState``
    when it was undone already or cannot be.
    """
    with unit_of_work() as session:
        operation = session.scalar(
            select(BulkOperation)
            .where(BulkOperation.id == operation_id, BulkOperation.by_id == actor.user_id)
            .with_for_update()
        )
        if operation is None:
            raise NotFound("bulk.not_found")
        kind = BulkKind(operation.kind)
        if operation.undone_at is not None or kind not in UNDOABLE:
            raise WrongState("bulk.cannot_undo")
        wanted = {item["task_id"]: item for item in operation.items}
        tasks = get_tasks(actor, list(wanted), for_change=True)
        if kind is BulkKind.TAG:
            load_tags(session, tasks)
        going = can_go_back(session, kind, tasks, wanted, actor=actor, now=now)
        back = [task for task, _ in going]
        for task, post in going:
            restore(kind, task, wanted[task.id])
            history.record(
                task,
                EVENTS[kind],
                actor=actor,
                post=post,
                now=now,
                data={"undoes": operation.id, "from": wanted[task.id]["after"], "to": wanted[task.id]["before"]},
                tell=False,
            )
        if kind is BulkKind.TAG:
            refresh_search_text(session, back)
        if kind in TOLD:
            take_back(session, operation, EVENTS[kind], back, actor=actor, now=now)
        operation.undone_at, operation.undone_by_id = now, actor.user_id
        done = {task.id for task in back}
        return sorted(done), sorted(set(wanted) - done)


def _sort_out(
    session: Session, request: BulkRequest, tasks: Sequence[Task], actor: Actor, now: datetime
) -> tuple[list[Item], list[Refusal]]:
    """Which tasks the action can change and which not, by the same rules as one by one."""
    facts = facts_of_many(tasks)
    check = checker(session, request, tasks, actor, now)
    items, refused = [], []
    for task in tasks:
        try:
            if request.kind is BulkKind.MOVE_DATE:
                post = require_mover(actor, task, facts[task.id])
            else:
                post = require_post(actor, PERMISSIONS[request.kind], facts[task.id])
            check(task, facts[task.id])
            items.append(Item(task, facts[task.id], post))
        except DomainError as error:
            refused.append(Refusal(task.id, task.code, error))
    return items, refused
