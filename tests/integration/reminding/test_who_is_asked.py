"""Who is asked for a decision may take it, and somebody who may is asked: over random organisations."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from taskflow.domain.permissions import SYSTEM, Role, can
from taskflow.domain.reminders import DEFAULT_RULES, ReminderEvent
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import Action
from taskflow.extensions import db
from taskflow.models.org import Delegation, Unit, User
from taskflow.models.outbox import Notification, OutboxMessage
from taskflow.models.task import Task, TaskShape
from taskflow.services import notices
from taskflow.services.actors import actor_of
from taskflow.services.directory import DECISIONS
from taskflow.services.progress import ReportText
from taskflow.services.queries.scope import facts_of
from taskflow.services.reminders import plan
from taskflow.services.task_steps import StepInputs, apply, report_done
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

WAITING = (TaskState.AWAITING_CONFIRMATION, TaskState.AWAITING_APPROVAL)


def organisation(factories: Factories, clock: Clock, chance: random.Random) -> list[Task]:
    """Units in three levels with posts by chance, and tasks that wait for a decision, some of them parts."""
    office = factories.office()
    units: list[Unit] = [factories.unit() for _ in range(3)]
    units += [factories.unit(f"Phòng {number}", parent=chance.choice(units)) for number in range(3)]
    units += [factories.unit(f"Tổ {number}", parent=chance.choice(units[3:])) for number in range(2)]
    people: list[User] = []
    for unit in units:
        people += [
            factories.user(chance.choice((Role.HEAD, Role.OFFICER)), unit=unit) for _ in range(chance.randrange(3))
        ]
    people += [factories.user(Role.COORDINATOR) for _ in range(chance.randrange(3))]
    if chance.random() < 0.5:
        people.append(factories.user(Role.COORDINATOR, unit=factories.body()))
    people.append(factories.user(Role.LEADER, unit=factories.body()))
    for person in people:
        if chance.random() < 0.25:
            deputy = chance.choice(people)
            if deputy is not person:
                factories.add(
                    Delegation(
                        principal_id=person.id, delegate_id=deputy.id, starts_on=clock.today - timedelta(days=5),
                        ends_on=clock.today + timedelta(days=60), created_at=clock(),
                    )
                )  # fmt: skip
    tasks = []
    for number in range(10):
        workflow = None
        if chance.random() < 0.3:
            workflow = factories.workflow(confirming_unit_id=chance.choice([*units, office]).id).id
        unit = chance.choice(units)
        shape: dict[str, Any] = {}
        if chance.random() < 0.4:
            whole = factories.task(unit=chance.choice(units), state=TaskState.IN_PROGRESS)
            shape = {"shape": TaskShape.PART, "parent_id": whole.id}
        tasks.append(
            factories.task(
                unit=unit,
                state=WAITING[number % 2],
                delivered_by_id=chance.choice(people).id,
                delivered_for_id=chance.choice(people).id if chance.random() < 0.2 else None,
                workflow_id=workflow,
                **shape,
            )
        )
    return tasks


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_nobody_is_asked_what_they_may_not_and_somebody_who_may_is(
    app: Flask, factories: Factories, clock: Clock, seed: int
) -> None:
    tasks = organisation(factories, clock, random.Random(seed))
    clock.advance(days=14)
    with unit_of_work() as session:
        for task in tasks:
            kind = "reported_done" if task.state is TaskState.AWAITING_CONFIRMATION else "submitted"
            notices.task_event(session, task, kind, SYSTEM, clock.now)
    asked: dict[int, set[int]] = {task.id: set() for task in tasks}
    for user_id, hits in plan(clock.now, everybody=True).calm.items():
        for hit in hits:
            if hit.reminder.event in (ReminderEvent.AWAITING_CONFIRMATION, ReminderEvent.AWAITING_APPROVAL):
                asked[hit.task_id or 0].add(user_id)
    users = db.session.scalars(select(User).where(User.is_active)).all()
    actors = {user.id: actor_of(user.id, on=clock.today) for user in users}
    for task in tasks:
        facts = facts_of(task)
        event = (
            ReminderEvent.AWAITING_CONFIRMATION
            if task.state is TaskState.AWAITING_CONFIRMATION
            else ReminderEvent.AWAITING_APPROVAL
        )
        may = {user_id for user_id, actor in actors.items() if can(actor, DECISIONS[event], facts)}
        assert asked[task.id] <= may
        assert bool(asked[task.id]) == bool(may)
        if event is ReminderEvent.AWAITING_APPROVAL:
            told = db.session.scalars(select(Notification.user_id).where(Notification.task_id == task.id)).all()
            assert not may or set(told)


def test_who_reported_hears_what_became_of_it(app: Flask, factories: Factories, clock: Clock) -> None:
    """Returned, rejected, reopened: the change takes the reporter from the task, and reaches them all the same."""
    unit = factories.unit()
    factories.user(Role.HEAD, unit=unit)
    reporter, clerk = factories.user(unit=unit), factories.actor(factories.user(Role.COORDINATOR))
    head = factories.actor(factories.user(Role.HEAD, unit=unit))
    by = factories.actor(reporter)
    words = {"now": clock.now}

    def heard(kind: str, task: Task) -> bool:
        lines = select(Notification.id).where(
            Notification.kind == kind, Notification.task_id == task.id, Notification.user_id == reporter.id
        )
        return db.session.scalar(lines) is not None

    returned = factories.task(unit=unit, state=TaskState.IN_PROGRESS)
    report_done(task_id=returned.id, actor=by, report=ReportText("Xong"), **words)
    apply(Action.RETURN, task_id=returned.id, actor=clerk, inputs=StepInputs(reason="Thiếu"), **words)
    assert heard("returned", returned)
    report_done(task_id=returned.id, actor=by, report=ReportText("Xong"), **words)
    apply(Action.CONFIRM, task_id=returned.id, actor=clerk, **words)
    apply(Action.REOPEN, task_id=returned.id, actor=clerk, inputs=StepInputs(reason="Bổ sung"), **words)
    assert heard("reopened", returned)
    flow = factories.workflow(head_approval=True)
    approved = factories.task(unit=unit, state=TaskState.IN_PROGRESS, workflow_id=flow.id)
    report_done(task_id=approved.id, actor=by, report=ReportText("Xong"), **words)
    apply(Action.REJECT, task_id=approved.id, actor=head, inputs=StepInputs(reason="Sửa"), **words)
    assert heard("rejected", approved)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", sorted(notices.NOTICES))
def test_every_event_reaches_the_posts_that_it_promises(
    app: Flask, factories: Factories, clock: Clock, kind: str
) -> None:
    unit, helper, judge, office = factories.unit(), factories.unit(), factories.unit(), factories.office()
    of = notices.Audience
    holders = {
        of.HEAD: factories.user(Role.HEAD, unit=unit),
        of.PERSON: factories.user(unit=unit),
        of.REPORTER: factories.user(unit=unit),
        of.COORDINATING: factories.user(Role.HEAD, unit=helper),
        of.CONFIRMER: factories.user(Role.HEAD, unit=judge),
        of.OFFICE: factories.user(Role.COORDINATOR),
        of.OFFICE_HEAD: factories.user(Role.HEAD, unit=office),
        of.LEADER: factories.user(Role.LEADER, unit=factories.body()),
    }
    people = {audience: {user.id} for audience, user in holders.items()}
    people[of.UNIT] = people[of.HEAD] | people[of.PERSON]
    people[of.APPROVER], people[of.EXTENDER], people[of.MEMBERS] = people[of.HEAD], people[of.OFFICE], set()
    task = factories.task(
        unit=unit,
        state=TaskState.AWAITING_CONFIRMATION,
        person_id=holders[of.PERSON].id,
        delivered_by_id=holders[of.REPORTER].id,
        workflow_id=factories.workflow(confirming_unit_id=judge.id).id,
    )
    factories.coordination(task, helper)
    with unit_of_work() as session:
        notices.task_event(session, task, kind, SYSTEM, clock.now, text="Nội dung")
    notice = notices.NOTICES[kind]
    told = set(db.session.scalars(select(Notification.user_id).where(Notification.task_id == task.id)))
    promised = {user for audience in notice.audience for user in people[audience]}
    written = set(db.session.scalars(select(OutboxMessage.user_id).where(OutboxMessage.kind == kind)))
    if notice.rule is not None:  # the office's rule names the posts that get a message
        posts = {notices.POSTS[post] for post in DEFAULT_RULES[notice.rule].recipients}
        by_rule = {user for audience in posts for user in people[audience]}
        assert written == by_rule
        promised |= by_rule
    else:
        assert written == (promised if notice.message else set())
    assert told == promised
