"""Which unit each passage of the text gives work to ("Tổ chức thực hiện").

Plans write duties in two ways: a block per unit ("1. Sở X" and the paragraphs under it, or "1. Sở X: …")
and a sentence that names its unit ("Giao Sở X chủ trì …", "6. Văn phòng Sở phối hợp với …"). Blocks are
read only under a heading such as "Tổ chức thực hiện"; sentences of the second sort anywhere. This module
says who and where; ``prose`` and ``reports`` say what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from taskflow.documents.actor_words import ADVERBIAL, FUNCTION_WORDS, HEAD, VERB, VERB_LIKE_HEAD
from taskflow.documents.actors import Subject, find_subject, find_units_at
from taskflow.documents.duties import read_duties
from taskflow.documents.model import Block, Place
from taskflow.documents.passages import (
    ARTICLE,
    BULLET,
    LETTER,
    LONGEST_PASSAGE,
    NO_MARK,
    NUMBER,
    PART,
    ROMAN,
    SUBBULLET,
    Passage,
    read_passages,
)
from taskflow.documents.timing import find_timing
from taskflow.domain.units import is_group_designation, starts_like_group, starts_like_unit

_SECTION = re.compile(
    r"(?:công tác |trách nhiệm |giải pháp |kinh phí và |tiến độ và |phân công,? )?"
    r"(?:tổ chức (?:triển khai |và triển khai )?thực hiện|phân công (?:nhiệm vụ|trách nhiệm|thực hiện|tổ chức)|"
    r"trách nhiệm (?:thực hiện|thi hành|của|các|tổ chức)|phân giao|nhiệm vụ của các|giao nhiệm vụ|"
    r"chế độ (?:thông tin,? )?báo cáo|báo cáo(?: và)?,? (?:đánh giá|kiểm tra)|"
    r"kiểm tra,? (?:giám sát,? )?(?:và )?báo cáo)",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?:nơi nhận|phụ lục|biểu số|trên đây là|tm\.|kt\.|t/m|danh mục|mẫu số|phần ký|kính gửi)", re.IGNORECASE
)
# Closing words to everybody, not a duty of the block they follow.
_CLOSING = re.compile(
    r"(?:trong quá trình (?:tổ chức |triển khai )?(?:thực hiện|triển khai)[^.]{0,60}(?:nếu|vướng mắc|phát sinh|"
    r"khó khăn)|"
    r"(?:ủy ban|uỷ ban|ubnd|sở|ban|bộ|đảng|huyện|tỉnh|thành)[^.:;]{0,60}\s(?:yêu cầu|đề nghị)\s|yêu cầu (?:các|"
    r"thủ trưởng|giám đốc)[^.]*nghiêm túc|"
    r"(?:nghị quyết|kế hoạch|chương trình|chỉ thị|quyết định|quy chế) này (?:đã|được|có hiệu lực|thay thế)\s|"
    r"nhận được (?:kế hoạch|công văn|văn bản|chương trình|quyết định)|"
    r"trên cơ sở kế hoạch này,? (?:các|đề nghị các)[^.]*nghiêm túc|\(?một số nhiệm vụ[^.]*phụ lục|\(?có phụ lục|"
    r"\(?chi tiết)",
    re.IGNORECASE,
)
# Verbs after a subject that give it work, for sentences outside the sections above.
_GIVES_WORK = re.compile(
    r"\s*[,:]?\s*(?:(?:có trách nhiệm|có nhiệm vụ|chịu trách nhiệm|chủ động|khẩn trương|định kỳ|hằng \w+|"
    r"hàng \w+)[, ]+)*"
    r"(?:chủ trì|phối (?:kết )?hợp(?:\s+chặt chẽ)?\s+(?:với|cùng)|căn cứ|có trách nhiệm|chịu trách nhiệm|"
    r"có nhiệm vụ|tham mưu|(?:theo dõi,? )?(?:kiểm tra,? )?đôn đốc|báo cáo|gửi báo cáo|tổng hợp,? báo cáo|"
    r"làm đầu mối|là (?:cơ quan|đơn vị) (?:đầu mối|chủ trì|thường trực))\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:Căn cứ|Trên cơ sở|Hằng (?:năm|quý|tháng|tuần)|Hàng (?:năm|quý|tháng|tuần)|Định kỳ)[^.;:]{0,160}?,\s+"
    r"(?=[A-ZĐ]|các\s)"
)
_IS_VERB = re.compile(rf"\s*{VERB.pattern}")
#: "1. Về giải ngân vốn: Giao Sở X …": the topic of a conclusion, and whom it gives to do.
_TOPIC = re.compile(r"(?P<heading>(?:về|đối với)\s[^.:;]{4,160}):\s+(?=[A-ZĐ])", re.IGNORECASE)
_GENERIC = re.compile(
    r"(?:các|mọi)?\s*(?:sở, ban, ngành|cơ quan|đơn vị|thành viên|cấp, ngành|địa phương|phòng, ban|tổ chức|ngành)\b",
    re.IGNORECASE,
)
# "Sở X có trách nhiệm:" announces the points below it and says nothing itself.
_ANNOUNCES = re.compile(
    r"^\s*,?\s*(?:(?:chủ trì,? )?(?:có trách nhiệm|có nhiệm vụ|chịu trách nhiệm|thực hiện)(?: triển khai| thực hiện)?"
    r"(?: các| những)?(?: nhiệm vụ| nội dung| công việc)?(?: sau| sau đây| cụ thể)?)\s*:?\s*$",
    re.IGNORECASE,
)
_INLINE_HEADING = re.compile(rf"(?P<heading>{_SECTION.pattern}[^:.;]{{0,40}}):\s+(?=\S)", re.IGNORECASE)
_BRACKETS = re.compile(r"\(([^()]{8,240})\)\s*[.;]?$")
# When it is to be done stands behind the units in the bracket: "(…; hoàn thành trước ngày 30/9)".
_TIME_IN_BRACKETS = re.compile(
    r"\s*[,;.]\s*(?:hoàn thành|xong|thời (?:gian|hạn)|chậm nhất|trước|trong|tháng|quý|năm|hằng|hàng)\b.*$",
    re.IGNORECASE,
)
#: "Sở X đã ban hành …", "Đã hoàn thành …": told, unless words say that it goes on.
_TOLD = re.compile(r"(?P<who>[^.;:()]{0,160}?)(?<!\w)[Đđ]ã\s")
_GOES_ON = re.compile(r"\b(?:tiếp tục|thời gian tới|cần|phải|sẽ|đề nghị|yêu cầu)\b", re.IGNORECASE)
#: "Thủ tướng Chính phủ yêu cầu:" asks of everybody whom the points below it name.
_ASKS_BELOW = re.compile(
    r"[^.;:]{3,160}\s(?:yêu cầu|đề nghị|giao nhiệm vụ|chỉ đạo)(?P<whom>\s[^.;:]{0,160})?:", re.IGNORECASE
)
_SHORT_HEADING = 90


@dataclass(frozen=True, slots=True)
class Assignment:
    """A passage that gives work to ``unit`` (as written, one or several units).

    ``text`` is the passage from the first word of the duty's own sentence; ``subject`` is set where the
    sentence itself names its unit. ``in_section`` says that it stands under "Tổ chức thực hiện" or the like.
    """

    unit: str
    text: str
    place: Place
    subject: Subject | None
    in_section: bool
    group: str | None
    helpers: tuple[str, ...] = ()  # coordinating units that a bracket names by "… phối hợp"


@dataclass(slots=True)
class _Reader:
    """Walks the passages and keeps where it is: the section, and the unit block inside it."""

    section: str | None = None
    section_level: int = NO_MARK
    unit: str | None = None
    unit_level: int = NO_MARK
    asking: bool = False  # under "… yêu cầu:"
    whom: str = ""  # the units that such a sentence asks, for the points right below it

    def read(self, passage: Passage) -> Assignment | None:
        if self._moves(passage):
            return None
        if self.section is None:
            # Directives have no such heading: "1. Sở X" and its points stand in the body of the text.
            if passage.level in (ROMAN, NUMBER, LETTER) and self._is_unit_heading(passage):
                self.section, self.section_level = "", passage.level
            else:
                asks = None if passage.is_shouted or _END.match(passage.text) else _ASKS_BELOW.fullmatch(passage.text)
                if asks is not None or passage.level == NO_MARK:
                    self.whom = find_units_at(asks["whom"] or "", 0) if asks is not None else ""
                self.asking = (
                    not _END.match(passage.text) and not passage.is_shouted and (self.asking or asks is not None)
                )
                return _sentence_outside(passage, asked=self.asking) or self._point(passage)
        if _CLOSING.match(passage.text):
            self.unit = None
            return None
        subject = find_subject(passage.text)
        if subject is not None:
            rest = _ANNOUNCES.sub("", passage.text[subject.rest_at :]).strip(" :.;-–")
            if not rest and self._starts_block(passage, subject):
                self._open(subject.units, passage.level)
                return None
            if rest and self._changes_unit(passage, subject):
                self._open(subject.units, passage.level)
                return self._assignment(passage, subject)
        elif self.unit is None or self._closes_block(passage):
            behind = _subject_behind(passage.text)
            self.unit = None
            if behind is not None and passage.level != NO_MARK:
                self._open(behind.units, passage.level)
                return self._assignment(passage, behind)
            return None
        if self.unit is None or (subject is not None and subject.rest_at >= len(passage.text.rstrip(" :."))):
            return None
        return self._assignment(passage, None)

    def _point(self, passage: Passage) -> Assignment | None:
        """A point below "… yêu cầu các đơn vị:": what those units are to do."""
        text = passage.text
        verb = VERB.match(text[:1].lower() + text[1:])
        if (
            not self.whom
            or verb is None
            or verb.group() in FUNCTION_WORDS
            or passage.level == NO_MARK
            or not text.rstrip().endswith((".", ";"))
            or find_subject(text) is not None
        ):
            return None
        asked = Subject(self.whom, rest_at=0, asked=True)
        return Assignment(self.whom, text, passage.place, asked, in_section=False, group=None)

    def _moves(self, passage: Passage) -> bool:
        """Whether ``passage`` is a heading that opens or ends a section."""
        text = passage.text
        short = len(text) <= _SHORT_HEADING and not text.endswith((".", ";"))
        headed = passage.is_shouted or passage.heading or passage.level in (PART, ROMAN, ARTICLE, NUMBER)
        # "PHÂN CÔNG NHIỆM VỤ" without a number is the title of an annex with a table, not a section of prose.
        titled = passage.level == NO_MARK and text.casefold().startswith("phân công")
        if short and headed and not titled and _SECTION.match(text) and not self._is_unit_heading(passage):
            self.section, self.section_level, self.unit = text, passage.level, None
            return True
        if self.section is None or not self._ends_section(passage, short=short):
            return False
        implied = self.section == ""
        self.section, self.unit = None, None
        return not implied  # what ends a block of its own may be a duty itself

    def _ends_section(self, passage: Passage, *, short: bool) -> bool:
        level, text = passage.level, passage.text
        if _END.match(text) or NO_MARK < level < self.section_level:
            return True
        if passage.is_shouted and short and find_subject(text) is None:
            return True
        if level != self.section_level or level == NO_MARK:
            return False
        return level in (PART, ROMAN, ARTICLE) or find_subject(text) is None

    def _is_unit_heading(self, passage: Passage) -> bool:
        subject = find_subject(passage.text)
        return subject is not None and not passage.text[subject.rest_at :].strip(" :.")

    def _starts_block(self, passage: Passage, subject: Subject) -> bool:
        if (
            passage.level in (BULLET, SUBBULLET)
            and self.unit is not None
            and self.unit_level < BULLET
            and self.unit_level != NO_MARK
        ):
            # a bullet that is only a name inside a unit's block is a list entry, unless it announces one ("- Sở X:")
            return passage.text.rstrip().endswith(":")
        return len(subject.units) <= 220

    def _changes_unit(self, passage: Passage, subject: Subject) -> bool:
        """Whether the unit that a sentence names takes over from the unit of its block."""
        if self.unit is None:
            return True
        if passage.text[subject.rest_at :].lstrip().startswith(":"):
            return passage.level != NO_MARK or self.unit_level == NO_MARK
        if passage.level != NO_MARK and passage.level <= self.unit_level:
            return True
        if passage.level in (NO_MARK, SUBBULLET):
            return False
        return bool(_GENERIC.match(self.unit)) and not is_group_designation(subject.units)

    def _closes_block(self, passage: Passage) -> bool:
        """Whether a numbered heading that names no unit ("5. Kinh phí") ends the unit's block."""
        return NO_MARK < passage.level <= self.unit_level and passage.level in (PART, ROMAN, ARTICLE, NUMBER, LETTER)

    def _open(self, unit: str, level: int) -> None:
        self.unit, self.unit_level = unit, level

    def _assignment(self, passage: Passage, subject: Subject | None) -> Assignment:
        text, at = passage.text, 0
        unit = subject.units if subject else self.unit or ""
        if subject is not None and text[subject.rest_at :].lstrip().startswith(":"):
            at = subject.rest_at + len(text[subject.rest_at :]) - len(text[subject.rest_at :].lstrip(" :"))
            subject = None
        return Assignment(
            unit=unit,
            text=text[at:].strip(),
            place=passage.place_at(at),
            subject=subject,
            in_section=True,
            group=self.section or None,
        )


def _sentence_outside(passage: Passage, *, asked: bool) -> Assignment | None:
    """A duty in a sentence of its own outside "Tổ chức thực hiện": its subject and a verb that gives work."""
    if passage.is_shouted or _CLOSING.match(passage.text) or "chịu trách nhiệm thi hành" in passage.text:
        return None
    subject = find_subject(passage.text)
    at = 0
    if subject is None:
        match = _OPENING.match(passage.text)
        if match is None:
            return _in_brackets(passage)
        at = match.end()
        subject = find_subject(passage.text[at:])
        if subject is None:
            return None
    if asked and passage.level != NO_MARK:
        subject = replace(subject, asked=True)
    rest = passage.text[at + subject.rest_at :]
    if passage.level == NO_MARK and not subject.asked and at == 0:
        return None
    if not _GIVES_WORK.match(rest) and not (passage.level != NO_MARK and _concludes(subject, rest)):
        return None
    if at:
        # the sentence keeps its opening words; the subject stands inside it
        subject = Subject(subject.units, at + subject.rest_at, subject.asked)
    return Assignment(
        unit=subject.units, text=passage.text, place=passage.place, subject=subject, in_section=False, group=None
    )


def _subject_behind(text: str) -> Subject | None:
    """The units that follow the opening words of a sentence: "Định kỳ hằng quý, các sở, ngành báo cáo …"."""
    match = _OPENING.match(text)
    subject = find_subject(text[match.end() :]) if match is not None else None
    if match is None or subject is None or not _IS_VERB.match(text[match.end() + subject.rest_at :]):
        return None
    return replace(subject, rest_at=match.end() + subject.rest_at)


def _concludes(subject: Subject, rest: str) -> bool:
    """A numbered conclusion: it asks a unit for something ("Yêu cầu Sở X rà soát …"), or sets one a date."""
    if not _IS_VERB.match(rest):
        return False
    timing = None if subject.asked or _GENERIC.match(subject.units) else find_timing(rest)
    return subject.asked or (timing is not None and timing.binding)


def _in_brackets(passage: Passage) -> Assignment | None:
    """A task whose unit stands in brackets behind it: "… (Sở X chủ trì, phối hợp với Sở Y)"."""
    match = _BRACKETS.search(passage.text)
    if match is None or ":" in match.group(1):  # "(Chủ trì: …)" is a list, which ``lists`` reads
        return None
    if _is_told(passage.text[: match.start()]):
        return None
    duties = read_duties(_TIME_IN_BRACKETS.sub("", match.group(1)))
    named = (*duties.lead, *duties.coordinators)
    if not duties.marked or not duties.lead or not all(starts_like_unit(n) or starts_like_group(n) for n in named):
        return None
    return Assignment(
        unit="; ".join(duties.lead),
        text=passage.text,
        place=passage.place,
        subject=None,
        in_section=False,
        group=None,
        helpers=duties.coordinators,
    )


def _is_told(text: str) -> bool:
    """Whether ``text`` only tells what somebody did: "(Trong năm 2025,) Sở X đã …", with nothing that goes on."""
    main = text
    while ADVERBIAL.match(main) or main.lower().startswith(("trong ", "năm ", "đến ", "tính đến ")):
        _, comma, main = main.partition(", ")
        if not comma:
            return False
    told = _TOLD.match(main)
    if told is None or _GOES_ON.search(text):
        return False
    who = told["who"].strip()
    return not who or (HEAD.match(who) is not None and VERB_LIKE_HEAD.match(who) is None and not VERB.search(who))


def find_assignments(blocks: Sequence[Block]) -> list[Assignment]:
    """Every passage of ``blocks`` that gives work to a unit, in reading order.

    Points under a passage that ends with a colon ("… các nội dung sau:") belong to it.
    """
    reader = _Reader()
    found: list[Assignment] = []
    last: Passage | None = None
    for passage in _with_headings_apart(read_passages(blocks)):
        if len(passage.text) > LONGEST_PASSAGE:
            continue
        if last is not None and found and last.text.endswith(":") and _is_point_of(passage, last):
            found[-1] = _extended(found[-1], passage)
            continue
        before = (reader.unit, reader.section)
        assignment = reader.read(passage)
        if assignment is not None:
            found.append(assignment)
        announces = assignment is not None and (reader.unit, reader.section) is not before
        last = passage if announces and len(passage.text) > _SHORT_HEADING else None
    return found


def _with_headings_apart(passages: Sequence[Passage]) -> Iterator[Passage]:
    """The passages, "4. Chế độ báo cáo: Các đơn vị gửi …" as a heading and the sentence after it."""
    for passage in passages:
        match = _INLINE_HEADING.match(passage.text) or _TOPIC.match(passage.text)
        if match is None or passage.level == NO_MARK or find_subject(passage.text) is not None:
            yield passage
            continue
        yield replace(passage, text=match.group("heading"))
        rest = passage.text[match.end() :]
        place = passage.place_at(match.end())
        anchors = ((0, place.offset),) if place.offset is not None else ()
        yield Passage(rest, place, BULLET, "-", anchors=anchors)


def _is_point_of(passage: Passage, parent: Passage) -> bool:
    return passage.level in (BULLET, SUBBULLET, LETTER) and passage.level > parent.level


def _extended(assignment: Assignment, passage: Passage) -> Assignment:
    return replace(assignment, text=f"{assignment.text} {passage.mark} {passage.text}")
