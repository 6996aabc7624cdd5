"""Tables whose cells are parted by tabs: what Word and Excel put on the clipboard as plain text.

Excel puts a cell of several lines in quotation marks; Word simply breaks the line, so that a row runs on
until it has all its cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from taskflow.documents.cells import is_number, looks_like_units
from taskflow.documents.columns import head_score
from taskflow.documents.model import Cell
from taskflow.domain.units import starts_like_unit, tidy

_LONGEST_ROW = 60  # lines of print that one row may take
_QUOTED = re.compile(r'"((?:[^"\t]|"")*)"(?=\t|\n|$)')
_MARKED = re.compile(r"\s*(?:[IVX]+|[A-Z]|\d+)[.)/ ]")
_GOES_ON = re.compile(r"[-–+•;,(]|[^\W\dA-ZĐ]")

Table = tuple[int, int, list[list[str]]]


def tab_tables(lines: Sequence[str]) -> list[Table]:
    """(first line, end, rows) of every run of two or more rows."""
    found: list[Table] = []
    index = 0
    while index < len(lines):
        if not (_has_tab(lines[index]) or len(_quoted_row(lines, index)[0]) > 1):
            index += 1
            continue
        start, rows = index, list[list[str]]()
        width = _width(lines, start)
        while index < len(lines) and (_has_tab(lines[index]) or not rows):
            cells, index = _row(lines, index, width)
            if not rows and index + 1 < len(lines) and _ends_heading(cells, lines[index], lines[index + 1]):
                cells[-1] = f"{cells[-1]} {lines[index]}"
                index += 1
            rows.append([tidy(cell) for cell in cells])
        if len(rows) >= 2:
            found.append((start, index, rows))
    return found


def _has_tab(line: str) -> bool:
    return "\t" in line.strip(" ") and bool(line.strip())


def _width(lines: Sequence[str], start: int) -> int:
    """The most cells that a line of the run has, or that its heading has when it is broken over lines."""
    width, gap = 0, 0
    for line in lines[start:]:
        gap = 0 if _has_tab(line) else gap + 1
        if gap > 3:
            break
        width = max(width, line.count("\t") + 1)
    head: list[str] = []
    for at, line in enumerate(lines[start : start + 8]):
        cells = line.split("\t")
        if len(cells) > 1 and is_number(cells[0]):
            broken = len(head) > width and _score(head) > 1 + max(_score(one.split("\t")) for one in lines[start:][:at])
            return len(head) if broken else width
        if head and not cells[0]:
            return width  # a heading of two rows, not a broken one
        head = [*head[:-1], f"{head[-1]} {cells[0]}", *cells[1:]] if head else cells
    return width


def _score(cells: Sequence[str]) -> float:
    return head_score([Cell(tidy(cell)) for cell in cells])


def _row(lines: Sequence[str], index: int, width: int) -> tuple[list[str], int]:
    """The cells of the row that begins at a line, and the line after it."""
    cells, end = _quoted_row(lines, index)
    broken = _broken_row(lines, end, cells, width)
    cells, end = broken or (cells, end)
    while len(cells) == width and end < len(lines) and _ends_last_cell(cells[-1], lines[end]):
        cells[-1] = f"{cells[-1]}\n{lines[end]}"
        end += 1
    return cells, end


def _quoted_row(lines: Sequence[str], index: int) -> tuple[list[str], int]:
    line = lines[index]
    if '"' not in line or not (_has_tab(line) or line.startswith('"')):
        return line.split("\t"), index + 1
    text, end = line, index + 1
    while _is_open(text) and end < min(len(lines), index + _LONGEST_ROW):
        text += "\n" + lines[end]
        end += 1
    if _is_open(text):
        return [cell.strip('"') for cell in line.split("\t")], index + 1
    return _split(text), end


def _is_open(text: str) -> bool:
    """Whether a quotation mark at the beginning of a cell is not closed yet."""
    rest = _QUOTED.sub("", text)
    return any(cell.startswith('"') and cell.strip() != '"' for cell in rest.split("\t"))


def _split(text: str) -> list[str]:
    """The cells of a row whose quotation marks are closed; marks inside a cell stay."""
    cells, at = [], 0
    while True:
        quoted = _QUOTED.match(text, at)
        end = quoted.end() if quoted else text.find("\t", at)
        end = len(text) if end < 0 else end
        cells.append(quoted[1].replace('""', '"') if quoted and quoted[1].strip() else text[at:end])
        if end >= len(text):
            return cells
        at = end + 1


def _broken_row(lines: Sequence[str], end: int, cells: list[str], width: int) -> tuple[list[str], int] | None:
    """A row with too few cells together with the lines that complete it exactly; None when no lines do."""
    whole = list(cells)
    for at in range(end, min(len(lines), end + _LONGEST_ROW)):
        if len(whole) >= width:
            break
        following = lines[at].split("\t")
        if len(following) > 1 and is_number(following[0]):
            return None
        whole[-1] = f"{whole[-1]}\n{following[0]}"
        whole += following[1:]
        if len(whole) == width:
            return whole, at + 1
    return None


def _ends_heading(cells: Sequence[str], line: str, following: str) -> bool:
    """Whether a line without tabs below a heading is the rest of its last cell ("Thời hạn⏎hoàn thành")."""
    alone = line.strip() and not _has_tab(line) and _has_tab(following) and len(line) < 40 and not _MARKED.match(line)
    return bool(alone) and _score(cells) > 0


def _ends_last_cell(cell: str, line: str) -> bool:
    """Whether a line without tabs belongs to the last cell above it: a bullet, lower case, or the next of its units."""
    text = line.strip()
    if not text or _has_tab(line):
        return False
    next_unit = starts_like_unit(text) and looks_like_units(cell) and not _MARKED.match(text)
    return _GOES_ON.match(text) is not None or cell.rstrip().endswith((",", ";")) or next_unit
