"""Undoing a bulk action takes its news back: silently where nobody can have noticed, else by saying so."""

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import select

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind, MessageStatus, Notification, OutboxMessage
from taskflow.models.task import Priority, Task
from taskflow.notifications.transports.base import Parcel
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services import bell
from taskflow.services.bulk import BulkKind, BulkRequest, run, undo
from taskflow.services.outbox import Courier
from tests.factories import Factories
from tests.support.clock import Clock

MAY = BulkRequest(BulkKind.MOVE_DATE, due_on=date(2026, 5, 15), reason="Lùi theo kế hoạch mới")


def _deliver(clock: Clock) -> list[Parcel]:
    """What leaves within the next hour."""
    clock.advance(hours=1)
    transport = MemoryTransport()
    Courier(name="w", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    db.session.expire_all()
    return transport.sent


def _bell() -> list[tuple[int, str]]:
    db.session.expire_all()
    lines = db.session.execute(select(Notification.user_id, Notification.kind).order_by(Notification.id))
    return [tuple(line) for line in lines]


def _statuses() -> list[tuple[str, MessageStatus]]:
    db.session.expire_all()
    rows = db.session.execute(select(OutboxMessage.kind, OutboxMessage.status).order_by(OutboxMessage.id))
    return [tuple(row) for row in rows]


def test_what_has_not_left_is_withdrawn_and_nobody_hears_of_either(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    factories.user(Role.HEAD, unit=unit)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    ids = [factories.task(unit=unit, due_on=date(2026, 4, 1)).id for _ in range(40)]
    operation = run(MAY, ids, actor=clerk, now=clock()).operation
    clock.advance(minutes=1)
    assert len(undo(operation_id=operation.id, actor=clerk, now=clock())[0]) == 40
    assert _statuses() == [("due_changed", MessageStatus.CANCELLED)]
    assert _bell() == []
    assert _deliver(clock) == []


def test_who_has_been_written_to_is_written_to_once_more_and_nobody_else(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    units = [factories.unit(), factories.unit()]
    heads = [factories.user(Role.HEAD, unit=unit) for unit in units]
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    urgent = factories.task(unit=units[0], due_on=date(2026, 4, 1), priority=Priority.EXPRESS)
    waiting = factories.task(unit=units[1], due_on=date(2026, 4, 1))
    operation = run(MAY, [urgent.id, waiting.id], actor=clerk, now=clock()).operation
    transport = MemoryTransport()
    Courier(name="w", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    assert [parcel.address for parcel in transport.sent] == [heads[0].email], "urgent news does not wait"
    clock.advance(minutes=1)
    undo(operation_id=operation.id, actor=clerk, now=clock())
    assert _bell() == [(heads[0].id, "due_changed"), (heads[0].id, "undone")]
    (parcel,) = _deliver(clock)
    assert (parcel.kind, parcel.address) == ("undone", heads[0].email)
    assert "trở lại như cũ" in parcel.rendered.text
    assert "01/04/2026" in parcel.rendered.text
    assert urgent.content in parcel.rendered.text
    assert waiting.content not in parcel.rendered.text


def test_a_message_that_says_more_keeps_what_is_not_taken_back(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    factories.user(Role.HEAD, unit=unit)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    ids = [factories.task(unit=unit, due_on=date(2026, 4, 1)).id for _ in range(70)]
    operation = run(MAY, ids[:35], actor=clerk, now=clock()).operation
    run(MAY, ids[35:], actor=clerk, now=clock())
    (message,) = db.session.scalars(select(OutboxMessage))
    assert (len(message.payload["items"]), message.payload["more"]) == (30, 40)
    undo(operation_id=operation.id, actor=clerk, now=clock())
    db.session.refresh(message)
    assert message.status is MessageStatus.QUEUED
    assert [item["task"] for item in message.payload["items"]] == ids[35:65]
    assert message.payload["more"] == 5
    assert len(_bell()) == 35
    (parcel,) = _deliver(clock)
    assert parcel.rendered.subject == "Thời hạn mới của 35 nhiệm vụ"


def test_the_person_before_hears_nothing_and_the_one_after_that_it_is_over(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    before, after = factories.user(unit=unit), factories.user(unit=unit)
    clerk = factories.actor(factories.user(Role.HEAD, unit=unit))
    task = factories.task(unit=unit, person_id=before.id)
    operation = run(
        BulkRequest(BulkKind.ASSIGN_PERSON, person_id=after.id), [task.id], actor=clerk, now=clock()
    ).operation
    assert [parcel.address for parcel in _deliver(clock)] == [after.email]
    undo(operation_id=operation.id, actor=clerk, now=clock())
    assert db.session.get_one(Task, task.id).person_id == before.id
    assert [(parcel.kind, parcel.address) for parcel in _deliver(clock)] == [("undone", after.email)]
    assert _bell() == [(after.id, "reassigned"), (after.id, "undone")]


def test_who_saw_it_under_the_bell_alone_sees_its_end_there_alone(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    looked, busy = factories.user(Role.HEAD, unit=unit), factories.user(unit=unit)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=unit, due_on=date(2026, 4, 1), person_id=busy.id)
    operation = run(MAY, [task.id], actor=clerk, now=clock()).operation
    clock.advance(minutes=1)
    bell.looked(looked.id, now=clock())
    clock.advance(minutes=1)
    undo(operation_id=operation.id, actor=clerk, now=clock())
    assert _bell() == [(looked.id, "due_changed"), (looked.id, "undone")]
    assert _statuses() == [("due_changed", MessageStatus.CANCELLED)] * 2
    assert _deliver(clock) == []


def test_tasks_that_stay_changed_stay_told(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    head = factories.user(Role.HEAD, unit=unit)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    back, kept = (factories.task(unit=unit, due_on=date(2026, 4, 1)).id for _ in range(2))
    operation = run(MAY, [back, kept], actor=clerk, now=clock()).operation
    june = BulkRequest(BulkKind.MOVE_DATE, due_on=date(2026, 6, 1), reason="Lần nữa")
    run(june, [kept], actor=clerk, now=clock())
    assert undo(operation_id=operation.id, actor=clerk, now=clock()) == ([back], [kept])
    assert _bell() == [(head.id, "due_changed")] * 2
    (message,) = db.session.scalars(select(OutboxMessage))
    assert [item["task"] for item in message.payload["items"]] == [kept, kept]
