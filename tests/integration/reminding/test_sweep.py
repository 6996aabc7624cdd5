"""The sweep: one digest per person and slot, said once, by the rules, to the right people."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import Delegation
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage, ReminderRecord
from taskflow.models.system import CalendarDay
from taskflow.models.task import CoordinationState, Priority, TaskShape
from taskflow.services.calendar import calendar_changed
from taskflow.services.reminder_policy import Choice, Policy, keep_choice, save_policy
from taskflow.services.reminder_rules import Scope, drop_rule, save_rule
from taskflow.services.reminders import plan, sweep
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

FRIDAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _old_tasks(clock: Clock) -> None:
    """Tasks of these tests were assigned in January; each test then goes to its own day."""
    clock.set("2026-01-05 08:00")


def _digests(clock: Clock) -> list[OutboxMessage]:
    sweep(clock.now)
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def _groups(message: OutboxMessage) -> dict[str, list[int]]:
    return {part["group"]: [item["id"] for item in part["items"]] for part in message.payload["groups"]}


def test_one_digest_for_a_person_with_all_that_is_to_say(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    head = factories.user(Role.HEAD, unit=unit)
    late = factories.task(unit=unit, due_on=date(2026, 3, 13), state=TaskState.IN_PROGRESS)
    today = factories.task(unit=unit, due_on=date(2026, 3, 16), state=TaskState.IN_PROGRESS)
    soon = factories.task(unit=unit, due_on=date(2026, 3, 19), state=TaskState.IN_PROGRESS)
    factories.task(unit=unit, due_on=date(2026, 6, 30), state=TaskState.IN_PROGRESS)
    clock.set("2026-03-16 07:30")
    (message,) = _digests(clock)
    assert (message.user_id, message.kind, message.channel) == (head.id, "digest", ChannelKind.EMAIL)
    assert message.address == head.email
    assert _groups(message) == {"overdue": [late.id], "today": [today.id], "soon": [soon.id]}


def test_a_second_sweep_says_nothing_and_the_next_rung_comes_with_its_day(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    factories.task(unit=factories.user(Role.HEAD).memberships[0].unit, due_on=FRIDAY, state=TaskState.IN_PROGRESS)
    counts = []
    for day in ("2026-03-16 08:00", "2026-03-16 08:10", "2026-03-17 08:00", "2026-03-18 08:00", "2026-03-19 08:00"):
        clock.set(day)
        counts.append(len(_digests(clock)))
    assert counts == [1, 1, 2, 2, 3]  # -7 caught up on Monday, -3 on Tuesday, -1 on Thursday
    rungs = db.session.scalars(select(ReminderRecord.rung).order_by(ReminderRecord.id)).all()
    assert rungs == ["due:-7", "due:-3", "due:-1"]


def test_a_server_that_stood_still_over_days_says_the_newest_once(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.user(Role.HEAD).memberships[0].unit
    tasks = [
        factories.task(unit=unit, due_on=FRIDAY + timedelta(days=n), state=TaskState.IN_PROGRESS) for n in range(3)
    ]
    clock.set("2026-03-30 10:12")
    (message,) = _digests(clock)
    assert _groups(message) == {"overdue": [task.id for task in tasks]}
    assert len(db.session.scalars(select(ReminderRecord)).all()) == 3


@pytest.mark.parametrize("moment", ["2026-03-16 06:59", "2026-03-16 20:00", "2026-03-15 10:00", "2026-03-16 07:29"])
def test_nothing_leaves_outside_working_hours_and_days(
    app: Flask, factories: Factories, clock: Clock, moment: str
) -> None:
    factories.task(
        unit=factories.user(Role.HEAD).memberships[0].unit, due_on=date(2026, 3, 12), state=TaskState.IN_PROGRESS
    )
    clock.set(moment)
    assert _digests(clock) == []


def test_days_off_and_worked_saturdays_of_the_calendar_hold(app: Flask, factories: Factories, clock: Clock) -> None:
    factories.task(
        unit=factories.user(Role.HEAD).memberships[0].unit, due_on=date(2026, 3, 12), state=TaskState.IN_PROGRESS
    )
    with unit_of_work() as session:
        session.add(CalendarDay(day=date(2026, 3, 16), kind="off", name="Nghỉ hoán đổi"))
        session.add(CalendarDay(day=date(2026, 3, 21), kind="worked", name="Làm bù"))
        calendar_changed(now=clock.now)
    clock.set("2026-03-16 08:00")
    assert _digests(clock) == []
    clock.set("2026-03-21 08:00")  # a Saturday that is worked
    assert len(_digests(clock)) == 1


def test_urgent_work_passes_days_off_but_not_the_night(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.user(Role.HEAD).memberships[0].unit
    express = factories.task(
        unit=unit, due_on=date(2026, 3, 13), priority=Priority.EXPRESS, state=TaskState.IN_PROGRESS
    )
    factories.task(unit=unit, due_on=date(2026, 3, 13), state=TaskState.IN_PROGRESS)
    clock.set("2026-03-16 03:00")
    assert _digests(clock) == []
    clock.set("2026-03-16 07:05")  # before the time of the digest
    (message,) = _digests(clock)
    assert message.urgent
    assert _groups(message) == {"overdue": [express.id]}


@pytest.mark.parametrize(
    "columns",
    [
        {"state": TaskState.COMPLETED},
        {"state": TaskState.CANCELLED},
        {"state": TaskState.SUSPENDED},
        {"deadline_confirmed": False, "state": TaskState.IN_PROGRESS},
    ],
)
def test_nothing_about_work_that_is_over_or_undated(
    app: Flask, factories: Factories, clock: Clock, columns: dict[str, Any]
) -> None:
    factories.task(unit=factories.user(Role.HEAD).memberships[0].unit, due_on=FRIDAY, **columns)
    clock.set("2026-03-19 08:00")
    assert _digests(clock) == []


def test_the_collective_parent_is_silent_and_its_members_are_not(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.user(Role.HEAD).memberships[0].unit
    parent = factories.task(shape=TaskShape.COLLECTIVE, due_on=FRIDAY, state=TaskState.IN_PROGRESS)
    child = factories.task(
        unit=unit, shape=TaskShape.MEMBER, parent_id=parent.id, due_on=FRIDAY, state=TaskState.IN_PROGRESS
    )
    clock.set("2026-03-19 08:00")
    (message,) = _digests(clock)
    assert _groups(message) == {"soon": [child.id]}


def test_people_who_left_are_not_written_to(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    gone = factories.user(Role.HEAD, unit=unit, is_active=False)
    moved = factories.user(None)
    factories.membership(moved, unit, Role.HEAD, valid_to=date(2026, 3, 1))
    task = factories.task(unit=unit, due_on=FRIDAY, person_id=gone.id, state=TaskState.IN_PROGRESS)
    clock.set("2026-03-19 08:00")
    assert _digests(clock) == []
    assert [(subject, subject_id) for subject, subject_id, _ in plan(clock.now).nobody] == [("task", task.id)]
    officer = factories.user(Role.OFFICER, unit=unit)
    (message,) = _digests(clock)
    assert (message.user_id, _groups(message)) == (officer.id, {"soon": [task.id]})


def test_three_days_late_reaches_the_office_and_four_urgings_the_leader(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    person = factories.user(Role.OFFICER, unit=unit)
    head = factories.user(Role.HEAD, unit=unit)
    clerk = factories.user(Role.COORDINATOR)
    leader = factories.user(Role.LEADER)
    factories.task(unit=unit, person_id=person.id, due_on=FRIDAY, urge_count=4, state=TaskState.IN_PROGRESS)
    clock.set("2026-03-23 08:00")
    assert {message.user_id for message in _digests(clock)} == {person.id, head.id, leader.id}
    clock.set("2026-03-25 08:00")
    assert {message.user_id for message in _digests(clock)[3:]} == {person.id, head.id, leader.id, clerk.id}


def test_a_deputy_covers_who_is_away_and_hears_for_whom(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    head, deputy = factories.user(Role.HEAD, unit=unit), factories.user(Role.OFFICER)
    factories.task(unit=unit, due_on=FRIDAY, state=TaskState.IN_PROGRESS)
    factories.add(
        Delegation(
            principal_id=head.id,
            delegate_id=deputy.id,
            starts_on=date(2026, 3, 16),
            ends_on=date(2026, 3, 31),
            created_at=clock.now,
        )
    )
    clock.set("2026-03-19 08:00")
    (message,) = _digests(clock)
    assert message.user_id == deputy.id
    assert message.payload["groups"][0]["items"][0]["for"] == head.id


def test_a_digest_is_never_longer_than_one_screen(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.user(Role.HEAD).memberships[0].unit
    for number in range(20):
        factories.task(unit=unit, due_on=date(2026, 3, 2) - timedelta(days=number), state=TaskState.IN_PROGRESS)
    for _ in range(10):
        urgent = factories.task(unit=unit, due_on=date(2026, 3, 19), state=TaskState.IN_PROGRESS)
    with unit_of_work():
        urgent.priority = Priority.URGENT
    clock.set("2026-03-16 08:00")
    (message,) = _digests(clock)
    parts = {part["group"]: (part["count"], len(part["items"])) for part in message.payload["groups"]}
    assert parts == {"overdue": (20, 12), "soon": (10, 3)}
    assert message.payload["groups"][1]["items"][0]["id"] == urgent.id, "what is urgent is never among the others"
    oldest = [item["basis"] for item in message.payload["groups"][0]["items"]]
    assert oldest == sorted(oldest)


def test_what_waits_for_a_person_is_in_their_digest(app: Flask, factories: Factories, clock: Clock) -> None:
    clerk = factories.user(Role.COORDINATOR)
    clock.set("2026-03-12 08:00")
    done = factories.task(state=TaskState.AWAITING_CONFIRMATION, due_on=date(2026, 3, 12))
    clock.set("2026-03-16 08:00")
    (message,) = _digests(clock)
    assert (message.user_id, _groups(message)) == (clerk.id, {"waiting": [done.id]})


def test_a_coordinating_unit_is_reminded_of_its_own_day(app: Flask, factories: Factories, clock: Clock) -> None:
    helper = factories.unit("Sở Y tế")
    head = factories.user(Role.HEAD, unit=helper)
    task = factories.task(due_on=date(2026, 9, 30), state=TaskState.IN_PROGRESS)
    line = factories.coordination(task, helper, due_on=FRIDAY)
    factories.coordination(task, factories.unit(), due_on=FRIDAY, state=CoordinationState.ANSWERED)
    clock.set("2026-03-19 08:00")
    (message,) = _digests(clock)
    assert message.user_id == head.id
    assert message.payload["groups"][0]["items"][0]["subject"] == "coordination"
    assert _groups(message) == {"soon": [line.id]}


def test_the_office_is_reminded_of_a_reporting_day(app: Flask, factories: Factories, clock: Clock) -> None:
    clerk = factories.user(Role.COORDINATOR)
    document = factories.document(reporting_rule="FREQ=MONTHLY;BYMONTHDAY=20", reporting_to="Sở Nội vụ")
    factories.document(reporting_rule="not a rule")
    clock.set("2026-03-16 08:00")
    (message,) = _digests(clock)
    assert (message.user_id, _groups(message)) == (clerk.id, {"soon": [document.id]})


def test_an_extension_moves_the_reminders_at_once(app: Flask, factories: Factories, clock: Clock) -> None:
    task = factories.task(
        unit=factories.user(Role.HEAD).memberships[0].unit, due_on=FRIDAY, state=TaskState.IN_PROGRESS
    )
    clock.set("2026-03-19 08:00")
    assert len(_digests(clock)) == 1
    with unit_of_work():
        task.due_on = date(2026, 3, 27)
    clock.set("2026-03-20 08:00")
    assert _digests(clock)[1].payload["groups"][0]["items"][0]["basis"] == "2026-03-27"
    clock.set("2026-03-23 08:00")
    assert len(_digests(clock)) == 2  # nothing is said of the old date


def test_the_nearest_rule_wins_and_a_switched_off_one_silences(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.user(Role.HEAD).memberships[0].unit
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    document = factories.document()
    loud = factories.task(unit=unit, document=document, due_on=date(2026, 4, 30), state=TaskState.IN_PROGRESS)
    quiet = factories.task(unit=unit, document=document, due_on=date(2026, 4, 30), state=TaskState.IN_PROGRESS)
    early = {"before": [30], "recipients": ["head"]}
    save_rule(Scope(document_id=document.id), "due", early, is_active=True, actor=clerk, now=clock.now)
    save_rule(Scope(task_id=quiet.id), "due", early, is_active=False, actor=clerk, now=clock.now)
    clock.set("2026-03-25 08:00")
    (message,) = _digests(clock)
    assert _groups(message) == {"soon": [loud.id]}
    with unit_of_work():
        message.status = MessageStatus.SENT
    drop_rule(Scope(task_id=quiet.id), "due", actor=clerk, now=clock.now)
    clock.set("2026-03-26 08:00")
    assert _groups(_digests(clock)[1]) == {"soon": [quiet.id]}


def test_a_person_chooses_times_and_channel_within_what_the_office_allows(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    head = factories.user(Role.HEAD)
    factories.channel(head, ChannelKind.ZALO_BOT, "chat-7")
    factories.task(unit=head.memberships[0].unit, due_on=date(2026, 3, 19), state=TaskState.IN_PROGRESS)
    with unit_of_work():
        save_policy(Policy(times=(time(7, 30), time(14, 0))), now=clock.now, by_id=None)
        keep_choice(head, Choice(channels=(ChannelKind.ZALO_BOT,), times=(time(14, 0), time(3, 0))))
    clock.set("2026-03-16 08:00")
    assert _digests(clock) == []
    clock.set("2026-03-16 14:00")
    (message,) = _digests(clock)
    assert (message.channel, message.address) == (ChannelKind.ZALO_BOT, "chat-7")


def test_a_person_without_any_way_is_kept_as_not_reached(app: Flask, factories: Factories, clock: Clock) -> None:
    head = factories.user(Role.HEAD)
    factories.channel(head, unsubscribed_at=clock.now)
    factories.task(unit=head.memberships[0].unit, due_on=FRIDAY, state=TaskState.IN_PROGRESS)
    clock.set("2026-03-19 08:00")
    (message,) = _digests(clock)
    assert (message.status, message.last_error) == (MessageStatus.FAILED, "no_route")


def test_digests_of_many_people_are_all_written(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    heads = {factories.user(Role.HEAD, unit=unit).id for _ in range(120)}
    for _ in range(2):
        factories.task(unit=unit, due_on=FRIDAY, state=TaskState.IN_PROGRESS)
    clock.set("2026-03-19 08:00")
    messages = _digests(clock)
    assert Counter(message.user_id for message in messages) == dict.fromkeys(heads, 1)
    assert len(db.session.scalars(select(ReminderRecord)).all()) == 240
