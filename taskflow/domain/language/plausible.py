"""Whether a day can be the deadline of a document at all: one judgement for words, typed cells and serial numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from taskflow.domain.deadlines import Deadline
from taskflow.domain.language.wording import PROBLEMS, day_text

#: Plans look ahead to 2045 or 2050 in their aims, never in a duty of a unit.
_YEARS_AHEAD = 25
#: Days that a plan of a document without a date can name.
_FIRST, _LAST = date(2005, 1, 1), date(2075, 12, 31)


def doubts_of_day(day: date | None, issued_on: date | None) -> tuple[str, ...]:
    """Codes of ``PROBLEMS`` that speak against ``day`` as a deadline of a document of ``issued_on`` (None: unknown)."""
    if day is None:
        return ()
    if issued_on is not None and day < issued_on:
        return ("due_before_issue",)
    if not _FIRST <= day <= _LAST or (issued_on is not None and day.year > issued_on.year + _YEARS_AHEAD):
        return ("due_far_away",)
    return ()


def judged(deadline: Deadline, issued_on: date | None) -> Deadline:
    """``deadline`` with what speaks against its day, and no surer than that allows."""
    new = [code for code in doubts_of_day(deadline.due, issued_on) if code not in deadline.problems]
    if not new or deadline.due is None:
        return deadline
    than = f"; ngày ban hành {day_text(issued_on)}" if issued_on is not None else ""
    return replace(
        deadline,
        problems=(*deadline.problems, *new),
        confidence=min(deadline.confidence, *(PROBLEMS[code][0] for code in new)),
        explanation=f"{deadline.explanation} – cần kiểm tra lại ngày {day_text(deadline.due)}{than}",
    )
