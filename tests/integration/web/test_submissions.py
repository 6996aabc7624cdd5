"""The same form twice, a form whose session has ended, a form in the tab of somebody else."""

from __future__ import annotations

import contextvars
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.base import Base
from taskflow.models.org import ApiToken, Unit, User
from taskflow.models.submission import HeldForm, Submission
from taskflow.models.task import Comment, ProgressReport, SavedView, Task, Urge
from taskflow.services import retention
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.integration.web.scene import Scene, text_of
from tests.support.clock import Clock

SignIn = Callable[[FlaskClient, User], FlaskClient]
WORDS = "Đã khảo sát 12 cơ sở dữ liệu; còn vướng phần chia sẻ với kho của tỉnh."


@pytest.fixture
def scene(factories: Factories, clock: Clock) -> Scene:
    return Scene(factories, clock)


def token_on(client: FlaskClient, page: str, action: str = "") -> str:
    """The token of a form on a page: of the one that is sent to ``action``, else the last one."""
    html = client.get(page).get_data(as_text=True)
    if action:
        html = html[html.index(f'action="{action}"') :]
        return re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', html)[0]
    return re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', html)[-1]


def count(model: type[Base]) -> int:
    db.session.rollback()
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def sending(client: FlaskClient, page: str, action: str = "", **data: Any) -> Callable[[], TestResponse]:
    """Sends the same form each time it is called."""
    sent = {"csrf_token": token_on(client, page, action), **data}
    return lambda: client.post(action or page, data=dict(sent))


def test_every_form_that_creates_makes_one_thing_of_two_requests(
    client: FlaskClient, scene: Scene, factories: Factories, sign_in: SignIn
) -> None:
    task, page = scene.task.id, f"/tasks/{scene.task.id}"
    admin = factories.user(Role.ADMINISTRATOR)
    person = {"full_name": "Nguyễn Thị Thử", "email": "thu@vidu.example", "unit_id": scene.unit.id, "role": "officer"}
    forms: list[tuple[User, type[Base], str, str, dict[str, Any]]] = [
        (scene.head, Comment, page, f"{page}/comment", {"text": WORDS, "version": 1}),
        (scene.head, ProgressReport, f"{page}/progress", "", {"result": WORDS, "version": 1}),
        (scene.clerk, Urge, f"{page}/urge", "", {"text": "Đề nghị báo cáo.", "channel": "phone", "version": 1}),
        (scene.clerk, SavedView, "/tasks/views", "", {"name": "Quá hạn", "query": "label=overdue"}),
        (scene.clerk, Task, "/tasks/new", "", {"content": "Báo cáo tháng", "lead_unit_ids": scene.unit.id,
                                              "deadline_text": "30/11/2026", "priority": "normal"}),
        (admin, Unit, "/admin/units/new", "", {"name": "Phòng Thử nghiệm", "position": 0}),
        (admin, User, "/admin/people/new", "", person),
        (scene.head, ApiToken, "/account/api-tokens", "", {"label": "máy tính", "days": "30"}),
    ]  # fmt: skip
    for user, model, where, action, data in forms:
        sign_in(client, user)
        if where == "/tasks/new":
            with unit_of_work() as session:  # the factory takes codes that the office would give next
                session.get_one(Task, task).code = "CŨ-1"
            data["office_unit_id"] = db.session.get_one(Task, task).office_unit_id
        before = count(model)
        send = sending(client, where, action, **{**data, "version": db.session.get_one(Task, task).version})
        first, second = send(), send()
        made = count(model) - before
        assert made == 1, (where, first.status, text_of(first)[text_of(first).find("error-summary") :][:900])
        if model is not ApiToken:
            assert (second.status_code, second.location) == (303, first.location), where
        else:  # its secret is shown once
            assert (first.status_code, second.status_code) == (201, 303)
    db.session.rollback()
    assert count(Submission) >= len(forms)


def test_other_words_are_another_request(client: FlaskClient, scene: Scene, sign_in: SignIn) -> None:
    """Somebody goes back, changes the text and sends it: both were meant."""
    sign_in(client, scene.head)
    page = f"/tasks/{scene.task.id}/comment"
    token = token_on(client, page)
    for text in ("Một", "Hai", "Hai"):
        assert client.post(page, data={"csrf_token": token, "version": 1, "text": text}).status_code == 303
    assert count(Comment) == 2


def test_a_refused_form_may_be_sent_again_with_its_key(client: FlaskClient, scene: Scene, sign_in: SignIn) -> None:
    sign_in(client, scene.head)
    page = f"/tasks/{scene.task.id}/progress"
    token = token_on(client, page)
    assert client.post(page, data={"csrf_token": token, "version": 7, "result": WORDS}).status_code == 409
    assert count(Submission) == 0
    version = db.session.get_one(Task, scene.task.id).version
    assert client.post(page, data={"csrf_token": token, "version": version, "result": WORDS}).status_code == 303


def test_two_requests_at_the_same_moment_make_one_thing(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    client = sign_in(app.test_client(), scene.head)
    page = f"/tasks/{scene.task.id}/comment"
    data = {"csrf_token": token_on(client, page), "version": 1, "text": WORDS}
    with client.session_transaction() as session:
        kept = dict(session)
    start, answers = threading.Barrier(4), []

    def press() -> None:
        with app.app_context():
            browser = app.test_client()
            with browser.session_transaction() as session:
                session.update(kept)
        start.wait()
        with app.app_context():
            answers.append(browser.post(page, data=dict(data)))

    presses = [threading.Thread(target=contextvars.Context().run, args=(press,)) for _ in range(4)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, answers[0].location)}
    assert count(Comment) == 1


def lost(client: FlaskClient, scene: Scene, sign_in: SignIn) -> tuple[str, TestResponse]:
    """A report that was sent after its author had signed out in another tab."""
    sign_in(client, scene.head)
    page = f"/tasks/{scene.task.id}/progress"
    send = sending(client, page, result=WORDS, difficulties="Thiếu <người> & máy", version=1)
    out = token_on(client, page, "/sign-out")
    assert client.post("/sign-out", data={"csrf_token": out}).status_code == 303
    return page, send()


def test_a_report_of_an_ended_session_is_shown_to_its_author(
    client: FlaskClient, scene: Scene, factories: Factories, sign_in: SignIn
) -> None:
    page, answer = lost(client, scene, sign_in)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=")
    asked = client.get(answer.location)
    assert "Đăng nhập" in text_of(asked)
    assert WORDS not in text_of(asked)
    assert count(ProgressReport) == 0
    entered = enter(client, answer.location, scene.head)
    shown = client.get(entered.location)
    assert shown.status_code == 200
    assert f"{WORDS}</textarea>" in text_of(shown)
    assert "Thiếu &lt;người&gt; &amp; máy" in shown.get_data(as_text=True)
    # Back and reload show it again; sending it ends it.
    assert WORDS in text_of(client.get(page))
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', text_of(shown))[-1]
    sent = client.post(page, data={"csrf_token": token, "version": 1, "result": WORDS})
    assert sent.status_code == 303
    assert (count(ProgressReport), count(HeldForm)) == (1, 0)
    assert WORDS not in text_of(client.get(page))


def enter(client: FlaskClient, address: str, user: User) -> TestResponse:
    token = token_on(client, address)
    return client.post(address, data={"csrf_token": token, "email": user.email, "password": PASSWORD})


PASSWORD = "một câu dễ nhớ 2026"


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody signs in with the same words: hashing is another test's."""
    from taskflow.services import accounts

    def by_email(*, email: str, password: str, **_: Any) -> int:
        assert password == PASSWORD
        return int(db.session.scalars(select(User.id).where(User.email == email)).one())

    monkeypatch.setattr(accounts, "sign_in", by_email)


def test_another_person_who_signs_in_does_not_see_it(client: FlaskClient, scene: Scene, sign_in: SignIn) -> None:
    page, answer = lost(client, scene, sign_in)
    entered = enter(client, answer.location, scene.officer)
    for address in (entered.location, page, answer.location):
        seen = client.get(address)
        assert WORDS not in text_of(client.get(seen.location) if seen.location else seen)
    sign_in(client, scene.head)
    with client.session_transaction() as session:
        session["held"] = True
    assert WORDS in text_of(client.get(page))


def test_a_form_in_the_tab_of_another_person_asks_for_its_author(
    client: FlaskClient, scene: Scene, sign_in: SignIn
) -> None:
    sign_in(client, scene.head)
    page = f"/tasks/{scene.task.id}/comment"
    send = sending(client, page, text=WORDS, version=1)
    sign_in(client, scene.officer)
    answer = send()
    assert answer.status_code == 303
    asked = client.get(answer.location)
    assert 'name="password"' in text_of(asked)
    assert WORDS not in text_of(asked)
    assert count(Comment) == 0
    shown = client.get(enter(client, answer.location, scene.head).location)
    assert f"{WORDS}</textarea>" in text_of(shown)


def test_a_token_of_an_earlier_session_costs_no_text(client: FlaskClient, scene: Scene, sign_in: SignIn) -> None:
    sign_in(client, scene.head)
    page = f"/tasks/{scene.task.id}/comment"
    send = sending(client, page, text=WORDS, version=1)
    sign_in(client, scene.head)
    answer = send()
    assert answer.status_code == 400
    assert f"{WORDS}</textarea>" in text_of(answer)
    assert count(Comment) == 0
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', text_of(answer))[-1]
    assert client.post(page, data={"csrf_token": token, "version": 1, "text": WORDS}).status_code == 303


def test_a_form_without_a_page_of_its_own_is_offered_for_sending(
    client: FlaskClient, scene: Scene, sign_in: SignIn
) -> None:
    sign_in(client, scene.clerk)
    send = sending(client, "/tasks/", "/tasks/bulk", kind="urge", step="run", ids=str(scene.task.id), text=WORDS)
    sign_in(client, scene.clerk)
    answer = send()
    assert WORDS in text_of(answer)
    assert count(Urge) == 0


def test_a_forged_author_is_held_for_nobody(client: FlaskClient, scene: Scene) -> None:
    page = f"/tasks/{scene.task.id}/comment"
    assert client.post(page, data={"csrf_token": "x~WzEsImEiXQ.forged", "text": WORDS}).status_code == 400
    assert count(HeldForm) == 0


def test_what_is_held_is_bounded_and_forgotten(
    client: FlaskClient, scene: Scene, sign_in: SignIn, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _answer = lost(client, scene, sign_in)
    clock.advance(days=8)
    sign_in(client, scene.head)
    with client.session_transaction() as session:
        session["held"] = True
    assert WORDS not in text_of(client.get(page))
    retention.forget(clock() + timedelta(days=1))
    assert count(HeldForm) == 0
    monkeypatch.setattr("taskflow.services.submissions.MOST_HELD_TEXT", 20)
    _page, answer = lost(client, scene, sign_in)
    assert count(HeldForm) == 0
    assert "quá dài" in text_of(client.get(answer.location))


def test_secrets_are_never_held(client: FlaskClient, scene: Scene, sign_in: SignIn) -> None:
    sign_in(client, scene.head)
    send = sending(client, "/account/password", current="cũ", password="một mật khẩu rất dài", again="x")
    client.post("/sign-out", data={"csrf_token": token_on(client, "/account", "/sign-out")})
    assert send().status_code == 303
    assert count(HeldForm) == 0
