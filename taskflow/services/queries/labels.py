"""Time labels as conditions of a query: the same answers as ``domain.deadlines.time_label``.

A property test compares the two over the whole space; whoever changes one changes the other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, false, or_

from taskflow.domain.deadlines import Cutoffs, DeadlineKind, TimeLabel
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import Counted
from taskflow.models.task import Task, TaskShape

#: The cells of the statistic in the order of ``Task.fixed_cell``; continuous, undated and suspended work stands
#: outside (decision 7 of DOMAIN.md).
CELLS = (Counted.DONE_ON_TIME, Counted.DONE_LATE, Counted.OPEN_ON_TIME, Counted.OPEN_LATE, Counted.OUTSIDE)

LONGEST_HOLIDAYS = timedelta(days=21)
#: ``Task.sort_due_on`` of work without a date.
UNDATED = date(9999, 12, 31)


def _running() -> ColumnElement[bool]:
    """Open and not suspended."""
    return and_(Task.is_open.is_(True), Task.state != TaskState.SUSPENDED)


def _ticking() -> ColumnElement[bool]:
    """Open, with a date that can be missed, and it is the unit's turn: today decides how it stands."""
    return and_(Task.is_open.is_(True), Task.fixed_cell.is_(None))


def overdue(cutoffs: Cutoffs) -> ColumnElement[bool]:
    """Open and late, counted by the day that counts."""
    return and_(
        Task.is_open.is_(True),
        Task.sort_due_on < cutoffs.today,  # also true of every late delivery: nobody delivers tomorrow
        or_(Task.fixed_cell.is_(None), Task.fixed_cell == CELLS.index(Counted.OPEN_LATE)),
    )


def label_condition(label: TimeLabel, cutoffs: Cutoffs) -> ColumnElement[bool]:
    """The condition under which a task carries this label today."""
    make = _CONDITIONS.get(label)
    return false() if make is None else make(cutoffs)


def _near(cutoffs: Cutoffs, *due: ColumnElement[bool]) -> ColumnElement[bool]:
    # A stretch of the index: the day that counts is never further behind the due date than the longest holidays.
    return and_(_ticking(), Task.sort_due_on.between(cutoffs.today, cutoffs.soon_through + LONGEST_HOLIDAYS), *due)


def _cell(cell: Counted) -> ColumnElement[bool]:
    return Task.fixed_cell == CELLS.index(cell)


#: Each made when it is asked for: building a condition takes as long as many a query.
_CONDITIONS: dict[TimeLabel, Callable[[Cutoffs], ColumnElement[bool]]] = {
    TimeLabel.OVERDUE: overdue,
    TimeLabel.DUE_TODAY: lambda cutoffs: _near(cutoffs, Task.due_on <= cutoffs.today),
    TimeLabel.DUE_SOON: lambda cutoffs: _near(
        cutoffs, Task.due_on > cutoffs.today, Task.due_on <= cutoffs.soon_through
    ),
    TimeLabel.ON_TIME: lambda cutoffs: and_(
        Task.is_open.is_(True),
        or_(_cell(Counted.OPEN_ON_TIME), and_(Task.fixed_cell.is_(None), Task.due_on > cutoffs.soon_through)),
    ),
    TimeLabel.DONE_ON_TIME: lambda _: and_(_cell(Counted.DONE_ON_TIME), Task.delivered_on.is_not(None)),
    TimeLabel.DONE_LATE: lambda _: _cell(Counted.DONE_LATE),
    TimeLabel.DONE: lambda _: and_(_cell(Counted.OUTSIDE), Task.state == TaskState.COMPLETED),
    TimeLabel.SUSPENDED: lambda _: Task.state == TaskState.SUSPENDED,
    TimeLabel.CANCELLED: lambda _: Task.state == TaskState.CANCELLED,
    TimeLabel.CONTINUOUS: lambda _: and_(_running(), Task.kind == DeadlineKind.CONTINUOUS),
    TimeLabel.WAITING_CONDITION: lambda _: and_(
        _running(), Task.kind == DeadlineKind.CONDITIONAL, Task.counted_due_on.is_(None)
    ),
    TimeLabel.NEEDS_DEADLINE: lambda _: and_(
        _running(),
        Task.kind.not_in((DeadlineKind.CONTINUOUS, DeadlineKind.CONDITIONAL)),
        Task.sort_due_on == UNDATED,
    ),
}


def in_statistic() -> ColumnElement[bool]:
    """Tasks that official figures count: given to one unit, not discontinued."""
    return and_(
        Task.shape.in_((TaskShape.SINGLE, TaskShape.MEMBER)),
        Task.lead_unit_id.is_not(None),
        or_(Task.fixed_cell.is_(None), Task.fixed_cell < len(CELLS)),
    )


def counted_condition(cell: Counted, cutoffs: Cutoffs) -> ColumnElement[bool]:
    """The tasks behind one number of the statistic."""
    if cell is Counted.ALL:
        return in_statistic()
    if cell is Counted.OPEN_LATE:
        return and_(in_statistic(), overdue(cutoffs))
    if cell is Counted.OPEN_ON_TIME:
        in_time = and_(Task.fixed_cell.is_(None), Task.counted_due_on >= cutoffs.today)
        return and_(in_statistic(), Task.is_open.is_(True), or_(_cell(cell), in_time))
    return and_(in_statistic(), _cell(cell))
