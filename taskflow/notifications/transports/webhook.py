"""Outgoing webhooks: signed events (Standard Webhooks), and plain payloads for Telegram, Teams and Slack."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from standardwebhooks.webhooks import Webhook

from taskflow.notifications.transports.base import Parcel, PermanentError, Receipt, TransientError
from taskflow.notifications.transports.fitting import fit
from taskflow.notifications.transports.public_address import post

FORMATS = ("standard", "telegram", "teams", "slack")
LONGEST_CHAT = 3500


class WebhookTransport:
    """Posts one event. ``parcel.extra`` has url, secret, format and the event's ``data``."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def send(self, parcel: Parcel, *, now: datetime) -> Receipt:
        """Post the event; any 2xx is a yes, 410 switches the endpoint off and says so, a redirect is an error."""
        form = str(parcel.extra.get("format", "standard"))
        body = json.dumps(payload(parcel, form, now=now), ensure_ascii=False, separators=(",", ":"))
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "taskflow"}
        if form == "standard":
            headers |= signature(parcel.tracking_id, body, parcel.extra.get("secrets", ()), now=now)
        status, answer = post(
            str(parcel.extra.get("url", "")), body.encode(), headers, allow_private=self._allow_private
        )
        if 200 <= status < 300:
            return Receipt()
        if status == 410:
            raise PermanentError("410", "the receiver wants no more", bad_address=True, needs_person=True)
        # A program that answers anything else may be repaired meanwhile; a chat service means its 4xx.
        if form == "standard" or status in (408, 425, 429) or status >= 500:
            raise TransientError(str(status), answer[:300])
        raise PermanentError(str(status), answer[:300])

    def close(self) -> None:
        """Nothing is kept."""


def signature(identity: str, body: str, secrets: Sequence[str], *, now: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks: one signature for each secret that holds, the newest first.

    Raises ``PermanentError`` for an endpoint without a usable secret.
    """
    try:
        if not secrets:
            raise ValueError("no secret")
        # The library reads the wall clock of the value as UTC.
        signed = " ".join(Webhook(secret).sign(identity, now.astimezone(UTC), body) for secret in secrets)
    except (ValueError, RuntimeError) as error:
        raise PermanentError("bad_secret", str(error), needs_person=True) from error
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signed,
    }


def payload(parcel: Parcel, form: str, *, now: datetime) -> dict[str, Any]:
    """What is posted, by the receiver's format."""
    text = fit(parcel.rendered.chat or parcel.rendered.subject, LONGEST_CHAT)
    if form == "telegram":
        # The room stands in the address, as Telegram shows it: …/bot<token>/sendMessage?chat_id=<room>
        room = parse_qs(urlsplit(str(parcel.extra.get("url", ""))).query).get("chat_id", [""])[0]
        return {"chat_id": room, "text": text, "disable_web_page_preview": True}
    if form == "slack":
        # Slack reads <…> as links and mentions: what somebody wrote into a title must call nobody.
        return {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    if form == "teams":
        return {
            "type": "message",
            "attachments": [
                {
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [
                            {"type": "TextBlock", "text": _unformatted(line), "wrap": True, "spacing": "Small"}
                            for line in text.splitlines()
                        ],
                    },
                }
            ],
        }
    happened = parcel.extra.get("happened_at", now)
    return {"type": parcel.kind, "timestamp": happened.isoformat(), "data": parcel.extra.get("data", {})}


def _unformatted(line: str) -> str:
    """A line in which an Adaptive Card's Markdown finds no link and no list: what somebody wrote stays text."""
    return re.sub(r"([\\*\[\]])", r"\\\1", line)
