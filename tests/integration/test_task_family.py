"""Collective tasks and tasks broken down: what their steps do to each other, and who hears of it."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from sqlalchemy import select

from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Role
from taskflow.domain.reminders import ReminderEvent
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import TaskFilter
from taskflow.domain.transitions import Action
from taskflow.extensions import db
from taskflow.models.org import Unit
from taskflow.models.outbox import Notification
from taskflow.models.task import Coordination, CoordinationState, Task, TaskEvent, Urge
from taskflow.services import assignment, breakdown, coordination, corrections, extensions_of_time, series, urges
from taskflow.services.bulk import BulkKind, BulkRequest, run
from taskflow.services.progress import ReportText, report_progress
from taskflow.services.queries.mine import my_work
from taskflow.services.reminders import plan
from taskflow.services.task_steps import StepInputs, apply, confirm, report_done, return_for_rework
from taskflow.services.tasks import CoordinationRequest, NewTask, create_task
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock


class Family:
    """A department with a room below it, another department, an office; everybody by name."""

    def __init__(self, factories: Factories, clock: Clock) -> None:
        self.factories, self.clock = factories, clock
        self.unit, self.other = factories.unit(), factories.unit()
        self.room = factories.unit("Phòng Tổng hợp", parent=self.unit)
        self.people = {
            "head": factories.user(Role.HEAD, unit=self.unit),
            "room_head": factories.user(Role.HEAD, unit=self.room),
            "worker": factories.user(unit=self.room),
            "other_head": factories.user(Role.HEAD, unit=self.other),
            "clerk": factories.user(Role.COORDINATOR),
        }

    def do(self, step: object, who: str, **values: object) -> object:
        """Call a use case as one of the people, now."""
        return step(actor=self.factories.actor(self.people[who]), now=self.clock(), **values)  # type: ignore[operator] # any use case

    def broken_down(self) -> tuple[Task, Task]:
        """A task of the department and its one part, done by a person of the room."""
        task = self.factories.task(unit=self.unit, due_on=date(2026, 4, 30), state=TaskState.IN_PROGRESS)
        wanted = breakdown.NewPart("Dự thảo", self.room.id, self.people["worker"].id, date(2026, 4, 20))
        (part,) = self.do(breakdown.break_down, "head", task_id=task.id, parts=[wanted])
        return task, part

    def collective(self) -> tuple[Task, list[Task]]:
        """A collective task of both departments, and its members."""
        new = NewTask(
            office_unit_id=self.factories.office().id,
            content="Rà soát",
            lead_unit_ids=(self.unit.id, self.other.id),
            coordinators=(CoordinationRequest(self.room.id, request="Gửi biểu mẫu"),),
        )
        whole = self.do(lambda **values: create_task(new, **values), "clerk")
        return whole, db.session.query(Task).filter_by(parent_id=whole.id).order_by(Task.id).all()

    def heard(self, task: Task, kind: str) -> set[str]:
        """Who has a line of this kind about this task under the bell."""
        rows = db.session.scalars(
            select(Notification).where(Notification.kind == kind, Notification.task_id == task.id)
        )
        names = {user.id: name for name, user in self.people.items()}
        return {names[row.user_id] for row in rows}


@pytest.fixture
def family(app, factories: Factories, clock: Clock) -> Family:
    return Family(factories, clock)


def test_a_part_is_due_as_its_own_day_was_typed(family: Family) -> None:
    task = family.factories.task(
        unit=family.unit, due_on=date(2026, 4, 30), exclusive=True, state=TaskState.IN_PROGRESS
    )
    days = (date(2026, 4, 20), None, date(2026, 4, 30))
    wanted = [breakdown.NewPart(f"Dự thảo {day}", family.room.id, due_on=day) for day in days]
    parts = family.do(breakdown.break_down, "head", task_id=task.id, parts=wanted)
    assert [(part.due_on, part.exclusive) for part in parts] == [
        (date(2026, 4, 20), False),
        (date(2026, 4, 30), True),
        (date(2026, 4, 30), True),  # never later than the task
    ]
    events = db.session.scalars(select(TaskEvent).where(TaskEvent.kind == "assigned").order_by(TaskEvent.task_id))
    told = [event.data["due_on"] for event in events if event.task_id != task.id]
    assert told == ["2026-04-20", "2026-04-30", "2026-04-30"]


def test_of_a_part_the_head_who_broke_the_task_down_hears_and_not_the_office(family: Family, clock: Clock) -> None:
    _task, part = family.broken_down()
    family.do(
        extensions_of_time.ask, "worker", task_id=part.id, due_on=date(2026, 4, 25), reason="Chờ", cause="objective"
    )
    family.do(assignment.send_back, "room_head", task_id=part.id, reason="Không thuộc phòng")
    family.do(report_done, "worker", task_id=part.id, report=ReportText("Xong"))
    for kind in ("extension_asked", "transfer_asked", "reported_done"):
        assert family.heard(part, kind) == {"head"}, kind
    clock.advance(days=4)
    told = [
        (hit.reminder.event, user_id)
        for user_id, hits in plan(clock(), everybody=True).calm.items()
        for hit in hits
        if hit.task_id == part.id
    ]
    assert (ReminderEvent.AWAITING_CONFIRMATION, family.people["head"].id) in told
    assert family.people["clerk"].id not in {user_id for _event, user_id in told}


def test_of_a_part_done_by_the_only_head_the_office_hears(family: Family) -> None:
    _task, part = family.broken_down()
    family.do(report_done, "head", task_id=part.id, report=ReportText("Tự làm"))
    assert family.heard(part, "reported_done") == {"clerk"}


def test_the_unit_hears_that_all_parts_are_finished(family: Family, factories: Factories) -> None:
    task, part = family.broken_down()
    family.do(assignment.assign_person, "head", task_id=task.id, person_id=family.people["worker"].id)
    family.do(report_done, "worker", task_id=part.id, report=ReportText("Xong"))
    family.do(confirm, "head", task_id=part.id)
    assert family.heard(task, "parts_done") == {"worker"}  # who confirmed knows


def test_the_unit_that_a_workflow_names_hears_of_what_it_has_to_confirm_until_it_ends(
    family: Family, factories: Factories, clock: Clock
) -> None:
    workflow = factories.workflow(confirming_unit_id=family.other.id)
    task = factories.task(unit=family.unit, state=TaskState.IN_PROGRESS, workflow_id=workflow.id)
    family.do(report_done, "head", task_id=task.id, report=ReportText("Xong"))
    assert family.heard(task, "reported_done") == {"other_head", "clerk"}
    clock.advance(days=4)
    waiting = {user_id for user_id, hits in plan(clock(), everybody=True).calm.items() if hits}
    assert (family.people["other_head"].id in waiting, family.people["clerk"].id in waiting) == (True, False)
    with unit_of_work():
        db.session.get(Unit, family.other.id).is_active = False
    assert family.do(confirm, "clerk", task_id=task.id).state is TaskState.COMPLETED


def test_a_part_is_reopened_only_while_its_task_goes_on_and_within_its_date(family: Family, clock: Clock) -> None:
    task, part = family.broken_down()
    family.do(report_done, "worker", task_id=part.id, report=ReportText("Xong"))
    family.do(confirm, "head", task_id=part.id)
    earlier = corrections.NewDeadline(date(2026, 4, 10))
    family.do(corrections.set_deadline, "clerk", task_id=task.id, deadline=earlier, reason="Chỉ đạo")
    family.do(report_done, "head", task_id=task.id, report=ReportText("Xong"))

    def reopen() -> object:
        return family.do(
            lambda **values: apply(Action.REOPEN, inputs=StepInputs(reason="Sai số"), **values), "head", task_id=part.id
        )

    with pytest.raises(WrongState, match=r"task\.whole_rests"):
        reopen()
    family.do(return_for_rework, "clerk", task_id=task.id, reason="Thiếu phụ lục")
    assert reopen().state is TaskState.IN_PROGRESS
    assert (part.original_due_on, part.due_on) == (date(2026, 4, 20), date(2026, 4, 10))
    with pytest.raises(Invalid, match=r"task\.parts_open"):
        family.do(report_done, "head", task_id=task.id, report=ReportText("Xong"))


def test_what_was_discontinued_as_a_whole_comes_back_as_a_whole(family: Family) -> None:
    whole, (first, second) = family.collective()
    for task, reason in ((first, "Đã sáp nhập"), (whole, "Nhầm văn bản")):
        family.do(
            lambda reason=reason, **values: apply(Action.CANCEL, inputs=StepInputs(reason=reason), **values),
            "clerk",
            task_id=task.id,
        )

    def reopen(task: Task) -> object:
        return family.do(
            lambda **values: apply(Action.REOPEN, inputs=StepInputs(reason="Vẫn cần"), **values),
            "clerk",
            task_id=task.id,
        )

    with pytest.raises(WrongState, match=r"task\.whole_rests"):
        reopen(second)
    reopen(whole)
    assert (whole.state, first.state, second.state) == (
        TaskState.IN_PROGRESS,
        TaskState.CANCELLED,
        TaskState.IN_PROGRESS,
    )
    family.do(confirm, "clerk", task_id=whole.id, reason="Đủ số liệu")
    reopen(whole)  # finished work is reopened alone
    assert first.state is TaskState.CANCELLED


def test_a_collective_task_is_urged_in_the_members_that_owe(family: Family, factories: Factories) -> None:
    whole, (first, second) = family.collective()
    family.do(report_done, "head", task_id=first.id, report=ReportText("Xong"))
    family.do(urges.urge, "clerk", task_ids=[whole.id], text="Đề nghị báo cáo ngay")
    assert [urge.task_id for urge in db.session.scalars(select(Urge))] == [second.id]
    assert (whole.urge_count, first.urge_count, second.urge_count) == (0, 0, 1)
    assert family.heard(second, "urged") == {"other_head"}
    lines = db.session.scalars(select(TaskEvent.task_id).where(TaskEvent.kind == "urged")).all()
    assert sorted(lines) == [whole.id, second.id]
    clerk = factories.actor(family.people["clerk"])
    request = BulkRequest(BulkKind.URGE, text="Lần hai")
    run(request, [whole.id, second.id], actor=clerk, now=family.clock())
    assert second.urge_count == 2
    family.do(report_done, "other_head", task_id=second.id, report=ReportText("Xong"))
    refused = run(request, [whole.id], actor=clerk, now=family.clock()).refused
    assert [one.error.code for one in refused] == ["urge.nobody_owes"]
    with pytest.raises(WrongState, match=r"urge\.nobody_owes"):
        family.do(urges.urge, "clerk", task_ids=[whole.id], text="Lần ba")


def test_an_answer_to_a_collective_task_reaches_its_members(family: Family) -> None:
    whole, _members = family.collective()
    line = db.session.query(Coordination).filter_by(task_id=whole.id).one()
    family.do(coordination.answer, "room_head", coordination_id=line.id, text="Gửi biểu mẫu")
    assert family.heard(whole, "coordination_answered") == {"head", "other_head", "clerk"}


def test_progress_falls_back_when_a_result_is_returned(family: Family, factories: Factories) -> None:
    task = factories.task(unit=family.unit, state=TaskState.IN_PROGRESS)
    family.do(report_progress, "head", task_id=task.id, report=ReportText("Đã khảo sát", percent=60))
    family.do(report_done, "head", task_id=task.id, report=ReportText("Xong"))
    assert task.percent == 100
    family.do(return_for_rework, "clerk", task_id=task.id, reason="Thiếu phụ lục")
    assert task.percent == 60


def test_an_urging_is_answered_once_and_not_after_the_end(family: Family, factories: Factories) -> None:
    task = factories.task(unit=family.unit)
    first, second = (
        family.do(urges.urge, "clerk", task_ids=[task.id], text=text)[0].id for text in ("Lần một", "Lần hai")
    )
    family.do(urges.answer_urge, "head", urge_id=first, text="Tuần này")
    with pytest.raises(WrongState, match=r"urge\.answered_already"):
        family.do(urges.answer_urge, "head", urge_id=first, text="Đè lên")
    family.do(
        lambda **values: apply(Action.CANCEL, inputs=StepInputs(reason="Thôi"), **values), "clerk", task_id=task.id
    )
    with pytest.raises(WrongState, match=r"task\.closed"):
        family.do(urges.answer_urge, "head", urge_id=second, text="Muộn")


def test_no_day_that_is_over_is_asked_for(family: Family, factories: Factories) -> None:
    late = factories.task(unit=family.unit, due_on=date(2026, 3, 2), state=TaskState.IN_PROGRESS)
    over = date(2026, 3, 10)
    wanted = {"task_id": late.id, "reason": "Chờ số liệu", "cause": "objective"}
    with pytest.raises(Invalid, match=r"dates\.over"):
        family.do(extensions_of_time.ask, "head", due_on=over, **wanted)
    asked = family.do(extensions_of_time.ask, "head", due_on=date(2026, 3, 20), **wanted)
    with pytest.raises(Invalid, match=r"dates\.over"):
        family.do(extensions_of_time.counter, "clerk", request_id=asked.id, due_on=over, reason="Sớm hơn")
    with pytest.raises(Invalid, match=r"dates\.over"):
        family.do(coordination.ask, "head", task_id=late.id, unit_id=family.other.id, request="Ý kiến", due_on=over)
    with pytest.raises(Invalid, match=r"dates\.over"):
        family.do(urges.urge, "clerk", task_ids=[late.id], text="Báo cáo", reply_due_on=over)


def test_who_is_named_for_a_request_finds_it_beside_their_own_work(family: Family, factories: Factories) -> None:
    task = factories.task(unit=family.other)
    line = family.do(coordination.ask, "other_head", task_id=task.id, unit_id=family.unit.id, request="Số liệu")
    worker = family.people["worker"]
    family.do(coordination.accept, "head", coordination_id=line.id, person_id=worker.id)
    found = my_work(factories.actor(worker), frozenset({family.room.id}), TaskFilter())
    assert [row.id for row in found.coordinations] == [line.id]


def test_what_was_asked_before_a_task_moved_or_ended_is_not_granted_after(family: Family, factories: Factories) -> None:
    task = factories.task(unit=family.unit, due_on=date(2026, 4, 1), state=TaskState.IN_PROGRESS)
    wanted = {"due_on": date(2026, 4, 20), "reason": "Chờ", "cause": "objective"}
    asked = family.do(extensions_of_time.ask, "head", task_id=task.id, **wanted)
    line = family.do(coordination.ask, "head", task_id=task.id, unit_id=family.room.id, request="Số liệu")
    family.do(assignment.transfer, "clerk", task_id=task.id, unit_id=family.other.id, reason="Đổi đơn vị")
    with pytest.raises(WrongState, match=r"extension\.decided_already"):
        family.do(extensions_of_time.approve, "clerk", request_id=asked.id)
    assert (task.due_on, task.extension_count) == (date(2026, 4, 1), 0)
    family.do(
        lambda **values: apply(Action.CANCEL, inputs=StepInputs(reason="Thôi"), **values), "clerk", task_id=task.id
    )
    for step, values in ((coordination.answer, {"text": "Đây"}), (coordination.accept, {})):
        with pytest.raises(WrongState, match=r"task\.closed"):
            family.do(step, "room_head", coordination_id=line.id, **values)
    with pytest.raises(WrongState, match=r"task\.closed"):
        family.do(coordination.ask, "other_head", task_id=task.id, unit_id=family.unit.id, request="Nữa")


def test_a_unit_that_leads_is_refused_as_its_own_coordinator(family: Family, factories: Factories) -> None:
    leads = (family.unit.id, family.other.id)
    office, origin = factories.office().id, series.SeriesOrigin(factories.office().id, family.clock.today)
    for asked in leads:
        new = NewTask(office, "Rà soát", leads, coordinators=(CoordinationRequest(asked),))
        text = series.SeriesText("Báo cáo", leads, "FREQ=MONTHLY", coordinator_unit_ids=(asked,))
        for create in (partial(create_task, new), partial(series.create_series, text, origin)):
            with pytest.raises(Invalid, match=r"coordination\.is_lead"):
                family.do(create, "clerk")
    whole, _members = family.collective()
    single = factories.task(unit=family.unit, code="K-1")
    for task in (whole, single):
        with pytest.raises(Invalid, match=r"coordination\.is_lead"):
            family.do(coordination.ask, "clerk", task_id=task.id, unit_id=family.unit.id, request="Số liệu")


def test_a_unit_that_takes_over_the_lead_is_no_longer_asked_to_coordinate(family: Family, factories: Factories) -> None:
    single = factories.task(unit=family.unit, code="K-1")
    factories.coordination(single, family.other)
    family.do(assignment.transfer, "clerk", task_id=single.id, unit_id=family.other.id, reason="Đúng việc")
    whole, (member, _other) = family.collective()
    family.do(assignment.transfer, "clerk", task_id=member.id, unit_id=family.room.id, reason="Đúng việc")
    lines = db.session.execute(select(Coordination.task_id, Coordination.unit_id, Coordination.state)).all()
    assert sorted(tuple(line) for line in lines) == [
        (single.id, family.other.id, CoordinationState.NOT_NEEDED),
        (whole.id, family.room.id, CoordinationState.NOT_NEEDED),
    ]
