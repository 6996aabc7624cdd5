"""Editing the working calendar: days off and worked Saturdays of a year, its confirmation, the working week.

A year is seeded from the law and the notices known to this version; until a person has compared it with
the official notice it counts as unconfirmed, and pages say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.calendar import seed_days
from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import SYSTEM, Actor, Permission
from taskflow.extensions import db
from taskflow.models.org import User
from taskflow.models.system import CalendarDay, CalendarYear
from taskflow.services import audit, settings
from taskflow.services.calendar import calendar_changed, read_calendar
from taskflow.services.due_dates import recount_due_dates
from taskflow.services.rights import require
from taskflow.services.unit_of_work import unit_of_work

#: Years for which a calendar can be kept.
FIRST_YEAR, LAST_YEAR = 2015, 2100


@dataclass(frozen=True, slots=True)
class Year:
    """A year's days, and whether a person has confirmed them."""

    year: int
    days: tuple[CalendarDay, ...]
    is_seeded: bool
    decision: str
    confirmed_at: datetime | None
    confirmed_by: str


def get_year(year: int) -> Year:
    """The year as stored. Raises ``NotFound`` for a year out of range."""
    _check_year(year)
    session = db.session()
    days = session.scalars(
        select(CalendarDay)
        .where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)))
        .order_by(CalendarDay.day)
    ).all()
    stored = session.get(CalendarYear, year)
    by = session.get(User, stored.confirmed_by_id) if stored and stored.confirmed_by_id else None
    return Year(
        year=year,
        days=tuple(days),
        is_seeded=stored is not None,
        decision=stored.decision if stored else "",
        confirmed_at=stored.confirmed_at if stored else None,
        confirmed_by=by.full_name if by else "",
    )


def unconfirmed_years(on: date) -> list[int]:
    """This year and the next, those that nobody has confirmed."""
    wanted = (on.year, on.year + 1)
    confirmed = set(
        db.session.scalars(
            select(CalendarYear.year).where(CalendarYear.year.in_(wanted), CalendarYear.confirmed_at.is_not(None))
        )
    )
    return [year for year in wanted if year not in confirmed]


def seed_missing_years(*, on: date, now: datetime) -> list[int]:
    """Seed this year and the next where nobody has touched them yet; run by the machine. Returns the years seeded."""
    with unit_of_work() as session:
        missing = [year for year in (on.year, on.year + 1) if session.get(CalendarYear, year) is None]
        for year in missing:
            _seed(session, year)
        if missing:
            _changed(SYSTEM, session, "calendar.seeded", now=now, years=missing)
        return missing


def seed_year(*, actor: Actor, year: int, now: datetime) -> int:
    """Add what the law and known notices say and is not in the year yet; edited days stay. Returns how many."""
    require(actor, Permission.ADMIN_CALENDAR_EDIT)
    _check_year(year)
    with unit_of_work() as session:
        added = _seed(session, year)
        _changed(actor, session, "calendar.seeded", now=now, years=[year], days=added)
        return added


def save_day(*, actor: Actor, day: date, kind: str, name: str, decision: str, now: datetime) -> None:
    """Make a day off, or a worked day off (làm bù). A day that is in the calendar already is replaced."""
    require(actor, Permission.ADMIN_CALENDAR_EDIT)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid("calendar.year", "day", first=FIRST_YEAR, last=LAST_YEAR)
    if kind not in ("off", "worked"):
        raise Invalid("calendar.kind", "kind")
    if kind == "worked" and day.weekday() in settings.get(settings.WORKDAYS):
        raise Invalid("calendar.worked_weekday", "day", day=day)
    with unit_of_work() as session:
        row = session.get(CalendarDay, day)
        if row is None:
            row = CalendarDay(day=day)
            session.add(row)
        row.kind, row.name, row.decision = kind, name, decision
        _touch_year(session, day.year)
        _changed(actor, session, "calendar.day_saved", now=now, day=day.isoformat(), kind=kind, name=name)


def remove_day(*, actor: Actor, day: date, now: datetime) -> None:
    """Take a day out: it is then an ordinary day of the week."""
    require(actor, Permission.ADMIN_CALENDAR_EDIT)
    with unit_of_work() as session:
        row = session.get(CalendarDay, day)
        if row is None:
            raise NotFound("calendar.day_not_found")
        session.delete(row)
        _changed(actor, session, "calendar.day_removed", now=now, day=day.isoformat(), name=row.name)


def confirm_year(*, actor: Actor, year: int, decision: str, now: datetime) -> None:
    """Say that a person has compared the year's days with the notice named by ``decision``."""
    require(actor, Permission.ADMIN_CALENDAR_EDIT)
    _check_year(year)
    with unit_of_work() as session:
        stored = _touch_year(session, year)
        stored.decision, stored.confirmed_at, stored.confirmed_by_id = decision, now, actor.user_id
        audit.record(
            session, actor=actor, action="calendar.confirmed", subject="calendar", subject_id=year, now=now,
            decision=decision,
        )  # fmt: skip


def set_week(*, actor: Actor, workdays: tuple[int, ...], hours: tuple[str, ...], now: datetime) -> None:
    """Set the days of the working week (0 is Monday) and the hours of each day, "07:30-17:00", seven of them."""
    require(actor, Permission.ADMIN_CALENDAR_EDIT)
    with unit_of_work() as session:
        settings.store(
            {settings.WORKDAYS.key: list(workdays), settings.WORK_HOURS.key: list(hours)}, actor=actor, now=now
        )
        _changed(actor, session, "calendar.week_set", now=now)


def _seed(session: Session, year: int) -> int:
    known = set(
        session.scalars(select(CalendarDay.day).where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))))
    )
    fresh = [seed for seed in seed_days(year) if seed.day not in known]
    session.add_all(
        CalendarDay(day=seed.day, kind=seed.kind, name=seed.name_vi, decision=seed.decision) for seed in fresh
    )
    _touch_year(session, year)
    return len(fresh)


def _touch_year(session: Session, year: int) -> CalendarYear:
    stored = session.get(CalendarYear, year)
    if stored is None:
        stored = CalendarYear(year=year)
        session.add(stored)
    session.flush()
    return stored


def _changed(actor: Actor, session: Session, action: str, *, now: datetime, **data: Any) -> None:
    """Every process reads the calendar again, and the days that count for lateness follow at once."""
    session.flush()
    calendar_changed(now=now, by_id=actor.user_id)
    recount_due_dates(read_calendar())
    audit.record(session, actor=actor, action=action, subject="calendar", now=now, **data)


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound("calendar.year", first=FIRST_YEAR, last=LAST_YEAR)
