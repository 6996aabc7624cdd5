"""Hostile, broken and unsuitable files: each ends in one clear Vietnamese sentence and nothing else."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm

from taskflow.documents import limits
from taskflow.documents.messages import REFUSALS, DocumentError, DocumentTooLarge, sentence
from taskflow.documents.parse import parse, parse_pasted
from taskflow.documents.readers import office, scan
from tests.unit.documents.office_files import as_docx, as_xlsx
from tests.unit.documents.pdf_files import Page, pdf
from tests.unit.documents.plans import make_plan

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PNG = b"\x89PNG\r\n\x1a\n"


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def _docx(document: bytes) -> bytes:
    return _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": document})


def _rows(count: int) -> bytes:
    head = "".join(
        f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("TT", "Nội dung công việc", "Cơ quan chủ trì")
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>{head}</row>'.encode()
    return _zip(
        {
            "xl/workbook.xml": b"<workbook/>",
            "xl/worksheets/sheet1.xml": sheet + b"<row/>" * count + b"</sheetData></worksheet>",
        }
    )


ENTITY_BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'


def _empty_docx() -> bytes:
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


CASES: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "a.docx", "document.empty"),
    "only white space": (b" \n\t\n", "a.txt", "document.empty"),
    "a line of too many cells": (b"Vi\xe1\xbb\x87c\t" * 50_000, "a.txt", "document.too_many_cells"),
    "nothing known": (bytes(range(256)) * 8, "a.docx", "document.unknown_type"),
    "picture called docx": (PNG + b"x" * 50, "plan.docx", "document.lying_type"),
    "docx called pdf": (as_docx(make_plan(1)), "plan.pdf", "document.lying_type"),
    "text called xlsx": (b"TT\tNoi dung\n", "plan.xlsx", "document.lying_type"),
    "encrypted office file": (
        OLE + b"\0" * 64 + "EncryptedPackage".encode("utf-16-le"),
        "plan.docx",
        "document.encrypted",
    ),
    "macro by name": (as_docx(make_plan(1)), "plan.docm", "document.macro"),
    "macro inside": (_zip({"word/document.xml": b"<a/>", "word/vbaProject.bin": b"x"}), "plan.docx", "document.macro"),
    "macro in old file": (
        OLE + "WordDocument".encode("utf-16-le") + "_VBA_PROJECT".encode("utf-16-le"),
        "a.doc",
        "document.macro",
    ),
    "cut docx": (as_docx(make_plan(1))[:3000], "plan.docx", "document.damaged"),
    "docx without a body": (_docx(b"<a/>"), "plan.docx", "document.damaged"),
    "docx without a word": (_empty_docx(), "plan.docx", "document.empty"),
    "broken xml": (_docx(b"<w:document"), "plan.docx", "document.damaged"),
    "entity bomb": (_docx(ENTITY_BOMB), "plan.docx", "document.unsafe_xml"),
    "entity bomb in a workbook": (_zip({"xl/workbook.xml": ENTITY_BOMB}), "plan.xlsx", "document.unsafe_xml"),
    "zip bomb": (_docx(b"\0" * (limits.RATIO_FLOOR + 1_000_000)), "plan.docx", "document.zip_bomb"),
    "100,000 rows": (_rows(100_000), "plan.xlsx", "document.too_many_rows"),
    "20,001 lines": (b"TT\tViec\tChu tri\n" + b"1\tX\tY\n" * 20_001, "plan.txt", "document.too_many_rows"),
    "cut pdf": (b"%PDF-1.7\nnothing", "plan.pdf", "document.damaged"),
    "cut picture": (PNG + b"IHDR", "plan.png", "document.damaged"),
    "cut xls": (OLE + "Workbook".encode("utf-16-le") + b"\0" * 600, "plan.xls", "document.damaged"),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_file_is_refused_with_a_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "is_available", lambda: True)
    data, filename, code = CASES[name]

    with pytest.raises(DocumentError) as caught:
        parse(data, filename=filename)

    assert caught.value.code == code
    text = sentence(caught.value)
    assert text.endswith(".")
    assert "{" not in text


def test_upload_over_the_limit_is_refused() -> None:
    with pytest.raises(DocumentTooLarge) as caught:
        parse(b"PK" + b"x" * limits.MAX_UPLOAD, filename="plan.docx")

    assert sentence(caught.value) == "Tệp lớn hơn mức cho phép (50 MB). Hãy chia nhỏ hoặc giảm dung lượng tệp."


@pytest.mark.parametrize("mark", ["MẬT", "TỐI MẬT", "TUYỆT MẬT"])
def test_secret_document_is_refused(mark: str) -> None:
    text = f"ỦY BAN NHÂN DÂN\nTỈNH SÔNG HẠC\n{mark}\nSố: 12/KH-UBND\n\nKẾ HOẠCH\n\nBảo vệ công trình\n"

    with pytest.raises(DocumentError) as caught:
        parse(text.encode(), filename="plan.txt")

    assert caught.value.code == "document.secret"
    assert mark in sentence(caught.value)


def test_the_word_secret_in_a_sentence_is_no_mark() -> None:
    text = "ỦY BAN NHÂN DÂN\nTỈNH SÔNG HẠC\nSố: 12/KH-UBND\n\nKẾ HOẠCH\n\nBảo vệ bí mật nhà nước\n\n1. Tài liệu mật được quản lý riêng.\n"  # noqa: E501 - data on one line, as it is printed

    assert parse(text.encode(), filename="plan.txt").head.secrecy is None


def test_pdf_with_a_password_is_refused() -> None:
    data = pdf([Page()]).replace(
        b"/Root 1 0 R >>", b"/Root 1 0 R /Encrypt << /Filter /Standard /V 9 /R 9 >> /ID [<00> <00>] >>"
    )

    with pytest.raises(DocumentError) as caught:
        parse(data, filename="plan.pdf")

    assert caught.value.code in {"document.encrypted", "document.damaged"}


def test_old_word_file_without_libreoffice_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.shutil, "which", lambda _name: None)

    with pytest.raises(DocumentError) as caught:
        parse(OLE + "WordDocument".encode("utf-16-le"), filename="plan.doc")

    assert sentence(caught.value) == (
        "Máy chủ chưa cài LibreOffice nên không đọc được tệp .doc. Hãy lưu tệp thành .docx rồi tải lên."
    )


def test_old_word_file_goes_through_libreoffice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plan = make_plan(3)
    (tmp_path / "converted.docx").write_bytes(as_docx(plan))
    program = tmp_path / "soffice"
    program.write_text(f'#!/bin/sh\nfor last; do :; done\ncp "{tmp_path}/converted.docx" "${{last%.*}}.docx"\n')
    program.chmod(0o755)
    monkeypatch.setattr(office.shutil, "which", lambda _name: str(program))

    parsed = parse(OLE + "WordDocument".encode("utf-16-le"), filename="plan.doc")

    assert parsed.reconciliation.items == len(plan.tasks)


def test_failed_conversion_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.shutil, "which", lambda _name: "/bin/false")

    with pytest.raises(DocumentError) as caught:
        parse(b"{\\rtf1 x}", filename="plan.rtf")

    assert caught.value.code == "document.conversion_failed"


def test_scan_without_tesseract_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "is_available", lambda: False)

    with pytest.raises(DocumentError) as caught:
        parse(PNG + b"x" * 30, filename="plan.png")

    assert "Tesseract" in sentence(caught.value)


def test_table_without_task_columns_is_read_but_named() -> None:
    book = openpyxl.Workbook()
    for row in (("Họ và tên", "Năm sinh"), ("Trần Văn An", 1980), ("Lê Thị Bình", 1985)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)

    parsed = parse(out.getvalue(), filename="danh-sach.xlsx")

    assert not parsed.items
    assert [problem.code for problem in parsed.problems] == ["document.no_task_table"]


def test_empty_paste_is_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_pasted("   ")

    assert caught.value.code == "document.empty"


def test_every_refusal_ends_with_what_to_do_next() -> None:
    for code, text in REFUSALS.items():
        assert code.startswith("document.")
        assert "Hãy" in text or code in {"document.cancelled", "document.secret"}, code


def test_workbook_is_not_trusted_by_its_extension_alone() -> None:
    assert parse(as_xlsx(make_plan(2)), filename="no-extension").format == "xlsx"


def _word_file(place: str, mark: str) -> bytes:
    document = Document()
    for line in ("ỦY BAN NHÂN DÂN", "TỈNH SÔNG HẠC", "Số: 12/KH-UBND", "KẾ HOẠCH", "Bảo vệ công trình"):
        document.add_paragraph(line)
    if place == "header":
        document.sections[0].header.paragraphs[0].text = mark
    elif place == "footer":
        document.sections[0].footer.paragraphs[0].text = mark
    elif place == "table in a header":
        document.sections[0].header.add_table(1, 2, Cm(16)).cell(0, 1).text = mark
    elif place == "text box":
        drawing = f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>{mark}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>'  # noqa: E501 - one element
        document.paragraphs[-1]._p.append(parse_xml(drawing))
    else:
        for number in range(60):
            document.add_paragraph(f"{number}. Nội dung của kế hoạch được triển khai theo quy định.")
        document.add_paragraph(mark)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("place", ["header", "footer", "table in a header", "text box", "annex"])
@pytest.mark.parametrize("mark", ["MẬT", "TỐI MẬT"])
def test_secrecy_mark_is_found_wherever_it_stands(place: str, mark: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(_word_file(place, mark), filename="plan.docx")

    assert (caught.value.code, caught.value.params) == ("document.secret", {"mark": mark})


@pytest.mark.parametrize("text", ["BẢO MẬT", "Mật", "KẾ HOẠCH BẢO VỆ BÍ", "12"])
def test_running_header_that_is_no_mark_is_let_pass(text: str) -> None:
    assert parse(_word_file("header", text), filename="plan.docx").head.secrecy is None


def test_title_broken_within_bi_mat_is_no_mark() -> None:
    text = "ỦY BAN NHÂN DÂN\nTỈNH SÔNG HẠC\nSố: 12/KH-UBND\n\nKẾ HOẠCH\n\nKIỂM TRA CÔNG TÁC BẢO VỆ BÍ\nMẬT\n"

    assert parse(text.encode(), filename="plan.txt").head.secrecy is None


def test_one_endless_word_is_read_quickly() -> None:
    started = time.process_time()
    assert parse(b"a" * 60_000, filename="a.txt").items == ()
    assert time.process_time() - started < 3  # the patterns of headings alone once took 20 s
