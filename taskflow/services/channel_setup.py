"""The installation's own side of channels: accounts, receivers of webhooks, and whether each way works."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from taskflow.config import Settings
from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import Actor, Permission
from taskflow.extensions import db
from taskflow.i18n import _, format_datetime
from taskflow.models.outbox import DeliveryAttempt, MessageStatus, OutboxMessage, WebhookEndpoint, ZaloToken
from taskflow.notifications.transports.base import PermanentError, TransientError
from taskflow.notifications.transports.public_address import resolve, split
from taskflow.notifications.transports.webhook import FORMATS
from taskflow.services import audit
from taskflow.services.reach import set_up_channels
from taskflow.services.rights import require
from taskflow.services.transports import LANES
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_status import Quota, quota

#: How long the secret before still signs beside a new one.
SECRET_OVERLAP = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Light:
    """Health of a lane: ``tone`` done (works), doing (connected, nothing sent yet), near (trouble), overdue (a person
    must act), wait (off or unused)."""

    lane: str
    tone: str
    sentence: str
    queued: int = 0


def lights(*, now: datetime) -> list[Light]:
    """The health light of each way, from what happened last."""
    on = set_up_channels()
    session = db.session()
    found = []
    for lane, channels in LANES.items():
        queued = (
            session.scalar(
                select(func.count())
                .select_from(OutboxMessage)
                .where(
                    OutboxMessage.channel.in_(channels),
                    OutboxMessage.status == MessageStatus.QUEUED,
                    OutboxMessage.next_attempt_at <= now,
                )
            )
            or 0
        )
        if not on & set(channels):
            found.append(Light(lane, "near" if queued else "wait", _("Not set up."), queued))
            continue
        last = session.scalar(
            select(DeliveryAttempt)
            .join(OutboxMessage, OutboxMessage.id == DeliveryAttempt.message_id)
            .where(OutboxMessage.channel.in_(channels), DeliveryAttempt.finished_at.is_not(None))
            .order_by(DeliveryAttempt.id.desc())
            .limit(1)
        )
        found.append(_light(lane, last, queued, now=now))
    return found


def _light(lane: str, last: DeliveryAttempt | None, queued: int, *, now: datetime) -> Light:
    if lane != "zalo_oa":
        return _by_last_attempt(lane, last, queued)
    token = db.session.scalar(select(ZaloToken).order_by(ZaloToken.id).limit(1))
    if token is None or token.needs_person:
        error = token.error if token is not None else ""
        return Light(
            lane, "overdue", _("Consent is missing: give it or paste a pair of tokens. %(error)s", error=error), queued
        )
    if last is not None and last.code == "no_token":
        last = None  # what failed for want of consent says nothing about what was given since
    ends = token.expires_at
    if ends is None or ends <= now:
        sentence = _("Connected; the pair of tokens is renewed at the next use. %(error)s", error=token.error)
    else:
        sentence = _(
            "Connected; the pair of tokens holds until %(ends)s and is renewed before that.", ends=format_datetime(ends)
        )
    if last is None:
        said = _("Nothing has been sent yet. Send a test message.")
        return Light(lane, "doing", f"{sentence.strip()} {said}", queued)
    light = _by_last_attempt(lane, last, queued)
    return replace(light, sentence=f"{light.sentence} {sentence}".strip())


def _by_last_attempt(lane: str, last: DeliveryAttempt | None, queued: int) -> Light:
    if last is None:
        return Light(lane, "wait", _("Set up; nothing has been sent yet. Send a test message."), queued)
    if last.outcome == "sent":
        sentence = _("Works: the last message was taken.")
        left = quota() if lane == "zalo_oa" else Quota()
        if left.daily:
            sentence += " " + _("%(left)s of %(daily)s templates are left today.", left=left.left, daily=left.daily)
        return Light(lane, "near" if left.daily and not left.left else "done", sentence, queued)
    answer = f"{last.code} {last.detail}".strip()
    tone = "overdue" if last.outcome == "permanent" else "near"
    return Light(lane, tone, _("The last attempt failed: %(answer)s", answer=answer), queued)


def add_endpoint(
    *, name: str, url: str, form: str, events: tuple[str, ...], office_unit_id: int | None, actor: Actor, now: datetime
) -> WebhookEndpoint:
    """A new receiver, with a secret of its own. Raises ``Invalid`` for an address that must not be called."""
    require(actor, Permission.ADMIN_SETTING_EDIT)
    if form not in FORMATS:
        raise Invalid("webhook.address", "format")
    settings: Settings = current_app.config["TASKFLOW"]
    try:
        _parts, host, port = split(url)
        resolve(host, port, allow_private=settings.allow_private_webhooks)
    except PermanentError as error:
        raise Invalid("webhook.private" if error.code == "private_address" else "webhook.address", "url") from error
    except TransientError as error:
        raise Invalid("webhook.unknown_host", "url") from error
    with unit_of_work() as session:
        endpoint = WebhookEndpoint(
            name=name,
            url=url,
            format=form,
            secret=_new_secret(),
            events=list(events),
            office_unit_id=office_unit_id,
            created_at=now,
        )
        session.add(endpoint)
        session.flush()
        audit.record(
            session, actor=actor, action="webhook.added", subject="webhook", subject_id=endpoint.id, now=now, name=name
        )
    return endpoint


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def renew_secret(endpoint_id: int, *, actor: Actor, now: datetime) -> None:
    """Give a receiver a new secret; the one before signs too for ``SECRET_OVERLAP``. Raises ``NotFound``."""
    require(actor, Permission.ADMIN_SETTING_EDIT)
    with unit_of_work() as session:
        endpoint = session.get(WebhookEndpoint, endpoint_id)
        if endpoint is None:
            raise NotFound("channel.not_found")
        endpoint.previous_secret, endpoint.previous_secret_until = endpoint.secret, now + SECRET_OVERLAP
        endpoint.secret = _new_secret()
        audit.record(
            session, actor=actor, action="webhook.secret_renewed", subject="webhook", subject_id=endpoint.id, now=now
        )


def switch_endpoint(endpoint_id: int, *, on: bool, actor: Actor, now: datetime) -> None:
    """Switch a receiver on or off. Raises ``NotFound``."""
    require(actor, Permission.ADMIN_SETTING_EDIT)
    with unit_of_work() as session:
        endpoint = session.get(WebhookEndpoint, endpoint_id)
        if endpoint is None:
            raise NotFound("channel.not_found")
        endpoint.is_active = on
        endpoint.disabled_reason = ""
        audit.record(
            session,
            actor=actor,
            action="webhook.switched_on" if on else "webhook.switched_off",
            subject="webhook",
            subject_id=endpoint.id,
            now=now,
        )


def endpoints() -> list[WebhookEndpoint]:
    """All receivers, oldest first."""
    return list(db.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id)))
