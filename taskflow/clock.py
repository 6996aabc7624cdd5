"""The one place that asks what time it is; services get it as an argument.

``app.config["TASKFLOW_CLOCK"]`` may hold another function (tests, demo).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import current_app


def system_now() -> datetime:
    """The instant now, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The application's idea of now, in UTC."""
    clock: Callable[[], datetime] = current_app.config["TASKFLOW_CLOCK"]
    return clock()


def local_date(instant: datetime) -> date:
    """The day of an instant in the office's time zone."""
    return instant.astimezone(current_app.config["TASKFLOW"].zone).date()


def today() -> date:
    """Today in the office's time zone."""
    return local_date(now())
