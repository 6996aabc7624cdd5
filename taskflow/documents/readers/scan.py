"""Scanned pages and pictures, read by Tesseract with its Vietnamese data when that is installed.

The lines of a table are found in the picture first; each column is then recognised by itself, so that
neighbouring cells never run together, and words are put back into their cells by their place. Every
cell is marked as read by OCR.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache

import pypdfium2
import pytesseract
from PIL import Image, ImageSequence, UnidentifiedImageError

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, DocumentTooLarge
from taskflow.documents.model import PRINTED_LINE, Block, Cell, Paragraph, Place, RawTable
from taskflow.documents.readers.base import Progress, Reading
from taskflow.documents.readers.geometry import Line, RuledGrid, Word, lines_of, ruled_grids, text_height
from taskflow.documents.readers.picture import binarised, cleaned, drawn_lines, straightened, without
from taskflow.documents.readers.unruled import find_table
from taskflow.domain.units import tidy

_DPI = 150.0
_LEAST_CONFIDENCE = 15
_FACTOR = 2
_SPECKS = {"|", "—", "_", "~", "`", "'", "‘", "’", "¬", "¦", "||", "ˆ", ":", ".", "-."}


def read(data: bytes, progress: Progress) -> Reading:
    """The blocks of a picture (each page of a multi-page TIFF)."""
    _require_tesseract()
    blocks: list[Block] = []
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > limits.MAX_PIXELS:
                raise DocumentTooLarge("document.too_large", "file", limit_mb=limits.MAX_UPLOAD // 1024 // 1024)
            count = getattr(picture, "n_frames", 1)
            _check_pages(count)
            for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
                progress("ocr", number - 1, count)
                blocks.extend(_page(_enlarged(frame.convert("L")), number))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise DocumentError("document.damaged", "file") from error
    progress("ocr", count, count)
    if not blocks:
        raise DocumentError("document.empty", "file")
    return Reading(tuple(blocks), ocr=True)


def read_pages(data: bytes, numbers: Sequence[int], progress: Progress) -> list[Block]:
    """The blocks of the named pages (from 1) of a PDF file that holds pictures."""
    _require_tesseract()
    _check_pages(len(numbers))
    blocks: list[Block] = []
    document = pypdfium2.PdfDocument(data)
    try:
        for done, number in enumerate(numbers):
            progress("ocr", done, len(numbers))
            page = document[number - 1]
            scale = _scale(page)
            blocks.extend(_page(page.render(scale=scale, grayscale=True).to_pil(), number))
            page.close()
    finally:
        document.close()
    progress("ocr", len(numbers), len(numbers))
    return blocks


def _scale(page: pypdfium2.PdfPage) -> float:
    """The scale at which the page has the pixels of the picture that it shows (recognition enlarges later)."""
    width, height = page.get_size()
    pictures = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    own = max(
        (
            size[0]
            for picture in pictures
            if isinstance(picture, pypdfium2.PdfImage) and (size := picture.get_px_size())
        ),
        default=0,
    )
    dpi = min(300.0, max(120.0, own / width * 72)) if own else _DPI
    scale: float = min(dpi / 72, (limits.MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    return scale


@lru_cache(maxsize=1)
def is_available() -> bool:
    """Whether Tesseract and its Vietnamese data are installed."""
    if shutil.which("tesseract") is None:
        return False
    try:
        return "vie" in pytesseract.get_languages()
    except (pytesseract.TesseractError, OSError):
        return False


def _require_tesseract() -> None:
    if not is_available():
        raise DocumentError("document.no_ocr", "file")


def _check_pages(count: int) -> None:
    if count > limits.MAX_OCR_PAGES:
        raise DocumentTooLarge("document.too_many_pages", "file", pages=count, limit=limits.MAX_OCR_PAGES)


def _enlarged(picture: Image.Image) -> Image.Image:
    """Small pictures (screens, photographs of a page) made large enough for recognition."""
    longest = max(picture.size)
    if longest >= 1500:
        return picture
    factor = min(3.0, 1754 / longest)
    return picture.resize((int(picture.width * factor), int(picture.height * factor)), Image.Resampling.LANCZOS)


def _page(picture: Image.Image, number: int) -> Iterator[Block]:
    picture = straightened(cleaned(picture))
    horizontal, vertical, mask = drawn_lines(binarised(picture))
    clean = without(picture, mask)
    place = Place(page=number)
    tables = [
        grid
        for grid in ruled_grids(horizontal, vertical, 6.0)
        if len(grid.ys) > 2 and len(grid.xs) > 2 and _is_large(grid, picture)
    ]
    outside = clean.copy()
    for grid in tables:
        grid.words.extend(_table_words(clean, grid))
        left, top, right, bottom = (round(value) for value in grid.box)
        outside.paste(255, (left, top, right, bottom))
    words = list(_recognised(outside, 4))
    lines = lines_of(words)
    height = text_height(words)
    at = 0
    for table in [*tables, None]:
        above = table.ys[0] if table else float("inf")
        stop = next((i for i in range(at, len(lines)) if lines[i].top > above), len(lines))
        found = find_table(lines[at:stop], 0) if not tables else None
        if found is not None:
            yield from _paragraphs(lines[at : at + found.start], height, place)
            rows = tuple(tuple(_marked(cell.text, cell.merged_from) for cell in row) for row in found.rows)
            yield RawTable(rows, place, ruled=False)
            at += found.end
        yield from _paragraphs(lines[at:stop], height, place)
        at = stop
        if table is not None:
            yield RawTable(tuple(table.rows(ocr=True)), place)


def _marked(text: str, merged_from: tuple[int, int] | None) -> Cell:
    return Cell(text, merged_from, ocr=True)


def _is_large(grid: RuledGrid, picture: Image.Image) -> bool:
    left, top, right, bottom = grid.box
    return right - left > 0.2 * picture.width and bottom - top > 0.02 * picture.height


def _paragraphs(lines: Sequence[Line], height: float, place: Place) -> Iterator[Paragraph]:
    for line in lines:
        text = line.text(wide_gap=2.2 * height)
        if len(text.strip()) > 1 or text.strip().isalnum():
            yield Paragraph(text, place, PRINTED_LINE)


def _table_words(clean: Image.Image, grid: RuledGrid) -> Iterator[Word]:
    """The words of a table, recognised column by column; cells merged across columns by themselves."""
    columns, rows = len(grid.xs) - 1, len(grid.ys) - 1
    wide: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    for (row, column), origin in grid.owner.items():
        top, left, bottom, right = wide.get(origin, (row, column, row, column))
        wide[origin] = (min(top, row), min(left, column), max(bottom, row), max(right, column))
    merged = {origin: box for origin, box in wide.items() if box[1] != box[3]}
    for column in range(columns):
        strip = clean.crop(_box(grid.xs[column], grid.ys[0], grid.xs[column + 1], grid.ys[-1]))
        for row in range(rows):
            if grid.owner[row, column] in merged:
                upper, lower = grid.ys[row] - grid.ys[0], grid.ys[row + 1] - grid.ys[0]
                strip.paste(255, _box(0, upper, strip.width, lower))
        yield from _shifted(_recognised(strip, 6), grid.xs[column], grid.ys[0])
    for top, left, bottom, right in merged.values():
        box = (grid.xs[left], grid.ys[top], grid.xs[right + 1], grid.ys[bottom + 1])
        yield from _shifted(_recognised(clean.crop(_box(*box)), 6), box[0], box[1])


def _box(left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    return int(left), int(top), max(int(left) + 1, int(right)), max(int(top) + 1, int(bottom))


def _shifted(words: Iterator[Word], x: float, y: float) -> Iterator[Word]:
    for word in words:
        yield Word(word.text, word.x0 + x, word.x1 + x, word.top + y, word.bottom + y)


def _recognised(picture: Image.Image, mode: int) -> Iterator[Word]:
    """The words that Tesseract finds, enlarged for it and with a white margin (text at the edge is missed)."""
    if picture.width < 8 or picture.height < 8 or min(picture.tobytes()) > 150:
        return
    margin, factor = 12, _FACTOR
    framed = Image.new("L", (picture.width + 2 * margin, picture.height + 2 * margin), 255)
    framed.paste(picture, (margin, margin))
    framed = framed.resize((framed.width * factor, framed.height * factor), Image.Resampling.LANCZOS)
    try:
        data = pytesseract.image_to_data(
            framed,
            lang="vie",
            config=f"--psm {mode} --oem 1 --dpi 300",
            output_type=pytesseract.Output.DICT,
            timeout=120,
        )
    except (pytesseract.TesseractError, RuntimeError) as error:
        raise DocumentError("document.damaged", "file") from error
    for index, raw in enumerate(data["text"]):
        text = tidy(raw)
        sure = float(data["conf"][index])
        speck = not any(char.isalnum() for char in text) and (sure < 80 or text in _SPECKS)
        if not text or sure < _LEAST_CONFIDENCE or (speck and text not in {"-", "–", "+"}):
            continue
        left, top = data["left"][index] / factor - margin, data["top"][index] / factor - margin
        yield Word(text, left, left + data["width"][index] / factor, top, top + data["height"][index] / factor)
