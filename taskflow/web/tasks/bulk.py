"""One action on many tasks: values, preview, doing it, the result with undo. Nothing is kept between the steps but
what the form carries, so that two windows do not disturb each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from taskflow.clock import now, today
from taskflow.domain.errors import DomainError, Invalid, NotAllowed, NotFound
from taskflow.domain.permissions import Actor, Permission, offices_of, units_of
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import TaskFilter
from taskflow.i18n import _, _l, error_sentence
from taskflow.services import bulk
from taskflow.services.bulk import BulkKind, BulkRequest
from taskflow.services.bulk_actions import MOST_TASKS, new_date
from taskflow.services.queries.bulk_results import bulk_facts, bulk_result
from taskflow.services.queries.people import people_choices
from taskflow.services.queries.scope import own_work
from taskflow.services.queries.task_list import list_tasks
from taskflow.services.queries.units import unit_choices
from taskflow.web.errors import status_of
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, choices, optional_int
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.submissions import once
from taskflow.web.tasks import tasks
from taskflow.web.tasks.came_from import own_list, way_back
from taskflow.web.tasks.forms import CHANNELS, UrgeWords, box, line

Answer = str | Response


class BulkForm(BaseForm):
    """What travels from step to step: the kind of action and the tasks."""

    kind = HiddenField()
    ids = HiddenField()

    def to_request(self, kind: BulkKind) -> BulkRequest:
        """The action with its values."""
        return BulkRequest(kind=kind)


class RemarkForm(BulkForm):
    """Steps: a remark, needed for collective tasks whose units have not all finished."""

    reason = box(_l("Remark"), rows=2)

    def to_request(self, kind: BulkKind) -> BulkRequest:
        """The action with its values."""
        return BulkRequest(kind=kind, reason=self.reason.data or "")


class BulkPersonForm(BulkForm):
    """Whom to put in charge."""

    person_id = SelectField(_l("Person in charge"), coerce=optional_int, validators=[Optional()])

    def to_request(self, kind: BulkKind) -> BulkRequest:
        """The action with its values."""
        return BulkRequest(kind=kind, person_id=self.person_id.data)


class BulkDateForm(BulkForm):
    """One date for all, or each one's own date moved by days."""

    due_on = DayField(_l("New deadline for all"), validators=[Optional()])
    shift_days = IntegerField(
        _l("Or move each deadline by this many days"), validators=[Optional(), NumberRange(-3650, 3650)]
    )
    decision_number = line(_l("Number of the decision"), most=100)
    reason = box(_l("Reason"), required=True, rows=2)

    def to_request(self, kind: BulkKind) -> BulkRequest:
        """The action with its values."""
        return BulkRequest(
            kind=kind,
            due_on=self.due_on.data,
            shift_days=self.shift_days.data or 0,
            decision_number=self.decision_number.data or "",
            reason=self.reason.data or "",
        )


class BulkTagForm(BulkForm):
    """Tags to put on and to take off."""

    add_tags = StringField(
        _l("Add tags"), validators=[Optional(), Length(max=300)], description=_l("With commas between them.")
    )
    remove_tags = StringField(_l("Remove tags"), validators=[Optional(), Length(max=300)])

    def to_request(self, kind: BulkKind) -> BulkRequest:
        """The action with its values."""
        return BulkRequest(kind=kind, add_tags=_words(self.add_tags.data), remove_tags=_words(self.remove_tags.data))


class BulkUnitForm(BulkForm):
    """Where the tasks go."""

    unit_id = SelectField(_l("New lead unit"), coerce=optional_int, validators=[InputRequired()])
    reason = box(_l("Reason"), required=True, rows=2)

    def to_request(self, kind: BulkKind) -> BulkRequest:
        """The action with its values."""
        return BulkRequest(kind=kind, unit_id=self.unit_id.data, reason=self.reason.data or "")


class BulkUrgeForm(UrgeWords, BulkForm):
    """The urging that each unit gets about all of its tasks."""

    channel = RadioField(_l("How the unit is urged"), choices=list(CHANNELS), default="email")
    reply_due_on = DayField(_l("Answer by"), validators=[Optional()])

    def to_request(self, kind: BulkKind) -> BulkRequest:
        """The action with its values."""
        return BulkRequest(
            kind=kind,
            text=self.words(),
            channel=self.channel.data or "",
            reply_due_on=self.reply_due_on.data,
        )


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for word in (text or "").split(",") if word.strip())


@dataclass(frozen=True, slots=True)
class BulkAction:
    """One kind as the pages offer it."""

    label: Any
    icon: str
    form: type[BulkForm]
    permission: Permission


ACTIONS: dict[BulkKind, BulkAction] = {
    BulkKind.CONFIRM: BulkAction(
        _l("Confirm completion"),
        "check-circle",
        RemarkForm,
        Permission.TASK_CONFIRM,
    ),
    BulkKind.URGE: BulkAction(
        _l("Urge"),
        "megaphone",
        BulkUrgeForm,
        Permission.TASK_URGE,
    ),
    BulkKind.ASSIGN_PERSON: BulkAction(
        _l("Put somebody in charge"),
        "person-plus",
        BulkPersonForm,
        Permission.TASK_ASSIGN_PERSON,
    ),
    BulkKind.ACKNOWLEDGE: BulkAction(
        _l("Acknowledge receipt"),
        "check2",
        BulkForm,
        Permission.TASK_ACKNOWLEDGE,
    ),
    BulkKind.MOVE_DATE: BulkAction(
        _l("Move deadlines by decision"),
        "calendar-range",
        BulkDateForm,
        Permission.TASK_EDIT,
    ),
    BulkKind.TAG: BulkAction(_l("Tags"), "tag", BulkTagForm, Permission.TASK_EDIT),
    BulkKind.TRANSFER: BulkAction(
        _l("Move to another unit"),
        "arrow-left-right",
        BulkUnitForm,
        Permission.TASK_TRANSFER,
    ),
}
_OF_UNITS = (BulkKind.ASSIGN_PERSON, BulkKind.ACKNOWLEDGE)


def bulk_actions(actor: Actor) -> list[tuple[BulkKind, BulkAction]]:
    """What the list offers for ticked rows: of an office by its rights, of a unit what units do."""
    return [
        (kind, action)
        for kind, action in ACTIONS.items()
        if offices_of(actor, action.permission) or (kind in _OF_UNITS and units_of(actor))
    ]


@tasks.post("/bulk")
@signed_in
def bulk_act() -> Answer:
    """The steps of a bulk action: ``step`` is empty (ask for values), "preview" or "run"."""
    actor = current_actor()
    kind = _kind()
    action = ACTIONS[kind]
    step = request.form.get("step", "")
    form = action.form() if step else action.form(formdata=None)
    ids = _chosen(actor)
    picked = _picked(ids) if step == "run" else set(ids)
    form.kind.data, form.ids.data = kind.value, ",".join(map(str, ids))
    _prepare(form, actor)
    asks = any(field.type not in ("HiddenField", "CSRFTokenField") for field in form)
    if not ids:
        flash(_("No task is ticked. Tick rows of the list first."), "warning")
        return see_other(way_back(actor)[1])
    if asks and (not step or not form.validate()):
        return _ask(action, form, ids, 422 if step else 200)
    wanted = form.to_request(kind)
    try:
        if step == "run" and picked:
            return _run(wanted, sorted(picked), actor)
        found = bulk.preview(wanted, ids, actor=actor, now=now())
    except (NotFound, NotAllowed):
        raise
    except DomainError as error:
        form.refuse(error)
        return _ask(action, form, ids, status_of(error))
    reasons: dict[str, list[str]] = {}
    for one in found.refused:
        reasons.setdefault(error_sentence(one.error), []).append(one.code)
    moves = {task.id: new_date(wanted, task) for task in found.ready} if kind is BulkKind.MOVE_DATE else {}
    return render_template(
        "tasks/bulk_preview.html",
        action=action,
        form=form,
        found=found,
        reasons=reasons,
        values=[(label, words) for label, words in _values(form) if words],
        moves=moves,
        details=bulk_facts(found.ready),
        picked=picked,
        way_back=way_back(actor),
    )


@tasks.post("/mine/acknowledge")
@signed_in
def acknowledge_all() -> Response:
    """Acknowledge every new task of one's own units at once, and stay on their list."""
    actor = current_actor()
    new = TaskFilter(state=TaskState.ASSIGNED)
    page = list_tasks(actor, new, page_size=MOST_TASKS, among=own_work(actor, units_of(actor)))
    if page.rows:
        wanted = BulkRequest(kind=BulkKind.ACKNOWLEDGE)
        _tell(bulk.run(wanted, [row.id for row in page.rows], actor=actor, now=now()))
    return see_other(own_list())


@tasks.get("/bulk/<int:operation_id>")
@signed_in
def bulk_done(operation_id: int) -> str:
    """What one's bulk action has changed, with undo where that is safe."""
    result = bulk_result(current_actor(), operation_id)
    return render_template(
        "tasks/bulk_result.html", result=result, action=ACTIONS[result.kind], way_back=way_back(current_actor())
    )


@tasks.post("/bulk/<int:operation_id>/undo")
@signed_in
def bulk_undo(operation_id: int) -> Response:
    """Put back what the action changed, except where somebody has changed it again."""
    back, stayed = bulk.undo(operation_id=operation_id, actor=current_actor(), now=now())
    flash(_("%(count)s tasks are as they were before.", count=len(back)), "success")
    if stayed:
        flash(_("%(count)s tasks stay, because they have been changed again since.", count=len(stayed)), "warning")
    return see_other(url_for("tasks.bulk_done", operation_id=operation_id))


def _kind() -> BulkKind:
    try:
        return BulkKind(request.form.get("kind", ""))
    except ValueError as error:
        raise Invalid("filter.invalid", "kind", value=request.form.get("kind", "")) from error


def _chosen(actor: Actor) -> list[int]:
    """The ticked tasks; with ``all`` every task of the filtered list from which the form came."""
    if request.form.get("all") == "1" and not request.form.get("ids"):
        query = {key: value for key, value in request.form.items() if key.startswith("filter-")}
        wanted = TaskFilter.from_query({key.removeprefix("filter-"): value for key, value in query.items()})
        page = list_tasks(actor, replace(wanted, page=1), page_size=MOST_TASKS)
        return [row.id for row in page.rows]
    sent = request.form.get("ids") or ",".join(request.form.getlist("task"))
    return sorted({int(part) for part in sent.split(",") if part.isdecimal() and len(part) < 10})


def _picked(ids: list[int]) -> set[int]:
    """The tasks that are still ticked on the preview."""
    ticked = {int(part) for part in request.form.getlist("task") if part.isdecimal() and len(part) < 10}
    return ticked & set(ids)


def _prepare(form: BulkForm, actor: Actor) -> None:
    if isinstance(form, BulkPersonForm):
        units = None if offices_of(actor, Permission.TASK_ASSIGN_PERSON) else units_of(actor)
        form.person_id.choices = choices(people_choices(unit_ids=units, on=today()), blank=_("Nobody yet"))
    if isinstance(form, BulkUnitForm):
        form.unit_id.choices = choices(unit_choices(), blank=_("Please choose"))


def _values(form: BulkForm) -> list[tuple[str, str]]:
    """What was chosen, in words, to be read once more before it is done."""
    found = []
    for field in form:
        if field.type in ("HiddenField", "CSRFTokenField"):
            continue
        words = str(field._value()) if hasattr(field, "_value") else ""
        if isinstance(field, SelectField):
            chosen = "" if field.data is None else str(field.data)
            words = next((str(one.label) for one in field.choices or () if str(one.value) == chosen), "")
        found.append((str(field.label.text), words))
    return found


def _ask(action: BulkAction, form: BulkForm, ids: list[int], status: int) -> Response:
    back = way_back(current_actor())
    return make_response(
        render_template("tasks/bulk_form.html", action=action, form=form, count=len(ids), way_back=back), status
    )


def _run(wanted: BulkRequest, ids: list[int], actor: Actor) -> Response:
    with once():
        outcome = bulk.run(wanted, ids, actor=actor, now=now())
    _tell(outcome)
    return see_other(url_for("tasks.bulk_done", operation_id=outcome.operation.id))


def _tell(outcome: bulk.Outcome) -> None:
    if outcome.done:
        flash(_("Done for %(count)s tasks.", count=len(outcome.done)), "success")
    if outcome.refused:
        flash(
            _(
                "%(count)s tasks were left out: %(codes)s.",
                count=len(outcome.refused),
                codes=", ".join(one.code for one in outcome.refused[:10]),
            ),
            "warning",
        )
