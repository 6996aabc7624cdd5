"""The demo plan as a real .docx: letterhead, legal basis, prose duties, three annexes, and the usual traps.

The same structure and the same traps as real annexes: heads of two rows, merged cells, group rows,
a repeated and a missing number, several leads in one cell, a group as lead, an empty coordination
cell, a typing error, deadlines that are no dates. All names are fictional, all dates follow ``today``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

NUMBER = "128/KH-UBND"
TITLE = "Triển khai Nghị quyết số 15-NQ/TU về chuyển đổi số và cải cách hành chính trên địa bàn tỉnh Sơn Hà"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the task annex, as printed."""

    tt: str
    content: str
    lead: str
    coordinators: str
    deadline: str
    product: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group label that spans the table."""

    tt: str
    text: str


def issued_on(today: date) -> date:
    """The plan's date: about five months ago, on a weekday."""
    day = today - timedelta(days=150)
    return day - timedelta(days=max(0, day.weekday() - 4))


def annex(today: date) -> list[Row | Group]:
    """The lines of Phụ lục II, with dates around today."""

    def day(offset: int) -> str:
        return f"{today + timedelta(days=offset):%d/%m/%Y}"

    def month(offset: int) -> str:
        number = today.year * 12 + today.month - 1 + offset
        return f"{number % 12 + 1}/{number // 12}"

    year = today.year
    return [
        Group("I", "Tuyên truyền, tổ chức bộ máy"),
        Row("1", "Tổ chức tuyên truyền, phổ biến, quán triệt Nghị quyết số 15-NQ/TU của Tỉnh ủy",
            "Sở Văn hóa, Thể thao và Du lịch, Ban Tuyên giáo và Dân vận Tỉnh ủy", "UBND các xã, phường, các đoạn thể",
            f"Tháng {month(-3)}", "Kế hoạch tuyên truyền"),
        Row("2", "Kiện toàn Ban Chỉ đạo chuyển đổi số cấp tỉnh", "Sở Nội vụ", "Các cơ quan, đơn vị có liên quan",
            f"Trước ngày {day(-95)}", "Quyết định kiện toàn"),
        Row("3", "Thành lập tổ công nghệ số cộng đồng, xây dựng kế hoạch cấp cơ sở", "UBND các xã, phường",
            "Sở Khoa học và Công nghệ", f"Trước ngày {day(-20)}", "Quyết định thành lập; kế hoạch cấp xã"),
        Group("II", "Hạ tầng và dữ liệu"),
        Row("4", "Rà soát, nâng cấp hạ tầng mạng truyền số liệu chuyên dùng đến cấp xã", "Sở KH&CN",
            "Công an tỉnh; UBND các xã, phường", f"Chậm nhất {day(-9)}", "Báo cáo kết quả rà soát"),
        Row("4", "Số hóa hồ sơ, kết quả giải quyết thủ tục hành chính còn hiệu lực",
            "Trung tâm Phục vụ hành chính công tỉnh", "", f"Quý III/{year}", "Kho dữ liệu điện tử"),
        Row("5", "Làm sạch dữ liệu đất đai, kết nối với cơ sở dữ liệu quốc gia về dân cư",
            "Sở Nông nghiệp và Môi trường", "Công an tỉnh và UBND các xã, phường", f"Trước ngày {day(2)}",
            "Cơ sở dữ liệu đất đai"),
        Row("6", "Triển khai hồ sơ sức khỏe điện tử, liên thông kết quả xét nghiệm giữa các cơ sở khám chữa bệnh",
            "Sở Y tế", "Sở Tài chính, Sở KH&CN", f"Đến hết ngày {day(6)}", "Phần mềm vận hành"),
        Row("", "Xây dựng kế hoạch bồi dưỡng kỹ năng số cho giáo viên, học sinh", "Sở GD&ĐT", "Sở Nội vụ",
            f"Trước ngày {day(-5)}", "Kế hoạch bồi dưỡng"),
        Row("8", "Xây dựng học bạ số, kết nối với cơ sở dữ liệu ngành", "Sở GD&ĐT", "như trên",
            f"Tháng {month(1)}", "Học bạ số cấp tiểu học, trung học cơ sở"),
        Group("III", "Cải cách hành chính"),
        Row("9", "Rà soát, cắt giảm thời gian giải quyết thủ tục hành chính thuộc thẩm quyền", "Sở Tư pháp",
            "Các sở, ban, ngành", f"Trước ngày {day(12)}", "Quyết định công bố danh mục"),
        Row("10", "Đánh giá chỉ số cải cách hành chính của các cơ quan, đơn vị", "Sở Nội vụ", "Các sở, ban, ngành",
            "Tháng 12 hằng năm", "Báo cáo xếp hạng"),
        Row("11", "Kiểm tra công vụ tại các cơ quan, đơn vị, địa phương", "Thanh tra tỉnh", "Sở Nội vụ",
            "Định kỳ hằng quý", "Kết luận kiểm tra"),
        Row("12", "Cập nhật, công khai tiến độ giải quyết hồ sơ trên Cổng dịch vụ công",
            "Trung tâm Phục vụ hành chính công tỉnh", "Các cơ quan, đơn vị có liên quan", "Thường xuyên", ""),
        Row("13", "Tổng hợp, báo cáo kết quả thực hiện Kế hoạch", "Văn phòng UBND tỉnh", "Các sở, ban, ngành",
            "ngày 25 hằng tháng", "Báo cáo tháng"),
        Group("IV", "Kinh tế số và nguồn lực"),
        Row("14", "Hỗ trợ doanh nghiệp nhỏ và vừa chuyển đổi số, đưa sản phẩm lên sàn thương mại điện tử",
            "Sở Công Thương", "Sở Tài chính", f"Tháng {month(-1)}", "Chương trình hỗ trợ"),
        Row("15", "Bố trí kinh phí thực hiện Kế hoạch", "Sở Tài chính", "Các cơ quan, đơn vị có liên quan",
            f"Trước ngày {day(-30)}", "Quyết định phân bổ"),
        Row("16", "Nâng cấp bảng điện tử, cụm tin tức công cộng tại các xã, phường", "Sở Văn hóa, Thể thao và Du lịch",
            "UBND các xã, phường", "Sau khi được bố trí vốn", ""),
        Row("17", "Xây dựng mô hình đô thị thông minh tại phường Đông Giang", "Sở Xây dựng",
            "UBND phường Đông Giang, Công an tỉnh", f"{year}-{year + 2}", "Đề án"),
        Row("18", "Tổ chức diễn tập bảo đảm an toàn thông tin mạng", "Công an tỉnh", "Sở KH&CN", "2 năm 1 lần",
            "Báo cáo diễn tập"),
        Row("19", "Sơ kết giữa kỳ việc thực hiện Nghị quyết số 15-NQ/TU", "Văn phòng UBND tỉnh",
            "Các sở, ban, ngành; UBND các xã, phường", f"Tháng 6 năm {year + 2}", "Báo cáo sơ kết"),
    ]  # fmt: skip


def build_plan(today: date) -> bytes:
    """The plan as .docx bytes."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    issued = issued_on(today)
    _letterhead(document, issued)
    _body(document, today)
    _signature(document)
    landscape = document.add_section()
    landscape.orientation = WD_ORIENT.LANDSCAPE
    landscape.page_width, landscape.page_height = Mm(297), Mm(210)
    _annex_of_indicators(document, today, issued)
    _annex_of_tasks(document, today, issued)
    _annex_of_costs(document, issued)
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def build_report(title: str) -> bytes:
    """A short report as .docx bytes: what a unit attaches as evidence."""
    document = Document()
    _centred(document, "BÁO CÁO", bold=True)
    _centred(document, title, bold=True)
    document.add_paragraph("Kết quả thực hiện đến ngày báo cáo và danh mục sản phẩm kèm theo.")
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _letterhead(document: Any, issued: date) -> None:
    table = document.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    _lines(left, ["ỦY BAN NHÂN DÂN", "TỈNH SƠN HÀ", f"Số: {NUMBER}"])
    date_line = f"Sơn Hà, ngày {issued:%d} tháng {issued.month:02d} năm {issued.year}"
    _lines(right, ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", date_line])
    _centred(document, "KẾ HOẠCH", bold=True)
    _centred(document, TITLE, bold=True)


def _body(document: Any, today: date) -> None:
    for text in (
        f"Căn cứ Nghị quyết số 15-NQ/TU ngày 12/02/{today.year} của Tỉnh ủy Sơn Hà về chuyển đổi số và cải cách hành "
        f"chính; căn cứ Chương trình hành động số 20-CTr/TU ngày 05/3/{today.year} của Ban Thường vụ Tỉnh ủy, "
        "Ủy ban nhân dân tỉnh ban hành Kế hoạch triển khai thực hiện như sau:",
        "I. MỤC ĐÍCH, YÊU CẦU",
        "1. Quán triệt, thực hiện nghiêm túc, hiệu quả Nghị quyết; phân công rõ người, rõ việc, rõ thời gian, "
        "rõ kết quả.",
        "2. Việc triển khai phải đồng bộ, tiết kiệm, tránh hình thức.",
        "II. MỤC TIÊU: Thực hiện các chỉ tiêu tại Phụ lục I.",
        "III. NHIỆM VỤ: Phân công nhiệm vụ trọng tâm tại Phụ lục II; dự toán kinh phí tại Phụ lục III.",
        "IV. TỔ CHỨC THỰC HIỆN",
        "1. Sở Khoa học và Công nghệ",
        "Chủ trì, phối hợp với Văn phòng UBND tỉnh theo dõi, đôn đốc việc thực hiện Kế hoạch; định kỳ trước ngày 15 "
        "tháng 12 hằng năm tổng hợp, báo cáo UBND tỉnh.",
        "2. Sở Tài chính",
        "Tham mưu UBND tỉnh bố trí kinh phí thực hiện Kế hoạch theo phân cấp ngân sách.",
        "3. UBND các xã, phường",
        "Xây dựng kế hoạch cụ thể, bố trí nguồn lực thực hiện; phối hợp với Sở Khoa học và Công nghệ tổ chức "
        "tập huấn cho tổ công nghệ số cộng đồng.",
        "Trên đây là Kế hoạch triển khai Nghị quyết số 15-NQ/TU. Trong quá trình thực hiện, nếu có khó khăn, vướng "
        "mắc, các cơ quan, đơn vị phản ánh về Văn phòng UBND tỉnh để tổng hợp, báo cáo UBND tỉnh xem xét./.",
    ):
        document.add_paragraph(text)


def _signature(document: Any) -> None:
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    _lines(
        left,
        ["Nơi nhận:", "- Tỉnh ủy (để b/c);", "- Các sở, ban, ngành;", "- UBND các xã, phường;", "- Lưu: VT, KGVX."],
    )
    _lines(right, ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "", "Nguyễn Quốc Bảo"])


def _annex_head(document: Any, number: str, title: str, issued: date) -> None:
    _centred(document, f"PHỤ LỤC {number}", bold=True)
    _centred(document, title, bold=True)
    _centred(document, f"(Kèm theo Kế hoạch số {NUMBER} ngày {issued:%d/%m/%Y} của UBND tỉnh Sơn Hà)")


def _annex_of_indicators(document: Any, today: date, issued: date) -> None:
    _annex_head(document, "I", "CHỈ TIÊU CHỦ YẾU", issued)
    first, last = today.year, today.year + 4
    rows: list[list[str]] = [
        ["TT", "Chỉ tiêu", "Đơn vị tính", f"Hiện trạng {first - 1}", f"Năm {first}", f"Năm {last}", "Đơn vị theo dõi"],
        ["1", "Tỷ lệ hồ sơ trực tuyến toàn trình", "%", "62", "75", "≥ 95", "Văn phòng UBND tỉnh"],
        ["2", "Tỷ lệ số hóa kết quả giải quyết thủ tục hành chính", "%", "48", "70", "100", "TTPVHCC"],
        ["3", "Tỷ lệ học sinh có học bạ số", "%", "???", "50", "Trên 98%", "Sở GD&ĐT"],
        ["4", "Tỷ lệ hồ sơ trễ hạn", "%", "3,4", "< 3%", "< 1%", "Văn phòng UBND tỉnh"],
        ["5", "Tỷ trọng kinh tế số trong GRDP", "%", "9", "10-11%", "20", "Sở Công Thương"],
    ]
    _table(document, rows)


def _annex_of_tasks(document: Any, today: date, issued: date) -> None:
    _annex_head(document, "II", "PHÂN CÔNG NHIỆM VỤ TRỌNG TÂM", issued)
    table = document.add_table(rows=2, cols=6)
    table.style = "Table Grid"
    for column, text in enumerate(("TT", "Nội dung công việc")):
        table.cell(0, column).merge(table.cell(1, column)).text = text
    table.cell(0, 2).merge(table.cell(0, 3)).text = "Phân công"
    table.cell(1, 2).text, table.cell(1, 3).text = "Cơ quan chủ trì", "Cơ quan phối hợp"
    for column, text in ((4, "Thời gian triển khai và hoàn thành"), (5, "Sản phẩm")):
        table.cell(0, column).merge(table.cell(1, column)).text = text
    for line in annex(today):
        cells = table.add_row().cells
        if isinstance(line, Group):
            cells[0].text = line.tt
            cells[1].merge(cells[5]).text = line.text
            continue
        values = (line.tt, line.content, line.lead, line.coordinators, line.deadline, line.product)
        for cell, value in zip(cells, values, strict=True):
            cell.text = value


def _annex_of_costs(document: Any, issued: date) -> None:
    _annex_head(document, "III", "DỰ TOÁN KINH PHÍ", issued)
    _table(
        document,
        [
            ["STT", "Nội dung", "Kinh phí dự kiến (triệu đồng)", "Nguồn kinh phí", "Ghi chú"],
            ["1", "Nâng cấp hạ tầng số", "42.500", "Ngân sách tỉnh", ""],
            ["1.1", "Mạng truyền số liệu chuyên dùng", "30.000", "Ngân sách tỉnh", "Giai đoạn 1"],
            ["1.2", "Bảng điện tử, cụm tin công cộng", "12.500", "Ngân sách tỉnh, xã hội hóa", ""],
            ["2", "Bồi dưỡng kỹ năng số", "3.200", "Kinh phí sự nghiệp", ""],
            ["", "Tổng cộng", "45.700", "", ""],
        ],
    )


def _table(document: Any, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]))
    table.style = "Table Grid"
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = value


def _lines(cell: Any, lines: Sequence[str]) -> None:
    cell.text = lines[0]
    for line in lines[1:]:
        cell.add_paragraph(line)
    for paragraph in cell.paragraphs:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _centred(document: Any, text: str, *, bold: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(text).bold = bold
