"""Talk about a task: comments with mentions, private notes of the office, following a task, tags."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Actor, Permission, Role, TaskFacts, can
from taskflow.extensions import db
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import Comment, Task, TaskTag, Watch
from taskflow.services import history, notices
from taskflow.services.actors import actor_of
from taskflow.services.queries.people import current_post
from taskflow.services.queries.scope import facts_of, get_task
from taskflow.services.task_access import open_task, require_post
from taskflow.services.tasks import refresh_search_text
from taskflow.services.unit_of_work import unit_of_work

_MOST_MENTIONS = 20
_MOST_TAGS = 12
_TAG = re.compile(r"[^\w &./-]")


def comment(
    *,
    task_id: int,
    text: str,
    actor: Actor,
    now: datetime,
    is_private: bool = False,
    mentions: Sequence[int] = (),
) -> Comment:
    """Say something about the task; people mentioned are told at once. A private note is for the office only.

    Raises ``Invalid`` without a text, or when somebody mentioned may not see the task (or the private note).
    """
    with unit_of_work() as session:
        task = get_task(actor, task_id)
        facts = facts_of(task)
        right = Permission.TASK_NOTE_PRIVATELY if is_private else Permission.TASK_COMMENT
        require_post(actor, right, facts)
        if not text.strip():
            raise Invalid("comment.text_required", "text")
        mentioned = sorted(set(mentions))
        if len(mentioned) > _MOST_MENTIONS:
            raise Invalid("comment.too_many_mentions", "mentions", limit=_MOST_MENTIONS)
        for user_id in mentioned:
            _check_reader(user_id, facts, now, Permission.TASK_NOTE_PRIVATELY if is_private else Permission.TASK_READ)
        made = Comment(
            task_id=task.id, at=now, by_id=actor.user_id, text=text.strip(), is_private=is_private, mentions=mentioned
        )
        session.add(made)
        session.flush()
        if not is_private:
            notices.task_event(session, task, "commented", actor, now, text=made.text, without=mentioned)
        if mentioned:
            notices.task_event(session, task, "mentioned", actor, now, text=made.text, only=mentioned)
        return made


def mentionable(actor: Actor, task_id: int, *, on: date) -> list[User]:
    """People one can mention on a task, by name: whoever has a post on this day in a unit that has to do with it,
    leaders and clerks above its office, heads above its lead unit."""
    task = get_task(actor, task_id)
    facts = facts_of(task)
    lead = {task.lead_unit_id} if task.lead_unit_id is not None else facts.related_unit_ids
    people = {one for one in (task.person_id, *facts.coordinating_person_ids) if one is not None}
    held = select(Membership.user_id).where(
        current_post(on),
        Membership.unit_id.in_({task.office_unit_id, *facts.coordinating_unit_ids, *lead})
        | (Membership.role.in_((Role.LEADER, Role.COORDINATOR)) & Membership.unit_id.in_(_above({task.office_unit_id})))
        | ((Membership.role == Role.HEAD) & Membership.unit_id.in_(_above(lead))),
    )
    return list(
        db.session.scalars(
            select(User)
            .where(User.is_active, User.id.in_(held) | User.id.in_(people))
            .order_by(User.full_name, User.id)
            .limit(200)
        )
    )


def _above(unit_ids: Collection[int]) -> set[int]:
    """Ids of these units and of all above them."""
    return {one for unit in db.session.scalars(select(Unit).where(Unit.id.in_(unit_ids))) for one in unit.lineage}


def watch(*, task_id: int, on: bool, actor: Actor, now: datetime) -> None:
    """Follow the task (theo dõi), or no longer. Anybody who may see it may follow it."""
    with unit_of_work() as session:
        task = get_task(actor, task_id)
        if actor.user_id is None:
            raise Invalid("report.needs_person")
        row = session.get(Watch, (task.id, actor.user_id))
        if on and row is None:
            session.add(Watch(task_id=task.id, user_id=actor.user_id, since=now))
        elif not on and row is not None:
            session.delete(row)


def set_tags(*, task_id: int, tags: Sequence[str], actor: Actor, now: datetime) -> Task:
    """Give the task these tags and no others."""
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.TASK_EDIT)
        task = opened.task
        new = clean_tags(tags)
        old = sorted(task.tags)
        if new != old:
            task.tag_rows[:] = [row for row in task.tag_rows if row.tag in new]
            kept = {row.tag for row in task.tag_rows}
            task.tag_rows.extend(TaskTag(tag=tag) for tag in new if tag not in kept)
            session.flush()
            refresh_search_text(session, [task])
            history.record(
                task,
                "tagged",
                actor=actor,
                post=opened.post,
                now=now,
                data={"from": old, "to": new},
                touch=False,
                tell=False,
            )
        return task


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Tags as they are stored: trimmed, without "#", each once, in order. Raises ``Invalid`` for odd or many ones."""
    found = {" ".join(tag.strip().lstrip("#").split()) for tag in tags} - {""}
    wrong = next((tag for tag in found if _TAG.search(tag) or len(tag) > 40), None)
    if wrong is not None:
        raise Invalid("tag.invalid", "tags", tag=wrong)
    if len(found) > _MOST_TAGS:
        raise Invalid("tag.too_many", "tags", limit=_MOST_TAGS)
    return sorted(found)


def _check_reader(user_id: int, facts: TaskFacts, now: datetime, permission: Permission) -> None:
    try:
        reader = actor_of(user_id, on=local_date(now))
    except KeyError:
        raise Invalid("comment.unknown_mention", "mentions") from None
    if not can(reader, permission, facts):
        raise Invalid("comment.mention_cannot_see", "mentions", name=reader.name)
