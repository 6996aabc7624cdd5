"""Has an import read: in a process with limits, watched by a thread, so that the page that started it can go on.

A reading holds the import by its ``claim`` and says every second that it lives. One that fell silent (the server was
stopped) is dead: anybody may start another, and what the dead one might still write is refused.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from flask import Flask, current_app
from sqlalchemy import func, select, update

from taskflow import clock
from taskflow.documents.messages import DocumentError
from taskflow.documents.sandbox import parse_in_subprocess
from taskflow.domain.errors import DomainError, NotFound, WrongState
from taskflow.domain.permissions import SYSTEM, Actor
from taskflow.extensions import db
from taskflow.models.document import ImportJob, ImportRow, ImportStatus
from taskflow.services import audit
from taskflow.services.files import open_stored
from taskflow.services.imports.access import erase, open_job
from taskflow.services.imports.comparing import compare
from taskflow.services.imports.filling import fill, overrides_of
from taskflow.services.imports.round_trip import fill_from_export, is_export
from taskflow.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

#: Processes that read at the same time in one server; others wait their turn.
MOST_AT_ONCE = 2
#: A reading that has said nothing for so long is dead.
SILENCE = timedelta(seconds=30)
_turns = threading.BoundedSemaphore(MOST_AT_ONCE)


def start(job_id: int, *, actor: Actor, wait: float = 3.0) -> bool:
    """Have the import read, once more when it was read before; True when that was done within ``wait`` seconds.

    Raises ``WrongState`` when a reading is at work already, or the import has been committed.
    """
    claim = uuid4().hex
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, status=None)
        if job.status not in (ImportStatus.READING, ImportStatus.FAILED, ImportStatus.REVIEW):
            raise WrongState("import.wrong_status", status=job.status)
        if job.sha256 is None:
            raise WrongState("import.erased")
        if is_alive(job):
            raise WrongState("import.being_read")
        job.status, job.claim, job.claimed_at = ImportStatus.READING, claim, clock.database_now()
        job.progress, job.error = {"stage": "waiting", "done": 0, "total": 0}, {}
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # the proxy's own method, see Flask's docs
    thread = threading.Thread(target=_run, args=(app, job_id, claim), name=f"import-{job_id}", daemon=True)
    thread.start()
    thread.join(wait)
    db.session.rollback()
    return not thread.is_alive()


def is_alive(job: ImportJob) -> bool:
    """Whether a reading of this import is at work."""
    if job.status is not ImportStatus.READING or job.claimed_at is None:
        return False
    return clock.database_now() - job.claimed_at < SILENCE


def cancel(job_id: int, *, actor: Actor) -> None:
    """Stop a reading: an import that was read before goes back to its rows, another one is discarded."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, status=None)
        if job.status is ImportStatus.READING:
            job.status = ImportStatus.REVIEW if _has_rows(job) else ImportStatus.DISCARDED
            job.claim = ""


def _run(app: Flask, job_id: int, claim: str) -> None:
    with app.app_context():
        watch = _Watch(job_id, claim)
        try:
            while not _turns.acquire(timeout=1):
                if watch.ended():
                    return
            try:
                _read(job_id, watch)
            finally:
                _turns.release()
        except DomainError as error:
            _fail(job_id, claim, error)
        except Exception:
            log.error("import_reading_failed", job_id=job_id, exc_info=True)
            _fail(job_id, claim, DocumentError("document.crashed", "file"))


def _read(job_id: int, watch: _Watch) -> None:
    job = db.session.get_one(ImportJob, job_id)
    issued_on, overrides, filename = job.issued_on, overrides_of(job), job.filename
    if job.head.get("edited") and job.head.get("issued_on"):
        issued_on = datetime.fromisoformat(job.head["issued_on"]).date()
    if job.sha256 is None:
        raise NotFound("file.lost")
    with open_stored(job.sha256) as stream:
        data = stream.read()
    db.session.rollback()  # no transaction stays open while the child works
    parsed = parse_in_subprocess(
        data,
        filename=filename,
        issued_on=issued_on,
        overrides=overrides,
        progress=watch.progress,
        cancelled=watch.ended,
    )
    with unit_of_work() as session:
        held = _held(job_id, watch.claim)
        if held is None:
            return
        if is_export(parsed):
            fill_from_export(session, held, parsed)
        else:
            fill(session, held, parsed)
            compare(session, held)
        held.status, held.claim, held.claimed_at = ImportStatus.REVIEW, "", None
        held.progress = {}


def _held(job_id: int, claim: str) -> ImportJob | None:
    """The import, locked, while this reading still holds it."""
    return db.session.scalar(
        select(ImportJob)
        .where(ImportJob.id == job_id, ImportJob.claim == claim, ImportJob.status == ImportStatus.READING)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _fail(job_id: int, claim: str, error: DomainError) -> None:
    with unit_of_work() as session:
        job = _held(job_id, claim)
        if job is not None:
            if error.code == "document.secret":
                erase(session, job)
                audit.record(
                    session, actor=SYSTEM, action="import.refused_secret", subject="import", subject_id=job.id,
                    now=clock.now(), mark=error.params.get("mark", ""),
                )  # fmt: skip
            job.status = ImportStatus.REVIEW if _has_rows(job) else ImportStatus.FAILED
            job.error = {"code": error.code, "params": {key: str(value) for key, value in error.params.items()}}
            job.claim, job.claimed_at, job.progress = "", None, {}


def _has_rows(job: ImportJob) -> bool:
    return bool(db.session.scalar(select(func.count()).select_from(ImportRow).where(ImportRow.job_id == job.id)))


class _Watch:
    """Says once a second that the reading lives and how far it is, and hears whether it is still wanted."""

    def __init__(self, job_id: int, claim: str) -> None:
        self.claim = claim
        self._job_id = job_id
        self._progress = {"stage": "waiting", "done": 0, "total": 0}
        self._said = 0.0
        self._ended = False

    def progress(self, stage: str, done: int, total: int) -> None:
        """How far the reader is."""
        self._progress = {"stage": stage, "done": done, "total": total}

    def ended(self) -> bool:
        """Whether the reading has been cancelled, or taken over by another one."""
        if time.monotonic() - self._said >= 1:
            self._said = time.monotonic()
            with unit_of_work() as session:
                held = session.scalars(
                    update(ImportJob)
                    .where(
                        ImportJob.id == self._job_id,
                        ImportJob.claim == self.claim,
                        ImportJob.status == ImportStatus.READING,
                    )
                    .values(claimed_at=clock.database_now(), progress=self._progress)
                    .returning(ImportJob.id)
                    .execution_options(synchronize_session=False)
                ).all()
            self._ended = not held
        return self._ended
