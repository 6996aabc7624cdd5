"""What was learnt about the wordings of plans: to be reviewed, and changed or forgotten where it is wrong."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now
from taskflow.domain.errors import NotAllowed
from taskflow.domain.permissions import Permission, has
from taskflow.i18n import _
from taskflow.services import name_mappings as service
from taskflow.web.admin.blueprint import Answer, admin, page_number
from taskflow.web.admin.unit_forms import NameMeaningForm
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@admin.get("/names")
@signed_in
def learnt_names() -> Answer:
    """For coordinating offices (their own) and administrators (all)."""
    actor = current_actor()
    if not (has(actor, Permission.DOCUMENT_IMPORT) or has(actor, Permission.ADMIN_UNIT_EDIT)):
        raise NotAllowed("mapping.not_allowed")
    q, page = request.args.get("q", ""), page_number()
    rows, has_next = service.list_mappings(actor=actor, q=q, page=page)
    return render_template("admin/names.html", rows=rows, has_next=has_next, q=q, page=page, per_page=service.PER_PAGE)


@admin.route("/names/<int:mapping_id>", methods=["GET", "POST"])
@signed_in
def learnt_name(mapping_id: int) -> Answer:
    """What one wording means, to be put right."""
    actor = current_actor()
    mapping = service.get_mapping(actor, mapping_id)
    form = NameMeaningForm(obj=mapping)
    if form.carry_out(lambda: service.change(actor=actor, mapping_id=mapping_id, now=now(), **form.values())):
        flash(_("Saved. The next import takes it so."), "success")
        return see_other(url_for("admin.learnt_names"))
    mapping = service.get_mapping(actor, mapping_id)
    return render_template("admin/name.html", form=form, wording=mapping.wording), form.status


@admin.post("/names/<int:mapping_id>/forget")
@signed_in
def learnt_name_forget(mapping_id: int) -> Response:
    """Forget one choice."""
    service.forget(actor=current_actor(), mapping_id=mapping_id, now=now())
    flash(_("It has been forgotten; the next import asks again."), "success")
    return see_other(url_for("admin.learnt_names"))
