"""The days of a repeated task (việc định kỳ): an RRULE text → due dates, and the Vietnamese name of a period.

Beside RFC 5545, as python-dateutil reads it, two rules of the trade hold. A rule that leaves its day open
falls due on the last day of its period: 31/12 for "hằng năm", the month's end for "hằng tháng", Friday for
"hằng tuần". And a month that lacks the day named has its last day instead (Bộ luật Dân sự 2015, Đ.148).
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from typing import cast

from dateutil.rrule import rrule, rruleset, rrulestr

from taskflow.domain.errors import Invalid

#: More than this at once is a mistake of the caller, not a plan: 20 years of daily work.
MOST_OCCURRENCES = 7_500

#: What a part may hold. dateutil itself loops for ever on an interval of 0 and for long on month 13.
_PARTS = {
    "FREQ": re.compile(r"YEARLY|MONTHLY|WEEKLY|DAILY"),
    "INTERVAL": re.compile(r"[1-9]\d?"),
    "BYMONTH": re.compile(r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*"),
    "BYMONTHDAY": re.compile(r"-?([1-9]|[12]\d|3[01])(,-?([1-9]|[12]\d|3[01]))*"),
    "BYDAY": re.compile(r"(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*"),
    "BYSETPOS": re.compile(r"-?[1-9]\d{0,2}(,-?[1-9]\d{0,2})*"),
    "UNTIL": re.compile(r"\d{8}(T\d{6})?"),
}
#: Rules with an interval need a fixed origin, or the second answer would not continue the first. With these
#: origins every 3 months means the ends of quarters and every 2 years the even years.
_ORIGINS = {
    "YEARLY": date(2000, 1, 1),
    "MONTHLY": date(1999, 12, 1),
    "WEEKLY": date(1999, 12, 27),
    "DAILY": date(2000, 1, 1),
}
_ROMAN = ("I", "II", "III", "IV")
_LAST_DAY = date(2200, 12, 31)


def occurrences(rule: str, *, after: date, until: date, start: date | None = None) -> list[date]:
    """The due dates of ``rule`` later than ``after`` and not later than ``until``, in order.

    ``start`` is the first day of the series; it fixes the phase of rules such as "2 năm một lần". Raises
    ``Invalid("deadline.bad_rule")`` for a text that is no rule of days, weeks, months or years, and
    ``Invalid("deadline.too_many_occurrences")`` for more than ``MOST_OCCURRENCES`` days.
    """
    moments = islice(_series(rule, start).xafter(_midnight(after)), MOST_OCCURRENCES + 1)
    days = list(takewhile(lambda day: day <= until, (moment.date() for moment in moments)))
    if len(days) > MOST_OCCURRENCES:
        raise Invalid("deadline.too_many_occurrences", field="rule", limit=MOST_OCCURRENCES)
    return days


def next_period(rule: str, after: date, *, start: date | None = None) -> date | None:
    """The first due date of ``rule`` later than ``after``; None when the series has ended."""
    moment = _series(rule, start).after(_midnight(after))
    return None if moment is None or moment.date() > _LAST_DAY else moment.date()


def period_label(rule: str, due: date) -> str:
    """The period that falls due on ``due``, in Vietnamese: "tháng 6/2025", "quý II/2025", "năm 2025"."""
    parts = _parts(rule)
    interval = int(parts.get("INTERVAL", "1"))
    months = sorted(int(month) for month in parts.get("BYMONTH", "").split(",") if month)
    frequency = parts["FREQ"]
    if frequency == "YEARLY" and interval == 1 and 12 % max(1, len(months)) == 0 and len(months) > 1:
        frequency, interval = "MONTHLY", 12 // len(months)
    if frequency == "YEARLY":
        return f"năm {due.year}" if interval == 1 else f"kỳ {due.year - interval + 1}–{due.year}"
    if frequency == "MONTHLY":
        return _months_label(interval, months, due)
    monday = due - timedelta(days=due.weekday())
    if frequency == "WEEKLY":
        last = monday + timedelta(days=6)
        return f"tuần từ {monday:%d/%m/%Y} đến {last:%d/%m/%Y}"
    return f"ngày {due:%d/%m/%Y}"


def _months_label(interval: int, months: list[int], due: date) -> str:
    if interval == 3:
        quarter, year = (due.month - 1) // 3, due.year
        if months and all(month % 3 == 1 for month in months):
            # Falling due in the first month of a quarter, a report tells of the quarter before.
            quarter, year = (quarter - 1, year) if quarter else (3, year - 1)
        return f"quý {_ROMAN[quarter]}/{year}"
    if interval == 6:
        return f"6 tháng {'đầu' if due.month <= 6 else 'cuối'} năm {due.year}"
    if interval == 1:
        return f"tháng {due.month}/{due.year}"
    return f"{interval} tháng đến tháng {due.month}/{due.year}"


def _midnight(day: date) -> datetime:
    # dateutil's rules are naive; only the date of what they give is used.
    return datetime.combine(day, time())


def _parts(rule: str) -> dict[str, str]:
    parts = dict(part.partition("=")[::2] for part in rule.strip().upper().removeprefix("RRULE:").split(";"))
    if "FREQ" not in parts or any(name not in _PARTS or not _PARTS[name].fullmatch(parts[name]) for name in parts):
        raise Invalid("deadline.bad_rule", field="rule", rule=rule)
    return parts


def _series(rule: str, start: date | None) -> rruleset:
    parts = _with_default_day(_parts(rule))
    origin = start or _ORIGINS[parts["FREQ"]]
    if parts["FREQ"] == "YEARLY":
        origin = origin.replace(month=1, day=1)
    elif parts["FREQ"] == "MONTHLY":
        origin = origin.replace(day=1)
    found = rruleset()
    for each in _for_short_months(parts):
        text = ";".join(f"{key}={value}" for key, value in each.items())
        try:
            found.rrule(cast("rrule", rrulestr(text, dtstart=_midnight(origin))))
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise Invalid("deadline.bad_rule", field="rule", rule=rule) from error
    return found


def _with_default_day(parts: dict[str, str]) -> dict[str, str]:
    if "BYDAY" in parts or "BYMONTHDAY" in parts or parts["FREQ"] == "DAILY":
        return parts
    if parts["FREQ"] == "WEEKLY":
        return parts | {"BYDAY": "FR"}
    if parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts:
        return parts | {"BYMONTH": "12", "BYMONTHDAY": "-1"}
    return parts | {"BYMONTHDAY": "-1"}


def _for_short_months(parts: dict[str, str]) -> list[dict[str, str]]:
    """``parts`` as rules in which each day 29, 30 or 31 falls on the last day of a month that lacks it."""
    days = [day for day in parts.get("BYMONTHDAY", "").split(",") if day]
    short = [day for day in days if day in {"29", "30", "31"}]
    open_months = parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts
    if not short or open_months or "BYSETPOS" in parts:
        return [parts]
    others = ",".join(day for day in days if day not in short)
    rules = [parts | {"BYMONTHDAY": others}] if others else []
    for day in short:
        last = {"BYMONTHDAY": ",".join(str(number) for number in range(28, int(day) + 1)), "BYSETPOS": "-1"}
        # The last of a year's days is not the last of each of its months: every month has a rule of its own.
        months = parts["BYMONTH"].split(",") if parts["FREQ"] == "YEARLY" else [""]
        rules += [parts | last | ({"BYMONTH": month} if month else {}) for month in months]
    return rules
