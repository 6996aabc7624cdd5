"""Lists of tasks: all that one may see, the unit's own, and the list as .xlsx."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from flask import Response, render_template, request, send_file

from taskflow.clock import now, today
from taskflow.domain.permissions import Permission, Role, has, offices_of, units_of
from taskflow.domain.task_filter import TaskFilter
from taskflow.i18n import _, format_date
from taskflow.reports.task_list import task_list_workbook
from taskflow.services import settings
from taskflow.services.queries.choices import filter_choices
from taskflow.services.queries.mine import my_work
from taskflow.services.queries.task_export import export_rows
from taskflow.services.queries.task_list import EXPORT_LIMIT, list_tasks
from taskflow.web.guards import signed_in
from taskflow.web.session import current_actor
from taskflow.web.tasks import tasks
from taskflow.web.tasks.bulk import bulk_actions
from taskflow.web.tasks.came_from import remember_list
from taskflow.web.tasks.saved import view_items
from taskflow.web.tasks.view_models import chips, filter_options, mine_tabs

#: Rows of a printed list: some twenty sheets.
PRINTED_ROWS = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@tasks.get("/")
@signed_in
def index() -> str:
    """All tasks that one may see, filtered by the address."""
    actor = current_actor()
    wanted = TaskFilter.from_query(request.args)
    page = list_tasks(actor, wanted)
    choices = filter_choices(actor)
    remember_list()
    return render_template(
        "tasks/index.html",
        page=page,
        wanted=wanted,
        choices=choices,
        chips=chips(wanted, choices),
        options=filter_options(choices),
        bulk=bulk_actions(actor),
        views=view_items(actor, wanted.without().to_query()),
        can_create=bool(offices_of(actor, Permission.DOCUMENT_IMPORT)),
        can_confirm=bool(offices_of(actor, Permission.TASK_CONFIRM)),
        can_decide=has(actor, Permission.TASK_DECIDE),
        can_urge=bool(offices_of(actor, Permission.TASK_URGE)),
    )


@tasks.get("/print")
@signed_in
def print_list() -> str:
    """The filtered list for paper, landscape, at most ``PRINTED_ROWS`` rows."""
    actor = current_actor()
    wanted = replace(TaskFilter.from_query(request.args), page=1)
    return render_template(
        "tasks/print_list.html",
        page=list_tasks(actor, wanted, page_size=PRINTED_ROWS),
        wanted=wanted,
        chips=chips(wanted, filter_choices(actor)),
        printed_at=now(),
        office_title=settings.get(settings.OFFICE_NAME),
    )


@tasks.get("/mine")
@signed_in
def mine() -> str:
    """The work of one's units: late and due first, what waits for somebody here, what others ask of us."""
    actor = current_actor()
    wanted = TaskFilter.from_query(request.args)
    units = units_of(actor)
    work = my_work(actor, units, wanted)
    heading = {post.unit_id for post in actor.posts if post.role is Role.HEAD}
    parts = mine_tabs(work, wanted, actor)
    remember_list()
    asked_units = sorted({(row.unit_id, row.unit) for row in work.coordinations})
    return render_template(
        "tasks/mine.html", work=work, wanted=wanted, parts=parts, heading=heading, asked_units=asked_units
    )


@tasks.get("/export.xlsx")
@signed_in
def export() -> Response:
    """The filtered list as a workbook (at most ``EXPORT_LIMIT`` rows), which can be edited and read back by code."""
    wanted = TaskFilter.from_query(request.args)
    rows = export_rows(current_actor(), wanted)
    title = _("List of tasks on %(day)s", day=format_date(today()))
    content = task_list_workbook(rows, title=title, limit=EXPORT_LIMIT)
    name = f"nhiem-vu-{today():%Y-%m-%d}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)
