"""The list of documents, one document, its files."""

from __future__ import annotations

from io import BytesIO

from flask import Response, render_template, request, send_file

from taskflow.clock import today
from taskflow.domain.permissions import Permission, offices_of
from taskflow.domain.task_filter import TaskFilter
from taskflow.i18n import _, format_date
from taskflow.reports.document import document_workbook
from taskflow.reports.task_list import task_sheet
from taskflow.services import indicators
from taskflow.services.queries import documents as queries
from taskflow.services.queries.document_export import budget_rows, indicator_table
from taskflow.services.queries.statistics import Period, unit_figures
from taskflow.services.queries.task_export import export_rows
from taskflow.services.queries.task_list import EXPORT_LIMIT, list_tasks
from taskflow.web.addresses import row_number
from taskflow.web.documents import documents
from taskflow.web.guards import signed_in
from taskflow.web.serving import attachment
from taskflow.web.session import current_actor
from taskflow.web.tasks.lists import XLSX

#: Tasks of a document on its page; the rest is behind a link to the list.
MOST_TASKS = 20


@documents.get("/")
@signed_in
def index() -> str:
    """The documents that one may see."""
    actor = current_actor()
    page = queries.list_documents(
        actor, q=request.args.get("q", ""), page=max(1, request.args.get("page", 1, type=row_number))
    )
    return render_template(
        "documents/index.html",
        page=page,
        q=request.args.get("q", ""),
        may_import=bool(offices_of(actor, Permission.DOCUMENT_IMPORT)),
    )


@documents.get("/<int:document_id>")
@signed_in
def detail(document_id: int) -> str:
    """One document: facts, statement, tasks, figures, links, files, amendments."""
    actor = current_actor()
    found = queries.document_detail(actor, document_id)
    tasks = list_tasks(
        actor, TaskFilter.from_query({"document": str(document_id), "shown": "all"}), page_size=MOST_TASKS
    )
    known = indicators.list_indicators(actor, document_id=document_id)
    return render_template(
        "documents/detail.html",
        found=found,
        document=found.document,
        owns_rules=found.document.office_unit_id in offices_of(actor, Permission.TASK_EDIT),
        tasks=tasks,
        figures=unit_figures(actor, Period(document_id=document_id))[1],
        indicators=known,
        periods=sorted({target.period for one in known for target in one.targets}),
        budget=indicators.list_budget(actor, document_id),
    )


@documents.get("/<int:document_id>/export.xlsx")
@signed_in
def export(document_id: int) -> Response:
    """Tasks, indicators and budget of the document as a workbook, as far as one may see them."""
    actor = current_actor()
    document = queries.get_document(actor, document_id)
    wanted = TaskFilter.from_query({"document": str(document_id), "shown": "all"})
    name = document.number or document.title
    title = _("Tasks, indicators and budget of %(document)s on %(day)s", document=name, day=format_date(today()))
    content = document_workbook(
        task_sheet(export_rows(actor, wanted), title=title, limit=EXPORT_LIMIT),
        indicator_table(actor, document_id),
        budget_rows(actor, document_id),
    )
    filename = f"van-ban-{document_id}-{today():%Y-%m-%d}.xlsx"
    return send_file(BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=filename, max_age=0)


@documents.get("/<int:document_id>/files/<int:file_id>")
@signed_in
def file(document_id: int, file_id: int) -> Response:
    """A file of the document, as an attachment."""
    return attachment(queries.document_file(current_actor(), document_id, file_id))
