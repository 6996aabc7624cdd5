"""Indicators for reading: the list, what it can be narrowed to, and the readings of one indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from taskflow.domain.permissions import Actor, units_of
from taskflow.extensions import db
from taskflow.models.document import Document
from taskflow.models.indicator import Indicator, IndicatorReading
from taskflow.models.org import Unit, User
from taskflow.services.indicators import visible_documents

PER_PAGE = 50
#: More readings of one indicator than this nobody reads on a page; the newest come first.
MOST_READINGS = 200
#: More than this in one box of a filter nobody reads.
_MOST_CHOICES = 500


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """One page of the list, with targets, readings, document and responsible unit read."""

    rows: Sequence[Indicator]
    page: int
    has_next: bool
    total: int
    page_size: int = PER_PAGE
    more_than_total: bool = False


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """One reading as it was reported. ``holds``: no later one has replaced it for its period."""

    id: int
    period: str
    text: str
    note: str
    filename: str
    at: datetime
    by: str
    holds: bool


def list_page(
    actor: Actor, *, document_id: int | None = None, unit_id: int | None = None, page: int = 1
) -> IndicatorPage:
    """The indicators that one may see, those of the newest documents first, in the order of the document."""
    conditions: list[ColumnElement[bool]] = [_visible(actor)]
    if document_id is not None:
        conditions.append(Indicator.document_id == document_id)
    if unit_id is not None:
        conditions.append(Indicator.responsible_unit_id == unit_id)
    found = db.session.scalars(
        select(Indicator)
        .where(*conditions)
        .options(
            selectinload(Indicator.targets),
            selectinload(Indicator.readings),
            joinedload(Indicator.responsible),
            joinedload(Indicator.document),
        )
        .order_by(Indicator.document_id.desc(), Indicator.position, Indicator.id)
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
    ).all()
    total = db.session.scalar(select(func.count(Indicator.id)).where(*conditions)) or 0
    return IndicatorPage(found, page, page * PER_PAGE < total, total)


def documents_with_indicators(actor: Actor) -> list[tuple[int, str]]:
    """(id, number or title) of the visible documents that have indicators, newest first."""
    rows = db.session.execute(
        select(Document.id, func.coalesce(func.nullif(Document.number, ""), func.substr(Document.title, 1, 80)))
        .where(visible_documents(actor), Document.id.in_(select(Indicator.document_id)))
        .order_by(Document.id.desc())
        .limit(_MOST_CHOICES)
    )
    return [(key, label) for key, label in rows]


def responsible_units(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of the units that answer for visible indicators."""
    answering = select(Indicator.responsible_unit_id).where(_visible(actor))
    rows = db.session.execute(
        select(Unit.id, Unit.name).where(Unit.id.in_(answering)).order_by(Unit.position, Unit.id).limit(_MOST_CHOICES)
    )
    return [(key, label) for key, label in rows]


def answers_for_any(actor: Actor) -> bool:
    """Whether a unit of the actor answers for an indicator."""
    units = sorted(units_of(actor))
    if not units:
        return False
    found = select(Indicator.id).where(Indicator.responsible_unit_id.in_(units)).limit(1)
    return db.session.scalar(found) is not None


def readings_of(indicator: Indicator) -> list[ReadingLine]:
    """The readings of an indicator that the caller may see, newest first, at most ``MOST_READINGS``."""
    rows = db.session.execute(
        select(IndicatorReading, User.full_name)
        .join(User, User.id == IndicatorReading.by_id)
        .where(IndicatorReading.indicator_id == indicator.id)
        .order_by(IndicatorReading.id.desc())
        .limit(MOST_READINGS)
    )
    lines: list[ReadingLine] = []
    seen: set[str] = set()
    for reading, name in rows:
        lines.append(
            ReadingLine(
                id=reading.id,
                period=reading.period,
                text=reading.text,
                note=reading.note,
                filename=reading.filename if reading.sha256 else "",
                at=reading.at,
                by=name,
                holds=reading.period not in seen,
            )
        )
        seen.add(reading.period)
    return lines


def _visible(actor: Actor) -> ColumnElement[bool]:
    """A condition on ``Indicator``."""
    return Indicator.document_id.in_(select(Document.id).where(visible_documents(actor)))
