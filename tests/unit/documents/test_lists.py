"""Tasks as label lists, and running text that must not become tasks."""

from __future__ import annotations

import pytest

from taskflow.documents.model import Item, ItemSource
from taskflow.documents.parse import parse


def _tasks(text: str) -> list[Item]:
    return [item for item in parse(text.encode(), filename="plan.txt").items if item.source is ItemSource.LIST]


LINES = """
3. Triển khai các đề án được UBND tỉnh giao

a) Đề án phát triển nghề cá ven sông Hạc

- Cơ quan chủ trì: Sở Nông nghiệp và Môi trường
- Cơ quan phối hợp: Các sở, ngành liên quan; UBND các xã, phường.
- Thời gian trình: 2026-2027.

b) Đề án bảo tồn làng gốm Cầu Vồng

- Cơ quan chủ trì: Sở Văn hóa, Thể thao và Du lịch
- Thời gian trình: 2027.

4. Các cơ quan, đơn vị báo cáo kết quả trước ngày 15/12 hằng năm.
"""


def test_labelled_lines_below_a_task() -> None:
    first, second = _tasks(LINES)

    assert (first.tt, first.content) == ("a", "Đề án phát triển nghề cá ven sông Hạc")
    assert first.lead == ("Sở Nông nghiệp và Môi trường",)
    assert first.coordinators == ("Các sở, ngành liên quan", "UBND các xã, phường")
    assert first.deadline.text == "2026-2027"
    assert first.group == "3. Triển khai các đề án được UBND tỉnh giao"
    assert (second.lead, second.coordinators) == (("Sở Văn hóa, Thể thao và Du lịch",), ())


@pytest.mark.parametrize("mark", ["1.", "1/", "1)", "a)", "-"])
def test_labels_in_brackets_behind_the_task(mark: str) -> None:
    text = (
        f"{mark} Nâng cấp bến phà Cầu Vồng (tối thiểu 2 bến) (Đơn vị chủ trì: Sở Xây dựng; đơn vị phối hợp thực hiện: Sở Tài chính; "  # noqa: E501 - data on one line, as it is printed
        "UBND các xã, phường, đặc khu; thời hạn hoàn thành: Trước 26/6/2027).\n"
    )

    (item,) = _tasks(text)

    assert item.content == "Nâng cấp bến phà Cầu Vồng (tối thiểu 2 bến)"
    assert (item.lead, item.coordinators) == (("Sở Xây dựng",), ("Sở Tài chính", "UBND các xã, phường, đặc khu"))
    assert item.deadline.text == "Trước 26/6/2027"


def test_values_below_an_empty_label() -> None:
    text = "1. Xây dựng kho lưu trữ số\n\nĐơn vị chủ trì: Sở Nội vụ\nĐơn vị phối hợp:\n- Sở Tài chính\n- Công an tỉnh\nSản phẩm: Quyết định của UBND tỉnh\n"  # noqa: E501 - data on one line, as it is printed

    (item,) = _tasks(text)

    assert item.coordinators == ("Sở Tài chính", "Công an tỉnh")
    assert item.product == "Quyết định của UBND tỉnh"


def test_running_text_that_names_a_lead_is_no_list_task() -> None:
    text = "2. Sở Nội vụ\n\nChủ trì, phối hợp với Sở Tài chính rà soát biên chế; báo cáo UBND tỉnh trước ngày 30/11 hằng năm.\n"  # noqa: E501 - data on one line, as it is printed

    assert _tasks(text) == []


def test_a_short_label_for_the_date_and_no_group_out_of_a_subject_line() -> None:
    found = _tasks(
        "V/v nhiệm vụ tháng 8\n\n2. Rà soát quy hoạch ba loại rừng\n- Chủ trì: Chi cục Kiểm lâm\n"
        "- Phối hợp: các Hạt Kiểm lâm\n- Hoàn thành: Quý III/2025\n"
    )
    (task,) = found
    assert (task.group, task.deadline.text, str(task.deadline.due)) == (None, "Quý III/2025", "2025-09-30")


def test_a_date_behind_the_units_without_a_label_of_its_own() -> None:
    (task,) = _tasks("b) Nâng cấp trung tâm dữ liệu (Đơn vị thực hiện: Sở Nội vụ, hoàn thành trong quý IV/2025).\n")
    assert (task.lead, task.deadline.text) == (("Sở Nội vụ",), "hoàn thành trong quý IV/2025")


def test_a_number_with_a_dash_is_a_number() -> None:
    (task,) = _tasks("2- Giám sát chuyên đề\nThời gian: Tháng 8/2026.\nĐơn vị chủ trì: Ban Xây dựng Đảng\n")
    assert (task.tt, task.content) == ("2", "Giám sát chuyên đề")
