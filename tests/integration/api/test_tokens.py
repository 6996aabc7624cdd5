"""Access keys: made and revoked on the account's page, refused when they have ended."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from taskflow.domain.errors import Invalid, NotFound, WrongState
from taskflow.extensions import db
from taskflow.models.org import ApiToken
from taskflow.models.system import AuditEntry
from taskflow.services import api_tokens
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock


def me(client: FlaskClient, authorization: str | None) -> int:
    headers = {"Authorization": authorization} if authorization else {}
    answer = client.get("/api/v1/me", headers=headers)
    if answer.status_code == 401:
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert (answer.json or {})["code"] == "token.refused"
    return answer.status_code


def test_a_key_is_made_shown_once_and_revoked(
    app: Flask, client: FlaskClient, factories: Factories, sign_in, clock: Clock
) -> None:
    user = factories.user()
    sign_in(client, user)
    page = client.get("/account/api-tokens").get_data(as_text=True)
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert csrf
    sent = {"csrf_token": csrf[1], "label": "Phần mềm văn bản", "days": "30"}
    page = client.post("/account/api-tokens", data=sent).get_data(as_text=True)
    shown = re.search(r'<code id="secret">(taskflow_[\w-]+)</code>', page)
    assert shown
    secret = shown[1]
    assert secret not in client.get("/account/api-tokens").get_data(as_text=True)
    stored = db.session.query(ApiToken).one()
    assert secret not in (stored.digest, stored.label)

    program = app.test_client(use_cookies=False)
    assert me(program, f"Bearer {secret}") == 200
    assert me(program, f"Bearer {secret}x") == 401
    answer = client.post(f"/account/api-tokens/{stored.id}/revoke", data={"csrf_token": csrf[1]})
    assert answer.status_code == 303
    assert me(program, f"Bearer {secret}") == 401
    entries = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert entries == ["api_token.created", "api_token.revoked"]


def test_a_wrong_form_makes_no_key(client: FlaskClient, factories: Factories, sign_in, app: Flask) -> None:
    sign_in(client, factories.user())
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/account/api-tokens", data={"label": "", "days": "30"})
    assert answer.status_code == 422
    assert db.session.query(ApiToken).count() == 0


def test_the_session_opens_no_api(client: FlaskClient, factories: Factories, sign_in) -> None:
    sign_in(client, factories.user())
    assert [me(client, given) for given in (None, "Basic eDp5", "Bearer", "Bearer ")] == [401] * 4


def test_a_key_ends_with_its_time_and_with_its_owner(app: Flask, factories: Factories, clock: Clock) -> None:
    program = app.test_client(use_cookies=False)
    user = factories.user()
    token = api_tokens.create(actor=factories.actor(user), label="Tổng hợp", days=30, now=clock())
    key = f"Bearer {token.secret}"
    assert me(program, key) == 200
    for attribute, value in (("is_active", False), ("must_change_password", True)):
        before = getattr(user, attribute)
        with unit_of_work():
            setattr(user, attribute, value)
        assert me(program, key) == 401
        with unit_of_work():
            setattr(user, attribute, before)
        assert me(program, key) == 200
    clock.advance(days=30)
    assert me(program, key) == 401


def test_keys_are_bounded_and_personal(app: Flask, factories: Factories, clock: Clock) -> None:
    mine, other = factories.actor(factories.user()), factories.actor(factories.user())
    made = [
        api_tokens.create(actor=mine, label=f"Máy {number}", days=1, now=clock())
        for number in range(api_tokens.MOST_TOKENS)
    ]
    with pytest.raises(Invalid, match="too_many"):
        api_tokens.create(actor=mine, label="Thêm", days=1, now=clock())
    for label, days, code in (("", 1, "label_required"), ("Máy", 0, "lifetime"), ("Máy", 366, "lifetime")):
        with pytest.raises(Invalid, match=code):
            api_tokens.create(actor=other, label=label, days=days, now=clock())
    with pytest.raises(NotFound):
        api_tokens.revoke(actor=other, token_id=made[0].id, now=clock())
    api_tokens.revoke(actor=mine, token_id=made[0].id, now=clock())
    with pytest.raises(WrongState):
        api_tokens.revoke(actor=mine, token_id=made[0].id, now=clock())
    assert len(api_tokens.list_own(mine, now=clock())) == api_tokens.MOST_TOKENS - 1
