"""Marks of secrecy (dấu chỉ độ mật): Mật, Tối mật, Tuyệt mật, in every way in which offices write them.

A mark is a line, a table cell, a running header, a watermark or a name of a file that says the level and nothing else
(Thông tư 24/2020/TT-BCA); "bí mật nhà nước" as a subject, "bảo mật" or "mật độ" is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from taskflow.documents.model import Block, Paragraph
from taskflow.domain.units import lower_tone, plain

_LEVELS = {"mật": "MẬT", "tốimật": "TỐI MẬT", "tuyệtmật": "TUYỆT MẬT"}
_BARE_LEVELS = {"toimat": "TỐI MẬT", "tuyetmat": "TUYỆT MẬT"}
#: What a recogniser makes of a stamped mark when it misses the accents.
_RECOGNISED = {**_BARE_LEVELS, "mat": "MẬT"}
_LEVEL = r"(?:tuyệt mật|tối mật|mật)"
_SEPARATED = re.compile(r"[\n\t\v]|\s{3,}|(?=\b[Ss]ố\s*:)|(?=\bBản số)")
_URGENT = re.compile(r"\b(?:hỏa tốc hẹn giờ|hỏa tốc|thượng khẩn|khẩn)\b")
_LABEL = re.compile(rf"\b(?:độ|cấp độ|mức) mật ?(?P<colon>[:\-–]?)[ .(\[“\"]*(?P<level>{_LEVEL})\b(?P<rest>.*)$")
_KIND = re.compile(rf"(?:(?:đóng )?dấu|tài liệu|văn bản|hồ sơ|công văn|bản) (?P<level>{_LEVEL})$")
_ENVELOPE = "chỉ người có tên mới được bóc bì"
_NUMBER = re.compile(
    r"^số ?:?[ \d.…_]*[/-][^\s]*?(?:[-/](?P<suffix>đm|m|mật)|[\s(]+(?P<bracket>m|mật|tm|tối mật|tuyệt mật)\)?)$"
)
#: Ends of the line before that make the word part of a title broken over two lines.
_BROKEN_TITLE = re.compile(r"(?:\bbí|\bbảo|\bnội)$")
_ABOUT = re.compile(r"(?:quản lý|bảo vệ|lưu giữ|soạn thảo|sử dụng|tiêu hủy|giao nhận|bàn giao|về|của|các|và|in|sao)$")
_LONGEST_LINE = 120
_HEAD_LINES = 40

_IN_NAME = re.compile(
    r"(?:^|[^\w])(?:MẬT|TỐI MẬT|TUYỆT MẬT)(?:$|[^\w])|[(\[{](?:mật|mat)[)\]}]|\b(?:độ|đo) mật\b(?! độ)",
)
_LEVEL_IN_NAME = re.compile(r"(?:^|[^a-z])(tuyet|toi) ?mat(?:$|[^a-z])")


def find_mark(blocks: Sequence[Block], *, filename: str = "", ocr: bool = False) -> str | None:
    """The level that the document is marked with ("TỐI MẬT"), or None. ``ocr``: its text was recognised."""
    before = letters = ""
    for index, line in enumerate(_lines(blocks)):
        mark = _mark_of(line, before, recognised=ocr and index < _HEAD_LINES)
        # Letters one below the other: M / Ậ / T.
        letters = letters + line if len(line) == 1 else ""
        mark = mark or _LEVELS.get(lower_tone(letters))
        if mark is not None:
            return mark
        before = line
    return _mark_in_name(filename)


def _lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph):
            texts = [block.text]
        else:
            texts = [cell.text for row in block.rows for cell in row if cell.merged_from is None]
        for text in texts:
            text = unicodedata.normalize("NFC", text)
            # Letters with blanks between them ("T Ố I   M Ậ T") are one word, whatever parts them.
            spaced = len(max(text.split(), key=len, default="")) == 1
            for piece in [text] if spaced else _SEPARATED.split(text):
                line = " ".join(piece.split())
                if 0 < len(line) <= _LONGEST_LINE:
                    yield line


def _mark_of(line: str, before: str, *, recognised: bool) -> str | None:
    lowered = lower_tone(line)
    if found := _LABEL.search(lowered):
        others = re.search(rf"{_LEVEL}\b", found["rest"])
        if not others and (found["colon"] or not found["rest"].strip(' .)]”"')):
            return _level(found["level"])
    if _ENVELOPE in lowered:
        return "TUYỆT MẬT"
    if found := _NUMBER.match(lowered):
        short = found["suffix"] or found["bracket"]
        return _LEVELS.get(short.replace(" ", ""), "MẬT")
    if line != line.upper() or _BROKEN_TITLE.search(lower_tone(before)):
        return None
    text = re.sub(r"^[\W_]+|[\W_]+$", "", lowered)
    if (found := _KIND.match(text)) and not _ABOUT.search(lower_tone(before)):
        return _level(found["level"])
    key = re.sub(r"[\W_]+", "", _URGENT.sub("", lowered))
    bare = plain(key)
    return _LEVELS.get(key) or (_RECOGNISED if recognised else _BARE_LEVELS).get(bare)


def _level(text: str) -> str:
    return _LEVELS[text.replace(" ", "")]


def _mark_in_name(filename: str) -> str | None:
    name = re.sub(r"[_.\-–+]+", " ", unicodedata.normalize("NFC", filename.rpartition(".")[0]))
    if found := _LEVEL_IN_NAME.search(plain(name)):
        return _BARE_LEVELS[f"{found[1]}mat"]
    words = re.sub(r"\b(?:BÍ|BẢO|NỘI) MẬT\b|\bMẬT (?:ĐỘ|KHẨU|MÃ|ONG)\b", " ", name)
    return "MẬT" if _IN_NAME.search(words) else None
