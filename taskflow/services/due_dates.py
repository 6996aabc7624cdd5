"""The due date of a task and the day that counts: set together here, and by nothing else.

Keeping both dates (DOMAIN.md 4.1) lets every list and statistic compare dates in the database
instead of asking a calendar for each of 100,000 tasks.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import counted_due
from taskflow.models.task import Task
from taskflow.services.unit_of_work import unit_of_work


def set_due(task: Task, due_on: date | None, *, calendar: WorkCalendar, exclusive: bool | None = None) -> None:
    """Give the task this due date (None: not fixed) and the day that counts for lateness."""
    if exclusive is not None:
        task.exclusive = exclusive
    task.due_on = due_on
    task.counted_due_on = None if due_on is None else counted_due(due_on, bool(task.exclusive), calendar)


def recount_due_dates(calendar: WorkCalendar) -> int:
    """After the calendar changed: set the counted day of every task again. Returns how many dates moved."""
    moved = 0
    with unit_of_work() as session:
        pairs = session.execute(
            select(Task.due_on, Task.exclusive, Task.counted_due_on).where(Task.due_on.is_not(None)).distinct()
        ).all()
        for due_on, exclusive, counted in pairs:
            right = counted_due(due_on, exclusive, calendar) if due_on is not None else None
            if right != counted:
                session.execute(
                    update(Task)
                    .where(
                        Task.due_on == due_on,
                        Task.exclusive.is_(exclusive),
                        Task.counted_due_on.is_distinct_from(right),
                    )
                    .values(counted_due_on=right)
                    .execution_options(synchronize_session=False)
                )
                moved += 1
    return moved
