"""Crosses under years, quarters and months are deadlines, where they cannot be anything else."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.documents.model import TableKind
from taskflow.documents.parse import ParsedDocument, parse

ISSUED = date(2026, 7, 14)


def _read(rows: list[str]) -> ParsedDocument:
    cells = "".join(f"<tr>{row}</tr>" for row in rows)
    return parse(f"<html><body><table>{cells}</table></body></html>".encode(), filename="plan.html", issued_on=ISSUED)


def _row(*texts: str) -> str:
    return "".join(f"<td>{text}</td>" for text in texts)


def test_years_under_one_heading() -> None:
    parsed = _read(
        [
            '<td rowspan="2">TT</td><td rowspan="2">Nhiệm vụ</td><td rowspan="2">Cơ quan chủ trì</td><td colspan="3">Thời gian thực hiện</td>',  # noqa: E501 - one row of a table
            _row("2026", "2027", "2028"),
            _row("1", "Lập quy hoạch vùng sông Hạc", "Sở Xây dựng", "x", "", ""),
            _row("2", "Nâng cấp bến phà Cầu Vồng", "Sở Tài chính", "", "X", "x"),
            _row("3", "Trồng rừng ven sông", "Chi cục Kiểm lâm", "x", "x", "x"),
            _row("4", "Họp giao ban", "Văn phòng UBND tỉnh", "", "", ""),
        ]
    )

    assert [(i.deadline.text, i.deadline.start, i.deadline.due) for i in parsed.items] == [
        ("Năm 2026", None, date(2026, 12, 31)),
        ("Năm 2027 - năm 2028", date(2027, 1, 1), date(2028, 12, 31)),
        ("Năm 2026 - năm 2028", date(2026, 1, 1), date(2028, 12, 31)),
        ("", None, None),
    ]
    assert parsed.tables[0].columns == ("tt", "content", "lead", "mark", "mark", "mark")
    assert "document.no_deadline_column" not in {problem.code for problem in parsed.problems}


def test_quarters_of_a_year() -> None:
    parsed = _read(
        [
            '<td rowspan="2">TT</td><td rowspan="2">Nội dung công việc</td><td rowspan="2">Đơn vị thực hiện</td><td colspan="4">Tiến độ năm 2027</td>',  # noqa: E501 - one row of a table
            _row("Quý I", "Quý II", "Quý III", "Quý IV"),
            _row("1", "Lập quy hoạch vùng sông Hạc", "Sở Xây dựng", "", "x", "", ""),
            _row("2", "Nâng cấp bến phà Cầu Vồng", "Sở Tài chính", "", "", "x", "x"),
        ]
    )

    assert [i.deadline.due for i in parsed.items] == [date(2027, 6, 30), date(2027, 12, 31)]
    assert parsed.items[1].deadline.start == date(2027, 7, 1)


def test_row_with_crosses_and_no_unit_is_a_task_not_a_group() -> None:
    parsed = _read(
        [
            _row("TT", "Nhiệm vụ", "Chủ trì", "Năm 2026", "Năm 2027"),
            _row("1", "Lập quy hoạch vùng sông Hạc", "", "x", ""),
            _row("2", "Nâng cấp bến phà Cầu Vồng", "Sở Tài chính", "", "x"),
        ]
    )

    assert [i.deadline.due for i in parsed.items] == [date(2026, 12, 31), date(2027, 12, 31)]


@pytest.mark.parametrize("cell", ["120", "30%", "Đạt"])
def test_columns_of_values_are_no_crosses(cell: str) -> None:
    parsed = _read(
        [
            _row("TT", "Chỉ tiêu", "Đơn vị tính", "Năm 2026", "Năm 2027"),
            _row("1", "Tỷ lệ che phủ rừng", "%", cell, "x"),
            _row("2", "Số trường đạt chuẩn", "trường", cell, "x"),
        ]
    )

    assert parsed.tables[0].kind is TableKind.INDICATORS
