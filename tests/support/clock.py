"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
#: A Monday morning at nine, office time, far from holidays.
START = datetime(2026, 3, 16, 9, 0, tzinfo=OFFICE_ZONE)


class Clock:
    """Stands in for ``taskflow.clock.system_now``: ``clock()`` is now in UTC, ``clock.today`` the office's day."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        return self._now

    @property
    def now(self) -> datetime:
        """The instant, in UTC."""
        return self._now

    @property
    def today(self) -> date:
        """The office's day."""
        return self._now.astimezone(OFFICE_ZONE).date()

    def set(self, moment: datetime | date | str) -> None:
        """Go to an instant; a text or a date without a zone is office time ("2026-04-30 08:00"; a date means 09:00)."""
        value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        if not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, 9, tzinfo=OFFICE_ZONE)
        self._now = (value if value.tzinfo else value.replace(tzinfo=OFFICE_ZONE)).astimezone(UTC)

    def advance(self, **step: float) -> None:
        """Go on by days, hours, minutes or seconds."""
        self._now += timedelta(**step)
