"""Marks of secrecy in every way in which offices write them, and what only speaks of secrecy."""

from __future__ import annotations

import io
from collections.abc import Iterator

import openpyxl
import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image

from taskflow.documents.messages import DocumentError
from taskflow.documents.model import Cell, Paragraph, RawTable
from taskflow.documents.parse import ParseOverrides, parse, secrecy_of
from taskflow.documents.readers import scan
from taskflow.documents.sandbox import mark_in_subprocess
from taskflow.documents.secrecy import find_mark

HEAD = ["ỦY BAN NHÂN DÂN TỈNH SÔNG HẠC", "Số: 12/KH-UBND", "KẾ HOẠCH", "Bảo vệ công trình"]


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("MẬT", "MẬT"),
        ("TỐI MẬT", "TỐI MẬT"),
        ("TUYỆT MẬT", "TUYỆT MẬT"),
        ("M Ậ T", "MẬT"),
        ("T Ố I   M Ậ T", "TỐI MẬT"),
        ("T U Y Ệ T M Ậ T", "TUYỆT MẬT"),
        ("M\nẬ\nT", "MẬT"),
        ("M.Ậ.T", "MẬT"),
        ("[ MẬT ]", "MẬT"),
        ("║ TỐI MẬT ║", "TỐI MẬT"),
        ("*** TUYỆT-MẬT ***", "TUYỆT MẬT"),
        ("MẬT - HỎA TỐC", "MẬT"),
        ("KHẨN / TỐI MẬT", "TỐI MẬT"),
        ("Độ mật: Mật", "MẬT"),
        ("ĐỘ MẬT: TỐI MẬT", "TỐI MẬT"),
        ("Mức độ mật : tuyệt mật", "TUYỆT MẬT"),
        ("Độ mật (MẬT)", "MẬT"),
        ("Độ khẩn: Thường. Độ mật: Mật.", "MẬT"),
        ("TÀI LIỆU MẬT", "MẬT"),
        ("Đóng dấu: thường\tTỐI MẬT", "TỐI MẬT"),
        ("ỦY BAN NHÂN DÂN TỈNH     MẬT", "MẬT"),
        ("MẬT Số: 05/KH-UBND", "MẬT"),
        ("Số: 05/KH-UBND MẬT", "MẬT"),
        ("MẬT Bản số 03", "MẬT"),
        ("Số: 05/KH-UBND-ĐM", "MẬT"),
        ("Số: 05-CV/TU(M)", "MẬT"),
        ("Số: 05/BC-UBND(Tối mật)", "TỐI MẬT"),
        ("TOI MAT", "TỐI MẬT"),
        ("Chỉ người có tên mới được bóc bì", "TUYỆT MẬT"),
        ("MA\u0302\u0323T", "MẬT"),
    ],
)
@pytest.mark.parametrize("in_table", [False, True])
def test_a_mark_is_found_wherever_it_stands(line: str, mark: str, in_table: bool) -> None:
    blocks = [Paragraph(text) for text in [*HEAD, *(f"{one}. Nội dung triển khai." for one in range(60))]]
    held = RawTable(((Cell(line), Cell("khác")),)) if in_table else Paragraph(line)

    assert find_mark([*blocks, held]) == find_mark([held, *blocks]) == mark


@pytest.mark.parametrize(
    "line",
    [
        "BẢO VỆ BÍ MẬT NHÀ NƯỚC",
        "KIỂM TRA CÔNG TÁC BẢO VỆ BÍ\nMẬT",
        "QUY CHẾ QUẢN LÝ\nTÀI LIỆU MẬT",
        "BẢO MẬT",
        "MẬT ĐỘ DÂN SỐ",
        "MẬT KHẨU",
        "Mật",
        "Tài liệu mật được quản lý riêng.",
        "Độ mật: ………",
        "Độ mật: □ Mật □ Tối mật □ Tuyệt mật",
        "Số: 12/KH-UBND",
        "Số: 12/TTr-STM",
        "Quy định độ mật của văn bản do người ký quyết định.",
        "MẬT ONG RỪNG",
        "CƠ MẬT VIỆN",
        "MAT",
    ],
)
def test_words_about_secrecy_are_no_mark(line: str) -> None:
    assert find_mark([Paragraph(text) for text in [*HEAD, *line.split("\n")]]) is None


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("KH 05 (MẬT).docx", "MẬT"),
        ("MẬT_KH05.docx", "MẬT"),
        ("kh05-tuyet-mat.docx", "TUYỆT MẬT"),
        ("Kế hoạch tối mật.pdf", "TỐI MẬT"),
        ("kh (mat).pdf", "MẬT"),
        ("Quy chế bảo mật.docx", None),
        ("BÁO CÁO BÍ MẬT NHÀ NƯỚC.docx", None),
        ("MẬT ĐỘ DÂN SỐ.xlsx", None),
        ("mật khẩu.docx", None),
        ("toi-mat-ngay.docx.bak", "TỐI MẬT"),
        ("hoa-mat.docx", None),
    ],
)
def test_names_of_files(name: str, mark: str | None) -> None:
    assert find_mark([Paragraph(text) for text in HEAD], filename=name) == mark


def test_a_recognised_stamp_may_have_lost_its_accents() -> None:
    blocks = [Paragraph("MÂT"), *map(Paragraph, HEAD)]

    assert find_mark(blocks, ocr=True) == "MẬT"
    assert find_mark(blocks) is None


def watermarked() -> bytes:
    """A Word file with WordArt behind the text."""
    document = Document()
    for text in HEAD:
        document.add_paragraph(text)
    shape = f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textpath string="TỐI MẬT"/></v:shape></w:pict></w:r>'  # noqa: E501 - one element
    document.sections[0].header.paragraphs[0]._p.append(parse_xml(shape))
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def printed_workbook() -> bytes:
    """A workbook whose mark is in the header of print."""
    book = openpyxl.Workbook()
    book.active.append(["TT", "Nhiệm vụ"])
    book.active.append([1, "Trực sẵn sàng"])
    book.active.oddHeader.center.text = "TỐI MẬT"
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (watermarked(), "a.docx"),
        (printed_workbook(), "a.xlsx"),
        ("\n".join([HEAD[0], "TỐI MẬT", *HEAD[1:]]).encode(), "a.txt"),
        (f"<html><body><p>Độ mật: tối mật</p><p>{HEAD[3]}</p></body></html>".encode(), "a.html"),
    ],
)
def test_every_format_refuses_unless_overruled(data: bytes, name: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse(data, filename=name)

    assert (caught.value.code, caught.value.params) == ("document.secret", {"mark": "TỐI MẬT"})
    assert parse(data, filename=name, overrides=ParseOverrides(not_secret=True)).head.secrecy == "TỐI MẬT"


def test_the_mark_alone_is_read_in_a_process_with_limits() -> None:
    assert mark_in_subprocess(watermarked(), filename="a.docx", seconds=20) == "TỐI MẬT"
    assert mark_in_subprocess("\n".join(HEAD).encode(), filename="a.txt", seconds=20) is None


def test_the_mark_of_a_long_scan_is_looked_for_on_its_first_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [Image.new("L", (600, 800), 255) for _ in range(5)]
    held = io.BytesIO()
    pages[0].save(held, "PDF", save_all=True, append_images=pages[1:])
    read: list[int] = []

    def recognise(_picture: Image.Image, number: int) -> Iterator[Paragraph]:
        read.append(number)
        yield Paragraph("TỐI MẬT" if number == 1 else "Nội dung")

    monkeypatch.setattr(scan, "is_available", lambda: True)
    monkeypatch.setattr(scan, "_page", recognise)

    assert secrecy_of(held.getvalue(), filename="ban-quet.pdf") == "TỐI MẬT"
    assert read == [1, 2]
