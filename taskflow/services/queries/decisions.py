"""What waits for a leader's decision ("cần lãnh đạo quyết định"): the questions with their tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.models.org import Unit, User
from taskflow.models.task import ProgressReport, Task
from taskflow.services.queries.scope import visible_tasks

LIMIT = 100


@dataclass(frozen=True, slots=True)
class Question:
    """One report that asks for a decision."""

    report_id: int
    task_id: int
    code: str
    content: str
    lead: str
    due_on: date | None
    at: datetime
    by: str
    result: str
    difficulties: str
    proposal: str
    version: int


def open_questions(actor: Actor) -> list[Question]:
    """Undecided questions of tasks that the actor may see, the oldest first; at most ``LIMIT``."""
    rows = db.session.execute(
        select(
            ProgressReport.id.label("report_id"),
            Task.id.label("task_id"),
            Task.code,
            Task.content,
            func.coalesce(func.nullif(Unit.short_name, ""), Unit.name, Task.lead_wording).label("lead"),
            Task.due_on,
            ProgressReport.at,
            User.full_name.label("by"),
            ProgressReport.result,
            ProgressReport.difficulties,
            ProgressReport.proposal,
            Task.version,
        )
        .join(Task, Task.id == ProgressReport.task_id)
        .join(User, User.id == ProgressReport.by_id)
        .outerjoin(Unit, Unit.id == Task.lead_unit_id)
        .where(
            Task.needs_decision.is_(True),
            Task.is_open.is_(True),
            ProgressReport.needs_decision.is_(True),
            ProgressReport.decided_at.is_(None),
            visible_tasks(actor),
        )
        .order_by(ProgressReport.at, ProgressReport.id)
        .limit(LIMIT)
    )
    return [Question(**row._asdict()) for row in rows]
