"""From the facts of a phrase to one reading: what belongs together, what only seems to be a date, what is mixed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.language.facts import Bound, Dates, Fact, Joined, Plain, Remark, Repeat, Wait
from taskflow.domain.language.moments import ImpossibleDate, Unit
from taskflow.domain.language.readings import Context, Placed, Reading, place_dates, read_dated, read_wait_for, unknown
from taskflow.domain.language.rules import rule_of
from taskflow.domain.language.tokens import Tokens
from taskflow.domain.language.wording import first_time_text, rule_text

_DELIMITERS = frozenset(",;():.-")
_LEAP_YEAR = 2024  # for comparing days when no year is written
_UNKNOWN_SAYS = {
    Remark.DITTO: ("ditto", "như dòng trên"),
    Remark.DONE: ("status_not_deadline", "đây là tình trạng, không phải thời hạn"),
    Remark.UNDETERMINED: ("undetermined", "văn bản chưa xác định thời hạn"),
    Remark.CANCELLED: ("not_to_be_done", "văn bản ghi không thực hiện, bỏ hoặc hoãn"),
    Remark.PERIODIC: ("period_unknown", "có định kỳ nhưng không rõ chu kỳ"),
    Remark.VAGUE: ("vague", "theo kế hoạch hoặc lộ trình khác, không có ngày"),
}


def compose(tokens: Tokens, parts: list[list[Fact]], context: Context) -> Reading:
    """The reading of the clauses ``parts`` together."""
    facts = [fact for part in parts for fact in part]
    if _has(facts, Remark.IMPOSSIBLE):
        return unknown("impossible_date", "ngày, tháng hoặc quý ghi không có thật")
    if _has(facts, Remark.BLANK):
        return unknown("blank_date", "để trống ngày hoặc tháng")
    if _has(facts, Remark.CANCELLED):
        return unknown(*_UNKNOWN_SAYS[Remark.CANCELLED])
    readings = [reading for part in parts for reading in read_clause(tokens, part, context)]
    return _combined(readings)


def _has(facts: list[Fact], remark: Remark) -> bool:
    return any(isinstance(fact, Plain) and fact.remark is remark for fact in facts)


def read_clause(tokens: Tokens, facts: list[Fact], context: Context) -> list[Reading]:
    """The readings of one clause."""
    for remark in (Remark.DITTO, Remark.DONE, Remark.UNDETERMINED):
        if _has(facts, remark):
            return [unknown(*_UNKNOWN_SAYS[remark])]
    repeats = [fact for fact in facts if isinstance(fact, Repeat)]
    dates = _meant_dates(tokens, facts)
    if any(isinstance(fact, Wait) or (isinstance(fact, Plain) and fact.remark is Remark.EVENT) for fact in facts):
        dates = [d for d in dates if d.moments[-1].dated or repeats]
    readings: list[Reading] = []
    if not repeats and (each := next((d for d in dates if d.each), None)):
        repeats = [Repeat(unit=Unit.YEAR, begin=each.begin, end=each.begin)]
    if not repeats and _has(facts, Remark.PERIODIC) and len(dates) == 1 and _yearless_day(dates[0]):
        assumed = _repeated(tokens, [Repeat(unit=Unit.YEAR)], dates, context)
        readings += [replace(reading, problems=(*reading.problems, "period_assumed")) for reading in assumed]
    elif repeats:
        readings += _repeated(tokens, repeats, dates, context)
    else:
        readings += _dated(dates, context)
    return _with_remarks(facts, readings, context)


def _with_remarks(facts: list[Fact], readings: list[Reading], context: Context) -> list[Reading]:
    """``readings`` of dates and repetitions with what the remarks of the clause add, or stand for if there are none."""
    waits = [fact for fact in facts if isinstance(fact, Wait)]
    events = [fact for fact in facts if isinstance(fact, Plain) and fact.remark is Remark.EVENT]
    tied = [wait for wait in waits if not wait.loose]
    if readings and (tied or events) and not any(event.joined for event in events):
        readings = [_also_conditional(reading) for reading in readings]
    elif not readings and waits and not (all(wait.loose for wait in waits) and events):
        readings = [read_wait_for(waits[0], context)]
    elif events:
        says = "chờ sự kiện được nêu, chưa có ngày"
        readings = [*readings, Reading(DeadlineKind.CONDITIONAL, problems=("waits_for_event",), says=says)]
    if _has(facts, Remark.PERIODIC) and not readings and not _has(facts, Remark.CONTINUOUS):
        return [unknown(*_UNKNOWN_SAYS[Remark.PERIODIC])]
    if _has(facts, Remark.CONTINUOUS):
        continuous = Reading(DeadlineKind.CONTINUOUS, says="việc thường xuyên, không có hạn cuối")
        readings = [r for r in readings if r.kind is not DeadlineKind.CONDITIONAL or any(e.joined for e in events)]
        readings = [*readings, continuous]
    if _has(facts, Remark.SPORADIC):
        says = "đột xuất khi có yêu cầu"
        readings = [*readings, Reading(DeadlineKind.CONDITIONAL, problems=("waits_for_event",), says=says)]
    if not readings and _has(facts, Remark.IMMEDIATE):
        says = "phải làm ngay, không ghi ngày"
        readings = [Reading(DeadlineKind.DATE, suggested=context.issued, problems=("immediate",), says=says)]
    if not readings and _has(facts, Remark.VAGUE):
        readings = [unknown(*_UNKNOWN_SAYS[Remark.VAGUE])]
    return readings


def _also_conditional(reading: Reading) -> Reading:
    dated = reading.kind in (DeadlineKind.DATE, DeadlineKind.RANGE)
    return replace(reading, problems=(*reading.problems, "also_conditional")) if dated else reading


def _yearless_day(dates: Dates) -> bool:
    last = dates.moments[-1]
    return (
        last.unit in (Unit.DAY, Unit.MONTH, Unit.QUARTER) and last.dated and last.year is None and last.relative is None
    )


def _meant_dates(tokens: Tokens, facts: list[Fact]) -> list[Dates]:
    """The dates of a clause that are its deadline: not those inside an event, nor the year of a plan's title."""
    scope_end: int | None = None
    found: list[Dates] = []
    for fact in facts:
        if (isinstance(fact, Wait) and not fact.loose) or (
            isinstance(fact, Plain) and fact.remark in (Remark.EVENT, Remark.VAGUE)
        ):
            scope_end = fact.end
        elif isinstance(fact, Dates):
            apart = scope_end is not None and any(tokens.word(at) in _DELIMITERS for at in range(scope_end, fact.begin))
            if _is_citation(tokens, fact):
                continue
            if scope_end is None or fact.firm or (apart and fact.marked):
                found.append(fact)
    repeated = any(isinstance(fact, Repeat) for fact in facts)
    return _narrowed(found if repeated else _year_shared(found))


def _is_citation(tokens: Tokens, dates: Dates) -> bool:
    """Whether the full date is that of somebody's paper: "ngày 22/12/2024 của Bộ Chính trị"."""
    cited = dates.unit is Unit.DAY and dates.moments[-1].year is not None and not dates.marked
    return cited and tokens.word(dates.end) == "cua"


def _year_shared(dates: list[Dates]) -> list[Dates]:
    """``dates`` where a year beside finer dates without one has become theirs: "năm 2026: trước ngày 15/12"."""
    years = [d for d in dates if d.unit is Unit.YEAR and d.joined is Joined.SINGLE and d.moments[0].part is None]
    bare = [d for d in dates if d.unit < Unit.YEAR and all(m.year is None and m.relative is None for m in d.moments)]
    dates = [_in_year_beside(d, dates) if d in bare and d.unit < Unit.QUARTER else d for d in dates]
    if len(years) != 1 or not bare or years[0].bound is Bound.FROM or years[0].onward:
        return dates
    bare = [d for d in dates if d.unit < Unit.YEAR and all(m.year is None and m.relative is None for m in d.moments)]
    year = years[0].moments[0].year
    if year is None:
        return dates
    shared = [replace(d, moments=tuple(replace(m, year=year) for m in d.moments)) if d in bare else d for d in dates]
    return [d for d in shared if d is not years[0]]


def _in_year_beside(day: Dates, dates: list[Dates]) -> Dates:
    """``day`` in the year of the month or quarter beside it that holds it: "quý IV/2026 (trước ngày 15/12)"."""
    for other in dates:
        year = other.moments[-1].year
        if year is None or not Unit.MONTH <= other.unit <= Unit.QUARTER or not day.moments[-1].dated:
            continue
        dated = replace(day, moments=tuple(replace(m, year=year) for m in day.moments))
        if _more_exact(dated, other):
            return dated
    return day


def _narrowed(dates: list[Dates]) -> list[Dates]:
    """``dates`` without those that a finer one makes more exact: "quý IV/2026 (trước ngày 15/12/2026)"."""
    kept = []
    for place, one in enumerate(dates):
        others = dates[:place] + dates[place + 1 :]
        if not any(_more_exact(other, one) for other in others):
            kept.append(one)
    return kept


def _more_exact(fine: Dates, coarse: Dates) -> bool:
    if coarse.joined is not Joined.SINGLE or Bound.FROM in (fine.bound, coarse.bound) or fine.unit >= coarse.unit:
        return False
    if coarse.moments[-1].part is not None:
        return _within(coarse, fine)
    if coarse.unit < Unit.MONTH:
        return False
    if fine.marked and not coarse.marked and coarse.unit >= Unit.TERM:
        return True
    fine_year, coarse_year = fine.moments[-1].year, coarse.moments[-1].year
    if coarse_year is None and (fine_year is None or coarse.unit in (Unit.TERM, Unit.SCHOOL_YEAR)):
        return fine.marked and (fine_year is not None or _within(fine, coarse))
    return fine_year is not None and _within(fine, coarse)


def _within(inner: Dates, outer: Dates) -> bool:
    """Whether ``inner`` ends inside ``outer``; a year written in only one of them counts for both."""
    one, other = inner.moments[-1], outer.moments[-1]
    if not (one.dated and other.dated):
        return False
    year = one.year or other.year or _LEAP_YEAR
    try:
        one, other = (replace(moment, year=moment.year or year, relative=None) for moment in (one, other))
        return other.first() <= one.last() <= other.last()
    except ImpossibleDate:
        return False


def _dated(dates: list[Dates], context: Context) -> list[Reading]:
    readings = [read_dated(d, context) for d in dates]
    bare_year = len(dates) == 1 and dates[0].unit is Unit.YEAR and not dates[0].marked and dates[0].begin > 3
    if bare_year:
        readings = [replace(reading, problems=(*reading.problems, "bare_year_in_text")) for reading in readings]
    return readings


def _repeated(tokens: Tokens, repeats: list[Repeat], dates: list[Dates], context: Context) -> list[Reading]:
    """Repetitions with the days that belong to them and the years that bound them; other dates apart."""
    repeat = _main(repeats)
    anchors = [
        d
        for d in dates
        if all(m.year is None for m in d.moments) and (d.bound is not Bound.FROM or d.joined is Joined.RANGE)
    ]
    bounds = [d for d in dates if d not in anchors and _bounds(tokens, d, repeat)]
    others = [d for d in dates if d not in anchors and d not in bounds]
    try:
        rule = rule_of(repeat, anchors)
    except ImpossibleDate:
        return [unknown("impossible_date", "ngày ghi không có thật")]
    start, until, impossible = _limits(bounds, context)
    if impossible:
        return [unknown("impossible_date", "ngày ghi không có thật")]
    text = f"{rule.text};UNTIL={until:%Y%m%d}" if until is not None else rule.text
    exclusive = repeat.exclusive or any(
        d.bound is Bound.BEFORE and not d.clock and d.unit is Unit.DAY and not repeat.clock for d in anchors
    )
    problems = _repeat_problems(
        rule.day_known, rule.lunar, several=repeat.several or len({r.unit for r in repeats}) > 1
    )
    says = rule_text(text, exclusive=exclusive) + first_time_text(text, context.issued, start)
    recurring = Reading(DeadlineKind.RECURRING, start, None, text, exclusive, problems=problems, says=says, until=until)
    return [recurring, *_dated(others, context)]


def _main(repeats: list[Repeat]) -> Repeat:
    """The repetition that rules: one that names its day, else the finest."""
    named = [r for r in repeats if r.monthday is not None or r.weekdays or r.workday]
    return named[0] if named else min(repeats, key=lambda r: (r.unit, r.interval, -r.times))


def _repeat_problems(day_known: bool, lunar: bool, *, several: bool) -> tuple[str, ...]:
    found = [] if day_known else ["lunar_rule" if lunar else "day_open"]
    return tuple([*found, "several_periods"] if several else found)


def _bounds(tokens: Tokens, dates: Dates, repeat: Repeat) -> bool:
    """Whether dates with a year say from when or until when work repeats, rather than when a result is due."""
    if any(tokens.word(at) == "va" for at in range(dates.end, repeat.begin)):
        return dates.bound is Bound.FROM
    if (
        dates.each
        or dates.bound in (Bound.FROM, Bound.AFTER)
        or dates.joined is Joined.RANGE
        or dates.target
        or dates.onward
    ):
        return True
    return dates.unit >= Unit.YEAR or (dates.unit > repeat.unit and not dates.firm)


def _limits(bounds: list[Dates], context: Context) -> tuple[date | None, date | None, bool]:
    """First and last day of a repetition, and whether one of them is impossible."""
    start: date | None = None
    until: date | None = None
    for bound in bounds:
        try:
            where = place_dates(bound, context.issued)
        except ImpossibleDate:
            return None, None, True
        if not isinstance(where, Placed):
            continue
        if where.start > where.end:
            return None, None, True
        open_start = bound.joined is Joined.SINGLE and (bound.bound is Bound.BY and bound.finishing)
        if not open_start and bound.bound is not Bound.BEFORE:
            start = where.start if start is None else min(start, where.start)
        if bound.joined is Joined.SINGLE and (bound.bound in (Bound.FROM, Bound.AFTER) or bound.onward):
            continue
        end = where.last.first() if bound.bound is Bound.BEFORE else where.end
        until = end if until is None else max(until, end)
    return start, until, False


def _combined(readings: list[Reading]) -> Reading:
    """One reading out of several: two dates are a range, two kinds are mixed."""
    known = [reading for reading in readings if reading.kind is not DeadlineKind.UNKNOWN]
    refused = [r for r in readings if {"impossible_date", "reversed_range", "bounds_contradict"} & set(r.problems)]
    if refused:
        return refused[0]
    if not known:
        return readings[0] if readings else unknown("not_understood", "chưa hiểu được thời hạn")
    if len(known) == 1:
        return known[0]
    dated = [r for r in known if r.due is not None]
    last = max((r.due for r in dated if r.due is not None), default=date.min)
    opening = next((r for r in known if r.opens and r.start is not None and r.start <= last), None)
    if len(dated) > 1 or opening is not None:
        return _spanning(known, dated, opening)
    kinds = {reading.kind for reading in known}
    if len(kinds) == 1:
        return _same_kind(known)
    return _mixed(known, dated)


def _spanning(known: list[Reading], dated: list[Reading], opening: Reading | None) -> Reading:
    """Several results in one cell: from the first to the last of them."""
    last = max(dated, key=lambda reading: reading.due or date.min)
    ends = [reading.until for reading in known if reading.until is not None]
    end = max([*ends, last.due or date.min])
    # "trước tháng 1" ends before the month it names begins.
    begins = [min(r.start or r.begins or end, r.due or end) for r in dated]
    if opening is not None and opening.start is not None:
        begins.append(opening.start)
    start = min(begins)
    problems = tuple(dict.fromkeys(code for reading in dated for code in reading.problems))
    if len(dated) > 1:
        problems = (*problems, "several_dates")
    says = (
        "nhiều mốc: " + "; ".join(reading.says for reading in dated)
        if len(dated) > 1
        else f"bắt đầu {start:%d/%m/%Y}, {last.says}"
    )
    return Reading(
        DeadlineKind.RANGE, start, end, exclusive=last.exclusive and end == last.due, problems=problems, says=says
    )


def _same_kind(known: list[Reading]) -> Reading:
    first = known[0]
    if first.kind is DeadlineKind.RECURRING:
        return replace(first, problems=(*first.problems, "several_periods"))
    started = next((reading for reading in known if reading.start is not None), first)
    return replace(first, start=started.start)


def _mixed(known: list[Reading], dated: list[Reading]) -> Reading:
    """A dated result beside repeated, continuous or waiting work."""
    main = dated[0] if dated else None
    recurring = next((reading for reading in known if reading.rule is not None), None)
    shown = main or recurring or known[0]
    start = next((reading.start for reading in known if reading.start is not None), None)
    if start is not None and main is not None and main.due is not None and start > main.due:
        # What goes on after the dated result begins later; the result itself has no first day.
        start = None
    problems = tuple(dict.fromkeys([*(code for reading in known for code in reading.problems), "mixed"]))
    return Reading(
        DeadlineKind.MIXED,
        start,
        main.due if main else None,
        recurring.rule if recurring else None,
        shown.exclusive,
        problems=problems,
        says="; ".join(_says_beside(reading, dated=bool(dated)) for reading in known),
    )


def _says_beside(reading: Reading, *, dated: bool) -> str:
    """What ``reading`` says in a mixed one: beside a date, endless work does not deny that there is one."""
    if dated and reading.kind is DeadlineKind.CONTINUOUS and reading.start is None:
        return "đồng thời là việc làm thường xuyên"
    return reading.says
