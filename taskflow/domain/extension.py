"""Rules of asking for more time (xin gia hạn) and of dates inside a task that was broken down (giao lại).

The limits are the office's own (DOMAIN.md 1.3: no official number is known); a late request is allowed but marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class ExtensionPolicy:
    """How often, by how many calendar days, and how many working days before the date an extension may be asked."""

    max_count: int
    max_days: int
    days_before: int


def check_extension(
    policy: ExtensionPolicy,
    *,
    current: date,
    wanted: date,
    granted_before: int,
    parent_due: date | None = None,
    today: date | None = None,
) -> None:
    """Whether the date may move so. Raises ``Invalid``: not later, too often, too far, beyond the parent's date.

    ``today`` is given when the date is named: nobody asks for, or offers, a day that is over.
    """
    if wanted <= current:
        raise Invalid("extension.not_later", "due_on", current=current)
    if today is not None and wanted < today:
        raise Invalid("dates.over", "due_on", today=today)
    if granted_before >= policy.max_count:
        raise Invalid("extension.too_many", limit=policy.max_count)
    if (wanted - current).days > policy.max_days:
        raise Invalid("extension.too_long", "due_on", limit=policy.max_days)
    check_part_due(wanted, parent_due)


def is_late_request(policy: ExtensionPolicy, *, due: date, today: date, calendar: WorkCalendar) -> bool:
    """Whether a request of ``today`` comes later than the policy wants; after the date always."""
    return today > due or calendar.working_days_between(today, due) < policy.days_before


def check_part_due(due: date | None, parent_due: date | None, field: str = "due_on") -> None:
    """A part is due when its parent is, or before. Raises ``Invalid("breakdown.beyond_parent")``."""
    if parent_due is not None and (due is None or due > parent_due):
        raise Invalid("breakdown.beyond_parent", field, parent_due=parent_due)
