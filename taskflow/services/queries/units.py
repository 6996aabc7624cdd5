"""Units for the pages: the tree, one unit, groups, choices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from taskflow.collation import alphabetical
from taskflow.domain.permissions import Role
from taskflow.domain.search import query_terms
from taskflow.extensions import db
from taskflow.models.org import Membership, Unit, UnitGroup, UnitGroupMember, User
from taskflow.models.task import Task
from taskflow.services.queries.people import current_post
from taskflow.services.queries.words import found_in, matches

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of the tree. ``depth`` 0 is a root; ``above`` names the units over it when the list is a search."""

    id: int
    name: str
    short_name: str
    code: str
    depth: int
    above: str
    is_office: bool
    is_active: bool
    people: int
    open_tasks: int


@dataclass(frozen=True, slots=True)
class Units:
    """A page of the tree."""

    rows: list[UnitRow]
    total: int
    page: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person with a post in a unit."""

    user_id: int
    full_name: str
    role: Role
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One line of the list of groups."""

    id: int
    name: str
    is_open: bool
    is_active: bool
    members: int
    note: str


@dataclass(frozen=True, slots=True)
class _Bare:
    id: int
    parent_id: int | None
    name: str
    short_name: str
    code: str
    search_text: str
    is_office: bool
    is_active: bool


def list_units(*, q: str = "", with_inactive: bool = False, page: int = 1, on: date) -> Units:
    """The tree in its order; with a query the units found, each with what is above it."""
    bare = _all_units()
    terms = query_terms(q)
    shown = [
        (unit, depth)
        for unit, depth in _in_order(bare)
        if (with_inactive or unit.is_active) and matches(unit.search_text, terms)
    ]
    here = shown[(page - 1) * PER_PAGE : page * PER_PAGE]
    ids = [unit.id for unit, _depth in here]
    people, tasks = _people_counts(ids, on), _task_counts(ids)
    by_id = {unit.id: unit for unit in bare}
    rows = [
        UnitRow(
            id=unit.id,
            name=unit.name,
            short_name=unit.short_name,
            code=unit.code,
            depth=0 if terms else depth,
            above=" › ".join(_above(unit, by_id)) if terms else "",
            is_office=unit.is_office,
            is_active=unit.is_active,
            people=people.get(unit.id, 0),
            open_tasks=tasks.get(unit.id, 0),
        )
        for unit, depth in here
    ]
    return Units(rows, len(shown), page, has_next=page * PER_PAGE < len(shown))


def unit_choices(*, with_inactive: bool = False, without_below: int | None = None) -> list[tuple[int, str]]:
    """Units as (id, label) in the order of the tree; ``without_below`` leaves out a unit and everything under it."""
    bare = _all_units()
    by_id = {unit.id: unit for unit in bare}
    left_out: set[int] = set()
    choices = []
    for unit, _depth in _in_order(bare):
        if unit.id == without_below or unit.parent_id in left_out:
            left_out.add(unit.id)
            continue
        if with_inactive or unit.is_active:
            above = _above(unit, by_id)
            # The root is the same for all and would only push the name out of sight.
            choices.append((unit.id, " – ".join([unit.name, *reversed(above[1:])])))
    return choices


def office_choices() -> list[tuple[int, str]]:
    """Active coordinating offices as (id, name)."""
    rows = db.session.execute(
        select(Unit.id, Unit.name).where(Unit.is_office, Unit.is_active).order_by(Unit.position, Unit.id)
    )
    return [(unit_id, name) for unit_id, name in rows]


def members_of(unit_id: int) -> list[MemberRow]:
    """Everybody with a post in the unit, past and present, people of open accounts."""
    rows = db.session.execute(
        select(User.id, User.full_name, Membership.role, Membership.valid_from, Membership.valid_to)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.unit_id == unit_id, User.is_active)
        .order_by(alphabetical(User.full_name), User.id)
    )
    return [MemberRow(*row) for row in rows]


def list_groups(*, q: str = "", page: int = 1) -> tuple[list[GroupRow], int]:
    """Groups by name with the number of their members, and how many there are."""
    members = (
        select(func.count())
        .select_from(UnitGroupMember)
        .where(UnitGroupMember.group_id == UnitGroup.id)
        .scalar_subquery()
    )
    wanted = select(UnitGroup, members)
    wanted = wanted.where(*found_in(UnitGroup.folded, q))
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = db.session.execute(
        wanted.order_by(UnitGroup.is_active.desc(), alphabetical(UnitGroup.name), UnitGroup.id)
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
    )
    return [
        GroupRow(group.id, group.name, group.is_open, group.is_active, count, group.note) for group, count in rows
    ], total


def _all_units() -> list[_Bare]:
    rows = db.session.execute(
        select(
            Unit.id,
            Unit.parent_id,
            Unit.name,
            Unit.short_name,
            func.coalesce(Unit.code, ""),
            Unit.search_text,
            Unit.is_office,
            Unit.is_active,
        ).order_by(Unit.position, Unit.id)
    )
    return [_Bare(*row) for row in rows]


def _in_order(units: Iterable[_Bare]) -> list[tuple[_Bare, int]]:
    """Depth first, siblings by position."""
    children: dict[int | None, list[_Bare]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit)
    ordered: list[tuple[_Bare, int]] = []
    stack = [(unit, 0) for unit in reversed(children.get(None, []))]
    while stack:
        unit, depth = stack.pop()
        ordered.append((unit, depth))
        stack.extend((child, depth + 1) for child in reversed(children.get(unit.id, [])))
    return ordered


def _above(unit: _Bare, by_id: dict[int, _Bare]) -> list[str]:
    """Names of the units over this one, from the root down."""
    names: list[str] = []
    parent = unit.parent_id
    while parent is not None:
        above = by_id[parent]
        names.append(above.short_name or above.name)
        parent = above.parent_id
    return names[::-1]


def _people_counts(ids: list[int], on: date) -> dict[int, int]:
    rows = db.session.execute(
        select(Membership.unit_id, func.count(func.distinct(Membership.user_id)))
        .join(User, User.id == Membership.user_id)
        .where(Membership.unit_id.in_(ids), User.is_active, current_post(on))
        .group_by(Membership.unit_id)
    )
    return dict(rows.all())


def _task_counts(ids: list[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(Task.lead_unit_id, func.count())
        .where(Task.lead_unit_id.in_(ids), Task.is_open.is_(True))
        .group_by(Task.lead_unit_id)
    )
    return {unit_id: count for unit_id, count in rows if unit_id is not None}
