"""Numbers for Prometheus: counters of this process, and gauges read from the database when asked."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select

from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage
from taskflow.models.system import JobRun, Lease

REGISTRY = CollectorRegistry()
_OUTCOMES = Counter(
    "taskflow_delivery",
    "Attempts to deliver by outcome (sent, postponed, failed)",
    ["outcome", "channel"],
    registry=REGISTRY,
)
_DWELL = Histogram(
    "taskflow_delivery_dwell_seconds",
    "Time from queueing a message to the receiver's yes",
    ["channel"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400),
    registry=REGISTRY,
)
SWEEP_SECONDS = Histogram(
    "taskflow_sweep_seconds", "How long sweeps took", buckets=(0.1, 0.5, 1, 2, 5, 10, 30), registry=REGISTRY
)
_QUEUE = Gauge("taskflow_queue_messages", "Messages by status", ["status", "channel"], registry=REGISTRY)
_QUEUE_AGE = Gauge("taskflow_queue_age_seconds", "Age of the oldest message whose time has come", registry=REGISTRY)
_SWEEP_AGE = Gauge("taskflow_sweep_age_seconds", "Time since the last finished sweep", registry=REGISTRY)
_LEASE = Gauge("taskflow_lease_seconds_left", "How long a lease still holds", ["name", "holder"], registry=REGISTRY)


def count(outcome: str, channel: ChannelKind, *, dwell: float | None = None) -> None:
    """Count one attempt."""
    _OUTCOMES.labels(outcome, channel.value).inc()
    if dwell is not None:
        _DWELL.labels(channel.value).observe(max(0.0, dwell))


def exposition(*, now: datetime) -> bytes:
    """All numbers in Prometheus' text format; reads the database."""
    session = db.session()
    _QUEUE.clear()
    statuses = session.execute(
        select(OutboxMessage.status, OutboxMessage.channel, func.count()).group_by(
            OutboxMessage.status, OutboxMessage.channel
        )
    )
    for status, channel, number in statuses:
        _QUEUE.labels(status.value, channel.value).set(number)
    _QUEUE_AGE.set(queue_age(now=now))
    age = sweep_age(now=now)
    _SWEEP_AGE.set(-1 if age is None else age)
    _LEASE.clear()
    for lease in session.scalars(select(Lease)):
        _LEASE.labels(lease.name, lease.holder).set((lease.expires_at - now).total_seconds())
    return generate_latest(REGISTRY)


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
        JobRun.job == "sweep", JobRun.error == "", JobRun.finished_at.is_not(None)
    )
    tried = select(func.min(JobRun.started_at)).where(JobRun.job == "sweep")
    last = db.session.scalar(swept) or db.session.scalar(tried)
    return None if last is None else (now - last).total_seconds()
