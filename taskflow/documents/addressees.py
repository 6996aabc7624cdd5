"""Whom a letter is addressed to: the names behind "Kính gửi", for duties that say only "các đơn vị"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from taskflow.documents.model import Block, Item, Paragraph, Problem
from taskflow.domain.units import is_group_designation, split_units, starts_like_unit

_OPENING = re.compile(r"\s*kính gửi\s*:?\s*", re.IGNORECASE)
_BULLET = re.compile(r"\s*[-–+•*]\s*(?=\S)")
_UNNAMED = re.compile(
    r"(?:các|quý|những)?\s*(?:cơ quan|đơn vị|địa phương)(?:(?:,| và)?\s*(?:cơ quan|đơn vị|địa phương))*"
    r"(?: (?:nêu|kể) trên| trên)?",
    re.IGNORECASE,
)
_MOST_LINES = 30


def names_nobody(units: str) -> bool:
    """Whether the words mean whoever is addressed: "các đơn vị", "quý cơ quan"."""
    return _UNNAMED.fullmatch(units.strip(" ,;.")) is not None


def addressees(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The units behind "Kính gửi", in order; () where they are not several, or none is named singly.

    A letter to one superior ("Kính gửi: UBND tỉnh") means others by "các đơn vị"; one to "các đơn vị trực thuộc"
    says no more than its duties do.
    """
    lines = (line for block in blocks if isinstance(block, Paragraph) for line in re.split(r"[\n\t]", block.text))
    found: list[str] | None = None
    for count, line in enumerate(lines):
        if found is None:
            opening = _OPENING.match(line)
            if opening:
                found, last = [line[opening.end() :]], count + _MOST_LINES
        elif line.strip():
            bare = _BULLET.sub("", line, count=1)
            if count > last or not starts_like_unit(bare) or (bare == line and not _goes_on(found)):
                break
            found.append(bare)
    names = split_units("\n".join(text.strip(" ;.") for text in found or ()))
    single = any(not is_group_designation(name) and " các " not in f" {name.lower()} " for name in names)
    return names if len(names) > 1 and single and not any(map(names_nobody, names)) else ()


def to_addressees(item: Item, addressed: tuple[str, ...]) -> Item:
    """A duty of "các đơn vị" as one of the units that the letter is addressed to, for a person to check."""
    unit = item.raw.get("unit", "")
    if not addressed or not item.lead or not names_nobody(unit):
        return item
    message = f"Văn bản chỉ ghi “{unit}”; đơn vị được lấy theo phần “Kính gửi”, hãy kiểm tra lại."
    return replace(item, lead=addressed, problems=(*item.problems, Problem("addressees", "lead", message)))


def _goes_on(found: Sequence[str]) -> bool:
    """Whether the list may go on without a bullet: it is still empty, or its last line ends with a semicolon."""
    return not found[-1].strip() or found[-1].rstrip().endswith((";", ","))
