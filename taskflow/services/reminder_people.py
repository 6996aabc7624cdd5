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
from taskflow.domain.reminders import Recipient, ReminderEvent
from taskflow.domain.sending_hours import SendingHours
from taskflow.models.org import User
from taskflow.models.outbox import Channel, OutboxMessage
from taskflow.services.deputies import Deputies
from taskflow.services.directory import DECISIONS, Directory, Place
from taskflow.services.reach import NO_ROUTE, Route, routes, set_up_channels
from taskflow.services.reminder_policy import Policy, choice_of, hours_of

DIGEST = "digest"


#: The post that a rule means where its event waits for a decision.
DECISION_POSTS = {
    ReminderEvent.AWAITING_APPROVAL: Recipient.HEAD,
    ReminderEvent.AWAITING_CONFIRMATION: Recipient.OFFICE,
    ReminderEvent.EXTENSION_WAITING: Recipient.OFFICE,
    ReminderEvent.DECISION_NEEDED: Recipient.LEADER,
}
#: What waits is a result: whoever reported it is not told that it waits for them.
_OF_RESULTS = frozenset({ReminderEvent.AWAITING_APPROVAL, ReminderEvent.AWAITING_CONFIRMATION})


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

    def addressed(
        self, post: Recipient, place: Place, coordinating: Iterable[int] = (), event: ReminderEvent | None = None
    ) -> tuple[tuple[int, int], ...]:
        """The people of a post around a task as (person, for whom or 0), with deputies in place of those away.

        Where the event waits for a decision, they are people who may take it, however far up; see ``DECISION_POSTS``.
        """
        decision = DECISIONS.get(event) if event is not None and post is DECISION_POSTS.get(event) else None
        over = (place.office_id, place.assigning_unit_id, place.confirming_unit_id, place.reporters, decision)
        key = (post, place.lead_unit_id, over, place.person_id if post is Recipient.PERSON else 0)
        if post is not Recipient.COORDINATING and key in self._kept:
            return self._kept[key]
        barred = place.reporters if event in _OF_RESULTS else frozenset()
        if decision is not None:
            groups = (self._with_deputies(group, place, barred) for group in self.directory.deciders(decision, place))
            answer = next((group for group in groups if group), ())
        else:
            meant = self.directory.holders(post, place, coordinating, is_there=self._is_there)
            answer = self._with_deputies(meant, place, barred)
        if post is not Recipient.COORDINATING:
            self._kept[key] = answer
        return answer

    def _is_there(self, user_id: int) -> bool:
        return user_id in self.by_id or user_id in self.deputies.by_principal

    def _with_deputies(self, meant: Iterable[int], place: Place, barred: frozenset[int]) -> tuple[tuple[int, int], ...]:
        found: dict[int, int] = {}
        for user_id in meant:
            above = self.directory.ancestors.get(place.lead_unit_id or 0, ())
            stand_ins = [deputy for deputy in self.deputies.of(user_id, above) if deputy not in barred]
            for deputy in stand_ins:
                found.setdefault(deputy, user_id)
            if not stand_ins and user_id in self.by_id and user_id not in barred:
                found[user_id] = 0
        return tuple(found.items())


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
