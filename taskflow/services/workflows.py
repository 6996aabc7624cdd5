"""Workflows (quy trình): who approves, who confirms, whether evidence is needed; a used version never changes.

Changing a workflow makes its next revision: tasks keep the one they began with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from taskflow.collation import alphabetical
from taskflow.domain.errors import Conflict, Invalid, NotFound
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.units import fold
from taskflow.extensions import db
from taskflow.models.document import Document
from taskflow.models.org import Unit
from taskflow.models.task import WorkflowDefinition
from taskflow.services import audit
from taskflow.services.rights import require
from taskflow.services.task_access import require_unit
from taskflow.services.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class WorkflowText:
    """What a workflow says. Office and type of document say for which tasks it is the default; blank means any."""

    code: str
    name: str
    head_approval: bool = False
    confirmation: bool = True
    evidence_required: bool = False
    confirming_unit_id: int | None = None
    office_unit_id: int | None = None
    document_type: str = ""


@dataclass(frozen=True, slots=True)
class CurrentWorkflows:
    """The current workflow of each class of tasks, read once for many tasks."""

    definitions: tuple[WorkflowDefinition, ...]

    @classmethod
    def load(cls, session: Session) -> CurrentWorkflows:
        """Read the current definitions."""
        found = session.scalars(
            select(WorkflowDefinition).where(WorkflowDefinition.is_current).order_by(WorkflowDefinition.id)
        )
        return cls(tuple(found))

    def for_task(self, office_unit_id: int, document: Document | None) -> int | None:
        """The workflow of a new task: the nearest by office and type of document."""
        wanted = fold(document.type) if document is not None else ""
        best: WorkflowDefinition | None = None
        for definition in self.definitions:
            fits_office = definition.office_unit_id in (None, office_unit_id)
            fits_type = not definition.document_type or fold(definition.document_type) == wanted
            if fits_office and fits_type and (best is None or _nearness(definition) > _nearness(best)):
                best = definition
        return best.id if best is not None else None


def list_workflows(*, with_former: bool = False) -> Sequence[WorkflowDefinition]:
    """The current workflows by name; with former revisions and retired ones, newest first within a code."""
    query = select(WorkflowDefinition)
    if with_former:
        query = query.order_by(WorkflowDefinition.code, WorkflowDefinition.revision.desc())
    else:
        query = query.where(WorkflowDefinition.is_current).order_by(
            alphabetical(WorkflowDefinition.name), WorkflowDefinition.id
        )
    return db.session.scalars(query.limit(500)).all()


def get_workflow(workflow_id: int) -> WorkflowDefinition:
    """One revision. Raises ``NotFound``."""
    found = db.session.get(WorkflowDefinition, workflow_id)
    if found is None:
        raise NotFound("workflow.not_found")
    return found


def save_workflow(text: WorkflowText, *, actor: Actor, now: datetime, revises: int | None = None) -> WorkflowDefinition:
    """Make a workflow, or the next revision of the one with this code; new tasks get it. The same text changes nothing.

    ``revises`` is the revision that the person saw, 0 for a new workflow. Raises ``NotAllowed``, ``Invalid`` (code,
    name, units, another workflow for the same tasks) and ``Conflict`` when there is a newer revision.
    """
    require(actor, Permission.ADMIN_WORKFLOW_EDIT)
    with unit_of_work() as session:
        if revises is not None:
            newest = session.scalar(
                select(func.max(WorkflowDefinition.revision)).where(WorkflowDefinition.code == text.code)
            )
            if newest is not None and revises == 0:
                raise Invalid("workflow.code_taken", "code")
            if newest != (revises or None):
                raise Conflict("conflict.changed_meanwhile")
        return _save(session, text, actor, now)


def retire_workflow(*, workflow_id: int, actor: Actor, now: datetime) -> None:
    """Give the workflow to no new task any more; tasks that have it keep it."""
    require(actor, Permission.ADMIN_WORKFLOW_EDIT)
    with unit_of_work() as session:
        found = get_workflow(workflow_id)
        found.is_current = False
        _audit(session, found, "workflow.retired", actor, now)


class WorkflowEntry(BaseModel):
    """A workflow in a file; units are named by their code, or by name where they have none."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    name: str = Field(min_length=1, max_length=300)
    head_approval: bool = False
    confirmation: bool = True
    evidence_required: bool = False
    confirming_unit: str | None = None
    office_unit: str | None = None
    document_type: str = Field(default="", max_length=300)


class WorkflowFile(BaseModel):
    """A file of workflows."""

    model_config = ConfigDict(extra="forbid")

    format: str = Field(pattern="^taskflow-workflows$")
    version: int = Field(ge=1, le=1)
    workflows: list[WorkflowEntry] = Field(max_length=200)


def export_workflows() -> dict[str, Any]:
    """The current workflows as a file for ``import_workflows``, here or in another office."""
    units = {unit.id: unit.code or unit.name for unit in db.session.scalars(select(Unit))}
    entries = [
        WorkflowEntry(
            code=one.code,
            name=one.name,
            head_approval=one.head_approval,
            confirmation=one.confirmation,
            evidence_required=one.evidence_required,
            confirming_unit=units.get(one.confirming_unit_id or 0),
            office_unit=units.get(one.office_unit_id or 0),
            document_type=one.document_type,
        )
        for one in list_workflows()
    ]
    return WorkflowFile(format="taskflow-workflows", version=1, workflows=entries).model_dump()


def import_workflows(data: object, *, actor: Actor, now: datetime) -> list[WorkflowDefinition]:
    """Make the workflows of a file, all or none; those that are the same already stay as they are.

    Raises ``Invalid("workflow.file", <where>)`` for what does not fit the form, ``Invalid("workflow.unit_unknown")``.
    """
    require(actor, Permission.ADMIN_WORKFLOW_EDIT)
    try:
        file = WorkflowFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise Invalid("workflow.file", ".".join(str(part) for part in first["loc"]), problem=first["msg"]) from error
    with unit_of_work() as session:
        return [
            _save(
                session,
                WorkflowText(
                    code=entry.code,
                    name=entry.name,
                    head_approval=entry.head_approval,
                    confirmation=entry.confirmation,
                    evidence_required=entry.evidence_required,
                    confirming_unit_id=_unit_named(session, entry.confirming_unit),
                    office_unit_id=_unit_named(session, entry.office_unit),
                    document_type=entry.document_type,
                ),
                actor,
                now,
            )
            for entry in file.workflows
        ]


def _unit_named(session: Session, name: str | None) -> int | None:
    if not name:
        return None
    found = session.scalars(
        select(Unit.id).where(Unit.is_active, (Unit.code == name) | (Unit.name == name)).limit(2)
    ).all()
    if len(found) != 1:
        raise Invalid("workflow.unit_unknown", "workflows", unit=name)
    return found[0]


def _save(session: Session, text: WorkflowText, actor: Actor, now: datetime) -> WorkflowDefinition:
    if not fold(text.code) or not text.name.strip():
        raise Invalid("workflow.name_required", "name")
    if text.confirming_unit_id is not None:
        if not text.confirmation:
            raise Invalid("workflow.confirming_unit_without_confirmation", "confirming_unit_id")
        require_unit(session, text.confirming_unit_id, "confirming_unit_id")
    if text.office_unit_id is not None and not require_unit(session, text.office_unit_id, "office_unit_id").is_office:
        raise Invalid("workflow.no_office", "office_unit_id")
    former = session.scalars(
        select(WorkflowDefinition)
        .where(WorkflowDefinition.code == text.code)
        .order_by(WorkflowDefinition.revision.desc())
    ).all()
    if former and former[0].is_current and _text_of(former[0]) == text:
        return former[0]
    _check_class(session, text)
    for one in former:
        one.is_current = False
    made = WorkflowDefinition(
        code=text.code,
        revision=former[0].revision + 1 if former else 1,
        name=text.name.strip(),
        head_approval=text.head_approval,
        confirmation=text.confirmation,
        evidence_required=text.evidence_required,
        confirming_unit_id=text.confirming_unit_id,
        office_unit_id=text.office_unit_id,
        document_type=text.document_type.strip(),
        is_current=True,
        created_at=now,
        created_by_id=actor.user_id,
    )
    session.add(made)
    session.flush()
    _audit(session, made, "workflow.saved", actor, now)
    return made


def _check_class(session: Session, text: WorkflowText) -> None:
    """For one class of tasks there is one workflow, else nobody could say which of two holds."""
    others = session.scalars(
        select(WorkflowDefinition).where(
            WorkflowDefinition.is_current,
            WorkflowDefinition.code != text.code,
            WorkflowDefinition.office_unit_id.is_not_distinct_from(text.office_unit_id),
        )
    )
    for other in others:
        if fold(other.document_type) == fold(text.document_type):
            raise Invalid("workflow.same_class", "document_type", workflow=other.name)


def _text_of(definition: WorkflowDefinition) -> WorkflowText:
    return WorkflowText(
        code=definition.code,
        name=definition.name,
        head_approval=definition.head_approval,
        confirmation=definition.confirmation,
        evidence_required=definition.evidence_required,
        confirming_unit_id=definition.confirming_unit_id,
        office_unit_id=definition.office_unit_id,
        document_type=definition.document_type,
    )


def _nearness(definition: WorkflowDefinition) -> tuple[bool, bool]:
    return bool(definition.document_type), definition.office_unit_id is not None


def _audit(session: Session, definition: WorkflowDefinition, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject="workflow",
        subject_id=definition.id,
        now=now,
        code=definition.code,
        revision=definition.revision,
    )
