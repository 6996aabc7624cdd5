"""The workbook by which units, groups and people come in: its sheets, its columns, the empty template, reading one.

Values in and out are texts by column code; what they mean is decided in ``services.people_import``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from taskflow.documents.detect import Format, detect
from taskflow.documents.messages import DocumentError
from taskflow.domain.errors import Invalid
from taskflow.domain.units import plain
from taskflow.reports.workbook import Column, Sheet, workbook

#: Rows of one sheet that are read; an office has fewer units and people than that.
MAX_ROWS = 10_000
_MAX_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: code, heading, width of the template, whether a row needs it, headings people also write."""

    code: str
    heading: str
    width: int = 18
    required: bool = False
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """One sheet."""

    code: str
    name: str
    columns: tuple[ColumnSpec, ...]
    examples: tuple[tuple[str, ...], ...]


UNITS = SheetSpec(
    "units",
    "Đơn vị",
    (
        ColumnSpec("code", "Mã", 12, synonyms=("mã đơn vị",)),
        ColumnSpec("name", "Tên đơn vị", 42, required=True, synonyms=("tên", "đơn vị")),
        ColumnSpec("short_name", "Tên viết tắt", 18, synonyms=("viết tắt", "tên ngắn")),
        ColumnSpec("parent", "Trực thuộc", 32, synonyms=("đơn vị cấp trên", "cấp trên")),
        ColumnSpec("is_office", "Cơ quan điều phối (x)", 14, synonyms=("cơ quan điều phối",)),
        ColumnSpec("aliases", "Tên gọi khác (cách nhau bởi dấu ;)", 36, synonyms=("tên gọi khác",)),
        ColumnSpec("position", "Thứ tự", 8, synonyms=("stt",)),
        ColumnSpec("email", "E-mail", 26, synonyms=("thư điện tử", "địa chỉ e-mail")),
        ColumnSpec("phone", "Điện thoại", 16, synonyms=("số điện thoại",)),
    ),
    (
        ("UB", "Ủy ban nhân dân xã Đồng Mây", "UBND xã", "", "", "UBND xã Đồng Mây; Xã Đồng Mây", "1", "", ""),
        ("VP", "Văn phòng HĐND và UBND xã", "VP HĐND-UBND", "UB", "x", "Văn phòng xã", "1", "vp@dongmay.example", ""),
        ("KT", "Phòng Kinh tế", "Phòng KT", "Ủy ban nhân dân xã Đồng Mây", "", "", "2", "", ""),
    ),
)
GROUPS = SheetSpec(
    "groups",
    "Nhóm",
    (
        ColumnSpec("name", "Tên nhóm", 42, required=True, synonyms=("nhóm", "tên")),
        ColumnSpec("members", "Đơn vị thành viên (cách nhau bởi dấu ;)", 60, synonyms=("đơn vị thành viên",)),
        ColumnSpec("is_open", "Nhóm mở (x)", 12, synonyms=("nhóm mở",)),
        ColumnSpec("note", "Ghi chú", 30),
    ),
    (("Các phòng, ban chuyên môn", "KT; Văn phòng HĐND và UBND xã", "", ""), ("Các đơn vị có liên quan", "", "x", "")),
)
PEOPLE = SheetSpec(
    "people",
    "Người dùng",
    (
        ColumnSpec("full_name", "Họ và tên", 28, required=True, synonyms=("họ tên", "tên")),
        ColumnSpec("email", "E-mail", 30, required=True, synonyms=("thư điện tử", "địa chỉ e-mail")),
        ColumnSpec("job_title", "Chức vụ", 22),
        ColumnSpec("phone", "Điện thoại", 16, synonyms=("số điện thoại",)),
        ColumnSpec("unit", "Đơn vị", 36),
        ColumnSpec("role", "Vai trò", 18),
        ColumnSpec("valid_from", "Từ ngày", 12),
        ColumnSpec("valid_to", "Đến ngày", 12),
    ),
    (
        ("Lê Thị Sen", "sen@dongmay.example", "Chánh Văn phòng", "", "VP", "Điều phối", "", ""),
        ("Trần Văn Lúa", "lua@dongmay.example", "Trưởng phòng", "0900 000 001", "KT", "Lãnh đạo đơn vị", "", ""),
        ("Phạm Thu Ngô", "ngo@dongmay.example", "Chuyên viên", "", "Phòng Kinh tế", "Chuyên viên", "01/03/2026", ""),
    ),
)
SHEETS = (UNITS, GROUPS, PEOPLE)

_GUIDE = (
    ("Đơn vị", "Mỗi dòng một đơn vị. Cột “Trực thuộc” ghi mã hoặc tên đơn vị cấp trên."),
    ("Đơn vị", "Để trống cột “Trực thuộc” nghĩa là đơn vị thuộc đơn vị đứng đầu."),
    ("Đơn vị", "Đơn vị đã có (cùng mã, hoặc cùng tên và cùng cấp trên) được cập nhật, không tạo trùng."),
    ("Đơn vị", "Hai đơn vị trùng tên: ghi mã, hoặc ghi “Tên cấp trên > Tên đơn vị”."),
    ("Nhóm", "Nhóm mở là nhóm ghi “có liên quan”: mỗi lần nhập kế hoạch, người nhập chọn các đơn vị."),
    ("Người dùng", "Một người có nhiều vai trò: ghi nhiều dòng cùng e-mail."),
    ("Người dùng", "Vai trò: Chuyên viên; Lãnh đạo đơn vị; Điều phối; Lãnh đạo; Quản trị."),
    ("Người dùng", "Ngày ghi theo mẫu 30/10/2026; để trống là không giới hạn."),
    ("Chung", "Xóa các dòng ví dụ trước khi nhập. Có một ô sai thì không dòng nào được nhập."),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row: its number and the text of each known column ("" where empty)."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """What was found of one sheet: rows, and the letter of each column, to name cells by."""

    spec: SheetSpec
    rows: tuple[Row, ...]
    letters: dict[str, str]
    missing: tuple[ColumnSpec, ...] = ()
    too_long: bool = False

    def address(self, row: int, column: str) -> str:
        """ "B7"."""
        return f"{self.letters.get(column, 'A')}{row}"


def template() -> bytes:
    """The workbook to fill in, with examples and a page of explanation."""
    guide = Sheet("Hướng dẫn", (Column("Trang", 14), Column("Cách ghi", 100)), _GUIDE)
    sheets = [
        Sheet(spec.name, tuple(Column(column.heading, column.width) for column in spec.columns), spec.examples)
        for spec in SHEETS
    ]
    return workbook(*sheets, guide)


def read(data: bytes, filename: str) -> list[ReadSheet]:
    """The known sheets of a workbook. Raises ``Invalid`` (mostly ``DocumentError``) for what is no harmless .xlsx."""
    if detect(data, filename) is not Format.XLSX:
        raise Invalid("organisation.not_xlsx", "file")
    # Imported here: with lxml and numpy behind them, they would add 45 MB to every process for a page used once a year.
    from openpyxl import load_workbook

    from taskflow.documents.readers.archive import Archive

    archive = Archive(data)
    for name in archive.names:
        if name.endswith((".xml", ".rels")) and b"<!ENTITY" in archive.read(name):
            raise DocumentError("document.unsafe_xml", "file")
    try:
        # Streaming, so that a sheet said to be 17 thousand million cells wide costs nothing.
        book = load_workbook(BytesIO(data), read_only=True, data_only=True)
        try:
            specs = {plain(spec.name): spec for spec in SHEETS}
            return [_read(page, specs[plain(page.title)]) for page in book.worksheets if plain(page.title) in specs]
        finally:
            book.close()
    except DocumentError:
        raise
    except Exception as error:  # openpyxl answers a broken workbook with whatever went wrong inside
        raise DocumentError("document.damaged", "file") from error


def _read(page: Any, spec: SheetSpec) -> ReadSheet:
    lines = page.iter_rows(max_row=MAX_ROWS + 2, max_col=_MAX_COLUMNS, values_only=True)
    columns: dict[int, str] = {}
    rows: list[Row] = []
    number = 0
    for number, values in enumerate(lines, start=1):
        texts = [_text(value) for value in values]
        if not columns:
            columns = _columns(spec, texts)
            if len(columns) < 2:
                columns = {}
            continue
        cells = {code: texts[place] if place < len(texts) else "" for place, code in columns.items()}
        if any(cells.values()):
            rows.append(Row(number, cells))
    from openpyxl.utils import get_column_letter

    letters = {code: get_column_letter(place + 1) for place, code in columns.items()}
    missing = tuple(column for column in spec.columns if column.required and column.code not in letters)
    return ReadSheet(spec, tuple(rows), letters, missing, too_long=number > MAX_ROWS + 1)


def _columns(spec: SheetSpec, texts: list[str]) -> dict[int, str]:
    known: dict[str, str] = {}
    for column in spec.columns:
        for heading in (column.heading, *column.synonyms):
            known.setdefault(plain(heading), column.code)
    found: dict[int, str] = {}
    for place, text in enumerate(texts):
        code = known.get(plain(text.rstrip("* ")))
        if code is not None and code not in found.values():
            found[place] = code
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, bool):
        return "x" if value else ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
