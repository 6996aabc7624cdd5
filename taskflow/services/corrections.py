"""Correcting what a task says: words, date, lead of a mistaken row. The history keeps what was there before."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import select

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import OPEN_STATES
from taskflow.models.task import Priority, Task, TaskShape
from taskflow.services import history
from taskflow.services.assignment import move_to_unit
from taskflow.services.rescheduling import move_due, require_mover
from taskflow.services.task_access import open_task, require_unit
from taskflow.services.tasks import refresh_search_text
from taskflow.services.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class TaskChanges:
    """New words of a task; None leaves a field alone."""

    content: str | None = None
    product: str | None = None
    note: str | None = None
    group: str | None = None
    tt: str | None = None
    lead_wording: str | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class NewDeadline:
    """A date by decision, or none at all for work without one (``kind`` continuous, conditional, none)."""

    due_on: date | None
    kind: DeadlineKind | None = None
    start_on: date | None = None
    exclusive: bool | None = None
    #: New wording; None keeps the document's.
    text: str | None = None


def edit_task(
    *,
    task_id: int,
    changes: TaskChanges,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Task:
    """Change the words of a task, and of its open members; raises ``Invalid`` without a reason or content."""
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_EDIT, expected_version=expected_version)
        task = opened.task
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        if changes.content is not None and not changes.content.strip():
            raise Invalid("task.content_required", "content")
        changed = _write(task, changes)
        if not changed:
            return task
        family = [task]
        if task.shape is TaskShape.COLLECTIVE:
            members = session.scalars(select(Task).where(Task.parent_id == task.id, Task.is_open)).all()
            for member in members:
                _write(member, changes)
            family += members
        refresh_search_text(session, family)
        for one in family:
            history.record(
                one,
                "edited",
                actor=actor,
                post=opened.post,
                now=now,
                reason=reason.strip(),
                data={"changes": changed},
            )
        return task


def set_deadline(
    *,
    task_id: int,
    deadline: NewDeadline,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    decision_number: str = "",
    corrects: bool = False,
    pull_parts: bool = False,
    by_document: bool = False,
) -> Task:
    """Move the date by decision of the office, confirm a doubtful one, or (``corrects``) put a mistaken row right.

    The original date stays, unless it was wrong or there was none. Needs a reason, except for a first date.
    Raises ``Invalid`` (no date, reason, order of dates, parts later than the new date), ``WrongState`` for a closed
    task, ``NotAllowed`` also for those who do the work (``rescheduling.require_mover``), unless an amending document
    that was imported sets the date (``by_document``).
    """
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_EDIT, expected_version=expected_version)
        task = opened.task
        if not by_document:
            require_mover(actor, task, opened.facts)
        if task.state not in OPEN_STATES:
            raise WrongState("task.closed")
        if deadline.due_on is None and deadline.kind is None:
            raise Invalid("task.date_required", "due_on")
        first = not task.deadline_confirmed or task.original_due_on is None
        if not first and not reason.strip():
            raise Invalid("task.reason_required", "reason")
        if deadline.start_on and deadline.due_on and deadline.start_on > deadline.due_on:
            raise Invalid("task.start_after_due", "start_on", start=deadline.start_on, due=deadline.due_on)
        before = {"due_on": _iso(task.due_on), "original_due_on": _iso(task.original_due_on), "kind": task.kind.value}
        moved = move_due(session, task, deadline.due_on, exclusive=deadline.exclusive, pull_parts=pull_parts)
        for one in (task, *moved):
            if deadline.kind is not None:
                one.kind = deadline.kind
            one.deadline_confirmed = True
            if deadline.text is not None:
                one.deadline_text = deadline.text.strip()
            if deadline.start_on is not None:
                one.start_on = deadline.start_on
            if first or corrects:
                one.original_due_on = deadline.due_on
        data = {
            "from": before,
            "to": _iso(deadline.due_on),
            "decision_number": decision_number.strip(),
            "corrects": corrects,
        }
        for one in (task, *moved):
            history.record(one, "due_changed", actor=actor, post=opened.post, now=now, reason=reason.strip(), data=data)
        return task


def correct_lead(
    *,
    task_id: int,
    unit_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Task:
    """Put the right unit where a mistaken row named a wrong one; unlike a transfer the wrong one keeps nothing."""
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_EDIT, expected_version=expected_version)
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        move_to_unit(
            session,
            [opened.task],
            require_unit(session, unit_id),
            posts={opened.task.id: opened.post},
            actor=actor,
            now=now,
            kind="lead_corrected",
            reason=reason.strip(),
            keep_trace=False,
        )
        history.tell_all([opened.task], "lead_corrected", actor=actor, now=now, text=reason.strip())
        return opened.task


def _write(task: Task, changes: TaskChanges) -> dict[str, list[str]]:
    """Write the new values; answers what changed as {field: [old, new]}."""
    changed = {}
    for field in fields(changes):
        value = getattr(changes, field.name)
        old = getattr(task, field.name)
        new = value.strip() if isinstance(value, str) and not isinstance(value, Priority) else value
        if new is None or new == old:
            continue
        setattr(task, field.name, new)
        changed[field.name] = [str(old), str(new)]
    return changed


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
