"""The steps of a task's life, as the services take them."""

from __future__ import annotations

from datetime import date

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.task import ProgressReport, Task, TaskEvent, TaskShape
from taskflow.services.progress import ReportText
from taskflow.services.task_steps import acknowledge, confirm, report_done, return_for_rework
from taskflow.services.tasks import NewTask, create_task
from tests.factories import Factories
from tests.support.clock import Clock


def kinds(task: Task) -> list[str]:
    """The history of the task, oldest first."""
    return [event.kind for event in db.session.query(TaskEvent).filter_by(task_id=task.id).order_by(TaskEvent.id)]


def test_a_task_walks_from_assignment_to_confirmation(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    officer = factories.actor(factories.user(unit=unit))
    new = NewTask(
        office_unit_id=factories.office().id,
        content="Rà soát danh mục dữ liệu mở",
        lead_unit_ids=(unit.id,),
        due_on=date(2026, 3, 31),
        tags=("dữ liệu",),
    )
    task = create_task(new, actor=clerk, now=clock())
    assert task.code == "NV-2026-000001"
    assert (task.shape, task.state, task.original_due_on) == (TaskShape.SINGLE, TaskState.ASSIGNED, date(2026, 3, 31))
    assert "ra soat" in task.search_text
    assert list(task.tags) == ["dữ liệu"]

    acknowledge(task_id=task.id, actor=officer, now=clock(), expected_version=task.version)
    clock.advance(days=1)
    task = report_done(task_id=task.id, report=ReportText("Đã rà soát xong"), actor=officer, now=clock())
    assert (task.state, task.delivered_on, task.percent) == (TaskState.AWAITING_CONFIRMATION, clock.today, 100)
    task = return_for_rework(task_id=task.id, reason="Thiếu phụ lục", actor=clerk, now=clock())
    assert (task.state, task.delivered_on, task.returned_count) == (TaskState.IN_PROGRESS, None, 1)
    first = db.session.query(ProgressReport).one()
    assert (first.returned_reason, first.result) == ("Thiếu phụ lục", "Đã rà soát xong")

    clock.advance(days=1)
    delivered = clock.today
    report_done(task_id=task.id, report=ReportText("Đã bổ sung phụ lục"), actor=officer, now=clock())
    clock.advance(days=3)
    task = confirm(task_id=task.id, actor=clerk, now=clock())
    assert (task.state, task.delivered_on) == (TaskState.COMPLETED, delivered)
    assert task.confirmed_at == clock()
    assert not task.is_open
    assert kinds(task) == ["assigned", "acknowledged", "reported_done", "returned", "reported_done", "confirmed"]
