"""The signed cookie that says who has signed in from this browser before.

It opens nothing. It lets attempts from a known device be counted apart, so that somebody who tries
passwords from outside cannot lock the owner out.
"""

from __future__ import annotations

import secrets

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from taskflow.services.accounts import Device

COOKIE = "taskflow_device"
_YEAR = 365 * 24 * 3600
#: People who share one computer; the one who signed in longest ago is forgotten.
_MOST_PEOPLE = 20


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")


def known_device() -> Device | None:
    """The device of this request; None for a new or forged one."""
    device_id, people = _read()
    return Device(device_id, frozenset(people)) if device_id else None


def remember(response: Response, user_id: int) -> Response:
    """Note on the answer that this person signed in here."""
    device_id, people = _read()
    people = [*(known for known in people[-_MOST_PEOPLE + 1 :] if known != user_id), user_id]
    response.set_cookie(
        COOKIE,
        _serializer().dumps([device_id or secrets.token_urlsafe(12), people]),
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _read() -> tuple[str, list[int]]:
    try:
        device_id, people = _serializer().loads(request.cookies.get(COOKIE, ""))
        return str(device_id), [int(user_id) for user_id in people]
    except (BadSignature, ValueError, TypeError):
        return "", []
