"""Forms of people, their posts and delegations."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, EmailField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from taskflow.domain.permissions import Role
from taskflow.i18n import _, _l, title_of
from taskflow.services.people import PersonValues
from taskflow.services.queries.people import people_choices
from taskflow.services.queries.units import unit_choices
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, choices, optional_int


def role_choices() -> list[tuple[str, str]]:
    """(code, title) of every role."""
    return [(role.value, title_of(role)) for role in Role]


def as_role(value: Any) -> Role | None:
    """Coercion of a select of roles; blank means none."""
    return Role(value) if value not in (None, "", "None") else None


class PersonForm(BaseForm):
    """A person's details."""

    full_name = StringField(_l("Full name"), [DataRequired(), Length(max=300)])
    email = EmailField(_l("E-mail address"), [DataRequired(), Length(max=300)])
    job_title = StringField(_l("Job title"), [Length(max=300)])
    phone = StringField(_l("Telephone"), [Length(max=64)])
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])  # a new one has none yet

    def values(self) -> PersonValues:
        """What was written."""
        return PersonValues(
            full_name=self.full_name.data,
            email=self.email.data,
            job_title=self.job_title.data or "",
            phone=self.phone.data or "",
        )


class NewPersonForm(PersonForm):
    """A new person with a first post."""

    unit_id = SelectField(_l("Unit"), coerce=optional_int)
    role = SelectField(_l("Role"), coerce=as_role)
    invite = BooleanField(_l("Send an invitation by e-mail now"), default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit_id.choices = choices(unit_choices(), blank=_("No post yet"))
        self.role.choices = choices(role_choices(), blank=_("No post yet"))


class PostForm(BaseForm):
    """A role in a unit, from–to."""

    unit_id = SelectField(_l("Unit"), [InputRequired()], coerce=optional_int)
    role = SelectField(_l("Role"), [InputRequired()], coerce=as_role)
    valid_from = DayField(_l("Valid from"))
    valid_to = DayField(_l("Valid until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit_id.choices = choices(unit_choices(), blank=_("Choose a unit"))
        self.role.choices = choices(role_choices(), blank=_("Choose a role"))


class DelegationForm(BaseForm):
    """Who acts for whom."""

    principal_id = SelectField(_l("Who is away"), [InputRequired()], coerce=optional_int)
    delegate_id = SelectField(_l("Who stands in"), [InputRequired()], coerce=optional_int)
    unit_id = SelectField(_l("In which post"), coerce=optional_int)
    starts_on = DayField(_l("From"), [InputRequired()])
    ends_on = DayField(_l("Until (inclusive)"), [InputRequired()])
    reason = StringField(_l("Reason"), [Length(max=500)])

    def __init__(
        self, *args: Any, own: int | None = None, units: list[tuple[int, str]], on: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        people = people_choices(on=on)
        if own is not None:
            del self.principal_id
            people = [choice for choice in people if choice[0] != own]
        else:
            self.principal_id.choices = choices(people, blank=_("Choose a person"))
        self.delegate_id.choices = choices(people, blank=_("Choose a person"))
        self.unit_id.choices = choices(units, blank=_("All posts"))

    def days(self) -> dict[str, Any]:
        """First and last day, both given once the form is valid."""
        return {"starts_on": self.starts_on.data, "ends_on": self.ends_on.data}
