"""New tasks and series out of reviewed rows. A recurring row becomes a series, one with a date as well both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.occurrences import next_period
from taskflow.domain.permissions import Actor
from taskflow.models.document import Document, ImportJob, ImportRow
from taskflow.models.task import Priority
from taskflow.services.imports import checks
from taskflow.services.imports.values import UnitChoice, deadline_of, unit_choices, unit_ids
from taskflow.services.series import SeriesOrigin, SeriesText, begin_many, due_tasks
from taskflow.services.tasks import CoordinationRequest, NewTask, add_tasks

_PRIORITIES = {"urgent": Priority.URGENT, "very_urgent": Priority.EXPRESS, "express": Priority.EXPRESS}


def make(
    session: Session,
    job: ImportJob,
    document: Document | None,
    rows: Sequence[ImportRow],
    *,
    actor: Actor,
    now: datetime,
) -> dict[int, list[str]]:
    """Make the tasks and series of these rows; answers the codes of the tasks by row."""
    wanted = [(row, new) for row in rows if (new := new_task(job, document, row)) is not None]
    repeated = [row for row in rows if repeats(row)]
    today = local_date(now)
    begun = begin_many(session, [_series(job, document, row, today) for row in repeated], actor=actor, now=now)
    for row, series in zip(repeated, begun, strict=True):
        wanted += [(row, new) for new in due_tasks(session, series, now)]
    wanted.sort(key=lambda pair: pair[0].position)
    tasks = add_tasks(session, [new for _, new in wanted], actor=actor, now=now)
    made: dict[int, list[str]] = {row.id: [] for row in rows}
    for (row, _), task in zip(wanted, tasks, strict=True):
        made[row.id].append(task.code)
    return made


def new_task(job: ImportJob, document: Document | None, row: ImportRow) -> NewTask | None:
    """The one-off task of a row; None for work that only repeats."""
    deadline = deadline_of(row.deadline)
    if deadline.kind is DeadlineKind.RECURRING and repeats(row):
        return None
    leads, helpers = parts_of(row, job.several_leads)
    lead_ids = unit_ids(leads)
    later = row.deadline.get("decision") == "later"
    return NewTask(
        office_unit_id=job.office_unit_id,
        content=row.content,
        lead_unit_ids=lead_ids,
        lead_wording="; ".join(choice.wording for choice in leads),
        coordinators=tuple(_coordinators(helpers, lead_ids)),
        collective=any(choice.is_group for choice in leads),
        document_id=document.id if document else None,
        import_job_id=job.id,
        position=row.position,
        tt=row.tt,
        group=" / ".join(label for label in (row.group_parent, row.group) if label),
        product=row.product,
        note=row.note,
        priority=_PRIORITIES.get(str(job.head.get("urgency", "")), Priority.NORMAL),
        kind=deadline.kind,
        deadline_text=deadline.text,
        start_on=None if later else deadline.start,
        due_on=None if later else deadline.due,
        exclusive=deadline.exclusive,
        rule=deadline.rule or "",
        deadline_confirmed=not later,
    )


def parts_of(row: ImportRow, several_leads: str) -> tuple[tuple[UnitChoice, ...], tuple[UnitChoice, ...]]:
    """(leads, coordinating names) of a row after the question of several leads: with "first" the others help."""
    leads = tuple(choice for choice in unit_choices(row.leads) if choice.status != "ignored")
    helpers = tuple(choice for choice in unit_choices(row.coordinators) if choice.status != "ignored")
    if several_leads == "first" and len(leads) > 1:
        return leads[:1], (*leads[1:], *helpers)
    return leads, helpers


def helper_ids(leads: Sequence[UnitChoice], helpers: Sequence[UnitChoice]) -> tuple[int, ...]:
    """The units that are asked to coordinate: those that do not lead."""
    return tuple(line.unit_id for line in _coordinators(helpers, unit_ids(leads)))


def _coordinators(helpers: Sequence[UnitChoice], lead_ids: tuple[int, ...]) -> list[CoordinationRequest]:
    lines: dict[int, CoordinationRequest] = {}
    for choice in helpers:
        for unit_id in choice.unit_ids:
            if unit_id not in lead_ids:
                lines.setdefault(unit_id, CoordinationRequest(unit_id, choice.wording))
    return list(lines.values())


def repeats(row: ImportRow) -> bool:
    """Whether a row becomes a series: alone, or besides its one-off task."""
    deadline = deadline_of(row.deadline)
    if not deadline.rule or row.deadline.get("decision") == "later":
        return False
    return deadline.kind in (DeadlineKind.RECURRING, DeadlineKind.MIXED)


def _series(job: ImportJob, document: Document | None, row: ImportRow, today: date) -> tuple[SeriesText, SeriesOrigin]:
    deadline = deadline_of(row.deadline)
    leads, helpers = parts_of(row, job.several_leads)
    lead_ids = unit_ids(leads)
    text = SeriesText(
        content=row.content,
        lead_unit_ids=lead_ids,
        rule=deadline.rule or "",
        lead_wording="; ".join(choice.wording for choice in leads),
        coordinator_unit_ids=helper_ids(leads, helpers),
        product=row.product,
        note=row.note,
        deadline_text=deadline.text,
        exclusive=deadline.exclusive,
        until_on=deadline.due if deadline.kind is DeadlineKind.RECURRING else None,
        priority=_PRIORITIES.get(str(job.head.get("urgency", "")), Priority.NORMAL),
    )
    origin = SeriesOrigin(
        office_unit_id=job.office_unit_id,
        starts_on=first_day(deadline, checks.issued_on(job), today),
        document_id=document.id if document else None,
        import_job_id=job.id,
        position=row.position,
        tt=row.tt,
        group=row.group,
    )
    return text, origin


def first_day(deadline: Deadline, issued_on: date | None, today: date) -> date:
    """From when periods of an imported series are made: not for periods that were over before it was assigned.

    A series that has no period left from today on begins with its document, so that its last ones are not lost.
    """
    begin = deadline.start or issued_on or today
    if deadline.kind is DeadlineKind.MIXED and deadline.due is not None:
        begin = max(begin, deadline.due + timedelta(days=1))
    begin_now = max(begin, today)
    ended = deadline.due is not None and deadline.kind is DeadlineKind.RECURRING and deadline.due < begin_now
    if ended or next_period(deadline.rule or "", begin_now - timedelta(days=1), start=begin_now) is None:
        return begin
    return begin_now
