"""The deadline of a cell: a real date of the source first, a bare serial number of Excel second, the wording last."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache

from taskflow.documents.model import Cell
from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.language import read_deadline
from taskflow.domain.language.plausible import judged
from taskflow.domain.units import plain, tidy

_SERIAL = re.compile(r"\d{5}(?:[.,]0+)?")
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050  # 01/01/2000 and 31/12/2099 counted from 30/12/1899
_FROM_ISSUE = re.compile(r"\b(?:tu nay|ban hanh|tu ngay ky|sau|toi|nay)\b")
_OF_THE_YEAR = re.compile(r"(?:trong |den |het |den het )?(?:ca|trong|dau|giua|cuoi|het) nam")
_EPOCH = date(1899, 12, 30)


def read_due(cell: Cell, issued_on: date | None, plan_year: int | None = None) -> Deadline:
    """The deadline that a cell names. Never a guess: what is unclear says so by kind and confidence.

    ``plan_year``: the year that the document plans for. "Tháng 12" of a plan for 2027 that was issued in
    December 2026, or whose date is still blank, is that of 2027.
    """
    text = tidy(cell.text).replace("\n", " ")
    # A document without a date plans for a year that its title names: nothing of it is due long before.
    since = issued_on or (date(plan_year - 1, 1, 1) if plan_year else None)
    if cell.value_date is not None:
        return judged(_of_date(text, cell.value_date, month_only=cell.month_only), since)
    if _SERIAL.fullmatch(text) and _FIRST_SERIAL <= int(text[:5]) <= _LAST_SERIAL:
        found = _EPOCH + timedelta(days=int(text[:5]))
        explanation = f"Ô chứa số {text[:5]} của Excel, tức ngày {found:%d/%m/%Y}"
        serial = Deadline(
            text, DeadlineKind.DATE, due=found, confidence=0.9, explanation=explanation, problems=("excel_serial",)
        )
        return judged(serial, since)
    text = _without_bullets(text)
    found_due = _read(text, issued_on)
    if plan_year is None or not {"missing_year", "no_issue_date", "relative_date"} & set(found_due.problems):
        return found_due
    if issued_on is not None and issued_on.year != plan_year - 1:
        return found_due
    planned = _read(text, date(plan_year, 1, 1))
    # "từ nay đến tháng 9" counts from the day of the document, which stays unknown.
    within = "missing_year" in planned.problems and not _FROM_ISSUE.search(plain(text))
    return planned if within or _OF_THE_YEAR.fullmatch(plain(text)) else found_due


@lru_cache(maxsize=2048)
def _read(text: str, issued_on: date | None) -> Deadline:
    """One wording stands in many rows of a plan: read once."""
    return read_deadline(text, issued_on=issued_on)


def _of_date(text: str, value: date, *, month_only: bool) -> Deadline:
    if month_only:
        value = value.replace(day=calendar.monthrange(value.year, value.month)[1])
        explanation = f"Ô chỉ ghi tháng {value:%m/%Y}, hạn là ngày cuối tháng"
    else:
        explanation = f"Ô chứa ngày {value:%d/%m/%Y} của bảng tính"
    exclusive = plain(text).startswith("truoc")
    return Deadline(text, DeadlineKind.DATE, due=value, exclusive=exclusive, explanation=explanation)


def _without_bullets(text: str) -> str:
    return re.sub(r"^[-–+*•]\s+", "", text).strip()
