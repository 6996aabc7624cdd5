"""Lateness: labels over states and dates, roll-over, reminder days, and the cut-offs that queries use."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskflow.domain.calendar import calendar_of, seed_days
from taskflow.domain.deadlines import (
    STATISTIC_CELLS,
    BeforeMeans,
    DeadlineKind,
    TimeLabel,
    Timing,
    allowed_through,
    counted_due,
    cutoffs,
    reminder_anchor,
    time_label,
)
from taskflow.domain.states import TaskState

CALENDAR = calendar_of([*seed_days(2026), *seed_days(2027)])
FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY = (date(2026, 7, day) for day in (10, 11, 12, 13, 14))
OPEN_WORK = (TaskState.ASSIGNED, TaskState.IN_PROGRESS)
HANDED_OVER = (TaskState.AWAITING_APPROVAL, TaskState.AWAITING_CONFIRMATION)


def _timing(
    state: TaskState = TaskState.IN_PROGRESS,
    due: date | None = FRIDAY,
    today: date = FRIDAY,
    delivered: date | None = None,
    *,
    exclusive: bool = False,
    kind: DeadlineKind = DeadlineKind.DATE,
) -> Timing:
    return time_label(
        kind=kind,
        state=state,
        due=due,
        exclusive=exclusive,
        delivered_on=delivered,
        calendar=CALENDAR,
        today=today,
        soon_days=3,
    )


@pytest.mark.parametrize(
    ("due", "exclusive", "counted"),
    [
        (FRIDAY, False, FRIDAY),
        (SATURDAY, False, MONDAY),
        (SUNDAY, False, MONDAY),
        (SUNDAY, True, SUNDAY),
        (date(2026, 2, 16), False, date(2026, 2, 23)),  # Tết
        (date(2026, 8, 22), False, date(2026, 8, 22)),  # a worked Saturday
    ],
)
def test_a_day_off_rolls_to_the_next_working_day_but_before_never_does(
    due: date, exclusive: bool, counted: date
) -> None:
    assert counted_due(due, exclusive, CALENDAR) == counted


@pytest.mark.parametrize(
    ("due", "exclusive", "anchor"),
    [
        (FRIDAY, False, FRIDAY),
        (FRIDAY, True, date(2026, 7, 9)),
        (SUNDAY, False, FRIDAY),
        (MONDAY, True, FRIDAY),
        (date(2026, 2, 18), False, date(2026, 2, 13)),
        (date(2026, 11, 25), True, date(2026, 11, 23)),  # 24/11 is off
    ],
)
def test_reminders_aim_at_a_working_day_that_is_safe_under_either_reading(
    due: date, exclusive: bool, anchor: date
) -> None:
    assert reminder_anchor(due, exclusive, CALENDAR) == anchor


def test_the_offices_reading_of_before_moves_only_exclusive_days() -> None:
    assert allowed_through(FRIDAY, exclusive=True, before_means=BeforeMeans.DAY_BEFORE) == date(2026, 7, 9)
    assert allowed_through(FRIDAY, exclusive=True, before_means=BeforeMeans.NAMED_DAY) == FRIDAY
    assert allowed_through(FRIDAY, exclusive=False, before_means=BeforeMeans.DAY_BEFORE) == FRIDAY


@pytest.mark.parametrize("state", OPEN_WORK)
@pytest.mark.parametrize(
    ("due", "today", "label", "late", "left"),
    [
        (date(2026, 7, 31), FRIDAY, TimeLabel.ON_TIME, 0, 21),
        (date(2026, 7, 15), FRIDAY, TimeLabel.DUE_SOON, 0, 5),  # three working days away
        (date(2026, 7, 16), FRIDAY, TimeLabel.ON_TIME, 0, 6),
        (FRIDAY, FRIDAY, TimeLabel.DUE_TODAY, 0, 0),
        (SATURDAY, SUNDAY, TimeLabel.DUE_TODAY, 0, 0),
        (SATURDAY, MONDAY, TimeLabel.DUE_TODAY, 0, 0),
        (SATURDAY, TUESDAY, TimeLabel.OVERDUE, 1, 0),
        (FRIDAY, MONDAY, TimeLabel.OVERDUE, 3, 0),
    ],
)
def test_open_work_is_labelled_by_today(
    state: TaskState, due: date, today: date, label: TimeLabel, late: int, left: int
) -> None:
    timing = _timing(state, due, today)
    assert (timing.label, timing.days_late, timing.days_left) == (label, late, left)
    assert timing.counted_due == counted_due(due, False, CALENDAR)


def test_an_exclusive_day_is_late_on_the_very_next_day() -> None:
    assert _timing(due=SATURDAY, today=SATURDAY, exclusive=True).label is TimeLabel.DUE_TODAY
    assert _timing(due=SATURDAY, today=SUNDAY, exclusive=True) == Timing(TimeLabel.OVERDUE, 1, 0, SATURDAY)


@pytest.mark.parametrize("state", HANDED_OVER)
def test_a_slow_confirmer_makes_nobody_late(state: TaskState) -> None:
    assert _timing(state, FRIDAY, date(2026, 8, 10), delivered=FRIDAY) == Timing(TimeLabel.ON_TIME, 0, 0, FRIDAY)
    assert _timing(state, FRIDAY, date(2026, 8, 10), delivered=MONDAY) == Timing(TimeLabel.OVERDUE, 3, 0, FRIDAY)


def test_handed_over_without_a_date_of_delivery_counts_by_today() -> None:
    assert _timing(TaskState.AWAITING_CONFIRMATION, FRIDAY, MONDAY).label is TimeLabel.OVERDUE


def test_work_in_progress_again_after_a_return_counts_by_today() -> None:
    assert _timing(TaskState.IN_PROGRESS, FRIDAY, MONDAY, delivered=FRIDAY).label is TimeLabel.OVERDUE


@pytest.mark.parametrize(
    ("due", "delivered", "label", "late"),
    [
        (FRIDAY, date(2026, 7, 1), TimeLabel.DONE_ON_TIME, 0),
        (FRIDAY, FRIDAY, TimeLabel.DONE_ON_TIME, 0),
        (SATURDAY, MONDAY, TimeLabel.DONE_ON_TIME, 0),
        (FRIDAY, SATURDAY, TimeLabel.DONE_LATE, 1),
        (SATURDAY, TUESDAY, TimeLabel.DONE_LATE, 1),
    ],
)
def test_finished_work_is_judged_by_the_day_of_delivery(
    due: date, delivered: date, label: TimeLabel, late: int
) -> None:
    timing = _timing(TaskState.COMPLETED, due, date(2026, 12, 1), delivered)
    assert (timing.label, timing.days_late, timing.days_left) == (label, late, None)


@pytest.mark.parametrize(
    ("kind", "state", "label"),
    [
        (DeadlineKind.CONTINUOUS, TaskState.IN_PROGRESS, TimeLabel.CONTINUOUS),
        (DeadlineKind.CONDITIONAL, TaskState.ASSIGNED, TimeLabel.WAITING_CONDITION),
        (DeadlineKind.UNKNOWN, TaskState.ASSIGNED, TimeLabel.NEEDS_DEADLINE),
        (DeadlineKind.RECURRING, TaskState.ASSIGNED, TimeLabel.NEEDS_DEADLINE),
        (DeadlineKind.NONE, TaskState.AWAITING_CONFIRMATION, TimeLabel.NEEDS_DEADLINE),
        (DeadlineKind.UNKNOWN, TaskState.SUSPENDED, TimeLabel.SUSPENDED),
        (DeadlineKind.UNKNOWN, TaskState.COMPLETED, TimeLabel.DONE),
        (DeadlineKind.DATE, TaskState.CANCELLED, TimeLabel.CANCELLED),
    ],
)
def test_work_without_a_day_stands_outside_the_statistic(
    kind: DeadlineKind, state: TaskState, label: TimeLabel
) -> None:
    timing = _timing(state, None, kind=kind)
    assert timing == Timing(label)
    assert label not in STATISTIC_CELLS


def test_continuous_work_is_never_late_even_with_a_day() -> None:
    assert _timing(due=date(2020, 1, 1), kind=DeadlineKind.CONTINUOUS).label is TimeLabel.CONTINUOUS
    assert _timing(TaskState.COMPLETED, date(2020, 1, 1), kind=DeadlineKind.CONTINUOUS).label is TimeLabel.DONE


def test_suspended_work_keeps_its_day_and_is_not_late() -> None:
    assert _timing(TaskState.SUSPENDED, date(2026, 1, 5)) == Timing(TimeLabel.SUSPENDED, 0, None, date(2026, 1, 5))


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(days, days, st.booleans(), st.integers(0, 10))
def test_cutoffs_give_the_same_answer_as_the_label(due: date, today: date, exclusive: bool, soon_days: int) -> None:
    limits = cutoffs(today, CALENDAR, soon_days)
    label = time_label(
        kind=DeadlineKind.DATE,
        state=TaskState.ASSIGNED,
        due=due,
        exclusive=exclusive,
        delivered_on=None,
        calendar=CALENDAR,
        today=today,
        soon_days=soon_days,
    ).label
    late = due <= (limits.late_through_exclusive if exclusive else limits.late_through)
    assert (label is TimeLabel.OVERDUE) is late
    assert (label is TimeLabel.DUE_TODAY) is (not late and due <= today)
    assert (label is TimeLabel.DUE_SOON) is (not late and today < due <= limits.soon_through)


@given(
    days,
    st.sampled_from(TaskState),
    st.sampled_from(DeadlineKind),
    st.one_of(st.none(), days),
    st.one_of(st.none(), days),
)
def test_lateness_and_labels_never_disagree(
    today: date, state: TaskState, kind: DeadlineKind, due: date | None, delivered: date | None
) -> None:
    timing = _timing(state, due, today, delivered, kind=kind)
    assert (timing.days_late > 0) == (timing.label in (TimeLabel.OVERDUE, TimeLabel.DONE_LATE))
    assert timing.days_left is None or timing.days_left >= 0
