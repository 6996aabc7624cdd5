"""The threads that deliver: each lane of channels has its own, so that a slow one holds up nobody else."""

from __future__ import annotations

import threading

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from taskflow import clock
from taskflow.config import Settings
from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind
from taskflow.notifications.transports.base import NoTransport, TransientError, Transport
from taskflow.notifications.transports.zalo_bot import ZaloBotTransport
from taskflow.scheduling import lease
from taskflow.scheduling.jobs import node_name
from taskflow.services.alarms import raise_fault
from taskflow.services.inbound import apply_bot_update
from taskflow.services.outbox import Courier, channels_due
from taskflow.services.transports import LANES, transport_of
from taskflow.services.zalo_settings import bot_settings, oa_settings

log = structlog.get_logger()

#: How long a worker rests when there is nothing to send.
REST_SECONDS = 2.0
#: And when the database or the provider does not answer.
PAUSE_SECONDS = 5.0
_POLL_LEASE = "zalo_bot_updates"


class LaneWorker(threading.Thread):
    """Delivers the messages of one lane until it is told to stop."""

    def __init__(self, app: Flask, lane: str, number: int, stop: threading.Event) -> None:
        super().__init__(name=f"deliver-{lane}-{number}", daemon=True)
        self._app = app
        self._lane = lane
        self._stop_asked = stop
        self._courier: Courier | None = None
        self._made_for: object = None

    def run(self) -> None:
        """Deliver, rest, deliver."""
        while not self._stop_asked.is_set():
            pause = 0.0
            try:
                with self._app.app_context():
                    if not self._deliver():
                        pause = REST_SECONDS
            except SQLAlchemyError as error:
                log.warning("delivery.database", lane=self._lane, error=str(error).splitlines()[0])
                pause = PAUSE_SECONDS
            except Exception as error:  # a courier outlives whatever one message provokes
                log.exception("delivery.fault", lane=self._lane)
                with self._app.app_context():
                    raise_fault(error, channel=self._lane, now=clock.now())
                pause = PAUSE_SECONDS
            if pause:
                self._hang_up_if_idle()
                self._stop_asked.wait(pause)
        if self._courier is not None:
            self._courier.close()

    def _deliver(self) -> int:
        channels = LANES[self._lane]
        if self._courier is not None:
            self._courier.settle()
        # A look first: claiming needs the right to write, which others may need more.
        waiting = channels_due(clock.now())
        db.session.rollback()
        if not waiting & set(channels):
            return 0
        courier = self._current_courier(channels)
        return 0 if courier is None else courier.deliver_batch()

    def _current_courier(self, channels: tuple[ChannelKind, ...]) -> Courier | None:
        """The courier for the settings that hold now."""
        settings: Settings = self._app.config["TASKFLOW"]
        wanted = (settings, bot_settings(), oa_settings())
        if self._courier is None or self._made_for != wanted:
            if self._courier is not None:
                self._courier.close()
            self._courier, self._made_for = None, wanted
            transport: Transport | None
            try:
                transport = transport_of(self._lane, settings, clock.now)
            except Exception as error:  # what cannot be set up fails message by message: alarm, next channel
                log.exception("delivery.not_set_up", lane=self._lane)
                transport, self._made_for = NoTransport(error), None  # and is set up anew for the next batch
            if transport is not None:
                self._courier = Courier(
                    name=f"{node_name()}:{self.name}",
                    channels=channels,
                    transport=transport,
                    now=clock.now,
                    per_minute=settings.smtp_per_minute if self._lane == "email" else 0,
                )
        return self._courier

    def _hang_up_if_idle(self) -> None:
        """Servers dislike connections that are held for nothing."""
        if self._courier is not None:
            self._courier.close()


class BotListener(threading.Thread):
    """Asks the bot for updates where the office has no public address; on one node at a time."""

    def __init__(self, app: Flask, stop: threading.Event) -> None:
        super().__init__(name="zalo-bot-updates", daemon=True)
        self._app = app
        self._stop_asked = stop

    def run(self) -> None:
        """Ask, apply, ask."""
        while not self._stop_asked.is_set():
            busy = False
            try:
                with self._app.app_context():
                    busy = self._listen()
            except TransientError as error:
                log.warning("zalo_bot.updates", code=error.code)
            except SQLAlchemyError as error:
                log.warning("zalo_bot.database", error=str(error).splitlines()[0])
            except Exception as error:  # and so does the listener
                log.exception("zalo_bot.fault")
                with self._app.app_context():
                    raise_fault(error, channel="zalo_bot", now=clock.now())
            if not busy:
                self._stop_asked.wait(PAUSE_SECONDS)
        with self._app.app_context():
            try:
                lease.let_go(_POLL_LEASE, node_name())
            except SQLAlchemyError:
                log.info("zalo_bot.lease_kept")

    def _listen(self) -> bool:
        bot = bot_settings()
        db.session.rollback()
        if not bot.token or bot.mode != "polling" or not lease.hold(_POLL_LEASE, node_name()):
            return False
        transport = ZaloBotTransport(self._app.config["TASKFLOW"].zalo_bot_url, bot.token)
        try:
            for update in transport.updates():
                apply_bot_update(update, now=clock.now())
        finally:
            transport.close()
        return True
