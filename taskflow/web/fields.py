"""Form fields of our own. Days are typed as Vietnamese offices write them, whatever the browser's language.

``<input type="date">`` shows 10/11/2026 as 11/10/2026 in a browser set to American English, which a
clerk cannot see. So days are text, and app.js adds the browser's calendar beside it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from wtforms import Field, TimeField
from wtforms.widgets import TextInput

from taskflow.domain.task_filter import FIRST_YEAR, LAST_YEAR
from taskflow.i18n import _, format_date

#: As people write a day; the last ones are what a keypad without "/" and a link give.
_FORMATS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d%m%Y", "%Y-%m-%d")


def parse_day(text: str) -> date | None:
    """The day that was typed; None for nothing. Raises ValueError, with the sentence to show, for what is no day."""
    text = "".join(text.split())
    if not text:
        return None
    for form in _FORMATS:
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise ValueError(_("There is no such day. Write day/month/year, for example 30/10/2026."))


class DayField(Field):
    """A calendar day, dd/MM/yyyy; ``data`` is a ``datetime.date`` or None.

    Demand it with ``InputRequired``: ``DataRequired`` would replace the error of a wrong day by "is required".
    """

    widget = TextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        attributes = {"data-day": True, "inputmode": "numeric", "autocomplete": "off", "maxlength": 10}
        kwargs["render_kw"] = {**attributes, **(kwargs.get("render_kw") or {})}
        super().__init__(*args, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; what is no day stays in the box with its error."""
        if valuelist:
            self.data = None
            self.data = parse_day(valuelist[0])

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else format_date(self.data)


class ClockField(TimeField):
    """A time of day, typed as 07:30 or 7h30: the browser's own box may show 07:30 AM."""

    widget = TextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        attributes = {"inputmode": "numeric", "autocomplete": "off", "maxlength": 5, "placeholder": "07:30"}
        kwargs["render_kw"] = {**attributes, **(kwargs.get("render_kw") or {})}
        super().__init__(*args, format=["%H:%M", "%Hh%M"], **kwargs)
