"""``taskflow remind``: who would get what and why, and nothing is written by asking."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.outbox import OutboxMessage, ReminderRecord
from tests.factories import Factories
from tests.support.clock import Clock


@pytest.fixture
def late_task(factories: Factories, clock: Clock) -> str:
    """A task three working days late on Wednesday 25/03/2026, with a head of unit; its code."""
    clock.set("2026-01-05 08:00")
    head = factories.user(Role.HEAD, full_name="Trần Thị Mai")
    task = factories.task(unit=head.memberships[0].unit, due_on=date(2026, 3, 20), state=TaskState.IN_PROGRESS)
    return task.code


def test_a_dry_run_says_who_gets_what_and_why_and_writes_nothing(
    app: Flask, runner: Callable[..., Result], late_task: str
) -> None:
    result = runner("remind", "--dry-run", "--at", "2026-03-25T08:00", "--json")
    found = json.loads(result.stdout)
    (message,) = found["messages"]
    assert message["person"]["name"] == "Trần Thị Mai"
    assert message["channel"] == "email"
    (part,) = message["groups"]
    assert (part["group"], part["count"], part["more"]) == ("overdue", 1, 0)
    (item,) = part["items"]
    assert (item["code"], item["rung"], item["due"]) == (late_task, "+3", "2026-03-20")
    assert item["why"] == "Thời hạn 20/03/2026 đã quá 3 ngày làm việc (mốc sau 3 ngày làm việc)."
    assert item["as"] == "lãnh đạo đơn vị chủ trì"
    assert db.session.scalars(select(OutboxMessage)).all() == []
    assert db.session.scalars(select(ReminderRecord)).all() == []


def test_a_bare_day_means_its_first_time_and_a_sunday_holds_everything(
    app: Flask, runner: Callable[..., Result], late_task: str
) -> None:
    assert len(json.loads(runner("remind", "--dry-run", "--at", "2026-03-25", "--json").stdout)["messages"]) == 1
    sunday = json.loads(runner("remind", "--dry-run", "--at", "2026-03-29T08:00", "--json").stdout)
    assert sunday["messages"] == []
    assert [held["code"] for held in sunday["held"]] == ["outside_hours"]


def test_words_for_people(app: Flask, runner: Callable[..., Result], late_task: str) -> None:
    text = runner("remind", "--dry-run", "--at", "2026-03-25T08:00").stdout
    assert "Lúc 08:00 ngày 25/03/2026 sẽ xếp 1 tin nhắc." in text
    assert "Quá hạn (1):" in text or "Overdue (1):" in text
    assert late_task in text


def test_a_real_run_queues(app: Flask, runner: Callable[..., Result], clock: Clock, late_task: str) -> None:
    clock.set("2026-03-25 08:00")
    assert "xếp 1 tin nhắc (1 lượt nhắc)" in runner("remind").stdout
    assert json.loads(runner("remind", "--json").stdout)["messages"] == 0


def test_a_moment_that_is_none_is_refused(app: Flask, runner: Callable[..., Result]) -> None:
    result = runner("remind", "--dry-run", "--at", "ngày mai")
    assert result.exit_code == 1
    assert "ngày mai" in result.stderr
    assert runner("remind", "--at", "2026-03-25").exit_code == 2
