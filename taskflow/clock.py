"""The one place that asks what time it is; services get it as an argument.

``app.config["TASKFLOW_CLOCK"]`` may hold another function (tests, demo), and ``TASKFLOW_DATABASE_CLOCK`` one that
stands in for the database's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from flask import current_app
from sqlalchemy import text

from taskflow.extensions import db

#: A difference to the database's clock up to this is the way there and back, not a clock that is wrong.
TOLERANCE = timedelta(seconds=1)
_ASKED = {
    "postgresql": text("SELECT clock_timestamp()"),
    "sqlite": text("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"),
}
_correction = timedelta()


def system_now() -> datetime:
    """The instant now, in UTC: the machine's clock, put right by the database's (see ``follow_database``)."""
    return datetime.now(UTC) + _correction


def database_now() -> datetime:
    """The database's time, in UTC: nodes write and compare claims and leases by it, however wrong their clocks are."""
    stand_in: Callable[[], datetime] | None = current_app.config["TASKFLOW_DATABASE_CLOCK"]
    if stand_in is not None:
        return stand_in()
    answer = db.session.execute(_ASKED[db.engine.dialect.name]).scalar_one()
    return answer if isinstance(answer, datetime) else datetime.fromisoformat(answer)


def follow_database() -> timedelta:
    """Measure how far the machine's clock is behind the database's and correct ``system_now`` by it from now on."""
    global _correction  # noqa: PLW0603 - a machine has one clock
    before = datetime.now(UTC)
    there = database_now()
    difference = there - before - (datetime.now(UTC) - before) / 2
    _correction = difference if abs(difference) > TOLERANCE else timedelta()
    return _correction


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
