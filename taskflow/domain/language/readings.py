"""From the facts of one clause to its readings: what each date, repetition or wait means for the document's date."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import BeforeMeans, DeadlineKind, allowed_through
from taskflow.domain.language.facts import Bound, Dates, Joined, Wait
from taskflow.domain.language.moments import ONE_DAY, ImpossibleDate, Moment, Part, Unit, placed
from taskflow.domain.language.plausible import doubts_of_day
from taskflow.domain.language.wording import day_text

_SPANNING = frozenset({Unit.WEEK, Unit.TERM, Unit.SCHOOL_YEAR, Unit.SUMMER})
_SPANNING_PARTS = frozenset({Part.FIRST_HALF, Part.SECOND_HALF, Part.FIRST_TEN, Part.SECOND_TEN, Part.LAST_TEN})
_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Context:
    """What a phrase is read with: the document's date, the office's calendar, its reading of "trước ngày X"."""

    issued: date | None
    calendar: WorkCalendar
    before_means: BeforeMeans


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning within a phrase. ``says`` puts it in Vietnamese; ``opens``: "từ X" that a later date may close.

    ``until`` is the last day of a repetition that ends, ``begins`` the first day of the period that is due.
    """

    kind: DeadlineKind
    start: date | None = None
    due: date | None = None
    rule: str | None = None
    exclusive: bool = False
    suggested: date | None = None
    problems: tuple[str, ...] = ()
    says: str = ""
    opens: bool = False
    until: date | None = None
    begins: date | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Dates with their years: the span they cover and what was assumed."""

    start: date
    end: date
    last: Moment
    problems: tuple[str, ...]


def unknown(problem: str, says: str) -> Reading:
    """A reading that leaves the deadline to a person."""
    return Reading(DeadlineKind.UNKNOWN, problems=(problem,), says=says)


def place_dates(dates: Dates, issued: date | None) -> Placed | str:
    """``dates`` in their years, or the code of the problem that prevents it. Raises ImpossibleDate."""
    last = dates.moments[-1]
    if not last.dated and last.relative is None:
        return "missing_month"
    if any(moment.year is None for moment in dates.moments) and issued is None:
        return "no_issue_date"
    problems: list[str] = []
    if last.year is None:
        assert issued is not None  # noqa: S101  # told apart just above; narrows the type
        problems.append("missing_year" if last.relative is None else "relative_date")
        last, moved = placed(last, issued)
        problems += ["next_year"] if moved else []
    spans = [_in_year_of(moment, last, issued).span() for moment in dates.moments[:-1]] + [last.span()]
    start, end = spans[0][0], spans[-1][1]
    if dates.joined is Joined.LIST:
        start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    return Placed(start, end, last, (*problems, *_doubts(dates, last)))


def _in_year_of(moment: Moment, last: Moment, issued: date | None) -> Moment:
    if moment.year is not None or last.year is None:
        return moment
    if moment.relative is not None and issued is not None:
        return placed(moment, issued)[0]
    if moment.unit is last.unit and moment.month is None and moment.unit is Unit.DAY:
        moment = replace(moment, month=last.month)
    same = replace(moment, year=last.year, relative=None)
    return replace(same, year=last.year - 1) if same.first() > last.last() else same


def _doubts(dates: Dates, last: Moment) -> list[str]:
    """Problem codes that follow from the wording alone."""
    found = []
    moments = dates.moments
    if any(moment.short_year for moment in moments):
        found.append("two_digit_year")
    if dates.bad_clock:
        found.append("impossible_time")
    if dates.serial:
        found.append("spreadsheet_serial")
    if any(moment.part in (Part.START, Part.MIDDLE) for moment in moments):
        found.append("part_of_period")
    if last.unit in (Unit.TERM, Unit.SCHOOL_YEAR, Unit.SUMMER) or last.festival == "khai giảng":
        found.append("school_calendar")
    if last.unit is Unit.WEEK and last.month is not None:
        found.append("week_of_month")
    if any(moment.lunar for moment in moments):
        found.append("lunar")
    bare_pair = len(moments) == 2 and all(moment.unit is Unit.YEAR for moment in moments) and not dates.stage
    if bare_pair and dates.bound is Bound.NONE and (moments[1].year or 0) - (moments[0].year or 0) == 1:
        found.append("maybe_school_year")
    return found


def read_dated(dates: Dates, context: Context) -> Reading:
    """What ``dates`` mean as a deadline. An impossible or reversed date reads as unknown."""
    if _of_another_year(dates):
        return _beside_a_year(dates, context)
    try:
        where = place_dates(dates, context.issued)
    except ImpossibleDate:
        return unknown("impossible_date", "ngày ghi không có thật")
    if isinstance(where, str):
        return _unplaced(dates, where, context.issued)
    if where.start > where.end:
        return unknown("reversed_range", "mốc kết thúc đứng trước mốc bắt đầu")
    return _with_issue_check(_bounded(dates, where, context), context.issued, where)


def _of_another_year(dates: Dates) -> bool:
    """Whether a day or month of "năm trước", "năm sau" is meant: the year of what, only a person can tell."""
    first, last = dates.moments[0], dates.moments[-1]
    if dates.joined is Joined.RANGE and (first.year is not None or first.relative == 0):
        return False
    return (last.relative or 0) < 0 or (
        bool(last.relative) and last.unit is not Unit.YEAR and last.dated and _numbered(last)
    )


def _numbered(moment: Moment) -> bool:
    return moment.month is not None or moment.index is not None


def _beside_a_year(dates: Dates, context: Context) -> Reading:
    suggested = None
    try:
        where = place_dates(dates, context.issued)
        if isinstance(where, Placed) and (dates.moments[-1].relative or 0) > 0:
            suggested = where.end
    except ImpossibleDate:
        return unknown("impossible_date", "ngày ghi không có thật")
    says = "năm được tính so với một năm khác, cần xác định năm"
    return Reading(DeadlineKind.CONDITIONAL, suggested=suggested, problems=("relative_year",), says=says)


def _unplaced(dates: Dates, problem: str, issued: date | None) -> Reading:
    if problem == "missing_month":
        day = dates.moments[-1].day or 1
        return replace(unknown(problem, f"ngày {day} nhưng không ghi tháng"), suggested=_next_day_of_month(day, issued))
    spanning = dates.joined is not Joined.SINGLE or dates.unit in _SPANNING
    kind = DeadlineKind.RANGE if spanning else DeadlineKind.DATE
    return Reading(kind, problems=(problem,), says="thiếu năm và chưa có ngày ban hành để suy ra")


def _next_day_of_month(day: int, issued: date | None) -> date | None:
    if issued is None:
        return None
    month = issued
    for _ in range(3):
        if day <= monthrange(month.year, month.month)[1] and month.replace(day=day) >= issued:
            return month.replace(day=day)
        month = month.replace(day=1) + timedelta(days=31)
    return None


def _bounded(dates: Dates, where: Placed, context: Context) -> Reading:
    """The reading by the words before the dates: từ, sau, trước, or none that changes the day."""
    start, end, problems = where.start, where.end, where.problems
    single = dates.joined is Joined.SINGLE
    if dates.bound is Bound.AFTER and single:
        says = f"chỉ bắt đầu sau {day_text(end)}, chưa có hạn cuối"
        return Reading(DeadlineKind.CONDITIONAL, start=end + ONE_DAY, problems=(*problems, "no_day"), says=says)
    if single and (dates.bound is Bound.FROM or (dates.onward and dates.unit >= Unit.YEAR)):
        says = f"làm liên tục từ {day_text(start)}, không có hạn cuối"
        return Reading(DeadlineKind.CONTINUOUS, start=start, problems=problems, says=says, opens=not dates.onward)
    if dates.since_now:
        begins = context.issued if context.issued is not None and context.issued <= end else None
        if dates.bound is Bound.BEFORE:
            return _from_until_before(begins, _before(dates, where, context))
        return Reading(DeadlineKind.RANGE, begins, end, problems=problems, says=_range_says(begins, end))
    if dates.bound is Bound.BEFORE and dates.joined is Joined.RANGE and dates.unit <= Unit.QUARTER:
        says = f"“trước {day_text(start)}” và “đến {day_text(end)}” trái nhau, không rõ mốc nào là hạn"
        return replace(unknown("bounds_contradict", says), suggested=end)
    if dates.bound is Bound.BEFORE:
        first = _before(dates, where, context)
        if not dates.onward:
            return first
        says = f"{first.says}, sau đó làm tiếp"
        return replace(first, kind=DeadlineKind.MIXED, problems=(*first.problems, "mixed"), says=says)
    if dates.onward and single:
        says = f"hạn đầu {day_text(end)}, sau đó làm tiếp"
        return Reading(DeadlineKind.MIXED, due=end, problems=(*problems, "mixed"), says=says)
    if dates.before_end:
        return _from_until_before(start, _before(dates, where, context))
    if not single:
        several = dates.joined is Joined.LIST and dates.unit is Unit.DAY
        extra = ("several_dates",) if several else ()
        return Reading(DeadlineKind.RANGE, start, end, problems=(*problems, *extra), says=_range_says(start, end))
    target = ("maybe_target",) if dates.target and dates.unit is Unit.YEAR else ()
    return _single(dates, where, (*problems, *target))


def _single(dates: Dates, where: Placed, problems: tuple[str, ...]) -> Reading:
    last = where.last
    spanning = last.part in _SPANNING_PARTS if last.part is not None else last.unit in _SPANNING
    if spanning and not dates.finishing:
        return Reading(
            DeadlineKind.RANGE, where.start, where.end, problems=problems, says=_range_says(where.start, where.end)
        )
    return Reading(
        DeadlineKind.DATE, due=where.end, problems=problems, says=f"hạn {day_text(where.end)}{_reason(last)}"
    )


def _reason(moment: Moment) -> str:
    """Why the due day is the one it is, where the words do not say a day."""
    if moment.festival:
        return f" ({moment.festival})"
    if moment.lunar:
        return " (ngày âm lịch đã đổi ra dương lịch)"
    if moment.unit is Unit.DAY or moment.part is Part.START:
        return ""
    if moment.part is not None:
        return f" ({moment.part.value} kỳ theo Điều 146 Bộ luật Dân sự)" if moment.part is Part.MIDDLE else ""
    names = {
        Unit.MONTH: "tháng",
        Unit.QUARTER: "quý",
        Unit.YEAR: "năm",
        Unit.TERM: "học kỳ",
        Unit.SCHOOL_YEAR: "năm học",
    }
    return f" (ngày cuối {names.get(moment.unit, 'kỳ')})"


def _range_says(start: date | None, end: date) -> str:
    return f"từ {day_text(start)} đến {day_text(end)}" if start else f"từ nay đến {day_text(end)}"


def _from_until_before(start: date | None, end: Reading) -> Reading:
    """ "từ … đến trước …": the end is read as "trước …" alone is."""
    if start is not None and end.due is not None and start > end.due:
        return unknown("reversed_range", "mốc kết thúc đứng trước mốc bắt đầu")
    since = f"từ {day_text(start)}" if start else "từ nay"
    return replace(end, kind=DeadlineKind.RANGE, start=start, says=f"{since}; {end.says}")


def _before(dates: Dates, where: Placed, context: Context) -> Reading:
    """ "trước ngày X": due is X, exclusive; "trước tháng 6": the day before it begins (decision 1)."""
    last, problems = where.last, where.problems
    several = ("several_dates",) if dates.joined is Joined.LIST else ()
    names_day = (last.unit is Unit.DAY and not last.festival) or last.part is Part.MIDDLE
    if names_day and not dates.clock:
        due = allowed_through(where.end, exclusive=True, before_means=context.before_means)
        kind = DeadlineKind.RANGE if several else DeadlineKind.DATE
        start = where.start if several else None
        says = f"trước ngày {day_text(where.end)}, hạn danh nghĩa {day_text(due)}"
        return Reading(kind, start, due, exclusive=True, problems=(*problems, *several), says=says)
    if dates.clock or last.part is Part.END:
        return Reading(DeadlineKind.DATE, due=where.end, problems=problems, says=f"hạn {day_text(where.end)}")
    due = last.first() - ONE_DAY
    what = f"trước {last.festival}" if last.festival else "ngày liền trước kỳ được nêu"
    return Reading(
        DeadlineKind.DATE, due=due, problems=(*problems, "before_period"), says=f"hạn {day_text(due)} ({what})"
    )


def _with_issue_check(reading: Reading, issued: date | None, where: Placed) -> Reading:
    """``reading`` with its assumptions on the year in words, and a doubt where it ends before the document begins."""
    notes = []
    if "next_year" in reading.problems:
        notes.append(f"văn bản không ghi năm và ngày này trong năm ban hành đã qua nên lấy năm {where.end.year}")
    elif "missing_year" in reading.problems:
        notes.append(f"văn bản không ghi năm nên lấy theo ngày ban hành {day_text(issued)}" if issued else "")
    problems = reading.problems
    early = [code for code in doubts_of_day(reading.due, issued) if code == "due_before_issue"]
    if early:
        problems = (*problems, *early)
        notes.append(f"sớm hơn ngày ban hành {day_text(issued)}" if issued else "")
    says = "; ".join([reading.says, *[note for note in notes if note]])
    return replace(reading, problems=problems, says=says, begins=where.start)


def read_wait_for(wait: Wait, context: Context) -> Reading:
    """What a stretch of time from an event means; a date is only offered, and only where the start is known."""
    units = {"day": "ngày làm việc" if wait.working else "ngày", "week": "tuần", "month": "tháng", "year": "năm"}
    length = f"{wait.amount} {units.get(wait.unit, 'giờ')}"
    since = wait.anchor or (context.issued if wait.from_issue else None)
    suggested = None
    if since is not None:
        try:
            suggested = _later(since, wait, context.calendar)
        except OverflowError:
            suggested = None
    if suggested is not None and since is not None:
        source = "ngày ban hành" if wait.from_issue else "mốc"
        says = f"{length} kể từ {source} {day_text(since)}, đề xuất hạn {day_text(suggested)} chờ xác nhận"
    else:
        says = f"{length} {'trước' if wait.before_event else 'kể từ'} một sự kiện chưa có ngày"
    return Reading(DeadlineKind.CONDITIONAL, suggested=suggested, problems=("waits_for_event",), says=says)


def _later(since: date, wait: Wait, calendar: WorkCalendar) -> date:
    """The last day of ``wait`` counted from ``since``: the day itself is not counted (BLDS 2015, Đ.147, Đ.148)."""
    if wait.unit == "hour":
        return since + timedelta(days=-(-wait.amount // _HOURS_A_DAY))
    if wait.unit == "day":
        return calendar.add_working_days(since, wait.amount) if wait.working else since + timedelta(days=wait.amount)
    if wait.unit == "week":
        return since + timedelta(weeks=wait.amount)
    months = {"month": 1, "year": 12}[wait.unit] * wait.amount
    years, month = divmod(since.month - 1 + months, 12)
    year = since.year + years
    if year > 9999:
        raise OverflowError(year)
    return date(year, month + 1, min(since.day, monthrange(year, month + 1)[1]))
