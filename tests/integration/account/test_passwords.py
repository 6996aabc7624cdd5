"""Changing a password, the link for a forgotten one, the first administrator, one's own profile."""

from __future__ import annotations

import re

import pytest

from taskflow.domain.errors import Invalid, NotFound, TooMany, WrongState
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.org import Membership, OneTimeToken, Unit, User
from taskflow.models.outbox import OutboxMessage
from taskflow.models.system import AuditEntry
from taskflow.services import accounts, passwords
from tests.integration.account.test_sign_in import post

PASSWORD = "mưa rào tháng sáu"
NEW = "gió mùa đông bắc về"


@pytest.fixture
def person(factories) -> User:
    return factories.user(Role.OFFICER, password=PASSWORD, email="mai@sonha.example")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn quá", "password.short"),
        ("x" * 201, "password.long"),
        ("mai@sonha.example", "password.email"),
        ("Matkhau123", "password.common"),
        ("Mật khẩu 123", "password.common"),
        ("aaaaaaaaaaaa", "password.common"),
        ("1212121212121", "password.common"),
    ],
)
def test_easy_passwords_are_refused(password, code):
    with pytest.raises(Invalid, match=re.escape(code)):
        passwords.check_new(password, email="mai@sonha.example")


def test_a_sentence_is_accepted():
    passwords.check_new(NEW, email="mai@sonha.example")


def test_changing_the_password_keeps_this_session_and_ends_the_others(client, app, person, sign_in):
    other = app.test_client()
    sign_in(client, person)
    sign_in(other, person)
    answer = post(client, "/account/password", current=PASSWORD, password=NEW, again=NEW)
    assert answer.status_code == 303
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert db.session.query(AuditEntry).one().action == "password.changed"


@pytest.mark.parametrize(
    ("current", "new", "again", "sentence"),
    [
        ("không phải", NEW, NEW, "Mật khẩu hiện tại không đúng"),
        (PASSWORD, NEW, "khác hẳn cái kia", "Hai lần nhập mật khẩu không giống nhau"),
        (PASSWORD, PASSWORD, PASSWORD, "trùng với mật khẩu hiện tại"),
        (PASSWORD, "ngắn", "ngắn", "ít nhất 10 ký tự"),
    ],
)
def test_wrong_change_is_explained_and_changes_nothing(client, person, sign_in, current, new, again, sentence):
    sign_in(client, person)
    answer = post(client, "/account/password", current=current, password=new, again=again)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    db.session.expire_all()
    assert passwords.verify(person.password_hash, PASSWORD)


def link_of(message: OutboxMessage) -> str:
    return message.payload["link"].removeprefix("http://localhost")


def test_forgotten_password_by_a_link_that_works_once(client, app, person, clock):
    known = post(client, "/forgot", email=" MAI@sonha.example")
    unknown = post(client, "/forgot", email="ai-do@sonha.example")
    assert known.status_code == unknown.status_code == 303
    message = db.session.query(OutboxMessage).one()
    assert (message.kind, message.user_id, message.address) == ("password_reset", person.id, person.email)
    link = link_of(message)
    assert person.email in client.get(link).get_data(as_text=True)
    assert post(client, link, password=NEW, again=NEW).status_code == 303
    assert client.get("/account").status_code == 200
    db.session.expire_all()
    assert passwords.verify(person.password_hash, NEW)
    assert app.test_client().get(link).status_code == 404


def test_link_is_too_old_after_two_hours(person, clock):
    accounts.ask_reset(email=person.email, address="10.0.0.1", now=clock())
    secret = link_of(db.session.query(OutboxMessage).one()).rpartition("/")[2]
    clock.advance(hours=2)
    with pytest.raises(NotFound):
        accounts.reset_password(secret=secret, new=NEW, now=clock())


def test_newer_link_replaces_the_older_one(person, clock):
    for _ in range(2):
        accounts.ask_reset(email=person.email, address="10.0.0.1", now=clock())
    old, new = (
        link_of(message).rpartition("/")[2] for message in db.session.query(OutboxMessage).order_by(OutboxMessage.id)
    )
    with pytest.raises(NotFound):
        accounts.reset_password(secret=old, new=NEW, now=clock())
    assert accounts.reset_password(secret=new, new=NEW, now=clock()) == person.id


def test_nobodys_mailbox_is_flooded(person, clock):
    for number in range(10):
        accounts.ask_reset(email=person.email, address=f"10.0.0.{number}", now=clock())
    assert db.session.query(OutboxMessage).count() == 3
    for _ in range(20):
        accounts.ask_reset(email="x@sonha.example", address="10.9.9.9", now=clock())
    with pytest.raises(TooMany):
        accounts.ask_reset(email="x@sonha.example", address="10.9.9.9", now=clock())


def test_secret_itself_is_not_stored(person, clock):
    accounts.ask_reset(email=person.email, address="10.0.0.1", now=clock())
    secret = link_of(db.session.query(OutboxMessage).one()).rpartition("/")[2]
    token = db.session.query(OneTimeToken).one()
    assert secret not in (token.digest, str(token.data))


def test_first_run_page_makes_the_administrator_once(client, app, clock):
    assert client.get("/sign-in").headers["Location"] == "/setup"
    values = {"office": "UBND xã Đồng Mây", "full_name": "Lê Thị Sen", "email": "sen@dongmay.example"}
    refused = post(client, "/setup", code="AAAA-AAAA-AAAA-AAAA", password=NEW, again=NEW, **values)
    assert refused.status_code == 422
    assert db.session.query(User).count() == 0
    accepted = post(client, "/setup", code=accounts.first_run_code().lower(), password=NEW, again=NEW, **values)
    assert accepted.status_code == 303
    user = db.session.query(User).one()
    post_held = db.session.query(Membership).one()
    unit = db.session.query(Unit).one()
    assert (user.email, post_held.role, post_held.unit_id) == ("sen@dongmay.example", Role.ADMINISTRATOR, unit.id)
    assert (unit.name, unit.path) == ("UBND xã Đồng Mây", f"/{unit.id}/")
    assert '<span class="brand-office">UBND xã Đồng Mây</span>' in client.get("/admin/").get_data(as_text=True)
    assert app.test_client().get("/setup").headers["Location"] == "/sign-in"
    with pytest.raises(WrongState):
        accounts.set_up(
            code=accounts.first_run_code(), office="X", email="y@dongmay.example", full_name="Y", password=NEW,
            address="", now=clock(),
        )  # fmt: skip


def test_first_run_code_cannot_be_guessed_by_trying(app, clock):
    def guess() -> None:
        accounts.set_up(
            code="AAAA", office="X", email="y@dongmay.example", full_name="Y", password=NEW, address="1.2.3.4",
            now=clock(),
        )  # fmt: skip

    for _ in range(10):
        with pytest.raises(Invalid, match=r"setup\.code"):
            guess()
    with pytest.raises(TooMany):
        guess()


def test_profile_is_ones_own_to_edit(client, person, sign_in):
    sign_in(client, person)
    assert (
        post(client, "/account", full_name="  Trần Thị Mai Anh ", job_title="Chuyên viên", phone="").status_code == 303
    )
    db.session.expire_all()
    assert (person.full_name, person.job_title) == ("Trần Thị Mai Anh", "Chuyên viên")
    assert "anh" in person.search_text
    refused = post(client, "/account", full_name="", job_title="", phone="")
    assert refused.status_code == 422
    assert "Hãy điền" in refused.get_data(as_text=True)


def test_without_a_mail_server_no_mail_is_promised(client, app, configure, person):
    configure(smtp_host="")
    assert "Chưa thiết lập máy chủ thư" in client.get("/forgot").text
    post(client, "/forgot", email="mai@sonha.example")
    page = client.get("/sign-in").text
    assert "Chưa thiết lập máy chủ thư" in page
    assert "đang được gửi" not in page


def test_without_a_mail_server_the_link_is_shown_once_and_works(client, app, configure, person, factories, sign_in):
    configure(smtp_host="")
    sign_in(client, factories.user(Role.ADMINISTRATOR))
    answer = post(client, f"/admin/people/{person.id}/invite")
    (link,) = re.findall(r"<code>\S+?(/password/\S+)</code>", answer.text)
    assert db.session.query(OutboxMessage).count() == 0
    assert link not in client.get(f"/admin/people/{person.id}").text
    assert app.test_client().get(link).status_code == 200
    post(client, f"/admin/people/{person.id}/invite")
    assert app.test_client().get(link).status_code == 404
