"""Tables that lost their grid: one cell per line, each with a leading tab, rows parted by empty lines.

This is what remains of a Word table in many text conversions. The number of columns comes from the
head and from the most frequent row length; a cell broken over lines, a head broken by an empty line
and a row with fewer cells than the head are put together again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from taskflow.documents.cells import is_number
from taskflow.documents.columns import head_score, is_sub_head, role_of
from taskflow.documents.model import Block, Cell, Paragraph, Place, RawTable
from taskflow.documents.readers.stacked import fitted, stacked_rows
from taskflow.domain.units import tidy

_ENDS_TABLE = re.compile(r"\s*(?:phụ lục|biểu(?: số)?|bảng|danh mục|nơi nhận|tm\.|kt\.|t/m)(?:\s|$|:)", re.IGNORECASE)


@dataclass(slots=True)
class _Run:
    """Cells without an empty line between them, and the text lines that follow them."""

    line: int
    cells: list[str] = field(default_factory=list)
    tail: list[tuple[int, str]] = field(default_factory=list)  # lines after the cells, before the next tab
    gap: int = 0  # empty lines before the tail


def flattened_blocks(lines: Sequence[str], offsets: Sequence[int]) -> list[Block]:
    """The blocks of a text whose tables hold one tab-led cell per line."""
    blocks: list[Block] = []
    for part in _parts(lines):
        if isinstance(part, int):
            text = "\t".join(piece for piece in (tidy(p) for p in lines[part].split("\t")) if piece)
            if text:
                blocks.append(Paragraph(text, Place(offset=offsets[part])))
        else:
            blocks.extend(_table_blocks(part, offsets))
    return blocks


def _parts(lines: Sequence[str]) -> list[int | list[_Run]]:
    """Line numbers of running text, and lists of runs that belong to one region of cells."""
    parts: list[int | list[_Run]] = []
    runs: list[_Run] = []
    blank = 0
    for number, line in enumerate(lines):
        if not line.replace("\xa0", " ").strip(" ") and "\t" not in line:
            blank += 1
            continue
        if line.startswith("\t") and "\t" not in line.strip("\t \xa0"):
            if not runs or blank or runs[-1].tail:
                runs.append(_Run(number))
            runs[-1].cells.append(tidy(line))
        elif runs and not blank and not runs[-1].tail and len(line) < 400 and not _ENDS_TABLE.match(line):
            runs[-1].cells[-1] = f"{runs[-1].cells[-1]}\n{tidy(line)}".strip()  # a further paragraph of the cell
        elif runs and len(runs[-1].tail) < 4 and len(line) < 400:
            runs[-1].gap += blank
            runs[-1].tail.append((number, line.strip()))
        else:
            parts.extend([runs] if runs else [])
            runs = []
            parts.append(number)
        blank = 0
    return [*parts, runs] if runs else parts


def _table_blocks(runs: list[_Run], offsets: Sequence[int]) -> list[Block]:
    blocks: list[Block] = []
    index = 0
    runs = [piece for run in runs for piece in _pieces(run)]
    while index < len(runs):
        width, used = _head_width(runs, index)
        if width < 3:
            blocks.extend(_as_paragraphs(runs[index], offsets))
            index += 1
            continue
        rows, end, tail = _rows(runs, index, used, width)
        blocks.append(RawTable(tuple(rows), Place(offset=offsets[runs[index].line]), ruled=False))
        blocks.extend(Paragraph(tidy(text), Place(offset=offsets[number])) for number, text in tail)
        index = end
    return blocks


def _pieces(run: _Run) -> list[_Run]:
    """A run for each row, where the rows of a table follow each other without an empty line."""
    rows = stacked_rows(run.cells)
    if rows is None:
        return [run]
    rest = run.cells[sum(map(len, rows)) :]
    pieces = [_Run(run.line, fitted(row, len(rows[0]))) for row in (*rows, rest) if row]
    pieces[-1].tail, pieces[-1].gap = run.tail, run.gap
    return pieces


def _as_paragraphs(run: _Run, offsets: Sequence[int]) -> list[Block]:
    text = "\t".join(cell for cell in run.cells if cell)
    head: list[Block] = [Paragraph(text, Place(offset=offsets[run.line]))] if text else []
    return head + [Paragraph(tidy(line), Place(offset=offsets[number])) for number, line in run.tail]


def _head_width(runs: list[_Run], index: int) -> tuple[int, int]:
    """(columns, runs used) of the table that begins at a run; (0, 0) when none begins there."""
    cells = list(runs[index].cells)
    lengths = Counter(len(run.cells) for run in runs[index + 1 : index + 60])
    usual = lengths.most_common(1)[0][0] if lengths else len(cells)
    used = 1
    while (
        len(cells) < usual
        and index + used < len(runs)
        and not runs[index + used - 1].tail
        and not is_number(runs[index + used].cells[0])
        and len(cells) + len(runs[index + used].cells) <= usual
        and all(role_of(cell) or len(cell) < 40 for cell in runs[index + used].cells if cell)
    ):
        cells += runs[index + used].cells
        used += 1
    if len(cells) < 3 or head_score([Cell(text) for text in cells]) == 0:
        return 0, 0
    runs[index].cells = cells
    if used > 1:
        runs[index].tail = runs[index + used - 1].tail
    return len(cells), used


def _rows(
    runs: list[_Run], index: int, used: int, width: int
) -> tuple[list[tuple[Cell, ...]], int, list[tuple[int, str]]]:
    """The rows of the table that begins at ``index``, the run after it, and the text that ended it."""
    head = runs[index].cells
    rows: list[list[str]] = [head]
    position = index + used
    tail = runs[index].tail
    if not tail and position < len(runs) and len(runs[position].cells) > width:
        wide = _widened(head, runs[position].cells)
        if wide is not None:
            rows = [wide, runs[position].cells]
            width = len(runs[position].cells)
            tail = runs[position].tail
            position += 1
    while not tail and position < len(runs):
        run = runs[position]
        if (
            position > index + 1
            and _head_width(runs, position)[0]
            and [*map(str.lower, run.cells)] != [*map(str.lower, head)]
        ):
            break
        row = list(run.cells)
        position += 1
        while True:
            if run.tail and position < len(runs) and _ends_cell(run, len(row), runs[position], width):
                row[-1] = "\n".join([row[-1], *(text for _, text in run.tail)]).strip()
                run = runs[position]
                row += run.cells
                position += 1
            elif not run.tail and len(row) < width and position < len(runs) and _goes_on(row, runs[position], width):
                run = runs[position]
                row += run.cells
                position += 1
            else:
                break
        rows.extend(row[start : start + width] for start in range(0, len(row), width))
        if run.tail and len(row) >= width and run.gap == 0 and not _is_title(run.tail):
            rows[-1][-1] = "\n".join([rows[-1][-1], *(text for _, text in run.tail)]).strip()
            tail = []
        else:
            tail = run.tail
    return [tuple(Cell(text) for text in row) for row in rows], position, tail


def _ends_cell(run: _Run, filled: int, following: _Run, width: int) -> bool:
    """Whether the text below an unfinished row is the rest of its last cell, which the next cells complete."""
    return filled < width and run.gap <= 1 and filled + len(following.cells) <= width and not _is_title(run.tail)


def _is_title(tail: list[tuple[int, str]]) -> bool:
    first = tail[0][1]
    return first == first.upper() and any(char.isalpha() for char in first) and len(first) > 6


def _goes_on(row: list[str], following: _Run, width: int) -> bool:
    """Whether the next run is the rest of an unfinished row: it fills it exactly and begins no row itself."""
    first = following.cells[0]
    if len(row) < 2 or len(row) + len(following.cells) != width:
        return False
    return not is_number(first) and len(following.cells) < width - 1 and is_number(row[0])


def _widened(head: list[str], below: list[str]) -> list[str] | None:
    """Stretch a head of merged cells over the longer second head row below it."""
    new = [index for index, text in enumerate(below) if text]
    extra = len(below) - len(head)
    runs: list[list[int]] = []
    for index in new:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    if not new or sum(len(run) - 1 for run in runs) < extra or any(role_of(below[i]) is None for i in new):
        return None
    wide: list[str] = []
    starts = {run[0]: len(run) for run in runs}
    source = iter(head)
    while len(wide) < len(below):
        text = next(source, "")
        size = starts.get(len(wide), 1)
        wide += [text] + [""] * (min(size, extra + 1) - 1)
    if not is_sub_head([Cell(text) for text in wide], [Cell(text) for text in below]):
        return None
    return wide[: len(below)]
