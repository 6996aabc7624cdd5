"""Forms of repeated work: skipping a period, and what later periods get."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from taskflow.domain.errors import Invalid
from taskflow.i18n import _, _l, format_date
from taskflow.models.task import Priority, Series
from taskflow.services import wording
from taskflow.services.queries.units import unit_choices
from taskflow.services.series import MOST_LEAD_DAYS, SeriesText, upcoming
from taskflow.web.fields import DayField
from taskflow.web.forms import MultiCheckboxField, choices
from taskflow.web.tasks.forms import TaskForm, box, line

#: Periods that the form for skipping one names.
_NAMED = 6


class SkipForm(TaskForm):
    """A period for which no task is made."""

    due_on = DayField(_l("Due date of the period"), validators=[InputRequired()])
    reason = box(_l("Reason"), required=True)

    def show(self, present: Series) -> None:
        """Name the periods to choose from; the next one stands in the box."""
        days = upcoming(present, _NAMED)
        named = ", ".join(format_date(day) for day in days)
        self.due_on.description = _("The next periods are due on: %(days)s.", days=named) if days else ""
        if days and not self.is_submitted():
            self.due_on.data = days[0]


class SeriesForm(TaskForm):
    """What later periods of repeated work get."""

    content = box(_l("Content"), required=True)
    product = box(_l("Product"), rows=2)
    lead_unit_ids = MultiCheckboxField(_l("Lead unit"), coerce=int)
    deadline_text = line(
        _l("Repeats"), required=True, description=_l("As documents write it: the 25th of every month, every quarter …")
    )
    until_on = DayField(_l("Until"), validators=[Optional()])
    lead_days = IntegerField(
        _l("Appears this many days before"), validators=[InputRequired(), NumberRange(0, MOST_LEAD_DAYS)]
    )
    coordinator_unit_ids = MultiCheckboxField(_l("Coordinating units"), coerce=int)
    request = box(_l("What is asked of the coordinating units"), rows=2)
    note = box(_l("Note"), rows=2)
    reason = box(_l("Reason"), required=True)

    @classmethod
    def of(cls, present: Series) -> SeriesForm:
        """The form with what holds now, and the units to choose from."""
        kept = {name: present.template.get(name, "") for name in ("request", "note")}
        form = cls(obj=present, **kept)
        form.lead_unit_ids.choices = form.coordinator_unit_ids.choices = choices(unit_choices())
        return form

    def text(self, present: Series) -> SeriesText:
        """The series as the form says it; what the form does not ask stays as it is.

        Raises ``Invalid("series.no_rule")`` when its words do not say how the work repeats.
        """
        rule, exclusive = _rule(present, self.deadline_text.data or "")
        return SeriesText(
            content=self.content.data or "",
            lead_unit_ids=tuple(self.lead_unit_ids.data or ()),
            rule=rule,
            lead_wording=present.lead_wording,
            coordinator_unit_ids=tuple(self.coordinator_unit_ids.data or ()),
            request=self.request.data or "",
            tags=tuple(present.template.get("tags", ())),
            product=self.product.data or "",
            note=self.note.data or "",
            deadline_text=self.deadline_text.data or "",
            exclusive=exclusive,
            until_on=self.until_on.data,
            lead_days=self.lead_days.data,
            priority=Priority(present.template.get("priority", Priority.NORMAL)),
            person_id=present.template.get("person_id"),
            workflow_id=present.template.get("workflow_id"),
        )


def _rule(present: Series, text: str) -> tuple[str, bool]:
    """The rule that the words mean; words that stay the same keep the rule that was confirmed once."""
    if text == present.deadline_text:
        return present.rule, present.exclusive
    found = wording.read(text, None)
    if not found.rule:
        raise Invalid("series.no_rule", "deadline_text", explanation=found.explanation)
    return found.rule, found.exclusive
