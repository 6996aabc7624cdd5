"""Lists of tasks: one query a page, ordered by an index, filtered by scope, with its label worked out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, case, column, func, literal, literal_column, select, table, true
from sqlalchemy.orm import Session, aliased

from taskflow.clock import today as today_here
from taskflow.collation import alphabetical
from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import Cutoffs, DeadlineKind, TimeLabel, Timing, cutoffs, time_label
from taskflow.domain.permissions import Actor
from taskflow.domain.search import as_fts5, as_tsquery, query_terms
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import Attention, Openness, Sort, TaskFilter
from taskflow.extensions import db
from taskflow.models.document import Document
from taskflow.models.org import Unit, User
from taskflow.models.task import (
    OWED_COORDINATION,
    Coordination,
    ExtensionRequest,
    ExtensionState,
    Priority,
    Task,
    TaskShape,
    TaskTag,
    TransferRequest,
    TransferState,
    Watch,
)
from taskflow.services import settings
from taskflow.services.calendar import work_calendar
from taskflow.services.queries.labels import counted_condition, label_condition
from taskflow.services.queries.scope import visible_tasks
from taskflow.services.queries.unit_history import led_or_delivered, units_now
from taskflow.services.unit_of_work import stream

PAGE_SIZE = 50
#: Counting stops here: nobody reads more, and "hơn 1.000" is as good. The overview has the exact numbers.
COUNT_LIMIT = 1_000
EXPORT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of a list."""

    id: int
    code: str
    tt: str
    content: str
    product: str
    document_id: int | None
    document_number: str
    document_date: date | None
    lead: str
    #: Its official name, as papers write it.
    lead_name: str
    lead_id: int | None
    person: str
    shape: TaskShape
    kind: DeadlineKind
    state: TaskState
    priority: Priority
    deadline_text: str
    due_on: date | None
    original_due_on: date | None
    delivered_on: date | None
    deadline_confirmed: bool
    percent: int | None
    waiting_for: str
    needs_decision: bool
    extension_count: int
    urge_count: int
    returned_count: int
    assigned_at: datetime
    acknowledged_at: datetime | None
    last_progress_at: datetime | None
    version: int
    timing: Timing

    @property
    def label(self) -> TimeLabel:
        """How the task stands today."""
        return self.timing.label

    @property
    def was_extended(self) -> bool:
        """Whether the present due date is not the first one."""
        return self.original_due_on is not None and self.original_due_on != self.due_on


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of a list. ``total`` is exact up to ``COUNT_LIMIT``; ``more_than_total`` says that there are more."""

    rows: list[TaskRow]
    page: int
    page_size: int
    total: int
    more_than_total: bool
    has_next: bool


def list_tasks(
    actor: Actor, wanted: TaskFilter, *, page_size: int = PAGE_SIZE, among: ColumnElement[bool] | None = None
) -> TaskPage:
    """One page of the tasks that the actor may see and the filter wants.

    ``among`` takes the place of the scope: a condition that only visible tasks fulfil (``scope.own_work``).
    """
    session = db.session()
    limits = label_cutoffs()
    conditions = _conditions(actor, wanted, limits, among)
    calendar, soon = work_calendar(), settings.get(settings.SOON_DAYS)
    found = session.execute(_page(wanted, conditions, page_size)).all()
    rows = [_row(row, limits.today, calendar, soon) for row in found[:page_size]]
    has_next = len(found) > page_size
    if wanted.page == 1 and not has_next:
        total = len(rows)
    elif found and "found" in found[0]._fields:
        total = found[0].found
    else:
        total = _count(session, conditions)
    return TaskPage(rows, wanted.page, page_size, min(total, COUNT_LIMIT), total > COUNT_LIMIT, has_next)


def iterate_tasks(actor: Actor, wanted: TaskFilter) -> Iterator[TaskRow]:
    """All rows of the filter in its order, at most ``EXPORT_LIMIT``, in pages (for exports)."""
    session = db.session()
    limits = label_cutoffs()
    statement = _ordered(_rows(), wanted).where(*_conditions(actor, wanted, limits))
    calendar, soon = work_calendar(), settings.get(settings.SOON_DAYS)
    for row in stream(session, statement.limit(EXPORT_LIMIT), rows=1000):
        yield _row(row, limits.today, calendar, soon)


def count_tasks(actor: Actor, wanted: TaskFilter) -> int:
    """How many tasks the filter wants, exact up to ``COUNT_LIMIT``."""
    return _count(db.session(), _conditions(actor, wanted, label_cutoffs()))


def label_cutoffs() -> Cutoffs:
    """Today's cut-off days by the office's calendar and settings."""
    return cutoffs(today_here(), work_calendar(), settings.get(settings.SOON_DAYS))


@cache  # building it costs more than running it
def _rows() -> Select[Any]:
    lead, person, waiting = aliased(Unit), aliased(User), aliased(Unit)
    return (
        select(  # type: ignore[return-value] # more columns than Select's type parameters can name
            Task.id,
            Task.code,
            Task.tt,
            Task.content,
            Task.product,
            Task.document_id,
            func.coalesce(Document.number, "").label("document_number"),
            Document.issued_on.label("document_date"),
            func.coalesce(lead.short_name, "").label("lead_short"),
            func.coalesce(lead.name, Task.lead_wording).label("lead_name"),
            Task.lead_unit_id,
            func.coalesce(person.full_name, "").label("person"),
            Task.shape,
            Task.kind,
            Task.state,
            Task.priority,
            Task.deadline_text,
            Task.due_on,
            Task.original_due_on,
            Task.delivered_on,
            Task.deadline_confirmed,
            Task.exclusive,
            Task.percent,
            func.coalesce(waiting.short_name, waiting.name, "").label("waiting_for"),
            Task.needs_decision,
            Task.extension_count,
            Task.urge_count,
            Task.returned_count,
            Task.assigned_at,
            Task.acknowledged_at,
            Task.last_progress_at,
            Task.version,
        )
        .select_from(Task)
        .outerjoin(Document, Document.id == Task.document_id)
        .outerjoin(lead, lead.id == Task.lead_unit_id)
        .outerjoin(person, person.id == Task.person_id)
        .outerjoin(waiting, waiting.id == Task.waiting_unit_id)
    )


def _count(session: Session, conditions: list[ColumnElement[bool]]) -> int:
    inner = select(literal_column("1")).select_from(Task).where(*conditions).limit(COUNT_LIMIT + 1).subquery()
    return session.scalar(select(func.count()).select_from(inner)) or 0


def _row(row: Any, today: date, calendar: WorkCalendar, soon: int) -> TaskRow:
    timing = time_label(
        kind=row.kind,
        state=row.state,
        due=row.due_on,
        exclusive=row.exclusive,
        delivered_on=row.delivered_on,
        calendar=calendar,
        today=today,
        soon_days=soon,
    )
    return TaskRow(
        id=row.id,
        code=row.code,
        tt=row.tt,
        content=row.content,
        product=row.product,
        document_id=row.document_id,
        document_number=row.document_number,
        document_date=row.document_date,
        lead=row.lead_short or row.lead_name,
        lead_name=row.lead_name,
        lead_id=row.lead_unit_id,
        person=row.person,
        shape=row.shape,
        kind=row.kind,
        state=row.state,
        priority=row.priority,
        deadline_text=row.deadline_text,
        due_on=row.due_on,
        original_due_on=row.original_due_on,
        delivered_on=row.delivered_on,
        deadline_confirmed=row.deadline_confirmed,
        percent=row.percent,
        waiting_for=row.waiting_for,
        needs_decision=row.needs_decision,
        extension_count=row.extension_count,
        urge_count=row.urge_count,
        returned_count=row.returned_count,
        assigned_at=row.assigned_at,
        acknowledged_at=row.acknowledged_at,
        last_progress_at=row.last_progress_at,
        version=row.version,
        timing=timing,
    )


def _page(wanted: TaskFilter, conditions: list[ColumnElement[bool]], page_size: int) -> Select[Any]:
    """The rows of a page and one more."""
    start = (wanted.page - 1) * page_size
    if wanted.q and not _is_sqlite():
        # Which ones and how many, and only then what is shown of them: PostgreSQL would join all matches of a common
        # word, and it reads them all for the newest anyway.
        which: Select[*tuple[Any, ...]] = select(Task.id, func.count().over().label("found")).where(*conditions)
        those = _ordered(which, wanted).limit(page_size + 1).offset(start).subquery()
        return _ordered(_rows(), wanted).join(those, those.c.id == Task.id).add_columns(those.c.found)
    return _ordered(_rows(), wanted).where(*conditions).limit(page_size + 1).offset(start)


def _name_of(model: Any, name: Any, key: Any) -> ColumnElement[str]:
    """The name of a row that a task points to; as a part of any statement about tasks, joined or not."""
    return alphabetical(func.coalesce(select(name).where(model.id == key).scalar_subquery(), ""))


_lead, _document = aliased(Unit), aliased(Document)
#: What each order of the list sorts by; the newest task is the one with the highest id.
_SORT_KEYS: dict[str, tuple[Any, ...]] = {
    "due": (Task.sort_due_on,),
    "newest": (Task.id.desc(),),
    "code": (),
    "content": (alphabetical(Task.content),),
    "lead": (_name_of(_lead, func.coalesce(func.nullif(_lead.short_name, ""), _lead.name), Task.lead_unit_id),),
    "state": (case({state.value: rank for rank, state in enumerate(TaskState)}, value=Task.state),),
    "document": (_name_of(_document, _document.number, Task.document_id),),
}


def _ordered(statement: Select[Any], wanted: TaskFilter) -> Select[Any]:
    if wanted.q and wanted.sort is Sort.DUE:
        # The newest first: both full-text indexes deliver that without sorting all matches of a common word.
        return statement.order_by((_fts.c.rowid if _is_sqlite() and query_terms(wanted.q) else Task.id).desc())
    keys: tuple[Any, ...] = (*_SORT_KEYS[wanted.sort.column], Task.id)
    return statement.order_by(*(key.desc() for key in keys) if wanted.sort.descending else keys)


def _conditions(
    actor: Actor, wanted: TaskFilter, limits: Cutoffs, scope: ColumnElement[bool] | None = None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [scope if scope is not None else visible_tasks(actor)]
    if wanted.shown is not Openness.ALL:
        found.append(Task.is_open.is_(wanted.shown is Openness.OPEN))
    if wanted.q:
        found.append(matches(wanted.q))
    if wanted.label is not None:
        found.append(label_condition(wanted.label, limits))
    if wanted.attention is not None:
        found.append(attention_condition(wanted.attention, limits))
    if wanted.counted is not None:
        found.append(counted_condition(wanted.counted, limits))
    found += _belonging(actor, wanted)
    equal = {
        Task.state: wanted.state,
        Task.office_unit_id: wanted.office,
        Task.document_id: wanted.document,
        Task.person_id: wanted.person,
        Task.priority: wanted.priority or None,
    }
    found += [column == value for column, value in equal.items() if value is not None]
    if wanted.due_from is not None:
        found.append(Task.due_on >= wanted.due_from)
    if wanted.due_to is not None:
        found.append(Task.due_on <= wanted.due_to)
    if wanted.assigned_from is not None:
        found.append(Task.assigned_at >= _start_of(wanted.assigned_from))
    if wanted.assigned_to is not None:
        found.append(Task.assigned_at < end_of(wanted.assigned_to))
    return found


def _belonging(actor: Actor, wanted: TaskFilter) -> list[ColumnElement[bool]]:
    """Conditions on what a task has to do with: units, a person who follows it, a tag."""
    found: list[ColumnElement[bool]] = []
    if wanted.unit is not None:
        found.append(_led_by(wanted.unit, wanted))
    if wanted.unit_tree is not None:
        root = aliased(Unit)
        below = select(Unit.id).join(root, Unit.path.startswith(root.path)).where(root.id == wanted.unit_tree)
        # Read before, so that the planner knows how many they are: of a whole province it had better walk the order.
        found.append(Task.lead_unit_id.in_(db.session.scalars(below).all()))
    if wanted.asked is not None:
        owed = select(Coordination.task_id).where(
            Coordination.unit_id == wanted.asked, Coordination.state.in_(OWED_COORDINATION)
        )
        found.append(Task.id.in_(owed))
    if wanted.watched:
        found.append(Task.id.in_(select(Watch.task_id).where(Watch.user_id == actor.user_id)))
    if wanted.tag:
        found.append(Task.id.in_(select(TaskTag.task_id).where(TaskTag.tag == wanted.tag)))
    return found


def _led_by(unit_id: int, wanted: TaskFilter) -> ColumnElement[bool]:
    """The tasks that this unit leads, alone or with those of the units that ended in it, or that it led on a day."""
    if wanted.led_on is not None:
        return led_or_delivered(end_of(wanted.led_on)) == unit_id
    if wanted.successor:
        return Task.lead_unit_id.in_([unit_id, *(old for old, now in units_now().items() if now == unit_id)])
    return Task.lead_unit_id == unit_id


def end_of(day: date) -> datetime:
    """The instant at which this day is over in the office's time zone."""
    return _start_of(day + timedelta(days=1))


#: SQLite's full-text table (migration 0002): its hidden column of the same name takes the query.
_fts = table("task_search", column("rowid"), column("task_search"))


def matches(query: str) -> ColumnElement[bool]:
    """The tasks in which all words of the query are found, without accents."""
    terms = query_terms(query)
    if not terms:
        return true()
    if not _is_sqlite():
        vector = func.to_tsvector(literal_column("'simple'"), Task.search_text)
        return vector.op("@@")(func.to_tsquery(literal_column("'simple'"), as_tsquery(terms)))
    return and_(_fts.c.rowid == Task.id, _fts.c.task_search.op("MATCH")(as_fts5(terms)))


def attention_condition(attention: Attention, limits: Cutoffs) -> ColumnElement[bool]:
    """The condition under which an open task needs the office for this reason."""
    if attention is Attention.NEVER_ACKNOWLEDGED:
        days = settings.get(settings.ACKNOWLEDGE_DAYS)
        since = _start_of(work_calendar().add_working_days(limits.today, -days))
        return and_(Task.state == TaskState.ASSIGNED, Task.touched_at < since)
    if attention is Attention.NEEDS_DECISION:
        flagged = aliased(Task)  # by itself, so that the small index of flagged tasks is used
        return and_(Task.is_open.is_(True), Task.id.in_(select(flagged.id).where(flagged.needs_decision.is_(True))))
    if attention is Attention.EXTENSION_ASKED:
        asked = select(ExtensionRequest.task_id).where(ExtensionRequest.state == ExtensionState.PENDING)
        return Task.id.in_(asked)
    if attention is Attention.SENT_BACK:
        return Task.id.in_(select(TransferRequest.task_id).where(TransferRequest.state == TransferState.PENDING))
    if attention is Attention.WAITING_FOR_UNIT:
        waiting = aliased(Task)  # by itself, for the same reason
        return and_(Task.is_open.is_(True), Task.id.in_(select(waiting.id).where(waiting.waiting_unit_id.is_not(None))))
    if attention is Attention.URGED_OFTEN:
        urged = aliased(Task)  # by itself, for the same reason; the zero stands in the words of the small index
        often = urged.urge_count > settings.get(settings.URGE_ESCALATE_AFTER)
        some = urged.urge_count > literal(0, literal_execute=True)
        # Open by what it is not: any index of open tasks would be walked instead of the small one.
        is_open = urged.state.not_in((TaskState.COMPLETED, TaskState.CANCELLED))
        return Task.id.in_(select(urged.id).where(some, often, is_open))
    silent_since = _start_of(limits.today - timedelta(days=settings.get(settings.STALE_DAYS)))
    return and_(Task.state == TaskState.IN_PROGRESS, Task.touched_at < silent_since)


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=current_app.config["TASKFLOW"].zone)
