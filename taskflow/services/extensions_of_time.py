"""More time (gia hạn): the unit asks, the office approves, refuses or offers another day; the doer never edits a date.

The original due date stays; the current one moves with the decision, the count goes up, and reminders follow
because they are worked out from the current date.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.extension import ExtensionPolicy, check_extension, is_late_request
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import TaskState
from taskflow.models.task import ExtensionRequest, ExtensionState, Task
from taskflow.services import history, settings
from taskflow.services.calendar import work_calendar
from taskflow.services.rescheduling import move_due, parent_due
from taskflow.services.task_access import Opened, find_of_task, open_task
from taskflow.services.unit_of_work import unit_of_work

CAUSES = ("objective", "subjective")  # khách quan, chủ quan
_OPEN = (ExtensionState.PENDING, ExtensionState.COUNTERED)


def policy() -> ExtensionPolicy:
    """The office's limits."""
    return ExtensionPolicy(
        max_count=settings.get(settings.EXTENSION_MAX_COUNT),
        max_days=settings.get(settings.EXTENSION_MAX_DAYS),
        days_before=settings.get(settings.EXTENSION_DAYS_BEFORE),
    )


def ask(
    *,
    task_id: int,
    due_on: date,
    reason: str,
    cause: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ExtensionRequest:
    """Ask for a later date. The clock runs on until it is granted.

    Raises ``WrongState`` (not being worked on, or a request is open already), ``Invalid`` (no reason, no cause,
    no date to move, over a limit of the policy).
    """
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.EXTENSION_ASK, expected_version=expected_version)
        task = opened.task
        if task.state not in (TaskState.ASSIGNED, TaskState.IN_PROGRESS):
            raise WrongState("task.not_being_worked_on")
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        if cause not in CAUSES:
            raise Invalid("extension.cause_required", "cause")
        if session.scalar(_open_requests(task_id)) is not None:
            raise WrongState("extension.open_already")
        current = _check(task, due_on, today=local_date(now))
        request = ExtensionRequest(
            task_id=task.id,
            requested_at=now,
            requested_by_id=actor.user_id,
            requested_for_id=opened.post.principal_id,
            reason=reason.strip(),
            cause=cause,
            current_due_on=current,
            asked_due_on=due_on,
            is_late=is_late_request(policy(), due=current, today=local_date(now), calendar=work_calendar()),
        )
        session.add(request)
        session.flush()
        _record(opened, request, "extension_asked", actor=actor, now=now, reason=request.reason, day=due_on)
        return request


def approve(
    *,
    request_id: int,
    actor: Actor,
    now: datetime,
    reason: str = "",
    decision_number: str = "",
    expected_version: int | None = None,
) -> ExtensionRequest:
    """Grant the date that was asked for. Never by the one who asked."""
    with unit_of_work() as session:
        opened, request = _decide(session, request_id, actor, expected_version)
        request.decision_number = decision_number.strip()
        return _grant(
            session,
            opened,
            request,
            request.asked_due_on,
            state=ExtensionState.APPROVED,
            kind="extension_approved",
            actor=actor,
            now=now,
            reason=reason,
        )


def reject(
    *, request_id: int, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ExtensionRequest:
    """Refuse the request, with a reason; the date stays."""
    with unit_of_work() as session:
        opened, request = _decide(session, request_id, actor, expected_version)
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        _close(request, ExtensionState.REJECTED, actor=actor, now=now, reason=reason)
        _record(opened, request, "extension_rejected", actor=actor, now=now, reason=reason)
        return request


def counter(
    *, request_id: int, due_on: date, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ExtensionRequest:
    """Offer another day instead; the unit accepts or declines it."""
    with unit_of_work() as session:
        opened, request = _decide(session, request_id, actor, expected_version)
        _check(opened.task, due_on, today=local_date(now))
        request.offered_due_on = due_on
        _close(request, ExtensionState.COUNTERED, actor=actor, now=now, reason=reason)
        _record(opened, request, "extension_countered", actor=actor, now=now, reason=reason, day=due_on)
        return request


def accept(*, request_id: int, actor: Actor, now: datetime, expected_version: int | None = None) -> ExtensionRequest:
    """The unit takes the day that was offered; it holds from now on."""
    with unit_of_work() as session:
        opened, request = _own(session, request_id, actor, (ExtensionState.COUNTERED,), expected_version)
        offered = request.offered_due_on or request.asked_due_on
        return _grant(
            session,
            opened,
            request,
            offered,
            state=ExtensionState.ACCEPTED,
            kind="extension_accepted",
            actor=actor,
            now=now,
        )


def decline(
    *, request_id: int, actor: Actor, now: datetime, reason: str = "", expected_version: int | None = None
) -> ExtensionRequest:
    """The unit does not take the day that was offered; the date stays."""
    with unit_of_work() as session:
        opened, request = _own(session, request_id, actor, (ExtensionState.COUNTERED,), expected_version)
        request.state = ExtensionState.DECLINED
        _record(opened, request, "extension_declined", actor=actor, now=now, reason=reason)
        return request


def withdraw(*, request_id: int, actor: Actor, now: datetime, expected_version: int | None = None) -> ExtensionRequest:
    """The unit needs no more time after all."""
    with unit_of_work() as session:
        opened, request = _own(session, request_id, actor, _OPEN, expected_version)
        request.state = ExtensionState.WITHDRAWN
        _record(opened, request, "extension_withdrawn", actor=actor, now=now)
        return request


def _check(task: Task, wanted: date, today: date | None = None) -> date:
    if task.due_on is None:
        raise Invalid("extension.no_date", "due_on")
    check_extension(
        policy(),
        current=task.due_on,
        wanted=wanted,
        granted_before=task.extension_count,
        parent_due=parent_due(task),
        today=today,
    )
    return task.due_on


def _open_requests(task_id: int) -> Select[int]:
    return select(ExtensionRequest.id).where(ExtensionRequest.task_id == task_id, ExtensionRequest.state.in_(_OPEN))


def _decide(
    session: Session, request_id: int, actor: Actor, expected_version: int | None
) -> tuple[Opened, ExtensionRequest]:
    request = find_of_task(session, actor, ExtensionRequest, request_id, "extension.not_found")
    askers = frozenset(one for one in (request.requested_by_id, request.requested_for_id) if one is not None)
    opened = open_task(
        actor, request.task_id, Permission.EXTENSION_DECIDE, expected_version=expected_version, barred=askers
    )
    return opened, _still(session, request, (ExtensionState.PENDING,))


def _own(
    session: Session,
    request_id: int,
    actor: Actor,
    states: tuple[ExtensionState, ...],
    expected_version: int | None,
) -> tuple[Opened, ExtensionRequest]:
    request = find_of_task(session, actor, ExtensionRequest, request_id, "extension.not_found")
    opened = open_task(actor, request.task_id, Permission.EXTENSION_ASK, expected_version=expected_version)
    return opened, _still(session, request, states)


def _still(session: Session, request: ExtensionRequest, states: tuple[ExtensionState, ...]) -> ExtensionRequest:
    """The request as it is now that its task is locked."""
    session.refresh(request)
    if request.state not in states:
        raise WrongState("extension.decided_already", state=request.state)
    return request


def _close(request: ExtensionRequest, state: ExtensionState, *, actor: Actor, now: datetime, reason: str) -> None:
    request.state = state
    request.decided_at, request.decided_by_id, request.decision_reason = now, actor.user_id, reason.strip()


def _grant(
    session: Session,
    opened: Opened,
    request: ExtensionRequest,
    due_on: date,
    *,
    state: ExtensionState,
    kind: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> ExtensionRequest:
    # The date may have been moved since it was asked: what is granted goes from the one that holds now.
    request.current_due_on = _check(opened.task, due_on)
    move_due(session, opened.task, due_on)
    opened.task.extension_count += 1
    request.granted_due_on = due_on
    if state is ExtensionState.ACCEPTED:
        request.state = state  # who decided is who made the offer
    else:
        _close(request, state, actor=actor, now=now, reason=reason)
    _record(opened, request, kind, actor=actor, now=now, reason=reason, day=due_on)
    return request


def _record(
    opened: Opened,
    request: ExtensionRequest,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    day: date | None = None,
) -> None:
    data = {
        "request": request.id,
        "from": request.current_due_on.isoformat() if request.current_due_on else None,
        "to": day.isoformat() if day else None,
        "late": request.is_late,
        "cause": request.cause,
        "decision_number": request.decision_number or "",
    }
    history.record(
        opened.task,
        kind,
        actor=actor,
        post=opened.post,
        now=now,
        reason=reason.strip(),
        data=data,
        notice={"user_ids": [request.requested_by_id]},
    )
