"""Target against actual per year as a drawing: bars worked out from the numbers; the template only writes them as SVG.

Only what is a clear number is drawn; "< 3%" stands in the table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from taskflow.i18n import _
from taskflow.services.indicators import PERIOD, Point, number_of, when
from taskflow.services.period_words import period_words

HEIGHT, _TOP, _BOTTOM = 206, 26, 50
_BAR, _GROUP, _MARGIN = 46, 116, 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its value as written. ``kind``: baseline, target or actual. ``label_y``: where the value stands."""

    kind: str
    x: int
    y: float
    width: int
    height: float
    text: str
    label_y: float


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one year over its name. ``part``: the part of the year that the reading covers, "" for all of it."""

    name: str
    part: str
    x: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn, and the same in words. ``zero_y`` is the height of the line from which the bars grow."""

    width: int
    height: int
    zero_y: float
    groups: tuple[Group, ...]
    words: str


@dataclass(frozen=True, slots=True)
class _Value:
    kind: str
    number: Decimal
    text: str
    name: str
    #: Period of a reading that covers a part of its year.
    part: str = ""


def chart_of(points: Sequence[Point], baseline: str) -> Chart | None:
    """The chart of an indicator, years from left to right; None when there is nothing to compare."""
    columns = [*_baseline(baseline), *_years(points)]
    values = [value for _name, found in columns for value in found]
    if len(values) < 2:
        return None
    numbers = [0.0, *(float(one.number) for one in values)]
    low, high = min(numbers), max(numbers)
    scale = (HEIGHT - _TOP - _BOTTOM) / (high - low or 1)
    zero = _TOP + high * scale
    groups = []
    for place, (name, found) in enumerate(columns):
        middle = _MARGIN + place * _GROUP + _GROUP // 2
        left = middle - len(found) * _BAR // 2
        bars = tuple(_bar(value, left + n * _BAR, zero, scale) for n, value in enumerate(found))
        part = next((value.part for value in found if value.part), "")
        groups.append(Group(name, part, middle, bars))
    words = " ".join(f"{value.name}: {value.text}." for value in values)
    return Chart(2 * _MARGIN + len(columns) * _GROUP, HEIGHT, round(zero, 1), tuple(groups), words)


def _bar(value: _Value, x: int, zero: float, scale: float) -> Bar:
    size = float(value.number) * scale
    top = min(zero, zero - size)
    return Bar(
        kind=value.kind,
        x=x + 2,
        y=round(top, 1),
        width=_BAR - 4,
        height=round(max(abs(size), 1.0), 1),
        text=value.text,
        label_y=round(top - 5, 1),
    )


def _baseline(text: str) -> list[tuple[str, list[_Value]]]:
    number = number_of(text)
    return [] if number is None else [(_("Present value"), [_Value("baseline", number, text, _("Present value"))])]


def _years(points: Sequence[Point]) -> list[tuple[str, list[_Value]]]:
    """Numbers by year: the target, and the reading of the year or else the latest within it, with its period."""
    years: dict[str, dict[str, _Value]] = {}
    for point in sorted(points, key=lambda one: when(one.period)):
        group = point.period[:4] if PERIOD.fullmatch(point.period) else point.period
        found = years.setdefault(group, {})
        name = period_words(point.period)
        if point.target_value is not None:
            found["target"] = _Value("target", point.target_value, point.target, _("Target, %(period)s", period=name))
        if point.actual_value is not None:
            words = _("Reached, %(period)s", period=name)
            part = name if point.period != group else ""
            found["actual"] = _Value("actual", point.actual_value, point.actual, words, part)
    ordered = sorted(years.items())
    return [(year, [found[kind] for kind in ("target", "actual") if kind in found]) for year, found in ordered if found]
