"""Rows of an unruled table whose cells are centred vertically: number, task and unit share a middle, not a first line.

Lines of neighbouring rows stand beside each other there, so that white space across the page parts nothing.
Each column is cut into its own cells, and cells come together by their middles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from taskflow.documents.cells import is_number
from taskflow.documents.readers.geometry import Line, lines_of, text_height

_FEWEST = 3  # rows that must show that the cells are centred


@dataclass(slots=True)
class _Block:
    """One cell: the lines of a column that stand close together."""

    column: int
    lines: list[Line]

    @property
    def top(self) -> float:
        return self.lines[0].top

    @property
    def bottom(self) -> float:
        return self.lines[-1].bottom

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(slots=True)
class _Row:
    middle: float
    blocks: list[_Block] = field(default_factory=list)

    @property
    def top(self) -> float:
        return min(block.top for block in self.blocks)

    @property
    def bottom(self) -> float:
        return max(block.bottom for block in self.blocks)


def centred_rows(lines: Sequence[Line], edges: Sequence[float]) -> list[list[Line]] | None:
    """The lines of every row, or None where the cells are not centred."""
    height = text_height([word for line in lines for word in line.words])
    blocks = _blocks(lines, edges, height)
    numbers = [block for block in blocks if block.column == 0 and is_number(block.lines[0].text())]
    if len(numbers) < _FEWEST or any(len(block.lines) > 1 for block in blocks if block.column == 0):
        return None
    near = 0.3 * height
    tall = [block for block in blocks if len(block.lines) > 1]
    centred = sum(1 for number in numbers if any(abs(block.middle - number.middle) < near for block in tall))
    topped = sum(1 for number in numbers if any(abs(block.lines[0].middle - number.middle) < near for block in tall))
    if centred < _FEWEST or centred < 3 * topped:
        return None
    rows = [_Row(number.middle, [number]) for number in numbers]
    rest = [block for block in blocks if block.column > 0]
    loose = [block for block in rest if not _taken(block, rows, near)]
    for block in loose:
        for row in _span(block, rows, height):
            row.blocks.append(block)
    return [[line for block in row.blocks for line in block.lines] for row in rows]


def _blocks(lines: Sequence[Line], edges: Sequence[float], height: float) -> list[_Block]:
    """The cells of every column: within one, lines follow each other at the closest distance of the table."""
    columns: list[list[Line]] = []
    for left, right in pairwise([float("-inf"), *edges[1:-1], float("inf")]):
        columns.append(lines_of(w for line in lines for w in line.words if left <= (w.x0 + w.x1) / 2 < right))
    gaps = sorted(b.top - a.bottom for column in columns for a, b in pairwise(column))
    usual = gaps[len(gaps) // 10] if gaps else 0.0
    blocks: list[_Block] = []
    for index, column in enumerate(columns):
        for at, line in enumerate(column):
            if at and line.top - column[at - 1].bottom <= usual + 0.15 * height:
                blocks[-1].lines.append(line)
            else:
                blocks.append(_Block(index, [line]))
    return blocks


def _taken(block: _Block, rows: Sequence[_Row], near: float) -> bool:
    row = min(rows, key=lambda row: abs(row.middle - block.middle))
    if abs(row.middle - block.middle) >= near:
        return False
    row.blocks.append(block)
    return True


def _span(block: _Block, rows: Sequence[_Row], height: float) -> list[_Row]:
    """The rows that a cell is merged over: those without a cell of its column whose common middle it has."""
    free = [not any(other.column == block.column for other in row.blocks) for row in rows]
    best: tuple[float, list[_Row]] = (0.5 * height, [])
    for first in range(len(rows)):
        for last in range(first + 1, len(rows)):
            if not all(free[first : last + 1]):
                break
            off = abs((rows[first].top + rows[last].bottom) / 2 - block.middle)
            if off < best[0]:
                best = (off, list(rows[first : last + 1]))
    return best[1] or [min(rows, key=lambda row: abs(row.middle - block.middle))]
