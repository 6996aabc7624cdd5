"""The delivery loop against a real SMTP server: truth about every message, retries, refusals, doubles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import User
from taskflow.models.outbox import (
    Channel,
    ChannelKind,
    DeliveryAttempt,
    MessageStatus,
    OutboxMessage,
    ReminderRecord,
)
from taskflow.models.task import ExtensionRequest, ExtensionState, Task
from taskflow.notifications.transports.base import Parcel, PermanentError, TransientError
from taskflow.notifications.transports.email import EmailTransport
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services.notices import account_message
from taskflow.services.outbox import CLAIM, LADDER, Courier, channels_due, claim
from taskflow.services.reminders import sweep
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock
from tests.support.smtp import Mailbox, smtp_server

LINK = "http://localhost/password/secret"


@pytest.fixture
def mailbox(app: Flask, configure: Callable[..., Any]) -> Iterator[Mailbox]:
    with smtp_server() as (box, port):
        configure(smtp_host="127.0.0.1", smtp_port=port, mail_from="nhac-viec@sonha.example")
        yield box


@pytest.fixture
def head(factories: Factories, clock: Clock) -> User:
    """A head of unit with one task three working days late; a digest is queued at 08:00 on 25/03/2026."""
    clock.set("2026-01-05 08:00")
    head = factories.user(Role.HEAD, full_name="Trần Thị Mai")
    factories.task(
        "Xây dựng kế hoạch triển khai học bạ số",
        unit=head.memberships[0].unit,
        due_on=date(2026, 3, 20),
        state=TaskState.IN_PROGRESS,
    )
    clock.set("2026-03-25 08:00")
    sweep(clock.now)
    return head


def _deliver(app: Flask, clock: Clock) -> int:
    """One batch by a worker of its own, which hangs up afterwards."""
    transport = EmailTransport(app.config["TASKFLOW"])
    courier = Courier(name="worker-1", channels=[ChannelKind.EMAIL], transport=transport, now=clock)
    try:
        return courier.deliver_batch()
    finally:
        courier.close()


def _memory(clock: Clock, answer: Callable[[Parcel], None] | None = None, *channels: ChannelKind) -> Courier:
    return Courier(name="m", channels=channels or [ChannelKind.EMAIL], transport=MemoryTransport(answer), now=clock)


def _messages() -> list[OutboxMessage]:
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_a_digest_arrives_whole_and_is_sent_only_then(app: Flask, clock: Clock, head: User, mailbox: Mailbox) -> None:
    assert _messages()[0].status is MessageStatus.QUEUED
    assert _deliver(app, clock) == 1
    (row,) = _messages()
    assert (row.status, row.sent_at, row.attempts) == (MessageStatus.SENT, clock.now, 1)
    (mail,) = mailbox.messages
    assert mail["To"].addresses[0].addr_spec == head.email
    assert mail["From"].addresses[0].display_name == "Theo dõi nhiệm vụ"
    assert mail["Message-ID"] == f"<taskflow-{row.id}@sonha.example>"
    assert mail["List-Unsubscribe"].startswith("<http://localhost/u/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    for part in (text.get_content(), html.get_content()):
        assert "Xây dựng kế hoạch triển khai học bạ số" in part
        assert "Trần Thị Mai" in part
        assert "/l/" in part
    (attempt,) = db.session.scalars(select(DeliveryAttempt)).all()
    assert (attempt.outcome, attempt.finished_at) == ("sent", clock.now)
    assert _deliver(app, clock) == 0


def test_vietnamese_headers_survive(app: Flask, clock: Clock, head: User, mailbox: Mailbox) -> None:
    _deliver(app, clock)
    raw = mailbox.envelopes[0].original_content or b""
    assert raw.isascii()
    assert str(mailbox.messages[0]["Subject"]).endswith("1")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_messages_of_a_batch_share_one_connection(
    app: Flask, clock: Clock, factories: Factories, mailbox: Mailbox
) -> None:
    people = [factories.user() for _ in range(5)]
    with unit_of_work() as session:
        for person in people:
            account_message(session, person, "test", {}, clock.now)
    _deliver(app, clock)
    assert len(mailbox.messages) == 5
    assert len(mailbox.sessions) == 1


def test_a_refused_address_is_marked_and_the_next_channel_takes_over(
    app: Flask, clock: Clock, head: User, factories: Factories, mailbox: Mailbox
) -> None:
    factories.channel(head, ChannelKind.ZALO_BOT, "chat-1")
    mailbox.refuse[head.email] = "550 5.1.1 no such user"
    _deliver(app, clock)
    failed, other = _messages()
    assert (failed.status, failed.last_error) == (MessageStatus.FAILED, "550 5.1.1 no such user")
    assert (other.channel, other.address, other.fallback_of_id) == (ChannelKind.ZALO_BOT, "chat-1", failed.id)
    channel = db.session.scalar(select(Channel).where(Channel.kind == ChannelKind.EMAIL))
    assert channel is not None
    assert channel.disabled_at == clock.now
    assert db.session.scalars(select(ReminderRecord.message_id)).all() == [other.id], "what counts now"
    bot = _memory(clock, None, ChannelKind.ZALO_BOT)
    bot.deliver_batch()
    assert _messages()[1].status is MessageStatus.SENT


def test_a_refused_content_does_not_mark_the_address(app: Flask, clock: Clock, head: User, mailbox: Mailbox) -> None:
    mailbox.answer_data = "554 5.7.1 looks like spam"
    _deliver(app, clock)
    assert [message.status for message in _messages()] == [MessageStatus.QUEUED], "it may pass"
    assert db.session.scalars(select(Channel)).all() == []


@pytest.mark.parametrize("way", ["greylist", "no_server"])
def test_what_may_work_later_is_tried_on_a_ladder_and_given_up_visibly(
    app: Flask, clock: Clock, head: User, mailbox: Mailbox, configure: Callable[..., Any], way: str
) -> None:
    if way == "greylist":
        mailbox.refuse[head.email] = "451 4.7.1 try again later"
    else:
        configure(smtp_port=9)
    with unit_of_work():
        _messages()[0].urgent = True  # others wait for the morning, see below
    waits = []
    for _ in range(len(LADDER)):
        assert _deliver(app, clock) == 1
        (row,) = _messages()
        assert row.status is MessageStatus.QUEUED
        waits.append((row.next_attempt_at - clock.now) / LADDER[len(waits)])
        assert _deliver(app, clock) == 0
        clock.set(row.next_attempt_at)
    assert all(1 <= wait <= 1.1 for wait in waits)
    _deliver(app, clock)
    (row,) = _messages()
    assert row.status is MessageStatus.FAILED
    assert row.attempts == len(LADDER) + 1
    assert len(db.session.scalars(select(DeliveryAttempt)).all()) == row.attempts


def test_one_refused_address_does_not_hold_up_the_others(
    app: Flask, clock: Clock, factories: Factories, mailbox: Mailbox
) -> None:
    people = [factories.user() for _ in range(3)]
    mailbox.refuse[people[0].email] = "550 no such user"
    with unit_of_work() as session:
        for person in people:
            account_message(session, person, "test", {}, clock.now)
    _deliver(app, clock)
    assert [message.status.value for message in _messages()] == ["failed", "sent", "sent"]


def test_a_claim_keeps_others_away_until_it_runs_out(app: Flask, clock: Clock, head: User) -> None:
    with unit_of_work() as session:
        assert len(claim(session, [ChannelKind.EMAIL], worker="dies", now=clock.now)) == 1
    courier = _memory(clock)
    assert courier.deliver_batch() == 0
    clock.advance(seconds=CLAIM.total_seconds())
    assert courier.deliver_batch() == 1
    assert [(row.status, row.attempts) for row in _messages()] == [(MessageStatus.SENT, 2)]


def test_a_claim_written_by_a_clock_far_ahead_does_not_hold_for_ever(app: Flask, clock: Clock, head: User) -> None:
    now = clock.now
    clock.advance(days=1)
    with unit_of_work() as session:
        assert len(claim(session, [ChannelKind.EMAIL], worker="dies", now=now)) == 1
    clock.set(now)
    assert channels_due(clock.now) == {ChannelKind.EMAIL}
    assert _memory(clock).deliver_batch() == 1
    assert [(row.status, row.attempts) for row in _messages()] == [(MessageStatus.SENT, 2)]


def test_a_worker_that_comes_too_late_with_its_answer_changes_nothing(app: Flask, clock: Clock, head: User) -> None:
    def slow(parcel: Parcel) -> None:
        clock.advance(minutes=6)
        other.deliver_batch()
        raise TransientError("timeout")

    other = _memory(clock)
    _memory(clock, slow).deliver_batch()
    (row,) = _messages()
    assert row.status is MessageStatus.SENT
    assert sorted(attempt.outcome for attempt in db.session.scalars(select(DeliveryAttempt))) == ["sent", "transient"]


def test_a_message_whose_tasks_are_done_by_then_is_not_sent(
    app: Flask, clock: Clock, factories: Factories, head: User, mailbox: Mailbox
) -> None:
    with unit_of_work() as session:
        task = session.scalars(select(Task)).one()
        task.state = TaskState.COMPLETED
    _deliver(app, clock)
    assert mailbox.messages == []
    assert [(row.status, row.last_error) for row in _messages()] == [(MessageStatus.SKIPPED, "nothing_left")]


def test_nothing_is_sent_to_somebody_who_left_meanwhile(app: Flask, clock: Clock, head: User) -> None:
    with unit_of_work() as session:
        session.get_one(User, head.id).is_active = False
    _memory(clock).deliver_batch()
    assert [(row.status, row.last_error) for row in _messages()] == [(MessageStatus.SKIPPED, "person_left")]


def test_a_message_that_cannot_be_rendered_stays_visible_and_the_others_leave(
    app: Flask, clock: Clock, factories: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = factories.user(), factories.user()
    with unit_of_work() as session:
        account_message(session, first, "test", {}, clock.now)
        account_message(session, second, "test", {}, clock.now)

    def broken(parcel: Parcel) -> None:
        if parcel.address == first.email:
            raise KeyError("a fault of ours")

    _memory(clock, broken).deliver_batch()
    assert [row.status.value for row in _messages()] == ["queued", "sent"]
    assert "fault" in _messages()[0].last_error


def test_the_secret_of_an_account_message_is_wiped_once_sent(app: Flask, clock: Clock, factories: Factories) -> None:
    user = factories.user()
    with unit_of_work() as session:
        expires = (clock.now + timedelta(hours=1)).isoformat()
        account_message(session, user, "password_reset", {"link": LINK, "expires_at": expires}, clock.now)
    transport = MemoryTransport()
    Courier(name="m", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    assert LINK in transport.sent[0].rendered.text
    assert _messages()[0].payload == {}


def test_a_fault_that_needs_a_person_raises_one_alarm_a_day(
    app: Flask, clock: Clock, factories: Factories, head: User
) -> None:
    admin = factories.user(Role.ADMINISTRATOR)

    def locked(parcel: Parcel) -> None:
        if parcel.kind != "alarm":
            raise TransientError("authentication", "535 wrong password", needs_person=True)

    for _ in range(2):
        _memory(clock, locked).deliver_batch()
        clock.advance(minutes=2)
    alarms = [row for row in _messages() if row.kind == "alarm"]
    assert [row.user_id for row in alarms] == [admin.id]


def test_a_rate_of_the_server_is_kept(app: Flask, clock: Clock, factories: Factories) -> None:
    people = [factories.user() for _ in range(8)]
    with unit_of_work() as session:
        for person in people:
            account_message(session, person, "test", {}, clock.now)
    courier = Courier(name="m", channels=[ChannelKind.EMAIL], transport=MemoryTransport(), now=clock, per_minute=3)
    dealt = [courier.deliver_batch()]
    for _ in range(3):
        clock.advance(seconds=20)
        dealt.append(courier.deliver_batch())
    assert dealt == [3, 1, 1, 1]


def test_a_permanent_error_without_another_channel_is_a_dead_letter(app: Flask, clock: Clock, head: User) -> None:
    def never(parcel: Parcel) -> None:
        raise PermanentError("-201", "invalid")

    _memory(clock, never).deliver_batch()
    assert [(row.status, row.last_error) for row in _messages()] == [(MessageStatus.FAILED, "-201 invalid")]


def test_a_digest_that_was_held_up_over_a_weekend_comes_once_with_what_is_new(
    app: Flask, clock: Clock, head: User, factories: Factories
) -> None:
    factories.task("Rà soát dữ liệu", unit=head.memberships[0].unit, due_on=date(2026, 3, 30))
    clock.set("2026-03-28 10:00")  # a Saturday; the digest of Wednesday had never left
    courier = _memory(clock)
    assert courier.deliver_batch() == 1
    (waiting,) = _messages()
    assert (waiting.status, waiting.attempts) == (MessageStatus.QUEUED, 0)
    clock.set("2026-03-30 07:42")
    assert waiting.next_attempt_at == clock.now, "not at night, not on a day off, and not before the sweep"
    clock.set("2026-03-30 07:30")
    assert courier.deliver_batch() == 0
    sweep(clock.now)
    courier.deliver_batch()
    assert [message.status for message in _messages()] == [MessageStatus.SKIPPED, MessageStatus.SENT]
    (parcel,) = courier._transport.sent  # type: ignore[attr-defined] # a memory transport
    assert "Xây dựng kế hoạch triển khai học bạ số" in parcel.rendered.text
    assert "Rà soát dữ liệu" in parcel.rendered.text
    records = db.session.scalars(select(ReminderRecord.message_id)).all()
    assert set(records) == {_messages()[1].id}, "the record follows the message that was sent"


def test_a_server_that_starts_after_a_weekend_sends_one_digest_whoever_is_first(
    app: Flask, clock: Clock, head: User, factories: Factories
) -> None:
    factories.task("Rà soát dữ liệu", unit=head.memberships[0].unit, due_on=date(2026, 3, 30))
    clock.set("2026-03-30 09:00")  # a Monday; the digest of Wednesday had never left
    courier = _memory(clock)
    courier.deliver_batch()
    assert courier._transport.sent == []  # type: ignore[attr-defined] # a memory transport
    sweep(clock.now)
    courier.deliver_batch()
    clock.advance(minutes=12)
    courier.deliver_batch()
    (parcel,) = courier._transport.sent  # type: ignore[attr-defined] # a memory transport
    for title in ("Xây dựng kế hoạch triển khai học bạ số", "Rà soát dữ liệu"):
        assert title in parcel.rendered.text


def test_a_digest_that_may_have_arrived_is_never_put_into_another(
    app: Flask, clock: Clock, head: User, factories: Factories
) -> None:
    factories.task("Rà soát dữ liệu", unit=head.memberships[0].unit, due_on=date(2026, 3, 30))
    (old,) = _messages()
    factories.add(DeliveryAttempt(message_id=old.id, at=clock.now))  # whoever wrote this died
    clock.set("2026-03-30 09:00")
    courier = _memory(clock)
    courier.deliver_batch()
    sweep(clock.now)
    clock.advance(minutes=12)
    courier.deliver_batch()
    assert [message.status for message in _messages()] == [MessageStatus.SENT] * 2
    assert old.id in {parcel.id for parcel in courier._transport.sent}  # type: ignore[attr-defined] # a memory transport


def test_a_retry_waits_for_the_morning(app: Flask, clock: Clock, head: User) -> None:
    clock.set("2026-03-25 19:59")

    def busy(_parcel: Parcel) -> None:
        raise TransientError("451", "try again later")

    _memory(clock, busy).deliver_batch()
    clock.set("2026-03-25 20:30")
    late = _memory(clock)
    late.deliver_batch()
    assert late._transport.sent == []  # type: ignore[attr-defined] # a memory transport
    clock.set("2026-03-26 07:42")
    (message,) = _messages()
    assert (message.attempts, message.next_attempt_at) == (1, clock.now)
    late.deliver_batch()
    assert _messages()[0].status is MessageStatus.SENT


def test_what_waits_for_a_refused_address_takes_the_next_way_without_asking_again(
    app: Flask, clock: Clock, head: User, factories: Factories
) -> None:
    factories.channel(head, ChannelKind.ZALO_BOT, "chat-1")
    factories.add(
        Channel(user_id=head.id, kind=ChannelKind.EMAIL, address=head.email, disabled_at=clock.now)
    )  # by another message, after this one was queued
    mail = _memory(clock)
    mail.deliver_batch()
    assert mail._transport.sent == []  # type: ignore[attr-defined] # a memory transport
    dropped, other = _messages()
    assert (dropped.status, dropped.last_error) == (MessageStatus.FAILED, "address_off")
    assert (other.channel, other.status) == (ChannelKind.ZALO_BOT, MessageStatus.QUEUED)


def test_a_server_that_relays_nothing_for_us_marks_no_address(
    app: Flask, clock: Clock, head: User, mailbox: Mailbox
) -> None:
    mailbox.refuse[head.email] = "554 5.7.1 relay access denied"
    _deliver(app, clock)
    assert db.session.scalars(select(Channel)).all() == []
    assert _messages()[0].status is MessageStatus.QUEUED


def test_a_request_that_was_answered_meanwhile_is_not_said_to_wait(
    app: Flask, clock: Clock, head: User, factories: Factories
) -> None:
    clerk = factories.user(Role.COORDINATOR)
    task = db.session.scalars(select(Task)).one()
    request = factories.add(
        ExtensionRequest(
            task_id=task.id,
            requested_at=clock.now,
            requested_by_id=head.id,
            reason="Mưa",
            asked_due_on=date(2026, 4, 9),
        )
    )
    clock.set("2026-03-27 08:00")
    sweep(clock.now)
    with unit_of_work():
        request.state = ExtensionState.REJECTED
    courier = _memory(clock)
    courier.deliver_batch()
    texts = [parcel.rendered.text for parcel in courier._transport.sent if parcel.address == clerk.email]  # type: ignore[attr-defined] # a memory transport
    assert texts, "the task is late, which the office hears too"
    assert not any("đề nghị gia hạn" in text for text in texts)
