"""Deadlines as this office reads them: with its calendar and its meaning of "trước ngày"."""

from __future__ import annotations

from datetime import date

from taskflow.domain.deadlines import Deadline
from taskflow.domain.language import read_deadline
from taskflow.services import settings
from taskflow.services.calendar import work_calendar


def read(text: str, issued_on: date | None) -> Deadline:
    """What the wording means in this office, in a document of this date."""
    return read_deadline(
        text, issued_on=issued_on, calendar=work_calendar(), before_means=settings.get(settings.BEFORE_MEANS)
    )
