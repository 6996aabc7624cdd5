"""What an office allows and a person chooses about reminders: hours, times, channels.

The office's ``Policy`` is one setting; a person's ``Choice`` is part of the account and counts within
what the office allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time
from typing import Any

from taskflow.domain.errors import Invalid
from taskflow.domain.sending_hours import SendingHours
from taskflow.models.org import User
from taskflow.models.outbox import ChannelKind
from taskflow.services import settings

PERSONAL_CHANNELS = (ChannelKind.EMAIL, ChannelKind.ZALO_BOT, ChannelKind.ZALO_OA, ChannelKind.ZALO_TEMPLATE)
_KEY = "reminders.policy"


@dataclass(frozen=True, slots=True)
class Policy:
    """The office's rules about reminding. Times are local, lengths are in the unit of their name."""

    times: tuple[time, ...] = (time(7, 30),)
    opens: time = time(7, 0)
    closes: time = time(20, 0)
    channels: tuple[ChannelKind, ...] = PERSONAL_CHANNELS
    #: Events of one kind that follow within this time share one message.
    gather_minutes: int = 2
    #: Lines of a digest; the rest is "và n việc khác".
    digest_items: int = 15
    #: How long a one-task link of a message opens its task.
    link_days: int = 14
    #: How long messages, their addresses and the record of openings are kept.
    keep_days: int = 365


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose: channels in their order, one time of the digest or any, own quiet hours."""

    channels: tuple[ChannelKind, ...] = ()
    times: tuple[time, ...] = ()
    quiet: tuple[time, time] | None = None


def load_policy() -> Policy:
    """The policy that holds now."""
    return settings.get(_SPEC)


def save_policy(policy: Policy, *, now: datetime, by_id: int | None) -> None:
    """Store a policy inside a unit of work that checked who does it. Raises ``Invalid`` for impossible hours."""
    if policy.opens >= policy.closes:
        raise Invalid("reminder.hours_order", "closes")
    if not policy.times or any(not policy.opens <= moment < policy.closes for moment in policy.times):
        raise Invalid("reminder.time_outside_hours", "times")
    if ChannelKind.EMAIL not in policy.channels:
        raise Invalid("reminder.email_needed", "channels")
    settings.put(_KEY, _plain(asdict(policy)), now=now, by_id=by_id)


def choice_of(preferences: Mapping[str, Any]) -> Choice:
    """A person's choice as stored; what cannot be understood counts as not chosen."""
    stored = preferences.get("reminders")
    if not isinstance(stored, dict):
        return Choice()
    try:
        quiet = stored.get("quiet")
        return Choice(
            channels=tuple(ChannelKind(code) for code in stored.get("channels", ())),
            times=tuple(time.fromisoformat(text) for text in stored.get("times", ())),
            quiet=(time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1])) if quiet else None,
        )
    except (ValueError, TypeError, IndexError):
        return Choice()


def keep_choice(user: User, choice: Choice) -> None:
    """Put a choice into the account (inside a unit of work)."""
    user.preferences = {**user.preferences, "reminders": _plain(asdict(choice))}


def hours_of(policy: Policy, choice: Choice) -> SendingHours:
    """The hours in which this person is written to: the office's, with the chosen times and quiet hours."""
    times = tuple(moment for moment in choice.times if moment in policy.times) or policy.times
    return SendingHours(policy.opens, policy.closes, tuple(sorted(times)), choice.quiet)


def channels_of(policy: Policy, choice: Choice) -> tuple[ChannelKind, ...]:
    """Channels to try in order: the chosen ones that the office allows, then the office's others."""
    chosen = [kind for kind in choice.channels if kind in policy.channels]
    return tuple(chosen + [kind for kind in policy.channels if kind not in chosen])


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, tuple):
            return [plain(part) for part in value]
        return value.isoformat("minutes") if isinstance(value, time) else value

    return {key: plain(value) for key, value in values.items()}


def _parse(stored: object) -> Policy:
    """The policy of stored values; missing ones have their default. Raises ValueError for impossible ones."""
    if isinstance(stored, Policy):
        return stored
    if not isinstance(stored, dict):
        raise ValueError(stored)
    known: dict[str, Any] = {
        "times": tuple(time.fromisoformat(text) for text in stored.get("times", ())) or Policy().times,
        "channels": tuple(ChannelKind(code) for code in stored.get("channels", ())) or PERSONAL_CHANNELS,
    }
    for key in ("opens", "closes"):
        if key in stored:
            known[key] = time.fromisoformat(stored[key])
    for key in ("gather_minutes", "digest_items", "link_days", "keep_days"):
        if key in stored:
            known[key] = int(stored[key])
    return replace(Policy(), **known)


_SPEC = settings.SettingSpec(_KEY, _parse, Policy(), "reminders")
