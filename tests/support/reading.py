"""What must hold for every reading, whatever was read: nothing lost, nothing invented. Used by fuzzing and tests."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta

from taskflow.documents.cells import is_ditto
from taskflow.documents.model import Item, ItemSource, ParsedDocument, RawTable
from taskflow.documents.parse import to_contract
from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.occurrences import occurrences
from taskflow.domain.units import plain

#: Words that name a day without its number: terms of the year, feasts, spans, and days counted from another one.
_MOVING = re.compile(
    r"tuan|tet|giua|dau|cuoi|ngay|nay|hien|sau|ke tu|khai giang|hoc|\bnh\b|ky|trung thu|vu lan|gio to|le|quoc khanh"
    r"|giang sinh|thong nhat|lao dong|lien|gap|thu |chu nhat|trong|hom|mai|\bnam\b|\bthang\b|\bquy\b|mung|am lich"
    r"|rang|ram"
)


#: Letters that a scanner sees in place of digits.
MISREAD = str.maketrans("oli", "011")


def complaints(deadline: Deadline, issued_on: date | None) -> Iterator[str]:
    """What is wrong with the reading of a phrase; nothing when all is well.

    The rule behind it: a day is written in the text, is the end of a written period, or is counted from
    the date of the document; so its year is written in the text or lies beside the document's.
    """
    visible = "".join(c for c in deadline.text if unicodedata.category(c) != "Cf" and c not in "⁰¹²³⁴⁵⁶⁷⁸⁹")
    text = plain(unicodedata.normalize("NFKC", visible))
    misread = text.translate(MISREAD) if "misread_digits" in deadline.problems else ""
    numbers = [int(number) for number in re.findall(r"\d+", f"{text} {misread}")]
    if not 0 <= deadline.confidence <= 1:
        yield f"confidence {deadline.confidence}"
    if deadline.kind is not DeadlineKind.NONE and not deadline.explanation:
        yield "no explanation"
    if deadline.start and deadline.due and deadline.start > deadline.due:
        yield f"{deadline.start} after {deadline.due}"
    if deadline.kind in {DeadlineKind.UNKNOWN, DeadlineKind.NONE} and (deadline.due or deadline.rule):
        yield f"a date without a meaning: {deadline.due} {deadline.rule}"
    for found in (deadline.start, deadline.due):
        # A serial number is a date of Excel; a lunar year is named, not numbered.
        if found is not None and not {"spreadsheet_serial", "lunar"} & set(deadline.problems):
            yield from _invented(found, text, numbers, issued_on)
    if deadline.rule is not None:
        begin = issued_on or date(2026, 1, 1)
        try:
            occurrences(deadline.rule, after=begin, until=begin + timedelta(days=400), start=deadline.start)
        except ValueError as error:
            yield f"rule {deadline.rule}: {error}"


def _invented(found: date, text: str, numbers: list[int], issued_on: date | None) -> Iterator[str]:
    years = {number for number in numbers if number > 31} | {2000 + number for number in numbers if number < 100}
    # A school year and a lunar year end in the year after; a document is carried out from its own year on.
    # "Trước quý I/2027" and "15/12 - 15/01/2027" reach into the year before.
    years |= {year + 1 for year in years} | {year - 1 for year in years if re.search(r"truoc|quy|thang|-|den", text)}
    spans = [number for number in numbers if number <= 60]
    if issued_on is not None:
        years |= {issued_on.year + step for step in range(-1, 3)} | {issued_on.year + span for span in spans}
    if found.year not in years:
        yield f"year of {found} stands nowhere"
    last_of_month = (found + timedelta(days=1)).day == 1
    glued = {int(part) for number in re.findall(r"\d{5,}", text) for part in re.findall(r"\d\d", number)}
    if found.day not in numbers and found.day != 1 and not last_of_month and found.day not in glued:
        moved = issued_on is not None and (numbers or _MOVING.search(text))
        if not moved and not _MOVING.search(text):
            yield f"day of {found} stands nowhere"


def faults(parsed: ParsedDocument, issued_on: date | None) -> Iterator[str]:
    """What is wrong with the reading of a document; nothing when all is well."""
    if not parsed.reconciliation.complete:
        yield f"rows lost: {parsed.reconciliation}"
    if [item.position for item in parsed.items] != list(range(1, len(parsed.items) + 1)):
        yield "positions do not run"
    json.dumps(to_contract(parsed), ensure_ascii=False)
    source = _words_of(parsed)
    words, letters = set(source), "".join(source)  # a word that the end of a line cut in two stands there whole
    # A plan without a date is carried out in the year that its title names.
    planned = date(parsed.head.plan_year, 1, 1) if parsed.head.plan_year else None
    day = parsed.head.issued_on or issued_on or planned
    dated = {
        cell.value_date for block in parsed.blocks if isinstance(block, RawTable) for row in block.rows for cell in row
    }
    for item in parsed.items:
        for text in (*item.lead, *item.coordinators, item.content, item.product or "", item.note or ""):
            missing = [word for word in _words(text) if word not in words and word not in letters]
            if missing:
                yield f"row {item.position}: {missing} stand nowhere in the source"
        if not _is_real_date(item, dated):
            yield from (f"row {item.position}: {found}" for found in complaints(item.deadline, day))
        if item.source is ItemSource.TABLE and is_ditto(item.deadline.text):
            yield f"row {item.position}: a ditto mark is left"


def _is_real_date(item: Item, dated: set[date | None]) -> bool:
    due = item.deadline.due
    if due is None:
        return False
    first = due.replace(day=1)
    return (
        due in dated or "excel_serial" in item.deadline.problems or any(d and d.replace(day=1) == first for d in dated)
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", plain(text))


def _words_of(parsed: ParsedDocument) -> list[str]:
    """The words of the source in reading order."""
    found: list[str] = []
    for block in parsed.blocks:
        if isinstance(block, RawTable):
            for row in block.rows:
                for cell in row:
                    found.extend(_words(cell.text))
        else:
            found.extend(_words(block.text))
    return found
