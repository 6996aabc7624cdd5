"""Starts and stops everything that runs by itself: the clock, the couriers, the listener."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from taskflow import clock
from taskflow.config import Settings
from taskflow.extensions import db
from taskflow.scheduling.couriers import BotListener, LaneWorker
from taskflow.scheduling.jobs import JOBS, run_job, trigger
from taskflow.services.transports import LANES

log = structlog.get_logger()

#: Jobs that run when a node starts, besides their times.
_AT_ONCE = ("sweep", "periods", "calendar_seed")
#: How long ``stop`` waits, for all threads together, for what is just being sent.
FAREWELL_SECONDS = 15.0


def follow_database_clock(app: Flask) -> None:
    """Put this node's clock right, so that all nodes agree on slots, hours and when a message is due."""
    with app.app_context():
        try:
            correction = clock.follow_database()
        except SQLAlchemyError as error:
            log.warning("clock.database", error=str(error).splitlines()[0])
            return
        finally:
            db.session.remove()
        if correction:
            log.warning("clock.corrected", seconds=round(correction.total_seconds(), 1))


class Runner:
    """What ``start`` has started. APScheduler is a clock only: what counts is in the database."""

    def __init__(self, app: Flask) -> None:
        settings: Settings = app.config["TASKFLOW"]
        self._app = app
        self._stop_asked = threading.Event()
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1},
            timezone=settings.zone,
        )
        for job in JOBS:
            # A node that starts late does not wait for the next slot with these.
            first = {"next_run_time": datetime.now(UTC)} if job.name in _AT_ONCE else {}
            self._scheduler.add_job(
                run_job,
                trigger(job, app),
                args=(app, job),
                id=job.name,
                replace_existing=True,
                misfire_grace_time=int(job.slot.total_seconds()),
                **first,
            )
        self._scheduler.add_job(
            follow_database_clock, "interval", seconds=60, args=(app,), id="clock", misfire_grace_time=60
        )
        workers = {"email": settings.delivery_workers}
        self._threads: list[threading.Thread] = [
            LaneWorker(app, lane, number, self._stop_asked) for lane in LANES for number in range(workers.get(lane, 1))
        ]
        self._threads.append(BotListener(app, self._stop_asked))

    def begin(self) -> None:
        """Start the clock and the threads."""
        follow_database_clock(self._app)
        self._scheduler.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is being sent, then stop."""
        self._stop_asked.set()
        self._scheduler.shutdown(wait=True)
        last = time.monotonic() + FAREWELL_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, last - time.monotonic()))


def start(app: Flask) -> Runner:
    """Run the timetable and the delivery for this application until ``stop`` is called."""
    runner = Runner(app)
    runner.begin()
    return runner
