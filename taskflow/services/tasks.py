"""New tasks: their codes, their shapes, what they are found by. What happens to them later: ``task_steps`` and others.

A row led by one unit becomes a ``single`` task. A row led by several becomes a ``collective`` task with one
``member`` for each unit; the coordinating units belong to the collective task.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, select, union_all
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.domain.search import search_words
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.document import Document
from taskflow.models.org import Unit
from taskflow.models.task import Coordination, Priority, Task, TaskShape, TaskTag
from taskflow.services import history
from taskflow.services.calendar import work_calendar
from taskflow.services.due_dates import set_due
from taskflow.services.sequences import take_numbers
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.workflows import CurrentWorkflows


@dataclass(frozen=True, slots=True)
class CoordinationRequest:
    """A coordinating unit of a new task: how it was written, what is asked, by when."""

    unit_id: int
    wording: str = ""
    request: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewTask:
    """What a task is made of. More than one lead, or ``collective``, makes a collective task with members."""

    office_unit_id: int
    content: str
    lead_unit_ids: tuple[int, ...]
    lead_wording: str = ""
    coordinators: tuple[CoordinationRequest, ...] = ()
    collective: bool = False
    document_id: int | None = None
    import_job_id: int | None = None
    position: int = 0
    tt: str = ""
    group: str = ""
    product: str = ""
    note: str = ""
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    person_id: int | None = None
    kind: DeadlineKind = DeadlineKind.NONE
    deadline_text: str = ""
    start_on: date | None = None
    due_on: date | None = None
    exclusive: bool = False
    rule: str = ""
    #: False while a doubtful deadline waits for a person.
    deadline_confirmed: bool = True
    #: None: the current workflow of the document, or of the office and type of document.
    workflow_id: int | None = None
    series_id: int | None = None
    period: str = ""
    series_key: str | None = None


def create_task(new: NewTask, *, actor: Actor, now: datetime) -> Task:
    """Make one task (or one collective task with its members). See ``create_tasks``."""
    return create_tasks([new], actor=actor, now=now)[0]


def create_tasks(news: Sequence[NewTask], *, actor: Actor, now: datetime) -> list[Task]:
    """Make these tasks in one transaction and tell the units; returns one task per item, collective ones as parents.

    Raises ``NotAllowed`` when the actor may not enter tasks of that office, ``Invalid`` for a task without
    content or lead, or with an unknown or dissolved unit.
    """
    offices = offices_of(actor, Permission.DOCUMENT_IMPORT)
    if not all(new.office_unit_id in offices for new in news):
        raise NotAllowed("task.not_allowed")
    with unit_of_work() as session:
        return add_tasks(session, news, actor=actor, now=now)


def add_tasks(session: Session, news: Sequence[NewTask], *, actor: Actor, now: datetime) -> list[Task]:
    """``create_tasks`` for use cases that have checked their own permission (series, hand-over)."""
    if not news:
        return []
    for new in news:
        _check(new)
    units = _units(session, news)
    documents = _documents(session, news)
    workflows = CurrentWorkflows.load(session)
    today = local_date(now)
    numbers = take_numbers(session, f"task:{today.year}", len(news))
    tops = []
    made: list[Task] = []
    for number, new in zip(numbers, news, strict=True):
        document = documents.get(new.document_id or 0)
        if new.workflow_id is None:
            new = replace(new, workflow_id=workflows.for_task(new.office_unit_id, document))
        family = _family(new, f"NV-{today.year}-{number:06d}", actor, now)
        for task in family:
            leads = new.lead_unit_ids if task.shape is TaskShape.COLLECTIVE else (task.lead_unit_id or 0,)
            names = [units[unit_id] for unit_id in (*leads, *(line.unit_id for line in new.coordinators))]
            task.search_text = search_text(task, names, document, new.tags)
        tops.append(family[0])
        made += family
    session.add_all(made)
    session.flush()
    session.add_all(
        history.line(task, "assigned", actor=actor, now=now, data={"due_on": _iso(task.due_on)}) for task in made
    )
    history.tell_all([task for task in made if task.lead_unit_id is not None], "assigned", actor=actor, now=now)
    return tops


def search_text(task: Task, units: Iterable[Unit], document: Document | None, tags: Iterable[str] = ()) -> str:
    """What a task is found by: code, content, product, document, units with their short names, tags."""
    names = [name for unit in units for name in (unit.name, unit.short_name)]
    papers = [document.number, document.title] if document else []
    return search_words(task.code, task.content, task.product, *papers, *dict.fromkeys(names), task.lead_wording, *tags)


def refresh_search_text(session: Session, tasks: Sequence[Task]) -> None:
    """Store again what these tasks are found by, after words, units or tags changed; a fixed number of queries."""
    ids = [task.id for task in tasks]
    session.flush()
    rows: CompoundSelect[Any] = union_all(
        select(Task.id, Task.lead_unit_id).where(Task.id.in_(ids)),
        select(Coordination.task_id, Coordination.unit_id).where(Coordination.task_id.in_(ids)),
        select(Task.parent_id, Task.lead_unit_id).where(Task.parent_id.in_(ids), Task.shape == TaskShape.MEMBER),
    )
    unit_ids: dict[int, list[int]] = {}
    for task_id, unit_id in session.execute(rows):
        if unit_id is not None:
            unit_ids.setdefault(task_id, []).append(unit_id)
    wanted = sorted({unit_id for found in unit_ids.values() for unit_id in found})
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(wanted)))}
    documents = {one.id: one for one in session.scalars(select(Document).where(Document.id.in_(_document_ids(tasks))))}
    tags: dict[int, list[str]] = {}
    for task_id, tag in session.execute(select(TaskTag.task_id, TaskTag.tag).where(TaskTag.task_id.in_(ids))):
        tags.setdefault(task_id, []).append(tag)
    for task in tasks:
        names = [units[unit_id] for unit_id in sorted(set(unit_ids.get(task.id, ())))]
        task.search_text = search_text(task, names, documents.get(task.document_id or 0), sorted(tags.get(task.id, ())))


def _document_ids(tasks: Iterable[Task]) -> list[int]:
    return sorted({task.document_id for task in tasks if task.document_id is not None})


def _check(new: NewTask) -> None:
    if not new.content.strip():
        raise Invalid("task.content_required", "content")
    if not new.lead_unit_ids:
        raise Invalid("task.lead_required", "lead_unit_ids")
    require_other_units([line.unit_id for line in new.coordinators], new.lead_unit_ids, "coordinator_ids")
    if new.start_on and new.due_on and new.start_on > new.due_on:
        raise Invalid("task.start_after_due", "start_on", start=new.start_on, due=new.due_on)


def require_other_units(unit_ids: Iterable[int], lead_unit_ids: Iterable[int], field: str) -> None:
    """Raise ``Invalid`` when a unit that leads would coordinate its own work."""
    both = sorted(set(unit_ids) & set(lead_unit_ids))
    if both:
        raise Invalid("coordination.is_lead", field, unit=db.session.get_one(Unit, both[0]).name)


def lead_units(session: Session, task: Task) -> set[int]:
    """The units that lead this task: its own lead, or those of its members when it is a collective one."""
    if task.shape is not TaskShape.COLLECTIVE:
        return {task.lead_unit_id} if task.lead_unit_id is not None else set()
    members = select(Task.lead_unit_id).where(Task.parent_id == task.id, Task.shape == TaskShape.MEMBER)
    return {unit_id for unit_id in session.scalars(members) if unit_id is not None}


def _units(session: Session, news: Sequence[NewTask]) -> dict[int, Unit]:
    wanted = {unit for new in news for unit in (*new.lead_unit_ids, *(line.unit_id for line in new.coordinators))}
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(sorted(wanted))))}
    for unit_id in wanted:
        if unit_id not in units or not units[unit_id].is_active:
            name = units[unit_id].name if unit_id in units else ""
            raise Invalid("unit.not_active", "lead_unit_ids", unit=name)
    return units


def _documents(session: Session, news: Sequence[NewTask]) -> dict[int, Document]:
    wanted = sorted({new.document_id for new in news if new.document_id is not None})
    return {one.id: one for one in session.scalars(select(Document).where(Document.id.in_(wanted)))}


def _family(new: NewTask, code: str, actor: Actor, now: datetime) -> list[Task]:
    """The task, or the collective task followed by its members."""
    leads = tuple(dict.fromkeys(new.lead_unit_ids))
    if len(leads) == 1 and not new.collective:
        return [new_row(new, code, TaskShape.SINGLE, leads[0], actor, now)]
    parent = new_row(new, code, TaskShape.COLLECTIVE, None, actor, now)
    parent.state = TaskState.IN_PROGRESS  # nobody acknowledges it: its members do
    members = []
    for number, unit_id in enumerate(leads, 1):
        member = new_row(
            replace(new, coordinators=(), series_key=None, person_id=None),
            f"{code}.{number}",
            TaskShape.MEMBER,
            unit_id,
            actor,
            now,
        )
        member.parent = parent
        members.append(member)
    return [parent, *members]


def new_row(new: NewTask, code: str, shape: TaskShape, lead_unit_id: int | None, actor: Actor, now: datetime) -> Task:
    """One task as ``new`` describes it, with this code, shape and lead; not yet stored, without its search words."""
    task = Task(
        code=code,
        document_id=new.document_id,
        import_job_id=new.import_job_id,
        position=new.position,
        tt=new.tt,
        group=new.group,
        content=new.content.strip(),
        product=new.product,
        note=new.note,
        priority=new.priority,
        shape=shape,
        office_unit_id=new.office_unit_id,
        lead_unit_id=lead_unit_id,
        lead_wording=new.lead_wording,
        person_id=new.person_id,
        assigned_by_id=actor.user_id,
        workflow_id=new.workflow_id,
        kind=new.kind,
        deadline_text=new.deadline_text,
        start_on=new.start_on,
        original_due_on=new.due_on,
        exclusive=new.exclusive,
        rule=new.rule,
        deadline_confirmed=new.deadline_confirmed,
        series_id=new.series_id,
        period=new.period,
        series_key=new.series_key,
        state=TaskState.ASSIGNED,
        assigned_at=now,
        created_at=now,
        updated_at=now,
        coordinations=[
            Coordination(
                unit_id=line.unit_id, wording=line.wording, request=line.request, due_on=line.due_on, asked_at=now
            )
            for line in {line.unit_id: line for line in new.coordinators}.values()
        ],
    )
    task.tags.extend(new.tags)
    set_due(task, new.due_on, calendar=work_calendar())
    return task


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
