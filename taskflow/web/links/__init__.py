"""Links of messages: one task on a phone after a light check, and the switch that stops reminders by e-mail."""

from __future__ import annotations

from taskflow.web.links.routes import links

__all__ = ["links"]
