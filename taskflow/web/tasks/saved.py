"""Saved views of the list (chế độ xem): keeping a filter under a name, for oneself or for the office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField

from taskflow.clock import now
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.i18n import _, _l
from taskflow.services import saved_views
from taskflow.web.forms import BaseForm
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.tasks import tasks
from taskflow.web.tasks.forms import line

Answer = str | Response


class ViewForm(BaseForm):
    """A name for a filter."""

    query = HiddenField()
    name = line(_l("Name of the view"), required=True, most=100)
    shared = BooleanField(_l("Show it to everybody of the coordinating office"))


@dataclass(frozen=True, slots=True)
class ViewItem:
    """A view as the menu over the list shows it."""

    id: int
    name: str
    url: str
    shared: bool
    own: bool
    active: bool


def view_items(actor: Actor, present: Mapping[str, str]) -> list[ViewItem]:
    """One's own views and those of the office; the one that is on is marked."""
    return [
        ViewItem(
            id=view.id,
            name=view.name,
            url=f"{url_for('tasks.index')}?{view.query}",
            shared=view.office_unit_id is not None,
            own=view.owner_id == actor.user_id,
            active=dict(pair.split("=", 1) for pair in view.query.split("&") if "=" in pair) == dict(present),
        )
        for view in saved_views.list_views(actor)
    ]


@tasks.route("/views", methods=["GET", "POST"])
@signed_in
def views() -> Answer:
    """Keep the filter of the list under a name; below it the views that one has."""
    actor = current_actor()
    form = ViewForm(query=request.args.get("query", ""))
    offices = sorted(offices_of(actor, Permission.TASK_BULK))
    if not offices:
        del form.shared
    if form.carry_out(
        lambda: saved_views.save_view(
            name=form.name.data or "",
            query=form.query.data or "",
            actor=actor,
            now=now(),
            office_unit_id=offices[0] if "shared" in form and form.shared.data else None,
        )
    ):
        flash(_("The view has been saved. It is in the menu over the list."), "success")
        return see_other(f"{url_for('tasks.index')}?{form.result.query}")
    return make_response(render_template("tasks/views.html", form=form, views=view_items(actor, {})), form.status)


@tasks.post("/views/<int:view_id>/delete")
@signed_in
def delete_view(view_id: int) -> Response:
    """Drop one's own view."""
    saved_views.delete_view(view_id=view_id, actor=current_actor())
    flash(_("The view has been deleted."), "success")
    return see_other(url_for("tasks.views"))
