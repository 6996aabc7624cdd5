"""Whoever a sweep finds due has a digest that says it, whatever was changed since: rules, days off, people, units."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import Membership
from taskflow.models.outbox import OutboxMessage, ReminderRecord
from taskflow.services import calendar_days, reminders
from taskflow.services.reminder_rules import Scope, save_rule
from taskflow.services.reminders import plan, sweep
from tests.factories import Factories
from tests.support.clock import Clock

Rung = tuple[str, int, int, str, date]


class Office:
    """Units with tasks that are due, late and waiting; an administrator who changes rules and days."""

    def __init__(self, factories: Factories, clock: Clock, chance: random.Random) -> None:
        self.factories, self.clock, self.chance = factories, clock, chance
        clock.set("2026-02-02 08:00")
        factories.user(Role.COORDINATOR)
        factories.user(Role.LEADER)
        self.admin = factories.actor(factories.user(Role.ADMINISTRATOR, unit=factories.body()))
        self.units = [factories.unit() for _ in range(3)]
        self.people = [factories.user(Role.HEAD, unit=unit) for unit in self.units]
        states = (TaskState.IN_PROGRESS, TaskState.ASSIGNED, TaskState.AWAITING_CONFIRMATION)
        for number in range(14):
            factories.task(
                unit=self.units[number % 3],
                due_on=date(2026, 2, 16) + timedelta(days=3 * number),
                state=states[number % 3],
            )

    def change(self) -> None:
        """One ordinary change, as an administrator makes it."""
        self.chance.choice([self._rule, self._rule, self._day_off, self._day_on, self._head])()

    def _rule(self) -> None:
        pick = self.chance.choice
        definition = {
            "before": pick(([7, 3, 1, 0], [5, 1], [0])),
            "after": pick(([1, 3], [2], [1, 5])),
            "repeat_days": pick((7, 14, 10, 5)),
            "recipients": pick((["person", "head"], ["person", "head", "office"])),
        }
        event = pick(("due", "awaiting_confirmation", "never_acknowledged"))
        if event != "due":
            definition.pop("before")
        save_rule(Scope(), event, definition, is_active=True, actor=self.admin, now=self.clock.now)

    def _day_off(self) -> None:
        day = self.clock.today + timedelta(days=self.chance.randrange(3))
        values = {"kind": "off", "name": "Nghỉ", "decision": "", "now": self.clock.now}
        calendar_days.save_day(actor=self.admin, day=day, **values)

    def _day_on(self) -> None:
        calendar_days.seed_missing_years(on=self.clock.today, now=self.clock.now)

    def _head(self) -> None:
        person = self.factories.user(Role.HEAD, unit=self.chance.choice(self.units))
        self.people.append(person)
        assert db.session.scalar(select(Membership.id).where(Membership.user_id == person.id))


def rungs(found: dict[int, list[reminders.Hit]]) -> set[Rung]:
    return {
        (hit.subject, hit.subject_id, user_id, hit.reminder.record, hit.reminder.basis)
        for user_id, hits in found.items()
        for hit in hits
    }


def recorded() -> list[Rung]:
    columns = (ReminderRecord.subject, ReminderRecord.subject_id, ReminderRecord.user_id, ReminderRecord.rung)
    return [tuple(row) for row in db.session.execute(select(*columns, ReminderRecord.basis))]


def sweep_and_compare(clock: Clock) -> None:
    """A sweep writes all that the dry run has just found, each thing once, in the digest of its person."""
    db.session.rollback()
    due = plan(clock.now)
    report = sweep(clock.now)
    db.session.rollback()
    assert report.unwritten == 0
    written = Counter(recorded())
    assert rungs(due.calm) | rungs(due.urgent) <= set(written)
    assert set(written.values()) <= {1}
    for user_id in due.calm:
        digest = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.user_id == user_id).order_by(OutboxMessage.id.desc())
        ).first()
        assert digest is not None
        assert sum(part["count"] for part in digest.payload["groups"]) >= len(due.calm[user_id])
    assert not rungs(plan(clock.now).calm)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_due_is_written_through_random_changes(
    app: Flask, factories: Factories, clock: Clock, seed: int
) -> None:
    office = Office(factories, clock, random.Random(seed))
    for day in range(25):
        clock.set(f"{date(2026, 2, 20) + timedelta(days=day)} 07:40")
        sweep_and_compare(clock)
        if office.chance.random() < 0.6:
            clock.advance(hours=2)
            office.change()
            clock.advance(minutes=10)
            sweep_and_compare(clock)


def _repeat(office: Office, days: int) -> None:
    definition = {"before": [7, 3, 1, 0], "after": [1, 3], "repeat_days": days, "recipients": ["person", "head"]}
    save_rule(Scope(), "due", definition, is_active=True, actor=office.admin, now=office.clock.now)


def test_a_longer_repetition_silences_nobody(app: Flask, factories: Factories, clock: Clock) -> None:
    office = Office(factories, clock, random.Random(1))
    for day in range(30):
        clock.set(f"{date(2026, 3, 2) + timedelta(days=day)} 07:40")
        if day == 16:
            _repeat(office, 14)
        sweep_and_compare(clock)


def test_today_entered_as_a_day_off_silences_nobody(app: Flask, factories: Factories, clock: Clock) -> None:
    office = Office(factories, clock, random.Random(2))
    for day in range(12):
        clock.set(f"{date(2026, 3, 2) + timedelta(days=day)} 07:40")
        sweep_and_compare(clock)
        if day == 3:
            clock.set("2026-03-05 09:30")
            values = {"kind": "off", "name": "Nghỉ", "decision": "", "now": clock.now}
            calendar_days.save_day(actor=office.admin, day=clock.today, **values)
            sweep_and_compare(clock)


def test_a_job_with_an_older_plan_says_the_rest_and_nothing_twice(
    app: Flask, factories: Factories, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(factories, clock, random.Random(3))
    clock.set("2026-03-02 07:40")
    older = plan(clock.now)
    late = factories.task(unit=office.units[0], due_on=date(2026, 2, 20), state=TaskState.IN_PROGRESS)
    sweep_and_compare(clock)
    _written_by(monkeypatch, older)
    assert sweep(clock.now).messages == 0
    assert set(Counter(recorded()).values()) == {1}
    # Under another key (the next slot) the old plan finds everything said: no empty digest is left behind.
    before = db.session.query(OutboxMessage).count()
    for person in older.people.by_id.values():
        object.__setattr__(person, "key", f"{person.key}:again")
    assert sweep(clock.now).messages == 0
    assert db.session.query(OutboxMessage).count() == before
    assert late.id in {rung[1] for rung in recorded()}


def _written_by(monkeypatch: pytest.MonkeyPatch, found: reminders.Plan) -> None:
    same: Callable[..., Any] = lambda _now, **_more: found  # noqa: E731 - one line says it
    monkeypatch.setattr(reminders, "plan", same)
