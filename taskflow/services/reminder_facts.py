"""What a sweep reads: the open tasks, coordination lines and report duties whose day is near, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid
from taskflow.domain.occurrences import occurrences
from taskflow.domain.reminders import TaskToRemind
from taskflow.domain.states import TaskState
from taskflow.models.document import Document
from taskflow.models.org import Unit
from taskflow.models.task import (
    Coordination,
    CoordinationState,
    ExtensionRequest,
    ExtensionState,
    Priority,
    ProgressReport,
    Task,
    TaskShape,
    WorkflowDefinition,
)
from taskflow.services.directory import Place
from taskflow.services.unit_of_work import stream

PAGE = 4000
NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A coordination line or a report duty: a thing with one day."""

    subject: str  # coordination | document
    id: int
    task_id: int | None
    due: date
    place: Place
    #: Unit that owes the answer, for a coordination line.
    unit_id: int | None = None


_TASK_COLUMNS = (
    Task.id,
    Task.state,
    Task.kind,
    Task.assigned_at,
    Task.due_on,
    Task.exclusive,
    Task.deadline_confirmed,
    Task.acknowledged_at.is_not(None),
    Task.delivered_on,
    Task.urge_count,
    Task.office_unit_id,
    Task.lead_unit_id,
    Task.person_id,
    Task.document_id,
    Task.priority,
    Task.workflow_id,
    Task.delivered_by_id,
    Task.delivered_for_id,
)
#: Instants cost most to read; this one only when a rule asks for it.
_NO_PROGRESS = literal(None)


def tasks(
    session: Session, *, horizon: date, zone: ZoneInfo, all_progress: bool
) -> Iterator[list[tuple[TaskToRemind, Place]]]:
    """Pages of open tasks that may have to be spoken of: dated up to ``horizon``, or waiting for somebody.

    ``all_progress``: also those without any near date, because a rule asks for progress.
    """
    asked = (
        select(ExtensionRequest.task_id, func.min(ExtensionRequest.requested_at))
        .where(ExtensionRequest.state == ExtensionState.PENDING)
        .group_by(ExtensionRequest.task_id)
    )
    waiting: dict[int, datetime] = {row[0]: row[1] for row in session.execute(asked)}
    # A result that waits for the unit's own head is not delivered yet: it waits since it was reported.
    reported = (
        select(ProgressReport.task_id, func.max(ProgressReport.at))
        .join(Task, Task.id == ProgressReport.task_id)
        .where(Task.state == TaskState.AWAITING_APPROVAL, ProgressReport.is_final, ProgressReport.returned_at.is_(None))
        .group_by(ProgressReport.task_id)
    )
    to_approve: dict[int, datetime] = {row[0]: row[1] for row in session.execute(reported)}
    undecided = (
        select(ProgressReport.task_id, func.min(ProgressReport.at))
        .join(Task, Task.id == ProgressReport.task_id)
        .where(Task.needs_decision, ProgressReport.needs_decision, ProgressReport.decided_at.is_(None))
        .group_by(ProgressReport.task_id)
    )
    to_decide: dict[int, datetime] = {row[0]: row[1] for row in session.execute(undecided)}
    near = or_(
        Task.needs_decision,
        and_(Task.due_on <= horizon, Task.deadline_confirmed),
        Task.state.in_((TaskState.AWAITING_APPROVAL, TaskState.AWAITING_CONFIRMATION)),
        and_(Task.state == TaskState.ASSIGNED, Task.acknowledged_at.is_(None)),
        Task.id.in_(select(ExtensionRequest.task_id).where(ExtensionRequest.state == ExtensionState.PENDING)),
    )
    statement = (
        select(*_TASK_COLUMNS, Task.last_progress_at if all_progress else _NO_PROGRESS)
        .where(Task.is_open, Task.state != TaskState.SUSPENDED, Task.shape != TaskShape.COLLECTIVE)
        .order_by(Task.id)
        .limit(PAGE)
    )
    if not all_progress:
        statement = statement.where(near)
    above = Above.load(session)
    days: dict[datetime, date] = {}
    last = 0
    while True:
        rows = session.execute(statement.where(Task.id > last)).all()
        if rows:
            yield [
                _task(row, waiting.get(row[0]), to_approve.get(row[0]), to_decide.get(row[0]), zone, days, above)
                for row in rows
            ]
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


@dataclass(frozen=True, slots=True)
class Above:
    """Who stands over some of the tasks: few, so they are read before and spare the pages two joins."""

    #: Lead of the task that was broken down, by the part's id.
    assigning: dict[int, int | None]
    #: Confirming unit by the workflow's id.
    confirming: dict[int, int | None]

    @classmethod
    def load(cls, session: Session) -> Above:
        """Read the open parts, and the workflows with a confirming unit."""
        whole = aliased(Task)
        parts = session.execute(
            select(Task.id, whole.lead_unit_id)
            .join(whole, whole.id == Task.parent_id)
            .where(Task.parent_id.is_not(None), Task.shape == TaskShape.PART, Task.is_open)
        )
        named = session.execute(
            select(WorkflowDefinition.id, Unit.id)
            .join(Unit, Unit.id == WorkflowDefinition.confirming_unit_id)
            .where(Unit.is_active)
        )
        return cls({row[0]: row[1] for row in parts}, {row[0]: row[1] for row in named})


def _task(
    row: Any,
    asked_at: datetime | None,
    reported_at: datetime | None,
    question_at: datetime | None,
    zone: ZoneInfo,
    days: dict[datetime, date],
    above: Above,
) -> tuple[TaskToRemind, Place]:
    (
        task_id, state, kind, assigned_at, due, exclusive, confirmed, is_acknowledged, delivered_on,
        urges, office_id, lead_id, person_id, document_id, priority, workflow_id, reporter_id, reported_for_id,
        progress_at,
    ) = row  # fmt: skip
    assigned_on = days.get(assigned_at)
    if assigned_on is None:
        assigned_on = days[assigned_at] = assigned_at.astimezone(zone).date()
    task = TaskToRemind(
        task_id,
        state,
        kind,
        assigned_on,
        due,
        exclusive,
        confirmed,
        False,
        is_acknowledged,
        delivered_on if reported_at is None else reported_at.astimezone(zone).date(),
        None if progress_at is None else progress_at.astimezone(zone).date(),
        None if asked_at is None else asked_at.astimezone(zone).date(),
        None if question_at is None else question_at.astimezone(zone).date(),
        urges,
    )
    place = Place(
        office_id,
        lead_id,
        person_id,
        document_id,
        priority is not Priority.NORMAL,
        above.assigning.get(task_id),
        above.confirming.get(workflow_id),
        frozenset(one for one in (reporter_id, reported_for_id) if one is not None) if reporter_id else NOBODY,
    )
    return task, place


def coordination_lines(session: Session, *, horizon: date) -> Iterator[Line]:
    """What coordinating units owe, dated up to ``horizon``, of tasks that are still open."""
    wanted = (
        select(
            Coordination.id,
            Coordination.task_id,
            Coordination.due_on,
            Coordination.unit_id,
            Coordination.person_id,
            Task.office_unit_id,
            Task.document_id,
            Task.priority,
        )
        .join(Task, Task.id == Coordination.task_id)
        .where(
            Coordination.state.in_((CoordinationState.ASKED, CoordinationState.ACCEPTED)),
            Coordination.due_on <= horizon,
            Task.is_open,
            Task.state != TaskState.SUSPENDED,
            Task.kind != DeadlineKind.CONTINUOUS,
        )
        .order_by(Coordination.id)
    )
    for line_id, task_id, due, unit_id, person_id, office_id, document_id, priority in stream(
        session, wanted, rows=PAGE
    ):
        place = Place(office_id, unit_id, person_id, document_id, priority is not Priority.NORMAL)
        if due is not None:  # the query asked for dated ones
            yield Line("coordination", line_id, task_id, due, place, unit_id)


def report_duties(session: Session, *, today: date, horizon: date) -> Iterator[Line]:
    """The next reporting day of each document that has one up to ``horizon``."""
    rows = session.execute(
        select(Document.id, Document.reporting_rule, Document.office_unit_id)
        .where(Document.reporting_rule != "")
        .order_by(Document.id)
    )
    yesterday = date.fromordinal(today.toordinal() - 1)
    for document_id, rule, office_id in rows:
        try:
            days = occurrences(rule, after=yesterday, until=horizon)
        except Invalid:
            continue  # a rule that nobody can read was shown to the reviewer; it must not stop the others
        if days:
            yield Line("document", document_id, None, days[0], Place(office_id, None, None, document_id, False))
