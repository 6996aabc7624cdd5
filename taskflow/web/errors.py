"""Errors become pages (or fragments for htmx), never stack traces."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError

from taskflow.domain.errors import DomainError
from taskflow.edges import is_full_disk, status_of
from taskflow.extensions import db
from taskflow.i18n import _, error_sentence

__all__ = ["error_page", "init_errors", "status_of"]

log = structlog.get_logger()

PAGES = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)


def error_page(status: int, message: str = "") -> Response:
    """The page for a status with a sentence of its own."""
    template = f"errors/{status}.html" if status in PAGES else "errors/400.html"
    return make_response(
        render_template(template, message=message, request_id=g.get("request_id", ""), way_back=_way_back()), status
    )


def _sentence_of(error: HTTPException) -> str:
    """What a bad request means where no form was sent: only the address can be wrong."""
    if error.code == 400 and request.method == "GET":
        return str(_("Part of the address means nothing here. It may have been cut off or changed when it was copied."))
    return ""


def _way_back() -> str:
    """The page of ours that this request came from, unless it would only fail again."""
    origin = urlsplit(request.referrer or "")
    if origin.netloc != request.host or (origin.path, origin.query.encode()) == (request.path, request.query_string):
        return ""
    return origin.path + (f"?{origin.query}" if origin.query else "")


def init_errors(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> Response:
        return error_page(status_of(error), error_sentence(error))

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Response:
        from taskflow.web.submissions import answer_lost  # it shows pages, whose forms know the statuses of errors

        answer = answer_lost()
        if answer is not None:
            return answer
        return error_page(400, _("The form is out of date. Please go back, reload the page and send it again."))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.response is not None:
            return make_response(error.response)
        if isinstance(error, BadHost):  # no address can be built for a page: plain words
            return make_response(
                (
                    _("The name of the server in this request is not valid."),
                    400,
                    {"Content-Type": "text/plain; charset=utf-8"},
                )
            )
        return error_page(error.code or 500, _sentence_of(error))

    @app.errorhandler(OperationalError)
    @app.errorhandler(OSError)
    def _machine(error: OperationalError | OSError) -> Response:
        """The database does not answer, or a disk is full; any other trouble with files is a fault of ours."""
        full = is_full_disk(error)
        if isinstance(error, OSError) and not full:
            raise error
        log.error("request.machine", exc_info=True)
        db.session.rollback()
        return error_page(503, error_sentence(DomainError("machine.disk_full")) if full else "")

    @app.errorhandler(InternalServerError)
    def _unexpected(_error: InternalServerError) -> Response:
        log.error("request.failed", exc_info=True)
        db.session.rollback()
        return error_page(500)
