"""Death while a refresh token that works once is exchanged: the next one goes on, or a person is called."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from taskflow.config import Settings
from taskflow.extensions import WRITE_INTENT, db
from taskflow.factory import create_app
from taskflow.models.outbox import ZaloToken
from taskflow.notifications.transports.base import TransientError
from taskflow.notifications.transports.http import JsonClient
from taskflow.services import zalo
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import OaSettings, save_oa
from tests.support.clock import START

STAND_IN = """
import sys
from taskflow.cli.zalo_stub import ZaloStub
stub = ZaloStub()
print(stub.start(), flush=True)
sys.stdin.read()
stub.stop()
"""
POINTS = ("before_lock", "after_lock", "before_exchange", "after_exchange", "before_keeping", "after_keeping")
#: Deaths here lose the new pair: Zalo has given it, and nobody has stored it.
LOST = frozenset({"after_exchange", "before_keeping"})


@pytest.fixture
def stand_in() -> Iterator[str]:
    """The stand-in for Zalo in a process of its own; its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", STAND_IN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    yield process.stdout.readline().strip()
    process.stdin.close()
    process.wait(60)
    process.stdout.close()


def _install(point: str) -> None:
    """Kill this process at the point."""

    def die(here: str) -> None:
        if here == point:
            os.kill(os.getpid(), signal.SIGKILL)

    commits = iter((("before_lock", "after_lock"), ("before_keeping", "after_keeping")))
    names: list[tuple[str, str]] = []

    @event.listens_for(Session, "before_commit")
    def _before(_session: Session) -> None:
        if WRITE_INTENT.get():
            names.append(next(commits))
            die(names[-1][0])

    @event.listens_for(Session, "after_commit")
    def _after(_session: Session) -> None:
        if WRITE_INTENT.get():
            die(names[-1][1])

    post = JsonClient.post

    def exchange(client: JsonClient, path: str, **values: Any) -> dict[str, Any]:
        die("before_exchange")
        answer = post(client, path, **values)
        die("after_exchange")
        return answer

    JsonClient.post = exchange  # type: ignore[method-assign] # in a child of its own


def test_whoever_dies_while_renewing_the_next_one_goes_on_or_calls_a_person(
    fresh_database: str, tmp_path: Path, stand_in: str
) -> None:
    app = create_app(
        Settings(
            database_url=fresh_database,
            data_dir=tmp_path,
            secret_key="secret of the tests",  # type: ignore[arg-type] # pydantic makes a SecretStr of it
            zalo_oauth_url=stand_in,
            log_level="ERROR",
        )
    )
    now = START

    def clock() -> datetime:
        return now

    app.config["TASKFLOW_DATABASE_CLOCK"] = clock
    with app.app_context():
        with unit_of_work():
            account = OaSettings(app_id="1234567890", app_secret="stub-app-secret", code_verifier="v" * 43)
            save_oa(account, now=now, by_id=None)
        db.engine.dispose()
    for point in POINTS:
        with app.app_context():
            pair = httpx2.post(f"{stand_in}/_stub/tokens").json()
            zalo.paste_tokens(access=pair["access_token"], refresh=pair["refresh_token"], now=now)
            db.session.remove()
            db.engine.dispose()
        pid = os.fork()
        if pid == 0:
            _install(point)
            with app.app_context():
                zalo.access_token(clock, refused=True)
            os._exit(0)
        assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL, point
        now += timedelta(seconds=61)
        with app.app_context():
            if point in LOST:
                with pytest.raises(TransientError) as caught:
                    zalo.access_token(clock, refused=True)
                assert caught.value.needs_person, point
                assert db.session.scalars(select(ZaloToken)).one().needs_person
            else:
                assert zalo.access_token(clock, refused=True) != pair["access_token"], point
            db.session.remove()
            db.engine.dispose()
