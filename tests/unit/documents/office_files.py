"""Writers of .docx, .xlsx, .ods and .pdf files for the made-up plans."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

import openpyxl
from docx import Document
from docx.oxml.ns import qn

from tests.unit.documents.plans import HEAD_LINES, GridCell, Plan, grid_of
from tests.unit.documents.text_files import dressed


def as_docx(plan: Plan, *, split_at: int | None = None) -> bytes:
    """The plan as a Word file; ``split_at`` cuts the table after that row with an empty paragraph between."""
    document = Document()
    letterhead = document.add_table(len(HEAD_LINES), 2)
    for row, (left, right) in zip(letterhead.rows, HEAD_LINES, strict=True):
        row.cells[0].text, row.cells[1].text = left, right
    document.add_paragraph("KẾ HOẠCH")
    document.add_paragraph("Phát triển vùng Sông Hạc năm 2027")
    grid = grid_of(plan)
    parts = [grid[:split_at], grid[split_at:]] if split_at else [grid]
    for part in parts:
        _table(document, part, plan)
        document.add_paragraph("")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _table(document: Document, grid: list[list[GridCell | None]], plan: Plan) -> None:
    table = document.add_table(len(grid), len(plan.layout.columns))
    for r, row in enumerate(grid):
        for c, cell in enumerate(row):
            if cell is None:
                continue
            place = table.cell(r, c)
            if cell.across > 1 or cell.down > 1:
                place = place.merge(table.cell(min(r + cell.down, len(grid)) - 1, c + cell.across - 1))
            lines = dressed(cell.text, plan.layout).split("\n")
            place.text = lines[0]
            for line in lines[1:]:
                place.add_paragraph(line)


def as_xlsx(plan: Plan) -> bytes:
    """The plan as a workbook with title rows above the table."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Phân công"
    for left, right in HEAD_LINES:
        sheet.append([left, None, None, right])
    sheet.append([])
    sheet.append(["KẾ HOẠCH"])
    sheet.append(["Phát triển vùng Sông Hạc năm 2027"])
    sheet.append([])
    top = sheet.max_row + 2
    for r, row in enumerate(grid_of(plan)):
        for c, cell in enumerate(row):
            if cell is None:
                continue
            sheet.cell(top + r, c + 1, dressed(cell.text, plan.layout))
            if cell.across > 1 or cell.down > 1:
                sheet.merge_cells(
                    start_row=top + r, end_row=top + r + cell.down - 1, start_column=c + 1, end_column=c + cell.across
                )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_ODS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '  # noqa: E501 - data on one line, as it is printed
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def as_ods(plan: Plan) -> bytes:
    """The plan as an OpenDocument spreadsheet."""
    rows = []
    for row in grid_of(plan):
        cells = []
        for cell in row:
            if cell is None:
                cells.append("<table:covered-table-cell/>")
                continue
            text = "".join(f"<text:p>{escape(line)}</text:p>" for line in dressed(cell.text, plan.layout).split("\n"))
            cells.append(
                f'<table:table-cell table:number-columns-spanned="{cell.across}" table:number-rows-spanned="{cell.down}">{text}</table:table-cell>'  # noqa: E501 - data on one line, as it is printed
            )
        rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    content = (
        f'<?xml version="1.0"?><office:document-content {_ODS}><office:body><office:spreadsheet><table:table table:name="PL">'  # noqa: E501 - data on one line, as it is printed
        f"{''.join(rows)}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return out.getvalue()


def with_xml(data: bytes, name: str, change: dict[str, str]) -> bytes:
    """An office file with texts of one member replaced (to add what python-docx cannot write)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            body = old.read(member)
            if member.filename == name:
                text = body.decode()
                for before, after in change.items():
                    assert before in text, before
                    text = text.replace(before, after)
                body = text.encode()
            new.writestr(member.filename, body)
    return out.getvalue()


__all__ = ["as_docx", "as_ods", "as_xlsx", "qn", "with_xml"]
