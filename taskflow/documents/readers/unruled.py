"""Tables on a page without ruling lines: columns by the white gutters between them, rows by white space.

A table begins at a line of headings and lasts while the lines keep to its columns. The heading of the
page before is tried first, so that a table goes on over pages that do not repeat it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from taskflow.documents.cells import is_number
from taskflow.documents.columns import role_of
from taskflow.documents.model import Cell
from taskflow.documents.readers.centred import centred_rows
from taskflow.documents.readers.geometry import Line, Word, cell_text, text_height


@dataclass(frozen=True, slots=True)
class Found:
    """A table in the lines of a page: the lines it takes, its rows and its column edges."""

    start: int
    end: int
    rows: list[tuple[Cell, ...]]
    edges: tuple[float, ...]


def find_table(
    lines: Sequence[Line], start: int, known: Sequence[float] = (), rules: Sequence[float] = ()
) -> Found | None:
    """The first table at or after ``start``. ``known`` are the edges of a table that may go on here;
    ``rules`` are heights of horizontal lines, which part rows."""
    if known and start == 0:
        end = _last(lines, 0, known)
        if end >= 1 and _keeps(lines[:end], known) >= 0.8:
            return Found(0, end, _rows(lines[:end], heading_size(lines, 0), known, rules), tuple(known))
        end = _rest_of_row(lines, known)
        if end:
            return Found(0, end, [_row(lines[:end], known, _widths(lines[:end], known))], tuple(known))
    for index in range(start, len(lines)):
        size = heading_size(lines, index)
        if size == 0 or _is_title(lines, index, size):
            continue
        edges = _edges(lines, index, size)
        if len(edges) < 4:
            continue
        end = _last(lines, index + size, edges)
        return Found(index, end, _rows(lines[index:end], size, edges, rules), tuple(edges))
    return None


def _rest_of_row(lines: Sequence[Line], edges: Sequence[float]) -> int:
    """How many lines at the top of a page end the one cell of a row that the page before cut; 0 if none do."""
    if not lines or not lines[0].words[0].text[:1].islower():
        return 0
    column = next((left for left, right in pairwise(edges[1:]) if left - 1 <= lines[0].x0 < right), None)
    right = next((edge for edge in edges if column is not None and edge > column), 0.0)
    height = text_height(lines[0].words)
    end = 0
    for index, line in enumerate(lines):
        apart = index > 0 and line.top - lines[index - 1].bottom > 0.75 * height
        if column is None or apart or line.x0 < column - 1 or line.x1 > right + 1:
            break
        end = index + 1
    return end


def _cells(line: Line) -> list[list[Word]]:
    """The words of a line parted at its wide gaps."""
    gap = 0.75 * text_height(line.words)
    cells = [[line.words[0]]]
    for before, word in pairwise(line.words):
        if word.x0 - before.x1 > gap:
            cells.append([word])
        else:
            cells[-1].append(word)
    return cells


def heading_size(lines: Sequence[Line], index: int) -> int:
    """How many lines the heading at ``index`` takes; 0 when there is none."""
    height = text_height(lines[index].words)
    block = [lines[index]]
    for line in lines[index + 1 : index + 5]:
        first = line.words[0].text
        if line.top - block[-1].bottom > 0.75 * height or (is_number(first) and first != "T"):  # "T/⏎T"
            break
        block.append(line)
    sizes = [size for size in range(1, len(block) + 1) if _names_columns(block[:size])]
    if not sizes:
        return 0
    # The first line of a body whose cells are centred has no number, but stands off from the heading.
    size = max(sizes, key=lambda size: (round(min(_gap_below(lines, index + size) / height, 9), 1), size))
    return size + (size == len(block) and _is_second_row(lines[index + size : index + size + 1]))


def _names_columns(block: Sequence[Line]) -> bool:
    labels = _stacked(block)
    known = {role for label in labels if len(label) < 70 and (role := role_of(label))}
    return len(known) >= 3 and bool(known & {"content", "name", "amount"}) and len(known) * 2 > len(labels)


def _gap_below(lines: Sequence[Line], at: int) -> float:
    """The white space above the line ``at``."""
    return max(0.0, lines[at].top - lines[at - 1].bottom) if at < len(lines) else float("inf")


def _is_title(lines: Sequence[Line], index: int, size: int) -> bool:
    """Whether the line at ``index`` is a title above the heading: the heading below names as much without it."""
    if len(_cells(lines[index])) > 1 or size < 2:
        return False
    rest = heading_size(lines, index + 1)
    return rest > 0 and _known(lines[index + 1 : index + 1 + rest]) >= _known(lines[index : index + size])


def _known(heading: Sequence[Line]) -> int:
    """How many columns a heading names."""
    return sum(1 for label in _stacked(heading) if len(label) < 70 and role_of(label))


def _is_second_row(below: Sequence[Line]) -> bool:
    """Whether the line below a heading names parts of one of its columns ("Chủ trì | Phối hợp")."""
    labels = [" ".join(word.text for word in cell) for line in below for cell in _cells(line)]
    return len(labels) >= 2 and all(
        len(label) < 40 and role_of(label) in {"lead", "coordinators", "start", "deadline"} for label in labels
    )


def _stacked(block: Sequence[Line]) -> list[str]:
    """The labels of a heading over several lines: pieces above each other belong together."""
    columns: list[list[Word]] = []
    for line in block:
        for cell in _cells(line):
            left, right = cell[0].x0, cell[-1].x1
            home = next(
                (c for c in columns if min(right, max(w.x1 for w in c)) - max(left, min(w.x0 for w in c)) > 0), None
            )
            if home is None:
                columns.append(list(cell))
            else:
                home.extend(cell)
    columns.sort(key=lambda column: column[0].x0)
    return [" ".join(word.text for word in column) for column in columns]


def _edges(lines: Sequence[Line], start: int, size: int) -> list[float]:
    """Left edges of the columns (and the right end): gutters that hardly any line of the table crosses."""
    heading = lines[start : start + size]
    height = text_height([word for line in heading for word in line.words])
    end = next((at for at in range(start + size, len(lines)) if _closes(lines[at])), len(lines))
    body = [line for line in lines[start:end] if len(_cells(line)) > 1][:120]
    lone = [line for line in lines[start:end] if len(_cells(line)) == 1][:120]
    if len(body) < 3:
        return []
    left = min(line.x0 for line in body)
    right = max(line.x1 for line in body)
    steps = int(right - left) + 2
    filled = [0] * steps
    for line in body:
        for word in line.words:
            for at in range(max(0, int(word.x0 - left)), min(steps, int(word.x1 - left) + 1)):
                filled[at] += 1
    allowed = max(0, int(0.04 * len(body)))
    edges, run = [left], 0
    for at in range(steps):
        if filled[at] <= allowed:
            run += 1
        else:
            middle = _between(left + at - run, left + at, lone)
            inside_label = _inside_label(heading, middle)
            if run >= (0.9 if inside_label else 0.25) * height and at - run > 0:
                edges.append(middle)
            run = 0
    return _labelled([*edges, right + 1], heading)


def _between(start: float, end: float, lone: Sequence[Line]) -> float:
    """The middle of a gutter that lines of a single cell leave: those that reach into it from one side narrow it."""
    ends = [line.x1 for line in lone if line.x0 < start < line.x1 < end]
    starts = [line.x0 for line in lone if start < line.x0 < end < line.x1]
    low, high = max(ends, default=start), min(starts, default=end)
    return (low + high) / 2 if low < high else (start + end) / 2


def _inside_label(heading: Sequence[Line], at: float) -> bool:
    """Whether a gutter stands inside a label, and no line below that label parts there ("Chủ trì | Phối hợp")."""
    inside = False
    for line in heading:
        cells = _cells(line)
        if any(cell[0].x0 < at < cell[-1].x1 for cell in cells):
            inside = True
        elif any(left[-1].x1 < at < right[0].x0 for left, right in pairwise(cells)):
            inside = False
    return inside


def _labelled(edges: Sequence[float], heading: Sequence[Line]) -> list[float]:
    """Only the columns that the heading names: a gutter inside a column (letters beside numbers) parts nothing."""
    middles = [(word.x0 + word.x1) / 2 for line in heading for word in line.words]
    kept = [edges[0]]
    named = False
    for left, right in pairwise(edges):
        here = any(left <= middle < right for middle in middles)
        if named and here:
            kept.append(left)
        named = named or here
    return [*kept, edges[-1]]


def _last(lines: Sequence[Line], start: int, edges: Sequence[float]) -> int:
    """The line after the table: where lines no longer keep to its columns, or after a wide white space."""
    end = start
    loose = 0
    height = text_height([word for line in lines for word in line.words])
    for index in range(start, len(lines)):
        line = lines[index]
        if index > start and line.top - lines[index - 1].bottom > 4 * height:
            break
        if _closes(line):
            break
        if _crosses(line, edges):
            loose += 1
            if loose >= 2:
                break
            continue
        loose = 0
        end = index + 1
    return end


def _closes(line: Line) -> bool:
    """Whether the line begins what follows a table: addressees, signature, the next annex."""
    opening = " ".join(word.text for word in line.words[:2]).lower()
    return opening in {"nơi nhận:", "phụ lục", "biểu số"} or line.words[0].text in {"TM.", "KT.", "T/M", "K/T"}


def _crosses(line: Line, edges: Sequence[float]) -> bool:
    """Whether running text crosses several column gutters: its words, not its gaps, stand there."""
    crossed = sum(1 for edge in edges[1:-1] if any(word.x0 < edge - 1 and word.x1 > edge + 1 for word in line.words))
    spanned = sum(1 for edge in edges[1:-1] if line.x0 < edge < line.x1)
    return len(_cells(line)) == 1 and spanned >= 2 and (crossed >= 1 or spanned >= 3)


def _keeps(lines: Sequence[Line], edges: Sequence[float]) -> float:
    good = sum(
        1 for line in lines if not any(w.x0 < edge - 1 and w.x1 > edge + 1 for edge in edges[1:-1] for w in line.words)
    )
    several = sum(1 for line in lines if len(_cells(line)) > 1)
    enough = several >= max(2, 0.15 * len(lines)) and len(_cells(lines[0])) > 2
    # The last row of a table may stand alone on its page, below a group label at most; before several rows the
    # rest of a row that the page cut may stand.
    at = [
        index
        for index, line in enumerate(lines)
        if is_number(line.words[0].text) and line.words[0].x1 <= edges[1] + 1 and len(_cells(line)) > 3
    ]
    numbered = len(at) >= 2 or (bool(at) and at[0] < 4)
    return good / len(lines) if lines and (enough or numbered) else 0.0


def _rows(
    lines: Sequence[Line], heading: int, edges: Sequence[float], rules: Sequence[float]
) -> list[tuple[Cell, ...]]:
    groups = ([list(lines[:heading])] if heading else []) + _grouped(lines[heading:], edges, rules)
    widths = _widths([line for group in groups for line in group], edges)
    return [_row(group, edges, widths) for group in groups if group]


def _grouped(lines: Sequence[Line], edges: Sequence[float], rules: Sequence[float]) -> list[list[Line]]:
    """Lines grouped into rows: by drawn rules, by white space, or by the running number."""
    if not lines:
        return []
    centred = centred_rows(lines, edges)
    if centred is not None:
        return centred
    gaps = [max(0.0, b.top - a.bottom) for a, b in pairwise(lines)]
    if rules:
        cuts = {i for i, (a, b) in enumerate(pairwise(lines)) if any(a.middle < y < b.middle for y in rules)}
        if len(cuts) >= 2:
            return _cut(lines, cuts)
    height = text_height([word for line in lines for word in line.words])
    numbered = [i for i, line in enumerate(lines) if _number_in_first(line, edges)]
    if gaps:
        usual = sorted(gaps)[len(gaps) // 4]
        wide = {i for i, gap in enumerate(gaps) if gap > usual + 0.3 * height}
        groups = _cut(lines, wide)
        crowded = sum(1 for group in groups if sum(_number_in_first(line, edges) for line in group) > 1)
        if wide and crowded == 0 and len(groups) >= len(numbered):
            return groups
        if wide and crowded <= 0.3 * len(groups):
            return _cut(lines, wide | {i - 1 for i in numbered if i})
    if len(numbered) >= 2:
        return _cut(lines, {i - 1 for i in numbered if i})
    return _cut(lines, {i for i, gap in enumerate(gaps) if gap > median(gaps) + 0.3 * height} if gaps else set())


def _number_in_first(line: Line, edges: Sequence[float]) -> bool:
    first = [word.text for word in line.words if word.x1 <= edges[1] + 1]
    return bool(first) and is_number(" ".join(first)) and line.x0 < edges[1]


def _cut(lines: Sequence[Line], after: set[int]) -> list[list[Line]]:
    groups: list[list[Line]] = [[]]
    for index, line in enumerate(lines):
        groups[-1].append(line)
        if index in after:
            groups.append([])
    return [group for group in groups if group]


def _widths(lines: Sequence[Line], edges: Sequence[float]) -> list[float]:
    """How wide the text of each column gets: the gutter beside it is not room for another word."""
    widths = [0.0] * (len(edges) - 1)
    height = text_height([word for line in lines for word in line.words])
    for line in lines:
        for index, cell in enumerate(_by_column(line.words, edges)):
            inside = cell and cell[0].x0 >= edges[index] - 1 and cell[-1].x1 <= edges[index + 1] + 1
            if inside:
                widths[index] = max(widths[index], cell[-1].x1 - cell[0].x0)
    return [width + 1.4 * height for width in widths]


def _by_column(words: Sequence[Word], edges: Sequence[float]) -> list[list[Word]]:
    cells: list[list[Word]] = [[] for _ in range(len(edges) - 1)]
    for word in words:
        middle = (word.x0 + word.x1) / 2
        column = next((index for index in range(len(edges) - 1) if middle < edges[index + 1]), len(edges) - 2)
        cells[column].append(word)
    return cells


def _row(group: Sequence[Line], edges: Sequence[float], widths: Sequence[float]) -> tuple[Cell, ...]:
    words = [word for line in group for word in line.words]
    number = [word for word in words if word.x1 <= edges[1] + 1]
    rest = [
        Line([word for word in line.words if word not in number])
        for line in group
        if any(w not in number for w in line.words)
    ]
    if number and rest and len(group) <= 3 and is_number(" ".join(w.text for w in number)) and _lone(rest, edges[1:]):
        text = " ".join(word.text for line in rest for word in line.words)
        label = Cell(" ".join(word.text for word in number))
        return (label, *(Cell(text, None if index == 0 else (0, 1)) for index in range(len(edges) - 2)))
    if (
        len(group) <= 3
        and all(_crosses(line, edges) or len(_cells(line)) == 1 for line in group)
        and _spans(group, edges)
    ):
        text = " ".join(word.text for line in group for word in line.words)
        return tuple(Cell(text, None if index == 0 else (0, 0)) for index in range(len(edges) - 1))
    return tuple(Cell(cell_text(cell, width)) for cell, width in zip(_by_column(words, edges), widths, strict=True))


def _lone(lines: Sequence[Line], edges: Sequence[float]) -> bool:
    """Whether the lines are one piece of text each, standing over a gutter."""
    return all(len(_cells(line)) == 1 for line in lines) and _spans(lines, edges)


def _spans(group: Sequence[Line], edges: Sequence[float]) -> bool:
    """Whether a lone piece of text stands over a gutter (a group row), not inside one column."""
    return any(line.x0 < edge - 2 and line.x1 > edge + 2 for line in group for edge in edges[1:-1])
