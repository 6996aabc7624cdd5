"""When people are written to: working days and hours, own quiet hours, digest times."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.sending_hours import SendingHours

CALENDAR = WorkCalendar(days_off={date(2026, 9, 2): "Quốc khánh"}, worked={date(2026, 8, 22): "Làm bù"})
HOURS = SendingHours()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("at", "first"),
    [
        ("2026-03-16T09:00", "2026-03-16T09:00"),
        ("2026-03-16T05:10", "2026-03-16T07:00"),
        ("2026-03-16T20:00", "2026-03-17T07:00"),
        ("2026-03-20T21:00", "2026-03-23T07:00"),  # Friday evening to Monday
        ("2026-09-02T10:00", "2026-09-03T07:00"),
        ("2026-08-22T10:00", "2026-08-22T10:00"),  # a Saturday that is worked
    ],
)
def test_the_first_moment_to_write(at: str, first: str) -> None:
    assert HOURS.next_open(_moment(at), CALENDAR) == _moment(first)


def test_own_quiet_hours_come_on_top_and_may_span_midnight() -> None:
    hours = SendingHours(quiet=(time(18, 0), time(8, 30)))
    assert hours.next_open(_moment("2026-03-16T07:15"), CALENDAR) == _moment("2026-03-16T08:30")
    assert hours.next_open(_moment("2026-03-16T18:30"), CALENDAR) == _moment("2026-03-17T08:30")
    noon = SendingHours(quiet=(time(11, 30), time(13, 30)))
    assert noon.next_open(_moment("2026-03-16T12:00"), CALENDAR) == _moment("2026-03-16T13:30")


def test_quiet_hours_that_leave_nothing_are_not_kept() -> None:
    assert SendingHours(quiet=(time(6, 0), time(21, 0))).next_open(_moment("2026-03-16T09:00"), CALENDAR) == _moment(
        "2026-03-16T09:00"
    )


@pytest.mark.parametrize(
    "quiet",
    [(time(6, 0), time(21, 0)), (time(7, 0), time(19, 45)), (time(20, 0), time(19, 50)), (time(0, 0), time(23, 59))],
)
def test_nobody_can_silence_every_digest(quiet: tuple[time, time]) -> None:
    hours = SendingHours(quiet=quiet)
    assert hours.is_open(_moment("2026-03-16T09:00"), CALENDAR)
    assert hours.slot(_moment("2026-03-16T09:00"), CALENDAR) == _moment("2026-03-16T07:30")
    assert hours.next_slot(_moment("2026-03-16T21:00"), CALENDAR) == _moment("2026-03-17T07:30")


def test_the_next_digest_time() -> None:
    hours = SendingHours(times=(time(7, 30), time(13, 30)), quiet=(time(7, 0), time(9, 0)))
    assert hours.next_slot(_moment("2026-03-16T06:00"), CALENDAR) == _moment("2026-03-16T13:30")
    assert hours.next_slot(_moment("2026-03-20T13:30"), CALENDAR) == _moment("2026-03-23T13:30"), "not on a weekend"
    morning = SendingHours(quiet=(time(7, 0), time(9, 0)))
    assert morning.next_slot(_moment("2026-03-16T06:00"), CALENDAR) == _moment("2026-03-16T09:00")


def test_the_digest_time_that_has_come() -> None:
    hours = SendingHours(times=(time(7, 30), time(13, 30)))
    assert hours.slot(_moment("2026-03-16T07:29"), CALENDAR) is None
    assert hours.slot(_moment("2026-03-16T07:30"), CALENDAR) == _moment("2026-03-16T07:30")
    assert hours.slot(_moment("2026-03-16T19:59"), CALENDAR) == _moment("2026-03-16T13:30")
    assert hours.slot(_moment("2026-03-16T20:00"), CALENDAR) is None
    assert hours.slot(_moment("2026-03-15T09:00"), CALENDAR) is None  # a Sunday
