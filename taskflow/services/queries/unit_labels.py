"""Names of units by their id, told apart: two communes' "Phòng Kinh tế" are two units wherever they are written.

A name is a way to show a unit and never a way to find one: pages, workbooks and papers carry the id and ask here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from taskflow.extensions import db
from taskflow.models.org import Unit


class UnitLabel(NamedTuple):
    """``name`` as official papers write the unit, ``short`` as lists show it; with the unit above where needed."""

    name: str
    short: str


def unit_labels(unit_ids: Collection[int]) -> Mapping[int, UnitLabel]:
    """The labels of these units, in the order of units."""
    above = aliased(Unit)
    short = func.coalesce(func.nullif(Unit.short_name, ""), Unit.name)
    rows = db.session.execute(
        select(
            Unit.id,
            Unit.name,
            short.label("short"),
            func.coalesce(above.name, "").label("above_name"),
            func.coalesce(func.nullif(above.short_name, ""), above.name, "").label("above_short"),
        )
        .outerjoin(above, above.id == Unit.parent_id)
        .where(Unit.id.in_(unit_ids))
        .order_by(Unit.position, Unit.id)
    ).all()
    shared_names = _shared(Unit.name, {row.name for row in rows})
    shared_shorts = _shared(short, {row.short for row in rows})
    return {
        row.id: UnitLabel(
            f"{row.name}, {row.above_name}" if row.name in shared_names and row.above_name else row.name,
            f"{row.short} ({row.above_short})" if row.short in shared_shorts and row.above_short else row.short,
        )
        for row in rows
    }


def _shared(column: object, values: Collection[str]) -> frozenset[str]:
    """Those of these names that more than one unit has."""
    counted = select(column).where(column.in_(values)).group_by(column).having(func.count() > 1)  # type: ignore[attr-defined,call-overload] # an expression of SQL
    return frozenset(db.session.scalars(counted))
