"""Several people, or several machines, at the same task in the same moment."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from taskflow.domain.errors import Conflict, DomainError, WrongState
from taskflow.domain.permissions import Actor, Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.task import Task, TaskEvent
from taskflow.services import extensions_of_time, series
from taskflow.services.progress import ReportText
from taskflow.services.series import SeriesOrigin, SeriesText
from taskflow.services.task_steps import acknowledge, confirm, report_done, return_for_rework
from taskflow.services.tasks import NewTask, create_task
from tests.factories import Factories
from tests.support.clock import Clock


def at_once(app: Flask, *calls: Callable[[], object]) -> list[object]:
    """Run the calls in threads of their own that start together; each one's answer, or the error it raised."""
    db.session.rollback()
    gate = threading.Barrier(len(calls))
    answers: list[object] = [None] * len(calls)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait(timeout=60)
            try:
                answers[number] = calls[number]()
            except DomainError as error:
                answers[number] = error

    threads = [threading.Thread(target=contextvars.Context().run, args=(run, number)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def office(factories: Factories) -> tuple[Actor, Actor, int]:
    """A clerk of the office, an officer of a unit, and the unit's id."""
    unit = factories.unit()
    return (
        factories.actor(factories.user(Role.COORDINATOR)),
        factories.actor(factories.user(unit=unit)),
        unit.id,
    )


def test_codes_are_never_given_twice(app: Flask, factories: Factories, clock: Clock) -> None:
    clerk, _, unit_id = office(factories)
    new = NewTask(office_unit_id=factories.office().id, content="Việc", lead_unit_ids=(unit_id,))
    now = clock()
    codes = at_once(app, *[lambda: create_task(new, actor=clerk, now=now).code] * 6)
    assert sorted(map(str, codes)) == [f"NV-2026-{number:06d}" for number in range(1, 7)]


def test_of_two_who_decide_one_is_told_that_it_is_too_late(app: Flask, factories: Factories, clock: Clock) -> None:
    clerk, officer, unit_id = office(factories)
    new = NewTask(office_unit_id=factories.office().id, content="Việc", lead_unit_ids=(unit_id,))
    task_id = create_task(new, actor=clerk, now=clock()).id
    report_done(task_id=task_id, report=ReportText("Xong"), actor=officer, now=clock())
    now = clock()
    answers = at_once(
        app,
        lambda: confirm(task_id=task_id, actor=clerk, now=now).state,
        lambda: return_for_rework(task_id=task_id, reason="Thiếu", actor=clerk, now=now).state,
    )
    assert sum(isinstance(answer, (WrongState, Conflict)) for answer in answers) == 1
    task = db.session.get(Task, task_id)
    assert task is not None
    assert task.state in (TaskState.COMPLETED, TaskState.IN_PROGRESS)
    decided = db.session.query(TaskEvent).filter(
        TaskEvent.task_id == task_id, TaskEvent.kind.in_(("confirmed", "returned"))
    )
    assert decided.count() == 1


def test_two_forms_of_the_same_version_do_not_overwrite_each_other(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    _, officer, _unit_id = office(factories)
    unit_id = next(iter(officer.posts)).unit_id
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    new = NewTask(office_unit_id=factories.office().id, content="Việc", lead_unit_ids=(unit_id,))
    task = create_task(new, actor=clerk, now=clock())
    task_id, version, now = task.id, task.version, clock()
    answers = at_once(
        app, *[lambda: acknowledge(task_id=task_id, actor=officer, now=now, expected_version=version).state] * 3
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "TaskState"]


def test_an_extension_is_granted_once(app: Flask, factories: Factories, clock: Clock) -> None:
    clerk, officer, unit_id = office(factories)
    due = clock.today + timedelta(days=30)
    new = NewTask(office_unit_id=factories.office().id, content="Việc", lead_unit_ids=(unit_id,), due_on=due)
    task_id = create_task(new, actor=clerk, now=clock()).id
    now = clock()
    asked = at_once(
        app,
        *[
            lambda: (
                extensions_of_time.ask(
                    task_id=task_id,
                    due_on=due + timedelta(days=5),
                    reason="Chờ số liệu",
                    cause="objective",
                    actor=officer,
                    now=now,
                ).id
            )
        ]
        * 2,
    )
    request_id = next(answer for answer in asked if isinstance(answer, int))
    assert sum(isinstance(answer, (WrongState, Conflict)) for answer in asked) == 1
    granted = at_once(app, *[lambda: extensions_of_time.approve(request_id=request_id, actor=clerk, now=now).state] * 2)
    assert sum(isinstance(answer, WrongState) for answer in granted) == 1
    task = db.session.get(Task, task_id)
    assert task is not None
    assert (task.extension_count, task.due_on) == (1, due + timedelta(days=5))


def test_three_machines_make_each_period_once(app: Flask, factories: Factories, clock: Clock) -> None:
    clerk, _, unit_id = office(factories)
    text = SeriesText("Báo cáo tháng", (unit_id,), "FREQ=MONTHLY;BYMONTHDAY=25")
    for _ in range(3):
        series.create_series(text, SeriesOrigin(factories.office().id, clock.today), actor=clerk, now=clock())
    clock.set("2026-07-01 08:00")
    now = clock()
    made = at_once(app, *[lambda: len(series.make_due_periods(now).task_ids)] * 3)
    assert sum(int(str(answer)) for answer in made) == 3 * 4
    keys = [key for (key,) in db.session.query(Task.series_key).filter(Task.series_id.is_not(None))]
    assert len(keys) == len(set(keys)) == 3 * 5
