"""The whole timetable on one screen: what runs by itself, when, and what each run leaves behind.

Every job may run on any number of nodes: a slot is taken by inserting its ``JobRun`` row first, and the
work itself can be repeated. What sends messages is not here: see ``couriers``.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from os import getpid
from typing import Any

import structlog
from apscheduler.triggers.cron import CronTrigger
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from taskflow import clock
from taskflow.domain.errors import Conflict
from taskflow.extensions import db
from taskflow.models.system import JobRun
from taskflow.notifications.transports.base import TransientError
from taskflow.scheduling import lease
from taskflow.services import alarms, metrics, zalo, zalo_status
from taskflow.services.calendar_days import seed_missing_years, unconfirmed_years
from taskflow.services.group_summary import queue_summary
from taskflow.services.health import SWEEP, SWEEP_INTERVAL, SWEEP_LATE_AFTER
from taskflow.services.reminders import sweep
from taskflow.services.retention import forget
from taskflow.services.series import make_due_periods
from taskflow.services.unit_of_work import unit_of_work

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """``cron`` as APScheduler takes it, in the office's zone; ``slot`` is the time between two runs."""

    name: str
    cron: dict[str, str]
    slot: timedelta
    run: Callable[[datetime], dict[str, Any]]


def _sweep(now: datetime) -> dict[str, Any]:
    _watch(now)  # after a standstill the administrators hear of it, also when nobody was there to watch
    report = sweep(now)
    queue_summary(now)
    return asdict(report)


def _watch(now: datetime) -> dict[str, Any]:
    """Raise the alarm when reminders have not run for three slots, here or anywhere."""
    age = metrics.sweep_age(now=now)
    late = age is not None and age > SWEEP_LATE_AFTER.total_seconds()
    if late and age is not None:
        since = now - timedelta(seconds=age)
        with unit_of_work() as session:
            alarms.raise_alarm(session, what="sweep", since=f"{since:%Y-%m-%dT%H:%MZ}", now=now)
    return {"late": late}


def _periods(now: datetime) -> dict[str, Any]:
    return asdict(make_due_periods(now))


def _retention(now: datetime) -> dict[str, Any]:
    return asdict(forget(now))


def _renew_zalo(_now: datetime) -> dict[str, Any]:
    return {"renewed": zalo.renew_if_due(clock.now)}


def _ask_zalo(now: datetime) -> dict[str, Any]:
    return zalo_status.ask(now)


def _check_years(now: datetime) -> dict[str, Any]:
    """Fill in this year and the next; warn when nobody has confirmed this one, or from November on the next."""
    today = clock.local_date(now)
    seed_missing_years(on=today, now=now)
    missing = [year for year in unconfirmed_years(today) if year == today.year or today.month >= 11]
    with unit_of_work() as session:
        for year in missing:
            alarms.raise_alarm(session, what="year", year=year, now=now)
    return {"unconfirmed": missing}


def _seed_years(now: datetime) -> dict[str, Any]:
    """Give this year and the next their days off, where nobody has touched them yet."""
    return {"seeded": seed_missing_years(on=clock.local_date(now), now=now)}


JOBS: tuple[Job, ...] = (
    # Looked at every minute, so that another node soon takes over the slot of one that died; done once a slot.
    Job(SWEEP, {"minute": "*"}, SWEEP_INTERVAL, _sweep),
    Job("watch", {"minute": "5-59/10"}, SWEEP_INTERVAL, _watch),
    Job("periods", {"minute": "15"}, timedelta(hours=1), _periods),
    Job("zalo_renewal", {"minute": "20,50"}, timedelta(minutes=30), _renew_zalo),
    Job("zalo_status", {"minute": "25,55"}, timedelta(minutes=30), _ask_zalo),
    Job("calendar_seed", {"hour": "0", "minute": "40"}, timedelta(days=1), _seed_years),
    Job("calendar_years", {"hour": "8", "minute": "25", "day_of_week": "mon"}, timedelta(days=7), _check_years),
    Job("retention", {"hour": "2", "minute": "30"}, timedelta(days=1), _retention),
)


def trigger(job: Job, app: Flask) -> CronTrigger:
    """When APScheduler calls the job."""
    return CronTrigger(timezone=app.config["TASKFLOW"].zone, **job.cron)


def node_name() -> str:
    """This process among others."""
    return f"{socket.gethostname()}:{getpid()}"


def slot_of(job: Job, now: datetime) -> datetime:
    """The beginning of the slot that ``now`` is in, counted from the epoch: the same on every node."""
    seconds = int(job.slot.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)


def _take(job: Job, slot: datetime, now: datetime) -> bool:
    """Take the slot: a free one, or one whose node has not finished and let its lease run out, so must have died.

    Taking a slot from a node that was only slow does no harm: the work can be repeated.
    """
    taken = db.session.execute(
        select(JobRun.started_at, JobRun.finished_at).where(JobRun.job == job.name, JobRun.slot == slot)
    ).first()
    db.session.rollback()
    if taken is not None and taken.finished_at is not None:
        return False
    values = {"node": node_name(), "started_at": now, "result": {}, "error": ""}
    try:
        with unit_of_work() as session:
            if not lease.hold(f"job:{job.name}", node_name()):
                return False
            connection = session.connection()
            # Slots ahead of now were taken by a clock that has jumped back since; they must not block their time.
            connection.execute(delete(JobRun).where(JobRun.job == job.name, JobRun.slot > now))
            if taken is None:
                connection.execute(insert(JobRun).values(job=job.name, slot=slot, **values))
                return True
            abandoned = (
                JobRun.job == job.name,
                JobRun.slot == slot,
                JobRun.started_at == taken.started_at,
                JobRun.finished_at.is_(None),
            )
            return connection.execute(update(JobRun).where(*abandoned).values(values)).rowcount == 1
    except Conflict:
        return False


def run_job(app: Flask, job: Job) -> bool:
    """Take the slot and do the work; False when another node has it. An error is kept and logged, never raised."""
    with app.app_context():
        now = clock.now()
        slot = slot_of(job, now)
        try:
            if not _take(job, slot, now):
                return False
        except Exception:  # a slot that cannot be taken is no reason to stop the clock
            log.exception("job.no_slot", job=job.name)
            return False
        result: dict[str, Any] = {}
        error = ""
        try:
            result = job.run(now)
        except Exception as problem:
            log.exception("job.failed", job=job.name)
            error = f"{type(problem).__name__}: {problem}"
            if not isinstance(problem, SQLAlchemyError | TransientError | Conflict):  # those may pass by themselves
                alarms.raise_fault(problem, job=job.name, now=now)
        try:
            with unit_of_work() as session:
                session.connection().execute(
                    update(JobRun)
                    .where(JobRun.job == job.name, JobRun.slot == slot)
                    .values(finished_at=clock.now(), result=result, error=error[:2000])
                )
                lease.let_go(f"job:{job.name}", node_name())
        except Exception:  # the work is done; only its record is missing
            log.exception("job.not_recorded", job=job.name)
        return True
