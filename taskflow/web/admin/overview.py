"""First page of the administration and the audit log."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask import render_template, request

from taskflow.clock import now, today
from taskflow.domain.permissions import Permission
from taskflow.i18n import _, _l, format_date, title_of
from taskflow.services.health import standstill
from taskflow.services.queries import audit
from taskflow.services.queries.people import people_choices
from taskflow.services.queries.setup import setup_state
from taskflow.services.settings import SPECS
from taskflow.web.addresses import row_number
from taskflow.web.admin.blueprint import Answer, admin, page_number
from taskflow.web.guards import requires

_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Words for what an entry keeps beside its action.
DATA_LABELS: dict[str, object] = {
    "decision": _l("decision"),
    "day": _l("day"),
    "days": _l("days"),
    "delegate": _l("stand-in"),
    "code": _l("code"),
    "email": _l("e-mail"),
    "ends_on": _l("until"),
    "from": _l("before"),
    "full_name": _l("full name"),
    "is_office": _l("coordinating office"),
    "job_title": _l("job title"),
    "kind": _l("kind"),
    "name": _l("name"),
    "parent_id": _l("stands under"),
    "phone": _l("telephone"),
    "position": _l("order"),
    "short_name": _l("short name"),
    "unit": _l("unit"),
    "new": _l("after"),
    "old": _l("before"),
    "role": _l("role"),
    "starts_on": _l("from"),
    "to": _l("after"),
    "valid_from": _l("from"),
    "valid_to": _l("until"),
    "years": _l("years"),
}


def explain(data: dict[str, Any]) -> list[str]:
    """What an entry keeps, as short lines: "tên: A → B". What has no word here is for machines only."""
    lines = []
    for key, value in data.items():
        if key == "changes" and isinstance(value, dict):
            lines += [
                f"{DATA_LABELS[name]}: {_plain(name, old)} → {_plain(name, new)}"
                for name, (old, new) in value.items()
                if name in DATA_LABELS
            ]
        elif key in DATA_LABELS and value not in (None, "", []):
            lines.append(f"{DATA_LABELS[key]}: {_plain(key, value)}")
    return lines


def _plain(key: str, value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if key == "role":
        return title_of(str(value), "Role")
    if key == "kind":
        return str({"off": _("Day off"), "worked": _("Worked in exchange")}.get(str(value), value))
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        return format_date(date.fromisoformat(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def subject_words(subject: str, subject_id: str) -> str:
    """What an entry is about, where there is no link to it."""
    if subject == "setting" and subject_id in SPECS:
        return str(SPECS[subject_id].title)
    if subject == "calendar" or not subject_id.isdecimal():
        return _plain("", subject_id)
    return str(_("no. %(number)s", number=subject_id))


@admin.get("/")
@requires(Permission.ADMIN_UNIT_EDIT)
def index() -> Answer:
    """What is set up, and what is still to do."""
    return render_template("admin/index.html", setup=setup_state(today()), standstill=standstill(now=now()))


@admin.get("/audit")
@requires(Permission.ADMIN_USER_EDIT)
def audit_log() -> Answer:
    """Who did what."""
    page = page_number()
    filters: dict[str, Any] = {
        "subject": request.args.get("subject", ""),
        "subject_id": request.args.get("id", ""),
        "actor_id": request.args.get("actor", type=row_number),
    }
    rows, has_next = audit.list_entries(**filters, page=page)
    subjects = [
        ("user", _("People")),
        ("unit", _("Units")),
        ("group", _("Groups of units")),
        ("calendar", _("Calendar")),
        ("setting", _("Settings")),
        ("workflow", _("Workflows")),
        ("channel", _("Channels")),
    ]
    return render_template(
        "admin/audit.html",
        rows=[(row, subject_words(row.subject, row.subject_id), explain(row.data)) for row in rows],
        filters=filters,
        subjects=subjects,
        people=people_choices(on=today()),
        page=page,
        per_page=audit.PER_PAGE,
        has_next=has_next,
    )
