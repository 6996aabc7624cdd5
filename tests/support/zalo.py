"""The Official Account of the stand-in as an office would set it up, and messages that leave by Zalo."""

from __future__ import annotations

from typing import Any

from flask import Flask

from taskflow.models.org import User
from taskflow.models.outbox import ChannelKind, OutboxMessage
from taskflow.services.outbox import Courier
from taskflow.services.transports import LANES, transport_of
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import OaSettings
from tests.support.clock import Clock

ACCOUNT = OaSettings(
    app_id="1234567890",
    app_secret="stub-app-secret",
    oa_id="9876543210",
    oa_secret="stub-oa-secret",
    code_verifier="v" * 43,
    template_id="100001",
    parameters={"ten": ("name", 30), "noi_dung": ("title", 200)},
)


def deliver(app: Flask, clock: Clock, lane: str) -> int:
    """Let one worker of the lane deal with a batch; how many messages that were."""
    transport = transport_of(lane, app.config["TASKFLOW"], clock)
    assert transport is not None
    courier = Courier(name="w", channels=LANES[lane], transport=transport, now=clock)
    try:
        return courier.deliver_batch()
    finally:
        courier.close()


def queue(clock: Clock, user: User, channel: ChannelKind, address: str, **columns: Any) -> OutboxMessage:
    """A message that waits to be sent now; a test message, if ``columns`` says nothing else."""
    with unit_of_work() as session:
        values = {"kind": "test", "payload": {"test": True}, **columns}
        message = OutboxMessage(
            dedupe_key=f"t:{channel}:{address}:{values['kind']}:{clock.now.isoformat()}",
            channel=channel,
            user_id=user.id,
            address=address,
            next_attempt_at=clock.now,
            created_at=clock.now,
            **values,
        )
        session.add(message)
    return message
