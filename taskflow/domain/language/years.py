"""The year after a day, month or quarter, written, short, relative or lunar; and units named without a number."""

from __future__ import annotations

from dataclasses import replace

from taskflow.domain import lunar
from taskflow.domain.language.facts import Found
from taskflow.domain.language.moments import ImpossibleDate, Moment, Unit, checked
from taskflow.domain.language.numbers import read_word_number, read_year
from taskflow.domain.language.tokens import Lexicon, Tokens, word_set

SHORT_YEARS = range(20, 61)
RELATIVE = {
    0: Lexicon("nay | hien hanh | hien tai"),
    1: Lexicon("sau | toi | tiep theo | ke tiep | lien sau | lien ke | tiep sau | sau do"),
    -1: Lexicon("truoc | lien truoc | truoc do | qua | ngoai"),
}
OF = Lexicon("cua | trong | thuoc")
_LUNAR_MARK = Lexicon("am lich | ( am lich ) | al | ( al ) | lich am")
_BARE_UNITS = {"thang": Unit.MONTH, "quy": Unit.QUARTER, "qui": Unit.QUARTER, "nam": Unit.YEAR, "tuan": Unit.WEEK}
_AFTER_DATE = word_set(
    "hang moi nam va den toi hoac de tro hoan phai xong thuong theo bao hoan trinh gui tung dinh sau al am phan"
)


def closes(tokens: Tokens, place: int) -> bool:
    """Whether a bare number before ``place`` may stand for a date: the phrase ends or goes on as after a date."""
    word = tokens.word(place)
    return (
        not word
        or word in _AFTER_DATE
        or not (tokens.is_word(place) or tokens.number(place) is not None or word == "%")
    )


def read_suffix(tokens: Tokens, place: int) -> tuple[int | None, int | None, int, bool]:
    """The year after a day, month or quarter: (year, relative, place after it, written with two digits)."""
    at = place
    if tokens.word(at) in ("/", "-", "."):
        year = read_year(tokens, at + 1)
        if year is not None:
            return year, None, at + 2, False
        number = tokens.number(at + 1)
        short = number is not None and len(tokens.word(at + 1)) == 2 and number in SHORT_YEARS
        if short and tokens.word(at) == "/" and tokens.word(at + 2) not in ("/", "-", "…"):
            return 2000 + (number or 0), None, at + 2, True
        at = at + 1 if tokens.word(at + 1) == "nam" else at
    elif tokens.word(at) in (",", "(") and tokens.word(at + 1) == "nam":
        at += 1
    at = OF.skip(tokens, at)
    if tokens.word(at) == "nam":
        return _named_year(tokens, at, place)
    year = read_year(tokens, at)
    if year is not None and closes(tokens, at + 1):
        return year, None, at + 1, False
    return None, None, place, False


def _named_year(tokens: Tokens, at: int, place: int) -> tuple[int | None, int | None, int, bool]:
    number = tokens.number(at + 1)
    if number is not None:
        digits = len(tokens.word(at + 1))
        bracket = 1 if tokens.word(at - 1) == "(" and tokens.word(at + 2) == ")" else 0
        if digits == 4:
            return number, None, at + 2 + bracket, False
        if digits == 2 and number in SHORT_YEARS:
            return 2000 + number, None, at + 2 + bracket, True
        if digits > 2:
            raise ImpossibleDate(f"year {number}")
        return None, None, place, False
    for relative, words in RELATIVE.items():
        after = words.match(tokens, at + 1)
        if after is not None and not _begins_date(tokens, after):
            return None, relative, after, False
    return None, None, place, False


def _begins_date(tokens: Tokens, place: int) -> bool:
    """Whether "trước" or "sau" before ``place`` leads a date or event of its own: "báo cáo năm trước ngày 10/12"."""
    return tokens.word(place) in ("ngay", "thang", "khi", "quy", "tet", "hoc") or tokens.number(place) is not None


def with_suffix(tokens: Tokens, moments: list[Moment], place: int) -> tuple[list[Moment], int]:
    """``moments`` with the year after the last of them, and what marks it as lunar, taken in."""
    last = moments[-1]
    lunar_end = _LUNAR_MARK.match(tokens, place)
    if lunar_end is not None:
        last, place = replace(last, lunar=True), lunar_end
    if last.year is None:
        year, relative, place, short = read_suffix(tokens, place)
        last = replace(last, year=year, relative=relative if last.relative is None else last.relative, short_year=short)
        if last.lunar and year is None and (named := read_can_chi(tokens, place)):
            last, place = replace(last, year=named[0]), named[1]
    lunar_end = _LUNAR_MARK.match(tokens, place)
    if lunar_end is not None:
        last, place = replace(last, lunar=True), lunar_end
    moments = [*moments[:-1], last]
    if last.lunar:
        moments = [replace(moment, lunar=True) for moment in moments]
    return [checked(moment) for moment in moments], place


def read_can_chi(tokens: Tokens, place: int) -> tuple[int, int] | None:
    """The year of a name such as "năm Đinh Mùi", with a Gregorian year after it winning, and the place after it."""
    at = place + 1 if tokens.word(place) == "nam" else place
    year = lunar.year_of_name(tokens.word(at), tokens.word(at + 1), 2024)
    if year is None:
        return None
    written = read_year(tokens, at + 2)
    named, _, after, _ = read_suffix(tokens, at + 2)
    if written is not None:
        return written, at + 3
    return (named, after) if named is not None else (year, at + 2)


def read_bare_unit(tokens: Tokens, place: int) -> Found | None:
    """A unit with no number: "tháng", "quý này", "năm sau", "năm học" (after "trong", "cuối" …)."""
    unit, at = _BARE_UNITS.get(tokens.word(place)), place + 1
    if unit is Unit.YEAR and tokens.word(at) == "hoc":
        unit, at = Unit.SCHOOL_YEAR, at + 1
        at = at + 1 if tokens.exact(at) == "mới" else at
    if unit is None or tokens.number(at) is not None or tokens.roman(at) or read_word_number(tokens, at):
        return None
    for relative, words in RELATIVE.items():
        after = words.match(tokens, at)
        if after is not None and not _begins_date(tokens, after):
            return Found((Moment(unit, relative=relative),), after)
    if tokens.is_word(at) and tokens.word(at) not in _AFTER_DATE and unit not in (Unit.YEAR, Unit.SCHOOL_YEAR):
        return None
    return Found((Moment(unit, relative=0),), at)
