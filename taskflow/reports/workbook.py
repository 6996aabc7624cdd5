"""A plain table as .xlsx: a title, a head that stays in view, widths, wrapping. The one place that writes workbooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

DATE_FORMAT = "dd/mm/yyyy"
_BODY = {
    "font_name": "Times New Roman",
    "font_size": 12,
    "valign": "top",
    "text_wrap": True,
    "border": 1,
    "border_color": "#BFBFBF",
}
_HEAD = {**_BODY, "bold": True, "align": "center", "valign": "vcenter", "bg_color": "#E7EEF1"}
_TITLE = {"font_name": "Times New Roman", "font_size": 14, "bold": True}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: heading, width in characters, how its numbers are shown (as the reader's Excel writes decimals)."""

    heading: str
    width: float = 14
    number_format: str = "General"
    #: Small and grey, on one line: for machines, not for reading.
    is_mark: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet with one table; without a title the head is the first row. ``total`` is a last row in bold."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    title: str = ""
    total: Sequence[Any] = ()


def workbook(*sheets: Sheet) -> bytes:
    """The sheets as .xlsx, written row by row. Dates become date cells; no text is ever read as a formula or a link."""
    from xlsxwriter import Workbook  # for the few requests that ask for a workbook

    content = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(content, options) as book:
        for sheet in sheets:
            _write(book, sheet)
    return content.getvalue()


def _write(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    head = book.add_format(_HEAD)
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, column.width)
    row = 0
    if sheet.title:
        page.write_string(0, 0, sheet.title, book.add_format(_TITLE))
        row = 2
    page.freeze_panes(row + 1, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(row)
    for number, column in enumerate(sheet.columns):
        page.write_string(row, number, column.heading, head)
    plain = _Formats(book, _BODY, sheet.columns)
    for values in sheet.rows:
        row += 1
        _write_row(page, row, values, plain)
    if sheet.total:
        _write_row(page, row + 1, sheet.total, _Formats(book, {**_BODY, "bold": True}, sheet.columns))


class _Formats:
    """How the cells of a row look: texts, days, and the numbers of each column."""

    def __init__(self, book: Any, look: Mapping[str, Any], columns: Sequence[Column]) -> None:
        self.text = book.add_format(look)
        self.day = book.add_format({**look, "num_format": DATE_FORMAT})
        wanted = {column.number_format for column in columns}
        made = {one: book.add_format({**look, "num_format": one}) for one in sorted(wanted)}
        mark = book.add_format({**look, "font_size": 6, "font_color": "#8A8A8A", "text_wrap": False, "shrink": True})
        self.texts = [mark if column.is_mark else self.text for column in columns]
        self.numbers = [made[column.number_format] for column in columns]


def _write_row(page: Any, row: int, values: Sequence[Any], formats: _Formats) -> None:
    for number, value in enumerate(values):
        if value is None or value == "":
            page.write_blank(row, number, None, formats.text)
        elif isinstance(value, date):
            page.write_datetime(row, number, value, formats.day)
        elif isinstance(value, str):
            page.write_string(row, number, value, formats.texts[number])
        else:
            page.write_number(row, number, value, formats.numbers[number])
