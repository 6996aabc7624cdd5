"""The people a sweep may write to: who holds which post, who stands in for whom, whose hour has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.reminders import Recipient
from taskflow.domain.sending_hours import SendingHours
from taskflow.models.org import User
from taskflow.models.outbox import Channel, OutboxMessage
from taskflow.services.deputies import Deputies
from taskflow.services.directory import Directory
from taskflow.services.reach import NO_ROUTE, Route, routes, set_up_channels
from taskflow.services.reminder_facts import Place
from taskflow.services.reminder_policy import Policy, choice_of, hours_of

DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be reminded. ``key`` names the digest that may leave now; without it ``held`` says why not.

    ``urgent_key`` names the one for urgent work, which passes days off and the digest's own times.
    """

    id: int
    name: str
    email: str
    route: Route
    key: str = ""
    held: str = ""
    urgent_key: str = ""


@dataclass(slots=True)
class People:
    """Everybody with an account that works, by id; and the answers to "who is that post?"."""

    by_id: dict[int, Person]
    directory: Directory
    #: Whom a person's reminders go to instead while they are away.
    deputies: Deputies = field(default_factory=Deputies)
    _kept: dict[tuple[object, ...], tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, *, now: datetime, zone: ZoneInfo, calendar: WorkCalendar, policy: Policy) -> People:
        """Read accounts, channels, posts, delegations and the digests that exist already."""
        local = now.astimezone(zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        made = set(
            session.scalars(
                select(OutboxMessage.dedupe_key).where(
                    OutboxMessage.kind == DIGEST, OutboxMessage.created_at >= midnight
                )
            )
        )
        # Rows, not objects: three thousand accounts need not stay in the session for the rest of the sweep.
        channels: dict[int, list[Any]] = {}
        for row in session.execute(
            select(
                Channel.user_id,
                Channel.kind,
                Channel.address,
                Channel.verified_at,
                Channel.disabled_at,
                Channel.unsubscribed_at,
            ).order_by(Channel.id)
        ):
            channels.setdefault(row.user_id, []).append(row)
        users = session.execute(select(User.id, User.full_name, User.email, User.preferences).where(User.is_active))
        people, set_up = {}, set_up_channels()
        for user_id, name, email, preferences in users:
            choice = choice_of(preferences)
            route = next(iter(routes(email, choice, channels.get(user_id, ()), policy, set_up)), NO_ROUTE)
            key, held, urgent_key = _slot(user_id, hours_of(policy, choice), local, calendar, made)
            people[user_id] = Person(user_id, name, email, route, key, held, urgent_key)
        today = local.date()
        return cls(people, Directory.load(session, today), Deputies.load(session, on=today, now=now))

    def addressed(self, post: Recipient, place: Place, coordinating: Iterable[int] = ()) -> tuple[tuple[int, int], ...]:
        """The people of a post around a task as (person, for whom or 0), with deputies in place of those away."""
        over = (place.office_id, place.assigning_unit_id, place.confirming_unit_id)
        key = (post, place.lead_unit_id, over, place.person_id if post is Recipient.PERSON else 0)
        if post is not Recipient.COORDINATING and key in self._kept:
            return self._kept[key]
        meant = self._holders(post, place, coordinating)
        found: dict[int, int] = {}
        for user_id in meant:
            stand_ins = self.deputies.of(user_id, self.directory.ancestors.get(place.lead_unit_id or 0, ()))
            for deputy in stand_ins:
                found.setdefault(deputy, user_id)
            if not stand_ins and user_id in self.by_id:
                found[user_id] = 0
        answer = tuple(found.items())
        if post is not Recipient.COORDINATING:
            self._kept[key] = answer
        return answer

    def _holders(self, post: Recipient, place: Place, coordinating: Iterable[int]) -> tuple[int, ...]:
        directory = self.directory
        if post is Recipient.PERSON:
            if place.person_id is not None and (
                place.person_id in self.by_id or place.person_id in self.deputies.by_principal
            ):
                return (place.person_id,)
            return directory.heads(place.lead_unit_id)
        if post is Recipient.HEAD:
            return directory.heads(place.lead_unit_id)
        if post is Recipient.COORDINATING:
            return tuple(dict.fromkeys(user for unit in coordinating for user in directory.heads(unit)))
        if post in (Recipient.OFFICE, Recipient.OFFICE_HEAD) and place.assigning_unit_id is not None:
            return directory.heads(place.assigning_unit_id)
        if post is Recipient.OFFICE:
            return directory.confirmers(place.confirming_unit_id) or directory.coordinators(place.office_id)
        if post is Recipient.OFFICE_HEAD:
            return directory.office_heads(place.office_id)
        if post is Recipient.LEADER:
            return directory.leaders(place.office_id)
        return ()  # who reported is known to the event only


def _slot(
    user_id: int, hours: SendingHours, local: datetime, calendar: WorkCalendar, made: set[str]
) -> tuple[str, str, str]:
    """The key of the digest that may leave now, or why none may; and the key of an urgent one."""
    slot = hours.slot(local, calendar)
    key = f"{DIGEST}:{user_id}:{slot:%Y-%m-%dT%H:%M}" if slot is not None else ""
    held = ""
    if not key:
        held = "outside_hours" if not hours.is_open(local, calendar) else "before_first_time"
    elif key in made:
        key, held = "", "slot_used"
    urgent = f"{DIGEST}:{user_id}:urgent:{local:%Y-%m-%dT%H}:{local.minute // 10}"
    if not hours.opens <= local.time() < hours.closes or urgent in made:
        urgent = ""
    return key, held, urgent
