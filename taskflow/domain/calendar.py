"""Working days (ngày làm việc): a calendar as data, arithmetic on it, and the days a new year is seeded with.

An office edits its days; nothing here decides which are right. A ``WorkCalendar`` is a value that the
caller loads once and passes in. Law: Bộ luật Lao động, Đ.112; swapped days by yearly notice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Literal

from taskflow.domain.errors import Invalid

MONDAY_TO_FRIDAY = frozenset(range(5))
DEFAULT_HOURS = (time(7, 30), time(17, 0))
_ONE_DAY = timedelta(days=1)
#: A run of days off longer than this is a mistake in the data; looking further would only hide it.
_LONGEST_REST = 60


@dataclass(frozen=True)
class WorkCalendar:
    """Which days an office works.

    ``days_off`` and ``worked`` map a date to its name: public holidays, and days off that are worked in
    exchange (làm bù). ``workdays`` holds the weekdays of the working week (Monday is 0). ``hours`` gives
    the working hours of a weekday where they differ from 07:30-17:00 (Saturday morning: ``{5: (time(7, 30),
    time(11, 30))}``). Raises ``Invalid("calendar.no_workdays")`` for an empty working week.
    """

    days_off: Mapping[date, str] = field(default_factory=dict)
    worked: Mapping[date, str] = field(default_factory=dict)
    workdays: frozenset[int] = MONDAY_TO_FRIDAY
    hours: Mapping[int, tuple[time, time]] = field(default_factory=dict)
    _lost: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _gained: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _next: dict[date, date] = field(init=False, repr=False, compare=False, default_factory=dict)
    _previous: dict[date, date] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not self.workdays or not self.workdays <= frozenset(range(7)):
            raise Invalid("calendar.no_workdays", field="workdays")
        lost = (d for d in self.days_off if d.weekday() in self.workdays and d not in self.worked)
        gained = (d for d in self.worked if d.weekday() not in self.workdays)
        # A frozen dataclass has no other way to keep what it computes once.
        object.__setattr__(self, "_lost", tuple(sorted(d.toordinal() for d in lost)))
        object.__setattr__(self, "_gained", tuple(sorted(d.toordinal() for d in gained)))

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on ``day``; a worked swap day wins over a day off."""
        if day in self.worked:
            return True
        return day.weekday() in self.workdays and day not in self.days_off

    def name_of(self, day: date) -> str | None:
        """The name of a public holiday or a swapped day; None on any other day."""
        return self.worked.get(day) or self.days_off.get(day)

    def hours_on(self, day: date) -> tuple[time, time] | None:
        """Opening and closing time on ``day``, None when the office is closed."""
        return self.hours.get(day.weekday(), DEFAULT_HOURS) if self.is_working_day(day) else None

    def next_working_day(self, day: date) -> date:
        """The first working day after ``day``."""
        found = self._next.get(day)
        if found is None:
            found = self._next[day] = self._search(day, _ONE_DAY)
        return found

    def previous_working_day(self, day: date) -> date:
        """The last working day before ``day``."""
        found = self._previous.get(day)
        if found is None:
            found = self._previous[day] = self._search(day, -_ONE_DAY)
        return found

    def on_or_after(self, day: date) -> date:
        """``day`` itself if it is worked, else the next working day."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def on_or_before(self, day: date) -> date:
        """``day`` itself if it is worked, else the last working day before it."""
        return day if self.is_working_day(day) else self.previous_working_day(day)

    def add_working_days(self, day: date, count: int) -> date:
        """The day ``count`` working days after ``day`` (before it when negative); ``day`` itself is not counted."""
        for _ in range(abs(count)):
            day = self.next_working_day(day) if count > 0 else self.previous_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        first, last = start.toordinal() + 1, end.toordinal()
        weeks, rest = divmod(last - first + 1, 7)
        tail = range(last - rest + 1, last + 1)
        count = weeks * len(self.workdays) + sum((ordinal - 1) % 7 in self.workdays for ordinal in tail)
        count -= bisect_right(self._lost, last) - bisect_left(self._lost, first)
        return count + bisect_right(self._gained, last) - bisect_left(self._gained, first)

    def _search(self, day: date, step: timedelta) -> date:
        for _ in range(_LONGEST_REST):
            day += step
            if self.is_working_day(day):
                return day
        raise Invalid("calendar.no_working_day", field="days_off", near=day, days=_LONGEST_REST)


@dataclass(frozen=True, slots=True)
class SeedDay:
    """A day proposed for an office's calendar: a day off, or a day off that is worked.

    ``decision`` names the notice it rests on, empty where it follows from the law alone; ``confirmed`` is
    false for a year whose official notice is not known to this version.
    """

    day: date
    kind: Literal["off", "worked"]
    name_vi: str
    decision: str
    confirmed: bool


#: Years whose swaps and long holidays are known from the official notice; later years are computed.
LAST_CONFIRMED_YEAR = 2026

#: What the library lacks or has without its notice: (kind, name, decision) by day. A notice moves a day only here.
_NOTICE_2024 = "Công văn 2450/VPCP-KGVX"
_NOTICE_2025 = "Công văn 8726/VPCP-KGVX"
_NOTICE_NEW_YEAR_2026 = "Công văn 12729/VPCP-KGVX"
_NOTICE_2026 = "Thông báo 9441/TB-BNV"
_CORRECTIONS: Mapping[date, tuple[Literal["off", "worked"], str, str]] = {
    date(2024, 4, 29): ("off", "Nghỉ hoán đổi (làm bù ngày 04/05/2024)", _NOTICE_2024),
    date(2024, 5, 4): ("worked", "Làm bù cho ngày 29/04/2024", _NOTICE_2024),
    date(2025, 4, 26): ("worked", "Làm bù cho ngày 02/05/2025", _NOTICE_2025),
    date(2025, 5, 2): ("off", "Nghỉ hoán đổi (làm bù ngày 26/04/2025)", _NOTICE_2025),
    date(2026, 1, 2): ("off", "Nghỉ hoán đổi (làm bù ngày 10/01/2026)", _NOTICE_NEW_YEAR_2026),
    date(2026, 1, 10): ("worked", "Làm bù cho ngày 02/01/2026", _NOTICE_NEW_YEAR_2026),
    date(2026, 2, 16): ("off", "Giao thừa Tết Nguyên đán", _NOTICE_2026),
    date(2026, 8, 22): ("worked", "Làm bù cho ngày 31/08/2026", _NOTICE_2026),
    date(2026, 8, 31): ("off", "Nghỉ hoán đổi (làm bù ngày 22/08/2026)", _NOTICE_2026),
    date(2026, 11, 24): ("off", "Ngày Văn hóa Việt Nam", "Nghị quyết 28/2026/QH16"),
}
_CULTURE_DAY_SINCE = 2026


def seed_days(year: int) -> list[SeedDay]:
    """The public holidays and swapped days to put into an office's calendar for ``year``, in order.

    From the ``holidays`` library, corrected by the notices known here. Days of a year after
    ``LAST_CONFIRMED_YEAR`` are computed from the law and marked unconfirmed: a person must compare them with
    the notice of that year.
    """
    from holidays import country_holidays  # once a year: no process holds it for that

    confirmed = year <= LAST_CONFIRMED_YEAR
    library = country_holidays("VN", years=year, language="vi")
    found = {day: SeedDay(day, "off", _name(name), "", confirmed) for day, name in library.items() if day.year == year}
    for day in library.weekend_workdays:
        if day.year == year:
            found[day] = SeedDay(day, "worked", "Làm bù ngày nghỉ hoán đổi", "", confirmed)
    if year >= _CULTURE_DAY_SINCE:
        culture = date(year, 11, 24)
        found.setdefault(culture, SeedDay(culture, "off", "Ngày Văn hóa Việt Nam", "", confirmed))
    for day, (kind, name, decision) in _CORRECTIONS.items():
        if day.year == year:
            found[day] = SeedDay(day, kind, name, decision, confirmed)
    return [found[day] for day in sorted(found)]


def _name(name: str) -> str:
    """The library calls the second last day before Tết the 29th, which it is in some years only."""
    return "Nghỉ Tết Nguyên đán" if name == "29 Tết" else name.replace("Nguyên Đán", "Nguyên đán")


def calendar_of(days: list[SeedDay], *, workdays: frozenset[int] = MONDAY_TO_FRIDAY) -> WorkCalendar:
    """The calendar that these days make."""
    return WorkCalendar(
        days_off={seed.day: seed.name_vi for seed in days if seed.kind == "off"},
        worked={seed.day: seed.name_vi for seed in days if seed.kind == "worked"},
        workdays=workdays,
    )
