"""What would this rule have sent last month? Counted on the history of the tasks, for the person who edits a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, or_, select, true

from taskflow.clock import local_date
from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.reminder_words import reason
from taskflow.domain.reminders import (
    AT_ONCE,
    SILENT_BESIDE_OTHERS,
    Recipient,
    Reminder,
    ReminderEvent,
    Rule,
    Rung,
    current_rung,
    recipients,
    rungs_between,
)
from taskflow.extensions import db
from taskflow.models.document import Document
from taskflow.models.task import Task
from taskflow.services import rule_history
from taskflow.services.calendar import work_calendar
from taskflow.services.directory import Place
from taskflow.services.notices import NOTICES
from taskflow.services.reminder_facts import Above
from taskflow.services.reminder_people import People
from taskflow.services.reminder_policy import load_policy
from taskflow.services.reminder_rules import RuleBook, Scope
from taskflow.services.rule_history import Thing

#: Tasks that a preview looks at; a larger office sees a preview of its newest ones, and is told so.
MOST_TASKS = 60_000
#: Reminders that are shown one by one.
MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One reminder that would have been sent."""

    day: date
    name: str
    about: str
    why: str


@dataclass(slots=True)
class Preview:
    """What a month of the rule would have been like."""

    first: date
    last: date
    reminders: int = 0
    #: Messages: one for each person and day.
    digests: int = 0
    people: int = 0
    busiest: list[tuple[str, int]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    is_partial: bool = False


def preview(rule: Rule, scope: Scope, *, now: datetime) -> Preview:
    """Reminders that the rule would have sent in the last 30 days, to the people who hold the posts today."""
    last = local_date(now) - timedelta(days=1)
    return _Preview(rule, scope, now=now, first=last - timedelta(days=29), last=last).run()


class _Preview:
    """One look back over the tasks of a scope."""

    def __init__(self, rule: Rule, scope: Scope, *, now: datetime, first: date, last: date) -> None:
        self.session = db.session()
        self.rule, self.scope, self.first, self.last = rule, scope, first, last
        self.zone = current_app.config["TASKFLOW"].zone
        self.calendar: WorkCalendar = work_calendar()
        self.people = People.load(self.session, now=now, zone=self.zone, calendar=self.calendar, policy=load_policy())
        self.book = RuleBook.load(self.session).with_rule(scope, rule)
        self.told: Counter[tuple[int, date]] = Counter()
        self.lines: list[Line] = []
        self._rungs: dict[tuple[ReminderEvent, int, date, bool, date], Rung | None] = {}
        self._between: dict[tuple[date, bool], list[Rung]] = {}

    def run(self) -> Preview:
        if self.rule.is_active and self.rule.event in AT_ONCE:
            self._at_once()
        elif self.rule.is_active:
            for thing in self._things():
                if self._holds_for(thing.place, thing.task_id):
                    self._climb(thing)
        by_person = Counter[int]()
        for (user_id, _day), count in self.told.items():
            by_person[user_id] += count
        return Preview(
            first=self.first,
            last=self.last,
            reminders=sum(self.told.values()),
            digests=len(self.told),
            people=len(by_person),
            busiest=[(self.people.by_id[user_id].name, count) for user_id, count in by_person.most_common(5)],
            lines=_newest(self.lines),
            is_partial=self._is_partial(),
        )

    def _tasks(self) -> Select[Any]:
        statement = select(Task.id).where(
            self._in_scope(), or_(Task.is_open, Task.updated_at >= self._start(self.first))
        )
        return statement.order_by(Task.id.desc()).limit(MOST_TASKS)

    def _in_scope(self) -> ColumnElement[bool]:
        if self.scope.task_id is not None:
            return Task.id == self.scope.task_id
        if self.scope.document_id is not None:
            return Task.document_id == self.scope.document_id
        if self.scope.office_id is not None:
            return Task.office_unit_id == self.scope.office_id
        return true()

    def _is_partial(self) -> bool:
        if self.rule.event in AT_ONCE or self.rule.event is ReminderEvent.REPORT_DAY:
            return False  # counted by their own days, all of them
        return self.session.scalar(self._tasks().limit(1).offset(MOST_TASKS)) is not None

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)

    def _things(self) -> Iterator[Thing]:
        if self.rule.event is not ReminderEvent.REPORT_DAY:
            posts = {*self.rule.recipients, *(step.to for step in self.rule.escalations)}
            yield from rule_history.things(
                self.session, self.rule.event, self._tasks(), last=self.last,
                coordinating=Recipient.COORDINATING in posts,
            )  # fmt: skip
        elif self.scope.task_id is None:
            documents = select(Document)
            if self.scope.document_id is not None:
                documents = documents.where(Document.id == self.scope.document_id)
            elif self.scope.office_id is not None:
                documents = documents.where(Document.office_unit_id == self.scope.office_id)
            yield from rule_history.reports(self.session, documents, first=self.first, last=self.last)

    def _holds_for(self, place: Place, task_id: int | None) -> bool:
        """Whether no nearer level has a rule of its own about this."""
        rules = self.book.rules_for(office_id=place.office_id, document_id=place.document_id, task_id=task_id)
        return rules[self.rule.event] is self.rule

    def _climb(self, thing: Thing) -> None:
        said: set[tuple[str, date]] = set()
        for span in thing.spans:
            found: list[tuple[date, Rung]] = []
            begins, ends = max(span.begins, self.first), min(span.ends, self.last)
            # What stood before the window, or when the span ended before it, had been said by then.
            eve = min(span.ends, self.first - timedelta(days=1))
            if span.begins <= eve and (stood := self._rung(self.rule, span.basis, span.exclusive, eve)):
                said.add((stood.code, span.basis))
            first_day = self.calendar.on_or_after(begins)
            if first_day <= ends and (stands := self._rung(self.rule, span.basis, span.exclusive, first_day)):
                found.append((first_day, stands))
            found += [(rung.day, rung) for rung in self._all(span.basis, span.exclusive) if begins <= rung.day <= ends]
            for day, rung in found:
                if (rung.code, span.basis) not in said and not self._is_silenced(thing, day):
                    said.add((rung.code, span.basis))
                    self._say(thing, day, rung, span.basis)

    def _is_silenced(self, thing: Thing, day: date) -> bool:
        """Whether the deadline itself is spoken of, so that nothing else is to be said."""
        if self.rule.event not in SILENT_BESIDE_OTHERS:
            return False
        place = thing.place
        due_rule = self.book.rules_for(office_id=place.office_id, document_id=place.document_id, task_id=thing.task_id)[
            ReminderEvent.DUE
        ]
        return due_rule.is_active and any(
            span.begins <= day <= span.ends and self._rung(due_rule, span.basis, span.exclusive, day) is not None
            for span in thing.dues
        )

    def _say(self, thing: Thing, day: date, rung: Rung, basis: date) -> None:
        posts = recipients(self.rule, rung, sum(urged < day for urged in thing.urges))
        why = reason(Reminder(thing.task_id or 0, self.rule.event, rung, basis, posts))
        around = (thing.place, thing.coordinating, self.rule.event)
        heard = {user for post in posts for user, _for in self.people.addressed(post, *around)}
        self._tell(heard, day, thing.label, why)

    def _at_once(self) -> None:
        kinds = [kind for kind, notice in NOTICES.items() if notice.rule is self.rule.event]
        above = Above.load(self.session)
        until = self._start(self.last + timedelta(days=1))
        for day, task, units in rule_history.happened(
            self.session,
            kinds,
            self._in_scope(),
            since=self._start(self.first),
            until=until,
            coordinating=Recipient.COORDINATING in self.rule.recipients,
        ):
            place = rule_history.place_of(task, above)
            if not self._holds_for(place, task.id):
                continue
            heard = {user for post in self.rule.recipients for user, _for in self.people.addressed(post, place, units)}
            self._tell(heard, day, task.code, "")

    def _tell(self, heard: Iterable[int], day: date, about: str, why: str) -> None:
        for user_id in sorted(heard):
            self.told[user_id, day] += 1
            self.lines.append(Line(day, self.people.by_id[user_id].name, about, why))
        if len(self.lines) > 50 * MOST_LINES:
            self.lines = _newest(self.lines)

    def _rung(self, rule: Rule, basis: date, exclusive: bool, day: date) -> Rung | None:
        key = (rule.event, id(rule), basis, exclusive, day)
        if key not in self._rungs:
            self._rungs[key] = current_rung(rule, basis, exclusive, self.calendar, day)
        return self._rungs[key]

    def _all(self, basis: date, exclusive: bool) -> list[Rung]:
        """The rungs of the window: thousands of tasks share a date."""
        if (basis, exclusive) not in self._between:
            self._between[basis, exclusive] = rungs_between(
                self.rule, basis, exclusive, self.calendar, self.first, self.last
            )
        return self._between[basis, exclusive]


def _newest(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.day, reverse=True)[:MOST_LINES]
