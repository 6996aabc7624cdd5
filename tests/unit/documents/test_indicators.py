"""Indicator tables and the targets of running text: values stay as written."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.documents.indicators import extract_indicators, is_indicator_table
from taskflow.documents.model import Cell, Paragraph, Place, RawTable
from taskflow.documents.parse import parse
from taskflow.documents.targets import extract_targets


def table(*rows: list[str]) -> RawTable:
    return RawTable(tuple(tuple(Cell(text) for text in row) for row in rows), Place(table=1))


ANNEX = table(
    ["STT", "Tên các chỉ tiêu", "Hiện tại năm 2026", "Chỉ tiêu đến năm 2027", "Chỉ tiêu đến năm 2030", "Ghi chú"],
    ["I", "THỦY SẢN", "", "", "", ""],
    ["1", "Tỷ lệ tàu cá được cấp phép", "79,3%", "< 3%", "10-11%", ""],
    ["", "Tỷ lệ thuyền trưởng có chứng chỉ", "84.72%", "", "Trên 35%", ""],
    ["2", "Mô hình bến cá xanh", "Chưa đánh giá", "đang thực hiện", "???", "thí điểm"],
    ["II", "Thành lập Trung tâm Nghề cá", "0", "01 TT", "01", "01 Trung tâm"],
)


def test_values_are_kept_as_written() -> None:
    permits, captains, model, centre = extract_indicators([ANNEX])
    assert permits.targets == {"2027": "< 3%", "2030": "10-11%"}
    assert (permits.group, permits.current) == ("THỦY SẢN", "79,3%")
    assert captains.targets == {"2030": "Trên 35%"}
    assert (model.targets["2030"], model.note) == ("???", "thí điểm")
    assert (centre.group, centre.targets["2027"]) == (None, "01 TT")


def test_place_tells_the_row() -> None:
    assert [indicator.place.row for indicator in extract_indicators([ANNEX])] == [3, 4, 5, 6]


def test_the_year_may_stand_in_the_group_or_the_caption() -> None:
    by_group = table(
        ["TT", "Chỉ tiêu", "Đơn vị", "Kết quả", "Cơ quan chủ trì theo dõi, đánh giá"],
        ["I", "Đến năm 2030", "", "", ""],
        ["1", "Chỉ tiêu về dịch vụ công", "", "", ""],
        ["1.1", "Tỉ lệ hồ sơ trực tuyến", "%", "≥ 80", "Sở Nội vụ"],
        ["II", "Đến năm 2045", "", "", ""],
        ["2", "Quy mô kinh tế số", "% GRDP", "≥ 50", "Sở Tài chính, Sở Công Thương và các sở"],
    )
    heading, online, economy = extract_indicators([by_group])
    assert (heading.name, heading.targets) == ("Chỉ tiêu về dịch vụ công", {})
    assert (online.targets, online.unit_of_measure, online.lead) == ({"2030": "≥ 80"}, "%", "Sở Nội vụ")
    assert (economy.group, economy.targets) == ("Đến năm 2045", {"2045": "≥ 50"})
    plain = table(["TT", "Chỉ tiêu", "ĐVT", "Mục tiêu"], ["1", "Tỷ lệ che phủ rừng", "%", "58"])
    (forest,) = extract_indicators([plain], ["CÁC CHỈ TIÊU ĐẾN NĂM 2028"])
    assert forest.targets == {"2028": "58"}


def test_a_group_merged_over_the_row_below_the_heading_is_no_part_of_it() -> None:
    merged = table(
        ["TT", "Chỉ tiêu", "Đơn vị", "Mức đạt"],
        ["Đến năm 2027"] * 4,
        ["1", "Trường đạt chuẩn quốc gia", "%", "70"],
        ["Đến năm 2030"] * 4,
        ["1", "Trường đạt chuẩn quốc gia", "%", "85"],
    )
    near, far = extract_indicators([merged])
    assert (near.group, near.targets, near.unit_of_measure) == ("Đến năm 2027", {"2027": "70"}, "%")
    assert (far.group, far.targets) == ("Đến năm 2030", {"2030": "85"})


def test_a_result_of_a_past_year_is_where_things_stand_and_a_route_is_a_target() -> None:
    routed = table(
        ["TT", "Chỉ tiêu", "Kết quả 2025", "Lộ trình thực hiện", "Lộ trình thực hiện"],
        ["", "", "", "2026", "2027-2030"],
        ["1", "Sản phẩm OCOP", "215", "240", "300 - 320"],
    )
    (products,) = extract_indicators([routed])
    assert (products.current, products.targets) == ("215", {"2026": "240", "2027-2030": "300 - 320"})


def test_a_heading_of_two_rows_with_years_below() -> None:
    stacked = table(
        ["Biểu số 01", "", "", "", ""],
        ["TT", "Chỉ tiêu", "ĐVT", "Mục tiêu", "Mục tiêu"],
        ["", "", "", "2027", "2030"],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        ["1", "Số sản phẩm OCOP", "sản phẩm", "77", "110"],
    )
    (indicator,) = extract_indicators([stacked])
    assert indicator.targets == {"2027": "77", "2030": "110"}


def test_other_tables_are_left_alone() -> None:
    tasks = table(["TT", "Nhiệm vụ", "Cơ quan chủ trì", "Thời hạn"], ["1", "Lập kế hoạch", "Sở Y tế", "2027"])
    costs = table(["TT", "Chỉ tiêu chi", "Kinh phí năm 2027 (triệu đồng)"], ["1", "Tập huấn", "300"])
    assert not is_indicator_table(tasks)
    assert extract_indicators([tasks, costs]) == []


def test_targets_of_running_text() -> None:
    text = [
        "II. MỤC TIÊU ĐẾN NĂM 2030",
        "- Về nghề cá: phấn đấu tỷ lệ tàu cá được cấp phép đạt 99,7%; 90% trở lên thuyền trưởng có chứng chỉ.",
        "- Củng cố mạng lưới: 12/12 xã ven biển có bến cá. Kế hoạch số 5/KH-UBND ngày 01/11/2026 vẫn có hiệu lực.",
        "III. NHIỆM VỤ",
        "- Kiểm tra 100% tàu cá.",
    ]
    found = extract_targets([Paragraph(line) for line in text])
    assert [(i.group, i.name, dict(i.targets)) for i in found] == [
        ("nghề cá", "Tỷ lệ tàu cá được cấp phép", {"2030": "99,7%"}),
        ("nghề cá", "Thuyền trưởng có chứng chỉ", {"2030": "90% trở lên"}),
        ("Củng cố mạng lưới", "Xã ven biển có bến cá", {"2030": "12/12"}),
    ]


def test_years_below_the_span_that_they_belong_to() -> None:
    span = "Kế hoạch giai đoạn 2027 - 2028"
    for above in ([span, span], [span, ""]):  # the merged heading, and the same in a text that merges nothing
        (found,) = extract_indicators(
            [
                table(
                    ["TT", "Chỉ tiêu", "ĐVT", *above], ["", "", "", "2027", "2028"], ["1", "Tăng trưởng", "%", "8", "9"]
                )
            ]
        )
        assert found.targets == {"2027": "8", "2028": "9"}


@pytest.mark.parametrize(
    ("first", "others", "issued_on", "reached"),
    [
        ("Năm 2024", ["Kế hoạch năm 2025", "Mục tiêu đến 2030"], None, True),
        ("2024", ["Năm 2025", "Giai đoạn 2026-2030"], date(2025, 3, 2), True),
        ("Năm 2025", ["Giai đoạn 2026-2030"], date(2025, 3, 2), False),
        ("Năm 2025", ["Năm 2026", "Năm 2027"], None, False),
        ("Năm 2023", ["Năm 2024", "Kế hoạch 2025"], date(2025, 3, 2), False),
        ("Kế hoạch 2025", ["Kế hoạch 2026"], date(2026, 3, 2), False),
    ],
)
def test_a_year_that_is_over_before_planned_ones_is_what_was_reached(
    first: str, others: list[str], issued_on: date | None, reached: bool
) -> None:
    annex = table(
        ["TT", "Chỉ tiêu", "ĐVT", first, *others],
        ["1", "Tỷ lệ hồ sơ trực tuyến", "%", "62", *["80"] * len(others)],
    )
    (found,) = extract_indicators([annex], issued_on=issued_on)
    assert found.current == ("62" if reached else None)
    assert len(found.targets) == len(others) + (not reached)


def test_shortened_names_of_years_head_indicators() -> None:
    text = (
        "| Chỉ tiêu | Đơn vị | Ước TH 2025 | KH 2026 | KH 2027 |\n|-|-|-|-|-|\n"
        "| Dân số trung bình | người | 12.000 | 12.150 | 12.300 |\n"
    )

    (population,) = parse(text.encode(), filename="plan.md").indicators

    assert (population.current, population.targets) == ("12.000", {"2026": "12.150", "2027": "12.300"})
