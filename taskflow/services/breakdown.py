"""Breaking a task down (giao lại) into parts for people or sub-units of the lead unit, none due later than the task.

The unit's head stands towards the parts where the office stands towards the task: confirms, returns, extends, cancels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.extension import check_part_due
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import TaskState
from taskflow.models.org import Unit
from taskflow.models.task import Task, TaskShape
from taskflow.services import history
from taskflow.services.task_access import open_task, require_unit, require_worker
from taskflow.services.tasks import NewTask, new_row, search_text
from taskflow.services.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class NewPart:
    """A part: what, for which unit (the lead unit or one below it), for whom, by when (None: when the task is due)."""

    content: str
    lead_unit_id: int
    person_id: int | None = None
    due_on: date | None = None
    product: str = ""
    note: str = ""


def break_down(
    *,
    task_id: int,
    parts: Sequence[NewPart],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> list[Task]:
    """Make the parts; a task that was not acknowledged counts as acknowledged by it.

    Raises ``WrongState`` unless the task is being worked on, ``Invalid`` for a part without content, of a unit
    or person outside the lead unit, or later than the task; its field is ``parts.<number from 0>.<field>``.
    """
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_BREAK_DOWN, expected_version=expected_version)
        task = opened.task
        if task.state not in (TaskState.ASSIGNED, TaskState.IN_PROGRESS) or task.lead_unit_id is None:
            raise WrongState("task.not_being_worked_on")
        if not parts:
            raise Invalid("breakdown.empty", "parts")
        lead = require_unit(session, task.lead_unit_id)
        first = (session.scalar(select(func.count()).where(Task.parent_id == task.id)) or 0) + 1
        made = []
        for number, part in enumerate(parts, first):
            with _of_part(number - first):
                unit = _check(session, part, lead, local_date(now))
                due_on = part.due_on or task.due_on
                check_part_due(due_on, task.due_on)
            new = NewTask(
                office_unit_id=task.office_unit_id,
                content=part.content,
                lead_unit_ids=(unit.id,),
                lead_wording=unit.name,
                document_id=task.document_id,
                position=number,
                product=part.product,
                note=part.note,
                priority=task.priority,
                person_id=part.person_id,
                kind=DeadlineKind.DATE if due_on is not None else task.kind,
                due_on=due_on,
                exclusive=task.exclusive and due_on == task.due_on,  # a day of its own is meant as typed
            )
            child = new_row(new, f"{task.code}.{number}", TaskShape.PART, unit.id, actor, now)
            child.parent_id = task.id
            child.search_text = search_text(child, [unit], task.document)
            made.append(child)
        session.add_all(made)
        before = task.state
        task.state = TaskState.IN_PROGRESS
        if task.acknowledged_at is None:
            task.acknowledged_at, task.acknowledged_by_id = now, actor.user_id
        session.flush()
        history.record(
            task,
            "broken_down",
            actor=actor,
            post=opened.post,
            now=now,
            from_state=before if before is not task.state else None,
            data={"parts": [child.id for child in made]},
            tell=False,
        )
        for child in made:
            data = {"due_on": child.due_on.isoformat() if child.due_on else None}
            history.record(child, "assigned", actor=actor, post=opened.post, now=now, data=data)
        return made


@contextmanager
def _of_part(number: int) -> Iterator[None]:
    """Let an error name the part at fault."""
    try:
        yield
    except Invalid as error:
        raise Invalid(error.code, f"parts.{number}.{error.field}", **error.params) from error


def _check(session: Session, part: NewPart, lead: Unit, today: date) -> Unit:
    """The unit of a part that has content, a unit within the lead unit, and a person who works there."""
    unit = require_unit(session, part.lead_unit_id, "lead_unit_id")
    if not part.content.strip():
        raise Invalid("task.content_required", "content")
    if not unit.path.startswith(lead.path):
        raise Invalid("breakdown.outside_unit", "lead_unit_id", unit=unit.name)
    if part.person_id is not None:
        require_worker(session, part.person_id, unit, today)
    return unit
