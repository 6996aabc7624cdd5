"""Pages beside the page of a task: its printable record (lý lịch nhiệm vụ), and what waits for a leader's decision."""

from __future__ import annotations

from flask import render_template

from taskflow.clock import now
from taskflow.domain.permissions import Permission
from taskflow.services import settings
from taskflow.services.queries.decisions import open_questions
from taskflow.services.queries.task_detail import task_record
from taskflow.web.guards import requires, signed_in
from taskflow.web.session import current_actor
from taskflow.web.tasks import tasks
from taskflow.web.tasks.story import story


@tasks.get("/<int:task_id>/print")
@signed_in
def paper(task_id: int) -> str:
    """The record of a task from its assignment on, for paper."""
    page = task_record(current_actor(), task_id)
    return render_template(
        "tasks/paper.html",
        page=page,
        task=page.task,
        names=page.names,
        lines=list(reversed(story(page.events, page.names))),
        printed_at=now(),
        office_title=settings.get(settings.OFFICE_NAME),
    )


@tasks.get("/decisions")
@requires(Permission.TASK_DECIDE)
def decisions() -> str:
    """What units ask a leader to decide, the oldest question first."""
    return render_template("tasks/decisions.html", questions=open_questions(current_actor()))
