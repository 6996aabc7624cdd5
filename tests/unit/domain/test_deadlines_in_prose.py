"""Deadline phrases inside running text: limits are found, targets and titles are left alone."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.language import find_deadlines

YEARLY = "FREQ=YEARLY;BYMONTH="


def _found(text: str) -> list[tuple[str, str, str]]:
    return [
        (text[start:end], str(deadline.kind), str(deadline.due or deadline.rule or ""))
        for start, end, deadline in find_deadlines(text, issued_on=date(2026, 3, 2))
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Phòng Nội vụ chủ trì, trình Ủy ban nhân dân xã trước ngày 15/10/2026 để ban hành.",
            [("trước ngày 15/10/2026", "date", "2026-10-15")],
        ),
        (
            "Các trường hoàn thành rà soát trong quý II/2026; báo cáo kết quả trước ngày 20/12 hằng năm.",
            [
                ("trong quý II/2026", "date", "2026-06-30"),
                ("trước ngày 20/12 hằng năm", "recurring", YEARLY + "12;BYMONTHDAY=20"),
            ],
        ),
        (
            "Định kỳ hằng năm, tổng hợp tình hình, gửi phòng (qua văn thư) trước ngày 25/11.",
            [
                (
                    "Định kỳ hằng năm, tổng hợp tình hình, gửi phòng (qua văn thư) trước ngày 25/11",
                    "recurring",
                    YEARLY + "11;BYMONTHDAY=25",
                )
            ],
        ),
        (
            "Định kỳ trước ngày 05 tháng 12 hằng năm gửi báo cáo.",
            [("Định kỳ trước ngày 05 tháng 12 hằng năm", "recurring", YEARLY + "12;BYMONTHDAY=5")],
        ),
        (
            "Báo cáo định kỳ hằng quý hoặc đột xuất.",
            [("định kỳ hằng quý hoặc đột xuất", "mixed", YEARLY + "3,6,9,12;BYMONTHDAY=-1")],
        ),
        ("Định kỳ báo cáo Đảng ủy xã.", [("Định kỳ", "unknown", "")]),
        (
            "Trả lời trong thời hạn 05 ngày làm việc kể từ ngày nhận được văn bản.",
            [("trong thời hạn 05 ngày làm việc kể từ ngày nhận được văn bản", "conditional", "")],
        ),
        (
            "Gửi về phòng chậm nhất ngày 30/4/2026 và 30/9/2026.",
            [("chậm nhất ngày 30/4/2026 và 30/9/2026", "range", "2026-09-30")],
        ),
    ],
)
def test_a_limit_is_found_with_its_place(text: str, found: list[tuple[str, str, str]]) -> None:
    assert _found(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Đến năm 2030, 80% trường học đạt chuẩn quốc gia.",
        "Phấn đấu đến năm 2028 có 15 xã đạt chuẩn; tầm nhìn đến năm 2045.",
        "Thực hiện Kế hoạch phát triển giáo dục giai đoạn 2026-2030.",
        "Căn cứ Quyết định số 12/2024/QĐ-UBND ngày 05/3/2024 của Ủy ban nhân dân tỉnh.",
        "Kế hoạch số 15-KH/ĐU ngày 11/4/2026 của Đảng ủy xã.",
        "Thường xuyên kiểm tra, đôn đốc các đơn vị.",
        "Xây dựng dự toán kinh phí năm 2027 trình cấp có thẩm quyền.",
        "Tổ chức dạy học 2 buổi/ngày.",
        "Từ năm 2026, các trường dùng chung một phần mềm.",
        "Khách hàng năm 2026 tăng 5%.",
    ],
)
def test_targets_titles_and_references_are_no_deadlines(text: str) -> None:
    assert _found(text) == []


def test_the_year_is_taken_from_the_document_only_when_it_is_known() -> None:
    text = "Hoàn thành trước ngày 15/10 để tổng hợp."
    ((_, _, without),) = find_deadlines(text)
    assert (without.kind, without.due, without.problems) == (DeadlineKind.DATE, None, ("no_issue_date",))
    ((_, _, known),) = find_deadlines(text, issued_on=date(2026, 3, 2))
    assert known.due == date(2026, 10, 15)


def test_an_event_ends_where_the_next_deadline_begins() -> None:
    text = "Trả lời trong 5 ngày làm việc kể từ ngày nhận văn bản chậm nhất ngày 30/9/2026."
    assert [found for found, _, _ in _found(text)] == [
        "trong 5 ngày làm việc kể từ ngày nhận văn bản",
        "chậm nhất ngày 30/9/2026",
    ]
