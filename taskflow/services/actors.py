"""From an account to an ``Actor``: posts valid on a day, the units under them, delegations."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Integer, and_, bindparam, cast, func, null, or_, select, union_all
from sqlalchemy.orm import aliased

from taskflow.domain.permissions import Actor, Post, Role
from taskflow.extensions import db
from taskflow.models.org import Delegation, Membership, Unit, User

_USER_ID, _ON = bindparam("user_id", type_=Integer), bindparam("on", type_=Date)
_COLUMNS = (Membership.id.label("membership_id"), Membership.role, Membership.unit_id, Unit.path)
_VALID = and_(
    or_(Membership.valid_from.is_(None), Membership.valid_from <= _ON),
    or_(Membership.valid_to.is_(None), Membership.valid_to >= _ON),
)
_held = union_all(
    select(cast(null(), Integer).label("principal_id"), cast(null(), Integer).label("only_under"), *_COLUMNS)
    .join(Unit, Unit.id == Membership.unit_id)
    .where(Membership.user_id == _USER_ID, _VALID),
    select(Delegation.principal_id, Delegation.unit_id, *_COLUMNS)
    .join(User, User.id == Delegation.principal_id)
    .join(Membership, Membership.user_id == User.id)
    .join(Unit, Unit.id == Membership.unit_id)
    .where(
        Delegation.delegate_id == _USER_ID,
        Delegation.starts_on <= _ON,
        Delegation.ends_on >= _ON,
        Delegation.revoked_at.is_(None),
        User.is_active.is_(True),
        Membership.role != Role.ADMINISTRATOR,  # administration is personal and never delegated
        _VALID,
    ),
).subquery()
_below = aliased(Unit)
#: The posts of ``user_id`` on the day ``on`` and of those that they stand in for, one row for each unit below a post.
_POSTS = (
    select(_held, _below.id.label("below_id"), _below.is_office.label("below_is_office"))
    .outerjoin(_below, and_(_held.c.role != Role.OFFICER, _below.path.startswith(_held.c.path)))
    .order_by(func.coalesce(_held.c.principal_id, 0), _held.c.membership_id)
)


def actor_of(user_id: int, *, on: date) -> Actor:
    """The person as an ``Actor`` on this day, with posts of those they stand in for. Raises KeyError if unknown.

    A post reaches the units under its unit and oversees the offices among them: a coordinator belongs to the office
    itself (văn phòng), so that it and the offices inside it count; leaders and administrators belong to the body,
    whose offices are below it. An officer's post reaches its own unit only.
    """
    session = db.session()
    user = session.get(User, user_id)
    if user is None:
        raise KeyError(user_id)
    if not user.is_active:
        return Actor(user_id=user.id, name=user.full_name)
    reach: dict[tuple[Role, int, int | None], tuple[set[int], set[int]]] = {}
    for row in session.execute(_POSTS, {"user_id": user_id, "on": on}):
        if row.only_under is not None and f"/{row.only_under}/" not in row.path:
            continue
        subtree, offices = reach.setdefault((row.role, row.unit_id, row.principal_id), (set(), set()))
        subtree.add(row.unit_id if row.below_id is None else row.below_id)
        if row.below_is_office:
            offices.add(row.below_id)
    posts = [
        Post(role, unit_id, frozenset(subtree), frozenset(offices), principal_id)
        for (role, unit_id, principal_id), (subtree, offices) in reach.items()
    ]
    return Actor(user_id=user.id, name=user.full_name, posts=tuple(posts))
