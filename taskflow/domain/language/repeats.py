"""Repetitions: "hằng năm", "02 lần/năm", "2 năm một lần", "định kỳ 6 tháng", "báo cáo tháng, quý, năm"."""

from __future__ import annotations

from dataclasses import replace

from taskflow.domain.language.dates import read_clock
from taskflow.domain.language.facts import Repeat
from taskflow.domain.language.moments import Unit
from taskflow.domain.language.numbers import read_amount, read_year
from taskflow.domain.language.periods import EVERY, ends_period, read_period, read_period_name
from taskflow.domain.language.repeat_days import (
    DAYTIME,
    on_last_day,
    on_monthday,
    on_weekday,
    on_workday,
    part_of_each,
    read_weekday,
)
from taskflow.domain.language.tokens import Lexicon, Tokens, word_set

_PERIODICALLY = Lexicon("dinh ky | dinh ki | thuong ky | theo dinh ky")
_TIMES = word_set("lan ky dot cuoc buoi luot phien hoi lop so")
_AT_LEAST = Lexicon("it nhat | toi thieu | khong it hon | trung binh | binh quan")
_HELD = Lexicon("to chuc | thuc hien | tien hanh")
_ONCE = frozenset({"mot", "1", "01"})
_AND = Lexicon(", | va | / | hoac | , va | - | +")
_YEARLY_WORDS = Lexicon("thuong nien | cua nam bao cao | nam bao cao")
_HALF_YEARLY_WORDS = Lexicon(
    """
    ban nien | nua nam mot lan | nua nam / lan | nua nam 1 lan | hang nua nam | moi nua nam
    """
)


def read_repeat(tokens: Tokens, place: int) -> Repeat | None:
    """The repetition that begins at ``place``; None if there is none."""
    for reader in _READERS:
        found = reader(tokens, place)
        if found is not None:
            return replace(found, begin=place)
    return None


def _every(tokens: Tokens, place: int) -> Repeat | None:
    """ "hằng năm", "mỗi quý một lần", "hằng tháng, quý, năm" """
    at = EVERY.match(tokens, place)
    if at is None:
        return None
    period = read_period(tokens, at)
    if period is None or (tokens.word(place) == "tung" and period[0] is Unit.DAY):
        return None
    unit, interval, end = period
    if tokens.word(place) != "hang" and tokens.number(end) is not None and len(tokens.word(end)) == 4:
        return None
    found = _named_more(tokens, Repeat(unit=unit, interval=interval, end=end))
    return _with_weekday(tokens, _with_times(tokens, found))


def _with_weekday(tokens: Tokens, found: Repeat) -> Repeat:
    """``found`` with the weekday after it: "hằng tuần, vào thứ Sáu"."""
    if found.unit is not Unit.WEEK or found.several:
        return found
    at = found.end + 1 if tokens.word(found.end) in (",", "(") else found.end
    at = DAYTIME.skip(tokens, at)
    clock = read_clock(tokens, at)
    at = at if clock is None else DAYTIME.skip(tokens, clock + 1 if tokens.word(clock) == "," else clock)
    day = read_weekday(tokens, at)
    return found if day is None else replace(found, weekdays=(day[0],), clock=clock is not None, end=day[1])


def _named_more(tokens: Tokens, first: Repeat) -> Repeat:
    """``first`` or a finer period named beside it: "hằng quý, 6 tháng và năm" is quarterly work."""
    found, end = first, first.end
    while (at := _AND.match(tokens, end)) is not None:
        at = EVERY.match(tokens, at) or _PERIODICALLY.match(tokens, at) or at
        period = read_period(tokens, at)
        if period is None or tokens.number(period[2]) is not None or tokens.roman(period[2]) is not None:
            break
        if tokens.word(period[2]) in ("dau", "cuoi", "lan", "nay", "lam"):
            break
        end = period[2]
        finest = min(found, Repeat(unit=period[0], interval=period[1]), key=_length)
        found = replace(finest, several=True)
    return replace(found, end=end)


def _length(repeat: Repeat) -> float:
    days = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 30, Unit.QUARTER: 91, Unit.MONTHS: 182, Unit.TERM: 150}
    return days.get(repeat.unit, 365) * repeat.interval


def _with_times(tokens: Tokens, found: Repeat) -> Repeat:
    """``found`` with "một lần", "2 lần" after it."""
    at = _AT_LEAST.skip(tokens, found.end)
    amount = read_amount(tokens, at)
    if amount is not None and tokens.word(amount[1]) in _TIMES and 1 <= amount[0] <= 12:
        return replace(found, times=amount[0], end=amount[1] + 1)
    return found


def _times_per(tokens: Tokens, place: int) -> Repeat | None:
    """ "02 lần/năm", "1 lần mỗi quý", "2 kỳ trong năm" """
    amount = read_amount(tokens, place)
    if amount is None or not 1 <= amount[0] <= 60 or tokens.word(amount[1]) not in _TIMES:
        return None
    at = amount[1] + 1
    if tokens.word(at) in ("/", "trong", "tren"):
        at += 1
    elif (after := EVERY.match(tokens, at)) is not None:
        at = after
    elif tokens.word(at) != "mot" and tokens.word(at) not in _ONCE:
        return None
    at = EVERY.match(tokens, at) or at
    if tokens.word(at) in _ONCE:
        at += 1
    period = read_period(tokens, at)
    if period is None or (period[0] is Unit.DAY and tokens.word(amount[1]) != "lan"):
        return None
    return Repeat(unit=period[0], interval=period[1], times=amount[0], end=period[2])


def _once_per(tokens: Tokens, place: int) -> Repeat | None:
    """ "2 năm một lần", "06 tháng/lần", "năm 2 lần" """
    at = EVERY.match(tokens, place) or place
    period = _five_units(tokens, place) or read_period(tokens, at)
    if period is None or (tokens.word(at) == "nam" and read_year(tokens, at + 1)):
        return None
    unit, interval, end = period
    end = end + 1 if tokens.word(end) in ("/", ",") else end
    end = _AT_LEAST.skip(tokens, _HELD.skip(tokens, end))
    if tokens.word(end) == "lan":
        return Repeat(unit=unit, interval=interval, end=end + 1)
    amount = read_amount(tokens, end)
    if amount is None or tokens.word(amount[1]) not in ("lan", "ky", "dot") or not 1 <= amount[0] <= 12:
        return None
    return Repeat(unit=unit, interval=interval, times=amount[0], end=amount[1] + 1)


def _five_units(tokens: Tokens, place: int) -> tuple[Unit, int, int] | None:
    """ "năm năm", "năm tháng": the first word is the number five."""
    unit = read_period_name(tokens, place + 1) if tokens.exact(place) == "năm" else None
    return None if unit is None else (unit[0], 5, unit[1])


def _bare_list(tokens: Tokens, place: int) -> Repeat | None:
    """ "Tháng, quý, 6 tháng, năm" as the whole phrase"""
    period = read_period(tokens, place) if place == 0 else None
    if period is None or not ends_period(tokens, period[0], period[2]):
        return None
    found = _named_more(tokens, Repeat(unit=period[0], interval=period[1], end=period[2]))
    return found if found.several and found.end == len(tokens) else None


def _periodically(tokens: Tokens, place: int) -> Repeat | None:
    """ "định kỳ 6 tháng, năm", "định kỳ quý", "báo cáo tháng, quý, năm", "theo quý" """
    at = _PERIODICALLY.match(tokens, place)
    surely = at is not None
    if at is None and tokens.word(place) in ("theo", "bao"):
        at = place + 2 if tokens.word(place + 1) == "cao" else (place + 1 if tokens.word(place) == "theo" else None)
    if at is None:
        return None
    at = at + 1 if tokens.word(at) in (",", "(", ":") and surely else at
    at = EVERY.match(tokens, at) or at
    period = read_period(tokens, at)
    if period is None:
        return None
    unit, interval, end = period
    if not ends_period(tokens, unit, end):
        return None
    found = _named_more(tokens, Repeat(unit=unit, interval=interval, end=end))
    by_unit = tokens.word(place) == "theo" and interval == 1
    if not surely and not found.several and not by_unit:
        return None
    return _with_weekday(tokens, _with_times(tokens, found))


def _week_of_each_month(tokens: Tokens, place: int) -> Repeat | None:
    """ "tuần 3 hằng tháng": due on the last day of that week, counted from the first of the month"""
    at = place + 2 if tokens.word(place + 1) == "thu" else place + 1
    amount = read_amount(tokens, at) if tokens.word(place) == "tuan" else None
    if amount is None or not 1 <= amount[0] <= 4:
        return None
    at = EVERY.match(tokens, amount[1] + 1 if tokens.word(amount[1]) in (",", "cua") else amount[1]) or 0
    unit = read_period_name(tokens, at) if at else None
    if unit is None or unit[0] is not Unit.MONTH:
        return None
    return Repeat(unit=Unit.MONTH, monthday=7 * amount[0], end=unit[1])


def _of_all_years(tokens: Tokens, place: int) -> Repeat | None:
    """ "ngày 15/5 của các năm", "tháng 4 các năm" as the end of the phrase"""
    at = place + 1 if tokens.word(place) in ("cua", "trong") else place
    ends = tokens.word(at) == "cac" and tokens.word(at + 1) == "nam" and not tokens.word(at + 2).isalnum()
    return Repeat(unit=Unit.YEAR, end=at + 2) if ends and tokens.number(place - 1) is not None else None


def _single_words(tokens: Tokens, place: int) -> Repeat | None:
    if (end := _YEARLY_WORDS.match(tokens, place)) is not None:
        return Repeat(unit=Unit.YEAR, end=end)
    if (end := _HALF_YEARLY_WORDS.match(tokens, place)) is not None:
        return Repeat(unit=Unit.MONTHS, end=end)
    if (
        tokens.word(place) == "nua"
        and tokens.word(place + 1) == "thang"
        and tokens.word(place + 2) in ("mot", "1", "/")
    ):
        return Repeat(unit=Unit.MONTH, times=2, end=place + 4)
    return None


_READERS = (
    _bare_list,
    on_last_day,
    part_of_each,
    _week_of_each_month,
    on_weekday,
    on_workday,
    on_monthday,
    _once_per,
    _every,
    _times_per,
    _periodically,
    _of_all_years,
    _single_words,
)
