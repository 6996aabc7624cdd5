"""A repetition and the days named beside it → an RFC 5545 rule (DOMAIN.md, decision 3).

A rule says no more than the words: "hằng năm" is ``FREQ=YEARLY`` and the day is to be confirmed.
"""

from __future__ import annotations

import itertools
from calendar import monthrange
from dataclasses import dataclass

from taskflow.domain.language.facts import Dates, Joined, Repeat
from taskflow.domain.language.moments import Moment, Part, Unit

_QUARTER_ENDS = (3, 6, 9, 12)
_PERIOD_MONTHS = {Unit.QUARTER: 3, Unit.MONTHS: 6, Unit.YEAR: 12}
_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Rule:
    """The text of a rule; ``day_known`` is false where the day within the period was left open.

    ``exclusive``: "trước ngày X" stands before the day. ``lunar``: the days are lunar, so that no rule can give them.
    """

    text: str
    day_known: bool = True
    lunar: bool = False


def rule_of(repeat: Repeat, anchors: list[Dates]) -> Rule:
    """The rule of ``repeat``, its days taken from ``anchors``: the dates without a year that stand beside it."""
    own = _own_days(repeat)
    if own is not None:
        return own
    moments = _anchor_days(anchors)
    if any(moment.lunar for moment in moments):
        return Rule(_plain(repeat), day_known=False, lunar=True)
    if repeat.unit in (Unit.MONTH, Unit.WEEK, Unit.DAY) and not (repeat.unit is Unit.MONTH and repeat.interval == 6):
        return _monthly(repeat, moments)
    dated = [moment for moment in moments if moment.dated]
    if dated:
        return _yearly(repeat, dated, anchors)
    days = [moment.day for moment in moments if moment.day is not None]
    if days and repeat.unit in _PERIOD_MONTHS and repeat.interval == 1 and repeat.unit is not Unit.YEAR:
        return _in_months(_months_of(repeat, -1), days)
    return Rule(_plain(repeat), day_known=repeat.unit is Unit.QUARTER)


def _own_days(repeat: Repeat) -> Rule | None:
    """The rule of a repetition that names its own day."""
    step = f";INTERVAL={repeat.interval}" if repeat.interval > 1 else ""
    if repeat.workday:
        months = (
            ""
            if repeat.unit is Unit.MONTH
            else f";BYMONTH={_joined(_months_of(repeat, -1 if repeat.ordinal == -1 else 1))}"
        )
        if repeat.unit is Unit.WEEK:
            return Rule(f"FREQ=WEEKLY;BYDAY={'FR' if repeat.ordinal == -1 else 'MO'}")
        return Rule(f"FREQ=MONTHLY{months};BYDAY=MO,TU,WE,TH,FR;BYSETPOS={repeat.ordinal}")
    if repeat.weekdays and repeat.unit is Unit.MONTH:
        return Rule(f"FREQ=MONTHLY;BYDAY={repeat.ordinal}{repeat.weekdays[0]}")
    if repeat.weekdays:
        return Rule(f"FREQ=WEEKLY{step};BYDAY={','.join(repeat.weekdays)}")
    if not repeat.monthday:  # "0 ngày đầu tháng" names no day
        return None
    if repeat.month_of_period is None:
        return Rule(f"FREQ=MONTHLY;BYMONTHDAY={_day_text(repeat.monthday, ())}")
    return _in_months(_months_of(repeat, repeat.month_of_period), [repeat.monthday])


def _months_of(repeat: Repeat, which: int) -> tuple[int, ...]:
    """The months that are number ``which`` (-1: the last) of the repetition's period."""
    length = _PERIOD_MONTHS.get(repeat.unit, 12)
    first = which if which > 0 else length + 1 + which
    return tuple(range(first, 13, length))


def _in_months(months: tuple[int, ...], days: list[int]) -> Rule:
    listed = ",".join(_day_text(day, months) for day in sorted(set(days)))
    return Rule(f"FREQ=YEARLY;BYMONTH={_joined(months)};BYMONTHDAY={listed}")


def _joined(numbers: tuple[int, ...]) -> str:
    return ",".join(str(number) for number in numbers)


def _day_text(day: int, months: tuple[int, ...]) -> str:
    """The day, or -1 for a 31 that not every month has: it means the end of the month."""
    return (
        "-1"
        if day == 31 and months != (12,) and (len(months) != 1 or monthrange(_LEAP_YEAR, months[0])[1] < 31)
        else str(day)
    )


def _plain(repeat: Repeat) -> str:
    """The rule of a repetition without a day."""
    step = f";INTERVAL={repeat.interval}" if repeat.interval > 1 else ""
    unit, times = repeat.unit, repeat.times
    if unit is Unit.DAY:
        return f"FREQ=DAILY{step}"
    if unit is Unit.WEEK:
        days = ("", "", ";BYDAY=TU,FR", ";BYDAY=MO,WE,FR")[times if times < 4 else 3] if times > 1 else ""
        return f"FREQ=WEEKLY{step}{days}"
    if unit is Unit.MONTH:
        if times > 1 and repeat.interval == 1:
            return "FREQ=MONTHLY;BYMONTHDAY=15,-1" if times == 2 else "FREQ=MONTHLY;BYMONTHDAY=10,20,-1"
        return f"FREQ=MONTHLY{step}"
    return _plain_of_year(repeat, step)


def _plain_of_year(repeat: Repeat, step: str) -> str:
    unit, times = repeat.unit, repeat.times
    if unit is Unit.QUARTER:
        if repeat.interval > 1:
            return f"FREQ=MONTHLY;INTERVAL={3 * repeat.interval}"
        return "FREQ=MONTHLY" if times == 3 else f"FREQ=YEARLY;BYMONTH={_joined(_QUARTER_ENDS)};BYMONTHDAY=-1"
    if unit is Unit.MONTHS:
        return "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1"
    if unit is Unit.TERM:
        return "FREQ=YEARLY;BYMONTH=1,5;BYMONTHDAY=-1"
    if unit is Unit.SCHOOL_YEAR:
        if times == 2 and repeat.interval == 1:
            return "FREQ=YEARLY;BYMONTH=1,5;BYMONTHDAY=-1"
        return f"FREQ=YEARLY{step};BYMONTH=5;BYMONTHDAY=31"
    if unit is Unit.MANDATE:
        return f"FREQ=YEARLY;INTERVAL={5 * repeat.interval}"
    if times > 1 and repeat.interval == 1 and 12 % times == 0:
        return (
            "FREQ=MONTHLY"
            if times == 12
            else f"FREQ=YEARLY;BYMONTH={_joined(tuple(range(12 // times, 13, 12 // times)))};BYMONTHDAY=-1"
        )
    if times > 1 and repeat.interval == 1:
        return f"FREQ=MONTHLY;INTERVAL={max(1, 12 // times)}"
    return f"FREQ=YEARLY{step}"


def _anchor_days(anchors: list[Dates]) -> list[Moment]:
    """The moments that give the days: of a window ("tháng 9, tháng 10", "từ … đến …") only its end."""
    days: list[Moment] = []
    for anchor in anchors:
        days += [anchor.moments[-1]] if anchor.joined is Joined.RANGE or _adjacent(anchor.moments) else anchor.moments
    return days


def _adjacent(moments: tuple[Moment, ...]) -> bool:
    """Whether months or quarters follow one another without a gap and make one window of less than a year."""
    unit = moments[0].unit
    if (
        len(moments) < 2
        or unit not in (Unit.MONTH, Unit.QUARTER)
        or len(moments) == {Unit.MONTH: 12, Unit.QUARTER: 4}[unit]
    ):
        return False
    numbers = [moment.month if unit is Unit.MONTH else moment.index for moment in moments]
    return all(b == (a or 0) + 1 for a, b in itertools.pairwise(numbers))


def _monthly(repeat: Repeat, moments: list[Moment]) -> Rule:
    days = sorted({moment.day for moment in moments if moment.day is not None and moment.month is None})
    step = f";INTERVAL={repeat.interval}" if repeat.interval > 1 else ""
    if days and repeat.unit is Unit.MONTH:
        return Rule(f"FREQ=MONTHLY{step};BYMONTHDAY={','.join(_day_text(day, ()) for day in days)}")
    parts = {moment.part for moment in moments if moment.unit is Unit.MONTH and moment.month is None}
    if parts and repeat.unit is Unit.MONTH:
        part = next(iter(parts))
        day = {Part.START: 1, Part.FIRST_TEN: 10, Part.MIDDLE: 15, Part.FIRST_HALF: 15, Part.SECOND_TEN: 20}.get(
            part or Part.END, -1
        )
        return Rule(f"FREQ=MONTHLY{step};BYMONTHDAY={day}", day_known=part is Part.END)
    return Rule(_plain(repeat), day_known=repeat.unit is Unit.MONTH and repeat.times == 1)


def _yearly(repeat: Repeat, moments: list[Moment], anchors: list[Dates]) -> Rule:
    """The rule of days in the year: "30/11 hằng năm", "trước 20/6 và 15/12", "quý I", "tháng 6 và tháng 12"."""
    pairs = sorted({_last_day(moment, before=_before(moment, anchors)) for moment in moments})
    step = f";INTERVAL={repeat.interval}" if repeat.interval > 1 and repeat.unit is Unit.YEAR else ""
    months = tuple(sorted({month for month, _ in pairs}))
    days = {day for _, day in pairs}
    if len(days) == 1:
        return Rule(f"FREQ=YEARLY{step};BYMONTH={_joined(months)};BYMONTHDAY={days.pop()}")
    if -1 in days:
        # A month's end beside a fixed day: the 31 or 30 of that month says the same.
        pairs = sorted((month, day if day > 0 else monthrange(2023, month)[1]) for month, day in pairs)
        days = {day for _, day in pairs}
    everything = [(month, day) for month in months for day in sorted(days) if day <= monthrange(_LEAP_YEAR, month)[1]]
    places = tuple(everything.index(pair) + 1 for pair in pairs)
    return Rule(
        f"FREQ=YEARLY{step};BYMONTH={_joined(months)};BYMONTHDAY={_joined(tuple(sorted(days)))};BYSETPOS={_joined(places)}"
    )


def _before(moment: Moment, anchors: list[Dates]) -> bool:
    return any(anchor.bound.name == "BEFORE" and moment in anchor.moments for anchor in anchors)


def _last_day(moment: Moment, *, before: bool) -> tuple[int, int]:
    """(month, day) on which ``moment`` ends in any year, or on which the day before it falls; -1 for a month's end."""
    if moment.unit is Unit.DAY:
        return moment.month or 12, -1 if (moment.month, moment.day) == (2, 29) else moment.day or 1
    from_year = 2026  # any year that is no leap year: only month and day are used
    first, last = Moment(
        moment.unit,
        from_year,
        moment.month,
        moment.day,
        moment.index,
        moment.first_month,
        moment.last_month,
        moment.part,
    ).span()
    if before and moment.part is None:
        return (12, -1) if first.month == 1 else (first.month - 1, -1)
    ends_month = last.day == monthrange(last.year, last.month)[1]
    return last.month, -1 if ends_month and moment.part in (None, Part.END, Part.SECOND_HALF) else last.day
