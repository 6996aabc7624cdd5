"""Signing in: the right password, wrong ones, throttles that cannot lock anybody out, sessions that end."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from taskflow.domain.errors import Invalid, TooMany
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.org import User
from taskflow.models.system import Throttle
from taskflow.services import accounts
from taskflow.services.accounts import Device
from taskflow.services.unit_of_work import unit_of_work

PASSWORD = "mưa rào tháng sáu"


def post(client: FlaskClient, path: str, *, form_on: str | None = None, **data: str):
    """Send a form as a browser does: with the token of the page it stands on (default: the same address)."""
    page = client.get(form_on or path).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    return client.post(path, data={**data, **({"csrf_token": found[1]} if found else {})})


@pytest.fixture
def person(factories) -> User:
    return factories.user(Role.OFFICER, password=PASSWORD, email="mai@sonha.example")


def attempt(
    clock, password: str = "wrong", *, email: str = "mai@sonha.example", address: str = "10.0.0.9", device=None
):
    return accounts.sign_in(email=email, password=password, address=address, device=device, now=clock())


def test_sign_in_opens_a_session_and_goes_where_one_wanted(client, person):
    answer = post(client, "/sign-in?next=/account%3Fx=1", email=" Mai@SonHa.example ", password=PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account?x=1"
    assert client.get("/account").status_code == 200
    db.session.expire_all()
    assert person.last_sign_in_at is not None


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil"]
)
def test_next_never_leads_to_another_site(client, person, target):
    from urllib.parse import quote

    answer = post(client, f"/sign-in?next={quote(target)}", email=person.email, password=PASSWORD)
    assert answer.status_code == 303
    assert "evil" not in answer.headers["Location"]
    assert answer.headers["Location"].startswith("/")


def test_wrong_password_and_unknown_address_get_the_same_answer(client, person):
    wrong = post(client, "/sign-in", email=person.email, password="not this one")
    unknown = post(client, "/sign-in", email="ai@sonha.example", password="not this one")
    assert wrong.status_code == unknown.status_code == 422
    sentence = "Địa chỉ e-mail hoặc mật khẩu không đúng"
    assert sentence in wrong.get_data(as_text=True)
    assert sentence in unknown.get_data(as_text=True)


def test_unknown_account_costs_the_same_work(app, clock, monkeypatch):
    from taskflow.services import passwords

    checked: list[str | None] = []
    real = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda stored, password: checked.append(stored) or real(stored, password))
    with pytest.raises(Invalid, match=r"account\.wrong"):
        attempt(clock, email="nobody@sonha.example")
    assert checked == [None]
    assert not passwords.verify(None, "nobody's password")


def test_closed_account_is_told_only_to_who_knows_the_password(factories, clock):
    factories.user(password=PASSWORD, email="cu@sonha.example", is_active=False)
    with pytest.raises(Invalid, match=r"account\.wrong"):
        attempt(clock, email="cu@sonha.example")
    with pytest.raises(Invalid, match=r"account\.disabled"):
        attempt(clock, PASSWORD, email="cu@sonha.example")


def test_outsider_who_guesses_must_wait(person, clock):
    for _ in range(10):
        with pytest.raises(Invalid):
            attempt(clock)
    with pytest.raises(TooMany) as refused:
        attempt(clock, PASSWORD)
    assert refused.value.params["minutes"] == 1
    clock.advance(minutes=1)
    assert attempt(clock, PASSWORD) == person.id


def test_outsider_makes_nobody_wait_at_another_address(person, clock):
    for _ in range(10):
        with pytest.raises(Invalid):
            attempt(clock)
    for _ in range(200):
        with pytest.raises(TooMany):
            attempt(clock)
    assert attempt(clock, PASSWORD, address="10.1.1.1") == person.id


def test_many_outsiders_cannot_lock_out_a_known_device(person, clock, monkeypatch):
    device = Device("desk", frozenset({person.id}))
    monkeypatch.setattr(accounts.passwords, "verify", lambda _stored, password: password == PASSWORD)  # quick
    for number in range(100):
        with pytest.raises(Invalid):
            attempt(clock, address=f"10.0.0.{number}")
    with pytest.raises(TooMany):
        attempt(clock, PASSWORD, address="10.2.2.2")
    assert attempt(clock, PASSWORD, device=device) == person.id
    other = Device("desk", frozenset({person.id + 1}))
    with pytest.raises(TooMany):
        attempt(clock, PASSWORD, device=other)


def test_known_device_is_limited_by_itself(person, clock):
    device = Device("desk", frozenset({person.id}))
    for _ in range(10):
        with pytest.raises(Invalid):
            attempt(clock, device=device)
    with pytest.raises(TooMany):
        attempt(clock, PASSWORD, device=device)
    assert attempt(clock, PASSWORD, address="10.1.1.1") == person.id


def test_one_address_cannot_try_many_accounts(app, clock):
    for number in range(60):
        with pytest.raises(Invalid):
            attempt(clock, email=f"x{number}@sonha.example")
    with pytest.raises(TooMany):
        attempt(clock, email="y@sonha.example")


def test_good_sign_ins_use_nothing_up(person, clock):
    for _ in range(30):
        assert attempt(clock, PASSWORD) == person.id
    assert {round(row.tokens) for row in db.session.query(Throttle)} == {10, 60, 100}


def test_browser_that_signed_in_before_gets_in_past_the_throttle(client, app, person, clock):
    post(client, "/sign-in", email=person.email, password=PASSWORD)
    post(client, "/account", csrf_token="")
    client.delete_cookie("taskflow_session")
    for _ in range(12):
        with pytest.raises((Invalid, TooMany)):
            attempt(clock, address="127.0.0.1")
    stranger = app.test_client()
    assert post(stranger, "/sign-in", email=person.email, password=PASSWORD).status_code == 429
    stranger.set_cookie("taskflow_device", "forged.cookie")
    assert post(stranger, "/sign-in", email=person.email, password=PASSWORD).status_code == 429
    assert post(client, "/sign-in", email=person.email, password=PASSWORD).status_code == 303


def test_hash_of_old_parameters_is_renewed(person, clock):
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with unit_of_work() as session:
        session.get_one(User, person.id).password_hash = old
    version = person.version
    attempt(clock, PASSWORD)
    db.session.expire_all()
    assert person.password_hash != old
    assert person.version == version, "signing in must not make an administrator's form stale"
    assert attempt(clock, PASSWORD) == person.id


def test_sign_out_is_a_post_and_ends_the_session(client, person, sign_in):
    sign_in(client, person)
    assert client.get("/sign-out").status_code == 405
    page = client.get("/account").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    answer = client.get("/account")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_disabled_account_ends_its_sessions(client, person, sign_in):
    sign_in(client, person)
    assert client.get("/account").status_code == 200
    with unit_of_work() as session:
        session.get_one(User, person.id).is_active = False
    assert client.get("/account").status_code == 302


def test_form_without_its_token_is_refused(client, person):
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert "Biểu mẫu" in answer.get_data(as_text=True)


def test_must_change_password_leads_nowhere_else(client, factories, sign_in):
    user = factories.user(password=PASSWORD, must_change_password=True)
    sign_in(client, user)
    answer = client.get("/account")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account/password"
    assert client.get("/account/password").status_code == 200
