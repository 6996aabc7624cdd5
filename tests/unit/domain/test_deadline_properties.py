"""What holds for every text: the reader answers, the same for every spelling, and invents no day."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from itertools import chain
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.language import find_deadlines, read_deadline
from taskflow.domain.occurrences import next_period
from tests.support.reading import MISREAD
from tests.unit.domain.test_deadline_phrases import PHRASES

ISSUED = date(2026, 7, 14)
_LINES = [line.split("|")[0].strip() for line in PHRASES.read_text(encoding="utf8").splitlines() if line[:1] != "#"]
_BASE = [line for line in _LINES if line]
_PIECES = sorted(set(chain.from_iterable(re.split(r"(\s+|[/.,;:()-])", phrase) for phrase in _BASE)) - {""})

phrases = st.sampled_from(_BASE)
made_up = st.lists(st.sampled_from([*_PIECES, " "]), max_size=14).map("".join)
joined = st.tuples(phrases, st.sampled_from([" ", ", ", "; ", " và ", " (", " - ", " đến "]), phrases).map("".join)


@st.composite
def mistyped(draw: st.DrawFn) -> str:
    """A phrase with up to three characters dropped, doubled or replaced."""
    text = draw(phrases)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + draw(st.sampled_from([*"0123456789/-.,… ivx", "", "năm", "tháng"]))
            + text[at + draw(st.integers(0, 2)) :]
        )
    return text


texts = st.one_of(phrases, made_up, joined, mistyped(), st.text(max_size=60))


def _meaning(deadline: Deadline) -> tuple[object, ...]:
    return (
        deadline.kind,
        deadline.start,
        deadline.due,
        deadline.rule,
        deadline.exclusive,
        deadline.confidence,
        deadline.problems,
        deadline.suggested_due,
    )


def _numbers(text: str) -> set[int]:
    return {int(digits) for digits in re.findall(r"[0-9]+", unicodedata.normalize("NFKD", text)) if len(digits) < 6}


def _ends_a_unit(day: date) -> bool:
    """Whether a month, a half of one, a school term or a school year begins or ends on ``day``."""
    ends_month = day.day in (1, 15, monthrange(day.year, day.month)[1])
    return ends_month or (day.month, day.day) in {(9, 5), (9, 4), (1, 18), (1, 19), (5, 31)}


@settings(max_examples=400)
@given(texts)
def test_every_text_is_answered(text: str) -> None:
    read = read_deadline(text, issued_on=ISSUED)
    assert 0.0 <= read.confidence <= 1.0
    assert read.explanation
    assert read.text == text
    if read.kind is DeadlineKind.UNKNOWN:
        assert (read.due, read.rule) == (None, None)
        assert read.needs_confirmation
    if read.kind in (DeadlineKind.CONDITIONAL, DeadlineKind.CONTINUOUS, DeadlineKind.NONE):
        assert read.due is None
    if read.start is not None and read.due is not None:
        assert read.start <= read.due
    assert (read.rule is not None) >= (read.kind is DeadlineKind.RECURRING)
    if read.rule is not None:
        next_period(read.rule, ISSUED)  # a rule that this program cannot follow raises
    read_deadline(text, issued_on=None)


@settings(max_examples=300)
@given(texts)
def test_spelling_variants_mean_the_same(text: str) -> None:
    read = _meaning(read_deadline(text, issued_on=ISSUED))
    variants = {
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFC", text),
        text.replace(" ", "\u00a0"),
        text.replace("-", "–"),
    }
    if text.upper().lower() == text.lower():
        variants.add(text.upper())
    for variant in variants:
        assert _meaning(read_deadline(variant, issued_on=ISSUED)) == read


@settings(max_examples=500)
@given(texts)
def test_no_day_is_invented(text: str) -> None:
    read = read_deadline(text, issued_on=ISSUED)
    if read.due is None or "spreadsheet_serial" in read.problems:
        return
    misread = text.lower().translate(MISREAD) if "misread_digits" in read.problems else ""
    numbers = _numbers(f"{text} {misread}")
    years = (
        {ISSUED.year + step for step in (-1, 0, 1)} | numbers | {2000 + number for number in numbers if number < 100}
    )
    # "trước năm 2030" ends in 2029, "năm học 2026-2027" in 2027, "tháng Chạp" of a lunar year in the next.
    assert years & {read.due.year - 1, read.due.year, read.due.year + 1}
    derived = {
        "lunar",
        "week_of_month",
        "relative_date",
        "before_period",
        "part_of_period",
        "several_dates",
        "school_calendar",
    }
    if not derived & set(read.problems) and not _ends_a_unit(read.due):
        assert (
            read.due.day in numbers
            or "khai giảng" in text.lower()
            or "tuần" in text.lower()
            or "quốc khánh" in text.lower()
            or re.search(r"ngày\s*(?:một|hai|ba|bốn|tư|năm|sáu|bảy|bẩy|tám|chín|mười)", text.lower())
        )


@given(
    st.dates(date(2024, 1, 1), date(2059, 12, 31)),
    st.sampled_from(
        ["{d}/{m}/{y}", "ngày {d} tháng {m} năm {y}", "{d:02}-{m:02}-{y}", "{y}-{m:02}-{d:02}", "{d:02}.{m:02}.{y}"]
    ),
)
def test_a_written_day_is_read_as_it_stands(day: date, form: str) -> None:
    read = read_deadline(form.format(d=day.day, m=day.month, y=day.year), issued_on=ISSUED)
    assert (read.kind, read.due) == (DeadlineKind.DATE, day)


@given(st.integers(1, 40), st.integers(1, 20), st.integers(2024, 2059))
def test_a_day_that_does_not_exist_is_refused(day: int, month: int, year: int) -> None:
    exists = month <= 12 and day <= monthrange(year, month)[1]
    read = read_deadline(f"trước ngày {day}/{month}/{year}", issued_on=ISSUED)
    assert read.due == (date(year, month, day) if exists else None)
    assert ("impossible_date" in read.problems) != exists


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.dates(date(2026, 1, 1), date(2030, 12, 31)))
def test_a_range_has_both_its_ends_or_is_refused(start: date, end: date) -> None:
    read = read_deadline(f"từ {start:%d/%m/%Y} đến {end:%d/%m/%Y}", issued_on=ISSUED)
    if start <= end:
        assert (read.kind, read.start, read.due) == (DeadlineKind.RANGE, start, end)
    else:
        assert read.problems == ("reversed_range",)


@given(st.dates(date(2024, 1, 1), date(2035, 12, 31)), st.integers(1, 12))
def test_a_month_without_a_year_is_the_next_one_from_the_issue_date(issued: date, month: int) -> None:
    read = read_deadline(f"tháng {month}", issued_on=issued)
    assert read.due is not None
    assert issued <= read.due < issued + timedelta(days=397)
    assert (read.due.year > issued.year) == ("next_year" in read.problems)


@settings(max_examples=150)
@given(st.lists(texts, max_size=6).map(" ".join))
def test_phrases_found_in_prose_lie_in_the_text_in_order(text: str) -> None:
    reached = 0
    for start, end, found in find_deadlines(text, issued_on=ISSUED):
        assert reached <= start < end <= len(text)
        assert found.text == text[start:end]
        reached = end


@pytest.mark.parametrize(
    "piece",
    [
        "năm ",
        "1-",
        "1/",
        "tháng 1, ",
        "(",
        "hằng ",
        "ngày 1 và ",
        "trước ",
        "quý i-",
        "từ đến ",
        "truocngay",
        "trong ",
        "1",
        "hằng quý, ",
        "…",
        "1 lần/",
        "số 1/",
    ],
)
def test_a_text_of_one_repeated_piece_is_read_quickly(piece: str) -> None:
    text = (piece * 2_000)[:2_000]
    begun = process_time()
    read_deadline(text, issued_on=ISSUED)
    # About 0,1 s where it is slowest; a rule that reads everything again at every place takes a minute.
    assert process_time() - begun < 3
