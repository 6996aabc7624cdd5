"""Errors of ours and connections that were hung up: neither costs a message, both are told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from taskflow.cli.zalo_stub import ZaloStub
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind, MessageStatus, Notification, OutboxMessage
from taskflow.notifications.transports.base import Parcel, Receipt, Rendered
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.scheduling import couriers
from taskflow.scheduling.couriers import LaneWorker
from taskflow.scheduling.jobs import JOBS, Job, run_job
from taskflow.services.letters import alarm_sentence
from taskflow.services.outbox import Courier
from taskflow.services.transports import LANES, transport_of
from tests.factories import Factories
from tests.support.clock import Clock
from tests.support.smtp import Mailbox, smtp_server
from tests.support.zalo import queue

#: Where a message of each channel can go in these tests.
ADDRESSES = {
    ChannelKind.EMAIL: "lan@sonha.example",
    ChannelKind.ZALO_BOT: "chat-1",
    ChannelKind.ZALO_OA: "user-1",
    ChannelKind.ZALO_TEMPLATE: "84912345678",
    ChannelKind.ZALO_GROUP: "group-1",
}


@dataclass
class Providers:
    """What a transport of each lane sends to."""

    zalo: ZaloStub
    mail: Mailbox

    def arrived(self) -> int:
        """How many messages were taken."""
        return len(self.zalo.sent) + len(self.mail.messages)


@pytest.fixture
def providers(linked: ZaloStub, configure: Callable[..., Any]) -> Iterator[Providers]:
    linked.account.chats.add("chat-1")
    linked.follow("user-1")
    with smtp_server() as (box, port):
        configure(smtp_host="127.0.0.1", smtp_port=port)
        yield Providers(linked, box)


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_transport_that_was_hung_up_sends_again(
    app: Flask, providers: Providers, clock: Clock, kind: ChannelKind
) -> None:
    """Whoever holds a transport may close it between any two messages (the courier does when it has nothing to do)."""
    lane = next(name for name, kinds in LANES.items() if kind in kinds)
    transport = transport_of(lane, app.config["TASKFLOW"], clock)
    assert transport is not None
    rendered = Rendered(
        subject="Nhắc việc", text="Nhắc việc", chat="Nhắc việc", parameters={"name": "Lan", "title": "Lập kế hoạch"}
    )
    for number in range(1, 4):
        extra = {"last_interaction_at": clock.now}
        parcel = Parcel(id=number, channel=kind, address=ADDRESSES[kind], rendered=rendered, extra=extra)
        transport.close()
        assert isinstance(transport.send(parcel, now=clock.now), Receipt)
        transport.close()
        transport.close()
    assert providers.arrived() == 3


def test_the_tests_above_know_every_channel() -> None:
    assert set(ChannelKind) == {*ADDRESSES, ChannelKind.WEBHOOK}, "webhooks keep no connection (public_address)"


def _broken(error: Exception) -> Callable[[Parcel], None]:
    def answer(parcel: Parcel) -> None:
        if parcel.kind != "alarm":
            raise error

    return answer


@pytest.mark.parametrize(
    "error", [KeyError("x"), RuntimeError("client has been closed"), UnicodeError("mã"), OSError()]
)
def test_an_error_of_ours_goes_another_way_at_once_and_is_told_in_the_same_moment(
    app: Flask, clock: Clock, factories: Factories, error: Exception
) -> None:
    admin, user = factories.user(Role.ADMINISTRATOR), factories.user()
    factories.channel(user, ChannelKind.ZALO_BOT, "chat-1")
    message = queue(clock, user, ChannelKind.ZALO_BOT, "chat-1")
    transport = MemoryTransport(_broken(error))
    Courier(name="z", channels=[ChannelKind.ZALO_BOT], transport=transport, now=clock).deliver_batch()
    db.session.refresh(message)
    assert (message.status, message.attempts) == (MessageStatus.FAILED, 1), "not after nine tries"
    other = db.session.scalars(select(OutboxMessage).where(OutboxMessage.fallback_of_id == message.id)).one()
    assert (other.channel, other.address, other.next_attempt_at) == (ChannelKind.EMAIL, user.email, clock.now)
    alarm = db.session.scalars(select(Notification)).one()
    assert (alarm.user_id, alarm.data["what"], alarm.at) == (admin.id, "fault", clock.now)
    assert type(error).__name__ in alarm_sentence(alarm.data)


def test_without_another_way_an_error_of_ours_is_tried_again(clock: Clock, factories: Factories) -> None:
    user = factories.user()
    message = queue(clock, user, ChannelKind.EMAIL, user.email)
    errors = [KeyError("x")]

    def once(_parcel: Parcel) -> None:
        if errors:
            raise errors.pop()

    courier = Courier(name="e", channels=[ChannelKind.EMAIL], transport=MemoryTransport(once), now=clock)
    courier.deliver_batch()
    db.session.refresh(message)
    assert message.status is MessageStatus.QUEUED
    clock.set(message.next_attempt_at)
    courier.deliver_batch()
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT


@pytest.mark.parametrize("payload", [{"groups": [{}]}, {"items": [{"event": "no such event"}]}])
def test_a_message_that_cannot_be_read_holds_up_none_of_its_batch(
    clock: Clock, factories: Factories, payload: dict[str, Any]
) -> None:
    admin, first, second = factories.user(Role.ADMINISTRATOR), factories.user(), factories.user()
    poison = queue(clock, first, ChannelKind.EMAIL, first.email, kind="digest", payload=payload)
    good = queue(clock, second, ChannelKind.EMAIL, second.email)
    transport = MemoryTransport()
    Courier(name="e", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    db.session.refresh(poison)
    assert [parcel.id for parcel in transport.sent] == [good.id]
    assert poison.status is MessageStatus.QUEUED
    assert poison.last_error.startswith("fault")
    assert db.session.scalars(select(Notification.user_id)).all() == [admin.id]


def test_a_lane_that_cannot_be_set_up_lets_its_messages_go_another_way(
    app: Flask, clock: Clock, factories: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, user = factories.user(Role.ADMINISTRATOR), factories.user()
    factories.channel(user, ChannelKind.ZALO_BOT, "chat-1")
    message = queue(clock, user, ChannelKind.EMAIL, user.email)

    def without_key(*_: object) -> None:
        raise FileNotFoundError("dkim.key")

    monkeypatch.setattr(couriers, "transport_of", without_key)
    worker = LaneWorker(app, "email", 0, couriers.threading.Event())
    assert worker._deliver() == 1
    db.session.refresh(message)
    other = db.session.scalars(select(OutboxMessage).where(OutboxMessage.fallback_of_id == message.id)).one()
    assert (message.status, other.channel) == (MessageStatus.FAILED, ChannelKind.ZALO_BOT)
    assert db.session.scalars(select(Notification.user_id)).all() == [admin.id]


def test_a_job_that_fails_by_an_error_of_ours_is_told_in_its_slot(
    app: Flask, clock: Clock, factories: Factories
) -> None:
    admin = factories.user(Role.ADMINISTRATOR)

    def fail(_now: datetime) -> dict[str, Any]:
        raise ZeroDivisionError("a fault of ours")

    for _ in range(2):
        assert run_job(app, Job("sweep", {"minute": "*"}, JOBS[0].slot, fail))
        clock.advance(minutes=10)
    (alarm,) = db.session.scalars(select(Notification)).all()
    assert (alarm.user_id, alarm.data["job"], alarm.data["what"]) == (admin.id, "sweep", "fault")
