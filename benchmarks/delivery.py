"""How many messages a second leave: ``python -m benchmarks.delivery`` on SQLite and PostgreSQL, beside what is wanted.

It takes the options of ``benchmarks.bench``. One measurement, as that runs it and in the database of the environment,
is ``--json MESSAGES WORKERS [--dead-provider]``. A local SMTP server runs in a process of its own. Messages are
digests of three tasks each, rendered as text and HTML. With ``--dead-provider`` as many messages wait for a receiver
of another channel that takes connections and never answers.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import func, insert, select

from benchmarks import bench
from benchmarks.sweep import NOW, fill
from taskflow.extensions import db
from taskflow.factory import create_app
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage, WebhookEndpoint
from taskflow.notifications.transports.email import EmailTransport
from taskflow.notifications.transports.webhook import WebhookTransport
from taskflow.services import schema
from taskflow.services.outbox import Courier
from taskflow.services.unit_of_work import unit_of_work
from tests.support.processes import free_port

#: Monday morning in the office, whenever this is run: digests wait outside working hours.
_SHIFT = NOW - datetime.now(UTC)


def office_time() -> datetime:
    """A clock that goes on from ``NOW``."""
    return datetime.now(UTC) + _SHIFT


class Counter:
    """Takes everything, remembers Message-IDs."""

    def __init__(self) -> None:
        self.identities: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        """Count one message."""
        content = envelope.original_content or b""
        start = content.index(b"Message-ID: ")
        self.identities.append(content[start : start + 60].split(b"\r\n")[0])
        return "250 OK"


def receiver(port: int, ready: Connection) -> None:
    """The mail server's process: answers with how many arrived when it is asked."""
    counter = Counter()
    controller = Controller(counter, hostname="127.0.0.1", port=port)
    controller.start()
    ready.send(True)
    ready.recv()
    ready.send((len(counter.identities), len(set(counter.identities))))
    controller.stop()


def main(messages: int, workers: int, *, dead_provider: bool) -> None:
    """Queue, deliver, print what was found."""
    port = free_port()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=receiver, args=(port, there), daemon=True)
    server.start()
    here.recv()
    os.environ.update(
        TASKFLOW_SMTP_HOST="127.0.0.1",
        TASKFLOW_SMTP_PORT=str(port),
        TASKFLOW_DELIVERY_WORKERS=str(workers),
        TASKFLOW_ALLOW_PRIVATE_WEBHOOKS="true",
    )
    app = create_app()
    with app.app_context():
        schema.upgrade()
        fill(1000, 500, 60)
        with unit_of_work() as session:
            session.execute(insert(OutboxMessage), [_message(n) for n in range(messages)])
    silent = _silent_provider(app, messages) if dead_provider else None
    threads = [threading.Thread(target=work, args=(app, number)) for number in range(workers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    here.send(True)
    arrived, different = here.recv()
    with app.app_context():
        wanted = (OutboxMessage.channel == ChannelKind.EMAIL, OutboxMessage.status == MessageStatus.SENT)
        sent = db.session.scalar(select(func.count()).select_from(OutboxMessage).where(*wanted))
        if not messages == sent == arrived == different:
            raise RuntimeError(f"{messages} queued, {sent} sent, {arrived} arrived, {different} different ones")
        found = {"sent": sent, "arrived": arrived, "different": different, "seconds": seconds}
        print(json.dumps(found), flush=True)
        db.session.remove()
    if silent is not None:
        silent.close()
    server.join(5)


def _silent_provider(app: Flask, messages: int) -> socket.socket:
    """A receiver of webhooks that takes the connection and never answers, with as many messages for it, and the
    worker of its lane busy with them."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    with app.app_context(), unit_of_work() as session:
        endpoint = WebhookEndpoint(
            name="Silent",
            url=f"http://127.0.0.1:{listener.getsockname()[1]}/",
            secret="whsec_" + "A" * 32,
            events=["assigned"],
            created_at=NOW,
        )
        session.add(endpoint)
        session.flush()
        rows = [
            {
                "dedupe_key": f"silent:{number}",
                "kind": "assigned",
                "channel": ChannelKind.WEBHOOK,
                "address": str(endpoint.id),
                "payload": {"items": [{"task": number % 900 + 1}]},
                "next_attempt_at": NOW,
                "created_at": NOW,
            }
            for number in range(messages)
        ]
        session.execute(insert(OutboxMessage), rows)
    lane = Courier(
        name="bench-silent",
        channels=[ChannelKind.WEBHOOK],
        transport=WebhookTransport(allow_private=True),
        now=office_time,
    )

    def deliver() -> None:
        with app.app_context():
            lane.deliver_batch()

    threading.Thread(target=deliver, daemon=True).start()
    return listener


def _message(number: int) -> dict[str, object]:
    items = [
        {
            "subject": "task", "id": task, "task": task, "event": "due", "rung": "+3", "late_by": 3, "for": 0,
            "basis": (NOW.date() - timedelta(days=task % 200 + 1)).isoformat(),
        }
        for task in ((number % 95) * 10 + step for step in (1, 2, 11))
    ]  # fmt: skip
    return {
        "dedupe_key": f"bench:{number}",
        "kind": "digest",
        "channel": ChannelKind.EMAIL,
        "user_id": number % 500 + 1,
        "address": f"p{number % 500 + 1}@office.example",
        "payload": {"groups": [{"group": "overdue", "count": 3, "items": items}]},
        "status": MessageStatus.QUEUED,
        "next_attempt_at": NOW,
        "created_at": NOW,
    }


def work(app: Flask, number: int) -> None:
    """One worker: until nothing is left."""
    with app.app_context():
        courier = Courier(
            name=f"bench-{number}",
            channels=[ChannelKind.EMAIL],
            transport=EmailTransport(app.config["TASKFLOW"]),
            now=office_time,
        )
        while courier.deliver_batch():
            pass
        courier.close()


if __name__ == "__main__":
    if "--json" in sys.argv:
        messages, workers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
        main(messages, workers, dead_provider="--dead-provider" in sys.argv)
    else:
        bench.main(["--only", "delivery", *sys.argv[1:]])
