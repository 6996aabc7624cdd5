"""A person changes units: every open task they are in charge of is decided knowingly."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, render_template, request, url_for
from wtforms import SelectField
from wtforms.validators import InputRequired

from taskflow.clock import now, today
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Permission
from taskflow.extensions import db
from taskflow.i18n import _, _l
from taskflow.models.org import Unit
from taskflow.services.moving import move_person
from taskflow.services.people import get_user
from taskflow.services.queries.people import open_lines_of, open_tasks_of, people_choices, posts_of
from taskflow.services.queries.units import unit_choices
from taskflow.web.addresses import row_number
from taskflow.web.admin.blueprint import Answer, admin
from taskflow.web.admin.people_forms import as_role, role_choices
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, choices, optional_int
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

#: Tasks decided on one page; whoever is in charge of more hands some over first.
_MOST_TASKS = 500
#: What the select of a task says for "nobody yet".
_NOBODY = "nobody"


class MoveForm(BaseForm):
    """Where to, as what, from when. Who takes each task comes as ``task-<id>`` with the request."""

    to_unit_id = SelectField(_l("New unit"), [InputRequired()], coerce=optional_int)
    role = SelectField(_l("Role"), [InputRequired()], coerce=as_role)
    starts_on = DayField(_l("First day in the new unit"), [InputRequired()])

    def __init__(self, *args: Any, from_unit_id: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = [unit for unit in unit_choices() if unit[0] != from_unit_id]
        self.to_unit_id.choices = choices(units, blank=_("Choose a unit"))
        self.role.choices = choices(role_choices(), blank=_("Choose a role"))

    def first_day(self) -> date:
        """The day, given once the form is valid."""
        if self.starts_on.data is None:
            raise Invalid("calendar.day_missing", "starts_on")
        return self.starts_on.data


@admin.route("/people/<int:user_id>/move", methods=["GET", "POST"])
@requires(Permission.ADMIN_USER_EDIT)
def person_move(user_id: int) -> Answer:
    """Move a person from one of their units to another."""
    user = get_user(db.session(), user_id)
    name = user.full_name
    units = {post.unit_id: post.unit for post in posts_of(user_id, on=today()) if post.is_current}
    from_unit_id = request.args.get("from", next(iter(units), None), type=row_number)
    form = MoveForm(from_unit_id=from_unit_id)
    if from_unit_id is not None and form.carry_out(
        lambda: move_person(
            user_id=user_id,
            from_unit_id=from_unit_id,
            to_unit_id=form.to_unit_id.data,
            role=form.role.data,
            starts_on=form.first_day(),
            tasks=_decided("task-"),
            lines=_decided("line-"),
            actor=current_actor(),
            now=now(),
        )
    ):
        flash(_("%(name)s has been moved.", name=name), "success")
        return see_other(url_for("admin.person", user_id=user_id, _anchor="posts"))
    left = db.session.get(Unit, from_unit_id) if from_unit_id is not None else None
    tasks, total = open_tasks_of(user_id, unit=left, limit=_MOST_TASKS) if left is not None else ([], 0)
    lines = open_lines_of(user_id, left, limit=_MOST_TASKS) if left is not None else []
    colleagues = people_choices(unit_ids=frozenset({from_unit_id or 0}), on=today())
    page = render_template(
        "admin/people/move.html",
        form=form,
        user_id=user_id,
        name=name,
        units=units,
        from_unit_id=from_unit_id,
        tasks=tasks,
        lines=lines,
        total=total,
        colleagues=[person for person in colleagues if person[0] != user_id],
        nobody=_NOBODY,
    )
    return page, form.status


def _decided(prefix: str) -> dict[int, int | None]:
    """Who takes each task (or request) over, None for nobody yet; those without an answer are left out."""
    decided: dict[int, int | None] = {}
    for key, value in request.form.items():
        if key.startswith(prefix) and value:
            try:
                decided[row_number(key.removeprefix(prefix))] = None if value == _NOBODY else row_number(value)
            except ValueError:
                abort(400)
    return decided
