"""Deadlines as crosses under years, quarters or months: "Năm 2026 | Năm 2027 | Năm 2028" with an "x" in a row.

Read only where it cannot mean anything else: at least two neighbouring columns are headed by periods of one
kind, and their cells hold marks or nothing. The marked periods then become a wording ("Quý I/2027 - Quý III/2027")
that is read like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from taskflow.documents.cells import Row
from taskflow.documents.model import Cell
from taskflow.domain.units import plain

_MARK = re.compile(r"^[xX×✓✔●•*+√v✗☒■]{1,2}$")
_YEAR = re.compile(r"(?:nam )?(20\d\d)$")
_QUARTER = re.compile(r"(?:quy|q)\.? ?(iv|i{1,3}|[1-4])(?: ?[/-]? ?(?:nam )?(20\d\d))?$")
_MONTH = re.compile(r"(?:thang|t)\.? ?(1[0-2]|0?[1-9])(?: ?[/-]? ?(?:nam )?(20\d\d))?$")
_ANY_YEAR = re.compile(r"\b20\d\d\b")


def period_of(label: str) -> tuple[str, str] | None:
    """(kind, wording) of a heading that names one period: ("quarter", "Quý I/2027") for "Năm 2027 > Quý I"."""
    *parents, child = label.split(" > ")
    text = plain(child).strip(" .:()")
    years = {year for parent in parents for year in _ANY_YEAR.findall(parent)}
    above = years.pop() if len(years) == 1 else None
    if found := _YEAR.match(text):
        return "year", f"Năm {found[1]}"
    for kind, name, pattern in (("quarter", "Quý", _QUARTER), ("month", "Tháng", _MONTH)):
        if found := pattern.match(text):
            year = found[2] or above
            number = found[1].upper() if kind == "quarter" else str(int(found[1]))
            return kind, f"{name} {number}/{year}" if year else f"{name} {number}"
    return None


def mark_columns(labels: Sequence[str], body: Sequence[Row]) -> list[int]:
    """The columns of crosses: neighbours headed by periods of one kind, holding marks or nothing, and some marks."""
    best: list[int] = []
    run: list[int] = []
    kind: str | None = None
    for index, label in enumerate(labels):
        period = period_of(label)
        fits = period is not None and all(_is_mark_or_empty(row, index) for row in body)
        if not fits or period is None:
            run, kind = [], None
        else:
            run, kind = ([*run, index] if period[0] == kind else [index]), period[0]
        best = run if len(run) > len(best) else best
    marked = sum(1 for row in body if any(index < len(row) and _MARK.match(row[index].text) for index in best))
    return best if len(best) >= 2 and marked else []


def _is_mark_or_empty(row: Row, index: int) -> bool:
    if index >= len(row) or not row[index].text:
        return True
    # Group labels cover the whole row; repeated headings name the period again.
    return row[index].merged_from is not None or bool(_MARK.match(row[index].text)) or bool(period_of(row[index].text))


def marked_wording(cells: Sequence[Cell], labels: Sequence[str], columns: Sequence[int]) -> str:
    """The periods marked in a row as a wording: one, a run from first to last, or a list; empty without marks."""
    hits = [place for place, index in enumerate(columns) if _MARK.match(cells[index].text)]
    if not hits:
        return ""
    names = [period[1] for index in columns if (period := period_of(labels[index])) is not None]
    if len(hits) == 1:
        return names[hits[0]]
    first, last = names[hits[0]], names[hits[-1]]
    if hits[-1] - hits[0] + 1 == len(hits):
        return f"{first} - {last[:1].lower()}{last[1:]}"
    return ", ".join(names[hit] for hit in hits)
