"""Which units the names of an import mean: worked out for all rows at once, decided once for each distinct wording."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.domain.permissions import Actor
from taskflow.domain.units import fold
from taskflow.extensions import db
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.models.org import Unit, UnitGroup, UnitGroupMember
from taskflow.services.imports import checks
from taskflow.services.imports.access import all_rows, open_job
from taskflow.services.imports.edits import Edit, begin_edit
from taskflow.services.imports.values import UnitChoice, unit_choices
from taskflow.services.name_mappings import remember
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.unit_resolver import Resolution, Status, resolve

FIELDS = ("leads", "coordinators")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reviewer says that a name means: units, or a group, or nothing (``ignore``, coordinating names only)."""

    unit_ids: tuple[int, ...] = ()
    group_id: int | None = None
    ignore: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """One distinct name of an import with what it is taken for, and what else it may be."""

    text: str
    choice: UnitChoice
    rows: int
    leads: bool
    candidates: tuple[tuple[int, float], ...] = ()
    group_candidates: tuple[tuple[int, float], ...] = ()
    offered: tuple[int, ...] = ()


def choices_for(
    session: Session, names: Sequence[str], office_unit_id: int, issued_on: date | None
) -> dict[str, UnitChoice]:
    """What each written name stands for, as far as that is sure."""
    distinct = list(dict.fromkeys(names))
    return {found.wording_given: found.choice for found in _resolved(session, distinct, office_unit_id, issued_on)}


def resolve_rows(session: Session, job: ImportJob, rows: Iterable[ImportRow]) -> None:
    """Work out again what the names of these rows mean; what a person chose stays."""
    rows = list(rows)
    names = [
        choice.wording
        for row in rows
        for field in FIELDS
        for choice in unit_choices(getattr(row, field))
        if choice.by == "auto"
    ]
    found = choices_for(session, names, job.office_unit_id, checks.issued_on(job))
    for row in rows:
        for field in FIELDS:
            stored = unit_choices(getattr(row, field))
            setattr(row, field, [(found[c.wording] if c.by == "auto" else c).values() for c in stored])


def wordings(job: ImportJob) -> list[Wording]:
    """The distinct names of the rows that are to be imported, undecided ones first, with what each may mean."""
    seen: dict[str, tuple[UnitChoice, int, bool]] = {}
    rows = db.session.scalars(
        select(ImportRow)
        .where(ImportRow.job_id == job.id, ImportRow.decision == RowDecision.IMPORT)
        .order_by(ImportRow.position)
    )
    for row in rows:
        for field in FIELDS:
            for choice in unit_choices(getattr(row, field)):
                key = fold(choice.wording) or choice.wording
                first, count, leads = seen.get(key, (choice, 0, False))
                unsure = choice if first.settled and not choice.settled else first
                seen[key] = (unsure, count + 1, leads or field == "leads")
    asked = [choice.wording for choice, *_ in seen.values() if not choice.settled]
    resolutions = dict(zip(asked, resolve(asked, job.office_unit_id, checks.issued_on(job), db.session()), strict=True))
    found = [_wording(choice, count, leads, resolutions.get(choice.wording)) for choice, count, leads in seen.values()]
    return sorted(found, key=lambda one: one.choice.settled)


def decide(
    job_id: int,
    decisions: dict[str, Meaning],
    *,
    actor: Actor,
    now: datetime,
    keep: bool = True,
) -> int:
    """Say what these wordings mean, for every row of the import that has them; answers how many rows changed.

    With ``keep`` the choice is remembered for the office (never for an open set). Raises ``Invalid`` for a unit that
    does not exist or is no longer active.
    """
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        meant = {fold(text) or text: choice_of(session, text, meaning) for text, meaning in decisions.items()}
        edit = begin_edit(session, job, "units", actor, now)
        for row in all_rows(session, job):
            _apply(row, meant, edit, checks.issued_on(job))
        if keep:
            for text, meaning in decisions.items():
                _remember(actor, job, text, meaning, now)
        return edit.finish()


def choice_of(session: Session, wording: str, meaning: Meaning) -> UnitChoice:
    """A reviewer's decision as the value of a row. Raises ``Invalid``."""
    if meaning.ignore:
        return UnitChoice(wording, "ignored", by="person", explanation="Không lập dòng phối hợp cho tên gọi này.")
    unit_ids = meaning.unit_ids
    if meaning.group_id is not None and not unit_ids:
        group = session.get(UnitGroup, meaning.group_id)
        if group is None:
            raise Invalid("group.not_found", "unit")
        unit_ids = tuple(
            session.scalars(
                select(Unit.id)
                .join(UnitGroupMember, UnitGroupMember.unit_id == Unit.id)
                .where(UnitGroupMember.group_id == group.id, Unit.is_active)
                .order_by(Unit.position, Unit.id)
            )
        )
    unit_ids = tuple(dict.fromkeys(unit_ids))
    if not unit_ids:
        raise Invalid("import.unit_required", "unit", wording=wording)
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(unit_ids)))}
    for unit_id in unit_ids:
        if unit_id not in units or not units[unit_id].is_active:
            raise Invalid("unit.not_active", "unit", unit=units[unit_id].name if unit_id in units else "")
    names = "; ".join(units[unit_id].name for unit_id in unit_ids)
    return UnitChoice(
        wording, "chosen", unit_ids, meaning.group_id, f"Người rà soát chọn: {names}."[:1000], by="person"
    )


def _apply(row: ImportRow, meant: dict[str, UnitChoice], edit: Edit, issued_on: date | None) -> None:
    changed: dict[str, list[dict[str, object]]] = {}
    for field in FIELDS:
        stored = unit_choices(getattr(row, field))
        values = []
        for choice in stored:
            new = meant.get(fold(choice.wording) or choice.wording)
            if new is not None and not (new.status == "ignored" and field == "leads"):
                choice = replace(new, wording=choice.wording)
            values.append(choice.values())
        if values != getattr(row, field):
            changed[field] = values
    if changed:
        edit.change(row, issued_on=issued_on, **changed)


def _remember(actor: Actor, job: ImportJob, text: str, meaning: Meaning, now: datetime) -> None:
    if meaning.ignore or not (meaning.unit_ids or meaning.group_id):
        return
    try:
        remember(
            actor=actor,
            office_unit_id=job.office_unit_id,
            wording=text,
            unit_ids=() if meaning.group_id is not None else meaning.unit_ids,
            group_id=meaning.group_id,
            now=now,
        )
    except NotAllowed:  # who may import for this office may always teach it: nothing to do but not to remember
        return


def _wording(choice: UnitChoice, count: int, leads: bool, resolution: Resolution | None) -> Wording:
    if resolution is None:
        return Wording(choice.wording, choice, count, leads)
    return Wording(
        choice.wording,
        choice,
        count,
        leads,
        resolution.candidates,
        resolution.group_candidates,
        resolution.unit_ids,
    )


@dataclass(frozen=True, slots=True)
class _Resolved:
    wording_given: str
    choice: UnitChoice


def _resolved(
    session: Session, names: Sequence[str], office_unit_id: int, issued_on: date | None
) -> Iterable[_Resolved]:
    for name, found in zip(names, resolve(names, office_unit_id, issued_on, session), strict=True):
        taken = found.unit_ids if found.is_sure else ()
        group = found.group_id if found.status in (Status.GROUP, Status.REMEMBERED, Status.OPEN_GROUP) else None
        yield _Resolved(name, UnitChoice(name, str(found.status), taken, group, found.explanation_vi))
