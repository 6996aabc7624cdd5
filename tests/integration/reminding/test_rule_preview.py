"""What a rule would have sent last month, counted on what happened."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from taskflow.domain.permissions import Role
from taskflow.domain.reminders import rule_from
from taskflow.domain.states import TaskState
from taskflow.models.task import CoordinationState, ExtensionRequest, ExtensionState, ProgressReport, Task, TaskEvent
from taskflow.services import rule_preview
from taskflow.services.reminder_rules import Scope, save_rule
from taskflow.services.rule_preview import Preview, preview
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

FRIDAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _old_tasks(clock: Clock) -> None:
    clock.set("2026-01-05 08:00")


def _month(clock: Clock, event: str, scope: Scope | None = None, **definition: object) -> Preview:
    clock.set("2026-03-31 08:00")  # a look back over 01/03 to 30/03
    rule = rule_from(event, {"recipients": ["head"]} | definition)
    return preview(rule, scope or Scope(), now=clock.now)


def _days(month: Preview) -> list[str]:
    return sorted(f"{line.day:%d/%m}" for line in month.lines)


def _moved(factories: Factories, clock: Clock, task: Task, at: str, before: TaskState, after: TaskState) -> None:
    clock.set(at)
    with unit_of_work():
        task.updated_at = clock.now
        if before is TaskState.ASSIGNED:
            task.acknowledged_at = clock.now
    factories.add(TaskEvent(task_id=task.id, at=clock.now, kind="moved", from_state=before, to_state=after))


def test_the_ladder_of_a_deadline_up_to_its_delivery(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.user(Role.HEAD, full_name="Phạm Thu Hà").memberships[0].unit
    task = factories.task(unit=unit, due_on=FRIDAY, state=TaskState.COMPLETED)
    _moved(factories, clock, task, "2026-03-23 10:00", TaskState.IN_PROGRESS, TaskState.AWAITING_CONFIRMATION)
    _moved(factories, clock, task, "2026-03-25 10:00", TaskState.AWAITING_CONFIRMATION, TaskState.COMPLETED)
    month = _month(clock, "due", before=[5], after=[1, 3])
    assert _days(month) == ["13/03", "23/03"], "nothing after the result was handed over"
    assert (month.reminders, month.digests, month.people, month.busiest) == (2, 2, 1, [("Phạm Thu Hà", 2)])
    waited = _month(clock, "awaiting_confirmation", after=[1], recipients=["office"])
    assert waited.reminders == 0, "nobody holds that post"
    factories.user(Role.COORDINATOR)
    assert _days(_month(clock, "awaiting_confirmation", after=[1], recipients=["office"])) == ["24/03"]
    assert _days(_month(clock, "awaiting_approval", after=[1])) == []


def test_a_date_that_moved_is_counted_as_it_was(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.user(Role.HEAD).memberships[0].unit
    task = factories.task(unit=unit, due_on=date(2026, 4, 30), state=TaskState.IN_PROGRESS)
    clock.set("2026-03-16 09:00")
    factories.add(
        TaskEvent(
            task_id=task.id, at=clock.now, kind="extension_approved", data={"from": "2026-03-20", "to": "2026-04-30"}
        )
    )
    assert _days(_month(clock, "due", before=[5, 1])) == ["13/03"]


def test_work_that_was_acknowledged_meanwhile(app: Flask, factories: Factories, clock: Clock) -> None:
    unit = factories.user(Role.HEAD).memberships[0].unit
    clock.set("2026-03-02 09:00")
    task = factories.task(unit=unit, state=TaskState.IN_PROGRESS)
    _moved(factories, clock, task, "2026-03-06 10:00", TaskState.ASSIGNED, TaskState.IN_PROGRESS)
    assert _days(_month(clock, "never_acknowledged", after=[2, 5])) == ["04/03"]


def test_progress_starts_the_count_again(app: Flask, factories: Factories, clock: Clock) -> None:
    head = factories.user(Role.HEAD)
    clock.set("2026-03-02 09:00")
    task = factories.task(unit=head.memberships[0].unit, state=TaskState.IN_PROGRESS)
    clock.set("2026-03-11 09:00")
    factories.add(ProgressReport(task_id=task.id, at=clock.now, by_id=head.id, result="Đã làm"))
    assert _days(_month(clock, "no_progress", after=[10])) == ["25/03"]


def test_a_request_for_time_until_its_answer(app: Flask, factories: Factories, clock: Clock) -> None:
    head = factories.user(Role.HEAD)
    task = factories.task(unit=head.memberships[0].unit, due_on=FRIDAY, state=TaskState.IN_PROGRESS)
    clock.set("2026-03-10 09:00")
    asked = clock.now
    clock.set("2026-03-12 09:00")
    factories.add(
        ExtensionRequest(
            task_id=task.id, state=ExtensionState.REJECTED, requested_at=asked, requested_by_id=head.id, reason="Mưa",
            asked_due_on=date(2026, 4, 1), decided_at=clock.now,
        )
    )  # fmt: skip
    assert _days(_month(clock, "extension_waiting", after=[1, 3])) == ["11/03"]


def test_coordinating_units_and_reporting_days(app: Flask, factories: Factories, clock: Clock) -> None:
    helper = factories.user(Role.HEAD)
    task = factories.task(state=TaskState.IN_PROGRESS)
    factories.coordination(task, helper.memberships[0].unit, due_on=FRIDAY, state=CoordinationState.ASKED)
    assert _days(_month(clock, "coordination_due", before=[1, 0], recipients=["coordinating"])) == ["19/03", "20/03"]
    factories.user(Role.COORDINATOR)
    factories.document(reporting_rule="FREQ=MONTHLY;BYMONTHDAY=25")
    assert _days(_month(clock, "report_day", before=[1, 0], recipients=["office"])) == ["24/03", "25/03"]


def test_what_is_said_at_once_is_counted_by_its_events(app: Flask, factories: Factories, clock: Clock) -> None:
    unit_head = factories.user(Role.HEAD)
    task = factories.task(unit=unit_head.memberships[0].unit)
    for at, kind in (
        ("2026-03-10 09:00", "returned"),
        ("2026-02-10 09:00", "returned"),
        ("2026-03-11 09:00", "edited"),
    ):
        clock.set(at)
        factories.add(TaskEvent(task_id=task.id, at=clock.now, kind=kind))
    assert _days(_month(clock, "returned")) == ["10/03"]
    helper = factories.user(Role.HEAD, full_name="Phạm Thu Hà").memberships[0].unit
    factories.coordination(task, helper)
    told = _month(clock, "returned", recipients=["head", "coordinating"])
    assert {line.name for line in told.lines} == {unit_head.full_name, "Phạm Thu Hà"}


def test_tasks_beyond_what_a_preview_counts_are_named(
    app: Flask, factories: Factories, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = factories.user(Role.HEAD).memberships[0].unit
    tasks = [factories.task(unit=unit, due_on=FRIDAY, state=TaskState.IN_PROGRESS) for _ in range(3)]
    clock.set("2026-03-10 09:00")
    for task in tasks:
        factories.add(TaskEvent(task_id=task.id, at=clock.now, kind="returned"))
    monkeypatch.setattr(rule_preview, "MOST_TASKS", 2)
    monkeypatch.setattr(rule_preview, "MOST_LINES", 1)
    for event, definition, found in (("due", {"before": [1]}, (2, 1, True)), ("returned", {}, (3, 1, False))):
        month = _month(clock, event, **definition)
        assert (month.reminders, len(month.lines), month.is_partial) == found


def test_tasks_with_a_nearer_rule_are_left_out(app: Flask, factories: Factories, clock: Clock) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    unit = factories.user(Role.HEAD).memberships[0].unit
    own, other = (factories.task(unit=unit, due_on=FRIDAY, state=TaskState.IN_PROGRESS) for _ in range(2))
    save_rule(
        Scope(task_id=own.id), "due", {"before": [9], "recipients": ["head"]}, is_active=True, actor=clerk,
        now=clock.now,
    )  # fmt: skip
    office = Scope(office_id=factories.office().id)
    assert [line.about for line in _month(clock, "due", office, before=[5]).lines] == [other.code]
