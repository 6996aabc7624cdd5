"""What of a row a reviewer should look at, and what must be decided before the commit. One place for both.

The answers are stored with the row (``flags``, ``is_blocking``) so that the review list filters in SQL.
"""

from __future__ import annotations

from datetime import date

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.language.plausible import doubts_of_day
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.services.imports.values import day, deadline_of, unit_choices

#: Flags that block the commit: no content; no lead; a name nobody knows or a group without ticked members; a deadline
#: that is doubtful or lies before the document's date; a first day after the last one; a task that a superseding
#: document does not name; a value that somebody changed meanwhile.
BLOCKING = ("content", "lead", "units", "deadline", "order", "dropped", "contested")
#: Flags that only ask to look: several leads, no deadline, read by OCR, an oddity that the reader reports, a change.
NOTABLE = ("several", "undated", "ocr", "check", "change")

#: Problems of the reader that the flags above say already.
_SAID_BY_FLAGS = frozenset(
    {
        "row.no_content",
        "row.no_lead",
        "row.many_leads",
        "row.group_lead",
        "row.open_lead",
        "row.open_coordinator",
        "row.no_deadline",
        "row.doubtful_deadline",
        "row.before_document",
        "row.ocr",
    }
)


def issued_on(job: ImportJob) -> date | None:
    """The document's date as the reviewer has it now, else the day given at upload."""
    return day(job.head.get("issued_on")) or job.issued_on


def refresh(row: ImportRow, issued: date | None) -> None:
    """Store again what is to be said about the row; call after every change of it."""
    flags = _flags(row, issued)
    row.flags = f" {' '.join(flags)} " if flags else ""
    is_asked = row.decision is RowDecision.IMPORT or "dropped" in flags
    row.is_blocking = is_asked and any(flag in BLOCKING for flag in flags)


def is_doubtful(row: ImportRow, issued: date | None) -> bool:
    """Whether a person must say that the deadline was understood rightly, and has not done so yet."""
    if row.deadline.get("decision"):
        return False
    deadline = deadline_of(row.deadline)
    if deadline.kind is DeadlineKind.NONE:
        return False
    return (
        deadline.needs_confirmation
        or deadline.kind is DeadlineKind.UNKNOWN
        or bool(doubts_of_day(deadline.due, issued))
    )


def _flags(row: ImportRow, issued: date | None) -> list[str]:
    if row.decision is RowDecision.SKIP:
        return []
    if row.change and row.change["kind"] != "added":
        return _flags_of_change(row, issued)
    flags = []
    if not row.content.strip():
        flags.append("content")
    flags += _unit_flags(row)
    flags += _deadline_flags(row, issued)
    if row.ocr:
        flags.append("ocr")
    if oddities(row):
        flags.append("check")
    return flags


def oddities(row: ImportRow) -> list[str]:
    """What the reader found odd about the row, in sentences, less what the flags say already."""
    return [str(problem["message"]) for problem in row.problems if problem["code"] not in _SAID_BY_FLAGS]


def _unit_flags(row: ImportRow) -> list[str]:
    leads = [choice for choice in unit_choices(row.leads) if choice.status != "ignored"]
    flags = []
    if not leads:
        flags.append("lead")
    elif len(leads) > 1:
        flags.append("several")
    if not all(choice.settled for choice in (*leads, *unit_choices(row.coordinators))):
        flags.append("units")
    return flags


def _deadline_flags(row: ImportRow, issued: date | None) -> list[str]:
    deadline = deadline_of(row.deadline)
    flags = []
    if is_doubtful(row, issued):
        flags.append("deadline")
    if deadline.start and deadline.due and deadline.start > deadline.due:
        flags.append("order")
    if deadline.kind is DeadlineKind.NONE:
        flags.append("undated")
    return flags


def _flags_of_change(row: ImportRow, issued: date | None) -> list[str]:
    """A row about an existing task: only what is going to be changed has to be decided."""
    kind = row.change["kind"]
    if kind in ("same", "closed"):
        return []
    if kind == "dropped":
        is_open = row.change.get("asks") and not row.change.get("settled")
        return ["dropped", "change"] if is_open else ["change"]
    accepted = row.change.get("accept", ())
    is_contested = row.change.get("contested") and not row.change.get("settled")
    flags = ["contested", "change"] if is_contested else ["change"]
    if "lead" in accepted:
        flags += _unit_flags_of_lead(row)
    if "due" in accepted and is_doubtful(row, issued):
        flags.append("deadline")
    if "content" in accepted and not row.content.strip():
        flags.append("content")
    return flags


def _unit_flags_of_lead(row: ImportRow) -> list[str]:
    leads = unit_choices(row.leads)
    if not leads:
        return ["lead"]
    return [] if all(choice.settled for choice in leads) else ["units"]
