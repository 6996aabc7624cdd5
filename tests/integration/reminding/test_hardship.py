"""What machines suffer: a full disk, a database that restarts, another zone's daylight, a slow provider."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from taskflow.clock import system_now
from taskflow.config import Settings
from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.permissions import Role
from taskflow.domain.sending_hours import SendingHours
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.factory import create_app
from taskflow.models.org import User
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage, ReminderRecord
from taskflow.models.task import TaskShape
from taskflow.notifications.transports.base import Parcel
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.scheduling import couriers
from taskflow.scheduling.couriers import LaneWorker
from taskflow.services import schema
from taskflow.services.group_summary import queue_summary
from taskflow.services.notices import account_message
from taskflow.services.outbox import Courier
from taskflow.services.reminders import sweep
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import OaSettings, save_oa
from tests.factories import Factories
from tests.support import databases
from tests.support.clock import Clock
from tests.support.full_disk import full_disk
from tests.support.smtp import smtp_server


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_full_disk_leaves_nothing_half_said(app: Flask, factories: Factories, clock: Clock) -> None:
    clock.set("2026-01-05 08:00")
    unit = factories.unit()
    for _ in range(100):
        factories.user(Role.HEAD, unit=unit)
    for _ in range(30):
        factories.task(unit=unit, due_on=date(2026, 3, 20), state=TaskState.IN_PROGRESS)
    clock.set("2026-03-25 08:00")
    db.session.rollback()
    db.engine.dispose()
    raw = db.engine.raw_connection()
    raw.cursor().execute("VACUUM")  # pages that earlier tests freed would be room on the disk
    pages = raw.cursor().execute("PRAGMA page_count").fetchone()[0]
    raw.close()

    def fill(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 5}")  # holds for one connection, and the pool has several

    event.listen(db.engine, "checkout", fill)
    with pytest.raises(OperationalError, match="full"):
        sweep(clock.now)
    event.remove(db.engine, "checkout", fill)
    db.session.rollback()
    assert db.session.scalars(select(OutboxMessage)).all() == []
    assert db.session.scalars(select(ReminderRecord)).all() == []
    db.session.rollback()
    db.engine.dispose()  # the limit lives in the connections
    assert sweep(clock.now).messages == 100


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_delivery_pauses_while_the_disk_is_full_and_goes_on_without_doubles(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    """Full before a batch is taken, and full between a receiver's yes and our commit: each message arrives once."""
    for _ in range(12):
        user = factories.user()
        with unit_of_work() as session:
            account_message(session, user, "test", {}, clock.now)
    begin = clock.now
    with ExitStack() as disk:

        def fill_up(_parcel: Parcel) -> None:
            if len(transport.sent) == 4:
                disk.enter_context(full_disk())

        transport = MemoryTransport(fill_up)
        courier = Courier(name="w", channels=[ChannelKind.EMAIL], transport=transport, now=clock)
        with full_disk(), pytest.raises(OperationalError, match="No space left"):
            courier.deliver_batch()
        assert transport.sent == [], "what cannot be claimed does not leave"
        for _ in range(3):
            with pytest.raises(OperationalError, match="No space left"):
                courier.deliver_batch()
            assert len(transport.sent) == 5, "nothing more leaves while an answer cannot be recorded"
            clock.advance(seconds=5)
    while courier.deliver_batch() or clock.now < begin + timedelta(minutes=10):
        clock.advance(minutes=1)
    assert sorted(parcel.id for parcel in transport.sent) == list(range(1, 13))
    db.session.expire_all()
    assert {row.status for row in db.session.scalars(select(OutboxMessage))} == {MessageStatus.SENT}


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_full_disk_of_postgresql_leaves_nothing_half_said(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    factories.user(Role.HEAD, unit=unit)
    factories.task(unit=unit, due_on=date(2026, 3, 20), state=TaskState.IN_PROGRESS)
    clock.set("2026-03-25 08:00")
    with full_disk(), pytest.raises(OperationalError, match="No space left"):
        sweep(clock.now)
    assert db.session.scalars(select(OutboxMessage)).all() == []
    assert db.session.scalars(select(ReminderRecord)).all() == []
    assert sweep(clock.now).messages == 1


def test_a_database_that_restarts_stops_no_worker(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    seen: list[str] = []

    def due(now: datetime) -> set[ChannelKind]:
        seen.append("asked")
        if len(seen) == 1:
            raise OperationalError("SELECT 1", {}, Exception("the database system is shutting down"))
        stop.set()
        return set()

    monkeypatch.setattr(couriers, "channels_due", due)
    monkeypatch.setattr(couriers, "PAUSE_SECONDS", 0.0)
    LaneWorker(app, "email", 0, stop).run()
    assert seen == ["asked", "asked"]


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder for a PostgreSQL server of one's own, which ends with the test. Its user may not enter pytest's."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
        databases.stop_server(Path(name))


def test_a_restart_of_postgresql_loses_no_message(
    server_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "REST_SECONDS", 0.05)
    monkeypatch.setattr(couriers, "PAUSE_SECONDS", 0.05)
    monkeypatch.delenv(databases.SERVER_URL, raising=False)
    server, stop = databases.shared_server(server_folder), threading.Event()
    with smtp_server() as (box, port):
        settings = Settings(
            data_dir=tmp_path / "data", database_url=server.address(server.create()),
            smtp_host="127.0.0.1", smtp_port=port, log_level="ERROR",
        )  # fmt: skip
        app = create_app(settings)
        worker = LaneWorker(app, "email", 0, stop)
        arrived = threading.Event()
        box.on_message = arrived.set
        with app.app_context():
            schema.upgrade()
            worker.start()
            databases.restart_server(server_folder)
            with unit_of_work() as session:  # the connections of the pool are dead, and nobody notices
                user = User(email="lan@office.example", full_name="Vũ Thị Lan", created_at=system_now())
                session.add(user)
                session.flush()
                account_message(session, user, "test", {}, system_now())
            assert arrived.wait(60)
            db.session.remove()
        stop.set()
        worker.join(60)
        with app.app_context():
            db.engine.dispose()
    assert [message["To"] for message in box.messages] == ["lan@office.example"]


def test_a_dead_provider_holds_up_no_other_channel(app: Flask, factories: Factories, clock: Clock) -> None:
    user = factories.user()
    with unit_of_work() as session:
        account_message(session, user, "test", {}, clock.now)
        session.add(
            OutboxMessage(
                dedupe_key="z", kind="test", channel=ChannelKind.ZALO_BOT, user_id=user.id, address="c",
                payload={"t": 1}, next_attempt_at=clock.now, created_at=clock.now,
            )
        )  # fmt: skip
    hanging, released = threading.Event(), threading.Event()

    def hang(_parcel: Parcel) -> None:
        hanging.set()
        released.wait(120)

    def zalo() -> None:
        with app.app_context():
            Courier(
                name="z", channels=[ChannelKind.ZALO_BOT], transport=MemoryTransport(hang), now=clock
            ).deliver_batch()

    thread = threading.Thread(target=zalo)
    thread.start()
    assert hanging.wait(60)
    mail = MemoryTransport()
    assert Courier(name="e", channels=[ChannelKind.EMAIL], transport=mail, now=clock).deliver_batch() == 1
    released.set()
    thread.join(60)
    assert len(mail.sent) == 1


def test_the_hours_hold_on_both_sides_of_anothers_daylight_saving() -> None:
    zone = ZoneInfo("Europe/Berlin")
    every_day = WorkCalendar(workdays=frozenset(range(7)))
    hours = SendingHours(times=(time(7, 30),))
    for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25)):
        night = datetime.combine(day, time(1, 0), zone)
        opens = hours.next_open(night, every_day)
        assert (opens.date(), opens.time(), opens.utcoffset()) == (
            day,
            time(7, 0),
            datetime.combine(day, time(12), zone).utcoffset(),
        )
        slot = hours.slot(datetime.combine(day, time(8, 0), zone), every_day)
        assert slot is not None
        assert slot.time() == time(7, 30)
    evening = datetime.combine(date(2026, 3, 28), time(21, 0), zone)
    assert hours.next_open(evening, every_day) - evening.astimezone(ZoneInfo("UTC")) == timedelta(hours=9)


def test_the_group_hears_once_a_day_how_many_tasks_stand_where(app: Flask, factories: Factories, clock: Clock) -> None:
    with unit_of_work():
        save_oa(OaSettings(app_id="1", group_id="group-1"), now=clock.now, by_id=None)
    unit = factories.unit()
    for due in (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 16), date(2026, 3, 18), date(2026, 6, 1)):
        factories.task(unit=unit, due_on=due, counted_due_on=due, state=TaskState.IN_PROGRESS)
    factories.task(shape=TaskShape.COLLECTIVE, due_on=date(2026, 3, 2), counted_due_on=date(2026, 3, 2))
    assert queue_summary(clock.now)
    assert not queue_summary(clock.now)
    transport = MemoryTransport()
    Courier(name="g", channels=[ChannelKind.ZALO_GROUP], transport=transport, now=clock).deliver_batch()
    chat = transport.sent[0].rendered.chat
    assert chat.endswith("quá hạn 2, hôm nay 1, sắp đến hạn 1\nhttp://localhost/")
