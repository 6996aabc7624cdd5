"""Handing out files that people uploaded: always as an attachment, never shown inside a page of ours."""

from __future__ import annotations

from flask import Response, send_file

from taskflow.services.files import ServedFile


def attachment(served: ServedFile) -> Response:
    """The file as a download that no browser runs or renders."""
    answer = send_file(
        served.open(), mimetype=served.media_type, as_attachment=True, download_name=served.filename, max_age=0
    )
    answer.headers["Content-Length"] = str(served.size)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer
