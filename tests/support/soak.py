"""Two real nodes of one office over hours of their clock, with a message for every channel in each round.

One node is ``taskflow serve``, the other ``taskflow scheduler`` with a clock that is minutes ahead. Between two
rounds the couriers have nothing to do and hang up; settings change, the network is cut and comes back, the token of
the Official Account ends. Whatever happens, each message arrives exactly once.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select

from taskflow.cli.zalo_stub import ZaloStub
from taskflow.config import Settings
from taskflow.extensions import db
from taskflow.factory import create_app
from taskflow.models.org import User
from taskflow.models.outbox import Channel, ChannelKind, MessageStatus, OutboxMessage, WebhookEndpoint
from taskflow.services import zalo
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import BotSettings, save_bot, save_oa
from tests.support.clock import START
from tests.support.processes import environment, free_port, running, wait_until_served
from tests.support.smtp import Mailbox, smtp_server
from tests.support.zalo import ACCOUNT

PROGRAM = "tests.e2e.program"
#: How far the clock of the second node is ahead.
SKEW = timedelta(minutes=6)
#: Where each channel's message goes.
ADDRESSES = {
    ChannelKind.EMAIL: "lan@sonha.example",
    ChannelKind.ZALO_BOT: "chat-1",
    ChannelKind.ZALO_OA: "user-1",
    ChannelKind.ZALO_TEMPLATE: "84912345678",
    ChannelKind.ZALO_GROUP: "group-1",
    ChannelKind.WEBHOOK: "1",
}
#: Real seconds in which a round must be over.
PATIENCE = 60.0


@dataclass
class Receivers:
    """The provider's side of every channel. ``cut`` makes all of it unreachable or unwilling until ``mend``."""

    stub: ZaloStub
    mail: Mailbox
    hooks: list[str] = field(default_factory=list)
    hook_status: int = 200

    def cut(self) -> None:
        """Nobody takes anything any more."""
        self.stub.stop()
        self.mail.answer_data, self.hook_status = "451 4.3.0 try again later", 503

    def mend(self) -> None:
        """Everybody is back, at the old addresses."""
        self.stub.start(int(self.stub.url.rpartition(":")[2]))
        self.mail.answer_data, self.hook_status = "250 OK", 200

    def arrived(self) -> Counter[str]:
        """How many messages arrived by each way."""
        return Counter({"email": len(self.mail.messages), "webhook": len(self.hooks)}) + Counter(
            # After seven days without a word from the person the account writes by template.
            "cs" if sent.way == "template_uid" else sent.way
            for sent in self.stub.sent
        )


@dataclass
class Office:
    """The nodes' database and clocks, and what their messages arrive at."""

    app: Flask
    folder: Path
    receivers: Receivers
    rounds: int = 0

    @property
    def now(self) -> datetime:
        """By the clock of the first node, which is also the providers'."""
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / "clock").read_text(encoding="ascii")))

    def go_on(self, step: timedelta) -> None:
        """Move the clocks of both nodes forward."""
        ahead = (self.now - datetime.now(UTC) + step).total_seconds()
        for name, skew in (("clock", 0.0), ("clock-ahead", SKEW.total_seconds())):
            new = self.folder / f"{name}.new"
            new.write_text(str(ahead + skew), encoding="ascii")
            new.replace(self.folder / name)

    def queue(self) -> None:
        """A message for every channel."""
        self.rounds += 1
        now = self.now
        with unit_of_work() as session:
            for kind, address in ADDRESSES.items():
                personal = kind not in (ChannelKind.ZALO_GROUP, ChannelKind.WEBHOOK)
                session.add(
                    OutboxMessage(
                        dedupe_key=f"soak:{self.rounds}:{kind}", kind="test", channel=kind, address=address,
                        user_id=1 if personal else None, payload={"test": True}, urgent=True,
                        next_attempt_at=now, created_at=now,
                    )
                )  # fmt: skip

    def wait(self, wanted: Callable[[OutboxMessage], bool]) -> None:
        """Wait until every message of the last round is as wanted; fails with what became of those that are not."""
        deadline = time.monotonic() + PATIENCE
        while True:
            db.session.rollback()
            rows = db.session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.dedupe_key.like(f"soak:{self.rounds}:%"))
                .execution_options(populate_existing=True)
            ).all()
            left = [(row.channel.value, row.status.value, row.last_error) for row in rows if not wanted(row)]
            if not left:
                return
            assert time.monotonic() < deadline, f"round {self.rounds}: {left}"
            time.sleep(0.05)

    def deliver(self) -> None:
        """Queue a round and wait until it has been taken."""
        self.queue()
        self.wait(lambda row: row.status is MessageStatus.SENT)

    def faults(self) -> list[str]:
        """What must not be: a message that is missing or doubled, an error of ours."""
        ways = {"email", "bot", "cs", "template_phone", "group", "webhook"}
        arrived = self.receivers.arrived()
        found = [
            f"{way}: {arrived[way]} arrived in {self.rounds} rounds" for way in ways if arrived[way] != self.rounds
        ]
        db.session.rollback()
        errors = db.session.scalars(select(OutboxMessage.last_error).where(OutboxMessage.last_error.like("fault%")))
        return [*found, *errors]


@contextmanager
def office(database: str, folder: Path) -> Iterator[Office]:
    """Two nodes at work on a migrated database."""
    ahead = (START - datetime.now(UTC)).total_seconds()
    (folder / "clock").write_text(str(ahead), encoding="ascii")
    (folder / "clock-ahead").write_text(str(ahead + SKEW.total_seconds()), encoding="ascii")
    port = free_port()
    with ExitStack() as stack:
        mail, smtp_port = stack.enter_context(smtp_server())
        stub = ZaloStub(now=lambda: made.now)
        receivers = Receivers(stub, mail)
        hooks = stack.enter_context(_hooks(receivers))
        settings = Settings(database_url=database, data_dir=folder, secret_key=SecretStr("secret"), log_level="ERROR")
        made = Office(create_app(settings), folder, receivers)
        url = stub.start()
        stack.callback(stub.stop)
        stack.enter_context(made.app.app_context())
        stack.callback(db.engine.dispose)
        _set_up(made, hooks)
        variables = environment(
            folder, database, port=port, base_url=f"http://127.0.0.1:{port}", smtp_host="127.0.0.1",
            smtp_port=smtp_port, log_level="WARNING", allow_private_webhooks=1, zalo_api_url=url,
            zalo_business_url=url, zalo_oauth_url=url, zalo_bot_url=url,
        ) | {"E2E_REST": "0.1"}  # fmt: skip
        clocks = [{"E2E_CLOCK": str(folder / name)} for name in ("clock", "clock-ahead")]
        process = stack.enter_context(running("serve", environment=variables | clocks[0], program=PROGRAM))
        stack.enter_context(running("scheduler", environment=variables | clocks[1], program=PROGRAM))
        wait_until_served(f"http://127.0.0.1:{port}/healthz", process)
        yield made
        db.session.remove()


def two_days(made: Office) -> None:
    """Every trouble once: idle hours, changed settings, a cut, a token that ends. Ends in the afternoon."""
    made.deliver()
    made.go_on(timedelta(hours=2))
    made.deliver()
    change_settings(made)
    made.deliver()
    cut(made)
    made.go_on(timedelta(hours=26))
    made.deliver()


def change_settings(made: Office) -> None:
    """An administrator saves another form of the same accounts."""
    with unit_of_work():
        save_bot(_bot(f"another-secret-{made.rounds}"), now=made.now, by_id=None)
        save_oa(replace(ACCOUNT, signature_first="oa_id", group_id=f"g{made.rounds}"), now=made.now, by_id=None)


def cut(made: Office) -> None:
    """Nothing arrives while the network is cut; everything does when it is back."""
    made.receivers.cut()
    made.queue()
    made.wait(lambda row: row.status is MessageStatus.QUEUED and row.attempts > 0)
    made.receivers.mend()
    made.go_on(timedelta(minutes=30))
    made.wait(lambda row: row.status is MessageStatus.SENT)


def _bot(secret: str) -> BotSettings:
    return BotSettings(token="42:stub", mode="webhook", webhook_secret=secret)


def _set_up(made: Office, hooks: str) -> None:
    now, stub = made.now, made.receivers.stub
    stub.account.chats.add("chat-1")
    stub.follow("user-1")
    pair = stub.new_tokens()
    with unit_of_work() as session:
        save_oa(ACCOUNT, now=now, by_id=None)
        save_bot(_bot("a-secret-of-ours"), now=now, by_id=None)
        session.add(User(id=1, email="lan@sonha.example", full_name="Vũ Thị Lan", created_at=now))
        session.add(WebhookEndpoint(id=1, name="Kho dữ liệu", url=hooks, format="slack", created_at=now))
        session.flush()
        session.add(
            Channel(
                user_id=1, kind=ChannelKind.ZALO_OA, address="user-1", verified_at=now, last_interaction_at=now,
            )
        )  # fmt: skip
    zalo.paste_tokens(access=pair["access_token"], refresh=pair["refresh_token"], now=now)
    made.go_on(timedelta())


@contextmanager
def _hooks(receivers_of: Receivers) -> Iterator[str]:
    """A receiver of webhooks; its address."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receivers_of.hook_status == 200:
                receivers_of.hooks.append(str(json.loads(body)["text"]))
            self.send_response(receivers_of.hook_status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
