"""What a bulk action would change, and what it did, for its preview and its result page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from taskflow.clock import today as local_today
from taskflow.domain.deadlines import Timing, time_label
from taskflow.domain.errors import NotFound
from taskflow.domain.permissions import Actor
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import Unit
from taskflow.models.task import BulkOperation, Evidence, ProgressReport, Task
from taskflow.services import settings
from taskflow.services.bulk_actions import UNDOABLE, BulkKind
from taskflow.services.calendar import work_calendar
from taskflow.services.queries.scope import visible_tasks

#: Tasks that the page names; the rest is counted.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class BulkResult:
    """One's own bulk action."""

    id: int
    kind: BulkKind
    at: datetime
    count: int
    #: (id, code, content) of the first tasks that were changed.
    tasks: list[tuple[int, str, str]]
    undone_at: datetime | None

    @property
    def can_undo(self) -> bool:
        """Whether it only changed values that can be put back, and was not undone yet."""
        return self.undone_at is None and self.kind in UNDOABLE and self.count > 0


@dataclass(frozen=True, slots=True)
class EvidenceName:
    """A piece of evidence as one line: its number or file name; ``stored``: a file of it can be opened."""

    id: int
    label: str
    stored: bool


@dataclass(frozen=True, slots=True)
class BulkFacts:
    """What one has to see of a task before it is changed with many others."""

    unit: str
    timing: Timing
    #: The report that waits to be confirmed; empty while there is none.
    report: str
    evidence: list[EvidenceName]


def bulk_facts(tasks: Sequence[Task]) -> dict[int, BulkFacts]:
    """Unit, lateness, report and evidence of these tasks by id; three queries for all of them."""
    session, ids = db.session(), [task.id for task in tasks]
    calendar, soon, today = work_calendar(), settings.get(settings.SOON_DAYS), local_today()
    leads = {task.lead_unit_id for task in tasks}
    units = {row.id: row.name for row in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(leads)))}
    waiting = [
        task.id for task in tasks if task.state in (TaskState.AWAITING_APPROVAL, TaskState.AWAITING_CONFIRMATION)
    ]
    reports = session.execute(
        select(ProgressReport.task_id, ProgressReport.result)
        .where(ProgressReport.task_id.in_(waiting), ProgressReport.is_final, ProgressReport.returned_at.is_(None))
        .order_by(ProgressReport.id)
    )
    said = {row.task_id: row.result for row in reports}
    evidence: dict[int, list[EvidenceName]] = {}
    for row in session.execute(
        select(Evidence.id, Evidence.task_id, Evidence.number, Evidence.filename, Evidence.sha256)
        .where(Evidence.task_id.in_(ids), Evidence.removed_at.is_(None))
        .order_by(Evidence.id)
    ):
        name = EvidenceName(row.id, row.number or row.filename, row.sha256 is not None)
        evidence.setdefault(row.task_id, []).append(name)
    return {
        task.id: BulkFacts(
            unit=units.get(task.lead_unit_id or 0, ""),
            timing=time_label(
                kind=task.kind,
                state=task.state,
                due=task.due_on,
                exclusive=task.exclusive,
                delivered_on=task.delivered_on,
                calendar=calendar,
                today=today,
                soon_days=soon,
            ),
            report=said.get(task.id, ""),
            evidence=evidence.get(task.id, []),
        )
        for task in tasks
    }


def bulk_result(actor: Actor, operation_id: int) -> BulkResult:
    """The result of one's own action. Raises ``NotFound``."""
    session = db.session()
    operation = session.scalar(
        select(BulkOperation).where(BulkOperation.id == operation_id, BulkOperation.by_id == actor.user_id)
    )
    if operation is None:
        raise NotFound("bulk.not_found")
    ids = [item["task_id"] for item in operation.items]
    rows = session.execute(
        select(Task.id, Task.code, Task.content).where(Task.id.in_(ids[:SHOWN]), visible_tasks(actor)).order_by(Task.id)
    )
    return BulkResult(
        id=operation.id,
        kind=BulkKind(operation.kind),
        at=operation.at,
        count=len(ids),
        tasks=[(row.id, row.code, row.content) for row in rows],
        undone_at=operation.undone_at,
    )
