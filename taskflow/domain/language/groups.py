"""The moments that the numbers of a run stand for: "30/11/2026", "10-15/11/2026", "6/2025", "2025-2030"."""

from __future__ import annotations

from taskflow.domain.language.moments import Moment, Unit
from taskflow.domain.language.numbers import Run
from taskflow.domain.language.years import SHORT_YEARS


def moment_of(group: tuple[int, ...], hint: Unit | None, run: Run) -> Moment | None:
    """The moment that one group of a run stands for, given the word before it; None if none is meant."""
    if len(group) == 3:
        return _full_date(group, run)
    if len(group) == 2:
        return _pair(group[0], group[1], hint, run)
    number = group[0]
    if number >= 1000:
        return Moment(Unit.YEAR, year=number)
    if hint is Unit.DAY:
        return Moment(Unit.DAY, day=number)
    if hint is Unit.MONTH:
        return Moment(Unit.MONTH, month=number)
    return Moment(Unit.QUARTER, index=number) if hint is Unit.QUARTER else None


def _full_date(group: tuple[int, ...], run: Run) -> Moment | None:
    first, second, third = group
    if first >= 1000:
        return Moment(Unit.DAY, year=first, month=second, day=third)
    if third >= 1000:
        return Moment(Unit.DAY, year=third, month=second, day=first)
    # "1.2.3" numbers a section; a year of two digits needs slashes or dashes, or all numbers of two ("30.09.26").
    if (run.dotted and not run.padded) or not run.short or third not in SHORT_YEARS:
        return None
    return Moment(Unit.DAY, year=2000 + third, month=second, day=first, short_year=True)


def _pair(first: int, second: int, hint: Unit | None, run: Run) -> Moment | None:
    if hint in (Unit.MONTH, Unit.QUARTER):
        short = run.short and second in SHORT_YEARS
        year = second if second >= 1000 else 2000 + second
        if second < 1000 and not short:
            return None
        if hint is Unit.MONTH:
            return Moment(Unit.MONTH, year=year, month=first, short_year=short)
        return Moment(Unit.QUARTER, year=year, index=first, short_year=short)
    if first >= 1000:
        if second == first + 1:
            return Moment(Unit.SCHOOL_YEAR, year=first)
        return Moment(Unit.MONTH, year=first, month=second) if second <= 12 else None
    if second >= 1000:
        return Moment(Unit.MONTH, year=second, month=first)
    return Moment(Unit.DAY, month=second, day=first)


def moments_of_run(run: Run) -> list[Moment] | None:
    """The moments of a run without a leading word, its short groups completed from the last one."""
    last = run.groups[-1]
    hint = None
    if len(last) == 3:
        hint = Unit.DAY
    elif len(last) == 2 and last[1] >= 1000:
        # "10-15/11/2026" ends in a day; "10-12/2026" in a month
        hint = Unit.MONTH
    elif len(last) == 2:
        hint = Unit.DAY
    elif run.groups[0][0] >= 1000 and last[0] <= 12 and len(run.groups) == 2 and run.dashed and run.short:
        # "2026-08"
        return [Moment(Unit.MONTH, year=run.groups[0][0], month=last[0])]
    elif run.groups[0][0] < 1000 <= last[0] and len(run.groups) == 2 and run.dashed:
        # "11-2026"
        return [Moment(Unit.MONTH, year=last[0], month=run.groups[0][0])]
    elif any(number < 1000 for group in run.groups for number in group):
        return None
    moments = [moment_of(group, hint if len(group) == 1 else None, run) for group in run.groups]
    return None if any(moment is None for moment in moments) else [moment for moment in moments if moment is not None]
