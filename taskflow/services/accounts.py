"""Signing in, passwords, the first administrator: what people do to their own account.

What an administrator does to the accounts of others is in ``services.people``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Invalid, NotAllowed, NotFound, TooMany, WrongState
from taskflow.domain.permissions import SYSTEM, Actor, Role
from taskflow.domain.search import search_words
from taskflow.extensions import db
from taskflow.models.org import Membership, OneTimeToken, Unit, User
from taskflow.models.outbox import MessageStatus, OutboxMessage
from taskflow.services import audit, calendar_days, notices, passwords, settings, throttle, tokens, units
from taskflow.services.throttle import Bucket
from taskflow.services.unit_of_work import unit_of_work

PASSWORD = "password"  # noqa: S105 - the purpose of a token, not a secret
#: Path of the page behind a password link.
PASSWORD_PATH = "/password/"  # noqa: S105 - an address
#: Messages that carry a password link.
PASSWORD_KINDS = ("invitation", "password_reset")
RESET_LIFETIME = timedelta(hours=2)
INVITATION_LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Device:
    """What the browser's signed cookie says: its id, and who has signed in from it before."""

    id: str
    user_ids: frozenset[int] = frozenset()


def normalise_email(text: str) -> str:
    """The address in lower case. Raises ``Invalid("account.email")`` for what cannot be one."""
    from email_validator import EmailNotValidError, validate_email  # seldom needed, and slow to load

    try:
        found = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise Invalid("account.email", "email") from error
    return found.normalized.lower()


def search_text_of(user: User) -> str:
    """What the list of people is searched in: name and address, without accents."""
    return search_words(user.full_name, user.email, user.job_title, user.phone)


# --- Signing in


def sign_in(*, email: str, password: str, address: str, device: Device | None, now: datetime) -> int:
    """Check a password and return the user's id.

    Attempts are counted per account at a network address, per address and per account. Whoever guesses from outside
    makes only their own address wait; the bucket of the account is so wide that it takes many addresses at once to
    empty it, and then a device on which this person signed in before still gets in, being counted by itself.
    Raises ``TooMany("account.wait")``, ``Invalid("account.wrong")`` (also for an unknown address, after the same
    work) or ``Invalid("account.disabled")``.
    """
    email = email.strip().lower()
    user = db.session.scalar(select(User).where(User.email == email))
    buckets = _sign_in_buckets(email, address, user, device)
    user_id, stored, active = (user.id, user.password_hash, user.is_active) if user else (0, None, False)
    with unit_of_work() as session:
        wait = throttle.take(session, buckets, now=now)
    if wait:
        raise TooMany("account.wait", minutes=-(-wait // 60))
    if not passwords.verify(stored, password):  # outside of any transaction: it takes long by design
        raise Invalid("account.wrong", "password")
    if not active:
        raise Invalid("account.disabled", "email")
    with unit_of_work() as session:
        throttle.give_back(session, buckets, now=now)
        values: dict[str, object] = {"last_sign_in_at": now}
        if stored is not None and passwords.needs_rehash(stored):
            values["password_hash"] = passwords.hash_password(password)
        # Not through the object: signing in must not make an administrator's open form stale.
        session.execute(update(User).where(User.id == user_id).values(values))
    return user_id


def _sign_in_buckets(email: str, address: str, user: User | None, device: Device | None) -> list[Bucket]:
    if user is not None and device is not None and user.id in device.user_ids:
        return [Bucket(f"sign-in:device:{user.id}:{device.id}", capacity=10, seconds=30)]
    account = hashlib.sha256(email.encode()).hexdigest()[:32]
    return [
        Bucket(f"sign-in:guess:{account}:{address}", capacity=10, seconds=60),
        Bucket(f"sign-in:account:{account}", capacity=100, seconds=6),
        # A whole office may stand behind one address.
        Bucket(f"sign-in:address:{address}", capacity=60, seconds=5),
    ]


# --- Passwords


def change_password(*, user_id: int, current: str, new: str, now: datetime) -> None:
    """Replace one's own password; ends all other sessions. Raises ``Invalid`` on the field at fault."""
    user = db.session.get_one(User, user_id)
    bucket = Bucket(f"password:account:{user_id}", capacity=10, seconds=60)
    stored, email = user.password_hash, user.email
    with unit_of_work() as session:
        wait = throttle.take(session, [bucket], now=now)
    if wait:
        raise TooMany("account.wait", minutes=-(-wait // 60))
    if not passwords.verify(stored, current):
        raise Invalid("password.wrong", "current")
    if new == current:
        raise Invalid("password.same", "password")
    passwords.check_new(new, email=email)
    hashed = passwords.hash_password(new)
    with unit_of_work() as session:
        throttle.give_back(session, [bucket], now=now)
        user = session.get_one(User, user_id)
        _set_password(session, user, hashed, now=now)
        actor = Actor(user_id=user_id, name=user.full_name)
        audit.record(session, actor=actor, action="password.changed", subject="user", subject_id=user_id, now=now)


def ask_reset(*, email: str, address: str, now: datetime) -> None:
    """Send a link for a new password, if the address has an active account; the answer is the same if not.

    Raises ``TooMany("account.wait")`` when this network address asked too often. For one account at most
    three messages an hour leave; further wishes are swallowed, so that nobody's mailbox can be flooded.
    """
    email = email.strip().lower()
    digest = hashlib.sha256(email.encode()).hexdigest()[:32]
    with unit_of_work() as session:
        wait = throttle.take(session, [Bucket(f"reset:address:{address}", capacity=20, seconds=60)], now=now)
        quiet = throttle.take(session, [Bucket(f"reset:account:{digest}", capacity=3, seconds=1200)], now=now)
        user = session.scalar(select(User).where(User.email == email, User.is_active))
        if user is not None and not wait and not quiet:
            send_password_link(session, user, kind="password_reset", lifetime=RESET_LIFETIME, now=now)
    if wait:
        raise TooMany("account.wait", minutes=-(-wait // 60))


def send_password_link(session: Session, user: User, *, kind: str, lifetime: timedelta, now: datetime) -> None:
    """Queue the message with a link for a (new) password; older links become worthless.

    ``kind`` is ``password_reset`` or ``invitation``.
    """
    link = new_password_link(session, user, lifetime=lifetime, now=now)
    payload = {"link": link, "name": user.full_name, "expires_at": (now + lifetime).isoformat()}
    notices.account_message(session, user, kind, payload, now)


def password_link(secret: str) -> str:
    """The address at which this secret sets a password."""
    return f"{current_app.config['TASKFLOW'].base_url.rstrip('/')}{PASSWORD_PATH}{secret}"


def end_password_links(session: Session, user_id: int, *, now: datetime) -> None:
    """End every open invitation and reset, also in messages that have not left: they are for another address."""
    tokens.revoke_all(session, user_id=user_id, purpose=PASSWORD, now=now)
    session.connection().execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.user_id == user_id,
            OutboxMessage.kind.in_(PASSWORD_KINDS),
            OutboxMessage.status == MessageStatus.QUEUED,
        )
        .values(status=MessageStatus.CANCELLED, payload={})
    )


def new_password_link(session: Session, user: User, *, lifetime: timedelta, now: datetime) -> str:
    """A link that sets this person's password; older ones become worthless."""
    tokens.revoke_all(session, user_id=user.id, purpose=PASSWORD, now=now)
    return password_link(tokens.issue(session, purpose=PASSWORD, user_id=user.id, lifetime=lifetime, now=now))


def find_password_link(secret: str, *, now: datetime) -> User:
    """Whose link this is. Raises ``NotFound("token.invalid")`` for one that does not work (any more)."""
    token = tokens.find_valid(secret, purpose=PASSWORD, now=now)
    user = db.session.get(User, token.user_id) if token is not None else None
    if user is None or not user.is_active:
        raise NotFound("token.invalid")
    return user


def reset_password(*, secret: str, new: str, now: datetime) -> int:
    """Set the password by a link; ends all sessions. Returns the user's id."""
    passwords.check_new(new, email=find_password_link(secret, now=now).email)
    hashed = passwords.hash_password(new)
    with unit_of_work() as session:
        token = tokens.redeem(session, secret, purpose=PASSWORD, now=now)
        user = session.get_one(User, token.user_id)
        if not user.is_active:
            raise NotFound("token.invalid")
        _set_password(session, user, hashed, now=now)
        actor = Actor(user_id=user.id, name=user.full_name)
        audit.record(session, actor=actor, action="password.reset", subject="user", subject_id=user.id, now=now)
        return user.id


def _set_password(session: Session, user: User, hashed: str, *, now: datetime) -> None:
    user.password_hash = hashed
    user.must_change_password = False
    user.session_epoch += 1
    tokens.revoke_all(session, user_id=user.id, purpose=PASSWORD, now=now)


# --- Own profile


def edit_profile(*, actor: Actor, full_name: str, job_title: str, phone: str, now: datetime) -> None:
    """Change one's own name, job title and telephone number."""
    if actor.user_id is None:
        raise NotAllowed("account.not_allowed")
    with unit_of_work() as session:
        user = session.get_one(User, actor.user_id)
        user.full_name, user.job_title, user.phone = full_name, job_title, phone
        user.search_text = search_text_of(user)
        audit.record(session, actor=actor, action="profile.changed", subject="user", subject_id=user.id, now=now)


# --- The first administrator


def nobody_yet() -> bool:
    """Whether there is no account at all: the first-run page works only then."""
    return not db.session.scalar(select(exists().select_from(User)))


def first_run_code() -> str:
    """The code that the first-run page asks for; printed where only the operator looks.

    Made from the installation's key, so that nothing needs to be stored and all processes know it.
    """
    key = str(current_app.config["SECRET_KEY"]).encode()
    text = base64.b32encode(hmac.new(key, b"first-run", hashlib.sha256).digest()[:10]).decode()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def set_up(*, code: str, office: str, email: str, full_name: str, password: str, address: str, now: datetime) -> int:
    """Make the first unit and its administrator from the first-run page. Returns the user's id.

    Raises ``WrongState("setup.done")`` once there is an account, ``Invalid("setup.code")`` for a wrong code.
    """
    if not nobody_yet():
        raise WrongState("setup.done")
    bucket = Bucket(f"setup:address:{address}", capacity=10, seconds=60)
    with unit_of_work() as session:
        wait = throttle.take(session, [bucket], now=now)
    if wait:
        raise TooMany("account.wait", minutes=-(-wait // 60))
    if not hmac.compare_digest(code.strip().upper().replace(" ", "").encode(), first_run_code().encode()):
        raise Invalid("setup.code", "code")
    passwords.check_new(password, email=normalise_email(email))
    hashed = passwords.hash_password(password)
    with unit_of_work() as session:
        if not nobody_yet():
            raise WrongState("setup.done")
        # The unique digest decides between two who set up at once.
        digest = tokens.digest_of(first_run_code())
        session.add(OneTimeToken(purpose="setup", digest=digest, created_at=now, expires_at=now, used_at=now))
        user = _new_administrator(session, email=email, full_name=full_name, office=office, now=now)
        user.password_hash = hashed
        return user.id


def create_administrator(
    *, email: str, full_name: str, password: str | None, office: str, now: datetime
) -> tuple[int, str | None]:
    """Make an administrator from the command line. Returns the id and, without a password, a link that sets one.

    ``office`` names the first unit, used only while there is no unit.
    """
    address = normalise_email(email)
    if password is not None:
        passwords.check_new(password, email=address)
    hashed = passwords.hash_password(password) if password is not None else None
    with unit_of_work() as session:
        user = _new_administrator(session, email=address, full_name=full_name, office=office, now=now)
        user.password_hash = hashed
        if password is not None:
            return user.id, None
        return user.id, new_password_link(session, user, lifetime=INVITATION_LIFETIME, now=now)


def password_link_for(*, email: str, now: datetime) -> str:
    """A link that sets this account's password, for the operator's terminal. Raises ``NotFound``."""
    with unit_of_work() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise NotFound("account.not_found", "email")
        audit.record(session, actor=SYSTEM, action="password.linked", subject="user", subject_id=user.id, now=now)
        return new_password_link(session, user, lifetime=RESET_LIFETIME, now=now)


def _new_administrator(session: Session, *, email: str, full_name: str, office: str, now: datetime) -> User:
    address = normalise_email(email)
    if session.scalar(select(exists().where(User.email == address))):
        raise Invalid("account.email_taken", "email", email=address)
    root = session.scalar(select(Unit).where(Unit.parent_id.is_(None), Unit.is_active).order_by(Unit.id).limit(1))
    if root is None:
        root = units.plant(session, name=office, parent=None)
        settings.put(settings.OFFICE_NAME.key, office, now=now)
    calendar_days.seed_missing_years(on=local_date(now), now=now)
    user = User(email=address, full_name=full_name, created_at=now)
    user.search_text = search_text_of(user)
    user.memberships.append(Membership(unit_id=root.id, role=Role.ADMINISTRATOR))
    session.add(user)
    session.flush()
    audit.record(
        session, actor=SYSTEM, action="user.created", subject="user", subject_id=user.id, now=now, email=address
    )
    return user
