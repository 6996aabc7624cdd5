"""Names of units (đơn vị): folding, splitting a cell into names, group designations.

Pure text work. Which unit a name stands for is decided by a person or by the resolver in services;
``unit_matching`` only suggests. Spelling rules: DOMAIN.md 3.3, as seen in real plans.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from taskflow.domain.typed import clean_text
from taskflow.domain.unit_words import (
    ABBREVIATIONS,
    AGENCY_NOUNS,
    ALONE,
    HEADS,
    INSEPARABLE,
    NOT_HEADS,
    PLACE_NOUNS,
)

_SPACES = re.compile(r"\s+")
_DASHES = re.compile(r"[‐-―−]")
_OLD_TONES = {
    "oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa",
    "oè": "òe", "oé": "óe", "oẻ": "ỏe", "oẽ": "õe", "oẹ": "ọe",
    "uỳ": "ùy", "uý": "úy", "uỷ": "ủy", "uỹ": "ũy", "uỵ": "ụy",
}  # fmt: skip
_NEW_TONE = re.compile(rf"(?<!q)(?:{'|'.join(_OLD_TONES)})\b")


_LINES = re.compile(r"[\n\r\v\f\u2028\u2029]+")


def tidy(text: str) -> str:
    """``text`` in NFC with plain spaces: one between words, newlines kept, invisible characters dropped."""
    text = clean_text(text)
    lines = (_SPACES.sub(" ", line).strip() for line in _LINES.split(text))
    return "\n".join(line for line in lines if line)


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """``text`` in lower case without accents (đ→d), one space between words, punctuation kept."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _SPACES.sub(" ", _DASHES.sub("-", bare)).strip()


_ABBREVIATION_PATTERNS = tuple((re.compile(pattern), full) for pattern, full in ABBREVIATIONS)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The comparison key of a unit name, blind to case, accents, "&"/"và"/hyphens and common abbreviations.

    "Sở GD&ĐT", "Sở GDĐT" and "Sở Giáo dục và Đào tạo" fold to the same key; so do "Ủy ban" and "Uỷ ban".
    """
    key = re.sub(r"[^a-z0-9]+", " ", plain(text))
    key = _SPACES.sub(" ", re.sub(r"\bva\b", " ", key)).strip()
    for pattern, full in _ABBREVIATION_PATTERNS:
        key = pattern.sub(full, key)
    return _SPACES.sub(" ", key).strip()


@lru_cache(maxsize=16384)
def lower_tone(text: str) -> str:
    """Lower case with accents and the old tone placement ("uỷ" → "ủy"): the key of the word lists."""
    return _NEW_TONE.sub(lambda m: _OLD_TONES[m[0]], unicodedata.normalize("NFC", text).lower())


_LONGEST_HEAD = max(len(head.split()) for head in HEADS)
_BULLET = re.compile(r"^\s*(?:[-–—+*•·●▪○]\s*|(?:\d{1,2}|[a-zđ])[.)]\s+)(?=\S)")
_OPEN = re.compile(r"\b(?:có )?liên quan\b")
_GROUP = re.compile(r"^(?:các|những|mọi|toàn thể|tất cả|một số)\b")
_ACRONYM = re.compile(r"^[A-ZĐ][A-ZĐ&.\-]{1,9}(?![\w])")
_LAST_ACRONYM = re.compile(r"(?:^|\s)[A-ZĐ][A-ZĐ&.,\-]{1,9}$")


def starts_like_unit(text: str) -> bool:
    """Whether ``text`` begins with a word that unit names begin with, or with an acronym such as "VTV"."""
    return _has_head(text) or bool(_ACRONYM.match(unicodedata.normalize("NFC", text)))


def _has_head(text: str) -> bool:
    words = lower_tone(text).split()
    if " ".join(words[:2]).rstrip(".,:;") in NOT_HEADS:
        return False
    return _head_words(text) > 0


def _head_words(text: str) -> int:
    """How many words the longest head of a unit name takes at the start of ``text``."""
    words = lower_tone(text).split()
    return next(
        (n for n in range(min(_LONGEST_HEAD, len(words)), 0, -1) if " ".join(words[:n]).rstrip(".,:;") in HEADS), 0
    )


def _noun_words(text: str, nouns: frozenset[str]) -> int:
    words = lower_tone(text).split()
    return next((n for n in (3, 2, 1) if " ".join(words[:n]).rstrip(".,:;") in nouns), 0)


def _leading_noun(text: str, nouns: frozenset[str]) -> bool:
    words = lower_tone(text).split()
    return any(" ".join(words[:size]).rstrip(".,:;") in nouns for size in (3, 2, 1) if len(words) >= size)


def _trailing_noun(text: str, nouns: frozenset[str]) -> bool:
    words = lower_tone(text).split()
    if words[-2:] in (["quốc", "phòng"], ["văn", "phòng"], ["biên", "phòng"]):
        return False
    return any(" ".join(words[-size:]) in nouns for size in (3, 2, 1) if len(words) >= size)


def _is_enumeration(left: str, right: str) -> bool:
    """Whether ``right`` goes on with the group that ``left`` ends in ("các sở," + "ban"; "UBND các xã," + "phường")."""
    last = re.split(r",|\bvà\b", left)[-1]
    for nouns in (AGENCY_NOUNS, PLACE_NOUNS):
        if (
            _trailing_noun(last, nouns)
            and _leading_noun(right, nouns)
            and _head_words(right) <= _noun_words(right, nouns)
        ):
            rest = right.split()[_noun_words(right, nouns) :][:1]
            # "Sở, Ban Quản lý …": a capital after the noun is a proper name, not an enumeration.
            return not (nouns is AGENCY_NOUNS and right[:1].isupper() and rest and rest[0][:1].isupper())
    return False


def _complete(left: str) -> bool:
    """Whether ``left`` can stand alone as a name: more than its bare first word, or an acronym."""
    words = left.split()
    return len(words) > 1 or bool(_ACRONYM.match(left)) or lower_tone(left) in AGENCY_NOUNS | PLACE_NOUNS | ALONE


_SEPARATORS = re.compile(
    r"\s*(?:(?<![A-ZĐ]),|,(?![A-ZĐ&]{2}))\s*(?:và\s+)?|\s+(?:và|Và|VÀ)\s+|\s*&\s+(?=các )|\s+&\s+|\s*\+\s+"
)
_HARD = re.compile(r"\s*;\s*|\s+/\s+|\s*\n\s*")
_SECOND_MINISTRY = re.compile(r"(?<=\w) (?=(?P<head>Bộ|Sở) (?P<name>\w))")
_INSEPARABLE = re.compile("|".join(INSEPARABLE))


def _shield(text: str) -> str:
    """Put placeholders for separators inside brackets and inseparable names, so that no split happens there."""
    depth, out = 0, []
    for char in text:
        depth += (char == "(") - (char == ")" and depth > 0)
        out.append({",": "\x01", ";": "\x02", "/": "\x03", "\n": " ", "+": "\x05"}.get(char, char) if depth else char)
    shielded = re.sub(r"\([^)]*\)", lambda m: m[0].replace(" và ", " \x04 "), "".join(out))
    for match in reversed(list(_INSEPARABLE.finditer(lower_tone(shielded)))):
        if len(lower_tone(shielded)) == len(shielded):
            inner = shielded[match.start() : match.end()].replace(",", "\x01").replace(" và ", " \x04 ")
            shielded = shielded[: match.start()] + inner + shielded[match.end() :]
    return shielded


def _unshield(text: str) -> str:
    return text.translate({1: ",", 2: ";", 3: "/", 4: "và", 5: "+"})


def _split_soft(piece: str) -> list[str]:
    """Split one piece at commas and "và", only where the right side begins another unit."""
    units: list[str] = []
    start = 0
    for match in _SEPARATORS.finditer(piece):
        left, right = piece[start : match.start()].strip(), piece[match.end() :].strip()
        if not left or not right:
            continue
        if _begins_another(left, right, comma="," in match[0]):
            units.append(left)
            start = match.end()
    units.append(piece[start:].strip())
    return units


_GROUP_OF_PLACES = re.compile(r"(?:\w+ )?(?:\w+ )?các (?:xã|phường|thôn|đặc khu)\b[^,]*\w")
_SCHOOLS_END = re.compile(r"(?:[Mm]ầm non|[Mm]ẫu giáo|[Tt]iểu học|[Tt]rung học|cơ sở|phổ thông|MN|TH|THCS|THPT)$")
_SCHOOL_LEVEL = re.compile(r"(?:MN|TH|THCS|THPT|TH&THCS|PTDT\w+|GDTX|GDNN)(?![\w])")
_NAMED_PLACE = re.compile(r"(?:Bản|Làng|Buôn|Ấp|Thôn) \w+$|(?:Bản|Làng|Buôn|Ấp|Thôn) \w+[,;]")


def _begins_another(left: str, right: str, *, comma: bool) -> bool:
    if not starts_like_unit(right) or not _complete(left):
        return False
    if _GROUP_OF_PLACES.match(lower_tone(left)) and _NAMED_PLACE.match(right):
        return False  # "UBND các xã Tân Lập, Bản Lầu"
    if _SCHOOLS_END.search(left) and _SCHOOL_LEVEL.match(right):
        return False  # "các trường mầm non, tiểu học, THCS"
    if not _has_head(right):  # an acronym: "VTV, VOV" are two, "Trung tâm XTĐT, TM&DL tỉnh" and "THCS và THPT" one
        alone = _ACRONYM.fullmatch(re.split(r"[,;(]| và ", right)[0].strip()) is not None
        listed = starts_like_group(left) and _LAST_ACRONYM.search(left) is not None  # "các trường MN, TH, THCS"
        return alone and not listed and (comma or _ACRONYM.fullmatch(left) is not None)
    if _is_enumeration(left, right):
        # "các sở, ban, ngành và địa phương" names two groups; the same with a comma is read as one.
        return not comma and _GROUP.match(lower_tone(left)) is not None and "," in left
    if _leading_noun(right, PLACE_NOUNS) and not right[:1].isupper() and not starts_like_group(right):
        return not _trailing_noun(left, PLACE_NOUNS) and not _GROUP.match(lower_tone(left))
    if not comma and not right[:1].isupper() and lower_tone(right).split()[0] in {"tổ", "đoàn", "báo", "quỹ", "bản"}:
        return False
    return not (
        right[:1].islower()
        and lower_tone(right).split()[0] in {"phòng", "báo", "vụ", "tổ", "khoa", "đội", "ban"}
        and not _is_group_noun(right)
    )


def starts_like_group(text: str) -> bool:
    """Whether ``text`` begins like a designation of several units ("các …", "một số …")."""
    return _GROUP.match(lower_tone(text)) is not None


def _is_group_noun(text: str) -> bool:
    words = lower_tone(text).replace(",", " ").split()
    return len(words) > 1 and (words[1] in AGENCY_NOUNS | PLACE_NOUNS or words[1] in {"có", "liên", "chuyên"})


_BARE_HEADS = HEADS - PLACE_NOUNS - {"tỉnh đoàn", "thành đoàn", "huyện đoàn"}
_POSSESSOR = re.compile(
    r"(?:tỉnh|huyện|thành|thị|quận|đảng) ủy|hđnd|hội đồng nhân dân|quốc hội|chính phủ|khu\b|chi nhánh"
)
#: Bodies that are named by their place: "Văn phòng UBND" above "tỉnh".
_OF_A_PLACE = re.compile(
    r"(?:^|\s)(?:ubnd|ủy ban nhân dân|hđnd|hội đồng nhân dân|công an|trạm y tế|mttq(?: việt nam)?)$"
)
_OFFICES_TOGETHER = re.compile(
    r"các (?:cơ quan|cơ sở|đơn vị|sở|ban|phòng|tổ chức|đoàn thể|ngành|bộ|thôn|trường|hội|địa phương|doanh nghiệp)\b"
)


def opens_unit(before: str, line: str) -> bool:
    """Whether ``line``, printed below ``before`` in a cell, begins another unit and is not the rest of a wrapped line.

    "Chi cục Kiểm lâm" below "Sở Nội vụ" does; "Tỉnh ủy" below "Ban Tổ chức" and "UBND tỉnh" below "Văn phòng" do not.
    """
    if before.count("(") > before.count(")") or re.search(
        r"(?:^|[\s,])(?:và|&|-|của|với|các|bộ đội)$|,$|^\s*$", before, re.I
    ):
        return False
    if _ends_in_bare_head(before):
        return False  # the name is still to come
    if not ((_has_head(line) and line[:1].isupper()) or _OFFICES_TOGETHER.match(lower_tone(line))):
        return False
    last = split_units(before)[-1:] or ("",)
    whole = 0 < _head_words(last[0]) < len(last[0].split()) or starts_like_group(last[0]) or last[0].endswith("đoàn")
    return whole and not _POSSESSOR.match(lower_tone(line))


def _ends_in_bare_head(text: str) -> bool:
    """Whether ``text`` ends in a first word of names without the name: "…; Phòng", "Văn phòng"."""
    words = text.split()
    tails = [" ".join(words[-size:]) for size in (1, 2, 3) if len(words) >= size]
    if len(words) > 2 and _POSSESSOR.fullmatch(lower_tone(tails[1])):
        return False  # "Ban Tổ chức Tỉnh ủy"
    return any(tail[:1].isupper() and lower_tone(tail) in _BARE_HEADS for tail in tails)


@lru_cache(maxsize=4096)
def split_units(cell: str) -> tuple[str, ...]:
    """The unit names of a cell as written, in order; remarks in brackets stay with their unit.

    Splits at ";", newline, " / ", bullets, "," and "và", but never inside a name ("Sở Văn hóa, Thể thao và Du lịch")
    or a group designation ("các sở, ban, ngành", "UBND các xã, phường, đặc khu").
    """
    text = _join_broken_lines(_bullets_apart(tidy(cell)))
    names: list[str] = []
    for piece in _HARD.split(_shield(text)):
        piece = re.sub(r"^(?:và|cùng(?: với)?) (?=\S)", "", _BULLET.sub("", piece).strip())
        for slashed in _split_slash(piece):
            for soft in _split_soft(slashed):
                names.extend(_unshield(part) for part in _split_ministries(soft))
    cleaned = (_SPACES.sub(" ", name).strip(" .,;:-–—+*/") for name in names)
    # A trailing ")" belongs to a remark; everything else at the ends is punctuation.
    return tuple(
        name for name in cleaned if any(char.isalpha() for char in name) and name.lower() not in {"và", "bộ", "sở"}
    )


def _bullets_apart(text: str) -> str:
    """Bullets that were run together on one line ("- Sở A - Sở B") each on a line of their own."""
    if not re.match(r"[-–+•] ?\S", text):
        return text
    return re.sub(
        r" ([-–+•]) (?=(\S.*))", lambda m: f"\n{m[1]} " if _has_head(m[2]) and len(m[2].split()) > 1 else m[0], text
    )


def _split_ministries(piece: str) -> list[str]:
    """Split "Bộ X Bộ Y", where the separator was lost; "Thanh tra Bộ X" and "Bộ đội" stay whole."""
    start, parts = 0, []
    for match in _SECOND_MINISTRY.finditer(piece):
        if (
            piece[start:].startswith(f"{match['head']} ")
            and match["name"].isupper()
            and match.start() > start + 4
            and piece[start : match.start()].strip().lower() != "bộ trưởng"
        ):
            parts.append(piece[start : match.start()])
            start = match.end()
    return [*parts, piece[start:]]


def _split_slash(piece: str) -> list[str]:
    """Split "Phòng A/Phòng B" but not "xã/phường" or "Sở, ngành/địa phương"."""
    parts = piece.split("/")
    if len(parts) > 1 and all(
        part.strip()[:1].isupper() and starts_like_unit(part.strip()) and len(part.split()) > 1 for part in parts
    ):
        return parts
    return [piece]


def _join_broken_lines(text: str) -> str:
    """Join lines that only go on ("UBND các xã,⏎thị trấn"); a line that begins another unit stays apart."""
    lines = text.split("\n")
    joined = lines[:1]
    for line in lines[1:]:
        before = joined[-1].rstrip()
        bare = _BULLET.sub("", line)
        goes_on = bare == line and (
            before.endswith((",", " và", "&", " -", "("))
            or before.count("(") > before.count(")")
            or not (starts_like_unit(bare) or bare[:1].isupper())
            or (_OF_A_PLACE.search(lower_tone(before)) and bare[:1].islower() and _leading_noun(bare, PLACE_NOUNS))
            or (_ends_in_bare_head(before) and (_POSSESSOR.match(lower_tone(bare)) or not starts_like_unit(bare)))
        )
        if before.endswith(",") and not _is_enumeration(before.rstrip(","), bare):
            goes_on = goes_on and bare == line
        joined[-1:] = [f"{before} {line}"] if goes_on else [before, line]
    return "\n".join(joined)


def is_open_set(name: str) -> bool:
    """Whether the name leaves open which units are meant ("các phòng, ban có liên quan"): a person must tick them."""
    return _OPEN.search(lower_tone(name)) is not None


def is_group_designation(name: str) -> bool:
    """Whether the name means several units ("Các cơ sở giáo dục", "UBND các xã, phường", "địa phương")."""
    text = lower_tone(re.sub(r"\([^)]*\)", "", name)).strip()
    if _GROUP.match(text) or is_open_set(text):
        return True
    if re.match(
        r"^(?:ubnd|ủy ban nhân dân|đảng ủy|công an|trạm y tế|trưởng|hđnd|mttq|chủ tịch ubnd|chủ tịch ủy ban nhân dân)"
        r" (?:các|cấp) ",
        text,
    ):
        return True
    nouns = AGENCY_NOUNS | PLACE_NOUNS
    segments = [segment.strip() for segment in re.split(r",|\bvà\b|/", text) if segment.strip()]
    if len(segments) > 1 and all(_leading_noun(segment, nouns) and len(segment.split()) <= 3 for segment in segments):
        return True
    return text in {
        "địa phương",
        "doanh nghiệp",
        "cơ sở giáo dục",
        "đoàn thể",
        "cơ sở đào tạo",
        "trường đại học",
        "viện nghiên cứu",
    }
