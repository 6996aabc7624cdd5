"""Load the demo office into an empty database, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from taskflow.demo.around import Around
from taskflow.demo.diary import Diary
from taskflow.demo.organisation import make_organisation
from taskflow.demo.people import email_of, people
from taskflow.demo.plan_import import import_plan
from taskflow.demo.story import Story
from taskflow.domain.errors import WrongState
from taskflow.services.accounts import nobody_yet

#: How long ago the plan was imported.
SINCE = timedelta(days=147)


def password_file() -> Path:
    """Where the demo's password is kept, so that every start can say how to sign in."""
    folder: Path = current_app.config["TASKFLOW"].data_dir
    return folder / "demo_password"


def load_demo(now: datetime) -> bool:
    """Load the demo; False when it is there already. Raises ``WrongState`` when a real office is in the database."""
    if password_file().exists():
        return False
    if not nobody_yet():
        raise WrongState("demo.not_empty")
    then = (now - SINCE).replace(hour=1, minute=15)
    office = make_organisation(then)
    document_id = import_plan(office, today=now, then=then)
    diary = Diary(start=then, today=now)
    Story(office, document_id, diary).note()
    Around(office, document_id, diary).note()
    diary.tell()
    file = password_file()
    file.touch(mode=0o600)
    file.write_text(office.password, encoding="ascii")
    return True


def how_to_sign_in() -> list[tuple[str, str]]:
    """(sign-in name, what the person shows) of those worth signing in as."""
    return [(email_of(person), f"{person.name} – {person.shows}") for person in people() if person.shows]
