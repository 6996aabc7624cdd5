"""Bulk actions: what is left out and why, undo, and a number of queries that does not grow with the tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import Unit
from taskflow.models.task import Task
from taskflow.services.breakdown import NewPart, break_down
from taskflow.services.bulk import BulkKind, BulkRequest, preview, run, undo
from taskflow.services.progress import ReportText
from taskflow.services.task_steps import report_done
from taskflow.services.tasks import NewTask, create_tasks
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def many(factories: Factories, clock: Clock, count: int, units: list[Unit]) -> list[int]:
    """Ids of ``count`` dated tasks over these units."""
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    news = [
        NewTask(
            office_unit_id=factories.office().id,
            content=f"Cập nhật cơ sở dữ liệu, phần {number}",
            lead_unit_ids=(units[number % len(units)].id,),
            kind=DeadlineKind.DATE,
            due_on=clock.today + timedelta(days=10),
        )
        for number in range(count)
    ]
    return [task.id for task in create_tasks(news, actor=clerk, now=clock())]


REQUESTS = [
    BulkRequest(BulkKind.MOVE_DATE, shift_days=5, reason="Theo Quyết định 15", decision_number="15/QĐ-UBND"),
    BulkRequest(BulkKind.TAG, add_tags=("trọng tâm",)),
    BulkRequest(BulkKind.URGE, text="Đề nghị báo cáo tiến độ"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.kind.value)
def test_a_bulk_action_reads_with_a_fixed_number_of_queries(
    app, factories: Factories, clock: Clock, request_: BulkRequest
) -> None:
    units = [factories.unit(), factories.unit()]
    for unit in units:
        factories.user(Role.HEAD, unit=unit)
    ids = many(factories, clock, 60, units)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    counts = []
    for part in (ids[:10], ids[10:]):
        db.session.rollback()
        with counted() as statements:
            assert len(run(request_, part, actor=clerk, now=clock()).done) == len(part)
        counts.append(len([one for one in statements if one.lstrip().startswith("SELECT")]))
    assert counts[1] <= counts[0]


def test_the_preview_names_what_is_left_out_and_the_run_leaves_it_out(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    clerk_user = factories.user(Role.COORDINATOR)
    factories.membership(clerk_user, unit, Role.OFFICER)
    clerk = factories.actor(clerk_user)
    reported, own, open_ = factories.task(unit=unit), factories.task(unit=unit), factories.task(unit=unit)
    report_done(task_id=reported.id, report=ReportText("Xong"), actor=officer, now=clock())
    report_done(task_id=own.id, report=ReportText("Tự làm"), actor=clerk, now=clock())
    ids = [reported.id, own.id, open_.id]
    seen = preview(BulkRequest(BulkKind.CONFIRM), ids, actor=clerk, now=clock())
    assert [task.id for task in seen.ready] == [reported.id]
    assert {one.task_id: type(one.error) for one in seen.refused} == {own.id: NotAllowed, open_.id: WrongState}
    assert db.session.get(Task, reported.id).state is TaskState.AWAITING_CONFIRMATION
    outcome = run(BulkRequest(BulkKind.CONFIRM), ids, actor=clerk, now=clock())
    assert outcome.done == (reported.id,)
    assert db.session.get(Task, reported.id).state is TaskState.COMPLETED
    assert db.session.get(Task, own.id).state is TaskState.AWAITING_CONFIRMATION
    with pytest.raises(WrongState):
        undo(operation_id=outcome.operation.id, actor=clerk, now=clock())
    with pytest.raises(NotFound):
        run(BulkRequest(BulkKind.CONFIRM), ids, actor=factories.actor(factories.user()), now=clock())


def test_moved_dates_go_back_except_where_somebody_moved_on(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    first, second = (
        factories.task(unit=unit, due_on=date(2026, 4, 1)),
        factories.task(unit=unit, due_on=date(2026, 4, 2)),
    )
    request = BulkRequest(BulkKind.MOVE_DATE, due_on=date(2026, 5, 15), reason="Lùi theo kế hoạch mới")
    operation = run(request, [first.id, second.id], actor=clerk, now=clock()).operation
    assert (first.due_on, first.original_due_on) == (date(2026, 5, 15), date(2026, 4, 1))
    run(
        BulkRequest(BulkKind.MOVE_DATE, due_on=date(2026, 6, 1), reason="Lần nữa"),
        [second.id],
        actor=clerk,
        now=clock(),
    )
    back, kept = undo(operation_id=operation.id, actor=clerk, now=clock())
    assert (back, kept) == ([first.id], [second.id])
    assert (first.due_on, second.due_on) == (date(2026, 4, 1), date(2026, 6, 1))
    assert first.counted_due_on == date(2026, 4, 1)
    with pytest.raises(WrongState):
        undo(operation_id=operation.id, actor=clerk, now=clock())


def test_tags_are_added_and_taken_back_in_bulk(app, factories: Factories, clock: Clock) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task()
    run(BulkRequest(BulkKind.TAG, add_tags=("a", "b")), [task.id], actor=clerk, now=clock())
    operation = run(
        BulkRequest(BulkKind.TAG, add_tags=("c",), remove_tags=("a",)), [task.id], actor=clerk, now=clock()
    ).operation
    assert sorted(db.session.get(Task, task.id).tags) == ["b", "c"]
    undo(operation_id=operation.id, actor=clerk, now=clock())
    assert sorted(db.session.get(Task, task.id).tags) == ["a", "b"]


def test_tasks_move_to_another_unit_in_bulk_and_persons_must_belong_to_it(
    app, factories: Factories, clock: Clock
) -> None:
    old, new = factories.unit(), factories.unit()
    worker = factories.user(unit=new)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    ids = [factories.task(unit=old).id for _ in range(3)]
    assign = BulkRequest(BulkKind.ASSIGN_PERSON, person_id=worker.id)
    assert len(preview(assign, ids, actor=clerk, now=clock()).refused) == 3
    run(BulkRequest(BulkKind.TRANSFER, unit_id=new.id, reason="Sắp xếp lại"), ids, actor=clerk, now=clock())
    assert {db.session.get(Task, one).lead_unit_id for one in ids} == {new.id}
    run(assign, ids, actor=clerk, now=clock())
    assert {db.session.get(Task, one).person_id for one in ids} == {worker.id}


def test_wrong_values_are_refused_before_anything_is_done(app, factories: Factories, clock: Clock) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task()
    for request in (
        BulkRequest(BulkKind.MOVE_DATE, reason="x"),
        BulkRequest(BulkKind.MOVE_DATE, due_on=clock.today),
        BulkRequest(BulkKind.URGE),
        BulkRequest(BulkKind.TAG),
        BulkRequest(BulkKind.TRANSFER, reason="x"),
    ):
        with pytest.raises(Invalid):
            run(request, [task.id], actor=clerk, now=clock())
    with pytest.raises(Invalid):
        run(BulkRequest(BulkKind.CONFIRM), [], actor=clerk, now=clock())


def test_undoing_gives_back_an_open_deadline_with_all_that_was_known_of_it(
    app, factories: Factories, clock: Clock
) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(kind=DeadlineKind.CONDITIONAL, due_on=None, original_due_on=None, deadline_confirmed=False)
    request = BulkRequest(BulkKind.MOVE_DATE, due_on=date(2026, 5, 15), reason="Đã có hướng dẫn")
    operation = run(request, [task.id], actor=clerk, now=clock()).operation
    assert (task.kind, task.original_due_on) == (DeadlineKind.DATE, date(2026, 5, 15))
    undo(operation_id=operation.id, actor=clerk, now=clock())
    assert (task.kind, task.due_on, task.original_due_on) == (DeadlineKind.CONDITIONAL, None, None)
    assert not task.deadline_confirmed


def test_members_of_a_collective_task_go_and_come_back_with_it(app, factories: Factories, clock: Clock) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    news = NewTask(
        office_unit_id=factories.office().id,
        content="Rà soát trụ sở",
        lead_unit_ids=(factories.unit().id, factories.unit().id),
        kind=DeadlineKind.DATE,
        due_on=date(2026, 4, 1),
    )
    (parent,) = create_tasks([news], actor=clerk, now=clock())
    request = BulkRequest(BulkKind.MOVE_DATE, shift_days=30, reason="Lùi theo kế hoạch mới")
    operation = run(request, [parent.id], actor=clerk, now=clock()).operation
    family = db.session.scalars(select(Task).where((Task.parent_id == parent.id) | (Task.id == parent.id))).all()
    assert {one.due_on for one in family} == {date(2026, 5, 1)}
    assert all(any(line.kind == "due_changed" for line in one.events) for one in family)
    undo(operation_id=operation.id, actor=clerk, now=clock())
    assert {one.due_on for one in family} == {date(2026, 4, 1)}


def test_undoing_keeps_parts_within_the_date_of_their_task(app, factories: Factories, clock: Clock) -> None:
    clerk_user, unit = factories.user(Role.COORDINATOR), factories.unit()
    clerk, head = factories.actor(clerk_user), factories.actor(factories.user(Role.HEAD, unit=unit))
    task = factories.task(unit=unit, due_on=date(2026, 4, 1))
    request = BulkRequest(BulkKind.MOVE_DATE, shift_days=30, reason="Lùi theo kế hoạch mới")
    operation = run(request, [task.id], actor=clerk, now=clock()).operation
    break_down(task_id=task.id, parts=[NewPart("Khảo sát", unit.id, due_on=date(2026, 4, 20))], actor=head, now=clock())
    assert undo(operation_id=operation.id, actor=clerk, now=clock()) == ([], [task.id])
    assert task.due_on == date(2026, 5, 1)


def test_who_may_no_longer_change_a_task_cannot_undo_either(app, factories: Factories, clock: Clock) -> None:
    unit, person = factories.unit(), factories.user(Role.COORDINATOR)
    task = factories.task(unit=unit, due_on=date(2026, 4, 1))
    request = BulkRequest(BulkKind.MOVE_DATE, shift_days=-7, reason="Rút ngắn theo chỉ đạo")
    operation = run(request, [task.id], actor=factories.actor(person), now=clock()).operation
    officer = replace(factories.actor(factories.user(unit=unit)), user_id=person.id)
    assert undo(operation_id=operation.id, actor=officer, now=clock()) == ([], [task.id])
    assert task.due_on == date(2026, 3, 25)


def test_undoing_brings_back_nobody_who_has_left_the_unit(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    before, after = factories.user(unit=unit), factories.user(unit=unit)
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=unit, person_id=before.id)
    request = BulkRequest(BulkKind.ASSIGN_PERSON, person_id=after.id)
    operation = run(request, [task.id], actor=clerk, now=clock()).operation
    with unit_of_work():
        before.is_active = False
    assert undo(operation_id=operation.id, actor=clerk, now=clock()) == ([], [task.id])
    assert task.person_id == after.id
