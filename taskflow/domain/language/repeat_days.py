"""Days that repeat: "thứ Năm hằng tuần", "ngày 20 của tháng cuối quý", "ngày làm việc cuối cùng của tháng"."""

from __future__ import annotations

from dataclasses import replace

from taskflow.domain.language.dates import read_clock
from taskflow.domain.language.facts import Repeat
from taskflow.domain.language.moments import Unit
from taskflow.domain.language.numbers import read_amount, read_run
from taskflow.domain.language.periods import EVERY, ends_period, read_period, read_period_name
from taskflow.domain.language.tokens import Lexicon, Tokens

_WEEKDAYS = {
    "hai": "MO", "2": "MO", "ba": "TU", "3": "TU", "tư": "WE", "tu": "WE", "4": "WE",
    "năm": "TH", "nam": "TH", "5": "TH",
    "sáu": "FR", "sau": "FR", "6": "FR", "bảy": "SA", "bẩy": "SA", "bay": "SA", "7": "SA",
}  # fmt: skip
DAYTIME = Lexicon("sang | chieu | buoi sang | buoi chieu | vao | ngay | cac ngay | truoc | cham nhat | vao ngay")
_NEXT = Lexicon("tiep theo | sau | ke tiep | lien ke | tiep sau | ke sau | sau lien ke | tiep theo lien ke | sau do")
_THIS_MONTH = Lexicon("cua thang | trong thang | cua ky bao cao thang | cua thang bao cao | thang bao cao")
_REPORTED = Lexicon(
    """
    sau thang ky bao cao | cua thang bao cao | sau thang bao cao | cua ky bao cao | ky bao cao | thang bao cao
    """
)
_LAST_WORKDAY = Lexicon("ngay lam viec cuoi cung | ngay lam viec cuoi")
_FIRST_WORKDAY = Lexicon("ngay lam viec dau tien | ngay lam viec dau")
_LAST_DAY = Lexicon("ngay cuoi cung | ngay cuoi")


def read_weekday(tokens: Tokens, place: int) -> tuple[str, int] | None:
    if tokens.word(place) == "chu" and tokens.exact(place + 1) in ("nhật", "nhat"):
        return "SU", place + 2
    if tokens.word(place) != "thu" or tokens.spaced(place + 1) is None:
        return None
    day = _WEEKDAYS.get(tokens.exact(place + 1))
    return None if day is None else (day, place + 2)


def on_weekday(tokens: Tokens, place: int) -> Repeat | None:
    """ "trước 10h00 thứ Năm hằng tuần", "thứ Hai đầu tháng", "chiều thứ 6 tuần cuối hằng tháng" """
    at = DAYTIME.skip(tokens, place)
    exclusive = at > place and tokens.word(place) == "truoc"
    clock = read_clock(tokens, at)
    at = clock if clock is not None else at
    at = DAYTIME.skip(tokens, at + 1 if tokens.word(at) in (",", "-") and clock is not None else at)
    found = read_weekday(tokens, at)
    if found is None:
        return None
    days, at = [found[0]], found[1]
    while tokens.word(at) in (",", "va", "-") and (more := read_weekday(tokens, at + 1)):
        days, at = [*days, more[0]], more[1]
    exclusive = exclusive and clock is None
    repeat = Repeat(unit=Unit.WEEK, weekdays=tuple(days), clock=clock is not None, exclusive=exclusive, end=at)
    return _weekday_period(tokens, repeat)


def _weekday_period(tokens: Tokens, repeat: Repeat) -> Repeat | None:
    at = repeat.end + 1 if tokens.word(repeat.end) in (",", "cua") else repeat.end
    ordinal = None
    if tokens.word(at) == "tuan" and tokens.word(at + 1) in ("dau", "cuoi"):
        at += 1
    elif tokens.word(at) == "tuan" and (week := _week_of_month(tokens, at + 1)):
        ordinal, at = week
    if tokens.word(at) in ("dau", "cuoi"):
        ordinal = 1 if tokens.word(at) == "dau" else -1
        at += 2 if tokens.word(at + 1) in ("tien", "cung") else 1
        at = at + 1 if tokens.word(at) == "cua" else at
    every = EVERY.match(tokens, at)
    unit = read_period_name(tokens, every or at)
    if unit is None or (every is None and ordinal is None) or tokens.number(unit[1]) is not None:
        return None
    if ordinal is None or unit[0] is Unit.WEEK:  # "thứ Hai đầu tuần"
        return replace(repeat, end=unit[1]) if unit[0] is Unit.WEEK else None
    return replace(repeat, unit=Unit.MONTH, ordinal=ordinal, end=unit[1]) if unit[0] is Unit.MONTH else None


def _week_of_month(tokens: Tokens, place: int) -> tuple[int, int] | None:
    """The number of "thứ 2" or "3" after "tuần", with the place after it."""
    at = place + 1 if tokens.word(place) == "thu" else place
    if tokens.word(at) == "nhat" and at > place:
        return 1, at + 1
    number = read_amount(tokens, at)
    return number if number is not None and 1 <= number[0] <= 4 else None


def on_workday(tokens: Tokens, place: int) -> Repeat | None:
    """ "ngày làm việc cuối cùng của tháng" """
    last = _LAST_WORKDAY.match(tokens, place)
    at = last or _FIRST_WORKDAY.match(tokens, place)
    if at is None:
        return None
    at = at + 1 if tokens.word(at) in ("cua", "trong") else at
    at = EVERY.match(tokens, at) or at
    unit = read_period_name(tokens, at)
    if unit is None or tokens.number(unit[1]) is not None or tokens.roman(unit[1]) is not None:
        return None
    return Repeat(unit=unit[0], workday=True, ordinal=-1 if last else 1, end=unit[1])


def on_last_day(tokens: Tokens, place: int) -> Repeat | None:
    """ "ngày cuối cùng của tháng", "ngày cuối quý", "05 ngày đầu hằng tháng" """
    end = _LAST_DAY.match(tokens, place)
    day = -1
    amount = read_amount(tokens, place) if end is None else None
    if amount is not None and tokens.word(amount[1]) == "ngay" and tokens.word(amount[1] + 1) == "dau":
        end, day = amount[1] + 2, amount[0]
    if end is None or not day <= 28:
        return None
    at = end + 1 if tokens.word(end) in ("cua", "trong") else end
    at = EVERY.match(tokens, at) or at
    unit = read_period_name(tokens, at)
    if unit is None or unit[0] not in (Unit.MONTH, Unit.QUARTER) or not ends_period(tokens, *unit):
        return None
    month = None if unit[0] is Unit.MONTH else (-1 if day == -1 else 1)
    return Repeat(unit=unit[0], monthday=day, month_of_period=month, end=unit[1])


def part_of_each(tokens: Tokens, place: int) -> Repeat | None:
    """ "cuối mỗi quý", "đầu hằng tháng" """
    part = tokens.word(place)
    if part not in ("dau", "giua", "cuoi"):
        return None
    at = place + 1 if tokens.word(place + 1) != "cua" else place + 2
    at = EVERY.match(tokens, at) or 0
    unit = read_period_name(tokens, at) if at else None
    if unit is None or unit[0] not in (Unit.MONTH, Unit.QUARTER, Unit.YEAR):
        return None
    day = {"dau": 1, "giua": 15, "cuoi": -1}[part]
    middle = {Unit.MONTH: None, Unit.QUARTER: 2, Unit.YEAR: 6}[unit[0]]
    month = {"dau": 1, "giua": middle, "cuoi": -1}[part] if unit[0] is not Unit.MONTH else None
    return Repeat(
        unit=unit[0],
        monthday=-1 if unit[0] is Unit.YEAR and part == "giua" else day,
        month_of_period=month,
        end=unit[1],
    )


def on_monthday(tokens: Tokens, place: int) -> Repeat | None:
    """ "ngày 20 của tháng cuối quý", "ngày 05 tháng sau", "ngày 25 của tháng", "ngày 10 tháng đầu quý sau" """
    at = place
    exclusive = False
    while tokens.word(at) in ("truoc", "vao", "cham", "nhat", "muon", "la", "trong", "khong", "qua"):
        exclusive = exclusive or tokens.word(at) == "truoc"
        at += 1
    clock = read_clock(tokens, at)
    at = clock if clock is not None else at
    led = at
    at = at + 1 if tokens.word(at) == "ngay" else at
    at = at + 1 if tokens.word(at) in ("mung", "mong") else at
    if at == led and tokens.word(at + 1) not in ("hang", "moi", "tung"):
        return None
    day = tokens.number(at)
    run = read_run(tokens, at)
    if day is None or not 1 <= day <= 31 or run is None or len(run.groups) > 1 or len(run.groups[0]) > 1:
        return None
    at = at + 1
    exclusive = exclusive and clock is None
    base = Repeat(unit=Unit.MONTH, monthday=day, clock=clock is not None, exclusive=exclusive, end=at)
    return _month_of_period(tokens, base) or _next_month(tokens, base)


def _month_of_period(tokens: Tokens, base: Repeat) -> Repeat | None:
    """The day in "tháng cuối (của) quý", "tháng đầu quý sau" """
    at = base.end + 1 if tokens.word(base.end) in ("cua", "trong", ",") else base.end
    at = at + 1 if tokens.word(at) == "cac" else at
    at = EVERY.match(tokens, at) or at
    if tokens.word(at) == "thang":
        at += 1
        place_word = tokens.word(at)
        which = {"cuoi": -1, "dau": 1, "giua": 2}.get(place_word)
        if which is None and place_word == "thu" and (number := read_amount(tokens, at + 1)):
            which, at = number[0], number[1] - 1
        if which is None or not -1 <= which <= 12:
            return None
        at += 2 if tokens.word(at + 1) in ("tien", "cung") else 1
        at = at + 1 if tokens.word(at) in ("cua", "trong") else at
    elif tokens.word(at) == "quy" and _NEXT.match(tokens, at + 1):
        which = 1
    else:
        return None
    at = EVERY.match(tokens, at) or at
    period = read_period(tokens, at)
    if period is None or (period[0] in (Unit.DAY, Unit.WEEK, Unit.MONTH) and period[1] != 6):
        return None
    unit = Unit.MONTHS if period[0] is Unit.MONTH else period[0]
    end = period[2]
    if tokens.number(end) is not None or tokens.roman(end) is not None:
        return None
    following = _NEXT.match(tokens, end)
    return replace(base, unit=unit, month_of_period=which, end=following or end)


def _next_month(tokens: Tokens, base: Repeat) -> Repeat | None:
    """The day in "tháng sau", "tháng tiếp theo sau tháng kỳ báo cáo", or in "của tháng" """
    at = base.end + 1 if tokens.word(base.end) in ("cua", "trong") else base.end
    each = EVERY.match(tokens, at)
    if each is not None and tokens.word(each) == "thang" and tokens.word(each + 1) not in ("cuoi", "dau"):
        return replace(base, end=each + 1)
    if tokens.word(at) == "thang" and (end := _NEXT.match(tokens, at + 1)) is not None:
        return replace(base, end=_REPORTED.match(tokens, end) or end)
    end = _THIS_MONTH.match(tokens, base.end)
    if end is None or tokens.number(end) is not None or tokens.roman(end) or tokens.word(end) in ("nay", "cuoi", "dau"):
        return None
    return replace(base, end=end)
