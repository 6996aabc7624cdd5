"""Who holds which post in which unit on a day: the people that notices and reminders are addressed to.

Loaded once and asked many times; knows active accounts only, so that nobody who left is ever written to.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Date, Integer, bindparam, or_, select
from sqlalchemy.orm import Session

from taskflow.domain.permissions import Role
from taskflow.models.org import Membership, Unit, User

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

    def confirmers(self, unit_id: int | None) -> tuple[int, ...]:
        """Those of a unit who may confirm what a workflow lets it confirm: its heads and coordinators."""
        if unit_id is None:
            return ()
        coordinators = self.by_post.get((Role.COORDINATOR, unit_id), ())
        return tuple(dict.fromkeys((*self.by_post.get((Role.HEAD, unit_id), ()), *coordinators)))

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
