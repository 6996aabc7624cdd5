"""The list of documents, one document, its files."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from io import BytesIO

from flask import flash, make_response, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now, today
from taskflow.domain.errors import NotAllowed, NotFound
from taskflow.domain.occurrences import next_period
from taskflow.domain.permissions import Permission, offices_of
from taskflow.domain.task_filter import TaskFilter
from taskflow.i18n import _, format_date
from taskflow.models.document import Document
from taskflow.reports.document import document_workbook
from taskflow.reports.task_list import task_sheet
from taskflow.services import documents as service
from taskflow.services import indicators
from taskflow.services.document_links import Citation, remove_link, save_link
from taskflow.services.documents import DocumentFacts, may_set_reporting, set_reporting
from taskflow.services.queries import documents as queries
from taskflow.services.queries.document_export import budget_rows, indicator_table
from taskflow.services.queries.statistics import Period, unit_figures
from taskflow.services.queries.task_export import export_rows
from taskflow.services.queries.task_list import EXPORT_LIMIT, list_tasks
from taskflow.web.addresses import row_number
from taskflow.web.documents import documents
from taskflow.web.documents.forms import FactsForm, LinkForm, ReportingForm
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.serving import attachment
from taskflow.web.session import current_actor
from taskflow.web.tasks.forms import TaskForm
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
    rule = found.document.reporting_rule
    return render_template(
        "documents/detail.html",
        found=found,
        document=found.document,
        owns_rules=may_set_reporting(actor, found.document),
        next_report=next_period(rule, today() - timedelta(days=1)) if rule else None,
        tasks=tasks,
        figures=unit_figures(actor, Period(document_id=document_id))[1],
        indicators=known,
        periods=sorted({target.period for one in known for target in one.targets}),
        budget=indicators.list_budget(actor, document_id),
    )


@documents.route("/<int:document_id>/reporting", methods=["GET", "POST"])
@signed_in
def reporting(document_id: int) -> str | Response:
    """When the document itself is to be reported on, and to whom."""
    actor = current_actor()
    document = queries.get_document(actor, document_id)
    if not may_set_reporting(actor, document):
        raise NotAllowed("document.not_allowed")
    form = ReportingForm(when=document.reporting_text, to=document.reporting_to, version=document.version)
    if form.carry_out(
        lambda: set_reporting(
            document_id=document_id,
            when=form.when.data or "",
            to=form.to.data or "",
            actor=actor,
            now=now(),
            expected_version=form.version.data,
        )
    ):
        flash(
            _("The reporting day has been saved.") if form.when.data else _("There is no reporting day now."), "success"
        )
        return see_other(url_for("documents.detail", document_id=document_id, _anchor="facts"))
    if form.status == 409:
        form.renew(document.version)
    sentences = queries.reporting_sentences(document)
    page = render_template("documents/reporting.html", form=form, document=document, sentences=sentences)
    return make_response(page, form.status)


@documents.route("/<int:document_id>/correct", methods=["GET", "POST"])
@signed_in
def correct(document_id: int) -> str | Response:
    """Put number, date, signer, title and issuer right."""
    document = service.open_document(current_actor(), document_id)
    names = [one.name for one in fields(DocumentFacts)]
    form = FactsForm(version=document.version, **{name: getattr(document, name) for name in names})
    if form.carry_out(
        lambda: service.correct(
            document_id=document_id,
            facts=form.facts(),
            reason=form.reason.data or "",
            actor=current_actor(),
            now=now(),
            expected_version=form.version.data,
        )
    ):
        flash(_("The facts of the document have been put right."), "success")
        if form.result:
            moved = ", ".join(form.result[:5])
            flash(
                _("%(count)s deadlines were counted again: %(tasks)s.", count=len(form.result), tasks=moved), "success"
            )
        return see_other(url_for("documents.detail", document_id=document_id, _anchor="facts"))
    if form.status == 409:
        form.renew(document.version)
    return _form_page(form, document, _("Correct the document"))


@documents.route("/<int:document_id>/links/new", methods=["GET", "POST"])
@documents.route("/<int:document_id>/links/<int:link_id>", methods=["GET", "POST"])
@signed_in
def link(document_id: int, link_id: int | None = None) -> str | Response:
    """Say how the document is related to another one, or correct it."""
    document = service.open_document(current_actor(), document_id)
    known = next((one for one in document.links if one.id == link_id), None)
    if link_id is not None and known is None:
        raise NotFound("document.link_not_found")
    names = [one.name for one in fields(Citation)]
    form = LinkForm(version=document.version, **({name: getattr(known, name) for name in names} if known else {}))
    if form.carry_out(
        lambda: save_link(
            document_id=document_id,
            link_id=link_id,
            citation=Citation(form.relation.data, form.number.data or "", form.issued_on.data, form.text.data or ""),
            actor=current_actor(),
            now=now(),
        )
    ):
        flash(_("The related document has been saved."), "success")
        return see_other(url_for("documents.detail", document_id=document_id, _anchor="links"))
    return _form_page(form, document, _("Related document"), link_id=link_id)


@documents.post("/<int:document_id>/links/<int:link_id>/remove")
@signed_in
def unlink(document_id: int, link_id: int) -> Response:
    """Take a wrong relation away."""
    remove_link(document_id=document_id, link_id=link_id, actor=current_actor(), now=now())
    flash(_("The related document has been removed."), "success")
    return see_other(url_for("documents.detail", document_id=document_id, _anchor="links"))


def _form_page(form: TaskForm, document: Document, title: str, link_id: int | None = None) -> Response:
    page = render_template("documents/form.html", form=form, document=document, title=title, link_id=link_id)
    return make_response(page, form.status)


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
