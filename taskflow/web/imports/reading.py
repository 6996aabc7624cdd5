"""The page of one import: how far the reading is, why it failed, the review, what was made."""

from __future__ import annotations

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response

from taskflow.domain.errors import DomainError
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, error_sentence
from taskflow.models.document import ImportJob, ImportStatus
from taskflow.services.imports import reading
from taskflow.services.imports.access import get_job
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.finish import done
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

Answer = str | Response


@imports.get("/<int:job_id>")
@requires(Permission.DOCUMENT_IMPORT)
def show(job_id: int) -> Answer:
    """Where the import stands. A page that waits for the reader looks again by itself, without scripts."""
    job = get_job(current_actor(), job_id)
    if job.status is ImportStatus.READING:
        return render_template("imports/reading.html", job=job, alive=reading.is_alive(job))
    if job.status is ImportStatus.REVIEW:
        return see_other(url_for("imports.head", job_id=job.id))
    if job.status in (ImportStatus.COMMITTED, ImportStatus.UNDONE):
        return done(job)
    return render_template("imports/failed.html", job=job, reason=failure(job))


@imports.post("/<int:job_id>/read")
@requires(Permission.DOCUMENT_IMPORT)
def read(job_id: int) -> Response:
    """Have the file read (again): after a failure, or when the server was stopped meanwhile."""
    reading.start(job_id, actor=current_actor())
    return see_other(url_for("imports.show", job_id=job_id))


@imports.post("/<int:job_id>/cancel")
@requires(Permission.DOCUMENT_IMPORT)
def cancel(job_id: int) -> Response:
    """Stop the reading."""
    reading.cancel(job_id, actor=current_actor())
    flash(_("The reading has been stopped."), "info")
    job = get_job(current_actor(), job_id)
    discarded = job.status is ImportStatus.DISCARDED
    return see_other(url_for("imports.index") if discarded else url_for("imports.show", job_id=job_id))


def failure(job: ImportJob) -> str:
    """Why the last reading failed, in a sentence; "" when it did not."""
    if not job.error:
        return ""
    return error_sentence(DomainError(job.error["code"], None, **job.error.get("params", {})))
