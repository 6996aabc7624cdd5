"""Workflows: revisions, the nearest one for a new task, files."""

from __future__ import annotations

import pytest

from taskflow.domain.errors import Conflict, Invalid, NotAllowed
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.task import Task, WorkflowDefinition
from taskflow.services.progress import ReportText
from taskflow.services.task_steps import report_done
from taskflow.services.tasks import NewTask, create_task
from taskflow.services.workflows import (
    WorkflowText,
    export_workflows,
    import_workflows,
    list_workflows,
    retire_workflow,
    save_workflow,
)
from tests.factories import Factories
from tests.support.clock import Clock


def test_a_task_keeps_the_revision_it_began_with(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    unit = factories.unit()
    first = save_workflow(WorkflowText("mac-dinh", "Mặc định", confirmation=False), actor=admin, now=clock())
    new = NewTask(office_unit_id=factories.office().id, content="Báo cáo nhanh", lead_unit_ids=(unit.id,))
    old_task = create_task(new, actor=clerk, now=clock())
    second = save_workflow(WorkflowText("mac-dinh", "Mặc định", head_approval=True), actor=admin, now=clock())
    assert (first.revision, second.revision, db.session.get(WorkflowDefinition, first.id).is_current) == (1, 2, False)
    again = save_workflow(WorkflowText("mac-dinh", "Mặc định", head_approval=True), actor=admin, now=clock())
    assert again.id == second.id
    new_task = create_task(new, actor=clerk, now=clock())
    officer = factories.actor(factories.user(unit=unit))
    assert (
        report_done(task_id=old_task.id, report=ReportText("Xong"), actor=officer, now=clock()).state
        is TaskState.COMPLETED
    )
    waiting = report_done(task_id=new_task.id, report=ReportText("Xong"), actor=officer, now=clock())
    assert (waiting.state, waiting.delivered_on) == (TaskState.AWAITING_APPROVAL, None)
    retire_workflow(workflow_id=second.id, actor=admin, now=clock())
    assert db.session.get(Task, create_task(new, actor=clerk, now=clock()).id).workflow_id is None


def test_the_nearest_workflow_is_the_one_for_office_and_type(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    office = factories.office()
    made = {
        code: save_workflow(
            WorkflowText(code, code, office_unit_id=office_id, document_type=kind), actor=admin, now=clock()
        ).id
        for code, office_id, kind in (("all", None, ""), ("office", office.id, ""), ("plans", None, "Kế hoạch"))
    }
    unit = factories.unit()

    def chosen(**values: object) -> int | None:
        new = NewTask(office_unit_id=office.id, content="Việc", lead_unit_ids=(unit.id,), **values)
        return create_task(new, actor=clerk, now=clock()).workflow_id

    assert chosen() == made["office"]
    assert chosen(document_id=factories.document(type="KẾ HOẠCH").id) == made["plans"]


def test_workflows_travel_as_a_file(app, factories: Factories, clock: Clock) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    unit = factories.unit(code="SGD")
    save_workflow(
        WorkflowText("hai-cap", "Hai cấp", head_approval=True, evidence_required=True, confirming_unit_id=unit.id),
        actor=admin,
        now=clock(),
    )
    data = export_workflows()
    assert data["workflows"][0]["confirming_unit"] == "SGD"
    import_workflows(data, actor=admin, now=clock())
    assert [one.revision for one in list_workflows(with_former=True)] == [1]
    data["workflows"][0]["name"] = "Hai cấp duyệt"
    import_workflows(data, actor=admin, now=clock())
    assert [(one.revision, one.name) for one in list_workflows()] == [(2, "Hai cấp duyệt")]


@pytest.mark.parametrize(
    "change",
    [{"code": "Sai mã"}, {"name": ""}, {"unknown": 1}, {"confirming_unit": "Không có"}, {"confirmation": "có lẽ"}],
)
def test_a_wrong_file_changes_nothing(app, factories: Factories, clock: Clock, change: dict[str, object]) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    good = {"code": "tot", "name": "Tốt"}
    data = {"format": "taskflow-workflows", "version": 1, "workflows": [good, {**good, "code": "xau", **change}]}
    with pytest.raises(Invalid):
        import_workflows(data, actor=admin, now=clock())
    assert list_workflows() == []
    with pytest.raises(NotAllowed):
        import_workflows(data, actor=factories.actor(factories.user(Role.COORDINATOR)), now=clock())


def test_one_class_of_tasks_has_one_workflow_and_a_stale_form_makes_no_revision(
    app, factories: Factories, clock: Clock
) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    first = save_workflow(WorkflowText("plans", "Kế hoạch", document_type="Kế hoạch"), actor=admin, now=clock())
    with pytest.raises(Invalid, match=r"workflow\.same_class"):
        save_workflow(WorkflowText("other", "Khác", document_type="KẾ HOẠCH"), actor=admin, now=clock())
    strict = WorkflowText("plans", "Kế hoạch", document_type="Kế hoạch", evidence_required=True)
    with pytest.raises(Invalid, match=r"workflow\.code_taken"):
        save_workflow(strict, actor=admin, now=clock(), revises=0)
    second = save_workflow(strict, actor=admin, now=clock(), revises=first.revision)
    with pytest.raises(Conflict):
        save_workflow(strict, actor=admin, now=clock(), revises=first.revision)
    retire_workflow(workflow_id=second.id, actor=admin, now=clock())
    save_workflow(WorkflowText("other", "Khác", document_type="KẾ HOẠCH"), actor=admin, now=clock(), revises=0)
