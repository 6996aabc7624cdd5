"""The working calendar: days of a year, its confirmation, the working week."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from taskflow.clock import now, today
from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, _l
from taskflow.services import calendar_days as service
from taskflow.services import settings
from taskflow.services.calendar import work_calendar
from taskflow.web.admin.blueprint import Answer, admin
from taskflow.web.fields import ClockField, DayField
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)


class DayForm(BaseForm):
    """A day off, or a worked day off."""

    day = DayField(_l("Day"), [InputRequired()])
    kind = SelectField(
        _l("Kind"), choices=choices([("off", _l("Day off")), ("worked", _l("Worked in exchange (làm bù)"))])
    )
    name = StringField(_l("Name or reason"), [DataRequired(), Length(max=300)])
    decision = StringField(_l("Decision or notice"), [Length(max=300)])

    def chosen(self) -> date:
        """The day, given once the form is valid."""
        if self.day.data is None:
            raise Invalid("calendar.day_missing", "day")
        return self.day.data


class ConfirmForm(BaseForm):
    """That a year has been compared with the notice."""

    decision = StringField(_l("Number of the decision or notice"), [DataRequired(), Length(max=300)])


class WeekForm(BaseForm):
    """The working week and its hours."""

    workdays = MultiCheckboxField(_l("Working days"), [InputRequired()], coerce=int)
    opens = ClockField(_l("Work begins"), [InputRequired()])
    closes = ClockField(_l("Work ends"), [InputRequired()])
    saturday_opens = ClockField(_l("Begins at the weekend"), [InputRequired()])
    saturday_closes = ClockField(_l("Ends at the weekend"), [InputRequired()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workdays.choices = choices(enumerate(WEEKDAYS))

    def hours(self) -> tuple[str, ...]:
        """The hours of the seven days as the setting keeps them."""
        weekday = f"{self.opens.data:%H:%M}-{self.closes.data:%H:%M}"
        weekend = f"{self.saturday_opens.data:%H:%M}-{self.saturday_closes.data:%H:%M}"
        return (*(weekday,) * 5, *(weekend,) * 2)


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month's grid. ``kind`` is work, rest, off, worked, or "" outside of the month."""

    day: date
    kind: str
    name: str
    is_today: bool


@admin.get("/calendar")
@requires(Permission.ADMIN_CALENDAR_EDIT)
def calendar() -> Answer:
    """This year."""
    return _year_page(today().year), 200


@admin.route("/calendar/<int:year>", methods=["GET", "POST"])
@requires(Permission.ADMIN_CALENDAR_EDIT)
def calendar_year(year: int) -> Answer:
    """One year; a day can be added."""
    form = DayForm()
    if form.carry_out(
        lambda: service.save_day(
            actor=current_actor(),
            day=form.chosen(),
            kind=form.kind.data,
            name=form.name.data,
            decision=form.decision.data or "",
            now=now(),
        )
    ):
        flash(_("The day has been saved; due dates that depend on it have been counted again."), "success")
        return see_other(url_for("admin.calendar_year", year=form.chosen().year))
    return _year_page(year, day_form=form), form.status


@admin.post("/calendar/<int:year>/seed")
@requires(Permission.ADMIN_CALENDAR_EDIT)
def calendar_seed(year: int) -> Response:
    """Fill in what the law and known notices say."""
    added = service.seed_year(actor=current_actor(), year=year, now=now())
    flash(_("%(number)s days have been filled in. Compare them with the official notice.", number=added), "success")
    return see_other(url_for("admin.calendar_year", year=year))


@admin.post("/calendar/<int:year>/confirm")
@requires(Permission.ADMIN_CALENDAR_EDIT)
def calendar_confirm(year: int) -> Answer:
    """A person has compared the year with the notice."""
    form = ConfirmForm(prefix="confirm-")
    if form.carry_out(
        lambda: service.confirm_year(actor=current_actor(), year=year, decision=form.decision.data, now=now())
    ):
        flash(_("The calendar of %(year)s is confirmed.", year=year), "success")
        return see_other(url_for("admin.calendar_year", year=year))
    return _year_page(year, confirm_form=form), form.status


@admin.post("/calendar/days/<day>/remove")
@requires(Permission.ADMIN_CALENDAR_EDIT)
def calendar_day_remove(day: str) -> Response:
    """Take a day out."""
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        return see_other(url_for("admin.calendar"))
    service.remove_day(actor=current_actor(), day=chosen, now=now())
    flash(_("The day has been taken out of the calendar."), "success")
    return see_other(url_for("admin.calendar_year", year=chosen.year))


@admin.route("/calendar/week", methods=["GET", "POST"])
@requires(Permission.ADMIN_CALENDAR_EDIT)
def calendar_week() -> Answer:
    """The working week."""
    workdays = [int(day) for day in settings.get(settings.WORKDAYS.key)]
    hours = [settings.hours_of(text) for text in settings.get(settings.WORK_HOURS)]
    form = WeekForm(
        workdays=workdays,
        opens=hours[0][0],
        closes=hours[0][1],
        saturday_opens=hours[5][0],
        saturday_closes=hours[5][1],
    )
    if form.carry_out(
        lambda: service.set_week(
            actor=current_actor(), workdays=tuple(form.workdays.data), hours=form.hours(), now=now()
        )
    ):
        flash(_("The working week has been saved; due dates have been counted again."), "success")
        return see_other(url_for("admin.calendar_week"))
    return render_template("admin/calendar/week.html", form=form), form.status


def _year_page(year: int, *, day_form: DayForm | None = None, confirm_form: ConfirmForm | None = None) -> str:
    shown = service.get_year(year)
    return render_template(
        "admin/calendar/year.html",
        shown=shown,
        months=_months(year, work_calendar()),
        weekdays=WEEKDAYS,
        day_form=day_form or DayForm(formdata=None),
        confirm_form=confirm_form or ConfirmForm(formdata=None, prefix="confirm-", decision=shown.decision),
        unconfirmed=service.unconfirmed_years(today()),
        this_year=today().year,
    )


def _months(year: int, working: WorkCalendar) -> list[list[list[Cell]]]:
    return [
        [[_cell(day, month, working) for day in week] for week in Calendar().monthdatescalendar(year, month)]
        for month in range(1, 13)
    ]


def _cell(day: date, month: int, working: WorkCalendar) -> Cell:
    if day.month != month:
        return Cell(day, "", "", is_today=False)
    if day in working.worked:
        kind = "worked"
    elif day in working.days_off:
        kind = "off"
    else:
        kind = "work" if working.is_working_day(day) else "rest"
    return Cell(day, kind, working.name_of(day) or "", is_today=day == today())
