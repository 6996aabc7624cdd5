"""What a table is about: tasks, indicators, costs or something else, with a confidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from taskflow.documents.cells import Row
from taskflow.documents.columns import Head
from taskflow.documents.model import TableKind
from taskflow.domain.units import plain

_COSTS = re.compile(r"\b(?:kinh phi|du toan|khai toan|nhu cau von|nguon von)\b")


def classify(head: Head | None, body: Sequence[Row], title: str | None) -> tuple[TableKind, float]:
    """What the table is about and how sure that is."""
    if head is None:
        return TableKind.OTHER, 0.5
    roles = {"deadline" if role == "mark" else role for role in head.roles}
    subject = plain(title or "")
    doers = roles & {"lead", "units", "coordinators"}
    if "amount" in roles and not roles & {"lead", "coordinators", "deadline"}:
        return TableKind.BUDGET, 0.95 if "source" in roles or "kinh phi" in subject else 0.85
    if "target" in roles and "name" not in roles and not doers and _COSTS.search(subject):
        return TableKind.BUDGET, 0.8  # the money of each year
    if "name" in roles and roles & {"target", "current", "unit_of_measure"}:
        return TableKind.INDICATORS, 0.95
    if "content" in roles and doers:
        sure = (
            0.7
            + 0.1 * ("lead" in roles)
            + 0.1 * ("deadline" in roles)
            + 0.08 * ("coordinators" in roles or "product" in roles)
        )
        if "deadline" not in roles and "chi tieu" in subject:
            return TableKind.INDICATORS, 0.6
        return TableKind.TASKS, round(sure, 2)
    if roles & {"target", "current"} and roles & {"name", "content"}:
        return TableKind.INDICATORS, 0.8
    if "amount" in roles:
        return TableKind.BUDGET, 0.7
    if "content" in roles and "deadline" in roles:
        return TableKind.TASKS, 0.6 if any(row for row in body) else 0.5
    if "name" in roles:
        return TableKind.INDICATORS, 0.6
    return TableKind.OTHER, 0.6
