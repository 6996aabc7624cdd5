"""Forms of the one-task page: short, for a thumb."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from taskflow.i18n import _l
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, choices


class CodeForm(BaseForm):
    """The code that was sent."""

    is_once = False

    code = StringField(_l("Code"), [DataRequired(), Length(max=12)])


class ProgressForm(BaseForm):
    """A few words on how it goes."""

    text = TextAreaField(_l("What has been done"), [DataRequired(), Length(max=5000)])
    percent = IntegerField(_l("Percent"), [MayBeEmpty(), NumberRange(min=0, max=100)])


class MoreTimeForm(BaseForm):
    """Asking for a later date."""

    due_on = DayField(_l("New deadline"), [InputRequired()])
    cause = SelectField(
        _l("Cause"),
        choices=choices([("objective", _l("objective (khách quan)")), ("subjective", _l("subjective (chủ quan)"))]),
    )
    reason = TextAreaField(_l("Reason"), [DataRequired(), Length(max=5000)])


class EmptyForm(BaseForm):
    """A button."""
