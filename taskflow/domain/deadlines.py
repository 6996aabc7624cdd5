"""The deadline of a task (thời hạn): what was written, and what it means.

Values and pure rules only. How a phrase is read is ``taskflow.domain.language``; what a working day
is, is ``taskflow.domain.calendar``; which days a rule gives, is ``taskflow.domain.occurrences``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.states import TaskState


class DeadlineKind(StrEnum):
    """The kinds of DOMAIN.md 4.2."""

    DATE = "date"
    RANGE = "range"
    RECURRING = "recurring"
    CONTINUOUS = "continuous"
    CONDITIONAL = "conditional"
    MIXED = "mixed"
    UNKNOWN = "unknown"
    NONE = "none"


class BeforeMeans(StrEnum):
    """What an office takes "trước ngày X" to allow (decision 1 of DOMAIN.md)."""

    NAMED_DAY = "named_day"  # đến hết ngày X
    DAY_BEFORE = "day_before"  # đến hết ngày liền trước X


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as read from its wording.

    ``text`` is the literal wording. ``due`` is the nominal last day as written (hạn danh nghĩa),
    ``start`` the first day of a range, ``rule`` an RFC 5545 RRULE for repeated work, ``exclusive``
    is true for "trước ngày X" (decision 1 of DOMAIN.md). ``confidence`` runs from 0 to 1; below 0,8
    a person must confirm. ``explanation`` says in Vietnamese how the phrase was understood, and
    ``problems`` holds stable codes (``impossible_date``, ``missing_year``, ``maybe_school_year`` …).
    ``suggested_due`` is a day worked out from the document's own date ("30 ngày kể từ ngày ban hành"):
    offered to a person, relied on by nobody until confirmed.
    """

    text: str
    kind: DeadlineKind
    start: date | None = None
    due: date | None = None
    rule: str | None = None
    exclusive: bool = False
    confidence: float = 1.0
    explanation: str = ""
    problems: tuple[str, ...] = ()
    suggested_due: date | None = None

    @property
    def needs_confirmation(self) -> bool:
        """Whether a person must look before a date is relied on (decision: never guess silently)."""
        return self.confidence < 0.8


class TimeLabel(StrEnum):
    """How a task stands against its deadline (decision 8 of DOMAIN.md). Computed, never stored."""

    ON_TIME = "on_time"  # trong hạn
    DUE_SOON = "due_soon"  # sắp đến hạn
    DUE_TODAY = "due_today"  # đến hạn hôm nay
    OVERDUE = "overdue"  # quá hạn n ngày
    DONE_ON_TIME = "done_on_time"  # hoàn thành trước, đúng hạn
    DONE_LATE = "done_late"  # hoàn thành quá hạn
    DONE = "done"  # hoàn thành, không có hạn để so
    WAITING_CONDITION = "waiting_condition"  # chờ điều kiện
    CONTINUOUS = "continuous"  # thường xuyên
    NEEDS_DEADLINE = "needs_deadline"  # cần xác định hạn
    SUSPENDED = "suspended"  # tạm dừng
    CANCELLED = "cancelled"  # không tiếp tục


#: The four cells of the office's statistic (hoàn thành / đang thực hiện × đúng hạn / quá hạn) by label.
#: Labels that are missing here stand outside the statistic (decision 7).
STATISTIC_CELLS = {
    TimeLabel.DONE_ON_TIME: "done_on_time",
    TimeLabel.DONE_LATE: "done_late",
    TimeLabel.ON_TIME: "open_on_time",
    TimeLabel.DUE_SOON: "open_on_time",
    TimeLabel.DUE_TODAY: "open_on_time",
    TimeLabel.OVERDUE: "open_late",
}


@dataclass(frozen=True, slots=True)
class Timing:
    """A task's standing: its label, calendar days late (0 if not) and left (None without a date or when done).

    ``counted_due`` is the last day that still counts as on time (hạn tính quá hạn); None without a date.
    """

    label: TimeLabel
    days_late: int = 0
    days_left: int | None = None
    counted_due: date | None = None


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """The days that decide the label of an open task, so that a query can compare dates without a calendar.

    Overdue: due ≤ ``late_through`` (``late_through_exclusive`` for "trước ngày X"). Due today: not overdue and
    due ≤ ``today``. Due soon: after today and due ≤ ``soon_through``. ``time_label`` gives the same answers.
    """

    today: date
    late_through: date
    late_through_exclusive: date
    soon_through: date


def allowed_through(named: date, *, exclusive: bool, before_means: BeforeMeans) -> date:
    """The last allowed day of a deadline naming ``named``, by the office's reading of "trước ngày X"."""
    return named - timedelta(days=1) if exclusive and before_means is BeforeMeans.DAY_BEFORE else named


def counted_due(due: date, exclusive: bool, calendar: WorkCalendar) -> date:
    """The last day that counts as on time: a day off rolls to the next working day, "trước ngày X" never does.

    Bộ luật Dân sự 2015, Đ.148 khoản 5; decision 5 of DOMAIN.md.
    """
    return due if exclusive else calendar.on_or_after(due)


def reminder_anchor(due: date, exclusive: bool, calendar: WorkCalendar) -> date:
    """The working day that reminders aim at: the due day or the last working day before it.

    For "trước ngày X" the working day before X, so that nobody who follows it is late under either reading.
    """
    return calendar.previous_working_day(due) if exclusive else calendar.on_or_before(due)


def cutoffs(today: date, calendar: WorkCalendar, soon_days: int) -> Cutoffs:
    """The cut-off days of ``today``; "sắp đến hạn" begins ``soon_days`` working days before the date."""
    return Cutoffs(
        today=today,
        late_through=calendar.previous_working_day(today),
        late_through_exclusive=today - timedelta(days=1),
        soon_through=max(today, calendar.add_working_days(today, soon_days)),
    )


def time_label(
    *,
    kind: DeadlineKind,
    state: TaskState,
    due: date | None,
    exclusive: bool,
    delivered_on: date | None,
    calendar: WorkCalendar,
    today: date,
    soon_days: int,
) -> Timing:
    """How a task stands on ``today``: the one place where lateness is decided.

    ``due`` is the current due date, None while it is not fixed or not confirmed. Lateness is counted by
    ``delivered_on`` once the result has been handed over, so that a slow confirmer makes nobody late.
    Continuous work is never late (decision 7).
    """
    if state is TaskState.CANCELLED:
        return Timing(TimeLabel.CANCELLED)
    done = state is TaskState.COMPLETED
    if kind is DeadlineKind.CONTINUOUS or due is None:
        return Timing(TimeLabel.DONE if done else _undated_label(kind, state))
    counted = counted_due(due, exclusive, calendar)
    handed_over = done or state in (TaskState.AWAITING_APPROVAL, TaskState.AWAITING_CONFIRMATION)
    judged_on = delivered_on if handed_over and delivered_on is not None else today
    late = max(0, (judged_on - counted).days)
    if done:
        return Timing(TimeLabel.DONE_LATE if late else TimeLabel.DONE_ON_TIME, late, None, counted)
    if state is TaskState.SUSPENDED:
        return Timing(TimeLabel.SUSPENDED, 0, None, counted)
    left = max(0, (due - today).days)
    if late:
        return Timing(TimeLabel.OVERDUE, late, 0, counted)
    if handed_over and delivered_on is not None:
        return Timing(TimeLabel.ON_TIME, 0, left, counted)
    if due <= today:
        return Timing(TimeLabel.DUE_TODAY, 0, 0, counted)
    soon = due <= cutoffs(today, calendar, soon_days).soon_through
    return Timing(TimeLabel.DUE_SOON if soon else TimeLabel.ON_TIME, 0, left, counted)


def _undated_label(kind: DeadlineKind, state: TaskState) -> TimeLabel:
    if state is TaskState.SUSPENDED:
        return TimeLabel.SUSPENDED
    if kind is DeadlineKind.CONTINUOUS:
        return TimeLabel.CONTINUOUS
    return TimeLabel.WAITING_CONDITION if kind is DeadlineKind.CONDITIONAL else TimeLabel.NEEDS_DEADLINE
