"""The installation's channels: health lights, test messages, the office's policy of reminding."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import Blueprint, current_app, flash, make_response, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from taskflow.clock import now
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, _l, title_of
from taskflow.models.outbox import ChannelKind
from taskflow.services import channel_setup as service
from taskflow.services.channels import channels_of
from taskflow.services.messages import send_test
from taskflow.services.reminder_policy import PERSONAL_CHANNELS, Policy, load_policy, save_policy
from taskflow.services.unit_of_work import unit_of_work
from taskflow.web.addresses import row_number
from taskflow.web.fields import ClockField
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.side_menu import admin_side

channels = Blueprint("channels", __name__, url_prefix="/channels/setup")
channels.context_processor(admin_side)

LANE_TITLES = {
    "email": _l("E-mail"),
    "zalo_bot": _l("Zalo Bot"),
    "zalo_oa": _l("Zalo Official Account"),
    "webhook": _l("Webhooks and chat rooms"),
}


class PolicyForm(BaseForm):
    """What the office allows."""

    times = StringField(_l("Times of the reminder"), [DataRequired()])
    opens = ClockField(_l("Messages leave from"), [InputRequired()])
    closes = ClockField(_l("Messages leave until"), [InputRequired()])
    channels = MultiCheckboxField(_l("Allowed channels"), [InputRequired()])
    gather_minutes = IntegerField(_l("Minutes in which news gathers"), [InputRequired(), NumberRange(min=0, max=120)])
    digest_items = IntegerField(_l("Lines of a reminder"), [InputRequired(), NumberRange(min=5, max=40)])
    link_days = IntegerField(_l("Days that links of messages work"), [InputRequired(), NumberRange(min=1, max=90)])
    keep_days = IntegerField(_l("Days that messages are kept"), [InputRequired(), NumberRange(min=30, max=3650)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels.choices = choices((kind.value, title_of(kind)) for kind in PERSONAL_CHANNELS)

    def policy(self) -> Policy:
        """The policy as typed. Raises ``Invalid`` for what is no time."""
        return Policy(
            times=_times(self.times.data or ""),
            opens=self.opens.data or time(7),
            closes=self.closes.data or time(20),
            channels=tuple(ChannelKind(code) for code in self.channels.data or ()),
            gather_minutes=self.gather_minutes.data or 0,
            digest_items=self.digest_items.data or 15,
            link_days=self.link_days.data or 14,
            keep_days=self.keep_days.data or 365,
        )


def _times(text: str) -> tuple[time, ...]:
    try:
        return tuple(sorted({time.fromisoformat(part.zfill(5)) for part in text.replace(",", " ").split()}))
    except ValueError as error:
        raise Invalid("reminder.time_outside_hours", "times") from error


def policy_form(policy: Policy) -> PolicyForm:
    """The form filled with a policy."""
    return PolicyForm(
        formdata=None,
        times=", ".join(f"{moment:%H:%M}" for moment in policy.times),
        opens=policy.opens,
        closes=policy.closes,
        channels=[kind.value for kind in policy.channels],
        gather_minutes=policy.gather_minutes,
        digest_items=policy.digest_items,
        link_days=policy.link_days,
        keep_days=policy.keep_days,
    )


@channels.get("/")
@requires(Permission.ADMIN_SETTING_EDIT)
def index() -> str:
    """Health lights and what leads to each setup."""
    return _page(policy_form(load_policy()))


def _page(form: PolicyForm) -> str:
    settings = current_app.config["TASKFLOW"]
    return render_template(
        "channels/setup.html",
        lights=service.lights(now=now()),
        titles=LANE_TITLES,
        form=form,
        smtp=f"{settings.smtp_host}:{settings.smtp_port}" if settings.smtp_host else "",
        mail_from=settings.mail_from,
    )


@channels.post("/policy")
@requires(Permission.ADMIN_SETTING_EDIT)
def policy() -> str | Response:
    """Change what the office allows."""
    form = PolicyForm()
    if form.carry_out(lambda: _save(form)):
        flash(_("The new rules hold from the next reminder on."), "success")
        return see_other(url_for("channels.index"))
    return make_response(_page(form), form.status)


def _save(form: PolicyForm) -> None:
    with unit_of_work():
        save_policy(form.policy(), now=now(), by_id=current_user.user_id)


@channels.post("/test/<kind>")
@requires(Permission.ADMIN_SETTING_EDIT)
def test(kind: str) -> Response:
    """Send a test message to oneself (or to a receiver of webhooks)."""
    try:
        channel = ChannelKind(kind)
    except ValueError:
        return see_other(url_for("channels.index"))
    if channel is ChannelKind.EMAIL:
        address = current_user.user.email
    elif channel is ChannelKind.WEBHOOK:
        address = str(request.form.get("endpoint", 0, type=row_number))
    else:
        own = [found.address for found in channels_of(current_user.user_id) if found.kind is channel]
        address = own[0] if own else ""
    if not address:
        flash(_("Link your own Zalo account first, so that the test message has somewhere to go."), "warning")
        return see_other(url_for("account_channels.index"))
    message = send_test(channel, address, actor=current_actor(), now=now())
    flash(_("The test message is queued. This page shows what becomes of it."), "success")
    return see_other(url_for("messages.detail", message_id=message.id))
