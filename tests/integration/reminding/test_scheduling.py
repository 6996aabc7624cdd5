"""The timetable: a slot once among many nodes, clocks that jump, leases, alarms, forgetting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.outbox import (
    ChannelKind,
    DeliveryAttempt,
    MessageStatus,
    Notification,
    OutboxMessage,
    ReminderRecord,
)
from taskflow.models.system import JobRun
from taskflow.models.task import CoordinationState
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.scheduling import lease
from taskflow.scheduling.jobs import JOBS, Job, run_job, slot_of, trigger
from taskflow.services import metrics
from taskflow.services.notices import account_message
from taskflow.services.outbox import Courier
from taskflow.services.reminder_rules import Scope, save_rule
from taskflow.services.reminders import sweep
from taskflow.services.retention import forget
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

BY_NAME = {job.name: job for job in JOBS}


def _counting(runs: list[datetime]) -> Job:
    def run(now: datetime) -> dict[str, object]:
        runs.append(now)
        return {}

    return replace(BY_NAME["sweep"], run=run)


def test_a_slot_is_taken_once(app: Flask, clock: Clock) -> None:
    runs: list[datetime] = []
    job = _counting(runs)
    assert [run_job(app, job) for _ in range(3)] == [True, False, False]
    clock.advance(minutes=10)
    assert run_job(app, job)
    assert len(runs) == 2
    assert all(run.finished_at is not None for run in db.session.scalars(select(JobRun)))


def test_a_job_that_fails_is_kept_with_its_error_and_does_not_stop_the_next(app: Flask, clock: Clock) -> None:
    def fail(now: datetime) -> dict[str, object]:
        raise ValueError("broken")

    job = replace(BY_NAME["sweep"], run=fail)
    assert run_job(app, job)
    assert db.session.scalars(select(JobRun.error)).one() == "ValueError: broken"
    clock.advance(minutes=10)
    assert run_job(app, _counting([]))


def test_a_clock_that_was_ahead_and_went_back_blocks_nothing(app: Flask, clock: Clock) -> None:
    runs: list[datetime] = []
    clock.advance(days=1)
    run_job(app, _counting(runs))
    clock.advance(days=-1)
    run_job(app, _counting(runs))
    clock.advance(days=1)
    run_job(app, _counting(runs))
    assert len(runs) == 3


def test_slots_are_the_same_in_every_zone(clock: Clock) -> None:
    job = BY_NAME["sweep"]
    local = clock.now.astimezone(tz=None)
    assert slot_of(job, local) == slot_of(job, clock.now)


def test_every_job_has_a_trigger_and_a_name_of_its_own(app: Flask) -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
    for job in JOBS:
        assert str(trigger(job, app).timezone) == "Asia/Ho_Chi_Minh"


def test_a_lease_passes_on_within_two_lengths_of_its_holders_death(app: Flask, clock: Clock) -> None:
    assert lease.hold("updates", "a")
    assert not lease.hold("updates", "b")
    waited = 0
    while not lease.hold("updates", "b"):
        clock.advance(seconds=5)
        waited += 5
    assert waited <= 2 * lease.LENGTH.total_seconds()
    assert not lease.hold("updates", "a")
    lease.let_go("updates", "b")
    assert lease.hold("updates", "a")


def test_a_lease_written_by_a_clock_far_ahead_does_not_hold_for_ever(app: Flask, clock: Clock) -> None:
    now = clock.now
    clock.advance(days=1)
    lease.hold("updates", "a")
    clock.set(now)
    assert lease.hold("updates", "b")


def test_three_missed_slots_raise_the_alarm_once_a_day(app: Flask, clock: Clock, factories: Factories) -> None:
    admin = factories.user(Role.ADMINISTRATOR)
    run_job(app, _counting([]))
    clock.advance(minutes=31)
    assert metrics.sweep_age(now=clock.now) == pytest.approx(31 * 60)
    for _ in range(2):
        run_job(app, BY_NAME["watch"])
        clock.advance(minutes=10)
    db.session.rollback()  # the jobs ran in sessions of their own
    assert [line.user_id for line in db.session.scalars(select(Notification))] == [admin.id]
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.kind, message.payload["what"]) == ("alarm", "sweep")


def _warned() -> list[int]:
    db.session.rollback()  # the jobs ran in sessions of their own
    return [message.payload["year"] for message in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]


def test_an_unconfirmed_year_is_warned_of(app: Flask, clock: Clock, factories: Factories) -> None:
    factories.user(Role.ADMINISTRATOR)
    run_job(app, BY_NAME["calendar_years"])
    assert _warned() == [2026]
    clock.set("2026-11-02 08:25")
    run_job(app, BY_NAME["calendar_years"])
    assert _warned() == [2026, 2026, 2027]


def test_old_messages_keep_that_they_were_and_lose_what_they_said(
    app: Flask, clock: Clock, factories: Factories
) -> None:
    user = factories.user()
    with unit_of_work() as session:
        account_message(session, user, "test", {"sentence": "riêng tư"}, clock.now)
    Courier(name="m", channels=[ChannelKind.EMAIL], transport=MemoryTransport(), now=clock).deliver_batch()
    clock.advance(days=366)
    with unit_of_work() as session:
        account_message(session, user, "test", {"sentence": "mới"}, clock.now)
    assert forget(clock.now).messages == 1
    db.session.expire_all()
    old, new = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert (old.address, old.payload, old.status) == ("", {}, MessageStatus.SENT)
    assert new.payload == {"sentence": "mới"}
    assert db.session.scalars(select(DeliveryAttempt)).all() == []
    assert forget(clock.now).messages == 0


def test_old_records_of_reminders_are_forgotten_and_nothing_is_said_again(
    app: Flask, clock: Clock, factories: Factories
) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    ladder = {"before": [1], "after": [1, 3], "recipients": ["head"]}
    save_rule(Scope(), "due", ladder, is_active=True, actor=admin, now=clock.now)
    clock.set("2026-03-02 08:00")
    unit = factories.user(Role.HEAD).memberships[0].unit
    task, done = (factories.task(unit=unit, due_on=date(2026, 3, 16), state=TaskState.IN_PROGRESS) for _ in range(2))
    helper = factories.user(Role.HEAD).memberships[0].unit
    factories.coordination(done, helper, due_on=date(2026, 3, 16), state=CoordinationState.ASKED)
    factories.user(Role.COORDINATOR)
    factories.document(reporting_rule="FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=16")
    for day in ("2026-03-13 08:00", "2026-03-17 08:00", "2026-03-19 08:00"):
        clock.set(day)
        sweep(clock.now)
    with unit_of_work():
        done.state = TaskState.COMPLETED
    clock.set("2026-08-03 08:00")
    sweep(clock.now)  # young records stay whatever became of the work
    clock.set("2027-03-25 08:00")
    sweep(clock.now)
    digests = len(db.session.scalars(select(OutboxMessage)).all())
    assert forget(clock.now).records > 4
    kept = db.session.execute(select(ReminderRecord.subject, ReminderRecord.subject_id, ReminderRecord.rung)).all()
    assert [tuple(row) for row in kept] == [("task", task.id, "due:+3")]
    clock.set("2027-03-26 08:00")
    sweep(clock.now)
    assert len(db.session.scalars(select(OutboxMessage)).all()) == digests
    assert forget(clock.now).records == 0


def test_metrics_are_for_who_knows_the_token(client: FlaskClient, configure: Callable[..., Any]) -> None:
    assert client.get("/metrics").status_code == 404
    configure(metrics_token="s3cret")
    assert client.get("/metrics").status_code == 401
    answer = client.get("/metrics", headers={"Authorization": "Bearer s3cret"})
    assert answer.status_code == 200
    assert "taskflow_sweep_age_seconds" in answer.get_data(as_text=True)


def _attempt(message: OutboxMessage, at: datetime, outcome: str, *, seconds: int = 0) -> DeliveryAttempt:
    return DeliveryAttempt(
        message_id=message.id, at=at, finished_at=at + timedelta(seconds=seconds), outcome=outcome, detail="", code=""
    )


def test_metrics_say_what_all_processes_did_in_the_last_day(
    app: Flask, clock: Clock, factories: Factories, client: FlaskClient, configure: Callable[..., Any]
) -> None:
    configure(metrics_token="s3cret")
    user = factories.user()
    with unit_of_work() as session:
        messages = [account_message(session, user, "test", {"sentence": "x"}, clock.now) for _ in range(4)]
        sent, slow, failed, _waiting = messages
        sent.status = slow.status = MessageStatus.SENT
        failed.status = MessageStatus.FAILED
        session.add_all([
            _attempt(sent, clock.now, "sent", seconds=4),
            _attempt(slow, clock.now, "transient", seconds=20),
            _attempt(slow, clock.now + timedelta(minutes=2), "sent", seconds=1),
            _attempt(failed, clock.now, "permanent"),
            _attempt(failed, clock.now - timedelta(hours=25), "transient"),
        ])  # fmt: skip
    run_job(app, _counting([]))
    clock.advance(minutes=5)
    answer = client.get("/metrics", headers={"Authorization": "Bearer s3cret"}).get_data(as_text=True)
    lines = {line for line in answer.splitlines() if not line.startswith("#")}
    assert {
        'taskflow_attempts_last_day{channel="email",outcome="sent"} 2.0',
        'taskflow_attempts_last_day{channel="email",outcome="transient"} 1.0',
        'taskflow_attempts_last_day{channel="email",outcome="permanent"} 1.0',
        'taskflow_dwell_seconds_last_day_bucket{channel="email",le="1"} 0.0',
        'taskflow_dwell_seconds_last_day_bucket{channel="email",le="5"} 1.0',
        'taskflow_dwell_seconds_last_day_bucket{channel="email",le="300"} 2.0',
        'taskflow_dwell_seconds_last_day_bucket{channel="email",le="+Inf"} 2.0',
        'taskflow_queue_messages{channel="email",status="queued"} 1.0',
        'taskflow_queue_messages{channel="email",status="failed"} 1.0',
        "taskflow_queue_age_seconds 300.0",
        "taskflow_sweep_age_seconds 300.0",
        "taskflow_sweep_seconds 0.0",
    } <= lines
    assert 'status="sent"' not in answer  # a number that only grows, and would be counted anew at each question


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # PostgreSQL walks whole tables while they are small
def test_metrics_walk_indexes_only(app: Flask, clock: Clock) -> None:
    """With a million messages kept, what is asked for stays a small part of an index."""
    statements = [metrics.watched_messages(), metrics.attempts_since(clock.now - metrics.DAY)]
    for statement, index in zip(statements, ("ix_outbox_message_due", "ix_delivery_attempt_at"), strict=True):
        words = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = [row.detail for row in db.session.execute(text("EXPLAIN QUERY PLAN " + words))]
        assert index in plan[0], plan
        assert not any(line.startswith("SCAN") for line in plan), plan
