"""Own leave: who stands in for me, from–to; and for whom I stand in."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from taskflow.clock import now, today
from taskflow.i18n import _
from taskflow.services import delegations as service
from taskflow.services.queries import delegations as queries
from taskflow.services.queries.people import posts_of
from taskflow.web.account.routes import Answer, account
from taskflow.web.admin.people_forms import DelegationForm
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


@account.route("/account/delegations", methods=["GET", "POST"])
@signed_in
def delegations() -> Answer:
    """Say who acts for me while I am away."""
    user_id = current_user.user_id
    units = {post.unit_id: post.unit for post in posts_of(user_id, on=today()) if post.is_current}
    form = DelegationForm(own=user_id, units=list(units.items()), on=today())
    if form.carry_out(
        lambda: service.delegate(
            actor=current_actor(),
            principal_id=user_id,
            delegate_id=form.delegate_id.data,
            unit_id=form.unit_id.data,
            **form.days(),
            reason=form.reason.data or "",
            today=today(),
            now=now(),
        )
    ):
        flash(_("The delegation has been saved."), "success")
        return see_other(url_for("account.delegations"))
    rows, _more = queries.list_delegations(user_id=user_id, on=today())
    mine = [row for row in rows if row.principal_id == user_id]
    others = [row for row in rows if row.delegate_id == user_id]
    return render_template("account/delegations.html", form=form, mine=mine, others=others), form.status


@account.post("/account/delegations/<int:delegation_id>/revoke")
@signed_in
def delegation_revoke(delegation_id: int) -> Response:
    """End one of my delegations at once, on either side."""
    service.revoke(actor=current_actor(), delegation_id=delegation_id, now=now())
    flash(_("The delegation has ended."), "success")
    return see_other(url_for("account.delegations"))
