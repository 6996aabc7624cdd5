"""Repeated work (việc định kỳ) for its pages: also what has no task yet, because its next period is far away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from taskflow.domain.language.wording import rule_text
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.domain.search import search_words
from taskflow.extensions import db
from taskflow.models.org import Unit
from taskflow.models.task import Series, Task
from taskflow.services.queries.audit import AuditRow, list_entries
from taskflow.services.queries.scope import visible_tasks
from taskflow.services.series import get_series, list_series, next_due

PAGE_SIZE = 50
#: Newest tasks on the page of one series.
MOST_TASKS = 24


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One series as the list shows it."""

    id: int
    content: str
    leads: str
    rule: str
    wording: str
    document_number: str
    next_due_on: date | None
    #: The day on which the task of the next period appears.
    appears_on: date | None
    until_on: date | None
    is_active: bool
    #: Units that lead or coordinate it and have ended: its next task cannot be made.
    ended_units: str


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """One page of the list, the next due first."""

    rows: list[SeriesLine]
    page: int
    has_next: bool
    total: int
    page_size: int = PAGE_SIZE
    more_than_total: bool = False


@dataclass(frozen=True, slots=True)
class SeriesDetail:
    """One series, the tasks of its periods that the actor may see (newest first), and what was done to it."""

    series: Series
    line: SeriesLine
    coordinators: str
    tasks: Sequence[Task]
    skipped: list[date]
    changes: list[AuditRow]
    may_change: bool


def series_page(actor: Actor, *, q: str = "", active: bool = True, page: int = 1) -> SeriesPage:
    """The repeated work that the actor may see: every word of ``q`` is found without accents."""
    wanted = search_words(q).split()
    names = _unit_names()
    lines = []
    for series in list_series(actor, active=active):
        line = _line(series, names)
        text = search_words(line.content, line.leads, line.wording, line.document_number)
        if all(word in text for word in wanted):
            lines.append(line)
    lines.sort(key=lambda line: (line.next_due_on or date.max, line.id))
    first = (page - 1) * PAGE_SIZE
    return SeriesPage(lines[first : first + PAGE_SIZE], page, first + PAGE_SIZE < len(lines), len(lines))


def series_detail(actor: Actor, series_id: int) -> SeriesDetail:
    """One series. Raises ``NotFound`` for who has nothing to do with it."""
    series = get_series(actor, series_id)
    names = _unit_names()
    tasks = db.session.scalars(
        select(Task)
        .where(Task.series_id == series.id, Task.parent_id.is_(None), visible_tasks(actor))
        .order_by(Task.due_on.desc(), Task.id.desc())
        .limit(MOST_TASKS)
    ).all()
    return SeriesDetail(
        series=series,
        line=_line(series, names),
        coordinators=_named(series.coordinator_unit_ids, names),
        tasks=tasks,
        skipped=sorted(date.fromisoformat(day) for day in series.template.get("skipped", ())),
        changes=list_entries(subject="series", subject_id=str(series.id))[0],
        may_change=series.is_active and series.office_unit_id in offices_of(actor, Permission.TASK_EDIT),
    )


def _line(series: Series, names: _Names) -> SeriesLine:
    due = next_due(series)
    return SeriesLine(
        id=series.id,
        content=series.content,
        leads=_named(series.lead_unit_ids, names),
        rule=rule_text(series.rule, exclusive=series.exclusive),
        wording=series.deadline_text,
        document_number=(series.document.number or "") if series.document is not None else "",
        next_due_on=due,
        appears_on=due - timedelta(days=series.lead_days) if due is not None else None,
        until_on=series.until_on,
        is_active=series.is_active,
        ended_units=_named(
            [one for one in (*series.lead_unit_ids, *series.coordinator_unit_ids) if one in names.ended], names
        ),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """Short names of all units, and which of them have ended."""

    by_id: dict[int, str]
    ended: frozenset[int]


def _unit_names() -> _Names:
    rows = db.session.execute(select(Unit.id, Unit.short_name, Unit.name, Unit.is_active)).all()
    return _Names(
        {row.id: row.short_name or row.name for row in rows}, frozenset(row.id for row in rows if not row.is_active)
    )


def _named(unit_ids: Sequence[int], names: _Names) -> str:
    return ", ".join(names.by_id[unit_id] for unit_id in unit_ids if unit_id in names.by_id)
