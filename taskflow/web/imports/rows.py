"""The rows of the review: problems first, filters in the address, actions on ticked rows, undo."""

from __future__ import annotations

from dataclasses import dataclass
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

#: Rows that a phone unfolds at once.
FOLD = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a page, which a phone shows folded but for the first ones; ``first`` and ``last`` are counted."""

    rows: list[ImportRow]
    first: int
    is_open: bool

    @property
    def last(self) -> int:
        """Number of its last row."""
        return self.first + len(self.rows) - 1

    @property
    def blocking(self) -> int:
        """How many of its rows have to be decided."""
        return sum(1 for row in self.rows if row.is_blocking)


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
        elif action in ("end", "go_on"):
            count = editing.settle_dropped(job.id, row_ids, end=action == "end", **who)
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


def parts_of(found: list[ImportRow], first: int) -> list[Part]:
    """The rows of a page in parts that a phone folds: those to decide at the top are not mixed with the others."""
    lead = next((number for number, row in enumerate(found) if not row.is_blocking), len(found))
    parts: list[Part] = []
    for group in (found[:lead], found[lead:]):
        for start in range(0, len(group), FOLD):
            rows_of_part = group[start : start + FOLD]
            parts.append(Part(rows_of_part, first, is_open=not parts))
            first += len(rows_of_part)
    return parts


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
        parts=parts_of(page.rows, (page.page - 1) * page.page_size + 1),
        has_dropped=any(row.change.get("kind") == "dropped" for row in page.rows),
        problem=problem,
        can_undo=edits.last_edit(db.session(), job, current_actor()) is not None,
        **{**row_values(job, page.rows), **job_frame},
    )


def _back(job: ImportJob) -> str:
    kept = {key: value for key in ("shown", "page", "order") if (value := request.args.get(key))}
    return url_for("imports.rows", job_id=job.id, **kept)  # type: ignore[arg-type] # plain texts of the query
