"""A workbook with everything that only workbooks have: typed dates, hidden parts, merges, serials; and its truth.

``tests/data/plan.xls`` is this workbook saved in the old form by LibreOffice.
"""

from __future__ import annotations

import io
from datetime import date

import openpyxl

#: number, content, lead, coordinators, what stands in the deadline cell, its number format, the due date
ROWS: tuple[tuple[int, str, str, str, object, str, date], ...] = (
    (
        1,
        "Lập danh mục công trình cấp nước",
        "Sở Xây dựng",
        "Sở Tài chính; Công an tỉnh",
        date(2027, 11, 2),
        "m/d/yyyy",
        date(2027, 11, 2),
    ),
    (
        2,
        "Rà soát quy hoạch sông Hạc",
        "Sở Nông nghiệp và Môi trường",
        "",
        date(2027, 5, 2),
        "dd-mm-yy",
        date(2027, 5, 2),
    ),
    (
        3,
        "Tổng hợp số liệu đất đai",
        "Sở Nông nghiệp và Môi trường",
        "Thuế tỉnh",
        date(2027, 12, 1),
        '"Tháng "m/yyyy',
        date(2027, 12, 31),
    ),
    (4, "Kiểm kê tài sản công", "Sở Tài chính", "các sở, ban, ngành", 46877, "General", date(2028, 5, 4)),
    (5, "Báo cáo kết quả năm", "Văn phòng UBND tỉnh", "", "Quý II/2027", "General", date(2027, 6, 30)),
    (6, "Bàn giao hồ sơ", "Sở Nội vụ", "", date(2027, 3, 15), '"Trước ngày "dd/mm/yyyy', date(2027, 3, 15)),
)


def dated_book() -> bytes:
    """The workbook as .xlsx: a hidden sheet, a hidden column, a hidden row, a merged group row, real dates."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Phân công"
    sheet["A1"] = "PHỤ LỤC PHÂN CÔNG NHIỆM VỤ"
    sheet.merge_cells("A1:F1")
    sheet.append(["TT", "Nội dung công việc", "Mã", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời hạn"])
    sheet.append(["I. Nhiệm vụ chung"])
    sheet.merge_cells("A3:F3")
    for number, content, lead, coordinators, due, number_format, _ in ROWS:
        sheet.append([number, content, f"NV{number}", lead, coordinators, due])
        sheet.cell(sheet.max_row, 6).number_format = number_format
    sheet.append([7, "Việc đã bị bỏ", "NV7", "Sở Nội vụ", "", "2027"])
    sheet.row_dimensions[sheet.max_row].hidden = True
    sheet.column_dimensions["C"].hidden = True
    notes = book.create_sheet("Nháp")
    notes["A1"] = "Không đọc"
    notes.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
