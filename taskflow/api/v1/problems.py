"""Every refusal of the API is a problem document: a sentence for people, a code for programs."""

from __future__ import annotations

import structlog
from flask import Blueprint, Flask, Response, request
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from taskflow.api.v1.schemas import FieldProblem, Problem
from taskflow.domain.errors import Conflict, DomainError, NotFound
from taskflow.domain.permissions import Actor
from taskflow.edges import is_full_disk, status_of
from taskflow.extensions import db
from taskflow.i18n import _, _l, error_sentence
from taskflow.services import submissions
from taskflow.services.queries.scope import get_task
from taskflow.services.submissions import Repeated

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
#: The scheme that a refused program is told of (RFC 6750).
CHALLENGE = 'Bearer realm="taskflow"'

#: Codes and sentences of refusals that have no domain error, by status.
_HTTP: dict[int, tuple[str, object]] = {
    400: ("body.malformed", _l("The body is no JSON object. Please correct it and send it again.")),
    401: (
        "token.refused",
        _l("The access key is missing, has ended or was revoked. Make a new one on the page of your account."),
    ),
    403: ("not_allowed", _l("You have no right to this. Ask the administrator of your office for the role.")),
    404: ("not_found", _l("There is nothing at this address. Please compare it with the documentation.")),
    405: (
        "method.not_allowed",
        _l("This address takes another method. Please compare it with the documentation."),
    ),
    413: ("body.too_large", _l("The body is too large. Please send less text.")),
    415: ("body.media_type", _l("Only JSON is taken. Send the body with Content-Type: application/json.")),
    500: ("failed", _l("Something went wrong at the server; nothing was changed. Tell the administrator the time.")),
    503: ("not_ready", _l("The database does not answer for the moment; nothing was changed. Try again in a minute.")),
}
#: Sentences for what pydantic finds wrong, by its type of error.
_VALUES: dict[str, object] = {
    "missing": _l("This value is required."),
    "extra_forbidden": _l("There is no such value here. Please compare its name with the documentation."),
    "string_type": _l("A text is expected."),
    "string_too_long": _l("The text is too long: at most %(max_length)s characters."),
    "value_error": _l("The text holds a character that cannot be stored (NUL)."),
    "int_type": _l("A whole number is expected."),
    "bool_type": _l("true or false is expected."),
    "greater_than_equal": _l("The number is too small: at least %(ge)s."),
    "less_than_equal": _l("The number is too large: at most %(le)s."),
    "literal_error": _l("One of these values is expected: %(expected)s."),
}
_ANY_VALUE = _l("The value is not of the kind that the documentation says.")


def answer(problem: Problem) -> Response:
    """The response of a problem."""
    response = Response(
        problem.model_dump_json(exclude_none=True), status=problem.status, content_type=f"{MEDIA_TYPE}; charset=utf-8"
    )
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response


def refusal(status: int) -> Response:
    """The problem of a plain HTTP status."""
    code, title = _HTTP.get(status, ("refused", _HTTP[400][1]))
    return answer(Problem(title=str(title), status=status, code=code))


def domain_problem(error: DomainError, actor: Actor | None) -> Response:
    """The problem of a broken rule; of a conflict about a task, with its present version."""
    status = status_of(error)
    problem = Problem(title=error_sentence(error), status=status, code=error.code, field=error.field)
    if status == 409 and actor is not None and "task_id" in (request.view_args or {}):
        problem.version = _version(actor)
    return answer(problem)


def repeated(error: Repeated) -> Response:
    """What the first request with this ``Idempotency-Key`` was answered; a refusal while nobody knows."""
    body = error.answer.get("body") or submissions.answer_of(error.key).get("body")
    if body is None:
        return domain_problem(Conflict("submission.under_way"), None)
    return Response(body, content_type="application/json; charset=utf-8", headers={"Idempotency-Replayed": "true"})


def value_problem(error: ValidationError) -> Response:
    """The problem of a body: malformed (400), or with values that are wrong (422)."""
    found = error.errors(include_url=False, include_input=False)
    if any(one["type"] in ("json_invalid", "model_type") and not one["loc"] for one in found):
        return refusal(400)
    errors = [
        FieldProblem(
            field=".".join(str(part) for part in one["loc"]),
            code=one["type"],
            title=str(_VALUES.get(one["type"], _ANY_VALUE)) % one.get("ctx", {}),
        )
        for one in found
    ]
    title = _("%(count)s values are wrong; nothing was changed. Each is named below.", count=len(errors))
    return answer(Problem(title=title, status=422, code="body.invalid", field=errors[0].field, errors=errors))


def init_problems(api: Blueprint) -> None:
    """Errors that leave a view without being caught."""

    @api.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        return refusal(error.code or 500)

    @api.errorhandler(OperationalError)
    @api.errorhandler(OSError)
    def _machine(error: OperationalError | OSError) -> Response:
        full = is_full_disk(error)
        if isinstance(error, OSError) and not full:
            raise error
        log.error("request.machine", exc_info=True)
        db.session.rollback()
        if not full:
            return refusal(503)
        disk_full = DomainError("machine.disk_full")
        return answer(Problem(title=error_sentence(disk_full), status=503, code=disk_full.code))

    @api.errorhandler(InternalServerError)
    def _unexpected(_error: InternalServerError) -> Response:
        log.error("request.failed", exc_info=True)
        db.session.rollback()
        return refusal(500)


def init_unrouted(app: Flask, prefix: str) -> None:
    """Addresses under the prefix that lead nowhere belong to no blueprint; programs get JSON there too."""

    @app.before_request
    def _unrouted() -> Response | None:
        error = request.routing_exception
        if error is None or error.code not in (404, 405) or not request.path.startswith(f"{prefix}/"):
            return None
        response = refusal(error.code)
        response.headers.extend(error.get_headers())
        response.headers["Content-Type"] = f"{MEDIA_TYPE}; charset=utf-8"
        return response


def _version(actor: Actor) -> int | None:
    db.session.rollback()
    try:
        return get_task(actor, (request.view_args or {})["task_id"]).version
    except NotFound:
        return None
