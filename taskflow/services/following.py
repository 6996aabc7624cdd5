"""Who follows a task (theo dõi) and may still see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.permissions import Permission, can
from taskflow.models.task import Task, Watch
from taskflow.services.actors import actor_of
from taskflow.services.queries.scope import facts_of_many


def followers(session: Session, tasks: Sequence[Task], now: datetime) -> dict[int, set[int]]:
    """People who follow these tasks and may still see them: it comes under the bell, and no mail for it."""
    watches = select(Watch.task_id, Watch.user_id).where(Watch.task_id.in_([task.id for task in tasks]))
    rows = session.execute(watches).all()
    if not rows:
        return {}
    followed = {task_id for task_id, _user_id in rows}
    facts = facts_of_many([task for task in tasks if task.id in followed])
    people = {user_id: actor_of(user_id, on=local_date(now)) for _task_id, user_id in rows}
    found: dict[int, set[int]] = {}
    for task_id, user_id in rows:
        if can(people[user_id], Permission.TASK_READ, facts[task_id]):
            found.setdefault(task_id, set()).add(user_id)
    return found
