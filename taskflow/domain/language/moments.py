"""Moments: the calendar units that a phrase names, and the days they span.

A ``Moment`` holds what was written and nothing else. Which year an unwritten one means is decided by
``placed``, with the date of the document. School years begin on 5 September; the first term ends on
18 January, the year on 31 May (QĐ 2269/QĐ-BGDĐT for 2025-2026).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum, IntEnum

from taskflow.domain import lunar

ONE_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1990, 2100


class ImpossibleDate(ValueError):  # noqa: N818  # named for what was written: the date, not the program, is at fault
    """The phrase names a day, month or quarter that does not exist."""


class Unit(IntEnum):
    """Calendar units, finer ones first."""

    DAY = 1
    WEEK = 2
    MONTH = 3
    QUARTER = 4
    MONTHS = 5  # the first or last n months of a year
    TERM = 6  # học kỳ
    SUMMER = 7  # hè
    YEAR = 8
    SCHOOL_YEAR = 9  # năm học
    MANDATE = 10  # nhiệm kỳ


class Part(Enum):
    """Which part of a unit is meant (BLDS 2015, Đ.146 for đầu, giữa, cuối)."""

    START = "đầu"
    MIDDLE = "giữa"
    END = "cuối"
    FIRST_HALF = "nửa đầu"
    SECOND_HALF = "nửa cuối"
    FIRST_TEN = "thượng tuần"
    SECOND_TEN = "trung tuần"
    LAST_TEN = "hạ tuần"


@dataclass(frozen=True, slots=True)
class Moment:
    """A calendar unit as written; None where the text is silent.

    ``year`` of a school year or term is the year it begins in, of a lunar day the lunar year. ``index`` is the
    quarter, term or week (-1: the last). ``first_month`` and ``last_month`` bound ``Unit.MONTHS``. ``relative``
    is -1, 0 or +1 for "năm trước", "tháng này", "quý sau". ``festival`` names a feast that stands for its day.
    """

    unit: Unit
    year: int | None = None
    month: int | None = None
    day: int | None = None
    index: int | None = None
    first_month: int | None = None
    last_month: int | None = None
    part: Part | None = None
    relative: int | None = None
    lunar: bool = False
    festival: str = ""
    short_year: bool = False

    @property
    def dated(self) -> bool:
        """Whether nothing but the year can be missing (a day lacks no month, a month or quarter no number)."""
        if self.unit in (Unit.DAY, Unit.MONTH):
            return self.month is not None
        return self.index is not None if self.unit is Unit.QUARTER else True

    def first(self) -> date:
        """The first day. Raises ImpossibleDate."""
        return self.span()[0]

    def last(self) -> date:
        """The last day. Raises ImpossibleDate."""
        return self.span()[1]

    def span(self) -> tuple[date, date]:
        """First and last day of a moment whose year is known. Raises ImpossibleDate."""
        if self.year is None:
            raise ImpossibleDate(f"no year: {self}")
        try:
            whole = self._whole(self.year)
        except (ValueError, OverflowError) as error:
            raise ImpossibleDate(str(error)) from error
        return whole if self.part is None else self._part_of(*whole, self.part)

    def _whole(self, year: int) -> tuple[date, date]:
        unit = self.unit
        if self.lunar:
            return self._lunar_span(year)
        if unit is Unit.DAY:
            day = date(year, self.month or 0, self.day or 0)
            return day, day
        if unit is Unit.WEEK:
            return self._week(year)
        if unit is Unit.TERM:
            if self.index == 1:
                return date(year, 9, 5), date(year + 1, 1, 18)
            return date(year + 1, 1, 19), date(year + 1, 5, 31)
        if unit is Unit.SCHOOL_YEAR:
            return date(year, 9, 5), date(year + 1, 5, 31)
        if unit is Unit.SUMMER:
            return date(year, 6, 1), date(year, 8, 31)
        first, last = self._months()
        return date(year, first, 1), date(year, last, monthrange(year, last)[1])

    def _months(self) -> tuple[int, int]:
        if self.unit is Unit.MONTH:
            return self.month or 0, self.month or 0
        if self.unit is Unit.QUARTER:
            index = self.index or 0
            return 3 * index - 2, 3 * index
        if self.unit is Unit.MONTHS:
            return self.first_month or 0, self.last_month or 0
        return 1, 12

    def _lunar_span(self, year: int) -> tuple[date, date]:
        if self.unit is Unit.MONTH:
            first = lunar.to_gregorian(year, self.month or 0, 1)
            try:
                return first, lunar.to_gregorian(year, self.month or 0, 30)
            except ValueError:
                return first, lunar.to_gregorian(year, self.month or 0, 29)
        day = lunar.to_gregorian(year, self.month or 0, self.day or 0)
        return day, day

    def _week(self, year: int) -> tuple[date, date]:
        index = self.index or 0
        if self.month is None:
            monday = date.fromisocalendar(year, index, 1)
            return max(monday, date(year, 1, 1)), min(monday + 6 * ONE_DAY, date(year, 12, 31))
        length = monthrange(year, self.month)[1]
        last = length if index in (-1, 5) else 7 * index
        first = length - 6 if index == -1 else 7 * index - 6
        return date(year, self.month, first), date(year, self.month, last)

    def _part_of(self, first: date, last: date, part: Part) -> tuple[date, date]:
        middle = self._middle(first, last)
        match part:
            case Part.START:
                return first, first
            case Part.MIDDLE:
                return middle, middle
            case Part.END:
                return last, last
            case Part.FIRST_HALF:
                return first, middle
            case Part.SECOND_HALF:
                return middle + ONE_DAY, last
            case Part.FIRST_TEN:
                return first, first + 9 * ONE_DAY
            case Part.SECOND_TEN:
                return first + 10 * ONE_DAY, first + 19 * ONE_DAY
        return first + 20 * ONE_DAY, last

    def _middle(self, first: date, last: date) -> date:
        if self.unit is Unit.MONTH:
            return first + 14 * ONE_DAY
        if self.unit is Unit.QUARTER:
            return date(first.year, first.month + 1, 15)
        if self.unit is Unit.YEAR:
            return date(first.year, 6, 30)
        return first + (last - first) / 2


def checked(moment: Moment) -> Moment:
    """``moment`` itself. Raises ImpossibleDate where it cannot exist in any year (31/11, tháng 13, quý V)."""
    if moment.year is not None and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ImpossibleDate(f"year {moment.year}")
    if moment.unit is Unit.DAY and moment.month is None:
        if not 1 <= (moment.day or 0) <= 31:
            raise ImpossibleDate(f"day {moment.day}")
        return moment
    if moment.unit is Unit.QUARTER and moment.relative is None and not 1 <= (moment.index or 0) <= 4:
        raise ImpossibleDate(f"quarter {moment.index}")
    if moment.unit is Unit.TERM and moment.relative is None and moment.index not in (1, 2):
        raise ImpossibleDate(f"term {moment.index}")
    bare = moment.relative is not None and moment.month is None and moment.index is None
    if not bare and moment.unit is not Unit.MANDATE:
        # 2024 is a leap year and its lunar months are as good as any other's for a check of the bounds.
        base = moment if moment.year is not None else replace(moment, year=2024)
        if not (base.lunar and base.year == 2024 and base.day == 30):
            base.span()
    return moment


def placed(moment: Moment, issued: date) -> tuple[Moment, bool]:
    """``moment`` with a year, and whether it fell before ``issued`` and was moved to the next year.

    An unwritten year is that of the document; "tháng này", "quý sau" count from it. A school year is the one
    that holds the document's date, from June on the coming one. Raises ImpossibleDate.
    """
    if moment.year is not None:
        return moment, False
    if moment.relative is not None:
        return _relative(moment, issued), False
    if moment.unit in (Unit.TERM, Unit.SCHOOL_YEAR):
        return replace(moment, year=_school_year(issued)), False
    years = (issued.year - 1, issued.year, issued.year + 1) if moment.lunar else (issued.year, issued.year + 1)
    for year in years:
        candidate = replace(moment, year=year)
        if candidate.last() >= issued:
            return candidate, year > issued.year and not moment.lunar
    raise ImpossibleDate(f"no such day near {issued}: {moment}")


def _relative(moment: Moment, issued: date) -> Moment:
    step = moment.relative or 0
    if moment.unit in (Unit.TERM, Unit.SCHOOL_YEAR):
        if step > 0 and (6, 1) <= (issued.month, issued.day) < (9, 5):
            step -= 1  # in the summer the year that comes is the one that _school_year takes already
        return replace(moment, year=_school_year(issued) + step, relative=None)
    if moment.unit in (Unit.DAY, Unit.MONTH) and moment.month is None:
        years, month = divmod(issued.month - 1 + step, 12)
        return replace(moment, year=issued.year + years, month=month + 1, relative=None)
    if moment.unit is Unit.QUARTER and moment.index is None:
        years, quarter = divmod((issued.month - 1) // 3 + step, 4)
        return replace(moment, year=issued.year + years, index=quarter + 1, relative=None)
    if moment.unit is Unit.WEEK and moment.index is None:
        year, week, _ = (issued + 7 * step * ONE_DAY).isocalendar()
        return replace(moment, year=year, index=week, relative=None)
    return replace(moment, year=issued.year + step, relative=None)


def _school_year(day: date) -> int:
    return day.year if day.month >= 6 else day.year - 1
