"""When urging (đôn đốc) is brought to the leader: "quá n lần" (DOMAIN.md 1.5)."""

from __future__ import annotations


def is_escalated(urge_count: int, escalate_after: int) -> bool:
    """Whether a task urged this often belongs on the leader's page: more than ``escalate_after`` times."""
    return urge_count > escalate_after
