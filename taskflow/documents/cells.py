"""What a single cell looks like: a running number, a ditto mark, a deadline, names of units."""

from __future__ import annotations

import re
from collections.abc import Sequence

from taskflow.documents.model import Cell
from taskflow.domain.units import plain, split_units, starts_like_unit

Row = Sequence[Cell]


_TT = re.compile(r"^(?:[IVXLC]{1,6}|[A-ZĐ]|[a-zđ]|\d{1,3}(?:\.\d{1,3}){0,3})[.)/]?$")


def is_number(text: str) -> bool:
    """Whether the cell is a running number: "1", "1.2", "IV", "a)", "03."."""
    return _TT.match(text.strip().strip("*").strip("()")) is not None


def cell_texts(body: Sequence[Row], index: int) -> list[str]:
    """The texts of a column, merged copies and empty cells left out."""
    return [row[index].text for row in body if index < len(row) and row[index].text and row[index].merged_from is None]


def most_text(body: Sequence[Row], index: int) -> float:
    """The mean length of a column's cells (merged copies left out)."""
    texts = cell_texts(body, index)
    return sum(map(len, texts)) / len(texts) if texts else 0.0


_DEADLINE_WORDS = re.compile(
    r"\b(?:qu[yí] ?(?:[ivx]+|\d)|thang \d|nam 20\d\d|h[aă]ng (?:nam|thang|quy|tuan|ngay)|thuong xuyen|"
    r"dinh ky|truoc ngay|"
    r"trong (?:nam|thang|quy)|\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|\d{1,2}/20\d\d|20\d\d|\d+ (?:ngay|"
    r"nam|thang)|sau khi|lien tuc|xong)\b"
)


def looks_like_deadline(text: str) -> bool:
    """Whether a cell reads like a deadline ("Quý II/2026", "Hằng năm", "30/11/2026"); long texts never do."""
    return len(text) <= 120 and _DEADLINE_WORDS.search(plain(text)) is not None


def unit_share(body: Sequence[Row], index: int) -> float:
    """The share of a column's cells whose every part begins like the name of a unit."""
    texts = [text for text in cell_texts(body, index) if not is_ditto(text)]
    if not texts:
        return 0.0
    return sum(1 for text in texts if looks_like_units(text)) / len(texts)


def looks_like_units(text: str) -> bool:
    """Whether the text begins like a list of unit names."""
    names = split_units(re.sub(r"(?i)(?:cơ quan |đơn vị )?(?:chủ trì|phối hợp)[^:]{0,12}:", "", text))
    return bool(names) and starts_like_unit(names[0]) and max(len(name) for name in names) <= 120


_DITTO_WORDS = re.compile(
    r"(?:n\.? ?t\.?|n/t|(?:tương tự )?như(?: (?:dòng|mục|nhiệm vụ|ý|phần|nội dung))? trên|nhu tren|tương tự)(?: đây)?",
    re.IGNORECASE,
)
_DITTO_FRAME = " \t\n-–—_().*,;:/"
_DITTO_MARKS = re.compile(r"[-–—_.\s()]*(?:[\"“”„″〃]|'{2}|’{2}|‘’|//)+[-–—_.\s()\"“”″〃'’/]*")


def is_ditto(text: str) -> bool:
    """Whether the cell repeats the one above: "nt", "-nt-", "như trên", a lone quotation mark."""
    stripped = text.strip()
    words = stripped.strip(_DITTO_FRAME + '"“”')
    return _DITTO_WORDS.fullmatch(words) is not None or _DITTO_MARKS.fullmatch(stripped) is not None
