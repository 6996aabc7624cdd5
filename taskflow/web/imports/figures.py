"""Indicators and costs as read; a line that is none can be left out."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.i18n import _
from taskflow.models.document import ImportJob
from taskflow.services.imports import heads
from taskflow.web.addresses import row_number
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.view_models import IMPORT, frame, reviewed
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@imports.get("/<int:job_id>/figures")
@requires(IMPORT)
def figures(job_id: int) -> str:
    """What will be kept with the document."""
    job = reviewed(job_id)
    return render_template(
        "imports/figures.html",
        periods=_periods(job),
        left_out=set(job.reading.get("leave_out", ())),
        **frame(job),
    )


@imports.post("/<int:job_id>/figures")
@requires(IMPORT)
def keep_figures(job_id: int) -> Response:
    """Keep the ticked lines."""
    job = reviewed(job_id)
    kept = set(request.form.getlist("keep"))
    shown = {f"{kind}:{n}" for kind in ("indicators", "budget") for n in range(len(job.reading.get(kind, ())))}
    version = request.form.get("version", type=row_number)
    heads.leave_out(job.id, shown - kept, actor=current_actor(), expected_version=version)
    flash(_("Saved."), "success")
    return see_other(url_for("imports.figures", job_id=job.id))


def _periods(job: ImportJob) -> list[str]:
    """The periods for which any indicator has a target, in order."""
    return sorted({period for one in job.reading.get("indicators", ()) for period in one["targets"]})
