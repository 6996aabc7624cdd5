"""Differences that a reviewer accepted, brought to existing tasks one by one, with their basis in the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.permissions import Actor
from taskflow.domain.transitions import Action
from taskflow.models.document import Document, ImportJob, ImportRow
from taskflow.models.task import Coordination, CoordinationState, Priority, Task, TaskShape
from taskflow.services import coordination, corrections, history, series, task_steps
from taskflow.services.assignment import transfer
from taskflow.services.imports.making import make, parts_of
from taskflow.services.imports.values import deadline_of, unit_ids
from taskflow.services.task_steps import StepInputs
from taskflow.services.tasks import lead_units


@dataclass(frozen=True, slots=True)
class Basis:
    """What the changes rest on: an amending document, or the reason given for an edited list."""

    reason: str
    number: str = ""
    document_id: int | None = None

    @classmethod
    def of(cls, document: Document | None, reason: str) -> Basis:
        """The basis of an import."""
        if document is None:
            return cls(reason)
        issued = f" ngày {document.issued_on:%d/%m/%Y}" if document.issued_on else ""
        named = f"{document.type or 'Văn bản'} số {document.number}{issued}" if document.number else document.title
        return cls(f"Theo {named}.", document.number, document.id)


def apply_change(
    session: Session,
    job: ImportJob,
    document: Document | None,
    row: ImportRow,
    basis: Basis,
    *,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Bring the accepted differences of one row to its task or series; answers the codes concerned.

    A change that a task cannot take (one unit becomes several, a date becomes repeated work) replaces it: the old one
    is discontinued with the basis as its reason, a new one is made from the row.
    """
    if row.change.get("series_id"):
        return _apply_to_series(session, job, document, row, basis, actor, now)
    task = session.get_one(Task, row.task_id)
    if row.change["kind"] == "dropped":
        _discontinue(task, basis, actor, now)
        return [task.code]
    accepted = set(row.change["accept"])
    if _needs_replacing(job, row, task, accepted):
        _discontinue(task, basis, actor, now)
        return [task.code, *make(session, job, document, [row], actor=actor, now=now)[row.id]]
    _change_words(row, task, accepted, basis, actor, now)
    if "due" in accepted:
        _change_due(row, task, basis, actor, now)
    if "lead" in accepted:
        leads = parts_of(row, job.several_leads)[0]
        lead_id = unit_ids(leads)[0]
        if basis.document_id is not None:
            task.lead_wording = "; ".join(choice.wording for choice in leads)
        if lead_id != task.lead_unit_id:
            transfer(task_id=task.id, unit_id=lead_id, reason=basis.reason, actor=actor, now=now)
    if "coordinators" in accepted:
        _change_coordinators(session, job, row, task, basis, actor, now)
    if basis.document_id is not None:
        data = {"document_id": basis.document_id, "number": basis.number, "fields": sorted(accepted)}
        history.record(task, "amended", actor=actor, now=now, reason=basis.reason, data=data, tell=False)
    return [task.code]


def _needs_replacing(job: ImportJob, row: ImportRow, task: Task, accepted: set[str]) -> bool:
    if "due" in accepted and deadline_of(row.deadline).kind in (DeadlineKind.RECURRING, DeadlineKind.MIXED):
        return True
    if "lead" not in accepted:
        return False
    leads = parts_of(row, job.several_leads)[0]
    is_collective = len(unit_ids(leads)) > 1 or any(choice.is_group for choice in leads)
    return is_collective or task.shape is TaskShape.COLLECTIVE


def _discontinue(task: Task, basis: Basis, actor: Actor, now: datetime) -> None:
    inputs = StepInputs(reason=basis.reason, document=basis.number)
    task_steps.apply(Action.CANCEL, task_id=task.id, actor=actor, now=now, inputs=inputs)


def _change_words(row: ImportRow, task: Task, accepted: set[str], basis: Basis, actor: Actor, now: datetime) -> None:
    changes = corrections.TaskChanges(
        content=row.content if "content" in accepted else None,
        product=row.product if "product" in accepted else None,
        tt=row.tt if basis.document_id is not None else None,
    )
    corrections.edit_task(task_id=task.id, changes=changes, reason=basis.reason, actor=actor, now=now)


def _change_due(row: ImportRow, task: Task, basis: Basis, actor: Actor, now: datetime) -> None:
    deadline = deadline_of(row.deadline)
    later = row.deadline.get("decision") == "later"
    corrections.set_deadline(
        task_id=task.id,
        deadline=corrections.NewDeadline(
            due_on=None if later else deadline.due,
            kind=deadline.kind,
            start_on=deadline.start,
            exclusive=deadline.exclusive,
            text=deadline.text,
        ),
        reason=basis.reason,
        decision_number=basis.number,
        pull_parts=True,
        by_document=basis.document_id is not None,
        actor=actor,
        now=now,
    )


def _change_coordinators(
    session: Session, job: ImportJob, row: ImportRow, task: Task, basis: Basis, actor: Actor, now: datetime
) -> None:
    wanted = set(unit_ids(parts_of(row, job.several_leads)[1])) - lead_units(session, task)
    lines = {
        line.unit_id: line for line in session.scalars(select(Coordination).where(Coordination.task_id == task.id))
    }
    for unit_id in sorted(wanted - {n for n, line in lines.items() if line.state is not CoordinationState.NOT_NEEDED}):
        coordination.ask(task_id=task.id, unit_id=unit_id, request=basis.reason, actor=actor, now=now)
    for unit_id, line in lines.items():
        owed = line.state in (CoordinationState.ASKED, CoordinationState.ACCEPTED)
        if owed and unit_id not in wanted:
            coordination.not_needed(coordination_id=line.id, reason=basis.reason, actor=actor, now=now)


def _apply_to_series(
    session: Session,
    job: ImportJob,
    document: Document | None,
    row: ImportRow,
    basis: Basis,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """A series gets its new words from now on; dropped (its open periods too), or no longer repeated, it ends."""
    series_id = int(row.change["series_id"])
    deadline = deadline_of(row.deadline)
    if row.change["kind"] == "dropped" or deadline.kind is not DeadlineKind.RECURRING or not deadline.rule:
        series.end(series_id=series_id, reason=basis.reason, actor=actor, now=now)
        if row.change["kind"] == "dropped":
            periods = session.scalars(select(Task).where(Task.series_id == series_id, Task.is_open)).all()
            for task in periods:
                _discontinue(task, basis, actor, now)
            return [task.code for task in periods]
        return make(session, job, document, [row], actor=actor, now=now)[row.id]
    accepted = set(row.change["accept"])
    old = series.get_series(actor, series_id)
    leads, helpers = parts_of(row, job.several_leads)
    lead_ids = unit_ids(leads) if "lead" in accepted else tuple(old.lead_unit_ids)
    asked = unit_ids(helpers) if "coordinators" in accepted else tuple(old.coordinator_unit_ids)
    text = series.SeriesText(
        content=row.content if "content" in accepted else old.content,
        lead_unit_ids=lead_ids,
        lead_wording="; ".join(choice.wording for choice in leads) if "lead" in accepted else old.lead_wording,
        coordinator_unit_ids=tuple(unit_id for unit_id in asked if unit_id not in lead_ids),
        product=row.product if "product" in accepted else old.product,
        rule=deadline.rule if "due" in accepted else old.rule,
        deadline_text=deadline.text if "due" in accepted else old.deadline_text,
        exclusive=deadline.exclusive if "due" in accepted else old.exclusive,
        note=str(old.template.get("note", "")),
        request=str(old.template.get("request", "")),
        tags=tuple(old.template.get("tags", ())),
        priority=Priority(old.template.get("priority", Priority.NORMAL)),
        until_on=old.until_on,
        lead_days=old.lead_days,
        person_id=old.template.get("person_id"),
        workflow_id=old.template.get("workflow_id"),
    )
    series.change_from_now(series_id=series_id, text=text, reason=basis.reason, actor=actor, now=now)
    return []
