"""Workbooks: real dates whatever their format, serial numbers, hidden parts, several sheets, formulas' values."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from taskflow.documents.model import ParsedDocument, TableKind
from taskflow.documents.parse import ParseOverrides, TableOverride, parse
from taskflow.documents.readers.sheets import format_date, shows_day, value_text
from tests.unit.documents.office_files import as_ods, with_xml
from tests.unit.documents.plans import make_plan

HEADS = ("TT", "Nội dung công việc", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời hạn")


def _sheet() -> tuple[openpyxl.Workbook, Worksheet]:
    book = openpyxl.Workbook()
    book.active.append(HEADS)
    return book, book.active


def _parsed(book: openpyxl.Workbook, overrides: ParseOverrides | None = None) -> ParsedDocument:
    out = io.BytesIO()
    book.save(out)
    return parse(out.getvalue(), filename="plan.xlsx", overrides=overrides)


@pytest.mark.parametrize(
    ("number_format", "text", "due"),
    [
        ("dd/mm/yyyy", "02/11/2027", date(2027, 11, 2)),
        ("m/d/yyyy", "02/11/2027", date(2027, 11, 2)),
        ("[$-42A]dd/mm/yyyy;@", "02/11/2027", date(2027, 11, 2)),
        ('"Trước ngày "dd/mm/yyyy', "Trước ngày 02/11/2027", date(2027, 11, 2)),
        ('"Tháng "m/yyyy', "Tháng 11/2027", date(2027, 11, 30)),
        ("mm/yyyy", "11/2027", date(2027, 11, 30)),
    ],
)
def test_real_date_is_read_whatever_its_format(number_format: str, text: str, due: date) -> None:
    book, sheet = _sheet()
    sheet.append((1, "Xây dựng kế hoạch chuyển đổi số", "Sở Nội vụ", None, date(2027, 11, 2)))
    sheet["E2"].number_format = number_format

    deadline = _parsed(book).items[0].deadline

    assert (deadline.text, deadline.due) == (text, due)
    assert deadline.exclusive == text.startswith("Trước")


def test_bare_serial_number_is_a_date_that_says_so() -> None:
    book, sheet = _sheet()
    sheet.append((1, "Xây dựng kế hoạch chuyển đổi số", "Sở Nội vụ", None, 46877))

    deadline = _parsed(book).items[0].deadline

    assert deadline.due == date(2028, 5, 4)
    assert "04/05/2028" in deadline.explanation
    assert deadline.problems == ("excel_serial",)


def test_hidden_rows_are_skipped_with_the_reason() -> None:
    book, sheet = _sheet()
    sheet.append((1, "Xây dựng kế hoạch chuyển đổi số", "Sở Nội vụ", None, "2027"))
    sheet.append((2, "Việc của bản nháp cũ", "Sở Y tế", None, "2026"))
    sheet.row_dimensions[3].hidden = True

    parsed = _parsed(book)

    assert [item.tt for item in parsed.items] == ["1"]
    assert [(skip.row.row, skip.reason) for skip in parsed.reconciliation.skipped] == [
        (3, "Dòng bị ẩn trong trang tính")
    ]
    assert parsed.reconciliation.complete


def test_hidden_column_is_left_out_and_named() -> None:
    book, sheet = _sheet()
    sheet.insert_cols(3)
    sheet["C1"] = "Cơ quan chủ trì (cũ)"
    sheet.append((1, "Xây dựng kế hoạch chuyển đổi số", "Sở Cũ", "Sở Nội vụ", None, "2027"))
    sheet.column_dimensions["C"].hidden = True

    parsed = _parsed(book)

    assert parsed.items[0].lead == ("Sở Nội vụ",)
    assert "document.hidden_column" in [problem.code for problem in parsed.problems]


def test_hidden_sheet_is_not_read_but_named() -> None:
    book, sheet = _sheet()
    sheet.append((1, "Xây dựng kế hoạch chuyển đổi số", "Sở Nội vụ", None, "2027"))
    other = book.create_sheet("Nháp")
    other.append(HEADS)
    other.append((1, "Việc nháp", "Sở Y tế", None, "2026"))
    other.sheet_state = "hidden"

    parsed = _parsed(book)

    assert len(parsed.items) == 1
    assert any("Nháp" in problem.message for problem in parsed.problems)


def test_every_sheet_is_read_and_named_in_the_place() -> None:
    book, sheet = _sheet()
    sheet.title = "Quý III"
    sheet.append((1, "Xây dựng kế hoạch chuyển đổi số", "Sở Nội vụ", None, "2027"))
    other = book.create_sheet("Quý IV")
    other.append(("PHÂN CÔNG NHIỆM VỤ QUÝ IV",))
    other.append(HEADS)
    other.append((1, "Tổng kết chương trình khuyến công", "Sở Công Thương", None, "2027"))

    places = [(item.place.sheet, item.place.row, item.place.table) for item in _parsed(book).items]

    assert places == [("Quý III", 2, 1), ("Quý IV", 3, 2)]


def test_two_tables_on_one_sheet_are_two_tables() -> None:
    book, sheet = _sheet()
    sheet.append((1, "Xây dựng kế hoạch chuyển đổi số", "Sở Nội vụ", None, "2027"))
    sheet.append(())
    sheet.append(("PHỤ LỤC II. CHỈ TIÊU",))
    for row in (("TT", "Chỉ tiêu", "ĐVT", "Năm 2026", "Năm 2027"), (1, "Tỷ lệ hộ nghèo", "%", 4, 3)):
        sheet.append(row)

    parsed = _parsed(book)

    assert [table.kind for table in parsed.tables] == [TableKind.TASKS, TableKind.INDICATORS]
    assert len(parsed.items) == 1


def test_reviewer_can_set_the_columns_of_a_table() -> None:
    book = openpyxl.Workbook()
    for row in (
        ("A", "B", "C"),
        ("Sở Nội vụ", "30/11/2027", "Rà soát quy hoạch cán bộ"),
        ("Sở Y tế", "2027", "Mua sắm thiết bị"),
    ):
        book.active.append(row)
    chosen = ParseOverrides({1: TableOverride(TableKind.TASKS, ("lead", "deadline", "content"), heading_row=0)})

    items = _parsed(book, chosen).items

    assert [(item.content, item.lead, item.deadline.text) for item in items] == [
        ("Rà soát quy hoạch cán bộ", ("Sở Nội vụ",), "30/11/2027"),
        ("Mua sắm thiết bị", ("Sở Y tế",), "2027"),
    ]


def test_values_are_shown_as_a_vietnamese_reader_expects() -> None:
    assert [value_text(3.5), value_text(0.93, "0%"), value_text(12.0), value_text(None), value_text(1.5, "0.00")] == [
        "3,5",
        "93%",
        "12",
        "",
        "1,50",
    ]
    assert format_date(date(2027, 2, 1), "General") == "01/02/2027"
    assert not shows_day("mmm-yy")


@pytest.mark.parametrize(
    ("shown", "text", "due"),
    [
        ("16-Jun-27", "16/06/2027", date(2027, 6, 16)),
        ("06-Jun-27", "16/06/2027", date(2027, 6, 16)),
        ("16 Tháng Sáu 2027", "16/06/2027", date(2027, 6, 16)),
        ("Jun-27", "06/2027", date(2027, 6, 30)),
        ("06/2027", "06/2027", date(2027, 6, 30)),
        ("Trước 16/06/2027", "Trước 16/06/2027", date(2027, 6, 16)),
    ],
)
def test_date_of_an_open_document_is_read_whatever_its_format_shows(shown: str, text: str, due: date) -> None:
    plan = make_plan(2)
    plan.tasks[0].deadline = "HẠN"
    cell = "office:value-type='date' office:date-value='2027-06-16'><text:p>"

    book = with_xml(as_ods(plan), "content.xml", {"><text:p>HẠN<": f" {cell}{shown}<"})

    deadline = parse(book, filename="plan.ods").items[0].deadline
    assert (deadline.text, deadline.due) == (text, due)
