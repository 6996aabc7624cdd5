"""OpenDocument spreadsheets (.ods), read from their XML: the text that is shown, real dates, merges, hidden parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from lxml import etree

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, DocumentTooLarge, problem
from taskflow.documents.model import Cell, Problem
from taskflow.documents.readers.archive import Archive
from taskflow.documents.readers.base import Progress, Reading
from taskflow.documents.readers.sheets import Sheet, Span, check_size, gather
from taskflow.domain.units import tidy

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_STRUCK = "struck"
_HIDDEN = {"collapse", "filter"}

_MONTH_NAME = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|"
    r"tháng (?:giêng|một|hai|ba|tư|sáu|bảy|tám|chín|mười)",
    re.IGNORECASE,
)


def read(data: bytes, _progress: Progress) -> Reading:
    """The blocks of an .ods file: one table per visible sheet."""
    root = Archive(data).xml("content.xml")
    if root is None:
        raise DocumentError("document.damaged", "file")
    hidden_styles = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iterfind(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    }
    _strike_out(root)
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for table in root.iter(f"{_TABLE}table"):
        name = table.get(f"{_TABLE}name", "")
        if table.get(f"{_TABLE}style-name") in hidden_styles:
            problems.append(problem("document.hidden_sheet", sheet=name))
        else:
            sheets.append(_sheet(table, name))
    tables, found = gather(sheets)
    if not tables:
        raise DocumentError("document.empty", "file")
    return Reading(tuple(tables), (*problems, *found))


def _strike_out(root: etree._Element) -> None:
    """Take struck text out of the tree; the cells that held it are marked with ``_STRUCK``."""
    styles = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iterfind(f"{_STYLE}text-properties")
        if properties.get(f"{_STYLE}text-line-through-style", "none") != "none"
    }
    if not styles:
        return
    for cell in root.iter(f"{_TABLE}table-cell"):
        whole = cell.get(f"{_TABLE}style-name") in styles
        parts = cell.iterfind(f"{_TEXT}p") if whole else cell.iter(f"{_TEXT}span")
        for part in [part for part in parts if whole or part.get(f"{_TEXT}style-name") in styles]:
            tail = part.tail
            part.clear()
            part.tail = tail
            cell.set(_STRUCK, "true")
        if whole and cell.get(_STRUCK):
            for name in ("date-value", "value"):
                cell.attrib.pop(f"{_OFFICE}{name}", None)


def _told(element: etree._Element) -> tuple[str, ...]:
    """What a reviewer is to be told of a cell."""
    computed = element.get(f"{_OFFICE}value-type") or element.find(f"{_TEXT}p") is not None
    found = {
        "row.struck": element.get(_STRUCK) is not None,
        "row.comment": element.find(f"{_OFFICE}annotation") is not None,
        "row.no_value": element.get(f"{_TABLE}formula") is not None and not computed,
    }
    return tuple(code for code, is_so in found.items() if is_so)


def _sheet(table: etree._Element, name: str) -> Sheet:
    rows: list[list[Cell]] = []
    spans: list[Span] = []
    hidden_rows: set[int] = set()
    for row in table.iter(f"{_TABLE}table-row"):
        cells = _row(row, len(rows), spans)
        repeat = min(_count(row, "number-rows-repeated"), limits.MAX_ROWS + 1)
        if not any(cell.text or cell.problems for cell in cells):
            repeat = min(repeat, 50)  # the empty end of a sheet is one row, repeated a million times
        for _ in range(repeat):
            if row.get(f"{_TABLE}visibility") in _HIDDEN:
                hidden_rows.add(len(rows))
            rows.append(list(cells))
        if sum(map(len, rows[-1:])) * len(rows) > limits.MAX_CELLS * 2:
            raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)
        if len(rows) > limits.MAX_ROWS + 1000:
            check_size(len(rows), 1)
    hidden_columns = _hidden_columns(table)
    return Sheet(name, rows, spans, hidden_rows, hidden_columns)


def _row(row: etree._Element, index: int, spans: list[Span]) -> list[Cell]:
    cells: list[Cell] = []
    for element in row:
        if element.tag not in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            continue
        cell = (
            Cell("") if element.tag.endswith("covered-table-cell") else replace(_cell(element), problems=_told(element))
        )
        across, down = _count(element, "number-columns-spanned"), _count(element, "number-rows-spanned")
        if across > 1 or down > 1:
            spans.append((index, len(cells), index + down - 1, len(cells) + across - 1))
        repeat = min(_count(element, "number-columns-repeated"), limits.MAX_COLUMNS - len(cells))
        cells.extend([cell] * repeat)
    while cells and not (cells[-1].text or cells[-1].problems):
        cells.pop()
    return cells


def _cell(element: etree._Element) -> Cell:
    text = tidy("\n".join(_text(paragraph) for paragraph in element.iterfind(f"{_TEXT}p")))
    value = element.get(f"{_OFFICE}date-value")
    if value:
        try:
            found = date.fromisoformat(value[:10])
        except ValueError:
            return Cell(text)
        # The text is what the format shows: a day is one number more than a month and a year, which may be a name.
        numbers, named = re.findall(r"\d+", text), bool(_MONTH_NAME.search(text))
        month_only = len(numbers) == (1 if named else 2)
        shown = f"{found:%m/%Y}" if month_only else f"{found:%d/%m/%Y}"
        return Cell(shown if named or not text else text, value_date=found, month_only=month_only)
    return Cell(text or element.get(f"{_OFFICE}value", ""))


def _text(paragraph: etree._Element) -> str:
    return "".join(_pieces(paragraph))


def _pieces(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            yield " "
        elif child.tag in {f"{_TEXT}line-break", f"{_TEXT}tab"}:
            yield "\n" if child.tag.endswith("line-break") else " "
        elif child.tag != f"{_OFFICE}annotation":
            yield from _pieces(child)
        yield child.tail or ""


def _hidden_columns(table: etree._Element) -> set[int]:
    hidden: set[int] = set()
    at = 0
    for column in table.iter(f"{_TABLE}table-column"):
        repeat = min(_count(column, "number-columns-repeated"), limits.MAX_COLUMNS)
        if column.get(f"{_TABLE}visibility") in _HIDDEN:
            hidden.update(range(at, at + repeat))
        at += repeat
    return hidden


def _count(element: etree._Element, name: str) -> int:
    value = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(value)) if value.isdigit() else 1
