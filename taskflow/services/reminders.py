"""The sweep: what should have been said by now and was not? Asked every ten minutes, by any number of processes.

Reading is one pass over the open tasks whose day is near, in pages; writing is one short transaction for
each batch of people: their digest (unique by person and slot) and the record of each rung it says (unique
by thing, person, rung and day). Both are inserted where they do not exist yet, and a digest says what its own
records say: whoever comes second with a part of it says the rest, and with all of it nothing. What was due and
could not be written is alarmed of in the same slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from time import perf_counter
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import structlog
from flask import current_app
from sqlalchemy import Table, bindparam, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.errors import DomainError
from taskflow.domain.reminders import (
    GROUPS,
    Group,
    Recipient,
    Reminder,
    ReminderEvent,
    Rule,
    Rung,
    current_rung,
    due_reminders,
    recipients,
)
from taskflow.extensions import db
from taskflow.models.outbox import DeliveryAttempt, MessageStatus, OutboxMessage, ReminderRecord
from taskflow.models.task import Coordination
from taskflow.services import alarms
from taskflow.services.calendar import work_calendar
from taskflow.services.directory import Place
from taskflow.services.reminder_facts import Line, coordination_lines, report_duties, tasks
from taskflow.services.reminder_people import DIGEST, People, Person
from taskflow.services.reminder_policy import Policy, load_policy
from taskflow.services.reminder_rules import RuleBook
from taskflow.services.undelivered import carry_on
from taskflow.services.unit_of_work import unit_of_work

log = structlog.get_logger()

_OUTBOX = cast("Table", OutboxMessage.__table__)
_RECORD = cast("Table", ReminderRecord.__table__)
#: People whose digests are written in one transaction.
BATCH = 100


class Hit(NamedTuple):
    """One thing to say to one person: about what, which rung, in which post, standing in for whom (0: nobody)."""

    subject: str
    subject_id: int
    task_id: int | None
    reminder: Reminder
    post: Recipient
    for_id: int
    #: It passes days off and digest times: urgent work whose day has come.
    urgent: bool
    #: Khẩn or hỏa tốc: named first in its group.
    marked: bool


@dataclass(slots=True)
class Plan:
    """What a sweep would say: the hits by person (``calm``, ``urgent``), and what nobody would hear."""

    now: datetime
    people: People
    policy: Policy
    calm: dict[int, list[Hit]] = field(default_factory=dict)
    urgent: dict[int, list[Hit]] = field(default_factory=dict)
    nobody: list[tuple[str, int, Reminder]] = field(default_factory=list)
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did."""

    tasks: int
    messages: int
    reminders: int
    unreached: int
    seconds: float
    #: Digests that were due and could not be written: a fault, of which the administrators are told.
    unwritten: int = 0


class _Work(NamedTuple):
    """A digest to be written: for whom, under which unique key, of what."""

    person: Person
    key: str
    hits: list[Hit]


class _Written(NamedTuple):
    """What came of a digest."""

    reminders: int
    unwritten: int = 0


def sweep(now: datetime) -> SweepReport:
    """Queue what should have been said by ``now``. May run at any time, as often and in as many places as wished."""
    started = perf_counter()
    made = plan(now)
    messages = reminders = unwritten = 0
    for key_of, hits in (("key", made.calm), ("urgent_key", made.urgent)):
        people = made.people.by_id
        work = [_Work(people[user_id], getattr(people[user_id], key_of), hits[user_id]) for user_id in sorted(hits)]
        for start in range(0, len(work), BATCH):
            for written in _write_batch(work[start : start + BATCH], made.policy, now):
                messages += written.reminders > 0
                reminders += written.reminders
                unwritten += written.unwritten
    if unwritten:
        with unit_of_work() as session:
            alarms.raise_alarm(session, what="fault", job="sweep", error=f"{unwritten} digests not written", now=now)
    seconds = round(perf_counter() - started, 3)
    return SweepReport(made.tasks, messages, reminders, len(made.nobody), seconds, unwritten)


def plan(now: datetime, *, everybody: bool = False) -> Plan:
    """Work out, reading only, what is to be said to whom. ``everybody``: also to people whose hour has not come."""
    session = db.session()
    calendar, policy = work_calendar(), load_policy()
    zone: ZoneInfo = current_app.config["TASKFLOW"].zone
    people = People.load(session, now=now, zone=zone, calendar=calendar, policy=policy)
    made = Plan(now, people, policy)
    if not everybody and not any(person.key or person.urgent_key for person in people.by_id.values()):
        return made
    _Planner(session, made, calendar, zone, everybody).run()
    return made


class _Planner:
    """One pass over everything that may have to be spoken of; remembers rungs, because thousands share a day."""

    def __init__(self, session: Session, made: Plan, calendar: WorkCalendar, zone: ZoneInfo, everybody: bool) -> None:
        self.session = session
        self.made = made
        self.calendar = calendar
        self.zone = zone
        self.local = made.now.astimezone(zone)
        self.everybody = everybody
        self.book = RuleBook.load(session)
        self._rungs: dict[tuple[int, date, bool], Rung | None] = {}

    def run(self) -> None:
        today = self.local.date()
        horizon = self.calendar.next_working_day(self.calendar.add_working_days(today, self.book.longest_notice() + 1))
        pages = tasks(
            self.session, horizon=horizon, zone=self.zone, all_progress=self.book.uses(ReminderEvent.NO_PROGRESS)
        )
        for page in pages:
            self.made.tasks += len(page)
            found: list[tuple[int, Reminder, Place]] = []
            for task, place in page:
                rules = self.book.rules_for(office_id=place.office_id, document_id=place.document_id, task_id=task.id)
                reminders = due_reminders(task, rules, self.calendar, self.local, self._rung)
                found.extend((task.id, reminder, place) for reminder in reminders)
            if found:
                self._address_tasks(found)
        lines = [
            *coordination_lines(self.session, horizon=horizon),
            *report_duties(self.session, today=today, horizon=horizon),
        ]
        self._address_lines(lines, today)

    def _rung(self, rule: Rule, basis: date, exclusive: bool, today: date) -> Rung | None:
        key = (id(rule), basis, exclusive)
        if key not in self._rungs:
            self._rungs[key] = current_rung(rule, basis, exclusive, self.calendar, today)
        return self._rungs[key]

    def _address_tasks(self, found: list[tuple[int, Reminder, Place]]) -> None:
        said = self._said("task", [(task_id, reminder) for task_id, reminder, _ in found])
        wanted = {task_id for task_id, reminder, _ in found if Recipient.COORDINATING in reminder.recipients}
        coordinating = self._coordinating(wanted) if wanted else {}
        for task_id, reminder, place in found:
            self._address("task", task_id, task_id, reminder, place, said, coordinating.get(task_id, ()))

    def _address_lines(self, lines: Iterable[Line], today: date) -> None:
        by_subject: dict[str, list[tuple[Line, Reminder]]] = {}
        for line in lines:
            event = ReminderEvent.COORDINATION_DUE if line.subject == "coordination" else ReminderEvent.REPORT_DAY
            rule = self.book.rules_for(
                office_id=line.place.office_id, document_id=line.place.document_id, task_id=line.task_id
            )[event]
            rung = self._rung(rule, line.due, False, today) if rule.is_active else None
            if rung is not None:
                reminder = Reminder(line.task_id or 0, event, rung, line.due, recipients(rule, rung, 0))
                by_subject.setdefault(line.subject, []).append((line, reminder))
        for subject, pairs in by_subject.items():
            said = self._said(subject, [(line.id, reminder) for line, reminder in pairs])
            for line, reminder in pairs:
                units = () if line.unit_id is None else (line.unit_id,)
                self._address(subject, line.id, line.task_id, reminder, line.place, said, units)

    def _address(
        self,
        subject: str,
        subject_id: int,
        task_id: int | None,
        reminder: Reminder,
        place: Place,
        said: set[tuple[int, int, str, date]],
        coordinating: Sequence[int],
    ) -> None:
        record = reminder.record
        people, by_id = self.made.people, self.made.people.by_id
        heard = False
        told: set[int] = set()
        for post in reminder.recipients:
            for user_id, for_id in people.addressed(post, place, coordinating, reminder.event):
                heard = True
                if user_id in told or (subject_id, user_id, record, reminder.basis) in said:
                    continue
                told.add(user_id)
                person = by_id[user_id]
                urgent = place.urgent and reminder.rung.group in (Group.TODAY, Group.OVERDUE)
                # Where nobody is in charge, the head hears it as the head.
                heard_as = (
                    Recipient.HEAD if post is Recipient.PERSON and place.person_id not in (user_id, for_id) else post
                )
                hit = Hit(subject, subject_id, task_id, reminder, heard_as, for_id, urgent, place.urgent)
                if person.key or self.everybody:
                    self.made.calm.setdefault(user_id, []).append(hit)
                elif urgent and person.urgent_key:
                    self.made.urgent.setdefault(user_id, []).append(hit)
        if not heard:
            self.made.nobody.append((subject, subject_id, reminder))

    def _said(self, subject: str, found: list[tuple[int, Reminder]]) -> set[tuple[int, int, str, date]]:
        """Which of these rungs have been said of these things to whom, however long ago: by what makes them unique."""
        if not found:
            return set()
        ids = [subject_id for subject_id, _ in found]
        rows = self.session.execute(
            select(ReminderRecord.subject_id, ReminderRecord.user_id, ReminderRecord.rung, ReminderRecord.basis).where(
                ReminderRecord.subject == subject,
                ReminderRecord.subject_id.between(min(ids), max(ids)),
                ReminderRecord.rung.in_({reminder.record for _, reminder in found}),
            )
        )
        return {(row[0], row[1], row[2], row[3]) for row in rows}

    def _coordinating(self, task_ids: set[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        rows = self.session.execute(
            select(Coordination.task_id, Coordination.unit_id)
            .where(Coordination.task_id.between(min(task_ids), max(task_ids)))
            .order_by(Coordination.id)
        )
        for task_id, unit_id in rows:
            if task_id in task_ids:
                found.setdefault(task_id, []).append(unit_id)
        return found


def shown(hits: Sequence[Hit], limit: int) -> list[tuple[Group, int, list[Hit]]]:
    """The parts of a digest as (group, how many there are, those that are shown): never longer than one screen.

    Each group shows at least three lines; urgent work comes first, then the oldest dates; what is left of ``limit``
    goes to the groups in their order.
    """
    parts = [(group, [hit for hit in hits if hit.reminder.rung.group is group]) for group in GROUPS]
    parts = [
        (group, sorted(part, key=lambda hit: (not hit.marked, hit.reminder.basis, hit.subject_id)))
        for group, part in parts
        if part
    ]
    lines = {group: min(3, len(part)) for group, part in parts}
    left = limit - sum(lines.values())
    for group, part in parts:
        more = max(0, min(left, len(part) - lines[group]))
        lines[group] += more
        left -= more
    return [(group, len(part), part[: lines[group]]) for group, part in parts]


def digest_payload(hits: Sequence[Hit], policy: Policy) -> dict[str, Any]:
    """What a digest is rendered from, when its time has come."""
    return {
        "groups": [
            {
                "group": group.value,
                "count": count,
                "items": [
                    {
                        "subject": hit.subject,
                        "id": hit.subject_id,
                        "task": hit.task_id,
                        "event": hit.reminder.event.value,
                        "rung": hit.reminder.rung.code,
                        "basis": hit.reminder.basis.isoformat(),
                        "late_by": hit.reminder.rung.late_by,
                        "for": hit.for_id,
                    }
                    for hit in part
                ],
            }
            for group, count, part in shown(hits, policy.digest_items)
        ]
    }


def merged(
    payload: dict[str, Any], hits: Sequence[Hit], held_up: Sequence[OutboxMessage], policy: Policy
) -> dict[str, Any]:
    """The digest with what older ones hold that never left: one message after a stop, not a burst."""
    known = {(hit.subject, hit.subject_id, hit.reminder.event.value) for hit in hits}
    groups = {part["group"]: part for part in payload["groups"]}
    for part in (part for old in held_up for part in old.payload.get("groups", ())):
        group = groups.setdefault(part["group"], {"group": part["group"], "count": 0, "items": []})
        fresh = [item for item in part["items"] if (item["subject"], item["id"], item["event"]) not in known]
        known |= {(item["subject"], item["id"], item["event"]) for item in fresh}
        group["count"] += part["count"] - len(part["items"]) + len(fresh)
        group["items"] += fresh[: max(0, policy.digest_items - len(group["items"]))]
    return {"groups": [groups[group] for group in GROUPS if group in groups and groups[group]["count"]]}


def _held_up(session: Session, user_ids: Sequence[int]) -> dict[int, list[OutboxMessage]]:
    """Digests of these people that wait for a server or for their hour, newest first, by person.

    Not those of which nobody knows whether they arrived: they leave under their own Message-ID.
    """
    unknown = exists().where(DeliveryAttempt.message_id == OutboxMessage.id, DeliveryAttempt.outcome == "started")
    found: dict[int, list[OutboxMessage]] = {}
    statement = (
        select(OutboxMessage)
        .where(
            OutboxMessage.user_id.in_(user_ids),
            OutboxMessage.kind == DIGEST,
            OutboxMessage.status == MessageStatus.QUEUED,
            OutboxMessage.urgent.is_(False),
            ~unknown,
        )
        .order_by(OutboxMessage.id.desc())
        .with_for_update(skip_locked=True)
    )
    for message in session.scalars(statement):
        found.setdefault(message.user_id or 0, []).append(message)
    return found


def _write_batch(work: list[_Work], policy: Policy, now: datetime) -> Iterator[_Written]:
    """Write these digests in one transaction; where that fails, each in its own, so that one cannot stop the others."""
    try:
        with unit_of_work() as session:
            written = _write(session, work, policy, now)
    except (DomainError, SQLAlchemyError) as error:
        if isinstance(error, OperationalError):
            raise  # the database is away or full: nothing of this run can be written
        if len(work) > 1:
            for one in work:
                yield from _write_batch([one], policy, now)
            return
        log.exception("sweep.not_written", user=work[0].person.id)
        yield _Written(0, unwritten=1)
        return
    yield from (_Written(reminders) for reminders in written)


def _write(session: Session, work: list[_Work], policy: Policy, now: datetime) -> list[int]:
    """How many reminders each new digest says. A digest, or a part of it, that exists already is left out."""
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    held_up = _held_up(session, [one.person.id for one in work if ":urgent:" not in one.key])
    rows: list[dict[str, Any]] = [
        {
            "dedupe_key": one.key,
            "kind": DIGEST,
            "channel": one.person.route.kind,
            "user_id": one.person.id,
            "address": one.person.route.address,
            "payload": {},
            "urgent": ":urgent:" in one.key,
            "status": MessageStatus.QUEUED if one.person.route.address else MessageStatus.FAILED,
            "last_error": "" if one.person.route.address else "no_route",
            "next_attempt_at": now,
            "created_at": now,
        }
        for one in work
    ]
    messages = insert(_OUTBOX).on_conflict_do_nothing(index_elements=["dedupe_key"])
    made = connection.execute(messages.returning(_OUTBOX.c.dedupe_key, _OUTBOX.c.id), rows)
    ids = {key: message_id for key, message_id in made}  # noqa: C416 - a row is not a pair for mypy
    new = [one for one in work if one.key in ids]
    records = [
        {
            "subject": hit.subject,
            "subject_id": hit.subject_id,
            "user_id": one.person.id,
            "rung": hit.reminder.record,
            "basis": hit.reminder.basis,
            "at": now,
            "message_id": ids[one.key],
        }
        for one in new
        for hit in one.hits
    ]
    if not records:
        return []
    key = [_RECORD.c.subject, _RECORD.c.subject_id, _RECORD.c.user_id, _RECORD.c.rung, _RECORD.c.basis]
    said = {
        tuple(row)
        for row in connection.execute(
            insert(_RECORD).on_conflict_do_nothing(index_elements=key).returning(*key), records
        )
    }
    payloads, empty, counts = [], [], []
    for one in new:
        hits = [
            hit
            for hit in one.hits
            if (hit.subject, hit.subject_id, one.person.id, hit.reminder.record, hit.reminder.basis) in said
        ]
        if not hits:
            empty.append(ids[one.key])
            continue
        older = held_up.get(one.person.id, []) if ":urgent:" not in one.key else []
        payload = merged(digest_payload(hits, policy), hits, older, policy)
        payloads.append({"message": ids[one.key], "value": payload})
        counts.append(len(hits))
        for old in older:
            old.status, old.last_error = MessageStatus.SKIPPED, "merged"
            carry_on(session, old.id, ids[one.key])
    if payloads:
        connection.execute(
            update(_OUTBOX).where(_OUTBOX.c.id == bindparam("message")).values(payload=bindparam("value")), payloads
        )
    if empty:  # another process has just said all of it under another key
        connection.execute(delete(_OUTBOX).where(_OUTBOX.c.id.in_(empty)))
    return counts
