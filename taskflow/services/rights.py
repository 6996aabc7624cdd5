"""The check that every administrative service begins with."""

from __future__ import annotations

from taskflow.domain.errors import NotAllowed
from taskflow.domain.permissions import Actor, Permission, has


def require(actor: Actor, permission: Permission) -> None:
    """Raise ``NotAllowed("admin.not_allowed")`` unless some post of the actor carries the permission."""
    if not has(actor, permission):
        raise NotAllowed("admin.not_allowed")
