"""What an office's reviewers chose for a wording, remembered for the next import; changed or forgotten where wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from taskflow.collation import alphabetical
from taskflow.domain.errors import Invalid, NotAllowed, NotFound
from taskflow.domain.permissions import Actor, Permission, has, offices_of
from taskflow.domain.units import fold, is_open_set
from taskflow.extensions import db
from taskflow.models.org import NameMapping, Unit, UnitGroup, User
from taskflow.services import audit
from taskflow.services.queries.words import found_in
from taskflow.services.task_access import require_unit
from taskflow.services.unit_of_work import unit_of_work

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One remembered choice."""

    id: int
    office: str
    wording: str
    meaning: str
    #: Whether a unit of it has ended since: the next import follows its successor or asks.
    has_ended: bool
    uses: int
    chosen_by: str
    chosen_at: datetime


def remember(
    *,
    actor: Actor,
    office_unit_id: int,
    wording: str,
    unit_ids: Sequence[int],
    group_id: int | None = None,
    now: datetime,
) -> bool:
    """Remember what the wording means for this office; an older choice is replaced.

    Returns False, and remembers nothing, for an open set ("có liên quan"): its units are ticked each time.
    Raises ``NotAllowed`` outside one's offices, ``Invalid("mapping.empty")`` without units or group.
    """
    _check(actor, office_unit_id)
    folded = fold(wording)[:300]
    if not folded or (not unit_ids and group_id is None):
        raise Invalid("mapping.empty")
    if is_open_set(wording):
        return False
    with unit_of_work() as session:
        mapping = session.scalar(
            select(NameMapping).where(NameMapping.office_unit_id == office_unit_id, NameMapping.folded == folded)
        )
        if mapping is None:
            mapping = NameMapping(office_unit_id=office_unit_id, folded=folded)
            session.add(mapping)
        mapping.wording = wording[:300]
        mapping.unit_ids, mapping.group_id = list(dict.fromkeys(unit_ids)), group_id
        mapping.chosen_by_id, mapping.chosen_at = actor.user_id, now
        session.flush()
    return True


def note_uses(session: Session, office_unit_id: int, wordings: Iterable[str]) -> None:
    """Count, inside a unit of work, that an import relied on what was remembered of these wordings."""
    keys = sorted({fold(wording)[:300] for wording in wordings})
    session.execute(
        update(NameMapping)
        .where(NameMapping.office_unit_id == office_unit_id, NameMapping.folded.in_(keys))
        .values(uses=NameMapping.uses + 1)
    )


def get_mapping(actor: Actor, mapping_id: int) -> NameMapping:
    """A remembered choice of one's offices. Raises ``NotFound``."""
    mapping = db.session.get(NameMapping, mapping_id)
    if mapping is None or not _may(actor, mapping.office_unit_id):
        raise NotFound("mapping.not_found")
    return mapping


def change(
    *, actor: Actor, mapping_id: int, unit_ids: Sequence[int], group_id: int | None = None, now: datetime
) -> None:
    """Let a remembered wording mean other units, or a group, from the next import on.

    Raises ``NotFound``, ``Invalid`` without units or group, with both, and for what does not exist or has ended.
    """
    wanted = list(dict.fromkeys(unit_ids))
    with unit_of_work() as session:
        mapping = get_mapping(actor, mapping_id)
        if not wanted and group_id is None:
            raise Invalid("mapping.empty", "unit_ids")
        if wanted and group_id is not None:
            raise Invalid("mapping.units_and_group", "group_id")
        old = _meaning(session, mapping.unit_ids, mapping.group_id)
        if group_id is not None:
            group = session.get(UnitGroup, group_id)
            if group is None or not group.is_active:
                raise Invalid("group.not_found", "group_id")
        for unit_id in wanted:
            require_unit(session, unit_id, "unit_ids")
        if (wanted, group_id) == (mapping.unit_ids, mapping.group_id):
            return
        mapping.unit_ids, mapping.group_id = wanted, group_id
        mapping.chosen_by_id, mapping.chosen_at = actor.user_id, now
        audit.record(
            session,
            actor=actor,
            action="mapping.changed",
            subject="unit",
            now=now,
            name=mapping.wording,
            old=old,
            new=_meaning(session, wanted, group_id),
        )


def forget(*, actor: Actor, mapping_id: int, now: datetime) -> None:
    """Forget a choice: the next import asks again."""
    with unit_of_work() as session:
        mapping = get_mapping(actor, mapping_id)
        session.execute(delete(NameMapping).where(NameMapping.id == mapping_id))
        audit.record(session, actor=actor, action="mapping.forgotten", subject="unit", now=now, name=mapping.wording)


def list_mappings(*, actor: Actor, q: str = "", page: int = 1) -> tuple[list[MappingRow], bool]:
    """What the actor's offices remember, by wording; and whether there are more."""
    wanted = select(NameMapping, Unit.name, User.full_name).join(Unit, Unit.id == NameMapping.office_unit_id)
    wanted = wanted.outerjoin(User, User.id == NameMapping.chosen_by_id).where(*found_in(NameMapping.folded, q))
    if not has(actor, Permission.ADMIN_UNIT_EDIT):
        wanted = wanted.where(NameMapping.office_unit_id.in_(offices_of(actor, Permission.DOCUMENT_IMPORT)))
    found = db.session.execute(
        wanted.order_by(alphabetical(NameMapping.wording), NameMapping.id)
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    ).all()
    rows = found[:PER_PAGE]
    unit_ids = {unit_id for mapping, *_ in rows for unit_id in mapping.unit_ids}
    units = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(unit_ids)))}
    group_ids = {mapping.group_id for mapping, *_ in rows if mapping.group_id is not None}
    groups = {group.id: group for group in db.session.scalars(select(UnitGroup).where(UnitGroup.id.in_(group_ids)))}
    return [_row(mapping, office, by or "", units, groups) for mapping, office, by in rows], len(found) > PER_PAGE


def _row(
    mapping: NameMapping, office: str, by: str, units: dict[int, Unit], groups: dict[int, UnitGroup]
) -> MappingRow:
    meant = [units[unit_id] for unit_id in mapping.unit_ids if unit_id in units]
    meaning = "; ".join(unit.name for unit in meant)
    if mapping.group_id in groups:
        meaning = groups[mapping.group_id].name
    return MappingRow(
        id=mapping.id,
        office=office,
        wording=mapping.wording,
        meaning=meaning,
        has_ended=any(not unit.is_active for unit in meant),
        uses=mapping.uses,
        chosen_by=by,
        chosen_at=mapping.chosen_at,
    )


def _meaning(session: Session, unit_ids: Sequence[int], group_id: int | None) -> str:
    group = session.get(UnitGroup, group_id) if group_id is not None else None
    if group is not None:
        return group.name
    names = {unit.id: unit.name for unit in session.scalars(select(Unit).where(Unit.id.in_(unit_ids)))}
    return "; ".join(names[unit_id] for unit_id in unit_ids if unit_id in names)


def _may(actor: Actor, office_unit_id: int) -> bool:
    return office_unit_id in offices_of(actor, Permission.DOCUMENT_IMPORT) or has(actor, Permission.ADMIN_UNIT_EDIT)


def _check(actor: Actor, office_unit_id: int) -> None:
    if not _may(actor, office_unit_id):
        raise NotAllowed("mapping.not_allowed")
