"""Feasts and lunar days: "Tết Nguyên đán Đinh Mùi", "rằm tháng Giêng", "mùng 10 tháng 3 âm lịch"."""

from __future__ import annotations

from dataclasses import replace

from taskflow.domain.language.days import read_day, read_month_number, read_numeric
from taskflow.domain.language.facts import Found
from taskflow.domain.language.moments import Moment, Unit, checked
from taskflow.domain.language.numbers import read_amount
from taskflow.domain.language.school import read_school_year
from taskflow.domain.language.tokens import Lexicon, Tokens, word_set
from taskflow.domain.language.years import read_can_chi, with_suffix

KHAI_GIANG = "khai giảng"
#: Feasts by their folded name: (lunar, month, day).
_FEASTS = (
    (Lexicon("tet nguyen dan | tet am lich | tet co truyen | tet ta"), (True, 1, 1), "Tết Nguyên đán"),
    (Lexicon("gio to hung vuong | ngay gio to"), (True, 3, 10), "Giỗ Tổ Hùng Vương"),
    (Lexicon("tet trung thu | trung thu"), (True, 8, 15), "Tết Trung thu"),
    (Lexicon("tet duong lich"), (False, 1, 1), "Tết Dương lịch"),
    (Lexicon("quoc khanh | ngay quoc khanh | tet doc lap"), (False, 9, 2), "Quốc khánh"),
    (Lexicon("khai giang | ngay khai giang | le khai giang"), (False, 9, 5), KHAI_GIANG),
    (Lexicon("tet"), (True, 1, 1), "Tết Nguyên đán"),
)
_BEFORE_TET = word_set("truoc dip sau den trong giap")


def read_feast(tokens: Tokens, place: int) -> Found | None:
    for words, (is_lunar, month, day), name in _FEASTS:
        after = words.match(tokens, place)
        if after is None or (
            after == place + 1 and tokens.word(place - 1) not in _BEFORE_TET and tokens.word(place) == "tet"
        ):
            continue
        dated = after + 1 if tokens.word(after) in ("(", ",", "ngay") else after
        written = read_day(tokens, after) or read_numeric(tokens, dated)
        if written is not None and written.moments[0].unit is Unit.DAY:
            return replace(written, led=True)
        moment = Moment(Unit.DAY, month=month, day=day, lunar=is_lunar, festival=name)
        if name == KHAI_GIANG and (school := read_school_year(tokens, after)) is not None:
            return Found((replace(moment, year=school.moments[0].year),), school.end)
        named = read_can_chi(tokens, after) if is_lunar else None
        if named is not None:
            return Found((replace(moment, year=named[0]),), named[1])
        moments, end = with_suffix(tokens, [moment], after)
        return Found(tuple(moments), end)
    return None


def read_lunar_day(tokens: Tokens, place: int) -> Found | None:
    """ "rằm tháng Giêng", "mùng 10 tháng 3 âm lịch", "23 tháng Chạp" """
    at = place + 1 if tokens.word(place) == "ngay" else place
    if tokens.word(at) == "ram":
        day, at, by_name = 15, at + 1, True
    elif tokens.word(at) in ("mung", "mong"):
        found = read_amount(tokens, at + 1)
        if found is None:
            return None
        day, at, by_name = found[0], found[1], False
    else:
        number = tokens.number(at)
        if number is None or tokens.word(at + 1) != "thang" or tokens.word(at + 2) not in ("gieng", "chap"):
            return None
        day, at, by_name = number, at + 1, False
    if tokens.word(at) == "tet":
        moments, end = with_suffix(tokens, [Moment(Unit.DAY, month=1, day=day, lunar=True)], at + 1)
        return Found(tuple(moments), end)
    if tokens.word(at) == "/" and tokens.number(at + 1) is not None:
        month, at, named = tokens.number(at + 1), at + 2, False
    elif tokens.word(at) == "thang":
        month, at, named = read_month_number(tokens, at + 1)
    else:
        return None if by_name else Found((checked(Moment(Unit.DAY, day=day)),), at)
    if month is None:
        return None if by_name else Found((checked(Moment(Unit.DAY, day=day)),), at - 1)
    moments, end = with_suffix(tokens, [Moment(Unit.DAY, month=month, day=day, lunar=by_name or named)], at)
    return Found(tuple(moments), end)
