"""Workbooks by calamine: .xlsb, and .xlsx files that openpyxl cannot open. Values and merges, no hidden parts."""

from __future__ import annotations

import io
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from taskflow.documents.messages import DocumentError, problem
from taskflow.documents.model import Cell, Problem
from taskflow.documents.readers.base import Progress, Reading
from taskflow.documents.readers.sheets import Sheet, check_size, date_cell, gather, value_text


def read(data: bytes, _progress: Progress) -> Reading:
    """The blocks of a workbook: one table per visible sheet."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError as error:
        raise DocumentError("document.encrypted", "file") from error
    except (CalamineError, OSError, ValueError) as error:
        raise DocumentError("document.damaged", "file") from error
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for about in book.sheets_metadata:
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        if about.visible != SheetVisibleEnum.Visible:
            problems.append(problem("document.hidden_sheet", sheet=about.name))
            continue
        try:
            sheet = book.get_sheet_by_name(about.name)
            check_size(sheet.total_height, sheet.total_width)
            values = sheet.to_python(skip_empty_area=False)
        except (CalamineError, OSError, ValueError) as error:
            raise DocumentError("document.damaged", "file") from error
        spans = [(top[0], top[1], low[0], low[1]) for top, low in sheet.merged_cell_ranges or ()]
        sheets.append(Sheet(about.name, [[_cell(value) for value in row] for row in values], spans))
    tables, found = gather(sheets)
    if not tables:
        raise DocumentError("document.empty", "file")
    return Reading(tuple(tables), (*problems, *found))


def _cell(value: object) -> Cell:
    if isinstance(value, (datetime, date)):
        return date_cell(value, "dd/mm/yyyy")
    return Cell(value_text(value) if value != "" else "")
