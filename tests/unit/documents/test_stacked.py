"""Tables whose cells stand one per line with nothing between the rows, as copies out of PDF files and web pages."""

from __future__ import annotations

import pytest

from taskflow.documents.parse import parse

HEAD = ["STT", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời hạn hoàn thành", "Sản phẩm"]
ROWS = [
    ["I", "NHÓM TIỆN ÍCH PHỤC VỤ NGƯỜI DÂN"],
    ["1", "Tái cấu trúc 25 dịch vụ công", "Văn phòng UBND tỉnh", "Các sở, ban, ngành", "Tháng 6/2024", "Quyết định"],
    ["2", "Số hóa hồ sơ, kết quả giải quyết", "Sở Nội vụ", "Sở TT&TT, Công an tỉnh", "Thường xuyên", "Kho dữ liệu"],
    ["II", "NHÓM TIỆN ÍCH PHÁT TRIỂN KINH TẾ"],
    # a cell that was broken over two lines
    ["3", "Chi trả an sinh xã hội", "Sở Y tế", "Ngân hàng Nhà nước;", "Công an tỉnh", "Quý II/2024", "Báo cáo"],
    # a number lost, the next one follows; the sum in the task is no row of its own
    ["5", "Khám chữa bệnh bằng thẻ căn cước", "Sở Y tế, BHXH tỉnh", "Công an tỉnh", "30/9/2024", "100"],
]


def text(lead: str, *, numbered: bool = False) -> bytes:
    cells = [*HEAD, *(f"({n})" for n in range(1, 7) if numbered), *(cell for row in ROWS for cell in row)]
    body = "\n".join(lead + cell for cell in cells)
    return f"PHỤ LỤC\nDANH MỤC NHIỆM VỤ\n{body}\n\nNơi nhận:\n- Lưu: VT.\n".encode()


@pytest.mark.parametrize("lead", ["", "\t"])
@pytest.mark.parametrize("numbered", [False, True])
def test_running_numbers_part_the_rows(lead: str, numbered: bool) -> None:
    found = parse(text(lead, numbered=numbered), filename="phu-luc.txt")
    assert [(item.tt, item.content, item.lead, item.coordinators) for item in found.items] == [
        ("1", "Tái cấu trúc 25 dịch vụ công", ("Văn phòng UBND tỉnh",), ("Các sở, ban, ngành",)),
        ("2", "Số hóa hồ sơ, kết quả giải quyết", ("Sở Nội vụ",), ("Sở TT&TT", "Công an tỉnh")),
        ("3", "Chi trả an sinh xã hội", ("Sở Y tế",), ("Ngân hàng Nhà nước", "Công an tỉnh")),
        ("5", "Khám chữa bệnh bằng thẻ căn cước", ("Sở Y tế", "BHXH tỉnh"), ("Công an tỉnh",)),
    ]
    assert [item.product for item in found.items] == ["Quyết định", "Kho dữ liệu", "Báo cáo", "100"]
    assert found.reconciliation.complete


def test_a_list_of_numbers_is_no_table() -> None:
    found = parse("STT\nNội dung\nGhi chú\n1\n2\n3\n4\n5\n6\n7\n".encode(), filename="a.txt")
    assert not found.items
