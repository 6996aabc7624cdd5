"""Zalo Bot Platform (DOMAIN.md 6.7): free, text only, the person must have written to the bot first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taskflow.notifications.transports.base import Parcel, Receipt, TransientError
from taskflow.notifications.transports.fitting import fit
from taskflow.notifications.transports.http import JsonClient
from taskflow.notifications.transports.zalo_errors import BOT, failure

LONGEST_TEXT = 2000
#: Seconds that ``getUpdates`` may wait; the network time-out is a little longer.
POLL_SECONDS = 20


class ZaloBotTransport:
    """Messages, updates and the webhook of one bot."""

    def __init__(self, base_url: str, token: str) -> None:
        self._client = JsonClient(base_url)
        self._token = token

    def send(self, parcel: Parcel, *, now: datetime) -> Receipt:
        """Send the short form to the chat."""
        text = fit(parcel.rendered.chat or parcel.rendered.text, LONGEST_TEXT)
        answer = self._call("sendMessage", {"chat_id": parcel.address, "text": text})
        if answer.get("ok") is not True:
            raise failure(BOT, _code(answer), _words(answer), now=now, tracking_id=parcel.tracking_id)
        result = answer.get("result")
        identity = result.get("message_id") if isinstance(result, dict) else None
        return Receipt(str(identity) if identity else None)

    def updates(self, *, wait: int = POLL_SECONDS) -> list[dict[str, Any]]:
        """What people wrote since the last call; nothing when nobody did. Raises ``TransientError``."""
        answer = self._call("getUpdates", {"timeout": str(wait)}, timeout=wait + 10.0)
        if answer.get("ok") is not True:
            if _code(answer) == 408:  # nobody wrote
                return []
            raise TransientError(str(_code(answer)), _words(answer), needs_person=_code(answer) == 401)
        result = answer.get("result")
        found = result if isinstance(result, list) else [result]
        return [update for update in found if isinstance(update, dict)]

    def about(self) -> dict[str, Any]:
        """The bot itself (``getMe``): whether the token works. Raises ``TransientError``."""
        return self._ask("getMe", {})

    def set_webhook(self, url: str, secret: str) -> None:
        """Let Zalo call us. Raises ``TransientError``."""
        self._ask("setWebhook", {"url": url, "secret_token": secret})

    def drop_webhook(self) -> None:
        """Back to polling. Raises ``TransientError``."""
        self._ask("deleteWebhook", {})

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _ask(self, method: str, values: dict[str, str]) -> dict[str, Any]:
        answer = self._call(method, values)
        if answer.get("ok") is not True:
            raise TransientError(str(_code(answer)), _words(answer), needs_person=_code(answer) == 401)
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    def _call(self, method: str, values: dict[str, str], *, timeout: float | None = None) -> dict[str, Any]:
        return self._client.post(f"/bot{self._token}/{method}", json=values, timeout=timeout)


def _code(answer: dict[str, Any]) -> int:
    code = answer.get("error_code")
    return code if isinstance(code, int) else 0


def _words(answer: dict[str, Any]) -> str:
    return str(answer.get("description", ""))
