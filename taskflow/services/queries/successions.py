"""Reorganisations for the pages, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased

from taskflow.extensions import db
from taskflow.models.org import Unit, UnitSuccession

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """How one unit's work passed on."""

    kind: str
    effective_on: date
    decision_number: str
    decision_on: date | None
    old_name: str
    from_id: int
    from_name: str
    to_id: int | None
    to_name: str


def list_successions(*, unit_id: int | None = None, page: int = 1) -> tuple[list[SuccessionRow], bool]:
    """A page of reorganisations, all or those that a unit took part in; and whether there are more."""
    source, target = aliased(Unit), aliased(Unit)
    wanted = (
        select(UnitSuccession, source.name, target.name)
        .join(source, source.id == UnitSuccession.from_unit_id)
        .outerjoin(target, target.id == UnitSuccession.to_unit_id)
        .order_by(UnitSuccession.effective_on.desc(), UnitSuccession.id.desc())
    )
    if unit_id is not None:
        wanted = wanted.where((UnitSuccession.from_unit_id == unit_id) | (UnitSuccession.to_unit_id == unit_id))
    found = db.session.execute(wanted.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
    rows = [
        SuccessionRow(
            kind=link.kind.value,
            effective_on=link.effective_on,
            decision_number=link.decision_number,
            decision_on=link.decision_on,
            old_name=link.old_name,
            from_id=link.from_unit_id,
            from_name=from_name,
            to_id=link.to_unit_id,
            to_name=to_name or "",
        )
        for link, from_name, to_name in found[:PER_PAGE]
    ]
    return rows, len(found) > PER_PAGE


def newest_succession(unit_id: int) -> UnitSuccession | None:
    """The last reorganisation by which the unit's work passed on."""
    return db.session.scalar(
        select(UnitSuccession)
        .where(UnitSuccession.from_unit_id == unit_id)
        .order_by(UnitSuccession.effective_on.desc(), UnitSuccession.id.desc())
        .limit(1)
    )
