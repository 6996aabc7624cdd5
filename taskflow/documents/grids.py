"""Reading a repaired grid by its heading: shared by the indicator and the budget tables.

Task tables have their own, larger machinery (``columns``). Here a heading is the first row, or two rows
read as one, whose cells give the roles that the caller needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from taskflow.documents.model import RawTable

_HEADING_ROWS = 15  # title rows above a heading, as spreadsheets have them
_NUMBERING = re.compile(r"\(?\s*(?:\d{1,2}|[a-zđ])\s*\)?(?:\s*=\s*[\d+\-()\s]+)?", re.IGNORECASE)
_ROMAN = re.compile(r"[IVXLC]+|[A-HK]", re.IGNORECASE)

RoleOf = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a grid: role and text of each column, and the first row below it (from 0)."""

    roles: tuple[str | None, ...]
    texts: tuple[str, ...]
    body_from: int

    def column(self, role: str) -> int | None:
        """The first column with ``role``."""
        return self.roles.index(role) if role in self.roles else None

    def columns(self, role: str) -> list[int]:
        """Every column with ``role``, from left to right."""
        return [index for index, found in enumerate(self.roles) if found == role]


def texts_of(table: RawTable) -> list[list[str]]:
    """The cell texts of ``table`` with white space folded; a value merged over its whole row stands once."""
    rows: list[list[str]] = []
    for row in table.rows:
        texts = [" ".join(cell.text.replace("**", "").split()) for cell in row]
        filled = [text for text in texts if text]
        if len(filled) > 1 and len(set(filled)) == 1 and len(filled[0]) > 1 and not filled[0].rstrip("%").isdigit():
            first = texts.index(filled[0])
            texts = [text if index == first else "" for index, text in enumerate(texts)]
        rows.append(texts)
    return rows


def find_heading(rows: Sequence[Sequence[str]], role_of: RoleOf, *, needed: frozenset[str]) -> Heading | None:
    """The heading that gives all ``needed`` roles: one row, or a row read together with the one below it."""
    for index, row in enumerate(rows[:_HEADING_ROWS]):
        for depth in (1, 2):
            if index + depth > len(rows):
                break
            if depth == 2 and _is_label_row(rows[index + 1]):
                break
            texts = _stacked(rows[index : index + depth])
            roles = tuple(role_of(text) if text else None for text in texts)
            if needed <= set(roles) and sum(1 for text in row if text) >= 2:
                deeper = _continues(rows, index + depth, texts)
                if deeper is not None and depth == 1:
                    stacked = _stacked(rows[index : index + 2])
                    again = tuple(role_of(text) if text else None for text in stacked)
                    if needed <= set(again):
                        texts, roles, depth = stacked, again, 2
                return Heading(roles, tuple(texts), index + depth)
    return None


def _is_label_row(row: Sequence[str]) -> bool:
    """Whether a row holds nothing but its first cell: a group merged over the row, no part of a heading."""
    return bool(row) and bool(row[0]) and not any(row[1:])


def _stacked(rows: Sequence[Sequence[str]]) -> list[str]:
    width = max(len(row) for row in rows)
    stacked: list[str] = []
    for column in range(width):
        parts: list[str] = []
        for row in rows:
            text = row[column] if column < len(row) else ""
            if text and text not in parts:
                parts.append(text)
        stacked.append(" ".join(parts))
    return stacked


def _continues(rows: Sequence[Sequence[str]], index: int, heading: Sequence[str]) -> Sequence[str] | None:
    """The row at ``index`` when it is a second heading row: years or short labels under repeated cells."""
    if index >= len(rows):
        return None
    row = rows[index]
    repeated = sum(1 for column, text in enumerate(row) if text and column < len(heading) and text == heading[column])
    years = sum(1 for text in row if re.fullmatch(r"(?:năm\s+)?20\d\d(?:\s*[-–]\s*20\d\d)?", text, re.IGNORECASE))
    return row if repeated >= 2 or (years >= 2 and not (row and row[0])) else None


def is_numbering(row: Sequence[str]) -> bool:
    """Whether ``row`` only numbers the columns: "(1) (2) (3)"."""
    filled = [text for text in row if text]
    return (
        len(filled) >= 3
        and all(_NUMBERING.fullmatch(text) for text in filled)
        and (any("(" in text for text in filled) or filled == [str(n) for n in range(1, len(filled) + 1)])
    )


def is_group_number(tt: str) -> bool:
    """Whether a number marks a group of rows: a Roman numeral or a capital letter."""
    return bool(tt) and bool(_ROMAN.fullmatch(tt.strip(" .)")))


def cell(row: Sequence[str], column: int | None) -> str:
    """The text of a column in a ragged row, "" where there is none."""
    return row[column] if column is not None and column < len(row) else ""
