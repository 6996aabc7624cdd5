"""One calendar unit as written: "Quý II-III/2027", "6 tháng đầu năm", "tuần 2 tháng 3", "đầu năm 2027".

Every reader takes the tokens and a place and answers what it found there, or None. A unit that no calendar
has raises ``ImpossibleDate``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from taskflow.domain.language.days import (
    finished_days,
    read_day,
    read_day_before_month,
    read_month_number,
    read_numeric,
    read_weekday_and_date,
    to_month_word,
)
from taskflow.domain.language.facts import Found, Joined
from taskflow.domain.language.feasts import read_feast, read_lunar_day
from taskflow.domain.language.groups import moment_of
from taskflow.domain.language.moments import ImpossibleDate, Moment, Part, Unit, checked
from taskflow.domain.language.numbers import read_amount, read_run, read_word_number, read_year, skip_spelled
from taskflow.domain.language.school import read_named_school_year, read_school_year, read_summer, read_term
from taskflow.domain.language.tokens import Lexicon, Tokens
from taskflow.domain.language.years import SHORT_YEARS, closes, read_bare_unit, read_suffix, with_suffix

_PARTS = {
    Part.START: Lexicon("dau | ngay dau | ngay dau tien | ngay dau tien cua | dau cua | nhung ngay dau"),
    Part.MIDDLE: Lexicon("giua | khoang giua"),
    Part.END: Lexicon(
        """
        cuoi | cuoi cua | ngay cuoi | ngay cuoi cung | ngay cuoi cung cua | ngay cuoi cua | nhung ngay cuoi |
        ngay lam viec cuoi cung cua | ngay lam viec cuoi cung
        """
    ),
    Part.FIRST_HALF: Lexicon("nua dau | nua dau cua"),
    Part.SECOND_HALF: Lexicon("nua cuoi | nua cuoi cua | nua sau"),
    Part.FIRST_TEN: Lexicon("thuong tuan"),
    Part.SECOND_TEN: Lexicon("trung tuan"),
    Part.LAST_TEN: Lexicon("ha tuan"),
}  # fmt: skip
_MONTH_WORDS = Lexicon("thang | th")
_QUARTER_WORDS = Lexicon("quy | qui | q")
_KIND_OF_YEAR = Lexicon("tai chinh | ngan sach | ke hoach | duong lich")
_MOST_WEEKS = 5
Reader = Callable[[Tokens, int], Found | None]


def read_unit(tokens: Tokens, place: int, hint: Unit | None = None) -> Found | None:
    """The unit or run of units at ``place``. ``hint`` is the unit of the moment before in a list ("tháng 11, 12")."""
    for reader in _READERS:
        found = reader(tokens, place)
        if found is not None:
            return found
    return _hinted(tokens, place, hint) if hint else read_numeric(tokens, place)


def _part(tokens: Tokens, place: int) -> Found | None:
    for part, words in _PARTS.items():
        after = words.match(tokens, place)
        if after is None:
            continue
        found = read_bare_unit(tokens, after) or next(
            (found for reader in _PARTIBLE if (found := reader(tokens, after)) is not None), None
        )
        if found is not None and len(found.moments) == 1 and found.moments[0].part is None:
            return replace(found, moments=(replace(found.moments[0], part=part),))
    return None


def _months_of_year(tokens: Tokens, place: int) -> Found | None:
    """ "6 tháng đầu năm 2027", "quý" apart: the first or last months or days of a unit."""
    at = place
    if tokens.word(at) == "nua" and tokens.word(at + 1) == "nam" and tokens.word(at + 2) in ("dau", "cuoi"):
        amount, at, unit_word = 6, at + 2, "thang"
    else:
        found = read_amount(tokens, at)
        if found is None:
            return None
        amount, at = found
        unit_word = tokens.word(at)
        at += 1
    if unit_word == "ngay" and tokens.word(at) == "dau":
        whole = next((f for reader in (_month,) if (f := reader(tokens, at + 1)) is not None), None)
        if whole is None or len(whole.moments) != 1 or not 1 <= amount <= 28:
            return None
        return replace(whole, moments=(replace(whole.moments[0], unit=Unit.DAY, day=amount),))
    if unit_word != "thang" or not 1 <= amount <= 12:
        return None
    if tokens.word(at) in ("dau", "cuoi"):
        first = 1 if tokens.word(at) == "dau" else 13 - amount
        after = at + 1
    elif tokens.word(at) == "nam" and read_year(tokens, at + 1) is not None:
        first, after = 1, at
    else:
        return None
    year, relative, end, short = read_suffix(tokens, after)
    if end == after and tokens.word(after) == "nam":
        end = after + 1
    if end == after and tokens.word(after) in ("thang", "quy"):
        return None
    moment = Moment(
        Unit.MONTHS, year, first_month=first, last_month=first + amount - 1, relative=relative, short_year=short
    )
    return Found((checked(moment),), end)


def _month(tokens: Tokens, place: int) -> Found | None:
    at = _MONTH_WORDS.match(tokens, place)
    if at is None and tokens.word(place) == "t" and tokens.tight(place + 1) and tokens.number(place + 1):
        at = place + 1
    if at is None:
        return None
    at = at + 1 if tokens.word(at) == ":" else at
    if tokens.number(at) is not None:
        return read_indexed(tokens, at, Unit.MONTH)
    month, after, is_lunar = read_month_number(tokens, at)
    if month is not None:
        moments, end = with_suffix(tokens, [Moment(Unit.MONTH, month=month, lunar=is_lunar)], after)
        return Found(tuple(moments), end)
    found = read_bare_unit(tokens, place)
    return found if found is not None and found.end > place + 1 else None


def _quarter(tokens: Tokens, place: int) -> Found | None:
    at = _QUARTER_WORDS.match(tokens, place)
    at = at + 1 if at is not None and tokens.word(at) in (":", ".") else at
    if at is None or (tokens.word(place) == "q" and tokens.spaced(at) and tokens.roman(at) is None):
        return None
    if tokens.word(at) in ("dau", "cuoi") and tokens.word(at + 1) == "nam":
        index = 1 if tokens.word(at) == "dau" else 4
        moments, end = with_suffix(tokens, [Moment(Unit.QUARTER, index=index)], at + 1)
        return Found(tuple(moments), max(end, at + 2))
    mixed = tokens.word(at + 1) in ("-", "+", "&") and tokens.roman(at + 2) is not None  # "quý 1-IV"
    if tokens.number(at) is not None and not mixed:
        return read_indexed(tokens, at, Unit.QUARTER)
    roman = tokens.roman(at) or tokens.number(at)
    if roman is None:
        found = read_word_number(tokens, at)
        if found is None or tokens.word(found[1]) == "lan":
            bare = read_bare_unit(tokens, place)
            return bare if bare is not None and bare.end > place + 1 else None
        roman, at = found[0], found[1] - 1
    moments, joined, end = [Moment(Unit.QUARTER, index=roman)], Joined.SINGLE, at + 1
    while tokens.word(end) in ("-", "+", "&") and (following := tokens.roman(end + 1)):
        joined = Joined.RANGE if tokens.word(end) == "-" else Joined.LIST
        moments, end = [*moments, Moment(Unit.QUARTER, index=following)], end + 2
    moments, end = with_suffix(tokens, moments, end)
    return Found(tuple(moments), end, joined)


def read_indexed(tokens: Tokens, place: int, unit: Unit) -> Found | None:
    """Months or quarters by number, with the year in the run or after it: "10-12/2026", "3 năm 2027"."""
    run = read_run(tokens, place)
    if run is None:
        return None
    groups = run.groups
    flat = [number for group in groups for number in group]
    if run.dashed:
        groups = ((flat[0], flat[1]),) if len(flat) == 2 and flat[1] >= 1000 else tuple((n,) for n in flat)
        if len(flat) > 2 and flat[-1] >= 1000:
            groups = (*groups[:-2], (flat[-2], flat[-1]))
    elif run.dotted and len(flat) > 2:
        return None
    moments = [moment_of(group, unit, run) for group in groups]
    if any(moment is None for moment in moments):
        raise ImpossibleDate(f"{unit.name.lower()} {flat}")
    read = [moment for moment in moments if moment is not None]
    read, end = with_suffix(tokens, read, skip_spelled(tokens, run.end))
    return Found(tuple(read), end, Joined.RANGE if len(read) > 1 else Joined.SINGLE)


def _week(tokens: Tokens, place: int) -> Found | None:
    if tokens.word(place) != "tuan":
        return None
    at = place + 1
    if tokens.word(at) == "thu" and tokens.word(at + 1) == "nhat":
        index, at = 1, at + 2
    elif tokens.word(at) == "thu" and (found := read_amount(tokens, at + 1)):
        index, at = found
    elif tokens.word(at) in ("dau", "cuoi"):
        index = 1 if tokens.word(at) == "dau" else -1
        at += 2 if tokens.word(at + 1) in ("tien", "cung") else 1
    elif (value := tokens.number(at)) is not None:
        index, at = value, at + 1
    else:
        found_bare = read_bare_unit(tokens, place)
        return found_bare if found_bare is not None and found_bare.end > place + 1 else None
    indexes = [index]
    while tokens.word(at) in (",", "-", "va") and (value := tokens.number(at + 1)) and len(indexes) < _MOST_WEEKS:
        indexes, at = [*indexes, value], at + 2
    month = _month(tokens, to_month_word(tokens, at))
    if month is not None and len(month.moments) == 1 and month.moments[0].month is not None:
        if not (index == -1 or all(1 <= week <= _MOST_WEEKS for week in indexes)):
            raise ImpossibleDate(f"week {indexes} of a month")
        weeks = tuple(checked(replace(month.moments[0], unit=Unit.WEEK, index=week)) for week in indexes)
        return Found(weeks, month.end, Joined.RANGE if len(weeks) > 1 else Joined.SINGLE)
    if len(indexes) > 1:
        return None
    year, _, end, _ = read_suffix(tokens, at)
    return None if year is None else Found((checked(Moment(Unit.WEEK, year=year, index=index)),), end)


def _year(tokens: Tokens, place: int) -> Found | None:
    if tokens.word(place) != "nam":
        return None
    named = _KIND_OF_YEAR.match(tokens, place + 1)
    if named is not None and read_year(tokens, named) is not None:
        place = named - 1
    run = read_run(tokens, place + 1)
    if run is None:
        bare = read_bare_unit(tokens, place)
        return bare if bare is not None and bare.end > place + 1 else None
    if len(run.groups) == 2 and run.dashed and run.groups[0][0] >= 1000 > run.groups[1][0]:
        # "năm 2026-27"
        second = run.groups[0][0] // 100 * 100 + run.groups[1][0]
        moments = [Moment(Unit.YEAR, year=run.groups[0][0]), Moment(Unit.YEAR, year=second)]
    else:
        if any(len(group) != 1 for group in run.groups):
            return None
        digits = {len(tokens.word(place + 1 + 2 * offset)) for offset in range(len(run.groups))}
        numbers = [group[0] for group in run.groups]
        if digits == {2} and all(number in SHORT_YEARS for number in numbers):
            moments = [Moment(Unit.YEAR, year=2000 + number, short_year=True) for number in numbers]
        elif min(digits) < 3:
            return None
        else:
            moments = [Moment(Unit.YEAR, year=number) for number in numbers]
    joined = Joined.RANGE if len(moments) > 1 else Joined.SINGLE
    return Found(tuple(checked(moment) for moment in moments), run.end, joined)


def _hinted(tokens: Tokens, place: int, hint: Unit) -> Found | None:
    """A number that continues a list: the 12 of "tháng 11, 12/2026", the IV of "quý III, IV"."""
    run = read_run(tokens, place)
    if run is None:
        roman = tokens.roman(place) if hint is Unit.QUARTER else None
        if roman is None or roman > 4:
            return None
        moments, end = with_suffix(tokens, [Moment(Unit.QUARTER, index=roman)], place + 1)
        return Found(tuple(moments), end)
    if hint is Unit.SCHOOL_YEAR:
        return read_school_year(tokens, place)
    if hint is Unit.QUARTER and len(run.groups) == 1 and len(run.groups[0]) == 2 and 1 <= run.groups[0][0] <= 4:
        return read_indexed(tokens, place, hint)  # "quý 3, 4/2026"
    if len(run.groups) > 1 or len(run.groups[0]) > 1 or hint not in (Unit.DAY, Unit.MONTH, Unit.QUARTER):
        found = read_numeric(tokens, place)
        if found is not None or hint not in (Unit.MONTH, Unit.QUARTER):
            return found
        return read_indexed(tokens, place, hint) if closes(tokens, run.end) else None
    number = run.groups[0][0]
    most = {Unit.DAY: 31, Unit.MONTH: 12, Unit.QUARTER: 4}[hint]
    if number >= 1000:
        return read_numeric(tokens, place)
    goes_on = hint is Unit.DAY and tokens.word(run.end) == "thang"
    if not goes_on and (not 1 <= number <= most or not closes(tokens, skip_spelled(tokens, run.end))):
        return None
    if hint is Unit.DAY:
        return finished_days(tokens, [Moment(Unit.DAY, day=number)], run.end)
    return read_indexed(tokens, place, hint)


_READERS: tuple[Reader, ...] = (
    _part,
    _months_of_year,
    read_feast,
    read_lunar_day,
    read_day,
    _month,
    _quarter,
    _week,
    read_term,
    read_named_school_year,
    read_summer,
    _year,
    read_day_before_month,
    read_weekday_and_date,
)
_PARTIBLE: tuple[Reader, ...] = (_month, _quarter, read_term, read_named_school_year, _year, _week, read_summer)
