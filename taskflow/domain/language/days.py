"""Days: "ngày 15 tháng 11 năm 2026", "10-15/11/2026", "ngày 25 tháng 3, 6, 9, 12", and dates in numbers alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from taskflow.domain.language.facts import Found, Joined
from taskflow.domain.language.groups import moment_of, moments_of_run
from taskflow.domain.language.moments import Moment, Unit, checked
from taskflow.domain.language.numbers import Run, read_run, read_word_number, skip_spelled
from taskflow.domain.language.tokens import Tokens
from taskflow.domain.language.years import OF, RELATIVE, closes, with_suffix

SERIAL_DAYS = range(36526, 73051)  # 2000-01-01 to 2099-12-31 as a spreadsheet counts days
_SERIAL_ORIGIN = date(1899, 12, 30)
_WEEKDAY_NUMBERS = ("hai", "ba", "tu", "tư", "nam", "sáu", "bay", "2", "3", "4", "5", "6", "7")
_NOT_MONTH = frozenset({"nay", "sau", "toi", "cuoi", "dau"})


def read_day(tokens: Tokens, place: int) -> Found | None:
    if tokens.word(place) != "ngay":
        return None
    run = read_run(tokens, place + 1)
    if run is None:
        return _spelled_day(tokens, place + 1)
    moments = _days_of(run, before_month=tokens.word(to_month_word(tokens, run.end)) == "thang")
    if moments is None:
        return None
    return finished_days(tokens, moments, skip_spelled(tokens, run.end))


def _spelled_day(tokens: Tokens, place: int) -> Found | None:
    """ "ngày ba mươi tháng chín": the day in words"""
    day = read_word_number(tokens, place)
    if day is None or not 1 <= day[0] <= 31 or tokens.word(day[1]) != "thang":
        return None
    return finished_days(tokens, [Moment(Unit.DAY, day=day[0])], day[1])


def read_day_before_month(tokens: Tokens, place: int) -> Found | None:
    """ "15 tháng 11 năm 2026" without "ngày" """
    run = read_run(tokens, place)
    if run is None or tokens.word(run.end) != "thang" or any(len(group) != 1 for group in run.groups):
        return None
    month, end, _ = read_month_number(tokens, run.end + 1)
    if month is None or tokens.word(end) == "ngay" or not 1 <= run.groups[0][0] <= 31:
        return None
    return finished_days(tokens, [Moment(Unit.DAY, day=group[0]) for group in run.groups], run.end)


def read_weekday_and_date(tokens: Tokens, place: int) -> Found | None:
    """ "thứ Sáu, ngày 27/11/2026": the weekday says nothing new."""
    named = place
    place = place + 1 if tokens.word(place) == "ngay" else place
    if (
        tokens.word(place) == "thu"
        and (tokens.word(place + 1) in _WEEKDAY_NUMBERS or tokens.exact(place + 1) in _WEEKDAY_NUMBERS)
    ) or (tokens.word(place) == "chu" and tokens.exact(place + 1) == "nhật"):
        at = place + 2
    else:
        return None
    at = at + 1 if tokens.word(at) in (",", "(") else at
    if (found := read_day(tokens, at)) is not None or named == place:
        return found
    found = read_numeric(tokens, at)
    return found if found is not None and found.moments[0].unit is Unit.DAY else None


def read_numeric(tokens: Tokens, place: int) -> Found | None:
    """Numbers alone: "30/11/2026", "2026-11-30", "6/2025", "2025-2030", "46489"."""
    run = read_run(tokens, place)
    if run is None:
        return None
    alone = len(tokens) == 1 or (len(tokens) == 3 and run.dotted and run.groups[0][1] == 0)  # "46300.0"
    if alone and run.groups[0][0] in SERIAL_DAYS and len(tokens.word(place)) == 5:
        day = _SERIAL_ORIGIN + timedelta(days=run.groups[0][0])
        return Found((Moment(Unit.DAY, day.year, day.month, day.day),), run.end, serial=True)
    if len(run.groups) == 1 and len(run.groups[0]) == 2 and run.groups[0][1] < 1000:
        return _bare_day_and_month(tokens, run)
    moments = moments_of_run(run)
    if moments is None:
        return None
    years_only = all(moment.unit is Unit.YEAR for moment in moments)
    if years_only and not closes(tokens, run.end):
        return None
    joined = Joined.RANGE if len(moments) > 1 else Joined.SINGLE
    return Found(tuple(checked(moment) for moment in moments), run.end, joined, led=not years_only)


def _bare_day_and_month(tokens: Tokens, run: Run) -> Found | None:
    """ "30/11" with no word before it: a date only where the phrase goes on as after a date."""
    day, month = run.groups[0]
    end = run.end
    if run.dotted or not 1 <= month <= 12 or not 1 <= day <= 31 or not closes(tokens, end):
        return None
    moments, end = with_suffix(tokens, [Moment(Unit.DAY, month=month, day=day)], end)
    return Found(tuple(moments), end, led=False)


def to_month_word(tokens: Tokens, place: int) -> int:
    at = place + 1 if tokens.word(place) in (",", "/", "-") else place
    at = OF.skip(tokens, at)
    return at + 1 if tokens.word(at) == "cac" and tokens.word(at + 1) == "thang" else at


def finished_days(tokens: Tokens, moments: list[Moment], place: int) -> Found:
    """Days with "tháng …" and the year after them taken in."""
    joined = Joined.RANGE if len(moments) > 1 else Joined.SINGLE
    if moments[-1].unit is Unit.DAY and moments[-1].month is None:
        at = to_month_word(tokens, place)
        if tokens.word(at) == "thang" and (this := RELATIVE[0].match(tokens, at + 1)) is not None:
            return Found(tuple(replace(moment, relative=0) for moment in moments), this, joined)
        if tokens.word(at) in ("thang", "t") and tokens.word(at + 1) not in _NOT_MONTH:
            month, after, is_lunar = read_month_number(tokens, at + 1)
            if month is not None:
                moments = [replace(moment, month=month, lunar=is_lunar) for moment in moments]
                place = after
                more, place = _more_months(tokens, moments, place)
                joined, moments = (Joined.LIST, [*moments, *more]) if more else (joined, moments)
    if moments[-1].dated:
        moments, place = with_suffix(tokens, moments, place)
    else:
        moments = [checked(moment) for moment in moments]
    return Found(tuple(moments), place, joined)


def _more_months(tokens: Tokens, moments: list[Moment], place: int) -> tuple[list[Moment], int]:
    """The same day in further months: "ngày 25 tháng 3, 6, 9, 12"."""
    more: list[Moment] = []
    while (
        tokens.word(place) in (",", "va") and 1 <= (tokens.number(place + 1) or 0) <= 12 and closes(tokens, place + 2)
    ):
        if tokens.word(place + 2) == "/":
            break
        more.append(replace(moments[-1], month=tokens.number(place + 1)))
        place += 2
    return more, place


def _days_of(run: Run, *, before_month: bool) -> list[Moment] | None:
    """The days of a run led by "ngày"."""
    groups = run.groups
    if run.dashed and len(groups) == 2 and not before_month and groups[1][0] <= 12 < 1000:
        groups = ((groups[0][0], groups[1][0]),)
    moments = [moment_of(group, Unit.DAY, run) for group in groups]
    return None if None in moments else [moment for moment in moments if moment is not None]


def read_month_number(tokens: Tokens, place: int) -> tuple[int | None, int, bool]:
    """The number of a month in digits, words or by its lunar name: (number, place after it, lunar)."""
    word = tokens.word(place)
    if word in ("gieng", "chap"):
        return (1 if word == "gieng" else 12), place + 1, True
    value = tokens.number(place)
    if value is not None:
        return value, skip_spelled(tokens, place + 1), False
    found = read_word_number(tokens, place)
    if found is None or tokens.word(found[1]) == "lan" or (word == "nam" and tokens.word(found[1]) != "nam"):
        return None, place, False
    return found[0], found[1], False
