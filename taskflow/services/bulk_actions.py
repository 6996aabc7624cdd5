"""What each bulk action checks of a task and does to the chosen ones, with few queries for many tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from taskflow.clock import local_date
from taskflow.domain.errors import DomainError, Invalid, WrongState
from taskflow.domain.extension import check_part_due
from taskflow.domain.permissions import Actor, Permission, Post, TaskFacts
from taskflow.domain.states import OPEN_STATES
from taskflow.domain.transitions import Action
from taskflow.models.org import Unit
from taskflow.models.task import Task, TaskShape, TaskTag
from taskflow.services import history, urges
from taskflow.services.assignment import check_movable, move_to_unit
from taskflow.services.calendar import work_calendar
from taskflow.services.comments import clean_tags
from taskflow.services.evidence import proven_task_ids
from taskflow.services.rescheduling import check_no_part_later, give_due, moving_along
from taskflow.services.task_access import require_unit, require_worker
from taskflow.services.task_family import check_children
from taskflow.services.task_steps import StepInputs, plan, take
from taskflow.services.tasks import refresh_search_text

MOST_TASKS = 2_000


class BulkKind(StrEnum):
    """What can be done to many tasks at once."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN_PERSON = "assign_person"
    CONFIRM = "confirm"
    MOVE_DATE = "move_date"
    TAG = "tag"
    TRANSFER = "transfer"
    URGE = "urge"


UNDOABLE = frozenset({BulkKind.ASSIGN_PERSON, BulkKind.MOVE_DATE, BulkKind.TAG})


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """The action and its values; each kind uses its own of them."""

    kind: BulkKind
    person_id: int | None = None
    unit_id: int | None = None
    #: A date for all, or a shift of each one's own date by calendar days.
    due_on: date | None = None
    shift_days: int = 0
    reason: str = ""
    decision_number: str = ""
    text: str = ""
    channel: str = "email"
    reply_due_on: date | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A task that passed every check, and the post that allows the action."""

    task: Task
    facts: TaskFacts
    post: Post


PERMISSIONS = {
    BulkKind.ACKNOWLEDGE: Permission.TASK_ACKNOWLEDGE,
    BulkKind.ASSIGN_PERSON: Permission.TASK_ASSIGN_PERSON,
    BulkKind.CONFIRM: Permission.TASK_CONFIRM,
    BulkKind.MOVE_DATE: Permission.TASK_EDIT,
    BulkKind.TAG: Permission.TASK_EDIT,
    BulkKind.TRANSFER: Permission.TASK_TRANSFER,
    BulkKind.URGE: Permission.TASK_URGE,
}
#: Events of the kinds that change a value; ``TOLD`` are those that people hear of.
EVENTS = {BulkKind.ASSIGN_PERSON: "reassigned", BulkKind.MOVE_DATE: "due_changed", BulkKind.TAG: "tagged"}
TOLD = frozenset({BulkKind.ASSIGN_PERSON, BulkKind.MOVE_DATE})
_ACTIONS = {BulkKind.ACKNOWLEDGE: Action.ACKNOWLEDGE, BulkKind.CONFIRM: Action.CONFIRM}


def check_request(request: BulkRequest, task_ids: Sequence[int]) -> None:
    """Raise ``Invalid`` for values that are wrong for every task."""
    if not task_ids:
        raise Invalid("bulk.nothing_chosen", "task_ids")
    if len(task_ids) > MOST_TASKS:
        raise Invalid("bulk.too_many", "task_ids", limit=MOST_TASKS)
    match request.kind:
        case BulkKind.MOVE_DATE if request.due_on is None and not request.shift_days:
            raise Invalid("bulk.date_required", "due_on")
        case BulkKind.MOVE_DATE | BulkKind.TRANSFER if not request.reason.strip():
            raise Invalid("task.reason_required", "reason")
        case BulkKind.TRANSFER if request.unit_id is None:
            raise Invalid("transfer.unit_required", "unit_id")
        case BulkKind.URGE if not request.text.strip():
            raise Invalid("urge.text_required", "text")
        case BulkKind.TAG:
            if not clean_tags((*request.add_tags, *request.remove_tags)):
                raise Invalid("tag.required", "tags")
        case _:
            pass


def checker(
    session: Session, request: BulkRequest, tasks: Sequence[Task], actor: Actor, now: datetime
) -> Callable[[Task, TaskFacts], None]:
    """The check of one task for this action; what many tasks need is read once, before."""
    if request.kind in _ACTIONS:
        action = _ACTIONS[request.kind]
        ids = [task.id for task in tasks]
        proven = proven_task_ids(session, ids)
        unfinished = set(session.scalars(select(Task.parent_id).where(Task.parent_id.in_(ids), Task.is_open)))

        def check_step(task: Task, facts: TaskFacts) -> None:
            step = plan(task, facts, action, actor)
            if step.transition.needs_evidence and task.id not in proven:
                raise Invalid("task.evidence_required", "evidence", task=task.code)
            if action is Action.CONFIRM and task.id in unfinished:
                check_children(session, [task], request.reason)

        return check_step
    if request.kind is BulkKind.ASSIGN_PERSON:
        return _person_checker(session, request, now)
    if request.kind is BulkKind.TRANSFER:
        return _unit_checker(session, request)
    if request.kind is BulkKind.MOVE_DATE:
        return _date_checker(session, request, tasks)
    if request.kind is BulkKind.URGE:
        owing = urges.members_owing(session, tasks)
        return lambda task, _: urges.check_urgeable(task, owing)
    return lambda task, _: _check_open(task)


def _person_checker(session: Session, request: BulkRequest, now: datetime) -> Callable[[Task, TaskFacts], None]:
    known: dict[int, DomainError | None] = {}

    def check_person(task: Task, _: TaskFacts) -> None:
        _check_open(task)
        if task.lead_unit_id is None:
            raise Invalid("task.members_have_persons", "person_id")
        if request.person_id is None:
            return
        if task.lead_unit_id not in known:
            try:
                unit = session.get_one(Unit, task.lead_unit_id)
                require_worker(session, request.person_id, unit, local_date(now))
                known[task.lead_unit_id] = None
            except Invalid as error:
                known[task.lead_unit_id] = error
        failure = known[task.lead_unit_id]
        if failure is not None:
            raise failure

    return check_person


def _unit_checker(session: Session, request: BulkRequest) -> Callable[[Task, TaskFacts], None]:
    unit = require_unit(session, request.unit_id or 0)
    moving: set[int] = set()

    def check_unit(task: Task, _: TaskFacts) -> None:
        check_movable(session, [task], unit, moving)
        moving.add(task.id)

    return check_unit


def _check_open(task: Task) -> None:
    if task.state not in OPEN_STATES:
        raise WrongState("task.closed", task=task.code)


def _date_checker(session: Session, request: BulkRequest, tasks: Sequence[Task]) -> Callable[[Task, TaskFacts], None]:
    below = moving_along(session, _moves(request, tasks))
    parents = session.execute(
        select(Task.id, Task.due_on).where(
            Task.id.in_([task.parent_id for task in tasks if task.shape is TaskShape.PART and task.parent_id])
        )
    )
    bound = {parent_id: day for parent_id, day in parents}  # noqa: C416 - a row is not a pair for mypy

    def check_date(task: Task, _: TaskFacts) -> None:
        _check_open(task)
        new = new_date(request, task)
        if new is None:
            raise Invalid("extension.no_date", "due_on")
        if task.start_on is not None and new < task.start_on:
            raise Invalid("task.start_after_due", "due_on", start=task.start_on, due=new)
        if task.shape is TaskShape.PART:
            check_part_due(new, bound.get(task.parent_id or 0))
        check_no_part_later(below[task.id])

    return check_date


def _moves(request: BulkRequest, tasks: Sequence[Task]) -> dict[int, tuple[date | None, date | None]]:
    return {task.id: (task.due_on, new_date(request, task)) for task in tasks}


def new_date(request: BulkRequest, task: Task) -> date | None:
    """The date that moving would give the task; None when it has none that could be shifted."""
    if request.due_on is not None:
        return request.due_on
    return date.fromordinal(task.due_on.toordinal() + request.shift_days) if task.due_on is not None else None


def _take_step(session: Session, request: BulkRequest, items: Sequence[Item], actor: Actor, now: datetime) -> list[Any]:
    action = _ACTIONS[request.kind]
    steps = [plan(item.task, item.facts, action, actor) for item in items]
    take(session, action, steps, actor=actor, now=now, inputs=StepInputs(reason=request.reason))
    return [{"task_id": item.task.id} for item in items]


def _assign(_: Session, request: BulkRequest, items: Sequence[Item], actor: Actor, now: datetime) -> list[Any]:
    def change(item: Item) -> None:
        item.task.person_id = request.person_id

    return _change_values(request, items, change, actor, now)


def _move_dates(
    session: Session, request: BulkRequest, items: Sequence[Item], actor: Actor, now: datetime
) -> list[Any]:
    calendar = work_calendar()
    moving = [*items, *_members_along(session, request, items)]
    kept = {item.task.id: deadline_of(item.task) for item in moving}

    def change(item: Item) -> None:
        new = new_date(request, item.task)
        give_due(item.task, new, calendar=calendar)
        item.task.deadline_confirmed = True
        if item.task.original_due_on is None:
            item.task.original_due_on = new

    changes = _change_values(request, moving, change, actor, now)
    return [{**one, "deadline": kept[one["task_id"]]} for one in changes]


def _members_along(session: Session, request: BulkRequest, items: Sequence[Item]) -> list[Item]:
    """Open members of the chosen collective tasks that have their date: it moves along, under the same post."""
    chosen = {item.task.id for item in items}
    below = moving_along(session, _moves(request, [item.task for item in items]))
    return [
        Item(member, item.facts, item.post)
        for item in items
        for member in below[item.task.id]
        if member.id not in chosen
    ]


def _tag(session: Session, request: BulkRequest, items: Sequence[Item], actor: Actor, now: datetime) -> list[Any]:
    added, removed = set(clean_tags(request.add_tags)), set(clean_tags(request.remove_tags))

    def change(item: Item) -> None:
        set_tags(item.task, sorted((set(item.task.tags) | added) - removed))

    load_tags(session, [item.task for item in items])
    changes = _change_values(request, items, change, actor, now)
    refresh_search_text(session, [item.task for item in items])
    return changes


def _transfer(session: Session, request: BulkRequest, items: Sequence[Item], actor: Actor, now: datetime) -> list[Any]:
    tasks = [item.task for item in items]
    before = [{"task_id": task.id, "before": task.lead_unit_id} for task in tasks]
    move_to_unit(
        session,
        tasks,
        require_unit(session, request.unit_id or 0),
        posts={item.task.id: item.post for item in items},
        actor=actor,
        now=now,
        kind="transferred",
        reason=request.reason.strip(),
    )
    history.tell_all(tasks, "transferred", actor=actor, now=now, text=request.reason.strip())
    return before


def _urge(_: Session, request: BulkRequest, items: Sequence[Item], actor: Actor, now: datetime) -> list[Any]:
    ids = [item.task.id for item in items]
    urges.urge(
        task_ids=ids,
        text=request.text,
        channel=request.channel,
        reply_due_on=request.reply_due_on,
        actor=actor,
        now=now,
    )
    return [{"task_id": task_id} for task_id in ids]


def _change_values(
    request: BulkRequest, items: Sequence[Item], change: Callable[[Item], None], actor: Actor, now: datetime
) -> list[Any]:
    """Change one value of each task, with a line in its history; those it does not change are left alone.

    Nobody is told here: ``bulk.run`` does, with the number of the operation, so that undoing can take it back.
    """
    event = EVENTS[request.kind]
    changes = []
    for item in items:
        before = current(request.kind, item.task)
        change(item)
        after = current(request.kind, item.task)
        if before == after:
            continue
        changes.append({"task_id": item.task.id, "before": before, "after": after})
        history.record(
            item.task,
            event,
            actor=actor,
            post=item.post,
            now=now,
            reason=request.reason.strip(),
            data={"from": before, "to": after, "decision_number": request.decision_number.strip()},
            tell=False,
        )
    return changes


DO: dict[BulkKind, Callable[[Session, BulkRequest, Sequence[Item], Actor, datetime], list[Any]]] = {
    BulkKind.ACKNOWLEDGE: _take_step,
    BulkKind.ASSIGN_PERSON: _assign,
    BulkKind.CONFIRM: _take_step,
    BulkKind.MOVE_DATE: _move_dates,
    BulkKind.TAG: _tag,
    BulkKind.TRANSFER: _transfer,
    BulkKind.URGE: _urge,
}


def current(kind: BulkKind, task: Task) -> Any:
    """The value that this kind of action changes, as JSON."""
    match kind:
        case BulkKind.ASSIGN_PERSON:
            return task.person_id
        case BulkKind.MOVE_DATE:
            return task.due_on.isoformat() if task.due_on is not None else None
        case _:
            return sorted(task.tags)


def load_tags(session: Session, tasks: Sequence[Task]) -> None:
    """Read the tags of these tasks with one query."""
    ids = [task.id for task in tasks]
    session.scalars(select(Task).where(Task.id.in_(ids)).options(selectinload(Task.tag_rows))).all()


def deadline_of(task: Task) -> dict[str, Any]:
    """All of a task's deadline that moving its date may change, as JSON."""
    return {
        "due_on": task.due_on.isoformat() if task.due_on is not None else None,
        "original_due_on": task.original_due_on.isoformat() if task.original_due_on is not None else None,
        "kind": task.kind.value,
        "confirmed": task.deadline_confirmed,
    }


def set_tags(task: Task, tags: Sequence[str]) -> None:
    """Give the task exactly these tags."""
    task.tag_rows[:] = [row for row in task.tag_rows if row.tag in tags]
    kept = set(task.tags)
    task.tag_rows.extend(TaskTag(tag=tag) for tag in tags if tag not in kept)
