"""Workflows: list, a new revision, export and import as a file, a drawing of each."""

from __future__ import annotations

import json
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, render_template, request, url_for
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from taskflow.clock import now
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Permission
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import WorkflowRules
from taskflow.extensions import db
from taskflow.i18n import _, _l
from taskflow.models.org import Unit
from taskflow.models.task import WorkflowDefinition
from taskflow.services import workflows as service
from taskflow.services.queries.units import office_choices, unit_choices
from taskflow.web.admin.blueprint import Answer, admin
from taskflow.web.admin.workflow_diagram import Diagram, diagram_of
from taskflow.web.forms import BaseForm, choices, optional_int
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

#: A file of workflows is a few kilobytes.
_MOST_BYTES = 1_000_000


class WorkflowForm(BaseForm):
    """What a workflow says."""

    name = StringField(_l("Name of the workflow"), [DataRequired(), Length(max=300)])
    code = StringField(
        _l("Code"),
        [
            DataRequired(),
            Length(max=63),
            Regexp(r"^[a-z0-9][a-z0-9-]*$", message=_l("Use small letters without accents, digits and hyphens.")),
        ],
    )
    head_approval = BooleanField(_l("The head of the unit approves the report before it leaves the unit"))
    confirmation = BooleanField(_l("Somebody outside the unit confirms the result"), default=True)
    evidence_required = BooleanField(_l("A report needs evidence: a file, or the number of a document"))
    confirming_unit_id = SelectField(_l("Who confirms"), coerce=optional_int)
    office_unit_id = SelectField(_l("For tasks of the coordinating office"), coerce=optional_int)
    document_type = StringField(_l("For documents of the type"), [Length(max=300)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.confirming_unit_id.choices = choices(unit_choices(), blank=_("The coordinating office"))
        self.office_unit_id.choices = choices(office_choices(), blank=_("All offices"))

    def text(self, code: str | None = None) -> service.WorkflowText:
        """What was written; ``code`` stays as it is for a new revision."""
        return service.WorkflowText(
            code=code or self.code.data,
            name=self.name.data,
            head_approval=self.head_approval.data,
            confirmation=self.confirmation.data,
            evidence_required=self.evidence_required.data,
            confirming_unit_id=self.confirming_unit_id.data,
            office_unit_id=self.office_unit_id.data,
            document_type=self.document_type.data or "",
        )


class WorkflowFileForm(BaseForm):
    """A file of workflows."""

    file = FileField(_l("File of workflows (.json)"), [FileRequired(message=_l("Please choose a file."))])


@admin.get("/workflows")
@requires(Permission.ADMIN_WORKFLOW_EDIT)
def workflows() -> Answer:
    """The current workflows, or all revisions."""
    with_former = request.args.get("former") == "1"
    return _list_page(WorkflowFileForm(formdata=None), with_former=with_former), 200


@admin.route("/workflows/new", methods=["GET", "POST"])
@requires(Permission.ADMIN_WORKFLOW_EDIT)
def workflow_new() -> Answer:
    """Add a workflow."""
    form = WorkflowForm()
    if form.carry_out(lambda: _save(form, None, 0)):
        flash(_("The workflow has been added; new tasks that it fits get it."), "success")
        return see_other(url_for("admin.workflow", workflow_id=form.result))
    return render_template("admin/workflows/edit.html", form=form, workflow=None), form.status


@admin.get("/workflows/<int:workflow_id>")
@requires(Permission.ADMIN_WORKFLOW_EDIT)
def workflow(workflow_id: int) -> Answer:
    """One revision, drawn."""
    shown = service.get_workflow(workflow_id)
    return render_template("admin/workflows/workflow.html", **_facts(shown))


@admin.route("/workflows/<int:workflow_id>/edit", methods=["GET", "POST"])
@requires(Permission.ADMIN_WORKFLOW_EDIT)
def workflow_edit(workflow_id: int) -> Answer:
    """Make the next revision."""
    shown = service.get_workflow(workflow_id)
    code, revision = shown.code, shown.revision
    form = WorkflowForm(obj=shown)
    del form.code
    if form.carry_out(lambda: _save(form, code, revision)):
        flash(_("The new revision holds for new tasks; running tasks keep the one they began with."), "success")
        return see_other(url_for("admin.workflow", workflow_id=form.result))
    return render_template(
        "admin/workflows/edit.html", form=form, workflow=service.get_workflow(workflow_id)
    ), form.status


@admin.post("/workflows/<int:workflow_id>/retire")
@requires(Permission.ADMIN_WORKFLOW_EDIT)
def workflow_retire(workflow_id: int) -> Response:
    """Give it to no new task any more."""
    service.retire_workflow(workflow_id=workflow_id, actor=current_actor(), now=now())
    flash(_("The workflow is out of use; running tasks keep it."), "success")
    return see_other(url_for("admin.workflows"))


@admin.get("/workflows/export.json")
@requires(Permission.ADMIN_WORKFLOW_EDIT)
def workflows_export() -> FlaskResponse:
    """The current workflows as a file."""
    text = json.dumps(service.export_workflows(), ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="quy-trinh.json"'}
    return FlaskResponse(text, mimetype="application/json", headers=headers)


@admin.post("/workflows/import")
@requires(Permission.ADMIN_WORKFLOW_EDIT)
def workflows_import() -> Answer:
    """Bring in a file, all of it or nothing."""
    form = WorkflowFileForm()
    if form.carry_out(lambda: _import(form)):
        flash(_("%(number)s workflows have been brought in.", number=form.result), "success")
        return see_other(url_for("admin.workflows"))
    return _list_page(form, with_former=False), form.status


def _save(form: WorkflowForm, code: str | None, revises: int) -> int:
    return service.save_workflow(form.text(code), actor=current_actor(), now=now(), revises=revises).id


def _import(form: WorkflowFileForm) -> int:
    try:
        data = json.loads(form.file.data.read(_MOST_BYTES))
    except (ValueError, RecursionError) as error:
        raise Invalid("workflow.not_json", "file") from error
    try:
        return len(service.import_workflows(data, actor=current_actor(), now=now()))
    except Invalid as error:
        raise Invalid(error.code, "file", **{"where": error.field or "", **error.params}) from error


def _list_page(form: WorkflowFileForm, *, with_former: bool) -> str:
    rows = [_facts(one) for one in service.list_workflows(with_former=with_former)]
    return render_template("admin/workflows/index.html", rows=rows, form=form, with_former=with_former)


def _facts(shown: WorkflowDefinition) -> dict[str, Any]:
    """A revision with the names of its units and its drawing."""
    confirming = db.session.get(Unit, shown.confirming_unit_id) if shown.confirming_unit_id else None
    office = db.session.get(Unit, shown.office_unit_id) if shown.office_unit_id else None
    confirmer = confirming.name if confirming else _("The coordinating office")
    return {
        "workflow": shown,
        "confirmer": confirmer,
        "office": office.name if office else _("All offices"),
        "diagram": _drawn(shown, confirmer),
    }


def _drawn(shown: WorkflowDefinition, confirmer: str) -> Diagram:
    rules = WorkflowRules(
        head_approval=shown.head_approval,
        confirmation=shown.confirmation,
        evidence_required=shown.evidence_required,
    )
    who = {
        TaskState.ASSIGNED: _("Lead unit"),
        TaskState.IN_PROGRESS: _("Lead unit"),
        TaskState.AWAITING_APPROVAL: _("Head of the lead unit"),
        TaskState.AWAITING_CONFIRMATION: confirmer,
    }
    return diagram_of(rules, who)
