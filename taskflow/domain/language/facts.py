"""What a scan of a phrase finds: dates, repetitions, waits and plain remarks, each with its place in the tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from taskflow.domain.language.moments import Moment, Unit


class Bound(Enum):
    """What the words before a date make of it."""

    NONE = auto()
    BY = auto()  # chậm nhất, đến hết, trong, xong …
    BEFORE = auto()  # trước
    FROM = auto()  # từ
    AFTER = auto()  # sau


class Joined(Enum):
    """How several moments hang together."""

    SINGLE = auto()
    RANGE = auto()
    LIST = auto()


@dataclass(frozen=True, slots=True)
class Found:
    """Moments found up to ``end``. ``led``: a word such as "ngày" or "tháng" leads them, so they are surely meant.

    ``before_end``: a range whose later end is led by "trước".
    """

    moments: tuple[Moment, ...]
    end: int
    joined: Joined = Joined.SINGLE
    led: bool = True
    serial: bool = False
    before_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something found in tokens ``begin`` (included) to ``end`` (excluded)."""

    begin: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates(Fact):
    """One or more moments with the words around them.

    ``marked``: words say that it is a time limit; ``firm``: they say so beyond doubt ("chậm nhất", "hoàn thành
    trước"). ``finishing``: "hết", "xong", "kết thúc". ``clock``: a time of day is given; ``bad_clock``: one that
    does not exist. ``since_now``: "từ nay đến". ``stage``: "giai đoạn", "nhiệm kỳ". ``each``: "các năm".
    ``onward``: "trở đi", "và các năm tiếp theo". ``target``: "đến năm 2030". ``serial``: read from a spreadsheet's
    day number. ``before_end``: "từ … đến trước …".
    """

    moments: tuple[Moment, ...]
    joined: Joined = Joined.SINGLE
    bound: Bound = Bound.NONE
    marked: bool = False
    firm: bool = False
    finishing: bool = False
    clock: bool = False
    bad_clock: bool = False
    since_now: bool = False
    stage: bool = False
    each: bool = False
    onward: bool = False
    target: bool = False
    serial: bool = False
    before_end: bool = False

    @property
    def unit(self) -> Unit:
        """The unit of the last moment."""
        return self.moments[-1].unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat(Fact):
    """A repetition: every ``interval`` × ``unit``, ``times`` times in each.

    ``weekdays`` are RRULE day names, ``ordinal`` the place of the weekday in the month (-1: the last).
    ``month_of_period`` is the month of a quarter, half-year or year that ``monthday`` belongs to (-1: the last).
    ``several``: more than one period is named and the finest was taken. ``exclusive``: "trước" stands before the day.
    """

    unit: Unit
    interval: int = 1
    times: int = 1
    weekdays: tuple[str, ...] = ()
    ordinal: int | None = None
    workday: bool = False
    monthday: int | None = None
    month_of_period: int | None = None
    several: bool = False
    clock: bool = False
    exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Fact):
    """A stretch of time from an event: ``amount`` × ``unit`` (``working`` days; "hour" for hours).

    ``from_issue``: it runs from the document's own date; ``anchor``: from this date; ``before_event``: it ends at
    the event instead of beginning there.
    """

    amount: int
    unit: str
    working: bool = False
    from_issue: bool = False
    anchor: date | None = None
    before_event: bool = False
    loose: bool = False


class Remark(Enum):
    """A plain remark that makes or unmakes a deadline."""

    CONTINUOUS = auto()  # thường xuyên
    SPORADIC = auto()  # đột xuất
    EVENT = auto()  # sau khi có …
    IMMEDIATE = auto()  # thực hiện ngay
    PERIODIC = auto()  # định kỳ, without a period
    VAGUE = auto()  # theo lộ trình
    DITTO = auto()  # như trên
    DONE = auto()  # đã hoàn thành
    UNDETERMINED = auto()  # chưa xác định
    CANCELLED = auto()  # không thực hiện, bỏ, hoãn
    BLANK = auto()  # tháng … năm 2026
    IMPOSSIBLE = auto()  # 31/11


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain(Fact):
    """A remark at its place. ``joined``: "và" or "hoặc" stands before it."""

    remark: Remark
    joined: bool = False
