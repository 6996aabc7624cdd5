"""Handing work over (bàn giao): open tasks, coordination, series and indicators of a unit; what an office tracks.

Everything is chosen by a person; nothing moves by itself. Due dates do not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from taskflow.domain.errors import DomainError, Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, Post, granting_post, has
from taskflow.domain.transitions import Action, transition
from taskflow.models.document import Document, ImportJob
from taskflow.models.indicator import Indicator
from taskflow.models.org import Unit, UnitSuccession
from taskflow.models.task import OWED_COORDINATION, Coordination, CoordinationState, SavedView, Series, Task, TaskShape
from taskflow.services import audit, history
from taskflow.services.assignment import check_movable, move_to_unit
from taskflow.services.queries.scope import facts_of_many, rules_of
from taskflow.services.rights import require
from taskflow.services.task_access import require_unit
from taskflow.services.task_steps import Step, StepInputs, take
from taskflow.services.tasks import lead_units
from taskflow.services.unit_of_work import unit_of_work


class Doubled(StrEnum):
    """What becomes of a part of a collective task when its receiver has a part of the same task already."""

    JOIN = "join"  # ends in favour of the receiver's part, which its open parts join
    END = "end"  # is discontinued
    APART = "apart"  # stays a part of its own at the receiver


@dataclass(frozen=True, slots=True)
class HandOver:
    """What was handed over, and the tasks that could not be, with the reason."""

    task_ids: tuple[int, ...]
    coordination_ids: tuple[int, ...]
    series_ids: tuple[int, ...]
    indicator_ids: tuple[int, ...]
    refused: tuple[tuple[int, str, DomainError], ...]


def hand_over(
    *,
    from_unit_id: int,
    tasks: Mapping[int, int],
    reason: str,
    actor: Actor,
    now: datetime,
    coordinations: Mapping[int, int] | None = None,
    series: Mapping[int, int] | None = None,
    indicators: Mapping[int, int] | None = None,
    succession_id: int | None = None,
    doubled: Doubled | None = None,
) -> HandOver:
    """Hand open work of a unit to others: ids of tasks, coordination … with the unit that receives each.

    For administrators of units, and for offices their own tasks. Tasks whose result is on its way are refused
    and named, unless the unit has ended: then they go along as they are. ``doubled`` decides on parts of collective
    tasks of which the receiver has a part already; without it they are refused and named.

    Raises ``NotAllowed``, ``NotFound`` for work that is not of this unit, ``Invalid`` without a reason.
    """
    if not reason.strip():
        raise Invalid("task.reason_required", "reason")
    with unit_of_work() as session:
        if succession_id is not None and session.get(UnitSuccession, succession_id) is None:
            raise NotFound("reorganisation.not_found")
        chosen = session.scalars(
            select(Task)
            .where(Task.id.in_(list(tasks)), Task.lead_unit_id == from_unit_id, Task.is_open)
            .order_by(Task.id)
            .with_for_update()
        ).all()
        if len(chosen) != len(tasks):
            raise NotFound("task.not_found")
        posts = _posts(actor, list(chosen))
        ended = not session.get_one(Unit, from_unit_id).is_active
        apart = doubled is Doubled.APART
        closing: list[Task] = []
        moved: list[Task] = []
        refused: list[tuple[int, str, DomainError]] = []
        for unit_id in sorted(set(tasks.values())):
            unit = require_unit(session, unit_id)
            ready: list[Task] = []
            for task in (task for task in chosen if tasks[task.id] == unit_id):
                try:
                    check_movable(session, [task], unit, [one.id for one in ready], unit_ended=ended, apart=apart)
                    _check_alone(task, ready, unit, apart=apart)
                    ready.append(task)
                except DomainError as error:
                    if error.code == "transfer.leads_already" and doubled is not None:
                        closing.append(task)
                        continue
                    refused.append((task.id, task.code, error))
            if ready:
                move_to_unit(
                    session,
                    ready,
                    unit,
                    posts=posts,
                    actor=actor,
                    now=now,
                    kind="transferred",
                    reason=reason.strip(),
                    succession_id=succession_id,
                    unit_ended=ended,
                    apart=apart,
                )
                moved += ready
            for task in (one for one in closing if tasks[one.id] == unit_id):
                _close_double(session, task, unit, doubled, posts, ended, actor, now, reason.strip())
        history.tell_all(moved, "transferred", actor=actor, now=now, text=reason.strip())
        lines = _hand_over_lines(session, from_unit_id, coordinations or {}, actor, now, reason.strip())
        changed = _hand_over_series(session, from_unit_id, series or {}, actor, now, reason.strip())
        answered = _hand_over_indicators(session, from_unit_id, indicators or {}, actor, now)
        return HandOver(tuple(task.id for task in (*moved, *closing)), lines, changed, answered, tuple(refused))


def hand_over_office(*, from_unit_id: int, to_unit_id: int, actor: Actor, now: datetime) -> int:
    """Let another coordinating office track everything that this one tracks; returns how many tasks that are.

    Raises ``NotAllowed``, ``Invalid`` when the receiver is no coordinating office.
    """
    require(actor, Permission.ADMIN_UNIT_EDIT)
    with unit_of_work() as session:
        target = require_unit(session, to_unit_id, "to_unit_id")
        if not target.is_office or from_unit_id == to_unit_id:
            raise Invalid("reorganisation.no_office", "to_unit_id", unit=target.name)
        open_tasks = session.scalars(select(Task).where(Task.office_unit_id == from_unit_id, Task.is_open)).all()
        session.add_all(
            history.line(task, "office_changed", actor=actor, now=now, data={"from": from_unit_id, "to": to_unit_id})
            for task in open_tasks
        )
        session.flush()
        for model in (Document, ImportJob, Series, SavedView):
            session.execute(update(model).where(model.office_unit_id == from_unit_id).values(office_unit_id=to_unit_id))
        session.execute(update(Task).where(Task.office_unit_id == from_unit_id).values(office_unit_id=to_unit_id))
        audit.record(
            session,
            actor=actor,
            action="unit.office_handed_over",
            subject="unit",
            subject_id=from_unit_id,
            now=now,
            to_unit_id=to_unit_id,
        )
        return len(open_tasks)


def _check_alone(task: Task, ready: list[Task], unit: Unit, *, apart: bool) -> None:
    """Two parts of one collective task that go to one unit together meet there as well."""
    if task.shape is not TaskShape.MEMBER or apart:
        return
    other = next((one for one in ready if one.parent_id == task.parent_id and one.shape is TaskShape.MEMBER), None)
    if other is not None:
        raise Invalid("transfer.leads_already", "unit_id", unit=unit.name, task=other.code)


def _close_double(
    session: Session,
    task: Task,
    unit: Unit,
    doubled: Doubled | None,
    posts: dict[int, Post],
    ended: bool,
    actor: Actor,
    now: datetime,
    reason: str,
) -> None:
    """End a part in favour of the one that the receiver has; history of both says so."""
    kept = session.scalars(
        select(Task)
        .where(Task.parent_id == task.parent_id, Task.lead_unit_id == unit.id, Task.shape == TaskShape.MEMBER)
        .order_by(Task.is_open.desc(), Task.id)
        .limit(1)
    ).one()
    post = posts.get(task.id) or actor.posts[0]
    if doubled is Doubled.JOIN:
        if not kept.is_open:
            raise WrongState("transfer.joins_closed", task=kept.code)
        parts = session.scalars(select(Task).where(Task.parent_id == task.id, Task.is_open)).all()
        for part in parts:
            part.parent_id = kept.id
        session.flush()
        own = [part for part in parts if part.lead_unit_id == task.lead_unit_id]
        if own:
            move_to_unit(
                session, own, unit, posts={part.id: post for part in own}, actor=actor, now=now, kind="transferred",
                reason=reason, unit_ended=ended,
            )  # fmt: skip
        data = {"joined": task.code, "due_on": task.due_on.isoformat() if task.due_on else None}
        history.record(kept, "joined", actor=actor, post=post, now=now, reason=reason, data=data)
    step = Step(task, post, transition(task.state, Action.CANCEL, rules_of(task)))
    words = f"{reason} ({kept.code})" if doubled is Doubled.JOIN else reason
    take(session, Action.CANCEL, [step], actor=actor, now=now, inputs=StepInputs(reason=words))


def _posts(actor: Actor, tasks: list[Task]) -> dict[int, Post]:
    """The post by which each task may be moved; administrators of units need none."""
    facts = facts_of_many(tasks)
    posts = {task.id: granting_post(actor, Permission.TASK_TRANSFER, facts[task.id]) for task in tasks}
    if not has(actor, Permission.ADMIN_UNIT_EDIT) and not all(posts.values()):
        raise NotAllowed("task.not_allowed")
    return {task_id: post for task_id, post in posts.items() if post is not None}


def _hand_over_lines(
    session: Session, from_unit_id: int, chosen: Mapping[int, int], actor: Actor, now: datetime, reason: str
) -> tuple[int, ...]:
    if not chosen:
        return ()
    lines = session.scalars(
        select(Coordination).where(
            Coordination.id.in_(list(chosen)),
            Coordination.unit_id == from_unit_id,
            Coordination.state.in_(OWED_COORDINATION),
        )
    ).all()
    if len(lines) != len(chosen):
        raise NotFound("coordination.not_found")
    tasks = {task.id: task for task in session.scalars(select(Task).where(Task.id.in_([one.task_id for one in lines])))}
    if not has(actor, Permission.ADMIN_UNIT_EDIT):
        _posts(actor, list(tasks.values()))
    known = select(Coordination.task_id, Coordination.unit_id).where(Coordination.task_id.in_(list(tasks)))
    taken = {(row.task_id, row.unit_id) for row in session.execute(known)}
    done = []
    for line in lines:
        task = tasks[line.task_id]
        target = require_unit(session, chosen[line.id])
        if target.id in lead_units(session, task) or (task.id, target.id) in taken:
            line.state = CoordinationState.NOT_NEEDED  # the receiver is on the task already
        else:
            line.unit_id, line.person_id, line.state = target.id, None, CoordinationState.ASKED
            if task.waiting_unit_id == from_unit_id:
                task.waiting_unit_id = target.id
        done.append(line.id)
        history.record(
            task,
            "coordination_moved",
            actor=actor,
            now=now,
            reason=reason,
            data={"coordination": line.id, "from": from_unit_id, "to": target.id},
            touch=False,
            tell=False,
        )
    return tuple(done)


def _hand_over_series(
    session: Session, from_unit_id: int, chosen: Mapping[int, int], actor: Actor, now: datetime, reason: str
) -> tuple[int, ...]:
    if not chosen:
        return ()
    require(actor, Permission.ADMIN_UNIT_EDIT)
    done = []
    found = session.scalars(select(Series).where(Series.id.in_(list(chosen)), Series.is_active)).all()
    if len(found) != len(chosen) or not all(
        from_unit_id in (*one.lead_unit_ids, *one.coordinator_unit_ids) for one in found
    ):
        raise NotFound("series.not_found")
    for series in found:
        target = require_unit(session, chosen[series.id]).id
        series.lead_unit_ids = _replaced(series.lead_unit_ids, from_unit_id, target)
        series.coordinator_unit_ids = [
            one
            for one in _replaced(series.coordinator_unit_ids, from_unit_id, target)
            if one not in series.lead_unit_ids
        ]
        done.append(series.id)
        audit.record(
            session,
            actor=actor,
            action="series.handed_over",
            subject="series",
            subject_id=series.id,
            now=now,
            from_unit_id=from_unit_id,
            to_unit_id=target,
            reason=reason,
        )
    return tuple(done)


def _hand_over_indicators(
    session: Session, from_unit_id: int, chosen: Mapping[int, int], actor: Actor, now: datetime
) -> tuple[int, ...]:
    if not chosen:
        return ()
    require(actor, Permission.ADMIN_UNIT_EDIT)
    found = session.scalars(
        select(Indicator).where(Indicator.id.in_(list(chosen)), Indicator.responsible_unit_id == from_unit_id)
    ).all()
    if len(found) != len(chosen):
        raise NotFound("indicator.not_found")
    for one in found:
        one.responsible_unit_id = require_unit(session, chosen[one.id]).id
        audit.record(
            session,
            actor=actor,
            action="indicator.responsible_changed",
            subject="indicator",
            subject_id=one.id,
            now=now,
            old=from_unit_id,
            new=one.responsible_unit_id,
        )
    return tuple(one.id for one in found)


def _replaced(unit_ids: list[int], old: int, new: int) -> list[int]:
    return list(dict.fromkeys(new if unit_id == old else unit_id for unit_id in unit_ids))
