"""From a task back to the row it came from: the cells as they stood, their place, who confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from taskflow.extensions import db
from taskflow.models.document import ImportJob, ImportRow
from taskflow.models.org import User
from taskflow.models.task import Task


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of a task. ``cells`` are the source cells by the role of their column, as written."""

    job_id: int
    row_id: int
    filename: str
    place: dict[str, Any]
    source: str
    cells: dict[str, str]
    columns: dict[str, str]
    deadline_explanation: str
    ocr: bool
    confirmed_by: str
    confirmed_at: Any


def origin(task: Task) -> Origin | None:
    """Where the task comes from; None for one that was not imported."""
    if task.import_job_id is None:
        return None
    found = db.session.execute(
        select(ImportRow, ImportJob, User.full_name)
        .join(ImportJob, ImportJob.id == ImportRow.job_id)
        .outerjoin(User, User.id == ImportJob.committed_by_id)
        .where(ImportRow.job_id == task.import_job_id, ImportRow.position == task.position)
    ).one_or_none()
    if found is None:
        return None
    row, job, name = found
    return Origin(
        job_id=job.id,
        row_id=row.id,
        filename=job.filename,
        place=row.place,
        source=row.source,
        cells={key: str(value) for key, value in row.raw.items() if key not in ("before", "after")},
        columns={key: str(value) for key, value in row.columns.items()},
        deadline_explanation=str(row.deadline.get("explanation", "")),
        ocr=row.ocr,
        confirmed_by=name or "",
        confirmed_at=job.committed_at,
    )
