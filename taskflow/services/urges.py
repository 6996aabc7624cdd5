"""Urging (đôn đốc): on record, counted for each task, brought to the leader when it happens too often, and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, Post
from taskflow.domain.states import OPEN_STATES, TaskState
from taskflow.domain.urging import is_escalated
from taskflow.models.task import Task, TaskShape, Urge
from taskflow.services import history, settings
from taskflow.services.evidence import NewEvidence, attach, screened
from taskflow.services.queries.scope import facts_of_many, get_tasks
from taskflow.services.task_access import find_of_task, open_task, require_post
from taskflow.services.unit_of_work import unit_of_work

#: States in which a unit still owes its result.
OWED = (TaskState.ASSIGNED, TaskState.IN_PROGRESS, TaskState.SUSPENDED, TaskState.AWAITING_APPROVAL)
CHANNELS = ("email", "zalo", "phone", "letter")  # thư điện tử, Zalo, điện thoại, công văn


def urge(
    *,
    task_ids: Sequence[int],
    text: str,
    actor: Actor,
    now: datetime,
    channel: str = "email",
    reply_due_on: date | None = None,
) -> list[Urge]:
    """Urge one or many tasks in one go; each unit gets one message about all of its tasks.

    A collective task is urged in its members: those that have not handed over a result. Raises ``NotFound`` when one
    is not visible, ``NotAllowed``, ``WrongState`` for a closed one or one whose members have all delivered,
    ``Invalid`` without a text or with a day for the answer that is over. Nobody's open form is spoilt: the version
    of the tasks stays.
    """
    with unit_of_work() as session:
        if not text.strip():
            raise Invalid("urge.text_required", "text")
        if channel not in CHANNELS:
            raise Invalid("urge.channel", "channel")
        if reply_due_on is not None and reply_due_on < local_date(now):
            raise Invalid("dates.over", "reply_due_on", today=local_date(now))
        chosen = get_tasks(actor, task_ids, for_change=True)
        if len(chosen) != len(set(task_ids)):
            raise NotFound("task.not_found")
        facts = facts_of_many(chosen)
        posts = {task.id: require_post(actor, Permission.TASK_URGE, facts[task.id]) for task in chosen}
        owing = members_owing(session, chosen)
        for task in chosen:
            check_urgeable(task, owing)
        tasks = _doing_the_work(chosen, owing, posts)
        made = [
            Urge(
                task_id=task.id,
                at=now,
                by_id=actor.user_id,
                text=text.strip(),
                channel=channel,
                reply_due_on=reply_due_on,
            )
            for task in tasks
        ]
        session.add_all(made)
        session.execute(
            update(Task)
            .where(Task.id.in_([task.id for task in tasks]))
            .values(urge_count=Task.urge_count + 1)
            .execution_options(synchronize_session=False)
        )
        session.flush()
        data = {"channel": channel, "reply_due_on": reply_due_on.isoformat() if reply_due_on else None}
        limit = settings.get(settings.URGE_ESCALATE_AFTER)
        escalated = [
            task
            for task in tasks
            if is_escalated(task.urge_count + 1, limit) and not is_escalated(task.urge_count, limit)
        ]
        about: dict[int, dict[str, Any]] = {task.id: {"urge": one.id} for task, one in zip(tasks, made, strict=True)}
        about |= {task_id: {"members": [member.id for member in members]} for task_id, members in owing.items()}
        session.add_all(
            history.line(
                task,
                "urged",
                actor=actor,
                post=posts[task.id],
                now=now,
                reason=text.strip(),
                data={**data, **about[task.id]},
            )
            for task in dict.fromkeys([*tasks, *chosen])
        )
        session.add_all(history.line(task, "escalated", actor=actor, now=now) for task in escalated)
        for task in tasks:
            session.expire(task, ["urge_count"])
        history.tell_all(tasks, "urged", actor=actor, now=now, text=text.strip())
        history.tell_all(escalated, "escalated", actor=actor, now=now, text=text.strip())
        return made


def members_owing(session: Session, tasks: Sequence[Task]) -> dict[int, list[Task]]:
    """The members of each collective task among these that have not handed over a result; one query at most."""
    found: dict[int, list[Task]] = {task.id: [] for task in tasks if task.shape is TaskShape.COLLECTIVE}
    if found:
        members = select(Task).where(Task.parent_id.in_(found), Task.state.in_(OWED)).order_by(Task.id)
        for member in session.scalars(members):
            found[member.parent_id or 0].append(member)
    return found


def check_urgeable(task: Task, owing: Mapping[int, Sequence[Task]]) -> None:
    """Raise ``WrongState`` for a closed task, and for a collective one whose members have all delivered."""
    if task.state not in OPEN_STATES:
        raise WrongState("task.closed", task=task.code)
    if task.id in owing and not owing[task.id]:
        raise WrongState("urge.nobody_owes", task=task.code)


def _doing_the_work(chosen: Sequence[Task], owing: Mapping[int, Sequence[Task]], posts: dict[int, Post]) -> list[Task]:
    """The tasks themselves, and in place of collective ones their members, urged by the same post."""
    tasks = {task.id: task for task in chosen if task.id not in owing}
    for parent_id, members in owing.items():
        for member in members:
            posts.setdefault(member.id, posts[parent_id])
            tasks.setdefault(member.id, member)
    return list(tasks.values())


@screened
def answer_urge(*, urge_id: int, text: str, actor: Actor, now: datetime, evidence: Sequence[NewEvidence] = ()) -> Urge:
    """The unit's answer to an urging, kept with it.

    Raises ``NotFound``, ``NotAllowed``, ``WrongState`` once it was answered or the task is closed, ``Invalid`` without
    a text.
    """
    with unit_of_work() as session:
        found = find_of_task(session, actor, Urge, urge_id, "urge.not_found")
        opened = open_task(actor, found.task_id, Permission.TASK_REPORT)
        session.refresh(found)
        if opened.task.state not in OPEN_STATES:
            raise WrongState("task.closed")
        if found.answered_at is not None:
            raise WrongState("urge.answered_already")
        if not text.strip():
            raise Invalid("urge.text_required", "text")
        found.answer, found.answered_at, found.answered_by_id = text.strip(), now, actor.user_id
        attach(session, opened.task, evidence, actor=actor, now=now)
        history.record(
            opened.task,
            "urge_answered",
            actor=actor,
            post=opened.post,
            now=now,
            reason=found.answer,
            data={"urge": found.id},
            notice={"user_ids": [found.by_id]},
            touch=False,
        )
        return found
