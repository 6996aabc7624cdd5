"""Excel workbooks (.xlsx): cached values, merged cells, number formats, hidden rows, columns and sheets.

openpyxl knows merges, formats and hidden parts; a workbook that it cannot open (broken styles) is read
by calamine, which gives the values alone. The size is checked on the raw XML before anything is loaded.
"""

from __future__ import annotations

import html
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import date, datetime

import openpyxl
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.cell.cell import MergedCell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, DocumentTooLarge, problem
from taskflow.documents.model import Cell, Paragraph, Problem
from taskflow.documents.old_fonts import converted
from taskflow.documents.readers import calamine
from taskflow.documents.readers.archive import Archive
from taskflow.documents.readers.base import Progress, Reading
from taskflow.documents.readers.sheets import Sheet, date_cell, gather, value_text
from taskflow.documents.secrecy import find_mark

_ROW = re.compile(rb"<(?:x:)?row\b")
_REFERENCE = re.compile(rb"<(?:x:)?c\b[^>]*?\br=[\"']([A-Za-z]+)(\d+)[\"']")
_MERGE = re.compile(rb"<(?:x:)?mergeCell\b[^>]*?\bref=[\"']\$?([A-Za-z]+)\$?(\d+):\$?([A-Za-z]+)\$?(\d+)[\"']")
#: Headers and footers of print, and paragraphs of a text box.
_PRINTED = re.compile(
    rb"<(?:odd|even|first)(?:Header|Footer)>(.*?)</(?:odd|even|first)(?:Header|Footer)>|<a:p>(.*?)</a:p>", re.DOTALL
)
_EXCEL_ROWS, _EXCEL_COLUMNS = 1_048_576, 16_384
_MOST_PLACES = 5_000_000


def read(data: bytes, progress: Progress) -> Reading:
    """The blocks of an .xlsx file: one table per visible sheet."""
    progress("read", 0, 1)
    archive = Archive(data)
    span = _check(archive)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of every extension that it drops
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False, rich_text=True)
            formulas = _formulas_without_value(archive, data, book)
    except DocumentError:
        raise
    except (zipfile.BadZipFile, KeyError) as error:
        raise DocumentError("document.damaged", "file") from error
    except Exception:  # noqa: BLE001 - openpyxl raises whatever a broken style sheet makes it stumble over
        if span > _MOST_PLACES:  # calamine makes a place for every cell up to the last one
            raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS) from None
        return calamine.read(data, progress)
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            problems.append(problem("document.hidden_sheet", sheet=sheet.title))
        else:
            sheets.append(_sheet(sheet, formulas.get(sheet.title, frozenset())))
    tables, found = gather(sheets)
    if not tables:
        raise DocumentError("document.empty", "file")
    progress("read", 1, 1)
    return Reading((*tables, *_beside(Archive(data))), (*problems, *found))


def _beside(archive: Archive) -> Iterator[Paragraph]:
    """Marks of secrecy in what stands beside the cells: headers and footers of print, text boxes, WordArt."""
    for name in archive.names:
        if re.fullmatch(r"xl/(?:worksheets/sheet|drawings/(?:drawing|vmlDrawing))\d*\.(?:xml|vml)", name):
            data = archive.read(name)
            for found in _PRINTED.finditer(data):
                shown = re.sub(rb"<[^>]*>", b"", found[1] or found[2] or b"")
                text = html.unescape(shown.decode("utf-8", "replace"))
                # &C begins the middle part, &"font,style" and &14 set the print.
                text = re.sub(r'&(?:"[^"]*"|K[0-9A-F]{6}|\d+|[LCR])', "\n", text)
                if find_mark([Paragraph(text)]) is not None:
                    yield Paragraph(text.strip(), style="running")


def _check(archive: Archive) -> int:
    """Refuse workbooks with entities and sheets that are too large; the most places that a sheet spans."""
    span = 0
    for name in archive.names:
        if not name.endswith((".xml", ".rels")):
            continue
        data = archive.read(name)
        if b"<!ENTITY" in data or b"<!DOCTYPE" in data[:4096]:
            raise DocumentError("document.unsafe_xml", "file")
        if name.startswith("xl/worksheets/"):
            span = max(span, _check_sheet(data))
    return span


def _check_sheet(data: bytes) -> int:
    """Refuse what makes libraries build a grid of billions: cells outside Excel's grid, merges of whole sheets.

    Answers how many places the used part of the sheet spans, empty ones included.
    """
    last_row = last_column = 1
    if sum(1 for _ in _ROW.finditer(data)) > limits.MAX_ROWS:
        raise DocumentTooLarge("document.too_many_rows", "file", limit=limits.MAX_ROWS)
    for found in _REFERENCE.finditer(data):
        last_row, last_column = max(last_row, int(found[2])), max(last_column, column_number(found[1]))
    if last_row > _EXCEL_ROWS or last_column > _EXCEL_COLUMNS:
        raise DocumentError("document.damaged", "file")
    merged = 0
    for found in _MERGE.finditer(data):
        across = abs(column_number(found[3]) - column_number(found[1])) + 1
        merged += across * (abs(int(found[4]) - int(found[2])) + 1)
        if merged > limits.MAX_CELLS:
            raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)
    return last_row * last_column


def column_number(letters: bytes) -> int:
    """The number of a column from its letters: A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number


def _sheet(sheet: Worksheet, formulas: Set[tuple[int, int]]) -> Sheet:
    rows = _rows_of(sheet, formulas)
    spans = [(r.min_row - 1, r.min_col - 1, r.max_row - 1, r.max_col - 1) for r in sheet.merged_cells.ranges]
    hidden_rows = {index - 1 for index, size in sheet.row_dimensions.items() if size.hidden}
    hidden_columns: set[int] = set()
    for size in sheet.column_dimensions.values():
        if size.hidden and size.min and size.max:
            hidden_columns.update(range(size.min - 1, min(size.max, limits.MAX_COLUMNS)))
    return Sheet(sheet.title, rows, spans, hidden_rows, hidden_columns)


def _rows_of(sheet: Worksheet, formulas: Set[tuple[int, int]]) -> list[list[Cell]]:
    """The filled cells of a sheet; a format on row 1,048,576 must not make a million rows."""
    filled = [
        cell
        for cell in sheet._cells.values()
        if isinstance(cell, ExcelCell)
        and (cell.value is not None or cell.comment or (cell.row, cell.column) in formulas)
        and cell.column <= limits.MAX_COLUMNS
    ]
    if len(filled) > limits.MAX_CELLS:
        raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)
    last = max((cell.row for cell in filled), default=0)
    if last > limits.MAX_ROWS:
        raise DocumentTooLarge("document.too_many_rows", "file", limit=limits.MAX_ROWS)
    rows: list[list[Cell]] = [[] for _ in range(last)]
    for cell in sorted(filled, key=lambda found: (found.row, found.column)):
        row = rows[cell.row - 1]
        row.extend(Cell("") for _ in range(cell.column - 1 - len(row)))
        found = _cell(cell)
        said: tuple[str, ...] = ("row.no_value",) if (cell.row, cell.column) in formulas else ()
        said += ("row.comment",) if cell.comment else ()
        row.append(replace(found, problems=(*found.problems, *said)) if said else found)
    return rows


def _cell(cell: ExcelCell | MergedCell) -> Cell:
    value = cell.value
    if value is None or isinstance(cell, MergedCell):
        return Cell("")
    font = cell.font
    if font.strike:
        return Cell("", problems=("row.struck",))
    if isinstance(value, (datetime, date)):
        return date_cell(value, cell.number_format)
    problems: tuple[str, ...] = ()
    if isinstance(value, CellRichText):
        kept = [part for part in value if isinstance(part, str) or not part.font.strike]
        problems = ("row.struck",) if len(kept) < len(value) else ()
        value = "".join(str(part) for part in kept)
    if isinstance(value, str):
        readable = converted(value, font.name or "")
        problems = (*problems, "row.old_font") if readable != value else problems
        value = readable
    return Cell(value_text(value, cell.number_format), problems=problems)


_FORMULA = re.compile(
    rb"</(?:x:)?f>\s*(?:<(?:x:)?v\s*/>|<(?:x:)?v></(?:x:)?v>|</(?:x:)?c>)|<(?:x:)?f\b[^<>]*/>\s*</(?:x:)?c>"
)


def _formulas_without_value(archive: Archive, data: bytes, values: Workbook) -> dict[str, set[tuple[int, int]]]:
    """The cells of each sheet that hold a formula and no result: programs write such books, nobody has opened them."""
    if not any(name.startswith("xl/worksheets/") and _FORMULA.search(archive.read(name)) for name in archive.names):
        return {}
    book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    return {
        sheet.title: {
            (cell.row, cell.column)
            for cell in sheet._cells.values()
            if isinstance(cell, ExcelCell)
            and cell.data_type == "f"
            and values[sheet.title].cell(cell.row, cell.column).value is None
        }
        for sheet in book.worksheets
    }
