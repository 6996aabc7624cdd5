"""The rows of the review: problems first, filters in the address, actions on ticked rows, undo."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now
from taskflow.domain.errors import Invalid
from taskflow.extensions import db
from taskflow.i18n import _, error_sentence
from taskflow.models.document import ImportJob, ImportRow
from taskflow.services.imports import editing, edits, queries
from taskflow.services.imports.comparing import words_of
from taskflow.services.imports.source import has_pages
from taskflow.services.imports.values import deadline_of
from taskflow.web.addresses import row_number
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.view_models import (
    IMPORT,
    chosen,
    deadline_line,
    frame,
    notes_of,
    place_text,
    reviewed,
    role_title,
    same_name,
)
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@imports.get("/<int:job_id>/rows")
@requires(IMPORT)
def rows(job_id: int) -> str:
    """The rows, by the filter of the address."""
    return _page(reviewed(job_id))


@imports.post("/<int:job_id>/rows")
@requires(IMPORT)
def act_on_rows(job_id: int) -> Response:
    """One action on the ticked rows."""
    job = reviewed(job_id)
    row_ids = request.form.getlist("row", type=row_number)
    action = request.form.get("action", "")
    who: dict[str, Any] = {"actor": current_actor(), "now": now()}
    if not row_ids:
        return make_response(_page(job, _("Tick the rows first.")), 422)
    try:
        if action == "skip":
            count = editing.skip_rows(job.id, row_ids, request.form.get("reason", ""), **who)
        elif action == "take":
            count = editing.take_rows(job.id, row_ids, **who)
        elif action in ("accept", "refuse"):
            count = editing.set_accepted(job.id, row_ids, accept=action == "accept", **who)
        else:
            count = editing.settle_deadlines(job.id, row_ids, action, **who)
    except Invalid as error:
        return make_response(_page(reviewed(job_id), error_sentence(error)), 422)
    if count:
        flash(_("%(count)s rows were changed.", count=count), "success")
    else:
        flash(_("No ticked row was changed: this does not fit them. Open a row to say what is meant."), "info")
    return see_other(_back(job))


@imports.post("/<int:job_id>/undo")
@requires(IMPORT)
def undo(job_id: int) -> Response:
    """Take back one's own last change."""
    job = reviewed(job_id)
    back, left = edits.undo(job.id, actor=current_actor(), now=now())
    if back:
        flash(_("%(count)s rows are as they were before.", count=back), "success")
    if left:
        flash(_("%(count)s rows were changed again since, and stay.", count=left), "warning")
    if not back and not left:
        flash(_("There is nothing to take back."), "info")
    return see_other(_back(job))


def row_values(job: ImportJob, found: list[ImportRow]) -> dict[str, Any]:
    """What the partial of a row needs."""
    names = queries.names_of(found)
    return {
        "job": job,
        "chosen": lambda choices: chosen(choices, names),
        "same_name": same_name,
        "deadline_line": deadline_line,
        "deadline_words": lambda row: words_of(deadline_of(row.deadline)),
        "notes_of": notes_of,
        "place_text": place_text,
        "role_title": role_title,
        "has_pages": has_pages(job),
        "shown": request.args.get("shown", "all"),
    }


def _page(job: ImportJob, problem: str = "") -> str:
    shown = request.args.get("shown", "all")
    page = queries.list_rows(
        job,
        shown=shown if shown in queries.FILTERS else "all",
        page=max(1, request.args.get("page", 1, type=row_number)),
        in_order=request.args.get("order") == "document",
    )
    job_frame = frame(job)
    return render_template(
        "imports/rows.html",
        page=page,
        problem=problem,
        can_undo=edits.last_edit(db.session(), job, current_actor()) is not None,
        **{**row_values(job, page.rows), **job_frame},
    )


def _back(job: ImportJob) -> str:
    kept = {key: value for key in ("shown", "page", "order") if (value := request.args.get(key))}
    return url_for("imports.rows", job_id=job.id, **kept)  # type: ignore[arg-type] # plain texts of the query
