"""Coordination as an obligation: what is asked of each coordinating unit (cơ quan phối hợp), by when, its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import OPEN_STATES
from taskflow.models.task import OWED_COORDINATION, Coordination, CoordinationState, Task
from taskflow.services import history
from taskflow.services.evidence import NewEvidence, attach, screened
from taskflow.services.queries.scope import facts_of, get_task
from taskflow.services.task_access import Opened, find_of_task, open_task, require_post, require_unit, require_worker
from taskflow.services.tasks import lead_units, refresh_search_text, require_other_units
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.waiting import end_waits


def ask(
    *, task_id: int, unit_id: int, request: str, actor: Actor, now: datetime, due_on: date | None = None
) -> Coordination:
    """Ask a unit to coordinate, or ask it again (its earlier answer stays in the history).

    Raises ``WrongState`` for a closed task, ``Invalid`` for the lead unit itself, an inactive unit, no text or a day
    that is over.
    """
    with unit_of_work() as session:
        opened = open_task(actor, task_id, Permission.COORDINATION_ASK)
        task = opened.task
        if task.state not in OPEN_STATES:
            raise WrongState("task.closed")
        unit = require_unit(session, unit_id)
        require_other_units([unit.id], lead_units(session, task), "unit_id")
        if not request.strip():
            raise Invalid("coordination.request_required", "request")
        if due_on is not None and due_on < local_date(now):
            raise Invalid("dates.over", "due_on", today=local_date(now))
        line = session.scalar(
            select(Coordination).where(Coordination.task_id == task.id, Coordination.unit_id == unit.id)
        )
        if line is None:
            line = Coordination(task=task, unit_id=unit.id, wording=unit.name, asked_at=now)
            session.add(line)
        earlier = {"earlier_answer": line.answer} if line.answer else {}
        line.request, line.due_on, line.asked_at = request.strip(), due_on, now
        line.state = CoordinationState.ASKED
        line.answer, line.answered_at, line.answered_by_id = "", None, None
        session.flush()
        refresh_search_text(session, [task])
        history.record(
            task,
            "coordination_asked",
            actor=actor,
            post=opened.post,
            now=now,
            reason=line.request,
            data={"coordination": line.id, "unit_id": unit.id, "due_on": due_on.isoformat() if due_on else None}
            | earlier,
            notice={"unit_ids": [unit.id], "coordination": line.id},
        )
        return line


def accept(*, coordination_id: int, actor: Actor, now: datetime, person_id: int | None = None) -> Coordination:
    """The unit takes the request on, and may name who does it (somebody of the unit or below it)."""
    with unit_of_work() as session:
        opened, line = _open_own(session, coordination_id, actor)
        if line.state not in OWED_COORDINATION:
            raise WrongState("coordination.not_owed")
        if person_id is not None:
            require_worker(session, person_id, require_unit(session, line.unit_id), local_date(now))
            line.person_id = person_id
        line.state = CoordinationState.ACCEPTED
        _record(opened, line, "coordination_accepted", actor=actor, now=now, person=person_id)
        return line


@screened
def answer(
    *,
    coordination_id: int,
    text: str,
    actor: Actor,
    now: datetime,
    evidence: Sequence[NewEvidence] = (),
) -> Coordination:
    """The unit's answer, with documents or files; a wait for this unit ends. A later answer replaces an earlier one."""
    with unit_of_work() as session:
        opened, line = _open_own(session, coordination_id, actor)
        if line.state is CoordinationState.NOT_NEEDED:
            raise WrongState("coordination.not_owed")
        if not text.strip() and not evidence:
            raise Invalid("coordination.answer_required", "text")
        earlier = line.answer
        line.state = CoordinationState.ANSWERED
        line.answer, line.answered_at, line.answered_by_id = text.strip(), now, actor.user_id
        attach(session, opened.task, evidence, actor=actor, now=now, coordination_id=line.id)
        _end_waits(session, opened.task, line, now)
        _record(
            opened, line, "coordination_answered", actor=actor, now=now, reason=line.answer, earlier=earlier or None
        )
        return line


def not_needed(*, coordination_id: int, actor: Actor, now: datetime, reason: str = "") -> Coordination:
    """The lead, or the office, needs nothing of this unit any more; a wait for it ends."""
    with unit_of_work() as session:
        line = find_of_task(session, actor, Coordination, coordination_id, "coordination.not_found")
        opened = open_task(actor, line.task_id, Permission.COORDINATION_ASK)
        session.refresh(line)
        if line.state not in OWED_COORDINATION:
            raise WrongState("coordination.not_owed")
        line.state = CoordinationState.NOT_NEEDED
        _end_waits(session, opened.task, line, now)
        _record(opened, line, "coordination_not_needed", actor=actor, now=now, reason=reason.strip())
        return line


def _open_own(session: Session, coordination_id: int, actor: Actor) -> tuple[Opened, Coordination]:
    """The line and its task, for somebody who works for the very unit that was asked, while the task is open."""
    line = find_of_task(session, actor, Coordination, coordination_id, "coordination.not_found")
    task = get_task(actor, line.task_id, for_change=True)
    session.refresh(line)
    people = frozenset({line.person_id} if line.person_id is not None else ())
    facts = replace(facts_of(task), coordinating_unit_ids=frozenset({line.unit_id}), coordinating_person_ids=people)
    post = require_post(actor, Permission.COORDINATION_ANSWER, facts)
    if task.state not in OPEN_STATES:
        raise WrongState("task.closed")
    return Opened(task, facts, post), line


def _end_waits(session: Session, task: Task, line: Coordination, now: datetime) -> None:
    """End the waits for this unit of the task and, where it is a collective one, of its members."""
    waiting = session.scalars(
        select(Task).where(or_(Task.id == task.id, Task.parent_id == task.id), Task.waiting_unit_id == line.unit_id)
    ).all()
    end_waits(session, waiting, now=now, unit_id=line.unit_id)


def _record(
    opened: Opened, line: Coordination, kind: str, *, actor: Actor, now: datetime, reason: str = "", **data: object
) -> None:
    history.record(
        opened.task,
        kind,
        actor=actor,
        post=opened.post,
        now=now,
        reason=reason,
        data={"coordination": line.id, "unit_id": line.unit_id, **data},
        notice={"unit_ids": [line.unit_id]},
        touch=False,
    )
