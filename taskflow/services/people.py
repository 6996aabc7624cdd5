"""Accounts of others: what an administrator does. One's own account is in ``services.accounts``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from taskflow.domain.errors import Conflict, Invalid, NotFound, WrongState
from taskflow.domain.permissions import Actor, Permission, Role
from taskflow.models.org import ApiToken, Delegation, Membership, User
from taskflow.services import audit, tokens
from taskflow.services.accounts import (
    INVITATION_LIFETIME,
    PASSWORD,
    RESET_LIFETIME,
    end_password_links,
    new_password_link,
    normalise_email,
    search_text_of,
    send_password_link,
)
from taskflow.services.queries.people import current_post
from taskflow.services.rights import require
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.units import get_unit


@dataclass(frozen=True, slots=True)
class PersonValues:
    """What an administrator writes about a person."""

    full_name: str
    email: str
    job_title: str = ""
    phone: str = ""


def get_user(session: Session, user_id: int) -> User:
    """The account. Raises ``NotFound("user.not_found")``."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("user.not_found")
    return user


def create_user(
    *, actor: Actor, values: PersonValues, unit_id: int | None, role: Role | None, invite: bool, now: datetime
) -> int:
    """Make an account, maybe with a first post and an invitation. Raises ``Invalid`` on the field at fault."""
    require(actor, Permission.ADMIN_USER_EDIT)
    if (unit_id is None) != (role is None):
        raise Invalid("post.half", "role" if role is None else "unit_id")
    with unit_of_work() as session:
        user = add_user(session, values, now=now)
        if unit_id is not None and role is not None:
            _check_post_unit(session, unit_id)
            user.memberships.append(Membership(unit_id=unit_id, role=role))
        session.flush()
        audit.record(
            session, actor=actor, action="user.created", subject="user", subject_id=user.id, now=now, email=user.email
        )
        if invite:
            send_password_link(session, user, kind="invitation", lifetime=INVITATION_LIFETIME, now=now)
        return user.id


def add_user(session: Session, values: PersonValues, *, now: datetime) -> User:
    """Add an account inside a unit of work that has checked the right to. Raises ``Invalid`` for the address."""
    email = normalise_email(values.email)
    _check_email_free(session, email, user_id=None)
    user = User(email=email, full_name=values.full_name, job_title=values.job_title, phone=values.phone, created_at=now)
    user.search_text = search_text_of(user)
    session.add(user)
    return user


def edit_user(*, actor: Actor, user_id: int, values: PersonValues, expected_version: int, now: datetime) -> None:
    """Change a person's details. Raises ``Conflict`` for a stale version, ``Invalid`` on the field at fault."""
    require(actor, Permission.ADMIN_USER_EDIT)
    with unit_of_work() as session:
        user = get_user(session, user_id)
        if user.version != expected_version:
            raise Conflict("conflict.changed_meanwhile")
        email = normalise_email(values.email)
        _check_email_free(session, email, user_id=user_id)
        new = {"full_name": values.full_name, "email": email, "job_title": values.job_title, "phone": values.phone}
        changes = {key: [getattr(user, key), value] for key, value in new.items() if getattr(user, key) != value}
        for key, value in new.items():
            setattr(user, key, value)
        if "email" in changes:
            end_password_links(session, user_id, now=now)
        user.search_text = search_text_of(user)
        if changes:
            audit.record(
                session,
                actor=actor,
                action="user.changed",
                subject="user",
                subject_id=user_id,
                now=now,
                changes=changes,
            )


def send_invitation(*, actor: Actor, user_id: int, now: datetime) -> None:
    """Send a link by which the person sets a password: an invitation, or a reset for who has one."""
    require(actor, Permission.ADMIN_USER_EDIT)
    with unit_of_work() as session:
        user = get_user(session, user_id)
        if not user.is_active:
            raise WrongState("user.inactive", name=user.full_name)
        if user.password_hash is None:
            send_password_link(session, user, kind="invitation", lifetime=INVITATION_LIFETIME, now=now)
        else:
            send_password_link(session, user, kind="password_reset", lifetime=RESET_LIFETIME, now=now)
        audit.record(session, actor=actor, action="user.invited", subject="user", subject_id=user_id, now=now)


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link that sets a password, to be handed over by a person; it is nowhere kept."""

    link: str
    name: str
    expires_at: datetime


def show_password_link(*, actor: Actor, user_id: int, now: datetime) -> ShownLink:
    """A link by which the person sets a password, for whoever hands it over; older links become worthless.

    Raises ``WrongState("user.inactive")``.
    """
    require(actor, Permission.ADMIN_USER_EDIT)
    with unit_of_work() as session:
        user = get_user(session, user_id)
        if not user.is_active:
            raise WrongState("user.inactive", name=user.full_name)
        end_password_links(session, user_id, now=now)
        lifetime = INVITATION_LIFETIME if user.password_hash is None else RESET_LIFETIME
        link = new_password_link(session, user, lifetime=lifetime, now=now)
        audit.record(session, actor=actor, action="password.linked", subject="user", subject_id=user_id, now=now)
        return ShownLink(link, user.full_name, now + lifetime)


def set_post(
    *,
    actor: Actor,
    user_id: int,
    unit_id: int,
    role: Role,
    valid_from: date | None,
    valid_to: date | None,
    on: date,
    now: datetime,
) -> None:
    """Give a person a role in a unit from–to, or change the dates of the one they have.

    Ending today's last administrator is refused (``user.last_administrator``).
    """
    require(actor, Permission.ADMIN_USER_EDIT)
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise Invalid("dates.order", "valid_to")
    with unit_of_work() as session:
        user = get_user(session, user_id)
        post = next((post for post in user.memberships if post.unit_id == unit_id and post.role is role), None)
        if post is None:
            _check_post_unit(session, unit_id)
            post = Membership(unit_id=unit_id, role=role)
            user.memberships.append(post)
        post.valid_from, post.valid_to = valid_from, valid_to
        session.flush()
        _check_administrator_left(session, on)
        audit.record(
            session,
            actor=actor,
            action="post.set",
            subject="user",
            subject_id=user_id,
            now=now,
            unit=get_unit(session, unit_id).name,
            role=role.value,
            valid_from=valid_from.isoformat() if valid_from else None,
            valid_to=valid_to.isoformat() if valid_to else None,
        )


def remove_post(*, actor: Actor, user_id: int, post_id: int, on: date, now: datetime) -> None:
    """Take away a post that was given by mistake. A post that ended is kept with its dates instead."""
    require(actor, Permission.ADMIN_USER_EDIT)
    with unit_of_work() as session:
        user = get_user(session, user_id)
        post = next((post for post in user.memberships if post.id == post_id), None)
        if post is None:
            raise NotFound("post.not_found")
        audit.record(
            session, actor=actor, action="post.removed", subject="user", subject_id=user_id, now=now,
            unit=post.unit.name, role=post.role.value,
        )  # fmt: skip
        user.memberships.remove(post)
        session.flush()
        _check_administrator_left(session, on)


def deactivate(*, actor: Actor, user_id: int, expected_version: int, on: date, now: datetime) -> None:
    """Close an account: its sessions end, its links and API tokens become worthless, its delegations end.

    Its history stays.

    Raises ``WrongState``: ``user.yourself``, ``user.last_administrator``.
    """
    require(actor, Permission.ADMIN_USER_EDIT)
    if actor.user_id == user_id:
        raise WrongState("user.yourself")
    with unit_of_work() as session:
        user = get_user(session, user_id)
        if user.version != expected_version:
            raise Conflict("conflict.changed_meanwhile")
        user.is_active = False
        user.session_epoch += 1
        session.flush()
        _check_administrator_left(session, on)
        tokens.revoke_all(session, user_id=user_id, purpose=PASSWORD, now=now)
        session.execute(
            update(Delegation)
            .where(
                or_(Delegation.delegate_id == user_id, Delegation.principal_id == user_id),
                Delegation.revoked_at.is_(None),
            )
            .values(revoked_at=now)
        )
        session.execute(
            update(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None)).values(revoked_at=now)
        )
        audit.record(session, actor=actor, action="user.deactivated", subject="user", subject_id=user_id, now=now)


def activate(*, actor: Actor, user_id: int, now: datetime) -> None:
    """Open a closed account again, with the password it had."""
    require(actor, Permission.ADMIN_USER_EDIT)
    with unit_of_work() as session:
        user = get_user(session, user_id)
        user.is_active = True
        audit.record(session, actor=actor, action="user.activated", subject="user", subject_id=user_id, now=now)


def _check_email_free(session: Session, email: str, *, user_id: int | None) -> None:
    if session.scalar(select(exists().where(User.email == email, User.id != (user_id or 0)))):
        raise Invalid("account.email_taken", "email", email=email)


def _check_post_unit(session: Session, unit_id: int) -> None:
    unit = get_unit(session, unit_id)
    if not unit.is_active:
        raise Invalid("unit.parent_inactive", "unit_id", name=unit.name)


def _check_administrator_left(session: Session, on: date) -> None:
    left = session.scalar(
        select(func.count())
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(User.is_active, Membership.role == Role.ADMINISTRATOR, current_post(on))
    )
    if not left:
        raise WrongState("user.last_administrator")
