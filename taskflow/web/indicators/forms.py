"""Forms of indicators: a reading of a period, and the unit that answers."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from taskflow.i18n import _, _l
from taskflow.services.files import Upload
from taskflow.services.queries.units import unit_choices
from taskflow.web.forms import BaseForm, choices, not_secret_field, optional_int
from taskflow.web.uploads import UploadField

_PARTS = (
    SelectChoice("", _l("The whole year")),
    SelectChoice("H1", _l("First half-year")),
    SelectChoice("H2", _l("Second half-year")),
    *(
        SelectChoice(f"Q{n}", _l("Quarter %(quarter)s", quarter=roman))
        for n, roman in enumerate(["I", "II", "III", "IV"], 1)
    ),
    *(SelectChoice(f"{n:02}", _l("Month %(month)s", month=n)) for n in range(1, 13)),
)


class ReadingForm(BaseForm):
    """What the indicator was in a period, with a file as evidence."""

    year = IntegerField(_l("Year"), [InputRequired(), NumberRange(1900, 2099)])
    part = SelectField(_l("Part of the year"), [Optional()], choices=_PARTS)
    text = StringField(
        _l("Value reached"),
        [InputRequired(), Length(max=300)],
        description=_l("As it is to be read in reports, with its unit where it has one."),
    )
    note = TextAreaField(_l("Explanation"), [Optional(), Length(max=10_000)], render_kw={"rows": 4})
    file = UploadField(_l("Document or table as evidence"), multiple=False)
    not_secret = not_secret_field()

    @property
    def period(self) -> str:
        """The period as services write it: "2026", "2026-Q2", "2026-H1", "2026-07"."""
        return f"{self.year.data}-{self.part.data}" if self.part.data else str(self.year.data)

    def upload(self) -> Upload | None:
        """The file that was chosen."""
        return next(iter(self.file.uploads[::-1]), None)


class ResponsibleForm(BaseForm):
    """The unit that answers for the indicator."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    unit_id = SelectField(_l("Responsible unit"), [Optional()], coerce=optional_int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit_id.choices = choices(unit_choices(), blank=_("No unit yet"))
