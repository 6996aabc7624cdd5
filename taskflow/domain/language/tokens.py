"""A phrase as tokens: words without accents, numbers, marks, each with its place in the original text.

Accents are folded away once, because offices mistype them ("hàng/hằng", "Qúy", NFD from PDF files). Words
that only look like a keyword without their accents ("trọng" for "trong", "quỹ" for "quý") are told apart
here, so that no rule has to think of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

#: Raised digits point to a footnote; they are no part of a number.
_FOOTNOTE_MARKS = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹")
_MARKS = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－⁃"), "-") | dict.fromkeys(map(ord, "⁄∕"), "/")


def word_set(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


#: Words that are not the keyword they fold to.
_OTHER_WORDS = word_set(
    "trọng trồng trống tròng trông tự tư tú tủ tụ tứ sáu sâu sấu sầu khí khỉ nằm nắm nấm nám hạng hãng quỹ quỷ quỵ "
    "thắng thăng thẳng thằng tuân tuấn đen đền đèn đấu đậu đâu dầu dấu dâu dậu đau lân lan lăn lẩn lặn lẫn ký kí kỹ kỷ "
    "hán hân hàn hận hãn hẳn mới mời mồi môi mối tùng tưng túng tụng cử cũ cụ cự cư củ mừng mỏng mộng móng rắm rậm râm "
    "rầm hệ hề hễ chăm chạm chấm chàm cười cưới cuội thư thủ thú thử thụ gió giò giở giỏ giơ vạo tợi tối tơi tội nhật "
    "song ngây vã vá vạ bỏ hủy huỷ hoãn dừng"
)
#: "hàng" is goods, not "every", after these.
_GOODS = word_set("khach ngan mat ban nha cua don kho xuat nhap mua xep")
#: "Nam" is the south or a name, not "năm", after these.
_SOUTH = word_set("viet mien phia dong tay ha quang hai")

_PIECES = "truoc|ngay|thang|nam|quy|hang|trong|den|het|tu|cuoi|dau|giua|cham|nhat|thuong|xuyen|dinh|ky|hoc|moi|tuan|lan"
_GLUED = re.compile(rf"(?:{_PIECES}){{2,6}}")
_PIECE = re.compile(_PIECES)
_ENGLISH_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_QUARTER_OR_TERM = re.compile(r"(quy|qui|q|hk|ky)([ivl]{1,4})")
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
#: Letters that a scanner sees in place of digits, and digits it sees in Roman numerals.
_AS_DIGITS = str.maketrans("oli", "011")
_AS_LETTERS = str.maketrans("1l", "ii")
_QUARTER_WORDS = word_set("quy qui q")
_DATE_WORDS = word_set("ngay thang t nam") | _QUARTER_WORDS


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a mark.

    ``word`` is what rules look at: lower case without accents, digits, or one mark ("…" for dots and lines
    left to be filled in). ``exact`` keeps the accents (NFC, lower case). ``start`` and ``end`` are places in
    the original text; ``spaced`` tells of white space before it; ``mended`` of letters read as digits.
    """

    word: str
    exact: str
    start: int
    end: int
    spaced: bool
    mended: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is digits."""
        return self.word.isdecimal()

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.exact[:1].isalpha()


_MOST_SKIPPED = 8


class Tokens:
    """The tokens of a text; looking beyond either end is allowed and finds nothing."""

    def __init__(self, items: list[Token]) -> None:
        self.items = items
        self._words = [item.word for item in items]

    def __len__(self) -> int:
        return len(self.items)

    def word(self, place: int) -> str:
        """The word at ``place``; empty beyond the ends."""
        return self._words[place] if 0 <= place < len(self._words) else ""

    def exact(self, place: int) -> str:
        """The word with its accents; empty beyond the ends."""
        return self.items[place].exact if 0 <= place < len(self.items) else ""

    def number(self, place: int) -> int | None:
        """The value of digits at ``place``; None for anything else, also for digits run together ("002030")."""
        word = self.word(place)
        return int(word) if word.isdecimal() and (len(word) < 5 or word[0] != "0") else None

    def roman(self, place: int) -> int | None:
        """The value of a Roman numeral up to XII; the letter l stands for I, as scanners read it."""
        word = self.word(place)
        return _ROMAN.get(word.replace("l", "i")) if self.exact(place) == word else None

    def is_word(self, place: int) -> bool:
        """Whether letters stand at ``place``."""
        return 0 <= place < len(self.items) and self.items[place].is_word

    def spaced(self, place: int) -> bool:
        """Whether white space, or an end of the text, comes before ``place``."""
        return not 0 < place < len(self.items) or self.items[place].spaced

    def tight(self, place: int) -> bool:
        """Whether the token at ``place`` exists and touches the one before it."""
        return 0 < place < len(self.items) and not self.items[place].spaced


class Lexicon:
    """A set of phrases, written without accents and parted by "|", that all mean the same to a rule."""

    #: The first words of all phrases of all rules.
    first_words: ClassVar[set[str]] = set()
    #: The words that mean something to a rule by themselves.
    known_words: ClassVar[set[str]] = set()

    def __init__(self, phrases: str) -> None:
        self._by_first: dict[str, list[list[str]]] = {}
        for phrase in sorted((p.split() for p in phrases.split("|")), key=len, reverse=True):
            self._by_first.setdefault(phrase[0], []).append(phrase)
            self.known_words.update(phrase[:1] if len(phrase) == 1 else ())
        self.first_words.update(self._by_first)

    def match(self, tokens: Tokens, place: int) -> int | None:
        """The place after the longest phrase that begins at ``place``; None if there is none."""
        for phrase in self._by_first.get(tokens.word(place), ()):
            if all(tokens.word(place + offset) == word for offset, word in enumerate(phrase)):
                return place + len(phrase)
        return None

    def skip(self, tokens: Tokens, place: int) -> int:
        """The place after the phrases that stand at ``place`` one after another, eight of them at most."""
        for _ in range(_MOST_SKIPPED):
            after = self.match(tokens, place)
            if after is None:
                break
            place = after
        return place


def tokenize(text: str) -> Tokens:
    """The tokens of ``text``. The same for NFC and NFD, upper and lower case, up to their places."""
    items = [piece for token in _mended(_translated(list(_raw_tokens(text)))) for piece in _pieces(token)]
    accented = any(not item.exact.isascii() and item.is_word for item in items)
    return Tokens([_told_apart(items, place, accented=accented) for place in range(len(items))])


def _characters(text: str) -> Iterator[tuple[str, str, int, int]]:
    """(folded character, character with its accents, start, end) for every visible character or white space."""
    place = 0
    while place < len(text):
        end = place + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        whole = unicodedata.normalize("NFC", text[place:end].lower())
        if whole not in _FOOTNOTE_MARKS:
            # "Ⅲ" is one character and three letters.
            whole = unicodedata.normalize("NFKC", whole) if unicodedata.category(whole[0]) == "Nl" else whole
            for char in unicodedata.normalize("NFKD", whole.replace("đ", "d")).translate(_MARKS):
                if not unicodedata.combining(char) and unicodedata.category(char) != "Cf":
                    # A digit of another script is a digit: "20٣26" is no year, and never the year 20.
                    yield (str(int(char)) if char.isdecimal() else char), whole, place, end
        place = end


def _sort_of(char: str) -> str:
    if char.isspace():
        return "space"
    if char in "0123456789":
        return "number"
    return "word" if char.isalpha() else "mark"


def _raw_tokens(text: str) -> Iterator[Token]:
    run: list[tuple[str, str, int, int]] = []
    run_sort, spaced = "space", True
    for item in [*_characters(text), (" ", " ", len(text), len(text))]:
        sort = _sort_of(item[0])
        keeps = sort == run_sort and (sort in ("word", "number") or (item[0] in "._" and item[0] == run[-1][0]))
        if keeps:
            run.append(item)
            continue
        if run and run_sort != "space":
            yield _token(run, spaced=spaced)
            spaced = False
        if sort == "space":
            spaced = True
        run, run_sort = [item], sort


def _token(run: list[tuple[str, str, int, int]], *, spaced: bool) -> Token:
    word = "".join(item[0] for item in run)
    exact = "".join(item[1] for place, item in enumerate(run) if not place or item[2] != run[place - 1][2])
    if len(word) > 1 and word[0] in "._":
        word = "…"
    return Token(word, exact, run[0][2], run[-1][3], spaced)


def _translated(items: list[Token]) -> list[Token]:
    """The tokens with dates that an English or Vietnamese spreadsheet shows as they are written here.

    "Apr 15, 2026", "15-Apr-2026" and "30-thg 11-26" become 15/4/2026 and 30/11/26, "April 2026" tháng 4/2026,
    "W12/2026" tuần 12/2026.
    """
    out: list[Token] = []
    place = 0
    while place < len(items):
        figures, end = _spelled_date(items, place)
        if not figures:
            out.append(items[place])
            place += 1
            continue
        first, last = items[place], items[end - 1]
        out.extend(
            replace(first, word=word, exact=word, end=last.end, spaced=first.spaced and not at)
            for at, word in enumerate(figures)
        )
        place = end
    return out


def _spelled_date(items: list[Token], place: int) -> tuple[list[str], int]:
    """The date in figures that begins at ``place`` with its end; nothing where none does."""

    def word(at: int) -> str:
        return items[at].word if at < len(items) else ""

    def skip(at: int) -> int:
        while word(at) in ("-", ",", ".", "/", "st", "nd", "rd", "th", "of"):
            at += 1
        return at

    def month(at: int) -> tuple[str, int]:
        if word(at) in ("thg", "thang.") and word(at + 1).isdecimal():
            return word(at + 1), at + 2
        name = word(at)
        full = next((i for i, m in enumerate(_ENGLISH_MONTHS, 1) if name == m or name in (m[:3], m[:4])), 0)
        return (str(full), at + 1) if full and len(name) >= 3 else ("", at)

    if word(place) in ("w", "wk", "week") and word(place + 1).isdecimal():
        return ["tuan", word(place + 1)], place + 2
    if word(place).isdecimal() and len(word(place)) <= 2:
        number, at = month(skip(place + 1))
        year = skip(at)
        if number and word(year).isdecimal() and len(word(year)) in (2, 4):
            return [word(place), "/", number, "/", word(year)], year + 1
        return [], place
    number, at = month(place)
    if not number:
        return [], place
    day = skip(at)
    year = skip(day + 1)
    if word(day).isdecimal() and len(word(day)) <= 2 and word(year).isdecimal() and len(word(year)) == 4:
        return [word(day), "/", number, "/", word(year)], year + 1
    if word(day).isdecimal() and len(word(day)) == 4:
        return ["thang", number, "/", word(day)], day + 1
    return [], place


def _mended(items: list[Token]) -> list[Token]:
    """The tokens with numbers put right that a scanner read as letters: "2O27", "3l/12", "Quý 1V", "15//12".

    Only beside the marks and words of a date: elsewhere "6l" may be anything.
    """
    out: list[Token] = []
    place = 0
    while place < len(items):
        end = place + 1
        while _is_figure(items[place]) and end < len(items) and _is_figure(items[end]) and not items[end].spaced:
            end += 1
        run = items[place:end]
        before, after = out[-1].word if out else "", items[end].word if end < len(items) else ""
        beside = before in _DATE_WORDS or after == "thang" or "/" in (before, after)
        figure = _figure(run, roman=before in _QUARTER_WORDS) if beside else None
        if _is_open_year(run[0], before, after):
            out.append(replace(run[0], word="…", exact="…", end=items[end].end))
            end += 1
        elif figure is not None:
            out.append(figure)
        elif run[0].word != "/" or before != "/":
            out.extend(run)
        place = end
    return out


def _is_open_year(token: Token, before: str, after: str) -> bool:
    """Whether the last digits of a year were left to be filled in: "năm 20…", "15/8/202.." """
    return after == "…" and token.word in ("20", "202") and before in ("nam", "/", "-", ".")


def _is_figure(token: Token) -> bool:
    return token.is_number or (token.is_word and set(token.exact) <= set("oliv"))


def _figure(run: list[Token], *, roman: bool) -> Token | None:
    """The number or Roman numeral that the tokens are together; None when they are as they should be."""
    word = "".join(item.exact if item.is_word else item.word for item in run)
    if len(run) == 1 and (word.isdecimal() or roman or not set(word) <= set("lo")):
        return None  # "II" may be a Roman numeral, "ll" after "tháng" is 11
    numeral = word.translate(_AS_LETTERS)
    mended = numeral if roman and numeral in _ROMAN else word.translate(_AS_DIGITS)
    if not (mended.isdecimal() or mended in _ROMAN) or not _is_figure(run[0]):
        return None
    return replace(run[0], word=mended, exact=mended, end=run[-1].end, mended=True)


def _pieces(token: Token) -> list[Token]:
    """``token``, or the words that were typed together in it: "hàngnăm", "QuýIV", "HKI"."""
    word = token.word
    if not token.is_word or len(word) > 30:
        return [token]
    glued = _QUARTER_OR_TERM.fullmatch(word)
    if glued and glued[2].replace("l", "i") in _ROMAN:
        lengths = [len(glued[1]), len(glued[2])]
    elif _GLUED.fullmatch(word):
        lengths = [len(piece) for piece in _PIECE.findall(word)]
    else:
        return [token]
    if len(token.exact) != len(word) or sum(lengths) != len(word):
        return [token]
    pieces, at = [], 0
    for length in lengths:
        # Places are those of the whole word: precise enough, as no rule cuts inside a word.
        piece = replace(token, word=word[at : at + length], exact=token.exact[at : at + length])
        pieces.append(replace(piece, spaced=piece.spaced and at == 0))
        at += length
    return pieces


def _told_apart(items: list[Token], place: int, *, accented: bool) -> Token:
    """The token at ``place``, its ``word`` made unlike every keyword where it is another word."""
    token = items[place]
    if token.exact in _OTHER_WORDS:
        return replace(token, word=token.exact)
    if token.exact == "kì":
        return replace(token, word="ky")
    if not accented or token.word not in ("ngay", "nam", "quy", "hang"):
        return token
    before = items[place - 1].word if place else ""
    after = items[place + 1] if place + 1 < len(items) else None
    before_number = after is not None and after.is_number
    other = {
        "ngay": token.exact == "ngay" and not before_number,
        "nam": token.exact == "nam" and (not before_number or before in _SOUTH),
        "quy": token.exact == "quy" and not before_number and (after is None or after.word not in _ROMAN),
        "hang": token.exact == "hàng" and before in _GOODS,
    }
    return replace(token, word=token.exact + "!") if other[token.word] else token
