"""Groups of units."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now
from taskflow.domain.permissions import Permission
from taskflow.extensions import db
from taskflow.i18n import _
from taskflow.services import unit_groups as service
from taskflow.services.queries import units as queries
from taskflow.web.admin.blueprint import Answer, admin, page_number
from taskflow.web.admin.unit_forms import GroupForm
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@admin.get("/groups")
@requires(Permission.ADMIN_UNIT_EDIT)
def groups() -> Answer:
    """All groups."""
    q, page = request.args.get("q", ""), page_number()
    rows, total = queries.list_groups(q=q, page=page)
    return render_template("admin/groups/index.html", rows=rows, total=total, q=q, page=page, per_page=queries.PER_PAGE)


@admin.route("/groups/new", methods=["GET", "POST"])
@requires(Permission.ADMIN_UNIT_EDIT)
def group_new() -> Answer:
    """Add a group."""
    form = GroupForm(name=request.args.get("name", ""))
    if form.carry_out(
        lambda: service.save_group(actor=current_actor(), group_id=None, values=form.values(), now=now())
    ):
        flash(_("The group has been added."), "success")
        return see_other(url_for("admin.groups"))
    return render_template("admin/groups/group.html", form=form, group=None), form.status


@admin.route("/groups/<int:group_id>", methods=["GET", "POST"])
@requires(Permission.ADMIN_UNIT_EDIT)
def group(group_id: int) -> Answer:
    """One group and its members."""
    shown = service.get_group(db.session(), group_id)
    form = GroupForm(obj=shown, member_ids=[member.id for member in shown.members])
    if form.carry_out(
        lambda: service.save_group(actor=current_actor(), group_id=group_id, values=form.values(), now=now())
    ):
        flash(_("The group has been saved."), "success")
        return see_other(url_for("admin.groups"))
    shown = service.get_group(db.session(), group_id)
    gone = [member for member in shown.members if not member.is_active]
    return render_template("admin/groups/group.html", form=form, group=shown, gone=gone), form.status


@admin.post("/groups/<int:group_id>/active")
@requires(Permission.ADMIN_UNIT_EDIT)
def group_active(group_id: int) -> Response:
    """Take a group out of use, or bring it back."""
    is_active = request.form.get("is_active") == "1"
    service.set_group_active(actor=current_actor(), group_id=group_id, is_active=is_active, now=now())
    flash(_("The group is in use again.") if is_active else _("The group is out of use."), "success")
    return see_other(url_for("admin.groups"))
