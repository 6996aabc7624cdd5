"""The head of a document: state and party forms, drafts, annexes alone, signatures and recipients."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.documents.model import DocumentHead
from taskflow.documents.parse import parse, parse_pasted

STATE = """ỦY BAN NHÂN DÂN                          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
ĐẶC KHU HÒN SÓNG                         Độc lập - Tự do - Hạnh phúc
Số: 341/KH-UBND                          Hòn Sóng, ngày 05 tháng 9 năm 2026

KẾ HOẠCH

Phát triển nghề cá bền vững
trên địa bàn đặc khu

Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;

Nơi nhận:                                TM. ỦY BAN NHÂN DÂN
- UBND tỉnh (b/c);                       KT. CHỦ TỊCH
- Lưu: VT, KT.                           PHÓ CHỦ TỊCH

                                         Đặng Thị Sóng Thu
"""


def _head(text: str) -> DocumentHead:
    return parse(text.encode(), filename="plan.txt").head


def test_head_of_a_state_document() -> None:
    head = _head(STATE)

    assert (head.number, head.type, head.place) == ("341/KH-UBND", "Kế hoạch", "Hòn Sóng")
    assert head.issuer == "Ủy ban nhân dân đặc khu Hòn Sóng"
    assert head.issued_on == date(2026, 9, 5)
    assert head.title == "Phát triển nghề cá bền vững trên địa bàn đặc khu"
    assert head.signer == "Đặng Thị Sóng Thu"
    assert head.recipients == ("UBND tỉnh (b/c)", "Lưu: VT, KT")


def test_draft_has_blanks() -> None:
    head = _head(STATE.replace("341/KH", "       /KH").replace("ngày 05 tháng 9", "ngày     tháng   "))

    assert (head.number, head.issued_on, head.place) == ("/KH-UBND", None, "Hòn Sóng")


def test_head_of_a_party_document() -> None:
    head = _head(
        "ĐẢNG BỘ TỈNH SÔNG HẠC            ĐẢNG CỘNG SẢN VIỆT NAM\nĐẢNG ỦY XÃ CẦU VỒNG              Cầu Vồng, ngày 14 tháng 11 năm 2026\n"  # noqa: E501 - data on one line, as it is printed
        "*\nSố 28-KH/ĐU\n\nKẾ HOẠCH\nthực hiện Nghị quyết về chuyển đổi số\n-----\n\nCăn cứ Nghị quyết số 5-NQ/TU;\n"
    )

    assert (head.number, head.type, head.issuer) == ("28-KH/ĐU", "Kế hoạch", "Đảng ủy xã Cầu Vồng")
    assert head.issued_on == date(2026, 11, 14)
    assert head.title == "thực hiện Nghị quyết về chuyển đổi số"


def test_official_letter() -> None:
    head = _head(
        "ỦY BAN NHÂN DÂN TỈNH SÔNG HẠC\nSỞ XÂY DỰNG\nSố: 77/SXD-VP\nV/v rà soát các bến phà\nSông Hạc, ngày 01 tháng 02 năm 2026\n\nKính gửi: Các đơn vị.\n"  # noqa: E501 - data on one line, as it is printed
    )

    assert (head.type, head.title, head.issuer) == ("Công văn", "rà soát các bến phà", "Sở Xây dựng")


def test_annex_alone_takes_what_its_line_in_brackets_says() -> None:
    head = _head(
        "PHỤ LỤC\n\nPHÂN CÔNG NHIỆM VỤ TRỌNG TÂM\n\n(Kèm theo Phương án số 12/PA-UBND ngày 12/09/2026 của Ủy ban nhân dân tỉnh Sông Hạc)\n"  # noqa: E501 - data on one line, as it is printed
    )

    assert (head.number, head.type, head.issued_on) == ("12/PA-UBND", "Phương án", date(2026, 9, 12))
    assert head.issuer == "Ủy ban nhân dân tỉnh Sông Hạc"
    assert head.title == "PHÂN CÔNG NHIỆM VỤ TRỌNG TÂM"


def test_silent_document_has_an_empty_head() -> None:
    head = parse_pasted("TT\tNội dung\tChủ trì\n1\tLập quy hoạch chung\tSở Xây dựng\n").head

    assert (head.number, head.type, head.issuer, head.issued_on, head.signer) == (None, None, None, None, None)


@pytest.mark.parametrize(
    ("printed", "issuer"),
    [
        ("SỞ GIÁO DỤC VÀ ĐÀO TẠO SÔNG HẠC\nTRƯỜNG THPT LÊ HỒNG PHONG", "Trường THPT Lê Hồng Phong"),
        ("SỞ Y TẾ SÔNG HẠC\nBỆNH VIỆN ĐA KHOA CẦU VỒNG", "Bệnh viện Đa khoa Cầu Vồng"),
        ("TỈNH ỦY SÔNG HẠC\nBAN THƯỜNG VỤ", "Ban Thường vụ Tỉnh ủy Sông Hạc"),
        (
            "ĐOÀN TNCS HỒ CHÍ MINH\nBAN CHẤP HÀNH TỈNH SÔNG HẠC\n***",
            "Ban Chấp hành Đoàn TNCS Hồ Chí Minh tỉnh Sông Hạc",
        ),
    ],
)
def test_issuers_printed_in_capitals_are_spelled_as_offices_spell_them(printed: str, issuer: str) -> None:
    head = _head(f"{printed}\nSố: 15/KH-VP\nSông Hạc, ngày 10 tháng 9 năm 2026\nKẾ HOẠCH\nKiểm tra nội bộ\n")

    assert head.issuer == issuer


def test_the_text_that_begins_below_a_title_is_no_part_of_it() -> None:
    head = _head(
        "ỦY BAN NHÂN DÂN\nTỈNH SÔNG HẠC\nSố: 09/CT-UBND\nSông Hạc, ngày 18 tháng 5 năm 2026\nCHỈ THỊ\n"
        "Về việc tăng cường công tác phòng, chống đuối nước trẻ em\n"
        "Trong những năm qua, các sở, ngành, địa phương đã quan tâm chỉ đạo công tác phòng, chống đuối nước trẻ em; "
        "tuy vậy vẫn còn xảy ra nhiều vụ thương tâm.\n"
    )

    assert head.title == "Về việc tăng cường công tác phòng, chống đuối nước trẻ em"
