"""A file or a pasted table becomes an import: its bytes are kept by their hash, a job is opened for the reader.

The same file again leads to the import that it made before; who wants to can have it read once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, NotAllowed, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.models.document import Document, ImportJob, ImportStatus
from taskflow.services import audit, files
from taskflow.services.files import Upload
from taskflow.services.imports.access import open_job
from taskflow.services.unit_of_work import unit_of_work

#: Imports that do not stand in the way of reading the same file again.
_GONE = (ImportStatus.DISCARDED, ImportStatus.UNDONE, ImportStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Source:
    """What to import, for which office. ``amends_id``: the document that this one changes or replaces.

    ``issued_on`` is used where the document does not say its own date.
    """

    office_unit_id: int
    issued_on: date | None = None
    amends_id: int | None = None
    #: Why the document is not secret although it looks so: said by the actor, kept in the log.
    not_secret: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The job that was opened, or the earlier one of the same file (``is_known``)."""

    job_id: int
    is_known: bool = False


def receive(upload: Upload, source: Source, *, actor: Actor, now: datetime, max_mb: int) -> Receipt:
    """Keep a file and open an import of it; the same file again gives the earlier import.

    Raises ``NotAllowed`` for another office, ``TooLarge``, and the refusals of ``documents.detect``.
    """
    return _receive(upload, source, "amendment" if source.amends_id else "new", actor, now, max_mb)


def receive_pasted(text: str, html: str, source: Source, *, actor: Actor, now: datetime, max_mb: int) -> Receipt:
    """The same for what was pasted from Word, Excel or a web page; HTML is preferred when it holds a table."""
    if not text.strip() and not html.strip():
        raise Invalid("import.nothing_pasted", "text")
    if html and "<t" in html.lower():
        upload = Upload(f"<html><meta charset='utf-8'><body>{html}</body></html>".encode(), "noi-dung-dan.html")
    else:
        upload = Upload(text.encode(), "noi-dung-dan.txt")
    return _receive(upload, source, "amendment" if source.amends_id else "pasted", actor, now, max_mb)


def again(job_id: int, *, actor: Actor, now: datetime) -> int:
    """Open another import of the file of an earlier one, of whatever status; answers its id.

    What was said about its head and tables holds on. One that was committed is compared with the tasks that it made
    or changed, so that what was left then can be taken now, and nothing is made twice.
    """
    with unit_of_work() as session:
        earlier = open_job(session, actor, job_id, status=None)
        if earlier.sha256 is None:
            raise WrongState("import.erased")
        made = earlier.document_id if earlier.status is ImportStatus.COMMITTED else None
        amends_id = earlier.amends_id or made
        kind = "amendment" if amends_id is not None and earlier.kind != "round_trip" else earlier.kind
        job = ImportJob(
            office_unit_id=earlier.office_unit_id,
            kind=kind,
            overrides={**earlier.overrides, "again": True} if made else earlier.overrides,
            head=earlier.head if earlier.head.get("edited") else {},
            several_leads=earlier.several_leads,
            sha256=earlier.sha256,
            filename=earlier.filename,
            amends_id=amends_id,
            issued_on=earlier.issued_on,
            created_at=now,
            created_by_id=actor.user_id,
        )
        return _open(session, job, actor, now)


def discard(job_id: int, *, actor: Actor, now: datetime) -> None:
    """Give an import up before anything was made of it; a running reading ends by itself."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, status=None)
        if job.status not in (ImportStatus.READING, ImportStatus.FAILED, ImportStatus.REVIEW):
            raise WrongState("import.wrong_status", status=job.status)
        job.status = ImportStatus.DISCARDED
        audit.record(session, actor=actor, action="import.discarded", subject="import", subject_id=job.id, now=now)


def _receive(upload: Upload, source: Source, kind: str, actor: Actor, now: datetime, max_mb: int) -> Receipt:
    if source.office_unit_id not in offices_of(actor, Permission.DOCUMENT_IMPORT):
        raise NotAllowed("import.not_allowed")
    with unit_of_work() as session:
        if source.amends_id is not None:
            document = session.get(Document, source.amends_id)
            if document is None or document.office_unit_id != source.office_unit_id:
                raise NotFound("document.not_found")
        stored = files.store(session, upload.data, upload.filename, now=now, max_mb=max_mb)
        earlier = _same_file(session, stored.sha256, source)
        if earlier is not None:
            return Receipt(earlier, is_known=True)
        job = ImportJob(
            office_unit_id=source.office_unit_id,
            kind=kind,
            sha256=stored.sha256,
            filename=files.clean_filename(upload.filename),
            amends_id=source.amends_id,
            issued_on=source.issued_on,
            overrides={"not_secret": source.not_secret.strip()} if source.not_secret.strip() else {},
            created_at=now,
            created_by_id=actor.user_id,
        )
        return Receipt(_open(session, job, actor, now))


def _same_file(session: Session, sha256: str, source: Source) -> int | None:
    return session.scalar(
        select(ImportJob.id)
        .where(
            ImportJob.sha256 == sha256,
            ImportJob.office_unit_id == source.office_unit_id,
            ImportJob.status.not_in(_GONE),
            ImportJob.amends_id.is_(None) if source.amends_id is None else ImportJob.amends_id == source.amends_id,
        )
        .order_by(ImportJob.id.desc())
        .limit(1)
    )


def _open(session: Session, job: ImportJob, actor: Actor, now: datetime) -> int:
    session.add(job)
    session.flush()
    audit.record(
        session, actor=actor, action="import.received", subject="import", subject_id=job.id, now=now, file=job.filename
    )
    if reason := job.overrides.get("not_secret"):
        audit.record(
            session, actor=actor, action="import.not_secret", subject="import", subject_id=job.id, now=now,
            file=job.filename, reason=reason,
        )  # fmt: skip
    return job.id
