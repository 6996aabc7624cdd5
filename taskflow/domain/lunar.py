"""The Vietnamese lunar calendar (âm lịch): lunar day, month and year → Gregorian date and back.

The rules are those of the calendar itself: a month begins on the day of the new moon, the month holding
the winter solstice is the eleventh, and a year of thirteen months repeats the first month without a
principal term (trung khí). Days are those of Hanoi (UTC+7), which is why Tết differs from the Chinese new
year in 1985, 2007, 2030 and 2053. New moon and solar longitude after J. Meeus, Astronomical Algorithms
(1998), in the shortened series that Hồ Ngọc Đức published for this calendar. Years 1900 to 2100.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import floor, pi, sin

FIRST_YEAR, LAST_YEAR = 1900, 2100

_HANOI = 7 / 24  # of a day, ahead of UTC
_MONTH = 29.530588853  # mean synodic month, days
_EPOCH = 2415021.076998695  # Julian day of the new moon of 1900-01-01
_DATE_TO_JULIAN = 1721425  # Julian day number, at noon, of day 0 of the Gregorian ordinal

_STEMS = ("giap", "at", "binh", "dinh", "mau", "ky", "canh", "tan", "nham", "quy")
_BRANCHES = ("ty", "suu", "dan", "mao", "thin", "ty", "ngo", "mui", "than", "dau", "tuat", "hoi")


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar calendar; ``leap`` marks the second of two months with one number (tháng nhuận)."""

    year: int
    month: int
    day: int
    leap: bool = False


def to_gregorian(year: int, month: int, day: int, *, leap: bool = False) -> date:
    """The Gregorian date of a lunar day.

    Raises ValueError where the calendar has no such day: month 13, day 30 of a short month, a leap month in
    a year without one, a year outside 1900–2100.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"lunar year {year} is outside {FIRST_YEAR}-{LAST_YEAR}")
    place = _months_of_year(year).get((month, leap))
    if place is None or not 1 <= day <= place[1]:
        raise ValueError(f"no lunar day {day}/{month}{' leap' if leap else ''}/{year}")
    return date.fromordinal(place[0] + day - 1)


def to_lunar(day: date) -> LunarDate:
    """The lunar day of a Gregorian date from Tết 1900 to the end of the lunar year 2100."""
    for year in (day.year, day.year - 1):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            continue
        for (month, leap), (start, length) in _months_of_year(year).items():
            if start <= day.toordinal() < start + length:
                return LunarDate(year, month, day.toordinal() - start + 1, leap)
    raise ValueError(f"{day} is outside the lunar years {FIRST_YEAR}-{LAST_YEAR}")


def new_year(year: int) -> date:
    """Mùng một Tết of ``year``."""
    return to_gregorian(year, 1, 1)


def year_of_name(stem: str, branch: str, near: int) -> int | None:
    """The year named "Đinh Mùi" (can chi, folded: ``dinh``, ``mui``) from ``near`` - 5 on; None if no such name.

    "Tý" and "Tỵ" fold to the same word; the stem tells them apart, as both have the parity of their place.
    """
    for year in range(near - 5, near + 55):
        if _STEMS[(year - 4) % 10] == stem and _BRANCHES[(year - 4) % 12] == branch:
            return year
    return None


@lru_cache(maxsize=512)
def _months_of_year(year: int) -> dict[tuple[int, bool], tuple[int, int]]:
    """(month, leap) → (ordinal of its first day, number of days) for the lunar year that begins in ``year``."""
    months = [*_from_solstice(year - 1), *_from_solstice(year), *_from_solstice(year + 1)[:1]]
    starts = [start for _, _, start in months]
    found: dict[tuple[int, bool], tuple[int, int]] = {}
    for place, (number, leap, start) in enumerate(months[:-1]):
        if number == 1 and not leap and found:
            break
        if found or (number == 1 and not leap):
            found[number, leap] = (start, starts[place + 1] - start)
    return found


def _from_solstice(year: int) -> list[tuple[int, bool, int]]:
    """The months (number, leap, ordinal of the first day) from month 11 of ``year`` to the month before the next 11."""
    first, last = _eleventh_month(year), _eleventh_month(year + 1)
    count = round((last - first) / _MONTH)
    cycle = round((first + _DATE_TO_JULIAN - _EPOCH) / _MONTH)
    starts = [_new_moon_day(cycle + place) for place in range(count + 1)]
    leap_place = None
    if count == 13:
        terms = [_principal_term(start) for start in starts]
        leap_place = next(place for place in range(1, 13) if terms[place] == terms[place + 1])
    months = []
    number = 11
    for place in range(count):
        leap = place == leap_place
        if place and not leap:
            number = number % 12 + 1
        months.append((number, leap, starts[place]))
    return months


def _eleventh_month(year: int) -> int:
    """The ordinal of the first day of the month that holds the winter solstice of ``year``."""
    end_of_year = date(year, 12, 31).toordinal()
    cycle = floor((end_of_year + _DATE_TO_JULIAN - _EPOCH) / _MONTH)
    start = _new_moon_day(cycle)
    # Term 9 is the winter solstice: a month that begins after it is the twelfth.
    return _new_moon_day(cycle - 1) if _principal_term(start) >= 9 else start


def _new_moon_day(cycle: int) -> int:
    """The ordinal of the day in Hanoi on which new moon number ``cycle`` since 1900 falls."""
    return floor(_new_moon(cycle) + 0.5 + _HANOI) - _DATE_TO_JULIAN


def _new_moon(cycle: int) -> float:
    """The Julian date (UT) of new moon number ``cycle`` since 1 January 1900."""
    t = cycle / 1236.85
    t2, t3, rad = t * t, t * t * t, pi / 180
    mean = 2415020.75933 + 29.53058868 * cycle + 0.0001178 * t2 - 0.000000155 * t3
    mean += 0.00033 * sin((166.56 + 132.87 * t - 0.009173 * t2) * rad)
    sun = (359.2242 + 29.10535608 * cycle - 0.0000333 * t2 - 0.00000347 * t3) * rad
    moon = (306.0253 + 385.81691806 * cycle + 0.0107306 * t2 + 0.00001236 * t3) * rad
    node = (21.2964 + 390.67050646 * cycle - 0.0016528 * t2 - 0.00000239 * t3) * rad
    true = (0.1734 - 0.000393 * t) * sin(sun) + 0.0021 * sin(2 * sun)
    true += -0.4068 * sin(moon) + 0.0161 * sin(2 * moon) - 0.0004 * sin(3 * moon)
    true += 0.0104 * sin(2 * node) - 0.0051 * sin(sun + moon) - 0.0074 * sin(sun - moon)
    true += 0.0004 * sin(2 * node + sun) - 0.0004 * sin(2 * node - sun) - 0.0006 * sin(2 * node + moon)
    true += 0.0010 * sin(2 * node - moon) + 0.0005 * sin(2 * moon + sun)
    # ΔT, dynamical time minus universal time, in days
    delta = -0.000278 + 0.000265 * t + 0.000262 * t2
    return mean + true - delta


def _principal_term(ordinal: int) -> int:
    """The sector of 30° (0 from the spring equinox, 9 from the winter solstice) of the sun at 0:00 in Hanoi."""
    t = (ordinal + _DATE_TO_JULIAN - 0.5 - _HANOI - 2451545.0) / 36525
    t2, rad = t * t, pi / 180
    anomaly = (357.52910 + 35999.05030 * t - 0.0001559 * t2 - 0.00000048 * t * t2) * rad
    centre = (1.914600 - 0.004817 * t - 0.000014 * t2) * sin(anomaly)
    centre += (0.019993 - 0.000101 * t) * sin(2 * anomaly) + 0.000290 * sin(3 * anomaly)
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t2 + centre
    apparent = longitude - 0.00569 - 0.00478 * sin((125.04 - 1934.136 * t) * rad)
    return floor(apparent % 360 / 30)
