"""Numbers in a phrase: digits, number words, years, and runs like "30/11/2026" or "10-15/11/2026"."""

from __future__ import annotations

from dataclasses import dataclass

from taskflow.domain.language.tokens import Tokens

_DIGITS = {
    "một": 1, "mốt": 1, "mot": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "bon": 4, "năm": 5, "lăm": 5, "nhăm": 5,
    "sáu": 6, "bảy": 7, "bẩy": 7, "bay": 7, "tám": 8, "chín": 9,
}  # fmt: skip
#: Letters that follow a number and a dash or slash without making it the number of a document.
_NOT_A_SYMBOL = frozenset({"t", "th", "thang", "q", "quy", "nam", "ngay", "hk", "lan", "mot", "tuan", "ky", "dot"})
_MOST_PARTS = 8


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers joined by slashes or dots, in groups joined by dashes: "10-15/11/2026" is ((10,), (15, 11, 2026)).

    ``dashed``: only dashes were used, so that each number is a group of its own. ``dotted``: dots only.
    ``short``: the last number has two digits, as in "15-12-27"; ``padded``: all have, as in "30.09.26".
    """

    groups: tuple[tuple[int, ...], ...]
    end: int
    dashed: bool = False
    dotted: bool = False
    short: bool = False
    padded: bool = False


def read_word_number(tokens: Tokens, place: int) -> tuple[int, int] | None:
    """A number from 1 to 99 written in words at ``place``, and the place after it."""
    first = tokens.exact(place)
    if first in ("mười", "muoi"):
        units = _DIGITS.get(tokens.exact(place + 1))
        return (10 + units, place + 2) if units and units < 10 else (10, place + 1)
    digit = _DIGITS.get(first)
    if digit is None:
        return None
    if tokens.word(place + 1) == "muoi":
        units = _DIGITS.get(tokens.exact(place + 2))
        return (10 * digit + units, place + 3) if units else (10 * digit, place + 2)
    return digit, place + 1


def read_amount(tokens: Tokens, place: int) -> tuple[int, int] | None:
    """A whole number in digits or words, with its repetition in brackets ("10 (mười)") skipped."""
    value = tokens.number(place)
    # "tư" counts only after "tháng", "quý", "thứ": alone it is the end of "đầu tư".
    in_words = None if tokens.exact(place) == "tư" else read_word_number(tokens, place)
    found = (value, place + 1) if value is not None else in_words
    if found is None or found[0] > 10_000:
        return None
    return found[0], skip_spelled(tokens, found[1])


def skip_spelled(tokens: Tokens, place: int) -> int:
    """The place after "(mười lăm)", or ``place`` itself."""
    if tokens.word(place) != "(":
        return place
    inside = read_word_number(tokens, place + 1)
    return inside[1] + 1 if inside and tokens.word(inside[1]) == ")" else place


def read_year(tokens: Tokens, place: int) -> int | None:
    """The four-digit number at ``place``; None for anything else."""
    value = tokens.number(place)
    return value if value is not None and len(tokens.word(place)) == 4 and value >= 1000 else None


def is_document_number(tokens: Tokens, place: int) -> int | None:
    """The place after a document's number and symbol ("30/2020/NĐ-CP", "15-KH/ThU") at ``place``; None if none."""
    end = place
    if tokens.number(end) is None:
        return None
    while tokens.word(end + 1) in ("/", "-") and tokens.number(end + 2) is not None and end - place < 2 * _MOST_PARTS:
        end += 2
    letters = end + 2
    if tokens.word(end + 1) not in ("/", "-") or not tokens.is_word(letters) or tokens.spaced(end + 1):
        return None
    if tokens.word(letters) in _NOT_A_SYMBOL or tokens.spaced(letters):
        return None
    end = letters + 1
    while tokens.word(end) in ("-", "/", "&", ".") and tokens.tight(end) and tokens.tight(end + 1):
        if not tokens.is_word(end + 1) and tokens.number(end + 1) is None:
            break
        end += 2
    # "QH15": letters and digits of one symbol
    return end + 1 if tokens.number(end) is not None and tokens.tight(end) else end


def read_run(tokens: Tokens, place: int) -> Run | None:
    """The numbers joined by slashes, dots and dashes at ``place``; None if there is no number."""
    if tokens.number(place) is None:
        return None
    numbers, marks, spaced, end = [tokens.number(place) or 0], [], [], place + 1
    while len(numbers) < _MOST_PARTS and (joins := _joins(tokens, end)):
        marks.append(tokens.word(end))
        spaced.append(tokens.spaced(end) or tokens.spaced(end + joins))
        end += joins
        numbers.append(tokens.number(end) or 0)
        end += 1
    short = len(tokens.word(end - 1)) == 2
    padded = all(len(tokens.word(at)) == 2 for at in range(place, end) if tokens.number(at) is not None)
    outer = _outer_dashes(marks, spaced)
    groups, group = [], [numbers[0]]
    for position, number in enumerate(numbers[1:]):
        if position in outer:
            groups.append(tuple(group))
            group = []
        group.append(number)
    groups.append(tuple(group))
    dashed = bool(marks) and set(marks) == {"-"}
    return Run(tuple(groups), end, dashed, bool(marks) and set(marks) == {"."}, short, padded)


def _joins(tokens: Tokens, end: int) -> int:
    """How many tokens stand between the number before ``end`` and the next number of the run; 0 if none follows."""
    mark = tokens.word(end)
    if mark not in ("/", "-", ".") or tokens.number(end + 1) is None:
        return 0
    if mark == "." and (tokens.spaced(end) or tokens.spaced(end + 1)):
        return 0
    return 1


def _outer_dashes(marks: list[str], spaced: list[bool]) -> set[int]:
    """The places of the dashes that join groups rather than the numbers of one date."""
    dashes = {place for place, mark in enumerate(marks) if mark == "-"}
    if len(dashes) < len(marks):
        return dashes
    wide = {place for place in dashes if spaced[place]}
    if wide and wide != dashes:
        return wide
    return set() if len(dashes) == 2 else ({2} if len(dashes) == 5 else dashes)
