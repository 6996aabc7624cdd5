"""Receivers of events outside: signed webhooks, and rooms of Telegram, Teams and Slack."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, make_response, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from taskflow.clock import now
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, _l
from taskflow.services import channel_setup as service
from taskflow.services.webhooks import WEBHOOK_EVENTS
from taskflow.web.channels.setup import channels
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices
from taskflow.web.guards import requires
from taskflow.web.messages.view_models import kind_title
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor


class EndpointForm(BaseForm):
    """A new receiver."""

    name = StringField(_l("Name"), [DataRequired(), Length(max=200)])
    url = StringField(_l("Address"), [DataRequired(), Length(max=1000)])
    format = SelectField(
        _l("Kind of receiver"),
        choices=choices(
            [
                ("standard", _l("Signed webhook (Standard Webhooks)")),
                ("telegram", "Telegram"),
                ("teams", "Microsoft Teams"),
                ("slack", _l("Slack and compatible")),
            ]
        ),
    )
    events = MultiCheckboxField(_l("Events"), [InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events.choices = choices((kind, kind_title(kind)) for kind in WEBHOOK_EVENTS)


def _page(form: EndpointForm) -> str:
    return render_template(
        "channels/webhooks.html",
        form=form,
        endpoints=service.endpoints(),
        now=now(),
        private=current_app.config["TASKFLOW"].allow_private_webhooks,
    )


@channels.get("/webhooks")
@requires(Permission.ADMIN_SETTING_EDIT)
def webhooks() -> str:
    """All receivers."""
    return _page(EndpointForm(formdata=None))


@channels.post("/webhooks")
@requires(Permission.ADMIN_SETTING_EDIT)
def add_webhook() -> str | Response:
    """Add a receiver."""
    form = EndpointForm()
    if form.carry_out(
        lambda: service.add_endpoint(
            name=form.name.data or "",
            url=form.url.data or "",
            form=form.format.data,
            events=tuple(form.events.data or ()),
            office_unit_id=None,
            actor=current_actor(),
            now=now(),
        )
    ):
        flash(_("The receiver gets events from now on. Its secret stands beside it."), "success")
        return see_other(url_for("channels.webhooks"))
    return make_response(_page(form), form.status)


@channels.post("/webhooks/<int:endpoint_id>/secret")
@requires(Permission.ADMIN_SETTING_EDIT)
def renew_secret(endpoint_id: int) -> Response:
    """Give a receiver a new secret."""
    service.renew_secret(endpoint_id, actor=current_actor(), now=now())
    flash(_("The receiver has a new secret. The one before signs too for 24 hours."), "success")
    return see_other(url_for("channels.webhooks"))


@channels.post("/webhooks/<int:endpoint_id>/<state>")
@requires(Permission.ADMIN_SETTING_EDIT)
def switch_webhook(endpoint_id: int, state: str) -> Response:
    """Switch a receiver on or off."""
    service.switch_endpoint(endpoint_id, on=state == "on", actor=current_actor(), now=now())
    return see_other(url_for("channels.webhooks"))
