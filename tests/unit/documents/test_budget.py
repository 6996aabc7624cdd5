"""Cost tables: amounts in million đồng, groups, the total, and the check of the sums."""

from __future__ import annotations

import pytest

from taskflow.documents.budget import budget_line_in, check_budget, extract_budget, is_budget_table, parse_amount
from taskflow.documents.model import Cell, Place, RawTable
from taskflow.documents.parse import parse

HEADING = ["STT", "Nội dung công việc", "Kinh phí dự kiến (triệu đồng)", "Nguồn kinh phí", "Ghi chú"]


def table(*rows: list[str]) -> RawTable:
    return RawTable(tuple(tuple(Cell(text) for text in row) for row in rows), Place(table=3))


COSTS = table(
    HEADING,
    ["1", "Nâng cấp bến cá 260.000", ""],
    ["1.1", "Xây dựng bến cá (giai đoạn 2)", "260.000", "Ngân sách tỉnh", "Đến năm 2028"],
    ["1.2", "Xây kho lạnh", "", "Xã hội hóa", ""],
    ["2", "Đào tạo thuyền trưởng: 6.000"],
    ["2.1", "Mở lớp", "6.000", "Ngân sách tỉnh", ""],
    ["2.2", "Cấp chứng chỉ", "350", "Ngân sách tỉnh", ""],
    ["Tổng cộng", "266.000", "", ""],
)


def test_a_group_may_have_its_amount_behind_its_name() -> None:
    lines = extract_budget([COSTS])
    assert [(line.tt, line.content, line.amount_million_vnd) for line in lines] == [
        ("1", "Nâng cấp bến cá", 260_000),
        ("1.1", "Xây dựng bến cá (giai đoạn 2)", 260_000),
        ("1.2", "Xây kho lạnh", None),
        ("2", "Đào tạo thuyền trưởng", 6_000),
        ("2.1", "Mở lớp", 6_000),
        ("2.2", "Cấp chứng chỉ", 350),
        (None, "Tổng cộng", 266_000),
    ]
    assert [line.is_total for line in lines] == [False] * 6 + [True]
    assert (lines[1].source, lines[1].note, lines[1].amount_text) == ("Ngân sách tỉnh", "Đến năm 2028", "260.000")


def test_a_sum_that_is_off_is_reported_and_one_that_agrees_is_not() -> None:
    problems = check_budget(extract_budget([COSTS]))
    assert [problem.code for problem in problems] == ["budget_sum_differs"]
    assert "Mục 2 «Đào tạo thuyền trưởng» ghi 6.000 triệu đồng" in problems[0].message
    assert "6.350 triệu đồng (chênh lệch 350)" in problems[0].message


def test_the_amount_of_a_line_is_what_it_costs_and_not_its_price() -> None:
    priced = table(
        ["TT", "Khoản chi", "Mức chi", "Số lượng", "Thành tiền (nghìn đồng)"],
        ["1", "Báo cáo viên", "1.000", "4", "4.000"],
        ["Tổng giá trị", "", "", "", "4.000"],
    )
    lines = extract_budget([priced])
    assert [(line.amount_million_vnd, line.is_total) for line in lines] == [(4, False), (4, True)]


def test_sums_of_parts_count_once_in_the_total() -> None:
    lines = extract_budget(
        [
            table(
                HEADING,
                ["I. Chi thường xuyên", "", ""],
                ["1", "Tập huấn", "150"],
                ["2", "Kiểm tra", "200"],
                ["Cộng I", "", "350"],
                ["II", "Chi đầu tư", "1.200"],
                ["Tổng cộng (I+II)", "", "1.560"],
                ["Ghi chú: số liệu tạm tính", "", ""],
            )
        ]
    )
    assert [(line.tt, line.content, line.is_total) for line in lines] == [
        ("I", "Chi thường xuyên", False),
        ("1", "Tập huấn", False),
        ("2", "Kiểm tra", False),
        (None, "Cộng I", True),
        ("II", "Chi đầu tư", False),
        (None, "Tổng cộng (I+II)", True),
    ]
    (problem,) = check_budget(lines)
    assert "các khoản thành phần cộng lại là 1.550" in problem.message


def test_a_wrong_total_is_reported() -> None:
    lines = extract_budget(
        [table(HEADING, ["1", "Tập huấn", "1.500"], ["2", "Sửa chữa", "450"], ["", "Tổng cộng", "2.000"])]
    )
    (problem,) = check_budget(lines)
    assert "«Tổng cộng» ghi 2.000" in problem.message
    assert "1.950" in problem.message


@pytest.mark.parametrize(
    ("heading", "text", "expected"),
    [
        ("Kinh phí (triệu đồng)", "1.234,5", 1234.5),
        ("Kinh phí (tỷ đồng)", "1,5", 1500.0),
        ("Số tiền (đồng)", "500.000.000", 500.0),
        ("Dự toán (nghìn đồng)", "2.500", 2.5),
        ("Thành tiền", "3000", 3000.0),
        ("Kinh phí (triệu đồng)", "2 tỷ đồng", 2000.0),
    ],
)
def test_units_of_money(heading: str, text: str, expected: float) -> None:
    (line,) = extract_budget([table(["TT", "Nội dung", heading, "Nguồn"], ["1", "Tập huấn", text, "Ngân sách"])])
    assert line.amount_million_vnd == expected
    assert line.amount_text == text


def test_the_unit_may_stand_in_the_caption() -> None:
    costs = table(["TT", "Nội dung", "Kinh phí"], ["1", "Tập huấn", "2"])
    (line,) = extract_budget([costs], ["DỰ TOÁN KINH PHÍ (ĐVT: tỷ đồng)"])
    assert line.amount_million_vnd == 2000


@pytest.mark.parametrize("text", ["", "theo thực tế", "300 đến 500", "???"])
def test_what_is_no_single_amount_is_none(text: str) -> None:
    assert parse_amount(text) is None


def test_a_stated_total_in_a_sentence() -> None:
    line = budget_line_in(
        "Tổng kinh phí dự kiến từ ngân sách nhà nước giai đoạn 2026 - 2030: 30.000 triệu đồng (năm 2026: 500)",
        Place(row=9),
    )
    assert line is not None
    assert (line.amount_million_vnd, line.source, line.is_total) == (30_000, "ngân sách nhà nước", True)
    assert budget_line_in("Kinh phí do ngân sách bảo đảm.", Place()) is None


def test_a_task_table_with_a_cost_column_is_no_budget() -> None:
    assert not is_budget_table(
        table(["TT", "Nhiệm vụ", "Cơ quan chủ trì", "Kinh phí"], ["1", "Tập huấn", "Sở Y tế", "300"])
    )


def test_the_unit_may_stand_in_a_line_of_its_own_above_the_table() -> None:
    text = "DỰ TOÁN KINH PHÍ\nĐơn vị tính: nghìn đồng\n\n"
    text += "| STT | Nội dung | Kinh phí |\n|---|---|---|\n| 1 | Tập huấn | 250.000 |\n"
    (line,) = parse(text.encode(), filename="du-toan.md").budget
    assert line.amount_million_vnd == 250


@pytest.mark.parametrize(
    ("title", "heading", "row", "million"),
    [
        (
            "KHÁI TOÁN KINH PHÍ (ĐVT: triệu đồng)",
            "| TT | Nhiệm vụ | Năm 2026 | Năm 2027 | Tổng cộng | Nguồn vốn |",
            "| 1 | Xây nhà văn hóa | 1.000 | 2.500 | 3.500 | Ngân sách tỉnh |",
            3_500,
        ),
        (
            "NHU CẦU VỐN",
            "| STT | Dự án | Tổng mức đầu tư (tỷ đồng) | Nguồn vốn |",
            "| 1 | Xây nhà văn hóa | 12,5 | Ngân sách tỉnh |",
            12_500,
        ),
    ],
)
def test_costs_by_year_and_of_projects_are_costs(title: str, heading: str, row: str, million: float) -> None:
    marks = "|-" * (heading.count("|") - 1) + "|"

    budget = parse(f"{title}\n\n{heading}\n{marks}\n{row}\n".encode(), filename="plan.md").budget

    assert [(line.content, line.amount_million_vnd, line.source) for line in budget] == [
        ("Xây nhà văn hóa", million, "Ngân sách tỉnh")
    ]
