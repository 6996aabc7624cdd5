"""The sub-pages at the side of "your account" and of the administration, in one list each.

A blueprint whose pages belong there says ``blueprint.context_processor(admin_side)``. Entries of
endpoints that are not registered are left out.
"""

from __future__ import annotations

from flask import current_app, request, url_for

from taskflow.domain.permissions import Permission, has, offices_of
from taskflow.i18n import _
from taskflow.web.navigation import NavItem
from taskflow.web.session import current_actor


def account_side() -> dict[str, object]:
    """``side_items`` for the pages of one's own account."""
    return {
        "side_items": _items(
            [
                (_("Your details"), "account.index", "person-gear"),
                (_("Change the password"), "account.password", "key"),
                (_("Who stands in for me"), "account.delegations", "person-check"),
                (_("Reminders and channels"), "account_channels.index", "bell"),
                (_("Access keys for programs"), "account.api_tokens", "shield-lock"),
            ]
        )
    }


def admin_side() -> dict[str, object]:
    """``side_items`` for the administration, those that the person may use."""
    actor = current_actor()
    entries = [
        (_("Overview"), "admin.index", "speedometer2", Permission.ADMIN_UNIT_EDIT),
        (_("Units"), "admin.units", "diagram-3", Permission.ADMIN_UNIT_EDIT),
        (_("Groups of units"), "admin.groups", "buildings", Permission.ADMIN_UNIT_EDIT),
        (_("People"), "admin.people", "people", Permission.ADMIN_USER_EDIT),
        (_("Delegations"), "admin.delegations", "person-check", Permission.ADMIN_USER_EDIT),
        (_("Import from Excel"), "admin.people_import", "file-earmark-excel", Permission.ADMIN_USER_EDIT),
        (_("Reorganisation"), "admin.reorganisation", "arrow-left-right", Permission.ADMIN_UNIT_EDIT),
        (_("Learnt names"), "admin.learnt_names", "bookmark", Permission.DOCUMENT_IMPORT),
        (_("Calendar"), "admin.calendar", "calendar3", Permission.ADMIN_CALENDAR_EDIT),
        (_("Workflows"), "admin.workflows", "signpost-split", Permission.ADMIN_WORKFLOW_EDIT),
        (_("Reminder rules"), "reminder_rules.index", "bell", Permission.ADMIN_SETTING_EDIT),
        (_("Channels"), "channels.index", "send", Permission.ADMIN_SETTING_EDIT),
        (_("Settings"), "admin.settings", "sliders", Permission.ADMIN_SETTING_EDIT),
        (_("Audit log"), "admin.audit_log", "journal-text", Permission.ADMIN_USER_EDIT),
    ]
    allowed = [
        (label, endpoint, icon)
        for label, endpoint, icon, permission in entries
        if has(actor, permission)
        or (permission is Permission.DOCUMENT_IMPORT and has(actor, Permission.ADMIN_UNIT_EDIT))
        or (endpoint == "reminder_rules.index" and offices_of(actor, Permission.TASK_EDIT))
    ]
    return {"side_items": _items(allowed)}


def _items(entries: list[tuple[str, str, str]]) -> list[NavItem]:
    shown = [
        (label, url_for(endpoint), icon) for label, endpoint, icon in entries if endpoint in current_app.view_functions
    ]
    # A page without an entry of its own (one unit, one person) belongs to the entry whose address its own goes on from.
    here = [url for _label, url, _icon in shown if f"{request.path}/".startswith(f"{url.rstrip('/')}/")]
    active = max(here, key=len, default="")
    return [NavItem(label, url, icon, active=url == active) for label, url, icon in shown]
