"""People: list, one person with posts, closing an account, delegations of others."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from taskflow.clock import now, today
from taskflow.domain.permissions import Permission, Role
from taskflow.extensions import db
from taskflow.i18n import _, format_datetime
from taskflow.services import delegations as delegation_service
from taskflow.services import people as service
from taskflow.services import reach
from taskflow.services.queries import delegations as delegation_queries
from taskflow.services.queries import people as queries
from taskflow.services.queries.units import unit_choices
from taskflow.web.addresses import row_number
from taskflow.web.admin.blueprint import Answer, admin, page_number
from taskflow.web.admin.people_forms import DelegationForm, NewPersonForm, PersonForm, PostForm, role_choices
from taskflow.web.forms import BaseForm
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

#: Two forms stand on one page; the fields of the second begin so.
_POST = "post-"


@admin.get("/people")
@requires(Permission.ADMIN_USER_EDIT)
def people() -> Answer:
    """All people, or those found."""
    filters: dict[str, Any] = {
        "q": request.args.get("q", ""),
        "unit_id": request.args.get("unit", type=row_number),
        "role": next((role for role in Role if role == request.args.get("role")), None),
        "state": request.args.get("state", "") or "active",
    }
    found = queries.list_people(**filters, page=page_number(), on=today())
    return render_template(
        "admin/people/index.html",
        found=found,
        filters=filters,
        units=unit_choices(),
        roles=role_choices(),
        per_page=queries.PER_PAGE,
    )


@admin.route("/people/new", methods=["GET", "POST"])
@requires(Permission.ADMIN_USER_EDIT)
def person_new() -> Answer:
    """Add a person."""
    form = NewPersonForm(unit_id=request.args.get("unit", type=row_number))
    if form.carry_out(
        lambda: service.create_user(
            actor=current_actor(),
            values=form.values(),
            unit_id=form.unit_id.data,
            role=form.role.data,
            invite=form.invite.data and reach.has_mail(),
            now=now(),
        )
    ):
        flash(
            _("The person has been added; the invitation is on its way.")
            if form.invite.data and reach.has_mail()
            else _("The person has been added. They can sign in once you have invited them."),
            "success",
        )
        return see_other(url_for("admin.person", user_id=form.result))
    return render_template("admin/people/new.html", form=form), form.status


@admin.route("/people/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.ADMIN_USER_EDIT)
def person(user_id: int) -> Answer:
    """One person."""
    form = PersonForm(obj=service.get_user(db.session(), user_id))
    if form.carry_out(
        lambda: service.edit_user(
            actor=current_actor(),
            user_id=user_id,
            values=form.values(),
            expected_version=form.version.data or 0,
            now=now(),
        )
    ):
        flash(_("The person has been saved."), "success")
        return see_other(url_for("admin.person", user_id=user_id))
    return _person_page(user_id, form, PostForm(formdata=None, prefix=_POST)), form.status


@admin.post("/people/<int:user_id>/posts")
@requires(Permission.ADMIN_USER_EDIT)
def post_set(user_id: int) -> Answer:
    """Give a role in a unit, or change its dates."""
    form = PostForm(prefix=_POST)
    if form.carry_out(
        lambda: service.set_post(
            actor=current_actor(),
            user_id=user_id,
            unit_id=form.unit_id.data,
            role=form.role.data,
            valid_from=form.valid_from.data,
            valid_to=form.valid_to.data,
            on=today(),
            now=now(),
        )
    ):
        flash(_("The role has been saved."), "success")
        _warn_of_tasks(user_id)
        return see_other(url_for("admin.person", user_id=user_id, _anchor="posts"))
    user = service.get_user(db.session(), user_id)
    return _person_page(user_id, PersonForm(formdata=None, obj=user), form), form.status


@admin.post("/people/<int:user_id>/posts/<int:post_id>/remove")
@requires(Permission.ADMIN_USER_EDIT)
def post_remove(user_id: int, post_id: int) -> Response:
    """Take away a post given by mistake."""
    service.remove_post(actor=current_actor(), user_id=user_id, post_id=post_id, on=today(), now=now())
    flash(_("The role has been removed."), "success")
    _warn_of_tasks(user_id)
    return see_other(url_for("admin.person", user_id=user_id, _anchor="posts"))


@admin.post("/people/<int:user_id>/invite")
@requires(Permission.ADMIN_USER_EDIT)
def person_invite(user_id: int) -> Answer:
    """Send the link for a password; without a mail server show it, once."""
    if not reach.has_mail():
        shown = service.show_password_link(actor=current_actor(), user_id=user_id, now=now())
        return render_template(
            "admin/people/link.html",
            link=shown.link,
            name=shown.name,
            until=format_datetime(shown.expires_at),
            user_id=user_id,
        ), 200
    service.send_invitation(actor=current_actor(), user_id=user_id, now=now())
    flash(_("The message with the link is on its way. Its fate stands on the page of messages."), "success")
    return see_other(url_for("admin.person", user_id=user_id))


@admin.route("/people/<int:user_id>/close", methods=["GET", "POST"])
@requires(Permission.ADMIN_USER_EDIT)
def person_close(user_id: int) -> Answer:
    """Close an account, having seen what the person still has open."""
    user = service.get_user(db.session(), user_id)
    name, version = user.full_name, request.form.get("version", user.version, type=row_number)
    form = BaseForm()
    if form.carry_out(
        lambda: service.deactivate(
            actor=current_actor(), user_id=user_id, expected_version=version, on=today(), now=now()
        )
    ):
        flash(_("The account of %(name)s has been closed.", name=name), "success")
        return see_other(url_for("admin.person", user_id=user_id))
    tasks, total = queries.open_tasks_of(user_id)
    page = render_template(
        "admin/people/close.html", form=form, user_id=user_id, name=name, version=version, tasks=tasks, total=total
    )
    return page, form.status


@admin.post("/people/<int:user_id>/open")
@requires(Permission.ADMIN_USER_EDIT)
def person_open(user_id: int) -> Response:
    """Open a closed account again."""
    service.activate(actor=current_actor(), user_id=user_id, now=now())
    flash(_("The account is open again."), "success")
    return see_other(url_for("admin.person", user_id=user_id))


@admin.route("/delegations", methods=["GET", "POST"])
@requires(Permission.ADMIN_USER_EDIT)
def delegations() -> Answer:
    """Who stands in for whom, for all people."""
    form = DelegationForm(units=unit_choices(), on=today(), principal_id=request.args.get("for", type=row_number))
    if form.carry_out(
        lambda: delegation_service.delegate(
            actor=current_actor(),
            principal_id=form.principal_id.data,
            delegate_id=form.delegate_id.data,
            unit_id=form.unit_id.data,
            **form.days(),
            reason=form.reason.data or "",
            today=today(),
            now=now(),
        )
    ):
        flash(_("The delegation has been saved."), "success")
        return see_other(url_for("admin.delegations"))
    page = page_number()
    rows, has_next = delegation_queries.list_delegations(page=page, on=today())
    per_page = delegation_queries.PER_PAGE
    html = render_template(
        "admin/people/delegations.html", form=form, rows=rows, page=page, per_page=per_page, has_next=has_next
    )
    return html, form.status


@admin.post("/delegations/<int:delegation_id>/revoke")
@requires(Permission.ADMIN_USER_EDIT)
def delegation_revoke(delegation_id: int) -> Response:
    """End a delegation at once."""
    delegation_service.revoke(actor=current_actor(), delegation_id=delegation_id, now=now())
    flash(_("The delegation has ended."), "success")
    return see_other(url_for("admin.delegations"))


def _warn_of_tasks(user_id: int) -> None:
    """Say what a person who has left a unit is still in charge of there: nobody else would notice."""
    number = queries.left_behind(user_id, on=today())
    if number:
        flash(
            _(
                "This person is still in charge of %(number)s open tasks of units in which they have no role any more. "
                "Name somebody else for them.",
                number=number,
            ),
            "warning",
        )


def _person_page(user_id: int, form: PersonForm, post_form: PostForm) -> str:
    user = service.get_user(db.session(), user_id)
    rows, _more = delegation_queries.list_delegations(user_id=user_id, on=today())
    return render_template(
        "admin/people/person.html",
        user=user,
        form=form,
        post_form=post_form,
        posts=queries.posts_of(user_id, on=today()),
        delegations=[row for row in rows if row.state in ("running", "planned")],
        open_tasks=queries.open_tasks_of(user_id)[1],
    )
