"""Processes that are killed (SIGKILL) at every step of reminding and delivering, and the count of what came of it.

A parent that has imported everything forks children; each sweeps and delivers until it is done or until it
kills itself at a point chosen by chance. The mail server and the stand-in for Zalo run in processes of their
own. Time is a number that the parent raises from one generation of children to the next.
"""

from __future__ import annotations

import json
import os
import random
import signal
import smtplib
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import event, func, insert, select
from sqlalchemy.orm import Session

from taskflow.config import Settings
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import WRITE_INTENT, db
from taskflow.factory import create_app
from taskflow.models.org import Membership, Unit, User
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage, ReminderRecord, ReminderRule
from taskflow.models.task import Task
from taskflow.notifications.transports.email import EmailTransport
from taskflow.services import outbox, reminders
from taskflow.services.outbox import Courier
from taskflow.services.unit_of_work import unit_of_work

#: Monday 08:00 in the office.
BEGIN = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)
LAST_DUE = date(2027, 3, 1)
CHILDREN = 2
#: Deaths after these points fall between the receiver's yes and our commit: only they may cause a double.
GAP = frozenset({"after_send", "before_commit_after_send"})
#: Every step at which a process must have died before a run proves anything.
STEPS = GAP | {"before_commit", "after_commit", "before_send", "during_send"}


@dataclass
class Outcome:
    """What the killing led to."""

    deaths: Counter[str] = field(default_factory=Counter)
    generations: int = 0
    expected: int = 0
    sent: int = 0
    arrived: Counter[str] = field(default_factory=Counter)
    records: int = 0
    expected_records: int = 0

    @property
    def doubles(self) -> int:
        """Messages that arrived more than once, counted by the extra arrivals."""
        return sum(self.arrived.values()) - len(self.arrived)

    @property
    def gap_deaths(self) -> int:
        """Deaths between the receiver's yes and our commit."""
        return sum(number for point, number in self.deaths.items() if point in GAP)

    def faults(self) -> list[str]:
        """What must not be; empty when all is well."""
        found = [f"nobody died at {step}" for step in sorted(STEPS - set(self.deaths))]
        if self.sent != self.expected:
            found.append(f"{self.expected} digests expected, {self.sent} marked as sent")
        if len(self.arrived) != self.expected:
            found.append(f"{self.expected} digests expected, {len(self.arrived)} arrived")
        if self.doubles > self.gap_deaths:
            found.append(f"{self.doubles} doubles for {self.gap_deaths} deaths in the gap")
        if self.records != self.expected_records:
            found.append(f"{self.expected_records} rungs expected, {self.records} recorded")
        return found


class Killer:
    """Kills this process at a point, by chance; says where first."""

    def __init__(self, log: Path, chance: float, seed: int) -> None:
        self._log = log
        self._chance = chance
        #: Steps at which nobody has died yet come first.
        self._owed = STEPS - set(_deaths(log)) if chance else frozenset()
        self._random = random.Random(seed)
        self._sending = False

    def point(self, name: str) -> None:
        """Perhaps the end."""
        if self._random.random() >= (0.5 if name in self._owed else self._chance):
            return
        with self._log.open("a") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Put the points where the steps are."""

        @event.listens_for(Session, "before_commit")
        def _before(_session: Session) -> None:
            if WRITE_INTENT.get():
                self.point("before_commit_after_send" if self._sending else "before_commit")

        @event.listens_for(Session, "after_commit")
        def _after(_session: Session) -> None:
            if WRITE_INTENT.get():
                self._sending = False
                self.point("after_commit")

        send, rcpt = smtplib.SMTP.sendmail, smtplib.SMTP.rcpt

        def sendmail(client: smtplib.SMTP, *args: Any, **kwargs: Any) -> Any:
            self.point("before_send")
            answer = send(client, *args, **kwargs)
            self._sending = True
            self.point("after_send")
            return answer

        def recipient(client: smtplib.SMTP, *args: Any, **kwargs: Any) -> Any:
            answer = rcpt(client, *args, **kwargs)
            self.point("during_send")
            return answer

        smtplib.SMTP.sendmail = sendmail  # type: ignore[method-assign, assignment] # a child of its own
        smtplib.SMTP.rcpt = recipient  # type: ignore[method-assign, assignment] # the same


RECEIVER = """
import sys, time
from aiosmtpd.controller import Controller
class Box:
    async def handle_DATA(self, server, session, envelope):
        line = next(l for l in envelope.content.split(b"\\r\\n") if l.lower().startswith(b"message-id:"))
        with open(sys.argv[2], "ab") as file:
            file.write(line + b"\\n")
        return "250 OK"
controller = Controller(Box(), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
"""


@contextmanager
def receiver(folder: Path) -> Iterator[tuple[int, Path]]:
    """A mail server in a process of its own that writes each Message-ID down before it says yes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = folder / "arrived"
    log.touch()
    process = subprocess.Popen(
        [sys.executable, "-c", RECEIVER, str(port), str(log)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield port, log
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)
        if process.stdout is not None:
            process.stdout.close()


def application(url: str, folder: Path, port: int) -> Flask:
    """The application on a migrated database, sending to the mail server."""
    return create_app(
        Settings(
            database_url=url,
            data_dir=folder,
            secret_key=SecretStr("secret of the tests"),
            smtp_host="127.0.0.1",
            smtp_port=port,
            log_level="ERROR",
        )
    )


def fill(app: Flask, people: int) -> None:
    """People with a task each, and a rule that says something on every working day."""
    with app.app_context(), unit_of_work() as session:
        session.execute(insert(Unit), [{"id": 1, "path": "/1/", "name": "UBND", "is_office": True}])
        units = [{"id": n, "parent_id": 1, "path": f"/1/{n}/", "name": f"Phòng {n}"} for n in range(2, people + 2)]
        session.execute(insert(Unit), units)
        users = [
            {"id": n, "email": f"p{n}@sonha.example", "full_name": f"Người {n}", "created_at": BEGIN}
            for n in range(2, people + 2)
        ]
        session.execute(insert(User), users)
        session.execute(
            insert(Membership), [{"user_id": n, "unit_id": n, "role": Role.HEAD} for n in range(2, people + 2)]
        )
        session.execute(
            insert(Task),
            [
                {
                    "id": n,
                    "code": f"NV-{n}",
                    "content": f"Việc {n}",
                    "office_unit_id": 1,
                    "lead_unit_id": n,
                    "kind": DeadlineKind.DATE,
                    "due_on": LAST_DUE,
                    "state": TaskState.IN_PROGRESS,
                    "assigned_at": BEGIN - timedelta(days=9),
                    "created_at": BEGIN,
                    "updated_at": BEGIN,
                }
                for n in range(2, people + 2)
            ],
        )
        rule = {"before": list(range(251)), "recipients": ["head"]}
        session.add(ReminderRule(event="due", definition=rule, updated_at=BEGIN))
    with app.app_context():
        db.engine.dispose()


def run(
    app: Flask, folder: Path, arrived: Path, *, people: int, wanted_deaths: int, chance: float, seed: int
) -> Outcome:
    """Kill until there were enough deaths, let the work finish, count."""
    outcome = Outcome()
    log = folder / "deaths"
    log.touch()
    day = 0
    moment = BEGIN
    while True:
        died = _deaths(log)
        calm = sum(died.values()) >= wanted_deaths and set(died) >= STEPS
        statuses = _generation(app, moment, log, 0.0 if calm else chance, seed + outcome.generations)
        outcome.generations += 1
        moment += timedelta(seconds=5)
        if all(status == 0 for status in statuses) and _is_done(app, people * (day + 1)):
            if calm:
                break
            day += 1
            moment = _next_morning(moment)
    outcome.deaths = _deaths(log)
    outcome.expected = outcome.expected_records = people * (day + 1)
    outcome.arrived = Counter(arrived.read_text().split("\n")[:-1])
    with app.app_context():
        outcome.sent = _count(OutboxMessage, OutboxMessage.status == MessageStatus.SENT)
        outcome.records = _count(ReminderRecord, ReminderRecord.id > 0)
        db.session.remove()
        db.engine.dispose()
    return outcome


def _generation(app: Flask, moment: datetime, log: Path, chance: float, seed: int) -> list[int]:
    """Two children at once; their exit statuses."""
    children = []
    for number in range(CHILDREN):
        pid = os.fork()
        if pid == 0:
            _child(app, moment, log, chance, seed * CHILDREN + number)
        children.append(pid)
    return [os.waitpid(pid, 0)[1] for pid in children]


def _child(app: Flask, moment: datetime, log: Path, chance: float, seed: int) -> None:
    """Sweep and deliver until nothing is left; never returns."""
    code = 1
    try:
        Killer(log, chance, seed).install()
        # Claims of a generation that died must be free for the next one.
        outbox.CLAIM, outbox.CLAIM_MARGIN = timedelta(seconds=4), timedelta(0)
        outbox.BATCH = 3
        reminders.BATCH = 4
        app.config["TASKFLOW_DATABASE_CLOCK"] = lambda: moment
        with app.app_context():
            reminders.sweep(moment)
            courier = Courier(
                name=f"child-{os.getpid()}",
                channels=[ChannelKind.EMAIL],
                transport=EmailTransport(app.config["TASKFLOW"]),
                now=lambda: moment,
            )
            while courier.deliver_batch():
                pass
            courier.close()
        code = 0
    finally:
        os._exit(code)


def _is_done(app: Flask, expected: int) -> bool:
    with app.app_context():
        sent = _count(OutboxMessage, OutboxMessage.status == MessageStatus.SENT)
        db.session.remove()
        db.engine.dispose()
    return sent >= expected


def _count(model: Any, condition: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(condition)) or 0


def _deaths(log: Path) -> Counter[str]:
    return Counter(log.read_text().split())


def _next_morning(moment: datetime) -> datetime:
    day = moment.date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)


def summary(outcome: Outcome) -> str:
    """The figures on one line."""
    return (
        f"{sum(outcome.deaths.values())} deaths in {outcome.generations} generations"
        f" ({json.dumps(dict(sorted(outcome.deaths.items())))}): {outcome.expected} digests expected,"
        f" {outcome.sent} sent, {len(outcome.arrived)} different ones arrived, {outcome.doubles} doubles"
        f" ({outcome.gap_deaths} deaths between the receiver's yes and our commit)"
    )
