"""The head of a document (thể thức): number, kind, issuer, place and date, title, signer, recipients, marks.

State and party forms are both read ("Số: 156/KH-UBND", "Số 281-KH/ThU"), also with blanks as drafts have
them. Annexes without a letterhead take what their line in brackets says ("Kèm theo Kế hoạch số …").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from rapidfuzz import fuzz

from taskflow.documents.letterhead import closing_lines, head_lines, in_small_letters
from taskflow.documents.model import Block, DocumentHead, Paragraph
from taskflow.documents.secrecy import find_mark
from taskflow.domain.units import lower_tone, plain, starts_like_unit, tidy

_TYPES = (
    "Nghị quyết", "Quyết định", "Chỉ thị", "Quy chế", "Quy định", "Thông cáo", "Thông báo", "Hướng dẫn",
    "Chương trình hành động", "Chương trình", "Kế hoạch", "Phương án", "Đề án", "Dự án", "Báo cáo", "Biên bản",
    "Tờ trình", "Hợp đồng", "Công điện", "Kết luận", "Công văn", "Nghị định", "Thông tư", "Giấy mời",
    "Bản thỏa thuận", "Bản ghi nhớ", "Đề cương",
)  # fmt: skip
_TYPE_BY_NAME = {lower_tone(name): name for name in _TYPES}
_TYPE_BY_CODE = {
    "NQ": "Nghị quyết", "QĐ": "Quyết định", "CT": "Chỉ thị", "QC": "Quy chế", "QYĐ": "Quy định",
    "QĐI": "Quy định", "TC": "Thông cáo", "TB": "Thông báo", "HD": "Hướng dẫn", "CTR": "Chương trình",
    "CTHĐ": "Chương trình hành động", "KH": "Kế hoạch", "PA": "Phương án", "ĐA": "Đề án", "DA": "Dự án",
    "BC": "Báo cáo", "BB": "Biên bản", "TTR": "Tờ trình", "HĐ": "Hợp đồng", "CĐ": "Công điện",
    "KL": "Kết luận", "NĐ": "Nghị định", "TT": "Thông tư", "CV": "Công văn", "QĐ-UBND": "Quyết định",
}  # fmt: skip
_LETTER = r"A-Za-zĐđÀ-Ỵà-ỵ"
_NUMBER = rf"(?:\d[\d\w]*)?\s*[/-]\s*(?:20\d\d\s*[/-]\s*)?[{_LETTER}][{_LETTER}\d&.]*(?:\s*[-/]\s*[{_LETTER}\d&.]+)*"
_NUMBER_LINE = re.compile(rf"^Số\s*(?:hiệu)?\s*[:.]?\s*[.…_]*\s*(?P<number>{_NUMBER})", re.IGNORECASE)
_PLACE_DATE = re.compile(
    r"^(?P<place>[^\d,:;]{2,40}),\s*(?:ngày|"
    r"Ngày)\s*(?P<day>[\d.…_]*)\s*tháng\s*(?P<month>[\d.…_]*)\s*năm\s*(?P<year>[\d.…_]*)"
)
_ENCLOSED = re.compile(
    rf"(?:kèm theo|ban hành kèm theo|"
    r"phụ lục(?: kèm theo)?)\s+(?P<type>[^\d/]{0,60}?)\s*(?:tại [^\d/]{0,60}?)?"
    rf"\bsố\s*[:.]?\s*(?P<number>{_NUMBER})"
    r"(?:[\s,]*ngày\s*(?P<date>[\d\s/.\-]*(?:tháng\s*\d*\s*năm\s*\d*)?))?(?:\s*của\s+(?P<issuer>[^)]+))?",
    re.IGNORECASE,
)
_MOTTO = re.compile(r"cong hoa xa hoi chu nghia|doc lap ?- ?tu do|dang cong san viet nam$")
_BODY = re.compile(
    r"^(?:căn cứ|thực hiện|kính gửi|theo |xét |điều \d|[IVX]+\s*[.)]|[IVX]+[-–]\s|1\s*[.)]|a\)|để |nhằm |"
    r"tiếp tục thực hiện|ngày \d)",
    re.IGNORECASE,
)
_ANNEX = re.compile(r"(?i)phụ lục|biểu (?:số )?\d|mẫu số")
_STAMP = re.compile(r"^(?:dự thảo|bản sao|sao y|công báo|lần \d)", re.IGNORECASE)
_URGENCY = {"khẩn": "Khẩn", "thượng khẩn": "Thượng khẩn", "hỏa tốc": "Hỏa tốc", "hỏa tốc hẹn giờ": "Hỏa tốc"}
_OFFICES = re.compile(
    r"^(?:(?:TM|KT|TL|TUQ|Q|T/M|K/T|T/L)\b.*|(?:PHÓ\s+)?(?:CHỦ TỊCH|GIÁM ĐỐC|BÍ THƯ|TRƯỞNG BAN|"
    r"TRƯỞNG PHÒNG|CHÁNH VĂN PHÒNG|CỤC TRƯỞNG|"
    r"BỘ TRƯỞNG|THỨ TRƯỞNG|HIỆU TRƯỞNG|TỔNG GIÁM ĐỐC|CHI CỤC TRƯỞNG|CHỦ NHIỆM|THỦ TƯỚNG|"
    r"CHÁNH THANH TRA|VIỆN TRƯỞNG|CHÁNH ÁN)\b.*)$"
)
_DEGREE = r"(?:TS|ThS|PGS|GS|(?:BS|DS)(?:CK)?[12I]{0,2}|KS|CN|Dr)"
_PERSON = re.compile(rf"^(?:{_DEGREE}\.?\s*)*[A-ZĐÀ-Ỵ][{_LETTER}]*(?:\s+[A-ZĐÀ-Ỵ][{_LETTER}]*){{1,5}}$")


def read_head(blocks: Sequence[Block]) -> DocumentHead:
    """What the head, the signature and the line in brackets of the annex say; null where they are silent."""
    lines = head_lines(blocks)
    texts = [block.text for block in blocks if isinstance(block, Paragraph)]
    number_at = next((i for i, line in enumerate(lines[:30]) if _NUMBER_LINE.match(line)), None)
    number = _number(lines[number_at]) if number_at is not None else None
    place, issued_on = _place_and_date(lines[:40])
    type_at = _type_line(lines)
    if type_at is not None and number_at is not None and number_at > type_at:
        number_at = number = None  # "số 628/QĐ-TTg" of a broken line in the text, not the document's own
    kind = _type_named(lines[type_at]) if type_at is not None else None
    title = _title_below(lines, type_at) if type_at is not None else None
    subject = next((line for line in lines[:30] if re.match(r"(?i)v/v|về việc\b", line)), None)
    if title is None and subject is not None:
        title = _subject(lines, lines.index(subject))
    issuer = _issuer(lines, number_at, texts)
    enclosed = _enclosed(texts)
    if number is None and enclosed is not None:
        number = re.sub(r"\s+", "", enclosed["number"])
    if issued_on is None and enclosed is not None and number_at is None:
        issued_on = _loose_date(enclosed["date"] or "")
    if issuer is None or not starts_like_unit(issuer):
        issuer = _issuer_in_text(enclosed["issuer"] if enclosed else None, texts, place) or issuer
    if kind is None:
        kind = _type_of_number(number) or _enclosed_type(enclosed) or ("Công văn" if subject and number else None)
    if title is None and number_at is None:
        title = _annex_title(lines)
    plan_year = _plan_year([title] if title is not None else lines[:_TITLE_LINES])
    closing = closing_lines(blocks)
    return DocumentHead(
        number=number, type=kind, issuer=issuer, issued_on=issued_on, title=title, signer=_signer(closing), place=place,
        plan_year=plan_year,
        urgency=_mark(lines, _URGENCY),
        recipients=_recipients(closing),
    )  # fmt: skip


def _number(line: str) -> str:
    match = _NUMBER_LINE.match(line)
    return re.sub(r"\s+", "", match["number"]).rstrip(".") if match else ""


def _place_and_date(lines: Sequence[str]) -> tuple[str | None, date | None]:
    for line in lines:
        match = _PLACE_DATE.match(line)
        if match and len(line) < 90:
            return tidy(match["place"]), _date(match["day"], match["month"], match["year"])
    return None, None


def _date(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):  # 31/02, or digits run together
        return None


def _loose_date(text: str) -> date | None:
    numbers = re.findall(r"\d+", text)
    return _date(*numbers[:3]) if len(numbers) >= 3 else None


def _type_line(lines: Sequence[str]) -> int | None:
    for index, line in enumerate(lines[:40]):
        if _type_named(line) is not None:
            return index
        if _BODY.match(line) and index > 6:
            break
    return None


def _type_named(line: str) -> str | None:
    """The kind of document that a line in capitals names, one misread letter forgiven (scans)."""
    if line != line.upper() or not 6 < len(line) < 30:
        return None
    exact = _TYPE_BY_NAME.get(lower_tone(line).strip(" .:*-"))
    if exact:
        return exact
    wanted = plain(line).strip(" .:*-")
    return next((name for name in _TYPES if fuzz.ratio(plain(name), wanted) >= 88), None)


_LONG_SENTENCE = 100  # characters; a whole sentence of this length under a title is the text of the document


def _title_below(lines: Sequence[str], type_at: int) -> str | None:
    parts: list[str] = []
    for line in lines[type_at + 1 : type_at + 9]:
        bare = line.strip("*_ ")
        if not bare or re.fullmatch(r"[-–—_=*.\s]+", bare):
            if parts:
                break
            continue
        starts_body = (
            _BODY.match(bare)
            and not (parts and bare[:1].islower() and bare[1:2] != ")")
            and (parts or not bare.lower().startswith(("thực hiện", "tiếp tục", "triển khai")))
        )
        if starts_body or bare.startswith("(") or (len(parts) >= 1 and len(bare) > 320) or bare.endswith(":"):
            break
        if parts and parts[-1].endswith((".", ";")):
            break
        if parts and bare[:1].isupper() and bare.endswith(".") and len(bare) > _LONG_SENTENCE:
            break
        if lower_tone(bare) in _TYPE_BY_NAME or _PLACE_DATE.match(bare) or _ANNEX.match(bare):
            break
        parts.append(bare)
    return " ".join(parts).strip() or None


def _subject(lines: Sequence[str], at: int) -> str:
    """The subject of an official letter (V/v …), without its opening words."""
    parts = [re.sub(r"(?i)^(?:v/v|về việc)\s*:?\s*", "", lines[at])]
    for line in lines[at + 1 : at + 5]:
        if _BODY.match(line) or _PLACE_DATE.match(line) or _MOTTO.search(plain(line)) or not line[:1].islower():
            break
        parts.append(line)
    return " ".join(parts)


def _issuer(lines: Sequence[str], number_at: int | None, texts: Sequence[str]) -> str | None:
    if number_at is None:
        return None
    above = [line.strip("*_ ") for line in lines[:number_at]]
    names = [
        line for line in above
        if line and line == line.upper() and any(char.isalpha() for char in line) and not _MOTTO.search(plain(line))
        and not _STAMP.match(line) and lower_tone(line) not in _URGENCY
        and find_mark([Paragraph(line)]) is None and len(line) < 120
    ]  # fmt: skip
    names = [name for name in names if lower_tone(name).strip(" .:") not in _TYPE_BY_NAME]
    if not names:
        return None
    joined = [names[0]]
    for name in names[1:]:
        goes_on = re.match(
            r"(?:tỉnh|thành phố|tp\.?|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu|nhân dân|và)\b(?! ủy| đoàn)",
            lower_tone(name),
        )
        unfinished = re.search(r"(?:và|,|-|nhân dân|tạo|phố)$", lower_tone(joined[-1])) is not None
        if goes_on or (unfinished and not re.match(r"(?:sở|phòng|ban|chi cục|văn phòng)\b", lower_tone(name))):
            joined[-1] = f"{joined[-1]} {name}"
        else:
            joined.append(name)
    if len(joined) > 1 and lower_tone(joined[-1]) in ("ban thường vụ", "ban chấp hành"):
        # Of which committee says only the line above it.
        return f"{in_small_letters(joined[-1], ())} {in_small_letters(joined[-2], texts)}"
    committee = re.fullmatch(r"(?P<what>BAN (?:CHẤP HÀNH|THƯỜNG VỤ)) (?P<where>(?!ĐOÀN|HỘI|ĐẢNG).+)", joined[-1])
    if committee and len(joined) > 1 and re.match(r"(?:đoàn|hội|liên đoàn|công đoàn)\b", lower_tone(joined[-2])):
        # "ĐOÀN TNCS HỒ CHÍ MINH" above "BAN CHẤP HÀNH TỈNH X": the organisation's committee of the province.
        what, body, where = (in_small_letters(part, ()) for part in (committee["what"], joined[-2], committee["where"]))
        return f"{what} {body} {where[:1].lower()}{where[1:]}"
    return in_small_letters(joined[-1], texts)


_ISSUING = re.compile(
    r"(?P<issuer>(?:Ủy ban nhân dân|Uỷ ban nhân dân|UBND|Sở|Bộ|Ban Thường vụ|Đảng ủy|Tỉnh ủy|Thành ủy|"
    r"Huyện ủy|Hội đồng nhân dân|Phòng)"
    r"(?:\s+(?:và|[-–]|nhân dân|tỉnh|huyện|thành phố|xã|phường|đặc khu|thị xã|quận|thị trấn|"
    r"[A-ZĐÀ-Ỵ][^\s,.;()]*,?|trấn|dân|thể thao|tế|vụ|"
    r"chính|môi|học|dục|đào|tạo|công|nghệ|dựng|pháp|hóa|lịch|nghiệp|trường|thương|giáo))*)\s*(?:\([^)]{1,40}\)\s*)?"
    r"(?:ban hành|xây dựng [Kk]ế hoạch|yêu cầu|đề nghị|thông báo|triển khai|hướng dẫn|báo cáo)\b"
)


def _issuer_in_text(enclosed: str | None, texts: Sequence[str], place: str | None) -> str | None:
    if enclosed:
        name = re.split(r"\s+(?:về|phê duyệt|ban hành)\b", tidy(enclosed))[0].strip(" .,;)")
        return re.sub(r"^UBND\b", "Ủy ban nhân dân", name)
    # The last one named before the first part: the others issued what this document rests on.
    issuing = list(_ISSUING.finditer(_preamble(texts)))
    if not issuing:
        return None
    name = re.sub(r"^(?:UBND|Uỷ ban nhân dân)\b", "Ủy ban nhân dân", tidy(issuing[-1]["issuer"]).rstrip(","))
    bare_level = re.search(r"\b(?:tỉnh|huyện|thành phố|xã|phường|đặc khu|thị xã|quận|thị trấn)$", name)
    return f"{name} {place}" if bare_level and place else name


def _preamble(texts: Sequence[str]) -> str:
    """The running text before the first numbered part, line breaks healed."""
    parts: list[str] = []
    for text in texts:
        if parts and re.match(r"(?:I|1|A|a)\s*[.)]\s|Điều 1\b", text) and sum(map(len, parts)) > 200:
            break
        parts.append(tidy(text).replace("\n", " "))
        if sum(map(len, parts)) > 6_000:
            break
    return " ".join(parts)


def _enclosed(texts: Sequence[str]) -> re.Match[str] | None:
    for text in texts:
        if len(text) < 400 and text.lstrip().startswith("("):
            match = _ENCLOSED.search(tidy(text).replace("\n", " "))
            if match:
                return match
    return None


def _enclosed_type(enclosed: re.Match[str] | None) -> str | None:
    if enclosed is None:
        return None
    return _TYPE_BY_NAME.get(lower_tone(enclosed["type"]).strip())


def _type_of_number(number: str | None) -> str | None:
    if not number:
        return None
    codes = re.findall(rf"[{_LETTER}]+", re.sub(r"^\d+", "", number))
    first = codes[0].upper() if codes else ""
    if first in _TYPE_BY_CODE and (len(codes) > 1 or "/" in number):
        return _TYPE_BY_CODE[first]
    return None


_TITLE_LINES = 30
_PLANNED_YEAR = re.compile(
    r"(?<!tháng \d )(?<!tháng \d\d )\bnăm (?P<year>20\d\d)\b(?!\s*[-–/,]\s*(?:năm )?20)", re.IGNORECASE
)
_NOT_PLANNED = re.compile(
    r"(?:đến|từ|trước|sau|kể từ|ban hành|nghị quyết|quyết định)\s+$|"
    r"(?<!pháp )(?<!kỷ )\b(?:luật|pháp lệnh|hiến pháp)\b[^,;]*$",
    re.IGNORECASE,
)


def _plan_year(titles: Sequence[str]) -> int | None:
    """The year that a title plans for; None where it names none or several, or where a law's year stands there."""
    years = {
        int(match["year"])
        for title in titles
        if not _BODY.match(title) and not title.startswith("(")
        for match in _PLANNED_YEAR.finditer(title)
        if not _NOT_PLANNED.search(title[: match.start()])
    }
    return years.pop() if len(years) == 1 else None


def _annex_title(lines: Sequence[str]) -> str | None:
    for index, line in enumerate(lines[:12]):
        match = re.match(r"(?i)^(?:phụ lục|biểu(?: số)?)\s*[IVX\d]*\s*[:.\-]?\s*(?P<rest>.*)$", line)
        if match:
            rest = [match["rest"]] if match["rest"] else []
            for following in lines[index + 1 : index + 6]:
                if following != following.upper() or following.startswith("("):
                    break
                rest.append(following)
            return " ".join(rest) or None
    return None


def _mark(lines: Sequence[str], marks: dict[str, str]) -> str | None:
    for line in lines[:25]:
        text = lower_tone(line).strip(" .:*[]()")
        text = re.sub(r"^(?:độ|mức độ) khẩn\s*:?\s*", "", text)
        if (text in marks and line.strip(" .:*[]()").upper() == line.strip(" .:*[]()")) or (
            text in marks and ":" in line
        ):
            return marks[text]
    return None


def _signer(lines: Sequence[str]) -> str | None:
    """The name below the office of the signer; a draft may lack it."""
    for index, line in enumerate(lines):
        if not _OFFICES.match(line.strip()):
            continue
        for following in lines[index + 1 : index + 12]:
            text = re.sub(r"(?i)^\(?đã ký\)?:?\s*", "", following).strip(" .*_")
            if _OFFICES.match(text) or not text or text.startswith(("-", "(", "Nơi nhận")) or text == text.upper():
                if re.match(r"(?i)phụ lục|[IVX]+\.", text):
                    break
                continue
            if _PERSON.match(text) and len(text) < 50:
                return text
    return _name_after_recipients(lines)


def _name_after_recipients(lines: Sequence[str]) -> str | None:
    """A lone name after the list of recipients, where the office of the signer was lost."""
    start = next((i for i, line in enumerate(lines) if lower_tone(line).startswith("nơi nhận")), len(lines))
    for line in lines[start + 1 : start + 40]:
        if re.match(r"(?i)phụ lục|biểu số|[IVX]+\.", line):
            return None
        if (
            not line.startswith(("-", "–", "+"))
            and _PERSON.match(line)
            and 3 <= len(line.split()) <= 5
            and line != line.upper()
        ):
            return line
    return None


def _recipients(lines: Sequence[str]) -> tuple[str, ...]:
    start = next((i for i, line in enumerate(lines) if lower_tone(line).startswith("nơi nhận")), None)
    if start is None:
        return ()
    found: list[str] = []
    for line in lines[start + 1 : start + 60]:
        if line.startswith(("-", "–", "+")):
            found.append(line.lstrip("-–+ ").rstrip(" ;."))
        elif re.match(r"(?i)phụ lục|biểu số", line):
            break
    return tuple(name for name in found if name)
