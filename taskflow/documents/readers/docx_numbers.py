"""Automatic numbers of Word lists: the "1.", "a)" or "-" that Word shows but does not store in the text."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def roman(number: int) -> str:
    """The Roman numeral of a small positive number."""
    out = ""
    for value, letters in _ROMAN:
        while number >= value:
            out, number = out + letters, number - value
    return out


def _render(number: int, form: str) -> str:
    if form in {"upperRoman", "lowerRoman"}:
        numeral = roman(min(number, 399))
        return numeral if form == "upperRoman" else numeral.lower()
    if form in {"upperLetter", "lowerLetter"}:
        letter = chr(ord("A") + (number - 1) % 26)
        return letter if form == "upperLetter" else letter.lower()
    if form == "decimalZero":
        return f"{number:02d}"
    return "" if form == "none" else str(number)


@dataclass(slots=True)
class _Level:
    form: str = "decimal"
    text: str = "%1."
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """Counts the list paragraphs in reading order and answers each one's label."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: etree._Element | None) -> Numbering:
        """The numbering of ``word/numbering.xml`` (none when the document has no such part)."""
        made = cls()
        if root is None:
            return made
        for definition in root.iterfind(f"{W}abstractNum"):
            levels = {_int(level.get(f"{W}ilvl")): _level(level) for level in definition.iterfind(f"{W}lvl")}
            made.levels[definition.get(f"{W}abstractNumId", "")] = levels
        for number in root.iterfind(f"{W}num"):
            target = number.find(f"{W}abstractNumId")
            if target is not None:
                made.abstract[number.get(f"{W}numId", "")] = target.get(f"{W}val", "")
        return made

    def label(self, list_id: str, level: int) -> str:
        """The label of the next paragraph of a list ("" when the list is unknown), counting it."""
        abstract = self.abstract.get(list_id, "")
        levels = self.levels.get(abstract)
        if not levels or level not in levels:
            return ""
        counts = self.counts.setdefault(list_id, {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [depth for depth in counts if depth > level]:
            del counts[deeper]
        if levels[level].form == "bullet":
            return "-"
        label = levels[level].text
        for depth in range(9):
            if f"%{depth + 1}" in label:
                definition = levels.get(depth, _Level())
                label = label.replace(f"%{depth + 1}", _render(counts.get(depth, definition.start), definition.form))
        return label.strip()


def _level(element: etree._Element) -> _Level:
    def value(tag: str, default: str) -> str:
        found = element.find(f"{W}{tag}")
        return default if found is None else found.get(f"{W}val", default)

    return _Level(value("numFmt", "decimal"), value("lvlText", ""), _int(value("start", "1"), 1))


def _int(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else default
