"""Old Excel workbooks (.xls) by xlrd, which alone knows their number formats, merges and hidden parts."""

from __future__ import annotations

import io
from datetime import datetime

import xlrd
from xlrd.biffh import XLRDError
from xlrd.compdoc import SIGNATURE, CompDoc

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, problem
from taskflow.documents.model import Cell, Problem
from taskflow.documents.old_fonts import converted
from taskflow.documents.readers.base import Progress, Reading
from taskflow.documents.readers.sheets import Sheet, check_size, date_cell, gather, value_text


def read(data: bytes, _progress: Progress) -> Reading:
    """The blocks of an .xls file: one table per visible sheet."""
    try:
        if data.startswith(SIGNATURE) and _has_endless_stream(CompDoc(data, logfile=io.StringIO())):
            raise DocumentError("document.damaged", "file")
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except XLRDError as error:
        code = "document.encrypted" if "encrypt" in str(error).lower() else "document.damaged"
        raise DocumentError(code, "file") from error
    except DocumentError:
        raise
    except Exception as error:
        raise DocumentError("document.damaged", "file") from error
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for sheet in book.sheets():
        if sheet.visibility:
            problems.append(problem("document.hidden_sheet", sheet=sheet.name))
            continue
        try:
            sheets.append(_sheet(book, sheet))
        except (IndexError, KeyError, AttributeError, TypeError, ValueError) as error:  # a cell names a lost style
            raise DocumentError("document.damaged", "file") from error
    tables, found = gather(sheets)
    if not tables:
        raise DocumentError("document.empty", "file")
    return Reading(tuple(tables), (*problems, *found))


def _has_endless_stream(file: CompDoc) -> bool:
    """Whether the short sectors from where a stream begins lead back into themselves: xlrd would go on for ever."""
    following = file.SSAT
    for stream in file.dirlist:
        sector, left = stream.first_SID, len(following)
        while 0 <= sector < len(following) and left >= 0:
            sector, left = following[sector], left - 1
        if left < 0:
            return True
    return False


def _sheet(book: xlrd.book.Book, sheet: xlrd.sheet.Sheet) -> Sheet:
    check_size(sheet.nrows, min(sheet.ncols, limits.MAX_COLUMNS))
    rows = [
        [_cell(book, sheet, r, c) for c in range(min(sheet.row_len(r), limits.MAX_COLUMNS))] for r in range(sheet.nrows)
    ]
    spans = [(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
    hidden_rows = {row for row, info in sheet.rowinfo_map.items() if info.hidden}
    hidden_columns = {column for column, info in sheet.colinfo_map.items() if info.hidden}
    return Sheet(sheet.name, rows, spans, hidden_rows, hidden_columns)


def _cell(book: xlrd.book.Book, sheet: xlrd.sheet.Sheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    if cell.ctype in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR}:
        return Cell("")
    number_format = font_name = ""
    if cell.xf_index is not None:
        font = book.font_list[book.xf_list[cell.xf_index].font_index]
        if font.struck_out:
            return Cell("", problems=("row.struck",))
        font_name = font.name
        found = book.format_map.get(book.xf_list[cell.xf_index].format_key)
        number_format = found.format_str if found is not None else ""
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            moment: datetime = xlrd.xldate_as_datetime(float(cell.value), book.datemode)
        except (ValueError, OverflowError):
            return Cell(value_text(cell.value))
        return date_cell(moment, number_format)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Cell("x" if cell.value else "")
    value = converted(cell.value, font_name) if isinstance(cell.value, str) else cell.value
    return Cell(value_text(value, number_format), problems=("row.old_font",) if value != cell.value else ())
