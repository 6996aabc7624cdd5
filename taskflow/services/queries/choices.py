"""What filters offer: units, documents, people and tags within the actor's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select

from taskflow.collation import alphabetical
from taskflow.domain.errors import NotFound
from taskflow.domain.permissions import Actor, offices_of, units_of
from taskflow.extensions import db
from taskflow.models.document import Document
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import TaskTag

#: More than this in one box nobody reads; search finds the rest.
LIMIT = 500


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """Pairs of (value, label) for each box of the filter."""

    units: list[tuple[int, str]]
    documents: list[tuple[int, str]]
    people: list[tuple[int, str]]
    tags: list[str]


# Made once: building and hashing these statements costs more than running them.
_IDS = bindparam("ids", expanding=True, type_=Integer)
_UNITS = (
    select(Unit.id, func.coalesce(func.nullif(Unit.short_name, ""), Unit.name))
    .where(Unit.is_active.is_(True))
    .order_by(Unit.position, Unit.id)
    .limit(LIMIT)
)
_UNITS_OF = _UNITS.where(Unit.id.in_(_IDS))
_PEOPLE = (
    select(User.id, User.full_name)
    .where(User.is_active.is_(True))
    .order_by(alphabetical(User.full_name), User.id)
    .limit(LIMIT)
)
_PEOPLE_OF = _PEOPLE.where(User.id.in_(select(Membership.user_id).where(Membership.unit_id.in_(_IDS))))
_DOCUMENTS = (
    select(
        Document.id, func.coalesce(func.nullif(Document.number, ""), "–") + " · " + func.substr(Document.title, 1, 80)
    )
    .where(Document.office_unit_id.in_(_IDS))
    .order_by(Document.id.desc())
    .limit(LIMIT)
)
_TAGS = select(TaskTag.tag).distinct().order_by(TaskTag.tag).limit(LIMIT)


def filter_choices(actor: Actor) -> FilterChoices:
    """The choices of an office: all active units and its documents; of a department: its own units and people."""
    session = db.session()
    offices = sorted(offices_of(actor))
    mine = {"ids": offices or sorted(units_of(actor))}

    def pairs(statement: Select[int, Any]) -> list[tuple[int, str]]:
        return [(key, label) for key, label in session.execute(statement, mine)]

    if not offices:
        return FilterChoices(pairs(_UNITS_OF), [], pairs(_PEOPLE_OF), [])
    return FilterChoices(pairs(_UNITS), pairs(_DOCUMENTS), pairs(_PEOPLE), list(session.scalars(_TAGS)))


def document_date(actor: Actor, document_id: int) -> date | None:
    """The date of a document of the actor's offices, from which an unwritten year is taken. Raises ``NotFound``."""
    row = db.session.execute(
        select(Document.issued_on).where(Document.id == document_id, Document.office_unit_id.in_(offices_of(actor)))
    ).one_or_none()
    if row is None:
        raise NotFound("document.not_found")
    day: date | None = row.issued_on
    return day
