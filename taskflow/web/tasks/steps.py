"""Deeds that move a task along: the steps of the table of transitions, progress, evidence, a leader's answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import Action
from taskflow.i18n import _, _l
from taskflow.models.task import TaskShape
from taskflow.services import evidence, progress, series, task_steps
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.services.task_steps import StepInputs
from taskflow.web.tasks import forms
from taskflow.web.tasks.deeds import Deed, Doing, Place


def _step(action: Action) -> Callable[[Doing], object]:
    """Take the step with what its form asked."""

    def run(doing: Doing) -> object:
        form = doing.form
        inputs = StepInputs(
            reason=_typed(form, "reason"),
            document=_typed(form, "document"),
            delay_cause=_typed(form, "delay_cause"),
            report=form.report() if isinstance(form, forms.DoneForm) else progress.ReportText(),
            evidence=form.evidence() if isinstance(form, forms.DoneForm) else (),
        )
        return task_steps.apply(action, inputs=inputs, **doing.common)

    return run


def _typed(form: Any, name: str) -> str:
    return str(getattr(form, name).data or "") if name in form else ""


def _report_progress(doing: Doing) -> object:
    return progress.report_progress(report=doing.form.report(), evidence=doing.form.evidence(), **doing.common)


def _add_evidence(doing: Doing) -> object:
    return evidence.add_evidence(task_id=doing.task_id, items=doing.form.evidence(), actor=doing.actor, now=doing.now)


def _remove_evidence(doing: Doing) -> None:
    evidence.remove_evidence(
        evidence_id=doing.target_id, actor=doing.actor, now=doing.now, reason=doing.form.reason.data or ""
    )


def _decide(doing: Doing) -> object:
    return progress.answer_decision(
        report_id=doing.target_id,
        decision=doing.form.decision.data or "",
        actor=doing.actor,
        now=doing.now,
        expected_version=doing.version,
    )


def _prepare_confirm(form: forms.ConfirmForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    """Only a late result has a cause of delay; a collective task closed early needs its reason."""
    if detail.timing.label is not TimeLabel.OVERDUE:
        del form.delay_cause
    if detail.task.shape is TaskShape.COLLECTIVE and detail.finished_children < detail.expected_children:
        form.reason.label.text = _("Reason for closing before all units have finished")


def _prepare_report(form: forms.ReportForm | forms.DoneForm, detail: TaskDetail, _actor: Actor, _target: int) -> None:
    """The present percentage; with ``?last=1`` the report on the last period of repeated work, to be gone over."""
    if form.is_submitted():
        return
    if "percent" in form:
        form["percent"].data = detail.task.percent
    last = series.last_report(detail.task) if request.args.get("last") == "1" else None
    if last is not None:
        for name in ("result", "difficulties", "proposal", "next_step"):
            if name in form:
                form[name].data = getattr(last, name)


def _the_question(detail: TaskDetail, target: int) -> str:
    report = next((one for one in detail.reports if one.id == target), None)
    if report is None:
        return ""
    return "\n".join(part for part in (report.difficulties, report.proposal) if part) or report.result


def _last_report(detail: TaskDetail, _target: int) -> str:
    """What one is about to approve, confirm or return."""
    return next((one.result for one in detail.reports if one.is_final and one.returned_at is None), "")


def _not_collective(detail: TaskDetail, _actor: Actor) -> bool:
    return detail.task.shape is not TaskShape.COLLECTIVE


def _removable(detail: TaskDetail, _actor: Actor) -> bool:
    return detail.task.delivered_by_id is None and bool(detail.evidence)


def _has_question(detail: TaskDetail, _actor: Actor) -> bool:
    return detail.task.needs_decision


DEEDS = [
    Deed(
        "acknowledge",
        _l("Acknowledge receipt"),
        "check2",
        _step(Action.ACKNOWLEDGE),
        _l("The receipt has been recorded. The task is now in progress."),
        action=Action.ACKNOWLEDGE,
        tone="primary",
        text=_l("You confirm that your unit has received the task. The clock has run since it was assigned."),
    ),
    Deed(
        "report_done",
        _l("Report as done"),
        "check2-square",
        _step(Action.REPORT_DONE),
        _l("The result has been reported."),
        form=forms.DoneForm,
        action=Action.REPORT_DONE,
        prepare=_prepare_report,
        text=_l("The day of this report counts as the day of completion, however long the confirmation takes."),
        anchor="reports",
    ),
    Deed(
        "progress",
        _l("Report progress"),
        "pencil-square",
        _report_progress,
        _l("The progress has been recorded."),
        form=forms.ReportForm,
        permission=Permission.TASK_REPORT,
        states=frozenset({TaskState.ASSIGNED, TaskState.IN_PROGRESS, TaskState.SUSPENDED}),
        when=_not_collective,
        prepare=_prepare_report,
        anchor="reports",
    ),
    Deed(
        "approve",
        _l("Approve the report"),
        "person-check",
        _step(Action.APPROVE),
        _l("The report has been approved and has left the unit."),
        form=forms.OptionalReasonForm,
        about=_last_report,
        action=Action.APPROVE,
        tone="primary",
        anchor="reports",
    ),
    Deed(
        "reject",
        _l("Have it reworked"),
        "arrow-counterclockwise",
        _step(Action.REJECT),
        _l("The report has gone back to the person in charge."),
        form=forms.ReasonForm,
        about=_last_report,
        action=Action.REJECT,
        text=_l("The report stays in the history with your reason."),
        anchor="reports",
    ),
    Deed(
        "confirm",
        _l("Confirm completion"),
        "check-circle",
        _step(Action.CONFIRM),
        _l("The task is completed."),
        form=forms.ConfirmForm,
        about=_last_report,
        action=Action.CONFIRM,
        prepare=_prepare_confirm,
        tone="primary",
        text=_l("The task is closed. Whether it was on time is counted by the day on which the result was delivered."),
    ),
    Deed(
        "return",
        _l("Return for rework"),
        "arrow-return-left",
        _step(Action.RETURN),
        _l("The result has been returned to the unit."),
        form=forms.ReasonForm,
        about=_last_report,
        action=Action.RETURN,
        text=_l("The task counts as not delivered until the unit reports again. Its report stays in the history."),
        anchor="reports",
    ),
    Deed(
        "withdraw",
        _l("Take the report back"),
        "arrow-90deg-left",
        _step(Action.WITHDRAW),
        _l("The report has been taken back. The task is in progress again."),
        form=forms.OptionalReasonForm,
        action=Action.WITHDRAW,
        text=_l("The task counts as not delivered until it is reported again."),
    ),
    Deed(
        "resume",
        _l("Resume the task"),
        "play-circle",
        _step(Action.RESUME),
        _l("The task is in progress again."),
        form=forms.OptionalReasonForm,
        action=Action.RESUME,
        tone="primary",
    ),
    Deed(
        "decide",
        _l("Answer with a decision"),
        "flag",
        _decide,
        _l("The decision has been passed on to the unit."),
        form=forms.DecisionForm,
        permission=Permission.TASK_DECIDE,
        when=_has_question,
        about=_the_question,
        place=Place.PART,
        tone="primary",
        anchor="reports",
    ),
    Deed(
        "add_evidence",
        _l("Add evidence"),
        "paperclip",
        _add_evidence,
        _l("The evidence has been added."),
        form=forms.EvidenceForm,
        permission=Permission.TASK_REPORT,
        when=_not_collective,
        place=Place.PART,
        anchor="reports",
    ),
    Deed(
        "remove_evidence",
        _l("Remove evidence"),
        "trash",
        _remove_evidence,
        _l("The evidence has been removed. The history keeps that it was there."),
        form=forms.OptionalReasonForm,
        permission=Permission.TASK_REPORT,
        when=_removable,
        place=Place.PART,
        tone="danger",
        anchor="reports",
    ),
    Deed(
        "suspend",
        _l("Suspend"),
        "pause-circle",
        _step(Action.SUSPEND),
        _l("The task is suspended: it counts as neither in time nor overdue, and nobody is reminded of it."),
        form=forms.GroundedForm,
        action=Action.SUSPEND,
        place=Place.MORE,
        tone="danger",
    ),
    Deed(
        "cancel",
        _l("Discontinue"),
        "slash-circle",
        _step(Action.CANCEL),
        _l("The task is discontinued."),
        form=forms.GroundedForm,
        action=Action.CANCEL,
        place=Place.MORE,
        tone="danger",
        text=_l("The task leaves the statistic. Its history stays, and it can be reopened with a reason."),
    ),
    Deed(
        "reopen",
        _l("Reopen"),
        "unlock",
        _step(Action.REOPEN),
        _l("The task is in progress again."),
        form=forms.GroundedForm,
        action=Action.REOPEN,
        tone="primary",
        text=_l("The confirmation is taken back; the unit has to report the result again."),
    ),
]
