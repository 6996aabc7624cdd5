"""A person changes units: what they are in charge of in the old one is decided knowingly, nothing is left behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import WORKING_ROLES, Actor, Permission, Role
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import Coordination, Task
from taskflow.services import audit, history
from taskflow.services.queries.people import current_post, lines_held, tasks_held
from taskflow.services.rights import require
from taskflow.services.task_access import require_unit, require_worker
from taskflow.services.unit_of_work import unit_of_work


def move_person(
    *,
    user_id: int,
    from_unit_id: int,
    to_unit_id: int,
    role: Role,
    starts_on: date,
    tasks: Mapping[int, int | None],
    actor: Actor,
    now: datetime,
    lines: Mapping[int, int | None] | None = None,
) -> None:
    """A person changes units; every open task and request to coordinate that they cannot keep must be decided.

    ``tasks`` and ``lines`` say by id who takes it over, None for nobody yet. What a unit above leads can be kept by
    who stays below it. Raises ``Invalid("person.tasks_undecided")`` when one is left out, and as ``assign_person``
    for a wrong person.
    """
    require(actor, Permission.ADMIN_USER_EDIT)
    with unit_of_work() as session:
        if session.get(User, user_id) is None:
            raise NotFound("user.not_found")
        old = session.scalars(
            select(Membership).where(Membership.user_id == user_id, Membership.unit_id == from_unit_id)
        ).all()
        if not old:
            raise Invalid("person.no_post", "from_unit_id")
        left, target = session.get_one(Unit, from_unit_id), require_unit(session, to_unit_id, "to_unit_id")
        kept = _kept(session, user_id, left, target if role in WORKING_ROLES else None, starts_on)
        moved = _reassign_tasks(session, user_id, left, kept, tasks, actor, now)
        _reassign_lines(session, user_id, left, kept, lines or {}, now)
        for post in old:
            post.valid_to = starts_on - timedelta(days=1)
            if post.valid_from is not None and post.valid_from > post.valid_to:
                post.valid_from = post.valid_to
        new = session.scalar(
            select(Membership).where(
                Membership.user_id == user_id, Membership.unit_id == to_unit_id, Membership.role == role
            )
        )
        if new is None:
            new = Membership(user_id=user_id, unit_id=to_unit_id, role=role)
            session.add(new)
        new.valid_from, new.valid_to = starts_on, None
        audit.record(
            session,
            actor=actor,
            action="user.moved",
            subject="user",
            subject_id=user_id,
            now=now,
            from_unit_id=from_unit_id,
            to_unit_id=to_unit_id,
            role=role.value,
            tasks={str(task_id): successor for task_id, successor in moved.items()},
        )


def _kept(session: Session, user_id: int, left: Unit, target: Unit | None, starts_on: date) -> set[int]:
    """Units for which the person still does work after the move: the new one, other posts, and what is above them."""
    others = session.scalars(
        select(Unit)
        .join(Membership, Membership.unit_id == Unit.id)
        .where(
            Membership.user_id == user_id,
            Membership.unit_id != left.id,
            Membership.role.in_(WORKING_ROLES),
            current_post(starts_on),
        )
    )
    return {unit_id for unit in (*others, *([target] if target else [])) for unit_id in unit.lineage}


def _reassign_tasks(
    session: Session,
    user_id: int,
    left: Unit,
    kept: set[int],
    chosen: Mapping[int, int | None],
    actor: Actor,
    now: datetime,
) -> dict[int, int | None]:
    held = session.scalars(select(Task).where(tasks_held(user_id, left)).order_by(Task.id).with_for_update()).all()
    open_ = [task for task in held if task.id not in chosen and task.lead_unit_id not in kept]
    if open_:
        raise Invalid("person.tasks_undecided", "tasks", count=len(open_), task=open_[0].code)
    moved: dict[int, int | None] = {}
    for task in (task for task in held if task.id in chosen and task.lead_unit_id is not None):
        successor = chosen[task.id]
        if successor is not None:
            require_worker(session, successor, session.get_one(Unit, task.lead_unit_id), local_date(now))
        task.person_id = moved[task.id] = successor
        history.record(task, "reassigned", actor=actor, now=now, data={"from": user_id, "to": successor})
    return moved


def _reassign_lines(
    session: Session, user_id: int, left: Unit, kept: set[int], chosen: Mapping[int, int | None], now: datetime
) -> None:
    held = session.scalars(
        select(Coordination)
        .join(Task, Task.id == Coordination.task_id)
        .where(lines_held(user_id, left))
        .order_by(Coordination.id)
    ).all()
    open_ = [line for line in held if line.id not in chosen and line.unit_id not in kept]
    if open_:
        raise Invalid("person.tasks_undecided", "tasks", count=len(open_), task=open_[0].task.code)
    for line in (line for line in held if line.id in chosen):
        successor = chosen[line.id]
        if successor is not None:
            require_worker(session, successor, line.unit, local_date(now))
        line.person_id = successor
