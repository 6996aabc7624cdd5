"""What the papers of an office say (DOMAIN.md 7.1): the report on progress, and the letter that urges a unit."""

from __future__ import annotations

from itertools import islice

from sqlalchemy import func, or_, select

from taskflow.clock import today
from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.domain.task_filter import Counted, TaskFilter
from taskflow.extensions import db
from taskflow.i18n import format_date
from taskflow.models.org import Unit
from taskflow.models.task import ProgressReport, Task
from taskflow.reports.paper import Letterhead
from taskflow.reports.progress import LateTask, Remark, SummaryLine, period_phrase, progress_paper, urging_paper
from taskflow.reports.progress import ProgressReport as Report
from taskflow.reports.summary import summary_workbook
from taskflow.services import settings
from taskflow.services.queries.scope import visible_tasks
from taskflow.services.queries.statistics import Period, UnitFigures, UnitsOf, unit_figures
from taskflow.services.queries.task_export import export_rows
from taskflow.services.queries.unit_labels import unit_labels

#: Overdue tasks listed in a paper, and remarks of units quoted in it: what somebody can still read.
MOST_LATE = 300
MOST_REMARKS = 20


def progress_report(actor: Actor, period: Period, units: UnitsOf) -> bytes:
    """The report of the actor's office on this period as .docx; its units are counted as the page counts them."""
    figures, total = unit_figures(actor, period, units)
    late = _late(actor, TaskFilter(counted=Counted.OPEN_LATE, due_from=period.due_from, due_to=period.due_to))
    difficulties, proposals = _remarks(actor, period)
    report = Report(
        on=today(),
        period=period_phrase(period.due_from, period.due_to),
        units=[_line(unit) for unit in figures],
        total=_line(total),
        late=late,
        more_late=max(0, total.open_late - len(late)),
        difficulties=difficulties,
        proposals=proposals,
    )
    return progress_paper(report, _letterhead(actor, Permission.REPORT_READ))


def unit_summary(actor: Actor, period: Period, units: UnitsOf) -> bytes:
    """The figures per unit of this period as .xlsx, counted as the page counts them."""
    figures, total = unit_figures(actor, period, units)
    phrase = period_phrase(period.due_from, period.due_to)
    title = (
        f"Kết quả thực hiện nhiệm vụ của các đơn vị{f' {phrase}' if phrase else ''}, tính đến {format_date(today())}"
    )
    return summary_workbook([_line(unit) for unit in figures], _line(total), title=title)


def urging_letter(actor: Actor, unit_id: int) -> bytes:
    """The letter to a unit about its overdue tasks, as .docx.

    Raises ``NotFound`` (no such unit, or nothing of it may be urged) and ``Invalid("paper.nothing_late")``.
    """
    unit = db.session.get(Unit, unit_id)
    if unit is None or not offices_of(actor, Permission.TASK_URGE):
        raise NotFound("unit.not_found")
    late = _late(actor, TaskFilter(counted=Counted.OPEN_LATE, unit=unit_id))
    if not late:
        raise Invalid("paper.nothing_late", unit=unit.name)
    name = unit_labels([unit.id])[unit.id].name
    return urging_paper(name, late, on=today(), letterhead=_letterhead(actor, Permission.TASK_URGE))


def _letterhead(actor: Actor, permission: Permission) -> Letterhead:
    """The office that writes: the first one in which the actor may do this, below the body that it serves."""
    offices = offices_of(actor, permission)
    name = db.session.scalar(select(Unit.name).where(Unit.id.in_(offices)).order_by(Unit.position, Unit.id).limit(1))
    body = settings.get(settings.OFFICE_NAME)
    issuer = name or body
    return Letterhead(
        parent=body if body != issuer else "",
        issuer=issuer,
        code=settings.get(settings.PAPER_CODE),
        place=settings.get(settings.PAPER_PLACE),
        signer=settings.get(settings.PAPER_SIGNER),
    )


def _late(actor: Actor, wanted: TaskFilter) -> list[LateTask]:
    rows = list(islice(export_rows(actor, wanted), MOST_LATE))
    labels = unit_labels({row.lead_id for row in rows if row.lead_id is not None})
    return [
        LateTask(
            content=row.content,
            document=row.document,
            lead=labels[row.lead_id].name if row.lead_id is not None else row.lead,
            coordinators=row.coordinators,
            original_due=row.original_due,
            due=row.due,
            days_late=row.days_late or 0,
            result=row.result,
            difficulties=row.difficulties,
        )
        for row in rows
    ]


def _remarks(actor: Actor, period: Period) -> tuple[list[Remark], list[Remark]]:
    """What the newest reports on open tasks say of difficulties and of proposals, the most overdue task first."""
    conditions = [visible_tasks(actor), Task.is_open.is_(True)]
    if period.due_from is not None:
        conditions.append(Task.due_on >= period.due_from)
    if period.due_to is not None:
        conditions.append(Task.due_on <= period.due_to)
    newest = (
        select(func.max(ProgressReport.id))
        .join(Task, Task.id == ProgressReport.task_id)
        .where(*conditions)
        .group_by(ProgressReport.task_id)
    )
    rows = db.session.execute(
        select(
            Task.lead_unit_id,
            Task.lead_wording,
            Task.code,
            ProgressReport.difficulties,
            ProgressReport.proposal,
        )
        .join(Task, Task.id == ProgressReport.task_id)
        .where(
            ProgressReport.id.in_(newest),
            or_(ProgressReport.difficulties != "", ProgressReport.proposal != ""),
        )
        .order_by(Task.sort_due_on, Task.id)
    ).all()
    labels = unit_labels({row.lead_unit_id for row in rows if row.lead_unit_id is not None})
    told = [(labels[row.lead_unit_id].name if row.lead_unit_id in labels else row.lead_wording, row) for row in rows]
    difficulties = [Remark(unit, row.code, row.difficulties) for unit, row in told if row.difficulties.strip()]
    proposals = [Remark(unit, row.code, row.proposal) for unit, row in told if row.proposal.strip()]
    return difficulties[:MOST_REMARKS], proposals[:MOST_REMARKS]


def _line(figures: UnitFigures) -> SummaryLine:
    return SummaryLine(
        unit=figures.name,
        total=figures.total,
        done_on_time=figures.done_on_time,
        done_late=figures.done_late,
        open_on_time=figures.open_on_time,
        open_late=figures.open_late,
        outside=figures.outside,
    )
