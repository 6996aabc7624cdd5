"""Talk about a task: comments with mentions, private notes of the office, following a task, tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.collation import alphabetical
from taskflow.domain.errors import Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, Role, TaskFacts, can
from taskflow.extensions import db
from taskflow.models.org import Membership, Unit, User
from taskflow.models.outbox import Notification
from taskflow.models.task import Comment, Task, TaskTag, Watch
from taskflow.services import history, notices
from taskflow.services.actors import actor_of
from taskflow.services.message_items import Item
from taskflow.services.queries.people import current_post
from taskflow.services.queries.scope import facts_of, get_task
from taskflow.services.taking_back import rewrite_unsent
from taskflow.services.task_access import find_of_task, open_task, require_post
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
        news = {"text": made.text, "comment": made.id}
        if not is_private:
            notices.task_event(session, task, "commented", actor, now, without=mentioned, **news)
        if mentioned:
            notices.task_event(session, task, "mentioned", actor, now, only=mentioned, **news)
        return made


def correct_comment(*, comment_id: int, text: str, actor: Actor, now: datetime) -> Comment:
    """Let the author put their comment right; what it said before is kept, and news not yet sent says the new text.

    Raises ``NotFound``, ``NotAllowed`` for somebody else's comment, ``WrongState`` for a withdrawn one, ``Invalid``
    without a text.
    """
    with unit_of_work() as session:
        made = _own_comment(session, comment_id, actor)
        if not text.strip():
            raise Invalid("comment.text_required", "text")
        if text.strip() != made.text:
            made.earlier = [*made.earlier, {"text": made.text, "until": now.isoformat()}]
            made.text = text.strip()
            _change_news(session, made, lambda item: {**item, "text": made.text})
        return made


def withdraw_comment(*, comment_id: int, actor: Actor, now: datetime) -> Comment:
    """Let the author take their comment back: nobody reads it any more but they and the office, and no news of it
    leaves. Raises what ``correct_comment`` raises."""
    with unit_of_work() as session:
        made = _own_comment(session, comment_id, actor)
        made.withdrawn_at = now
        _change_news(session, made, lambda _item: None)
        return made


def _own_comment(session: Session, comment_id: int, actor: Actor) -> Comment:
    made = find_of_task(session, actor, Comment, comment_id, "comment.not_found")
    right = Permission.TASK_NOTE_PRIVATELY if made.is_private else Permission.TASK_COMMENT
    facts = facts_of(get_task(actor, made.task_id, for_change=True))
    if made.is_private and not can(actor, right, facts):
        raise NotFound("comment.not_found")
    require_post(actor, right, facts)
    session.refresh(made)
    if made.by_id != actor.user_id:
        raise NotAllowed("task.not_allowed")
    if made.withdrawn_at is not None:
        raise WrongState("comment.withdrawn")
    return made


def _change_news(session: Session, comment: Comment, change: Callable[[Item], Item | None]) -> None:
    """Change the news of this comment under the bell and in messages that wait; None takes it away."""
    kinds = ("commented", "mentioned")
    lines = session.scalars(
        select(Notification).where(Notification.task_id == comment.task_id, Notification.kind.in_(kinds))
    )
    people = set()
    for line in lines:
        if line.data.get("comment") != comment.id:
            continue
        people.add(line.user_id)
        new = change(line.data)
        if new is None:
            session.delete(line)
        else:
            line.data = new
    rewrite_unsent(
        session,
        kinds,
        people,
        since=comment.at,
        change=lambda item: change(item) if item.get("comment") == comment.id else item,
    )


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
            .order_by(alphabetical(User.full_name), User.id)
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
