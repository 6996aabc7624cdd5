"""PDF files with text: ruled and unruled tables over pages, lines of text, page numbers left out.

Pages that hold only a picture are handed to OCR. Geometry is shared with the scan reader.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pdfplumber
from pdfminer.layout import LTChar, LTCurve, LTFigure, LTImage, LTRect
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException
from pdfplumber.utils.text import extract_words

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, DocumentTooLarge
from taskflow.documents.model import PRINTED_LINE, Block, Paragraph, Place, RawTable
from taskflow.documents.readers.base import Progress, Reading
from taskflow.documents.readers.geometry import Line, RuledGrid, Segment, Word, lines_of, ruled_grids, text_height
from taskflow.documents.readers.unruled import find_table
from taskflow.domain.units import tidy

_TOLERANCE = 1.5  # points
_MOST_LINES = 20_000  # of one page
_PAGE_NUMBER = re.compile(r"^[-–— ]*(?:trang\s*)?\d{1,3}(?:\s*/\s*\d{1,3})?[-–— ]*$", re.IGNORECASE)


def read(data: bytes, progress: Progress) -> Reading:
    """The blocks of a PDF file, page by page."""
    try:
        document = pdfplumber.open(io.BytesIO(data))
        pages = document.pages
    except PDFPasswordIncorrect as error:
        raise DocumentError("document.encrypted", "file") from error
    except PdfminerException as error:
        locked = isinstance(error.args[0] if error.args else None, PDFPasswordIncorrect)
        raise DocumentError("document.encrypted" if locked else "document.damaged", "file") from error
    except Exception as error:
        # A broken file makes pdfminer and pdfplumber fail in any way; all of them mean the same.
        raise DocumentError("document.damaged", "file") from error
    with document:
        count = len(pages)
        if count == 0:
            raise DocumentError("document.empty", "file")
        if count > limits.MAX_PAGES:
            raise DocumentTooLarge("document.too_many_pages", "file", pages=count, limit=limits.MAX_PAGES)
        reader = _Pages(progress, count)
        for page in pages:
            try:
                reader.take(page)
            except (DocumentError, MemoryError):
                raise
            except Exception as error:
                raise DocumentError("document.damaged", "file") from error
            page.close()
    return _finished(reader, data, progress)


def _finished(reader: _Pages, data: bytes, progress: Progress) -> Reading:
    if not reader.pictures:
        if not reader.blocks:
            raise DocumentError("document.empty", "file")
        return Reading(tuple(reader.blocks))
    from taskflow.documents.readers import scan

    scanned = scan.read_pages(data, reader.pictures, progress)
    blocks = sorted([*reader.blocks, *scanned], key=lambda block: block.place.page or 0)
    if not blocks:
        raise DocumentError("document.empty", "file")
    return Reading(tuple(blocks), ocr=True)


class _Pages:
    """Gathers the blocks of the pages; remembers the columns of an unruled table that may go on."""

    def __init__(self, progress: Progress, count: int) -> None:
        self.blocks: list[Block] = []
        self.pictures: list[int] = []
        self._progress, self._count = progress, count
        self._edges: tuple[float, ...] = ()
        self._cells = 0

    def take(self, page: Any) -> None:
        """Read one page."""
        number = page.page_number
        shapes = list(_shapes(page.layout))
        words = _words(shapes, float(page.height))
        if sum(len(word.text) for word in words) < 20 and any(isinstance(shape, LTImage) for shape in shapes):
            self.pictures.append(number)
            return
        words = _without_page_number(words, float(page.height))
        horizontal, vertical = _segments(shapes, float(page.height))
        grids = ruled_grids(horizontal, vertical, _TOLERANCE)
        for word in words:
            home = next((grid for grid in grids if grid.holds(word)), None)
            if home is not None:
                home.words.append(word)
        grids = [grid for grid in grids if len(grid.ys) > 2 or len(grid.xs) > 3]
        self._emit(words, grids, [segment.at for segment in horizontal], Place(page=number))
        self._progress("read", number, self._count)

    def _emit(self, words: Sequence[Word], grids: Sequence[RuledGrid], rules: Sequence[float], place: Place) -> None:
        tables = [(grid.ys[0], grid) for grid in grids if grid.words]
        inside = {id(word) for _, grid in tables for word in grid.words}
        lines = lines_of(word for word in words if id(word) not in inside)
        at = 0
        bounds = [*(top for top, _ in tables), float("inf")]
        for index, top in enumerate(bounds):
            stop = next((i for i in range(at, len(lines)) if lines[i].top > top), len(lines))
            self._text(lines[at:stop], rules, place, first=index == 0 and not tables)
            at = stop
            if index < len(tables):
                rows = tables[index][1].rows()
                self._count_cells(rows)
                self.blocks.append(RawTable(tuple(rows), place))

    def _text(self, lines: Sequence[Line], rules: Sequence[float], place: Place, *, first: bool) -> None:
        """Lines of text, and the unruled tables among them."""
        at = 0
        while at < len(lines):
            found = find_table(lines, at, self._edges if first and at == 0 else (), rules)
            if found is None:
                break
            self.blocks.extend(_paragraphs(lines[at : found.start], place))
            self._count_cells(found.rows)
            self.blocks.append(RawTable(tuple(found.rows), place, ruled=False))
            self._edges = found.edges if found.end == len(lines) else ()
            at = max(found.end, at + 1)
        if at < len(lines):
            self._edges = ()
        self.blocks.extend(_paragraphs(lines[at:], place))

    def _count_cells(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._cells += sum(map(len, rows))
        if self._cells > limits.MAX_CELLS:
            raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)


def _without_page_number(words: list[Word], height: float) -> list[Word]:
    lines = lines_of(words)
    numbers = {
        id(word)
        for line in lines[:1] + lines[-1:]
        if _PAGE_NUMBER.match(line.text()) and (line.bottom < 0.12 * height or line.top > 0.88 * height)
        for word in line.words
    }
    return [word for word in words if id(word) not in numbers]


def _paragraphs(lines: Sequence[Line], place: Place) -> Iterator[Paragraph]:
    """One paragraph per line (the prose reader joins sentences); letterhead columns are parted by a tab."""
    height = text_height([word for line in lines for word in line.words])
    for line in lines:
        yield Paragraph(line.text(wide_gap=1.6 * height), place, PRINTED_LINE)


def _shapes(container: Any) -> Iterator[Any]:
    """The shapes of a page, also those inside figures."""
    for shape in container:
        if isinstance(shape, LTFigure):
            yield from _shapes(shape)
        else:
            yield shape


def _words(shapes: Sequence[Any], height: float) -> list[Word]:
    """The words of a page. Letters go to pdfplumber without the dozens of attributes that it gathers by itself."""
    letters = [
        {
            "text": shape.get_text(), "x0": shape.x0, "x1": shape.x1, "top": height - shape.y1,
            "bottom": height - shape.y0, "doctop": height - shape.y1, "upright": shape.upright,
        }
        for shape in shapes
        if isinstance(shape, LTChar)
    ]  # fmt: skip
    return [
        Word(text, raw["x0"], raw["x1"], raw["top"], raw["bottom"])
        for raw in extract_words(letters, x_tolerance=1.5, y_tolerance=2, keep_blank_chars=False)
        if (text := tidy(raw["text"]))
    ]


def _segments(shapes: Sequence[Any], height: float) -> tuple[list[Segment], list[Segment]]:
    """The drawn lines of a page. A filled box without a border is a background, unless it is as thin as a line."""
    horizontal: list[Segment] = []
    vertical: list[Segment] = []
    for shape in shapes:
        if not isinstance(shape, LTCurve):  # LTLine and LTRect are curves, too
            continue
        if len(horizontal) + len(vertical) > _MOST_LINES:
            raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)
        left, right, top, bottom = shape.x0, shape.x1, height - shape.y1, height - shape.y0
        if right - left > 3 >= bottom - top:
            horizontal.append(Segment((top + bottom) / 2, left, right))
        elif bottom - top > 3 >= right - left:
            vertical.append(Segment((left + right) / 2, top, bottom))
        elif isinstance(shape, LTRect) and shape.stroke and right - left > 3 and bottom - top > 3:
            horizontal += [Segment(top, left, right), Segment(bottom, left, right)]
            vertical += [Segment(left, top, bottom), Segment(right, top, bottom)]
    return horizontal, vertical
