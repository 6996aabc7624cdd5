"""The source itself: the file, its pages as pictures, and where a task came from."""

from __future__ import annotations

from io import BytesIO

from flask import Response, render_template, send_file

from taskflow.domain.errors import NotFound
from taskflow.extensions import db
from taskflow.models.document import ImportJob
from taskflow.services.imports.access import get_job
from taskflow.services.imports.origin import origin
from taskflow.services.imports.source import has_pages, page_picture, source_file
from taskflow.services.queries.scope import get_task
from taskflow.web.guards import requires, signed_in
from taskflow.web.imports import imports
from taskflow.web.imports.view_models import IMPORT, place_text, role_title
from taskflow.web.serving import attachment
from taskflow.web.session import current_actor


@imports.get("/<int:job_id>/file")
@requires(IMPORT)
def file(job_id: int) -> Response:
    """The uploaded file, always as an attachment."""
    return attachment(source_file(current_actor(), job_id))


@imports.get("/<int:job_id>/pages/<int:page>.png")
@requires(IMPORT)
def page(job_id: int, page: int) -> Response:
    """A page of the source as a picture."""
    return _picture(get_job(current_actor(), job_id), page)


@imports.get("/of-task/<int:task_id>")
@signed_in
def of_task(task_id: int) -> str:
    """The row that a task came from, for everybody who sees the task."""
    task = get_task(current_actor(), task_id)
    found = origin(task)
    if found is None:
        raise NotFound("import.no_origin")
    job = db.session.get_one(ImportJob, found.job_id)
    return render_template(
        "imports/of_task.html",
        task=task,
        origin=found,
        place_text=place_text,
        role_title=role_title,
        page=found.place.get("page") if has_pages(job) else None,
    )


@imports.get("/of-task/<int:task_id>/page.png")
@signed_in
def page_of_task(task_id: int) -> Response:
    """The page that a task came from, for everybody who sees the task."""
    found = origin(get_task(current_actor(), task_id))
    if found is None or not found.place.get("page"):
        raise NotFound("import.no_page")
    return _picture(db.session.get_one(ImportJob, found.job_id), int(found.place["page"]))


def _picture(job: ImportJob, number: int) -> Response:
    return send_file(BytesIO(page_picture(job, number)), mimetype="image/png", max_age=3600)
