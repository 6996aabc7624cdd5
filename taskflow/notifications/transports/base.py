"""What every way of sending shares: the parcel, the receipt, and the two ways of failing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from taskflow.models.outbox import ChannelKind


class TransientError(Exception):
    """It may work later. ``code`` is the provider's, ``not_before`` the earliest moment that makes sense.

    ``needs_person``: it will go on failing until somebody renews a sign-in, pays or changes a setting.
    ``other_way``: waiting for it makes no sense while the person can be reached by another channel.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        not_before: datetime | None = None,
        needs_person: bool = False,
        other_way: bool = False,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.not_before = not_before
        self.needs_person = needs_person
        self.other_way = other_way


class FaultError(TransientError):
    """A failure of ours, not of the provider: any exception that no transport raises by intention."""

    def __init__(self, error: Exception) -> None:
        super().__init__("fault", f"{type(error).__name__}: {error}", other_way=True)


class PermanentError(Exception):
    """It will never work this way; another way may. ``bad_address``: nothing more may be sent to this address."""

    def __init__(self, code: str, detail: str = "", *, bad_address: bool = False, needs_person: bool = False) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.bad_address = bad_address
        self.needs_person = needs_person


class TokenRefusedError(TransientError):
    """The access token was refused: get another one and try once more."""


class TemplateRefusedError(PermanentError):
    """The values do not fit the template as it is now: fetch its parameters and try once more."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words: ``text`` and ``html`` say the same, ``chat`` is the short form for chat channels.

    ``parameters`` are the values for a template of a provider, not yet fitted to its limits.
    """

    subject: str
    text: str
    html: str = ""
    chat: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to one address. ``id`` is the row's, from which all ids that providers see are made."""

    id: int
    channel: ChannelKind
    address: str
    rendered: Rendered
    kind: str = ""
    urgent: bool = False
    #: Address at which reminders by e-mail are switched off with one click; empty for messages that cannot be.
    unsubscribe_url: str = ""
    #: The one task that this message is about, for threading.
    task_id: int | None = None
    #: Whatever the channel needs besides: the webhook's secret and format, when the person last wrote …
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tracking_id(self) -> str:
        """The id by which a receiver can drop a double; at most 48 characters (Zalo)."""
        return f"taskflow-{self.id}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver's yes."""

    provider_id: str | None = None


class Transport(Protocol):
    """A way of sending. Used by one thread at a time; may keep a connection between two messages.

    ``close`` only hangs up: whoever holds a transport may send after it, over a connection made anew.
    """

    def send(self, parcel: Parcel, *, now: datetime) -> Receipt:
        """Hand the parcel over; returns only after the receiver's yes. Raises the two errors above."""
        ...

    def close(self) -> None:
        """Hang up; the next ``send`` connects again."""
        ...


class NoTransport:
    """Stands for a transport that could not be made: every message fails with the reason."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def send(self, parcel: Parcel, *, now: datetime) -> Receipt:  # noqa: ARG002 - a transport's signature
        """Raise the reason."""
        raise self._error

    def close(self) -> None:
        """Nothing is kept."""
