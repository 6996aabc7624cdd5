"""A state paper as .docx in the form of Nghị định 30/2020/NĐ-CP, Phụ lục I (DOMAIN.md 2.1).

A4, Times New Roman, margins 20/20/30/15 mm, page numbers in the middle of the top margin from the second page on,
letterhead and signature as tables without borders, lines as borders of paragraphs. The number of the paper and the
signer's name stay blank: the office fills them in when it signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT = "Times New Roman"
_LEFT, _CENTRE, _RIGHT, _JUSTIFIED = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands at the top and at the end of every paper of an office."""

    parent: str  # cơ quan chủ quản
    issuer: str  # cơ quan ban hành
    #: Letters of the paper's number after the kind ("VP" of "Số: …/BC-VP"); may be empty.
    code: str
    place: str  # địa danh
    signer: str  # chức vụ người ký


@dataclass(frozen=True, slots=True)
class PaperColumn:
    """A column of a table: its heading, its width in millimetres, whether it holds numbers."""

    title: str
    width: float
    numeric: bool = False


class Paper:
    """A paper being written from top to bottom."""

    def __init__(self, letterhead: Letterhead, on: date) -> None:
        self._letterhead = letterhead
        self._on = on
        self._document: Any = Document()
        style = self._document.styles["Normal"]
        style.font.name, style.font.size = FONT, Pt(14)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
        style.paragraph_format.space_after = Pt(0)
        _set_margins(self._document.sections[0], portrait=True)
        _number_pages(self._document.sections[0])

    def report_head(self, kind: str, about: str, *, code: str) -> None:
        """Letterhead, number, day, "BÁO CÁO" and what it is about. ``code``: of the kind, "BC"."""
        self._head(code, about="")
        self._line(kind.upper(), size=14, bold=True, align=_CENTRE, before=12)
        self._line(about, size=14, bold=True, align=_CENTRE)
        self._rule(indent=65, after=12)

    def letter_head(self, about: str, to: str) -> None:
        """Letterhead, number with "V/v …" under it, day, and to whom the letter (công văn) goes."""
        self._head("", about=about)
        self._line(f"Kính gửi: {to}", size=14, align=_CENTRE, before=12, after=12)

    def heading(self, text: str) -> None:
        """A heading inside the text: "I. KẾT QUẢ CHUNG"."""
        self._line(text, size=14, bold=True, before=6, indent=12.7)

    def text(self, text: str) -> None:
        """A paragraph of the text."""
        self._line(text, size=14, align=_JUSTIFIED, before=6, indent=12.7)

    def table(self, columns: Sequence[PaperColumn], rows: Iterable[Sequence[str]], *, bold_last: bool = False) -> None:
        """A table with borders and a heading that is repeated on every page."""
        lines = [tuple(row) for row in rows]
        table = self._grid([column.width for column in columns])
        table.style = "Table Grid"
        head = table.rows[0]
        repeat = OxmlElement("w:tblHeader")
        repeat.set(qn("w:val"), "true")
        head._tr.get_or_add_trPr().append(repeat)
        for cell, column in zip(head.cells, columns, strict=True):
            _write(cell.paragraphs[0], column.title, size=12, bold=True, align=_CENTRE)
        for number, line in enumerate(lines, 1):
            bold = bold_last and number == len(lines)
            for cell, column, value in zip(table.add_row().cells, columns, line, strict=True):
                _write(cell.paragraphs[0], value, size=12, bold=bold, align=_CENTRE if column.numeric else _LEFT)

    def sign(self, recipients: Sequence[str]) -> None:
        """Who gets the paper (nơi nhận) on the left, the signer's post on the right, room for the signature."""
        self._line("", size=8)
        left, right = self._pair((85, 85))
        _write(left.paragraphs[0], "Nơi nhận:", size=12, bold=True, italic=True)
        for line in (*(f"- {one};" for one in recipients), "- Lưu: VT."):
            _write(left.add_paragraph(), line, size=11)
        _write(right.paragraphs[0], self._letterhead.signer.upper(), size=14, bold=True, align=_CENTRE)
        for _line in range(4):
            right.add_paragraph()

    def annex(self, title: str, about: str) -> None:
        """Begin an annex (phụ lục) on a wide page of its own."""
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        _set_margins(section, portrait=False)
        section.different_first_page_header_footer = False
        self._line(title.upper(), size=14, bold=True, align=_CENTRE)
        self._line(about, size=14, bold=True, align=_CENTRE)
        self._line(f"(Tính đến ngày {self._on:%d/%m/%Y})", size=13, italic=True, align=_CENTRE, after=6)

    def to_bytes(self) -> bytes:
        """The file."""
        buffer = BytesIO()
        self._document.save(buffer)
        return buffer.getvalue()

    def _head(self, kind_code: str, *, about: str) -> None:
        letterhead = self._letterhead
        left, right = self._pair((75, 95))
        if letterhead.parent:
            _write(left.paragraphs[0], letterhead.parent.upper(), size=12, align=_CENTRE)
        issuer = left.add_paragraph() if letterhead.parent else left.paragraphs[0]
        _write(issuer, letterhead.issuer.upper(), size=12, bold=True, align=_CENTRE)
        _border(left.add_paragraph(), indent=22)
        _write(right.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True, align=_CENTRE)
        _write(right.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", size=13, bold=True, align=_CENTRE)
        _border(right.add_paragraph(), indent=19)
        code = "-".join(filter(None, (kind_code, letterhead.code)))
        left, right = self._pair((75, 95))
        _write(left.paragraphs[0], f"Số:          /{code}", size=13, align=_CENTRE)
        if about:
            _write(left.add_paragraph(), f"V/v {about}", size=12, align=_CENTRE)
        place = f"{letterhead.place}, " if letterhead.place else ""
        _write(right.paragraphs[0], place + long_date(self._on), size=13, italic=True, align=_CENTRE)

    def _pair(self, widths: tuple[float, float]) -> tuple[Any, Any]:
        """Two cells side by side without borders."""
        left, right = self._grid(widths).rows[0].cells
        return left, right

    def _grid(self, widths: Sequence[float]) -> Any:
        """A table of one row so far; Word asks each cell for its width, others ask the column."""
        table = self._document.add_table(rows=1, cols=len(widths))
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        return table

    def _line(self, text: str, *, before: float = 0, after: float = 0, indent: float = 0, **look: Any) -> None:
        paragraph = self._document.add_paragraph()
        form = paragraph.paragraph_format
        form.space_before, form.space_after, form.first_line_indent = Pt(before), Pt(after), Mm(indent)
        _write(paragraph, text, **look)

    def _rule(self, *, indent: float, after: float) -> None:
        paragraph = self._document.add_paragraph()
        _border(paragraph, indent=indent)
        paragraph.paragraph_format.space_after = Pt(after)


def long_date(day: date) -> str:
    """The day as papers write it: a day below 10 and the months 1 and 2 have a leading zero."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def _write(
    paragraph: Any, text: str, *, size: float, bold: bool = False, italic: bool = False, align: Any = None
) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    if align is not None:
        paragraph.alignment = align


def _border(paragraph: Any, *, indent: float) -> None:
    """Make an empty paragraph a line, so many millimetres short on both sides."""
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm(indent)
    form.line_spacing = Pt(4)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().append(borders)


def _set_margins(section: Any, *, portrait: bool) -> None:
    section.orientation = WD_ORIENT.PORTRAIT if portrait else WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = (Mm(210), Mm(297)) if portrait else (Mm(297), Mm(210))
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30) if portrait else Mm(20), Mm(15)


def _number_pages(section: Any) -> None:
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = _CENTRE
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
