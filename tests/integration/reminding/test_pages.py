"""Pages of messages, bell, channels and rules: who may use them, what they show, what their buttons do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import User
from taskflow.models.outbox import Channel, ChannelKind, MessageStatus, Notification, OutboxMessage, ReminderRule
from taskflow.notifications.transports.base import PermanentError
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services.notices import account_message, task_event
from taskflow.services.outbox import Courier
from taskflow.services.reminder_policy import choice_of, load_policy
from taskflow.services.reminders import sweep
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import BotSettings, save_bot
from tests.factories import Factories
from tests.support.clock import Clock

SignIn = Callable[[FlaskClient, User], FlaskClient]


@pytest.fixture
def admin(factories: Factories) -> User:
    """An administrator who also works in the coordinating office."""
    user = factories.user(Role.ADMINISTRATOR)
    factories.membership(user, factories.office(), Role.COORDINATOR)
    return user


@pytest.fixture
def reminded(factories: Factories, clock: Clock) -> OutboxMessage:
    """A digest to a head of unit, queued on 25/03/2026."""
    clock.set("2026-01-05 08:00")
    head = factories.user(Role.HEAD, full_name="Trần Thị Mai")
    factories.task(
        "Việc đã quá hạn", unit=head.memberships[0].unit, due_on=date(2026, 3, 20), state=TaskState.IN_PROGRESS
    )
    clock.set("2026-03-25 08:00")
    sweep(clock.now)
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.user_id == head.id)).one()


def _post(client: FlaskClient, page: str, target: str, **values: Any) -> Any:
    """Send a form of a page, with the page's own token."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).get_data(as_text=True))
    return client.post(target, data={"csrf_token": token.group(1) if token else "", **values})


def _deliver(clock: Clock, answer: Callable[[Any], None] | None = None) -> MemoryTransport:
    transport = MemoryTransport(answer)
    Courier(name="m", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    return transport


def _refuse(_parcel: object) -> None:
    raise PermanentError("550", "no such user", bad_address=True)


@pytest.mark.parametrize(
    "page",
    [
        "/messages/",
        "/messages/unreached",
        "/messages/people",
        "/messages/month",
        "/channels/setup/",
        "/channels/setup/zalo",
    ],
)
def test_people_of_a_department_may_not_look_into_messages_and_channels(
    client: FlaskClient, factories: Factories, sign_in: SignIn, page: str
) -> None:
    assert client.get(page).status_code == 302
    assert sign_in(client, factories.user(Role.OFFICER)).get(page).status_code == 403


def test_a_message_is_followed_from_queue_to_failure_and_sent_again(
    client: FlaskClient, admin: User, sign_in: SignIn, clock: Clock, reminded: OutboxMessage
) -> None:
    sign_in(client, admin)
    address = f"/messages/{reminded.id}"
    assert "Trần Thị Mai" in client.get("/messages/?status=queued").get_data(as_text=True)
    _deliver(clock, _refuse)
    page = client.get(address).get_data(as_text=True)
    assert "550 no such user" in page
    unreached = client.get("/messages/unreached").get_data(as_text=True)
    assert "Việc đã quá hạn" in unreached
    # The only address was refused: nothing can be sent again before another one is known.
    assert _post(client, address, f"{address}/resend").status_code == 409
    with unit_of_work() as session:
        session.scalars(select(Channel).where(Channel.user_id == reminded.user_id)).one().disabled_at = None
    assert _post(client, address, f"{address}/resend").status_code == 303
    _deliver(clock)
    db.session.rollback()
    again = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert again is not None
    assert again.status is MessageStatus.SENT
    assert "Việc đã quá hạn" not in client.get("/messages/unreached").get_data(as_text=True)
    assert client.get("/messages/people").status_code == 200
    assert client.get("/messages/month?month=2026-03").status_code == 200


def test_a_queued_message_can_be_cancelled_and_a_sent_one_cannot(
    client: FlaskClient, admin: User, sign_in: SignIn, clock: Clock, reminded: OutboxMessage
) -> None:
    sign_in(client, admin)
    address = f"/messages/{reminded.id}"
    assert _post(client, address, f"{address}/cancel").status_code == 303
    assert reminded.address not in [parcel.address for parcel in _deliver(clock).sent]
    assert _post(client, address, f"{address}/cancel").status_code == 409


def test_an_office_sees_messages_to_its_own_people_and_none_about_accounts(
    client: FlaskClient, factories: Factories, sign_in: SignIn, clock: Clock, reminded: OutboxMessage
) -> None:
    clerk = factories.user(Role.COORDINATOR)
    stranger = factories.user(Role.COORDINATOR, unit=factories.office(parent=factories.unit("Tỉnh khác")))
    with unit_of_work() as session:
        user = session.get_one(User, reminded.user_id)
        secret = account_message(session, user, "password_reset", {"link": "http://localhost/x"}, clock.now)
    sign_in(client, clerk)
    assert client.get(f"/messages/{reminded.id}").status_code == 200
    assert client.get(f"/messages/{secret.id}").status_code == 404
    sign_in(client, stranger)
    assert client.get(f"/messages/{reminded.id}").status_code == 404
    assert client.post(f"/messages/{reminded.id}/cancel").status_code in (400, 404)


def _bell(answer: TestResponse) -> str:
    found = re.search(r'id="arrived-count">(\d+)', answer.get_data(as_text=True))
    return found.group(1) if found else ""


def test_the_bell_counts_what_is_new_and_forgets_what_was_read(
    client: FlaskClient, factories: Factories, sign_in: SignIn, clock: Clock
) -> None:
    head = factories.user(Role.HEAD)
    task = factories.task("Cập nhật dữ liệu", unit=head.memberships[0].unit)
    clerk = factories.actor(factories.user(Role.COORDINATOR, full_name="Lê Văn Đức"))
    with unit_of_work() as session:
        task_event(session, task, "assigned", clerk, clock.now)
        task_event(session, task, "urged", clerk, clock.now, text="Đề nghị khẩn trương")
    sign_in(client, head)
    clock.advance(minutes=1)
    assert _bell(client.head("/inbox/") and client.get("/tasks/")) == "2"
    page = client.get("/inbox/").get_data(as_text=True)
    assert "Lê Văn Đức" in page
    assert _bell(client.get("/tasks/")) == "", "nothing has come since"
    assert "Cập nhật dữ liệu" in client.get("/inbox/?new=1").get_data(as_text=True), "looking is not reading"
    clock.advance(minutes=1)
    with unit_of_work() as session:
        task_event(session, task, "urged", clerk, clock.now, text="Đề nghị khẩn trương")
    assert _bell(client.get("/tasks/")) == "1"
    assert "Đề nghị khẩn trương" in page
    newest = db.session.scalars(select(Notification.id).order_by(Notification.id.desc())).first()
    answer = _post(client, "/inbox/", f"/inbox/{newest}/open", task=task.id)
    assert answer.headers["Location"] == f"/tasks/{task.id}"
    assert _post(client, "/inbox/", "/inbox/read", up_to=newest).status_code == 303
    assert "Cập nhật dữ liệu" not in client.get("/inbox/?new=1").get_data(as_text=True)


def test_a_person_chooses_when_and_how(client: FlaskClient, factories: Factories, sign_in: SignIn) -> None:
    user = factories.user()
    sign_in(client, user)
    answer = _post(
        client, "/channels/", "/channels/choice", first="email", times="07:30", quiet_from="18:00", quiet_to="08:00"
    )
    assert answer.status_code == 303
    db.session.refresh(user)
    choice = choice_of(user.preferences)
    assert choice.quiet == (time(18, 0), time(8, 0))
    assert _post(client, "/channels/", "/channels/email/off").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Channel)).one().unsubscribed_at is not None


def test_a_code_to_link_zalo_is_shown_once_the_office_has_a_bot(
    client: FlaskClient, factories: Factories, sign_in: SignIn, clock: Clock
) -> None:
    with unit_of_work():
        save_bot(BotSettings(token="1:x"), now=clock.now, by_id=None)
    sign_in(client, factories.user())
    page = _post(client, "/channels/", "/channels/link/zalo_bot").get_data(as_text=True)
    assert re.search(r"LK \d{6}", page)


def test_somebody_elses_channel_is_not_found(client: FlaskClient, factories: Factories, sign_in: SignIn) -> None:
    channel = factories.channel(factories.user(), ChannelKind.ZALO_BOT, "chat-1")
    sign_in(client, factories.user())
    assert _post(client, "/channels/", f"/channels/{channel.id}/unlink").status_code == 404


def test_the_administrator_sets_hours_and_wrong_ones_are_refused(
    app: Flask, client: FlaskClient, admin: User, sign_in: SignIn
) -> None:
    sign_in(client, admin)
    values = {
        "times": "08:00, 14:00",
        "opens": "07:00",
        "closes": "18:00",
        "channels": ["email", "zalo_bot"],
        "gather_minutes": 5,
        "digest_items": 10,
        "link_days": 7,
        "keep_days": 100,
    }
    assert _post(client, "/channels/setup/", "/channels/setup/policy", **values).status_code == 303
    with app.app_context():
        policy = load_policy()
    assert (policy.times, policy.closes, policy.keep_days) == ((time(8, 0), time(14, 0)), time(18, 0), 100)
    wrong = {**values, "times": "19:00"}
    assert _post(client, "/channels/setup/", "/channels/setup/policy", **wrong).status_code == 422


def test_a_test_message_shows_its_fate(client: FlaskClient, admin: User, sign_in: SignIn, clock: Clock) -> None:
    sign_in(client, admin)
    answer = _post(client, "/channels/setup/webhooks", "/channels/setup/test/email")
    assert answer.status_code == 303
    assert _deliver(clock).sent[0].address == admin.email
    assert client.get(answer.headers["Location"]).status_code == 200


def test_a_rule_is_previewed_saved_and_dropped(
    client: FlaskClient, factories: Factories, sign_in: SignIn, clock: Clock
) -> None:
    clerk = factories.user(Role.COORDINATOR)
    clock.set("2026-01-05 08:00")
    head = factories.user(Role.HEAD, full_name="Phạm Thu Hà")
    factories.task(unit=head.memberships[0].unit, due_on=date(2026, 3, 20), state=TaskState.IN_PROGRESS)
    clock.set("2026-03-31 08:00")
    sign_in(client, clerk)
    office = factories.office().id
    address = f"/reminder-rules/due?office={office}"
    values = {"is_active": "y", "before": "5", "after": "1", "repeat_days": 0, "recipients": "head", "escalate_to": ""}
    shown = _post(client, address, address, **values, preview="1").get_data(as_text=True)
    assert "Phạm Thu Hà (2)" in shown
    assert db.session.scalars(select(ReminderRule)).all() == []
    assert _post(client, address, address, **values).status_code == 303
    db.session.rollback()
    rule = db.session.scalars(select(ReminderRule)).one()
    assert (rule.office_unit_id, rule.definition["before"]) == (office, [5])
    assert _post(client, address, address, **{**values, "recipients": []}).status_code == 422
    assert _post(client, address, f"/reminder-rules/due/drop?office={office}").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(ReminderRule)).all() == []


def test_rules_of_another_office_are_not_found(client: FlaskClient, factories: Factories, sign_in: SignIn) -> None:
    other = factories.office(parent=factories.unit("Tỉnh khác"))
    sign_in(client, factories.user(Role.COORDINATOR))
    assert client.get(f"/reminder-rules/due?office={other.id}").status_code == 404
    assert client.get("/reminder-rules/nonsense").status_code == 404


def test_an_office_finds_the_rules_of_its_documents_and_tasks(
    client: FlaskClient, factories: Factories, sign_in: SignIn
) -> None:
    clerk = factories.user(Role.COORDINATOR)
    document = factories.document(number="12/KH-UBND")
    task = factories.task(unit=factories.unit(), document=document)
    sign_in(client, clerk)
    for page, rules in (
        (f"/documents/{document.id}", f"/reminder-rules/?document={document.id}"),
        (f"/tasks/{task.id}", f"/reminder-rules/?task={task.id}"),
        ("/messages/", "/reminder-rules/"),
    ):
        assert f'href="{rules}"' in client.get(page).get_data(as_text=True)
    office = f"/reminder-rules/?office={factories.office().id}"
    assert "12/KH-UBND" not in client.get(office).get_data(as_text=True)
    address = f"/reminder-rules/due?task={task.id}"
    values = {"is_active": "y", "before": "5", "after": "1", "repeat_days": 0, "recipients": "head"}
    steps = {"escalations-0-to": "leader", "escalations-0-after_days": "3", "escalations-1-to": "",
             "escalations-2-to": "office", "escalations-2-after_urges": "2"}  # fmt: skip
    never = steps | {"escalations-0-after_days": ""}
    assert _post(client, address, address, **values, **never).status_code == 422
    assert _post(client, address, address, **values, **steps).status_code == 303
    db.session.rollback()
    rule = db.session.scalars(select(ReminderRule)).one()
    assert [step["to"] for step in rule.definition["escalations"]] == ["leader", "office"]
    both = f"/reminder-rules/due?office={factories.office().id}&task={task.id}"
    assert _post(client, both, both, **values).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(ReminderRule.task_id)).all() == [task.id], "a rule has one level, the nearest"
    assert _post(client, address, address, **values, **steps).status_code == 303
    for level in (office, f"/reminder-rules/?document={document.id}"):
        assert f'href="/reminder-rules/?task={task.id}"' in client.get(level).get_data(as_text=True)
