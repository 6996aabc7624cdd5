"""The names of periods: "tháng", "năm học", "6 tháng", "2 năm", and the words that repeat them."""

from __future__ import annotations

from taskflow.domain.language.moments import Unit
from taskflow.domain.language.numbers import read_amount
from taskflow.domain.language.tokens import Lexicon, Tokens

EVERY = Lexicon("hang | moi | tung | moi mot | cu moi | cu | cứ | cứ moi")
_UNITS = {
    "ngay": Unit.DAY,
    "tuan": Unit.WEEK,
    "thang": Unit.MONTH,
    "quy": Unit.QUARTER,
    "qui": Unit.QUARTER,
    "nam": Unit.YEAR,
}


def read_period_name(tokens: Tokens, place: int) -> tuple[Unit, int] | None:
    """A period without a number, and the place after it: "năm học", "học kỳ", "quý"."""
    word, following = tokens.word(place), tokens.word(place + 1)
    if word == "nam" and following == "hoc":
        return Unit.SCHOOL_YEAR, place + 2
    if word == "hoc" and following in ("ky", "ki"):
        return Unit.TERM, place + 2
    if word == "nua" and following == "nam":
        return Unit.MONTHS, place + 2
    if word == "nhiem" and following == "ky":
        return Unit.MANDATE, place + 2
    unit = _UNITS.get(word)
    return (unit, place + 1) if unit is not None else None


def read_period(tokens: Tokens, place: int) -> tuple[Unit, int, int] | None:
    """A period with an optional number: (unit, how many, place after it)."""
    bare = read_period_name(tokens, place)
    if bare is not None:
        return bare[0], 1, bare[1]
    amount = read_amount(tokens, place)
    if amount is None or not 1 <= amount[0] <= 60:
        return None
    unit = read_period_name(tokens, amount[1])
    return None if unit is None else (unit[0], amount[0], unit[1])


def ends_period(tokens: Tokens, unit: Unit, end: int) -> bool:
    """Whether a period is named and not one quarter, month or year ("quý I", "tháng 6", "năm 2026")."""
    if tokens.number(end) is not None or tokens.word(end) in ("dau", "cuoi", "nay", "lam", "tuoi"):
        return False
    return not (unit is Unit.QUARTER and tokens.roman(end) is not None) and tokens.exact(end) != "độ"
