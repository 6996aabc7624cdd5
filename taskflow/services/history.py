"""The history of tasks: every use case writes its line here, and whoever it concerns is told by the same call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from taskflow.domain.permissions import Actor, Post
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.task import Task, TaskEvent
from taskflow.services import notices


def record(
    task: Task,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    post: Post | None = None,
    reason: str = "",
    from_state: TaskState | None = None,
    data: dict[str, Any] | None = None,
    notice: dict[str, Any] | None = None,
    touch: bool = True,
    tell: bool = True,
) -> TaskEvent:
    """Append a line to the task's history and tell those concerned, inside the unit of work of the change.

    ``post`` is the one that granted it: a delegated one is shown as "A thay B". ``from_state`` is given when the
    state changed. ``data`` holds JSON values, ``notice`` what ``notices.task_event`` takes besides the reason.
    ``touch`` false leaves the task's version alone (a comment must not spoil somebody's open form).
    """
    event = line(task, kind, actor=actor, now=now, post=post, reason=reason, from_state=from_state, data=data)
    db.session.add(event)
    if touch:
        task.updated_at = now
    if tell:
        words = {"text": reason} if reason else {}
        notices.task_event(db.session(), task, kind, actor, now, **(words | (notice or {})))
    return event


def line(
    task: Task,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    post: Post | None = None,
    reason: str = "",
    from_state: TaskState | None = None,
    data: dict[str, Any] | None = None,
) -> TaskEvent:
    """The history line of an event, not yet stored."""
    return TaskEvent(
        task_id=task.id,
        at=now,
        actor_id=actor.user_id,
        on_behalf_of_id=post.principal_id if post else None,
        kind=kind,
        from_state=from_state,
        to_state=task.state if from_state is not None else None,
        reason=reason,
        data=data or {},
    )


def tell_all(tasks: Sequence[Task], kind: str, *, actor: Actor, now: datetime, **notice: Any) -> None:
    """Tell those concerned by the same event of many tasks; each person gets one message about all of theirs."""
    if tasks:
        notices.task_events(db.session(), tasks, kind, actor, now, **notice)
