"""Every message and its fate, who was not reached, the month's account."""

from __future__ import annotations

from taskflow.web.messages.routes import messages

__all__ = ["messages"]
