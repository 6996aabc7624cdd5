"""When something may be sent to a person: working days and hours, own quiet hours, times of the digest.

All instants here are local ones of the office (naive wall clock or with its zone, but always the same).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from taskflow.domain.calendar import WorkCalendar

#: Looking further than this for an open hour means that the hours exclude each other.
_DAYS_AHEAD = 40
#: Quiet hours that leave less of the day (in minutes) would silence a person for good; they are not kept.
_LEAST_FREE = 30


@dataclass(frozen=True, slots=True)
class SendingHours:
    """The hours in which a person is written to: ``opens``-``closes`` on working days, less the own quiet hours.

    ``quiet`` may wrap around midnight (20:00-07:30). ``times`` are the times of day of the digest, in order.
    """

    opens: time = time(7, 0)
    closes: time = time(20, 0)
    times: tuple[time, ...] = (time(7, 30),)
    quiet: tuple[time, time] | None = None

    def is_open(self, at: datetime, calendar: WorkCalendar) -> bool:
        """Whether the person may be written to at this moment."""
        clock = at.timetz().replace(tzinfo=None)
        return calendar.is_working_day(at.date()) and self.opens <= clock < self.closes and not self._is_quiet(clock)

    def next_open(self, at: datetime, calendar: WorkCalendar) -> datetime:
        """``at`` itself when the hours are open, else the first moment after it when they are."""
        day = at.date()
        for _ in range(_DAYS_AHEAD):
            day = calendar.on_or_after(day)
            start = max(at, datetime.combine(day, self.opens, at.tzinfo))
            if self._is_quiet(start.timetz().replace(tzinfo=None)) and self.quiet is not None:
                end = datetime.combine(day, self.quiet[1], at.tzinfo)
                start = end if end > start else datetime.combine(day, time.max, at.tzinfo)
            if start < datetime.combine(day, self.closes, at.tzinfo):
                return start
            day += timedelta(days=1)
        return SendingHours(self.opens, self.closes, self.times).next_open(at, calendar)

    def slot(self, at: datetime, calendar: WorkCalendar) -> datetime | None:
        """The digest time that has come by ``at`` on its day; None outside the hours or before the first one."""
        if not self.is_open(at, calendar):
            return None
        clock = at.timetz().replace(tzinfo=None)
        past = [moment for moment in self.times if moment <= clock]
        return datetime.combine(at.date(), past[-1], at.tzinfo) if past else None

    def next_slot(self, at: datetime, calendar: WorkCalendar) -> datetime:
        """The first digest time that comes after ``at``; the next open moment where quiet hours cover them all."""
        day = at.date()
        for _ in range(_DAYS_AHEAD):
            day = calendar.on_or_after(day)
            for moment in self.times:
                slot = datetime.combine(day, moment, at.tzinfo)
                if slot > at and self.is_open(slot, calendar):
                    return slot
            day += timedelta(days=1)
        return self.next_open(at, calendar)

    def _is_quiet(self, clock: time) -> bool:
        if self.quiet is None or self.quiet[0] == self.quiet[1] or self._free_minutes() < _LEAST_FREE:
            return False
        begins, ends = self.quiet
        return begins <= clock < ends if begins < ends else clock >= begins or clock < ends

    def _free_minutes(self) -> int:
        """Minutes between opening and closing that the quiet hours leave."""
        if self.quiet is None:
            return _LEAST_FREE
        opens, closes, begins, ends = map(_minutes, (self.opens, self.closes, *self.quiet))
        if begins < ends:
            return closes - opens - max(0, min(closes, ends) - max(opens, begins))
        return max(0, min(closes, begins) - max(opens, ends))


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
