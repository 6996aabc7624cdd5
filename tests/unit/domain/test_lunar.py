"""The Vietnamese lunar calendar: Tết of known years, leap months, and that it counts every day once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from taskflow.domain.lunar import LunarDate, new_year, to_gregorian, to_lunar, year_of_name


@pytest.mark.parametrize(
    "tet",
    [
        date(1900, 1, 31),
        date(1968, 1, 29),
        date(1985, 1, 21),  # a month before the Chinese new year
        date(2000, 2, 5),
        date(2007, 2, 17),  # a day before the Chinese new year
        date(2024, 2, 10),
        date(2025, 1, 29),
        date(2026, 2, 17),
        date(2027, 2, 6),
        date(2028, 1, 26),
        date(2030, 2, 2),  # a day before the Chinese new year
        date(2053, 2, 18),  # a day before the Chinese new year
        date(2100, 2, 9),
    ],
)
def test_tet_of_known_years(tet: date) -> None:
    assert new_year(tet.year) == tet


@pytest.mark.parametrize(
    ("year", "month"),
    [(2014, 9), (2017, 6), (2020, 4), (2023, 2), (2025, 6), (2028, 5), (2031, 3), (2033, 11), (2036, 6), (2039, 5)],
)
def test_leap_months_of_known_years(year: int, month: int) -> None:
    first = to_gregorian(year, month, 1, leap=True)
    assert to_lunar(first) == LunarDate(year, month, 1, leap=True)
    assert to_lunar(first - timedelta(days=1)).month == month


@pytest.mark.parametrize(
    ("lunar", "day"),
    [
        ((2026, 3, 10), date(2026, 4, 26)),
        ((2027, 3, 10), date(2027, 4, 16)),
        ((2026, 12, 23), date(2027, 1, 30)),
        ((2027, 1, 15), date(2027, 2, 20)),
    ],
)
def test_feast_days(lunar: tuple[int, int, int], day: date) -> None:
    assert to_gregorian(*lunar) == day


def test_every_day_has_one_lunar_day_and_months_have_29_or_30() -> None:
    day, previous = new_year(1990), None
    while day < date(2060, 1, 1):
        lunar = to_lunar(day)
        assert to_gregorian(lunar.year, lunar.month, lunar.day, leap=lunar.leap) == day
        if previous is not None and lunar.day == 1:
            assert previous.day in (29, 30)
        elif previous is not None:
            assert lunar.day == previous.day + 1
        day, previous = day + timedelta(days=1), lunar


@pytest.mark.parametrize(
    "lunar", [(2026, 13, 1), (2026, 0, 1), (2026, 1, 31), (2026, 1, 0), (1899, 1, 1), (2101, 1, 1)]
)
def test_days_that_do_not_exist_are_refused(lunar: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="lunar"):
        to_gregorian(*lunar)


def test_a_leap_month_that_a_year_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="leap"):
        to_gregorian(2026, 6, 1, leap=True)


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2150, 1, 1)])
def test_days_outside_the_table_are_refused(day: date) -> None:
    with pytest.raises(ValueError, match="outside"):
        to_lunar(day)


def test_a_year_is_found_by_its_name() -> None:
    assert year_of_name("binh", "ngo", 2026) == 2026
    assert year_of_name("dinh", "mui", 2026) == 2027
    assert year_of_name("at", "ty", 2026) == 2025  # Ất Tỵ
    assert year_of_name("mau", "ty", 2026) == 2068  # Mậu Tý: Mậu Tỵ does not exist
    assert year_of_name("giap", "suu", 2026) is None
