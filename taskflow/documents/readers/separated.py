"""Text that is one table, its cells parted by commas or semicolons, as spreadsheets save it (.csv)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import islice

from taskflow.documents.columns import head_score
from taskflow.documents.model import Cell
from taskflow.domain.units import tidy

_TITLE_LINES = 15
_ENOUGH = 3  # recognised headings: fewer may be a sentence with commas
_SAMPLE = 200


def separated_rows(lines: Sequence[str]) -> tuple[int, list[list[str]]] | None:
    """(line of the heading, rows) of a text that is such a table; None for every other text."""
    for start, line in enumerate(lines[:_TITLE_LINES]):
        for mark in ",;":
            if line.count(mark) < 2 or "\t" in line or "|" in line:
                continue
            rows = csv.reader((f"{one}\n" for one in lines[start:]), delimiter=mark)
            try:
                sample = [row for row in islice(rows, _SAMPLE) if row]
                if not _is_table(sample):
                    continue
                found = [*sample, *(row for row in rows if row)]
            except csv.Error:
                continue
            return start, [[tidy(cell) for cell in row] for row in found]
    return None


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    width = len(rows[0]) if rows else 0
    same = sum(1 for row in rows if len(row) == width)
    return len(rows) >= 2 and same >= 0.8 * len(rows) and head_score([Cell(tidy(cell)) for cell in rows[0]]) >= _ENOUGH
