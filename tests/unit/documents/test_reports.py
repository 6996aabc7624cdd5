"""Report duties: who reports to whom, and when it comes round again."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.documents.model import Item, ItemSource, Paragraph
from taskflow.documents.reports import extract_reports

ISSUED = date(2026, 10, 5)


def reports(*lines: str) -> list[Item]:
    return extract_reports([Paragraph(line) for line in lines], issued_on=ISSUED)


@pytest.mark.parametrize(
    ("sentence", "recipient", "wording", "rule"),
    [
        (
            "Định kỳ trước ngày 01 tháng 11 hằng năm gửi Sở Nội vụ, Sở Y tế báo cáo kết quả để tổng hợp.",
            "Sở Nội vụ, Sở Y tế",
            "trước ngày 01 tháng 11 hằng năm",
            "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=1",
        ),
        (
            (
                "Định kỳ hàng năm, tổng hợp, đánh giá kết quả, báo cáo Sở Nội vụ (qua Văn phòng Sở) trước ngày "
                "30/11 để theo dõi."
            ),
            "Sở Nội vụ (qua Văn phòng Sở)",
            "Định kỳ hàng năm, tổng hợp, đánh giá kết quả, báo cáo Sở Nội vụ (qua Văn phòng Sở) trước ngày 30/11",
            "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=30",
        ),
        (
            "Theo dõi, đôn đốc; báo cáo kết quả thực hiện về UBND tỉnh (qua Sở Nội vụ) trước ngày 20 hằng tháng.",
            "UBND tỉnh (qua Sở Nội vụ)",
            "trước ngày 20 hằng tháng",
            "FREQ=MONTHLY;BYMONTHDAY=20",
        ),
        (
            (
                "Tổng hợp tình hình thực hiện Kế hoạch hàng năm báo cáo với Bộ Y tế, UBND tỉnh và cơ quan cấp "
                "trên về kết quả."
            ),
            "Bộ Y tế, UBND tỉnh và cơ quan cấp trên",
            "hàng năm",
            "FREQ=YEARLY",
        ),
    ],
)
def test_recipient_and_rule(sentence: str, recipient: str, wording: str, rule: str) -> None:
    (item,) = reports("IV. TỔ CHỨC THỰC HIỆN", "1. Sở Thủy sản Vân Sơn", sentence)
    assert item.source is ItemSource.REPORT
    assert not item.selected
    assert item.lead == ("Sở Thủy sản Vân Sơn",)
    assert item.raw["recipient"] == recipient
    assert item.raw["type"] == "report"
    assert item.deadline.text == wording
    assert item.deadline.rule is not None
    assert set(rule.split(";")) <= set(item.deadline.rule.removeprefix("RRULE:").split(";"))


def test_a_bare_period_has_no_rule() -> None:
    (item,) = reports("IV. TỔ CHỨC THỰC HIỆN", "1. Sở Y tế", "Tổ chức kiểm tra; định kỳ báo cáo UBND tỉnh về kết quả.")
    assert (item.deadline.text, item.deadline.rule, item.deadline.due) == ("định kỳ", None, None)
    assert item.deadline.needs_confirmation


@pytest.mark.parametrize(
    "sentence",
    [
        "Kịp thời báo cáo UBND tỉnh những vấn đề phát sinh.",
        "Báo cáo UBND tỉnh về kế hoạch đầu tư công trung hạn và hàng năm để thực hiện.",
        "Xây dựng dự toán vào ngân sách nhà nước hằng năm gửi Sở Tài chính trình cấp có thẩm quyền.",
    ],
)
def test_what_sets_no_time_of_its_own_is_no_report_duty(sentence: str) -> None:
    assert reports("IV. TỔ CHỨC THỰC HIỆN", "1. Sở Thủy sản Vân Sơn", sentence) == []


def test_a_plan_of_ones_own_that_is_due_on_a_day() -> None:
    (item,) = reports(
        "IV. TỔ CHỨC THỰC HIỆN",
        (
            "1. Các xã, phường: Quán triệt, xây dựng kế hoạch thực hiện phù hợp với địa phương, hoàn thành "
            "trong quý IV/2026; kiểm tra."
        ),
    )
    assert (item.raw["type"], item.raw["recipient"]) == ("plan", "")
    assert item.deadline.due == date(2026, 12, 31)


def test_a_section_on_reporting_gives_reports_and_no_prose_duties() -> None:
    lines = [
        "V. CHẾ ĐỘ BÁO CÁO",
        (
            "- Các Sở, ngành, địa phương định kỳ hàng năm (trước ngày 10/12) hoặc đột xuất báo cáo UBND "
            "tỉnh (qua Sở Y tế) về kết quả."
        ),
        "- Sở Y tế tổng hợp, tham mưu UBND tỉnh báo cáo Ban Thường vụ Tỉnh ủy tình hình, kết quả theo quy định.",
    ]
    first, second = reports(*lines)
    assert first.raw["unit"] == "Các Sở, ngành, địa phương"
    assert first.raw["recipient"] == "UBND tỉnh (qua Sở Y tế)"
    assert first.deadline.text == "định kỳ hàng năm (trước ngày 10/12)"
    assert second.raw["recipient"] == "Ban Thường vụ Tỉnh ủy"
    assert second.deadline.text == ""


def test_a_point_on_reporting_inside_the_section() -> None:
    (item,) = reports(
        "IV. TỔ CHỨC THỰC HIỆN",
        "1. Sở Y tế",
        "Chủ trì thực hiện Kế hoạch này trên địa bàn tỉnh.",
        "2. Chế độ báo cáo: Các cơ quan; UBND các xã gửi báo cáo kết quả về Sở Y tế trước ngày 25/12/2026.",
    )
    assert (item.raw["unit"], item.raw["recipient"]) == ("Các cơ quan; UBND các xã", "Sở Y tế")
    assert item.deadline.due == date(2026, 12, 25)


def test_a_closing_sentence_to_all_units_is_a_report_too() -> None:
    (found,) = reports("Định kỳ ngày 20 hằng tháng, các phòng, đơn vị báo cáo kết quả về Văn phòng Sở để tổng hợp.")
    assert (found.raw["unit"], found.raw["recipient"]) == ("các phòng, đơn vị", "Văn phòng Sở")
    assert found.deadline.rule == "FREQ=MONTHLY;BYMONTHDAY=20"


def test_all_units_report_and_the_hour_is_no_recipient() -> None:
    (found,) = reports("IV. CHẾ ĐỘ BÁO CÁO", "Các đơn vị báo cáo định kỳ hằng tuần về Sở Y tế trước 15 giờ thứ Sáu.")
    assert (found.raw["unit"], found.raw["recipient"]) == ("Các đơn vị", "Sở Y tế")


@pytest.mark.parametrize(
    ("line", "who", "recipient", "rule"),
    [
        (
            "5. Định kỳ hằng quý (trước ngày 20 của tháng cuối quý), các sở, ban, ngành báo cáo UBND tỉnh để tổng hợp.",
            "các sở, ban, ngành",
            "UBND tỉnh",
            "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=20",
        ),
        (
            "5. Định kỳ 06 tháng (trước ngày 15/6), hằng năm (trước ngày 15/12), các phường gửi báo cáo về Sở Y tế.",
            "các phường",
            "Sở Y tế",
            "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=15",
        ),
        (
            "5. Sở Công Thương tổng hợp, báo cáo UBND tỉnh, Bộ Công Thương trước ngày 20/6 và ngày 20/12 hằng năm.",
            "Sở Công Thương",
            "UBND tỉnh, Bộ Công Thương",
            "FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=20",
        ),
        (
            "5. Các khoa báo cáo tình hình về Phòng Kế hoạch tổng hợp trước 7h30 hằng ngày.",
            "Các khoa",
            "Phòng Kế hoạch tổng hợp",
            "FREQ=DAILY",
        ),
    ],
)
def test_a_report_of_the_closing_section_keeps_who_sends_it_where_and_when(
    line: str, who: str, recipient: str, rule: str
) -> None:
    found = reports("IV. TỔ CHỨC THỰC HIỆN", "1. Sở Nội vụ", "- Theo dõi việc thực hiện Kế hoạch.", line)

    assert [(item.raw["unit"], item.raw["recipient"], item.deadline.rule) for item in found] == [(who, recipient, rule)]
