"""What letters are written from: read for a batch of messages, in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from taskflow.clock import local_date
from taskflow.domain.permissions import Permission, can
from taskflow.domain.states import TaskState
from taskflow.models.document import Document
from taskflow.models.org import Unit, User
from taskflow.models.outbox import Channel, ChannelKind, WebhookEndpoint
from taskflow.models.task import OWED_COORDINATION, Coordination, ExtensionRequest, ExtensionState, Priority, Task
from taskflow.services.actors import actor_of
from taskflow.services.queries.scope import facts_of_many


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task as a message names it."""

    id: int
    code: str
    content: str
    state: TaskState
    due: date | None
    unit: str
    progress_on: date | None
    #: Urgency mark, empty for ordinary work.
    mark: str = ""
    needs_decision: bool = False


def read_tasks(session: Session, ids: Iterable[int]) -> dict[int, TaskFacts]:
    """These tasks, as far as a message speaks of them."""
    rows = session.execute(
        select(
            Task.id,
            Task.code,
            Task.content,
            Task.state,
            Task.due_on,
            Unit.name,
            Unit.short_name,
            Task.last_progress_at,
            Task.priority,
            Task.needs_decision,
        )
        .outerjoin(Unit, Unit.id == Task.lead_unit_id)
        .where(Task.id.in_(sorted(ids)))
    )
    return {
        row[0]: TaskFacts(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[6] or row[5] or "",
            local_date(row[7]) if row[7] else None,
            "" if row[8] is Priority.NORMAL else row[8].value,
            row[9],
        )
        for row in rows
    }


def read_replies(session: Session, ids: Iterable[int]) -> dict[int, date | None]:
    """Those of these coordination lines that still owe a reply, each with the day that it is asked for."""
    rows = session.execute(
        select(Coordination.id, Coordination.due_on).where(
            Coordination.id.in_(sorted(ids)), Coordination.state.in_(OWED_COORDINATION)
        )
    )
    return {row[0]: row[1] for row in rows}


def read_documents(session: Session, ids: Iterable[int]) -> dict[int, Any]:
    """Number, title and addressee of these documents."""
    rows = session.execute(
        select(Document.id, Document.number, Document.title, Document.reporting_to).where(Document.id.in_(sorted(ids)))
    )
    return {row.id: row for row in rows}


def read_people(session: Session, ids: Iterable[int]) -> dict[int, Any]:
    """Name, e-mail address, state, sessions and choices of these people."""
    rows = session.execute(
        select(User.id, User.full_name, User.email, User.is_active, User.session_epoch, User.preferences).where(
            User.id.in_(sorted(ids))
        )
    )
    return {row.id: row for row in rows}


def read_rights(
    session: Session, pairs: Iterable[tuple[int, int]], *, on: date
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Which of these pairs (person, task) may read on this day: with and without the rights of former leads."""
    wanted = set(pairs)
    tasks = list(
        session.scalars(
            select(Task)
            .where(Task.id.in_(sorted({task for _person, task in wanted})))
            .options(selectinload(Task.workflow))
        )
    )
    ever, now = facts_of_many(tasks), facts_of_many(tasks, former_leads=False)
    actors = {person: actor_of(person, on=on) for person in sorted({person for person, _task in wanted})}

    def able(facts: dict[int, Any]) -> set[tuple[int, int]]:
        return {
            (person, task)
            for person, task in wanted
            if task in facts and can(actors[person], Permission.TASK_READ, facts[task])
        }

    return able(ever), able(now)


def read_endpoints(session: Session, ids: Iterable[int]) -> dict[int, WebhookEndpoint]:
    """Where and how these receivers are called."""
    rows = session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id.in_(sorted(ids))))
    return {row.id: row for row in rows}


def asking(session: Session, task_ids: Iterable[int]) -> set[int]:
    """Those of these tasks for which more time is still asked."""
    return set(
        session.scalars(
            select(ExtensionRequest.task_id).where(
                ExtensionRequest.task_id.in_(sorted(task_ids)), ExtensionRequest.state == ExtensionState.PENDING
            )
        )
    )


def read_channels(session: Session, addresses: Iterable[str]) -> dict[tuple[int, ChannelKind, str], Any]:
    """What is known of these addresses, by person, kind and address."""
    rows = session.execute(
        select(
            Channel.user_id,
            Channel.kind,
            Channel.address,
            Channel.last_interaction_at,
            Channel.disabled_at,
            Channel.unsubscribed_at,
        ).where(Channel.address.in_(sorted(addresses)))
    )
    return {(row.user_id, row.kind, row.address): row for row in rows}
