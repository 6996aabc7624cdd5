"""Progress reports (báo cáo tiến độ) on the way, and the leader's answer where one was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import TaskState
from taskflow.models.task import ProgressReport, Task
from taskflow.services import history
from taskflow.services.evidence import NewEvidence, attach, screened
from taskflow.services.task_access import find_of_task, open_task
from taskflow.services.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class ReportText:
    """What a report says: result, percent (0-100), difficulties, proposal, next step, whether a leader must decide."""

    result: str = ""
    percent: int | None = None
    difficulties: str = ""
    proposal: str = ""
    next_step: str = ""
    needs_decision: bool = False


@screened
def report_progress(
    *,
    task_id: int,
    report: ReportText,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    evidence: Sequence[NewEvidence] = (),
) -> ProgressReport:
    """Record progress; the state stays, except that an unacknowledged task counts as acknowledged by it.

    Raises ``WrongState`` unless the task is being worked on or suspended, ``Invalid`` for an empty report.
    """
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_REPORT, expected_version=expected_version)
        task = opened.task
        if task.state not in (TaskState.ASSIGNED, TaskState.IN_PROGRESS, TaskState.SUSPENDED):
            raise WrongState("task.not_being_worked_on")
        if not (report.result.strip() or report.difficulties.strip() or report.proposal.strip()):
            raise Invalid("report.empty", "result")
        made = add_report(session, task, report, actor=actor, now=now, evidence=evidence)
        before = None
        if task.state is TaskState.ASSIGNED:
            before, task.state = task.state, TaskState.IN_PROGRESS
            task.acknowledged_at, task.acknowledged_by_id = now, actor.user_id
        history.record(
            task,
            "progress",
            actor=actor,
            post=opened.post,
            now=now,
            from_state=before,
            data={"report": made.id},
            notice={"text": report.result},
        )
        if report.needs_decision:
            history.record(
                task,
                "decision_needed",
                actor=actor,
                post=opened.post,
                now=now,
                reason=report.proposal or report.difficulties,
                data={"report": made.id},
            )
        return made


def answer_decision(
    *, report_id: int, decision: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ProgressReport:
    """A leader's answer to "cần lãnh đạo quyết định"; the task leaves the leader's page when nothing else waits."""
    with unit_of_work() as session:
        report = find_of_task(session, actor, ProgressReport, report_id, "report.not_found")
        opened = open_task(actor, report.task_id, Permission.TASK_DECIDE, expected_version=expected_version)
        session.refresh(report)
        if not report.needs_decision or report.decided_at is not None:
            raise WrongState("report.decided_already")
        if not decision.strip():
            raise Invalid("report.decision_required", "decision")
        report.decision, report.decided_at, report.decided_by_id = decision.strip(), now, actor.user_id
        session.flush()
        opened.task.needs_decision = bool(session.scalar(_undecided(opened.task)))
        history.record(
            opened.task,
            "decided",
            actor=actor,
            post=opened.post,
            now=now,
            reason=report.decision,
            data={"report": report.id},
            notice={"user_ids": [report.by_id]},
        )
        return report


def add_report(
    session: Session,
    task: Task,
    text: ReportText,
    *,
    actor: Actor,
    now: datetime,
    evidence: Sequence[NewEvidence] = (),
    is_final: bool = False,
) -> ProgressReport:
    """Store a report and its evidence inside the unit of work of a use case."""
    if text.percent is not None and not 0 <= text.percent <= 100:
        raise Invalid("report.percent", "percent")
    if actor.user_id is None:
        raise Invalid("report.needs_person")
    report = ProgressReport(
        task_id=task.id,
        is_final=is_final,
        at=now,
        by_id=actor.user_id,
        result=text.result.strip(),
        percent=text.percent,
        difficulties=text.difficulties.strip(),
        proposal=text.proposal.strip(),
        next_step=text.next_step.strip(),
        needs_decision=text.needs_decision,
    )
    session.add(report)
    session.flush()
    attach(session, task, evidence, actor=actor, now=now, report=report)
    task.last_progress_at = now
    if text.percent is not None:
        task.percent = text.percent
    if text.needs_decision:
        task.needs_decision = True
    return report


def _undecided(task: Task) -> Select[int]:
    return (
        select(ProgressReport.id)
        .where(ProgressReport.task_id == task.id, ProgressReport.needs_decision, ProgressReport.decided_at.is_(None))
        .limit(1)
    )
