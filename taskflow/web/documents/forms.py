"""Forms about documents."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from taskflow.i18n import _l
from taskflow.services.documents import DocumentFacts
from taskflow.web.fields import DayField
from taskflow.web.tasks.forms import TaskForm, box, line


class ReportingForm(TaskForm):
    """When the document itself is reported on, and to whom."""

    when = line(
        _l("Reporting day"),
        description=_l("As documents write it: the 25th of every month, every quarter … Leave empty for none."),
    )
    to = line(_l("Report to"))


class FactsForm(TaskForm):
    """What the head of the document says, put right."""

    number = line(_l("Number and symbol"))
    type = line(_l("Type of document"))
    issuer = line(_l("Issued by"))
    issued_on = DayField(
        _l("Issued on"),
        validators=[Optional()],
        description=_l("Deadlines that count from this date are counted again, unless somebody has set them since."),
    )
    title = box(_l("Title of the document"), rows=3)
    signer = line(_l("Signed by"))
    place = line(_l("Place"))
    reason = box(_l("Reason"), required=True, rows=2)

    def facts(self) -> DocumentFacts:
        """What was typed."""
        return DocumentFacts(
            number=self.number.data or "",
            type=self.type.data or "",
            issuer=self.issuer.data or "",
            issued_on=self.issued_on.data,
            title=self.title.data or "",
            signer=self.signer.data or "",
            place=self.place.data or "",
        )


class LinkForm(TaskForm):
    """How the document is related to another one."""

    relation = SelectField(
        _l("Relation"),
        choices=[
            SelectChoice("basis", _l("Basis")),
            SelectChoice("executes", _l("Executes")),
            SelectChoice("amends", _l("Amends")),
            SelectChoice("supersedes", _l("Replaces")),
            SelectChoice("mentions", _l("Mentions")),
        ],
    )
    number = line(
        _l("Number of the other document"),
        required=True,
        description=_l("As it is written: 32/KH-UBND. One that the office tracks becomes a link by itself."),
    )
    issued_on = DayField(_l("Date of the other document"), validators=[Optional()])
    text = box(_l("Words of the text"), rows=2)
