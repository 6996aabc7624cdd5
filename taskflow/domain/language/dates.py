"""Dates with the words around them: "chậm nhất ngày …", "từ … đến …", "trong quý I và quý II", "trước 17h00 ngày …"."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taskflow.domain.language.day_lists import (
    MOST_MOMENTS,
    RANGE_MARKS,
    day_alone,
    day_and_month,
    filled,
    listed_days,
)
from taskflow.domain.language.facts import Bound, Dates, Found, Joined
from taskflow.domain.language.moments import ImpossibleDate, Moment, Part, Unit
from taskflow.domain.language.remarks import DOCUMENT
from taskflow.domain.language.tokens import Lexicon, Tokens, word_set
from taskflow.domain.language.units import read_unit
from taskflow.domain.language.years import read_bare_unit

_FILLERS = Lexicon(
    """
    la | vao | vao luc | luc | thoi diem | moc | khoang | du kien | phan dau | thoi gian | cac | ca |
    moc thoi gian | ngay trong | khoang thoi gian | vao khoang | vao dip | thuc hien | trien khai | trinh |
    giai doan tu
    """
)  # fmt: skip
_NOW = Lexicon(
    """
    tu nay den | tu nay toi | tu nay cho den | tu nay cho toi | tu bay gio den | ke tu nay den | tu nay - |
    tu nay | tu ngay ban hanh den | tu khi ban hanh den | tu ngay ký den | tu ngay ký ban hanh den |
    ke tu ngay ban hanh den | ke tu ngay ký den | ke tu khi ban hanh den | ke tu ngay ký ban hanh den
    """
)  # fmt: skip
_ISSUED = Lexicon("tu ngay ban hanh | tu khi ban hanh | ke tu ngay ban hanh | tu ngay ký | tu ngay ký ban hanh")
_BEFORE = Lexicon("truoc | truoc thoi diem | truoc moc")
_BEFORE_END = Lexicon(
    """
    truoc khi het | truoc khi ket thuc | truoc luc ket thuc | truoc va trong | truoc het | het gio lam viec |
    truoc khi het gio lam viec | truoc khi het gio hanh chinh | het gio hanh chinh
    """
)
_FIRM = Lexicon(
    """
    cham nhat | muon nhat | tre nhat | khong qua | khong muon hon | khong tre hon | khong cham hon | han chot |
    han cuoi | han cuoi cung | thoi han | khong sau | cham nhat den | den het | cham nhat trong | han hoan thanh
    | thoi han hoan thanh | toi het | cho den het | han
    """
)  # fmt: skip
_FINISH = Lexicon("xong | hoan thanh | hoan tat | tong ket | nghiem thu | ban hanh")
_END_OF = Lexicon("het | ket thuc")
_WITHIN = Lexicon(
    """
    trong | ngay trong | trong khoang | trong vong | vao | dip | nhan dip | trong dip | xuyen suot | suot | ca
    """
)
_UNTIL = Lexicon("den | toi | cho den | cho toi | tinh den")
_FROM = Lexicon(
    """
    tu | ke tu | bat dau tu | bat dau | tinh tu | ap dung tu | trien khai tu | thuc hien tu | khoi dau tu
    """
)
_AFTER = Lexicon("sau | sau khi het | sau thoi diem")
_STAGE = Lexicon("giai doan | gd | nhiem ky | thoi ky")
_EACH = Lexicon("cac nam | trong cac nam | tung nam | moi nam")
_LIST_MARKS = Lexicon(", | va | & | + | hoac | , va | hay | va trong | , trong | va truoc | , truoc | va den")
_ONWARD = Lexicon(
    """
    tro di | tro ve sau | va tiep theo | va cac nam tiep theo | va nhung nam tiep theo | va cac nam sau |
    cac nam tiep theo | va nhung nam sau | va cac nam toi | nhung nam tiep theo | va cac nam ke tiep |
    va cac nam hoc tiep theo | cac nam sau | va cac nam sau do | va nhung nam tiep sau |
    va cac giai doan tiep theo | va giai doan tiep theo | va cac nam hoc sau | va nhung nam ke tiep |
    va tiep tuc cac nam tiep theo | va nam tiep theo | va thoi gian tiep theo | va cac nam lien ke
    """
)  # fmt: skip
#: Nobody writes more words before a date; without a limit a row of them would be read again at every place.
_MOST_LEADING = 8


@dataclass(frozen=True, slots=True)
class _Lead:
    """What the words before a date say."""

    end: int
    bound: Bound = Bound.NONE
    marked: bool = False
    firm: bool = False
    finishing: bool = False
    since_now: bool = False
    stage: bool = False
    each: bool = False
    target: bool = False
    bare: bool = False


def read_dates(tokens: Tokens, place: int) -> Dates | None:
    """The dates that begin at ``place``, led by words or bare. Raises ImpossibleDate."""
    lead = _lead(tokens, place)
    clock = read_clock(tokens, lead.end)
    at = _after_clock(tokens, clock) if clock is not None else lead.end
    if clock is not None and (more := _lead(tokens, at)).marked:
        at = more.end
    found = _moments(tokens, at, bare=lead.bare, since=lead.bound is Bound.FROM)
    if found is None:
        return None
    if lead.end == place and clock is None:
        counted = tokens.number(place) is not None and tokens.exact(place - 1) in _BEFORE_SHARE
        if (counted and found.moments[-1].unit < Unit.YEAR and found.moments[-1].day is None) or (
            not found.led and (counted or not _stands_alone(tokens, place, found))
        ):
            return None
    clock_after = _trailing_clock(tokens, found.end)
    end = clock_after or found.end
    onward = _ONWARD.match(tokens, end + 1 if tokens.word(end) in (",", "(") else end)
    return Dates(
        begin=place,
        end=onward or end,
        moments=_inherited(found),
        joined=found.joined,
        bound=lead.bound,
        marked=lead.marked or clock is not None,
        firm=lead.firm,
        finishing=lead.finishing,
        clock=clock is not None or clock_after is not None,
        bad_clock=clock is not None and not _is_real(tokens, lead.end),
        since_now=lead.since_now,
        stage=lead.stage,
        each=lead.each and found.joined is Joined.LIST,
        onward=onward is not None,
        target=lead.target,
        serial=found.serial,
        before_end=found.before_end,
    )


def _lead(tokens: Tokens, place: int) -> _Lead:
    lead = _Lead(place)
    for _ in range(_MOST_LEADING):
        advanced = _advance(tokens, lead)
        if advanced is None:
            break
        lead = advanced
    return lead


def _advance(tokens: Tokens, lead: _Lead) -> _Lead | None:
    """``lead`` with one more leading word taken in; None when there is none."""
    at = lead.end
    if (end := _NOW.match(tokens, at) or _since_issue(tokens, at)) is not None:
        return replace(lead, end=end, bound=Bound.BY, marked=True, since_now=True, bare=True)
    if (end := _BEFORE_END.match(tokens, at)) is not None:
        return replace(lead, end=end, bound=Bound.BY, marked=True, finishing=True, bare=True)
    if (end := _AFTER.match(tokens, at)) is not None and lead.bound is Bound.NONE:
        return replace(lead, end=end, bound=Bound.AFTER)
    if (end := _BEFORE.match(tokens, at)) is not None and tokens.word(end) != "khi":
        return replace(lead, end=end, bound=Bound.BEFORE, marked=True, firm=lead.firm or lead.finishing)
    if (end := _FROM.match(tokens, at)) is not None and lead.bound in (Bound.NONE, Bound.BY):
        return replace(lead, end=end, bound=Bound.FROM)
    if (end := _STAGE.match(tokens, at)) is not None:
        return replace(lead, end=_stage_number(tokens, end), stage=True)
    if (end := _EACH.match(tokens, at)) is not None:
        # The word "năm" stays, to be read with its number.
        return replace(lead, end=end - 1, each=True) if not lead.each else None
    return _limiting(tokens, lead)


def _since_issue(tokens: Tokens, place: int) -> int | None:
    """The place after "từ ngày ban hành Kế hoạch này đến"; None if it is not there."""
    named = _ISSUED.match(tokens, place)
    paper = DOCUMENT.match(tokens, named) if named is not None else None
    if paper is None:
        return None
    paper = paper + 1 if tokens.word(paper) == "nay" else paper
    return _UNTIL.match(tokens, paper)


def _limiting(tokens: Tokens, lead: _Lead) -> _Lead | None:
    at = lead.end
    bound = lead.bound if lead.bound in (Bound.BEFORE, Bound.FROM) else Bound.BY
    if (end := _FIRM.match(tokens, at)) is not None:
        return replace(lead, end=end, bound=bound, marked=True, firm=True, finishing=True, bare=True)
    if (end := _FINISH.match(tokens, at)) is not None:
        return replace(lead, end=end, bound=bound, marked=True, finishing=True)
    if (end := _END_OF.match(tokens, at)) is not None:
        return replace(lead, end=end, bound=bound, marked=True, finishing=True, bare=True)
    if (end := _WITHIN.match(tokens, at)) is not None:
        return replace(lead, end=end, bound=bound, marked=True, bare=True)
    if (end := _UNTIL.match(tokens, at)) is not None:
        target = tokens.word(end) in ("nam", "het") or tokens.number(end) is not None
        return replace(lead, end=end, bound=bound, marked=True, finishing=True, target=target, bare=True)
    if (end := _FILLERS.match(tokens, at)) is not None:
        return replace(lead, end=end)
    return None


def _stage_number(tokens: Tokens, place: int) -> int:
    """The place after "1:" or "II (" of "Giai đoạn 1: 2026-2028"."""
    number = tokens.number(place)
    small = (number is not None and number < 10) or tokens.roman(place) is not None
    if not small:
        return place
    at = place + 1
    return at + 1 if tokens.word(at) in (":", "(", ",", "-") else at


def read_clock(tokens: Tokens, place: int) -> int | None:
    """The place after a time of day: "17h00", "16 giờ 30 phút", "10:00"; None if there is none."""
    hour = tokens.number(place)
    if hour is None or len(tokens.word(place)) > 2:
        return None
    mark = tokens.word(place + 1)
    if mark == ":":
        minute = tokens.number(place + 2)
        if minute is None or len(tokens.word(place + 2)) != 2 or tokens.spaced(place + 2):
            return None
        end = place + 3
        seconds = tokens.word(end) == ":" and tokens.number(end + 1) is not None
        return end + 2 if seconds else end
    if not (mark == "gio" or (mark in ("h", "g") and tokens.tight(place + 1))):
        return None
    end = place + 2
    minute = tokens.number(end)
    if minute is not None and len(tokens.word(end)) <= 2 and tokens.word(end + 1) not in ("/", "-", ".", "thang"):
        end += 1
        end = end + 1 if tokens.word(end) in ("phut", "p", "'", "’", "ph") else end
    return end


def _is_real(tokens: Tokens, place: int) -> bool:
    """Whether the time of day at ``place`` exists; 24 giờ does."""
    hour, minute = tokens.number(place) or 0, tokens.number(place + 2)
    return hour <= 24 and (minute is None or minute < 60 or len(tokens.word(place + 2)) > 2)


def _after_clock(tokens: Tokens, place: int) -> int:
    at = place + 1 if tokens.word(place) in (",", "-", ";") else place
    at = at + 1 if tokens.word(at) in ("cua", "trong", "cung", "sang", "chieu", "trua") else at
    # "9h30 sáng thứ Hai (20/7/2026)": the weekday says nothing new.
    named = tokens.word(at) == "thu" and tokens.word(at + 2) in ("(", ",") and tokens.number(at + 3) is not None
    return at + 3 if named else at


def _trailing_clock(tokens: Tokens, place: int) -> int | None:
    """The place after a time that follows a date: "27/11/2026 16:30", "30/11 (trước 17h00)", ISO's "T00:00"."""
    at = place
    while tokens.word(at) in (",", "(", "truoc", "luc", "vao", "t", "cham", "nhat"):
        at += 1
    end = read_clock(tokens, at)
    if end is None:
        return None
    return end + 1 if tokens.word(end) == ")" else end


def _stands_alone(tokens: Tokens, place: int, found: Found) -> bool:
    """Whether a date without any leading word may be meant: bare years inside a longer text only at a break."""
    if all(moment.unit is Unit.YEAR for moment in found.moments):
        if tokens.word(place - 1) in ("/", "-", ".") or (tokens.word(place - 1) == "," and tokens.tight(place)):
            return False
        return not tokens.is_word(place - 1) or tokens.word(place - 1) in _BEFORE_BARE_YEAR
    return True


#: "Tỷ lệ 9/10", "biểu 3/2026": what follows is a share or the number of a form.
_BEFORE_SHARE = word_set("lệ đạt biểu mẫu mục mức điểm phiếu")
_BEFORE_BARE_YEAR = word_set("nhat hai ba tu nam va hang den truoc sau trong ky nguyen")


def _moments(tokens: Tokens, place: int, *, bare: bool, since: bool) -> Found | None:
    """The moments at ``place``, with those joined to them by a dash, "đến", a comma or "và"."""
    found = read_unit(tokens, place) or (read_bare_unit(tokens, place) if bare else None)
    if found is None and since:
        found = day_alone(tokens, place)
    if found is None and not tokens.is_word(place):
        found = day_and_month(tokens, place)
    if found is None and (since or bare or not tokens.is_word(place - 1)):
        found = listed_days(tokens, place)
    if found is None:
        return None
    while len(found.moments) < MOST_MOMENTS:
        following = _joined_moment(tokens, found)
        if following is None:
            return found
        found = following
    return found


def _joined_moment(tokens: Tokens, found: Found) -> Found | None:
    hint = found.moments[-1].unit
    range_end = RANGE_MARKS.match(tokens, found.end)
    if range_end is not None:
        joined, at = Joined.RANGE, filled(tokens, range_end)
    else:
        list_end = _LIST_MARKS.match(tokens, found.end)
        if list_end is None:
            return None
        joined, at = Joined.LIST, filled(tokens, list_end)
    try:
        following = read_unit(tokens, at, hint)
    except ImpossibleDate:
        if joined is Joined.RANGE or tokens.number(at) is None:
            raise
        return None
    if following is None or (joined is Joined.LIST and not _of_a_kind(hint, following)):
        return None
    moments = (*found.moments, *following.moments)
    joined = joined if found.joined is Joined.SINGLE or found.joined is joined else Joined.LIST
    if joined is Joined.RANGE and len(found.moments) > 1 and found.joined is Joined.RANGE:
        moments = (found.moments[0], following.moments[-1])
    led = found.led or following.led
    before_end = joined is Joined.RANGE and any(tokens.word(near) == "truoc" for near in range(found.end, at))
    return Found(moments, following.end, joined, led, found.serial, before_end)


def _of_a_kind(hint: Unit, following: Found) -> bool:
    """Whether a list goes on: "quý I, tháng 6" are two results, not one list."""
    return following.moments[0].unit is hint


def _inherited(found: Found) -> tuple[Moment, ...]:
    """Moments with the month and year that stand only at the other end: "10-15/11/2026", "tháng 11, 12/2013"."""
    moments = list(found.moments)
    for place in range(len(moments) - 2, -1, -1):
        moments[place] = _from_later(moments[place], moments[place + 1], ordered=found.joined is Joined.RANGE)
    for place in range(1, len(moments)):
        moments[place] = _from_earlier(moments[place], moments[place - 1])
    return tuple(moments)


def _from_later(moment: Moment, later: Moment, *, ordered: bool) -> Moment:
    if moment.unit is Unit.DAY and moment.month is None and later.unit is Unit.DAY:
        before = ordered and (moment.day or 0) > (later.day or 0) and later.month is not None
        if not before:
            moment = replace(moment, month=later.month, lunar=later.lunar)
        elif later.month is not None:
            month, year = (later.month - 1, later.year) if later.month > 1 else (12, later.year and later.year - 1)
            return replace(moment, month=month, year=year)
    if moment.year is None and moment.relative is None and later.year is not None and moment.unit is not Unit.YEAR:
        same = replace(moment, year=later.year)
        backwards = ordered and same.dated and later.dated and same.first() > later.last()
        moment = replace(moment, year=later.year - 1) if backwards else same
    elif later.relative is not None and moment.year is None and moment.relative is None:
        moment = replace(moment, relative=0 if ordered else later.relative)
    return moment


def _from_earlier(moment: Moment, earlier: Moment) -> Moment:
    if moment.year is not None or moment.relative is not None or earlier.year is None:
        return moment
    if moment.unit is Unit.YEAR or not moment.dated or earlier.unit > Unit.YEAR:
        return moment
    same = replace(moment, year=earlier.year)
    if earlier.part is Part.END or same.last() >= earlier.first():
        return same
    return replace(moment, year=earlier.year + 1)
