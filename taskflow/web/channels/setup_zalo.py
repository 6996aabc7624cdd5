"""Setting up Zalo: the bot, the Official Account, consent and tokens."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from flask import current_app, flash, make_response, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from taskflow.clock import now
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, _l
from taskflow.notifications.transports.base import TransientError
from taskflow.notifications.transports.zalo_bot import ZaloBotTransport
from taskflow.services import audit, zalo
from taskflow.services.task_links import base_url
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import (
    PARAMETER_SOURCES,
    BotSettings,
    OaSettings,
    bot_settings,
    oa_settings,
    parse_parameters,
    print_parameters,
    save_bot,
    save_oa,
)
from taskflow.services.zalo_template import fetch_parameters
from taskflow.web.channels.setup import channels
from taskflow.web.forms import BaseForm, choices
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

#: Shown in place of a stored secret; sent back unchanged it keeps the stored one.
KEPT = "••••••••"
#: How long after its beginning a consent may come back; its code ends ten minutes after it was given.
CONSENT_TIME = timedelta(minutes=30)


class BotForm(BaseForm):
    """The bot."""

    token = StringField(_l("Token of the bot"), [Length(max=200)])
    mode = SelectField(
        _l("How its updates come"),
        choices=choices(
            [("polling", _l("taskflow asks (no public address needed)")), ("webhook", _l("Zalo calls taskflow"))]
        ),
    )


class OaForm(BaseForm):
    """The Official Account."""

    app_id = StringField(_l("App ID"), [Length(max=40)])
    app_secret = StringField(_l("Secret key of the app"), [Length(max=200)])
    oa_id = StringField(_l("OA ID"), [Length(max=40)])
    oa_secret = StringField(_l("Secret key of the webhook"), [Length(max=200)])
    template_id = StringField(_l("Template ID"), [Length(max=40)])
    parameters = TextAreaField(_l("Parameters of the template"), [Length(max=2000)])
    group_id = StringField(_l("Group ID (GMF)"), [Length(max=60)])
    signature_first = SelectField(
        _l("First term of the signature"), choices=choices([("app_id", _l("App ID")), ("oa_id", _l("OA ID"))])
    )
    signature_secret = SelectField(
        _l("Secret of the signature"),
        choices=choices([("oa_secret", _l("secret key of the webhook")), ("app_secret", _l("secret key of the app"))]),
    )
    development = BooleanField(_l("Development mode: templates go to administrators of the account only"))


class TokensForm(BaseForm):
    """A pair of tokens from Zalo's API Explorer."""

    access_token = StringField(_l("Access token"), [DataRequired(), Length(max=2000)])
    refresh_token = StringField(_l("Refresh token"), [DataRequired(), Length(max=2000)])


def _audit(database: Session, action: str, **data: Any) -> None:
    audit.record(database, actor=current_actor(), action=action, subject="channel", now=now(), **data)


def _secret(typed: str | None, stored: str) -> str:
    return stored if typed == KEPT else (typed or "")


def _shown(stored: str) -> str:
    return KEPT if stored else ""


def _callback() -> str:
    return f"{base_url()}{url_for('channels.consent')}"


def _page(*, bot: BotForm | None = None, oa: OaForm | None = None, pair: TokensForm | None = None) -> str:
    known_bot, account = bot_settings(), oa_settings()
    return render_template(
        "channels/zalo.html",
        bot=bot or BotForm(formdata=None, token=_shown(known_bot.token), mode=known_bot.mode),
        oa=oa
        or OaForm(
            formdata=None,
            app_id=account.app_id,
            app_secret=_shown(account.app_secret),
            oa_id=account.oa_id,
            oa_secret=_shown(account.oa_secret),
            template_id=account.template_id,
            parameters=print_parameters(account.parameters),
            group_id=account.group_id,
            signature_first=account.signature_first,
            signature_secret=account.signature_secret,
            development=account.development,
        ),
        pair=pair or TokensForm(formdata=None),
        sources=", ".join(PARAMETER_SOURCES),
        bot_hook=f"{base_url()}{url_for('hooks.zalo_bot')}",
        oa_hook=f"{base_url()}{url_for('hooks.zalo_oa')}",
        callback=_callback(),
        challenge=zalo.challenge(account.code_verifier) if account.code_verifier else "",
        has_account=bool(account.app_id and account.app_secret),
        has_template=bool(account.app_id and account.template_id),
    )


@channels.get("/zalo")
@requires(Permission.ADMIN_SETTING_EDIT)
def zalo_setup() -> str:
    """Everything about Zalo on one page."""
    return _page()


@channels.post("/zalo/bot")
@requires(Permission.ADMIN_SETTING_EDIT)
def zalo_bot() -> str | Response:
    """Keep the bot; tell Zalo how its updates come."""
    form = BotForm()
    if form.carry_out(lambda: _save_bot(form)):
        flash(_("The bot is set up."), "success")
        return see_other(url_for("channels.zalo_setup"))
    return make_response(_page(bot=form), form.status)


def _save_bot(form: BotForm) -> None:
    known = bot_settings()
    bot = BotSettings(
        token=_secret(form.token.data, known.token),
        mode=form.mode.data,
        webhook_secret=known.webhook_secret or secrets.token_urlsafe(32),
    )
    if bot.token:
        transport = ZaloBotTransport(current_app.config["TASKFLOW"].zalo_bot_url, bot.token)
        try:
            transport.about()
            if bot.mode == "webhook":
                transport.set_webhook(f"{base_url()}{url_for('hooks.zalo_bot')}", bot.webhook_secret)
            elif known.mode == "webhook":
                transport.drop_webhook()
        except TransientError as error:
            if error.code == "unreachable":
                raise Invalid("zalo.unreachable", "token") from error
            raise Invalid("zalo.answer", "token", number=error.code, message=error.detail) from error
        finally:
            transport.close()
    with unit_of_work() as database:
        save_bot(bot, now=now(), by_id=current_user.user_id)
        audit.record(
            database, actor=current_actor(), action="zalo.bot_saved", subject="channel", now=now(), mode=bot.mode
        )


@channels.post("/zalo/account")
@requires(Permission.ADMIN_SETTING_EDIT)
def zalo_account() -> str | Response:
    """Keep the Official Account."""
    form = OaForm()
    if form.carry_out(lambda: _save_oa(form)):
        flash(_("The account is set up. Give consent or paste a pair of tokens next."), "success")
        return see_other(url_for("channels.zalo_setup"))
    return make_response(_page(oa=form), form.status)


def _save_oa(form: OaForm) -> None:
    known = oa_settings()
    account = OaSettings(
        app_id=form.app_id.data or "",
        app_secret=_secret(form.app_secret.data, known.app_secret),
        oa_id=form.oa_id.data or "",
        oa_secret=_secret(form.oa_secret.data, known.oa_secret),
        code_verifier=known.code_verifier or zalo.new_verifier(),
        template_id=form.template_id.data or "",
        parameters=parse_parameters(form.parameters.data or ""),
        signature_first=form.signature_first.data,
        signature_secret=form.signature_secret.data,
        development=bool(form.development.data),
        group_id=form.group_id.data or "",
    )
    with unit_of_work() as database:
        save_oa(account, now=now(), by_id=current_user.user_id)
        audit.record(
            database,
            actor=current_actor(),
            action="zalo.account_saved",
            subject="channel",
            now=now(),
            app_id=account.app_id,
        )


@channels.post("/zalo/template")
@requires(Permission.ADMIN_SETTING_EDIT)
def zalo_template() -> Response:
    """Fetch the parameters of the template and their lengths from Zalo."""
    open_ones = fetch_parameters(actor=current_actor(), now=now())
    flash(_("The template's parameters are fetched, with the lengths that Zalo allows."), "success")
    if open_ones:
        names = ", ".join(open_ones)
        flash(_("Choose what these parameters say, then save the account: %(names)s.", names=names), "warning")
    return see_other(url_for("channels.zalo_setup"))


@channels.post("/zalo/tokens")
@requires(Permission.ADMIN_SETTING_EDIT)
def zalo_tokens() -> str | Response:
    """Take a pasted pair of tokens."""
    form = TokensForm()
    if form.carry_out(lambda: _paste(form)):
        flash(_("The tokens are kept and will be renewed by taskflow."), "success")
        return see_other(url_for("channels.index"))
    return make_response(_page(pair=form), form.status)


def _paste(form: TokensForm) -> None:
    with unit_of_work() as database:
        zalo.paste_tokens(access=form.access_token.data or "", refresh=form.refresh_token.data or "", now=now())
        _audit(database, "zalo.tokens_pasted")


@channels.post("/zalo/consent")
@requires(Permission.ADMIN_SETTING_EDIT)
def start_consent() -> str:
    """Show the way to Zalo's consent page: a link, because forms of this site lead nowhere else."""
    account = oa_settings()
    if not account.app_id or not account.code_verifier:
        raise Invalid("zalo.not_configured")
    state = secrets.token_urlsafe(16)
    session["zalo_consent"] = {"state": state, "begun": now().isoformat()}
    url = zalo.consent_url(account, redirect_uri=_callback()) + f"&state={state}"
    return render_template("channels/consent.html", url=url)


@channels.get("/zalo/consent")
@requires(Permission.ADMIN_SETTING_EDIT)
def consent() -> str:
    """Back from Zalo: show a button, because a visit alone must change nothing."""
    _check_state(request.args.get("state", ""))
    return render_template(
        "channels/consent.html",
        code=request.args.get("code", ""),
        oa_id=request.args.get("oa_id", ""),
        state=request.args["state"],
    )


@channels.post("/zalo/consent/accept")
@requires(Permission.ADMIN_SETTING_EDIT)
def accept_consent() -> Response:
    """Exchange the code for tokens."""
    _check_state(request.form.get("state", ""))
    del session["zalo_consent"]
    zalo.accept_consent(request.form.get("code", ""), now=now())
    oa_id = request.form.get("oa_id", "")
    with unit_of_work() as database:
        if oa_id:
            save_oa(replace(oa_settings(), oa_id=oa_id[:40]), now=now(), by_id=current_user.user_id)
        _audit(database, "zalo.consent_given")
    flash(_("The account is linked; its tokens are renewed by taskflow."), "success")
    return see_other(url_for("channels.index"))


def _check_state(state: str) -> None:
    """The answer belongs to the consent that this person began here a short while ago, and was not used yet.

    Raises ``Invalid("zalo.state")`` or ``Invalid("zalo.state_old")``.
    """
    begun = session.get("zalo_consent") or {}
    if not begun or not compare_digest(state.encode(), str(begun["state"]).encode()):
        raise Invalid("zalo.state")
    if now() > datetime.fromisoformat(begun["begun"]) + CONSENT_TIME:
        raise Invalid("zalo.state_old", minutes=int(CONSENT_TIME.total_seconds() // 60))
