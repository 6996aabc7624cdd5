"""Logical tables out of what the readers saw: worksheets carved into tables, split tables joined, all numbered.

After ``rebuild`` every ``RawTable`` is one table of the document with its number in ``place.table``;
titles, letterheads and notes that stood in a worksheet are paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from taskflow.documents.cells import Row, is_number
from taskflow.documents.columns import head_score, read_head
from taskflow.documents.model import Block, Cell, Paragraph, Place, RawTable
from taskflow.domain.units import plain, tidy

_PAGE_NUMBER = re.compile(r"^(?:trang )?[-–— ]*\d{1,3}(?:\s*/\s*\d{1,3})?[-–— ]*$", re.IGNORECASE)
_CLOSING = re.compile(
    r"^(?:nơi nhận|tm\.|t/m|kt\.|k/t|người lập|lập biểu|thủ trưởng đơn vị|ghi chú\s*:)", re.IGNORECASE
)


def rebuild(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with logical tables: cells tidied, worksheets carved, split tables joined, tables numbered."""
    carved: list[Block] = []
    for block in blocks:
        if isinstance(block, RawTable):
            table = _tidied(block)
            if any(cell.text for row in table.rows for cell in row):
                carved.extend(_carve(_trimmed(table)) if table.place.sheet is not None else [table])
        elif block.text.strip():
            carved.append(block)
    joined = [_trimmed(block) if isinstance(block, RawTable) else block for block in _join(carved)]
    return tuple(_number(joined))


def _tidied(table: RawTable) -> RawTable:
    rows = [tuple(replace(cell, text=tidy(cell.text)) if cell.text else cell for cell in row) for row in table.rows]
    return replace(table, rows=tuple(rows))


def _trimmed(table: RawTable) -> RawTable:
    """The table without empty outer columns: an empty column in the middle is a place for missing values."""
    width, rows = _width(table), list(table.rows)
    own = [row for row in rows if not _one_text(row)] or rows  # a label over the whole row fills no column
    used = [i for i in range(width) if any(i < len(row) and row[i].text for row in own)]
    first, last = used[0], used[-1]
    if first and all(len(row) == width for row in rows):
        rows = [
            tuple(_shifted(cell, first, (index, column)) for column, cell in enumerate(row[first : last + 1]))
            for index, row in enumerate(rows)
        ]
    return replace(table, rows=tuple(rows))


def _one_text(row: Row) -> bool:
    """Whether one merged cell covers the whole row."""
    return len(row) > 1 and bool(row[0].text) and all(cell.merged_from is not None for cell in row[1:])


def _shifted(cell: Cell, by: int, place: tuple[int, int]) -> Cell:
    if cell.merged_from is None:
        return cell
    row, column = cell.merged_from
    origin = (row, max(0, column - by))
    return replace(cell, merged_from=None if origin == place else origin)


def distinct(row: Row) -> list[str]:
    """The texts of a row, each merged cell once."""
    return [cell.text for index, cell in enumerate(row) if cell.text and not _is_side_copy(row, index)]


def _is_side_copy(row: Row, index: int) -> bool:
    cell = row[index]
    return (
        cell.merged_from is not None and index > 0 and row[index - 1].text == cell.text and cell.merged_from[1] < index
    )


def _carve(sheet: RawTable) -> list[Block]:
    """A worksheet as paragraphs (titles, letterhead, signatures) and tables, cut at the heads it holds."""
    heads = _heads_of(sheet.rows)
    if not heads:
        return _loose(sheet, 0, len(sheet.rows), keep_table=True)
    blocks: list[Block] = []
    done = 0
    for number, (start, body) in enumerate(heads):
        blocks.extend(_loose(sheet, done, start))
        limit = heads[number + 1][0] if number + 1 < len(heads) else len(sheet.rows)
        end = _end_of_table(sheet.rows, body, limit)
        blocks.append(_cut(sheet, start, end))
        done = end
    blocks.extend(_loose(sheet, done, len(sheet.rows)))
    return blocks


def _heads_of(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """(first row, first body row) of every head that begins a table; a repeated head begins none."""
    found: list[tuple[int, int]] = []
    seen: set[tuple[str, ...]] = set()
    index = 0
    while index < len(rows):
        if head_score(rows[index]) > 0:
            key = tuple(plain(text) for text in distinct(rows[index]))
            head = read_head(rows[index : index + 4], 1)
            size = len(head.rows) if head else 1
            start = index
            if index and not found and _super_row(rows[index - 1], rows[index]):
                start = index - 1
            strong = head_score(rows[index]) >= (3 if found else 2)
            if key not in seen and strong:
                seen.add(key)
                found.append((start, index + size))
            index += size
        else:
            index += 1
    return found


def _super_row(above: Row, row: Row) -> bool:
    return any(
        cell.merged_from is not None and index < len(above) and cell.text and cell.text == above[index].text
        for index, cell in enumerate(row)
    )


def _end_of_table(rows: Sequence[Row], body: int, limit: int) -> int:
    """Where the table ends: before a closing formula, a lone title of the next table, or two empty rows."""
    index = body
    end = body
    while index < limit:
        texts = distinct(rows[index])
        if texts and _CLOSING.match(texts[0]):
            break
        if not texts and index + 1 < limit and _starts_title([distinct(row) for row in rows[index + 1 : index + 3]]):
            break
        index += 1
        if texts:
            end = index
    return end


def _starts_title(following: Sequence[list[str]]) -> bool:
    """Whether the rows after an empty one begin something else: a closing formula, or a title above the next table."""
    first = following[0] if following else []
    if not first:
        return all(not texts for texts in following)
    if _CLOSING.match(first[0]) or any(_CLOSING.match(text) for text in first[1:]):
        return True
    return len(first) == 1 and re.match(r"(?i)phụ lục|biểu\b|bảng\b|tổng hợp|danh mục", first[0]) is not None


def _cut(sheet: RawTable, start: int, end: int) -> RawTable:
    rows = tuple(
        tuple(
            replace(cell, merged_from=(cell.merged_from[0] - start, cell.merged_from[1]))
            if cell.merged_from and cell.merged_from[0] >= start
            else cell
            for cell in row
        )
        for row in sheet.rows[start:end]
    )
    hidden = frozenset(row - start for row in sheet.hidden_rows if start <= row < end)
    first = (sheet.place.row or 1) + start
    return replace(sheet, rows=rows, hidden_rows=hidden, place=replace(sheet.place, row=first))


def _loose(sheet: RawTable, start: int, end: int, *, keep_table: bool = False) -> list[Block]:
    rows = sheet.rows[start:end]
    if keep_table and sum(1 for row in rows if len(distinct(row)) > 2) >= 2:
        return [_cut(sheet, start, end)]
    return [
        Paragraph(
            "\t".join(text.replace("\n", " ") for text in texts),
            replace(sheet.place, row=(sheet.place.row or 1) + start + offset),
        )
        for offset, row in enumerate(rows)
        if (texts := distinct(row))
    ]


def _join(blocks: Sequence[Block]) -> list[Block]:
    """Join a table that a page or a short paragraph split; page numbers between the parts disappear."""
    out: list[Block] = []
    for index, block in enumerate(blocks):
        if isinstance(block, RawTable):
            previous = next((i for i in range(len(out) - 1, -1, -1) if isinstance(out[i], RawTable)), None)
            if previous is not None:
                between = [item for item in out[previous + 1 :] if isinstance(item, Paragraph)]
                first = out[previous]
                joined = _joined_whole(first, block, between) if isinstance(first, RawTable) else None
                if joined is not None:
                    out[previous:] = [joined]
                    continue
        elif _PAGE_NUMBER.match(block.text.strip()) and 0 < index < len(blocks) - 1:
            before, after = blocks[index - 1], blocks[index + 1]
            if isinstance(before, RawTable) and isinstance(after, RawTable) and _joined_whole(before, after, []):
                continue
        out.append(block)
    return out


def _joined_whole(first: RawTable, second: RawTable, between: Sequence[Paragraph]) -> RawTable | None:
    """Both parts as one, by their full grids or by what remains of them without empty outer columns."""
    return _joined(first, second, between) or _joined(_trimmed(first), _trimmed(second), between)


def _joined(first: RawTable, second: RawTable, between: Sequence[Paragraph]) -> RawTable | None:
    if first.place.sheet != second.place.sheet or len(between) > 2 or any(len(p.text) > 200 for p in between):
        return None
    width, other = _width(first), _width(second)
    own_head = head_score(second.rows[0]) > 0
    same_head = own_head and _key(first.rows, second.rows)
    if own_head and not same_head:
        return None
    titles = [
        p
        for p in between
        if not _PAGE_NUMBER.match(p.text.strip()) and not re.match(r"(?i)\(?tiếp theo", p.text.strip())
    ]
    if any(re.match(r"(?i)phụ lục|biểu|bảng", p.text.strip()) for p in titles) or (
        titles and same_head and len(titles) > 1
    ):
        return None
    headless = not own_head
    if headless and (width != other or width < 3 or _looks_separate(first, second)):
        return None
    if same_head and width != other:
        return None
    rows = list(first.rows)
    for paragraph in titles:
        rows.append(tuple(Cell(paragraph.text, (len(rows), 0) if i else None) for i in range(width)))
    offset = len(rows)
    rows.extend(
        tuple(
            replace(c, merged_from=(c.merged_from[0] + offset, c.merged_from[1])) if c.merged_from else c for c in row
        )
        for row in second.rows
    )
    pages = _pages(first)
    pages += (first.place.page,) * (offset - len(pages)) + _pages(second)
    return replace(
        first,
        rows=tuple(rows),
        row_pages=pages,
        hidden_rows=first.hidden_rows | {i + offset for i in second.hidden_rows},
    )


def _pages(table: RawTable) -> tuple[int | None, ...]:
    return table.row_pages or (table.place.page,) * len(table.rows)


def _width(table: RawTable) -> int:
    return max(len(row) for row in table.rows)


def _key(first: Sequence[Row], second: Sequence[Row]) -> bool:
    """Whether the second table opens with the heading of the first."""
    wanted = [plain(text) for text in distinct(second[0])]
    return any([plain(text) for text in distinct(row)] == wanted for row in first[:12])


def _looks_separate(first: RawTable, second: RawTable) -> bool:
    """A table without a head goes on only with a table that has one (a letterhead goes on with nothing)."""
    return read_head(first.rows) is None or _is_letterhead(second)


def _is_letterhead(table: RawTable) -> bool:
    text = plain(" ".join(cell.text for row in table.rows[:4] for cell in row))
    return any(mark in text for mark in ("cong hoa xa hoi", "noi nhan", "dang cong san viet nam", "doc lap - tu do"))


def is_layout(table: RawTable) -> bool:
    """Whether the table only lays out a letterhead or a signature block."""
    return _is_letterhead(table) or (
        _width(table) <= 2 and any(_CLOSING.match(text) for row in table.rows for text in distinct(row))
    )


def _number(blocks: Sequence[Block]) -> list[Block]:
    out: list[Block] = []
    number = 0
    for block in blocks:
        if isinstance(block, RawTable):
            number += 1
            out.append(replace(block, place=replace(block.place, table=number, row=block.place.row or 1)))
        else:
            out.append(block)
    return out


_TITLE_MARK = re.compile(r"^(?:phụ lục|biểu(?: số)?|bảng|danh mục)\b", re.IGNORECASE)


_NOTE_LINES = 4
_UNIT_LINE = re.compile(r"\(?\s*(?:đơn vị(?: tính)?\s*:|đvt)", re.IGNORECASE)


def unit_line_of(blocks: Sequence[Block], index: int) -> str | None:
    """The line above the table at ``index`` that says in what its amounts are: "Đơn vị tính: nghìn đồng"."""
    for block in reversed(blocks[max(0, index - 3) : index]):
        if not isinstance(block, Paragraph):
            break
        text = " ".join(block.text.split()).strip("*# ")
        if _UNIT_LINE.match(text):
            return text
    return None


def notes_around(blocks: Sequence[Block], index: int) -> list[str]:
    """The short lines right above and below the table at ``index``, where its signs may be explained."""
    near: list[str] = []
    for side in (reversed(blocks[max(0, index - _NOTE_LINES) : index]), blocks[index + 1 : index + 1 + _NOTE_LINES]):
        for block in side:
            if not isinstance(block, Paragraph):
                break
            near.append(block.text[:300])
    return near


def _capitals(text: str) -> bool:
    """Whether a line is in capitals, whatever the bracket behind it says: "DỰ TOÁN KINH PHÍ (ĐVT: triệu đồng)"."""
    bare = re.sub(r"\s*\([^()]*\)$", "", text)
    return bare == bare.upper() and (bare == text or any(char.isalpha() for char in bare))


def title_of(blocks: Sequence[Block], index: int) -> str | None:
    """The title above the table at ``index``: "PHỤ LỤC II. PHÂN CÔNG NHIỆM VỤ TRỌNG TÂM"."""
    parts: list[str] = []
    for block in reversed(blocks[max(0, index - 8) : index]):
        if not isinstance(block, Paragraph):
            break
        text = " ".join(block.text.split()).strip("*# ")
        if _UNIT_LINE.match(text) or re.match(r"\(?\s*(?:kèm theo|ban hành kèm)", text, re.IGNORECASE):
            continue
        if (
            not text
            or len(text) > 400
            or not (
                _TITLE_MARK.match(text) or _capitals(text) or (parts == [] and len(text) < 120 and text.endswith(":"))
            )
        ):
            break
        parts.insert(0, text.rstrip(":"))
        if _TITLE_MARK.match(text):
            break
    return ". ".join(part.rstrip(".") for part in parts) or None


def repeated_head(row: Row, heads: Sequence[Row]) -> bool:
    """Whether the row repeats a row of the heading (after a page break)."""
    shown = distinct(row)
    if len(shown) < 2 or is_number(shown[0]):
        return False
    texts = [plain(text) for text in shown]
    return any(_alike(texts, [plain(text) for text in distinct(head)]) for head in heads)


def repeats_labels(row: Row, labels: Sequence[str]) -> bool:
    """Whether the cells of a row are words of their own columns' headings: a repeated heading that a page cut."""
    shown = [(plain(cell.text), plain(labels[at])) for at, cell in enumerate(row[: len(labels)]) if cell.text]
    same = sum(1 for text, label in shown if text in label)
    return same >= 2 and same >= 0.7 * len(shown) and not is_number(shown[0][0])


def _alike(texts: list[str], head: list[str]) -> bool:
    same = len(set(texts) & set(head))
    return same >= 2 and same >= 0.7 * max(len(set(texts)), 1)


def place_of_row(table: RawTable, index: int) -> Place:
    """The place of a row of a table, in the numbering of its sheet or table."""
    page = table.row_pages[index] if index < len(table.row_pages) else table.place.page
    return replace(table.place, row=(table.place.row or 1) + index, page=page)


def padded(row: Row, width: int) -> tuple[Cell, ...]:
    """The row with empty cells up to ``width``."""
    return (*row[:width], *(Cell("") for _ in range(width - len(row))))
