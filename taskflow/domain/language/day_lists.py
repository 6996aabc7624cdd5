"""Days that only what follows them explains: the "01" of "từ 01 đến 15/9/2026", the "25, 26" of "25, 26, 27/9/2026"."""

from __future__ import annotations

from taskflow.domain.language.facts import Found, Joined
from taskflow.domain.language.moments import Moment, Unit
from taskflow.domain.language.numbers import read_run
from taskflow.domain.language.tokens import Lexicon, Tokens
from taskflow.domain.language.units import read_unit

RANGE_MARKS = Lexicon(
    """
    - | den | toi | cho den | - > | → | ~ | ÷ | den het | toi het | den thoi diem | den cuoi ngay
    """
)
MOST_MOMENTS = 24


def day_alone(tokens: Tokens, place: int) -> Found | None:
    """The "01" of "từ 01 đến 15/9/2026": a day without "ngày" whose month stands at the other end."""
    day, mark_end = tokens.number(place), RANGE_MARKS.match(tokens, place + 1)
    if day is None or not 1 <= day <= 31 or len(tokens.word(place)) > 2 or mark_end is None:
        return None
    following = read_unit(tokens, filled(tokens, mark_end), Unit.DAY)
    if following is None or following.moments[0].unit is not Unit.DAY or following.moments[0].month is None:
        return None
    return Found((Moment(Unit.DAY, day=day),), place + 1)


def day_and_month(tokens: Tokens, place: int) -> Found | None:
    """The "25-9" or "25.9" of "25.9 đến 27.9.2026": short marks that the date at the other end explains."""
    run = read_run(tokens, place)
    numbers = [number for group in run.groups for number in group] if run is not None else []
    if run is None or len(numbers) != 2 or not (1 <= numbers[0] <= 31 and 1 <= numbers[1] <= 12):
        return None
    mark_end = RANGE_MARKS.match(tokens, run.end)
    following = read_unit(tokens, filled(tokens, mark_end)) if mark_end is not None else None
    if following is None or following.moments[0].unit is not Unit.DAY or following.moments[0].year is None:
        return None
    return Found((Moment(Unit.DAY, day=numbers[0], month=numbers[1]),), run.end)


def listed_days(tokens: Tokens, place: int) -> Found | None:
    """The "25, 26, 27/9/2026" that no word leads: days whose month stands with the last of them."""
    days: list[Moment] = []
    at = place
    while (day := tokens.number(at)) and day <= 31 and len(tokens.word(at)) <= 2 and len(days) < MOST_MOMENTS:
        days.append(Moment(Unit.DAY, day=day))
        if tokens.word(at + 1) not in (",", "va"):
            break
        at += 2
    last = read_unit(tokens, at) if len(days) > 1 and tokens.word(at + 1) == "/" else None
    if last is None or len(last.moments) > 1 or last.moments[0].unit is not Unit.DAY or last.moments[0].year is None:
        return None
    return Found((*days[:-1], *last.moments), last.end, Joined.LIST)


_FILLED = Lexicon("het | ngay | khoang | thoi diem | moc | truoc | cuoi ngay")


def filled(tokens: Tokens, place: int) -> int:
    """The place after words without weight between two ends of a range, but never the "ngày" of a date."""
    while (end := _FILLED.match(tokens, place)) is not None and not (
        tokens.word(place) == "ngay" and read_run(tokens, end) is not None
    ):
        if tokens.word(place) == "ngay":
            return place
        place = end
    return place
