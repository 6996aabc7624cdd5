"""People for the pages: lists with search and paging, one person with posts, who can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from taskflow.collation import alphabetical
from taskflow.domain.permissions import WORKING_ROLES, Role
from taskflow.extensions import db
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import Coordination, CoordinationState, Task
from taskflow.services.queries.words import found_in

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post of a person."""

    id: int
    unit_id: int
    unit: str
    role: Role
    valid_from: date | None
    valid_to: date | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list of people."""

    id: int
    full_name: str
    email: str
    job_title: str
    is_active: bool
    #: Whether the person has set a password, that is: has accepted the invitation.
    has_password: bool
    last_sign_in_at: datetime | None
    posts: tuple[PostRow, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    """A page of people."""

    rows: list[PersonRow]
    total: int
    page: int
    has_next: bool


def posts_of(user_id: int, *, on: date) -> list[PostRow]:
    """All posts of a person, current ones first."""
    return _posts([user_id], on).get(user_id, [])


def list_people(
    *, q: str = "", unit_id: int | None = None, role: Role | None = None, state: str = "active", page: int = 1, on: date
) -> People:
    """People found by name or address without accents; ``state`` is active, inactive, invited or all."""
    wanted = select(User).where(*found_in(User.search_text, q))
    if state == "inactive":
        wanted = wanted.where(User.is_active.is_(False))
    elif state == "invited":
        wanted = wanted.where(User.is_active, User.password_hash.is_(None))
    elif state == "active":
        wanted = wanted.where(User.is_active)
    if unit_id is not None or role is not None:
        conditions = [Membership.user_id == User.id, current_post(on)]
        if role is not None:
            conditions.append(Membership.role == role)
        held = select(Membership.id).where(*conditions)
        if unit_id is not None:
            path = select(Unit.path).where(Unit.id == unit_id).scalar_subquery()
            held = held.join(Unit, Unit.id == Membership.unit_id).where(Unit.path.startswith(path))
        wanted = wanted.where(held.exists())
    return _page(wanted, page, on)


def people_choices(*, unit_ids: frozenset[int] | None = None, on: date, limit: int = 2000) -> list[tuple[int, str]]:
    """Active people as (id, "name – unit") for a select: those who do work in these units, or all."""
    wanted = (
        select(User.id, User.full_name, func.min(func.coalesce(func.nullif(Unit.short_name, ""), Unit.name)))
        .outerjoin(Membership, and_(Membership.user_id == User.id, current_post(on)))
        .outerjoin(Unit, Unit.id == Membership.unit_id)
        .where(User.is_active)
        .group_by(User.id, User.full_name)
        .order_by(alphabetical(User.full_name), User.id)
        .limit(limit)
    )
    if unit_ids is not None:
        wanted = wanted.where(Membership.unit_id.in_(unit_ids), Membership.role.in_(WORKING_ROLES))
    rows = db.session.execute(wanted).all()
    return [(user_id, f"{name} – {unit}" if unit else name) for user_id, name, unit in rows]


def current_post(on: date) -> ColumnElement[bool]:
    """The condition that a membership holds on this day."""
    return and_(
        or_(Membership.valid_from.is_(None), Membership.valid_from <= on),
        or_(Membership.valid_to.is_(None), Membership.valid_to >= on),
    )


def _page(wanted: Select[User], page: int, on: date) -> People:
    session = db.session()
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    users = session.scalars(
        wanted.order_by(alphabetical(User.full_name), User.id).offset((page - 1) * PER_PAGE).limit(PER_PAGE)
    ).all()
    posts = _posts([user.id for user in users], on)
    rows = [
        PersonRow(
            id=user.id,
            full_name=user.full_name,
            email=user.email,
            job_title=user.job_title,
            is_active=user.is_active,
            has_password=user.password_hash is not None,
            last_sign_in_at=user.last_sign_in_at,
            posts=tuple(post for post in posts.get(user.id, []) if post.is_current),
        )
        for user in users
    ]
    return People(rows, total, page, has_next=page * PER_PAGE < total)


def _posts(user_ids: list[int], on: date) -> dict[int, list[PostRow]]:
    rows = db.session.execute(
        select(Membership, Unit.name, Unit.short_name)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.user_id.in_(user_ids))
        .order_by(Membership.id)
    )
    found: dict[int, list[PostRow]] = {}
    for post, name, short_name in rows:
        current = (post.valid_from is None or post.valid_from <= on) and (post.valid_to is None or post.valid_to >= on)
        found.setdefault(post.user_id, []).append(
            PostRow(post.id, post.unit_id, short_name or name, post.role, post.valid_from, post.valid_to, current)
        )
    for posts in found.values():
        posts.sort(key=lambda post: not post.is_current)
    return found


@dataclass(frozen=True, slots=True)
class HeldTask:
    """An open task of which a person is in charge, or on which they answer for a coordinating unit (``line_id``)."""

    id: int
    code: str
    content: str
    due_on: date | None
    line_id: int | None = None


def tasks_held(user_id: int, unit: Unit | None = None) -> ColumnElement[bool]:
    """Open tasks of which the person is in charge; with a unit those that this unit or one above it leads."""
    held = and_(Task.person_id == user_id, Task.is_open.is_(True))
    return held if unit is None else and_(held, Task.lead_unit_id.in_(unit.lineage))


def lines_held(user_id: int, unit: Unit) -> ColumnElement[bool]:
    """Requests to this unit, or one above it, that the person is to answer; to be joined with their tasks."""
    return and_(
        Coordination.person_id == user_id,
        Coordination.state.in_((CoordinationState.ASKED, CoordinationState.ACCEPTED)),
        Coordination.unit_id.in_(unit.lineage),
        Task.is_open.is_(True),
    )


def open_tasks_of(user_id: int, *, unit: Unit | None = None, limit: int = 50) -> tuple[list[HeldTask], int]:
    """Open tasks of which the person is in charge (for this unit), due first, and how many there are."""
    held = tasks_held(user_id, unit)
    total = db.session.scalar(select(func.count()).select_from(Task).where(held)) or 0
    rows = db.session.execute(
        select(Task.id, Task.code, Task.content, Task.due_on)
        .where(held)
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
        .limit(limit)
    )
    return [HeldTask(*row) for row in rows], total


def left_behind(user_id: int, *, on: date) -> int:
    """How many open tasks the person is in charge of without a role, on this day, in or below the units that lead."""
    units = db.session.scalars(
        select(Unit)
        .join(Membership, Membership.unit_id == Unit.id)
        .where(Membership.user_id == user_id, Membership.role.in_(WORKING_ROLES), current_post(on))
    )
    kept = {unit_id for unit in units for unit_id in unit.lineage}
    held = and_(tasks_held(user_id), Task.lead_unit_id.not_in(kept))
    return db.session.scalar(select(func.count()).select_from(Task).where(held)) or 0


def open_lines_of(user_id: int, unit: Unit, *, limit: int) -> list[HeldTask]:
    """Requests to coordinate that the person is to answer for this unit, due first."""
    rows = db.session.execute(
        select(Task.id, Task.code, Task.content, Coordination.due_on, Coordination.id)
        .join(Coordination, Coordination.task_id == Task.id)
        .where(lines_held(user_id, unit))
        .order_by(Coordination.due_on.is_(None), Coordination.due_on, Coordination.id)
        .limit(limit)
    )
    return [HeldTask(*row) for row in rows]
