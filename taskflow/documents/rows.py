"""Sorting the rows of a task table: tasks, group labels on two levels, repeated headings, totals, broken rows.

Every row ends somewhere: as a draft of a task, as a group, as part of the heading, or skipped with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from taskflow.documents.cells import Row, is_number, looks_like_deadline, looks_like_units
from taskflow.documents.columns import Head, is_number_row
from taskflow.documents.messages import SKIP_REASONS, problem
from taskflow.documents.model import Cell, Problem, RawTable, SkippedRow
from taskflow.documents.tables import distinct, padded, place_of_row, repeated_head, repeats_labels
from taskflow.domain.units import opens_unit

NUMBER_IN_CONTENT = re.compile(
    r"^\s*(\d{1,3}(?:\.\d{1,3}){0,3}|[IVX]{1,5}|[a-zđ])\s*[.)/]\s+(?=\S)|^\s*(\d{1,3}(?:\.\d{1,3}){1,3})\s+(?=\S)"
)


_TOTAL = re.compile(
    r"^(?:tổng(?: cộng| số| hợp)?|cộng)(?=\s*(?:$|[:(.\d=+]|(?:kinh phí|chi phí|tiền|dự toán|nhu cầu|vốn|chung|cả|mục|"
    r"phần|nhóm|các mục|toàn|nhiệm vụ|[IVX]+)\b))",
    re.IGNORECASE,
)


_NOTE = re.compile(r"^\(?\s*(?:\*+\s*)?(?:ghi chú|lưu ý|chú thích)\b\s*[:.]?", re.IGNORECASE)


@dataclass(slots=True)
class Draft:
    """A task row before it becomes an item."""

    index: int
    cells: list[Cell]
    groups: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)


class TableRows:
    """Walks the rows once and sorts them."""

    def __init__(self, table: RawTable, head: Head) -> None:
        self.table, self.head = table, head
        self.width = len(head.roles)
        self.tt = head.column("tt")
        self.content = head.column("content")
        self.drafts: list[Draft] = []
        self.skipped: list[SkippedRow] = []
        self.groups = 0
        self.header_rows = 0
        self._stack: list[tuple[str, str, int]] = []  # (marker class, label, ordinal)
        self._ended = False  # whether the signature has begun
        self._open = False  # whether the last row was a task, which a page may have cut

    def walk(self) -> None:
        """Sort every row into drafts, groups, heading and skipped."""
        heads = [self.table.rows[index] for index in self.head.rows]
        for index, row in enumerate(self.table.rows):
            texts = distinct(row)
            if index in self.head.rows:
                self.header_rows += 1
            elif _is_struck(row):
                self._skip(index, "struck")
            elif not texts and not any(cell.problems for cell in row):
                self._skip(index, "empty")
            elif index in self.table.hidden_rows:
                self._skip(index, "hidden")
            elif is_number_row(row) or repeated_head(row, heads) or repeats_labels(row, self.head.labels):
                self.header_rows += 1
            elif index < self.head.rows[0]:
                self._skip(index, "note")
            else:
                self._body_row(index, row, texts)

    def _skip(self, index: int, reason: str) -> None:
        text = " | ".join(distinct(self.table.rows[index]))[:300]
        self.skipped.append(SkippedRow(place_of_row(self.table, index), text, SKIP_REASONS[reason]))

    def _body_row(self, index: int, row: Row, texts: list[str]) -> None:
        cells, problems = self._aligned(row)
        if self.drafts and not self._text(cells, "tt").isdecimal() and (self._ended or _ends_table(texts)):
            self._ended = True
            self._skip(index, "signature")
            return
        texts = texts or [""]
        lead_in = next((text for text in texts if not is_number(text)), texts[0])
        bare = NUMBER_IN_CONTENT.sub("", lead_in)
        if _TOTAL.match(bare) and (
            self._says_nothing(cells) or all(text == lead_in or not re.search(r"[^\W\d]{3}", text) for text in texts)
        ):
            self._skip(index, "total")
        elif _NOTE.match(bare) and len(texts) <= 2:
            self._skip(index, "note")
        elif self._is_cut(index, cells) and bare == lead_in:
            self._join(index, cells)
        elif self._is_group(index, cells, texts):
            self._group(*self._numbered(cells, texts))
        elif self._continues(index, cells, texts):
            self._join(index, cells)
        elif self._text(cells, "content") or not self._says_nothing(cells):
            groups = tuple(label for _, label, _ in self._stack)
            self.drafts.append(Draft(index, cells, groups, problems))
            self._open = True
        else:
            self._skip(index, "no_content")

    def _aligned(self, row: Row) -> tuple[list[Cell], list[Problem]]:
        """The row's cells under the columns of the head; a short row is aligned by what its cells hold."""
        if len(row) >= self.width or len(row) < 3:
            return list(padded(row, self.width)), []
        placed = align(row, self.head.roles)
        moved = [cell.text for cell in placed[: len(row)]] != [cell.text for cell in row]
        return placed, [problem("row.shifted")] if moved else []

    def _text(self, cells: Sequence[Cell], role: str) -> str:
        column = self.head.column(role)
        return cells[column].text if column is not None and column < len(cells) else ""

    def _says_nothing(self, cells: Sequence[Cell]) -> bool:
        """Whether no column of a doer or a deadline holds a value of its own."""
        content = self._text(cells, "content")
        return not any(
            text and text != content
            for role in ("lead", "coordinators", "units", "deadline", "start")
            if (text := self._text(cells, role))
        ) and not any(cells[column].text not in ("", content) for column in self.head.columns("mark"))

    def _names_nobody(self, cells: Sequence[Cell]) -> bool:
        """Whether no column of a doer holds a value of its own."""
        content = self._text(cells, "content")
        return not any(
            (text := self._text(cells, role)) and text != content for role in ("lead", "coordinators", "units")
        )

    def _numbered(self, cells: Sequence[Cell], texts: list[str]) -> tuple[str, str]:
        """(number, label) of a row; the number stands in a cell of its own, wherever its column is, or in the label."""
        own = cells[self.tt].text if self.tt is not None else ""
        number = own if is_number(own) else texts[0] if is_number(texts[0]) else ""
        if len(texts) < 2 or not number:
            return _marker(texts[0]), texts[0]
        label = next((text for text in texts if text != number), "")
        return number, label if _marker(label) == number.rstrip(".)/") else f"{number.rstrip('.)/')}. {label}"

    def _is_group(self, index: int, cells: Sequence[Cell], texts: list[str]) -> bool:
        number, _ = self._numbered(cells, texts)
        apart = len(texts) >= 2 and number in texts
        bare = self._names_nobody(cells) or (len(texts) == 2 and not self._text(cells, "content"))
        if apart and bare and _marker_class(number) in {"roman", "letter"}:
            return True
        if not self._says_nothing(cells) or len(texts) > 2 or (len(texts) == 2 and not apart):
            return False
        if _spans_across(self.table.rows[index], self.head):
            return True
        if number and _marker_class(number) != "number" and not re.fullmatch(r"[a-zđ][.)]?", number):
            return True
        below = next((row for row in self.table.rows[index + 1 :] if distinct(row)), ())
        following = self._number(below)
        if number:
            return (
                _is_deeper(following, number) or (apart and _restarts(following, number)) or self._opens_plainly(below)
            )
        return not self.drafts_open_for(cells) and len(texts) == 1 and not self._number(self.table.rows[index])

    def _opens_plainly(self, row: Row) -> bool:
        """Whether the row is a whole task without a number, as those below a numbered label are."""
        if self._number(row) or len(row) < self.width:
            return False
        content = self._text(row, "content")
        return bool(content) and not content[:1].islower() and not self._names_nobody(row)

    def drafts_open_for(self, cells: Sequence[Cell]) -> bool:
        """Whether a lone unnumbered text may be the rest of the row above (it begins in lower case or mid-sentence)."""
        text = self._text(cells, "content") or next((cell.text for cell in cells if cell.text), "")
        if not self.drafts:
            return False
        above = self._text(self.drafts[-1].cells, "content").rstrip()
        column = self.head.column("content")
        elsewhere = column is not None and not cells[column].text
        return elsewhere or text[:1].islower() or text[:1] in "(-+;," or above.endswith((",", "và", "-", ":", ";"))

    def _number(self, row: Row) -> str:
        if self.tt is not None and self.tt < len(row) and is_number(row[self.tt].text):
            return row[self.tt].text
        texts = distinct(row)
        return _marker(texts[0]) if texts else ""

    def _group(self, number: str, label: str) -> None:
        self.groups += 1
        self._open = False
        label = " ".join(label.split())
        kind, ordinal = _marker_class(number), _ordinal(number)
        if kind == "roman" and any(k == "letter" and o + 1 == _letter_ordinal(number) for k, _, o in self._stack):
            kind, ordinal = "letter", _letter_ordinal(number)
        known = [k for k, _, _ in self._stack]
        if kind in known:
            del self._stack[known.index(kind) :]
        elif kind == "plain" and self._stack and known[-1] == "plain":
            self._stack.pop()
        self._stack.append((kind, label, ordinal))

    def _continues(self, index: int, cells: Sequence[Cell], texts: list[str]) -> bool:
        """Whether the row is the rest of the row above, cut by a page: no number, and something essential missing."""
        own_merge = any(cell.text and cell.merged_from is not None for cell in cells)
        if not self.drafts or self._text(cells, "tt") or own_merge:
            return False
        cut = self._tops_page(index)
        numbered = any(self._text(draft.cells, "tt") for draft in self.drafts[-3:])
        content = self._text(cells, "content")
        if not content:
            return numbered or cut
        complete = bool(self._text(cells, "lead") or self._text(cells, "units")) and bool(self._text(cells, "deadline"))
        if not (numbered or cut) or (complete and not content[:1].islower()):
            return False
        loose = not self._says_nothing(self.drafts[-1].cells) and len(texts) <= 2
        return content[:1].islower() or content[:1] in "(-+;,." or loose or self._goes_on_in_figures(content)

    def _goes_on_in_figures(self, content: str) -> bool:
        """Whether a text begins with a figure in the middle of the sentence above: "…tại" above "12 tổ dân phố"."""
        above = self._text(self.drafts[-1].cells, "content").rstrip()
        return content[:1].isdigit() and not NUMBER_IN_CONTENT.match(content) and above[-1:] not in {"", ".", ";", ":"}

    def _tops_page(self, index: int) -> bool:
        """Whether the row is the first on its page and the last one on the page before was a task."""
        pages = (place_of_row(self.table, at).page for at in (index, self.drafts[-1].index))
        return self._open and len(set(pages)) == 2

    def _is_cut(self, index: int, cells: Sequence[Cell]) -> bool:
        """Whether the row is the only one without a number, at the top of a page: the rest of the task before."""
        if not self.drafts or self._text(cells, "tt") or any(c.text and c.merged_from is not None for c in cells):
            return False
        below = next((self._number(row) for row in self.table.rows[index + 1 :] if distinct(row)), "")
        above = self._text(self.drafts[-1].cells, "tt")
        if any(cell.ocr for cell in cells) or _last_figure(below) - _last_figure(above) == 2:
            return False  # recognition loses numbers, and so do offices: "5", "", "7"
        return self._tops_page(index) and all(self._text(draft.cells, "tt") for draft in self.drafts)

    def _join(self, index: int, cells: Sequence[Cell]) -> None:
        draft = self.drafts[-1]
        for column, cell in enumerate(cells):
            if not cell.text:
                continue
            before = draft.cells[column].text
            role = self.head.roles[column]
            if role in {"lead", "units", "coordinators"} and _repeats(before, cell.text, draft, self.head):
                continue
            apart = role in {"lead", "units", "coordinators"} and opens_unit(before, cell.text)
            between = "\n" if apart else "" if re.search(r"\w[-/]$", before) else " "
            joined = f"{before}{between}{cell.text}".strip()
            draft.cells[column] = replace(draft.cells[column], text=joined)
        draft.problems.append(problem("row.joined"))
        self._skip(index, "joined")


#: What stands below a table: place and day of signing, the signer's post, recipients, when it was printed.
_BELOW = re.compile(
    r"(?:[^,\d]{2,40},\s*)?ngày\s+[\d….]{1,4}\s*tháng\s+[\d….]{1,4}\s*năm\s+[\d….]{2,6}|"
    r"(?:ngày|giờ|thời gian|thời điểm|người) (?:in|xuất|kết xuất|lập|lập biểu|trích xuất)\b.{0,60}|in ngày\b.{0,40}|"
    r"nơi nhận\s*:?.{0,80}|trang \d+(?:\s*[/-]\s*\d+)?|"
    r"(?:tm|kt|tl|tuq|q)\.\s*\S.{0,80}|người (?:lập|duyệt|ký|kiểm tra)\b.{0,40}|kế toán trưởng|"
    r"\(?ký(?: tên)?(?:,| và) .{0,40}",
    re.IGNORECASE,
)
_POST = re.compile(
    r"(?:PHÓ )?(?:CHÁNH|CHỦ TỊCH|GIÁM ĐỐC|TRƯỞNG|THỦ TRƯỞNG|CHI CỤC TRƯỞNG|BỘ TRƯỞNG|THỨ TRƯỞNG)[A-ZÀ-Ỹ ]{0,40}"
)


def _ends_table(texts: Sequence[str]) -> bool:
    """Whether a row is the signature block or a line of print: everything in it is of such kind."""
    return bool(texts) and all(_BELOW.fullmatch(t.strip()) or _POST.fullmatch(t.strip()) for t in texts)


def _is_struck(row: Row) -> bool:
    """Whether what the row says is struck through: nothing but its number is left."""
    struck = any("row.struck" in cell.problems for cell in row)
    return struck and all(is_number(cell.text) or not cell.text for cell in row)


def _repeats(before: str, text: str, draft: Draft, head: Head) -> bool:
    """Whether the words of a continuation already stand in the row (a fault of OCR: cells out of place)."""
    lead = head.column("lead")
    whole = " ".join([before, draft.cells[lead].text if lead is not None else ""]).lower()
    return text.lower() in whole


def _spans_across(row: Row, head: Head) -> bool:
    """Whether one merged cell covers the content column and at least one column of a doer or a deadline."""
    essential = [
        i for i, role in enumerate(head.roles) if role in {"lead", "coordinators", "units", "deadline", "content"}
    ]
    texts = {row[i].text for i in essential if i < len(row)}
    merged = [i for i in essential if i < len(row) and (origin := row[i].merged_from) is not None and origin[1] < i]
    return len(texts) == 1 and len(merged) >= 1 and "" not in texts


_MARKER = re.compile(r"^\s*(\d{1,3}(?:\.\d{1,3})*|[IVXLC]{1,6}|[A-ZĐ]|[a-zđ])\s*(?:[.):\-–]\s*|/(?!c\b)\s*)(?=\S)")


def _marker(text: str) -> str:
    match = _MARKER.match(text)
    return match[1] if match else ""


def _marker_class(number: str) -> str:
    number = number.strip(" .)/(*")
    if not number:
        return "plain"
    if re.fullmatch(r"[IVX]{1,6}", number):
        return "roman"
    if re.fullmatch(r"[A-ZĐ]", number):
        return "letter"
    if re.fullmatch(r"[a-zđ]", number):
        return "small"
    depth = number.count(".")
    return "number" if depth == 0 else f"number{depth}"


_VALUES = {"I": 1, "V": 5, "X": 10}


def _ordinal(number: str) -> int:
    number = number.strip(" .)/(*")
    if re.fullmatch(r"[IVX]+", number):
        values = [_VALUES[char] for char in number]
        return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
    return _letter_ordinal(number)


def _letter_ordinal(number: str) -> int:
    letters = "ABCDEGHIKLMNOPQRSTUVXY"
    number = number.strip(" .)/(*").upper()
    return letters.find(number) + 1 if len(number) == 1 else 0


def _is_deeper(following: str, number: str) -> bool:
    """Whether the next row's number stands below ``number``: "1.1" or "a" below "1"."""
    own, next_one = number.strip(" .)/(*"), following.strip(" .)/(*")
    if not next_one:
        return False
    own_class, next_class = _marker_class(own), _marker_class(next_one)
    if next_class.startswith("number") and own_class.startswith("number"):
        return next_one.startswith(own + ".") or next_one.count(".") > own.count(".")
    order = {"letter": 0, "roman": 1, "number": 2, "number1": 3, "number2": 4, "small": 5}
    return own_class != next_class and order.get(next_class, 6) > order.get(own_class, 6)


def _last_figure(number: str) -> int:
    """The last figure of a running number: 3 of "2.3."; 0 without one."""
    figures = re.findall(r"\d+", number)
    return int(figures[-1]) if figures else 0


def _restarts(following: str, number: str) -> bool:
    """Whether plain numbers do not run on: a label "2" above the task "1" is a group, "2" above "3" is a task."""
    own, next_one = number.strip(" .)/(*"), following.strip(" .)/(*")
    return own.isdigit() and next_one.isdigit() and int(next_one) != int(own) + 1


def align(row: Row, roles: Sequence[str]) -> list[Cell]:
    """A row with fewer cells than columns, its cells put under the columns they fit best, in order."""
    width = len(roles)
    best: dict[int, tuple[float, list[int]]] = {-1: (0.0, [])}
    for position, cell in enumerate(row):
        step: dict[int, tuple[float, list[int]]] = {}
        for last, (score, path) in best.items():
            for column in range(last + 1, width - (len(row) - position - 1)):
                total = score + _fit(cell.text, roles[column]) - 0.05 * (column - last - 1)
                if column not in step or total > step[column][0]:
                    step[column] = (total, [*path, column])
        best = step
    columns = max(best.values(), key=lambda found: found[0])[1]
    cells = [Cell("") for _ in range(width)]
    for cell, column in zip(row, columns, strict=True):
        cells[column] = cell
    return cells


def _fit(text: str, role: str) -> float:
    if not text:
        return 0.0
    if role == "tt":
        return 1.0 if is_number(text) else -1.0
    if role == "deadline":
        return 1.0 if looks_like_deadline(text) else -0.6
    if role in {"lead", "coordinators", "units", "monitor"}:
        return 0.8 if looks_like_units(text) and not looks_like_deadline(text) else -0.6
    if role == "content":
        return 0.7 if len(text) > 25 and not looks_like_units(text) else 0.0
    return 0.0 if not looks_like_deadline(text) and not looks_like_units(text) else -0.3
