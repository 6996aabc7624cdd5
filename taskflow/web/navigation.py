"""What every page needs around its content: navigation by role, the office's name, the bell's number."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.local import LocalProxy

from taskflow.clock import now
from taskflow.domain.permissions import Permission, has, offices_of, units_of
from taskflow.i18n import _
from taskflow.services import settings
from taskflow.services.queries.indicators import answers_for_any
from taskflow.services.queries.messages import arrived_count
from taskflow.web.help import help_url
from taskflow.web.session import current_actor


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation."""

    label: str
    url: str
    icon: str
    active: bool = False
    badge: int = 0


def _entries() -> list[tuple[str, str, str, bool]]:
    """(label, endpoint, icon, shown) in order; an endpoint that is not registered is left out."""
    actor = current_actor()
    office = bool(offices_of(actor))
    admin = has(actor, Permission.ADMIN_UNIT_EDIT)
    return [
        (_("My unit's work"), "tasks.mine", "list-check", bool(units_of(actor))),
        (_("Overview"), "office.dashboard", "speedometer2", bool(offices_of(actor, Permission.REPORT_READ))),
        (_("Tasks"), "tasks.index", "card-checklist", office),
        (_("Documents"), "documents.index", "file-earmark-text", office or has(actor, Permission.DOCUMENT_IMPORT)),
        (_("Indicators"), "indicators.index", "graph-up", office or answers_for_any(actor)),
        (_("Import"), "imports.index", "file-earmark-arrow-up", has(actor, Permission.DOCUMENT_IMPORT)),
        (_("Reports"), "reports.index", "bar-chart", has(actor, Permission.REPORT_READ)),
        (_("Messages"), "messages.index", "envelope", has(actor, Permission.ADMIN_MESSAGE_MANAGE)),
        (_("Administration"), "admin.index", "gear", admin),
    ]


def navigation() -> list[NavItem]:
    """The entries that the signed-in person may use."""
    if not current_user.is_authenticated:
        return []
    shown = [entry for entry in _entries() if entry[3] and entry[1] in current_app.view_functions]
    active = _active([endpoint for _label, endpoint, _icon, _shown in shown])
    return [
        NavItem(label, url_for(endpoint), icon, active=endpoint == active) for label, endpoint, icon, _shown in shown
    ]


def _active(endpoints: list[str]) -> str | None:
    """The entry of this very page, or else the last one of its area ("Nhiệm vụ" for the page of a task)."""
    here = request.endpoint or ""
    if here in endpoints:
        return here
    area = here.rpartition(".")[0]
    area = _BELONGS_TO.get(area, area)
    return next((endpoint for endpoint in reversed(endpoints) if endpoint.rpartition(".")[0] == area), None)


#: Areas without an entry of their own: the one that their pages belong to.
_BELONGS_TO = {"series": "tasks", "reminder_rules": "admin", "channels": "admin"}

#: Links of the frame by the name that base.html knows them under.
_SITE_ENDPOINTS = {
    "home": "office.home",
    "inbox": "inbox.index",
    "search": "tasks.index",
    "account": "account.index",
    "sign_in": "account.sign_in",
    "sign_out": "account.sign_out",
}


def site_urls() -> dict[str, str]:
    """The addresses that the frame of every page links to; those that are not registered are left out."""
    return {
        name: url_for(endpoint) for name, endpoint in _SITE_ENDPOINTS.items() if endpoint in current_app.view_functions
    }


def _office_name() -> str:
    try:
        return settings.get(settings.OFFICE_NAME)
    except SQLAlchemyError:  # the page that says so must not fail as well
        return ""


def _arrived() -> int:
    """How many lines came under the bell since the signed-in person last looked."""
    return arrived_count(current_user.user_id) if current_user.is_authenticated else 0


def _help_url() -> str:
    """The guide at the part that explains this page to this reader."""
    of_unit = current_user.is_authenticated and not offices_of(current_actor())
    return help_url(of_unit=of_unit)


def init_navigation(app: Flask) -> None:
    """Give every template what the frame of the page needs."""

    @app.context_processor
    def _frame() -> dict[str, object]:
        return {
            "navigation": navigation,  # called by the frame only: the page of an error has none and asks no database
            "site_urls": site_urls(),
            "arrived_count": _arrived,  # called by the frame only, as the navigation is
            "now_here": now,
            "help_url": _help_url,  # called by the frame only
            "office_name": LocalProxy(_office_name),
            "app_version": app.config["TASKFLOW_VERSION"],
            "request_id": g.get("request_id", ""),
        }
