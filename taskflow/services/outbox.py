"""The delivery loop: claim, send with nothing open, record. At least once, and a double carries the same id.

A batch is claimed by one conditional UPDATE (SKIP LOCKED on PostgreSQL, BEGIN IMMEDIATE on SQLite); the
attempt of each message is written before the network is used; what the receiver answered is committed
message by message. A process that dies leaves its claims behind, which others take when they have run out.
Claims are written and compared by the database's time, so that nodes whose clocks differ keep off each other's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, Table, and_, insert, or_, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from taskflow.clock import database_now
from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind, DeliveryAttempt, MessageStatus, OutboxMessage
from taskflow.notifications.messages import render
from taskflow.notifications.transports.base import (
    FaultError,
    Parcel,
    PermanentError,
    Receipt,
    TransientError,
    Transport,
)
from taskflow.services import alarms, throttle, undelivered
from taskflow.services.letters import ACCOUNT_KINDS, AddressOff, Desk, Draft, Later, Skip
from taskflow.services.throttle import Bucket
from taskflow.services.unit_of_work import unit_of_work

log = structlog.get_logger()

_OUTBOX = cast("Table", OutboxMessage.__table__)
_ATTEMPT = cast("Table", DeliveryAttempt.__table__)
#: Messages that one worker claims at a time.
BATCH = 10
#: How long a claim holds. A worker stops sending when less than ``CLAIM_MARGIN`` of it is left.
CLAIM = timedelta(minutes=5)
CLAIM_MARGIN = timedelta(minutes=2)
#: Delays after the first, second … failed attempt; after the last one the message is given up, visibly.
LADDER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60))
#: Receivers of events are tried again as Standard Webhooks says.
WEBHOOK_LADDER = (timedelta(seconds=5), *(timedelta(minutes=minutes) for minutes in (5, 30, 2 * 60, 5 * 60, 10 * 60,
                  14 * 60, 20 * 60, 24 * 60)))  # fmt: skip

Now = Callable[[], datetime]
#: What came of handing over a message.
Outcome = Receipt | TransientError | PermanentError


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed message with its attempt: all that is needed to send it without a database."""

    id: int
    attempt_id: int
    attempts: int
    kind: str
    channel: ChannelKind
    address: str
    user_id: int | None
    urgent: bool
    created_at: datetime
    #: What to send, or why that could not be worked out.
    draft: Draft | FaultError


class Courier:
    """One worker: takes messages of some channels and hands them to the transport. For one thread."""

    def __init__(
        self,
        *,
        name: str,
        channels: Sequence[ChannelKind],
        transport: Transport,
        now: Now,
        per_minute: int = 0,
    ) -> None:
        self.name = name
        self._channels = tuple(channels)
        self._transport = transport
        self._now = now
        self._per_minute = per_minute
        #: What receivers answered and the database could not take yet.
        self._owed: list[tuple[Job, Outcome, datetime]] = []

    def deliver_batch(self) -> int:
        """Claim and send one batch; how many messages were dealt with. Needs an application context."""
        self.settle()
        claimed_at = _claims_now()
        jobs, dealt = self._claim(self._now())
        for job in jobs:
            if _claims_now() > claimed_at + CLAIM - CLAIM_MARGIN:
                break  # a slow receiver used up the claim; what is left goes to whoever claims it next
            self._deliver(job)
            dealt += 1
        return dealt

    def settle(self) -> None:
        """Record what is owed. While the database cannot take it (a full disk), nothing more is sent: no doubles."""
        while self._owed:
            owed = self._owed.pop(0)
            try:
                with unit_of_work() as session:
                    _record(session, *owed)
            except OperationalError:
                self._owed.insert(0, owed)
                raise

    def close(self) -> None:
        """Let go of the transport's connections."""
        self._transport.close()

    def _claim(self, now: datetime) -> tuple[list[Job], int]:
        with unit_of_work() as session:
            limit = self._allowance(session, now)
            rows = claim(session, self._channels, worker=self.name, now=now, limit=limit) if limit else []
            if not rows:
                return [], 0
            jobs, skipped = [], 0
            for row, draft in zip(rows, _drafts(session, rows, now), strict=True):
                if isinstance(draft, Draft | FaultError):
                    jobs.append((row, draft))
                    if isinstance(draft, Draft) and draft.address != row.address:
                        session.connection().execute(
                            update(_OUTBOX).where(_OUTBOX.c.id == row.id).values(address=draft.address)
                        )
                    continue
                skipped += 1
                if isinstance(draft, Skip):
                    _let_go(session, row, status=MessageStatus.SKIPPED, last_error=draft.reason)
                elif isinstance(draft, Later):
                    _let_go(session, row, status=MessageStatus.QUEUED, next_attempt_at=draft.moment,
                            attempts=row.attempts - 1)  # fmt: skip
                else:
                    _let_go(session, row, status=MessageStatus.FAILED, last_error="address_off")
                    undelivered.fall_back(session, row.id, now=now)
            attempts = session.connection().scalars(
                insert(_ATTEMPT).returning(_ATTEMPT.c.id, sort_by_parameter_order=True),
                [{"message_id": row.id, "at": now, "outcome": "started", "code": "", "detail": ""} for row, _ in jobs],
            ).all() if jobs else []  # fmt: skip
            made = [
                Job(
                    id=row.id,
                    attempt_id=attempt_id,
                    attempts=row.attempts,
                    kind=row.kind,
                    channel=row.channel,
                    address=draft.address if isinstance(draft, Draft) else row.address,
                    user_id=row.user_id,
                    urgent=row.urgent,
                    created_at=row.created_at,
                    draft=draft,
                )
                for (row, draft), attempt_id in zip(jobs, attempts, strict=True)
            ]
        return made, skipped

    def _allowance(self, session: Session, now: datetime) -> int:
        """How many messages may leave now without going over the server's rate (0: none)."""
        if not self._per_minute:
            return BATCH
        bucket = Bucket(f"send:{self._channels[0]}", capacity=self._per_minute, seconds=60 / self._per_minute)
        taken = 0
        while taken < BATCH and not throttle.take(session, [bucket], now=now):
            taken += 1
            session.flush()  # the next look at the bucket reads it anew
        return taken

    def _deliver(self, job: Job) -> None:
        self._owed.append((job, self._hand_over(job), self._now()))
        self.settle()

    def _hand_over(self, job: Job) -> Outcome:
        """Render and send, with no transaction open."""
        draft = job.draft
        if isinstance(draft, FaultError):
            return draft
        try:
            parcel = Parcel(
                id=job.id,
                channel=job.channel,
                address=job.address,
                rendered=render(draft.letter),
                kind=job.kind,
                urgent=job.urgent,
                unsubscribe_url=draft.unsubscribe_url,
                task_id=draft.task_id,
                extra=draft.extra or {},
            )
            return self._transport.send(parcel, now=self._now())
        except (TransientError, PermanentError) as error:
            return error
        except Exception as error:
            log.exception("delivery.fault", message=job.id, kind=job.kind)
            return FaultError(error)


def _drafts(
    session: Session, rows: Sequence[Any], now: datetime
) -> list[Draft | Skip | Later | AddressOff | FaultError]:
    """What each message says; one that cannot be worked out does not hold up the others of its batch."""
    try:
        desk = Desk(session, rows, now=now)
        return [desk.draft(row) for row in rows]
    except SQLAlchemyError:
        raise
    except Exception as error:
        if len(rows) > 1:
            return [draft for row in rows for draft in _drafts(session, [row], now)]
        log.exception("delivery.fault", message=rows[0].id, kind=rows[0].kind)
        return [FaultError(error)]


def _claims_now() -> datetime:
    """The time by which claims run out, asked with nothing left open."""
    held_now = database_now()
    db.session.rollback()
    return held_now


def claim(
    session: Session, channels: Sequence[ChannelKind], *, worker: str, now: datetime, limit: int = BATCH
) -> list[Any]:
    """Take up to ``limit`` messages whose time has come, urgent ones first: rows of the outbox, claimed."""
    held_now = database_now()
    ready = _ready(now, held_now)
    ids = (
        select(_OUTBOX.c.id)
        .where(_OUTBOX.c.channel.in_(channels), ready)
        .order_by(_OUTBOX.c.urgent.desc(), _OUTBOX.c.next_attempt_at, _OUTBOX.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    connection = session.connection()
    # Two statements: as a subquery, PostgreSQL may run the SELECT once a row and so claim more than the limit.
    chosen = connection.scalars(ids).all()
    if not chosen:
        return []
    statement = (
        update(_OUTBOX)
        .where(_OUTBOX.c.id.in_(chosen), ready)
        .values(
            status=MessageStatus.SENDING,
            claimed_by=worker,
            claimed_until=held_now + CLAIM,
            attempts=_OUTBOX.c.attempts + 1,
        )
        .returning(_OUTBOX)
    )
    rows = connection.execute(statement).all()
    return sorted(rows, key=lambda row: (not row.urgent, row.next_attempt_at, row.id))


def _record(session: Session, job: Job, outcome: Outcome, now: datetime) -> None:
    if isinstance(outcome, Receipt):
        _sent(session, job, outcome, now)
    elif isinstance(outcome, TransientError):
        _postpone(session, job, outcome, now)
    else:
        _fail(session, job, outcome, now)


def _sent(session: Session, job: Job, receipt: Receipt, now: datetime) -> None:
    values: dict[str, Any] = {"last_error": "", "provider_id": receipt.provider_id, "sent_at": now}
    if job.kind in ACCOUNT_KINDS:
        values["payload"] = {}  # the secret has left and is not kept
    # Delivery and seen events can come before our own commit; they are not taken back.
    _close(session, job, MessageStatus.SENT, now, outcome="sent", **values)
    if job.user_id is not None:
        undelivered.arrived(session, job.user_id, job.channel, job.address)


def _postpone(session: Session, job: Job, error: TransientError, now: datetime) -> None:
    if isinstance(error, FaultError):
        alarms.raise_alarm(session, what="fault", channel=job.channel.value, error=_words(error), now=now)
    elif error.needs_person:
        alarms.raise_alarm(session, what="channel", channel=job.channel.value, error=_words(error), now=now)
    ladder = WEBHOOK_LADDER if job.channel is ChannelKind.WEBHOOK else LADDER
    if job.attempts > len(ladder) or (error.other_way and undelivered.has_other_way(session, job.id)):
        _fail(session, job, PermanentError(error.code, error.detail), now)
        return
    delay = ladder[job.attempts - 1]
    # Up to a tenth more, so that what failed together does not come back together.
    moment = now + delay + delay * random.uniform(0, 0.1)  # noqa: S311 - spreading, not secrecy
    if error.not_before is not None:
        moment = max(now, error.not_before)
    _close(
        session,
        job,
        MessageStatus.QUEUED,
        now,
        outcome="transient",
        code=error.code,
        detail=error.detail,
        next_attempt_at=moment,
        last_error=_words(error),
    )
    undelivered.tell_if_for_all(session, job.channel, _words(error), now=now)


def _fail(session: Session, job: Job, error: PermanentError, now: datetime) -> None:
    done = _close(
        session, job, MessageStatus.FAILED, now, outcome="permanent", code=error.code, detail=error.detail,
        last_error=_words(error),
    )  # fmt: skip
    if error.needs_person:
        alarms.raise_alarm(session, what="channel", channel=job.channel.value, error=_words(error), now=now)
    if error.bad_address:
        undelivered.mark_address(session, job.id, _words(error), now=now)
    if done:
        undelivered.fall_back(session, job.id, now=now)


def _close(
    session: Session, job: Job, status: MessageStatus, now: datetime, *, outcome: str, code: str = "", detail: str = "",
    **values: Any,
) -> bool:  # fmt: skip
    """Finish the attempt; change the message, if it is still this worker's. Whether it was."""
    connection = session.connection()
    connection.execute(
        update(_ATTEMPT)
        .where(_ATTEMPT.c.id == job.attempt_id)
        .values(finished_at=now, outcome=outcome, code=code[:64], detail=detail[:2000])
    )
    changed = connection.execute(
        update(_OUTBOX)
        .where(
            _OUTBOX.c.id == job.id,
            _OUTBOX.c.status == MessageStatus.SENDING,
            _OUTBOX.c.attempts == job.attempts,
        )
        .values(status=status, claimed_by="", claimed_until=None, **values)
    )
    return changed.rowcount == 1


def _let_go(session: Session, row: Any, **values: Any) -> None:
    """Give up the claim on a message that does not leave now."""
    session.connection().execute(
        update(_OUTBOX).where(_OUTBOX.c.id == row.id).values(claimed_by="", claimed_until=None, **values)
    )


def _words(error: TransientError | PermanentError) -> str:
    return f"{error.code} {error.detail}".strip()[:500]


def channels_due(now: datetime) -> set[ChannelKind]:
    """Channels that have something to send now."""
    return set(db.session.scalars(select(_OUTBOX.c.channel).where(_ready(now, database_now())).distinct()))


def _ready(now: datetime, held_now: datetime) -> ColumnElement[bool]:
    """Messages whose time has come, and those whose worker died: its claim has run out by the database's time.

    A claim further ahead than one can be made was written before the database's clock was set back.
    """
    until = _OUTBOX.c.claimed_until
    return or_(
        and_(_OUTBOX.c.status == MessageStatus.QUEUED, _OUTBOX.c.next_attempt_at <= now),
        and_(_OUTBOX.c.status == MessageStatus.SENDING, or_(until <= held_now, until > held_now + 2 * CLAIM)),
    )
