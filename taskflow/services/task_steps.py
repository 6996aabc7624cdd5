"""The steps of a task's life: every transition of ``domain.transitions`` goes through ``apply`` or, in bulk, ``take``.

Permissions, reasons, evidence and the four-eyes rule are checked here and nowhere else, so that pages, API,
imports and bulk actions cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Actor, Post, TaskFacts
from taskflow.domain.states import OPEN_STATES, TaskState
from taskflow.domain.transitions import Action, Transition, rules_for_reporter, transition
from taskflow.models.task import (
    ExtensionRequest,
    ExtensionState,
    ProgressReport,
    Task,
    TransferRequest,
    TransferState,
)
from taskflow.services import history, waiting
from taskflow.services.calendar import work_calendar
from taskflow.services.directory import reporters_of
from taskflow.services.evidence import NewEvidence, proven_task_ids, screen
from taskflow.services.progress import ReportText, add_report
from taskflow.services.queries.scope import facts_of, get_task, rules_of
from taskflow.services.rescheduling import give_due, parent_due
from taskflow.services.task_access import check_version, require_post
from taskflow.services.task_family import (
    check_children,
    check_parents,
    members_delivered,
    tell_parents,
    went_with_parent,
)
from taskflow.services.unit_of_work import unit_of_work

_CLOSED = (TaskState.COMPLETED, TaskState.CANCELLED)
_WORKING = (TaskState.ASSIGNED, TaskState.IN_PROGRESS)
#: Steps that a collective task, or one broken down, takes together with its children in these states.
_WITH_CHILDREN = {
    Action.SUSPEND: _WORKING,
    Action.RESUME: (TaskState.SUSPENDED,),
    Action.CANCEL: tuple(OPEN_STATES),
    Action.REOPEN: (TaskState.CANCELLED,),
}
#: Steps back: a child takes one of them with its parent only when it had gone that way with it.
_WENT_WITH_PARENT = {Action.RESUME: "suspended", Action.REOPEN: "cancelled"}
#: Steps after which a result that was reported counts as not delivered.
_BACK_TO_WORK = (Action.RETURN, Action.REJECT, Action.WITHDRAW, Action.REOPEN)
DELAY_CAUSES = ("", "objective", "subjective")


@dataclass(frozen=True, slots=True)
class StepInputs:
    """What comes with a step: a reason, the document it rests on, a report with evidence, the cause of a delay."""

    reason: str = ""
    document: str = ""
    report: ReportText = field(default_factory=ReportText)
    evidence: Sequence[NewEvidence] = ()
    #: Whether a child takes the step because its parent does.
    with_parent: bool = False
    #: "objective" (khách quan) or "subjective" (chủ quan), said by whoever confirms.
    delay_cause: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A task about to take a step, the post that allows it, and where it leads."""

    task: Task
    post: Post
    transition: Transition
    #: False only where it is known that nothing goes along.
    has_children: bool = True


def apply(
    action: Action,
    *,
    task_id: int,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    inputs: StepInputs | None = None,
) -> Task:
    """Take one step of the table in ``domain.transitions``.

    Raises ``NotFound`` (not visible), ``Conflict`` (stale version), ``WrongState`` (not from this state),
    ``NotAllowed`` (no right, or own work), ``Invalid`` (reason or evidence missing).
    """
    screen(inputs.evidence if inputs is not None else ())
    with unit_of_work() as session:
        task = get_task(actor, task_id, for_change=True)
        check_version(task, expected_version)
        step = plan(task, facts_of(task), action, actor)
        take(session, action, [step], actor=actor, now=now, inputs=inputs or StepInputs())
        return task


def plan(task: Task, facts: TaskFacts, action: Action, actor: Actor) -> Step:
    """What the step would be. Raises ``WrongState`` or ``NotAllowed``."""
    rules = rules_of(task)
    if action is Action.REPORT_DONE:
        rules = rules_for_reporter(rules, actor, facts)
    leads = transition(task.state, action, rules)
    return Step(task, require_post(actor, leads.permission, facts), leads, facts.has_children)


def take(
    session: Session, action: Action, steps: Sequence[Step], *, actor: Actor, now: datetime, inputs: StepInputs
) -> None:
    """Take these planned steps inside a unit of work; a fixed number of queries for all of them."""
    _check(session, action, steps, inputs)
    today = local_date(now)
    tasks = [step.task for step in steps]
    told: dict[str, list[Task]] = {}
    reports = _final_reports(session, tasks) if action in _BACK_TO_WORK and action is not Action.REOPEN else {}
    delivered = members_delivered(session, tasks) if action is Action.CONFIRM else {}
    percent = _percent_on_the_way(session, tasks) if action in _BACK_TO_WORK else {}
    came_from = {step.task.id: step.task.state for step in steps}
    reporters = {step.task.id: reporters_of(step.task) for step in steps if action in _BACK_TO_WORK}
    for step in steps:
        task, before = step.task, step.task.state
        task.state = step.transition.to
        if action in _BACK_TO_WORK:
            task.percent = percent.get(task.id)
        data: dict[str, Any] = {"document": inputs.document} if inputs.document else {}
        data |= {"with_parent": True} if inputs.with_parent else {}
        match action:
            case Action.ACKNOWLEDGE:
                task.acknowledged_at, task.acknowledged_by_id = now, actor.user_id
            case Action.REPORT_DONE:
                data |= _report(session, step, actor, now, inputs)
            case Action.APPROVE:
                task.delivered_on = today
            case Action.RETURN | Action.REJECT | Action.WITHDRAW:
                task.returned_count += action is not Action.WITHDRAW
                data |= _take_back(task, reports.get(task.id), now, inputs.reason, action)
            case Action.CONFIRM:
                _confirm(task, actor, now, inputs, delivered.get(task.id))
            case Action.REOPEN:
                data |= _reopen(task)
                _fit_into_parent(task, actor, now)
            case Action.SUSPEND | Action.RESUME | Action.CANCEL:
                pass
        # A report that waits for the unit's own head concerns other people than one that has left the unit.
        kind = "submitted" if task.state is TaskState.AWAITING_APPROVAL else step.transition.event
        history.record(
            task,
            kind,
            actor=actor,
            post=step.post,
            now=now,
            reason=inputs.reason.strip(),
            from_state=before,
            data=data,
            tell=False,
        )
        told.setdefault(kind, []).append(task)
    for kind, those in told.items():
        words = {"text": inputs.reason} if inputs.reason else {}
        # Whom the change has taken from the task hears of it all the same.
        history.tell_all(those, kind, actor=actor, now=now, reporters=reporters, **words)
    if action is Action.REOPEN:
        # Finished work is reopened alone; what was discontinued as a whole comes back as a whole.
        steps = [step for step in steps if came_from[step.task.id] is TaskState.CANCELLED]
    _settle(session, action, steps, actor=actor, now=now, inputs=inputs)


def _check(session: Session, action: Action, steps: Sequence[Step], inputs: StepInputs) -> None:
    if inputs.delay_cause not in DELAY_CAUSES:
        raise Invalid("task.delay_cause", "delay_cause")
    if action is Action.REPORT_DONE and not inputs.report.result.strip():
        raise Invalid("report.result_required", "result")
    if any(step.transition.needs_reason for step in steps) and not inputs.reason.strip():
        raise Invalid("task.reason_required", "reason")
    proven = [step.task for step in steps if step.transition.needs_evidence]
    if proven and not (action is Action.REPORT_DONE and inputs.evidence):
        missing = {task.id for task in proven} - proven_task_ids(session, [task.id for task in proven])
        if missing:
            raise Invalid("task.evidence_required", "evidence", task=next(t.code for t in proven if t.id in missing))
    if action in (Action.REPORT_DONE, Action.APPROVE, Action.CONFIRM):
        check_children(session, [step.task for step in steps], inputs.reason)
    if action in _WENT_WITH_PARENT and not inputs.with_parent:
        check_parents([step.task for step in steps])


def _report(session: Session, step: Step, actor: Actor, now: datetime, inputs: StepInputs) -> dict[str, Any]:
    task = step.task
    text = inputs.report if inputs.report.percent is not None else replace(inputs.report, percent=100)
    report = add_report(session, task, text, actor=actor, now=now, evidence=inputs.evidence, is_final=True)
    task.delivered_by_id, task.delivered_for_id = actor.user_id, step.post.principal_id
    # While a head of the unit has to approve it, the result has not left the unit: it is not delivered yet.
    task.delivered_on = None if task.state is TaskState.AWAITING_APPROVAL else local_date(now)
    if task.acknowledged_at is None:
        task.acknowledged_at, task.acknowledged_by_id = now, actor.user_id
    return {"report": report.id}


def _take_back(task: Task, report: ProgressReport | None, now: datetime, reason: str, action: Action) -> dict[str, Any]:
    kept = {"delivered_on": _iso(task.delivered_on)}
    task.delivered_on = task.delivered_by_id = task.delivered_for_id = None
    if report is not None:
        report.returned_at, report.returned_reason = now, reason.strip()
        report.withdrawn = action is Action.WITHDRAW
        kept["report"] = str(report.id)
    return kept


def _confirm(task: Task, actor: Actor, now: datetime, inputs: StepInputs, members_delivered: date | None) -> None:
    task.confirmed_at, task.confirmed_by_id = now, actor.user_id
    if task.delivered_on is None:
        task.delivered_on = members_delivered or local_date(now)
    if inputs.delay_cause:
        task.delay_cause = inputs.delay_cause


def _reopen(task: Task) -> dict[str, Any]:
    kept = {
        "delivered_on": _iso(task.delivered_on),
        "confirmed_at": task.confirmed_at.isoformat() if task.confirmed_at else None,
    }
    task.delivered_on = task.delivered_by_id = task.delivered_for_id = None
    task.confirmed_at = task.confirmed_by_id = None
    return kept


def _fit_into_parent(task: Task, actor: Actor, now: datetime) -> None:
    """A part that was closed while its task's date moved comes back within that date."""
    before, bound = task.due_on, parent_due(task)
    if bound is not None and (before is None or before > bound):
        give_due(task, bound, calendar=work_calendar())
        history.record(task, "due_changed", actor=actor, now=now, data={"from": _iso(before), "to": _iso(bound)})


def _settle(
    session: Session, action: Action, steps: Sequence[Step], *, actor: Actor, now: datetime, inputs: StepInputs
) -> None:
    """What follows from the new states: waits and requests end, children go along, a collective task's office hears."""
    waiting.end_waits(session, [step.task for step in steps if step.task.state not in _WORKING], now=now)
    closed = [step.task for step in steps if step.task.state in _CLOSED]
    if closed:
        for task in closed:
            task.needs_decision = False
        close_requests(session, [task.id for task in closed], now=now)
        tell_parents(session, closed, actor=actor, now=now)
    if action in _WITH_CHILDREN:
        _take_children(session, action, steps, actor=actor, now=now, inputs=inputs)


def close_requests(session: Session, task_ids: Sequence[int], *, now: datetime) -> None:
    """Requests for more time or for another unit that nobody needs to answer any more."""
    session.execute(
        update(ExtensionRequest)
        .where(
            ExtensionRequest.task_id.in_(task_ids),
            ExtensionRequest.state.in_((ExtensionState.PENDING, ExtensionState.COUNTERED)),
        )
        .values(state=ExtensionState.WITHDRAWN, decided_at=now)
    )
    session.execute(
        update(TransferRequest)
        .where(TransferRequest.task_id.in_(task_ids), TransferRequest.state == TransferState.PENDING)
        .values(state=TransferState.WITHDRAWN, decided_at=now)
    )


_CHILDREN = (
    select(Task)
    .where(
        Task.parent_id.in_(bindparam("parent_ids", expanding=True)), Task.state.in_(bindparam("states", expanding=True))
    )
    .order_by(Task.id)
    .with_for_update()
)


def _take_children(
    session: Session, action: Action, steps: Sequence[Step], *, actor: Actor, now: datetime, inputs: StepInputs
) -> None:
    posts = {step.task.id: step.post for step in steps if step.has_children}
    if not posts:
        return
    children = session.scalars(_CHILDREN, {"parent_ids": sorted(posts), "states": _WITH_CHILDREN[action]}).all()
    if action in _WENT_WITH_PARENT:
        along = went_with_parent(session, children, _WENT_WITH_PARENT[action])
        children = [child for child in children if child.id in along]
    following = [
        Step(child, posts[child.parent_id or 0], transition(child.state, action, rules_of(child))) for child in children
    ]
    if following:
        take(session, action, following, actor=actor, now=now, inputs=replace(inputs, with_parent=True))


def _final_reports(session: Session, tasks: Sequence[Task]) -> dict[int, ProgressReport]:
    """The final report that each task stands on now."""
    found = session.scalars(
        select(ProgressReport)
        .where(
            ProgressReport.task_id.in_([task.id for task in tasks]),
            ProgressReport.is_final,
            ProgressReport.returned_at.is_(None),
        )
        .order_by(ProgressReport.id)
    )
    return {report.task_id: report for report in found}


def _percent_on_the_way(session: Session, tasks: Sequence[Task]) -> dict[int, int | None]:
    """What each task's last report on the way said of its progress; a final report that fell away says nothing."""
    rows = session.execute(
        select(ProgressReport.task_id, ProgressReport.percent)
        .where(
            ProgressReport.task_id.in_([task.id for task in tasks]),
            ProgressReport.is_final.is_(False),
            ProgressReport.percent.is_not(None),
        )
        .order_by(ProgressReport.id)
    )
    return {task_id: percent for task_id, percent in rows}  # noqa: C416 - a row is not a pair for mypy


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def acknowledge(*, task_id: int, actor: Actor, now: datetime, expected_version: int | None = None) -> Task:
    """Tiếp nhận: the unit has seen the task; the clock has run since it was assigned."""
    return apply(Action.ACKNOWLEDGE, task_id=task_id, actor=actor, now=now, expected_version=expected_version)


def report_done(
    *,
    task_id: int,
    report: ReportText,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    evidence: Sequence[NewEvidence] = (),
) -> Task:
    """Báo cáo hoàn thành: the unit hands the result over, with its evidence."""
    inputs = StepInputs(report=report, evidence=evidence)
    return apply(
        Action.REPORT_DONE, task_id=task_id, actor=actor, now=now, expected_version=expected_version, inputs=inputs
    )


def confirm(
    *,
    task_id: int,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    reason: str = "",
    delay_cause: str = "",
) -> Task:
    """Xác nhận hoàn thành; of a collective task with open members only with a reason."""
    inputs = StepInputs(reason=reason, delay_cause=delay_cause)
    return apply(
        Action.CONFIRM, task_id=task_id, actor=actor, now=now, expected_version=expected_version, inputs=inputs
    )


def return_for_rework(
    *, task_id: int, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Task:
    """Trả lại: the result is not accepted; the task counts as not delivered."""
    return apply(
        Action.RETURN,
        task_id=task_id,
        actor=actor,
        now=now,
        expected_version=expected_version,
        inputs=StepInputs(reason=reason),
    )
