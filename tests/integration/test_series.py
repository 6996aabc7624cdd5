"""Repeated work: each period once, missed runs caught up, skipping, changing, ending."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.org import Unit
from taskflow.models.task import Series, Task, TaskShape
from taskflow.services import series
from taskflow.services.progress import ReportText, report_progress
from taskflow.services.series import SeriesOrigin, SeriesText
from taskflow.services.task_steps import confirm, report_done
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

MONTHLY = "FREQ=MONTHLY;BYMONTHDAY=25"


def begin(factories: Factories, clock: Clock, *units: Unit, rule: str = MONTHLY, **values: object) -> Series:
    """A series of the office that begins today."""
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    text = SeriesText("Báo cáo tình hình", tuple(unit.id for unit in units), rule, **values)
    return series.create_series(text, SeriesOrigin(factories.office().id, clock.today), actor=clerk, now=clock())


def switch(unit: Unit, *, on: bool) -> None:
    """End a unit, or let it work again."""
    with unit_of_work():
        unit.is_active = on


def dues(made: Series) -> list[date | None]:
    """Due dates of the tasks of the series, in order."""
    return [task.due_on for task in db.session.query(Task).filter_by(series_id=made.id).order_by(Task.due_on)]


def test_each_period_gets_its_task_once_however_often_the_clock_runs(app, factories: Factories, clock: Clock) -> None:
    made = begin(factories, clock, factories.unit())
    assert dues(made) == [date(2026, 3, 25)]
    task = db.session.query(Task).one()
    assert (task.kind, task.period, task.rule) == (DeadlineKind.RECURRING, "tháng 3/2026", MONTHLY)
    assert series.make_due_periods(clock()).task_ids == ()
    clock.set("2026-04-01 08:00")
    assert len(series.make_due_periods(clock()).task_ids) == 1
    assert len(series.make_due_periods(clock()).task_ids) == 0
    assert dues(made) == [date(2026, 3, 25), date(2026, 4, 25)]


def test_a_stopped_server_catches_up_without_doubles(app, factories: Factories, clock: Clock) -> None:
    made = begin(factories, clock, factories.unit())
    clock.set("2026-07-10 08:00")
    assert len(series.make_due_periods(clock()).task_ids) == 4
    assert dues(made) == [date(2026, month, 25) for month in (3, 4, 5, 6, 7)]


def test_a_series_led_by_several_makes_a_collective_task_each_period(app, factories: Factories, clock: Clock) -> None:
    made = begin(factories, clock, factories.unit(), factories.unit(), coordinator_unit_ids=(factories.unit().id,))
    shapes = [task.shape for task in db.session.query(Task).filter_by(series_id=made.id).order_by(Task.id)]
    assert shapes == [TaskShape.COLLECTIVE, TaskShape.MEMBER, TaskShape.MEMBER]


def test_a_period_is_skipped_changed_and_the_series_ended(app, factories: Factories, clock: Clock) -> None:
    unit, other = factories.unit(), factories.unit()
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    made = begin(factories, clock, unit)
    with pytest.raises(WrongState, match=r"series\.period_made"):
        series.skip(series_id=made.id, due_on=date(2026, 3, 25), reason="Tết", actor=clerk, now=clock())
    with pytest.raises(Invalid, match=r"series\.no_such_period"):
        series.skip(series_id=made.id, due_on=date(2026, 4, 24), reason="Tết", actor=clerk, now=clock())
    series.skip(series_id=made.id, due_on=date(2026, 4, 25), reason="Đã gộp với quý", actor=clerk, now=clock())
    assert series.next_due(db.session.get(Series, made.id)) == date(2026, 5, 25)
    text = SeriesText("Báo cáo tình hình, mẫu mới", (other.id,), "FREQ=MONTHLY;BYMONTHDAY=20")
    version = db.session.get(Series, made.id).version
    series.change_from_now(
        series_id=made.id, text=text, reason="Theo công văn mới", actor=clerk, now=clock(), expected_version=version
    )
    with pytest.raises(Conflict):
        series.change_from_now(
            series_id=made.id, text=text, reason="Cũ", actor=clerk, now=clock(), expected_version=version
        )
    clock.set("2026-05-02 08:00")
    series.make_due_periods(clock())
    tasks = db.session.query(Task).filter_by(series_id=made.id).order_by(Task.due_on).all()
    assert [(task.due_on, task.lead_unit_id) for task in tasks] == [
        (date(2026, 3, 25), unit.id),
        (date(2026, 4, 20), other.id),
        (date(2026, 5, 20), other.id),
    ]
    series.end(series_id=made.id, reason="Hết kế hoạch", actor=clerk, now=clock())
    clock.set("2026-09-01 08:00")
    assert series.make_due_periods(clock()).task_ids == ()


def test_a_series_ends_by_itself_after_its_last_period(app, factories: Factories, clock: Clock) -> None:
    made = begin(factories, clock, factories.unit(), until_on=date(2026, 4, 30))
    clock.set("2026-12-01 08:00")
    series.make_due_periods(clock())
    assert dues(made) == [date(2026, 3, 25), date(2026, 4, 25)]
    assert not db.session.get(Series, made.id).is_active


def test_one_broken_series_does_not_hold_up_the_others(app, factories: Factories, clock: Clock) -> None:
    ended = factories.unit()
    broken, good = begin(factories, clock, ended), begin(factories, clock, factories.unit())
    switch(ended, on=False)
    clock.set("2026-04-10 08:00")
    result = series.make_due_periods(clock())
    assert result.failed == ((broken.id, "unit.not_active"),)
    assert len(dues(good)) == 2
    switch(ended, on=True)
    assert len(series.make_due_periods(clock()).task_ids) == 1


def test_the_person_in_charge_gets_each_period_until_they_leave(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    person = factories.user(unit=unit)
    made = begin(factories, clock, unit, person_id=person.id)
    with unit_of_work():
        person.is_active = False
    clock.set("2026-04-01 08:00")
    series.make_due_periods(clock())
    tasks = db.session.query(Task).filter_by(series_id=made.id).order_by(Task.due_on)
    assert [task.person_id for task in tasks] == [person.id, None]


def test_the_last_report_can_be_taken_over(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    made = begin(factories, clock, unit)
    first = db.session.query(Task).filter_by(series_id=made.id).one()
    assert series.last_report(first) is None
    report_progress(task_id=first.id, report=ReportText("Đang tổng hợp"), actor=officer, now=clock())
    report_done(
        task_id=first.id,
        report=ReportText("Đã gửi báo cáo", difficulties="Thiếu số liệu xã"),
        actor=officer,
        now=clock(),
    )
    confirm(task_id=first.id, actor=clerk, now=clock())
    clock.set("2026-04-01 08:00")
    series.make_due_periods(clock())
    second = db.session.query(Task).filter_by(series_id=made.id, due_on=date(2026, 4, 25)).one()
    taken = series.last_report(second)
    assert taken is not None
    assert (taken.result, taken.difficulties) == ("Đã gửi báo cáo", "Thiếu số liệu xã")


def test_series_belong_to_their_office_and_units(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    made = begin(factories, clock, unit)
    head, stranger = factories.actor(factories.user(Role.HEAD, unit=unit)), factories.actor(factories.user(Role.HEAD))
    assert [one.id for one in series.list_series(head)] == [made.id]
    assert series.list_series(stranger) == []
    with pytest.raises(NotFound):
        series.end(series_id=made.id, reason="x", actor=stranger, now=clock())
    with pytest.raises(NotAllowed):
        series.end(series_id=made.id, reason="x", actor=head, now=clock())
    with pytest.raises(Invalid):
        begin(factories, clock, unit, rule="FREQ=HOURLY")


@pytest.mark.parametrize(("rule", "days"), [("FREQ=DAILY", 1), ("FREQ=WEEKLY", 7), (MONTHLY, 31), ("FREQ=YEARLY", 60)])
def test_frequent_work_does_not_flood_the_list(app, rule: str, days: int) -> None:
    assert series.default_lead_days(rule) == days
