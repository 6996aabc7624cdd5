"""Who holds which post in which unit on a day: the people that notices and reminders are addressed to.

Loaded once and asked many times; knows active accounts only, so that nobody who left is ever written to.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import Date, Integer, bindparam, or_, select
from sqlalchemy.orm import Session

from taskflow.domain.permissions import Permission, Role
from taskflow.domain.reminders import Recipient, ReminderEvent
from taskflow.models.org import Membership, Unit, User
from taskflow.models.task import Task

# Made once: building and hashing these statements costs more than running them.
_IDS, _ON = bindparam("ids", expanding=True, type_=Integer), bindparam("on", type_=Date)
_UNITS = select(Unit.id, Unit.path)
_UNITS_OF = _UNITS.where(Unit.id.in_(_IDS))
_POSTS = (
    select(Membership.role, Membership.unit_id, Membership.user_id)
    .join(User, User.id == Membership.user_id)
    .where(
        User.is_active,
        or_(Membership.valid_from.is_(None), Membership.valid_from <= _ON),
        or_(Membership.valid_to.is_(None), Membership.valid_to >= _ON),
    )
    .order_by(Membership.id)
)
_POSTS_IN = _POSTS.where(Membership.unit_id.in_(_IDS))


class Place(NamedTuple):
    """Where a task stands: what decides who its people are and which rules hold."""

    office_id: int
    lead_unit_id: int | None
    person_id: int | None
    document_id: int | None
    urgent: bool
    #: Of a part: the unit that broke its task down, which stands where the office stands otherwise.
    assigning_unit_id: int | None = None
    #: The unit that the workflow names to confirm.
    confirming_unit_id: int | None = None
    #: Who reported the result, and for whom: they do not decide on it.
    reporters: frozenset[int] = frozenset()


def reporters_of(task: Task) -> frozenset[int]:
    """Who reported the result of this task, and for whom they stood in."""
    return frozenset(one for one in (task.delivered_by_id, task.delivered_for_id) if one is not None)


#: The decision that an event waits for: who is asked must be allowed to take it.
DECISIONS = {
    ReminderEvent.AWAITING_APPROVAL: Permission.TASK_APPROVE,
    ReminderEvent.AWAITING_CONFIRMATION: Permission.TASK_CONFIRM,
    ReminderEvent.EXTENSION_WAITING: Permission.EXTENSION_DECIDE,
    ReminderEvent.DECISION_NEEDED: Permission.TASK_DECIDE,
}


@dataclass(slots=True)
class Directory:
    """People by (role, unit). ``ancestors`` holds, for each known unit, the units above it, itself first."""

    by_post: dict[tuple[Role, int], tuple[int, ...]] = field(default_factory=dict)
    ancestors: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, on: date, unit_ids: Collection[int] | None = None) -> Directory:
        """The posts valid on this day: all of them, or those of these units and of the units above them."""
        units = session.execute(_UNITS) if unit_ids is None else session.execute(_UNITS_OF, {"ids": sorted(unit_ids)})
        ancestors = {
            unit_id: tuple(reversed([int(part) for part in path.split("/") if part])) or (unit_id,)
            for unit_id, path in units
        }
        above = sorted({unit for units in ancestors.values() for unit in units})
        posts = (
            session.execute(_POSTS, {"on": on})
            if unit_ids is None
            else session.execute(_POSTS_IN, {"on": on, "ids": above})
        )
        found: dict[tuple[Role, int], list[int]] = {}
        for role, unit_id, user_id in posts:
            found.setdefault((role, unit_id), []).append(user_id)
        return cls({post: tuple(people) for post, people in found.items()}, ancestors)

    def heads(self, unit_id: int | None) -> tuple[int, ...]:
        """Heads of the unit (lãnh đạo đơn vị); where there is none, its officers."""
        if unit_id is None:
            return ()
        return self.by_post.get((Role.HEAD, unit_id)) or self.by_post.get((Role.OFFICER, unit_id), ())

    def coordinators(self, office_id: int) -> tuple[int, ...]:
        """People of the coordinating office; where there is none, its heads."""
        return self.by_post.get((Role.COORDINATOR, office_id)) or self.by_post.get((Role.HEAD, office_id), ())

    def holders(
        self, post: Recipient, place: Place, coordinating: Iterable[int] = (), *, is_there: Callable[[int], bool]
    ) -> tuple[int, ...]:
        """Who is that post, for notices, sweep, preview and explanation alike.

        ``is_there``: whether a person has an account that works, or a deputy; else their unit's heads hear instead.
        """
        if post is Recipient.PERSON and place.person_id is not None and is_there(place.person_id):
            return (place.person_id,)
        if post in (Recipient.PERSON, Recipient.HEAD):
            return self.heads(place.lead_unit_id)
        if post is Recipient.COORDINATING:
            return tuple(dict.fromkeys(user for unit in coordinating for user in self.heads(unit)))
        if post is Recipient.REPORTER:
            return tuple(sorted(place.reporters))
        if post is Recipient.LEADER:
            return self.leaders(place.office_id)
        # Who reported a part does not stand over it: one that the only head did goes to the office.
        over = tuple(user for user in self.heads(place.assigning_unit_id) if user not in place.reporters)
        if over:
            return over
        of_office = self.coordinators if post is Recipient.OFFICE else self.office_heads
        return of_office(place.office_id)

    def deciders(self, decision: Permission, place: Place) -> Iterator[tuple[int, ...]]:
        """Groups of people who may take this decision, the nearest first: asked is the first group that has somebody.

        The same people as ``domain.permissions.can`` allows; whoever reported the result is left out.
        """
        barred = place.reporters if decision in (Permission.TASK_APPROVE, Permission.TASK_CONFIRM) else frozenset()
        for role, unit_id in self._deciding_posts(decision, place):
            yield tuple(user for user in self.by_post.get((role, unit_id), ()) if user not in barred)

    def _deciding_posts(self, decision: Permission, place: Place) -> Iterator[tuple[Role, int]]:
        if decision is Permission.TASK_APPROVE:
            yield from ((Role.HEAD, unit) for unit in self._upwards(place.lead_unit_id))
            return
        if decision is Permission.TASK_DECIDE:
            yield from ((Role.LEADER, unit) for unit in self._upwards(place.office_id))
            return
        yield from ((Role.HEAD, unit) for unit in self._upwards(place.assigning_unit_id))
        if decision is Permission.TASK_CONFIRM and place.confirming_unit_id is not None:
            for unit in self._upwards(place.confirming_unit_id):
                yield Role.HEAD, unit
                yield Role.COORDINATOR, unit
            return
        yield from ((Role.COORDINATOR, unit) for unit in self._upwards(place.office_id))
        if decision is Permission.EXTENSION_DECIDE:
            yield from ((Role.LEADER, unit) for unit in self._upwards(place.office_id))

    def _upwards(self, unit_id: int | None) -> tuple[int, ...]:
        return () if unit_id is None else self.ancestors.get(unit_id, (unit_id,))

    def office_heads(self, office_id: int) -> tuple[int, ...]:
        """Heads of the coordinating office; where there is none, its coordinators."""
        return self.by_post.get((Role.HEAD, office_id)) or self.by_post.get((Role.COORDINATOR, office_id), ())

    def leaders(self, office_id: int) -> tuple[int, ...]:
        """Leaders of the body that the office serves: the nearest unit above it that has a leader."""
        for unit_id in self.ancestors.get(office_id, (office_id,)):
            people = self.by_post.get((Role.LEADER, unit_id))
            if people:
                return people
        return ()
