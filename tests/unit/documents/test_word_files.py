"""What Word hides in a file: tracked changes, hidden text, text boxes, footnotes, automatic numbers, nested tables."""

from __future__ import annotations

import io
import zipfile

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from taskflow.documents.model import Paragraph
from taskflow.documents.parse import parse
from tests.unit.documents.office_files import with_xml

HEADS = ("TT", "Nội dung công việc", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời hạn")
ROW = ("1", "NOIDUNG", "CHUTRI", "Sở Y tế", "HAN")


def _document(*rows: tuple[str, ...]) -> bytes:
    document = Document()
    document.add_paragraph("PHUDE")
    table = document.add_table(0, len(HEADS))
    for row in (HEADS, *rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _with(change: dict[str, str]) -> bytes:
    return with_xml(_document(ROW), "word/document.xml", change)


def test_tracked_changes_are_read_as_accepted() -> None:
    data = _with(
        {
            "<w:r><w:t>HAN</w:t></w:r>": '<w:del w:id="1"><w:r><w:delText>31/12/2025</w:delText></w:r></w:del>'
            '<w:ins w:id="2"><w:r><w:t>Quý II/2027</w:t></w:r></w:ins>',
            "<w:r><w:t>CHUTRI</w:t></w:r>": '<w:moveFrom w:id="3"><w:r><w:t>Sở Cũ</w:t></w:r></w:moveFrom>'
            '<w:moveTo w:id="4"><w:r><w:t>Sở Nội vụ</w:t></w:r></w:moveTo>',
        }
    )

    item = parse(data, filename="a.docx").items[0]

    assert item.lead == ("Sở Nội vụ",)
    assert item.deadline.text == "Quý II/2027"


def test_deleted_row_is_gone() -> None:
    data = _document(ROW, ("2", "Việc đã xóa khỏi bảng", "Sở Nội vụ", "", "2027"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("word/document.xml").decode()
    at = xml.rindex("<w:tr>")
    last_row = xml[at:].replace("<w:tr>", '<w:tr><w:trPr><w:del w:id="9"/></w:trPr>')

    parsed = parse(with_xml(data, "word/document.xml", {xml: xml[:at] + last_row}), filename="a.docx")

    assert [item.tt for item in parsed.items] == ["1"]


def test_hidden_text_stays_out() -> None:
    data = _with(
        {
            "<w:r><w:t>NOIDUNG</w:t></w:r>": "<w:r><w:t>Rà soát danh mục thủ tục</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> BÍ MẬT</w:t></w:r>"  # noqa: E501 - data on one line, as it is printed
        }
    )

    assert parse(data, filename="a.docx").items[0].content == "Rà soát danh mục thủ tục"


def test_text_box_is_read_once() -> None:
    box = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="wps">'  # noqa: E501 - data on one line, as it is printed
        "<w:drawing><w:txbxContent><w:p><w:r><w:t>DỰ THẢO LẦN HAI</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>"  # noqa: E501 - data on one line, as it is printed
        "<mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>DỰ THẢO LẦN HAI</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback>"  # noqa: E501 - data on one line, as it is printed
        "</mc:AlternateContent></w:r>"
    )
    parsed = parse(_with({"<w:r><w:t>PHUDE</w:t></w:r>": f"<w:r><w:t>PHUDE</w:t></w:r>{box}"}), filename="a.docx")

    texts = [block.text for block in parsed.blocks if isinstance(block, Paragraph)]
    assert texts.count("DỰ THẢO LẦN HAI") == 1


def test_automatic_numbers_of_lists_are_read() -> None:
    document = Document()
    table = document.add_table(1, len(HEADS))
    for cell, text in zip(table.rows[0].cells, HEADS, strict=True):
        cell.text = text
    for content in ("Xây dựng kế hoạch phát triển du lịch", "Tổ chức hội nghị xúc tiến đầu tư"):
        row = table.add_row().cells
        for cell, text in zip(row, ("", content, "Sở Du lịch", "", "2027"), strict=True):
            cell.text = text
        row[0].paragraphs[0].style = "List Number"
    out = io.BytesIO()
    document.save(out)

    parsed = parse(out.getvalue(), filename="a.docx")

    assert [item.tt for item in parsed.items] == ["1", "2"]


def test_nested_table_inside_a_cell_is_part_of_the_cell() -> None:
    document = Document()
    table = document.add_table(2, len(HEADS))
    for cell, text in zip(table.rows[0].cells, HEADS, strict=True):
        cell.text = text
    for cell, text in zip(table.rows[1].cells, ("1", "Kiểm tra các bến đò ngang", "", "", "2027"), strict=True):
        cell.text = text
    inner = table.rows[1].cells[2].add_table(2, 1)
    inner.rows[0].cells[0].text, inner.rows[1].cells[0].text = "Sở Xây dựng", "Công an tỉnh"
    out = io.BytesIO()
    document.save(out)

    assert parse(out.getvalue(), filename="a.docx").items[0].lead == ("Sở Xây dựng", "Công an tỉnh")


def test_footnote_mark_leaves_no_trace_in_the_cell() -> None:
    data = _with(
        {"<w:r><w:t>HAN</w:t></w:r>": '<w:r><w:t>12/2027</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r>'}
    )

    assert parse(data, filename="a.docx").items[0].deadline.text == "12/2027"


def test_content_controls_are_looked_through() -> None:
    document = Document()
    document.add_paragraph("đầu")
    body = document.element.body
    body.insert(
        0,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Trong ô nhập liệu</w:t></w:r></w:p></w:sdtContent></w:sdt>"  # noqa: E501 - data on one line, as it is printed
        ),
    )
    out = io.BytesIO()
    document.save(out)

    blocks = parse(out.getvalue(), filename="a.docx").blocks
    assert [block.text for block in blocks if isinstance(block, Paragraph)] == ["Trong ô nhập liệu", "đầu"]
