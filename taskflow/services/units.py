"""Units (đơn vị): the tree, names and aliases through time. Reorganisation is in ``services.reorganisation``.

A unit with any history is never deleted. Correcting a typing error changes the name; a new name by
decision is a reorganisation, which keeps the old one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Table, exists, func, or_, select, update
from sqlalchemy.orm import Session

from taskflow.domain.errors import Conflict, Invalid, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.search import search_words
from taskflow.domain.units import fold
from taskflow.models.base import Base
from taskflow.models.org import Unit, UnitName
from taskflow.services import audit
from taskflow.services.rights import require
from taskflow.services.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class UnitValues:
    """What an administrator writes about a unit."""

    name: str
    short_name: str = ""
    code: str | None = None
    parent_id: int | None = None
    position: int = 0
    is_office: bool = False
    email: str = ""
    phone: str = ""


def subtree(path: str) -> ColumnElement[bool]:
    """The condition that a unit lies in the tree below ``path`` (itself included)."""
    return Unit.path.startswith(path, autoescape=True)


def unit_search_text(unit: Unit) -> str:
    """What units are found by: every name they go or went by, without accents, abbreviations in both forms."""
    return search_words(unit.name, unit.short_name, unit.code, *(name.name for name in unit.names))


def get_unit(session: Session, unit_id: int) -> Unit:
    """The unit. Raises ``NotFound("unit.not_found")``."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("unit.not_found")
    return unit


def plant(session: Session, *, name: str, parent: Unit | None, **columns: object) -> Unit:
    """Add a unit to the tree, inside a unit of work that has checked everything."""
    unit = Unit(name=name, parent_id=parent.id if parent is not None else None, **columns)
    session.add(unit)
    session.flush()
    unit.path = f"{parent.path if parent is not None else '/'}{unit.id}/"
    unit.search_text = unit_search_text(unit)
    session.flush()
    return unit


def create_unit(*, actor: Actor, values: UnitValues, now: datetime) -> int:
    """Add a unit. Raises ``Invalid`` on the field at fault."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    with unit_of_work() as session:
        parent = get_unit(session, values.parent_id) if values.parent_id is not None else None
        if parent is not None and not parent.is_active:
            raise Invalid("unit.parent_inactive", "parent_id", name=parent.name)
        _check_names(session, values, unit_id=None)
        columns = asdict(values)
        del columns["name"], columns["parent_id"]
        unit = plant(session, name=values.name, parent=parent, **columns)
        audit.record(
            session, actor=actor, action="unit.created", subject="unit", subject_id=unit.id, now=now, name=unit.name
        )
        return unit.id


def edit_unit(*, actor: Actor, unit_id: int, values: UnitValues, expected_version: int, now: datetime) -> None:
    """Correct a unit's facts and its place in the tree.

    Raises ``Conflict`` for a stale version, ``Invalid`` on the field at fault (``unit.cycle``: a unit
    cannot stand below itself).
    """
    require(actor, Permission.ADMIN_UNIT_EDIT)
    with unit_of_work() as session:
        unit = get_unit(session, unit_id)
        if unit.version != expected_version:
            raise Conflict("conflict.changed_meanwhile")
        _check_names(session, values, unit_id=unit_id)
        changes: dict[str, list[object]] = {}
        for field, new in asdict(values).items():
            old = getattr(unit, field)
            if old != new:
                changes[field] = [old, new]
        if "parent_id" in changes:
            move(session, unit, values.parent_id)
        for field in changes.keys() - {"parent_id"}:
            setattr(unit, field, getattr(values, field))
        if not changes:
            return
        unit.search_text = unit_search_text(unit)
        audit.record(
            session, actor=actor, action="unit.changed", subject="unit", subject_id=unit_id, now=now, changes=changes
        )


def add_name(
    *, actor: Actor, unit_id: int, name: str, kind: str, valid_from: date | None, valid_to: date | None, now: datetime
) -> None:
    """Add a former official name (``official``) or another wording (``alias``) by which documents mean this unit."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise Invalid("dates.order", "valid_to")
    if not fold(name):
        raise Invalid("unit.name_empty", "name")
    with unit_of_work() as session:
        unit = get_unit(session, unit_id)
        if any(known.folded == fold(name) and known.valid_from == valid_from for known in unit.names):
            raise Invalid("unit.name_known", "name", name=name)
        unit.names.append(UnitName(name=name, folded=fold(name), kind=kind, valid_from=valid_from, valid_to=valid_to))
        unit.search_text = unit_search_text(unit)
        audit.record(
            session, actor=actor, action="unit.name_added", subject="unit", subject_id=unit_id, now=now, name=name
        )


def remove_name(*, actor: Actor, unit_id: int, name_id: int, now: datetime) -> None:
    """Take an alias away. Former official names stay: old documents are read by them."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    with unit_of_work() as session:
        unit = get_unit(session, unit_id)
        known = next((name for name in unit.names if name.id == name_id), None)
        if known is None:
            raise NotFound("unit.name_not_found")
        if known.kind == "official":
            raise WrongState("unit.name_official")
        unit.names.remove(known)
        unit.search_text = unit_search_text(unit)
        audit.record(
            session, actor=actor, action="unit.name_removed", subject="unit", subject_id=unit_id, now=now,
            name=known.name,
        )  # fmt: skip


def delete_unit(*, actor: Actor, unit_id: int, expected_version: int, now: datetime) -> None:
    """Delete a unit that was made by mistake and never used. Raises ``WrongState("unit.in_use")`` for any other."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    with unit_of_work() as session:
        unit = get_unit(session, unit_id)
        if unit.version != expected_version:
            raise Conflict("conflict.changed_meanwhile")
        used_by = references_to(session, unit_id)
        if used_by:
            raise WrongState("unit.in_use", name=unit.name)
        audit.record(
            session, actor=actor, action="unit.deleted", subject="unit", subject_id=unit_id, now=now, name=unit.name
        )
        session.delete(unit)


def references_to(session: Session, unit_id: int) -> list[str]:
    """Names of the tables in which something refers to this unit; its own aliases do not count."""
    found = []
    for table in Base.metadata.sorted_tables:
        if table.name == UnitName.__tablename__:
            continue
        columns = [key.parent for key in table.foreign_keys if _targets_unit(key.column.table)]
        if columns and session.scalar(select(exists().where(or_(*(column == unit_id for column in columns))))):
            found.append(table.name)
    return found


def _targets_unit(table: object) -> bool:
    return isinstance(table, Table) and table.name == Unit.__tablename__


def _check_names(session: Session, values: UnitValues, *, unit_id: int | None) -> None:
    if not fold(values.name):
        raise Invalid("unit.name_empty", "name")
    others = select(Unit.id, Unit.name, Unit.short_name).where(Unit.is_active, Unit.parent_id == values.parent_id)
    for other in session.execute(others):
        if other.id != unit_id and fold(other.name) == fold(values.name):
            raise Invalid("unit.name_taken", "name", name=other.name)
    if values.code and session.scalar(select(Unit.id).where(Unit.code == values.code, Unit.id != (unit_id or 0))):
        raise Invalid("unit.code_taken", "code", value=values.code)


def move(session: Session, unit: Unit, parent_id: int | None) -> None:
    """Hang the unit and everything below it under another parent, inside a unit of work; all paths follow.

    Raises ``Invalid("unit.cycle")`` when the parent lies below the unit itself.
    """
    # One move at a time: two at once could make a ring that neither sees.
    session.execute(select(Unit.id).where(Unit.parent_id.is_(None)).with_for_update())
    parent = get_unit(session, parent_id) if parent_id is not None else None
    if parent is not None and f"/{unit.id}/" in parent.path:
        raise Invalid("unit.cycle", "parent_id", name=unit.name, parent=parent.name)
    if parent is not None and not parent.is_active:
        raise Invalid("unit.parent_inactive", "parent_id", name=parent.name)
    old = unit.path
    new = f"{parent.path if parent is not None else '/'}{unit.id}/"
    session.flush()
    session.execute(
        update(Unit)
        .where(subtree(old))
        .values(path=new + func.substr(Unit.path, len(old) + 1))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    unit.parent_id = parent_id
