"""The tree of units, one unit with its names, people and history."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now, today
from taskflow.domain.permissions import Permission
from taskflow.extensions import db
from taskflow.i18n import _
from taskflow.services import units as service
from taskflow.services.queries import units as queries
from taskflow.services.queries.successions import list_successions
from taskflow.web.addresses import row_number
from taskflow.web.admin.blueprint import Answer, admin, page_number
from taskflow.web.admin.unit_forms import UnitForm, UnitNameForm
from taskflow.web.forms import BaseForm
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

#: Two forms stand on one page; the fields of the second begin so.
_ALIAS = "alias-"


@admin.get("/units")
@requires(Permission.ADMIN_UNIT_EDIT)
def units() -> Answer:
    """The tree, or what a search finds in it."""
    q = request.args.get("q", "")
    with_inactive = request.args.get("inactive") == "1"
    found = queries.list_units(q=q, with_inactive=with_inactive, page=page_number(), on=today())
    return render_template(
        "admin/units/index.html", found=found, q=q, with_inactive=with_inactive, per_page=queries.PER_PAGE
    )


@admin.route("/units/new", methods=["GET", "POST"])
@requires(Permission.ADMIN_UNIT_EDIT)
def unit_new() -> Answer:
    """Add a unit."""
    form = UnitForm(parent_id=request.args.get("parent", type=row_number))
    if form.carry_out(lambda: service.create_unit(actor=current_actor(), values=form.values(), now=now())):
        flash(_("The unit has been added."), "success")
        return see_other(url_for("admin.unit", unit_id=form.result))
    return render_template("admin/units/new.html", form=form), form.status


@admin.route("/units/<int:unit_id>", methods=["GET", "POST"])
@requires(Permission.ADMIN_UNIT_EDIT)
def unit(unit_id: int) -> Answer:
    """One unit: its facts can be corrected here."""
    shown = service.get_unit(db.session(), unit_id)
    form = UnitForm(obj=shown, unit_id=unit_id)
    if form.carry_out(
        lambda: service.edit_unit(
            actor=current_actor(),
            unit_id=unit_id,
            values=form.values(),
            expected_version=form.version.data or 0,
            now=now(),
        )
    ):
        flash(_("The unit has been saved."), "success")
        return see_other(url_for("admin.unit", unit_id=unit_id))
    return _unit_page(unit_id, form, UnitNameForm(formdata=None, prefix=_ALIAS)), form.status


@admin.post("/units/<int:unit_id>/names")
@requires(Permission.ADMIN_UNIT_EDIT)
def unit_name_add(unit_id: int) -> Answer:
    """Add a name or another wording."""
    form = UnitNameForm(prefix=_ALIAS)
    if form.carry_out(
        lambda: service.add_name(
            actor=current_actor(),
            unit_id=unit_id,
            name=form.name.data,
            kind=form.kind.data,
            valid_from=form.valid_from.data,
            valid_to=form.valid_to.data,
            now=now(),
        )
    ):
        flash(_("The name has been added; imports recognise it from now on."), "success")
        return see_other(url_for("admin.unit", unit_id=unit_id, _anchor="names"))
    shown = service.get_unit(db.session(), unit_id)
    return _unit_page(unit_id, UnitForm(formdata=None, obj=shown, unit_id=unit_id), form), form.status


@admin.post("/units/<int:unit_id>/names/<int:name_id>/remove")
@requires(Permission.ADMIN_UNIT_EDIT)
def unit_name_remove(unit_id: int, name_id: int) -> Response:
    """Take an alias away."""
    service.remove_name(actor=current_actor(), unit_id=unit_id, name_id=name_id, now=now())
    flash(_("The name has been removed."), "success")
    return see_other(url_for("admin.unit", unit_id=unit_id, _anchor="names"))


@admin.route("/units/<int:unit_id>/delete", methods=["GET", "POST"])
@requires(Permission.ADMIN_UNIT_EDIT)
def unit_delete(unit_id: int) -> Answer:
    """Delete a unit made by mistake."""
    shown = service.get_unit(db.session(), unit_id)
    name, version = shown.name, request.form.get("version", shown.version, type=row_number)
    form = BaseForm()
    if form.carry_out(
        lambda: service.delete_unit(actor=current_actor(), unit_id=unit_id, expected_version=version, now=now())
    ):
        flash(_("%(name)s has been deleted.", name=name), "success")
        return see_other(url_for("admin.units"))
    return render_template(
        "admin/units/delete.html", form=form, unit_id=unit_id, name=name, version=version
    ), form.status


def _unit_page(unit_id: int, form: UnitForm, name_form: UnitNameForm) -> str:
    shown = service.get_unit(db.session(), unit_id)
    return render_template(
        "admin/units/unit.html",
        unit=shown,
        form=form,
        name_form=name_form,
        members=queries.members_of(unit_id),
        successions=list_successions(unit_id=unit_id)[0],
        can_delete=not service.references_to(db.session(), unit_id),
    )
