"""Tables whose cells stand one under the other with nothing between the rows: the running numbers part them.

This is what remains of a table that was copied out of a PDF or a web page: first the heads, then cell after
cell. A row begins where the next running number stands; a cell that was broken over lines is joined again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from taskflow.documents.cells import is_number, looks_like_units
from taskflow.documents.columns import head_score, is_number_row, role_of
from taskflow.documents.model import Cell
from taskflow.domain.units import tidy

#: Columns that such a table has, and lines that one of its rows takes at the most.
WIDTHS = range(9, 2, -1)
MOST_LINES = 30
_ENDS_TABLE = re.compile(
    r"\s*(?:phụ lục|biểu(?: số)?|bảng|danh mục|nơi nhận|ghi chú:|tm\.|kt\.|tl\.|t/m)(?:\s|$|:)", re.IGNORECASE
)
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}


def stacked_tables(lines: Sequence[str], taken: set[int]) -> list[tuple[int, int, list[list[str]]]]:
    """Such tables among lines of text: (first line, end, rows). ``taken`` are lines that other tables hold."""
    found = []
    index = 0
    while index < len(lines):
        if index in taken or role_of(lines[index]) != "tt":
            index += 1
            continue
        numbers = [index]
        for number in range(index + 1, len(lines)):
            if number in taken or _ENDS_TABLE.match(lines[number]):
                break
            if lines[number].strip():
                numbers.append(number)
        rows = stacked_rows([tidy(lines[number]) for number in numbers])
        if rows is None:
            index += 1
            continue
        used = sum(len(row) for row in rows)
        end = numbers[used - 1] + 1
        found.append((index, end, [fitted(row, len(rows[0])) for row in rows]))
        index = end
    return found


def stacked_rows(cells: Sequence[str]) -> list[list[str]] | None:
    """The cells of each row, the head first, or None where they are no such table. Cells after its end are left out."""
    width = next((width for width in WIDTHS if _is_head(cells, width)), None)
    if width is None:
        return None
    rows = [list(cells[:width])]
    start = width
    if is_number_row([Cell(text) for text in cells[start : start + width]]):
        rows.append(list(cells[start : start + width]))
        start += width
    if start >= len(cells):
        return None
    order = _Order()
    order.take(cells[start])
    while True:
        following = _next_row(cells, start, width, order)
        rows.append(list(cells[start : following or start + width]))
        if following is None:
            break
        order.take(cells[following])
        start = following
    return rows if len(rows) > 2 else None


def _is_head(cells: Sequence[str], width: int) -> bool:
    """Whether so many cells are a head that begins with the numbers' column, and the first row follows."""
    head = cells[:width]
    if len(cells) <= 2 * width - 2 or role_of(head[0]) != "tt" or any(not text or is_number(text) for text in head):
        return False
    if sum(role_of(text) is not None for text in head) < width - 1:
        return False
    first = cells[width].strip("().* ")
    return first in {"1", "01", "I", "A", "a"} and head_score([Cell(text) for text in head]) > 0


class _Order:
    """Which running number may come next, by kind: arabic, roman, letters."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def allows(self, text: str) -> bool:
        """Whether a row may begin with this cell."""
        kind, value = _value(text)
        if kind == "part":
            return True
        last = self._last.get(kind, 0)
        return value == 1 or (bool(kind) and last <= value <= last + 2)

    def take(self, text: str) -> None:
        """Remember the number of a row that has begun."""
        kind, value = _value(text)
        self._last[kind] = value


def _value(text: str) -> tuple[str, int]:
    """Kind and place of a running number; kind "" for what is none."""
    bare = text.strip("().*/ ")
    if bare.isdigit() and len(bare) <= 3:
        return "arabic", int(bare)
    if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){1,3}", bare):
        return "part", 0
    if re.fullmatch(r"[IVXL]{1,6}", bare):
        values = [_ROMAN[char] for char in bare]
        total = sum(-one if one < max(values[at:]) else one for at, one in enumerate(values))
        return "roman", total
    if re.fullmatch(r"[A-HĐa-hđ]", bare):
        return f"letter {bare.isupper()}", "abcdđefgh".index(bare.lower()) + 1
    return "", -1


def _next_row(cells: Sequence[str], start: int, width: int, order: _Order) -> int | None:
    """Where the row after the one at ``start`` begins: at its full width if it can, else at the nearest number."""
    near = [
        at
        for at in range(start + 2, min(start + MOST_LINES, len(cells) - 1))
        if is_number(cells[at]) and order.allows(cells[at])
    ]
    if start + width in near:
        return start + width
    return near[0] if near else None


def fitted(row: list[str], width: int) -> list[str]:
    """A row of the table's width: cells that were broken over lines are joined where they most likely were."""
    row = list(row)
    while len(row) > width:
        at = max(range(2, len(row)), key=lambda index: (_broken(row[index - 1], row[index]), -index))
        row[at - 1 : at + 1] = [f"{row[at - 1]}\n{row[at]}"]
    return row


def _broken(before: str, after: str) -> int:
    """How likely one cell goes on in the next."""
    if before.endswith((",", ";", "-", " và", " của", ":")) or after[:1].islower() or after.startswith(("-", "+")):
        return 2
    return int(looks_like_units(before) and looks_like_units(after))
