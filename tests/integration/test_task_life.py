"""What happens to tasks between the states: persons, transfers, parts, coordination, more time, corrections, urging."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Permission, Role, can
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import Action
from taskflow.extensions import db
from taskflow.models.org import Delegation
from taskflow.models.outbox import Notification
from taskflow.models.task import CoordinationState, ExtensionState, Task, TaskEvent, TaskShape, Urge
from taskflow.services import (
    assignment,
    breakdown,
    comments,
    coordination,
    corrections,
    extensions_of_time,
    urges,
    waiting,
)
from taskflow.services.actors import actor_of
from taskflow.services.bulk import BulkKind, BulkRequest, preview, run
from taskflow.services.evidence import NewEvidence
from taskflow.services.progress import ReportText, answer_decision, report_progress
from taskflow.services.queries.scope import facts_of, get_task
from taskflow.services.task_steps import StepInputs, acknowledge, apply, confirm, report_done
from taskflow.services.tasks import CoordinationRequest, NewTask, create_task
from tests.factories import Factories
from tests.support.clock import Clock


def events(task: Task, kind: str) -> list[TaskEvent]:
    """The lines of this kind in the task's history."""
    return db.session.query(TaskEvent).filter_by(task_id=task.id, kind=kind).order_by(TaskEvent.id).all()


def test_a_unit_sends_back_and_the_office_moves_it_with_trace(app, factories: Factories, clock: Clock) -> None:
    wrong, right = factories.unit(), factories.unit()
    head, new_head = factories.actor(factories.user(Role.HEAD, unit=wrong)), factories.user(Role.HEAD, unit=right)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=wrong, due_on=date(2026, 4, 1), state=TaskState.IN_PROGRESS)
    request = assignment.send_back(
        task_id=task.id, reason="Không thuộc chức năng", proposed_unit_id=right.id, actor=head, now=clock()
    )
    with pytest.raises(WrongState):
        assignment.send_back(task_id=task.id, reason="Lần nữa", actor=head, now=clock())
    with pytest.raises(NotAllowed):
        assignment.approve_transfer(request_id=request.id, actor=head, now=clock())
    clock.advance(days=2)
    moved = assignment.approve_transfer(request_id=request.id, actor=clerk, now=clock())
    assert (moved.lead_unit_id, moved.state, moved.due_on) == (right.id, TaskState.ASSIGNED, date(2026, 4, 1))
    assert moved.acknowledged_at is None
    facts = facts_of(moved)
    assert can(head, Permission.TASK_READ, facts)
    assert get_task(head, task.id).id == task.id
    assert not can(head, Permission.TASK_REPORT, facts)
    assert can(factories.actor(new_head), Permission.TASK_REPORT, facts)
    with pytest.raises(WrongState):
        assignment.reject_transfer(request_id=request.id, reason="Muộn", actor=clerk, now=clock())


def test_a_wrong_lead_is_corrected_without_leaving_a_right_to_read(app, factories: Factories, clock: Clock) -> None:
    wrong, right = factories.unit(), factories.unit()
    outsider = factories.actor(factories.user(Role.HEAD, unit=wrong))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=wrong)
    corrections.correct_lead(task_id=task.id, unit_id=right.id, reason="Nhập nhầm dòng", actor=clerk, now=clock())
    with pytest.raises(NotFound):
        get_task(outsider, task.id)
    assert events(task, "lead_corrected")[0].data["from"] == wrong.id


def test_parts_stay_within_the_date_of_their_task_also_when_it_moves(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    room = factories.unit("Phòng Tổng hợp", parent=unit)
    head_user, worker = factories.user(Role.HEAD, unit=unit), factories.user(unit=room)
    head, officer = factories.actor(head_user), factories.actor(worker)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=unit, due_on=date(2026, 4, 30))
    late = breakdown.NewPart("Dự thảo", room.id, worker.id, due_on=date(2026, 5, 1))
    with pytest.raises(Invalid, match=r"breakdown\.beyond_parent"):
        breakdown.break_down(task_id=task.id, parts=[late], actor=head, now=clock())
    part = breakdown.break_down(
        task_id=task.id,
        parts=[breakdown.NewPart("Dự thảo", room.id, worker.id, due_on=date(2026, 4, 20))],
        actor=head,
        now=clock(),
    )[0]
    assert (part.shape, part.code, part.person_id) == (TaskShape.PART, f"{task.code}.1", worker.id)
    assert db.session.get(Task, task.id).state is TaskState.IN_PROGRESS
    earlier = corrections.NewDeadline(due_on=date(2026, 4, 10))
    with pytest.raises(Invalid, match=r"breakdown\.parts_later"):
        corrections.set_deadline(task_id=task.id, deadline=earlier, reason="Theo chỉ đạo", actor=clerk, now=clock())
    corrections.set_deadline(
        task_id=task.id, deadline=earlier, reason="Theo chỉ đạo", actor=clerk, now=clock(), pull_parts=True
    )
    assert db.session.get(Task, part.id).due_on == date(2026, 4, 10)
    with pytest.raises(Invalid, match=r"task\.parts_open"):
        report_done(task_id=task.id, report=ReportText("Xong"), actor=head, now=clock())
    report_done(task_id=part.id, report=ReportText("Đã dự thảo"), actor=officer, now=clock())
    confirm(task_id=part.id, actor=head, now=clock())
    assert report_done(task_id=task.id, report=ReportText("Xong"), actor=head, now=clock()).delivered_on == clock.today
    with pytest.raises(NotAllowed):
        confirm(task_id=task.id, actor=head, now=clock())


def test_parts_at_every_depth_stay_within_a_date_that_moves(app, factories: Factories, clock: Clock) -> None:
    unit, other = factories.unit(), factories.unit()
    room = factories.unit("Phòng Tổng hợp", parent=unit)
    head, room_head = (factories.actor(factories.user(Role.HEAD, unit=one)) for one in (unit, room))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    new = NewTask(factories.office().id, "Rà soát thủ tục", (unit.id, other.id), due_on=date(2026, 6, 30))
    whole = create_task(new, actor=clerk, now=clock())
    member = db.session.query(Task).filter_by(parent_id=whole.id, lead_unit_id=unit.id).one()
    wanted = breakdown.NewPart("Dự thảo", room.id, due_on=date(2026, 6, 30))
    (part,) = breakdown.break_down(task_id=member.id, parts=[wanted], actor=head, now=clock())
    wanted = breakdown.NewPart("Số liệu", room.id, due_on=date(2026, 6, 20))
    (below,) = breakdown.break_down(task_id=part.id, parts=[wanted], actor=room_head, now=clock())
    line = [whole, member, part, below]

    def dates() -> list[int]:
        return [db.session.get(Task, task.id).due_on.timetuple()[1] for task in line]

    earlier = corrections.NewDeadline(date(2026, 5, 31))
    with pytest.raises(Invalid, match=r"breakdown\.parts_later"):
        corrections.set_deadline(task_id=whole.id, deadline=earlier, reason="Chỉ đạo", actor=clerk, now=clock())
    request = BulkRequest(BulkKind.MOVE_DATE, due_on=date(2026, 5, 31), reason="Chỉ đạo")
    for chosen in ([whole.id], [whole.id, member.id]):
        refused = preview(request, chosen, actor=clerk, now=clock()).refused
        assert [one.task_id for one in refused] == chosen
    assert dates() == [6, 6, 6, 6]
    corrections.set_deadline(
        task_id=whole.id, deadline=earlier, reason="Chỉ đạo", actor=clerk, now=clock(), pull_parts=True
    )
    assert dates() == [5, 5, 5, 5]
    assert [len(events(task, "due_changed")) for task in line] == [1, 1, 1, 1]


def test_days_waited_count_against_the_coordinating_unit(app, factories: Factories, clock: Clock) -> None:
    unit, partner, other = factories.unit(), factories.unit(), factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    helper = factories.actor(factories.user(unit=partner))
    stranger = factories.actor(factories.user(unit=other))
    task = factories.task(unit=unit, state=TaskState.IN_PROGRESS)
    line = coordination.ask(
        task_id=task.id,
        unit_id=partner.id,
        request="Cho ý kiến dự thảo",
        due_on=date(2026, 3, 20),
        actor=officer,
        now=clock(),
    )
    coordination.ask(task_id=task.id, unit_id=other.id, request="Cung cấp số liệu", actor=officer, now=clock())
    waiting.start_waiting(task_id=task.id, unit_id=partner.id, actor=officer, now=clock())
    with pytest.raises(NotAllowed):
        coordination.answer(coordination_id=line.id, text="Thay", actor=stranger, now=clock())
    coordination.accept(coordination_id=line.id, actor=helper, now=clock())
    clock.advance(days=5)
    assert waiting.days_waiting(db.session.get(Task, task.id), clock()) == 5
    answered = coordination.answer(
        coordination_id=line.id,
        text="Nhất trí",
        evidence=[NewEvidence(number="15/CV-ĐV", issued_on=clock.today)],
        actor=helper,
        now=clock(),
    )
    assert (answered.state, answered.waited_days) == (CoordinationState.ANSWERED, 5)
    assert db.session.get(Task, task.id).waiting_unit_id is None
    with pytest.raises(NotAllowed):
        coordination.not_needed(coordination_id=line.id, actor=helper, now=clock())


def test_more_time_is_asked_countered_and_accepted_keeping_both_dates(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=unit, due_on=clock.today + timedelta(days=2), state=TaskState.IN_PROGRESS)
    first = task.due_on
    with pytest.raises(Invalid, match=r"extension\.too_long"):
        extensions_of_time.ask(
            task_id=task.id,
            due_on=first + timedelta(days=31),
            reason="Khó",
            cause="objective",
            actor=officer,
            now=clock(),
        )
    request = extensions_of_time.ask(
        task_id=task.id,
        due_on=first + timedelta(days=20),
        reason="Chờ số liệu",
        cause="objective",
        actor=officer,
        now=clock(),
    )
    assert request.is_late  # two days before, the policy wants three working days
    with pytest.raises(NotAllowed):
        extensions_of_time.approve(request_id=request.id, actor=officer, now=clock())
    extensions_of_time.counter(
        request_id=request.id, due_on=first + timedelta(days=10), reason="Sớm hơn", actor=clerk, now=clock()
    )
    assert db.session.get(Task, task.id).due_on == first
    extensions_of_time.accept(request_id=request.id, actor=officer, now=clock())
    task = db.session.get(Task, task.id)
    assert (task.original_due_on, task.due_on, task.extension_count) == (first, first + timedelta(days=10), 1)
    again = extensions_of_time.ask(
        task_id=task.id,
        due_on=task.due_on + timedelta(days=5),
        reason="Lần hai",
        cause="subjective",
        actor=officer,
        now=clock(),
    )
    extensions_of_time.approve(request_id=again.id, actor=clerk, now=clock(), decision_number="12/QĐ")
    with pytest.raises(Invalid, match=r"extension\.too_many"):
        extensions_of_time.ask(
            task_id=task.id,
            due_on=first + timedelta(days=30),
            reason="Lần ba",
            cause="objective",
            actor=officer,
            now=clock(),
        )


def test_closing_a_task_ends_its_open_requests(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=unit, due_on=clock.today + timedelta(days=20))
    request = extensions_of_time.ask(
        task_id=task.id,
        due_on=task.due_on + timedelta(days=3),
        reason="Chờ",
        cause="objective",
        actor=officer,
        now=clock(),
    )
    apply(Action.CANCEL, task_id=task.id, actor=clerk, now=clock(), inputs=StepInputs(reason="Không còn phù hợp"))
    db.session.refresh(request)
    assert request.state is ExtensionState.WITHDRAWN


def test_urging_too_often_brings_it_to_the_leader_and_the_answer_is_kept(
    app, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    tasks = [factories.task(unit=unit), factories.task(unit=unit)]
    version = tasks[0].version
    for _ in range(4):
        urges.urge(task_ids=[task.id for task in tasks], text="Đề nghị báo cáo ngay", actor=clerk, now=clock())
    task = db.session.get(Task, tasks[0].id)
    assert (task.urge_count, task.version) == (4, version)
    assert len(events(task, "escalated")) == 1
    with pytest.raises(NotAllowed):
        urges.urge(task_ids=[task.id], text="Tự đôn đốc", actor=officer, now=clock())
    urge = db.session.query(Urge).filter_by(task_id=task.id).first()
    assert (
        urges.answer_urge(urge_id=urge.id, text="Sẽ xong trong tuần", actor=officer, now=clock()).answered_at == clock()
    )


def test_a_deputy_acts_and_the_history_says_for_whom(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    head, deputy = factories.user(Role.HEAD, unit=unit), factories.user(unit=factories.unit())
    factories.add(
        Delegation(
            principal_id=head.id,
            delegate_id=deputy.id,
            starts_on=clock.today,
            ends_on=clock.today + timedelta(days=7),
            created_at=clock(),
        )
    )
    task = factories.task(unit=unit)
    acknowledge(task_id=task.id, actor=actor_of(deputy.id, on=clock.today), now=clock())
    event = events(task, "acknowledged")[0]
    assert (event.actor_id, event.on_behalf_of_id) == (deputy.id, head.id)


def test_a_decision_of_the_leader_is_asked_and_given(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    factories.office()
    officer = factories.actor(factories.user(unit=unit))
    leader = factories.actor(factories.user(Role.LEADER))
    task = factories.task(unit=unit)
    report = report_progress(
        task_id=task.id,
        report=ReportText(difficulties="Vướng kinh phí", proposal="Bổ sung dự toán", needs_decision=True),
        actor=officer,
        now=clock(),
    )
    assert db.session.get(Task, task.id).needs_decision
    with pytest.raises(NotAllowed):
        answer_decision(report_id=report.id, decision="Tự quyết", actor=officer, now=clock())
    answer_decision(report_id=report.id, decision="Đồng ý bổ sung", actor=leader, now=clock())
    assert not db.session.get(Task, task.id).needs_decision


def test_a_collective_task_is_closed_by_a_person_and_only_early_with_a_reason(
    app, factories: Factories, clock: Clock
) -> None:
    units = [factories.unit() for _ in range(3)]
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    partner = factories.unit()
    new = NewTask(
        office_unit_id=factories.office().id,
        content="Rà soát vị trí việc làm",
        lead_unit_ids=tuple(unit.id for unit in units),
        coordinators=(CoordinationRequest(partner.id, request="Cung cấp biểu mẫu"),),
        due_on=date(2026, 4, 30),
    )
    parent = create_task(new, actor=clerk, now=clock())
    members = db.session.query(Task).filter_by(parent_id=parent.id).order_by(Task.id).all()
    assert [member.code for member in members] == [f"{parent.code}.{n}" for n in (1, 2, 3)]
    assert (parent.lead_unit_id, parent.state) == (None, TaskState.IN_PROGRESS)
    for unit, member in zip(units, members, strict=True):
        officer = factories.actor(factories.user(unit=unit))
        assert get_task(officer, parent.id).id == parent.id
        if member is not members[-1]:
            report_done(task_id=member.id, report=ReportText("Xong"), actor=officer, now=clock())
            confirm(task_id=member.id, actor=clerk, now=clock())
    assert db.session.get(Task, parent.id).state is TaskState.IN_PROGRESS
    with pytest.raises(Invalid, match=r"task\.members_open"):
        confirm(task_id=parent.id, actor=clerk, now=clock())
    closed = confirm(task_id=parent.id, reason="Xã còn lại đã sáp nhập", actor=clerk, now=clock())
    assert closed.state is TaskState.COMPLETED
    assert db.session.get(Task, members[-1].id).is_open
    apply(Action.REOPEN, task_id=members[0].id, actor=clerk, now=clock(), inputs=StepInputs(reason="Sai số liệu"))
    assert db.session.get(Task, parent.id).state is TaskState.COMPLETED


def test_suspending_a_collective_task_takes_its_members_along_and_brings_only_those_back(
    app, factories: Factories, clock: Clock
) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    new = NewTask(
        office_unit_id=factories.office().id,
        content="Kiểm kê tài sản công",
        lead_unit_ids=(factories.unit().id, factories.unit().id),
    )
    parent = create_task(new, actor=clerk, now=clock())
    first, second = db.session.query(Task).filter_by(parent_id=parent.id).order_by(Task.id).all()
    apply(Action.SUSPEND, task_id=first.id, actor=clerk, now=clock(), inputs=StepInputs(reason="Thiếu người"))
    apply(Action.SUSPEND, task_id=parent.id, actor=clerk, now=clock(), inputs=StepInputs(reason="Chờ hướng dẫn"))
    assert db.session.get(Task, second.id).state is TaskState.SUSPENDED
    apply(Action.RESUME, task_id=parent.id, actor=clerk, now=clock())
    assert db.session.get(Task, second.id).state is TaskState.IN_PROGRESS
    assert db.session.get(Task, first.id).state is TaskState.SUSPENDED


def test_private_notes_and_mentions_stay_with_those_who_may_see_them(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer_user, stranger = factories.user(unit=unit), factories.user(unit=factories.unit())
    officer = factories.actor(officer_user)
    clerk_user = factories.user(Role.COORDINATOR)
    clerk = factories.actor(clerk_user)
    task = factories.task(unit=unit)
    with pytest.raises(NotAllowed):
        comments.comment(task_id=task.id, text="Ghi riêng", is_private=True, actor=officer, now=clock())
    with pytest.raises(Invalid, match=r"comment\.mention_cannot_see"):
        comments.comment(task_id=task.id, text="@", mentions=[stranger.id], actor=officer, now=clock())
    with pytest.raises(Invalid, match=r"comment\.mention_cannot_see"):
        comments.comment(
            task_id=task.id, text="Riêng", is_private=True, mentions=[officer_user.id], actor=clerk, now=clock()
        )
    made = comments.comment(task_id=task.id, text="Nhờ xem giúp", mentions=[clerk_user.id], actor=officer, now=clock())
    assert made.mentions == [clerk_user.id]
    told = select(Notification.kind).where(Notification.user_id == clerk_user.id, Notification.task_id == task.id)
    assert db.session.scalars(told).all() == ["mentioned"], "one comment is one line under the bell"
    left = factories.user(None)
    factories.membership(left, unit, Role.OFFICER, valid_to=clock.today - timedelta(days=1))
    leader = factories.user(Role.LEADER)
    offered = {user.id for user in comments.mentionable(officer, task.id, on=clock.today)}
    assert offered == {officer_user.id, clerk_user.id, leader.id}
    comments.set_tags(task_id=task.id, tags=["#trọng tâm", "2026 ", "trọng tâm"], actor=clerk, now=clock())
    assert sorted(db.session.get(Task, task.id).tags) == ["2026", "trọng tâm"]
    assert "trong tam" in db.session.get(Task, task.id).search_text


def test_who_does_the_work_never_moves_its_date(app, factories: Factories, clock: Clock) -> None:
    doer, other = factories.user(Role.COORDINATOR), factories.actor(factories.user(Role.COORDINATOR))
    unit = factories.unit()
    factories.membership(doer, unit, Role.OFFICER)
    clerk = factories.actor(doer)
    task = factories.task(unit=unit, due_on=date(2026, 4, 1), person_id=doer.id)
    later = corrections.NewDeadline(due_on=date(2026, 5, 4))
    with pytest.raises(NotAllowed):
        corrections.set_deadline(task_id=task.id, deadline=later, reason="Chưa kịp", actor=clerk, now=clock())
    request = BulkRequest(BulkKind.MOVE_DATE, due_on=date(2026, 5, 4), reason="Chưa kịp")
    assert [one.task_id for one in preview(request, [task.id], actor=clerk, now=clock()).refused] == [task.id]
    assert task.due_on == date(2026, 4, 1)
    corrections.set_deadline(task_id=task.id, deadline=later, reason="Theo quyết định", actor=other, now=clock())
    assert task.due_on == date(2026, 5, 4)
    nobodys = factories.task(unit=unit, due_on=date(2026, 4, 1))
    with pytest.raises(NotAllowed, match=r"task\.doer_moves_no_date"):
        corrections.set_deadline(task_id=nobodys.id, deadline=later, reason="Chưa kịp", actor=clerk, now=clock())
    assert preview(request, [nobodys.id], actor=clerk, now=clock()).ready == ()
    colleague = factories.user(Role.LEADER, unit=unit)  # with no work to do there
    with pytest.raises(Invalid, match=r"task\.person_not_in_unit"):
        assignment.assign_person(task_id=nobodys.id, person_id=colleague.id, actor=other, now=clock())
    undated = factories.task(unit=unit, due_on=None, original_due_on=None, kind=DeadlineKind.UNKNOWN, person_id=doer.id)
    corrections.set_deadline(task_id=undated.id, deadline=later, reason="", actor=clerk, now=clock())
    assert undated.due_on == date(2026, 5, 4)


def test_a_date_is_not_lost_by_leaving_its_box_empty(app, factories: Factories, clock: Clock) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(due_on=date(2026, 4, 1))
    with pytest.raises(Invalid, match=r"task\.date_required"):
        corrections.set_deadline(
            task_id=task.id, deadline=corrections.NewDeadline(None), reason="Nhầm", actor=clerk, now=clock()
        )
    assert task.due_on == date(2026, 4, 1)


def test_a_part_never_leaves_the_unit_of_its_task_and_goes_along_with_it(
    app, factories: Factories, clock: Clock
) -> None:
    unit, other = factories.unit(), factories.unit()
    room = factories.unit("Phòng Tổng hợp", parent=unit)
    head = factories.actor(factories.user(Role.HEAD, unit=unit))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=unit, state=TaskState.IN_PROGRESS)
    wanted = [breakdown.NewPart("Dự thảo", unit.id), breakdown.NewPart("Số liệu", room.id)]
    own, below = breakdown.break_down(task_id=task.id, parts=wanted, actor=head, now=clock())
    for actor in (head, clerk):
        with pytest.raises(Invalid, match=r"breakdown\.outside_unit"):
            assignment.transfer(task_id=own.id, unit_id=other.id, reason="Nhờ làm", actor=actor, now=clock())
    assignment.transfer(task_id=own.id, unit_id=room.id, reason="Đúng việc của phòng", actor=head, now=clock())
    request = BulkRequest(BulkKind.TRANSFER, unit_id=other.id, reason="Đổi đơn vị chủ trì")
    assert [one.task_id for one in preview(request, [own.id], actor=clerk, now=clock()).refused] == [own.id]
    outcome = run(request, [task.id, own.id], actor=clerk, now=clock())
    assert (outcome.done, outcome.refused) == ((task.id, own.id), ())
    assert {one.lead_unit_id for one in (task, own, below)} == {other.id}
    assert all(len(events(one, "transferred")) == 1 for one in (task, below))
    assert can(head, Permission.TASK_READ, facts_of(below))
