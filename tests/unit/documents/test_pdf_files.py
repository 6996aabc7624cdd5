"""PDF pages: page numbers left out, sentences kept in order, tables over pages, pictures handed to OCR."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from taskflow.documents.messages import DocumentError
from taskflow.documents.model import Paragraph, RawTable
from taskflow.documents.parse import parse
from taskflow.documents.readers import pdf as pdf_reader
from taskflow.documents.readers import scan
from taskflow.documents.readers.base import silent
from taskflow.documents.readers.geometry import Segment, Word, cell_text, ruled_grids
from taskflow.documents.readers.picture import binarised, cleaned, drawn_lines, straightened
from tests.unit.documents.pdf_files import Page, pdf


def test_page_numbers_are_left_out_and_lines_kept() -> None:
    first, second = Page(), Page()
    first.text(60, 700, "Các cơ quan báo cáo kết quả")
    second.text(295, 30, "2")
    second.text(60, 70, "trước ngày 30/11 hằng năm.")

    blocks = pdf_reader.read(pdf([first, second]), silent).blocks

    assert [(block.place.page, block.text) for block in blocks if isinstance(block, Paragraph)] == [
        (1, "Các cơ quan báo cáo kết quả"),
        (2, "trước ngày 30/11 hằng năm."),
    ]


def test_letterhead_columns_are_parted() -> None:
    page = Page()
    page.text(60, 60, "ỦY BAN NHÂN DÂN")
    page.text(300, 60, "CỘNG HÒA XÃ HỘI")

    (block,) = pdf_reader.read(pdf([page]), silent).blocks

    assert isinstance(block, Paragraph)
    assert block.text == "ỦY BAN NHÂN DÂN\tCỘNG HÒA XÃ HỘI"


def test_shaded_background_is_no_table() -> None:
    page = Page()
    page.text(60, 60, "Một đoạn văn được tô nền.")
    data = pdf([page]).replace(b"0.5 w", b"9 g\n60 770 200 20 re f 60 745 200 20 re f 0 g 0.5 w"[:5])

    assert all(isinstance(block, Paragraph) for block in pdf_reader.read(data, silent).blocks)


HEADS = ("TT", "Nội dung công việc", "Cơ quan chủ trì", "Thời hạn")


def _ruled(rows: list[tuple[str, ...]]) -> Page:
    page = Page()
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            x, y = 50 + 120 * c, 100 + 40 * r
            page.block(x + 3, y + 3, 114, text)
            page.lines += [
                (x, y, x + 120, y),
                (x, y + 40, x + 120, y + 40),
                (x, y, x, y + 40),
                (x + 120, y, x + 120, y + 40),
            ]
    return page


def test_rows_know_their_page_when_a_table_goes_on() -> None:
    pages = [
        _ruled([HEADS, ("1", "Lập quy hoạch chung", "Sở Xây dựng", "2027")]),
        _ruled([("2", "Lập quy hoạch chung", "Sở Xây dựng", "2027")]),
    ]

    parsed = parse(pdf(pages), filename="plan.pdf")

    assert [(item.tt, item.place.page, item.place.row) for item in parsed.items] == [("1", 1, 2), ("2", 2, 3)]


@pytest.mark.parametrize("rest", ["1322/QĐ-UBND ngày 15/7/2026", "Thông báo số 215", "28/11/2025 về quy hoạch"])
def test_row_cut_by_a_page_is_one_task(rest: str) -> None:
    pages = [
        _ruled([HEADS, ("1", "Lập quy hoạch theo số", "Sở Xây dựng", "Trước ngày 7-"), ("I", "Nhóm", "", "")][:2]),
        _ruled([("", rest, "Sở Y tế", "10-2027"), ("2", "Công bố quy hoạch", "Sở Xây dựng", "2028")]),
    ]

    first, second = parse(pdf(pages), filename="plan.pdf").items

    assert (first.content, first.lead) == (f"Lập quy hoạch theo số {rest}", ("Sở Xây dựng", "Sở Y tế"))
    assert (first.deadline.text, second.tt) == ("Trước ngày 7-10-2027", "2")


def test_task_without_its_number_at_the_top_of_a_page_stays_a_task() -> None:
    pages = [
        _ruled([HEADS, ("1", "Lập quy hoạch", "Sở Xây dựng", "2027")]),
        _ruled([("", "Công bố quy hoạch", "Sở Y tế", "2028"), ("3", "Cắm mốc", "Sở Xây dựng", "2029")]),
    ]

    assert [item.tt for item in parse(pdf(pages), filename="plan.pdf").items] == ["1", None, "3"]


def test_double_lines_of_a_merged_row_are_told_apart() -> None:
    horizontal = [Segment(y, 0, 30) for y in (0, 10, 20, 30)]
    double = [Segment(x, a, b) for x in (9.8, 10.3) for a, b in ((0, 10), (20, 30))]
    vertical = [*double, *(Segment(x, 0, 30) for x in (0, 30))]

    (grid,) = ruled_grids(horizontal, vertical, 1.0)

    assert [grid.owner[row, 1] for row in range(3)] == [(0, 1), (1, 0), (2, 1)]


def test_words_parted_at_a_hyphen_are_joined_without_a_space() -> None:
    words = [Word("Phòng", 0, 30, 0, 10), Word("VH-", 33, 48, 0, 10), Word("TT", 0, 12, 12, 22)]

    assert cell_text(words, 60) == "Phòng VH-TT"


def test_unruled_columns_are_parted_below_a_heading_of_two_rows() -> None:
    page = Page()
    columns = (50, 80, 250, 400, 520)
    rows = [
        ("TT", "Nội dung công việc", "Phân công thực hiện nhiệm vụ", "", "Thời hạn"),
        ("", "", "Chủ trì", "Phối hợp", ""),
        *((str(n), f"Lập quy hoạch số {n} của", "Sở Xây dựng của tỉnh mới", "Sở Y tế", "2027") for n in range(1, 5)),
    ]
    for r, row in enumerate(rows):
        for x, text in zip(columns, row, strict=True):
            page.text(x, 100 + 30 * r, text)
    page.text(50, 300, "Nơi nhận:")
    page.text(90, 315, "- Lưu: VT.")

    items = parse(pdf([page]), filename="plan.pdf").items

    assert [(item.lead, item.coordinators) for item in items] == [(("Sở Xây dựng của tỉnh mới",), ("Sở Y tế",))] * 4


def test_wrapped_line_is_joined_and_a_real_break_kept() -> None:
    words = [
        Word("Sở", 0, 10, 0, 10),
        Word("Tài", 13, 26, 0, 10),
        Word("chính", 0, 14, 12, 22),
        Word("Sở", 0, 6, 24, 34),
    ]

    assert cell_text(words, 60) == "Sở Tài chính\nSở"


def test_cell_without_a_line_between_is_merged() -> None:
    horizontal = [Segment(y, 0, 30) for y in (0, 30)] + [Segment(15, 0, 20)]
    vertical = [Segment(x, 0, 30) for x in (0, 10, 20, 30)]

    (grid,) = ruled_grids(horizontal, vertical, 1.0)

    assert grid.owner[1, 2] == (0, 2)
    assert grid.owner[1, 0] == (1, 0)


def _drawing() -> Image.Image:
    picture = Image.new("L", (900, 600), 235)
    pen = ImageDraw.Draw(picture)
    for x in (50, 300, 600, 850):
        pen.line((x, 60, x, 500), fill=10, width=2)
    for y in (60, 160, 330, 500):
        pen.line((50, y, 850, y), fill=10, width=2)
    for y in range(80, 480, 30):
        pen.line((80, y, 110, y), fill=10, width=3)
    return picture


def test_lines_of_a_crooked_scan_are_found() -> None:
    crooked = _drawing().rotate(1.5, fillcolor=235)

    horizontal, vertical, _ = drawn_lines(binarised(straightened(cleaned(crooked))))
    (grid,) = ruled_grids(horizontal, vertical, 6.0)

    assert (len(grid.xs) - 1, len(grid.ys) - 1) == (3, 3)


def test_scanned_page_becomes_a_table_marked_as_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "is_available", lambda: True)
    texts = iter([("TT", "1", "2"), ("Nội dung", "Lập", "Xây"), ("Chủ trì", "Sở", "Sở")])

    def recognised(_picture: Image.Image, mode: int) -> list[Word]:
        if mode != 6:
            return []
        return [Word(text, 20, 60, y, y + 20) for text, y in zip(next(texts), (30, 300, 600), strict=True)]

    monkeypatch.setattr(scan, "_recognised", recognised)
    out = io.BytesIO()
    _drawing().resize((1800, 1200)).save(out, "PDF", resolution=150)
    seen: list[tuple[str, int, int]] = []

    reading = pdf_reader.read(out.getvalue(), lambda *step: seen.append(step))

    (table,) = [block for block in reading.blocks if isinstance(block, RawTable)]
    assert reading.ocr
    assert all(cell.ocr for row in table.rows for cell in row)
    assert [row[0].text for row in table.rows] == ["TT", "1", "2"]
    assert ("ocr", 1, 1) in seen


def test_too_many_scanned_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "is_available", lambda: True)
    with pytest.raises(DocumentError) as caught:
        scan.read_pages(b"", list(range(1, 100)), silent)

    assert caught.value.code == "document.too_many_pages"


def test_unruled_cells_that_are_centred_come_together_by_their_middles() -> None:
    widths = [40.0, 190.0, 140.0, 90.0]
    rows = [
        ("TT", "Nội dung công việc", "Cơ quan chủ trì", "Thời hạn"),
        ("1", "Rà soát hồ sơ địa chính của toàn bộ đất rừng sản xuất trên địa bàn xã", "Phòng Kinh tế", "12/2027"),
        ("2", "Tổ chức lớp tập huấn cho cán bộ không chuyên trách ở các thôn, bản", "Phòng Văn hóa", ""),
        ("3", "Ban hành quy chế chi tiêu nội bộ của cơ quan áp dụng từ năm sau", "Phòng Kinh tế", ""),
        ("4", "Công bố kết quả", "Trung tâm Phục vụ hành chính công và các bộ phận", "2028"),
    ]
    page, y, below = Page(size=8), 60.0, 4.0
    tops = list[tuple[float, float]]()
    for row in rows:
        heights = [Page(size=8).block(0, 0, width - 20, text) for text, width in zip(row, widths, strict=True)]
        tops.append((y, max(heights)))
        for at, (text, own) in enumerate(zip(row, heights, strict=True)):
            if text:
                page.block(30 + sum(widths[:at]), y + (max(heights) - own) / 2, widths[at] - 20, text)
        y += max(heights) + below
    merged = (tops[2][0] + tops[3][0] + tops[3][1]) / 2  # one deadline, merged over the rows 2 and 3
    page.block(30 + sum(widths[:3]), merged - Page(size=8).block(0, 0, 80, "30/6/2027") / 2, 80, "30/6/2027")

    items = parse(pdf([page]), filename="plan.pdf").items

    assert [item.content for item in items] == [row[1] for row in rows[1:]]
    assert [item.lead for item in items[:3]] == [(row[2],) for row in rows[1:4]]
    assert items[3].lead[0].startswith("Trung tâm Phục vụ")
    assert [item.deadline.text for item in items] == ["12/2027", "30/6/2027", "30/6/2027", "2028"]


def test_titles_close_above_an_unruled_heading_are_no_part_of_it() -> None:
    page = Page(size=8)
    for number, title in enumerate(["KẾ HOẠCH", "Triển khai nhiệm vụ trọng tâm năm 2027", "PHỤ LỤC"]):
        page.text(30, 60 + 10 * number, title)
    rows = [
        ("Số TT", "Nội dung công việc", "Cơ quan chủ trì", "Thời hạn"),
        ("1", "Rà soát hồ sơ địa chính", "Phòng Kinh tế", "12/2027"),
        ("2", "Tổ chức lớp tập huấn", "Phòng Văn hóa", "Quý I/2027"),
        ("3", "Ban hành quy chế chi tiêu", "Phòng Kinh tế", "2028"),
    ]
    for at, row in enumerate(rows):
        for x, text in zip((30, 70, 220, 340), row, strict=True):
            page.text(x, 90 + 14 * at, text)

    items = parse(pdf([page]), filename="plan.pdf").items

    assert [(item.tt, item.content, item.lead, item.deadline.text) for item in items] == [
        (tt, content, (lead,), due) for tt, content, lead, due in rows[1:]
    ]


def test_rows_that_pages_cut_in_an_unruled_table_are_whole() -> None:
    columns = (30, 70, 240, 400)

    def lines(page: Page, y: float, *rows: tuple[str, ...]) -> None:
        for number, row in enumerate(rows):
            for x, text in zip(columns, row, strict=False):
                if text:
                    page.text(x, y + 10 * number, text)

    first, second, third = Page(size=8), Page(size=8), Page(size=8)
    lines(first, 100, ("TT", "Nội dung công việc", "Cơ quan chủ trì", "Thời hạn"))
    for number in range(1, 5):
        lines(first, 100 + 30 * number, (str(number), f"Kiểm tra bến số {number}", "Sở Xây dựng", "12/2027"))
    lines(first, 250, ("5", "Rà soát quy hoạch chi tiết", "Trung tâm Phục vụ", "Quý I/2027"))
    lines(second, 60, ("", "của các khu dân cư", "hành chính công tỉnh"), ("", "mới ven sông"))
    lines(second, 110, ("6", "Công bố quy hoạch", "Sở Xây dựng", "2028"))
    lines(second, 140, ("7", "Cắm mốc ngoài thực địa", "Sở Xây dựng", "2028"))
    lines(second, 170, ("8", "Bàn giao hồ sơ, mốc giới", "Sở Xây dựng", "2029"))
    lines(third, 60, ("", "cho các phường quản lý"))

    items = parse(pdf([first, second, third]), filename="plan.pdf").items

    assert [(item.tt, item.content, item.lead) for item in items[4:]] == [
        (
            "5",
            "Rà soát quy hoạch chi tiết của các khu dân cư mới ven sông",
            ("Trung tâm Phục vụ hành chính công tỉnh",),
        ),
        ("6", "Công bố quy hoạch", ("Sở Xây dựng",)),
        ("7", "Cắm mốc ngoài thực địa", ("Sở Xây dựng",)),
        ("8", "Bàn giao hồ sơ, mốc giới cho các phường quản lý", ("Sở Xây dựng",)),
    ]
