"""Signing in and out, passwords, first run, profile. Delegation is in ``delegations``."""

from __future__ import annotations

import structlog
from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from taskflow.clock import now, today
from taskflow.extensions import db
from taskflow.i18n import _
from taskflow.models.org import User
from taskflow.services import accounts, reach
from taskflow.services.queries import people
from taskflow.services.submissions import drop_held as drop_form
from taskflow.web import submissions
from taskflow.web.account import device
from taskflow.web.account.forms import (
    ChangePasswordForm,
    ForgotForm,
    NewPasswordForm,
    ProfileForm,
    SetupForm,
    SignInForm,
)
from taskflow.web.guards import public, signed_in
from taskflow.web.redirects import home_url, local_path, see_other
from taskflow.web.session import SignedInUser, current_actor
from taskflow.web.side_menu import account_side

log = structlog.get_logger()

account = Blueprint("account", __name__)
account.context_processor(lambda: account_side() if current_user.is_authenticated else {})

Answer = str | Response | tuple[str, int]


def _enter(user_id: int, target: str | None, message: str = "") -> Response:
    """Begin the session of this person, a new one, and go on."""
    session.clear()
    login_user(SignedInUser(db.session.get_one(User, user_id)))
    g.pop("actor", None)
    if message:
        flash(message, "success")
    return device.remember(see_other(submissions.after_sign_in(target, user_id)), user_id)


def _address() -> str:
    return request.remote_addr or ""


@account.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Answer:
    """Who are you?"""
    target = request.args.get("next")
    # Somebody else's form came in: its author signs in here, in place of who is signed in now.
    if current_user.is_authenticated and "other" not in request.args:
        return redirect(local_path(target) or home_url())
    if request.method == "GET" and accounts.nobody_yet():
        return redirect(url_for("account.setup"))
    form = SignInForm()
    if form.carry_out(
        lambda: accounts.sign_in(
            email=form.email.data,
            password=form.password.data,
            address=_address(),
            device=device.known_device(),
            now=now(),
        )
    ):
        return _enter(form.result, target)
    return render_template("account/sign_in.html", form=form), form.status


@account.post("/sign-out")
@signed_in
def sign_out() -> Response:
    """End this session."""
    logout_user()
    session.clear()
    flash(_("You have signed out."), "success")
    return see_other(url_for("account.sign_in"))


@account.post("/held/drop")
@signed_in
def drop_held() -> Response:
    """Forget a form that is held for me, and show its page as it is without it."""
    path = local_path(request.args.get("path")) or home_url()
    drop_form(user_id=current_user.user_id, path=path)
    flash(_("What you had typed has been dropped."), "info")
    return see_other(submissions.after_sign_in(path, current_user.user_id))


@account.route("/setup", methods=["GET", "POST"])
@public
def setup() -> Answer:
    """The first administrator, while there is no account; the code stands in the server's log."""
    if not accounts.nobody_yet():
        return redirect(url_for("account.sign_in"))
    form = SetupForm()
    if form.carry_out(
        lambda: accounts.set_up(
            code=form.code.data,
            office=form.office.data,
            email=form.email.data,
            full_name=form.full_name.data,
            password=form.password.data,
            address=_address(),
            now=now(),
        )
    ):
        return _enter(form.result, None, _("taskflow is set up. Next: enter the units and people."))
    if not form.is_submitted():
        log.warning("setup.waiting", code=accounts.first_run_code())
    return render_template("account/setup.html", form=form), form.status


@account.route("/forgot", methods=["GET", "POST"])
@public
def forgot() -> Answer:
    """Ask for a link by which a new password can be set."""
    form = ForgotForm()
    if form.carry_out(lambda: accounts.ask_reset(email=form.email.data, address=_address(), now=now())):
        if reach.has_mail():
            flash(
                _("If this address has an account, a message with a link is on its way. The link works for 2 hours."),
                "success",
            )
        else:
            flash(_("No mail server is set up, so no link can be sent. Ask an administrator of your office for one."))
        return see_other(url_for("account.sign_in"))
    return render_template("account/forgot.html", form=form, has_mail=reach.has_mail()), form.status


@account.route(f"{accounts.PASSWORD_PATH}<secret>", methods=["GET", "POST"])
@public
def reset(secret: str) -> Answer:
    """Set a password by a link from an invitation or a reset message."""
    user = accounts.find_password_link(secret, now=now())
    email, is_new = user.email, user.password_hash is None
    form = NewPasswordForm()
    if form.carry_out(lambda: accounts.reset_password(secret=secret, new=form.password.data, now=now())):
        return _enter(form.result, None, _("Your password has been set."))
    return render_template("account/reset.html", form=form, email=email, is_new=is_new), form.status


@account.route("/account", methods=["GET", "POST"])
@signed_in
def index() -> Answer:
    """One's own profile and posts."""
    user = db.session.get_one(User, current_user.user_id)
    form = ProfileForm(obj=user)
    if form.carry_out(
        lambda: accounts.edit_profile(
            actor=current_actor(),
            full_name=form.full_name.data,
            job_title=form.job_title.data,
            phone=form.phone.data,
            now=now(),
        )
    ):
        flash(_("Your details have been saved."), "success")
        return see_other(url_for("account.index"))
    page = render_template("account/index.html", form=form, user=user, posts=people.posts_of(user.id, on=today()))
    return page, form.status


@account.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> Answer:
    """Change one's own password."""
    form = ChangePasswordForm()
    user_id = current_user.user_id
    if form.carry_out(
        lambda: accounts.change_password(user_id=user_id, current=form.current.data, new=form.password.data, now=now())
    ):
        message = _("Your password has been changed. Other devices must sign in again.")
        return _enter(user_id, url_for("account.index"), message)
    return render_template("account/password.html", form=form), form.status
