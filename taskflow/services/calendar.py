"""The office's working calendar, read from the database and kept per process until it changes."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from taskflow.domain.calendar import WorkCalendar
from taskflow.extensions import db
from taskflow.models.system import CalendarDay
from taskflow.services import settings

_KEPT = "taskflow.calendar"


def work_calendar() -> WorkCalendar:
    """The calendar that holds now. Another process's change is seen by the version that ``calendar_changed`` raises."""
    version = (
        settings.get(settings.CALENDAR_VERSION),
        settings.get(settings.WORKDAYS),
        settings.get(settings.WORK_HOURS),
    )
    kept = current_app.extensions.get(_KEPT)
    if kept is None or kept[0] != version:
        kept = (version, read_calendar())
        current_app.extensions[_KEPT] = kept
    calendar: WorkCalendar = kept[1]
    return calendar


def calendar_changed(*, now: datetime, by_id: int | None = None) -> None:
    """Say, inside the unit of work that changed the days, that every process must read them again."""
    version = settings.get(settings.CALENDAR_VERSION)
    settings.put(settings.CALENDAR_VERSION.key, version + 1, now=now, by_id=by_id)


def read_calendar() -> WorkCalendar:
    """The calendar as this transaction sees it, not kept: for whoever is changing it."""
    rows = db.session.execute(select(CalendarDay.day, CalendarDay.kind, CalendarDay.name)).all()
    workdays, hours = settings.get(settings.WORKDAYS), settings.get(settings.WORK_HOURS)
    return WorkCalendar(
        days_off={row.day: row.name for row in rows if row.kind == "off"},
        worked={row.day: row.name for row in rows if row.kind == "worked"},
        workdays=frozenset(workdays),
        hours={weekday: settings.hours_of(text) for weekday, text in enumerate(hours)},
    )
