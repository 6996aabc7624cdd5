"""How every use case on a task begins: see it, be allowed, have the current version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from taskflow.domain.permissions import WORKING_ROLES, Actor, Permission, Post, TaskFacts, granting_post
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import (
    Comment,
    Coordination,
    Evidence,
    ExtensionRequest,
    ProgressReport,
    Task,
    TransferRequest,
    Urge,
)
from taskflow.services.queries.scope import facts_of, get_task, sees

M = TypeVar("M", Comment, Coordination, Evidence, ExtensionRequest, ProgressReport, TransferRequest, Urge)


@dataclass(frozen=True, slots=True)
class Opened:
    """A task that is about to change, what the rules know of it, and the post that allows it."""

    task: Task
    facts: TaskFacts
    post: Post


def open_task(
    actor: Actor,
    task_id: int,
    permission: Permission,
    *,
    expected_version: int | None = None,
    barred: frozenset[int] = frozenset(),
) -> Opened:
    """The task, locked for change, inside a unit of work. ``barred`` people may not do it (who asked never decides).

    Raises ``NotFound`` (not visible), ``Conflict`` (``expected_version`` is given and no longer current) and
    ``NotAllowed`` (visible, but no post of the actor grants the permission).
    """
    task = get_task(actor, task_id, for_change=True)
    check_version(task, expected_version)
    facts = facts_of(task)
    return Opened(task, facts, require_post(actor, permission, facts, barred=barred))


def find_of_task(session: Session, actor: Actor, model: type[M], part_id: int, missing: str) -> M:
    """Something that belongs to a task (a request, a line, a report). Raises ``NotFound(missing)`` also when hidden."""
    found = session.get(model, part_id)
    if found is None or not sees(actor, session.get_one(Task, found.task_id)):
        raise NotFound(missing)
    return found


def check_version(task: Task, expected_version: int | None) -> None:
    """Raise ``Conflict`` when somebody changed the task since this version."""
    if expected_version is not None and task.version != expected_version:
        raise Conflict("conflict.changed_meanwhile", version=task.version)


def require_post(
    actor: Actor, permission: Permission, facts: TaskFacts, *, barred: frozenset[int] = frozenset()
) -> Post:
    """The post that grants the permission. Raises ``NotAllowed``."""
    post = granting_post(actor, permission, facts, barred=barred)
    if post is None:
        raise NotAllowed("task.not_allowed")
    return post


def require_unit(session: Session, unit_id: int, field: str = "unit_id") -> Unit:
    """The unit, when it exists and works. Raises ``Invalid("unit.not_active")``."""
    unit = session.get(Unit, unit_id)
    if unit is None or not unit.is_active:
        raise Invalid("unit.not_active", field, unit=unit.name if unit else "")
    return unit


def require_worker(session: Session, person_id: int, unit: Unit, today: date, field: str = "person_id") -> User:
    """The person, when they do work (officer, head) in this unit or below it today. Raises ``Invalid``."""
    person = session.scalar(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(
            User.id == person_id,
            User.is_active,
            Membership.role.in_(WORKING_ROLES),
            Unit.path.startswith(unit.path, autoescape=True),
            or_(Membership.valid_from.is_(None), Membership.valid_from <= today),
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
        )
        .limit(1)
    )
    if person is None:
        raise Invalid("task.person_not_in_unit", field, unit=unit.name)
    return person
