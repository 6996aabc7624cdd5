"""Pages of the reminder rules, for an office, a document or a task."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, FieldList, FormField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from taskflow.clock import now
from taskflow.domain.errors import DomainError, Invalid
from taskflow.domain.permissions import Permission, has, offices_of
from taskflow.domain.reminder_words import sentence
from taskflow.domain.reminders import AT_ONCE, DATED, Recipient, ReminderEvent, Rule, definition_of, rule_from
from taskflow.extensions import db
from taskflow.i18n import _, _l, title_of
from taskflow.models.document import Document
from taskflow.models.org import Unit
from taskflow.models.task import Task
from taskflow.services.reminder_rules import RuleBook, Scope, check_scope, drop_rule, nearer_rules, save_rule
from taskflow.services.rule_preview import preview
from taskflow.web.addresses import row_number
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices
from taskflow.web.guards import signed_in
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.side_menu import admin_side

reminder_rules = Blueprint("reminder_rules", __name__, url_prefix="/reminder-rules")
reminder_rules.context_processor(admin_side)


class StepForm(BaseForm):
    """Who is told besides, and from when on; a row without a post is not used."""

    class Meta(BaseForm.Meta):
        """Its rule's form has the token."""

        csrf = False

    to = SelectField(_l("Tell besides"), default="")
    after_days = IntegerField(_l("from so many working days late"), [MayBeEmpty(), NumberRange(min=1, max=250)])
    after_urges = IntegerField(_l("or so many urgings"), [MayBeEmpty(), NumberRange(min=1, max=250)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.to.choices = choices(
            [(code.value, title_of(code)) for code in Recipient if code is not Recipient.REPORTER],
            blank=_("nobody else"),
        )


class RuleForm(BaseForm):
    """One rule: what happens at once has recipients only, what waits has no days before."""

    is_active = BooleanField(_l("Remind of this"))
    before = StringField(_l("Days before"), [Length(max=100)])
    after = StringField(_l("Days after"), [Length(max=100)])
    repeat_days = IntegerField(_l("Then every so many days"), [InputRequired(), NumberRange(min=0, max=366)])
    recipients = MultiCheckboxField(_l("Recipients"))
    escalations = FieldList(FormField(StepForm), _l("Tell besides"), min_entries=3, max_entries=6)

    def __init__(self, event: ReminderEvent, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if event not in DATED:
            del self.before
            if event not in AT_ONCE:
                self.after.label.text = _("Days of waiting")
        if event in AT_ONCE:
            del self.after, self.repeat_days, self.escalations
            self.is_active.label.text = _("Send a message of this")
        posts = [code for code in Recipient if code is not Recipient.REPORTER or event is ReminderEvent.RETURNED]
        self.recipients.choices = choices((code.value, title_of(code)) for code in posts)

    def rule(self, event: ReminderEvent) -> Rule:
        """The rule as typed. Raises ``Invalid``."""
        definition: dict[str, Any] = {"recipients": self.recipients.data or []}
        if event in DATED:
            definition["before"] = _days(self.before.data, "before")
        if event not in AT_ONCE:
            definition["after"] = _days(self.after.data, "after")
            definition["repeat_days"] = self.repeat_days.data or 0
            definition["escalations"] = [
                {"to": step.to.data, "after_days": step.after_days.data, "after_urges": step.after_urges.data}
                for step in (entry.form for entry in self.escalations)
                if step.to.data
            ]
        return rule_from(event, definition, is_active=bool(self.is_active.data))


def _days(text: str | None, field: str) -> list[int]:
    parts = (text or "").replace(",", " ").replace(";", " ").split()
    if not all(part.isdecimal() for part in parts):
        raise Invalid("reminder.days_out_of_bounds", field)
    return [int(part) for part in parts]


def _scope() -> Scope:
    """The level that the address names, the nearest of several; the whole installation without one."""
    for name in ("task", "document", "office"):
        number = request.args.get(name, type=row_number)
        if number is not None:
            return Scope(**{f"{name}_id": number})
    return Scope()


def _query(scope: Scope) -> dict[str, Any]:
    named = {"office": scope.office_id, "document": scope.document_id, "task": scope.task_id}
    return {name: value for name, value in named.items() if value is not None}


def _name(scope: Scope) -> str:
    if scope.task_id is not None:
        return str(db.session.get_one(Task, scope.task_id).code)
    if scope.document_id is not None:
        document = db.session.get_one(Document, scope.document_id)
        return str(document.number or document.title)
    if scope.office_id is not None:
        return str(db.session.get_one(Unit, scope.office_id).name)
    return str(_("all offices"))


def _rules(scope: Scope) -> dict[ReminderEvent, Rule]:
    """The rules that hold at this level now."""
    office, document = scope.office_id, scope.document_id
    if scope.task_id is not None:
        task = db.session.get_one(Task, scope.task_id)
        office, document = task.office_unit_id, task.document_id
    elif document is not None:
        office = db.session.get_one(Document, document).office_unit_id
    book = RuleBook.load(db.session())
    return dict(book.rules_for(office_id=office, document_id=document, task_id=scope.task_id))


@reminder_rules.get("/")
@signed_in
def index() -> str | Response:
    """Every rule of a level in one sentence, and which levels there are to edit."""
    actor = current_actor()
    scope = _scope()
    offices = offices_of(actor, Permission.TASK_EDIT)
    if scope == Scope() and not has(actor, Permission.ADMIN_SETTING_EDIT):
        if not offices:
            abort(403)
        return see_other(url_for("reminder_rules.index", office=min(offices)))
    check_scope(scope, actor=actor)
    own = RuleBook.load(db.session()).stored.get(scope, {})
    rules = _rules(scope)
    return render_template(
        "reminder_rules/index.html",
        scope_name=_name(scope),
        lines=[(title_of(event), sentence(rules[event]), event in own, event.value) for event in ReminderEvent],
        offices=[(unit.id, unit.name) for unit in (db.session.get_one(Unit, unit_id) for unit_id in sorted(offices))],
        nearer=[(name, url_for("reminder_rules.index", **_query(level))) for level, name in nearer_rules(scope)],
        is_general=scope == Scope(),
        query=_query(scope),
    )


@reminder_rules.route("/<event>", methods=["GET", "POST"])
@signed_in
def edit(event: str) -> str | Response:
    """Edit one rule; "preview" shows what it would have sent last month and stores nothing."""
    try:
        kind = ReminderEvent(event)
    except ValueError:
        abort(404)
    actor, scope = current_actor(), _scope()
    check_scope(scope, actor=actor)
    stored = _rules(scope)[kind]
    form = RuleForm(
        kind,
        is_active=stored.is_active,
        before=", ".join(map(str, stored.before)),
        after=", ".join(map(str, stored.after)),
        repeat_days=stored.repeat_days,
        recipients=[code.value for code in stored.recipients],
        escalations=definition_of(stored)["escalations"],
    )
    shown, month = stored, None
    if form.is_submitted() and "preview" in request.form:
        if form.validate():
            try:
                shown = form.rule(kind)
                month = preview(shown, scope, now=now())
            except DomainError as error:
                form.refuse(error)
    elif form.carry_out(lambda: _save(form, scope, kind)):
        flash(_("The rule holds from the next run of the reminders on."), "success")
        return see_other(url_for("reminder_rules.index", **_query(scope)))
    page = render_template(
        "reminder_rules/edit.html",
        form=form,
        kind=kind,
        title=title_of(kind),
        scope_name=_name(scope),
        sentence=sentence(shown),
        month=month,
        query=_query(scope),
    )
    return make_response(page, form.status)


def _save(form: RuleForm, scope: Scope, kind: ReminderEvent) -> None:
    rule = form.rule(kind)
    save_rule(scope, kind.value, definition_of(rule), is_active=rule.is_active, actor=current_actor(), now=now())


@reminder_rules.post("/<event>/drop")
@signed_in
def drop(event: str) -> Response:
    """Give the level above its say again."""
    if event not in set(ReminderEvent):
        abort(404)
    scope = _scope()
    drop_rule(scope, event, actor=current_actor(), now=now())
    flash(_("The rule of the level above holds again."), "success")
    return see_other(url_for("reminder_rules.index", **_query(scope)))
