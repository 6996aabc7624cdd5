"""From tokens to facts: one walk over the phrase, the first reader that understands a place taking it."""

from __future__ import annotations

from taskflow.domain.language.dates import read_dates
from taskflow.domain.language.facts import Dates, Fact, Plain, Remark, Repeat
from taskflow.domain.language.moments import ImpossibleDate
from taskflow.domain.language.remarks import read_remark, read_wait, skip_reference
from taskflow.domain.language.repeats import read_repeat
from taskflow.domain.language.tokens import Lexicon, Tokens, word_set

#: Remarks that no date may hide: a blank is a blank although "năm 2026" follows, "các năm tiếp theo" names no year.
_FIRST = frozenset({Remark.BLANK, Remark.DITTO, Remark.DONE, Remark.UNDETERMINED, Remark.CANCELLED, Remark.CONTINUOUS})
#: Words that can begin a fact; most words of running text cannot, and need no reader.
_STARTERS = Lexicon.first_words | word_set(
    "ngay thang t th quy qui q tuan hoc hk ky nam nua mung mong ram he mua nghi dip thu chu sau truoc xx x yy"
    " mot hai ba bon nh cac bay tám sáu chin muoi tam bao theo dau giua cuoi so dieu nt"
)
_BREAKS = frozenset({";", "•"})


def scan(tokens: Tokens) -> list[Fact]:
    """The facts in ``tokens``, in order and without overlap."""
    facts: list[Fact] = []
    place = 0
    while place < len(tokens):
        skipped = _skipped(tokens, place)
        if skipped is not None:
            place = skipped
            continue
        fact = _fact_at(tokens, place)
        if fact is None:
            place += 1
            continue
        facts.append(fact)
        place = max(fact.end, place + 1)
    return facts


def clauses(tokens: Tokens, facts: list[Fact]) -> list[list[Fact]]:
    """``facts`` by clause: a semicolon or the end of a sentence parts them."""
    found: list[list[Fact]] = [[]]
    place = 0
    for fact in facts:
        if found[-1] and any(_breaks(tokens, between) for between in range(place, fact.begin)):
            found.append([])
        found[-1].append(fact)
        place = fact.end
    return found


def _breaks(tokens: Tokens, place: int) -> bool:
    return tokens.word(place) in _BREAKS or (tokens.word(place) == "." and tokens.spaced(place + 1))


def _skipped(tokens: Tokens, place: int) -> int | None:
    try:
        return skip_reference(tokens, place)
    except ImpossibleDate:
        # The date of a cited document is not ours to judge.
        return None


def _fact_at(tokens: Tokens, place: int) -> Fact | None:
    if (tokens.is_word(place) and tokens.word(place) not in _STARTERS) or _goes_on_from_letters(tokens, place):
        return None
    remark = read_remark(tokens, place)
    if remark is not None and remark.remark in _FIRST:
        return remark
    try:
        return _dated_fact(tokens, place) or remark
    except ImpossibleDate:
        return Plain(begin=place, end=place + 1, remark=Remark.IMPOSSIBLE)


def _goes_on_from_letters(tokens: Tokens, place: int) -> bool:
    """Whether "11/2026" is the end of something unreadable: "3B/11/2026" is no November."""
    year = tokens.number(place) is not None and tokens.word(place + 1) == "/" and tokens.number(place + 2) is not None
    glued = tokens.tight(place) and tokens.word(place - 1) == "/" and tokens.tight(place - 1)
    return year and glued and tokens.is_word(place - 2) and tokens.tight(place - 2)


def _dated_fact(tokens: Tokens, place: int) -> Fact | None:
    dates = read_dates(tokens, place)
    repeat = read_repeat(tokens, place)
    if repeat is not None and not _beats(dates, repeat):
        return repeat
    return dates or read_wait(tokens, place)


def _beats(dates: Dates | None, repeat: Repeat) -> bool:
    """Whether a date reaches further than the repetition at the same place ("ngày 15 tháng 12 hằng năm")."""
    return dates is not None and repeat.monthday is not None and dates.end > repeat.end


#: Words of deadlines that say what is done or by whom, and change nothing about the day.
_WORK = word_set(
    "nhiem vu cong viec hoan thanh "
    "bao cao gui trinh ban hanh thuc hien trien khai ket qua nop to chuc xay dung phe duyet tong hop "
    "du thao ke hoach van ban quyet dinh de nghiem thu giai doan nam ngay thang quy tuan gio phut va hoac la cua "
    "cho voi cac mot lan ve so lieu ky dot buoc chu trinh ubnd tinh so co quan don vi theo tren duoc phai se vao "
    "luc sang chieu truoc sau cuoi dau giua het den tu trong thang quy i ii iii iv hang hằng moi"
)


def unread_words(tokens: Tokens, facts: list[Fact]) -> list[str]:
    """The words that no reader took and none knows: while there are any, a date beside them is not sure."""
    read = {at for fact in facts for at in range(fact.begin, fact.end)}
    if (tokens.word(0), tokens.word(1)) == ("hoan", "thanh"):
        # "Hoàn thành … trước ngày 01/01/2030": what is to be finished stands between.
        read.update(range(next((f.begin for f in facts if isinstance(f, Dates) and f.marked), 0)))
    unread: list[str] = []
    place = 0
    while place < len(tokens):
        skipped = _skipped(tokens, place)
        if skipped is not None and skipped > place:
            place = skipped
            continue
        word = tokens.word(place)
        known = word in Lexicon.known_words or word in _WORK or word.endswith("!")
        if place not in read and tokens.is_word(place) and not known:
            unread.append(word)
        place += 1
    return unread
