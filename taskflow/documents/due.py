"""The deadline of a cell: a real date of the source first, a bare serial number of Excel second, the wording last."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache

from taskflow.documents.model import Cell
from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.language import read_deadline
from taskflow.domain.units import plain, tidy

_SERIAL = re.compile(r"\d{5}(?:[.,]0+)?")
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050  # 01/01/2000 and 31/12/2099 counted from 30/12/1899
_EPOCH = date(1899, 12, 30)


def read_due(cell: Cell, issued_on: date | None) -> Deadline:
    """The deadline that a cell names. Never a guess: what is unclear says so by kind and confidence."""
    text = tidy(cell.text).replace("\n", " ")
    if cell.value_date is not None:
        return _of_date(text, cell.value_date, month_only=cell.month_only)
    if _SERIAL.fullmatch(text) and _FIRST_SERIAL <= int(text[:5]) <= _LAST_SERIAL:
        found = _EPOCH + timedelta(days=int(text[:5]))
        explanation = f"Ô chứa số {text[:5]} của Excel, tức ngày {found:%d/%m/%Y}"
        return Deadline(
            text, DeadlineKind.DATE, due=found, confidence=0.9, explanation=explanation, problems=("excel_serial",)
        )
    return _read(_without_bullets(text), issued_on)


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
