"""The list of imports, and a new one: a file, or what was copied from Word or Excel."""

from __future__ import annotations

from contextlib import closing

from flask import current_app, flash, make_response, render_template, request, url_for
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from taskflow.clock import now
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Permission, offices_of
from taskflow.i18n import _, _l, title_of
from taskflow.models.document import ImportStatus
from taskflow.services.files import Upload
from taskflow.services.imports import queries, reading
from taskflow.services.imports import uploads as service
from taskflow.services.imports.access import get_job
from taskflow.services.imports.uploads import Receipt, Source
from taskflow.services.queries.units import unit_choices
from taskflow.web.addresses import row_number
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, choices, not_secret_field, optional_int
from taskflow.web.guards import requires
from taskflow.web.imports import imports
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

#: Ends of names that a browser offers first; what a file really is, is decided by its content.
ACCEPTED = ".docx,.doc,.odt,.rtf,.xlsx,.xls,.xlsb,.ods,.pdf,.html,.htm,.md,.txt,.csv,.png,.jpg,.jpeg,.tif,.tiff"


class UploadForm(BaseForm):
    """A file or a pasted table, for which office, and what it changes."""

    office_unit_id = SelectField(_l("Coordinating office"), coerce=optional_int, validators=[InputRequired()])
    file = FileField(_l("File"))
    not_secret = not_secret_field()
    text = TextAreaField(_l("Pasted text"), validators=[Optional()])
    html = HiddenField()
    issued_on = DayField(
        _l("Date of the document"),
        validators=[Optional()],
        description=_l("Only when the document does not say its own date: years that are not written follow from it."),
    )
    amends_id = SelectField(
        _l("Amends or replaces"),
        coerce=optional_int,
        validators=[Optional()],
        description=_l("Choose the earlier document to see what is added, dropped or changed."),
    )


@imports.get("/")
@requires(Permission.DOCUMENT_IMPORT)
def index() -> str:
    """All imports of one's offices, newest first."""
    status = request.args.get("status", "")
    page = queries.list_jobs(current_actor(), page=max(1, request.args.get("page", 1, type=row_number)), status=status)
    return render_template(
        "imports/index.html", page=page, status=status, statuses=[(one.value, title_of(one)) for one in ImportStatus]
    )


@imports.route("/new", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_IMPORT)
def new() -> Response:
    """Upload or paste; a short reading is finished before the answer, a long one shows how far it is."""
    actor = current_actor()
    form = UploadForm()
    offices = offices_of(actor, Permission.DOCUMENT_IMPORT)
    form.office_unit_id.choices = choices(pair for pair in unit_choices() if pair[0] in offices)
    form.amends_id.choices = choices(queries.amendable(actor), blank=_("nothing: it is a new document"))
    if not form.is_submitted():
        form.office_unit_id.data = min(offices)
        form.amends_id.data = request.args.get("amends", type=row_number)
    if form.carry_out(lambda: _receive(form)):
        receipt: Receipt = form.result
        if receipt.is_known:
            return see_other(url_for("imports.known", job_id=receipt.job_id))
        reading.start(receipt.job_id, actor=actor)
        return see_other(url_for("imports.show", job_id=receipt.job_id))
    page = render_template("imports/new.html", form=form, accepted=ACCEPTED, max_mb=_max_mb())
    return make_response(page, form.status)


@imports.get("/<int:job_id>/known")
@requires(Permission.DOCUMENT_IMPORT)
def known(job_id: int) -> str:
    """The same file was uploaded before: go on with that import, or read the file once more."""
    return render_template("imports/known.html", job=get_job(current_actor(), job_id))


@imports.post("/<int:job_id>/again")
@requires(Permission.DOCUMENT_IMPORT)
def again(job_id: int) -> Response:
    """Import the same file once more."""
    actor = current_actor()
    fresh = service.again(job_id, actor=actor, now=now())
    reading.start(fresh, actor=actor)
    return see_other(url_for("imports.show", job_id=fresh))


@imports.post("/<int:job_id>/discard")
@requires(Permission.DOCUMENT_IMPORT)
def discard(job_id: int) -> Response:
    """Give an import up; nothing was made of it."""
    service.discard(job_id, actor=current_actor(), now=now())
    flash(_("The import has been discarded. Nothing was assigned."), "success")
    return see_other(url_for("imports.index"))


def _receive(form: UploadForm) -> Receipt:
    actor = current_actor()
    source = Source(
        form.office_unit_id.data,
        issued_on=form.issued_on.data,
        amends_id=form.amends_id.data,
        not_secret=form.not_secret.data or "",
    )
    sent = form.file.data
    if sent is not None and sent.filename:
        with closing(sent):
            upload = Upload(sent.read(), sent.filename)
        return service.receive(upload, source, actor=actor, now=now(), max_mb=_max_mb())
    if not (form.text.data or form.html.data):
        raise Invalid("import.nothing_sent", "file")
    return service.receive_pasted(
        form.text.data or "", form.html.data or "", source, actor=actor, now=now(), max_mb=_max_mb()
    )


def _max_mb() -> int:
    return int(current_app.config["TASKFLOW"].max_upload_mb)
