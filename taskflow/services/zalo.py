"""The Official Account's tokens: asked for by consent or pasted, renewed under a lock, stored before they are used.

A refresh token works once. So one process takes the right to renew (a conditional UPDATE with a time limit),
exchanges it with nothing open in the database, and commits the new pair before anybody uses it. If it dies
between Zalo's answer and the commit the pair is lost: only a person can ask for consent again, and is told.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from taskflow.clock import database_now
from taskflow.domain.errors import Invalid
from taskflow.extensions import db
from taskflow.models.outbox import ZaloToken
from taskflow.notifications.transports.base import TransientError
from taskflow.notifications.transports.http import JsonClient
from taskflow.services import alarms
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import OaSettings, oa_settings

#: Renewed this long before it ends (Zalo: 25 hours), so that a night without us does not matter.
RENEW_BEFORE = timedelta(hours=5)
#: How long one process may take to exchange a refresh token before another may try.
RENEW_LOCK = timedelta(seconds=60)
#: Answers after which the refresh token is worthless: used before, or too old.
_SPENT = ("-14020", "-14014", "-14012")

Now = Callable[[], datetime]


def access_token(now: Now, *, refused: bool = False) -> str:
    """A token that works now; with ``refused``, another one than the one that was just refused.

    Raises ``TransientError``: nobody has given consent (``needs_person``), or another process renews just now.
    """
    session = db.session()
    row = _row(session)
    if row is None or not row.access_token:
        raise TransientError("no_token", row.error if row else "", needs_person=True)
    token, ends = row.access_token, row.expires_at or now()
    if row.needs_person:
        # It cannot be renewed any more, but works to its end: time for a person to act.
        if refused or ends <= now():
            raise TransientError("no_token", row.error, needs_person=True)
        session.rollback()
        return token
    session.rollback()  # nothing stays open while the network is used
    due = ends - RENEW_BEFORE <= now()
    if refused or ends <= now():
        return _renewed(now, stale=token)
    if due:
        try:
            return _renewed(now, stale=token)
        except TransientError:
            return token  # still good; the next one tries again
    return token


def renew_if_due(now: Now) -> bool:
    """Renew the pair when it nears its end; whether it was renewed. For the scheduler."""
    row = _row(db.session())
    if row is None or not row.refresh_token or row.needs_person:
        return False
    if row.expires_at is not None and row.expires_at - RENEW_BEFORE > now():
        return False
    stale = row.access_token
    db.session.rollback()
    _renewed(now, stale=stale)
    return True


def _renewed(now: Now, *, stale: str) -> str:
    """Exchange the refresh token, or take what another process got meanwhile."""
    account = oa_settings()
    with unit_of_work() as session:
        row = _row(session)
        if row is None:
            raise TransientError("no_token", needs_person=True)
        if row.access_token != stale:
            return row.access_token  # somebody else was quicker
        held_now = database_now()
        taken = session.connection().execute(
            update(ZaloToken)
            .where(
                ZaloToken.id == row.id,
                ZaloToken.access_token == stale,
                or_(ZaloToken.refreshing_until.is_(None), ZaloToken.refreshing_until <= held_now),
            )
            .values(refreshing_until=held_now + RENEW_LOCK)
        )
        if taken.rowcount != 1:
            raise TransientError("renewing", "another process renews the token")
        refresh_token = row.refresh_token
    answer = _exchange(
        account, {"grant_type": "refresh_token", "refresh_token": refresh_token, "app_id": account.app_id}
    )
    with unit_of_work() as session:
        if "access_token" in answer:
            _keep(session, answer, now())
        else:
            _give_up(session, answer, now())
    if "access_token" not in answer:
        raise TransientError(_code(answer), _words(answer), needs_person=_is_refusal(answer))
    return str(answer["access_token"])


def _give_up(session: Session, answer: dict[str, Any], now: datetime) -> None:
    """Let others try again, unless Zalo says that the refresh token is worthless: then a person must act."""
    row = _locked(session)
    row.refreshing_until = None
    row.error = f"{_code(answer)} {_words(answer)}".strip()
    row.needs_person = _code(answer) in _SPENT
    if _is_refusal(answer):
        alarms.raise_alarm(session, what="channel", channel="zalo_oa", error=row.error, now=now)


def _is_refusal(answer: dict[str, Any]) -> bool:
    """Whether the sign-in service refuses what we sent (-14…: app, secret, token): trying again does not help."""
    return _code(answer).startswith("-14")


def _keep(session: Session, answer: dict[str, Any], now: datetime) -> None:
    row = _locked(session)
    row.access_token = str(answer["access_token"])
    row.refresh_token = str(answer.get("refresh_token", ""))
    row.expires_at = now + timedelta(seconds=_lifetime(answer.get("expires_in")))
    row.refreshed_at = now
    row.refreshing_until = None
    row.needs_person = not row.refresh_token
    row.error = ""


def paste_tokens(*, access: str, refresh: str, now: datetime) -> None:
    """Take a pair from Zalo's API Explorer; its end is not known, so it is renewed at the next use.

    Raises ``Invalid("zalo.tokens_empty")``.
    """
    if not access.strip() or not refresh.strip():
        raise Invalid("zalo.tokens_empty", "access_token")
    with unit_of_work() as session:
        _keep(
            session,
            {"access_token": access.strip(), "refresh_token": refresh.strip(), "expires_in": str(3600)},
            now,
        )


def consent_url(account: OaSettings, *, redirect_uri: str) -> str:
    """Where the account's administrator gives consent. Zalo wants the challenge saved in its console first."""
    query = {"app_id": account.app_id, "redirect_uri": redirect_uri, "code_challenge": challenge(account.code_verifier)}
    return f"{current_app.config['TASKFLOW'].zalo_oauth_url}/v4/oa/permission?{urlencode(query)}"


def new_verifier() -> str:
    """A code verifier of 43 characters."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """The code challenge of a verifier: base64url of its SHA-256, without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def accept_consent(code: str, *, now: datetime) -> None:
    """Exchange the code that the consent page gave. Raises ``Invalid("zalo.answer")`` with Zalo's words."""
    account = oa_settings()
    try:
        answer = _exchange(
            account,
            {
                "grant_type": "authorization_code",
                "code": code,
                "app_id": account.app_id,
                "code_verifier": account.code_verifier,
            },
        )
    except TransientError as error:
        raise Invalid("zalo.unreachable") from error
    if "access_token" not in answer:
        raise Invalid("zalo.answer", number=_code(answer), message=_words(answer))
    with unit_of_work() as session:
        _keep(session, answer, now)


def _exchange(account: OaSettings, form: dict[str, str]) -> dict[str, Any]:
    client = JsonClient(current_app.config["TASKFLOW"].zalo_oauth_url)
    try:
        return client.post("/v4/oa/access_token", form=form, headers={"secret_key": account.app_secret})
    finally:
        client.close()


def _row(session: Session) -> ZaloToken | None:
    return session.scalar(select(ZaloToken).order_by(ZaloToken.id).limit(1).execution_options(populate_existing=True))


def _locked(session: Session) -> ZaloToken:
    row = session.scalar(
        select(ZaloToken).order_by(ZaloToken.id).limit(1).with_for_update().execution_options(populate_existing=True)
    )
    if row is None:
        row = ZaloToken(oa_id=oa_settings().oa_id)
        session.add(row)
    return row


def _lifetime(value: object) -> int:
    """Seconds; an hour when the answer does not say: the pair is kept whatever else it holds."""
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else 3600


def _code(answer: dict[str, Any]) -> str:
    return str(answer.get("error", ""))


def _words(answer: dict[str, Any]) -> str:
    return str(answer.get("error_description") or answer.get("error_name") or answer.get("message") or "")
