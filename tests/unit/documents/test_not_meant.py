"""Text that is not there or not meant: struck, of old fonts, below the table, tracked, commented, not computed."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from taskflow.documents.messages import DocumentError
from taskflow.documents.model import ParsedDocument
from taskflow.documents.old_fonts import converted
from taskflow.documents.parse import parse, to_contract

HEADS = ("TT", "Nội dung công việc", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời hạn hoàn thành")
ROWS = (
    ("1", "Xây dựng quy chế quản lý dữ liệu", "Sở Nội vụ", "Sở Tài chính", "30/6/2026"),
    ("2", "Tổ chức tập huấn kỹ năng số", "Sở Tư pháp", "", "31/8/2026"),
    ("3", "Rà soát thủ tục hành chính nội bộ", "Sở Nội vụ", "", "30/9/2026"),
)


def _book() -> Any:
    book: Any = openpyxl.Workbook()
    for row in (HEADS, *ROWS):
        book.active.append(row)
    return book


def _word() -> Any:
    document = docx.Document()
    table = document.add_table(rows=0, cols=len(HEADS))
    for row in (HEADS, *ROWS):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.paragraphs[0].add_run(text)
    return document


def _parsed(file: Any, name: str = "plan.xlsx") -> ParsedDocument:
    out = io.BytesIO()
    file.save(out)
    return parse(out.getvalue(), filename=name)


def _codes(parsed: ParsedDocument) -> set[str]:
    return {problem.code for problem in parsed.problems}


def _numbers(parsed: ParsedDocument) -> list[str | None]:
    return [item.tt for item in parsed.items if item.selected]


def test_struck_row_and_unit_of_word_are_out() -> None:
    document = _word()
    rows = document.tables[0].rows
    for cell in rows[2].cells:
        cell.paragraphs[0].runs[0].font.strike = True
    other = rows[3].cells[2].paragraphs[0]
    other.runs[0].font.double_strike = True
    other.add_run("Sở Y tế")

    parsed = _parsed(document, "plan.docx")

    assert _numbers(parsed) == ["1", "3"]
    assert parsed.items[1].lead == ("Sở Y tế",)
    assert ("row.struck", "lead") in {(p.code, p.field) for p in parsed.items[1].problems}
    assert "document.struck" in _codes(parsed)
    assert any(skip.reason.startswith("Dòng bị gạch ngang") for skip in parsed.reconciliation.skipped)
    assert parsed.reconciliation.complete


def test_struck_row_of_a_workbook_is_out() -> None:
    book = _book()
    for cell in book.active[3]:
        cell.font = Font(strike=True)

    parsed = _parsed(book)

    assert _numbers(parsed) == ["1", "3"]
    assert "document.struck" in _codes(parsed)
    assert parsed.reconciliation.complete


def test_struck_text_of_an_open_document_sheet_is_out() -> None:
    struck = '<style:style style:name="ce9" style:family="table-cell"><style:text-properties '
    struck += 'style:text-line-through-style="solid"/></style:style>'
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell table:style-name="{"ce9" if row is ROWS[1] else "ce1"}"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in (HEADS, *ROWS)
    )
    sheet = f'<table:table table:name="PL">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    styles = f"<office:automatic-styles>{struck}</office:automatic-styles>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", f"<office:document-content{names}>{styles}{body}</office:document-content>")

    parsed = parse(out.getvalue(), filename="plan.ods")

    assert _numbers(parsed) == ["1", "3"]
    assert [problem["code"] for problem in to_contract(parsed)["problems"]] == ["document.struck"]


@pytest.mark.parametrize(
    "mark", ["<s>{}</s>", "<strike>{}</strike>", '<span style="text-decoration: line-through">{}</span>']
)
def test_struck_row_of_a_web_page_is_out(mark: str) -> None:
    rows = [*[[cell or " " for cell in row] for row in (HEADS, *ROWS)]]
    rows[2] = [mark.format(cell) for cell in rows[2]]
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)

    parsed = parse(f"<html><body><table>{table}</table></body></html>".encode(), filename="plan.html")

    assert _numbers(parsed) == ["1", "3"]
    assert "document.struck" in _codes(parsed)


def test_struck_row_of_markdown_is_out() -> None:
    rows = [HEADS, ("---",) * 5, ROWS[0], tuple(f"~~{cell}~~" if cell else "" for cell in ROWS[1]), ROWS[2]]

    parsed = parse("\n".join(f"| {' | '.join(row)} |" for row in rows).encode(), filename="plan.md")

    assert _numbers(parsed) == ["1", "3"]
    assert "document.struck" in _codes(parsed)


@pytest.mark.parametrize(
    ("text", "font", "wanted"),
    [
        ("X©y dùng quy chÕ qu¶n lý d÷ liÖu dïng chung", "", "Xây dựng quy chế quản lý dữ liệu dùng chung"),
        ("UBND c¸c x·, ph\xadêng", ".VnTime", "UBND các xã, phường"),
        ("Së KH&CN", "", "Sở KH&CN"),
        ("NHIÖM Vô", ".VnTime", "NHIỆM VỤ"),
        ("KÕ ho¹ch", ".VnTimeH", "KẾ HOẠCH"),
        ("Sôû Noäi vuï chuû trì thöïc hieän", "", "Sở Nội vụ chủ trì thực hiện"),
        ("ñôn vò", "VNI-Times", "đơn vị"),
        ("Sở Nội vụ chủ trì", "", "Sở Nội vụ chủ trì"),
        ("Công tác hoà giải, uý", "", "Công tác hoà giải, uý"),
        ("công tác toàn thành", "", "công tác toàn thành"),
        ("hoà bình, khoá, loã, uý", "", "hoà bình, khoá, loã, uý"),
        ("Research & Development", ".VnTime", "Research & Development"),
    ],
)
def test_text_of_old_fonts_becomes_vietnamese(text: str, font: str, wanted: str) -> None:
    assert converted(text, font) == wanted


def test_workbook_in_an_old_font_is_converted_and_says_so() -> None:
    book = _book()
    book.active["B3"], book.active["C3"] = "Tæ chøc tËp huÊn kü n¨ng sè", "Së Néi vô"

    parsed = _parsed(book)

    assert (parsed.items[1].content, parsed.items[1].lead) == ("Tổ chức tập huấn kỹ năng số", ("Sở Nội vụ",))
    assert "row.old_font" in {problem.code for problem in parsed.items[1].problems}
    assert "document.old_font" in _codes(parsed)


@pytest.mark.parametrize(
    "below",
    [
        [("", "", "Sơn Hà, ngày 05 tháng 01 năm 2026"), ("", "", "CHÁNH VĂN PHÒNG"), ("", "", "Lê A")],
        [("NGƯỜI LẬP BIỂU", "", "TM. ỦY BAN NHÂN DÂN"), ("", "", "CHỦ TỊCH")],
        [("", "", "", "", "Ngày in: 06/01/2026")],
        [("", "Nơi nhận: như trên; lưu VT")],
        [("", "", "KT. GIÁM ĐỐC"), ("", "", "PHÓ GIÁM ĐỐC")],
    ],
)
def test_what_stands_below_a_table_is_not_in_its_last_row(below: list[tuple[str, ...]]) -> None:
    book = _book()
    for row in below:
        book.active.append(row)

    parsed = _parsed(book)
    last = parsed.items[-1]

    assert (last.lead, last.coordinators, last.deadline.text) == (("Sở Nội vụ",), (), "30/9/2026")
    assert not last.problems
    assert _numbers(parsed) == ["1", "2", "3"]


def test_comment_and_formula_without_a_value_are_problems() -> None:
    book = _book()
    book.active["E2"].comment = Comment("lùi đến tháng 9", "A")
    book.active["E3"] = "=DATE(2026,8,31)"
    book.active["D4"].comment = Comment("hỏi lại", "A")

    found = [{(p.code, p.field) for p in item.problems} for item in _parsed(book).items]

    assert ("row.comment", "deadline") in found[0]
    assert ("row.no_value", "deadline") in found[1]
    assert ("row.comment", "coordinators") in found[2]


def test_tracked_changes_are_said() -> None:
    out, changed = io.BytesIO(), io.BytesIO()
    _word().save(out)
    run = b"<w:r><w:t>30/9/2026</w:t></w:r>"
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(run, b'<w:ins w:id="1" w:author="A">' + run + b"</w:ins>"))

    assert "document.tracked" in _codes(parse(changed.getvalue(), filename="plan.docx"))


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.doc", b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\n", "document.mhtml"),
        (
            "a.xls",
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table/></Workbook>',
            "document.xml_spreadsheet",
        ),
    ],
)
def test_forms_under_the_endings_of_others_are_named(name: str, data: bytes, code: str) -> None:
    with pytest.raises(DocumentError) as refused:
        parse(data, filename=name)

    assert refused.value.code == code
