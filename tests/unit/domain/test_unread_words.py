"""A date is never sure while words beside it stay unread, or say that nothing is to be done."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.language import read_deadline

ISSUED = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Apr 15, 2026", date(2026, 4, 15)),
        ("15-Apr-2026", date(2026, 4, 15)),
        ("April 15th, 2026", date(2026, 4, 15)),
        ("15 September 2026", date(2026, 9, 15)),
        ("June 2026", date(2026, 6, 30)),
        ("30-thg 11-2026", date(2026, 11, 30)),
        ("W12/2026", date(2026, 3, 22)),
    ],
)
def test_dates_of_foreign_spreadsheets_are_read_in_full(text: str, due: date) -> None:
    deadline = read_deadline(text, issued_on=ISSUED)

    assert (deadline.due, deadline.needs_confirmation) == (due, False)


@pytest.mark.parametrize(
    "text",
    [
        "Không thực hiện năm 2026",
        "Không triển khai trong quý II/2026",
        "Bỏ (chuyển Sở Tài chính, 30/6/2026)",
        "Hoãn, trước đây là 30/6/2026",
        "Tạm dừng năm 2026",
        "Hủy 30/6/2026",
    ],
)
def test_what_is_not_to_be_done_has_no_day(text: str) -> None:
    deadline = read_deadline(text, issued_on=ISSUED)

    assert (deadline.kind, deadline.due) == (DeadlineKind.UNKNOWN, None)
    assert "not_to_be_done" in deadline.problems


@pytest.mark.parametrize(
    "text",
    ["mùa khô năm 2026", "vụ đông xuân năm 2026", "mar 3 năm 2026", "30/6/2026 xyz", "abc 15/4/2026", "Lễ hội 4/2026"],
)
def test_day_beside_words_that_nobody_read_is_asked(text: str) -> None:
    assert read_deadline(text, issued_on=ISSUED).needs_confirmation


@pytest.mark.parametrize(
    "text",
    [
        "Hoàn thành đầu tư, lắp đặt và vận hành xong trước ngày 01/01/2030",
        "Trình UBND tỉnh trước ngày 15/3/2026",
        "Hoàn thành trước 30/6/2026",
        "16h00 ngày 15/3/2026",
        "Báo cáo kết quả chậm nhất ngày 15/3/2026",
    ],
)
def test_words_about_the_work_leave_its_day_sure(text: str) -> None:
    assert not read_deadline(text, issued_on=ISSUED).needs_confirmation
