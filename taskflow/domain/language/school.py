"""School years, terms and the summer: "năm học 2026-2027", "học kỳ I", "hè 2027"."""

from __future__ import annotations

from dataclasses import replace

from taskflow.domain.language.facts import Found
from taskflow.domain.language.moments import ImpossibleDate, Moment, Unit, checked
from taskflow.domain.language.numbers import read_word_number, read_year
from taskflow.domain.language.tokens import Lexicon, Tokens
from taskflow.domain.language.years import OF, read_bare_unit, read_suffix

_TERM_WORDS = Lexicon("hoc ky | hk | hoc ki")


def read_term(tokens: Tokens, place: int) -> Found | None:
    at = _TERM_WORDS.match(tokens, place)
    if at is None and tokens.word(place) == "ky" and tokens.roman(place + 1) in (1, 2):
        at = place + 1 if read_school_year(tokens, place + 2) else None
    if at is None:
        return None
    index = tokens.number(at) or tokens.roman(at)
    if index is None:
        found = read_word_number(tokens, at)
        index = found[0] if found else {"dau": 1, "cuoi": 2}.get(tokens.word(at))
        if index is None:
            return None
    end = at + 1
    school = read_school_year(tokens, end + 1 if tokens.word(end) in (",", "/", "-", "(") else OF.skip(tokens, end))
    year = None
    if school is not None:
        year, end = school.moments[0].year, school.end
    return Found((checked(Moment(Unit.TERM, year=year, index=index)),), end)


def read_school_year(tokens: Tokens, place: int) -> Found | None:
    """ "năm học 2026-2027"; after a term also the bare pair of years."""
    at = place
    if tokens.word(at) == "nam" and tokens.word(at + 1) == "hoc":
        at += 2
    elif tokens.word(at) == "nh" and read_year(tokens, at + 1) and read_year(tokens, at + 3):
        at += 1
    elif not (read_year(tokens, at) and tokens.word(at + 1) in ("-", "/") and read_year(tokens, at + 2)):
        return None
    year = read_year(tokens, at)
    if year is None:
        bare = read_bare_unit(tokens, place)
        return (
            replace(bare, moments=(replace(bare.moments[0], relative=bare.moments[0].relative or None),))
            if bare
            else None
        )
    at += 1
    if tokens.word(at) in ("-", "/") and (second := tokens.number(at + 1)) is not None:
        if second not in (year + 1, (year + 1) % 100):
            raise ImpossibleDate(f"school year {year}-{second}")
        at += 2
    return Found((checked(Moment(Unit.SCHOOL_YEAR, year=year)),), at)


def read_named_school_year(tokens: Tokens, place: int) -> Found | None:
    return read_school_year(tokens, place) if tokens.word(place + 1) == "hoc" or tokens.word(place) == "nh" else None


def read_summer(tokens: Tokens, place: int) -> Found | None:
    at = {"he": place + 1, "mua": place + 2, "nghi": place + 2, "dip": place + 2}.get(tokens.word(place))
    if at is None or tokens.word(at - 1) != "he":
        return None
    year, relative, end, short = read_suffix(tokens, at)
    return Found((checked(Moment(Unit.SUMMER, year, relative=relative, short_year=short)),), end)
