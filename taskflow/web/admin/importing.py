"""Units, groups and people from one workbook: template, preview, import."""

from __future__ import annotations

from typing import Any

from flask import Response as FlaskResponse
from flask import flash, render_template, url_for
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SubmitField

from taskflow.clock import now
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, _l
from taskflow.services.organisation_sheets import template
from taskflow.services.people_import import import_organisation
from taskflow.web.admin.blueprint import Answer, admin
from taskflow.web.forms import BaseForm
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PeopleImportForm(BaseForm):
    """The filled workbook."""

    file = FileField(_l("Filled Excel file"), [FileRequired(message=_l("Please choose the filled Excel file."))])
    invite = BooleanField(_l("Send an invitation by e-mail to every new person"))
    check = SubmitField(_l("Check only"))


@admin.route("/import", methods=["GET", "POST"])
@requires(Permission.ADMIN_USER_EDIT)
def people_import() -> Answer:
    """Check a workbook, or bring it in."""
    form = PeopleImportForm()
    dry_run = bool(form.check.data)
    if form.carry_out(lambda: _run(form, dry_run=dry_run)):
        outcome = form.result
        if not outcome.problems and not dry_run:
            flash(
                _(
                    "Brought in: %(units)s units, %(groups)s groups, %(people)s people, %(posts)s roles; "
                    "changed: %(changed)s.",
                    units=outcome.units_new,
                    groups=outcome.groups_new,
                    people=outcome.people_new,
                    posts=outcome.posts_new,
                    changed=outcome.units_changed + outcome.groups_changed + outcome.people_changed,
                ),
                "success",
            )
            return see_other(url_for("admin.people_import"))
        form.status = 422 if outcome.problems else 200
    return render_template("admin/import.html", form=form, outcome=form.result, dry_run=dry_run), form.status


@admin.get("/import/template.xlsx")
@requires(Permission.ADMIN_USER_EDIT)
def people_template() -> FlaskResponse:
    """The workbook to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="don-vi-va-nguoi-dung.xlsx"'}
    return FlaskResponse(template(), mimetype=XLSX, headers=headers)


def _run(form: PeopleImportForm, *, dry_run: bool) -> Any:
    upload = form.file.data
    return import_organisation(
        actor=current_actor(),
        data=upload.read(),
        filename=upload.filename or "",
        invite=form.invite.data,
        dry_run=dry_run,
        now=now(),
    )
