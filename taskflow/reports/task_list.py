"""The list of tasks as officials print it (DOMAIN.md 7.1 B), with the code first so that it can be read back, and
a mark at the end that tells what was edited since."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from taskflow.domain.units import tidy
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
    Column("Dấu (không sửa)", 7, is_mark=True),
)
SHEET = "Nhiệm vụ"
#: What can be edited and brought back, in the order of the mark's words.
MARKED = ("content", "lead", "coordinators", "due", "product")


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
    #: The lead unit itself: its name is for the eye only.
    lead_id: int | None = None

    @property
    def marks(self) -> tuple[str, ...]:
        """A word for each value of ``MARKED``, by which the import knows later what was edited."""
        return marks(self.content, self.lead, self.coordinators, self.due, self.product)


def marks(content: str, lead: str, coordinators: str, due: date | None, product: str) -> tuple[str, ...]:
    """Words that change with the values of ``MARKED``, whatever the spaces and the order of coordinating units."""
    helpers = "; ".join(sorted(name.strip() for name in coordinators.split(";")))
    values = (content, lead, helpers, due.isoformat() if due else "", product)
    return tuple(
        b32encode(sha256(" ".join(tidy(value).split()).encode()).digest())[:6].decode().lower() for value in values
    )


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
        yield (*astuple(row)[:-1], " ".join(row.marks))  # the id is no column
    if number >= limit:
        yield ("", "", f"Danh sách dừng ở {limit} dòng; hãy lọc hẹp hơn để xuất phần còn lại.")
