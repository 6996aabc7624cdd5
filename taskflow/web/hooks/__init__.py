"""What providers post to us. No session, no form token: each call proves itself by its signature or secret."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.exc import OperationalError

from taskflow.clock import now
from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.extensions import LOCK_WAIT, csrf
from taskflow.services import inbound, metrics
from taskflow.web.guards import public

log = structlog.get_logger()
hooks = Blueprint("hooks", __name__)
csrf.exempt(hooks)

#: An event of a provider is small; anything longer is not read.
LONGEST = 256 * 1024
#: How long an event waits for others that write, in milliseconds.
LONGEST_WAIT = 1000


def _raw() -> bytes:
    if (request.content_length or 0) > LONGEST:
        abort(413)
    return request.get_data(cache=False)


def _in_time(receive: Callable[[], None]) -> tuple[str, int]:
    """Take the event, or ask for it again: Zalo repeats what is not answered with 200 within two seconds."""
    waiting = LOCK_WAIT.set(LONGEST_WAIT)
    try:
        receive()
    except NotAllowed:
        return "", 403
    except Invalid:
        return "", 400
    except OperationalError:
        log.warning("hook.database_busy")
        return "", 503
    finally:
        LOCK_WAIT.reset(waiting)
    return "", 200


@hooks.post("/hooks/zalo/oa")
@public
def zalo_oa() -> tuple[str, int]:
    """An event of the Official Account, signed over the raw bytes."""
    raw, signature = _raw(), request.headers.get("X-ZEvent-Signature", "")
    return _in_time(lambda: inbound.receive_oa(raw, signature, now=now()))


@hooks.post("/hooks/zalo/bot")
@public
def zalo_bot() -> tuple[str, int]:
    """An update of the bot, proven by the secret that was given to Zalo."""
    raw, secret = _raw(), request.headers.get("X-Bot-Api-Secret-Token", "")
    return _in_time(lambda: inbound.receive_bot(raw, secret, now=now()))


@hooks.get("/metrics")
@public
def prometheus() -> Response:
    """Numbers for Prometheus, for who knows the token; without a token set, the page does not exist."""
    token = current_app.config["TASKFLOW"].metrics_token.get_secret_value()
    if not token:
        abort(404)
    if not inbound.same(request.headers.get("Authorization", ""), f"Bearer {token}"):
        abort(401)
    return Response(metrics.exposition(now=now()), content_type="text/plain; version=0.0.4; charset=utf-8")
