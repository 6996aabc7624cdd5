"""Units through reorganisations: who led a task on a day, who stands for a unit now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select

from taskflow.extensions import db
from taskflow.models.org import SuccessionKind, Unit, UnitSuccession
from taskflow.models.task import FormerLead, Task


def lead_then(at: datetime) -> ColumnElement[int | None]:
    """The unit that led ``Task`` at this instant (đơn vị tại thời điểm đó), for selecting and grouping."""
    then = (
        select(FormerLead.unit_id)
        .where(FormerLead.task_id == Task.id, FormerLead.until > at)
        .order_by(FormerLead.until, FormerLead.id)
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )
    return func.coalesce(then, Task.lead_unit_id)


def led_or_delivered(at: datetime) -> ColumnElement[int | None]:
    """For the statistic of that time: who delivered ``Task``, or who led it at this instant when nobody has.

    A delivered task does not move, so that its lead unit is the one that delivered it.
    """
    return case((Task.delivered_on.is_not(None), Task.lead_unit_id), else_=lead_then(at))


def units_now() -> dict[int, int]:
    """For every unit that ended with one successor (merged, dissolved): the unit that stands for it now.

    A unit that was split has no single one and is left out: its figures stay under its own name.
    """
    rows = db.session.execute(
        select(UnitSuccession.from_unit_id, UnitSuccession.to_unit_id)
        .join(Unit, Unit.id == UnitSuccession.from_unit_id)
        .where(
            UnitSuccession.kind.in_((SuccessionKind.MERGE, SuccessionKind.DISSOLVE)),
            UnitSuccession.to_unit_id.is_not(None),
            Unit.is_active.is_(False),
        )
        .order_by(UnitSuccession.effective_on, UnitSuccession.id)
    )
    following = {old: new for old, new in rows if new is not None}
    now: dict[int, int] = {}
    for old in following:
        seen, unit = {old}, following[old]
        while unit in following and unit not in seen:
            seen.add(unit)
            unit = following[unit]
        now[old] = unit
    return now
