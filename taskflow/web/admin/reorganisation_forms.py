"""Forms of a reorganisation by decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from taskflow.domain.errors import Invalid
from taskflow.i18n import _, _l
from taskflow.services.hand_over import Doubled
from taskflow.services.queries.units import office_choices, unit_choices
from taskflow.services.reorganisation import Decision
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices, optional_int


class DecisionForm(BaseForm):
    """The decision, part of every reorganisation."""

    number = StringField(_l("Number of the decision"), [DataRequired(), Length(max=64)])
    decided_on = DayField(_l("Date of the decision"), [InputRequired()])
    effective_on = DayField(_l("In force from"), [InputRequired()])

    def decision(self) -> Decision:
        """What was written."""
        return Decision(
            self.number.data, _given(self.decided_on.data, "decided_on"), _given(self.effective_on.data, "effective_on")
        )


class RenameForm(DecisionForm):
    """Another official name."""

    unit_id = SelectField(_l("Unit"), [InputRequired()], coerce=optional_int)
    name = StringField(_l("New official name"), [DataRequired(), Length(max=300)])
    short_name = StringField(_l("New short name"), [Length(max=300)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit_id.choices = choices(unit_choices(), blank=_("Choose a unit"))


class MergeForm(DecisionForm):
    """Several units become one."""

    from_unit_ids = MultiCheckboxField(_l("Units that end"), [InputRequired()], coerce=int)
    to_unit_id = SelectField(_l("Unit that takes over"), [InputRequired()], coerce=optional_int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = unit_choices()
        self.from_unit_ids.choices = choices(units)
        self.to_unit_id.choices = choices(units, blank=_("Choose a unit"))


class SplitForm(DecisionForm):
    """One unit becomes several."""

    from_unit_id = SelectField(_l("Unit that is divided"), [InputRequired()], coerce=optional_int)
    to_unit_ids = MultiCheckboxField(_l("Units that take parts of it"), [InputRequired()], coerce=int)
    goes_on = BooleanField(_l("The unit itself goes on with what is left"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = unit_choices()
        self.from_unit_id.choices = choices(units, blank=_("Choose a unit"))
        self.to_unit_ids.choices = choices(units)


class DissolveForm(DecisionForm):
    """A unit ends."""

    unit_id = SelectField(_l("Unit that ends"), [InputRequired()], coerce=optional_int)
    successor_id = SelectField(_l("Successor for its tasks"), coerce=optional_int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = unit_choices()
        self.unit_id.choices = choices(units, blank=_("Choose a unit"))
        self.successor_id.choices = choices(units, blank=_("None"))


class HandOverForm(BaseForm):
    """Chosen work and who receives it. The ticked ids come with the request."""

    to_unit_id = SelectField(_l("Unit that receives"), [InputRequired()], coerce=optional_int)
    doubled = RadioField(
        _l("Where the receiver has a part of the same collective task already"),
        choices=[
            SelectChoice("", _l("Leave the part where it is and name it")),
            SelectChoice(Doubled.JOIN.value, _l("Join it to the receiver's part: the merged unit reports once")),
            SelectChoice(Doubled.END.value, _l("End it: the work is no longer asked of this area")),
            SelectChoice(Doubled.APART.value, _l("Keep it apart: the merged unit reports for both areas")),
        ],
        default="",
    )
    reason = TextAreaField(_l("Reason"), [DataRequired(), Length(max=2000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.to_unit_id.choices = choices(unit_choices(), blank=_("Choose a unit"))


class OfficeHandOverForm(BaseForm):
    """Which coordinating office tracks on."""

    to_unit_id = SelectField(_l("Coordinating office that takes over"), [InputRequired()], coerce=optional_int)

    def __init__(self, *args: Any, unit_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = [office for office in office_choices() if office[0] != unit_id]
        self.to_unit_id.choices = choices(offices, blank=_("Choose a unit"))


def _given(day: date | None, field: str) -> date:
    if day is None:
        raise Invalid("calendar.day_missing", field)
    return day
