"""Values that the pages of repeated work show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from taskflow.i18n import _, format_date, title_of
from taskflow.services.queries.audit import AuditRow

_ICONS = {"series.created": ("plus", "doing"), "series.ended": ("slash-circle", "wait")}


@dataclass(frozen=True, slots=True)
class Tab:
    """Running or ended work."""

    label: str
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of the history, as the macro ``timeline`` takes it."""

    at: datetime
    actor: str
    text: str
    note: str
    icon: str
    tone: str


def state_tabs(*, ended: bool) -> list[Tab]:
    """Going on, ended."""
    return [
        Tab(_("Going on"), url_for("series.index"), not ended),
        Tab(_("Ended"), url_for("series.index", ended=1), ended),
    ]


def history(changes: Sequence[AuditRow]) -> list[HistoryLine]:
    """The history in words, newest first."""
    lines = []
    for change in changes:
        title = title_of(change.action, "AuditAction")
        text = title[:1].lower() + title[1:]
        skipped = change.data.get("due_on")
        if isinstance(skipped, str):
            text = f"{text}: {format_date(date.fromisoformat(skipped))}"
        icon, tone = _ICONS.get(change.action, ("pencil", "near"))
        lines.append(HistoryLine(change.at, change.actor, text, str(change.data.get("reason", "")), icon, tone))
    return lines
