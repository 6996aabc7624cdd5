"""The blueprints of all areas, in one list."""

from __future__ import annotations

from flask import Blueprint

from taskflow.web.account import account
from taskflow.web.admin import admin
from taskflow.web.bell import inbox
from taskflow.web.channels import account_channels, channels
from taskflow.web.documents import documents
from taskflow.web.health import health
from taskflow.web.help import help_pages
from taskflow.web.hooks import hooks
from taskflow.web.imports import imports
from taskflow.web.indicators import indicators
from taskflow.web.links import links
from taskflow.web.messages import messages
from taskflow.web.office import office
from taskflow.web.reminder_rules import reminder_rules
from taskflow.web.series import series
from taskflow.web.tasks import tasks

AREAS: tuple[Blueprint, ...] = (
    health,
    account,
    admin,
    office,
    tasks,
    series,
    documents,
    indicators,
    imports,
    inbox,
    messages,
    reminder_rules,
    account_channels,
    channels,
    hooks,
    links,
    help_pages,
)
