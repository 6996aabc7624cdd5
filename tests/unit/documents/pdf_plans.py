"""The made-up plans as PDF pages: with ruling lines, and with white space only."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from tests.unit.documents.pdf_files import Page, pdf
from tests.unit.documents.plans import HEAD_LINES, GridCell, Plan, grid_of

_LEFT, _TOP, _BOTTOM = 30.0, 150.0, 790.0
_PAD = 3.0


def _widths(plan: Plan) -> list[float]:
    shares = [
        {
            "tt": 1.0,
            "content": 4.0,
            "code": 1.6,
            "deadline": 2.2,
            "note": 1.5,
            "product": 2.0,
            "blank": 0.3,
            "amount": 1.5,
        }.get(name, 3.0)
        for name in plan.layout.columns
    ]
    return [share * 535 / sum(shares) for share in shares]


def _text(cell: GridCell) -> str:
    return "\n".join(" ".join(line.split()) for line in unicodedata.normalize("NFC", cell.text).split("\n"))


def _first_page() -> Page:
    page = Page(size=8)
    for number, (left, right) in enumerate(HEAD_LINES):
        page.text(60, 30 + 12 * number, left)
        page.text(300, 30 + 12 * number, right)
    page.text(250, 90, "KẾ HOẠCH")
    page.text(190, 104, "Phát triển vùng Sông Hạc năm 2027")
    return page


def _height(text: str, width: float, size: float) -> float:
    return Page(size=size).block(0, 0, width, text)


def as_ruled_pdf(plan: Plan) -> bytes:
    """The plan with all its lines drawn, over as many pages as it takes, with a page number at the foot."""
    widths = _widths(plan)
    xs = [_LEFT + sum(widths[:index]) for index in range(len(widths) + 1)]
    page = _first_page()
    pages, y = [page], _TOP
    for band in _bands(plan):
        heights = _row_heights(band, widths, page.size)
        if y + sum(heights) > _BOTTOM:
            page = Page(size=8)
            pages.append(page)
            page.text(295, 815, str(len(pages)))
            y = 40.0
        ys = [y + sum(heights[:index]) for index in range(len(heights) + 1)]
        for r, row in enumerate(band):
            for c, cell in enumerate(row):
                if cell is None:
                    continue
                x0, x1, top, bottom = xs[c], xs[c + cell.across], ys[r], ys[min(r + cell.down, len(band))]
                page.lines += [
                    (x0, top, x1, top),
                    (x0, bottom, x1, bottom),
                    (x0, top, x0, bottom),
                    (x1, top, x1, bottom),
                ]
                page.block(x0 + _PAD, top + _PAD, x1 - x0 - 2 * _PAD, _text(cell))
        y = ys[-1]
    return pdf(pages)


def _bands(plan: Plan) -> list[list[list[GridCell | None]]]:
    """Rows that must stay on one page: those that a merged cell joins."""
    bands: list[list[list[GridCell | None]]] = []
    reach = 0
    for index, row in enumerate(grid_of(plan)):
        if index < reach and bands:
            bands[-1].append(row)
        else:
            bands.append([row])
        reach = max([reach, *(index + cell.down for cell in row if cell is not None)])
    return bands


def _row_heights(band: list[list[GridCell | None]], widths: list[float], size: float) -> list[float]:
    heights = [14.0] * len(band)
    for r, row in enumerate(band):
        for c, cell in enumerate(row):
            if cell is not None:
                needed = _height(_text(cell), sum(widths[c : c + cell.across]) - 2 * _PAD, size) + 2 * _PAD
                last = min(r + cell.down, len(band)) - 1
                heights[last] = max(heights[last], needed - sum(heights[r:last]))
    return heights


def as_unruled_pdf(plan: Plan) -> bytes:
    """The plan in columns of white space; the heading is not repeated on the next page."""
    plan = Plan(plan.tasks, replace(plan.layout, two_row_head=False))
    widths = _widths(plan)
    page = _first_page()
    pages, y = [page], _TOP
    for row in grid_of(plan):
        texts = [_text(cell) if cell is not None else "" for cell in row]
        height = max(_height(text, width - 8, page.size) for text, width in zip(texts, widths, strict=True))
        if y + height > _BOTTOM:
            page = Page(size=8)
            pages.append(page)
            y = 40.0
        for index, (text, width) in enumerate(zip(texts, widths, strict=True)):
            if text:
                page.block(_LEFT + sum(widths[:index]), y, width - 8, text)
        y += height + 7
    return pdf(pages)
