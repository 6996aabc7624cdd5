"""Links of messages: one task after a light check, and the switch that stops reminders by e-mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import User
from taskflow.models.outbox import Channel, ChannelKind, MessageStatus, OutboxMessage
from taskflow.models.system import AuditEntry
from taskflow.models.task import ExtensionRequest, ProgressReport, Task
from taskflow.notifications.transports.base import Parcel
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services.outbox import Courier
from taskflow.services.reminders import sweep
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

SignIn = Callable[[FlaskClient, User], FlaskClient]


@pytest.fixture
def head(factories: Factories) -> User:
    return factories.user(Role.HEAD)


@pytest.fixture
def task(factories: Factories, clock: Clock, head: User) -> Task:
    """A task due soon; the head has been told, so that a link exists."""
    clock.set("2026-01-05 08:00")
    made = factories.task(
        "Xây dựng kế hoạch", unit=head.memberships[0].unit, due_on=date(2026, 3, 30), state=TaskState.ASSIGNED
    )
    clock.set("2026-03-25 08:00")
    sweep(clock.now)
    return made


def _deliver(clock: Clock) -> list[Parcel]:
    transport = MemoryTransport()
    Courier(name="m", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    return transport.sent


def _link(parcels: list[Parcel], kind: str = "l") -> str:
    found = re.search(rf"http://localhost(/{kind}/[^\s\"<]+)", parcels[0].rendered.html)
    assert found is not None
    return found.group(1)


def _post(client: FlaskClient, page: str, target: str, **values: Any) -> Any:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).get_data(as_text=True))
    return client.post(target, data={"csrf_token": token.group(1) if token else "", **values})


def _let_in(client: FlaskClient, clock: Clock, link: str) -> None:
    """Pass the light check with the code that was sent."""
    _post(client, link, f"{link}/code")
    code = _deliver(clock)[0].rendered.text
    digits = re.search(r"\d{6}", code)
    assert digits is not None
    assert _post(client, link, f"{link}/code", code=digits.group()).status_code == 303


def test_a_link_shows_nothing_before_the_check_and_the_task_after(
    app: Flask, client: FlaskClient, clock: Clock, task: Task
) -> None:
    link = _link(_deliver(clock))
    before = client.get(link).get_data(as_text=True)
    assert "Xây dựng kế hoạch" not in before
    _let_in(client, clock, link)
    page = client.get(link).get_data(as_text=True)
    assert "Xây dựng kế hoạch" in page
    assert "Sắp đến hạn" in page, "how the time stands is said, as everywhere"
    db.session.rollback()
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "task_link")).all()
    assert actions == ["task_link.opened"]


def test_a_message_is_seen_when_its_person_opens_the_link(
    app: Flask, client: FlaskClient, clock: Clock, task: Task
) -> None:
    link = _link(_deliver(clock))

    def fate() -> tuple[MessageStatus, Any]:
        db.session.rollback()
        row = db.session.execute(
            select(OutboxMessage.status, OutboxMessage.seen_at).where(OutboxMessage.kind == "digest")
        ).one()
        return row.status, row.seen_at

    client.get(link, headers={"User-Agent": "a scanner of mails"})
    assert fate() == (MessageStatus.SENT, None), "opened by nobody in particular"
    _let_in(client, clock, link)
    first = clock()
    assert fate() == (MessageStatus.SEEN, first)
    clock.set("2026-03-25 11:00")
    client.get(link)
    assert fate() == (MessageStatus.SEEN, first), "seen once"


def test_on_a_phone_one_acknowledges_reports_and_asks_for_time(
    app: Flask, client: FlaskClient, clock: Clock, task: Task
) -> None:
    link = _link(_deliver(clock))
    _let_in(client, clock, link)
    assert _post(client, link, f"{link}/acknowledge").status_code == 303
    assert _post(client, link, f"{link}/progress", text="Đã xong bản thảo", percent="40").status_code == 303
    page = client.get(link).get_data(as_text=True)
    assert "Báo cáo gần nhất" in page
    assert "40%" in page
    answer = _post(client, link, f"{link}/more-time", due_on="10/04/2026", cause="objective", reason="Chờ số liệu")
    assert answer.status_code == 303
    page = client.get(link).get_data(as_text=True)
    assert "Đã đề nghị gia hạn đến 10/04/2026, đang chờ trả lời." in page
    assert "/more-time" not in page, "what waits for an answer is not asked for again"
    db.session.rollback()
    db.session.refresh(task)
    assert task.state is TaskState.IN_PROGRESS
    assert db.session.scalars(select(ProgressReport.percent)).one() == 40
    assert db.session.scalars(select(ExtensionRequest.asked_due_on)).one() == date(2026, 4, 10)
    entries = select(AuditEntry.action).where(AuditEntry.subject == "task_link").order_by(AuditEntry.id)
    used = db.session.scalars(entries).all()
    assert [action.partition(".")[2] for action in used] == ["opened", "acknowledged", "reported", "asked_for_time"]


def test_what_is_sent_twice_on_a_phone_happens_once(app: Flask, client: FlaskClient, clock: Clock, task: Task) -> None:
    link = _link(_deliver(clock))
    _let_in(client, clock, link)
    for action, values in (
        ("acknowledge", {}),
        ("progress", {"text": "Đã xong bản thảo", "percent": "40"}),
        ("more-time", {"due_on": "10/04/2026", "cause": "objective", "reason": "Chờ số liệu"}),
    ):
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(link).get_data(as_text=True))[-1]
        for _ in range(2):
            answer = client.post(f"{link}/{action}", data={"csrf_token": token, **values})
            assert (answer.status_code, answer.location) == (303, link), action
    db.session.rollback()
    assert len(db.session.scalars(select(ProgressReport.id)).all()) == 1
    assert len(db.session.scalars(select(ExtensionRequest.id)).all()) == 1


def test_without_the_check_nothing_can_be_done(app: Flask, client: FlaskClient, clock: Clock, task: Task) -> None:
    link = _link(_deliver(clock))
    assert _post(client, link, f"{link}/acknowledge").status_code == 403
    db.session.refresh(task)
    assert task.state is TaskState.ASSIGNED


def test_a_code_is_guessed_five_times_at_most(app: Flask, client: FlaskClient, clock: Clock, task: Task) -> None:
    link = _link(_deliver(clock))
    _post(client, link, f"{link}/code")
    digits = re.search(r"\d{6}", _deliver(clock)[0].rendered.text)
    assert digits is not None
    wrong = f"{(int(digits.group()) + 1) % 1_000_000:06d}"
    assert [_post(client, link, f"{link}/code", code=wrong).status_code for _ in range(5)] == [422] * 5
    assert _post(client, link, f"{link}/code", code=digits.group()).status_code == 422


def test_a_link_ends_with_its_day_its_message_and_its_persons_sessions(
    app: Flask, client: FlaskClient, clock: Clock, task: Task, head: User
) -> None:
    link = _link(_deliver(clock))
    assert client.get(link).status_code == 200
    assert client.get(link[:-2] + "xx").status_code == 404
    with unit_of_work() as session:
        message = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).first()
        assert message is not None
        message.links_revoked_at = clock.now
    assert client.get(link).status_code == 404
    with unit_of_work():
        message.links_revoked_at = None
        head.session_epoch += 1
    assert client.get(link).status_code == 404
    with unit_of_work():
        head.session_epoch -= 1
    clock.advance(days=15)
    assert client.get(link).status_code == 422


def test_who_is_signed_in_goes_straight_to_the_task(
    app: Flask, client: FlaskClient, clock: Clock, task: Task, head: User, sign_in: SignIn
) -> None:
    link = _link(_deliver(clock))
    answer = sign_in(client, head).get(link)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/tasks/{task.id}")


def test_a_task_that_moved_to_another_unit_is_no_longer_opened(
    app: Flask, client: FlaskClient, clock: Clock, task: Task, factories: Factories
) -> None:
    link = _link(_deliver(clock))
    _let_in(client, clock, link)
    other = factories.unit()
    with unit_of_work():
        task.lead_unit_id = other.id
    assert client.get(link).status_code == 404


def test_one_click_stops_reminders_by_e_mail(app: Flask, client: FlaskClient, clock: Clock, task: Task) -> None:
    parcels = _deliver(clock)
    link = parcels[0].unsubscribe_url.removeprefix("http://localhost")
    assert client.get(link).status_code == 200
    db.session.rollback()
    assert db.session.scalars(select(Channel)).all() == [], "a visit alone changes nothing"
    # A mail program posts without any page or form token (RFC 8058).
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    db.session.rollback()
    assert db.session.scalars(select(Channel)).one().unsubscribed_at == clock.now
    assert client.post(link, data={"again": "1"}).status_code == 200
    assert client.get("/u/forged").status_code == 404


def test_every_opening_is_kept_and_a_scanner_leaves_nothing(
    app: Flask, client: FlaskClient, clock: Clock, task: Task, head: User, sign_in: SignIn
) -> None:
    link = _link(_deliver(clock))

    def openings() -> int:
        db.session.rollback()
        return len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "task_link.opened")).all())

    assert client.get(link).status_code == 200
    assert client.head(link).status_code == 200
    assert openings() == 0, "who has not passed the check has not opened anything"
    _let_in(client, clock, link)
    assert client.get(link).status_code == 200
    assert openings() == 1
    clock.advance(hours=2)
    assert client.get(link).status_code == 200
    assert client.get(link).status_code == 200, "loaded again, which is the same opening"
    assert openings() == 2
    clock.advance(hours=2)
    sign_in(client, head)
    assert client.get(link).status_code == 303
    assert openings() == 3


def test_the_code_comes_by_the_channel_that_the_link_came_by(
    app: Flask, client: FlaskClient, clock: Clock, task: Task, head: User, factories: Factories
) -> None:
    link = _link(_deliver(clock))  # came by e-mail, while the person's first channel is the bot by now
    factories.channel(head, ChannelKind.ZALO_BOT, "chat-1")
    with unit_of_work():
        head.preferences = {"reminders": {"channels": ["zalo_bot"]}}
    _post(client, link, f"{link}/code")
    db.session.rollback()
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "link_code")).one()
    assert (sent.channel, sent.address) == (ChannelKind.EMAIL, head.email)


def test_a_code_never_goes_where_it_could_not_be_read(
    app: Flask, client: FlaskClient, clock: Clock, task: Task, head: User, factories: Factories
) -> None:
    link = _link(_deliver(clock))
    with unit_of_work() as session:
        message = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).one()
        message.channel, message.address = ChannelKind.ZALO_OA, "u1"  # a template by UID, weeks after the last word
    factories.channel(head, ChannelKind.ZALO_OA, "u1", last_interaction_at=clock.now - timedelta(days=8))
    _post(client, link, f"{link}/code")
    db.session.rollback()
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "link_code")).one()
    assert sent.channel is ChannelKind.EMAIL


def test_codes_are_few_in_a_day(app: Flask, client: FlaskClient, clock: Clock, task: Task) -> None:
    link = _link(_deliver(clock))
    statuses = []
    for _ in range(14):
        statuses.append(_post(client, link, f"{link}/code").status_code)
        clock.advance(minutes=6)
    assert statuses.count(200) <= 13
    assert statuses[-1] == 429
