"""Forms of units and groups."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, EmailField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from taskflow.i18n import _, _l
from taskflow.services.imports.queries import group_options
from taskflow.services.queries.units import unit_choices
from taskflow.services.unit_groups import GroupValues
from taskflow.services.units import UnitValues
from taskflow.web.fields import DayField
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices, optional_int


class UnitForm(BaseForm):
    """A unit's facts and its place in the tree."""

    name = StringField(_l("Official name"), [DataRequired(), Length(max=300)])
    short_name = StringField(_l("Short name"), [Length(max=300)])
    parent_id = SelectField(_l("Stands under"), coerce=optional_int)
    code = StringField(_l("Code"), [Length(max=64)], filters=[lambda value: value or None])
    position = IntegerField(_l("Order among its siblings"), [InputRequired(), NumberRange(0, 100_000)], default=0)
    is_office = BooleanField(_l("Coordinating office: tracks and confirms tasks of the units around it"))
    email = EmailField(_l("E-mail address of the unit"), [Length(max=300)])
    phone = StringField(_l("Telephone"), [Length(max=64)])
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])  # a new one has none yet

    def __init__(self, *args: Any, unit_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parent_id.choices = choices(unit_choices(without_below=unit_id), blank=_("None: it is at the top"))

    def values(self) -> UnitValues:
        """What was written."""
        return UnitValues(
            name=self.name.data,
            short_name=self.short_name.data or "",
            code=self.code.data,
            parent_id=self.parent_id.data,
            position=self.position.data,
            is_office=self.is_office.data,
            email=self.email.data or "",
            phone=self.phone.data or "",
        )


class UnitNameForm(BaseForm):
    """Another name of a unit."""

    name = StringField(_l("Name or wording"), [DataRequired(), Length(max=300)])
    kind = SelectField(
        _l("Kind"),
        choices=choices(
            [("alias", _l("Another wording (abbreviation, usual name)")), ("official", _l("Former official name"))]
        ),
    )
    valid_from = DayField(_l("Valid from"))
    valid_to = DayField(_l("Valid until"))


class NameMeaningForm(BaseForm):
    """What a learnt name means: units, or a group of them."""

    group_id = SelectField(_l("Group of units"), coerce=optional_int)
    unit_ids = MultiCheckboxField(_l("Units"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group_id.choices = choices(group_options(), blank=_("None: the units ticked below"))
        self.unit_ids.choices = choices(unit_choices())

    def values(self) -> dict[str, Any]:
        """What was chosen."""
        return {"unit_ids": tuple(self.unit_ids.data or ()), "group_id": self.group_id.data}


class GroupForm(BaseForm):
    """A group of units."""

    name = StringField(_l("Name of the group, as documents write it"), [DataRequired(), Length(max=300)])
    is_open = BooleanField(_l("Open set (“các phòng, ban có liên quan”): somebody ticks the units at every import"))
    note = TextAreaField(_l("Note"), [Length(max=2000)])
    member_ids = MultiCheckboxField(_l("Units of the group"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member_ids.choices = choices(unit_choices(with_inactive=False))

    def values(self) -> GroupValues:
        """What was written."""
        return GroupValues(
            name=self.name.data,
            is_open=self.is_open.data,
            note=self.note.data or "",
            member_ids=tuple(self.member_ids.data or ()),
        )
