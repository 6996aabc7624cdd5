"""Names of units: folding, splitting, groups, open sets, suggestions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskflow.domain.unit_matching import KnownUnit, match_units, reads_as_initials
from taskflow.domain.units import fold, is_group_designation, is_open_set, split_units
from tests.unit.documents.plans import GROUP_UNITS, UNITS


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Sở Văn hóa, Thể thao và Du lịch, Sở Nội vụ", ("Sở Văn hóa, Thể thao và Du lịch", "Sở Nội vụ")),
        ("các sở, ban, ngành và UBND các xã, phường, đặc khu", ("các sở, ban, ngành", "UBND các xã, phường, đặc khu")),
        ("các trường mầm non, tiểu học, THCS, Trạm Y tế", ("các trường mầm non, tiểu học, THCS", "Trạm Y tế")),
        ("Văn phòng Tỉnh ủy & Tỉnh đoàn", ("Văn phòng Tỉnh ủy", "Tỉnh đoàn")),
        ("Sở GD & ĐT", ("Sở GD & ĐT",)),
        ("Sở Y tế; và các sở, ngành liên quan", ("Sở Y tế", "các sở, ngành liên quan")),
        ("Ban Quản lý Khu kinh tế và các Khu công nghiệp", ("Ban Quản lý Khu kinh tế và các Khu công nghiệp",)),
        ("Bí thư, Phó Bí thư, các chi ủy viên", ("Bí thư", "Phó Bí thư", "các chi ủy viên")),
        ("Sở Nông nghiệp & Môi trường", ("Sở Nông nghiệp & Môi trường",)),
        ("UBND các xã,\n\nthị trấn", ("UBND các xã, thị trấn",)),
        ("Phòng GD&ĐT, các xã, thị trấn,  các đoàn thể", ("Phòng GD&ĐT", "các xã, thị trấn", "các đoàn thể")),
        ("Sở Khoa học và Công nghệ và Sở Tài chính", ("Sở Khoa học và Công nghệ", "Sở Tài chính")),
        (
            "Bộ Thông tin và Truyền thông Bộ Khoa học và Công nghệ",
            ("Bộ Thông tin và Truyền thông", "Bộ Khoa học và Công nghệ"),
        ),
        ("Sở NN&MT (bàn giao, tiếp nhận), Sở KH&CN", ("Sở NN&MT (bàn giao, tiếp nhận)", "Sở KH&CN")),
        ("Ban Quản lý các khu công nghiệp tỉnh; Sở VH,TT&DL", ("Ban Quản lý các khu công nghiệp tỉnh", "Sở VH,TT&DL")),
        ("Sở Giáo dục và\nĐào tạo\nCông an tỉnh", ("Sở Giáo dục và Đào tạo", "Công an tỉnh")),
        ("Văn phòng UBND\ntỉnh\nSở Y tế", ("Văn phòng UBND tỉnh", "Sở Y tế")),
        ("Sở Y tế\nUBND tỉnh\nxã, phường", ("Sở Y tế", "UBND tỉnh", "xã, phường")),
        ("- Sở Tài chính\n- Sở Y tế", ("Sở Tài chính", "Sở Y tế")),
        ("- Sở Tài chính - Sở Y tế", ("Sở Tài chính", "Sở Y tế")),
        ("Phòng Tài chính - Kế hoạch", ("Phòng Tài chính - Kế hoạch",)),
        ("Văn phòng HĐND và UBND xã, Công an xã", ("Văn phòng HĐND và UBND xã", "Công an xã")),
        ("Thuế tỉnh, Tỉnh đoàn", ("Thuế tỉnh", "Tỉnh đoàn")),
        (
            "UBND các xã Bến Đá, Cầu Vồng, Hạc Trắng, doanh nghiệp",
            ("UBND các xã Bến Đá, Cầu Vồng, Hạc Trắng", "doanh nghiệp"),
        ),
        ("Sở Tài chính / Sở Y tế", ("Sở Tài chính", "Sở Y tế")),
        ("VTV, VOV, TTXVN, các địa phương", ("VTV", "VOV", "TTXVN", "các địa phương")),
        ("Trường THCS và THPT Minh Hạc", ("Trường THCS và THPT Minh Hạc",)),
        (
            "Ban Chỉ đạo phòng, chống thiên tai và tìm kiếm cứu nạn",
            ("Ban Chỉ đạo phòng, chống thiên tai và tìm kiếm cứu nạn",),
        ),
        ("UBND các xã Tân Lập, Bản Lầu, Mường Xa; Sở Y tế", ("UBND các xã Tân Lập, Bản Lầu, Mường Xa", "Sở Y tế")),
        ("Các trường MN, TH, THCS trên địa bàn", ("Các trường MN, TH, THCS trên địa bàn",)),
        ("Kho bạc Nhà nước, Thuế, Viettel, MobiFone", ("Kho bạc Nhà nước", "Thuế", "Viettel", "MobiFone")),
        ("Phòng KT, HT&ĐT; VP HĐND&UBND", ("Phòng KT, HT&ĐT", "VP HĐND&UBND")),
        ("Bộ Quốc phòng, Tập đoàn Điện lực", ("Bộ Quốc phòng", "Tập đoàn Điện lực")),
        ("Các phòng, Ban có liên quan", ("Các phòng, Ban có liên quan",)),
        ("", ()),
        (" ; , ", ()),
    ],
)
def test_cell_is_split_into_names(cell: str, names: tuple[str, ...]) -> None:
    assert split_units(cell) == names


@given(
    st.lists(st.sampled_from(UNITS + GROUP_UNITS), min_size=1, max_size=5, unique=True),
    st.sampled_from(["; ", "\n", " / ", ";\n"]),
)
def test_joined_names_come_back(names: list[str], separator: str) -> None:
    assert split_units(separator.join(names)) == tuple(names)


@given(st.text(max_size=200))
def test_any_text_is_split_without_inventing_letters(text: str) -> None:
    assert all(any(char.isalpha() for char in name) for name in split_units(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sở GD&ĐT", "Sở Giáo dục và Đào tạo"),
        ("Sở GDĐT", "SỞ GD-ĐT"),
        ("Uỷ ban nhân dân xã Hoà Bình", "UBND xã Hòa Bình"),
        ("Phòng Tài chính-Kế hoạch", "Phòng TC - KH"),
        ("Sở VHTT&DL", "Sở Văn hóa, Thể thao và Du lịch"),
        ("BCH Quân sự xã", "Ban Chỉ huy Quân sự xã"),
    ],
)
def test_spellings_of_one_name_fold_to_one_key(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_groups_and_open_sets() -> None:
    groups = (
        "Các cơ sở giáo dục",
        "UBND các xã, phường",
        "địa phương",
        "các sở, ban, ngành",
        "UBND cấp xã",
        "Trưởng các thôn, bản",
    )
    assert all(is_group_designation(name) for name in groups)
    assert not any(is_group_designation(name) for name in UNITS)
    assert is_open_set("Các phòng, ban có liên quan")
    assert not is_open_set("Các cơ sở giáo dục")


def _best(name: str, known: list[KnownUnit]) -> tuple[str, str]:
    suggestion = match_units(name, known)[0]
    return suggestion.key, suggestion.reason


def test_suggestions_are_ranked_and_say_why() -> None:
    known = [
        KnownUnit("edu", ("Sở Giáo dục và Đào tạo",)),
        KnownUnit("office", ("Văn phòng UBND tỉnh", "VP UBND")),
        KnownUnit("unions", ("Các đoàn thể tỉnh",)),
    ]

    assert _best("Sở GD&ĐT", known) == ("edu", "folded")
    assert _best("các đoạn thể tỉnh", known) == ("unions", "folded")
    assert _best("Sở Giáo dục Đào tao và", known) == ("edu", "folded")
    typing_error = match_units("Sở Giao duc và Dào tạp", known)[0]
    assert (typing_error.key, typing_error.reason) == ("edu", "similar")
    assert typing_error.score < 0.9
    assert match_units("Hội Làm vườn", known) == ()


def test_control_characters_are_dropped_and_stand_for_nothing() -> None:
    assert split_units("Thuế tỉnh \x04; Sở\x01 Nội vụ\u202e") == ("Thuế tỉnh", "Sở Nội vụ")


@pytest.mark.parametrize(
    ("name", "unit", "stands_for"),
    [
        ("SGD ĐT", "Sở Giáo dục và Đào tạo", True),
        ("SGD&ĐT", "Sở Giáo dục và Đào tạo", True),
        ("sgddt", "Sở Giáo dục và Đào tạo", True),
        ("Sở NV", "Sở Nội vụ", True),
        ("P.NV", "Phòng Nội vụ", True),
        ("VPUBND tỉnh", "Văn phòng UBND tỉnh", True),
        ("VPUBND tỉnh", "Văn phòng Ủy ban nhân dân tỉnh", True),
        ("Sở GD", "Sở Giáo dục và Đào tạo", False),
        ("Chi cục NV", "Sở Nội vụ", False),
        ("SỞ NỘI VỤ", "Sở Nông nghiệp", False),
        ("NV", "Nội vụ", False),
    ],
)
def test_initials_stand_for_words_together_or_apart(name: str, unit: str, stands_for: bool) -> None:
    assert reads_as_initials(name, unit) is stands_for
