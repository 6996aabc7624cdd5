"""Reorganisation by decision: units renamed, merged, split, dissolved. None of it moves a task by itself.

Open work of a unit that ended is handed over by choosing (``services.hand_over``): due dates stay, the old unit keeps
reading, the receiver acknowledges. Finished work stays where it was done; ``queries.unit_history`` reads figures
by the unit then and by the unit now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid, WrongState
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.units import fold
from taskflow.models.org import SuccessionKind, Unit, UnitName, UnitSuccession
from taskflow.models.task import Task
from taskflow.services import audit
from taskflow.services.rights import require
from taskflow.services.tasks import refresh_search_text
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.units import get_unit, unit_search_text

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision (quyết định) that a reorganisation rests on."""

    number: str
    decided_on: date
    effective_on: date


def rename(
    *, unit_id: int, name: str, short_name: str, decision: Decision, actor: Actor, now: datetime
) -> UnitSuccession:
    """Give a unit another official name; the old one is kept with its dates, so that old documents are still read."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    _check(decision, now)
    if not fold(name):
        raise Invalid("unit.name_empty", "name")
    with unit_of_work() as session:
        unit = _active(session, unit_id)
        if unit.name == name.strip():
            raise Invalid("unit.name_same", "name", name=unit.name)
        old_name = unit.name
        last_day = decision.effective_on - timedelta(days=1)
        for old in {unit.name: None, unit.short_name: None}:
            if old and not any(known.folded == fold(old) for known in unit.names):
                unit.names.append(UnitName(name=old, folded=fold(old), kind="official", valid_to=last_day))
        unit.name, unit.short_name = name.strip(), short_name.strip()
        unit.search_text = unit_search_text(unit)
        made = _succeed(session, SuccessionKind.RENAME, unit, unit.id, decision, actor, now, old_name=old_name)
        _refresh_open_tasks(session, unit)
        return made


def merge(
    *, from_unit_ids: Sequence[int], to_unit_id: int, decision: Decision, actor: Actor, now: datetime
) -> list[UnitSuccession]:
    """Units end and another one (new, or one that existed) takes their place.

    Raises ``Invalid`` for a unit merged into itself, ``WrongState`` for one that has ended or has units below it.
    """
    require(actor, Permission.ADMIN_UNIT_EDIT)
    _check(decision, now)
    with unit_of_work() as session:
        target = _active(session, to_unit_id)
        made = []
        for unit_id in dict.fromkeys(from_unit_ids):
            if unit_id == target.id:
                raise Invalid("reorganisation.into_itself", "to_unit_id", unit=target.name)
            unit = _active(session, unit_id)
            _end(session, unit, decision)
            made.append(_succeed(session, SuccessionKind.MERGE, unit, target.id, decision, actor, now))
        if not made:
            raise Invalid("reorganisation.no_unit", "from_unit_ids")
        return made


def split(
    *,
    from_unit_id: int,
    to_unit_ids: Sequence[int],
    decision: Decision,
    actor: Actor,
    now: datetime,
    ends: bool = True,
) -> list[UnitSuccession]:
    """A unit is divided into several; ``ends`` says whether it is one that ends, or one that goes on beside them."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    _check(decision, now)
    with unit_of_work() as session:
        unit = _active(session, from_unit_id)
        targets = [_active(session, unit_id) for unit_id in dict.fromkeys(to_unit_ids) if unit_id != unit.id]
        if len(targets) + (not ends) < 2:
            raise Invalid("reorganisation.split_needs_two", "to_unit_ids")
        made = [_succeed(session, SuccessionKind.SPLIT, unit, target.id, decision, actor, now) for target in targets]
        if ends:
            _end(session, unit, decision)
        return made


def dissolve(
    *, unit_id: int, decision: Decision, actor: Actor, now: datetime, successor_id: int | None = None
) -> UnitSuccession:
    """A unit ends; a successor may be named for its tasks."""
    require(actor, Permission.ADMIN_UNIT_EDIT)
    _check(decision, now)
    with unit_of_work() as session:
        unit = _active(session, unit_id)
        if successor_id == unit_id:
            raise Invalid("reorganisation.into_itself", "successor_id", unit=unit.name)
        target = _active(session, successor_id) if successor_id is not None else None
        _end(session, unit, decision)
        return _succeed(
            session, SuccessionKind.DISSOLVE, unit, target.id if target is not None else None, decision, actor, now
        )


def _check(decision: Decision, now: datetime) -> None:
    if not decision.number.strip():
        raise Invalid("reorganisation.decision_required", "number")
    if decision.effective_on > local_date(now):
        raise Invalid("reorganisation.not_yet", "effective_on", day=decision.effective_on)
    if decision.decided_on > decision.effective_on:
        raise Invalid("dates.order", "effective_on")


def _active(session: Session, unit_id: int) -> Unit:
    unit = get_unit(session, unit_id)
    if not unit.is_active:
        raise WrongState("reorganisation.unit_ended", unit=unit.name)
    return unit


def _end(session: Session, unit: Unit, decision: Decision) -> None:
    below = session.scalar(select(Unit.name).where(Unit.parent_id == unit.id, Unit.is_active).limit(1))
    if below is not None:
        raise WrongState("reorganisation.units_below", unit=unit.name, below=below)
    unit.is_active = False
    unit.dissolved_on = decision.effective_on


def _succeed(
    session: Session,
    kind: SuccessionKind,
    unit: Unit,
    to_unit_id: int | None,
    decision: Decision,
    actor: Actor,
    now: datetime,
    *,
    old_name: str = "",
) -> UnitSuccession:
    known = select(UnitSuccession.id).where(
        UnitSuccession.from_unit_id == unit.id,
        UnitSuccession.to_unit_id == to_unit_id,
        UnitSuccession.effective_on == decision.effective_on,
    )
    if session.scalar(known) is not None:
        raise Invalid("reorganisation.known", "effective_on", unit=unit.name, day=decision.effective_on)
    made = UnitSuccession(
        from_unit_id=unit.id,
        to_unit_id=to_unit_id,
        kind=kind,
        effective_on=decision.effective_on,
        decision_number=decision.number.strip(),
        decision_on=decision.decided_on,
        old_name=old_name or unit.name,
        created_at=now,
        created_by_id=actor.user_id,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=f"unit.{kind.value}",
        subject="unit",
        subject_id=unit.id,
        now=now,
        old_name=made.old_name,
        to_unit_id=to_unit_id,
        decision=made.decision_number,
    )
    return made


def _refresh_open_tasks(session: Session, unit: Unit) -> None:
    """Let open tasks of a renamed unit be found by its new name as well."""
    ids = session.scalars(select(Task.id).where(Task.lead_unit_id == unit.id, Task.is_open).order_by(Task.id)).all()
    for start in range(0, len(ids), _AT_ONCE):
        part = session.scalars(select(Task).where(Task.id.in_(ids[start : start + _AT_ONCE]))).all()
        refresh_search_text(session, part)
