"""What was sent in forms: each carried out once, kept when the session had ended, its files kept when it was refused.

A form that creates something carries a key. ``once`` claims the key in the first unit of work of the action, so that
the claim and what was made are committed together, or neither: the database lets the second of two equal requests
wait for the first, and then tells it what the first one answered.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from taskflow.domain.errors import Conflict
from taskflow.extensions import db
from taskflow.models.document import StoredFile
from taskflow.models.org import User
from taskflow.models.submission import HeldForm, StagedFile, Submission
from taskflow.services import files
from taskflow.services.files import Upload
from taskflow.services.unit_of_work import AT_BEGIN, unit_of_work

#: How long a key counts, a form is held and a file is staged.
KEEP = timedelta(days=7)
#: Most that is held of one form, in characters, and of one person, in forms.
MOST_HELD_TEXT = 1_000_000
MOST_HELD_FORMS = 20


class Repeated(Exception):  # noqa: N818 - an answer, no error
    """This request was carried out before; ``answer`` is what the first one answered, empty where nobody knows yet."""

    def __init__(self, key: str, answer: dict[str, Any]) -> None:
        super().__init__(key)
        self.key = key
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out one request. ``key`` names it, ``fingerprint`` says what was sent."""

    key: str
    fingerprint: str
    user_id: int | None


def digest(*parts: str | bytes) -> str:
    """A short name for these parts."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        found.update(b"%d:" % len(data) + data)
    return found.hexdigest()


@contextmanager
def once(claim: Claim, *, now: datetime) -> Iterator[None]:
    """Carry out what stands inside, unless this claim was carried out before.

    Raises ``Repeated`` where it was, and ``Conflict("submission.sent_before")`` where something else was sent with
    the same key. An action that fails gives the key back.
    """
    session = db.session()
    session.info[AT_BEGIN] = lambda begun: _claim(begun, claim, now)
    try:
        yield
    except BaseException:
        if AT_BEGIN not in session.info:  # an earlier unit of work of the action has committed the claim
            with unit_of_work() as again:
                again.connection().execute(delete(Submission).where(Submission.key == claim.key))
        raise
    finally:
        session.info.pop(AT_BEGIN, None)


def _claim(session: Session, claim: Claim, now: datetime) -> None:
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values: dict[str, Any] = {
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "user_id": claim.user_id,
        "created_at": now,
        "answer": {},
    }
    statement = insert(Submission).values(values).on_conflict_do_nothing(index_elements=["key"])
    if connection.scalar(statement.returning(Submission.key)) is None:
        check_repeated(claim)


def check_repeated(claim: Claim) -> None:
    """Raises ``Repeated`` or ``Conflict`` as ``once`` does; returns when the key is new."""
    found = db.session.execute(
        select(Submission.fingerprint, Submission.answer).where(Submission.key == claim.key)
    ).one_or_none()
    if found is None:
        return
    if found.fingerprint != claim.fingerprint:
        raise Conflict("submission.sent_before")
    raise Repeated(claim.key, found.answer)


def is_known(key: str) -> bool:
    """Whether a request with this key was carried out."""
    return db.session.scalar(select(Submission.key).where(Submission.key == key)) is not None


def keep_answer(key: str, answer: dict[str, Any]) -> None:
    """Keep what the first request was answered, for those that repeat it."""
    with unit_of_work() as session:
        session.connection().execute(update(Submission).where(Submission.key == key).values(answer=answer))


def answer_of(key: str) -> dict[str, Any]:
    """What the first request was answered; empty while nobody knows."""
    db.session.rollback()
    found: dict[str, Any] | None = db.session.scalar(select(Submission.answer).where(Submission.key == key))
    return found or {}


def hold(*, user_id: int, path: str, fields: list[tuple[str, str]], now: datetime) -> bool:
    """Keep what this person sent without a session, in place of what was held of the same form; False if too long."""
    if sum(len(name) + len(value) for name, value in fields) > MOST_HELD_TEXT or len(path) > 1000:
        return False
    with unit_of_work() as session:
        user = session.get(User, user_id)
        if user is None or not user.is_active:
            return False
        connection = session.connection()
        connection.execute(delete(HeldForm).where(HeldForm.user_id == user_id, HeldForm.path == path))
        session.add(HeldForm(user_id=user_id, path=path, fields=[list(pair) for pair in fields], created_at=now))
        session.flush()
        kept = select(HeldForm.id).where(HeldForm.user_id == user_id).order_by(HeldForm.id.desc())
        ids = session.scalars(kept.offset(MOST_HELD_FORMS)).all()
        connection.execute(delete(HeldForm).where(HeldForm.id.in_(ids)))
    return True


def held(*, user_id: int, path: str, now: datetime) -> list[tuple[str, str]] | None:
    """What is held of this form for this person."""
    query = select(HeldForm.fields).where(
        HeldForm.user_id == user_id, HeldForm.path == path, HeldForm.created_at > now - KEEP
    )
    found = db.session.scalar(query)
    return None if found is None else [(str(name), str(value)) for name, value in found]


def holds_any(*, user_id: int, now: datetime) -> bool:
    """Whether any form is held for this person."""
    query = select(HeldForm.id).where(HeldForm.user_id == user_id, HeldForm.created_at > now - KEEP).limit(1)
    return db.session.scalar(query) is not None


def drop_held(*, user_id: int, path: str) -> None:
    """Forget what is held of this form: it was sent, or is not wanted any more."""
    with unit_of_work() as session:
        session.connection().execute(delete(HeldForm).where(HeldForm.user_id == user_id, HeldForm.path == path))


@dataclass(frozen=True, slots=True)
class Kept:
    """A staged file as its owner's form shows it."""

    key: str
    filename: str
    size: int


def stage(upload: Upload, *, user_id: int, types: Iterable[str] | None, max_mb: int, now: datetime) -> Kept:
    """Keep a file of a form that could not be carried out. Raises what ``files.store`` raises."""
    with unit_of_work() as session:
        stored = files.store(session, upload.data, upload.filename, now=now, max_mb=max_mb, types=types)
        row = StagedFile(
            key=secrets.token_urlsafe(18),
            user_id=user_id,
            sha256=stored.sha256,
            filename=files.clean_filename(upload.filename),
            created_at=now,
        )
        session.add(row)
        return Kept(row.key, row.filename, stored.size)


def staged(keys: Iterable[str], *, user_id: int, now: datetime) -> list[Kept]:
    """Those of these files that are this person's and still kept, in the order of the keys."""
    wanted = list(dict.fromkeys(keys))[:100]
    if not wanted:
        return []
    rows = db.session.execute(
        select(StagedFile.key, StagedFile.filename, StoredFile.size)
        .join(StoredFile, StoredFile.sha256 == StagedFile.sha256)
        .where(StagedFile.key.in_(wanted), StagedFile.user_id == user_id, StagedFile.created_at > now - KEEP)
    )
    found = {row.key: Kept(*row) for row in rows}
    return [found[key] for key in wanted if key in found]


def read_staged(key: str, *, user_id: int) -> Upload:
    """The bytes of a staged file of this person. Raises ``NotFound("file.lost")``."""
    row = db.session.execute(
        select(StagedFile.sha256, StagedFile.filename).where(StagedFile.key == key, StagedFile.user_id == user_id)
    ).one()
    with files.open_stored(row.sha256) as file:
        return Upload(file.read(), row.filename)


def unstage(keys: Iterable[str], *, user_id: int) -> None:
    """Forget staged files: what they were for has been carried out, or they are not wanted any more."""
    wanted = list(keys)
    if wanted:
        with unit_of_work() as session:
            session.connection().execute(
                delete(StagedFile).where(StagedFile.key.in_(wanted), StagedFile.user_id == user_id)
            )


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete what was kept for ``KEEP``; the bytes of files go with the next purge of the store. Returns how many."""
    connection = session.connection()
    old = [delete(model).where(model.created_at < now - KEEP) for model in (Submission, HeldForm, StagedFile)]
    return sum(int(connection.execute(statement).rowcount) for statement in old)
