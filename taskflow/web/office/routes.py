"""The overview of the office, and the statistic by itself."""

from __future__ import annotations

from io import BytesIO

from flask import redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from taskflow.clock import now, today
from taskflow.domain.permissions import Permission, has, offices_of, units_of
from taskflow.domain.task_filter import TaskFilter
from taskflow.services.health import standstill
from taskflow.services.queries.coordination import coordination_figures
from taskflow.services.queries.statistics import exceptions, unit_figures
from taskflow.services.queries.task_list import list_tasks
from taskflow.web.guards import public, requires
from taskflow.web.office import office
from taskflow.web.office.view_models import (
    coordination_lines,
    grouping_note,
    groupings,
    period_of,
    periods,
    statistic,
    tiles,
    units_of_query,
)
from taskflow.web.session import current_actor
from taskflow.web.tasks.lists import XLSX

FIRST_ROWS = 10
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@office.get("/")
@public
def home() -> Response:
    """The first page of the signed-in person: the overview of an office, the work of one's unit, or what they run."""
    if not current_user.is_authenticated:
        return redirect(url_for("account.sign_in"))
    actor = current_actor()
    if offices_of(actor, Permission.REPORT_READ):
        return redirect(url_for("office.dashboard"))
    if units_of(actor):
        return redirect(url_for("tasks.mine"))
    return redirect(url_for("admin.index" if has(actor, Permission.ADMIN_UNIT_EDIT) else "account.index"))


@office.get("/overview")
@requires(Permission.REPORT_READ, of_office=True)
def dashboard() -> str:
    """Exceptions first, then the most overdue tasks, then the 2×2 per unit."""
    actor = current_actor()
    period = period_of(request.args)
    grouping = units_of_query(request.args)
    units, total = unit_figures(actor, period, grouping)
    return render_template(
        "office/dashboard.html",
        standstill=standstill(now=now()),
        tiles=tiles(exceptions(actor)),
        can_decide=has(actor, Permission.TASK_DECIDE),
        statistic=[statistic(unit, period, grouping) for unit in units],
        total=statistic(total, period, grouping),
        periods=periods("office.dashboard", request.args),
        groupings=groupings("office.dashboard", request.args),
        grouping_note=grouping_note(period, grouping),
        worst=list_tasks(actor, TaskFilter.from_query({"label": "overdue"}), page_size=FIRST_ROWS).rows,
    )


@office.get("/overview/units")
@requires(Permission.REPORT_READ, of_office=True)
def units() -> str:
    """The 2×2 per unit by itself, for one period, to be printed or projected."""
    period = period_of(request.args)
    grouping = units_of_query(request.args)
    figures, total = unit_figures(current_actor(), period, grouping)
    return render_template(
        "office/units.html",
        statistic=[statistic(unit, period, grouping) for unit in figures],
        total=statistic(total, period, grouping),
        periods=periods("office.units", request.args),
        groupings=groupings("office.units", request.args),
        grouping_note=grouping_note(period, grouping),
    )


@office.get("/overview/coordination")
@requires(Permission.REPORT_READ, of_office=True)
def coordination() -> str:
    """What units owe each other, and how long others have waited for them."""
    found, total = coordination_figures(current_actor(), now())
    return render_template("office/coordination.html", lines=coordination_lines(found), total=total)


@office.get("/overview/units/report.docx")
@requires(Permission.REPORT_READ, of_office=True)
def report() -> Response:
    """The report on the progress of tasks as a Word file, for the period and the way of counting of the page."""
    from taskflow.services.queries.papers import progress_report  # writes Word: a large library, seldom needed

    content = progress_report(current_actor(), period_of(request.args), units_of_query(request.args))
    return _attached(content, DOCX, "bao-cao-tien-do", "docx")


@office.get("/overview/units/summary.xlsx")
@requires(Permission.REPORT_READ, of_office=True)
def summary() -> Response:
    """The figures per unit as a workbook, for the period and the way of counting of the page."""
    from taskflow.services.queries.papers import unit_summary  # beside the writer of Word

    content = unit_summary(current_actor(), period_of(request.args), units_of_query(request.args))
    return _attached(content, XLSX, "ket-qua-theo-don-vi", "xlsx")


@office.get("/overview/units/<int:unit_id>/urging-letter.docx")
@requires(Permission.TASK_URGE, of_office=True)
def letter(unit_id: int) -> Response:
    """The letter that urges a unit to finish its overdue tasks, as a Word file."""
    from taskflow.services.queries.papers import urging_letter  # writes Word: a large library, seldom needed

    return _attached(urging_letter(current_actor(), unit_id), DOCX, f"cong-van-don-doc-{unit_id}", "docx")


def _attached(content: bytes, mimetype: str, name: str, ending: str) -> Response:
    filename = f"{name}-{today():%Y-%m-%d}.{ending}"
    return send_file(BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=filename, max_age=0)
