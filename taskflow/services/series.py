"""Repeated work (việc định kỳ): a series makes one task per period, once, some days before it is due.

``make_due_periods`` may be run at any time and by several processes: the series row is locked, and the unique
``Task.series_key`` makes each period's task exist once. What a stopped server missed is made at the next run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from taskflow.clock import local_date
from taskflow.collation import alphabetical
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.occurrences import next_period, occurrences, period_label
from taskflow.domain.permissions import SYSTEM, Actor, Permission, offices_of, units_of
from taskflow.extensions import db
from taskflow.models.task import Priority, ProgressReport, Series, Task
from taskflow.services import audit, settings
from taskflow.services.progress import ReportText
from taskflow.services.task_access import require_unit, require_worker
from taskflow.services.tasks import CoordinationRequest, NewTask, add_tasks, require_other_units
from taskflow.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

#: How long before its due date a period's task may appear at most, by how often the work repeats.
_LONGEST_LEAD = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31}
#: Fields of ``NewTask`` that the template of a series holds under the same name.
_KEPT = ("position", "tt", "group", "note", "workflow_id")
MOST_LEAD_DAYS = 366


@dataclass(frozen=True, slots=True)
class SeriesText:
    """What a series is made of, and what can be changed from now on."""

    content: str
    lead_unit_ids: tuple[int, ...]
    rule: str
    lead_wording: str = ""
    coordinator_unit_ids: tuple[int, ...] = ()
    #: What each period's task asks of the coordinating units.
    request: str = ""
    tags: tuple[str, ...] = ()
    product: str = ""
    note: str = ""
    deadline_text: str = ""
    exclusive: bool = False
    until_on: date | None = None
    #: None: as long before as the setting says, never longer than one period of frequent work.
    lead_days: int | None = None
    priority: Priority = Priority.NORMAL
    person_id: int | None = None
    workflow_id: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesOrigin:
    """Where a series comes from and when it begins: periods due before ``starts_on`` are not made."""

    office_unit_id: int
    starts_on: date
    document_id: int | None = None
    import_job_id: int | None = None
    position: int = 0
    tt: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class PeriodsMade:
    """What a run made: ids of the tasks, and (series id, error code) of series that need a person."""

    task_ids: tuple[int, ...]
    failed: tuple[tuple[int, str], ...]


def create_series(text: SeriesText, origin: SeriesOrigin, *, actor: Actor, now: datetime) -> Series:
    """Begin a series and make its first tasks if they are due to appear. Raises ``NotAllowed``, ``Invalid``."""
    with unit_of_work() as session:
        (series,) = begin_many(session, [(text, origin)], actor=actor, now=now)
        make_periods(session, series, actor=actor, now=now)
        return series


def begin_many(
    session: Session, wanted: Sequence[tuple[SeriesText, SeriesOrigin]], *, actor: Actor, now: datetime
) -> list[Series]:
    """Begin several series inside a unit of work, their first tasks still to be made (``due_tasks``)."""
    begun = []
    for text, origin in wanted:
        _require_office(actor, origin.office_unit_id)
        series = Series(
            document_id=origin.document_id,
            import_job_id=origin.import_job_id,
            office_unit_id=origin.office_unit_id,
            starts_on=origin.starts_on,
            created_at=now,
            template={"position": origin.position, "tt": origin.tt, "group": origin.group},
        )
        _write(session, series, text)
        begun.append(series)
    session.add_all(begun)
    session.flush()
    for series in begun:
        _audit(session, series, "series.created", actor, now, rule=series.rule)
    return begun


def make_due_periods(now: datetime) -> PeriodsMade:
    """Make every period's task whose time to appear has come; a series that fails does not hold up the others."""
    ids = db.session.scalars(select(Series.id).where(Series.is_active).order_by(Series.id)).all()
    made: list[int] = []
    failed: list[tuple[int, str]] = []
    for series_id in ids:
        try:
            with unit_of_work() as session:
                series = session.scalar(
                    select(Series).where(Series.id == series_id, Series.is_active).with_for_update()
                )
                if series is not None:
                    made += [task.id for task in make_periods(session, series, actor=SYSTEM, now=now)]
        except Conflict:
            log.info("series_made_elsewhere", series_id=series_id)
        except DomainError as error:
            log.warning("series_failed", series_id=series_id, code=error.code)
            failed.append((series_id, error.code))
    return PeriodsMade(tuple(made), tuple(failed))


def make_periods(session: Session, series: Series, *, actor: Actor, now: datetime) -> list[Task]:
    """The tasks of this series that should exist by now and do not, inside a unit of work that holds the series."""
    return add_tasks(session, due_tasks(session, series, now), actor=actor, now=now)


def due_tasks(session: Session, series: Series, now: datetime) -> list[NewTask]:
    """What the series owes by now; it counts as made from here on, so the caller makes it in the same transaction."""
    today = local_date(now)
    last = today + timedelta(days=series.lead_days)
    until = min(last, series.until_on) if series.until_on else last
    after = series.last_due_on or series.starts_on - timedelta(days=1)
    days = occurrences(series.rule, after=after, until=until, start=series.starts_on) if after < until else []
    skipped = set(series.template.get("skipped", ()))
    person_id = _still_there(session, series, today) if days else None
    news = [replace(_new_task(series, day), person_id=person_id) for day in days if day.isoformat() not in skipped]
    if days:
        series.last_due_on = days[-1]
    if series.until_on is not None and next_due(series) is None:
        series.is_active = False
    return news


def next_due(series: Series, after: date | None = None) -> date | None:
    """The due date of the next period that is not made yet, or of the next one later than ``after``.

    None when the series has ended.
    """
    if not series.is_active:
        return None
    skipped = set(series.template.get("skipped", ()))
    day = after or series.last_due_on or series.starts_on - timedelta(days=1)
    while True:
        found = next_period(series.rule, day, start=series.starts_on)
        if found is None or (series.until_on is not None and found > series.until_on):
            return None
        if found.isoformat() not in skipped:
            return found
        day = found


def upcoming(series: Series, count: int) -> list[date]:
    """The due dates of the next periods whose tasks are not made yet, skipped ones left out."""
    found: list[date] = []
    day = next_due(series)
    while day is not None and len(found) < count:
        found.append(day)
        day = next_due(series, after=day)
    return found


def skip(
    *,
    series_id: int,
    due_on: date,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Series:
    """Make no task for the period due on this day, with a reason. Raises ``WrongState`` when its task exists."""
    with unit_of_work() as session:
        series = _open(session, series_id, actor, expected_version)
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        if series.last_due_on is not None and due_on <= series.last_due_on:
            raise WrongState("series.period_made")
        is_due = occurrences(series.rule, after=due_on - timedelta(days=1), until=due_on, start=series.starts_on)
        if not is_due or due_on < series.starts_on or (series.until_on is not None and due_on > series.until_on):
            raise Invalid("series.no_such_period", "due_on")
        skipped = sorted({*series.template.get("skipped", ()), due_on.isoformat()})
        series.template = {**series.template, "skipped": skipped}
        _audit(session, series, "series.period_skipped", actor, now, due_on=due_on.isoformat(), reason=reason.strip())
        return series


def change_from_now(
    *,
    series_id: int,
    text: SeriesText,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Series:
    """Change what later periods get; tasks that exist stay as they are."""
    with unit_of_work() as session:
        series = _open(session, series_id, actor, expected_version)
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        before = {"content": series.content, "rule": series.rule, "lead_unit_ids": list(series.lead_unit_ids)}
        _write(session, series, text)
        _audit(session, series, "series.changed", actor, now, before=before, reason=reason.strip())
        make_periods(session, series, actor=actor, now=now)
        return series


def end(*, series_id: int, reason: str, actor: Actor, now: datetime, expected_version: int | None = None) -> Series:
    """Make no further periods; tasks that exist go on."""
    with unit_of_work() as session:
        series = _open(session, series_id, actor, expected_version)
        if not reason.strip():
            raise Invalid("task.reason_required", "reason")
        series.is_active = False
        _audit(session, series, "series.ended", actor, now, reason=reason.strip())
        return series


def last_report(task: Task) -> ReportText | None:
    """What the same unit reported last for an earlier period of this series, to be taken over; None without one."""
    if task.series_id is None or task.due_on is None:
        return None
    report = db.session.scalar(
        select(ProgressReport)
        .join(Task, Task.id == ProgressReport.task_id)
        .where(
            Task.series_id == task.series_id,
            Task.lead_unit_id == task.lead_unit_id,
            Task.due_on < task.due_on,
            ProgressReport.returned_at.is_(None),
        )
        .order_by(Task.due_on.desc(), ProgressReport.is_final.desc(), ProgressReport.id.desc())
        .limit(1)
    )
    if report is None:
        return None
    return ReportText(
        result=report.result,
        percent=report.percent,
        difficulties=report.difficulties,
        proposal=report.proposal,
        next_step=report.next_step,
    )


def get_series(actor: Actor, series_id: int) -> Series:
    """The series, for its office and the units that lead or coordinate it. Raises ``NotFound``."""
    series = db.session.get(Series, series_id)
    if series is None or not _visible(actor, series):
        raise NotFound("series.not_found")
    return series


def list_series(actor: Actor, *, active: bool = True) -> Sequence[Series]:
    """The series that the actor may see, by office and content. There are hundreds of them, not thousands."""
    found = db.session.scalars(
        select(Series)
        .where(Series.is_active.is_(active))
        .options(joinedload(Series.document))
        .order_by(Series.office_unit_id, alphabetical(Series.content), Series.id)
    )
    return [series for series in found if _visible(actor, series)]


def _visible(actor: Actor, series: Series) -> bool:
    if series.office_unit_id in offices_of(actor, Permission.TASK_READ):
        return True
    return bool(units_of(actor) & {*series.lead_unit_ids, *series.coordinator_unit_ids})


def _require_office(actor: Actor, office_unit_id: int) -> None:
    if office_unit_id not in offices_of(actor, Permission.TASK_EDIT):
        raise NotAllowed("task.not_allowed")


def _open(session: Session, series_id: int, actor: Actor, expected_version: int | None) -> Series:
    get_series(actor, series_id)
    series = session.scalars(
        select(Series).where(Series.id == series_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    _require_office(actor, series.office_unit_id)
    if not series.is_active:
        raise WrongState("series.ended")
    if expected_version is not None and series.version != expected_version:
        raise Conflict("conflict.changed_meanwhile", version=series.version)
    return series


def _write(session: Session, series: Series, text: SeriesText) -> None:
    if not text.content.strip():
        raise Invalid("task.content_required", "content")
    if not text.lead_unit_ids:
        raise Invalid("task.lead_required", "lead_unit_ids")
    for unit_id in text.lead_unit_ids:
        require_unit(session, unit_id, "lead_unit_ids")
    for unit_id in text.coordinator_unit_ids:
        require_unit(session, unit_id, "coordinator_unit_ids")
    require_other_units(text.coordinator_unit_ids, text.lead_unit_ids, "coordinator_unit_ids")
    if text.until_on is not None and text.until_on < series.starts_on:
        raise Invalid("series.until_before_start", "until_on", start=series.starts_on)
    if text.lead_days is not None and not 0 <= text.lead_days <= MOST_LEAD_DAYS:
        raise Invalid("series.lead_days", "lead_days", limit=MOST_LEAD_DAYS)
    next_period(text.rule, series.starts_on, start=series.starts_on)  # raises Invalid for what is no rule
    series.content, series.product = text.content.strip(), text.product
    series.lead_unit_ids, series.lead_wording = list(text.lead_unit_ids), text.lead_wording
    series.coordinator_unit_ids = list(text.coordinator_unit_ids)
    series.rule, series.deadline_text, series.exclusive = text.rule, text.deadline_text, text.exclusive
    series.until_on = text.until_on
    series.lead_days = text.lead_days if text.lead_days is not None else default_lead_days(text.rule)
    series.template = {
        **series.template,
        "note": text.note,
        "request": text.request,
        "tags": list(text.tags),
        "priority": text.priority.value,
        "person_id": text.person_id,
        "workflow_id": text.workflow_id,
    }


def default_lead_days(rule: str) -> int:
    """How many days before its due date a period's task appears, when nobody says."""
    wanted = settings.get(settings.SERIES_LEAD_DAYS)
    frequency = next((part[5:] for part in rule.upper().split(";") if part.startswith("FREQ=")), "")
    return min(wanted, _LONGEST_LEAD.get(frequency, wanted))


def _new_task(series: Series, due_on: date) -> NewTask:
    kept: dict[str, Any] = {name: series.template[name] for name in _KEPT if name in series.template}
    return NewTask(
        office_unit_id=series.office_unit_id,
        content=series.content,
        lead_unit_ids=tuple(series.lead_unit_ids),
        lead_wording=series.lead_wording,
        coordinators=tuple(
            CoordinationRequest(unit_id, request=str(series.template.get("request", "")))
            for unit_id in series.coordinator_unit_ids
        ),
        tags=tuple(series.template.get("tags", ())),
        document_id=series.document_id,
        import_job_id=series.import_job_id,
        product=series.product,
        priority=Priority(series.template.get("priority", Priority.NORMAL)),
        kind=DeadlineKind.RECURRING,
        deadline_text=series.deadline_text,
        due_on=due_on,
        exclusive=series.exclusive,
        rule=series.rule,
        series_id=series.id,
        period=period_label(series.rule, due_on),
        series_key=f"{series.id}:{due_on.isoformat()}",
        **kept,
    )


def _still_there(session: Session, series: Series, today: date) -> int | None:
    """The person in charge of each period's task, unless they have left the unit or several units lead."""
    person_id = series.template.get("person_id")
    if person_id is None or len(series.lead_unit_ids) != 1:
        return None
    try:
        return require_worker(session, person_id, require_unit(session, series.lead_unit_ids[0]), today).id
    except Invalid:
        return None


def _audit(session: Session, series: Series, action: str, actor: Actor, now: datetime, **data: Any) -> None:
    audit.record(session, actor=actor, action=action, subject="series", subject_id=series.id, now=now, **data)
