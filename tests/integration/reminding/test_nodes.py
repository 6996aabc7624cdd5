"""Two nodes whose clocks differ: what one holds the other leaves alone, on either database.

The clock of the tests moves the first node only; the database's clock is its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from taskflow import clock as clocks
from taskflow.cli.zalo_stub import ZaloStub
from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind, MessageStatus
from taskflow.notifications.transports.base import Parcel, TransientError
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.scheduling import jobs, lease
from taskflow.scheduling.jobs import JOBS, run_job
from taskflow.services import zalo
from taskflow.services.outbox import Courier, channels_due
from tests.factories import Factories
from tests.support.clock import Clock
from tests.support.zalo import queue

SKEWS = [timedelta(minutes=6), timedelta(minutes=-6), timedelta(hours=7), timedelta(hours=-7)]


@pytest.fixture
def own_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The database has a clock of its own."""
    monkeypatch.setitem(app.config, "TASKFLOW_DATABASE_CLOCK", None)
    return app


@pytest.fixture(params=SKEWS, ids=str)
def other(request: pytest.FixtureRequest, clock: Clock) -> Clock:
    """The clock of the second node."""
    return Clock(clock.now + request.param)


@pytest.mark.usefixtures("own_time")
def test_what_one_node_is_sending_the_other_leaves_alone(clock: Clock, other: Clock, factories: Factories) -> None:
    messages = [queue(clock, factories.user(), ChannelKind.EMAIL, f"p{number}@x.vn") for number in range(4)]

    def meanwhile(_parcel: Parcel) -> None:
        if channels_due(other.now):
            second.deliver_batch()

    first, second = MemoryTransport(meanwhile), Courier(
        name="b", channels=[ChannelKind.EMAIL], transport=MemoryTransport(), now=other
    )  # fmt: skip
    assert Courier(name="a", channels=[ChannelKind.EMAIL], transport=first, now=clock).deliver_batch() == 4
    assert sorted(parcel.id for parcel in first.sent) == [message.id for message in messages]
    assert second._transport.sent == []  # type: ignore[attr-defined] # a memory transport
    assert channels_due(other.now) == set()


def test_a_slow_receiver_uses_up_the_claim_and_a_clock_that_jumps_does_not(
    app: Flask, clock: Clock, factories: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of a batch is free for others before they may claim it; the node's own clock says nothing of it."""
    held = Clock(clock.now)
    monkeypatch.setitem(app.config, "TASKFLOW_DATABASE_CLOCK", held)
    for number in range(3):
        queue(clock, factories.user(), ChannelKind.EMAIL, f"p{number}@x.vn")
    clocks_to_move = [clock, held]

    def slow(_parcel: Parcel) -> None:
        clocks_to_move.pop(0).advance(minutes=10)

    transport = MemoryTransport(slow)
    Courier(name="a", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    assert len(transport.sent) == 2


@pytest.mark.usefixtures("own_time")
def test_a_lease_of_one_node_holds_against_the_other(
    clock: Clock, other: Clock, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lease.hold("updates", "a")
    monkeypatch.setitem(app.config, "TASKFLOW_CLOCK", other)
    assert not lease.hold("updates", "b")


@pytest.mark.usefixtures("own_time")
def test_the_slot_that_one_node_works_on_is_not_taken_by_the_other(
    clock: Clock, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slot lasts an hour, so that both nodes are in the same."""
    done: list[str] = []
    clock.set("2026-03-16 09:30")
    job = next(job for job in JOBS if job.name == "periods")

    def second(_now: datetime) -> dict[str, Any]:
        done.append("second")
        return {}

    def first(_now: datetime) -> dict[str, Any]:
        done.append("first")
        with monkeypatch.context() as patch:
            patch.setattr(jobs, "node_name", lambda: "another")
            patch.setitem(app.config, "TASKFLOW_CLOCK", Clock(clock.now + timedelta(minutes=6)))
            assert not run_job(app, replace(job, run=second))
        return {}

    assert run_job(app, replace(job, run=first))
    assert done == ["first"]


@pytest.mark.usefixtures("own_time")
def test_a_token_that_one_node_exchanges_is_not_exchanged_by_the_other(
    linked: ZaloStub, clock: Clock, other: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = zalo._exchange
    asked: list[str] = []

    def slow(account: Any, form: dict[str, str]) -> dict[str, Any]:
        asked.append(form["refresh_token"])
        if len(asked) == 1:
            with pytest.raises(TransientError, match="renewing"):
                zalo.access_token(other, refused=True)
        return exchange(account, form)

    monkeypatch.setattr(zalo, "_exchange", slow)
    zalo.access_token(clock, refused=True)
    assert len(asked) == linked.refreshes == 1


@pytest.fixture
def put_right() -> Iterator[None]:
    """The machine's clock is corrected no more after the test."""
    yield
    clocks._correction = timedelta()


@pytest.mark.usefixtures("put_right")
@pytest.mark.parametrize("skew", SKEWS, ids=str)
def test_a_node_follows_the_clock_of_the_database(app: Flask, skew: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared by the office's time (slots, due messages, hours) agrees on all nodes."""
    monkeypatch.setitem(app.config, "TASKFLOW_DATABASE_CLOCK", lambda: datetime.now(UTC) + skew)
    assert abs(clocks.follow_database() - skew) < clocks.TOLERANCE
    assert abs(clocks.system_now() - datetime.now(UTC) - skew) < clocks.TOLERANCE


def test_the_database_says_what_time_it_is(own_time: Flask) -> None:
    assert abs(clocks.database_now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert clocks.database_now().tzinfo is not None
    assert clocks.follow_database() == timedelta(), "a machine whose clock is right is not corrected"


@pytest.mark.usefixtures("own_time")
def test_a_claim_of_a_node_that_died_runs_out_by_the_database(
    app: Flask, clock: Clock, factories: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = queue(clock, factories.user(), ChannelKind.EMAIL, "p@x.vn")

    def die(_parcel: Parcel) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Courier(name="a", channels=[ChannelKind.EMAIL], transport=MemoryTransport(die), now=clock).deliver_batch()
    second = Courier(name="b", channels=[ChannelKind.EMAIL], transport=MemoryTransport(), now=clock)
    assert second.deliver_batch() == 0
    monkeypatch.setitem(app.config, "TASKFLOW_DATABASE_CLOCK", lambda: datetime.now(UTC) + timedelta(minutes=5))
    assert second.deliver_batch() == 1
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT
