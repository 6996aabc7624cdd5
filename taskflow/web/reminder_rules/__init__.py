"""The rules of reminding: one page with a sentence for each, an editor with a preview of the last month."""

from __future__ import annotations

from taskflow.web.reminder_rules.routes import reminder_rules

__all__ = ["reminder_rules"]
