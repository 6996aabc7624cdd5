"""``read_deadline``: one phrase in, one ``Deadline`` out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import BeforeMeans, Deadline, DeadlineKind
from taskflow.domain.language.composing import compose
from taskflow.domain.language.plausible import judged
from taskflow.domain.language.readings import Context, Reading, unknown
from taskflow.domain.language.scanning import clauses, scan, unread_words
from taskflow.domain.language.tokens import Lexicon, Tokens, tokenize
from taskflow.domain.language.wording import PROBLEMS

#: A longer text is a paragraph, not a deadline.
LONGEST_TEXT = 2_000
_EMPTY_MARKS = frozenset("-.,;:_/x*")
_LAST_MARKS = frozenset(".;,")
_BULLETS = frozenset("-+*•")
_LABELS = Lexicon(
    """
    thoi han | thoi gian | han | tien do | thoi gian thuc hien | thoi gian hoan thanh | thoi han hoan thanh |
    thoi han thuc hien | han hoan thanh
    """
)
_SURE = {DeadlineKind.DATE: 0.98, DeadlineKind.RANGE: 0.95, DeadlineKind.CONTINUOUS: 0.95}
WEEKENDS_OFF = WorkCalendar()


def read_deadline(
    text: str,
    *,
    issued_on: date | None,
    calendar: WorkCalendar | None = None,
    before_means: BeforeMeans = BeforeMeans.NAMED_DAY,
) -> Deadline:
    """What ``text`` says about when a task is due.

    ``issued_on`` is the date of the document, from which an unwritten year is taken. ``calendar`` counts working
    days in "10 ngày làm việc kể từ ngày ban hành"; without it weekends alone are off. Every day of the answer is
    written in the text or follows from ``issued_on``; where neither gives one, there is none. Never raises.
    """
    context = Context(issued_on, calendar or WEEKENDS_OFF, before_means)
    if len(text) > LONGEST_TEXT:
        return as_deadline(text[:LONGEST_TEXT], unknown("too_long", "nội dung quá dài"))
    tokens = tokenize(text)
    if all(item.word in _EMPTY_MARKS for item in tokens.items):
        return Deadline(text, DeadlineKind.NONE, confidence=1.0, explanation="Ô trống: không ghi thời hạn.")
    tokens = _bare(tokens)
    facts = scan(tokens)
    reading = compose(tokens, clauses(tokens, facts), context)
    if reading.kind in (DeadlineKind.DATE, DeadlineKind.RANGE) and unread_words(tokens, facts):
        reading = replace(reading, problems=(*reading.problems, "unread_words"))
    if any(item.mended for item in tokens.items):
        reading = replace(reading, problems=(*reading.problems, "misread_digits"))
    return judged(as_deadline(text, reading), issued_on)


def _bare(tokens: Tokens) -> Tokens:
    """The phrase without what wraps it in a cell: a bullet, a label ("Thời hạn:"), one bracket, a last full stop."""
    items = tokens.items
    while len(items) > 1 and items[-1].word in _LAST_MARKS:
        items = items[:-1]
    if len(items) > 1 and items[0].word in _BULLETS and items[1].spaced:
        items = items[1:]
    label = _LABELS.match(Tokens(items), 0)
    if label is not None and label + 1 < len(items) and items[label].word == ":":
        items = items[label + 1 :]
    inside = [item.word for item in items[1:-1]]
    if len(items) > 2 and items[0].word == "(" and items[-1].word == ")" and not {"(", ")"} & set(inside):
        items = items[1:-1]
    return Tokens(items)


def as_deadline(text: str, reading: Reading) -> Deadline:
    """``reading`` as the value the rest of the program knows, with its confidence and its sentence."""
    problems = tuple(dict.fromkeys(reading.problems))
    sure = _SURE.get(reading.kind, 0.9)
    confidence = min([sure, *(PROBLEMS[code][0] for code in problems)])
    if reading.kind is DeadlineKind.UNKNOWN:
        confidence = min(confidence, 0.3)
    return Deadline(
        text=text,
        kind=reading.kind,
        start=reading.start,
        due=reading.due,
        rule=reading.rule,
        exclusive=reading.exclusive,
        confidence=confidence,
        explanation=f"{' '.join(text.split())} → {reading.says}",
        problems=problems,
        suggested_due=reading.suggested,
    )
