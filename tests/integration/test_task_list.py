"""Lists, search and figures: what SQL says is what the domain says, and every number leads to its tasks."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from flask import Flask

from taskflow.domain.deadlines import DeadlineKind, TimeLabel
from taskflow.domain.permissions import Actor, Role
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import Counted, Openness, Sort, TaskFilter
from taskflow.models.system import CalendarDay
from taskflow.models.task import Task, TaskShape
from taskflow.services.queries.statistics import exceptions, unit_figures
from taskflow.services.queries.task_list import count_tasks, list_tasks
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

EVERYTHING = TaskFilter(shown=Openness.ALL)


@pytest.fixture
def office(factories: Factories) -> Actor:
    return factories.actor(factories.user(Role.COORDINATOR))


def _every_kind_of_task(factories: Factories, today: date) -> list[Task]:
    """Every state × kind × date near today, "trước ngày" or not, delivered early and late."""
    unit = factories.unit()
    days = [today + timedelta(days=n) for n in (-9, -4, -3, -2, -1, 0, 1, 3, 30)]
    tasks = []
    with unit_of_work():
        for state, due, exclusive in product(TaskState, days, (False, True)):
            delivered = due + timedelta(days=(state is TaskState.COMPLETED) * 3 - 1)
            handed_over = state in (
                TaskState.COMPLETED,
                TaskState.AWAITING_CONFIRMATION,
                TaskState.AWAITING_APPROVAL,
            )
            marks = {"delivered_on": min(delivered, today)} if handed_over else {}
            tasks.append(factories.task(unit=unit, due_on=due, state=state, exclusive=exclusive, **marks))
        for state, kind in product(TaskState, (DeadlineKind.CONTINUOUS, DeadlineKind.CONDITIONAL, DeadlineKind.NONE)):
            tasks.append(factories.task(unit=unit, state=state, kind=kind))
    return tasks


def _ids(actor: Actor, wanted: TaskFilter) -> set[int]:
    return {row.id for row in list_tasks(actor, wanted, page_size=1000).rows}


def test_label_in_sql_is_the_label_of_the_domain(app: Flask, factories: Factories, office: Actor, clock: Clock) -> None:
    with unit_of_work() as session:
        session.add(CalendarDay(day=clock.today - timedelta(days=2), kind="off", name="Nghỉ bù"))
    _every_kind_of_task(factories, clock.today)
    rows = list_tasks(office, EVERYTHING, page_size=1000).rows
    assert {row.label for row in rows} == set(TimeLabel)
    for label in TimeLabel:
        expected = {row.id for row in rows if row.label is label}
        assert _ids(office, TaskFilter(label=label, shown=Openness.ALL)) == expected, label


def test_every_number_of_the_statistic_leads_to_its_tasks(
    app: Flask, factories: Factories, office: Actor, clock: Clock
) -> None:
    tasks = _every_kind_of_task(factories, clock.today)
    factories.task(shape=TaskShape.COLLECTIVE, due_on=clock.today)
    factories.task(shape=TaskShape.PART, unit=factories.unit(), due_on=clock.today)
    units, total = unit_figures(office)
    assert total.total == len([task for task in tasks if task.state is not TaskState.CANCELLED])
    for cell in (Counted.DONE_ON_TIME, Counted.DONE_LATE, Counted.OPEN_ON_TIME, Counted.OPEN_LATE, Counted.OUTSIDE):
        wanted = TaskFilter.from_query({"counted": cell.value, "unit": str(tasks[0].lead_unit_id)})
        assert len(_ids(office, wanted)) == getattr(units[0], cell.value) > 0
    assert count_tasks(office, TaskFilter.from_query({"counted": "all"})) == total.total


def test_exceptions_count_what_their_lists_show(app: Flask, factories: Factories, office: Actor, clock: Clock) -> None:
    _every_kind_of_task(factories, clock.today)
    found = exceptions(office)
    for label in (TimeLabel.OVERDUE, TimeLabel.DUE_TODAY, TimeLabel.DUE_SOON, TimeLabel.NEEDS_DEADLINE):
        assert getattr(found, label.value) == len(_ids(office, TaskFilter(label=label))) > 0
    awaiting = TaskFilter(state=TaskState.AWAITING_CONFIRMATION)
    assert found.awaiting_confirmation == len(_ids(office, awaiting)) > 0


def test_list_shows_late_first_and_undated_last(app: Flask, factories: Factories, office: Actor, clock: Clock) -> None:
    unit = factories.unit()
    undated = factories.task(unit=unit)
    late = factories.task(unit=unit, due_on=clock.today - timedelta(days=5))
    soon = factories.task(unit=unit, due_on=clock.today + timedelta(days=5))
    assert [row.id for row in list_tasks(office, TaskFilter()).rows] == [late.id, soon.id, undated.id]
    latest_first = [row.id for row in list_tasks(office, TaskFilter(sort=Sort.LATEST_DUE)).rows]
    assert latest_first == [undated.id, soon.id, late.id]


@pytest.mark.parametrize("typed", ["", "ra soat"])
def test_pages_cut_the_list_without_loss(
    app: Flask, factories: Factories, office: Actor, clock: Clock, typed: str
) -> None:
    unit = factories.unit()
    with unit_of_work():
        tasks = [factories.task("Rà soát", unit=unit, due_on=clock.today) for _ in range(7)]
    made = [task.id for task in tasks]
    pages = [list_tasks(office, TaskFilter(q=typed, page=number), page_size=3) for number in (1, 2, 3, 4)]
    # What is searched for comes with the newest first.
    assert [row.id for page in pages for row in page.rows] == (made[::-1] if typed else made)
    assert [(page.total, page.has_next) for page in pages] == [(7, True), (7, True), (7, False), (7, False)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("giao duc", True),
        ("Giáo dục", True),
        ("gd", True),
        ("GIAO DỤC", True),
        ("dao tao", True),
        ("đào", True),
        ("129", True),
        ("129-KL/HU", True),
        ("giao thong", False),
        ("' OR 1=1 --", False),
        ('"', True),
        ("gd* AND (", False),
        ("x" * 5000, False),
    ],
)
def test_search_needs_no_accents(app: Flask, factories: Factories, office: Actor, typed: str, found: bool) -> None:
    factories.task("Tổng kết việc đổi mới giáo dục và đào tạo theo Kết luận số 129-KL/HU")
    assert bool(list_tasks(office, TaskFilter(q=typed)).rows) is found


def test_abbreviation_in_the_text_is_found_by_its_long_form(app: Flask, factories: Factories, office: Actor) -> None:
    factories.task("Phòng GDĐT tham mưu kế hoạch năm học")
    assert list_tasks(office, TaskFilter(q="giáo dục đào tạo")).rows


def test_filter_survives_its_address() -> None:
    wanted = TaskFilter(
        q="hộ tịch", label=TimeLabel.OVERDUE, unit=7, due_from=date(2026, 1, 31), watched=True, page=3, sort=Sort.NEWEST
    )
    assert TaskFilter.from_query(wanted.to_query()) == wanted
    assert TaskFilter().to_query() == {}


def test_department_sees_only_its_own_tasks(app: Flask, factories: Factories, clock: Clock) -> None:
    ours, theirs = factories.unit(), factories.unit()
    mine = factories.task(unit=ours, due_on=clock.today)
    factories.task(unit=theirs, due_on=clock.today)
    officer = factories.actor(factories.user(Role.OFFICER, unit=ours))
    assert _ids(officer, EVERYTHING) == {mine.id}
    assert list_tasks(officer, TaskFilter(unit=theirs.id)).rows == []
