"""What people are told when something happens: the bell at once, and messages that gather."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from taskflow.clock import local_date
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import Delegation
from taskflow.models.outbox import ChannelKind, MessageStatus, Notification, OutboxMessage
from taskflow.models.task import Priority, Watch
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services.notices import task_event
from taskflow.services.outbox import Courier
from taskflow.services.reminder_rules import Scope, save_rule
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock


def _messages() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_assigned_tasks_of_one_go_share_one_message(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    head = factories.user(Role.HEAD, unit=unit)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    tasks = [factories.task(unit=unit) for _ in range(3)]
    for task in tasks[:2]:
        with unit_of_work() as session:
            task_event(session, task, "assigned", clerk, clock.now)
    clock.advance(minutes=1)
    with unit_of_work() as session:
        task_event(session, tasks[2], "assigned", clerk, clock.now)
    messages = _messages()
    assert [message.user_id for message in messages] == [head.id]
    assert [item["task"] for item in messages[0].payload["items"]] == [task.id for task in tasks]
    assert messages[0].next_attempt_at == clock.now + timedelta(minutes=1)
    assert len(db.session.scalars(select(Notification).where(Notification.user_id == head.id)).all()) == 3


def test_an_event_at_night_waits_for_the_next_working_morning_unless_it_is_urgent(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    factories.user(Role.HEAD, unit=unit)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    clock.set("2026-03-20 21:00")  # a Friday evening
    ordinary, express = factories.task(unit=unit), factories.task(unit=unit, priority=Priority.EXPRESS)
    with unit_of_work() as session:
        task_event(session, ordinary, "returned", clerk, clock.now, text="Thiếu biểu mẫu")
        task_event(session, express, "returned", clerk, clock.now)
    calm, urgent = _messages()
    clock.set("2026-03-23 07:00")
    assert calm.next_attempt_at == clock.now
    assert urgent.urgent
    assert urgent.next_attempt_at < clock.now


def test_the_one_who_did_it_and_people_who_left_are_not_told(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    head = factories.user(Role.HEAD, unit=unit)
    factories.user(Role.HEAD, unit=unit, is_active=False)
    task, actor = factories.task(unit=unit), factories.actor(head)
    with unit_of_work() as session:
        task_event(session, task, "assigned", actor, clock.now)
    assert _messages() == []
    assert db.session.scalars(select(Notification)).all() == []


def test_followers_see_it_under_the_bell_and_get_no_mail(app: Flask, factories: Factories, clock: Clock) -> None:
    follower = factories.user(Role.LEADER)
    task, clerk = factories.task(), factories.actor(factories.user(Role.COORDINATOR))
    factories.add(Watch(task_id=task.id, user_id=follower.id, since=clock.now))
    with unit_of_work() as session:
        task_event(session, task, "returned", clerk, clock.now)
    assert [line.user_id for line in db.session.scalars(select(Notification))] == [follower.id]
    assert _messages() == []


def test_a_person_without_any_address_is_kept_as_not_reached(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    head = factories.user(Role.HEAD, unit=unit)
    factories.channel(head, disabled_at=clock.now, disabled_reason="550")
    task, clerk = factories.task(unit=unit), factories.actor(factories.user(Role.COORDINATOR))
    with unit_of_work() as session:
        task_event(session, task, "assigned", clerk, clock.now)
    (message,) = _messages()
    assert (message.status, message.last_error) == (MessageStatus.FAILED, "no_route")


def test_a_report_that_waits_for_the_head_is_told_to_the_head_and_not_to_the_office(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    head, officer = factories.user(Role.HEAD, unit=unit), factories.user(Role.OFFICER, unit=unit)
    factories.user(Role.COORDINATOR)
    task, actor = factories.task(unit=unit, state=TaskState.AWAITING_APPROVAL), factories.actor(officer)
    with unit_of_work() as session:
        task_event(session, task, "reported_done", actor, clock.now)
    assert [(line.user_id, line.kind) for line in db.session.scalars(select(Notification))] == [(head.id, "submitted")]
    assert [message.kind for message in _messages()] == ["submitted"]


def test_the_offices_rule_says_whether_an_event_is_mailed_and_to_whom(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    head, officer = factories.user(Role.HEAD, unit=unit), factories.user(Role.OFFICER, unit=unit)
    leader = factories.user(Role.LEADER)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    office = Scope(office_id=factories.office().id)
    task = factories.task(unit=unit, person_id=officer.id)
    save_rule(office, "returned", {"recipients": ["person", "leader"]}, is_active=True, actor=clerk, now=clock.now)
    save_rule(office, "assigned", {"recipients": ["person"]}, is_active=False, actor=clerk, now=clock.now)
    with unit_of_work() as session:
        task_event(session, task, "returned", clerk, clock.now, text="Thiếu biểu mẫu")
        task_event(session, task, "assigned", clerk, clock.now)
    assert {(message.kind, message.user_id) for message in _messages()} == {
        ("returned", officer.id),
        ("returned", leader.id),
    }
    bell = {(line.kind, line.user_id) for line in db.session.scalars(select(Notification))}
    assert bell >= {("assigned", head.id), ("assigned", officer.id), ("returned", head.id)}, "the bell needs no rule"


def test_the_deputy_of_who_is_away_gets_the_mail_and_reads_for_whom(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    head, deputy = factories.user(Role.HEAD, unit=unit), factories.user(Role.OFFICER)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    today = local_date(clock.now)
    factories.add(
        Delegation(principal_id=head.id, delegate_id=deputy.id, starts_on=today, ends_on=today, created_at=clock.now)
    )
    with unit_of_work() as session:
        task_event(session, factories.task(unit=unit), "returned", clerk, clock.now, text="Thiếu biểu mẫu")
    (message,) = _messages()
    assert message.user_id == deputy.id
    assert {line.user_id for line in db.session.scalars(select(Notification))} == {head.id, deputy.id}
    clock.advance(minutes=5)
    transport = MemoryTransport()
    Courier(name="e", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    assert f"Nhận thay {head.full_name}." in transport.sent[0].rendered.text
