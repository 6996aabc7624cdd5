"""Lines of the head of a document, and the spelling of names that are printed in capitals.

A letterhead stands in a borderless table, in two columns parted by spaces, or in lines one below the
other; here all become short lines in reading order. Layout rules: Nghị định 30/2020/NĐ-CP, phụ lục I.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from taskflow.documents.model import Block, Paragraph, RawTable
from taskflow.documents.tables import is_layout
from taskflow.domain.units import lower_tone, plain, tidy

_CUTS = re.compile(
    r"(?=CỘNG HÒA XÃ HỘI|CỘNG HOÀ XÃ HỘI|Độc lập\s*-\s*Tự do|ĐẢNG CỘNG SẢN VIỆT NAM|Nơi nhận\s*:|"
    r"(?<=\S)\s+(?:TM\.|KT\.|T/M|K/T)\s)"
    r"|(?<=\S)\s{3,}(?=[\w ]{2,40},\s*ngày)|(?<=[A-ZĐ])\s+(?=[A-ZĐ][\w ]{1,40}, ngày)"
)


def head_lines(blocks: Sequence[Block], limit: int = 80) -> list[str]:
    """The lines of the first blocks, up to the first table that is no letterhead."""
    lines: list[str] = []
    for block in blocks[_start(blocks) :]:
        if isinstance(block, RawTable):
            if not is_layout(block):
                break
            lines.extend(_cell_lines(block))
        else:
            lines.extend(_split(block))
        if len(lines) >= limit:
            break
    return lines


_MOTTO = re.compile(r"cong hoa xa hoi chu nghia|dang cong san viet nam")
_NUMBER = re.compile(r"(?:^|\t|\n)so\s*[:.]?\s*\d*\s*[/-]\s*[a-z]")


def _start(blocks: Sequence[Block]) -> int:
    """Where the head begins: at the start, or at the lines around the motto (in workbooks also the number)."""
    for index, block in enumerate(blocks):
        if isinstance(block, RawTable):
            opens = is_layout(block)
        else:
            text = plain(block.text) if len(block.text) < 200 else ""
            in_sheet = block.place.sheet is not None
            opens = _MOTTO.search(text) is not None or (in_sheet and _NUMBER.search(text) is not None)
        if opens:
            start = index
            while start and index - start < 8 and _same_run(blocks[start - 1], block):
                start -= 1
            return start
    return 0


def _same_run(before: Block, block: Block) -> bool:
    return isinstance(before, Paragraph) and before.place.sheet == block.place.sheet


def closing_lines(blocks: Sequence[Block]) -> list[str]:
    """Every line of the document's paragraphs and layout tables (signatures may stand before the annexes)."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines.extend(_split(block))
        elif is_layout(block):
            lines.extend(_cell_lines(block))
    return lines


def _split(paragraph: Paragraph) -> list[str]:
    text = re.sub(r"\b(ngày|tháng|năm|Số:?)\t", r"\1 ", paragraph.text)  # blanks of a draft, not columns
    pieces = (piece for line in re.split(r"[\n\t]", text) for piece in _CUTS.split(line))
    return [text for piece in pieces if (text := tidy(piece))]


def _cell_lines(table: RawTable) -> list[str]:
    """The lines column by column: the left column of a letterhead is the issuer, the right one the motto."""
    width = max(len(row) for row in table.rows)
    cells = (
        row[column].text
        for column in range(width)
        for row in table.rows
        if column < len(row) and row[column].merged_from is None
    )
    return [text for cell in cells for line in cell.split("\n") for piece in _CUTS.split(line) if (text := tidy(piece))]


_LEVELS = ("thành phố", "thị trấn", "thị xã", "đặc khu", "tỉnh", "huyện", "quận", "xã", "phường")
_NAMES = (
    "Ủy ban nhân dân", "Hội đồng nhân dân", "Ban Thường vụ", "Ban Chấp hành", "Đảng bộ", "Đảng ủy", "Tỉnh ủy",
    "Thành ủy", "Huyện ủy", "Ủy ban Mặt trận Tổ quốc Việt Nam", "Chính phủ", "Thủ tướng Chính phủ",
    "Văn phòng", "Sở Nội vụ", "Sở Tư pháp", "Sở Tài chính", "Sở Công Thương", "Sở Nông nghiệp và Môi trường",
    "Sở Xây dựng", "Sở Khoa học và Công nghệ", "Sở Văn hóa, Thể thao và Du lịch", "Sở Giáo dục và Đào tạo",
    "Sở Y tế", "Thanh tra", "Sở Dân tộc và Tôn giáo", "Sở Du lịch", "Sở Ngoại vụ", "Sở Kế hoạch và Đầu tư",
    "Sở Giao thông vận tải", "Sở Tài nguyên và Môi trường", "Sở Thông tin và Truyền thông",
    "Sở Lao động - Thương binh và Xã hội", "Sở Nông nghiệp và Phát triển nông thôn", "Công an",
    "Bộ Giáo dục và Đào tạo", "Bộ Nội vụ", "Bộ Tài chính", "Bộ Khoa học và Công nghệ", "Bộ Y tế", "Bộ Tư pháp",
    "Bộ Xây dựng", "Bộ Công Thương", "Đoàn TNCS Hồ Chí Minh", "Đoàn Thanh niên Cộng sản Hồ Chí Minh",
)  # fmt: skip
_KNOWN = {lower_tone(name): name for name in _NAMES}


def in_small_letters(capitals: str, texts: Iterable[str]) -> str:
    """A name in capitals as the document itself spells it elsewhere, or by the rules of capital letters.

    Rule used: Nghị định 30/2020/NĐ-CP, phụ lục II (viết hoa): the level in small letters, the place name with initials.
    """
    if capitals != capitals.upper():
        return capitals
    wanted = lower_tone(capitals)
    for text in texts:
        lowered = lower_tone(text)
        at = lowered.find(wanted)
        found = text[at : at + len(wanted)]
        if at >= 0 and len(lowered) == len(text) and found != found.upper() and found[:1].isupper():
            return found
    return _by_rule(wanted)


def _by_rule(lowered: str) -> str:
    level = re.search(rf"\b({'|'.join(_LEVELS)})\s+(?!ủy\b)(\S.*)$", lowered)
    unit = lowered[: level.start()].strip() if level else lowered
    spelled = _KNOWN.get(unit) or _longest_known(unit) or _school_or_hospital(unit) or unit[:1].upper() + unit[1:]
    if not level:
        return spelled
    place = " ".join(_initials(word) for word in level[2].split())
    name = f"{level[1]} {place}"
    return f"{spelled} {name}" if spelled else name[:1].upper() + name[1:]


_SCHOOLS = (
    "trung học phổ thông", "trung học cơ sở", "tiểu học", "mầm non", "mẫu giáo", "đại học", "cao đẳng", "trung cấp",
    "chính trị", "đa khoa", "chuyên khoa",
)  # fmt: skip
_SHORT_KINDS = r"(?:thpt|thcs|th|mn|ptdtbt|ptdtnt|pt|gdtx|gdnn)"
_NAMED_PLACE = re.compile(
    rf"(?P<kind>(?:trường|bệnh viện)(?: (?:{'|'.join(_SCHOOLS)}|{_SHORT_KINDS}(?:[-&]{_SHORT_KINDS})*|và|&))*)"
    r"(?: (?P<name>.+))?"
)


def _school_or_hospital(unit: str) -> str | None:
    """ "trường thpt lê hồng phong": kind and abbreviation, then a proper name with initials."""
    found = _NAMED_PLACE.fullmatch(unit)
    if found is None:
        return None
    kind = re.sub(rf"\b{_SHORT_KINDS}\b", lambda short: short.group().upper(), found["kind"])
    for words in _SCHOOLS:
        kind = kind.replace(words, words[:1].upper() + words[1:])
    kind = kind[:1].upper() + kind[1:]
    return " ".join([kind, *(_initials(word) for word in (found["name"] or "").split())])


def _initials(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))


def _longest_known(unit: str) -> str | None:
    for lowered, name in sorted(_KNOWN.items(), key=lambda item: -len(item[0])):
        if unit.startswith(lowered + " "):
            return name + " " + " ".join(_initials(word) for word in unit[len(lowered) :].split())
    return None
