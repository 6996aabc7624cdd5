"""Tasks go on while an import is under review: what the reviewer saw is compared again at the commit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from taskflow.domain.permissions import Actor
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.models.task import Task
from taskflow.services.imports import checks, comparing, round_trip
from taskflow.services.imports.access import all_rows, open_job
from taskflow.services.imports.comparing import target_of_task
from taskflow.services.unit_of_work import unit_of_work


def overtaken(session: Session, job: ImportJob, rows: Sequence[ImportRow]) -> dict[int, list[str]]:
    """Row id → accepted fields in which its task says something else than the reviewer saw; rows are left alone."""
    wanted = [row for row in rows if row.decision is RowDecision.IMPORT and row.change.get("accept") and row.task_id]
    tasks = _tasks(session, wanted)
    labels = round_trip.unit_labels(session) if job.kind == "round_trip" and wanted else {}
    found = {}
    for row in wanted:
        target, seen = target_of_task(tasks[row.task_id or 0]), row.change
        if job.kind == "round_trip":
            now = round_trip.differences(row, target, labels)
        else:
            now = comparing.differences(row, target)
        names = [name for name in seen["accept"] if name in now and now[name] != seen["fields"].get(name)]
        if names or not target.is_open:
            found[row.id] = names
    return found


def compare_again(job_id: int, *, actor: Actor) -> None:
    """Show the differences as they are now; where a value changed that was to be overwritten, a person says again."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        rows = all_rows(session, job)
        names = overtaken(session, job, rows)
        tasks = _tasks(session, [row for row in rows if row.id in names])
        labels = round_trip.unit_labels(session)
        for row in rows:
            if row.id not in names:
                continue
            target = target_of_task(tasks[row.task_id or 0])
            if job.kind == "round_trip":
                round_trip.describe(row, target, labels)
            else:
                comparing.describe(row, target)
            accept = [name for name in row.change["accept"] if name not in names[row.id]]
            row.change = {**row.change, "contested": names[row.id], "settled": False, "accept": accept}
            checks.refresh(row, checks.issued_on(job))


def _tasks(session: Session, rows: Sequence[ImportRow]) -> dict[int, Task]:
    ids = [row.task_id for row in rows if row.task_id]
    found = select(Task).where(Task.id.in_(ids)).options(selectinload(Task.children), selectinload(Task.coordinations))
    return {task.id: task for task in session.scalars(found.execution_options(populate_existing=True))}
