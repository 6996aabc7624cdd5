"""Targets in running text ("phấn đấu tỷ lệ … đạt 99,7%", "90% trường tiểu học …"), as indicators.

Only percentages, counts out of a whole and values after a named rate are taken, and only where the text speaks
of targets (mục tiêu, chỉ tiêu, phấn đấu, đến năm …). An annex with an indicator table is the better source:
then these are not read (see ``parse``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from taskflow.documents.model import Block, Indicator, Place
from taskflow.documents.passages import BULLET, LONGEST_PASSAGE, NO_MARK, Passage, read_passages, sentences

_ABOUT = re.compile(r"mục tiêu|chỉ tiêu|định hướng đến năm", re.IGNORECASE)
_AIMS = re.compile(r"phấn đấu|mục tiêu|chỉ tiêu|đến (?:hết )?năm 20\d\d", re.IGNORECASE)
_YEAR = re.compile(
    r"(?:đến|hết|cuối|trong|:|^|tiêu)\s*(?:hết\s+|cuối\s+)?(?:năm\s+)?(20\d\d)(?!\s*[-–]\s*20\d\d)", re.IGNORECASE
)
_QUALIFIER = r"(?:(?:trên|dưới|khoảng|tối thiểu|ít nhất|hơn|từ|không quá|tối đa)\s+)?"
_VALUE = (
    rf"{_QUALIFIER}(?<![\d/.,])(?:\d+(?:[.,]\d+)*(?:\s*%?\s*[-–]\s*\d+(?:[.,]\d+)*)?\s*%|"
    rf"(?<!ngày )\d{{1,4}}/\d{{1,4}}(?![\d/%]))"
    rf"(?:\s+trở lên)?"
)
_RATE = re.compile(
    rf"(?P<name>(?:tỷ lệ|tỉ lệ|tỷ trọng|số|mức|chỉ số|tổng)\s[^;:]{{5,160}}?|[^,;:]{{4,120}}?)\s+"
    rf"(?:(?:đạt(?: tỷ lệ)?|lên|là|còn|xuống(?: còn)?|bằng|chiếm)\s+|(?=khoảng\s|trên\s|dưới\s|"
    rf"tối thiểu\s))(?P<value>{_VALUE})",
    re.IGNORECASE,
)
_SHARE = re.compile(
    rf"(?P<value>{_VALUE})\s+(?P<name>[^\W\d_][^;:%]{{6,170}}?)(?=,\s+{_QUALIFIER}\d|\s+và\s+{_QUALIFIER}\d+\s*%|"
    rf"\s+và\s+[^;,]{{5,80}}\bđạt\s+{_QUALIFIER}\d|;|\.?$|,\s*trong đó)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:phấn đấu|tiếp tục|giữ vững|duy trì|nâng|đảm bảo|bảo đảm|cơ bản|tăng|giảm|có|đến (?:hết )?năm \d{4}|"
    r"hằng năm|và|trong đó|"
    r"với|hoàn thành|ưu tiên)\b[\s,:]*)+",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"^(?:Về\s+)?(?:công tác\s+)?(?P<topic>[^:.;]{4,90}):\s+(?=\S)")


def extract_targets(blocks: Sequence[Block]) -> list[Indicator]:
    """The targets that the text of ``blocks`` states, in reading order; values as written."""
    found: list[Indicator] = []
    about = False
    year: str | None = None
    topic: str | None = None
    for passage in read_passages(blocks):
        if _is_heading(passage):
            about = bool(_ABOUT.search(passage.text))
            year, topic = _year_in(passage.text), None
        if len(passage.text) > LONGEST_PASSAGE or (not about and not _AIMS.search(passage.text)):
            continue
        if passage.level <= BULLET:
            topic = _topic_of(passage.text)
            if passage.text.endswith(":"):
                year = _year_in(passage.text) or year
        own_year = year
        for start, sentence in sentences(passage.text):
            own_year = _year_in(sentence) or own_year
            if about or _AIMS.search(sentence):
                found.extend(_targets_of(sentence, own_year, topic, passage.place_at(start)))
    return found


def _topic_of(text: str) -> str | None:
    """What a point is about ("Về chất lượng giáo dục: …"); a topic that only names a year is none."""
    match = _TOPIC.match(text + " .")
    if match is None or re.search(r"\d", match.group("topic")) or _AIMS.search(match.group("topic")):
        return None
    return match.group("topic").strip()


def _is_heading(passage: Passage) -> bool:
    return passage.heading or passage.is_shouted or (NO_MARK < passage.level < BULLET and len(passage.text) < 160)


def _year_in(text: str) -> str | None:
    match = _YEAR.search(text)
    return match.group(1) if match else None


def _targets_of(sentence: str, year: str | None, topic: str | None, place: Place) -> Iterator[Indicator]:
    """The targets of one sentence, clause by clause; a share first ("65% trường mầm non"), else a rate."""
    body = re.sub(r"\([^)]*\)", "", _TOPIC.sub("", sentence) if topic else sentence)
    for clause in re.split(r";|:\s|\.\s", body):
        text = clause.strip(" .")
        taken = -1
        shares = [m for m in _SHARE.finditer(text) if not _follows_verb(text[: m.start()])]
        rest = text
        for share in shares:  # rates are looked for between the shares
            rest = rest[: share.start()] + ";" * (share.end() - share.start()) + rest[share.end() :]
        rates = list(_RATE.finditer(rest))
        for match in sorted([*shares, *rates], key=lambda m: m.start()):
            if match.start() < taken:
                continue
            taken = match.end()
            count = re.fullmatch(r"\D*(\d+)/(\d+)\D*", match.group("value"))
            if count and int(count.group(1)) > int(count.group(2)):
                continue
            name = _OPENING.sub("", match.group("name").strip(" ,.")).strip(" ,.")
            if len(name) < 4:
                continue
            yield Indicator(
                name=name[0].upper() + name[1:],
                group=topic,
                targets={year or "": " ".join(match.group("value").split())},
                place=place,
            )


def _follows_verb(before: str) -> bool:
    """Whether a value belongs to the words before it ("… đạt 90% …") and not to those after it."""
    return bool(re.search(r"(?:đạt|lên|là|còn|bằng|chiếm|xuống)\s+$", before, re.IGNORECASE))
