"""Word documents (.docx), read from their XML: as they look with every tracked change accepted.

Inserted text stays, deleted and hidden text goes; merged cells are copied into every place they cover;
text boxes follow the paragraph they hang on; running headers and footnotes come last. python-docx shows neither tracked
changes nor text boxes, hence lxml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from taskflow.documents import limits
from taskflow.documents.messages import DocumentError, DocumentTooLarge, problem
from taskflow.documents.model import Block, Cell, Paragraph, Place, RawTable
from taskflow.documents.old_fonts import converted
from taskflow.documents.readers.archive import Archive
from taskflow.documents.readers.base import Progress, Reading
from taskflow.documents.readers.docx_numbers import Numbering, W
from taskflow.documents.secrecy import find_mark
from taskflow.domain.units import tidy

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DROPPED = {
    f"{W}{tag}"
    for tag in (
        "del",
        "moveFrom",
        "delText",
        "instrText",
        "delInstrText",
        "footnoteReference",
        "endnoteReference",
        "commentReference",
        "pPr",
        "rPr",
        "annotationRef",
    )
}
_DROPPED.add(f"{_MC}Fallback")
_TRACKED = tuple(f"{W}{tag}" for tag in ("ins", "del", "moveFrom", "moveTo"))
_BREAKS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}noBreakHyphen": "-", f"{W}ptab": "\t"}
_WRAPPERS = {f"{W}{tag}" for tag in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
_OFF = {"0", "false", "off", "none"}


def read(data: bytes, progress: Progress) -> Reading:
    """The blocks of a .docx file."""
    progress("read", 0, 1)
    archive = Archive(data)
    root = archive.xml(_main_part(archive))
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise DocumentError("document.damaged", "file")
    walker = _Walker(Numbering.of(archive.xml("word/numbering.xml")), *_styles(archive.xml("word/styles.xml")))
    blocks = [*walker.blocks(body), *_running(archive, walker)]
    blocks.extend(Paragraph(text, style="running") for text in _watermarks(body) if text)
    for part in ("word/footnotes.xml", "word/endnotes.xml"):
        notes = archive.xml(part)
        if notes is not None:
            for note in notes:
                if note.get(f"{W}type") is None:
                    text = " ".join(walker.text(p) for p in note.iter(f"{W}p")).strip()
                    blocks.extend([Paragraph(text, style="footnote")] if text else [])
    progress("read", 1, 1)
    told = [f"document.{code}" for code in ("struck", "old_font") if f"row.{code}" in walker.told]
    if next(body.iter(*_TRACKED), None) is not None:
        told.append("document.tracked")
    if next(body.iter(f"{W}commentReference"), None) is not None:
        told.append("document.comments")
    return Reading(tuple(blocks), tuple(map(problem, told)))


def _running(archive: Archive, walker: _Walker) -> Iterator[Paragraph]:
    """Running headers and footers in capitals: marks of secrecy and urgency stand there; page numbers do not matter."""
    seen: set[str] = set()
    for name in sorted(archive.names):
        if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name) and (root := archive.xml(name)) is not None:
            texts = [walker.text(element).strip() for element in root.iter(f"{W}p")]
            for text in [*texts, *_watermarks(root)]:
                shown = text == text.upper() or find_mark([Paragraph(text)]) is not None
                if text and shown and any(map(str.isalpha, text)) and text not in seen:
                    seen.add(text)
                    yield Paragraph(text, style="running")


def _watermarks(root: etree._Element) -> Iterator[str]:
    """Words drawn behind the text (WordArt): they are an attribute of a shape, not text."""
    for path in root.iter("{urn:schemas-microsoft-com:vml}textpath"):
        yield path.get("string", "").strip()


def _main_part(archive: Archive) -> str:
    if "word/document.xml" in archive.names:
        return "word/document.xml"
    # Strict writers may call the main part something else: the relationships say what.
    relations = archive.xml("_rels/.rels")
    for relation in relations if relations is not None else ():
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    raise DocumentError("document.damaged", "file")


def _styles(root: etree._Element | None) -> tuple[dict[str, tuple[str, int]], frozenset[str]]:
    """List membership (list id, level) and hiddenness by style id."""
    lists: dict[str, tuple[str, int]] = {}
    hidden: set[str] = set()
    for style in root.iterfind(f"{W}style") if root is not None else ():
        name = style.get(f"{W}styleId", "")
        list_id = style.find(f"{W}pPr/{W}numPr/{W}numId")
        if list_id is not None:
            level = style.find(f"{W}pPr/{W}numPr/{W}ilvl")
            lists[name] = (list_id.get(f"{W}val", ""), int(level.get(f"{W}val", "0")) if level is not None else 0)
        if _is_on(style.find(f"{W}rPr/{W}vanish")):
            hidden.add(name)
    return lists, frozenset(hidden)


def _is_on(element: etree._Element | None) -> bool:
    return element is not None and element.get(f"{W}val", "1").lower() not in _OFF


@dataclass(slots=True)
class _Walker:
    numbering: Numbering
    style_lists: dict[str, tuple[str, int]]
    hidden_styles: frozenset[str]
    page: int = 1
    cells: int = 0
    told: list[str] = field(default_factory=list)

    def blocks(self, parent: etree._Element) -> Iterator[Block]:
        """Paragraphs and tables below ``parent``, looking through content controls and insertions."""
        for element in parent:
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield from self._table(element)
            elif element.tag in _WRAPPERS:
                yield from self.blocks(element)

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        style = element.find(f"{W}pPr/{W}pStyle")
        name = style.get(f"{W}val") if style is not None else None
        place = Place(page=self.page)
        text = self.text(element)
        if text.strip():
            yield Paragraph(text, place, name)
        for box in _text_boxes(element):
            yield from self.blocks(box)

    def text(self, element: etree._Element) -> str:
        """The visible text of a paragraph with its automatic number."""
        label = self._label(element)
        body = tidy_lines("".join(self._runs(element)))
        return f"{label} {body}".strip() if label and (body or label != "-") else body

    def _label(self, element: etree._Element) -> str:
        properties = element.find(f"{W}pPr")
        if properties is None:
            return ""
        list_id, level = properties.find(f"{W}numPr/{W}numId"), properties.find(f"{W}numPr/{W}ilvl")
        if list_id is not None:
            depth = level.get(f"{W}val", "0") if level is not None else "0"
            return self.numbering.label(list_id.get(f"{W}val", ""), int(depth) if depth.isdigit() else 0)
        style = properties.find(f"{W}pStyle")
        known = self.style_lists.get(style.get(f"{W}val", "")) if style is not None else None
        return self.numbering.label(*known) if known else ""

    def _runs(self, element: etree._Element) -> Iterator[str]:
        for child in element:
            tag = child.tag
            if tag in _DROPPED or tag == f"{W}txbxContent":
                continue
            if tag == f"{W}t":
                yield child.text or ""
            elif tag in _BREAKS:
                self.page += child.get(f"{W}type") == "page"
                yield _BREAKS[tag]
            elif tag == f"{W}lastRenderedPageBreak":
                self.page += 1
            elif tag == f"{W}r" and self._is_hidden(child):
                continue
            elif tag == f"{W}r":
                yield self._readable("".join(self._runs(child)), child)
            else:
                yield from self._runs(child)

    def _readable(self, text: str, run: etree._Element) -> str:
        """The text of a run in Unicode, whatever its font."""
        fonts = run.find(f"{W}rPr/{W}rFonts")
        readable = converted(text, fonts.get(f"{W}ascii", "") if fonts is not None else "")
        if readable != text:
            self.told.append("row.old_font")
        return readable

    def _is_hidden(self, run: etree._Element) -> bool:
        if _is_on(run.find(f"{W}rPr/{W}vanish")):
            return True
        if _is_on(run.find(f"{W}rPr/{W}strike")) or _is_on(run.find(f"{W}rPr/{W}dstrike")):
            if next(run.iter(f"{W}t"), None) is not None:
                self.told.append("row.struck")
            return True
        style = run.find(f"{W}rPr/{W}rStyle")
        return style is not None and style.get(f"{W}val") in self.hidden_styles

    def _table(self, element: etree._Element) -> Iterator[Block]:
        if any(_is_real_table(nested) for nested in element.iterfind(f".//{W}tbl")):
            # A table that only lays out others: its cells are read one after the other.
            for cell in _cells_of(element):
                yield from self.blocks(cell)
            return
        place = Place(page=self.page)
        rows: list[tuple[Cell, ...]] = []
        hidden: set[int] = set()
        for row in _rows_of(element):
            if row.find(f"{W}trPr/{W}del") is not None:
                continue
            if _is_on(row.find(f"{W}trPr/{W}hidden")):
                hidden.add(len(rows))
            rows.append(tuple(self._row(row, len(rows), rows[-1] if rows else ())))
            if len(rows) > limits.MAX_ROWS:
                raise DocumentTooLarge("document.too_many_rows", "file", limit=limits.MAX_ROWS)
        if rows:
            yield RawTable(tuple(rows), place, hidden_rows=frozenset(hidden))

    def _row(self, row: etree._Element, index: int, above: tuple[Cell, ...]) -> Iterator[Cell]:
        column = 0
        for _ in range(_number(row.find(f"{W}trPr/{W}gridBefore"))):
            yield Cell("")
            column += 1
        for cell in _row_cells(row):
            properties = cell.find(f"{W}tcPr")
            span, merge = 1, None
            if properties is not None:
                span = max(1, _number(properties.find(f"{W}gridSpan"), 1))
                merge = properties.find(f"{W}vMerge")
            if column + span > limits.MAX_COLUMNS:
                raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)
            before = len(self.told)
            text = self._cell_text(cell)
            told = tuple(dict.fromkeys(self.told[before:]))
            origin = (index, column)
            continued = merge is not None and merge.get(f"{W}val", "continue") == "continue"
            if continued and column < len(above) and not text:
                text, origin = above[column].text, above[column].merged_from or (index - 1, column)
            for offset in range(span):
                self.cells += 1
                yield Cell(text, None if origin == (index, column + offset) else origin, problems=told)
            column += span
        if self.cells > limits.MAX_CELLS:
            raise DocumentTooLarge("document.too_many_cells", "file", limit=limits.MAX_CELLS)

    def _cell_text(self, cell: etree._Element) -> str:
        parts: list[str] = []
        for element in _flat(cell):
            if element.tag == f"{W}p":
                parts.append(self.text(element))
                parts.extend(self._cell_text(box) for box in _text_boxes(element))
            else:
                parts.extend(self._cell_text(inner) for inner in _cells_of(element))
        return "\n".join(part for part in parts if part.strip())


def tidy_lines(text: str) -> str:
    """``text`` cleaned line by line, tabs kept: they part the columns of a letterhead."""
    return "\n".join("\t".join(tidy(part) for part in line.split("\t")) for line in text.split("\n")).strip("\n")


def _flat(parent: etree._Element) -> Iterator[etree._Element]:
    for element in parent:
        if element.tag in {f"{W}p", f"{W}tbl"}:
            yield element
        elif element.tag in _WRAPPERS:
            yield from _flat(element)


def _rows_of(table: etree._Element) -> Iterator[etree._Element]:
    for element in table:
        if element.tag == f"{W}tr":
            yield element
        elif element.tag in _WRAPPERS:
            yield from _rows_of(element)


def _row_cells(row: etree._Element) -> Iterator[etree._Element]:
    for element in row:
        if element.tag == f"{W}tc":
            yield element
        elif element.tag in _WRAPPERS:
            yield from _row_cells(element)


def _cells_of(table: etree._Element) -> Iterator[etree._Element]:
    for row in _rows_of(table):
        yield from _row_cells(row)


def _is_real_table(table: etree._Element) -> bool:
    """Whether a nested table is a table of its own (not a cell that was split in two)."""
    rows = list(_rows_of(table))
    return len(rows) >= 3 and max((len(list(_row_cells(row))) for row in rows), default=0) >= 3


def _text_boxes(element: etree._Element) -> Iterator[etree._Element]:
    for box in element.iter(f"{W}txbxContent"):
        inside = [ancestor.tag for ancestor in box.iterancestors()]
        before_paragraph = inside[: inside.index(f"{W}p") + 1] if f"{W}p" in inside else inside
        if f"{_MC}Fallback" not in before_paragraph and not {f"{W}del", f"{W}moveFrom"} & set(inside):
            yield box


def _number(element: etree._Element | None, default: int = 0) -> int:
    value = element.get(f"{W}val", "") if element is not None else ""
    return min(int(value), limits.MAX_COLUMNS) if value.isdigit() else default
