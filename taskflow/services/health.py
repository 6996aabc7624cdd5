"""Is everything well? Asked by /readyz (``readiness``) and by ``taskflow doctor`` (``examine``)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from taskflow import clock
from taskflow.config import Settings
from taskflow.extensions import db
from taskflow.i18n import _, format_datetime
from taskflow.models.outbox import MessageStatus, OutboxMessage, ZaloToken
from taskflow.models.system import JobRun
from taskflow.notifications.transports.base import TransientError
from taskflow.notifications.transports.email import EmailTransport
from taskflow.notifications.transports.zalo_bot import ZaloBotTransport
from taskflow.notifications.transports.zalo_oa import ZaloOaTransport
from taskflow.services import files
from taskflow.services.schema import pending_migrations
from taskflow.services.transports import transport_of
from taskflow.services.zalo_settings import bot_settings, oa_settings

#: Name of the job that looks for due reminders, and how often it runs.
SWEEP = "sweep"
SWEEP_INTERVAL = timedelta(minutes=10)
#: After three missed slots reminders count as stopped.
SWEEP_LATE_AFTER = 3 * SWEEP_INTERVAL
#: How far clocks of several servers may lie apart.
CLOCK_TOLERANCE = timedelta(minutes=5)
#: A message whose time came this long ago and that nobody took means that delivery stands still.
OUTBOX_STUCK_AFTER = timedelta(minutes=30)
#: Below this share of free space the disk counts as full.
LEAST_FREE_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the machine: ``state`` is a stable English word, ``detail`` a sentence for people."""

    name: str
    ok: bool
    state: str
    detail: str = ""


def readiness(*, now: datetime) -> list[Part]:
    """Whether requests can be served: database, schema, and that the sweep is not late."""
    parts = [_database()]
    if parts[0].ok:
        parts.append(_schema())
    if all(part.ok for part in parts):
        parts.append(_scheduler(now))
    return parts


def examine(*, now: datetime) -> list[Part]:
    """Every part, for an operator. What is not set up is "off", which is no fault."""
    parts = readiness(now=now)
    usable = all(part.ok for part in parts if part.name in ("database", "schema"))
    parts += [_storage(), _mail()]
    if usable:
        parts += [_files(now), _outbox(now), _zalo()]
    return parts


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why nobody is reminded, or on wrong days (late, failed or clock), and when reminders ran last."""

    state: str
    last: datetime


def standstill(*, now: datetime) -> Standstill | None:
    """What readiness says against the reminders, if anything; for the pages of those who can have it repaired."""
    last = _last_sweep()
    state = _sweep_state(last, now)
    return Standstill(state, last.started_at) if last is not None and state != "ok" else None


def _database() -> Part:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        advice = _("Is the database running, and is TASKFLOW_DATABASE_URL right?")
        return Part("database", ok=False, state="unreachable", detail=f"{reason}. {advice}")
    return Part("database", ok=True, state="ok", detail=db.engine.url.render_as_string(hide_password=True))


def _schema() -> Part:
    if pending_migrations():
        return Part("schema", ok=False, state="behind", detail=_("Run `taskflow db upgrade`, then start again."))
    return Part("schema", ok=True, state="ok", detail=_("The schema is the one that this version needs."))


def _scheduler(now: datetime) -> Part:
    last = _last_sweep()
    if last is None:
        return Part("scheduler", ok=True, state="never", detail=_("Reminders have not run yet."))
    when = format_datetime(last.started_at)
    state = _sweep_state(last, now)
    if state == "clock":
        detail = _(
            "Reminders ran last on %(when)s, which is still to come. Set the clock of this server right.", when=when
        )
        return Part("scheduler", ok=False, state=state, detail=detail)
    if state == "late":
        return Part(
            "scheduler",
            ok=False,
            state=state,
            detail=_("Reminders ran last on %(when)s. Is `taskflow serve` or `taskflow scheduler` running?", when=when),
        )
    if state == "failed":
        return Part("scheduler", ok=False, state=state, detail=f"{when}: {last.error.splitlines()[-1]}")
    return Part("scheduler", ok=True, state="ok", detail=_("Reminders ran last on %(when)s.", when=when))


def _sweep_state(last: JobRun | None, now: datetime) -> str:
    """The one judgement of the last sweep: ok, never, clock (it lies ahead of now), late, failed."""
    if last is None:
        return "never"
    if last.started_at > now + CLOCK_TOLERANCE:
        return "clock"
    if now - last.started_at > SWEEP_LATE_AFTER:
        return "late"
    return "failed" if last.error else "ok"


def _last_sweep() -> JobRun | None:
    return db.session.scalar(select(JobRun).where(JobRun.job == SWEEP).order_by(JobRun.slot.desc()).limit(1))


def _outbox(now: datetime) -> Part:
    rows = db.session.execute(
        select(OutboxMessage.status, func.count())
        .where(OutboxMessage.status.in_((MessageStatus.QUEUED, MessageStatus.FAILED)))
        .group_by(OutboxMessage.status)
    )
    counts: dict[MessageStatus, int] = {row[0]: row[1] for row in rows}
    stuck = db.session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.status == MessageStatus.QUEUED, OutboxMessage.next_attempt_at < now - OUTBOX_STUCK_AFTER)
    )
    detail = _(
        "%(queued)s messages wait, %(failed)s failed for good.",
        queued=counts.get(MessageStatus.QUEUED, 0),
        failed=counts.get(MessageStatus.FAILED, 0),
    )
    if stuck:
        detail += " " + _(
            "%(stuck)s have waited for more than half an hour: set up or repair their channel (Administration → "
            "Channels), and see that `taskflow serve` or `taskflow scheduler` runs.",
            stuck=stuck,
        )
    return Part("outbox", ok=not stuck, state="stuck" if stuck else "ok", detail=detail)


def _mail() -> Part:
    settings: Settings = current_app.config["TASKFLOW"]
    if not settings.smtp_host:
        return Part(
            "mail", ok=True, state="off", detail=_("No mail server is set (TASKFLOW_SMTP_HOST): e-mails stay queued.")
        )
    address = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        EmailTransport(settings).check()
    except TransientError as error:
        advice = _("Check TASKFLOW_SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD, and the firewall.")
        return Part("mail", ok=False, state=error.code, detail=f"{address}: {error.detail}. {advice}")
    except OSError as error:  # the key file of the signature
        return Part("mail", ok=False, state="key", detail=str(error))
    return Part("mail", ok=True, state="ok", detail=_("%(address)s answers and lets us in.", address=address))


def _zalo() -> Part:
    has_bot, has_account = bool(bot_settings().token), bool(oa_settings().app_id)
    token = db.session.scalar(select(ZaloToken).order_by(ZaloToken.id).limit(1))
    if token is not None and token.needs_person:
        return Part(
            "zalo",
            ok=False,
            state="needs_person",
            detail=_("The link to Zalo has ended: an administrator must link the account again."),
        )
    if not has_bot and not has_account:
        return Part("zalo", ok=True, state="off", detail=_("No Zalo account is linked."))
    if has_account and (token is None or not token.access_token):
        detail = _("Nobody has given consent for the Official Account: Administration → Channels → Zalo.")
        return Part("zalo", ok=False, state="no_consent", detail=detail)
    try:
        left = _ask_zalo()
    except TransientError as error:
        detail = _("Zalo does not take our requests: %(reason)s", reason=f"{error.code} {error.detail}".strip())
        return Part("zalo", ok=False, state="refused", detail=detail)
    names = [_("Zalo Bot")] * has_bot + [_("Zalo Official Account")] * has_account
    detail = _("Linked: %(names)s.", names=", ".join(names))
    return Part("zalo", ok=True, state="ok", detail=f"{detail} {left}".strip())


def _ask_zalo() -> str:
    """Ask each account whether it works; what is left of the quota, in words. Raises ``TransientError``."""
    settings: Settings = current_app.config["TASKFLOW"]
    left = ""
    for lane in ("zalo_bot", "zalo_oa"):
        transport = transport_of(lane, settings, clock.now)
        try:
            if isinstance(transport, ZaloBotTransport | ZaloOaTransport):
                transport.about()
            if isinstance(transport, ZaloOaTransport) and transport.has_template:
                daily, rest = transport.quota()
                left = _("%(left)s of %(daily)s templates are left today.", left=rest, daily=daily)
        finally:
            if transport is not None:
                transport.close()
    return left


def _storage() -> Part:
    settings: Settings = current_app.config["TASKFLOW"]
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        return Part("storage", ok=False, state="read_only", detail=_("%(path)s cannot be written.", path=folder))
    usage = shutil.disk_usage(folder)
    full = usage.free < usage.total * LEAST_FREE_SHARE
    detail = _("%(free)s GB free at %(path)s.", free=usage.free // 10**9, path=folder)
    if full:
        detail += " " + _("Make room, or reminders and uploads will stop.")
    return Part("storage", ok=not full, state="full" if full else "ok", detail=detail)


def _files(now: datetime) -> Part:
    state = files.examine(db.session(), now=now)
    if not state.orphans and not state.missing:
        return Part("files", ok=True, state="ok", detail=_("Every stored file has its owner."))
    detail = _(
        "%(missing)s files are missing from the store, %(orphans)s belong to nothing.",
        missing=len(state.missing),
        orphans=len(state.orphans),
    )
    if state.missing:
        detail += " " + _("Bring the missing ones back from a backup: %(names)s.", names=", ".join(state.missing[:3]))
    if state.orphans:
        detail += " " + _("What belongs to nothing is deleted in the night while `taskflow serve` runs.")
    return Part("files", ok=not state.missing, state="missing" if state.missing else "orphans", detail=detail)


#: What each part is called for people.
PART_TITLES: dict[str, Callable[[], str]] = {
    "database": lambda: _("Database"),
    "schema": lambda: _("Schema"),
    "scheduler": lambda: _("Reminders"),
    "storage": lambda: _("Storage"),
    "files": lambda: _("Stored files"),
    "mail": lambda: _("E-mail"),
    "outbox": lambda: _("Outgoing messages"),
    "zalo": lambda: _("Zalo"),
}
