"""The settings that an office changes while it works, in sections."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, url_for
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from taskflow.clock import now
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, _l, title_of
from taskflow.services import settings as service
from taskflow.web.admin.blueprint import Answer, admin
from taskflow.web.forms import BaseForm, MultiCheckboxField, choices
from taskflow.web.guards import requires
from taskflow.web.redirects import see_other
from taskflow.web.session import current_actor

#: What stands on the page, in order. A test checks that every setting is here or in ``ELSEWHERE``.
SECTIONS: tuple[tuple[object, tuple[service.SettingSpec[Any], ...]], ...] = (
    (_l("Office"), (service.OFFICE_NAME, service.PAPER_PLACE, service.PAPER_CODE, service.PAPER_SIGNER)),
    (
        _l("Deadlines"),
        (
            service.BEFORE_MEANS,
            service.SOON_DAYS,
            service.ACKNOWLEDGE_DAYS,
            service.STALE_DAYS,
            service.SERIES_LEAD_DAYS,
        ),
    ),
    (
        _l("Extension and urging"),
        (
            service.EXTENSION_MAX_COUNT,
            service.EXTENSION_MAX_DAYS,
            service.EXTENSION_DAYS_BEFORE,
            service.URGE_ESCALATE_AFTER,
        ),
    ),
    (_l("Evidence"), (service.EVIDENCE_MAX_MB, service.EVIDENCE_TYPES)),
)
#: Settings with a page of their own, or that the machine keeps for itself.
ELSEWHERE = frozenset({service.WORKDAYS.key, service.WORK_HOURS.key, service.CALENDAR_VERSION.key})


def _field(spec: service.SettingSpec[Any]) -> Any:
    description = spec.hint or None
    if isinstance(spec.default, tuple):
        pairs = [(code, title_of(code, "FileType")) for code in spec.choices]
        return MultiCheckboxField(spec.title, [InputRequired()], choices=choices(pairs), description=description)
    if spec.choices:
        pairs = [(code, title_of(spec.type(code))) for code in spec.choices]
        return SelectField(spec.title, choices=choices(pairs), description=description)
    if spec.bounds:
        return IntegerField(spec.title, [InputRequired(), NumberRange(*spec.bounds)], description=description)
    return StringField(spec.title, [Length(max=300)], description=description)


def _name(spec: service.SettingSpec[Any]) -> str:
    return spec.key.replace(".", "_")


def _form() -> BaseForm:
    specs = [spec for _title, specs in SECTIONS for spec in specs]
    form = type("SettingsForm", (BaseForm,), {_name(spec): _field(spec) for spec in specs})
    made: BaseForm = form(data={_name(spec): service.get(spec) for spec in specs})
    return made


@admin.route("/settings", methods=["GET", "POST"])
@requires(Permission.ADMIN_SETTING_EDIT)
def settings() -> Answer:
    """All settings on one page."""
    form = _form()
    if form.carry_out(
        lambda: service.change(
            {spec.key: form[_name(spec)].data for _title, specs in SECTIONS for spec in specs},
            actor=current_actor(),
            now=now(),
        )
    ):
        flash(_("The settings have been saved."), "success")
        return see_other(url_for("admin.settings"))
    sections = [(title, [form[_name(spec)] for spec in specs]) for title, specs in SECTIONS]
    return render_template("admin/settings.html", form=form, sections=sections), form.status
