"""Events for receivers outside: one message to each that wants the kind, in the transaction of the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.models.outbox import ChannelKind, OutboxMessage, WebhookEndpoint
from taskflow.models.task import Task

#: Kinds of events that a receiver can ask for.
WEBHOOK_EVENTS = (
    "assigned", "reported_done", "confirmed", "returned", "extension_asked", "extension_approved",
    "extension_rejected", "urged", "cancelled", "reopened", "decision_needed",
)  # fmt: skip
#: Tasks named in one event; the rest is counted.
_MOST_ITEMS = 50


def queue_event(session: Session, tasks: Sequence[Task], kind: str, now: datetime) -> None:
    """Queue the event for every receiver that is on and wants it (inside a unit of work)."""
    if kind not in WEBHOOK_EVENTS:
        return
    endpoints = session.execute(
        select(WebhookEndpoint.id, WebhookEndpoint.events, WebhookEndpoint.office_unit_id).where(
            WebhookEndpoint.is_active
        )
    ).all()
    for endpoint_id, events, office_id in endpoints:
        meant = [task for task in tasks if office_id is None or task.office_unit_id == office_id]
        if kind not in events or not meant:
            continue
        session.add(
            OutboxMessage(
                dedupe_key=f"webhook:{endpoint_id}:{uuid4().hex}",
                kind=kind,
                channel=ChannelKind.WEBHOOK,
                address=str(endpoint_id),
                payload={
                    "items": [{"task": task.id} for task in meant[:_MOST_ITEMS]],
                    "more": max(0, len(meant) - _MOST_ITEMS),
                },
                next_attempt_at=now,
                created_at=now,
            )
        )
