"""The dates that a rule gives, and the Vietnamese names of its periods."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.domain.errors import Invalid
from taskflow.domain.language import read_deadline
from taskflow.domain.occurrences import next_period, occurrences, period_label

NOVEMBER = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("rule", "days", "label"),
    [
        ("FREQ=YEARLY", ["2026-12-31", "2027-12-31"], "năm 2026"),
        ("FREQ=YEARLY;BYMONTH=6", ["2027-06-30", "2028-06-30"], "năm 2027"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", ["2027-02-28", "2028-02-29"], "năm 2027"),
        ("FREQ=YEARLY;INTERVAL=2", ["2026-12-31", "2028-12-31"], "kỳ 2025–2026"),
        ("FREQ=YEARLY;INTERVAL=5", ["2030-12-31", "2035-12-31"], "kỳ 2026–2030"),
        ("FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", ["2026-12-31", "2027-03-31"], "quý IV/2026"),
        ("FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=10", ["2027-01-10", "2027-04-10"], "quý IV/2026"),
        (
            "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=15,20;BYSETPOS=2,3",
            ["2026-12-15", "2027-06-20"],
            "6 tháng cuối năm 2026",
        ),
        ("FREQ=MONTHLY", ["2026-11-30", "2026-12-31"], "tháng 11/2026"),
        ("FREQ=MONTHLY;INTERVAL=3", ["2026-12-31", "2027-03-31"], "quý IV/2026"),
        ("FREQ=MONTHLY;INTERVAL=6", ["2026-12-31", "2027-06-30"], "6 tháng cuối năm 2026"),
        ("FREQ=MONTHLY;INTERVAL=2", ["2026-12-31", "2027-02-28"], "2 tháng đến tháng 12/2026"),
        ("FREQ=MONTHLY;BYMONTHDAY=25", ["2026-11-25", "2026-12-25"], "tháng 11/2026"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-11-30", "2026-12-31"], "tháng 11/2026"),
        ("FREQ=WEEKLY", ["2026-11-27", "2026-12-04"], "tuần từ 23/11/2026 đến 29/11/2026"),
        ("FREQ=WEEKLY;BYDAY=MO", ["2026-11-23", "2026-11-30"], "tuần từ 23/11/2026 đến 29/11/2026"),
        ("FREQ=DAILY", ["2026-11-23", "2026-11-24"], "ngày 23/11/2026"),
        ("RRULE:FREQ=YEARLY;UNTIL=20271231", ["2026-12-31", "2027-12-31"], "năm 2026"),
    ],
)
def test_a_rule_gives_its_days_and_their_period_has_a_name(rule: str, days: list[str], label: str) -> None:
    found = occurrences(rule, after=NOVEMBER, until=date(2036, 1, 1))
    assert [str(day) for day in found[:2]] == days
    assert next_period(rule, NOVEMBER) == found[0]
    assert period_label(rule, found[0]) == label


def test_a_month_without_the_day_has_its_last_day_instead() -> None:
    monthly = occurrences("FREQ=MONTHLY;BYMONTHDAY=30", after=date(2027, 1, 1), until=date(2027, 4, 30))
    assert monthly == [date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30), date(2027, 4, 30)]
    leap = occurrences("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", after=date(2026, 12, 31), until=date(2028, 12, 31))
    assert leap == [date(2027, 2, 28), date(2028, 2, 29)]
    twice = occurrences("FREQ=MONTHLY;BYMONTHDAY=15,30", after=date(2028, 1, 30), until=date(2028, 3, 30))
    assert twice == [date(2028, 2, 15), date(2028, 2, 29), date(2028, 3, 15), date(2028, 3, 30)]
    rule = "FREQ=YEARLY;INTERVAL=2;BYMONTH=2,8;BYMONTHDAY=30"
    every_other = occurrences(rule, after=date(2026, 12, 31), until=date(2030, 12, 31), start=date(2026, 1, 1))
    assert every_other == [date(2028, 2, 29), date(2028, 8, 30), date(2030, 2, 28), date(2030, 8, 30)]


def test_the_next_period_continues_the_one_before() -> None:
    day, seen = date(2026, 1, 1), []
    while (following := next_period("FREQ=YEARLY;INTERVAL=3;UNTIL=20361231", day)) is not None:
        seen.append(following)
        day = following
    assert seen == [date(2027, 12, 31), date(2030, 12, 31), date(2033, 12, 31), date(2036, 12, 31)]


def test_the_start_of_a_series_sets_its_phase() -> None:
    found = occurrences("FREQ=YEARLY;INTERVAL=2", after=NOVEMBER, until=date(2031, 1, 1), start=date(2027, 5, 5))
    assert found == [date(2027, 12, 31), date(2029, 12, 31)]


def test_the_days_lie_after_and_not_beyond_the_bounds() -> None:
    rule = "FREQ=MONTHLY;BYMONTHDAY=22"
    assert occurrences(rule, after=NOVEMBER, until=date(2026, 12, 22)) == [date(2026, 12, 22)]
    assert occurrences(rule, after=NOVEMBER, until=NOVEMBER) == []


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "hằng năm",
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;INTERVAL=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "INTERVAL=2",
        "FREQ=YEARLY;UNTIL=20261399",
        "FREQ=YEARLY;BYDAY=XX",
        "FREQ=YEARLY;COUNT=3",
        "FREQ=YEARLY;BYMONTH",
        "FREQ=YEARLY;BYEASTER=1",
    ],
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(Invalid, match=r"deadline\.bad_rule"):
        next_period(rule, NOVEMBER)


def test_a_request_for_too_many_days_is_refused() -> None:
    with pytest.raises(Invalid, match=r"deadline\.too_many_occurrences"):
        occurrences("FREQ=DAILY", after=NOVEMBER, until=date(2090, 1, 1))


def test_each_month_of_a_year_may_have_its_own_day() -> None:
    text = "các ngày 05/1, 06/2, 07/3, 08/4, 09/5, 10/6, 11/7, 12/8, 13/9, 14/10, 15/11, 16/12 hằng năm"
    rule = read_deadline(text, issued_on=date(2026, 10, 5)).rule
    assert rule is not None
    found = occurrences(rule, after=date(2026, 12, 31), until=date(2027, 12, 31))
    assert found == [date(2027, month, month + 4) for month in range(1, 13)]
