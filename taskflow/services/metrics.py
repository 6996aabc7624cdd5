"""Numbers for Prometheus, all read from the database when asked: any process tells the truth of all of them.

Each statement walks a part of an index that stays small however many messages are kept: what waits, what failed,
the attempts of the last day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Select, case, extract, func, select

from taskflow.clock import database_now
from taskflow.extensions import db
from taskflow.models.outbox import DeliveryAttempt, MessageStatus, OutboxMessage
from taskflow.models.system import JobRun, Lease

#: What gauges named "…_last_day" look back on.
DAY = timedelta(hours=24)
#: Statuses whose number is worth an alarm; the others only grow.
WATCHED = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.FAILED)
#: Seconds from queueing to the receiver's yes, as bounds of a histogram.
DWELL_BOUNDS = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400)
_SWEEP = "sweep"


def exposition(*, now: datetime) -> bytes:
    """All numbers in Prometheus' text format; reads the database."""
    registry = CollectorRegistry()
    _queue(registry, now)
    _last_day(registry, now)
    _sweeps(registry, now)
    lease_left = Gauge(
        "taskflow_lease_seconds_left", "How long a lease still holds", ["name", "holder"], registry=registry
    )
    held_now = database_now()
    for lease in db.session.scalars(select(Lease)):
        lease_left.labels(lease.name, lease.holder).set((lease.expires_at - held_now).total_seconds())
    return generate_latest(registry)


def _queue(registry: CollectorRegistry, now: datetime) -> None:
    queue = Gauge(
        "taskflow_queue_messages",
        "Messages that wait, are being sent, or failed for good",
        ["status", "channel"],
        registry=registry,
    )
    for status, channel, number in db.session.execute(watched_messages()):
        queue.labels(status.value, channel.value).set(number)
    age = Gauge("taskflow_queue_age_seconds", "Age of the oldest message whose time has come", registry=registry)
    age.set(queue_age(now=now))


def _last_day(registry: CollectorRegistry, now: datetime) -> None:
    attempts = Gauge(
        "taskflow_attempts_last_day",
        "Attempts to deliver begun in the last 24 hours by outcome (started: no answer yet)",
        ["outcome", "channel"],
        registry=registry,
    )
    dwell = Gauge(
        "taskflow_dwell_seconds_last_day_bucket",
        "Messages taken in the last 24 hours within so many seconds of being queued; for histogram_quantile()",
        ["channel", "le"],
        registry=registry,
    )
    for outcome, channel, number, *within in db.session.execute(attempts_since(now - DAY)):
        attempts.labels(outcome, channel.value).set(number)
        if outcome == "sent":
            for bound, taken in zip(DWELL_BOUNDS, within, strict=True):
                dwell.labels(channel.value, str(bound)).set(taken)
            dwell.labels(channel.value, "+Inf").set(number)


def _sweeps(registry: CollectorRegistry, now: datetime) -> None:
    age = Gauge("taskflow_sweep_age_seconds", "Time since the last finished sweep; -1 before any", registry=registry)
    since = sweep_age(now=now)
    age.set(-1 if since is None else since)
    last = db.session.execute(
        select(JobRun.started_at, JobRun.finished_at)
        .where(JobRun.job == _SWEEP, JobRun.finished_at.is_not(None))
        .order_by(JobRun.slot.desc())
        .limit(1)
    ).first()
    if last is not None and last.finished_at is not None:
        took = Gauge("taskflow_sweep_seconds", "How long the last sweep took", registry=registry)
        took.set((last.finished_at - last.started_at).total_seconds())


def watched_messages() -> Select[*tuple[Any, ...]]:
    """Status, channel and number of the messages that somebody may have to do something about."""
    return (
        select(OutboxMessage.status, OutboxMessage.channel, func.count())
        .where(OutboxMessage.status.in_(WATCHED))
        .group_by(OutboxMessage.status, OutboxMessage.channel)
    )


def attempts_since(moment: datetime) -> Select[*tuple[Any, ...]]:
    """Outcome, channel and number of the attempts begun since then, and how many of them ended within each bound."""
    ended, queued = DeliveryAttempt.finished_at, OutboxMessage.created_at
    seconds = extract("epoch", ended) - extract("epoch", queued)
    return (
        select(
            DeliveryAttempt.outcome,
            OutboxMessage.channel,
            func.count(),
            *(func.sum(case((seconds <= bound, 1), else_=0)) for bound in DWELL_BOUNDS),
        )
        .join(OutboxMessage, OutboxMessage.id == DeliveryAttempt.message_id)
        .where(DeliveryAttempt.at >= moment)
        .group_by(DeliveryAttempt.outcome, OutboxMessage.channel)
    )


def queue_age(*, now: datetime) -> float:
    """Seconds since the oldest message that could leave should have left; 0 when none waits."""
    oldest = db.session.scalar(
        select(func.min(OutboxMessage.next_attempt_at)).where(
            OutboxMessage.status == MessageStatus.QUEUED, OutboxMessage.next_attempt_at <= now
        )
    )
    return 0.0 if oldest is None else (now - oldest).total_seconds()


def sweep_age(*, now: datetime) -> float | None:
    """Seconds since the last sweep that finished well, or since the first try when none did; None before any."""
    swept = select(func.max(JobRun.finished_at)).where(
        JobRun.job == _SWEEP, JobRun.error == "", JobRun.finished_at.is_not(None)
    )
    tried = select(func.min(JobRun.started_at)).where(JobRun.job == _SWEEP)
    last = db.session.scalar(swept) or db.session.scalar(tried)
    return None if last is None else (now - last).total_seconds()
