"""What Zalo says when asked: how many templates may still leave today, and which messages by phone have arrived.

Events say the same sooner; who has no public address for them, or lost one, learns it here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage
from taskflow.notifications.transports.base import TransientError
from taskflow.notifications.transports.zalo_oa import ZaloOaTransport
from taskflow.services import settings
from taskflow.services.transports import transport_of
from taskflow.services.unit_of_work import unit_of_work

#: Messages are asked after between these ages: an event has had its time, and a later arrival tells nobody anything.
ASK_AFTER, ASK_UNTIL = timedelta(minutes=15), timedelta(days=2)
#: Messages asked after in one run.
MOST = 50


@dataclass(frozen=True, slots=True)
class Quota:
    """Templates by phone that the account may send in a day, and how many are left. ``daily`` 0: not known."""

    daily: int = 0
    left: int = 0


def quota() -> Quota:
    """As Zalo said last."""
    return settings.get(_QUOTA)


def ask(now: datetime) -> dict[str, Any]:
    """Ask for the quota and for messages whose arrival nobody told. For the scheduler; nothing without a template."""
    transport = transport_of("zalo_oa", current_app.config["TASKFLOW"], lambda: now)
    waiting = _waiting(now)
    db.session.rollback()  # nothing stays open while the network is used
    if not isinstance(transport, ZaloOaTransport):
        return {}
    arrived: dict[int, datetime] = {}
    found: Quota | None = None
    try:
        if transport.has_template:
            found = Quota(*transport.quota())
        for message_id, provider_id in waiting:
            moment = transport.arrived_at(provider_id)
            if moment is not None:
                arrived[message_id] = min(moment, now)
    except TransientError as error:
        if not arrived and found is None:
            return {"error": error.code}
    finally:
        transport.close()
    with unit_of_work() as session:
        if found is not None and found != quota():
            settings.put(_QUOTA.key, asdict(found), now=now, by_id=None)
        for message_id, moment in arrived.items():
            session.connection().execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == message_id, OutboxMessage.status == MessageStatus.SENT)
                .values(status=MessageStatus.DELIVERED, delivered_at=moment)
            )
    return {"asked": len(waiting), "arrived": len(arrived)}


def _waiting(now: datetime) -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(OutboxMessage.id, OutboxMessage.provider_id)
        .where(
            OutboxMessage.channel == ChannelKind.ZALO_TEMPLATE,
            OutboxMessage.status == MessageStatus.SENT,
            OutboxMessage.provider_id.is_not(None),
            OutboxMessage.sent_at.between(now - ASK_UNTIL, now - ASK_AFTER),
        )
        .order_by(OutboxMessage.sent_at.desc())
        .limit(MOST)
    )
    return [(row.id, row.provider_id) for row in rows if row.provider_id]


def _parse(stored: object) -> Quota:
    if isinstance(stored, Quota):
        return stored
    if not isinstance(stored, dict):
        raise ValueError(stored)
    return Quota(**stored)


_QUOTA = settings.SettingSpec("zalo.quota", _parse, Quota(), "Zalo quota")
