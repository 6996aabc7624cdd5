"""Duties in prose: every way that plans write them, with made-up offices of a made-up province."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.documents.actors import partners_of
from taskflow.documents.model import Item, ItemSource, Paragraph, Place
from taskflow.documents.prose import extract_duties
from taskflow.domain.deadlines import DeadlineKind

ISSUED = date(2026, 10, 5)


def paragraphs(text: str) -> list[Paragraph]:
    """The lines of ``text`` as a text reader gives them, each with its offset."""
    found: list[Paragraph] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            found.append(Paragraph(line, Place(offset=at)))
        at += len(line) + 1
    return found


def duties(text: str) -> list[Item]:
    return extract_duties(paragraphs(text), issued_on=ISSUED)


def bearers(text: str) -> list[tuple[str, str]]:
    return [(item.raw["unit"], item.raw["role"]) for item in duties(text)]


BLOCKS = """\
II. NHIỆM VỤ
1. Nâng cao chất lượng
Tăng cường kiểm tra, phối hợp với các ngành liên quan.
IV. TỔ CHỨC THỰC HIỆN
1. Sở Thủy sản Vân Sơn
a) Chủ trì, phối hợp với Sở Tài chính, Ủy ban nhân dân các xã, phường rà soát bến; hoàn thành trước ngày 30/6/2027.
b) Hướng dẫn ngư dân đăng ký tàu cá.
2. Sở Tài chính
Căn cứ khả năng ngân sách, phối hợp với Sở Thủy sản Vân Sơn bố trí kinh phí thực hiện.
3. Đề nghị Hội Nông dân tỉnh, Hội Liên hiệp Phụ nữ tỉnh
Vận động hội viên tham gia giám sát.
Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các đơn vị phản ánh về Sở Thủy sản Vân Sơn.
Nơi nhận:
- Sở Tài chính;
"""


def test_each_paragraph_of_a_units_block_is_a_duty_of_that_unit() -> None:
    assert bearers(BLOCKS) == [
        ("Sở Thủy sản Vân Sơn", "lead"),
        ("Sở Thủy sản Vân Sơn", "lead"),
        ("Sở Tài chính", "coordinate"),
        ("Hội Nông dân tỉnh, Hội Liên hiệp Phụ nữ tỉnh", "lead"),
    ]


def test_partners_are_split_and_the_units_of_a_shared_block_too() -> None:
    first, *_, last = duties(BLOCKS)
    assert first.lead == ("Sở Thủy sản Vân Sơn",)
    assert first.coordinators == ("Sở Tài chính", "Ủy ban nhân dân các xã, phường")
    assert last.lead == ("Hội Nông dân tỉnh", "Hội Liên hiệp Phụ nữ tỉnh")


def test_a_unit_that_only_coordinates_leaves_the_lead_to_a_person() -> None:
    helper = duties(BLOCKS)[2]
    assert helper.lead == ()
    assert helper.coordinators == ("Sở Tài chính", "Sở Thủy sản Vân Sơn")
    assert [problem.code for problem in helper.problems] == ["lead_not_stated"]


def test_duties_are_only_offered_and_keep_their_sentence_and_its_place() -> None:
    for item in duties(BLOCKS):
        assert item.source is ItemSource.PROSE
        assert not item.selected
        assert item.place.offset is not None
        assert BLOCKS[item.place.offset :].startswith(item.raw["sentence"])
        assert 0 < item.confidence < 1


def test_only_an_explicit_phrase_is_a_deadline() -> None:
    first, second, *_ = duties(BLOCKS)
    assert (first.deadline.kind, first.deadline.due) == (DeadlineKind.DATE, date(2027, 6, 30))
    assert first.deadline.text == "hoàn thành trước ngày 30/6/2027"
    assert second.deadline.kind is DeadlineKind.NONE


@pytest.mark.parametrize(
    "sentence",
    [
        "Xây dựng mạng lưới bến cá đến năm 2030 theo Quyết định số 12/QĐ-TTg ngày 11/5/2026 của Thủ tướng.",
        "Bố trí ngân sách nhà nước hằng năm cho công tác kiểm ngư.",
        "Thực hiện các mục tiêu giai đoạn 2026-2030 đã đề ra.",
    ],
)
def test_targets_citations_and_descriptions_are_no_deadlines(sentence: str) -> None:
    (item,) = duties(f"III. TỔ CHỨC THỰC HIỆN\n1. Sở Thủy sản Vân Sơn\n{sentence}\n")
    assert item.deadline.kind is DeadlineKind.NONE


def test_broken_lines_and_page_numbers_are_mended() -> None:
    text = (
        "Kế hoạch này cụ thể hóa các nhiệm vụ được giao; xác định rõ nội dung, tiến độ và\n\n"
        "trách nhiệm của từng cơ quan, đơn vị trong tỉnh, bảo đảm hoàn thành đúng thời hạn\n\n"
        * 4
        + "IV. TỔ CHỨC THỰC HIỆN\n\n"
        "1. Sở Thông tin Vân Sơn, Báo Vân Sơn, Đài Phát thanh và \n\nTruyền hình tỉnh\n\n"
        "Chủ trì, phối hợp với các cơ quan liên quan, UBND các huyện, thành \n\n"
        "phố tuyên truyền về Kế hoạch này đến toàn thể nhân dân trong tỉnh, định kỳ gửi Sở Kế \n\n"
        "7 \n\nhoạch tổng hợp.\n\n"
        "2. UBND các huyện, thànhphố \n\nBố trí lực lượng.\n"
    )
    first, second = duties(text)
    assert first.lead == ("Sở Thông tin Vân Sơn", "Báo Vân Sơn", "Đài Phát thanh và Truyền hình tỉnh")
    assert first.coordinators == ("các cơ quan liên quan", "UBND các huyện, thành phố")
    assert first.content.endswith("định kỳ gửi Sở Kế hoạch tổng hợp.")
    assert second.raw["unit"] == "UBND các huyện, thành phố"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "III. TỔ CHỨC THỰC HIỆN\n- Giao Sở Nội vụ chủ trì theo dõi, đôn đốc việc thực hiện Kế hoạch này.\n"
            "- Đề nghị Ủy ban MTTQ Việt Nam tỉnh Vân Sơn phối hợp tuyên truyền, vận động Nhân dân.\n",
            [("Sở Nội vụ", "lead"), ("Ủy ban MTTQ Việt Nam tỉnh Vân Sơn", "coordinate")],
            id="sentences that name their unit",
        ),
        pytest.param(
            "III- TỔ CHỨC THỰC HIỆN\n"
            "1- Đảng ủy Ủy ban nhân dân tỉnh lãnh đạo thể chế hóa các nội dung của Chương trình.\n"
            "2- Văn phòng Tỉnh ủy phối hợp với Ủy ban Kiểm tra Tỉnh ủy theo dõi, đôn đốc.\nT/M BAN THƯỜNG VỤ\n",
            [("Đảng ủy Ủy ban nhân dân tỉnh", "lead"), ("Văn phòng Tỉnh ủy", "coordinate")],
            id="party layout",
        ),
        pytest.param(
            "## **IV. TỔ CHỨC THỰC HIỆN**\n\n"
            "**1. Công an tỉnh:** Chủ trì, phối hợp với Ban Quản lý dự án đầu tư xây dựng "
            "tỉnh bảo đảm an ninh, trật tự.\n\n#### 2. Trường Cao đẳng Y tế Vân Sơn\n\n"
            "Tổ chức đào tạo nhân viên y tế.\n",
            [("Công an tỉnh", "lead"), ("Trường Cao đẳng Y tế Vân Sơn", "lead")],
            id="markdown marks",
        ),
        pytest.param(
            "Điều 4. Trách nhiệm thực hiện\n1. Sở Thủy sản Vân Sơn có trách nhiệm:\n"
            "a) Kiểm tra các bến cá trong tỉnh;\n"
            "2. Sở Tài chính bố trí kinh phí thực hiện Quyết định.\nĐiều 5. Hiệu lực thi hành\n"
            "Quyết định có hiệu lực từ ngày ký.\n",
            [("Sở Thủy sản Vân Sơn", "lead"), ("Sở Tài chính", "lead")],
            id="articles of a decision",
        ),
        pytest.param(
            "V. TỔ CHỨC THỰC HIỆN\n1. Trách nhiệm của các sở, ban, ngành\n"
            "a) Sở Thủy sản Vân Sơn: Là cơ quan thường trực.\n"
            "b) Sở Tài chính: Phối hợp với Sở Thủy sản Vân Sơn cân đối kinh phí.\n3. Kinh phí thực hiện\n"
            "Từ nguồn ngân sách tỉnh.\n",
            [("Sở Thủy sản Vân Sơn", "lead"), ("Sở Tài chính", "coordinate")],
            id="units below a common heading",
        ),
        pytest.param(
            "6. Văn phòng Sở phối hợp với các phòng thuộc Sở xây dựng Chương trình công tác.\n"
            "- Căn cứ mục tiêu hằng năm, Phòng Tài chính chủ trì và các phòng ban có liên quan lập dự toán.\n",
            [("Văn phòng Sở", "coordinate"), ("Phòng Tài chính", "lead")],
            id="outside the section",
        ),
        pytest.param(
            "II. NHIỆM VỤ\n1. Hoàn thiện thể chế\n"
            "- Xây dựng Đề án bến cá (Sở Thủy sản Vân Sơn chủ trì, phối hợp với Sở Nội vụ).\n",
            [("Sở Thủy sản Vân Sơn", "lead")],
            id="unit in brackets",
        ),
        pytest.param(
            "CHỈ THỊ\n1. Sở Thủy sản Vân Sơn\na) Kiểm tra các bến cá trong tỉnh.\n"
            "2. Các Sở: Tài chính, Nội vụ căn cứ chức năng tổ chức thực hiện.\n",
            [("Sở Thủy sản Vân Sơn", "lead"), ("Các Sở: Tài chính, Nội vụ", "lead")],
            id="directive without a section",
        ),
    ],
)
def test_every_way_of_giving_work(text: str, expected: list[tuple[str, str]]) -> None:
    assert bearers(text) == expected


@pytest.mark.parametrize(
    "deed",
    [
        "đôn đốc Sở Thủy sản", "nhắc nhở các chủ tàu", "nghiệm thu công trình", "giải ngân vốn", "thu hồi giấy phép",
        "trao đổi thông tin", "tư vấn việc làm", "trợ giúp pháp lý", "chuyển hồ sơ", "ký quy chế", "kiểm soát dịch",
    ],
)  # fmt: skip
@pytest.mark.parametrize("unit", ["Sở Y tế", "UBND các xã, phường", "Chi cục Kiểm lâm"])
def test_a_partners_name_ends_where_its_deed_begins(deed: str, unit: str) -> None:
    assert partners_of(f"Chủ trì, phối hợp với {unit} {deed}.") == [unit]


@pytest.mark.parametrize(
    "unit",
    [
        "Trung tâm kiểm soát bệnh tật", "Trung tâm học tập cộng đồng các xã", "Tổ hòa giải các thôn", "đơn vị tư vấn",
        "Hội đồng nghiệm thu", "Trung tâm trợ giúp pháp lý", "Đội kiểm soát giết mổ", "Ban thư ký",
    ],
)  # fmt: skip
def test_a_deed_that_describes_a_unit_belongs_to_its_name(unit: str) -> None:
    assert partners_of(f"Chủ trì, phối hợp với {unit} rà soát dữ liệu.") == [unit]


def test_points_after_a_colon_belong_to_their_duty() -> None:
    text = (
        "IV. TỔ CHỨC THỰC HIỆN\n1. Sở Thủy sản Vân Sơn\n"
        "- Chủ trì, phối hợp với các đơn vị liên quan triển khai thực hiện đồng bộ, hiệu quả các nội "
        "dung trọng tâm sau đây:\n"
        "+ Kiểm tra bến cá;\n+ Cấp phép tàu cá.\n- Sơ kết việc thực hiện Kế hoạch.\n"
    )
    first, second = duties(text)
    assert first.content.endswith("sau đây: + Kiểm tra bến cá; + Cấp phép tàu cá.")
    assert second.content == "Sơ kết việc thực hiện Kế hoạch."


def test_text_without_duties_gives_none() -> None:
    assert duties("KẾ HOẠCH\nI. MỤC ĐÍCH, YÊU CẦU\n- Nâng cao nhận thức của các cấp, các ngành.\n") == []
    assert duties("") == []


def test_organisations_of_the_party_are_units_and_closing_words_are_no_duty() -> None:
    (found,) = duties(
        "IV- TỔ CHỨC THỰC HIỆN\n"
        "1. Các cấp ủy, tổ chức đảng, Mặt trận Tổ quốc tổ chức quán triệt, hoàn thành trước ngày 31/3/2025.\n"
        "Nhận được Chương trình này, yêu cầu các đơn vị triển khai thực hiện."
    )
    assert found.lead == ("Các cấp ủy, tổ chức đảng", "Mặt trận Tổ quốc")


def test_conclusions_of_a_meeting_give_work_to_whom_they_ask_or_set_a_date() -> None:
    found = duties(
        "Chủ tịch kết luận như sau:\n"
        "1. Về giải ngân: Giao Sở Tài chính chủ trì, phối hợp với các chủ đầu tư rà soát trước ngày 10/10/2026.\n"
        "2. Yêu cầu Công an tỉnh và UBND các xã, phường ra quân xử lý vi phạm.\n"
        "3. Thuế tỉnh Vân Sơn tăng cường chống thất thu; hoàn thành dự toán trước 31/12/2026.\n"
        "4. Các cơ quan báo chí tiếp tục đổi mới nội dung.\n"
    )
    assert [(item.lead, item.coordinators) for item in found] == [
        (("Sở Tài chính",), ("các chủ đầu tư",)),
        (("Công an tỉnh", "UBND các xã, phường"), ()),
        (("Thuế tỉnh Vân Sơn",), ()),
    ]


def test_units_in_a_bracket_behind_the_task_have_their_roles() -> None:
    (found,) = duties(
        "1. Xây dựng tài liệu kỹ năng số (Sở Khoa học Vân Sơn chủ trì; Sở Giáo dục, Tỉnh đoàn phối hợp; "
        "hoàn thành trước ngày 30/11/2026).\n"
    )
    assert (found.lead, found.coordinators) == (("Sở Khoa học Vân Sơn",), ("Sở Giáo dục", "Tỉnh đoàn"))
    assert found.deadline.due == date(2026, 11, 30)
    assert duties("4. Duy trì họp giao ban (theo Quy chế làm việc, do Chủ tịch chủ trì).\n") == []


def test_parts_and_posts_of_a_school_a_hospital_or_a_commune_are_units() -> None:
    assert bearers(
        "III. TỔ CHỨC THỰC HIỆN\n"
        "1. Bộ phận văn phòng: Chuẩn bị hồ sơ, giấy chứng nhận.\n"
        "2. Công đoàn trường phối hợp với Đoàn Thanh niên động viên giáo viên tham gia.\n"
        "3. Giáo viên chủ nhiệm các lớp: nhắc học sinh chuẩn bị bài.\n"
        "4. Phòng Kế hoạch tổng hợp\n- Tham mưu Giám đốc ban hành kế hoạch chi tiết.\n"
        "5. Khoa Khám bệnh: Bố trí bàn khám, phân luồng người bệnh.\n"
        "6. Công chức Tư pháp - Hộ tịch: Niêm yết công khai thủ tục hành chính.\n"
        "7. Bộ phận không chuyên trách cấp xã: Hỗ trợ người dân nộp hồ sơ.\n"
    ) == [
        ("Bộ phận văn phòng", "lead"),
        ("Công đoàn trường", "coordinate"),
        ("Giáo viên chủ nhiệm các lớp", "lead"),
        ("Phòng Kế hoạch tổng hợp", "lead"),
        ("Khoa Khám bệnh", "lead"),
        ("Công chức Tư pháp - Hộ tịch", "lead"),
        ("Bộ phận không chuyên trách cấp xã", "lead"),
    ]


def test_points_below_a_request_ask_of_whom_they_name() -> None:
    points = (
        "1. Chủ tịch UBND các tỉnh chỉ đạo sơ tán dân cư trước 17h00 ngày 16/10/2026.\n"
        "2. Bộ trưởng Bộ Thủy sản theo dõi chặt chẽ diễn biến bão.\n"
    )
    found = duties("Thủ tướng Chính phủ yêu cầu:\n" + points)
    assert [item.lead for item in found] == [("Chủ tịch UBND các tỉnh",), ("Bộ trưởng Bộ Thủy sản",)]
    assert found[0].deadline.due == date(2026, 10, 16)
    # Without the request the second one only tells what is done.
    assert [item.lead for item in duties("Tình hình đến nay như sau\n" + points)] == [("Chủ tịch UBND các tỉnh",)]


@pytest.mark.parametrize(
    ("sentence", "start", "due"),
    [
        ("Tổ chức các lớp tập huấn từ 01 đến 15/11/2026.", date(2026, 11, 1), date(2026, 11, 15)),
        ("Chuẩn bị hậu cần; thời gian từ ngày 20/11 đến trước ngày 05/12/2026.", date(2026, 11, 20), date(2026, 12, 5)),
        ("Niêm yết thủ tục, hoàn thành trong tuần 3 tháng 11/2026.", None, date(2026, 11, 21)),
        ("Tổng hợp số lượng hồ sơ tiếp nhận từ ngày 01/01/2026 đến ngày 30/9/2026.", None, None),
        ("Gặp mặt người có công sinh từ 01/01/1930 đến 31/12/1936.", None, None),
    ],
)
def test_a_stretch_of_days_is_a_deadline_only_where_it_is_the_time_of_the_work(
    sentence: str, start: date | None, due: date | None
) -> None:
    (item,) = duties(f"III. TỔ CHỨC THỰC HIỆN\n1. Sở Thủy sản Vân Sơn\n- {sentence}\n")
    assert item.deadline.due == due
    if start is not None:
        assert item.deadline.start == start


def test_what_was_done_and_how_the_paper_was_passed_are_no_duties() -> None:
    assert duties("1. Sở Tư pháp đã phối hợp với Công an tỉnh tổ chức 12 hội nghị trong tháng 9/2026.\n") == []
    (found,) = duties(
        "Điều 2. Tổ chức thực hiện\n1. Giao UBND tỉnh triển khai thực hiện Nghị quyết này.\n"
        "Nghị quyết này đã được HĐND tỉnh khóa XI thông qua ngày 10 tháng 7 năm 2026.\n"
    )
    assert found.lead == ("UBND tỉnh",)


def test_what_was_done_is_no_duty_even_where_its_unit_stands_in_brackets() -> None:
    told = """\
II. KẾT QUẢ
- Sở Y tế đã ban hành kế hoạch phòng, chống dịch (Sở Y tế chủ trì, phối hợp với Sở Tài chính).
- Trong năm 2025, tỉnh đã xây dựng 20 km đường (Sở Xây dựng chủ trì).
- Tính đến 31/12/2025, đã có 12 xã đạt chuẩn (Sở Xây dựng chủ trì).
- Các sở, ban, ngành đã triển khai tốt (Sở Nội vụ chủ trì).
- Đã hoàn thành bến cá Hải Vân (Sở Xây dựng chủ trì).
- Tiếp tục thực hiện các dự án đã được phê duyệt (Sở Xây dựng chủ trì).
- Sở Y tế đã ban hành kế hoạch; cần triển khai ngay (Sở Y tế chủ trì).
"""
    assert [item.content[:20] for item in duties(told)] == ["Tiếp tục thực hiện c", "Sở Y tế đã ban hành "]


@pytest.mark.parametrize(
    ("sentence", "kind", "due"),
    [
        ("Giám sát dịch bệnh hằng ngày tại các cửa khẩu.", DeadlineKind.NONE, None),
        ("Trực ban hằng ngày, tổng hợp gửi Sở Nội vụ trước ngày 15/12.", DeadlineKind.DATE, date(2026, 12, 15)),
        ("Theo dõi thị trường, hằng ngày gửi số liệu cho Sở Tài chính.", DeadlineKind.RECURRING, None),
    ],
)
def test_every_day_is_a_deadline_only_of_what_is_handed_in(sentence: str, kind: DeadlineKind, due: date | None) -> None:
    (item,) = duties(f"IV. TỔ CHỨC THỰC HIỆN\n1. Sở Y tế\n- {sentence}\n")
    assert (item.deadline.kind, item.deadline.due) == (kind, due)


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("1. Yêu cầu Ban Quản lý dự án tỉnh đẩy nhanh tiến độ thi công cầu An Lạc.", "Ban Quản lý dự án tỉnh"),
        ("1. Giao Kho bạc khu vực quyết toán kinh phí hội thi.", "Kho bạc khu vực"),
        ("1. Giao Sở Du lịch quảng bá làng nghề.", "Sở Du lịch"),
        ("1. Giao Giám đốc Sở Môi trường chỉ đạo vận hành hồ chứa.", "Giám đốc Sở Môi trường"),
        ("1. Giao các ban xây dựng Đảng kiểm đếm tài liệu.", "các ban xây dựng Đảng"),
    ],
)
def test_the_name_of_a_unit_ends_before_what_it_is_told_to_do(line: str, unit: str) -> None:
    assert bearers(line) == [(unit, "lead")]


def test_points_below_a_long_request_of_a_letter_give_work() -> None:
    letter = (
        "Thực hiện Kế hoạch số 15/KH-UBND của UBND tỉnh, Sở Nội vụ đề nghị các cơ quan, đơn vị, địa phương trên địa "
        "bàn tỉnh tập trung thực hiện một số nội dung sau:\n"
        "1. Các sở, ban, ngành rà soát thủ tục hành chính.\n"
        "2. UBND các xã, phường bố trí đủ người trực."
    )

    assert bearers(letter) == [("Các sở, ban, ngành", "lead"), ("UBND các xã, phường", "lead")]


LETTER = """\
Kính gửi: {addressees}
Thực hiện Chương trình công tác năm 2026, Ủy ban nhân dân tỉnh yêu cầu các đơn vị:
1. Rà soát bến cá thuộc phạm vi quản lý, hoàn thành trước ngày 30/11/2026.
2. Về kinh phí
Việc này rất quan trọng.
3. Tổng hợp khó khăn, vướng mắc.
4. Đề nghị các cơ quan, đơn vị chủ động rà soát dữ liệu tàu cá, hoàn thành trước ngày 20/12/2026.
"""


@pytest.mark.parametrize(
    "addressees",
    [
        "Sở Thủy sản, Công an tỉnh, UBND các xã, phường.",
        "\n- Sở Thủy sản;\n- Công an tỉnh;\n- UBND các xã, phường.",
        "- Sở Thủy sản;\nCông an tỉnh;\nUBND các xã, phường.",
    ],
)
def test_the_units_of_a_letter_are_those_it_is_addressed_to(addressees: str) -> None:
    first, last = duties(LETTER.format(addressees=addressees))
    for item in (first, last):
        assert item.lead == ("Sở Thủy sản", "Công an tỉnh", "UBND các xã, phường")
        assert [problem.code for problem in item.problems] == ["addressees"], "a person checks it"
    assert (first.content[:16], last.content[:7]) == ("Rà soát bến cá t", "Đề nghị")
    assert first.raw["unit"] == "các đơn vị"


@pytest.mark.parametrize(
    "addressees", ["Ủy ban nhân dân tỉnh.", "Các đơn vị.", "Thủ trưởng các đơn vị thuộc Sở; Trưởng các phòng."]
)
def test_a_letter_that_names_no_single_units_leaves_its_words(addressees: str) -> None:
    assert {item.lead for item in duties(LETTER.format(addressees=addressees))} == {
        ("các đơn vị",),
        ("các cơ quan, đơn vị",),
    }
