"""Assigning a task by hand, without an import: the deadline is typed as documents write it and read like theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, make_response, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from taskflow.clock import now, today
from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Permission, offices_of
from taskflow.i18n import _, _l, format_date
from taskflow.models.task import Priority, Series, Task
from taskflow.services import wording
from taskflow.services.comments import clean_tags
from taskflow.services.queries.choices import document_date, filter_choices
from taskflow.services.queries.units import unit_choices
from taskflow.services.series import MOST_LEAD_DAYS, SeriesOrigin, SeriesText, create_series, next_due
from taskflow.services.tasks import CoordinationRequest, NewTask, create_task
from taskflow.services.unit_of_work import unit_of_work
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices, optional_int
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.tasks import tasks
from taskflow.web.tasks.forms import PRIORITIES, box, line

Answer = str | Response


class NewTaskForm(BaseForm):
    """A task as one would write it into an annex."""

    office_unit_id = SelectField(_l("Coordinating office"), coerce=optional_int, validators=[InputRequired()])
    content = box(_l("Content"), required=True)
    lead_unit_ids = MultiCheckboxField(_l("Lead unit"), coerce=int)
    deadline_text = line(
        _l("Deadline"),
        most=500,
        description=_l(
            "As documents write it: 30/11/2026, before 15 December, quarter IV/2026, continuous, every quarter …"
        ),
    )
    starts_on = DayField(_l("First period from"), validators=[Optional()])
    until_on = DayField(_l("Until"), validators=[Optional()])
    lead_days = IntegerField(
        _l("Appears this many days before"),
        validators=[Optional(), NumberRange(0, MOST_LEAD_DAYS)],
        description=_l("Empty: as the office has set it, never longer than one period."),
    )
    undecided = BooleanField(_l("Assign now, set the deadline later"))
    product = box(_l("Product"), rows=2)
    coordinator_ids = MultiCheckboxField(_l("Coordinating units"), coerce=int)
    request = box(_l("What is asked of the coordinating units"), rows=2)
    request_due_on = DayField(_l("Answer by"), validators=[Optional()])
    document_id = SelectField(_l("Document"), coerce=optional_int, validators=[Optional()])
    priority = SelectField(_l("Urgency"), choices=list(PRIORITIES))
    tags = line(_l("Tags"), description=_l("With commas between them."))
    note = box(_l("Note"), rows=2)


#: Fields that say something of repeated work only.
_REPEATED = ("starts_on", "until_on", "lead_days")


@dataclass(frozen=True, slots=True)
class Made:
    """What came of the form: a task, repeated work, or both."""

    task: Task | None
    series: Series | None


@tasks.route("/new", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_IMPORT)
def create() -> Answer:
    """Assign a task by hand."""
    actor = current_actor()
    form = NewTaskForm()
    units = unit_choices()
    offices = offices_of(actor, Permission.DOCUMENT_IMPORT)
    form.lead_unit_ids.choices = choices(units)
    form.coordinator_ids.choices = choices(units)
    form.document_id.choices = choices(filter_choices(actor).documents, blank=_("without a document"))
    form.office_unit_id.choices = choices(pair for pair in units if pair[0] in offices)
    if not form.is_submitted():
        form.office_unit_id.data = min(offices)
    if form.carry_out(lambda: _make(form)):
        made: Made = form.result
        if made.task is None:
            assert made.series is not None  # noqa: S101 - one of the two was made
            due = next_due(made.series)
            flash(
                _("The repeated work has been set up; its next period is due on %(day)s.", day=format_date(due)),
                "success",
            )
            return see_other(url_for("series.detail", series_id=made.series.id))
        flash(_("The task %(code)s has been assigned and the units are told.", code=made.task.code), "success")
        return see_other(url_for("tasks.detail", task_id=made.task.id))
    return make_response(render_template("tasks/new.html", form=form), form.status)


def _make(form: NewTaskForm) -> Made:
    """Raises ``Invalid`` on the deadline's field when it is not clear and nobody said that it may wait."""
    issued_on = document_date(current_actor(), form.document_id.data) if form.document_id.data else None
    deadline = _deadline(form, issued_on or today())
    if not deadline.rule:
        for name in _REPEATED:
            if form[name].data is not None:
                raise Invalid("series.not_repeated", name)
    with unit_of_work():
        series = _series(form, deadline) if deadline.rule else None
        single = deadline.kind is not DeadlineKind.RECURRING
        return Made(_task(form, deadline) if single else None, series)


def _deadline(form: NewTaskForm, issued_on: date) -> Deadline:
    text = form.deadline_text.data or ""
    found = wording.read(text, issued_on)
    if not found.needs_confirmation and text:
        return found
    if form.undecided.data:
        return Deadline(text, DeadlineKind.UNKNOWN if text else DeadlineKind.NONE)
    if not text:
        raise Invalid("deadline.missing", "deadline_text")
    raise Invalid("deadline.doubtful", "deadline_text", explanation=found.explanation)


def _task(form: NewTaskForm, deadline: Deadline) -> Task:
    asked = tuple(
        CoordinationRequest(unit_id, request=form.request.data or "", due_on=form.request_due_on.data)
        for unit_id in form.coordinator_ids.data or ()
    )
    new = NewTask(
        office_unit_id=form.office_unit_id.data,
        content=form.content.data or "",
        lead_unit_ids=tuple(form.lead_unit_ids.data or ()),
        coordinators=asked,
        document_id=form.document_id.data,
        product=form.product.data or "",
        note=form.note.data or "",
        priority=Priority(form.priority.data or Priority.NORMAL),
        tags=tuple(clean_tags((form.tags.data or "").split(","))),
        kind=deadline.kind,
        deadline_text=deadline.text,
        start_on=deadline.start,
        due_on=deadline.due,
        exclusive=deadline.exclusive,
        deadline_confirmed=not form.undecided.data,
    )
    return create_task(new, actor=current_actor(), now=now())


def _series(form: NewTaskForm, deadline: Deadline) -> Series:
    text = SeriesText(
        content=form.content.data or "",
        lead_unit_ids=tuple(form.lead_unit_ids.data or ()),
        rule=deadline.rule or "",
        coordinator_unit_ids=tuple(form.coordinator_ids.data or ()),
        request=form.request.data or "",
        tags=tuple(clean_tags((form.tags.data or "").split(","))),
        product=form.product.data or "",
        note=form.note.data or "",
        deadline_text=deadline.text,
        exclusive=deadline.exclusive,
        until_on=form.until_on.data,
        lead_days=form.lead_days.data,
        priority=Priority(form.priority.data or Priority.NORMAL),
    )
    starts_on = form.starts_on.data or today()
    origin = SeriesOrigin(form.office_unit_id.data, starts_on=starts_on, document_id=form.document_id.data)
    return create_series(text, origin, actor=current_actor(), now=now())
