"""By which way a person can be reached now, and from when on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.models.org import User
from taskflow.models.outbox import Channel, ChannelKind
from taskflow.services.calendar import work_calendar
from taskflow.services.reminder_policy import Choice, Policy, channels_of, choice_of, hours_of
from taskflow.services.zalo_settings import bot_settings, oa_settings


@dataclass(frozen=True, slots=True)
class Route:
    """One way to a person. An empty address: there is none, and the message is kept as one that reached nobody."""

    kind: ChannelKind
    address: str


NO_ROUTE = Route(ChannelKind.EMAIL, "")


class Address(Protocol):
    """What is known of a stored address: a ``Channel``, or the same columns of a row."""

    @property
    def kind(self) -> ChannelKind: ...
    @property
    def address(self) -> str: ...
    @property
    def verified_at(self) -> datetime | None: ...
    @property
    def disabled_at(self) -> datetime | None: ...
    @property
    def unsubscribed_at(self) -> datetime | None: ...


def set_up_channels() -> frozenset[ChannelKind]:
    """Channels by which something can leave now."""
    found = {ChannelKind.WEBHOOK}
    if current_app.config["TASKFLOW"].smtp_host:
        found.add(ChannelKind.EMAIL)
    if bot_settings().token:
        found.add(ChannelKind.ZALO_BOT)
    account = oa_settings()
    if account.app_id:
        found |= {ChannelKind.ZALO_OA, ChannelKind.ZALO_GROUP}
        if account.template_id:
            found.add(ChannelKind.ZALO_TEMPLATE)
    return frozenset(found)


def has_mail() -> bool:
    """Whether an e-mail can leave now: nothing may say that one is on its way otherwise."""
    return ChannelKind.EMAIL in set_up_channels()


def routes(
    email: str, choice: Choice, channels: Iterable[Address], policy: Policy, set_up: frozenset[ChannelKind]
) -> list[Route]:
    """All ways to a person, in the order of their choice: proven, not refused for good, not unsubscribed.

    The account's e-mail address needs no proof of its own: the person signs in with it. Channels that are not set up
    come last: a message waits for one of them only when there is no other way.
    """
    known = {(channel.kind, channel.address): channel for channel in channels}
    found = []
    for kind in sorted(channels_of(policy, choice), key=lambda kind: kind not in set_up):
        if kind is ChannelKind.EMAIL:
            channel = known.get((kind, email))
            if email and (channel is None or _is_usable(channel)):
                found.append(Route(kind, email))
            continue
        found.extend(
            Route(kind, channel.address)
            for channel in known.values()
            if channel.kind is kind and channel.verified_at is not None and _is_usable(channel)
        )
    return found


def choose_route(session: Session, user: User, policy: Policy) -> Route:
    """The first way to this person, or ``NO_ROUTE``."""
    return next(iter(routes_of(session, user, policy)), NO_ROUTE)


def next_route(session: Session, user: User, policy: Policy, tried: set[Route]) -> Route | None:
    """The next way to this person that has not been tried for a message."""
    return next((route for route in routes_of(session, user, policy) if route not in tried), None)


def routes_of(session: Session, user: User, policy: Policy) -> list[Route]:
    """All ways to this person."""
    channels = session.scalars(select(Channel).where(Channel.user_id == user.id).order_by(Channel.id)).all()
    return routes(user.email, choice_of(user.preferences), channels, policy, set_up_channels())


def first_moment(user: User, policy: Policy, at: datetime) -> datetime:
    """``at``, or the first moment after it at which this person may be written to."""
    zone = current_app.config["TASKFLOW"].zone
    return hours_of(policy, choice_of(user.preferences)).next_open(at.astimezone(zone), work_calendar())


def _is_usable(channel: Address) -> bool:
    return channel.disabled_at is None and channel.unsubscribed_at is None
