"""What stood when, for a preview of a rule: the spans of days in which a ladder could have been climbed.

Read from the history of the tasks, so that work that was acknowledged, finished, suspended or given more time
meanwhile counts as it was. A change on a day holds from the next day on: the digest of the day had left by then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid
from taskflow.domain.occurrences import occurrences
from taskflow.domain.reminders import SILENT_BESIDE_OTHERS, ReminderEvent
from taskflow.domain.states import TaskState
from taskflow.models.document import Document
from taskflow.models.task import Coordination, ExtensionRequest, ProgressReport, Task, TaskEvent, TaskShape, Urge
from taskflow.services.directory import Place
from taskflow.services.reminder_facts import Above
from taskflow.services.unit_of_work import stream

_DAY = timedelta(days=1)
_CHUNK = 500
_DOING = (TaskState.ASSIGNED, TaskState.IN_PROGRESS)
_WAITING = {
    ReminderEvent.AWAITING_APPROVAL: TaskState.AWAITING_APPROVAL,
    ReminderEvent.AWAITING_CONFIRMATION: TaskState.AWAITING_CONFIRMATION,
}
_DUE_EVENTS = ("due_changed", "extension_approved", "extension_accepted")
#: What is read of a task: rows, as tens of thousands of them pass through a preview.
TASK_COLUMNS = (
    Task.id,
    Task.code,
    Task.state,
    Task.kind,
    Task.assigned_at,
    Task.due_on,
    Task.exclusive,
    Task.deadline_confirmed,
    Task.acknowledged_at,
    Task.office_unit_id,
    Task.lead_unit_id,
    Task.person_id,
    Task.document_id,
    Task.workflow_id,
    Task.delivered_by_id,
    Task.delivered_for_id,
)


@dataclass(frozen=True, slots=True)
class Span:
    """From ``begins`` to ``ends``, both included, this basis stood."""

    basis: date
    exclusive: bool
    begins: date
    ends: date


@dataclass(frozen=True, slots=True)
class Thing:
    """A task, coordination line or document with the spans of its ladder, in order."""

    label: str
    place: Place
    task_id: int | None
    spans: Sequence[Span]
    #: The due dates that stood, for what is said only where nothing else is.
    dues: Sequence[Span] = ()
    urges: Sequence[date] = ()
    coordinating: Sequence[int] = ()


@dataclass(slots=True)
class _Past:
    """Everything that happened to one task, as far as reminding goes."""

    #: A row of ``TASK_COLUMNS``; the lists hold rows of what ``_pasts`` asks for.
    task: Any
    last: date
    assigned_on: date
    events: list[Any] = field(default_factory=list)
    reports: list[date] = field(default_factory=list)
    urges: list[date] = field(default_factory=list)
    #: What was asked and answered: the instants of each request.
    requests: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)

    def stood(self, changes: Sequence[tuple[date, Any]], now: Any) -> list[tuple[Any, date, date]]:
        """(value, first day, last day) from the changes, in order, each a day and what stood until then."""
        days = [self.assigned_on, *(day for day, _before in changes), self.last]
        pieces = zip([*(before for _day, before in changes), now], pairwise(days), strict=True)
        return [(value, begins + _DAY, ends) for value, (begins, ends) in pieces if begins < ends]

    def states(self) -> list[tuple[TaskState, date, date]]:
        moves = [
            (local_date(event.at), event.from_state)
            for event in self.events
            if event.to_state is not None and event.from_state not in (None, event.to_state)
        ]
        return self.stood(moves, self.task.state)

    def dues(self) -> list[Span]:
        task = self.task
        if not task.deadline_confirmed or task.kind is DeadlineKind.CONTINUOUS:
            return []
        moves = [
            (local_date(event.at), _day(event.data.get("from"))) for event in self.events if event.kind in _DUE_EVENTS
        ]
        return [Span(due, task.exclusive, a, b) for due, a, b in self.stood(moves, task.due_on) if due is not None]

    def within(self, spans: Iterable[Span], wanted: Callable[[TaskState], bool]) -> list[Span]:
        """The parts of these spans in which the task was in a wanted state."""
        found = []
        states = [(a, b) for state, a, b in self.states() if wanted(state)]
        for span in spans:
            for a, b in states:
                begins, ends = max(a, span.begins), min(b, span.ends)
                if begins <= ends:
                    found.append(Span(span.basis, span.exclusive, begins, ends))
        return found


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None


def _is_open(state: TaskState) -> bool:
    return state not in (TaskState.COMPLETED, TaskState.CANCELLED, TaskState.SUSPENDED)


def _spans(past: _Past, event: ReminderEvent) -> list[Span]:
    """The ladder of this event on this task."""
    task, assigned = past.task, past.assigned_on
    if event is ReminderEvent.DUE:
        return past.within(past.dues(), lambda state: state in _DOING)
    if event in _WAITING:
        return [Span(a - _DAY, False, a, b) for state, a, b in past.states() if state is _WAITING[event]]
    if event is ReminderEvent.NEVER_ACKNOWLEDGED:
        ends = min(past.last, local_date(task.acknowledged_at)) if task.acknowledged_at else past.last
        return past.within([Span(assigned, False, assigned + _DAY, ends)], lambda state: state is TaskState.ASSIGNED)
    if event is ReminderEvent.NO_PROGRESS:
        if task.kind is DeadlineKind.CONTINUOUS:
            return []
        days = [assigned, *past.reports, past.last]
        pieces = [Span(a, False, a + _DAY, b) for a, b in pairwise(days) if a < b]
        return past.within(pieces, lambda state: state is TaskState.IN_PROGRESS)
    if event in (ReminderEvent.EXTENSION_WAITING, ReminderEvent.DECISION_NEEDED):
        asked = []
        for asked_at, decided_at in past.requests:
            day = local_date(asked_at)
            ends = local_date(decided_at) if decided_at else past.last
            asked.append(Span(day, False, day + _DAY, ends))
        return past.within(asked, _is_open)
    return []


def things(
    session: Session, event: ReminderEvent, tasks: Select[Any], *, last: date, coordinating: bool
) -> Iterator[Thing]:
    """What of these tasks a rule about this event would have spoken of up to ``last``."""
    above = Above.load(session)
    single = tasks.where(Task.shape != TaskShape.COLLECTIVE).with_only_columns(*TASK_COLUMNS)
    for chunk in stream(session, single, rows=_CHUNK).partitions():
        for past in _pasts(session, chunk, event, last, coordinating=coordinating):
            task = past.task
            place = place_of(task, above)
            if event is ReminderEvent.COORDINATION_DUE:
                for line in past.lines:
                    yield Thing(
                        task.code,
                        place._replace(lead_unit_id=line.unit_id, person_id=line.person_id),
                        task.id,
                        _line_spans(past, line),
                        coordinating=(line.unit_id,),
                    )
                continue
            yield Thing(
                task.code,
                place,
                task.id,
                _spans(past, event),
                dues=past.dues() if event in SILENT_BESIDE_OTHERS else (),
                urges=past.urges,
                coordinating=[line.unit_id for line in past.lines],
            )


def place_of(task: Any, above: Above) -> Place:
    """Where the task (a row of ``TASK_COLUMNS``) stands, as the sweep sees it."""
    return Place(
        task.office_unit_id,
        task.lead_unit_id,
        task.person_id,
        task.document_id,
        False,
        above.assigning.get(task.id),
        above.confirming.get(task.workflow_id or 0),
        frozenset(one for one in (task.delivered_by_id, task.delivered_for_id) if one is not None),
    )


def _line_spans(past: _Past, line: Any) -> list[Span]:
    if line.due_on is None or past.task.kind is DeadlineKind.CONTINUOUS:
        return []
    ends = local_date(line.answered_at) if line.answered_at else past.last
    return past.within([Span(line.due_on, False, local_date(line.asked_at) + _DAY, ends)], _is_open)


def _pasts(
    session: Session, tasks: Sequence[Any], event: ReminderEvent, last: date, *, coordinating: bool
) -> list[_Past]:
    found = {task.id: _Past(task, last, local_date(task.assigned_at)) for task in tasks}
    moved = or_(TaskEvent.from_state != TaskEvent.to_state, TaskEvent.kind.in_(_DUE_EVENTS))
    for one in _of(session, TaskEvent, ("at", "kind", "from_state", "to_state", "data"), found, moved):
        found[one.task_id].events.append(one)
    for one in _of(session, Urge, ("at",), found):
        found[one.task_id].urges.append(local_date(one.at))
    if event is ReminderEvent.NO_PROGRESS:
        for one in _of(session, ProgressReport, ("at",), found):
            found[one.task_id].reports.append(min(last, local_date(one.at)))
    if event is ReminderEvent.EXTENSION_WAITING:
        for one in _of(session, ExtensionRequest, ("requested_at", "decided_at"), found):
            found[one.task_id].requests.append((one.requested_at, one.decided_at))
    if event is ReminderEvent.DECISION_NEEDED:
        for one in _of(session, ProgressReport, ("at", "decided_at"), found, ProgressReport.needs_decision.is_(True)):
            found[one.task_id].requests.append((one.at, one.decided_at))
    if coordinating or event is ReminderEvent.COORDINATION_DUE:
        for one in _lines(session, found):
            found[one.task_id].lines.append(one)
    return list(found.values())


def _lines(session: Session, task_ids: Collection[int]) -> Sequence[Any]:
    return _of(session, Coordination, ("unit_id", "person_id", "due_on", "asked_at", "answered_at"), task_ids)


def _of(
    session: Session, model: Any, columns: Iterable[str], task_ids: Collection[int], *wanted: ColumnElement[bool]
) -> Sequence[Any]:
    """These columns, and the task's id, of all rows of these tasks in the order in which they were made."""
    chosen: list[Any] = [model.task_id, *(getattr(model, column) for column in columns)]
    statement = select(*chosen).where(model.task_id.in_(sorted(task_ids)), *wanted).order_by(model.id)
    return session.execute(statement).all()


def reports(session: Session, documents: Select[Document], *, first: date, last: date) -> Iterator[Thing]:
    """The reporting days of these documents that fall around the window."""
    for document in session.scalars(documents.where(Document.reporting_rule != "").order_by(Document.id)):
        try:
            days = occurrences(
                document.reporting_rule, after=first - timedelta(days=62), until=last + timedelta(days=366)
            )
        except Invalid:
            continue
        starts = [first - timedelta(days=62), *days]
        spans = [Span(day, False, before + _DAY, min(day, last)) for before, day in pairwise(starts) if before < last]
        yield Thing(
            document.number or document.title,
            Place(document.office_unit_id, None, None, document.id, False),
            None,
            spans,
        )


def happened(
    session: Session,
    kinds: Sequence[str],
    chosen: ColumnElement[bool],
    *,
    since: datetime,
    until: datetime,
    coordinating: bool,
) -> Iterator[tuple[date, Any, list[int]]]:
    """The days on which such an event happened to a task of these, with its row and (if wanted) its other units."""
    statement = (
        select(TaskEvent.at, *TASK_COLUMNS)
        .join(Task, Task.id == TaskEvent.task_id)
        .where(TaskEvent.kind.in_(kinds), TaskEvent.at >= since, TaskEvent.at < until, chosen)
        .order_by(TaskEvent.id)
    )
    for rows in stream(session, statement, rows=_CHUNK).partitions():
        units: dict[int, list[int]] = {}
        for line in _lines(session, {row.id for row in rows}) if coordinating else ():
            units.setdefault(line.task_id, []).append(line.unit_id)
        for row in rows:
            yield local_date(row.at), row, units.get(row.id, [])
