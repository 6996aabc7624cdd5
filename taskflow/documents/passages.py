"""Whole sentences out of broken lines: the paragraphs of a text as its author wrote them.

PDF text and scans break paragraphs into lines, put page numbers between them and blank lines inside
them; Markdown adds its marks. The prose extractors (duties, reports, prose targets, references) all
read the same repaired passages. What a passage says is not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from taskflow.documents.model import Block, Place, RawTable

# Ranks of the marks at the start of a passage, from the outermost level inwards.
NO_MARK, PART, ROMAN, ARTICLE, NUMBER, SUBNUMBER, LETTER, BULLET, SUBBULLET = range(9)

_MARKS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (PART, re.compile(r"(?:PHẦN|Phần)\s+(?:thứ\s+\w+|[IVX]+|\d+)\s*[.:\-–]?\s*", re.UNICODE)),
    (ROMAN, re.compile(r"[IVX]{1,5}\s*[.)\-–]+\s*(?=\S)")),
    (ROMAN, re.compile(r"[A-EG-HK](?=\.\s+[A-ZĐÀ-Ỵ]{2})\.\s+")),
    (ARTICLE, re.compile(r"Điều\s+\d+[.:]\s*")),
    (SUBNUMBER, re.compile(r"\d{1,2}(?:\.\d{1,2})+[.)]?\s+(?=\S)")),
    (NUMBER, re.compile(r"\d{1,2}[.)]\s+(?=\S)|\d{1,2}[.)](?=[^\W\d_])|\d{1,2}(?:/|\s?-)\s+(?=[^\W\d_])")),
    (LETTER, re.compile(r"[a-zđ][.)]\s+(?=\S)|[a-zđ]\)(?=\S)")),
    (BULLET, re.compile(r"[-–—•*●▪]+\s*(?=[^\W_])")),
    (SUBBULLET, re.compile(r"[+○o]\s+(?=\S)")),
)
_MARKDOWN = re.compile(r"^#{1,6}\s+|~~.*?~~|\*\*|__")
_PAGE_NUMBER = re.compile(r"[-–—]?\s*(?:[Tt]rang\s+)?\d{1,3}\s*(?:/\s*\d{1,3})?\s*[-–—]?")
_OUTSIDE_STYLES = ("footnote", "endnote", "comment", "header", "footer")
_ENDS_SENTENCE = re.compile(r"[.;:!?…][\"”’)]*$|[”\"]$")
_DANGLING = re.compile(r"(?:,|\b(?:và|của|với|cho|các|số|ngày|tháng|năm|theo|về))$", re.IGNORECASE)


LONGEST_PASSAGE = 6000  # characters; a longer "paragraph" is damaged text, in which nothing is looked for


@dataclass(frozen=True, slots=True)
class Passage:
    """One repaired paragraph. ``text`` is without its mark ("a)", "-") and without Markdown marks.

    ``level`` is the rank of the mark (``NO_MARK`` when there is none); ``heading`` is true when the
    format or a Markdown mark says that it is a heading. ``anchors`` map positions in ``text`` to
    character offsets in the plain text of the document.
    """

    text: str
    place: Place
    level: int = NO_MARK
    mark: str = ""
    heading: bool = False
    anchors: tuple[tuple[int, int], ...] = ()

    def place_at(self, position: int) -> Place:
        """The place of a character of ``text`` in the source (offset as near as the source tells)."""
        known = [(at, offset) for at, offset in self.anchors if at <= position]
        if not known:
            return self.place
        at, offset = known[-1]
        return replace(self.place, offset=offset + position - at)

    @property
    def is_shouted(self) -> bool:
        """Whether the passage is in capitals, as headings are (NĐ 30/2020, phụ lục I)."""
        letters = [c for c in self.text[:200] if c.isalpha()]
        return len(letters) >= 4 and sum(c.isupper() for c in letters) / len(letters) > 0.85


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    place: Place
    offset: int
    level: int
    mark: str
    heading: bool
    first_of_paragraph: bool
    width: int
    after_table: bool


def read_passages(blocks: Sequence[Block]) -> list[Passage]:
    """The repaired paragraphs of ``blocks`` in reading order; tables are left out, and nothing goes on across one.

    Offsets are the source's; where it has none, they count in the paragraphs joined by line feeds.
    """
    lines = list(_lines(blocks))
    width = _wrap_width(lines)
    passages: list[Passage] = []
    last: _Line | None = None
    for line in lines:
        if last is not None and _continues(passages[-1], last, line, width):
            passages[-1] = _joined(passages[-1], line)
        else:
            anchors = ((0, line.offset),)
            passages.append(Passage(line.text, line.place, line.level, line.mark, line.heading, anchors))
        last = line
    return passages


def paragraph_at(blocks: Iterable[Block], offset: int) -> tuple[str, int] | None:
    """The text of the paragraph that holds ``offset`` (as of a passage's place) and the position in it."""
    counted = 0
    for block in blocks:
        if isinstance(block, RawTable) or (block.style or "").casefold().startswith(_OUTSIDE_STYLES):
            continue
        base = counted if block.place.offset is None else block.place.offset
        if base <= offset < base + len(block.text):
            return block.text, offset - base
        counted += len(block.text) + 1
    return None


def _lines(blocks: Iterable[Block]) -> Iterator[_Line]:
    counted = 0
    after_table = False
    for block in blocks:
        if isinstance(block, RawTable):
            after_table = True
            signature = _signature_in(block)
            if signature is not None:
                yield _Line(signature, block.place, counted, NO_MARK, "", False, True, len(signature), after_table)
            continue
        if (block.style or "").casefold().startswith(_OUTSIDE_STYLES):
            continue
        base = counted if block.place.offset is None else block.place.offset
        counted += len(block.text) + 1
        position = 0
        first = True
        heading_style = bool(block.style) and (block.style or "").casefold().startswith(("heading", "title", "h"))
        for raw in block.text.split("\n"):
            start, position = position, position + len(raw) + 1
            lead = len(raw) - len(raw.lstrip())
            text = raw.strip()
            if not text or _PAGE_NUMBER.fullmatch(text):
                continue
            heading = heading_style or text.startswith("#")
            # Marks are cut from the left one after the other, so that the offset stays true.
            cut = re.match(r"(?:#{1,6}\s+)?(?:\*\*|__)?", text)
            skip = cut.end() if cut else 0
            level, mark = mark_of(text[skip:])
            skip += len(mark)
            body = " ".join(_MARKDOWN.sub("", text[skip:]).split())
            if not body:
                continue
            offset = base + start + lead + skip
            yield _Line(body, block.place, offset, level, mark.strip(), heading, first, len(text), after_table)
            first = after_table = False


def _signature_in(table: RawTable) -> str | None:
    """The opening of a signature table ("Nơi nhận:", "TM. …"): it ends what stands above it."""
    for cell in table.rows[0] if table.rows else ():
        match = re.match(r"(?:Nơi nhận|TM\.|T/M|KT\.)[^\n]*", cell.text.strip(), re.IGNORECASE)
        if match is not None:
            return match.group()
    return None


def mark_of(text: str) -> tuple[int, str]:
    """The rank of the mark that ``text`` starts with, and the mark itself with the space after it."""
    for level, pattern in _MARKS:
        match = pattern.match(text)
        if match:
            return level, match.group()
    return NO_MARK, ""


def _wrap_width(lines: Sequence[_Line]) -> int | None:
    """The width at which the source wraps its lines, or None where a line is a whole paragraph."""
    widths = sorted(line.width for line in lines)
    if len(widths) < 12:
        return None
    wide = widths[int(len(widths) * 0.9)]
    return wide if 40 <= wide <= 125 else None


def _continues(passage: Passage, last: _Line, line: _Line, width: int | None) -> bool:
    """Whether ``line`` goes on with the sentence of ``passage`` (whose last line is ``last``)."""
    if len(passage.text) > LONGEST_PASSAGE:
        return False
    if line.level != NO_MARK or line.after_table or (line.heading and not passage.heading):
        return False
    if passage.is_shouted or Passage(line.text, line.place).is_shouted:
        return bool(_DANGLING.search(last.text))  # a heading over two lines; others stand alone
    starts_low = line.text[0].islower() or line.text[0] in ",;)%"
    ended = bool(_ENDS_SENTENCE.search(last.text))
    if not line.first_of_paragraph:  # a soft line break inside a paragraph of the source
        return not ended or starts_low or bool(width and last.width >= 0.7 * width and last.text.endswith("."))
    if last.heading or line.heading:
        return False
    if ended:
        return starts_low and not last.text.endswith(("./.", ":"))
    if starts_low or _DANGLING.search(last.text):
        return True
    if width is None:
        return False
    return last.width >= 0.75 * width


def _joined(passage: Passage, line: _Line) -> Passage:
    # "Chỉ thị 05-" + "CT/TW": a number broken at its hyphen goes together without a space.
    glue = "" if re.search(r"\d-$", passage.text) and line.text[0].isalpha() else " "
    text = passage.text + glue + line.text
    anchors = (*passage.anchors, (len(passage.text) + len(glue), line.offset))
    return replace(passage, text=text, anchors=anchors)


_SENTENCE_END = re.compile(r"[.;!?][\"”’)]?\s+")
_ABBREVIATED = re.compile(r"(?:\b[A-ZĐ]|\b(?:TP|Tp|tp|Q|P|TX|TT|đ/c|v\.v|ThS|TS|PGS|GS))$")


def sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of ``text`` with their start positions; a semicolon before a capital also ends one."""
    result: list[tuple[int, str]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        following = text[match.end() : match.end() + 1]
        if not (following.isupper() or following in '"“') or _ABBREVIATED.search(text[: match.start()]):
            continue
        result.append((start, text[start : match.end()].rstrip()))
        start = match.end()
    result.append((start, text[start:]))
    return [(at, part) for at, part in result if part.strip()]
