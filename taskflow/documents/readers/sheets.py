"""What the readers of worksheets share: the text of a value, dates as their format shows them, merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from taskflow.documents import limits
from taskflow.documents.messages import DocumentTooLarge, problem
from taskflow.documents.model import Cell, Place, Problem, RawTable
from taskflow.domain.units import tidy

Span = tuple[int, int, int, int]
"""A merged range: first row, first column, last row, last column, all from 0 and inclusive."""

_PART = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|d+|m+|y+|h+|s+|.', re.IGNORECASE)
_MONTH_FIRST = re.compile(r"(?<![a-z])m{1,2}\\?([/.-])d{1,2}\\?\1y{2,4}(?![a-z])", re.IGNORECASE)
#: The part of a format that shows a time: its m are minutes, not months.
_TIME = re.compile(
    r'("[^"]*"|\\.)|\[?h+\]?(?:[\s:.]*m{1,2})?(?:[\s:.]*s{1,2}(?:\.0+)?)?(?:\s*(?:am/pm|a/p))?', re.IGNORECASE
)
_WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")


def _without_time(section: str) -> str:
    return _TIME.sub(lambda found: found[1] or "", section)


def format_date(value: date, number_format: str) -> str:
    """``value`` as its number format shows it ("Tháng "m/yyyy → "Tháng 12/2027"); dd/mm/yyyy when there is none.

    A format that puts the month first is Excel's own short date (m/d/yyyy), which Vietnamese Excel shows day
    first: it is written so, as "11/2/2027" for 2 November would be read wrongly by everyone.
    """
    section = _without_time(number_format.split(";")[0])
    if _MONTH_FIRST.search(re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", section)):
        section = _MONTH_FIRST.sub("dd/mm/yyyy", section)
    shown: list[str] = []
    for part in _PART.findall(section):
        low = part.lower()
        if part[0] == '"':
            shown.append(part[1:-1])
        elif part.startswith("\\"):
            shown.append(part[1])
        elif part.startswith("[") or low[0] in "hs@" or part == "*":
            continue
        elif low[0] == "d":
            shown.append(
                f"{value.day:02d}" if len(low) == 2 else str(value.day) if len(low) == 1 else _WEEKDAYS[value.weekday()]
            )
        elif low[0] == "m":
            shown.append(f"{value.month:02d}" if len(low) == 2 else str(value.month))
        elif low[0] == "y":
            shown.append(f"{value.year % 100:02d}" if len(low) <= 2 else str(value.year))
        else:
            shown.append(part)
    text = tidy("".join(shown)).strip(" :")
    text = text if any(char.isdigit() for char in text) else f"{value:%d/%m/%Y}"
    has_time = isinstance(value, datetime) and (value.hour, value.minute) != (0, 0)
    return f"{text} {value:%H:%M}" if has_time else text


def shows_day(number_format: str) -> bool:
    """Whether a date format shows the day of the month."""
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", _without_time(number_format.split(";")[0])).lower()
    return "d" in bare or "m" not in bare


def is_date_format(number_format: str) -> bool:
    """Whether a number format shows a date."""
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", number_format).lower()
    return "y" in bare or ("d" in bare and "m" in bare)


def date_cell(value: date, number_format: str) -> Cell:
    """The cell of a real date."""
    day = value.date() if isinstance(value, datetime) else value
    return Cell(format_date(value, number_format), value_date=day, month_only=not shows_day(number_format))


def value_text(value: object, number_format: str = "") -> str:
    """The text of a cell value as a Vietnamese reader would see it (decimal comma, percent)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "x" if value else ""
    if isinstance(value, (int, float)):
        percent = "%" in re.sub(r'"[^"]*"', "", number_format)
        number = float(value) * (100 if percent else 1)
        text = (
            str(int(number))
            if number == int(number) and abs(number) < 1e15
            else f"{number:.6f}".rstrip("0").rstrip(".")
        )
        decimals = re.match(r"0\.(0+)$", number_format)
        if decimals and not percent:
            text = f"{number:.{len(decimals[1])}f}"
        return text.replace(".", ",") + ("%" if percent else "")
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return tidy(str(value))


@dataclass(slots=True)
class Sheet:
    """A worksheet as it is gathered: cells by row, merged ranges, hidden rows and columns."""

    name: str
    rows: list[list[Cell]]
    spans: Iterable[Span] = ()
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def block(self) -> tuple[RawTable | None, list[Problem]]:
        """The sheet as one table with merged cells filled and hidden columns left out."""
        _trim(self.rows)
        check_size(len(self.rows), max(map(len, self.rows), default=0))
        if not self.rows:
            return None, []
        width = max(map(len, self.rows))
        for row in self.rows:
            row.extend(Cell("") for _ in range(width - len(row)))
        self._fill_spans(width)
        hidden = {c for c in self.hidden_columns if c < width and any(row[c].text for row in self.rows)}
        problems = [problem("document.hidden_column", sheet=self.name, count=len(hidden))] if hidden else []
        keep = [column for column in range(width) if column not in self.hidden_columns]
        place = {column: index for index, column in enumerate(keep)}
        rows = tuple(tuple(_moved(row[column], place) for column in keep) for row in self.rows)
        table = RawTable(
            rows, Place(sheet=self.name, row=1), hidden_rows=frozenset(r for r in self.hidden_rows if r < len(rows))
        )
        return (table if keep else None), problems

    def _fill_spans(self, width: int) -> None:
        filled = 0
        for top, left, bottom, right in self.spans:
            if top >= len(self.rows) or left >= width:
                continue
            source = self.rows[top][left]
            if not source.text:
                continue
            for r in range(top, min(bottom, len(self.rows) - 1) + 1):
                for c in range(left, min(right, width - 1) + 1):
                    if (r, c) != (top, left):
                        self.rows[r][c] = Cell(source.text, (top, left), source.value_date, source.month_only)
                        filled += 1
            if filled > limits.MAX_CELLS:
                raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)


def _moved(cell: Cell, place: dict[int, int]) -> Cell:
    if cell.merged_from is None:
        return cell
    row, column = cell.merged_from
    nearest = max((index for old, index in place.items() if old <= column), default=0)
    return Cell(cell.text, (row, nearest), cell.value_date, cell.month_only, cell.ocr)


def _trim(rows: list[list[Cell]]) -> None:
    while rows and not any(cell.text or cell.problems for cell in rows[-1]):
        rows.pop()
    for row in rows:
        while row and not (row[-1].text or row[-1].problems):
            row.pop()


def check_size(rows: int, columns: int) -> None:
    """Refuse a sheet with too many rows or cells."""
    if rows > limits.MAX_ROWS:
        raise DocumentTooLarge("document.too_many_rows", "file", limit=limits.MAX_ROWS)
    if rows * columns > limits.MAX_CELLS:
        raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)


def gather(sheets: Sequence[Sheet]) -> tuple[list[RawTable], list[Problem]]:
    """The tables and problems of all sheets of a workbook."""
    tables: list[RawTable] = []
    problems: list[Problem] = []
    told = {code for sheet in sheets for row in sheet.rows for cell in row for code in cell.problems}
    problems.extend(problem(f"document.{code}") for code in ("struck", "old_font") if f"row.{code}" in told)
    for sheet in sheets:
        table, found = sheet.block()
        problems.extend(found)
        if table is not None:
            tables.append(table)
    return tables, problems
