"""The working calendar: seeded, edited, confirmed; due dates follow; every process sees the change."""

from __future__ import annotations

from datetime import date, time

import pytest

from taskflow.domain.errors import Invalid, NotAllowed, NotFound
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.services import calendar_days
from taskflow.services.calendar import work_calendar
from taskflow.services.due_dates import set_due
from taskflow.services.unit_of_work import unit_of_work
from tests.integration.account.test_sign_in import post


@pytest.fixture
def administrator(factories):
    return factories.user(Role.ADMINISTRATOR)


@pytest.fixture
def actor(factories, administrator):
    return factories.actor(administrator)


def test_year_is_seeded_once_and_edits_stay(actor, clock):
    assert calendar_days.seed_missing_years(on=clock.today, now=clock()) == [2026, 2027]
    assert calendar_days.seed_missing_years(on=clock.today, now=clock()) == []
    calendar = work_calendar()
    assert not calendar.is_working_day(date(2026, 1, 2))
    assert calendar.is_working_day(date(2026, 1, 10)), "a Saturday worked in exchange"
    assert not calendar.is_working_day(date(2026, 11, 24))
    calendar_days.save_day(
        actor=actor, day=date(2026, 1, 1), kind="off", name="Tết dương lịch", decision="Luật", now=clock()
    )
    before = len(calendar_days.get_year(2026).days)
    assert calendar_days.seed_year(actor=actor, year=2026, now=clock()) == 0
    year = calendar_days.get_year(2026)
    assert (len(year.days), year.days[0].name) == (before, "Tết dương lịch")


def test_unconfirmed_years_are_told_until_a_person_confirms(client, administrator, sign_in, actor, clock):
    assert calendar_days.unconfirmed_years(clock.today) == [2026, 2027]
    sign_in(client, administrator)
    page = client.get("/admin/calendar").get_data(as_text=True)
    assert "Lịch năm 2026 chưa được xác nhận" in page
    assert "Lịch năm 2027 chưa được xác nhận" in page
    refused = post(client, "/admin/calendar/2026/confirm", form_on="/admin/calendar/2026", **{"confirm-decision": ""})
    assert refused.status_code == 422
    confirmed = post(
        client, "/admin/calendar/2026/confirm", form_on="/admin/calendar/2026",
        **{"confirm-decision": "Thông báo 9441/TB-BNV"},
    )  # fmt: skip
    assert confirmed.status_code == 303
    assert calendar_days.unconfirmed_years(clock.today) == [2027]
    page = client.get("/admin/calendar").get_data(as_text=True)
    assert "theo Thông báo 9441/TB-BNV" in page
    assert "Lịch năm 2026 chưa được xác nhận" not in page


def test_due_dates_follow_a_changed_day(factories, actor, clock):
    monday, tuesday = date(2026, 5, 4), date(2026, 5, 5)
    task = factories.task(due_on=monday)
    with unit_of_work():
        set_due(task, monday, calendar=work_calendar())
    assert task.counted_due_on == monday
    calendar_days.save_day(actor=actor, day=monday, kind="off", name="Nghỉ bù", decision="", now=clock())
    db.session.expire_all()
    assert task.counted_due_on == tuesday
    calendar_days.remove_day(actor=actor, day=monday, now=clock())
    db.session.expire_all()
    assert task.counted_due_on == monday
    with pytest.raises(NotFound):
        calendar_days.remove_day(actor=actor, day=monday, now=clock())


def test_refused_change_leaves_the_kept_calendar_alone(actor, clock):
    work_calendar()
    day = date(2026, 6, 1)

    def save_and_fail() -> None:
        with unit_of_work():
            calendar_days.save_day(actor=actor, day=day, kind="off", name="X", decision="", now=clock())
            raise RuntimeError("later step failed")

    with pytest.raises(RuntimeError):
        save_and_fail()
    assert work_calendar().is_working_day(day)
    calendar_days.save_day(actor=actor, day=date(2026, 6, 2), kind="off", name="Y", decision="", now=clock())
    assert work_calendar().is_working_day(day)
    assert not work_calendar().is_working_day(date(2026, 6, 2))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": "worked", "day": date(2026, 3, 18)}, "calendar.worked_weekday"),
        ({"kind": "holiday"}, "calendar.kind"),
        ({"day": date(1999, 1, 1)}, "calendar.year"),
    ],
)
def test_impossible_days_are_refused(actor, clock, values, code):
    day = {"day": date(2026, 3, 21), "kind": "worked", "name": "Làm bù", "decision": "", **values}
    with pytest.raises(Invalid) as refused:
        calendar_days.save_day(actor=actor, now=clock(), **day)
    assert refused.value.code == code


def test_week_and_hours_are_a_setting(client, administrator, sign_in):
    sign_in(client, administrator)
    values = {"opens": "07:00", "closes": "16:30", "saturday_opens": "07:30", "saturday_closes": "11:30"}
    token_page = "/admin/calendar/week"
    page = client.get(token_page).get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post(token_page, data={**values, "workdays": ["0", "1", "2", "3", "4", "5"], "csrf_token": token})
    assert answer.status_code == 303
    calendar = work_calendar()
    assert calendar.is_working_day(date(2026, 3, 21)), "Saturday"
    assert calendar.hours_on(date(2026, 3, 21)) == (time(7, 30), time(11, 30))
    assert calendar.hours_on(date(2026, 3, 20)) == (time(7, 0), time(16, 30))
    none = client.post(token_page, data={**values, "csrf_token": token})
    assert none.status_code == 422
    page = client.get(token_page).get_data(as_text=True)  # a form is sent once
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    backwards = client.post(token_page, data={**values, "closes": "06:00", "workdays": ["0"], "csrf_token": token})
    assert backwards.status_code == 422
    assert calendar == work_calendar()


def test_only_administrators_edit_the_calendar(factories, clock):
    coordinator = factories.actor(factories.user(Role.COORDINATOR))
    with pytest.raises(NotAllowed):
        calendar_days.seed_year(actor=coordinator, year=2026, now=clock())


def test_days_are_added_and_removed_in_the_pages(client, administrator, sign_in):
    sign_in(client, administrator)
    added = post(
        client, "/admin/calendar/2026", day="21/03/2026", kind="worked", name="Làm bù", decision="Công văn 5/VP"
    )
    assert added.status_code == 303
    assert "Thứ Bảy, 21/03/2026" in client.get("/admin/calendar/2026").get_data(as_text=True)
    wrong = post(client, "/admin/calendar/2026", day="31/11/2026", kind="off", name="X", decision="")
    assert wrong.status_code == 422
    assert "Không có ngày này" in wrong.get_data(as_text=True)
    gone = post(client, "/admin/calendar/days/2026-03-21/remove", form_on="/admin/calendar/2026")
    assert gone.status_code == 303
    assert (
        "21/03/2026"
        not in client.get("/admin/calendar/2026")
        .get_data(as_text=True)
        .split("panel-body", 1)[1]
        .split("Thêm hoặc sửa")[0]
    )
    assert client.get("/admin/calendar/1800").status_code == 404
