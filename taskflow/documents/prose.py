"""Duties written as prose under "Tổ chức thực hiện", offered for choosing (never imported by themselves).

One duty is one paragraph or point of the text. Its unit either leads ("chủ trì", or simply does it) or only
helps ("phối hợp với …"): then nobody is said to lead, and a person must choose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from taskflow.documents.actors import coordinates_only, partners_of
from taskflow.documents.addressees import addressees, to_addressees
from taskflow.documents.assignments import Assignment, find_assignments
from taskflow.documents.model import Block, Item, ItemSource, Problem
from taskflow.documents.timing import deadline_of, find_timing
from taskflow.domain.units import fold, split_units

_ONLY_REPORTS = re.compile(
    r"\s*,?\s*(?:định kỳ\b[^.;]{0,40}?|hằng \w+,?\s+|hàng \w+,?\s+|có trách nhiệm\s+|tổng hợp,?\s+|thực hiện\s+|"
    r"gửi\s+|\([^)]*\)\s*|hoặc đột xuất\s+)*"
    r"(?:báo cáo|gửi báo cáo)\b",
    re.IGNORECASE,
)
_SAYS_LEAD = re.compile(r"chủ trì|chịu trách nhiệm|đầu mối|thường trực", re.IGNORECASE)
_MINIMUM = 15  # characters; shorter rests are headings, not duties


def extract_duties(blocks: Sequence[Block], *, issued_on: date | None) -> list[Item]:
    """The duties of ``blocks`` in reading order, as items of source ``PROSE``.

    ``raw`` holds ``sentence`` (the passage), ``unit`` (the bearer as written), ``role`` (``lead`` or
    ``coordinate``) and ``partners``. A bearer that only coordinates stands first among the coordinators,
    the lead stays empty with problem ``lead_not_stated``. ``place.offset`` is where the sentence begins.
    """
    items: list[Item] = []
    addressed = addressees(blocks)
    for assignment in find_assignments(blocks):
        if len(assignment.text) < _MINIMUM or _reports_only(assignment):
            continue
        item = _item(assignment, position=len(items) + 1, issued_on=issued_on)
        items.append(to_addressees(item, addressed))
    return items


def _reports_only(assignment: Assignment) -> bool:
    """Whether the sentence says nothing but who reports: then ``reports`` offers it, as a periodic duty."""
    subject = assignment.subject
    if "báo cáo" in (assignment.group or "").casefold() and "báo cáo" in assignment.text:
        return True
    return subject is not None and bool(_ONLY_REPORTS.match(assignment.text[subject.rest_at :]))


def _item(assignment: Assignment, *, position: int, issued_on: date | None) -> Item:
    text = assignment.text
    helps = coordinates_only(text, assignment.subject)
    bearers = split_units(assignment.unit)
    named = partners_of(text)
    partners = _distinct(
        [*assignment.helpers, *(unit for names in named for unit in split_units(names))], besides=bearers
    )
    problems: list[Problem] = []
    if helps:
        problems.append(
            Problem(
                "lead_not_stated",
                "lead",
                "Văn bản chỉ giao phối hợp, không nói cơ quan nào chủ trì; hãy chọn cơ quan chủ trì trước khi nhập.",
            )
        )
    return Item(
        position=position,
        content=text,
        source=ItemSource.PROSE,
        deadline=deadline_of(find_timing(text), issued_on=issued_on),
        lead=() if helps else bearers,
        coordinators=(*bearers, *partners) if helps else partners,
        group=assignment.unit,
        group_parent=assignment.group,
        place=assignment.place,
        problems=tuple(problems),
        raw={
            "sentence": text,
            "unit": assignment.unit,
            "role": "coordinate" if helps else "lead",
            "partners": "; ".join(partners),
        },
        confidence=_confidence(assignment, helps=helps),
    )


def _distinct(units: Sequence[str], *, besides: Sequence[str]) -> tuple[str, ...]:
    seen = {fold(unit) for unit in besides}
    result: list[str] = []
    for unit in units:
        key = fold(unit)
        if key and key not in seen:
            seen.add(key)
            result.append(unit)
    return tuple(result)


def _confidence(assignment: Assignment, *, helps: bool) -> float:
    """How sure unit and role are: a block under its heading and an explicit verb are surest."""
    confidence = 0.85 if assignment.in_section else 0.7
    if helps or _SAYS_LEAD.search(assignment.text[:120]):
        confidence += 0.1
    return round(confidence, 2)
