"""A person's own channels: link Zalo by a code, choose order, times and quiet hours."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask import Blueprint, flash, make_response, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.validators import Optional as MayBeEmpty

from taskflow.clock import now
from taskflow.extensions import db
from taskflow.i18n import _, _l, title_of
from taskflow.models.org import User
from taskflow.models.outbox import ChannelKind
from taskflow.services import channels as service
from taskflow.services.reminder_policy import Choice, channels_of, choice_of, keep_choice, load_policy
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import bot_settings, oa_settings
from taskflow.web.fields import ClockField
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.side_menu import account_side

account_channels = Blueprint("account_channels", __name__, url_prefix="/channels")
account_channels.context_processor(account_side)


class ChoiceForm(BaseForm):
    """When and by which way first."""

    first = SelectField(_l("Try first"))
    times = MultiCheckboxField(_l("Times of the reminder"))
    quiet_from = ClockField(_l("Do not disturb from"), [MayBeEmpty()])
    quiet_to = ClockField(_l("Do not disturb until"), [MayBeEmpty()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy = load_policy()
        self.first.choices = choices((kind.value, title_of(kind)) for kind in policy.channels)
        self.times.choices = choices((moment.isoformat("minutes"), f"{moment:%H:%M}") for moment in policy.times)

    def choice(self) -> Choice:
        """What was chosen."""
        quiet = (self.quiet_from.data, self.quiet_to.data)
        return Choice(
            channels=(ChannelKind(self.first.data),),
            times=tuple(time.fromisoformat(text) for text in self.times.data or ()),
            quiet=quiet if quiet[0] and quiet[1] else None,
        )


class PhoneForm(BaseForm):
    """A phone number for template messages."""

    phone = StringField(_l("Mobile number"), [DataRequired(), Length(max=20)])


def _page(*, form: ChoiceForm | None = None, phone: PhoneForm | None = None, code: str = "", kind: str = "") -> str:
    user = db.session.get_one(User, current_user.user_id)
    choice, policy = choice_of(user.preferences), load_policy()
    return render_template(
        "channels/own.html",
        form=form
        or ChoiceForm(
            formdata=None,
            first=channels_of(policy, choice)[0].value,
            times=[moment.isoformat("minutes") for moment in choice.times or policy.times],
            quiet_from=choice.quiet[0] if choice.quiet else None,
            quiet_to=choice.quiet[1] if choice.quiet else None,
        ),
        phone=phone or PhoneForm(formdata=None),
        addresses=service.own_addresses(user, now=now()),
        bot_on=bool(bot_settings().token),
        oa_on=bool(oa_settings().app_id),
        template_on=bool(oa_settings().template_id),
        code=code,
        code_kind=kind,
        policy=policy,
    )


@account_channels.get("/")
@signed_in
def index() -> str:
    """My channels."""
    return _page()


@account_channels.post("/choice")
@signed_in
def choose() -> str | Response:
    """Keep times, order and quiet hours."""
    form = ChoiceForm()
    if form.carry_out(lambda: _keep(form)):
        flash(_("Your choice holds from the next reminder on."), "success")
        return see_other(url_for("account_channels.index"))
    return make_response(_page(form=form), form.status)


def _keep(form: ChoiceForm) -> None:
    with unit_of_work() as session:
        keep_choice(session.get_one(User, current_user.user_id), form.choice())


@account_channels.post("/link/<kind>")
@signed_in
def link(kind: str) -> str:
    """Show a code that links the Zalo account which sends it."""
    wanted = ChannelKind.ZALO_BOT if kind == "zalo_bot" else ChannelKind.ZALO_OA
    code = service.new_link_code(current_user.user_id, wanted, now=now())
    return _page(code=code, kind=wanted.value)


@account_channels.post("/phone")
@signed_in
def add_phone() -> str | Response:
    """Let template messages go to a phone number."""
    form = PhoneForm()
    user_id = current_user.user_id
    if form.carry_out(lambda: service.add_phone(user_id, form.phone.data or "", actor=current_actor(), now=now())):
        flash(_("Template messages can reach this number from now on."), "success")
        return see_other(url_for("account_channels.index"))
    return make_response(_page(phone=form), form.status)


@account_channels.post("/email/<state>")
@signed_in
def email(state: str) -> Response:
    """Stop or start reminders by e-mail."""
    service.set_email_subscribed(current_user.user_id, current_user.user.email, subscribed=state == "on", now=now())
    return see_other(url_for("account_channels.index"))


@account_channels.post("/<int:channel_id>/unlink")
@signed_in
def unlink(channel_id: int) -> Response:
    """Forget one of my addresses."""
    service.unlink(channel_id, actor=current_actor(), now=now())
    flash(_("The channel has been unlinked."), "success")
    return see_other(url_for("account_channels.index"))


@account_channels.post("/<int:channel_id>/<state>")
@signed_in
def subscribe(channel_id: int, state: str) -> Response:
    """Stop or start reminders on one of my addresses."""
    service.set_subscribed(channel_id, subscribed=state == "on", actor=current_actor(), now=now())
    return see_other(url_for("account_channels.index"))
