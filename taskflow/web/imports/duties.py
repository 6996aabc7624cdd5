"""Duties and reports found in the text: each with its sentence marked, imported only when somebody ticks it."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now
from taskflow.i18n import _
from taskflow.models.document import RowDecision
from taskflow.services.imports import editing, queries
from taskflow.web.addresses import row_number
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.rows import row_values
from taskflow.web.imports.view_models import IMPORT, frame, reviewed
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@imports.get("/<int:job_id>/duties")
@requires(IMPORT)
def duties(job_id: int) -> str:
    """What the text asks of units beside the tables."""
    job = reviewed(job_id)
    found = queries.duties_of(job)
    groups: dict[str, list[object]] = {}
    for one in found:
        groups.setdefault(one.group or _("Without a unit"), []).append(one)
    return render_template("imports/duties.html", groups=groups, **{**row_values(job, found), **frame(job)})


@imports.post("/<int:job_id>/duties")
@requires(IMPORT)
def choose_duties(job_id: int) -> Response:
    """Take those that are ticked, leave the others."""
    job = reviewed(job_id)
    ticked = set(request.form.getlist("row", type=row_number))
    found = queries.duties_of(job)
    take = [one.id for one in found if one.id in ticked and one.decision is not RowDecision.IMPORT]
    leave = [one.id for one in found if one.id not in ticked and one.decision is RowDecision.IMPORT]
    if take:
        editing.take_rows(job.id, take, actor=current_actor(), now=now())
    if leave:
        editing.offer_rows(job.id, leave, actor=current_actor(), now=now())
    flash(_("%(count)s duties of the text will be imported.", count=len(ticked)), "success")
    return see_other(url_for("imports.duties", job_id=job.id))
