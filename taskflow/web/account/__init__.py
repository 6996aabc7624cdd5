"""One's own account: sign in and out, password, profile, delegation; and the first run."""

from __future__ import annotations

from taskflow.web.account import delegations, routes, tokens
from taskflow.web.account.routes import account

__all__ = ["account", "delegations", "routes", "tokens"]
