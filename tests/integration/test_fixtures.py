"""The fixtures keep what they promise, on both databases."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import date

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from taskflow.clock import today
from taskflow.config import Settings
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import Unit, User
from taskflow.models.task import Task
from tests.factories import Factories
from tests.support.browser import html_problems
from tests.support.clock import Clock
from tests.support.network import NetworkBlockedError


@pytest.mark.parametrize("run", [1, 2])
def test_every_test_begins_with_an_empty_database(factories: Factories, run: int) -> None:
    task = factories.task(due_on=date(2026, 3, 31), state=TaskState.COMPLETED)
    factories.coordination(task, factories.unit())
    assert task.id == 1
    assert db.session.scalar(select(func.count()).select_from(Task)) == 1
    assert {unit.path for unit in db.session.scalars(select(Unit).where(Unit.parent_id.is_(None)))} == {
        f"/{factories.body().id}/"
    }


def test_the_clock_of_the_application_is_the_tests(app: Flask, clock: Clock) -> None:
    assert today() == date(2026, 3, 16)
    clock.set("2026-04-30 23:30")
    assert today() == date(2026, 4, 30)
    clock.advance(hours=1)
    assert today() == date(2026, 5, 1)


def test_settings_change_for_one_test(app: Flask, configure: Callable[..., Settings]) -> None:
    before = app.config["TASKFLOW"]
    configure(smtp_host="127.0.0.1", smtp_port=2525)
    assert app.config["TASKFLOW"].smtp_port == 2525
    assert before.smtp_port == 25


def test_a_request_sees_what_was_committed(client: FlaskClient) -> None:
    answer = client.get("/readyz").get_json()
    assert (answer["status"], answer["parts"]["schema"]) == ("ok", "ok")


def test_a_command_runs_in_the_same_application(runner: Callable[..., Result]) -> None:
    result = runner("db", "upgrade")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_person_can_be_signed_in(
    client: FlaskClient, factories: Factories, sign_in: Callable[[FlaskClient, User], FlaskClient]
) -> None:
    user = factories.user()
    sign_in(client, user)
    with client.session_transaction() as session:
        assert session["_user_id"] == f"{user.id}:1"


def test_other_machines_cannot_be_reached() -> None:
    with pytest.raises(NetworkBlockedError):
        socket.create_connection(("example.org", 80))
    with socket.socket() as line, pytest.raises(NetworkBlockedError):
        line.connect(("192.0.2.1", 80))


def test_wrong_html_is_noticed() -> None:
    assert html_problems("<!doctype html><title>a</title><p>b") == []
    assert html_problems("<tr><td>a</td></tr>") == []
    assert html_problems("<p id=a>b</p><p id=a>c</p>") == ["id 'a' is given 2 times"]
    assert html_problems("<p>a</b>")
