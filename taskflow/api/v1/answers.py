"""From what the read side gives to what the API answers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import url_for

from taskflow.api.v1.schemas import (
    CoordinationOut,
    EventOut,
    EventsOut,
    FiguresOut,
    MeOut,
    PostOut,
    RelativeOut,
    StatisticsOut,
    TaskDetailOut,
    TaskOut,
    TasksOut,
)
from taskflow.domain.permissions import Actor
from taskflow.domain.task_filter import Openness, TaskFilter
from taskflow.domain.transitions import allowed_actions
from taskflow.extensions import db
from taskflow.i18n import title_of
from taskflow.models.org import User
from taskflow.models.task import Task
from taskflow.services.queries.statistics import Period, unit_figures
from taskflow.services.queries.task_detail import task_detail, task_events
from taskflow.services.queries.task_list import TaskRow, list_tasks

#: Further down a list nobody pages: a filter is the way (``TaskFilter.page``).
LAST_PAGE = 200


def me(actor: Actor) -> MeOut:
    """The caller."""
    user = db.session.get_one(User, actor.user_id)
    return MeOut(
        id=user.id,
        full_name=user.full_name,
        email=user.email,
        job_title=user.job_title,
        posts=[
            PostOut(
                role=post.role, role_title=title_of(post.role), unit_id=post.unit_id, on_behalf_of_id=post.principal_id
            )
            for post in actor.posts
        ],
    )


def tasks(actor: Actor, wanted: TaskFilter) -> TasksOut:
    """One page of a list."""
    page = list_tasks(actor, wanted)
    query: dict[str, Any] = {**wanted.to_query(), "page": page.page + 1}
    has_next = page.has_next and page.page < LAST_PAGE
    return TasksOut(
        items=[TaskOut(**_line(row)) for row in page.rows],
        page=page.page,
        total=page.total,
        more_than_total=page.more_than_total,
        next=url_for("api_v1.tasks", **query) if has_next else None,
    )


def task(actor: Actor, task_id: int) -> TaskDetailOut:
    """One task. Raises ``NotFound`` when the caller may not see it."""
    detail = task_detail(actor, task_id)
    names = detail.names
    row = list_tasks(actor, TaskFilter(shown=Openness.ALL), among=Task.id == task_id).rows[0]
    return TaskDetailOut(
        **_line(row),
        note=detail.task.note,
        tags=detail.tags,
        parent=RelativeOut.model_validate(detail.parent) if detail.parent else None,
        children=[RelativeOut.model_validate(child) for child in detail.visible_children],
        coordinations=[
            CoordinationOut(unit_id=line.unit_id, unit=names.unit(line.unit_id), state=line.state, due_on=line.due_on)
            for line in detail.coordinations
        ],
        allowed_actions=list(allowed_actions(detail.task.state, actor, detail.facts, detail.rules)),
    )


def events(actor: Actor, task_id: int, before_id: int) -> EventsOut:
    """A page of the history. Raises ``NotFound``."""
    found, has_more, names = task_events(actor, task_id, before_id)
    return EventsOut(
        items=[
            EventOut(
                id=event.id,
                at=event.at,
                kind=event.kind,
                actor_id=event.actor_id,
                actor=names.person(event.actor_id),
                on_behalf_of_id=event.on_behalf_of_id,
                from_state=event.from_state,
                to_state=event.to_state,
                reason=event.reason,
            )
            for event in found
        ],
        next=url_for("api_v1.events", task_id=task_id, before=found[-1].id) if has_more else None,
    )


def statistics(actor: Actor, wanted: TaskFilter) -> StatisticsOut:
    """The statistic of the tasks that the caller sees, by the day they are due, a document and an office."""
    period = Period(wanted.due_from, wanted.due_to, wanted.document, wanted.office)
    units, total = unit_figures(actor, period)
    return StatisticsOut(
        units=[FiguresOut.model_validate(unit) for unit in units], sum=FiguresOut.model_validate(total)
    )


def _line(row: TaskRow) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row) if field.name in TaskOut.model_fields}
    titles = {"label": row.label, "label_title": title_of(row.label), "state_title": title_of(row.state)}
    return {**values, **titles}
