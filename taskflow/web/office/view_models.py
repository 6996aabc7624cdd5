"""Values that the overview shows: tiles of exceptions, lines of the statistic with their links, periods to choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from taskflow.clock import today
from taskflow.domain.errors import Invalid
from taskflow.i18n import _, format_date
from taskflow.services.queries.coordination import CoordinationFigures
from taskflow.services.queries.statistics import Exceptions, Period, UnitFigures, UnitsOf, day_of_leads
from taskflow.web.addresses import address


@dataclass(frozen=True, slots=True)
class Tile:
    """One exception in a number that leads to its list."""

    label: str
    value: int
    url: str
    tone: str
    icon: str
    hint: str = ""


def tiles(found: Exceptions) -> list[Tile]:
    """The exceptions in the order in which an office works on them."""

    def tile(title: str, value: int, tone: str, icon: str, **query: str) -> Tile:
        return Tile(title, value, address("tasks.index", query), tone, icon)

    return [
        tile(_("Overdue"), found.overdue, "overdue", "exclamation-octagon-fill", label="overdue"),
        tile(_("Due today"), found.due_today, "near", "exclamation-triangle-fill", label="due_today"),
        tile(_("Due soon"), found.due_soon, "near", "clock-history", label="due_soon"),
        tile(
            _("Awaiting confirmation"),
            found.awaiting_confirmation,
            "near",
            "hourglass-split",
            state="awaiting_confirmation",
        ),
        tile(_("Extension asked"), found.extension_asked, "near", "calendar-plus", attention="extension_asked"),
        tile(_("Sent back by the unit"), found.sent_back, "near", "arrow-counterclockwise", attention="sent_back"),
        tile(_("For decision"), found.needs_decision, "near", "flag", attention="needs_decision"),
        tile(_("Urged too often"), found.urged_often, "near", "megaphone", attention="urged_often"),
        tile(_("Deadline to be set"), found.needs_deadline, "wait", "question-diamond", label="needs_deadline"),
        tile(_("Never acknowledged"), found.never_acknowledged, "wait", "inbox", attention="never_acknowledged"),
        tile(_("Waiting for coordination"), found.waiting_for_unit, "wait", "people", attention="waiting_for_unit"),
        tile(_("Not updated for long"), found.not_updated, "wait", "clock", attention="not_updated"),
    ]


@dataclass(frozen=True, slots=True)
class CoordinationLine:
    """What one unit owes others, with the list behind the numbers of open tasks."""

    figures: CoordinationFigures
    url: str


def coordination_lines(found: Sequence[CoordinationFigures]) -> list[CoordinationLine]:
    """The figures per unit with their links."""
    return [CoordinationLine(one, address("tasks.index", {"asked": str(one.unit_id)})) for one in found]


@dataclass(frozen=True, slots=True)
class StatisticLine:
    """One line of the 2×2 table."""

    name: str
    url: str
    total: int
    done_on_time: int
    done_late: int
    open_in_time: int
    open_overdue: int
    outside: int
    done_rate: float | None
    on_time_rate: float | None
    links: Mapping[str, str] = field(default_factory=dict)


def statistic(figures: UnitFigures, period: Period, units: UnitsOf = UnitsOf.THEN) -> StatisticLine:
    """A unit's figures with a link behind each number. Rates: finished of all counted, on time of all finished."""
    query: dict[str, str] = {}
    if figures.unit_id is not None:
        query["unit"] = str(figures.unit_id)
        day = day_of_leads(period, units)
        if units is UnitsOf.NOW:
            query["successor"] = "1"
        elif day is not None:
            query["led_on"] = day.isoformat()
    if period.due_from is not None:
        query["due_from"] = period.due_from.isoformat()
    if period.due_to is not None:
        query["due_to"] = period.due_to.isoformat()

    def link(**more: str) -> str:
        return address("tasks.index", query, **more)

    return StatisticLine(
        name=figures.unit,
        url=link(shown="all"),
        total=figures.total,
        done_on_time=figures.done_on_time,
        done_late=figures.done_late,
        open_in_time=figures.open_on_time,
        open_overdue=figures.open_late,
        outside=figures.outside,
        done_rate=round(100 * figures.done / figures.counted, 2) if figures.counted else None,
        on_time_rate=round(100 * figures.done_on_time / figures.done, 2) if figures.done else None,
        links={
            "total": link(shown="all", counted="all"),
            "done_on_time": link(counted="done_on_time"),
            "done_late": link(counted="done_late"),
            "open_in_time": link(counted="open_on_time"),
            "open_overdue": link(counted="open_late"),
            "outside": link(counted="outside"),
        },
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A period, or a way to count by unit, that can be chosen for the statistic."""

    label: str
    url: str
    active: bool


def period_of(query: Mapping[str, str]) -> Period:
    """The period that the address asks for ("2026", "2026-Q3"; nothing: all). Raises ``Invalid``."""
    text = query.get("period", "")
    if not text:
        return Period()
    year, _sep, quarter = text.partition("-Q")
    try:
        number = int(year)
        first = date(number, 1, 1) if not quarter else date(number, 3 * int(quarter) - 2, 1)
        last_month = 12 if not quarter else 3 * int(quarter)
        after = date(number + 1, 1, 1) if last_month == 12 else date(number, last_month + 1, 1)
    except ValueError as error:
        raise Invalid("filter.invalid", "period", value=text) from error
    return Period(due_from=first, due_to=date.fromordinal(after.toordinal() - 1))


def periods(endpoint: str, query: Mapping[str, str]) -> list[Choice]:
    """All time, the years around now, the quarters of this year."""
    year = today().year
    options = [
        ("", _("All time")),
        (str(year - 1), _("Year %(year)s", year=year - 1)),
        (str(year), _("Year %(year)s", year=year)),
    ]
    options += [
        (f"{year}-Q{n}", _("Quarter %(quarter)s/%(year)s", quarter=("I", "II", "III", "IV")[n - 1], year=year))
        for n in range(1, 5)
    ]
    return [
        Choice(label, _with(endpoint, query, "period", value), value == query.get("period", ""))
        for value, label in options
    ]


def units_of_query(query: Mapping[str, str]) -> UnitsOf:
    """The way to count by unit that the address asks for. Raises ``Invalid``."""
    text = query.get("units", "")
    try:
        return UnitsOf(text) if text else UnitsOf.THEN
    except ValueError as error:
        raise Invalid("filter.invalid", "units", value=text) from error


def groupings(endpoint: str, query: Mapping[str, str]) -> list[Choice]:
    """By the unit then and by the unit now; the first is what one sees without asking."""
    chosen = units_of_query(query)
    return [
        Choice(_("By the unit then"), _with(endpoint, query, "units", ""), chosen is UnitsOf.THEN),
        Choice(_("By the unit now"), _with(endpoint, query, "units", UnitsOf.NOW.value), chosen is UnitsOf.NOW),
    ]


def grouping_note(period: Period, units: UnitsOf) -> str:
    """What the way of counting means, in a sentence."""
    if units is UnitsOf.NOW:
        return str(_("Work of units that were merged or dissolved is counted for the unit that took over from them."))
    day = day_of_leads(period, units)
    if day is None:
        return str(_("Finished work is counted for the unit that delivered it, open work for the unit that leads it."))
    return str(
        _(
            "Finished work is counted for the unit that delivered it, open work for the unit that led it on %(day)s.",
            day=format_date(day),
        )
    )


def _with(endpoint: str, query: Mapping[str, str], name: str, value: str) -> str:
    """The statistic with one of its choices changed and the other kept."""
    chosen = {key: query[key] for key in ("period", "units") if query.get(key) and key != name}
    return address(endpoint, {**chosen, **({name: value} if value else {})}, _anchor="statistic")
