"""``/l/<token>``: one task. ``/u/<token>``: no more reminders by e-mail."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from taskflow.clock import now, today
from taskflow.domain.errors import NotAllowed
from taskflow.domain.permissions import Permission, can
from taskflow.domain.states import TaskState
from taskflow.extensions import csrf, db
from taskflow.i18n import _
from taskflow.models.org import User
from taskflow.models.task import ExtensionState
from taskflow.services import extensions_of_time, progress, task_links, task_steps
from taskflow.services.actors import actor_of
from taskflow.services.channels import set_email_subscribed
from taskflow.services.link_check import REMEMBER, check_code, device_token, is_remembered, send_code
from taskflow.services.queries.task_detail import task_detail
from taskflow.services.task_links import TaskLink
from taskflow.web.guards import public
from taskflow.web.links.forms import CodeForm, EmptyForm, MoreTimeForm, ProgressForm
from taskflow.web.redirects import see_other

links = Blueprint("links", __name__)

_COOKIE = "taskflow_link"
#: Requests for more time that wait for the office, or for the unit's word on another date.
OPEN_EXTENSIONS = (ExtensionState.PENDING, ExtensionState.COUNTERED)


def _is_known(link: TaskLink) -> bool:
    """Signed in as this person, or on a device that proved to be theirs."""
    if current_user.is_authenticated and current_user.user_id == link.user_id:
        return True
    return is_remembered(request.cookies.get(_COOKIE, ""), link.user_id, now=now())


def _known(token: str) -> TaskLink:
    """The link, used by somebody who passed the check. Raises ``NotFound``, ``Invalid``, ``NotAllowed``."""
    link = task_links.open_link(token, now=now())
    if not _is_known(link):
        raise NotAllowed("task.not_allowed")
    return link


def _used(link: TaskLink, action: str) -> None:
    task_links.record_use(link, action=action, address=request.remote_addr or "", now=now())


@links.get("/l/<token>")
@public
def task(token: str) -> str | Response:
    """The task, or the check before it. Opening by a mail scanner shows nothing and counts for nothing."""
    link = task_links.open_link(token, now=now())
    if not _is_known(link):
        return render_template("links/check.html", token=token, form=None, empty=EmptyForm())
    task_links.record_opening(link, address=request.remote_addr or "", now=now())
    if current_user.is_authenticated and current_user.user_id == link.user_id:
        return see_other(url_for("tasks.detail", task_id=link.task_id))
    return _page(token, link)


@links.post("/l/<token>/code")
@public
def code(token: str) -> str | Response:
    """Send a code, or check the one that was typed."""
    link = task_links.open_link(token, now=now())
    form = CodeForm()
    if "code" not in request.form:
        send_code(link, now=now())
        flash(_("A code is on its way to you, as a rule by the channel that the link came by."), "success")
        return render_template("links/check.html", token=token, form=form, empty=EmptyForm())
    if form.carry_out(lambda: check_code(link, form.code.data or "", now=now())):
        task_links.record_opening(link, address=request.remote_addr or "", now=now())
        user = db.session.get_one(User, link.user_id)
        answer = see_other(url_for("links.task", token=token))
        answer.set_cookie(
            _COOKIE,
            device_token(user, now=now()),
            max_age=int(REMEMBER.total_seconds()),
            path="/l/",
            httponly=True,
            secure=request.is_secure,
            samesite="Lax",
        )
        return answer
    return make_response(render_template("links/check.html", token=token, form=form, empty=EmptyForm()), form.status)


@links.post("/l/<token>/acknowledge")
@public
def acknowledge(token: str) -> str | Response:
    """Take the task up."""
    link = _known(token)
    form = EmptyForm()
    actor = actor_of(link.user_id, on=today())
    if form.carry_out(lambda: task_steps.acknowledge(task_id=link.task_id, actor=actor, now=now())):
        _used(link, "acknowledged")
        flash(_("The task has been acknowledged."), "success")
        return see_other(url_for("links.task", token=token))
    return make_response(_page(token, link), form.status)


@links.post("/l/<token>/progress")
@public
def report(token: str) -> str | Response:
    """Report progress."""
    link = _known(token)
    form = ProgressForm()
    actor = actor_of(link.user_id, on=today())
    text = progress.ReportText(result=form.text.data or "", percent=form.percent.data)
    if form.carry_out(lambda: progress.report_progress(task_id=link.task_id, report=text, actor=actor, now=now())):
        _used(link, "reported")
        flash(_("Your report has been kept."), "success")
        return see_other(url_for("links.task", token=token))
    return make_response(_page(token, link, progress_form=form), form.status)


@links.post("/l/<token>/more-time")
@public
def more_time(token: str) -> str | Response:
    """Ask for a later date."""
    link = _known(token)
    form: Any = MoreTimeForm()
    actor = actor_of(link.user_id, on=today())
    if form.carry_out(
        lambda: extensions_of_time.ask(
            task_id=link.task_id,
            due_on=form.due_on.data,
            reason=form.reason.data or "",
            cause=form.cause.data or "",
            actor=actor,
            now=now(),
        )
    ):
        _used(link, "asked_for_time")
        flash(_("Your request has been sent. The deadline stays as it is until it is answered."), "success")
        return see_other(url_for("links.task", token=token))
    return make_response(_page(token, link, time_form=form), form.status)


def _page(
    token: str, link: TaskLink, *, progress_form: ProgressForm | None = None, time_form: MoreTimeForm | None = None
) -> str:
    """The task with what may be done to it here."""
    actor = actor_of(link.user_id, on=today())
    detail = task_detail(actor, link.task_id)
    found, facts = detail.task, detail.facts
    asked = next((one for one in detail.extensions if one.state in OPEN_EXTENSIONS), None)
    working = found.state in (TaskState.ASSIGNED, TaskState.IN_PROGRESS)
    return render_template(
        "links/task.html",
        token=token,
        task=found,
        timing=detail.timing,
        last_report=max(detail.reports, key=lambda one: one.id, default=None),
        asked=asked,
        empty=EmptyForm(formdata=None),
        can_acknowledge=found.state is TaskState.ASSIGNED and can(actor, Permission.TASK_ACKNOWLEDGE, facts),
        progress_form=(progress_form or ProgressForm(formdata=None))
        if working and can(actor, Permission.TASK_REPORT, facts)
        else None,
        time_form=(time_form or MoreTimeForm(formdata=None))
        if working and found.due_on and asked is None and can(actor, Permission.EXTENSION_ASK, facts)
        else None,
    )


@links.get("/u/<token>")
@public
def unsubscribe(token: str) -> str:
    """Ask before reminders by e-mail are stopped."""
    _user_id, email = task_links.open_unsubscribe(token)
    return render_template("links/unsubscribe.html", email=email, token=token, done=False)


@links.post("/u/<token>")
@csrf.exempt
@public
def unsubscribe_now(token: str) -> str:
    """Stop them: by the button, or by the mail program's one click (RFC 8058), which knows no form token."""
    user_id, email = task_links.open_unsubscribe(token)
    subscribed = request.form.get("again") == "1"
    set_email_subscribed(user_id, email, subscribed=subscribed, now=now())
    return render_template("links/unsubscribe.html", email=email, token=token, done=not subscribed, again=subscribed)
