"""The list of tasks as officials print it (DOMAIN.md 7.1 B), with the code first so that it can be read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from taskflow.reports.workbook import Column, Sheet, workbook

#: Headings are the round trip's contract: the import knows the sheet by them.
COLUMNS = (
    Column("Mã nhiệm vụ", 16),
    Column("TT", 6),
    Column("Nội dung nhiệm vụ", 60),
    Column("Văn bản giao", 18),
    Column("Cơ quan chủ trì", 26),
    Column("Cơ quan phối hợp", 34),
    Column("Thời hạn ban đầu", 13),
    Column("Thời hạn hiện tại", 13),
    Column("Thời hạn theo văn bản", 22),
    Column("Sản phẩm", 24),
    Column("Tình hình, kết quả thực hiện", 40),
    Column("Trạng thái", 16),
    Column("Tiến độ", 18),
    Column("Số ngày quá hạn", 9),
    Column("Ngày hoàn thành", 13),
    Column("Nguyên nhân, khó khăn, vướng mắc", 34),
    Column("Kiến nghị, đề xuất", 30),
)
SHEET = "Nhiệm vụ"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One line, in the order of ``COLUMNS``."""

    code: str
    tt: str
    content: str
    document: str
    lead: str
    coordinators: str
    original_due: date | None
    due: date | None
    deadline_text: str
    product: str
    result: str
    state: str
    label: str
    days_late: int | None
    delivered: date | None
    difficulties: str
    proposal: str


def task_list_workbook(rows: Iterable[ExportRow], *, title: str, limit: int) -> bytes:
    """The list as a workbook."""
    return workbook(task_sheet(rows, title=title, limit=limit))


def task_sheet(rows: Iterable[ExportRow], *, title: str, limit: int) -> Sheet:
    """The list as a sheet; when ``limit`` rows were reached a last line says that there may be more."""
    return Sheet(SHEET, COLUMNS, _lines(rows, limit), title)


def _lines(rows: Iterable[ExportRow], limit: int) -> Iterator[tuple[Any, ...]]:
    number = 0
    for row in rows:
        number += 1
        yield astuple(row)
    if number >= limit:
        yield ("", "", f"Danh sách dừng ở {limit} dòng; hãy lọc hẹp hơn để xuất phần còn lại.")
