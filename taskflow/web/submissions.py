"""Forms as requests: the token that each carries, carrying it out once, and showing it again as it was typed.

The token ``csrf_token`` of a form has two parts. The first protects against forged requests and belongs to the
session. The second is signed and outlives the session: for whom the form was made, and its key. With it a request is
carried out once (``once``), and what arrives after the session has ended is held for its author (``answer_lost``).
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, flash, g, make_response, render_template, request, session, url_for
from flask.ctx import RequestContext
from flask.globals import request_ctx
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadData, URLSafeSerializer
from wtforms import ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField

from taskflow.clock import now
from taskflow.domain.errors import DomainError, Invalid
from taskflow.extensions import FormProtect, db
from taskflow.i18n import _
from taskflow.services import settings, submissions
from taskflow.services.files import Upload, refuse_secret
from taskflow.services.submissions import Claim, Repeated, digest
from taskflow.services.unit_of_work import AT_BEGIN
from taskflow.web.redirects import home_url, local_path, see_other

TOKEN = "csrf_token"  # noqa: S105 - the name of a field
#: Ends of the names under which a file field finds what was staged, and what was not.
KEPT, LOST = "-kept", "-lost"
_RESUMED = "taskflow.resumed"
#: Words in names of fields whose values are never held.
_SECRET = ("password", "again", "current", "secret", "token")
#: Seconds that a repeated request waits for the answer of the first one.
_PATIENCE = 3.0


class Resumed(Exception):  # noqa: N818 - an answer, no error
    """A view wants to write although its form is only shown again."""


@dataclass(frozen=True, slots=True)
class FormToken:
    """For whom a form was made (0: nobody signed in), its key, and the end of it, by which app.js knows its draft."""

    user_id: int
    key: str
    end: str


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="form")


def session_user() -> int:
    """The id of who is signed in, by the session alone: pages that say that the database is away carry tokens too."""
    number = str(session.get("_user_id", "")).partition(":")[0]
    return int(number) if number.isdecimal() else 0


def make_token() -> str:
    """The token of one form on a page."""
    own = _signer().dumps([session_user(), secrets.token_urlsafe(9)])
    return f"{generate_csrf()}{FormProtect.SEPARATOR}{own}"


def sent_token() -> FormToken | None:
    """The second part of the token that was sent; None for none, or a forged one."""
    sent = next((text for name, text in request.form.items() if name.endswith(TOKEN)), "")
    try:
        user_id, key = _signer().loads(sent.partition(FormProtect.SEPARATOR)[2])
        return FormToken(int(user_id), str(key), sent[-12:])
    except (BadData, ValueError, TypeError):
        return None


class FormTokens(CSRF):
    """The token field of ``BaseForm``."""

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:  # noqa: ARG002 - fixed signature
        """A new token for each form."""
        return make_token()

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:  # noqa: ARG002 - fixed signature
        """``FormProtect`` has looked at it before the view began. Raises ``ValidationError`` where it has not."""
        if not g.get("csrf_valid"):
            raise ValidationError(_("The form is out of date. Please go back, reload the page and send it again."))


def init_submissions(app: Flask) -> None:
    """Give templates the tokens, answer repeated requests, show held forms."""
    app.jinja_env.globals[TOKEN] = make_token
    app.context_processor(lambda: {TOKEN: make_token})
    app.jinja_env.globals["session_user"] = session_user
    app.jinja_env.globals["held_path"] = lambda: request.environ.get(_RESUMED, "")
    app.jinja_env.globals["sent_forms"] = lambda: " ".join(session.pop("sent", []))
    app.register_error_handler(Repeated, _answer_repeated)
    app.register_error_handler(Resumed, lambda _error: _plain_page())

    @app.before_request
    def _look() -> Response | None:
        if g.get("csrf_valid"):
            token = sent_token()
            if token is not None and token.user_id == session_user():
                # A view may refuse what the first request has changed, so this comes before it.
                submissions.check_repeated(_claim(token))
        elif request.method == "GET" and session.get("held") and request.endpoint != "static":
            return _resume()
        return None

    @app.after_request
    def _keep(response: Response) -> Response:
        key = g.pop("carried_out", None)
        if key is not None:
            location = response.headers.get("Location", "") if response.status_code in (302, 303) else ""
            flashes = [list(one) for one in session.get("_flashes", [])]
            submissions.keep_answer(key, {"location": location, "flashes": flashes})
        return response


# --- once


def _claim(token: FormToken) -> Claim:
    """The same form with other content is another request: somebody went back, changed it and sent it again."""
    values = sorted((name, text) for name, text in request.form.items(multi=True) if not name.endswith(TOKEN))
    parts = [json.dumps(values)]
    for name, file in sorted(request.files.items(multi=True), key=lambda pair: (pair[0], pair[1].filename or "")):
        file.seek(0)
        parts += [name, file.filename or "", digest(file.read())]
        file.seek(0)
    sent = digest(*parts)
    return Claim(digest("form", str(token.user_id), request.path, token.key, sent), sent, token.user_id or None)


@contextmanager
def once() -> Iterator[None]:
    """Carry out what the form of this request asks for, once: see ``submissions.once``."""
    token = sent_token()
    if token is None:
        yield
        return
    claim = _claim(token)
    with submissions.once(claim, now=now()):
        yield
    if submissions.is_known(claim.key):
        g.carried_out = claim.key
    session["sent"] = [*session.get("sent", [])[-5:], token.end]
    if session.get("held"):
        submissions.drop_held(user_id=token.user_id, path=_path())


def _answer_repeated(error: Repeated) -> Response:
    """What the first request was answered: the same page, the same messages."""
    answer, until = error.answer, time.monotonic() + _PATIENCE
    while not answer and time.monotonic() < until:
        time.sleep(0.05)
        answer = submissions.answer_of(error.key)
    token = sent_token()
    if token is not None:
        session["sent"] = [*session.get("sent", [])[-5:], token.end]
    if answer.get("location"):
        for category, message in answer["flashes"]:
            if [category, message] not in [list(one) for one in session.get("_flashes", [])]:
                flash(message, category)
        return make_response(see_other(answer["location"]))
    flash(_("This had been sent already and was recorded once."), "info")
    return make_response(see_other(_page_of_form()))


# --- a session that ended


def _path() -> str:
    return request.full_path.rstrip("?")


def _is_readable(path: str) -> bool:
    return bool(request_ctx.url_adapter.test(urlsplit(path).path, method="GET")) if request_ctx.url_adapter else False


def _page_of_form() -> str:
    """The page on which the form of this POST stands, as far as the browser says it."""
    referrer = urlsplit(request.referrer or "")
    page = local_path(f"{referrer.path}?{referrer.query}".rstrip("?")) if referrer.netloc == request.host else None
    found = next((path for path in (page, _path()) if path and _is_readable(path)), None)
    return found or str(home_url())


def after_sign_in(target: str | None, user_id: int) -> str:
    """Where to go after signing in: to the form that waits for this person, to the page, or home."""
    path = local_path(target)
    if submissions.holds_any(user_id=user_id, now=now()):
        session["held"] = True
        if path and submissions.held(user_id=user_id, path=path, now=now()) is not None:
            return path
    return path if path and _is_readable(path) else str(home_url())


def answer_lost() -> Response | None:
    """The answer to a form that was made in another session; None when nobody can say for whom it was made.

    The same person gets it again as it was typed, at once. Else it is held, and the sign-in page follows.
    """
    token, here = sent_token(), session_user()
    if token is None or (token.user_id == 0 and here):
        return None
    if token.user_id == here:
        if request.headers.get("HX-Request"):
            told = {"fresh-token": make_token(), "toast": {"category": "warning", "message": _again()}}
            return Response("", 400, {"HX-Trigger": json.dumps(told)})
        return show_as_typed(_again(), status=400)
    return hold_and_sign_in(token)


def _again() -> str:
    return str(
        _("Nothing has been sent yet: you have signed in again since this page was opened. Please send it again.")
    )


def hold_and_sign_in(token: FormToken | None = None) -> Response:
    """Hold what was sent for its author, and ask who is there."""
    token = token or sent_token()
    target = _page_of_form()
    if token is not None and token.user_id:
        fields = _typed(token.user_id)
        if any(value.strip() for name, value in fields if not _is_machine(name)):
            if submissions.hold(user_id=token.user_id, path=_path(), fields=fields, now=now()):
                target = _path()
                flash(
                    _(
                        "Your session had ended, so nothing was sent. What you typed is kept for %(days)s days: sign in"
                        " with the same account, and it is shown for sending.",
                        days=submissions.KEEP.days,
                    ),
                    "warning",
                )
            else:
                flash(_("Your session had ended and the text is too long to be kept. Go back and copy it."), "danger")
    address = url_for("account.sign_in", next=target, other="1" if current_user.is_authenticated else None)
    if request.headers.get("HX-Request"):
        return Response("", 401, {"HX-Redirect": address})
    return make_response(see_other(address))


def _is_machine(name: str) -> bool:
    """Whether a field says nothing that a person typed."""
    return name in ("version", "back", "kind", "step", "action", "submit") or name.endswith("-version")


def _typed(user_id: int) -> list[tuple[str, str]]:
    """The fields that were sent, without secrets; files are staged where that can be, else named."""
    fields = [
        (name, text.replace("\0", ""))
        for name, text in request.form.items(multi=True)
        if not any(word in name.lower() for word in _SECRET)
    ]
    if request.blueprint == "account":
        return []
    types, max_mb = settings.get(settings.EVIDENCE_TYPES), settings.get(settings.EVIDENCE_MAX_MB)
    for name, file in request.files.items(multi=True):
        if not file.filename:
            continue
        try:
            if request.blueprint not in ("tasks", "indicators"):
                raise Invalid("file.type_not_accepted", "file", filename=file.filename)
            upload = Upload(file.read(), file.filename)
            refuse_secret(upload)
            kept = submissions.stage(upload, user_id=user_id, types=types, max_mb=max_mb, now=now())
            fields.append((f"{name}{KEPT}", kept.key))
        except DomainError:
            fields.append((f"{name}{LOST}", file.filename))
    return fields


def is_resumed() -> bool:
    """Whether this request only shows its form again: nothing is carried out."""
    return _RESUMED in request.environ


def show_as_typed(message: str, *, status: int = 200, path: str = "") -> Response:
    """The answer of this request's view with nothing carried out: the form as it was typed."""
    request.environ[_RESUMED] = path
    info = db.session().info
    info[AT_BEGIN] = _refuse_to_write
    flash(message, "warning")
    try:
        try:
            answer = current_app.make_response(current_app.dispatch_request())
        except Exception as error:  # noqa: BLE001 - as Flask does around a view
            answer = current_app.make_response(current_app.handle_user_exception(error))
    finally:
        info.pop(AT_BEGIN, None)
    if answer.status_code == 200:
        answer.status_code = status
    return answer


@contextmanager
def writing_allowed() -> Iterator[None]:
    """Keep a file although the form is only shown again."""
    info = db.session().info
    guard = info.pop(AT_BEGIN, None)
    try:
        yield
    finally:
        if guard is not None:
            info[AT_BEGIN] = guard


def _refuse_to_write(_session: object) -> None:
    raise Resumed


def _resume() -> Response | None:
    """The page of a form that is held for the person who is signed in, as it was typed."""
    user_id, path = session_user(), _path()
    if not current_user.is_authenticated or request.headers.get("HX-Request"):
        return None
    fields = submissions.held(user_id=user_id, path=path, now=now())
    if fields is None:
        return None
    body = urlencode(fields).encode()
    environ = {
        **{name: value for name, value in request.environ.items() if not name.startswith("werkzeug.")},
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    # The same session: the token of the page that is made here has to be valid afterwards.
    with RequestContext(request_ctx.app, environ, session=request_ctx.session):
        return show_as_typed(
            _("This is what you had typed when your session ended. Nothing has been sent: check it and send it."),
            path=path,
        )


def _plain_page() -> Response:
    """What was typed into a form whose view cannot show it again: the values, and a button that sends them."""
    fields = [pair for pair in request.form.items(multi=True) if not pair[0].endswith(TOKEN)]
    shown = [value for name, value in fields if value.strip() and not _is_machine(name)]
    return make_response(render_template("account/resumed.html", path=_path(), fields=fields, shown=shown))
