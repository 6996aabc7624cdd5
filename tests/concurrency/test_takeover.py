"""A node that dies in the middle of a sweep: another takes its slot over within two lease lengths."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from taskflow.extensions import WRITE_INTENT, db
from taskflow.models.outbox import OutboxMessage, ReminderRecord
from taskflow.models.system import JobRun
from taskflow.scheduling import lease
from taskflow.scheduling.jobs import JOBS, Job, run_job
from taskflow.services import reminders
from tests.support import crashes

PEOPLE = 4
SWEEP = next(job for job in JOBS if job.name == "sweep")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _with_the_slot_taken() -> Job:
    def run(_now: datetime) -> dict[str, Any]:
        _die()
        return {}

    return replace(SWEEP, run=run)


def _between_two_batches() -> Job:
    commits: list[int] = []
    reminders.BATCH = 2  # in a child of its own

    @event.listens_for(Session, "after_commit")
    def _after(_session: Session) -> None:
        if WRITE_INTENT.get():
            commits.append(1)
            if len(commits) == 2:  # the slot, and the digests of the first two people
                _die()

    return SWEEP


def _before_it_says_that_it_is_done() -> Job:
    def run(now: datetime) -> dict[str, Any]:
        SWEEP.run(now)
        _die()
        return {}

    return replace(SWEEP, run=run)


@pytest.mark.parametrize(
    ("dying", "left"),
    [(_with_the_slot_taken, 0), (_between_two_batches, 2), (_before_it_says_that_it_is_done, PEOPLE)],
)
def test_the_slot_of_a_dead_node_is_taken_over(
    fresh_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dying: Callable[[], Job], left: int
) -> None:
    app = crashes.application(fresh_database, tmp_path, 1)
    crashes.fill(app, PEOPLE)
    moment = crashes.BEGIN
    for name in ("TASKFLOW_CLOCK", "TASKFLOW_DATABASE_CLOCK"):
        monkeypatch.setitem(app.config, name, lambda: moment)
    pid = os.fork()
    if pid == 0:
        run_job(app, dying())
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
    assert _said(app) == (left, left)
    waited = timedelta()
    while not run_job(app, SWEEP):
        waited += timedelta(seconds=10)
        moment = crashes.BEGIN + waited
    assert timedelta() < waited <= 2 * lease.LENGTH, "not from a node that lives, and soon from one that died"
    assert _said(app) == (PEOPLE, PEOPLE)
    assert not run_job(app, SWEEP), "the slot is done"
    with app.app_context():
        assert db.session.scalars(select(JobRun.error)).all() == [""]
        db.session.remove()
        db.engine.dispose()


def _said(app: Flask) -> tuple[int, int]:
    with app.app_context():
        found = [len(db.session.scalars(select(model.id)).all()) for model in (OutboxMessage, ReminderRecord)]
        db.session.remove()
        db.engine.dispose()
    return found[0], found[1]
