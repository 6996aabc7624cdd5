"""The bell: what is new for the signed-in person."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from taskflow.clock import now
from taskflow.i18n import _
from taskflow.services import bell as service
from taskflow.services.letters import alarm_sentence
from taskflow.services.queries.messages import PER_PAGE, BellLine, any_unread, arrived_count, bell, newest_line
from taskflow.web.addresses import row_number
from taskflow.web.bell.words import sentence_of
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

inbox = Blueprint("inbox", __name__, url_prefix="/inbox")


@dataclass(frozen=True, slots=True)
class LineView:
    """A line, ready to be shown."""

    line: BellLine
    sentence: str
    text: str

    @classmethod
    def of(cls, line: BellLine) -> LineView:
        """The view of a line."""
        if line.kind == "alarm":
            return cls(line, alarm_sentence(line.data), "")
        return cls(line, sentence_of(line), str(line.data.get("text", "")))


@inbox.get("/")
@signed_in
def index() -> str:
    """What is new, newest first."""
    page = max(1, min(1000, request.args.get("page", 1, type=row_number)))
    only_new = request.args.get("new") == "1"
    # Only when it takes something off the bell, and not for who fetches pages ahead.
    if request.method == "GET" and "Sec-Purpose" not in request.headers and arrived_count(current_user.user_id):
        service.looked(current_user.user_id, now=now())
    lines, has_next = bell(current_actor(), page=page, only_new=only_new)
    return render_template(
        "inbox/index.html",
        lines=[LineView.of(line) for line in lines],
        newest=newest_line(current_user.user_id),
        any_new=any_unread(current_user.user_id),
        only_new=only_new,
        page=page,
        per_page=PER_PAGE,
        has_next=has_next,
    )


@inbox.post("/read")
@signed_in
def read_all() -> Response:
    """Everything that was on the page has been read."""
    up_to = request.form.get("up_to", 0, type=row_number)
    service.mark_read(current_user.user_id, now=now(), up_to=up_to)
    flash(_("Everything is marked as read."), "success")
    return see_other(url_for("inbox.index"))


@inbox.post("/<int:line_id>/open")
@signed_in
def open_line(line_id: int) -> Response:
    """Mark a line as read and go to its task."""
    service.mark_read(current_user.user_id, now=now(), only=line_id)
    task_id = request.form.get("task", 0, type=row_number)
    return see_other(url_for("tasks.detail", task_id=task_id) if task_id else url_for("inbox.index"))
