"""An office for journeys: a real ``taskflow serve`` with its own folder, and the mail server it writes to."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import select

from taskflow.clock import local_date
from taskflow.config import Settings
from taskflow.demo.load import load_demo
from taskflow.demo.organisation import make_organisation
from taskflow.demo.people import people
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.factory import create_app
from taskflow.models.org import User
from taskflow.services import schema
from taskflow.services.actors import actor_of
from taskflow.services.people import PersonValues, create_user
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.units import UnitValues, create_unit
from tests.support.clock import OFFICE_ZONE, START
from tests.support.processes import environment, free_port, run, running, stop, wait_until_served
from tests.support.smtp import Mailbox, smtp_server

PROGRAM = "tests.e2e.program"
DATABASE = "taskflow.sqlite3"
PASSWORD = "password"
#: Signs in to the demo office, and has nothing to do with any of its tasks.
OUTSIDER = "nguoingoai"


@dataclass
class Office:
    """A served office. ``moment`` is what its clock was last set to."""

    address: str
    folder: Path
    mail: Mailbox
    environment: dict[str, str]
    moment: datetime

    @property
    def password(self) -> str:
        """The one password of everybody."""
        return (self.folder / PASSWORD).read_text(encoding="ascii")

    @property
    def today(self) -> date:
        """The day on the office's calendar."""
        return self.moment.astimezone(OFFICE_ZONE).date()

    def set_clock(self, moment: datetime) -> None:
        """Let the clock of all programs of this office go on from here."""
        self.moment = moment
        set_clock(self.folder, moment)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of taskflow in this office."""
        return run(*words, environment=self.environment, program=PROGRAM)

    def letter(self, to: str, wanted: Callable[[EmailMessage], bool] = lambda _letter: True) -> EmailMessage:
        """The newest e-mail to somebody that is ``wanted``, as soon as it has arrived."""
        deadline = time.monotonic() + 60
        while True:
            for letter in reversed(self.mail.messages):
                if to in str(letter["To"]) and wanted(letter):
                    return letter
            subjects = [(str(letter["To"]), str(letter["Subject"])) for letter in self.mail.messages]
            assert time.monotonic() < deadline, f"no such letter to {to} among {subjects}"
            time.sleep(0.05)


def plain(letter: EmailMessage) -> str:
    """The text of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def login_of(role: Role, unit: str) -> str:
    """Who holds a post in a unit (by its short name) of the demo office."""
    return next(person.login for person in people() if (role, unit) in person.posts)


def email_of(login: str) -> str:
    """The sign-in name of a demo person."""
    return f"{login}@sonha.example"


def set_clock(folder: Path, moment: datetime) -> None:
    """Set the clock of the programs that work in a folder."""
    ahead = (moment - datetime.now(UTC)).total_seconds()
    (folder / "clock").write_text(str(ahead), encoding="ascii")


def model_of(kind: str, folder: Path) -> Path:
    """The folder of an office to copy, made once in a test run: ``demo``, or ``new`` (people and units only)."""
    made = folder / f"e2e-{kind}"
    with (folder / f"e2e-{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / PASSWORD).exists():
            shutil.rmtree(made, ignore_errors=True)
            _make(kind, made)
    return made


def _make(kind: str, folder: Path) -> None:
    now = START.astimezone(UTC)
    app = create_app(Settings(data_dir=folder, log_level="ERROR"))
    with app.app_context():
        schema.upgrade()
        if kind == "demo":
            load_demo(now)
            _add_outsider(now)
            password = (folder / "demo_password").read_text(encoding="ascii")
        else:
            password = make_organisation(now).password
        db.engine.dispose()
    (folder / PASSWORD).write_text(password, encoding="ascii")


def _add_outsider(now: datetime) -> None:
    """An officer of a unit that no task of the demo concerns."""
    administrator = db.session.scalars(select(User).where(User.email == email_of("quantri"))).one()
    actor, hashed = actor_of(administrator.id, on=local_date(now)), administrator.password_hash
    unit = UnitValues(name="Thống kê tỉnh", short_name="Thống kê", parent_id=actor.posts[0].unit_id, position=99)
    unit_id = create_unit(actor=actor, values=unit, now=now)
    person = PersonValues(full_name="Lưu Văn Ngoài", email=email_of(OUTSIDER), job_title="Chuyên viên")
    user_id = create_user(actor=actor, values=person, unit_id=unit_id, role=Role.OFFICER, invite=False, now=now)
    with unit_of_work() as session:
        session.get_one(User, user_id).password_hash = hashed


@contextmanager
def serve(model: Path, folder: Path, moment: datetime = START) -> Iterator[Office]:
    """Serve a copy of ``model`` by a clock that starts at ``moment``. At the end its log must be clean."""
    shutil.copytree(model, folder)
    set_clock(folder, moment)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with smtp_server() as (mail, smtp_port):
        variables = environment(
            folder, "", port=port, base_url=address, smtp_host="127.0.0.1", smtp_port=smtp_port, log_level="ERROR"
        ) | {"E2E_CLOCK": str(folder / "clock")}  # fmt: skip
        with running("serve", environment=variables, program=PROGRAM) as process:
            wait_until_served(f"{address}/readyz", process)
            yield Office(address, folder, mail, variables, moment)
            log = stop(process)
    lines = [line for line in log.splitlines() if not line.startswith("taskflow đ")]
    assert not lines, "the server has complained:\n" + "\n".join(lines)
