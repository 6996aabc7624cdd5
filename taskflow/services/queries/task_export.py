"""The list of tasks for export: the rows of the filter with coordinators and the newest report, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from taskflow.domain.permissions import Actor
from taskflow.domain.task_filter import TaskFilter
from taskflow.extensions import db
from taskflow.i18n import format_date, title_of
from taskflow.models.org import Unit
from taskflow.models.task import Coordination, CoordinationState, ProgressReport
from taskflow.reports.task_list import ExportRow
from taskflow.services.queries.task_list import TaskRow, iterate_tasks

BATCH = 500


def export_rows(actor: Actor, wanted: TaskFilter) -> Iterator[ExportRow]:
    """The rows of the filter, ready to print; three queries for each 500."""
    rows = iterate_tasks(actor, wanted)
    while batch := list(islice(rows, BATCH)):
        ids = [row.id for row in batch]
        coordinators = _coordinators(ids)
        reports = _newest_reports(ids)
        for row in batch:
            yield _export_row(row, coordinators.get(row.id, []), reports.get(row.id))


def _coordinators(ids: list[int]) -> dict[int, list[str]]:
    rows = db.session.execute(
        select(Coordination.task_id, Unit.name)
        .join(Unit, Unit.id == Coordination.unit_id)
        .where(Coordination.task_id.in_(ids), Coordination.state != CoordinationState.NOT_NEEDED)
        .order_by(Coordination.id)
    )
    names: dict[int, list[str]] = {}
    for row in rows:
        names.setdefault(row.task_id, []).append(row.name)
    return names


def _newest_reports(ids: list[int]) -> dict[int, Any]:
    newest = select(func.max(ProgressReport.id)).where(ProgressReport.task_id.in_(ids)).group_by(ProgressReport.task_id)
    rows = db.session.execute(
        select(
            ProgressReport.task_id, ProgressReport.result, ProgressReport.difficulties, ProgressReport.proposal
        ).where(ProgressReport.id.in_(newest))
    )
    return {row.task_id: row for row in rows}


def _export_row(row: TaskRow, coordinators: list[str], report: Any | None) -> ExportRow:
    return ExportRow(
        code=row.code,
        tt=row.tt,
        content=row.content,
        document=", ".join(filter(None, (row.document_number, format_date(row.document_date)))),
        lead=row.lead_name,
        lead_id=row.lead_id,
        coordinators="; ".join(coordinators),
        original_due=row.original_due_on,
        due=row.due_on,
        deadline_text=row.deadline_text,
        product=row.product,
        result=report.result if report else "",
        state=title_of(row.state),
        label=title_of(row.label),
        days_late=row.timing.days_late or None,
        delivered=row.delivered_on,
        difficulties=report.difficulties if report else "",
        proposal=report.proposal if report else "",
    )
