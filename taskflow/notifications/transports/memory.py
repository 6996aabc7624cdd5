"""Keeps what would have been sent; answers as it is told to. For tests and for a first look without a mail server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from taskflow.notifications.transports.base import Parcel, Receipt


class MemoryTransport:
    """``answer`` may raise the errors of a real transport for a parcel."""

    def __init__(self, answer: Callable[[Parcel], None] | None = None) -> None:
        self.sent: list[Parcel] = []
        self._answer = answer

    def send(self, parcel: Parcel, *, now: datetime) -> Receipt:  # noqa: ARG002 - a transport's signature
        """Keep the parcel, unless the answer raises."""
        if self._answer is not None:
            self._answer(parcel)
        self.sent.append(parcel)
        return Receipt(f"memory-{parcel.id}")

    def close(self) -> None:
        """Nothing to let go of."""
