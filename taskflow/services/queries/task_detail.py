"""The page of one task: everything that stands on it, read with a fixed number of queries.

The task's row says by itself which other tables hold something about it, so that a task without comments
asks no table of comments. History comes in pages; its length costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.clock import now, today
from taskflow.domain.deadlines import TimeLabel, Timing, time_label
from taskflow.domain.errors import NotFound
from taskflow.domain.permissions import Actor, Permission, TaskFacts, can, offices_of
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import WorkflowRules
from taskflow.extensions import db
from taskflow.models.task import (
    Comment,
    Coordination,
    Evidence,
    ExtensionRequest,
    FormerLead,
    ProgressReport,
    Task,
    TaskShape,
    TransferRequest,
    Urge,
)
from taskflow.services import settings
from taskflow.services.calendar import work_calendar
from taskflow.services.evidence import EvidenceWarning, warnings_of
from taskflow.services.queries import task_parts as sql
from taskflow.services.queries.scope import facts_of, facts_of_lone, get_task, rules_of, visible_tasks
from taskflow.services.waiting import days_waiting

#: Lines of history, reports and comments that the page shows at first.
EVENTS = 30
REPORTS = 20
COMMENTS = 50
#: Lines of history that a printed record holds.
PRINTED = 500
#: Above every id.
_LAST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Relative:
    """The parent, a member or a part of a task."""

    id: int
    code: str
    content: str
    shape: TaskShape
    lead_unit_id: int | None
    person_id: int | None
    state: TaskState
    due_on: date | None
    delivered_on: date | None
    percent: int | None
    last_progress_at: datetime | None
    timing: Timing
    #: Whether the reader may open it: a member of a collective task is no business of the other members.
    is_visible: bool

    @property
    def label(self) -> TimeLabel:
        """How it stands today."""
        return self.timing.label

    @property
    def is_done(self) -> bool:
        """Whether its result was confirmed."""
        return self.state is TaskState.COMPLETED


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history, as stored."""

    id: int
    at: datetime
    actor_id: int | None
    on_behalf_of_id: int | None
    kind: str
    from_state: TaskState | None
    to_state: TaskState | None
    reason: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the units and people that a page mentions."""

    units: dict[int, str]
    people: dict[int, str]

    def unit(self, unit_id: int | None) -> str:
        """The unit's short name; "" for none."""
        return self.units.get(unit_id or 0, "")

    def person(self, user_id: int | None) -> str:
        """The person's name; "" for none."""
        return self.people.get(user_id or 0, "")


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task with everything around it. The entities are read, not to be changed."""

    task: Task
    timing: Timing
    facts: TaskFacts
    rules: WorkflowRules
    #: None as well when the reader may not see it.
    parent: Relative | None
    #: All of them, because everybody who sees the task sees n of N and who is missing; ``visible_children`` are shown.
    children: list[Relative]
    tags: list[str]
    events: list[Event]
    has_more_events: bool
    reports: list[ProgressReport]
    evidence: list[Evidence]
    warnings: list[EvidenceWarning]
    coordinations: list[Coordination]
    extensions: list[ExtensionRequest]
    transfers: list[TransferRequest]
    urges: list[Urge]
    comments: list[Comment]
    #: Whether the reader belongs to the office's side, which keeps notes that units do not see.
    sees_notes: bool
    former_leads: list[FormerLead]
    is_watched: bool
    #: Days of the wait for a coordinating unit that is running.
    days_waiting: int
    names: Names

    @property
    def visible_children(self) -> list[Relative]:
        """The members or parts that the reader may open."""
        return [child for child in self.children if child.is_visible]

    @property
    def finished_children(self) -> int:
        """How many members or parts are finished."""
        return sum(child.is_done for child in self.children)

    @property
    def expected_children(self) -> int:
        """How many members or parts count: all but those discontinued."""
        return sum(child.state is not TaskState.CANCELLED for child in self.children)

    @property
    def days_waited(self) -> int:
        """Days that the task has waited for coordinating units in all, those of a running wait included."""
        return self.days_waiting + sum(line.waited_days for line in self.coordinations if line.task_id == self.task.id)

    def evidence_of(self, report_id: int | None = None, coordination_id: int | None = None) -> list[Evidence]:
        """The evidence of one report or answer; with neither, what was added by itself."""
        return [one for one in self.evidence if one.report_id == report_id and one.coordination_id == coordination_id]


def task_detail(actor: Actor, task_id: int) -> TaskDetail:
    """The task for its page. Raises ``NotFound`` when there is none or the actor may not see it."""
    return _read(actor, task_id, EVENTS, REPORTS)


def task_record(actor: Actor, task_id: int) -> TaskDetail:
    """The task for paper, with its whole history up to ``PRINTED`` lines. Raises ``NotFound``."""
    return _read(actor, task_id, PRINTED, PRINTED)


def _read(actor: Actor, task_id: int, most_events: int, most_reports: int) -> TaskDetail:
    session = db.session()
    row = session.execute(sql.HEAD, {"task_id": task_id, "user_id": actor.user_id}).unique().one_or_none()
    if row is None:
        raise NotFound("task.not_found")
    task: Task = row.Task
    own = {"task_id": task_id, "parent_id": task.parent_id}

    def read(has: bool, statement: Any, **more: int) -> list[Any]:
        return list(session.scalars(statement, own | more)) if has else []

    coordinations = read(row.has_coordinations, sql.COORDINATIONS)
    former_leads = read(row.has_former_leads, sql.FORMER_LEADS)
    family = row.has_children or task.parent_id is not None
    facts = facts_of(task) if family else facts_of_lone(task, coordinations, [one.unit_id for one in former_leads])
    if not actor.is_system and not can(actor, Permission.TASK_READ, facts):
        raise NotFound("task.not_found")
    events = _events(session, task_id, _LAST, most_events)
    sees_notes = can(actor, Permission.TASK_NOTE_PRIVATELY, facts)
    notes = sql.COMMENTS if sees_notes else sql.PUBLIC_COMMENTS
    evidence = read(row.has_evidence, sql.EVIDENCE)
    parts: dict[str, list[Any]] = {
        "reports": read(row.has_reports, sql.REPORTS, limit=most_reports),
        "evidence": evidence,
        "coordinations": coordinations,
        "extensions": read(row.has_extensions, sql.EXTENSIONS),
        "transfers": read(row.has_transfers, sql.TRANSFERS),
        "urges": read(row.has_urges, sql.URGES),
        "comments": read(row.has_comments, notes, limit=COMMENTS),
        "former_leads": former_leads,
    }
    parent, children = _relatives(actor, read(family, sql.RELATIVES), task)
    return TaskDetail(
        task=task,
        timing=_timing(task),
        facts=facts,
        rules=rules_of(task),
        parent=parent,
        children=children,
        tags=read(row.has_tags, sql.TAGS),
        events=events[:most_events],
        has_more_events=len(events) > most_events,
        warnings=warnings_of(actor, [task]) if evidence else [],
        is_watched=row.is_watched,
        sees_notes=sees_notes,
        days_waiting=days_waiting(task, now()),
        names=_names(session, task, [parent, *children], events, parts),
        **parts,
    )


def task_events(actor: Actor, task_id: int, before_id: int) -> tuple[list[Event], bool, Names]:
    """Older lines of the history, whether there are still older ones, and the names in them. Raises ``NotFound``."""
    get_task(actor, task_id)
    session = db.session()
    events = _events(session, task_id, before_id, EVENTS)
    return events[:EVENTS], len(events) > EVENTS, _lookup(session, *_mentioned(events))


def _events(session: Session, task_id: int, before_id: int, limit: int) -> list[Event]:
    values = {"task_id": task_id, "before_id": before_id, "limit": limit + 1}
    return [Event(**row._asdict()) for row in session.execute(sql.EVENTS, values)]


def _relatives(actor: Actor, rows: list[Task], task: Task) -> tuple[Relative | None, list[Relative]]:
    offices = offices_of(actor, Permission.TASK_READ)
    doubtful = [row.id for row in rows if row.office_unit_id not in offices]
    seen = {row.id for row in rows if row.office_unit_id in offices}
    if doubtful:
        seen |= set(db.session.scalars(select(Task.id).where(Task.id.in_(doubtful), visible_tasks(actor))))
    found = {row.id: _relative(row, row.id in seen) for row in rows}
    children = [found[row.id] for row in rows if row.parent_id == task.id]
    parent = found.get(task.parent_id or 0)
    return (parent if parent is not None and parent.is_visible else None), children


def _relative(task: Task, is_visible: bool) -> Relative:
    return Relative(
        id=task.id,
        code=task.code,
        content=task.content,
        shape=task.shape,
        lead_unit_id=task.lead_unit_id,
        person_id=task.person_id,
        state=task.state,
        due_on=task.due_on,
        delivered_on=task.delivered_on,
        percent=task.percent,
        last_progress_at=task.last_progress_at,
        timing=_timing(task),
        is_visible=is_visible,
    )


def _timing(task: Task) -> Timing:
    return time_label(
        kind=task.kind,
        state=task.state,
        due=task.due_on,
        exclusive=task.exclusive,
        delivered_on=task.delivered_on,
        calendar=work_calendar(),
        today=today(),
        soon_days=settings.get(settings.SOON_DAYS),
    )


#: Columns and keys of history data that hold the id of a unit, or of a person.
_UNIT_KEYS = ("lead_unit_id", "office_unit_id", "unit_id", "from_unit_id", "to_unit_id", "proposed_unit_id")
_PERSON_KEYS = (
    "person_id", "from_person_id", "actor_id", "on_behalf_of_id", "by_id", "added_by_id", "decided_by_id",
    "requested_by_id", "requested_for_id", "answered_by_id",
)  # fmt: skip


def _names(
    session: Session, task: Task, relatives: list[Relative | None], events: list[Event], parts: dict[str, Any]
) -> Names:
    units, people = _mentioned(events)
    units |= {task.lead_unit_id, task.office_unit_id, task.waiting_unit_id}
    people |= {
        task.person_id,
        task.assigned_by_id,
        task.acknowledged_by_id,
        task.delivered_by_id,
        task.delivered_for_id,
        task.confirmed_by_id,
    }
    if task.workflow is not None:
        units.add(task.workflow.confirming_unit_id)
    for thing in [*relatives, *(thing for things in parts.values() for thing in things)]:
        units |= {getattr(thing, key, None) for key in _UNIT_KEYS}
        people |= {getattr(thing, key, None) for key in _PERSON_KEYS} | set(getattr(thing, "mentions", ()))
    return _lookup(session, units, people)


def _mentioned(events: list[Event]) -> tuple[set[int | None], set[int | None]]:
    """Ids of units and of people in these lines of history."""
    units: set[int | None] = set()
    people: set[int | None] = set()
    for event in events:
        people |= {event.actor_id, event.on_behalf_of_id}
        ends = {event.data[key] for key in ("from", "to") if isinstance(event.data.get(key), int)}
        if event.kind == "reassigned":
            people |= ends
        else:
            units |= ends
        people |= {event.data[key] for key in _PERSON_KEYS if isinstance(event.data.get(key), int)}
        units |= {event.data[key] for key in _UNIT_KEYS if isinstance(event.data.get(key), int)}
    return units, people


def _lookup(session: Session, unit_ids: set[int | None], user_ids: set[int | None]) -> Names:
    units, people = _ids(unit_ids), _ids(user_ids)
    return Names(
        units={row.id: row.short_name or row.name for row in session.execute(sql.UNIT_NAMES, {"ids": units})}
        if units
        else {},
        people={row.id: row.full_name for row in session.execute(sql.PERSON_NAMES, {"ids": people})} if people else {},
    )


def _ids(values: set[int | None]) -> list[int]:
    return sorted(value for value in values if value is not None)
