"""Who does what in a sentence: the units at its start, whether they lead, and with whom they work.

Administrative Vietnamese names the unit first, then a verb in lower case; the words inside a proper
name are capitalised. So a list of units ends at the first lower-case verb that is not part of a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from taskflow.documents.actor_words import (
    ADVERBIAL,
    COORDINATES,
    DESCRIBED,
    DESCRIBING,
    FUNCTION_WORDS,
    HEAD,
    INSIDE_NAME,
    LABEL,
    LEAD_IN,
    NAME_TAIL,
    NAMED_LIST,
    NOUN_AFTER,
    NOUN_BEFORE,
    TOPIC,
    VERB,
    VERB_LIKE_HEAD,
    WITH,
)

_WINDOW = 500  # characters; a list of units is shorter, and a hostile text is not searched to its end

#: "Phòng Kế hoạch tổng hợp tập huấn …": the name of a hospital's office, where another verb or nothing follows.
_JOINT_OFFICE = re.compile(rf"tổng hợp(?=\s*(?:[.:;)]|$)|\s+(?!báo cáo|kết quả|tình hình|công tác){VERB.pattern})")


@dataclass(frozen=True, slots=True)
class Subject:
    """The units a passage starts with, as written, and where the rest of the passage begins."""

    units: str
    rest_at: int
    asked: bool  # introduced by "Đề nghị", "Giao", "Yêu cầu" …


def find_subject(text: str) -> Subject | None:
    """The units that ``text`` starts with, or None when it starts otherwise (with a verb, a topic)."""
    lead_in = LEAD_IN.match(text)
    start = lead_in.end() if lead_in else 0
    end = _end_of_units(text, start)
    units = unglued(text[start:end].strip(" ,;:-–"))
    if not units or len(units) > 260 or not HEAD.match(units) or not _reads_as_units(units):
        return None
    return Subject(units=units, rest_at=end, asked=lead_in is not None)


def _end_of_units(text: str, start: int) -> int:
    """Where the list of units that begins at ``start`` ends: at a verb, a colon or the end of a sentence."""
    end = min(len(text), start + _WINDOW)
    depth = 0
    for position in range(start, end):
        char = text[position]
        depth += (char == "(") - (char == ")")
        if depth < 0:  # the bracket that the list stands in
            end = position
            break
        if depth > 0:
            continue
        if char == ":" and NAMED_LIST.fullmatch(text[start:position]):
            continue
        if char == ":" or (char in ".!?" and not re.match(r"\.\w|\.\.", text[position : position + 2])):
            end = position
            break
    for match in VERB.finditer(text, start, end):
        before = text[start : match.start()]
        if before.count("(") > before.count(")") or _is_noun_here(text, start, match):
            continue
        return match.start()
    return end


def _is_noun_here(text: str, start: int, match: re.Match[str]) -> bool:
    before, after = text[start : match.start()], text[match.start() :]
    if not before.strip():
        return bool(NOUN_AFTER.match(after)) or after.startswith("thanh tra ")
    if DESCRIBED.search(before) and DESCRIBING.match(after):
        return True
    if _JOINT_OFFICE.match(after) and re.search(r"phòng (?:Kế hoạch|Hành chính)\s$", before, re.IGNORECASE):
        return True
    if re.search(r"báo chí,?\s+(?:và\s+)?$", before) and after.startswith(("truyền thông", "thông tin", "xuất bản")):
        return True
    if NOUN_AFTER.match(after) and (NOUN_BEFORE.search(before) or match.group() == "thông tin"):
        return True
    # "Đào tạo", "Giám sát": the second syllable of a capitalised word is no verb of its own.
    previous = before.split()[-1]
    if (
        " " not in match.group()
        and match.group() not in FUNCTION_WORDS
        and before.endswith(" ")
        and previous.istitle()
        and previous.isalpha()
        and len(previous) > 1
    ):
        return True
    return bool(INSIDE_NAME.search(before) and NAME_TAIL.match(after))


def _reads_as_units(units: str) -> bool:
    """Whether every listed piece is a noun phrase that can be a unit: no clause, no topic heading."""
    if LABEL.fullmatch(units) and not re.fullmatch(r"các (?:đơn vị|cơ quan|tổ chức)", units, re.IGNORECASE):
        return False
    if len(units.split()) == 1 and not units.isupper() and units.casefold() not in {"xã", "phường", "huyện", "tỉnh"}:
        return False
    if re.search(r"\sđã(?:\s|$)", units):  # what was done is told, nothing is given to do
        return False
    if VERB_LIKE_HEAD.match(units) or TOPIC.match(units):
        return False
    return not re.search(r"\d{2,}/|%|\bđược\b|\bkhông\b(?! chuyên trách)", units)


def find_units_at(text: str, position: int) -> str:
    """The units named in ``text`` from ``position`` on, as written, or "" when something else stands there."""
    lead = len(text[position:]) - len(text[position:].lstrip(" ,:"))
    units = _trimmed(text[position + lead : _end_of_units(text, position + lead)])
    return units if HEAD.match(units) and len(units) <= 260 and _reads_as_units(units) else ""


def partners_of(text: str) -> list[str]:
    """The lists of units named after every "phối hợp với …" of ``text``, as written, in order."""
    found: list[str] = []
    for match in WITH.finditer(text):
        end = _end_of_units(text, match.end())
        units = _trimmed(text[match.end() : end])
        if units and HEAD.match(units) and len(units) <= 400 and _reads_as_units(units):
            found.append(units)
    return found


def _trimmed(units: str) -> str:
    """``units`` without doubled articles ("các các cơ quan"), glued syllables and loose punctuation."""
    units = unglued(re.sub(r"^các\s+(?=các\b)", "", units.strip(" ,;:-–"), flags=re.I))
    units = re.sub(r"\s+(?:và|cùng|cùng với|có|,)$", "", units)
    return units.strip(" ,;")


def unglued(units: str) -> str:
    """``units`` with the space that a PDF dropped inside a common word of unit names ("thànhphố")."""
    return re.sub(r"\b(thành|thị|nhân|tổ)(phố|trấn|xã|dân|chức)\b", r"\1 \2", units)


def coordinates_only(text: str, subject: Subject | None = None) -> bool:
    """Whether the main verb of a duty is "phối hợp": its unit helps, another one leads.

    ``text`` is the duty with or without its subject. Adverbials before the main verb ("Căn cứ …,",
    "Hằng năm,") are passed over, so that "Căn cứ dự toán …, phối hợp với Sở X" coordinates while
    "Đẩy mạnh tuyên truyền …; phối hợp với Sở X" leads.
    """
    rest = (text[subject.rest_at :] if subject else text).strip(" ,:;-–")
    first = re.split(r";|\.\s", rest, maxsplit=1)[0]
    if COORDINATES.match(first):
        return True
    if subject is not None and not ADVERBIAL.match(first):
        return False
    if not ADVERBIAL.match(first):
        return False
    for part in re.split(r",\s*", first)[1:]:
        if ADVERBIAL.match(part):
            continue
        inner = find_subject(part)
        clause = part[inner.rest_at :] if inner else part
        if COORDINATES.match(clause):
            return True
        if VERB.match(clause[:1].lower() + clause[1:]):
            return False
    return False
