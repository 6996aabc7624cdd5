"""One row of the review: the source beside the values, every field can be put right, also for all equal cells."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from taskflow.clock import now
from taskflow.i18n import _, _l, format_date
from taskflow.models.document import ImportJob, ImportRow
from taskflow.services.imports import editing, queries
from taskflow.services.imports.access import get_row
from taskflow.services.imports.checks import is_doubtful, issued_on
from taskflow.services.imports.editing import DeadlineEdit, RowEdit
from taskflow.services.imports.edits import seen
from taskflow.services.imports.values import deadline_of
from taskflow.services.queries.units import unit_choices
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.name_lines import name_lines, sent_names, sent_version
from taskflow.web.imports.rows import row_values
from taskflow.web.imports.view_models import IMPORT, frame, reviewed
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.tasks.forms import box, line

FIELDS = ("leads", "coordinators")


class RowForm(BaseForm):
    """The values of a row; its names are sent beside it (``_names``)."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    content = box(_l("Content"), rows=3)
    tt = line(_l("No."), most=64)
    group = line(_l("Group of tasks"), most=1000)
    product = box(_l("Product"), rows=2)
    note = box(_l("Note"), rows=2)
    deadline_text = line(_l("Deadline as written"), most=500)
    way = RadioField(_l("What it means"), validators=[Optional()])
    due = DayField(_l("Due on"), validators=[Optional()])
    start = DayField(_l("From"), validators=[Optional()])
    exclusive = BooleanField(_l("“before”: the day named is the limit"))


@imports.route("/<int:job_id>/rows/<int:row_id>", methods=["GET", "POST"])
@requires(IMPORT)
def row(job_id: int, row_id: int) -> Response:
    """The form of a row: as a page, or as a line of the table that htmx puts in its place."""
    job = reviewed(job_id)
    found = get_row(job, row_id)
    form = _form(job, found)
    if form.carry_out(lambda: _save(job, found, form)):
        return _saved(job, found, form.result)
    if form.status == 409:
        found = get_row(job, row_id)
        form.version.raw_data, form.version.data = None, found.version
        _take_over(form, found)
    inline = bool(request.headers.get("HX-Request"))
    values = {
        "form": form,
        "row": found,
        "inline": inline,
        "doubtful": is_doubtful(found, issued_on(job)),
        "deadline": deadline_of(found.deadline),
        "name_lines": {field: name_lines(found, field, sent=form.status in (409, 422)) for field in FIELDS},
        "equal": queries.equal_cells(job, found) if not found.change else {},
        "unit_options": unit_choices(),
        "group_options": queries.group_options(),
        **row_values(job, [found]),
    }
    if inline:
        return make_response(render_template("imports/_row_form.html", **values), form.status)
    return make_response(render_template("imports/row.html", **{**values, **frame(job)}), form.status)


@imports.get("/<int:job_id>/rows/<int:row_id>/line")
@requires(IMPORT)
def row_line(job_id: int, row_id: int) -> str:
    """A row as it stands in the table: what htmx shows again when the form is left."""
    job = reviewed(job_id)
    found = get_row(job, row_id)
    return render_template("imports/_row.html", row=found, **row_values(job, [found]))


def _form(job: ImportJob, found: ImportRow) -> RowForm:
    deadline = deadline_of(found.deadline)
    form = RowForm(
        data={
            "version": found.version,
            "content": found.content,
            "tt": found.tt,
            "group": found.group,
            "product": found.product,
            "note": found.note,
            "deadline_text": deadline.text,
            "due": deadline.due or deadline.suggested_due,
            "start": deadline.start,
            "exclusive": deadline.exclusive,
            "way": "" if is_doubtful(found, issued_on(job)) or not found.deadline.get("decision") else "keep",
        }
    )
    form.way.choices = [SelectChoice(value, label) for value, label in _ways(found)]
    return form


def _take_over(form: RowForm, found: ImportRow) -> None:
    """Where only the other reviewer changed a text, theirs holds; what was typed here stays, with theirs beside it."""
    for name in ("content", "tt", "group", "product", "note"):
        field = form[name]
        if field.data == seen(found, name, sent_version()):
            field.data, field.description = getattr(found, name), ""


def _ways(found: ImportRow) -> list[tuple[str, str]]:
    """How the deadline can be settled; what does not fit this one is not offered."""
    deadline = deadline_of(found.deadline)
    ways = [("", _("as it stands now"))] if not found.deadline.get("decision") else [("keep", _("as it stands now"))]
    if deadline.kind.value not in ("unknown", "none"):
        ways.append(("read", _("right as it was understood")))
    if deadline.suggested_due is not None:
        ways.append(("suggested", _("the suggested day: %(day)s", day=format_date(deadline.suggested_due))))
    return [
        *ways,
        ("date", _("the day given below")),
        ("continuous", _("continuous work without a date")),
        ("conditional", _("waits for an event")),
        ("later", _("assign now, set the deadline later")),
    ]


def _save(job: ImportJob, found: ImportRow, form: RowForm) -> int:
    way = form.way.data or None
    accept = None
    if found.change:
        accept = tuple(request.form.getlist("accept"))
    return editing.edit_row(
        job.id,
        found.id,
        RowEdit(
            content=form.content.data or "",
            leads=sent_names("leads"),
            coordinators=sent_names("coordinators"),
            deadline=DeadlineEdit(
                form.deadline_text.data or "",
                None if way == "keep" else way,
                due=form.due.data,
                start=form.start.data,
                exclusive=bool(form.exclusive.data),
            ),
            tt=form.tt.data or "",
            group=form.group.data or "",
            product=form.product.data or "",
            note=form.note.data or "",
            accept=accept,
            equal=frozenset(request.form.getlist("equal")),
        ),
        actor=current_actor(),
        now=now(),
        expected_version=form.version.data,
    )


def _saved(job: ImportJob, found: ImportRow, changed: int) -> Response:
    """Back to the rows, or on to the next one that is undecided; to htmx the fresh line."""
    text = _("Saved.") if changed < 2 else _("Saved, for %(count)s rows.", count=changed)
    if request.headers.get("HX-Request"):
        if changed > 1:
            return Response("", 204, {"HX-Refresh": "true"})
        line_again = render_template("imports/_row.html", row=get_row(job, found.id), **row_values(job, [found]))
        told = json.dumps({"toast": {"category": "success", "message": text}, "rows-changed": True})
        return make_response(line_again, 200, {"HX-Trigger": told})
    flash(text, "success")
    shown: dict[str, Any] = {"shown": request.args["shown"]} if request.args.get("shown") else {}
    if request.form.get("next"):
        following = queries.next_undecided(job, found.position)
        if following is not None and following != found.id:
            return see_other(url_for("imports.row", job_id=job.id, row_id=following, **shown))
    return see_other(url_for("imports.rows", job_id=job.id, _anchor=f"row-{found.id}", **shown))
