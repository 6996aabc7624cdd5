"""Tables in plain text whose columns are aligned with spaces."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from taskflow.documents.cells import is_number
from taskflow.documents.columns import head_score, role_of
from taskflow.documents.model import Cell
from taskflow.domain.units import opens_unit, tidy

_GAP = re.compile(r"\s{2,}|\t")


def aligned_tables(lines: Sequence[str], taken: Collection[int]) -> list[tuple[int, int, list[list[str]]]]:
    """(first line, end, rows) of every table whose head names columns and whose rows keep to them."""
    found = []
    index = 0
    while index < len(lines):
        head = _head_lines(lines, index, taken)
        if head == 0:
            index += 1
            continue
        end = _end(lines, index + head, taken)
        bounds = _bounds(lines[index:end])
        if len(bounds) < 3:
            index += 1
            continue
        found.append((index, end, _rows(lines[index:end], head, bounds)))
        index = end
    return found


def _head_lines(lines: Sequence[str], index: int, taken: Collection[int]) -> int:
    """How many lines the head at ``index`` takes (0 when there is none)."""
    if index in taken or len(_GAP.split(lines[index].strip())) < 3:
        return 0
    labels = _GAP.split(lines[index].strip())
    if sum(role_of(label) is not None for label in labels) < 3 or head_score([Cell(label) for label in labels]) < 3:
        return 0
    size = 1
    while index + size < len(lines) and size < 4:
        line = lines[index + size]
        first = line.strip().split(" ")[0] if line.strip() else ""
        if not line.strip() or re.fullmatch(r"[\s=+|-]+", line) or is_number(first):
            break
        size += 1
    return size


def _end(lines: Sequence[str], start: int, taken: Collection[int]) -> int:
    """The first line after the table: text that starts at the margin and crosses every column, or three empty lines."""
    blank = 0
    end = start
    for number in range(start, len(lines)):
        line = lines[number]
        if number in taken:
            break
        if not line.strip():
            blank += 1
            if blank >= 3:
                break
            continue
        solid = len(line.strip()) > 60 and not _GAP.search(line.strip()) and not line.startswith("   ")
        formula = re.match(r"(?i)\s*(?:nơi nhận|phụ lục|biểu số|tổ chức thực hiện|tm\.|kt\.)", line)
        if formula or (solid and blank and not is_number(line.strip().split(" ")[0])):
            break
        blank = 0
        end = number + 1
    return end


def _bounds(lines: Sequence[str]) -> list[int]:
    """Where the columns begin: after every stretch of positions that is blank in nearly all lines."""
    solid = [line.expandtabs(8) for line in lines if line.strip() and not re.fullmatch(r"[\s=+|-]+", line)]
    wide = [line for line in solid if _GAP.search(line.strip())]
    if len(wide) < 2:
        return []
    width = max(map(len, wide))
    filled = [0] * (width + 1)
    for line in wide:
        for at, char in enumerate(line):
            filled[at] += not char.isspace()
    allowed = max(0, int(len(wide) * 0.02))
    bounds, blank = [], True
    for at in range(width):
        empty = filled[at] <= allowed
        if blank and not empty:
            bounds.append(at)
        blank = empty and (blank or (at + 1 < width and filled[at + 1] <= allowed) or at == 0)
    return bounds


def _rows(lines: Sequence[str], head: int, bounds: Sequence[int]) -> list[list[str]]:
    """The cells row by row: parted by empty lines where those stand before nearly every number, else by numbers."""
    rows: list[list[str]] = []
    edges = [*bounds[1:], None]
    numbers = [at for at in range(head, len(lines)) if is_number(_slice(lines[at], bounds[0], edges[0]))]
    if numbers:
        spaced = sum(1 for at in numbers if not lines[at - 1].strip()) >= 0.8 * len(numbers)
    else:  # without numbers only empty lines can part the rows
        spaced = sum(1 for line in lines[head:] if not line.strip()) >= 2
    fresh = True
    for number, line in enumerate(lines):
        if not line.strip() or re.fullmatch(r"[\s=+|-]+", line):
            fresh = fresh or number >= head
            continue
        cells = [_slice(line, start, end) for start, end in zip(bounds, edges, strict=True)]
        if not _fits(line, bounds):
            cells = [line.strip(), *[""] * (len(bounds) - 1)]
        goes_on = bool(rows) and rows[-1][0].lower() == "số" and not fresh  # "Số⏎TT" of a repeated heading
        if number in (0, head) or (number > head and not goes_on and _begins(cells, fresh=fresh, spaced=spaced)):
            rows.append(cells)
        else:
            rows[-1] = [_joined(old, new) for old, new in zip(rows[-1], cells, strict=True)]
        fresh = False
    return [[tidy(cell) for cell in row] for row in rows]


def _joined(before: str, line: str) -> str:
    return f"{before}{chr(10) if opens_unit(before, line) else ' '}{line}".strip()


def _begins(cells: Sequence[str], *, fresh: bool, spaced: bool) -> bool:
    if fresh and (spaced or _alone(cells)):
        return True
    return (is_number(cells[0]) and not spaced) or role_of(cells[0]) == "tt"


def _slice(line: str, start: int, end: int | None) -> str:
    return line.expandtabs(8)[start:end].strip()


def _fits(line: str, bounds: Sequence[int]) -> bool:
    """Whether the line keeps to the columns (a group row crosses them)."""
    text = line.expandtabs(8)
    return all(at >= len(text) or text[at - 1] == " " or text[at] == " " for at in bounds[1:])


def _alone(cells: Sequence[str]) -> bool:
    return sum(1 for cell in cells if cell) == 1 and bool(cells[0])
