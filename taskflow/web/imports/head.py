"""First step of the review: the head of the document, the tables that were found, what the reader has to say."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from taskflow.clock import now
from taskflow.documents.columns import ROLES
from taskflow.documents.model import TableKind
from taskflow.extensions import db
from taskflow.i18n import _, _l
from taskflow.models.document import ImportJob
from taskflow.services.imports import heads, queries
from taskflow.services.imports.relation import changing, imported_before, relation_of, suggested
from taskflow.services.imports.statement import unread_tables
from taskflow.services.imports.values import day
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, choices, optional_int
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.imports.view_models import IMPORT, frame, place_text, reviewed
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor
from taskflow.web.tasks.forms import box, line


class HeadForm(BaseForm):
    """The head of a document."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    number = line(_l("Number and symbol"))
    type = line(_l("Type of document"))
    issuer = line(_l("Issued by"))
    issued_on = DayField(_l("Issued on"), validators=[Optional()])
    title = box(_l("Title"), rows=2)
    signer = line(_l("Signed by"))
    place = line(_l("Place"))


#: Two forms stand on the page: the fields of the second one are named so.
RELATION = "relation"


class AmendsForm(BaseForm):
    """Which document the new one changes, and how."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    amends_id = SelectField(_l("Earlier document"), coerce=optional_int, validators=[Optional()])
    relation = RadioField(
        _l("The new document"),
        validators=[Optional()],
        choices=[
            SelectChoice("amends", _l("amends it: it stays in force, tasks that the new document does not name go on")),
            SelectChoice(
                "supersedes",
                _l(
                    "replaces it: its tasks rest on the new document; "
                    "you say of each one not named there what becomes of it"
                ),
            ),
        ],
    )


@imports.route("/<int:job_id>/head", methods=["GET", "POST"])
@requires(IMPORT)
def head(job_id: int) -> Response:
    """Put the head right; below it the tables."""
    job = reviewed(job_id)
    form = HeadForm(data={**job.head, "issued_on": day(job.head.get("issued_on")), "version": job.version})
    if form.carry_out(lambda: _save(job, form)):
        if form.result:
            flash(_("The head of the document has been saved."), "success")
        goes_on = request.form.get("next")
        return see_other(url_for(_next_step(job) if goes_on else "imports.head", job_id=job.id))
    return make_response(head_page(job, form), form.status)


@imports.post("/<int:job_id>/amends")
@requires(IMPORT)
def amends(job_id: int) -> Response:
    """Compare with the document that this one amends or replaces."""
    job = reviewed(job_id)
    form = AmendsForm(prefix=RELATION)
    form.amends_id.choices = choices(queries.amendable(current_actor()), blank="–")
    chosen = form.amends_id.data
    if form.carry_out(
        lambda: heads.set_amends(
            job.id,
            chosen,
            actor=current_actor(),
            expected_version=form.version.data,
            relation=form.relation.data or "",
        )
    ):
        flash(_("The rows are now compared with the tasks of that document.") if chosen else _("Saved."), "success")
        return see_other(url_for("imports.rows", job_id=job.id, shown="changed") if chosen else _here(job))
    return make_response(head_page(job, amends_form=form), form.status)


def head_page(job: ImportJob, form: HeadForm | None = None, amends_form: AmendsForm | None = None) -> str:
    """The first step as a page."""
    from taskflow.web.imports.reading import failure

    if form is None:
        form = HeadForm(
            formdata=None, data={**job.head, "issued_on": day(job.head.get("issued_on")), "version": job.version}
        )
    same = imported_before(db.session(), job)
    named = same.id if same is not None else queries.document_by_number(job, cited(job))
    if amends_form is None:
        amends_form = AmendsForm(
            prefix=RELATION,
            formdata=None,
            data={
                "version": job.version,
                "amends_id": job.amends_id or named,
                "relation": relation_of(job) or suggested(job),
            },
        )
        amends_form.amends_id.choices = choices(
            queries.amendable(current_actor()), blank=_("nothing: it is a new document")
        )
    return render_template(
        "imports/head.html",
        form=form,
        amends_form=amends_form,
        kinds=list(TableKind),
        unread={table["number"] for table in unread_tables(job) if table["kind"] != TableKind.OTHER},
        roles=ROLES,
        place_text=place_text,
        problem=failure(job),
        cited=cited(job),
        named=named,
        same=same,
        relation=relation_of(job),
        anchor=request.args.get("table", ""),
        **frame(job),
    )


def cited(job: ImportJob) -> list[str]:
    """Numbers of documents that this one says it amends or replaces."""
    return list(dict.fromkeys(str(one["number"]) for one in changing(job)))


def _save(job: ImportJob, form: HeadForm) -> bool:
    """Keep the head; False where going on finds nothing changed, so that what was read stays marked as read."""
    edit = heads.HeadEdit(
        number=form.number.data or "",
        type=form.type.data or "",
        issuer=form.issuer.data or "",
        issued_on=form.issued_on.data,
        title=form.title.data or "",
        signer=form.signer.data or "",
        place=form.place.data or "",
    )
    stored = {**job.head, "issued_on": day(job.head.get("issued_on"))}
    if request.form.get("next") and all(
        (stored.get(name) or "") == (value or "") for name, value in asdict(edit).items()
    ):
        return False
    heads.edit_head(job.id, edit, actor=current_actor(), now=now(), expected_version=form.version.data)
    return True


def _next_step(job: ImportJob) -> str:
    return "imports.units" if frame(job)["review"].counts["units"] else "imports.rows"


def _here(job: ImportJob) -> str:
    return url_for("imports.head", job_id=job.id)
