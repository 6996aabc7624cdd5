"""The pages of repeated work. Series whose next period is far away have no task yet: here they are seen and changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now
from taskflow.domain.errors import NotAllowed
from taskflow.i18n import _
from taskflow.models.task import Series
from taskflow.services import series as service
from taskflow.services.queries.repeated_work import SeriesDetail, series_detail, series_page
from taskflow.web.addresses import row_number
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.series import series
from taskflow.web.series.forms import SeriesForm, SkipForm
from taskflow.web.series.view_models import history, state_tabs
from taskflow.web.session import current_actor
from taskflow.web.tasks.forms import ReasonForm, TaskForm

Answer = str | Response


@series.get("/")
@signed_in
def index() -> str:
    """The repeated work that one may see, the next due first."""
    query, ended = request.args.get("q", ""), request.args.get("ended") == "1"
    page = max(1, request.args.get("page", 1, type=row_number))
    return render_template(
        "series/index.html",
        page=series_page(current_actor(), q=query, active=not ended, page=page),
        q=query,
        ended=ended,
        tabs=state_tabs(ended=ended),
    )


@series.get("/<int:series_id>")
@signed_in
def detail(series_id: int) -> str:
    """One series: its rule, the tasks of its periods, skipped periods, what was changed."""
    found = series_detail(current_actor(), series_id)
    return render_template("series/detail.html", found=found, line=found.line, history=history(found.changes))


@series.route("/<int:series_id>/skip", methods=["GET", "POST"])
@signed_in
def skip(series_id: int) -> Answer:
    """Make no task for one period."""
    found = _to_change(series_id)
    form = SkipForm(version=found.series.version)
    form.show(found.series)
    return _answer(
        found,
        form,
        _("Skip a period"),
        _("No task will be made for that period."),
        lambda: _skip(series_id, form),
    )


@series.route("/<int:series_id>/change", methods=["GET", "POST"])
@signed_in
def change(series_id: int) -> Answer:
    """What later periods get."""
    found = _to_change(series_id)
    form = SeriesForm.of(found.series)
    return _answer(
        found,
        form,
        _("Change from now on"),
        _("Later periods follow the change. Tasks that exist stay as they are."),
        lambda: _change(found.series, form),
    )


@series.route("/<int:series_id>/end", methods=["GET", "POST"])
@signed_in
def end(series_id: int) -> Answer:
    """Make no further periods."""
    found = _to_change(series_id)
    form = ReasonForm(version=found.series.version)
    return _answer(
        found,
        form,
        _("End the repeated work"),
        _("No further periods are made. Tasks that exist go on."),
        lambda: service.end(series_id=series_id, reason=form.reason.data or "", **_seen(form)),
    )


def _skip(series_id: int, form: SkipForm) -> Series:
    day: Any = form.due_on.data  # the form has checked that there is one
    return service.skip(series_id=series_id, due_on=day, reason=form.reason.data or "", **_seen(form))


def _change(present: Series, form: SeriesForm) -> Series:
    return service.change_from_now(
        series_id=present.id, text=form.text(present), reason=form.reason.data or "", **_seen(form)
    )


def _seen(form: TaskForm) -> dict[str, Any]:
    """Who does it, when, and on which version of the series."""
    return {"actor": current_actor(), "now": now(), "expected_version": form.version.data}


def _to_change(series_id: int) -> SeriesDetail:
    found = series_detail(current_actor(), series_id)
    if not found.may_change and found.series.is_active:
        raise NotAllowed("task.not_allowed")
    return found


def _answer(found: SeriesDetail, form: TaskForm, title: str, done: str, action: Callable[[], object]) -> Answer:
    """The form of one deed, and its carrying out."""
    if form.carry_out(action):
        flash(done, "success")
        return see_other(url_for("series.detail", series_id=found.series.id))
    if form.status == 409:
        form.renew(found.series.version)
    page = render_template("series/form.html", form=form, title=title, line=found.line)
    return make_response(page, form.status)
