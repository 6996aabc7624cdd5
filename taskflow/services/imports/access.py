"""How every step of an import begins: see it, be allowed, hold it, have the current version."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Conflict, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.extensions import db
from taskflow.models.document import ImportEdit, ImportJob, ImportRow, ImportStatus
from taskflow.models.system import AuditEntry
from taskflow.services import files

#: In place of a name that may tell what a deleted file was about.
ERASED_NAME = "—"


def get_job(actor: Actor, job_id: int) -> ImportJob:
    """The import, for those who import for its office. Raises ``NotFound``: others do not know that it exists."""
    job = db.session.get(ImportJob, job_id)
    if job is None or job.office_unit_id not in offices_of(actor, Permission.DOCUMENT_IMPORT):
        raise NotFound("import.not_found")
    return job


def open_job(
    session: Session,
    actor: Actor,
    job_id: int,
    *,
    status: ImportStatus | None = ImportStatus.REVIEW,
    expected_version: int | None = None,
) -> ImportJob:
    """The import, locked for change, inside a unit of work.

    Raises ``NotFound``, ``WrongState("import.wrong_status")`` when it does not stand where it must, and ``Conflict``
    when somebody changed it since ``expected_version``.
    """
    job = session.scalar(
        select(ImportJob)
        .where(ImportJob.id == job_id, ImportJob.office_unit_id.in_(offices_of(actor, Permission.DOCUMENT_IMPORT)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if job is None:
        raise NotFound("import.not_found")
    if status is not None and job.status is not status:
        raise WrongState("import.wrong_status", status=job.status)
    if expected_version is not None and job.version != expected_version:
        raise Conflict("conflict.changed_meanwhile", version=job.version)
    return job


def erase(session: Session, job: ImportJob) -> None:
    """Delete the file of a locked import and all that was read in it; that there was one, and why it ended, stays."""
    session.execute(delete(ImportEdit).where(ImportEdit.job_id == job.id))
    session.execute(delete(ImportRow).where(ImportRow.job_id == job.id))
    for entry in session.scalars(
        select(AuditEntry).where(AuditEntry.subject == "import", AuditEntry.subject_id == str(job.id))
    ):
        entry.data = {key: ERASED_NAME if key == "file" else value for key, value in entry.data.items()}
    digest, job.sha256 = job.sha256, None
    job.filename, job.head, job.tables, job.overrides = ERASED_NAME, {}, [], {}
    job.reading, job.reconciliation, job.progress = {}, {}, {}
    if digest is not None:
        files.drop_unowned(session, [digest])


def get_row(job: ImportJob, row_id: int) -> ImportRow:
    """A row of this import. Raises ``NotFound``."""
    row = db.session.get(ImportRow, row_id)
    if row is None or row.job_id != job.id:
        raise NotFound("import.row_not_found")
    return row


def open_rows(session: Session, job: ImportJob, row_ids: Sequence[int]) -> list[ImportRow]:
    """These rows of a locked import, fresh, in their order; ids of other imports are left out."""
    return list(
        session.scalars(
            select(ImportRow)
            .where(ImportRow.job_id == job.id, ImportRow.id.in_(row_ids))
            .order_by(ImportRow.position)
            .execution_options(populate_existing=True)
        )
    )


def open_row(session: Session, job: ImportJob, row_id: int, expected_version: int | None) -> ImportRow:
    """One row of a locked import. Raises ``NotFound``, or ``Conflict`` when another reviewer changed it meanwhile."""
    rows = open_rows(session, job, [row_id])
    if not rows:
        raise NotFound("import.row_not_found")
    if expected_version is not None and rows[0].version != expected_version:
        raise Conflict("conflict.changed_meanwhile", version=rows[0].version)
    return rows[0]


def all_rows(session: Session, job: ImportJob) -> list[ImportRow]:
    """All rows of an import, fresh, in the order of the document."""
    return list(
        session.scalars(
            select(ImportRow)
            .where(ImportRow.job_id == job.id)
            .order_by(ImportRow.position)
            .execution_options(populate_existing=True)
        )
    )
