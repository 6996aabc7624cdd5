"""Plain text and Markdown: paragraphs, and tables in every way that text can hold one.

A cell per line with a leading tab (tables copied out of Word), cells parted by tabs or by "|", columns
aligned with spaces. Which is which is judged run by run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from taskflow.documents import limits
from taskflow.documents.detect import decode
from taskflow.documents.messages import DocumentTooLarge, problem
from taskflow.documents.model import Block, Cell, Paragraph, Place, RawTable
from taskflow.documents.old_fonts import converted
from taskflow.documents.readers.aligned import aligned_tables
from taskflow.documents.readers.base import Progress, Reading
from taskflow.documents.readers.flattened import flattened_blocks
from taskflow.documents.readers.separated import separated_rows
from taskflow.documents.readers.stacked import stacked_tables
from taskflow.documents.readers.tabbed import tab_tables
from taskflow.domain.units import opens_unit, tidy

_RULE = re.compile(r"^\s*\|?[\s:|+=-]*-{3,}[\s:|+=-]*\|?\s*$|^\s*\|(?:\s*:?-+:?\s*\|){2,}\s*$")
_EMPHASIS = re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1|(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:b|i|u|em|strong|p|span|sub|sup|center|div|font)\b[^>]*>", re.IGNORECASE)
# Not after "Số:", "ngày", "tháng", "năm": drafts leave those blank.
_WIDE_GAP = re.compile(r"\t|(?<=\S)(?<!Số:)(?<!Số)(?<!ngày)(?<!tháng)(?<!năm)\s{5,}(?=\S)(?!tháng\b|năm\b|/)")
_MOST_LINES = 40  # of one row
_FRONT_MATTER = re.compile(r"\A---\n(?:[^\n]*\n){0,40}?---\n")


_STRUCK = re.compile(r"~~[^~\n]{1,500}~~")


def read(data: bytes, _progress: Progress) -> Reading:
    """The blocks of a text or Markdown file."""
    text = decode(data)
    readable = "\n".join(map(converted, text.split("\n")))
    kept = _STRUCK.sub("", readable)
    told = ["document.old_font"] * (readable != text) + ["document.struck"] * (kept != readable)
    return Reading(tuple(read_text(kept)), tuple(map(problem, told)))


def read_text(text: str) -> list[Block]:
    """The blocks of a text."""
    if len(text) > limits.MAX_TEXT:
        raise DocumentTooLarge("document.too_much_text", "file")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\n")
    front = _FRONT_MATTER.match(text)
    if front:
        text = "\n" * front[0].count("\n") + text[front.end() :]
    lines = text.split("\n")
    offsets = _offsets(lines)
    if len(lines) > limits.MAX_CELLS:
        raise DocumentTooLarge("document.too_much_text", "file")
    if any(max(line.rstrip().count(mark) for mark in "\t|") > limits.MAX_COLUMNS for line in lines):
        raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)
    if _tab_led(lines):
        return flattened_blocks(lines, offsets)
    return _blocks(lines, offsets)


def _offsets(lines: Sequence[str]) -> list[int]:
    offsets, at = [], 0
    for line in lines:
        offsets.append(at)
        at += len(line) + 1
    return offsets


def _tab_led(lines: Sequence[str]) -> bool:
    """Whether the text holds a table with one tab-led cell per line."""
    led = [line for line in lines if line.startswith("\t")]
    alone = sum(1 for line in led if "\t" not in line[1:].rstrip("\t"))
    rows = sum(1 for line in lines if "\t" in line.strip("\t "))  # a table of tabs may hold labels that begin so
    return len(led) >= 8 and alone >= 0.8 * len(led) and rows < alone


def _blocks(lines: Sequence[str], offsets: Sequence[int]) -> list[Block]:
    blocks: list[Block] = []
    index = 0
    separated = separated_rows(lines)
    marked = [(separated[0], len(lines), separated[1])] if separated else [*_piped(lines), *tab_tables(lines)]
    if sum(len(rows) for _, _, rows in marked) > limits.MAX_ROWS:
        raise DocumentTooLarge("document.too_many_rows", "file", limit=limits.MAX_ROWS)
    tables = {start: (end, rows) for start, end, rows in marked}
    taken = {i for start, (end, _) in tables.items() for i in range(start, end)}
    for find in (aligned_tables, stacked_tables):
        for start, end, rows in find(lines, taken):
            tables[start] = (end, rows)
            taken.update(range(start, end))
    while index < len(lines):
        place = Place(offset=offsets[index])
        if index in tables:
            end, rows = tables[index]
            if rows:
                blocks.append(RawTable(tuple(tuple(Cell(text) for text in row) for row in rows), place, ruled=False))
            index = end
            continue
        # A quotation mark is one only at the start of a line: "> 60" in a cell is a value.
        text = plain_markdown(re.sub(r"^\s{0,3}>\s?", "", lines[index].rstrip()))
        if text.strip() and not _RULE.match(lines[index]):
            heading = re.match(r"#{1,6}(?=\s)", lines[index])
            blocks.append(Paragraph(_columns(text), place, f"heading {len(heading[0])}" if heading else None))
        index += 1
    return blocks


def _columns(text: str) -> str:
    """Runs of spaces inside a line part a letterhead's two columns: kept as a tab."""
    return "\t".join(part for part in (tidy(part) for part in _WIDE_GAP.split(text.strip())) if part)


def plain_markdown(text: str) -> str:
    """The text of a Markdown line without its marks."""
    text = re.sub(r"^\s{0,3}#{1,6}\s+", "", text)
    text = _BREAK.sub("\n", _TAG.sub("", text))
    text = _EMPHASIS.sub(lambda m: m[2] or m[3], _EMPHASIS.sub(lambda m: m[2] or m[3], text))
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return (
        re.sub(r"\\([\\`*_{}\[\]()#+\-.!|<>~])", r"\1", text)
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
    )


def _piped(lines: Sequence[str]) -> list[tuple[int, int, list[list[str]]]]:
    """Runs of lines whose cells are parted by "|": (first line, end, rows)."""
    found = []
    index = 0
    while index < len(lines):
        if _cell_count(lines[index]) < 2:
            index += 1
            continue
        end, gap = index, 0
        rows: list[list[str]] = []
        position, edged = index, lines[index].lstrip().startswith("|")
        while position < len(lines) and gap <= 1:
            line, following = _whole_row(lines, position, len(rows[0])) if edged and rows else (lines[position], 0)
            if edged and gap and line.strip() and not line.lstrip().startswith(("|", "+")):
                break  # a paragraph that holds a "|"
            if _cell_count(line) >= 2 or (_RULE.match(line) and "|" in line + "|"):
                gap = 0
                if not _RULE.match(line):
                    rows.append(_cells(line, edged=edged))
                position += following
                end = position + 1
            elif re.match(r"^\s*\+[-=+]+\+\s*$", line):
                end = position + 1
            elif not line.strip():
                gap += 1
            else:
                break
            position += 1
        if rows:
            boxed = any(re.match(r"^\s*\+[-=+]{3,}", line) for line in lines[max(0, index - 1) : end])
            found.append((index, end, _boxed_rows(lines[max(0, index - 1) : end]) if boxed else rows))
        index = max(end, index + 1)
    return found


def _whole_row(lines: Sequence[str], position: int, width: int) -> tuple[str, int]:
    """A row of a table with outer "|" whose cells hold line ends, and how many lines follow its first."""
    first = lines[position]
    if not first.lstrip().startswith("|") or first.rstrip().endswith("|"):
        return first, 0
    row = first
    for following, line in enumerate(lines[position + 1 : position + 1 + _MOST_LINES], 1):
        if not line.strip() or line.lstrip().startswith("|"):
            break
        row = f"{row}\n{line}"
        if line.rstrip().endswith("|"):
            return (row, following) if _cell_count(row) == width else (first, 0)
    return first, 0


def _boxed_rows(lines: Sequence[str]) -> list[list[str]]:
    """Rows of a box drawn with "+---+": lines between two rules are one row."""
    rows: list[list[str]] = []
    fresh = True
    for line in lines:
        if re.match(r"^\s*\+[-=+]+", line):
            fresh = True
        elif "|" in line:
            cells = _cells(line)
            if fresh or not rows or len(rows[-1]) != len(cells):
                rows.append(cells)
            else:
                rows[-1] = [_wrapped(old, new) for old, new in zip(rows[-1], cells, strict=True)]
            fresh = False
    return rows


def _wrapped(before: str, line: str) -> str:
    """A cell with its next line: the rest of what stands above, or a unit of its own."""
    between = "\n" if opens_unit(before, line) else " "
    return f"{before}{between}{line}".strip() if line else before


def _cell_count(line: str) -> int:
    return len(_cells(line)) if "|" in line else 0


def _cells(line: str, *, edged: bool = True) -> list[str]:
    """The cells of a line; in an ``edged`` table the first and the last "|" are its edges and part nothing."""
    body = line.strip()
    if edged:
        body = body[1:] if body.startswith("|") else body
        body = body[:-1] if body.endswith("|") and not body.endswith("\\|") else body
    return [tidy(plain_markdown(cell.strip())) for cell in re.split(r"(?<!\\)\|", body)]
