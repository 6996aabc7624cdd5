"""Who is signed in: Flask-Login's user and the ``Actor`` that services get.

A session carries the account's ``session_epoch``; raising it on the account ends all of its
sessions at their next request (new password, disabled account).
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, redirect, request, session, url_for
from flask_login import UserMixin, current_user

from taskflow.clock import today
from taskflow.domain.permissions import Actor
from taskflow.extensions import db, login_manager
from taskflow.models.org import User
from taskflow.services.actors import actor_of


class SignedInUser(UserMixin):
    """Flask-Login's view of a ``User``."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.id = f"{user.id}:{user.session_epoch}"

    @property
    def full_name(self) -> str:
        """The person's name."""
        return self.user.full_name

    @property
    def user_id(self) -> int:
        """The account's id."""
        return self.user.id


def init_session(app: Flask) -> None:
    """Bind Flask-Login."""
    login_manager.init_app(app)
    login_manager.user_loader(_load)


def _load(key: str) -> SignedInUser | None:
    number, _, epoch = key.partition(":")
    if not (number.isdecimal() and epoch.isdecimal()):
        return None
    user = db.session.get(User, int(number))
    if user is None or not user.is_active or user.session_epoch != int(epoch):
        return None
    session.permanent = True  # the lifetime slides with each request
    return SignedInUser(user)


def current_actor() -> Actor:
    """The signed-in person as an ``Actor``, worked out once per request."""
    if "actor" not in g:
        g.actor = actor_of(current_user.user_id, on=today())
    actor: Actor = g.actor
    return actor


def require_sign_in() -> Any | None:
    """None when somebody is signed in; else the answer to give (redirect, or 401 to a script)."""
    if current_user.is_authenticated:
        if current_user.user.must_change_password and request.endpoint not in ("account.password", "account.sign_out"):
            return redirect(url_for("account.password"))
        return None
    if request.method == "POST":
        from taskflow.web.submissions import hold_and_sign_in  # it knows the pages, which know who is signed in

        return hold_and_sign_in()
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for("account.sign_in")}
    return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
