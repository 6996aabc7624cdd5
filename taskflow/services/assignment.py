"""Who does a task: the person in charge, sending it back, moving it to another unit. The clock runs on through it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Actor, Permission, Post
from taskflow.domain.states import OPEN_STATES, TaskState
from taskflow.models.org import Unit
from taskflow.models.task import (
    Coordination,
    CoordinationState,
    FormerLead,
    Task,
    TaskShape,
    TransferRequest,
    TransferState,
)
from taskflow.services import history
from taskflow.services.task_access import Opened, find_of_task, open_task, require_unit, require_worker
from taskflow.services.task_steps import close_requests
from taskflow.services.tasks import refresh_search_text
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.waiting import end_waits

_MOVABLE = (TaskState.ASSIGNED, TaskState.IN_PROGRESS, TaskState.SUSPENDED)
#: What a unit that has ended gives up: the same, and results on their way, which stay as they are.
_OPEN_WORK = (*OPEN_STATES, TaskState.SUSPENDED)


def assign_person(
    *, task_id: int, person_id: int | None, actor: Actor, now: datetime, expected_version: int | None = None
) -> Task:
    """Name the person in charge (người phụ trách): somebody of the lead unit or below it; None names nobody."""
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_ASSIGN_PERSON, expected_version=expected_version)
        put_in_charge(session, opened, person_id, actor=actor, now=now)
        return opened.task


def put_in_charge(session: Session, opened: Opened, person_id: int | None, *, actor: Actor, now: datetime) -> None:
    """``assign_person`` for a task that was opened already. Raises ``Invalid``, or ``WrongState`` for a closed task."""
    task = opened.task
    if task.state not in OPEN_STATES:
        raise WrongState("task.closed")
    if task.lead_unit_id is None:
        raise Invalid("task.members_have_persons", "person_id")
    if task.person_id == person_id:
        return
    if person_id is not None:
        require_worker(session, person_id, require_unit(session, task.lead_unit_id), local_date(now))
    data = {"from": task.person_id, "to": person_id}
    task.person_id = person_id
    history.record(task, "reassigned", actor=actor, post=opened.post, now=now, data=data)


def send_back(
    *,
    task_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
    proposed_unit_id: int | None = None,
    expected_version: int | None = None,
) -> TransferRequest:
    """The unit holds that the task is not its own, and may propose another; whoever assigned it decides.

    Raises ``WrongState`` once it was reported, or while another proposal waits; ``Invalid`` without a reason.
    """
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_SEND_BACK, expected_version=expected_version)
        task = opened.task
        if task.state not in (TaskState.ASSIGNED, TaskState.IN_PROGRESS) or task.lead_unit_id is None:
            raise WrongState("task.not_being_worked_on")
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        if session.scalar(_pending(task_id)) is not None:
            raise WrongState("transfer.open_already")
        if proposed_unit_id is not None:
            check_movable(session, [task], require_unit(session, proposed_unit_id, "proposed_unit_id"))
        request = TransferRequest(
            task_id=task.id,
            from_unit_id=task.lead_unit_id,
            proposed_unit_id=proposed_unit_id,
            reason=reason.strip(),
            requested_at=now,
            requested_by_id=actor.user_id,
            requested_for_id=opened.post.principal_id,
        )
        session.add(request)
        session.flush()
        data = {"request": request.id, "unit_id": proposed_unit_id}
        history.record(task, "transfer_asked", actor=actor, post=opened.post, now=now, reason=request.reason, data=data)
        return request


def approve_transfer(
    *,
    request_id: int,
    actor: Actor,
    now: datetime,
    unit_id: int | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Task:
    """Move the task to the unit that was proposed, or to another one. Raises ``Invalid`` when neither is given."""
    with unit_of_work() as session:
        opened, request = _decide(session, request_id, actor, expected_version)
        target = unit_id or request.proposed_unit_id
        if target is None:
            raise Invalid("transfer.unit_required", "unit_id")
        _close(request, TransferState.APPROVED, actor, now, reason)
        _move(session, opened, require_unit(session, target), "transfer_approved", reason or request.reason, actor, now)
        return opened.task


def reject_transfer(
    *, request_id: int, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Task:
    """The task stays where it is, for this reason."""
    with unit_of_work() as session:
        opened, request = _decide(session, request_id, actor, expected_version)
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        _close(request, TransferState.REJECTED, actor, now, reason)
        history.record(
            opened.task,
            "transfer_rejected",
            actor=actor,
            post=opened.post,
            now=now,
            reason=reason.strip(),
            data={"request": request.id},
        )
        return opened.task


def withdraw_transfer(*, request_id: int, actor: Actor, now: datetime, expected_version: int | None = None) -> Task:
    """The unit keeps the task after all."""
    with unit_of_work() as session:
        request = find_of_task(session, actor, TransferRequest, request_id, "transfer.not_found")
        opened = open_task(actor, request.task_id, Permission.TASK_SEND_BACK, expected_version=expected_version)
        _still_pending(session, request)
        request.state = TransferState.WITHDRAWN
        history.record(
            opened.task, "transfer_withdrawn", actor=actor, post=opened.post, now=now, data={"request": request.id}
        )
        return opened.task


def transfer(
    *,
    task_id: int,
    unit_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Task:
    """Move the task to another unit, with a reason. The old unit keeps reading; the new one acknowledges."""
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_TRANSFER, expected_version=expected_version)
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        _move(session, opened, require_unit(session, unit_id), "transferred", reason.strip(), actor, now)
        return opened.task


def _move(session: Session, opened: Opened, unit: Unit, kind: str, reason: str, actor: Actor, now: datetime) -> None:
    task = opened.task
    move_to_unit(session, [task], unit, posts={task.id: opened.post}, actor=actor, now=now, kind=kind, reason=reason)
    history.tell_all([task], kind, actor=actor, now=now, text=reason)


def move_to_unit(
    session: Session,
    tasks: Sequence[Task],
    unit: Unit,
    *,
    posts: Mapping[int, Post],
    actor: Actor,
    now: datetime,
    kind: str,
    reason: str,
    succession_id: int | None = None,
    keep_trace: bool = True,
    unit_ended: bool = False,
    apart: bool = False,
) -> None:
    """Give tasks another lead inside a unit of work: trace kept, dates untouched, parts of the old unit go along.

    A result on its way goes along when ``unit_ended``. ``apart``: a unit may have two members of a collective task.
    ``posts`` says by task id which post allows it. A fixed number of queries for all of them. Raises
    ``WrongState`` when a result is on its way or a task is closed, ``Invalid`` for a unit that leads one, or
    another member of the same collective task, already, and for a part that would leave the unit of its task.
    """
    check_movable(session, tasks, unit, unit_ended=unit_ended, apart=apart)
    ids = [task.id for task in tasks]
    along = _parts_along(session, tasks, unit, _OPEN_WORK if unit_ended else _MOVABLE)
    end_waits(session, tasks, now=now)
    close_requests(session, ids, now=now)
    if keep_trace:
        _trace(session, tasks, now=now, succession_id=succession_id)
    for line in session.scalars(
        select(Coordination).where(
            # A member's unit leads the collective task as well, to which the coordinating units belong.
            Coordination.task_id.in_([*ids, *(task.parent_id for task in tasks if task.shape is TaskShape.MEMBER)]),
            Coordination.unit_id == unit.id,
            Coordination.state != CoordinationState.ANSWERED,
        )
    ):
        line.state = CoordinationState.NOT_NEEDED
    for task in tasks:
        before = task.state
        data = {"from": task.lead_unit_id, "to": unit.id, "person": task.person_id, "succession": succession_id}
        task.lead = unit
        task.lead_unit_id, task.person_id = unit.id, None
        if task.state in _MOVABLE:
            if task.state is not TaskState.SUSPENDED:
                task.state = TaskState.ASSIGNED
            task.acknowledged_at = task.acknowledged_by_id = None
        history.record(
            task,
            kind,
            actor=actor,
            post=posts.get(task.id),
            now=now,
            reason=reason,
            from_state=before if task.state is not before else None,
            data=data,
            tell=False,
        )
    refresh_search_text(session, tasks)
    if along:
        move_to_unit(
            session,
            along,
            unit,
            posts={part.id: posts[part.parent_id] for part in along if part.parent_id and part.parent_id in posts},
            actor=actor,
            now=now,
            kind=kind,
            reason=reason,
            succession_id=succession_id,
            keep_trace=keep_trace,
            unit_ended=unit_ended,
        )


def _parts_along(session: Session, tasks: Sequence[Task], unit: Unit, states: Collection[TaskState]) -> list[Task]:
    """Open parts that go along: those of the old unit itself, and those of units that are not below the new one."""
    old = {task.id: task.lead_unit_id for task in tasks}
    rows = session.execute(
        select(Task, Unit.path)
        .join(Unit, Unit.id == Task.lead_unit_id)
        .where(Task.parent_id.in_(old), Task.id.not_in(old), Task.shape == TaskShape.PART, Task.state.in_(states))
        .order_by(Task.id)
    ).all()
    return [
        part
        for part, path in rows
        if part.lead_unit_id != unit.id
        and (part.lead_unit_id == old[part.parent_id or 0] or not path.startswith(unit.path))
    ]


def check_movable(
    session: Session,
    tasks: Sequence[Task],
    unit: Unit,
    moving: Collection[int] = (),
    *,
    unit_ended: bool = False,
    apart: bool = False,
) -> None:
    """Raise what forbids moving these tasks to this unit, see ``move_to_unit``; ``moving`` go there as well."""
    states = _OPEN_WORK if unit_ended else _MOVABLE
    for task in tasks:
        if task.state not in states or task.lead_unit_id is None:
            raise WrongState("transfer.wrong_state", task=task.code)
        if unit.id == task.lead_unit_id:
            raise Invalid("transfer.same_unit", "unit_id", unit=unit.name, task=task.code)
    _check_within(session, tasks, unit, {*moving, *(task.id for task in tasks)})
    parents = [task.parent_id for task in tasks if task.shape is TaskShape.MEMBER]
    if not parents or apart:
        return
    taken = session.scalar(
        select(Task.code)
        .where(Task.parent_id.in_(parents), Task.lead_unit_id == unit.id, Task.shape == TaskShape.MEMBER)
        .limit(1)
    )
    if taken is not None or len(parents) != len(set(parents)):
        raise Invalid("transfer.leads_already", "unit_id", unit=unit.name, task=taken or "")


def _check_within(session: Session, tasks: Sequence[Task], unit: Unit, moving: Collection[int]) -> None:
    """A part stays with the unit that broke its task down, or below it, unless that task moves as well."""
    wholes = {task.parent_id for task in tasks if task.shape is TaskShape.PART and task.parent_id not in moving}
    if not wholes:
        return
    paths = session.scalars(
        select(Unit.path).join(Task, Task.lead_unit_id == Unit.id).where(Task.id.in_(wholes)).distinct()
    )
    if not all(unit.path.startswith(path) for path in paths):
        raise Invalid("breakdown.outside_unit", "unit_id", unit=unit.name)


def _trace(session: Session, tasks: Sequence[Task], *, now: datetime, succession_id: int | None) -> None:
    """Remember that the present leads led these tasks until now."""
    rows = session.execute(
        select(FormerLead.task_id, func.max(FormerLead.until))
        .where(FormerLead.task_id.in_([task.id for task in tasks]))
        .group_by(FormerLead.task_id)
    )
    last = {task_id: until for task_id, until in rows}  # noqa: C416 - a row is not a pair for mypy
    session.add_all(
        FormerLead(
            task_id=task.id,
            unit_id=task.lead_unit_id,
            since=last.get(task.id, task.assigned_at),
            until=now,
            succession_id=succession_id,
        )
        for task in tasks
    )


def _pending(task_id: int) -> Select[int]:
    return select(TransferRequest.id).where(
        TransferRequest.task_id == task_id, TransferRequest.state == TransferState.PENDING
    )


def _decide(
    session: Session, request_id: int, actor: Actor, expected_version: int | None
) -> tuple[Opened, TransferRequest]:
    request = find_of_task(session, actor, TransferRequest, request_id, "transfer.not_found")
    askers = frozenset(one for one in (request.requested_by_id, request.requested_for_id) if one is not None)
    opened = open_task(
        actor, request.task_id, Permission.TASK_TRANSFER, expected_version=expected_version, barred=askers
    )
    _still_pending(session, request)
    return opened, request


def _still_pending(session: Session, request: TransferRequest) -> None:
    session.refresh(request)
    if request.state is not TransferState.PENDING:
        raise WrongState("transfer.decided_already")


def _close(request: TransferRequest, state: TransferState, actor: Actor, now: datetime, reason: str) -> None:
    request.state = state
    request.decided_at, request.decided_by_id, request.decision_reason = now, actor.user_id, reason.strip()
