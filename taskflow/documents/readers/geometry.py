"""Words and ruling lines on a page turned into lines of text and ruled grids.

Shared by PDF text and by OCR: both know words with their boxes and lines that were drawn. Units are
points for PDF and pixels for scans; every tolerance is relative to the height of the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from taskflow.documents.model import Cell
from taskflow.domain.units import opens_unit, tidy


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box; y grows downwards."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """The vertical middle of the word."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Segment:
    """A drawn line: at ``at`` (x of a vertical, y of a horizontal one), from ``start`` to ``end``."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Line:
    """Words that stand beside each other."""

    words: list[Word]

    @property
    def top(self) -> float:
        """The upper edge."""
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return max(word.bottom for word in self.words)

    @property
    def x0(self) -> float:
        """The left edge."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """The right edge."""
        return max(word.x1 for word in self.words)

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.top + self.bottom) / 2

    def text(self, wide_gap: float = 1e9) -> str:
        """The text; a gap wider than ``wide_gap`` becomes a tab (letterheads stand in two columns)."""
        parts = [self.words[0].text]
        for before, word in pairwise(self.words):
            parts.append("\t" if word.x0 - before.x1 > wide_gap else " ")
            parts.append(word.text)
        return "".join(parts)


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Words grouped into lines, from the top down."""
    lines: list[Line] = []
    for word in sorted(words, key=lambda w: (w.middle, w.x0)):
        last = lines[-1] if lines else None
        height = max(word.bottom - word.top, median(w.bottom - w.top for w in last.words)) if last else 0.0
        if last is not None and abs(median(w.middle for w in last.words) - word.middle) < 0.5 * height:
            last.words.append(word)
        else:
            lines.append(Line([word]))
    for line in lines:
        line.words.sort(key=lambda w: w.x0)
    return lines


def text_height(words: Sequence[Word]) -> float:
    """The usual height of a word, in the unit of the page."""
    return median(word.bottom - word.top for word in words) if words else 10.0


@dataclass(slots=True)
class RuledGrid:
    """A table found by its lines: row and column edges, and the cell that each elementary box belongs to."""

    xs: list[float]
    ys: list[float]
    owner: dict[tuple[int, int], tuple[int, int]]
    words: list[Word] = field(default_factory=list)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def holds(self, word: Word) -> bool:
        """Whether the middle of a word lies inside the table."""
        x = (word.x0 + word.x1) / 2
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= word.middle <= self.ys[-1]

    def rows(self, *, ocr: bool = False) -> list[tuple[Cell, ...]]:
        """The grid with the text of its words, merged cells copied into every place."""
        inside: dict[tuple[int, int], list[Word]] = defaultdict(list)
        for word in self.words:
            column, row = _slot(self.xs, (word.x0 + word.x1) / 2), _slot(self.ys, word.middle)
            inside[self.owner[row, column]].append(word)
        width = {origin: self._width(origin) for origin in set(self.owner.values())}
        texts = {origin: cell_text(words, width[origin]) for origin, words in inside.items()}
        return [
            tuple(
                Cell(
                    texts.get(self.owner[row, column], ""),
                    None if self.owner[row, column] == (row, column) else self.owner[row, column],
                    ocr=ocr,
                )
                for column in range(len(self.xs) - 1)
            )
            for row in range(len(self.ys) - 1)
        ]

    def _width(self, origin: tuple[int, int]) -> float:
        columns = [column for (_, column), owner in self.owner.items() if owner == origin]
        return self.xs[max(columns) + 1] - self.xs[min(columns)]


def _slot(edges: Sequence[float], value: float) -> int:
    for index in range(len(edges) - 1):
        if value < edges[index + 1]:
            return index
    return len(edges) - 2


def cell_text(words: Sequence[Word], width: float) -> str:
    """The text of a cell. A line break is kept where the next word would have fitted on the line, or a unit begins."""
    lines = lines_of(words)
    if not lines:
        return ""
    height = text_height(words)
    room = max(*(line.x1 - line.x0 for line in lines), width - 1.4 * height)
    parts = [lines[0].text()]
    for before, line in pairwise(lines):
        first = line.words[0]
        fits = before.x1 - before.x0 + 0.35 * height + (first.x1 - first.x0) < room - 0.6 * height
        bullet = re.match(r"[-–+•*]$|[-–+•*]\w", first.text) is not None and before.text().rstrip().endswith(
            (".", ";", ",", ":")
        )
        gap = line.top - before.bottom > 0.9 * height
        hyphenated = re.search(r"\w[-/]$", parts[-1]) is not None and first.text[:1].isalnum()
        apart = not hyphenated and (fits or bullet or gap or opens_unit("".join(parts), line.text()))
        parts.append("\n" if apart else "" if hyphenated else " ")
        parts.append(line.text())
    return tidy("".join(parts))


def ruled_grids(horizontal: Sequence[Segment], vertical: Sequence[Segment], tolerance: float) -> list[RuledGrid]:
    """The tables that the lines of a page form; each connected set of lines is one table."""
    grids: list[RuledGrid] = []
    for rows, columns in _components(_merged(horizontal, tolerance), _merged(vertical, tolerance), tolerance):
        xs = _edges([*(s.at for s in columns), *(end for s in rows for end in (s.start, s.end))], tolerance)
        ys = _edges([*(s.at for s in rows), *(end for s in columns for end in (s.start, s.end))], tolerance)
        if len(xs) < 3 or len(ys) < 2:
            continue
        grids.append(_collapsed(RuledGrid(xs, ys, _owners(xs, ys, rows, columns, tolerance))))
    return sorted(grids, key=lambda grid: grid.ys[0])


def _collapsed(grid: RuledGrid) -> RuledGrid:
    """The grid without edges at which no cell ends (a crooked line read twice)."""
    rows, columns = range(len(grid.ys) - 1), range(len(grid.xs) - 1)
    keep_x = [c for c in columns if c == 0 or any(grid.owner[r, c] != grid.owner[r, c - 1] for r in rows)]
    keep_y = [r for r in rows if r == 0 or any(grid.owner[r, c] != grid.owner[r - 1, c] for c in columns)]
    if len(keep_x) == len(columns) and len(keep_y) == len(rows):
        return grid
    place_x = {c: sum(1 for k in keep_x if k <= c) - 1 for c in columns}
    place_y = {r: sum(1 for k in keep_y if k <= r) - 1 for r in rows}
    owner = {
        (place_y[r], place_x[c]): (place_y[grid.owner[r, c][0]], place_x[grid.owner[r, c][1]])
        for r in keep_y
        for c in keep_x
    }
    return RuledGrid([*(grid.xs[c] for c in keep_x), grid.xs[-1]], [*(grid.ys[r] for r in keep_y), grid.ys[-1]], owner)


def _merged(segments: Sequence[Segment], tolerance: float) -> list[Segment]:
    """Segments on one line that touch or overlap as one; a double line is one line."""
    out: list[Segment] = []
    for line in _parallel(segments, tolerance):
        first = len(out)
        for segment in sorted(line, key=lambda s: s.start):
            if len(out) > first and segment.start <= out[-1].end + 2 * tolerance:
                out[-1] = Segment(out[-1].at, out[-1].start, max(out[-1].end, segment.end))
            else:
                out.append(segment)
    return out


def _parallel(segments: Sequence[Segment], tolerance: float) -> list[list[Segment]]:
    """Segments by the line they lie on."""
    lines: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: s.at):
        if lines and segment.at - lines[-1][0].at <= tolerance:
            lines[-1].append(segment)
        else:
            lines.append([segment])
    return lines


def _components(
    horizontal: Sequence[Segment], vertical: Sequence[Segment], tolerance: float
) -> list[tuple[list[Segment], list[Segment]]]:
    parent = list(range(len(horizontal) + len(vertical)))

    def find(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for i, row in enumerate(horizontal):
        for j, column in enumerate(vertical, len(horizontal)):
            crosses = row.start - tolerance <= column.at <= row.end + tolerance
            if crosses and column.start - tolerance <= row.at <= column.end + tolerance:
                parent[find(i)] = find(j)
    parts: dict[int, tuple[list[Segment], list[Segment]]] = defaultdict(lambda: ([], []))
    for i, row in enumerate(horizontal):
        parts[find(i)][0].append(row)
    for j, column in enumerate(vertical, len(horizontal)):
        parts[find(j)][1].append(column)
    return [part for part in parts.values() if len(part[0]) >= 2 and part[1]]


def _edges(values: Iterable[float], tolerance: float) -> list[float]:
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= 2 * tolerance:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def _owners(
    xs: Sequence[float],
    ys: Sequence[float],
    horizontal: Sequence[Segment],
    vertical: Sequence[Segment],
    tolerance: float,
) -> dict[tuple[int, int], tuple[int, int]]:
    """Elementary boxes joined where no line stands between them; a cell is named by its first box."""
    owner = {(row, column): (row, column) for row in range(len(ys) - 1) for column in range(len(xs) - 1)}

    def find(box: tuple[int, int]) -> tuple[int, int]:
        while owner[box] != box:
            box = owner[box]
        return box

    for row, column in list(owner):
        if column + 2 < len(xs) and not _drawn(vertical, xs[column + 1], ys[row], ys[row + 1], tolerance):
            _unite(owner, find((row, column)), find((row, column + 1)))
        if row + 2 < len(ys) and not _drawn(horizontal, ys[row + 1], xs[column], xs[column + 1], tolerance):
            _unite(owner, find((row, column)), find((row + 1, column)))
    return {box: find(box) for box in owner}


def _unite(owner: dict[tuple[int, int], tuple[int, int]], a: tuple[int, int], b: tuple[int, int]) -> None:
    first, second = min(a, b), max(a, b)
    owner[second] = first


def _drawn(segments: Sequence[Segment], at: float, start: float, end: float, tolerance: float) -> bool:
    covered = sum(
        max(0.0, min(segment.end, end) - max(segment.start, start))
        for segment in segments
        if abs(segment.at - at) <= 2 * tolerance
    )
    return covered >= 0.6 * (end - start)
