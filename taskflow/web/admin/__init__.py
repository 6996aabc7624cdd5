"""Administration: units, groups, people, calendar, settings. One module a section, all on one blueprint."""

from __future__ import annotations

from taskflow.web.admin import (
    calendar,
    groups,
    importing,
    moving,
    names,
    overview,
    people,
    reorganisation,
    settings,
    units,
    workflows,
)
from taskflow.web.admin.blueprint import admin

__all__ = [
    "admin",
    "calendar",
    "groups",
    "importing",
    "moving",
    "names",
    "overview",
    "people",
    "reorganisation",
    "settings",
    "units",
    "workflows",
]
