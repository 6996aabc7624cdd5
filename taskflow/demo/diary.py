"""What happens in the demo, in order of days; after each day its messages leave, as far as they can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count

from flask import current_app

from taskflow.clock import local_date
from taskflow.demo.people import email_of, holder_of
from taskflow.domain.permissions import Role
from taskflow.models.outbox import ChannelKind
from taskflow.notifications.transports.base import Parcel, PermanentError, TransientError
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services.outbox import Courier

Act = Callable[[datetime], object]

#: How long before now the demo's mail server was taken away: what was said since waits.
NO_SERVER_SINCE = timedelta(days=2)
GIVEN_UP = timedelta(days=16)


class Diary:
    """Acts by day, counted from today; an act may note further ones."""

    def __init__(self, *, start: datetime, today: datetime) -> None:
        self._start = start
        self.today = today
        self._acts: list[tuple[datetime, int, Act]] = []
        self._number = count()
        self._told = self._mail = start
        self._courier = Courier(
            name="demo", channels=[ChannelKind.EMAIL], transport=MemoryTransport(self._answer), now=lambda: self._mail
        )

    def on(self, day: int, act: Act) -> None:
        """Note an act for the morning of a day."""
        heappush(self._acts, (max(self.morning(day), self._told), next(self._number), act))

    def morning(self, day: int) -> datetime:
        """Half past nine on a day counted from today, never before the tasks were assigned."""
        zone = current_app.config["TASKFLOW"].zone
        moment = datetime.combine(local_date(self.today) + timedelta(days=day), time(9, 30), zone).astimezone(UTC)
        return min(max(moment, self._start + timedelta(hours=1)), self.today)

    def tell(self) -> None:
        """Let everything happen."""
        self._post_leaves(self._start + timedelta(minutes=30))
        while self._acts:
            moment, _number, act = heappop(self._acts)
            self._told = min(max(moment, self._told + timedelta(minutes=7)), self.today)
            act(self._told)
            if not self._acts or self._acts[0][0].date() > self._told.date():
                self._post_leaves(self._told + timedelta(minutes=30))
        self._courier.close()

    def _post_leaves(self, moment: datetime) -> None:
        """What was said on a day leaves on that day, or on one of the next where it was a day off."""
        until = min(self._acts[0][0] if self._acts else self.today, self.today - NO_SERVER_SINCE)
        for day in range(4):
            self._mail = moment + timedelta(days=day)
            while self._mail < until and self._courier.deliver_batch():
                pass

    def _answer(self, parcel: Parcel) -> None:
        """The demo's mailboxes: one was given up two weeks ago, one is full."""
        if parcel.address == email_of(holder_of(Role.HEAD, "Xã Hòa Lạc")) and self._mail > self.today - GIVEN_UP:
            raise PermanentError("550", "5.1.1 Hộp thư không tồn tại", bad_address=True)
        if parcel.address == email_of(holder_of(Role.HEAD, "Sở NN&MT")):
            raise TransientError("452", "4.2.2 Hộp thư đầy")
