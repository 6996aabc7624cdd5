"""Saying what a table is about and what its columns hold; the file is then read again, edits kept."""

from __future__ import annotations

from flask import flash, request, url_for
from werkzeug.wrappers import Response

from taskflow.i18n import _
from taskflow.services.imports import heads, reading
from taskflow.web.addresses import row_number
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.view_models import IMPORT, reviewed
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@imports.post("/<int:job_id>/tables")
@requires(IMPORT)
def tables(job_id: int) -> Response:
    """Keep kinds and columns, and have the file read again when anything changed."""
    job = reviewed(job_id)
    said = {}
    for table in job.tables:
        number = table["number"]
        roles = tuple(request.form.getlist(f"role-{number}"))
        kind = request.form.get(f"kind-{number}", table["kind"])
        start = request.form.get(f"start-{number}", "", type=str)
        said[number] = heads.TableEdit(
            kind=kind,
            roles=roles or tuple(table["columns"]),
            heading_row=int(start) - 1 if start.isdecimal() and int(start) > 0 else None,
        )
    version = request.form.get("version", type=row_number)
    if heads.set_tables(job.id, said, actor=current_actor(), expected_version=version):
        reading.start(job.id, actor=current_actor())
        flash(_("The file has been read again. What you had changed in the rows was kept."), "success")
    else:
        flash(_("The tables are as they were."), "info")
    return see_other(url_for("imports.show", job_id=job.id))
