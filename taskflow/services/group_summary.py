"""The office's Zalo group: once a working day, at the first time of the reminders, how many tasks stand where.

Counts and a link only. The group is set on the page of channels.
"""

from __future__ import annotations

from datetime import date, datetime

from flask import current_app
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Conflict
from taskflow.domain.reminders import Group
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind, OutboxMessage
from taskflow.models.task import Task, TaskShape
from taskflow.services.calendar import work_calendar
from taskflow.services.letters import SUMMARY
from taskflow.services.reminder_policy import Choice, hours_of, load_policy
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import oa_settings

#: "Sắp đến hạn" in the group: as far ahead as the second rung of the default ladder.
SOON_DAYS = 3


def queue_summary(now: datetime) -> bool:
    """Queue today's summary, once; whether it was queued now."""
    group_id = oa_settings().group_id
    policy = load_policy()
    calendar = work_calendar()
    local = now.astimezone(current_app.config["TASKFLOW"].zone)
    slot = hours_of(policy, Choice()).slot(local, calendar)
    if not group_id or slot is None:
        return False
    key = f"{SUMMARY}:{local.date()}"
    reading = db.session()
    if reading.scalar(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == key)) is not None:
        return False
    parts = [part for part in _counts(reading, local.date(), calendar) if part["count"]]
    if not parts:
        return False
    try:
        with unit_of_work() as session:
            session.add(
                OutboxMessage(
                    dedupe_key=key,
                    kind=SUMMARY,
                    channel=ChannelKind.ZALO_GROUP,
                    address=group_id,
                    payload={"groups": parts},
                    next_attempt_at=now,
                    created_at=now,
                )
            )
    except Conflict:
        return False  # another process was quicker
    return True


def _counts(session: Session, today: date, calendar: WorkCalendar) -> list[dict[str, object]]:
    soon = calendar.add_working_days(today, SOON_DAYS)
    overdue = func.sum(case((Task.counted_due_on < today, 1), else_=0))
    due_today = func.sum(case(((Task.counted_due_on >= today) & (Task.due_on <= today), 1), else_=0))
    near = func.sum(case(((Task.due_on > today) & (Task.due_on <= soon), 1), else_=0))
    row = session.execute(
        select(overdue, due_today, near).where(
            Task.is_open,
            Task.state.in_((TaskState.ASSIGNED, TaskState.IN_PROGRESS)),
            Task.shape != TaskShape.COLLECTIVE,
            Task.kind != DeadlineKind.CONTINUOUS,
            Task.deadline_confirmed,
            Task.due_on.is_not(None),
        )
    ).one()
    codes = (Group.OVERDUE, Group.TODAY, Group.SOON)
    return [{"group": code.value, "count": int(row[n] or 0), "items": []} for n, code in enumerate(codes)]
