"""Working days: swaps, Saturday offices, arithmetic, and the days a year is seeded with."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskflow.domain.calendar import LAST_CONFIRMED_YEAR, WorkCalendar, calendar_of, seed_days
from taskflow.domain.errors import Invalid

YEAR_2026 = calendar_of(seed_days(2026))
days = st.dates(date(2025, 12, 1), date(2027, 1, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 1, 2), False),  # off, worked on 10/01 instead
        (date(2026, 1, 10), True),  # a Saturday
        (date(2026, 1, 17), False),
        (date(2026, 2, 16), False),
        (date(2026, 2, 20), False),
        (date(2026, 2, 23), True),
        (date(2026, 4, 27), False),  # Giỗ Tổ fell on a Sunday
        (date(2026, 4, 30), False),
        (date(2026, 5, 1), False),
        (date(2026, 8, 22), True),  # a Saturday
        (date(2026, 8, 31), False),
        (date(2026, 9, 1), False),
        (date(2026, 9, 2), False),
        (date(2026, 9, 3), True),
        (date(2026, 11, 23), True),
        (date(2026, 11, 24), False),
        (date(2026, 11, 25), True),
    ],
)
def test_the_official_year_2026(day: date, works: bool) -> None:
    assert YEAR_2026.is_working_day(day) is works


def test_seeded_days_name_their_notice_and_unconfirmed_years_say_so() -> None:
    swap = {seed.day: seed for seed in seed_days(2026)}[date(2026, 1, 10)]
    assert (swap.kind, swap.decision, swap.confirmed) == ("worked", "Công văn 12729/VPCP-KGVX", True)
    later = seed_days(LAST_CONFIRMED_YEAR + 1)
    assert later
    assert not any(seed.confirmed for seed in later)
    assert {date(2027, 2, 6), date(2027, 4, 16), date(2027, 5, 3), date(2027, 11, 24)} <= {seed.day for seed in later}


@pytest.mark.parametrize(
    ("year", "tet", "ancestors"),
    [
        (2024, date(2024, 2, 10), date(2024, 4, 18)),
        (2025, date(2025, 1, 29), date(2025, 4, 7)),
        (2026, date(2026, 2, 17), date(2026, 4, 26)),
        (2027, date(2027, 2, 6), date(2027, 4, 16)),
        (2028, date(2028, 1, 26), date(2028, 4, 4)),
        (2029, date(2029, 2, 13), date(2029, 4, 23)),
        (2030, date(2030, 2, 2), date(2030, 4, 12)),  # in Beijing's calendar a day later
    ],
)
def test_lunar_days_are_those_of_hanoi(year: int, tet: date, ancestors: date) -> None:
    names = {seed.day: seed.name_vi for seed in seed_days(year)}
    assert names[tet] == "Tết Nguyên đán"
    assert names[tet - timedelta(days=1)] == "Giao thừa Tết Nguyên đán"
    assert names[ancestors] == "Ngày Giỗ Tổ Hùng Vương"
    assert "29 Tết" not in names.values(), "the last day of the old year is the 29th in some years"
    assert sum(not calendar_of(seed_days(year)).is_working_day(tet + timedelta(days=n)) for n in range(-2, 5)) >= 5


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_known_swap_names_both_days_and_its_notice(year: int) -> None:
    swaps = [seed for seed in seed_days(year) if "bù" in seed.name_vi and "nghỉ bù" not in seed.name_vi]
    assert len(swaps) == {2024: 2, 2025: 2, 2026: 4}[year]
    for seed in swaps:
        assert seed.decision
        assert any(f"{other.day:%d/%m/%Y}" in seed.name_vi for other in swaps if other.kind != seed.kind)


@pytest.mark.parametrize("year", [2019, 2024, 2025, 2026, 2027, 2035])
def test_a_seeded_year_is_ordered_and_stays_inside_itself(year: int) -> None:
    seeds = seed_days(year)
    assert [seed.day for seed in seeds] == sorted({seed.day for seed in seeds})
    assert {seed.day.year for seed in seeds} == {year}
    assert all(seed.day.weekday() > 4 for seed in seeds if seed.kind == "worked")
    assert (date(year, 11, 24) in {seed.day for seed in seeds}) is (year >= 2026)


def test_working_days_are_counted_over_a_long_holiday() -> None:
    assert YEAR_2026.next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)
    assert YEAR_2026.previous_working_day(date(2026, 2, 23)) == date(2026, 2, 13)
    assert YEAR_2026.on_or_after(date(2026, 2, 14)) == date(2026, 2, 23)
    assert YEAR_2026.on_or_before(date(2026, 2, 22)) == date(2026, 2, 13)
    assert YEAR_2026.add_working_days(date(2026, 2, 12), 3) == date(2026, 2, 24)
    assert YEAR_2026.add_working_days(date(2026, 2, 24), -3) == date(2026, 2, 12)
    assert YEAR_2026.add_working_days(date(2026, 2, 14), 0) == date(2026, 2, 14)


@given(days, days)
def test_counting_agrees_with_looking_at_every_day(start: date, end: date) -> None:
    step = 1 if start <= end else -1
    first, last = min(start, end), max(start, end)
    walked = [first + timedelta(days=offset) for offset in range(1, (last - first).days + 1)]
    expected = step * sum(YEAR_2026.is_working_day(day) for day in walked)
    assert YEAR_2026.working_days_between(start, end) == expected


@given(days, st.integers(0, 60))
def test_adding_and_counting_working_days_agree(day: date, count: int) -> None:
    later = YEAR_2026.add_working_days(day, count)
    assert YEAR_2026.working_days_between(day, later) == count
    assert count == 0 or YEAR_2026.is_working_day(later)


def test_an_office_may_work_on_saturday_morning() -> None:
    morning = (time(7, 30), time(11, 30))
    office = WorkCalendar(workdays=frozenset(range(6)), hours={5: morning}, days_off={date(2026, 7, 18): "Ngày nghỉ"})
    assert office.hours_on(date(2026, 7, 11)) == morning
    assert office.hours_on(date(2026, 7, 10)) == (time(7, 30), time(17, 0))
    assert office.hours_on(date(2026, 7, 12)) is None
    assert office.hours_on(date(2026, 7, 18)) is None
    assert office.next_working_day(date(2026, 7, 10)) == date(2026, 7, 11)
    assert office.working_days_between(date(2026, 7, 5), date(2026, 7, 19)) == 11


def test_a_day_that_is_both_off_and_worked_is_worked() -> None:
    day = date(2026, 7, 15)
    both = WorkCalendar(days_off={day: "Nghỉ"}, worked={day: "Làm bù"})
    assert both.is_working_day(day)
    assert both.working_days_between(date(2026, 7, 14), day) == 1
    assert both.name_of(day) == "Làm bù"


@pytest.mark.parametrize("workdays", [frozenset(), frozenset({7}), frozenset({-1, 0})])
def test_a_week_without_or_with_wrong_workdays_is_refused(workdays: frozenset[int]) -> None:
    with pytest.raises(Invalid, match=r"calendar\.no_workdays"):
        WorkCalendar(workdays=workdays)


def test_an_endless_rest_is_refused_instead_of_searched() -> None:
    first = date(2026, 7, 1)
    rest = WorkCalendar(days_off={first + timedelta(days=offset): "Nghỉ" for offset in range(120)})
    with pytest.raises(Invalid, match=r"calendar\.no_working_day"):
        rest.next_working_day(first)
