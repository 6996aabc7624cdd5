"""Indicators (chỉ tiêu) and money (kinh phí) of plans: readings by the responsible unit, target against actual.

Texts stay as they were written ("< 3%"); a number stands beside them where they are clear. The newest reading of a
period holds; earlier ones are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from taskflow.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from taskflow.domain.permissions import Actor, Permission, TaskFacts, can, offices_of, units_of
from taskflow.extensions import db
from taskflow.models.document import Document, StoredFile
from taskflow.models.indicator import BudgetLine, Indicator, IndicatorReading
from taskflow.models.task import Task
from taskflow.services import audit, files, settings
from taskflow.services.files import ServedFile, Upload
from taskflow.services.queries.scope import visible_tasks
from taskflow.services.task_access import require_unit
from taskflow.services.unit_of_work import unit_of_work

#: Periods of readings; targets may have others, as the document writes them ("2026-2030").
PERIOD = re.compile(r"(19|20)\d\d(-(Q[1-4]|H[12]|0[1-9]|1[0-2]))?")
_END_MONTHS = {"": 12, "H1": 6, "H2": 12, "Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12}
_MOST = 500
_VIETNAMESE_NUMBER = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_POINT_NUMBER = re.compile(r"-?\d+\.\d{1,2}")
_DOUBTFUL = re.compile(r"[<>≤≥~]|khoảng|trên|dưới")


@dataclass(frozen=True, slots=True)
class Point:
    """One period of an indicator: what should be and what was, as written and as numbers where they are clear."""

    period: str
    target: str = ""
    target_value: Decimal | None = None
    actual: str = ""
    actual_value: Decimal | None = None
    reading_id: int | None = None


def visible_documents(actor: Actor) -> ColumnElement[bool]:
    """A condition on ``Document``: one's office tracks it, or one may see a task or answers for an indicator of it."""
    return or_(
        Document.office_unit_id.in_(sorted(offices_of(actor, Permission.DOCUMENT_READ))),
        Document.id.in_(select(Task.document_id).where(Task.document_id.is_not(None), visible_tasks(actor))),
        Document.id.in_(
            select(Indicator.document_id).where(Indicator.responsible_unit_id.in_(sorted(units_of(actor))))
        ),
    )


def list_indicators(actor: Actor, *, document_id: int | None = None, unit_id: int | None = None) -> Sequence[Indicator]:
    """Indicators of documents that the actor may see, with targets and readings, by document and place in it."""
    query = (
        select(Indicator)
        .join(Document, Document.id == Indicator.document_id)
        .where(visible_documents(actor))
        .options(
            selectinload(Indicator.targets),
            selectinload(Indicator.readings),
            joinedload(Indicator.responsible),
            joinedload(Indicator.document),
        )
        .order_by(Indicator.document_id, Indicator.position, Indicator.id)
        .limit(_MOST)
    )
    if document_id is not None:
        query = query.where(Indicator.document_id == document_id)
    if unit_id is not None:
        query = query.where(Indicator.responsible_unit_id == unit_id)
    return db.session.scalars(query).all()


def get_indicator(actor: Actor, indicator_id: int) -> Indicator:
    """One indicator. Raises ``NotFound``."""
    found = db.session.scalar(
        select(Indicator)
        .join(Document, Document.id == Indicator.document_id)
        .where(Indicator.id == indicator_id, visible_documents(actor))
    )
    if found is None:
        raise NotFound("indicator.not_found")
    return found


def series_of(indicator: Indicator) -> list[Point]:
    """Target against actual by period, for the table and the chart; the newest reading of a period holds."""
    points = {
        target.period: Point(target.period, target=target.text, target_value=target.value)
        for target in indicator.targets
    }
    for reading in sorted(indicator.readings, key=lambda one: one.id):
        known = points.get(reading.period, Point(reading.period))
        points[reading.period] = Point(
            reading.period, known.target, known.target_value, reading.text, reading.value, reading.id
        )
    return [points[period] for period in sorted(points, key=when)]


def when(period: str) -> tuple[str, int, bool]:
    """Sorts periods by year and by the month in which they end; the year as a whole comes after its parts."""
    if PERIOD.fullmatch(period) is None:
        return period, 12, True
    year, _sep, part = period.partition("-")
    return year, _END_MONTHS[part] if part in _END_MONTHS else int(part), not part


def may_name_responsible(actor: Actor, indicator: Indicator) -> bool:
    """Whether the actor says which unit answers for this indicator: the office that tracks the plan."""
    return indicator.document.office_unit_id in offices_of(actor, Permission.TASK_EDIT)


def may_report(actor: Actor, indicator: Indicator) -> bool:
    """Whether the actor reads this indicator for its responsible unit, or for the office that tracks the plan."""
    facts = TaskFacts(office_unit_id=indicator.document.office_unit_id, lead_unit_id=indicator.responsible_unit_id)
    return can(actor, Permission.INDICATOR_REPORT, facts)


def report_reading(
    *,
    indicator_id: int,
    period: str,
    text: str,
    actor: Actor,
    now: datetime,
    note: str = "",
    upload: Upload | None = None,
    not_secret: str = "",
) -> IndicatorReading:
    """Record what the indicator was in a period ("2026", "2026-Q2", "2026-H1", "2026-07"), with a file as evidence.

    Raises ``NotFound``, ``NotAllowed``, ``Invalid`` for a period or a text that says nothing.
    """
    files.refuse_secret(upload, not_secret)
    with unit_of_work() as session:
        indicator = get_indicator(actor, indicator_id)
        if not may_report(actor, indicator):
            raise NotAllowed("indicator.not_allowed")
        if not PERIOD.fullmatch(period):
            raise Invalid("indicator.period", "period", period=period)
        if not text.strip():
            raise Invalid("indicator.text_required", "text")
        stored = None
        if upload is not None:
            stored = files.store(
                session,
                upload.data,
                upload.filename,
                now=now,
                max_mb=settings.get(settings.EVIDENCE_MAX_MB),
                types=settings.get(settings.EVIDENCE_TYPES),
            )
        reading = IndicatorReading(
            indicator_id=indicator.id,
            period=period,
            text=text.strip(),
            value=number_of(text),
            note=note.strip(),
            sha256=stored.sha256 if stored is not None else None,
            filename=files.clean_filename(upload.filename) if upload is not None else "",
            at=now,
            by_id=actor.user_id,
        )
        session.add(reading)
        session.flush()
        session.expire(indicator, ["readings"])
        return reading


def make_responsible(
    *, indicator_id: int, unit_id: int | None, actor: Actor, now: datetime, expected_version: int | None = None
) -> Indicator:
    """Name the unit that answers for the indicator. For the office that tracks the plan."""
    with unit_of_work() as session:
        indicator = get_indicator(actor, indicator_id)
        if not may_name_responsible(actor, indicator):
            raise NotAllowed("indicator.not_allowed")
        if expected_version is not None and indicator.version != expected_version:
            raise Conflict("conflict.changed_meanwhile", version=indicator.version)
        if unit_id is not None:
            require_unit(session, unit_id)
        audit.record(
            session,
            actor=actor,
            action="indicator.responsible_changed",
            subject="indicator",
            subject_id=indicator.id,
            now=now,
            old=indicator.responsible_unit_id,
            new=unit_id,
        )
        indicator.responsible_unit_id = unit_id
        session.flush()
        session.expire(indicator, ["responsible"])
        return indicator


def get_reading_file(actor: Actor, reading_id: int) -> ServedFile:
    """The file of a reading, for those who may see the indicator. Raises ``NotFound``."""
    row = db.session.execute(
        select(IndicatorReading, StoredFile)
        .join(StoredFile, StoredFile.sha256 == IndicatorReading.sha256)
        .join(Indicator, Indicator.id == IndicatorReading.indicator_id)
        .join(Document, Document.id == Indicator.document_id)
        .where(IndicatorReading.id == reading_id, visible_documents(actor))
    ).first()
    if row is None:
        raise NotFound("indicator.not_found")
    reading, stored = row
    return ServedFile(stored.sha256, reading.filename, stored.media_type, stored.size)


def list_budget(actor: Actor, document_id: int) -> Sequence[BudgetLine]:
    """The cost lines of a document that the actor may see, as they stand in it. Raises ``NotFound``."""
    seen = select(Document.id).where(Document.id == document_id, visible_documents(actor))
    if db.session.scalar(seen) is None:
        raise NotFound("document.not_found")
    return db.session.scalars(
        select(BudgetLine)
        .where(BudgetLine.document_id == document_id)
        .order_by(BudgetLine.position, BudgetLine.id)
        .limit(_MOST)
    ).all()


def number_of(text: str) -> Decimal | None:
    """The number in a Vietnamese text when there is exactly one and nothing makes it doubtful: "84,46%" is 84.46."""
    tokens = [token.rstrip(".,") for token in re.findall(r"-?\d[\d.,]*", text)]
    if len(tokens) != 1 or _DOUBTFUL.search(text.lower()):
        return None
    if _VIETNAMESE_NUMBER.fullmatch(tokens[0]):
        return Decimal(tokens[0].replace(".", "").replace(",", "."))
    return Decimal(tokens[0]) if _POINT_NUMBER.fullmatch(tokens[0]) else None
