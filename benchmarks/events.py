"""How soon an event of Zalo is answered while others write without a pause: ``python -m benchmarks.events``.

It takes the options of ``benchmarks.bench``. One measurement, as that runs it and in the database of the environment,
is ``--json EVENTS WRITERS``. Events are posted to ``taskflow serve`` one after the other, signed, each with an id of
its own; each writer is a process that gives 50 tasks a tag and takes it away again, transaction after transaction.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, select

from benchmarks import bench
from benchmarks.load import load
from taskflow.cli.zalo_stub import Account, sign
from taskflow.extensions import db
from taskflow.factory import create_app
from taskflow.models.org import Membership
from taskflow.models.outbox import InboundEvent
from taskflow.models.task import BulkOperation, Task
from taskflow.services import bulk, schema
from taskflow.services.actors import actor_of
from taskflow.services.bulk import BulkKind, BulkRequest
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import OaSettings, save_oa
from tests.support.processes import free_port, running, wait_until_served

TASKS = 10_000
#: Tasks that one writer changes at a time.
PORTION = 50
ACCOUNT = Account()


def main(events: int, writers: int) -> None:
    """Fill, serve, write and post; print what was found."""
    app = create_app()
    now = datetime.now(UTC)
    with app.app_context():
        schema.upgrade()
        load(TASKS, today=now.date())
        with unit_of_work():
            account = OaSettings(app_id=ACCOUNT.app_id, oa_id=ACCOUNT.oa_id, oa_secret=ACCOUNT.oa_secret)
            save_oa(account, now=now, by_id=None)
        db.session.remove()
        db.engine.dispose()
    port = free_port()
    environment = {**os.environ, "TASKFLOW_PORT": str(port)}
    with running("serve", environment=environment) as server, contextlib.ExitStack() as stack:
        wait_until_served(f"http://127.0.0.1:{port}/healthz", server)
        for number in range(writers):
            stack.enter_context(running("--writer", str(number), environment=environment, program="benchmarks.events"))
        with app.app_context():
            while (begun := _count(BulkOperation)) < 2 * writers:
                time.sleep(0.1)
        started = time.perf_counter()
        answers = [_post(port, number) for number in range(events)]
        seconds = time.perf_counter() - started
    with app.app_context():
        written, kept = _count(BulkOperation) - begun, _count(InboundEvent)
        db.session.remove()
    taken = sorted(took for took, status in answers if status == 200)
    if kept != len(taken) or {status for _took, status in answers} > {200, 503}:
        raise RuntimeError(f"{kept} events kept, {len(taken)} taken")
    found = {
        "median": taken[len(taken) // 2],
        "p95": taken[len(taken) * 95 // 100],
        "slowest": max(took for took, _status in answers),
        "asked_again": len(answers) - len(taken),
        "written": written / seconds,
    }
    print(json.dumps(found), flush=True)


def _post(port: int, number: int) -> tuple[float, int]:
    """Post one event on a connection of its own, as Zalo does; the seconds to the answer and its status."""
    stamp = str(int(time.time() * 1000))
    event = {
        "app_id": ACCOUNT.app_id,
        "oa_id": ACCOUNT.oa_id,
        "event_name": "user_send_text",
        "timestamp": stamp,
        "sender": {"id": f"user-{number}"},
        "recipient": {"id": ACCOUNT.oa_id},
        "message": {"msg_id": f"message-{number}", "text": "Đã nhận"},
    }
    raw = json.dumps(event, ensure_ascii=False).encode()
    mac = sign(ACCOUNT.app_id, raw, stamp, ACCOUNT.oa_secret)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    begin = time.perf_counter()
    connection.request("POST", "/hooks/zalo/oa", body=raw, headers={"X-ZEvent-Signature": f"mac={mac}"})
    status = connection.getresponse().status
    took = time.perf_counter() - begin
    connection.close()
    return took, status


def write(number: int) -> None:
    """One writer: until it is stopped."""
    app = create_app()
    with app.app_context():
        ids = list(
            db.session.scalars(
                select(Task.id).where(Task.is_open).order_by(Task.id).limit(PORTION).offset(number * PORTION)
            )
        )
        coordinator = db.session.scalars(select(Membership.user_id).where(Membership.role == "coordinator")).first()
        now = datetime.now(UTC)
        actor = actor_of(coordinator or 0, on=now.date())
        add = BulkRequest(BulkKind.TAG, add_tags=("trọng tâm",))
        while True:
            for request in (add, replace(add, add_tags=(), remove_tags=add.add_tags)):
                bulk.run(request, ids, actor=actor, now=datetime.now(UTC))


def _count(model: type[BulkOperation | InboundEvent]) -> int:
    number = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.rollback()
    return number


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    if "--json" in sys.argv:
        main(*numbers)
    elif "--writer" in sys.argv:
        write(*numbers)
    else:
        bench.main(["--only", "events", *sys.argv[1:]])
