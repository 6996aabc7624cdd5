"""The page of one task, what is done to it, its files, its history."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, flash, make_response, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from taskflow.clock import now
from taskflow.domain.errors import NotAllowed
from taskflow.domain.permissions import Permission, can, offices_of
from taskflow.i18n import _
from taskflow.services import evidence, settings
from taskflow.services.queries.task_detail import TaskDetail, task_detail, task_events
from taskflow.services.series import next_due
from taskflow.web.addresses import row_number
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.submissions import Resumed, is_resumed
from taskflow.web.tasks import tasks
from taskflow.web.tasks.calls import awaited_deed, calls, main_deeds
from taskflow.web.tasks.came_from import own_list, way_back
from taskflow.web.tasks.coordinating import is_ours
from taskflow.web.tasks.deeds import Deed, Doing
from taskflow.web.tasks.forms import TaskForm
from taskflow.web.tasks.story import story
from taskflow.web.tasks.table import DEEDS, is_offered, offered
from taskflow.web.tasks.view_models import evidence_warnings, file_size, urge_channel

tasks.add_app_template_filter(file_size)

Answer = str | AnyResponse | tuple[str, int]


@tasks.get("/<int:task_id>")
@signed_in
def detail(task_id: int) -> str:
    """The page of one task."""
    return _page(task_detail(current_actor(), task_id))


@tasks.get("/<int:task_id>/history")
@signed_in
def history(task_id: int) -> str:
    """Older lines of the history: as a page, or as a piece that htmx adds below."""
    before = request.args.get("before", type=row_number) or 2**31 - 1
    events, has_more, names = task_events(current_actor(), task_id, before)
    template = "tasks/_history.html" if request.headers.get("HX-Request") else "tasks/history.html"
    return render_template(template, task_id=task_id, lines=story(events, names), has_more=has_more)


@tasks.get("/<int:task_id>/files/<int:evidence_id>")
@signed_in
def file(task_id: int, evidence_id: int) -> Response:
    """A file of evidence, always as an attachment: nothing that was uploaded is shown inside a page of ours."""
    served = evidence.get_file(current_actor(), task_id, evidence_id)
    answer = send_file(
        served.open(), mimetype=served.media_type, as_attachment=True, download_name=served.filename, max_age=0
    )
    answer.headers["Content-Length"] = str(served.size)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer


@tasks.route("/<int:task_id>/<action>", methods=["GET", "POST"])
@tasks.route("/<int:task_id>/<action>/<int:target_id>", methods=["GET", "POST"])
@signed_in
def act(task_id: int, action: str, target_id: int = 0) -> Answer:
    """One deed: its form (GET), and its carrying out (POST)."""
    deed = DEEDS.get(action)
    if deed is None:
        abort(404)
    actor = current_actor()
    form = deed.form()
    page = task_detail(actor, task_id) if request.method == "GET" or deed.needs_page else None
    if page is not None:
        deed.prepare(form, page, actor, target_id)
    if request.method == "GET":
        return _ask(deed, form, task_detail(actor, task_id) if page is None else page, target_id)
    doing = Doing(task_id, target_id, actor, now(), form)
    if form.carry_out(lambda: deed.run(doing)):
        flash(str(deed.done), "success")
        return see_other(_next(task_id, deed, form))
    return _refused(deed, form, task_id, target_id)


def _next(task_id: int, deed: Deed, form: TaskForm) -> str:
    if form.back.data == "queue":
        return url_for("tasks.queue", after=task_id)
    if form.back.data == "mine":
        return own_list()
    return url_for("tasks.detail", task_id=task_id, _anchor=deed.anchor or None)


def _ask(deed: Deed, form: TaskForm, page: TaskDetail, target_id: int) -> Answer:
    actor = current_actor()
    if not is_offered(deed, page, actor):
        if not can(actor, deed.needs, page.facts):
            raise NotAllowed("task.not_allowed")
        flash(_("This cannot be done in the present state of the task. What can be done is offered below."), "warning")
        return see_other(url_for("tasks.detail", task_id=page.task.id))
    form.renew(page.task.version)
    return render_template("tasks/deed.html", **_deed_values(deed, form, page, target_id))


def _refused(deed: Deed, form: TaskForm, task_id: int, target_id: int) -> Answer:
    """The fresh page with what was typed: below its notice one decides again."""
    page = task_detail(current_actor(), task_id)
    form.renew(page.task.version)
    if deed.one_tap and is_resumed():
        raise Resumed
    if deed.one_tap:
        return make_response(_page(page, errors=[*form.form_errors] or [_("The form is incomplete.")]), form.status)
    if not deed.needs_page:
        deed.prepare(form, page, current_actor(), target_id)
    values = _deed_values(deed, form, page, target_id)
    changed = story(page.events[:3], page.names) if form.status == 409 else []
    return make_response(render_template("tasks/deed.html", changed=changed, **values), form.status)


def _deed_values(deed: Deed, form: TaskForm, page: TaskDetail, target_id: int) -> dict[str, Any]:
    return {
        "deed": deed,
        "form": form,
        "page": page,
        "task": page.task,
        "target_id": target_id,
        "about": deed.about(page, target_id),
        "max_mb": settings.get(settings.EVIDENCE_MAX_MB),
    }


def _document_url(page: TaskDetail) -> str:
    """The page of the task's document, where this person may open documents."""
    document = page.task.document
    if document is None or "documents.detail" not in current_app.view_functions:
        return ""
    if document.office_unit_id not in offices_of(current_actor(), Permission.DOCUMENT_READ):
        return ""
    return url_for("documents.detail", document_id=document.id)


def _page(page: TaskDetail, errors: list[str] | None = None) -> str:
    actor = current_actor()
    deeds = offered(page, actor)
    return render_template(
        "tasks/detail.html",
        page=page,
        task=page.task,
        names=page.names,
        deeds=deeds,
        calls=calls(page, deeds, actor),
        main_names=main_deeds(page, deeds),
        awaited=awaited_deed(page, deeds),
        way_back=way_back(actor),
        document_url=_document_url(page),
        owns_rules=page.task.office_unit_id in offices_of(actor, Permission.TASK_EDIT),
        is_ours=lambda line: is_ours(line, actor),
        urge_channel=urge_channel,
        next_period=next_due(page.task.series) if page.task.series is not None else None,
        evidence_warnings=evidence_warnings(page.warnings),
        lines=story(page.events, page.names),
        errors=errors or [],
    )
