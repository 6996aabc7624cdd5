"""Own access keys for the API: make one, whose secret is shown once, and revoke one."""

from __future__ import annotations

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from taskflow.clock import now
from taskflow.i18n import _, _l
from taskflow.services import api_tokens as service
from taskflow.web.account.routes import Answer, account
from taskflow.web.forms import BaseForm, choices
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


class TokenForm(BaseForm):
    """A new key."""

    label = StringField(_l("Which program uses it"), [DataRequired(), Length(max=100)])
    days = SelectField(
        _l("It works for"),
        choices=choices([(30, _l("30 days")), (90, _l("90 days")), (365, _l("one year"))]),
        coerce=int,
        default=90,
    )


@account.route("/account/api-tokens", methods=["GET", "POST"])
@signed_in
def api_tokens() -> Answer:
    """One's own access keys for programs; a new one is shown once, on the answer to its making."""
    form, made, actor = TokenForm(), None, current_actor()
    if form.carry_out(lambda: service.create(actor=actor, label=form.label.data, days=form.days.data, now=now())):
        # No redirect: the secret must pass neither through the session's cookie nor through an address.
        made, form, status = form.result, TokenForm(formdata=None), 201
    else:
        status = form.status
    keys = service.list_own(actor, now=now())
    return render_template("account/api_tokens.html", form=form, made=made, keys=keys), status


@account.post("/account/api-tokens/<int:token_id>/revoke")
@signed_in
def api_token_revoke(token_id: int) -> Response:
    """Revoke one of one's own access keys at once."""
    service.revoke(actor=current_actor(), token_id=token_id, now=now())
    flash(_("The key has been revoked. Programs that use it are refused from now on."), "success")
    return see_other(url_for("account.api_tokens"))
