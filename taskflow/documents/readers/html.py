"""HTML pages, saved Word and Excel pages, and the HTML of the clipboard.

Tables that only lay out a page are looked through; tables of data keep their grid with rowspan and
colspan filled. Scripts, styles and hidden parts are dropped; what Word's tracked changes deleted too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree, html

from taskflow.documents import limits
from taskflow.documents.detect import decode
from taskflow.documents.messages import DocumentError, DocumentTooLarge, problem
from taskflow.documents.model import Block, Cell, Paragraph, Place, RawTable
from taskflow.documents.old_fonts import converted
from taskflow.documents.readers.base import Progress, Reading
from taskflow.domain.units import tidy

_SKIPPED = {
    "script",
    "style",
    "head",
    "title",
    "meta",
    "link",
    "noscript",
    "template",
    "del",
    "s",
    "strike",
    "select",
    "button",
    "nav",
}
_BLOCKS = {
    "p",
    "div",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "tr",
    "table",
    "ul",
    "ol",
    "section",
    "article",
    "blockquote",
    "pre",
    "header",
    "footer",
    "main",
    "center",
    "dd",
    "dt",
    "hr",
    "body",
    "form",
    "td",
    "th",
}
_GRID_COLUMNS, _GRID_ROWS = 4, 3
_HIDDEN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|text-decoration[^;]{0,40}line-through|visibility\s*:\s*hidden",
    re.IGNORECASE,
)
_STRUCK = re.compile(r"<(?:s|strike|del)\b|line-through", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


def read(data: bytes, _progress: Progress) -> Reading:
    """The blocks of an HTML page."""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, recover=True)
    try:
        root = html.document_fromstring(_decode(data), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError("document.damaged", "file") from error
    walker = _Walker()
    walker.walk(root)
    walker.flush()
    if not walker.blocks:
        raise DocumentError("document.empty", "file")
    text = _decode(data)
    told = ["document.struck"] if _STRUCK.search(text) else []
    return Reading(tuple(walker.blocks), tuple(map(problem, told)))


def _decode(data: bytes) -> str:
    named = _CHARSET.search(data[:2048])
    text = decode(data)
    if named and named[1].lower() not in {b"utf-8", b"utf8", b"unicode"} and "\ufffd" not in text:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            try:
                text = data.decode(named[1].decode("ascii"), errors="replace")
            except LookupError:
                return text
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


@dataclass(slots=True)
class _Walker:
    blocks: list[Block] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    cells: int = 0
    depth: int = 0

    def flush(self, style: str | None = None) -> None:
        """End the current paragraph."""
        text = tidy("".join(self.line))
        self.line.clear()
        if text:
            self.blocks.append(Paragraph(text, style=style))

    def walk(self, element: html.HtmlElement) -> None:
        """Read an element and all below it."""
        if _is_dropped(element):
            return
        self.depth += 1
        if self.depth > limits.MAX_XML_DEPTH:
            raise DocumentError("document.damaged", "file")
        tag = str(element.tag).lower()
        if tag == "table" and not _is_layout(element):
            self.flush()
            self._table(element)
        elif tag == "br":
            self.line.append("\n")
        else:
            is_block = tag in _BLOCKS
            if is_block:
                self.flush()
            self.line.append(_spaces(element.text))
            for child in element:
                self.walk(child)
                self.line.append(_spaces(child.tail))
            if is_block:
                self.flush(f"heading {tag[1]}" if re.fullmatch(r"h[1-6]", tag) else None)
        self.depth -= 1

    def _table(self, element: html.HtmlElement) -> None:
        grid: list[list[Cell | None]] = []
        pending: dict[int, tuple[int, Cell]] = {}  # column → (rows left, copy of the cell above)
        hidden: set[int] = set()
        for row in _rows(element):
            index = len(grid)
            cells: list[Cell | None] = []
            if _HIDDEN.search(row.get("style", "")):
                hidden.add(index)
            for cell in row:
                if not isinstance(cell.tag, str) or cell.tag.lower() not in {"td", "th"}:
                    continue
                self._take_pending(cells, pending)
                text = cell_text(cell)
                across, down = _span(cell, "colspan"), _span(cell, "rowspan")
                origin = (index, len(cells))
                for offset in range(min(across, limits.MAX_COLUMNS - len(cells))):
                    copy = Cell(text, None if offset == 0 else origin)
                    if down > 1:
                        pending[len(cells)] = (down - 1, Cell(text, origin))
                    cells.append(copy)
                    self.cells += 1
            self._take_pending(cells, pending)
            grid.append(cells)
            if len(grid) > limits.MAX_ROWS:
                raise DocumentTooLarge("document.too_many_rows", "file", limit=limits.MAX_ROWS)
            if self.cells > limits.MAX_CELLS:
                raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)
        rows = tuple(tuple(cell or Cell("") for cell in row) for row in grid)
        if rows:
            self.blocks.append(RawTable(rows, Place(), hidden_rows=frozenset(hidden)))

    @staticmethod
    def _take_pending(cells: list[Cell | None], pending: dict[int, tuple[int, Cell]]) -> None:
        while len(cells) in pending:
            column = len(cells)
            left, copy = pending.pop(column)
            cells.append(copy)
            if left > 1:
                pending[column] = (left - 1, copy)


def _spaces(text: str | None) -> str:
    return converted(re.sub(r"[ \t\r\n]+", " ", text or ""))


def _is_dropped(element: html.HtmlElement) -> bool:
    if not isinstance(element.tag, str):
        return True
    return (
        element.tag.lower() in _SKIPPED
        or bool(_HIDDEN.search(element.get("style") or ""))
        or element.get("hidden") is not None
    )


def _rows(table: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for child in table:
        tag = child.tag.lower() if isinstance(child.tag, str) else ""
        if tag == "tr":
            yield child
        elif tag in {"thead", "tbody", "tfoot"}:
            yield from _rows(child)


def _is_layout(table: html.HtmlElement) -> bool:
    """Whether the table holds another real table, or is a single cell: then it only lays out the page.

    A grid of four columns or more is data, although a cell of it may hold a small table.
    """
    rows = list(_rows(table))
    if sum(sum(1 for cell in row if cell.tag in ("td", "th")) >= _GRID_COLUMNS for row in rows) >= _GRID_ROWS:
        return False
    for nested in table.iter("table"):
        if nested is not table and len(list(_rows(nested))) >= 2:
            return True
    return len(rows) == 1 and len(rows[0]) == 1


def cell_text(cell: html.HtmlElement) -> str:
    """The visible text of a cell, with line breaks where its parts are paragraphs."""
    return tidy("".join(_inner(cell, 0)))


def _inner(element: html.HtmlElement, depth: int) -> Iterator[str]:
    if depth > limits.MAX_XML_DEPTH:
        raise DocumentError("document.damaged", "file")
    yield _spaces(element.text)
    for child in element:
        if not _is_dropped(child):
            tag = str(child.tag).lower()
            yield "\n" if tag in _BLOCKS or tag == "br" else ""
            yield "- " if tag == "li" else ""
            yield from _inner(child, depth + 1)
            yield "\n" if tag in _BLOCKS else ""
        yield _spaces(child.tail)


def _span(cell: html.HtmlElement, name: str) -> int:
    value = re.match(r"\d+", cell.get(name, "1").strip() or "1")
    return min(max(1, int(value[0])), limits.MAX_ROWS) if value else 1
