"""Rows of task tables: ditto marks, rows cut by a page, groups, totals, missing and repeated numbers."""

from __future__ import annotations

from datetime import date

import pytest

from taskflow.documents.columns import role_of
from taskflow.documents.duties import read_duties
from taskflow.documents.model import Item, ParsedDocument, TableKind
from taskflow.documents.parse import parse, parse_pasted, to_contract

HEAD = "| TT | Nội dung công việc | Cơ quan chủ trì | Cơ quan phối hợp | Thời hạn |\n|---|---|---|---|---|\n"


def _parsed(rows: str, head: str = HEAD) -> ParsedDocument:
    return parse((head + rows).encode(), filename="plan.md")


def _item(rows: str) -> Item:
    return _parsed(rows).items[-1]


@pytest.mark.parametrize(
    "mark",
    ["nt", "-nt-", "Như trên", "- như trên -", '"', "”", "//", "(nt)", '- " -', "n.t", "〃", "Như nhiệm vụ trên"],
)
def test_ditto_mark_takes_the_value_above(mark: str) -> None:
    item = _item(
        f"| 1 | Lập quy hoạch chung | Sở Xây dựng | Sở Tài chính | 12/2027 |\n| 2 | Công bố quy hoạch | {mark} | {mark} | {mark} |\n"  # noqa: E501 - data on one line, as it is printed
    )

    assert (item.lead, item.coordinators, item.deadline.due) == (
        ("Sở Xây dựng",),
        ("Sở Tài chính",),
        date(2027, 12, 31),
    )


def test_ditto_mark_with_nothing_above_is_a_problem_not_a_guess() -> None:
    item = _item("| 1 | Lập quy hoạch chung | nt | | 12/2027 |\n")

    assert item.lead == ()
    assert {"row.ditto_nothing", "row.no_lead"} <= {problem.code for problem in item.problems}


def test_row_cut_by_a_page_is_joined_and_accounted_for() -> None:
    parsed = _parsed(
        "| 1 | Lập quy hoạch chung, bảo đảm | Sở Xây dựng | Sở Tài chính | 12/2027 |\n| | đồng bộ với quy hoạch tỉnh | | | |\n"  # noqa: E501 - data on one line, as it is printed
        "| 2 | Công bố quy hoạch | Sở Xây dựng | | 2028 |\n"
    )

    assert [item.content for item in parsed.items] == [
        "Lập quy hoạch chung, bảo đảm đồng bộ với quy hoạch tỉnh",
        "Công bố quy hoạch",
    ]
    assert "row.joined" in [problem.code for problem in parsed.items[0].problems]
    assert parsed.reconciliation.complete


def test_a_unit_on_a_line_of_its_own_in_a_drawn_box_is_not_joined_to_the_one_above() -> None:
    rule = "+----+------------------------+----------------+------------------+-----------+\n"
    lines = [
        "| TT | Nội dung công việc     | Cơ quan        | Cơ quan phối hợp | Thời hạn  |",
        "|    |                        | chủ trì        |                  |           |",
        "| 1  | Xây dựng kho dữ liệu   | Văn phòng UBND | Sở Giáo dục và   | 30/6/2026 |",
        "|    | dùng chung của tỉnh    | tỉnh           | Đào tạo          |           |",
        "|    |                        |                | Công an tỉnh     |           |",
    ]
    head, body = "\n".join(lines[:2]) + "\n", "\n".join(lines[2:]) + "\n"

    (item,) = _parsed(rule + body + rule, rule + head).items

    assert item.content == "Xây dựng kho dữ liệu dùng chung của tỉnh"
    assert (item.lead, item.coordinators) == (
        ("Văn phòng UBND tỉnh",),
        ("Sở Giáo dục và Đào tạo", "Công an tỉnh"),
    )


def test_line_ends_inside_a_cell_part_no_rows() -> None:
    parsed = _parsed(
        "| 1 | Xây dựng kho dữ liệu\ndùng chung | Sở Tài chính | Sở Giáo dục và\nĐào tạo\nCông an tỉnh | 30/6/2026 |\n"
        "| 2 | Tập huấn kỹ năng số | Văn phòng UBND\ntỉnh | | 30/9/2026 |\n"
        "| 3 | Công bố dữ liệu mở | Sở Nội vụ | Sở Y tế | 30/9/2026 |\n"
        "\nPhụ lục này kèm theo Kế hoạch | năm 2026\n"
    )

    assert [(item.tt, item.content, item.lead, item.coordinators) for item in parsed.items] == [
        ("1", "Xây dựng kho dữ liệu dùng chung", ("Sở Tài chính",), ("Sở Giáo dục và Đào tạo", "Công an tỉnh")),
        ("2", "Tập huấn kỹ năng số", ("Văn phòng UBND tỉnh",), ()),
        ("3", "Công bố dữ liệu mở", ("Sở Nội vụ",), ("Sở Y tế",)),
    ]
    assert parsed.reconciliation.complete


def test_groups_are_kept_on_two_levels() -> None:
    parsed = _parsed(
        "| A | THỂ CHẾ | | | |\n| I | Cấp tỉnh | | | |\n| 1 | Lập quy hoạch chung | Sở Xây dựng | | 2027 |\n| II | Cấp xã | | | |\n"  # noqa: E501 - data on one line, as it is printed
        "| 1 | Công bố quy hoạch | UBND cấp xã | | 2027 |\n| B | HẠ TẦNG | | | |\n| 1 | Sửa đường liên xã | Sở Xây dựng | | 2027 |\n"  # noqa: E501 - data on one line, as it is printed
    )

    assert [(item.group_parent, item.group) for item in parsed.items] == [
        ("A. THỂ CHẾ", "I. Cấp tỉnh"),
        ("A. THỂ CHẾ", "II. Cấp xã"),
        (None, "B. HẠ TẦNG"),
    ]
    assert parsed.reconciliation.group_rows == 4


def test_row_without_a_doer_stays_a_task_when_the_numbers_run_on() -> None:
    parsed = _parsed(
        "| 1 | Lập quy hoạch chung | Sở Xây dựng | | 2027 |\n| 2 | Lấy ý kiến nhân dân | | | |\n| 3 | Công bố quy hoạch | Sở Xây dựng | | 2027 |\n"  # noqa: E501 - data on one line, as it is printed
    )

    assert [item.tt for item in parsed.items] == ["1", "2", "3"]
    assert "row.no_lead" in [problem.code for problem in parsed.items[1].problems]


def test_repeated_number_is_named_and_the_row_kept() -> None:
    parsed = _parsed(
        "| 4 | Lập quy hoạch chung | Sở Xây dựng | | 2027 |\n| 4 | Công bố quy hoạch | Sở Xây dựng | | 2027 |\n"
    )

    assert len(parsed.items) == 2
    assert "row.repeated_number" in [problem.code for problem in parsed.items[1].problems]


def test_total_row_is_skipped_with_the_reason() -> None:
    parsed = _parsed("| 1 | Lập quy hoạch chung | Sở Xây dựng | | 2027 |\n| | Tổng cộng | | | |\n")

    assert [skip.reason for skip in parsed.reconciliation.skipped] == ["Dòng tổng cộng, không phải nhiệm vụ"]


def test_task_that_begins_with_the_word_summarise_is_no_total() -> None:
    assert (
        _item("| 1 | Tổng kết 5 năm thực hiện Đề án | Sở Nội vụ | | 2027 |\n").content
        == "Tổng kết 5 năm thực hiện Đề án"
    )


@pytest.mark.parametrize("content", ["Tổng điều tra kinh tế", "Tổng vệ sinh môi trường", "Tổng hợp, báo cáo dự toán"])
def test_task_that_begins_like_a_total_stays_a_task_without_units(content: str) -> None:
    assert _item(f"| 1 | Lập quy hoạch chung | Sở Xây dựng | | 2027 |\n| 2 | {content} | | | |\n").content == content


def test_numbered_label_above_unnumbered_tasks_is_a_group() -> None:
    parsed = _parsed(
        "| I | Hạ tầng | | | |\n| 1 | Cấp tỉnh | | | |\n| | Lập quy hoạch chung | Sở Xây dựng | | 2027 |\n| 2 | Cấp xã | | | |\n"  # noqa: E501 - data on one line, as it is printed
        "| | Công bố quy hoạch | UBND cấp xã | | 2027 |\n"
    )

    assert [(item.group_parent, item.group) for item in parsed.items] == [
        ("I. Hạ tầng", "1. Cấp tỉnh"),
        ("I. Hạ tầng", "2. Cấp xã"),
    ]


def test_table_that_goes_on_without_head_and_numbers_is_one_table() -> None:
    first = "| TT | Nội dung công việc | Cơ quan chủ trì | Thời hạn |\n| | Lập quy hoạch chung | Sở Xây dựng | 2027 |\n"

    parsed = _parsed("\n5\n\n| | Công bố quy hoạch | Sở Xây dựng | 2028 |\n", head=first)

    assert [item.content for item in parsed.items] == ["Lập quy hoạch chung", "Công bố quy hoạch"]


def test_number_inside_the_content_is_taken_out() -> None:
    parsed = _parsed(
        "| 3. Lập quy hoạch chung | Sở Xây dựng | 2027 |\n",
        "| Nội dung | Phân công nhiệm vụ | Tiến độ |\n|---|---|---|\n",
    )

    assert (parsed.items[0].tt, parsed.items[0].content) == ("3", "Lập quy hoạch chung")


def test_short_row_is_put_under_the_columns_it_fits() -> None:
    text = "\tTT\n\tNội dung công việc\n\tCơ quan chủ trì\n\tCơ quan phối hợp\n\tThời hạn\n\n" + "".join(
        f"\t{n}\n\tLập quy hoạch chung của khu vực số {n}\n\tSở Xây dựng\n\tSở Tài chính\n\tQuý II/2027\n\n"
        for n in range(1, 4)
    )
    text += "\t4\n\tCông bố quy hoạch chung của tỉnh\n\tSở Xây dựng\n\tQuý III/2027\n"

    item = parse(text.encode(), filename="plan.txt").items[-1]

    assert (item.lead, item.coordinators, item.deadline.text) == (("Sở Xây dựng",), (), "Quý III/2027")
    assert "row.shifted" in [problem.code for problem in item.problems]


def test_group_and_open_leads_are_for_a_person_to_settle() -> None:
    codes = {
        problem.code
        for problem in _item("| 1 | Lập kế hoạch của đơn vị | Các phòng, ban có liên quan | | 2027 |\n").problems
    }
    assert "row.open_lead" in codes
    codes = {
        problem.code for problem in _item("| 1 | Lập kế hoạch của đơn vị | Các cơ sở giáo dục | | 2027 |\n").problems
    }
    assert "row.group_lead" in codes


def test_deadline_before_the_document_is_pointed_out() -> None:
    head = "Số: 5/KH-UBND\n\nSông Hạc, ngày 10 tháng 5 năm 2027\n\n" + HEAD
    item = _parsed("| 1 | Lập quy hoạch chung | Sở Xây dựng | | 30/4/2027 |\n", head).items[0]

    assert "Thời hạn 30/04/2027 sớm hơn ngày ban hành văn bản (10/05/2027). Hãy kiểm tra lại." in [
        p.message for p in item.problems
    ]


@pytest.mark.parametrize(
    ("cell", "lead", "coordinators"),
    [
        ("Chủ trì: Sở A; phối hợp: Sở B, Sở C", ("Sở A",), ("Sở B", "Sở C")),
        ("Sở A chủ trì, phối hợp với Sở B và UBND các xã, phường", ("Sở A",), ("Sở B", "UBND các xã, phường")),
        ("Sở A (chủ trì); Sở B; Sở C", ("Sở A",), ("Sở B", "Sở C")),
        ("Sở A; Sở B (phối hợp)", ("Sở A",), ("Sở B",)),
        ("- Cơ quan chủ trì: Sở A.\n- Cơ quan phối hợp:\n+ Sở B\n+ Sở C", ("Sở A",), ("Sở B", "Sở C")),
        ("Sở A chủ trì; Sở B, Sở C phối hợp", ("Sở A",), ("Sở B", "Sở C")),
        ("Sở A và UBND các xã, phường chủ trì", ("Sở A", "UBND các xã, phường"), ()),
        ("Sở A, Sở B", ("Sở A", "Sở B"), ()),
    ],
)
def test_lead_and_coordinators_in_one_cell(cell: str, lead: tuple[str, ...], coordinators: tuple[str, ...]) -> None:
    duties = read_duties(cell)

    assert (duties.lead, duties.coordinators) == (lead, coordinators)


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Số TT", "tt"),
        ("Nhiệm vụ, giải pháp", "content"),
        ("Sở, ngành chủ trì tham mưu", "lead"),
        ("Đơn vị phối hợp thực hiện", "coordinators"),
        ("Trách nhiệm thực hiện > Chủ trì", "lead"),
        ("Phân công nhiệm vụ", "units"),
        ("Thời gian triển khai và hoàn thành", "deadline"),
        ("Lãnh đạo UBND tỉnh phụ trách", "leader"),
        ("Cơ quan theo dõi, kiểm tra, đôn đốc", "monitor"),
        ("Sản phẩm/kết quả", "product"),
        ("Cấp trình", "submitter"),
        ("Kinh phí (triệu đồng)", "amount"),
        ("Chỉ tiêu đến năm 2030", "target"),
        ("T/T", "tt"),
        ("Ý kiến chỉ đạo", "content"),
        ("Đơn vị liên quan", "coordinators"),
        ("TG hoàn thành", "deadline"),
        ("Dự kiến hoàn thành", "deadline"),
        ("Phó Chủ tịch phụ trách", "leader"),
        ("Tiến độ (%)", "progress"),
        ("Văn bản giao nhiệm vụ", "other"),
        ("Địa bàn thực hiện", "other"),
        ("Lời chúc", None),
    ],
)
def test_heading_names_its_column(label: str, role: str | None) -> None:
    assert role_of(label) == role


def test_other_annexes_are_not_tasks() -> None:
    parsed = _parsed(
        "| 1 | Tỷ lệ hộ nghèo | % | 5 | 3 |\n",
        "| TT | Chỉ tiêu | ĐVT | Hiện trạng năm 2026 | Mục tiêu năm 2027 |\n|---|---|---|---|---|\n",
    )
    cost = _parsed(
        "| 1 | Sửa trường học | 1.200 | Ngân sách tỉnh | |\n",
        "| TT | Nội dung | Kinh phí (triệu đồng) | Nguồn kinh phí | Ghi chú |\n|---|---|---|---|---|\n",
    )

    assert [parsed.tables[0].kind, cost.tables[0].kind] == [TableKind.INDICATORS, TableKind.BUDGET]
    assert not parsed.reconciliation.items + cost.reconciliation.items


def test_monitoring_columns_are_kept_apart() -> None:
    parsed = _parsed(
        "| 1 | Lập quy hoạch chung | Sở Xây dựng | Sở Nội vụ | Ông An | 2027 |\n",
        "| TT | Nhiệm vụ | Đơn vị chủ trì | Đơn vị theo dõi, đôn đốc | Lãnh đạo phụ trách | Thời hạn |\n|---|---|---|---|---|---|\n",  # noqa: E501 - data on one line, as it is printed
    )

    assert parsed.items[0].lead == ("Sở Xây dựng",)
    assert dict(parsed.items[0].columns) == {"Đơn vị theo dõi, đôn đốc": "Sở Nội vụ", "Lãnh đạo phụ trách": "Ông An"}


@pytest.mark.parametrize(
    ("written", "reason"),
    [("31/11/2026", "không có thật"), ("Sau khi có hướng dẫn", "phụ thuộc một sự kiện"), ("Năm nào đó", "Chưa hiểu")],
)
def test_doubtful_deadline_says_why(written: str, reason: str) -> None:
    item = _item(f"| 1 | Lập quy hoạch chung | Sở Xây dựng | | {written} |\n")

    (doubt,) = [problem.message for problem in item.problems if problem.code == "row.doubtful_deadline"]
    assert doubt.startswith(f"Thời hạn “{written}”: ")
    assert reason.lower() in doubt.lower()
    assert item.deadline.due is None


def test_contract_has_the_published_shape() -> None:
    contract = to_contract(_parsed("| 1 | Lập quy hoạch chung | Sở Xây dựng | Sở Tài chính | Quý II/2027 |\n"))

    assert set(contract) == {"document", "items", "indicators", "budget", "reconciliation", "problems"}
    item = contract["items"][0]
    assert item["deadline"] | {"confidence": 0} == {
        "text": "Quý II/2027", "kind": "date", "start": None, "due": "2027-06-30", "rule": None, "exclusive": False, "confidence": 0,  # noqa: E501 - data on one line, as it is printed
    }  # fmt: skip
    assert item["origin"] == {"source": "table", "page": None, "table": 1, "row": 2}
    assert contract["reconciliation"] == {
        "source_rows": 2,
        "items": 1,
        "group_rows": 0,
        "header_rows": 1,
        "skipped": [],
    }


def test_pasted_cells_of_excel_are_a_table() -> None:
    text = "TT\tNội dung\tChủ trì\tThời hạn\n1\tLập quy hoạch chung\tSở Xây dựng\t12/2027\n2\tCông bố quy hoạch\tSở Xây dựng\t2028\n"  # noqa: E501 - data on one line, as it is printed

    assert [item.content for item in parse_pasted(text).items] == ["Lập quy hoạch chung", "Công bố quy hoạch"]


def test_pasted_cells_of_several_lines_stand_in_quotation_marks_or_break_the_line() -> None:
    head = "TT\tNội dung\tChủ trì\tPhối hợp\tThời hạn"
    excel = f'{head}\n1\tLập quy hoạch chung\t"Sở Xây dựng\nSở Tài chính"\t"- Sở Y tế\n- Công an tỉnh"\t12/2027\n2\tĐề án "Sông xanh"\t"\t\t2028\n'  # noqa: E501 - data on one line, as it is printed
    word = f'{head}\n1\tLập quy hoạch chung\tSở Xây dựng\nSở Tài chính\t- Sở Y tế\n- Công an tỉnh\t12/2027\n2\tĐề án "Sông xanh"\t"\t\t2028\n'  # noqa: E501 - data on one line, as it is printed

    for text in (excel, word):
        first, second = parse_pasted(text).items
        assert (first.lead, first.coordinators) == (("Sở Xây dựng", "Sở Tài chính"), ("Sở Y tế", "Công an tỉnh"))
        assert (second.content, second.lead, second.coordinators) == ('Đề án "Sông xanh"', first.lead, ())


@pytest.mark.parametrize("mark", [",", ";"])
def test_cells_parted_by_commas_or_semicolons_are_a_table(mark: str) -> None:
    rows = [
        "BẢNG PHÂN CÔNG",
        mark.join(("TT", "Nội dung công việc", "Chủ trì", "Phối hợp", "Thời hạn")),
        mark.join(("1", '"Rà soát, lập quy hoạch; lấy ý kiến"', "Sở Xây dựng", '"Sở Y tế; Công an tỉnh"', "12/2027")),
        mark.join(("2", '"Công bố\nquy hoạch ""xanh"""', "Sở Xây dựng", "", "2028")),
    ]

    first, second = parse("\n".join(rows).encode(), filename="plan.csv").items

    assert (first.content, first.coordinators) == ("Rà soát, lập quy hoạch; lấy ý kiến", ("Sở Y tế", "Công an tỉnh"))
    assert (second.content, second.deadline.due) == ('Công bố quy hoạch "xanh"', date(2028, 12, 31))


def test_pasted_labels_that_begin_with_a_tab_make_no_flattened_table() -> None:
    lines = ["Mã\tNội dung công việc\tChủ trì\tThời hạn"]
    for number in range(1, 10):
        lines += [f"\t{number}. Nhóm việc\t\t", f"V{number}\tLập quy hoạch số {number}\tSở Xây dựng\t2027"]

    items = parse_pasted("\n".join(lines)).items

    assert [item.group for item in items] == [f"{number}. Nhóm việc" for number in range(1, 10)]


def test_pasted_row_ends_with_the_units_on_the_lines_below_it() -> None:
    text = "TT\tNội dung công việc\tThời hạn\tChủ trì\n1\tLập quy hoạch\t2027\tSở Xây dựng\nSở Y tế\n2\tCông bố\t2028\tSở Y tế,\nCông an tỉnh\n"  # noqa: E501 - data on one line, as it is printed

    assert [item.lead for item in parse_pasted(text).items] == [("Sở Xây dựng", "Sở Y tế"), ("Sở Y tế", "Công an tỉnh")]


def test_row_that_repeats_the_one_above_is_no_heading() -> None:
    rows = "| 1 | Lập quy hoạch | Sở Xây dựng | | 2027 |\n| | Trồng rừng | nt | | Đến năm 2028 |\n"

    assert [item.lead for item in _parsed(rows).items] == [("Sở Xây dựng",)] * 2


def test_text_full_of_hard_spaces_is_still_text() -> None:
    text = HEAD + "| 1 | Lập quy hoạch chung | Sở Xây dựng | | 2027 |\n"

    assert parse(text.replace(" ", "\u00a0").encode(), filename="plan.txt").items[0].lead == ("Sở Xây dựng",)


def test_flattened_cell_of_several_paragraphs_is_one_cell() -> None:
    cells = ["TT", "Nội dung công việc", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời hạn"]
    units = "Sở Y tế\nCông an tỉnh\nTỉnh đoàn\nThanh tra tỉnh\nSở Nội vụ\nViễn thông tỉnh"
    rows = [
        cells,
        ["1", "Lập quy hoạch chung", "Sở Xây dựng", units, "2027"],
        ["2", "Công bố", "Sở Xây dựng", "", "2028"],
    ]
    text = "\n\n".join("\n".join(f"\t{cell}" for cell in row) for row in rows)

    items = parse_pasted(text).items

    assert items[0].coordinators == tuple(units.split("\n"))
    assert [item.deadline.text for item in items] == ["2027", "2028"]


def test_pasted_html_is_preferred_when_it_holds_a_table() -> None:
    html = (
        "<table><tr><td>TT</td><td>Nội dung</td><td>Chủ trì</td><td>Thời hạn</td></tr>"
        "<tr><td>1</td><td>Lập quy hoạch chung</td><td rowspan=2>Sở Xây dựng</td><td>12/2027</td></tr>"
        "<tr><td>2</td><td>Công bố quy hoạch</td><td>2028</td></tr></table>"
    )

    assert [item.lead for item in parse_pasted("vô nghĩa", html).items] == [("Sở Xây dựng",)] * 2


def test_a_time_in_the_first_column_heads_the_rows_below_it() -> None:
    head = "| Thời gian | Nội dung công việc | Người thực hiện |\n|---|---|---|\n"
    rows = (
        "| Tháng 9/2026 | Khai giảng năm học | Hiệu trưởng |\n| | Họp phụ huynh đầu năm | Tổ Chủ nhiệm |\n"
        "| 15/10/2026 | Hội nghị viên chức | Công đoàn |\n"
    )
    items = _parsed(rows, head).items

    assert [item.deadline.due for item in items] == [date(2026, 9, 30), date(2026, 9, 30), date(2026, 10, 15)]
    assert ["row.time_above" in [problem.code for problem in item.problems] for item in items] == [False, True, False]


def test_a_blank_time_in_any_other_column_stays_blank() -> None:
    items = _parsed("| 1 | Lập quy hoạch | Sở Xây dựng | | 12/2027 |\n| 2 | Công bố | Sở Xây dựng | | |\n").items

    assert items[1].deadline.due is None


def test_a_wrapped_row_goes_on_with_a_figure() -> None:
    items = _parsed(
        "| 1 | Lắp đặt camera an ninh tại | Công an xã | Phòng Kinh tế; | 12/2027 |\n"
        "| | 12 tổ dân phố | | Trạm Y tế | |\n| 2 | Nghiệm thu | Công an xã | | 2028 |\n"
    ).items

    assert [item.content for item in items] == ["Lắp đặt camera an ninh tại 12 tổ dân phố", "Nghiệm thu"]
    assert items[0].coordinators == ("Phòng Kinh tế", "Trạm Y tế")


PLAN_OF_NEXT_YEAR = """ỦY BAN NHÂN DÂN
XÃ AN LẠC
Số: 45/KH-UBND
An Lạc, ngày {day} năm 2026

KẾ HOẠCH
{title}

"""


@pytest.mark.parametrize(
    ("day", "title", "wording", "due"),
    [
        ("25 tháng 12", "Công tác dân vận năm 2027", "Tháng 12", date(2027, 12, 31)),
        ("25 tháng 12", "Công tác dân vận năm 2027", "Quý IV", date(2027, 12, 31)),
        ("25 tháng 12", "Công tác dân vận năm 2027", "Cả năm", date(2027, 12, 31)),
        ("25 tháng 12", "Công tác dân vận năm 2027", "30/12", date(2027, 12, 30)),
        ("25 tháng 12", "Công tác dân vận năm 2027", "Trong tháng", date(2026, 12, 31)),
        ("25 tháng 12", "Tổng kết năm 2026 và nhiệm vụ năm 2027", "30/12", date(2026, 12, 30)),
        ("25 tháng 12", "Công tác dân vận giai đoạn 2027-2030", "30/12", date(2026, 12, 30)),
        ("…… tháng ……", "Công tác dân vận năm 2026", "Quý II", date(2026, 6, 30)),
        ("…… tháng ……", "Công tác dân vận", "Quý II", None),
        ("…… tháng ……", "Thi hành Luật Đất đai năm 2024", "Quý II", None),
        ("…… tháng ……", "Phổ biến pháp luật năm 2026", "Quý II", date(2026, 6, 30)),
        ("…… tháng ……", "Công tác dân vận năm 2026", "Từ nay đến tháng 9", None),
    ],
)
def test_a_time_without_a_year_is_in_the_year_that_the_title_plans_for(
    day: str, title: str, wording: str, due: date | None
) -> None:
    head = PLAN_OF_NEXT_YEAR.format(day=day, title=title) + HEAD

    item = _parsed(f"| 1 | Mở lớp tập huấn | Đoàn xã | Các thôn | {wording} |\n", head).items[0]

    assert (item.deadline.text, item.deadline.due) == (wording, due)


@pytest.mark.parametrize(
    ("heading", "cell", "due"),
    [
        ("Tháng", "9", date(2026, 9, 30)),
        ("Tháng", "9, 10", date(2026, 10, 31)),
        ("Quý", "III", date(2026, 9, 30)),
        ("Tuần", "Từ 07/9 đến 12/9/2026", date(2026, 9, 12)),
        ("Thứ, ngày", "Thứ Hai, 07/9/2026", date(2026, 9, 7)),
    ],
)
def test_a_column_that_is_headed_by_a_unit_of_time_holds_the_deadlines(heading: str, cell: str, due: date) -> None:
    date_line = "An Lạc, ngày 05 tháng 8 năm 2026\n\n"
    head = f"{date_line}| {heading} | Nội dung | Người phụ trách | Phối hợp |\n|---|---|---|---|\n"

    item = _parsed(f"| {cell} | Họp cha mẹ học sinh | Hiệu trưởng | Công đoàn |\n", head).items[0]

    assert (item.deadline.text, item.deadline.due) == (cell, due)


def test_a_group_row_that_names_a_unit_leads_where_no_column_does() -> None:
    head = "| STT | Nhiệm vụ | Đơn vị phối hợp | Thời hạn |\n|-|-|-|-|\n"
    items = _parsed(
        "| I | SỞ TÀI CHÍNH | | |\n| 1 | Công khai ngân sách | Các sở, ngành | 2027 |\n"
        "| II | CÔNG TÁC TUYÊN TRUYỀN | | |\n| 1 | Phát tờ gấp | Các thôn | 2027 |\n",
        head,
    ).items

    assert [item.lead for item in items] == [("SỞ TÀI CHÍNH",), ()]
    assert ["row.lead_above" in [problem.code for problem in item.problems] for item in items] == [True, False]


@pytest.mark.parametrize(
    "head",
    [
        "| TT | Hoạt động | Bộ phận tham mưu | Bộ phận liên quan | Ngày hoàn thành |",
        "| # | Nội dung triển khai | Đơn vị đầu mối | Thành phần tham gia | Kế hoạch hoàn thành |",
        "| TT | Công tác | CQCT | CQPH | Thời gian HT |",
        "| TT | Nhiệm vụ | ĐV chủ trì | ĐV phối hợp | Khi nào xong |",
    ],
)
def test_rare_names_of_columns(head: str) -> None:
    rows = "| 1 | Lập quy hoạch | Phòng Kinh tế | Các thôn | 2027 |\n| 2 | Cắm mốc | Công an xã | Đoàn xã | 2028 |\n"

    items = _parsed(rows, head + "\n|-|-|-|-|-|\n").items

    assert [(item.lead, item.coordinators, item.deadline.due) for item in items] == [
        (("Phòng Kinh tế",), ("Các thôn",), date(2027, 12, 31)),
        (("Công an xã",), ("Đoàn xã",), date(2028, 12, 31)),
    ]


def test_a_small_table_inside_a_cell_leaves_the_grid_around_it_a_table() -> None:
    small = "<table><tr><td>Phường 1</td><td>2</td></tr><tr><td>Phường 2</td><td>3</td></tr></table>"
    rows = "".join(
        f"<tr><td>{number}</td><td>Trồng cây xanh{small if number == 2 else ''}</td><td>Sở Xây dựng</td>"
        f"<td>Các phường</td><td>12/2027</td></tr>"
        for number in (1, 2, 3)
    )
    head = "<tr><th>TT</th><th>Nội dung</th><th>Chủ trì</th><th>Phối hợp</th><th>Thời hạn</th></tr>"
    page = f"<table><tr><td><table>{head}{rows}</table></td></tr></table>"

    items = parse(page.encode(), filename="plan.html").items

    assert [item.tt for item in items] == ["1", "2", "3"]
    assert items[1].content == "Trồng cây xanh Phường 1 2 Phường 2 3"
