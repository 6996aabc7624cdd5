"""Other documents that a document rests on, executes, replaces, amends or mentions.

Căn cứ and what is executed (thực hiện, triển khai) are read from the opening of the text, what is replaced or amended
from the sentences that say so; every other number that is cited anywhere is a mention (viện dẫn).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from taskflow.documents.model import Block, DocumentReference, RawTable
from taskflow.documents.passages import LONGEST_PASSAGE, PART, ROMAN, Passage, read_passages

_TYPES = (
    "nghị quyết|nghị định|quyết định|chỉ thị|kết luận|kế hoạch|chương trình hành động|chương trình|"
    "thông tư liên tịch|thông tư|"
    "công văn|thông báo|đề án|báo cáo|quy định|quy chế|hướng dẫn|công điện|luật|pháp lệnh|văn bản|tờ trình|lệnh"
)
# State: 628/QĐ-TTg, 80/2017/NĐ-CP, 341/KH-UBND; party: 51-KL/TW, 05-NQ/HU, 281-KH/ThU; laws: 77/2015/QH13.
_NUMBER = r"\d{1,5}(?:/\d{4})?(?:\s*[/-]\s*[A-ZĐa-zđ&]{1,12}(?:\d{1,2})?(?:\s*[-/]\s*[A-ZĐÀ-Ỵa-zđ&]{1,12}\d{0,2}){0,3})"
_CITED = re.compile(rf"(?P<type>{_TYPES})\s+(?:số\s*:?\s*)?(?P<number>{_NUMBER})", re.IGNORECASE)
_DATE = re.compile(
    r"^\s*,?\s*ngày\s+(?:(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})|"
    r"(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(\d{4}))",
    re.IGNORECASE,
)
# Laws are cited by name, without their number: "Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025".
_LAW = re.compile(
    r"(?P<number>(?:Bộ luật|Luật|Pháp lệnh)\s+[^\W\d_][^,;.()]*?)(?=\s+(?:ngày|số|năm|được)\b|\s*[,;.()]|\s*$)"
)
_BASIS = re.compile(
    r"(?:căn cứ|thực hiện|triển khai thực hiện|triển khai|theo|xét đề nghị|tiếp tục triển khai)\b", re.IGNORECASE
)
_REPLACES = re.compile(r"thay thế|bãi bỏ|hết hiệu lực", re.IGNORECASE)
_AMENDS = re.compile(r"sửa đổi|bổ sung|điều chỉnh", re.IGNORECASE)
# The title of the document itself: "Sửa đổi, bổ sung Kế hoạch số 245/KH-UBND …", "Về việc điều chỉnh …".
_CHANGING_TITLE = re.compile(
    r"(?:(?:v/v|về việc|về)\s+)?(?:ban hành\s+)?(?:(?P<replaces>thay thế)|sửa đổi|bổ sung|điều chỉnh)\b",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(r"\b(?:này|theo)\b", re.IGNORECASE)
_SELF = re.compile(
    r"(?:kế hoạch|quyết định|nghị quyết|thông tư|quy chế|quy định|văn bản|chỉ thị|chương trình)\s+này\b", re.IGNORECASE
)
_EXECUTES = re.compile(r"(?:tiếp tục )?(?:triển khai|thực hiện)\b", re.IGNORECASE)
# A number without the word of its type: "theo 32/KH-UBND", "51-KL/TW".
_BARE = re.compile(
    r"(?<![\w/.-])(?P<number>\d{1,5}(?:/\d{4})?[/-](?:NQ|NĐ|QĐ|CT|KL|KH|CTr|TT|TTr|CV|TB|ĐA|BC|HD|CĐ|QC|QH)\d{0,2}"
    r"[-/][A-ZĐ][A-Za-zĐđ&]{1,11})\b"
)
_ITSELF = re.compile(r"kèm theo\s*$", re.IGNORECASE)
_MOST_MENTIONS = 200
_OPENING_PASSAGES = 40
_TITLE_PASSAGES = 15


def find_references(blocks: Sequence[Block]) -> list[DocumentReference]:
    """The links of a document to others, each number once per relation, in the order of the text; mentions come last.

    In a căn cứ the first document of each clause is the basis; those it "executes" in its turn are not. A law
    that is cited without its number has its name in place of the number.
    """
    found: list[DocumentReference] = []
    places: dict[tuple[str, str], int] = {}
    opening = True
    for position, passage in enumerate(read_passages(blocks)):
        if opening and (position >= _OPENING_PASSAGES or passage.level in (PART, ROMAN)):
            opening = False
        if len(passage.text) > LONGEST_PASSAGE:
            continue
        for reference in _references_of(passage, opening=opening, may_be_title=opening and position < _TITLE_PASSAGES):
            # What the title executes stands among the căn cứ as well, there with its date.
            kind = "basis" if reference.relation == "executes" else reference.relation
            key = (kind, reference.number.casefold())
            if key not in places:
                places[key] = len(found)
                found.append(reference)
            elif found[places[key]].issued_on is None:
                found[places[key]] = replace(found[places[key]], issued_on=reference.issued_on)
    return [*found, *_mentions(blocks, {number for _relation, number in places})]


def _mentions(blocks: Sequence[Block], stated: set[str]) -> Iterator[DocumentReference]:
    """Numbers cited anywhere, cells of tables included, that stand in no other relation."""
    seen = set(stated)
    cells = (cell.text for block in blocks if isinstance(block, RawTable) for row in block.rows for cell in row)
    for text in (*(passage.text for passage in read_passages(blocks)), *cells):
        if len(text) > LONGEST_PASSAGE:
            continue
        for match in (*_CITED.finditer(text), *_BARE.finditer(text)):
            number = _number_of(match)
            is_known = number.casefold() in seen
            seen.add(number.casefold())
            if is_known or _ITSELF.search(text[: match.start()]):
                continue
            around = text[max(0, match.start() - 80) : match.end() + 160]
            yield DocumentReference(number, "mentions", around.strip(" ;."), _date_after(text, match.end()))
            if len(seen) - len(stated) >= _MOST_MENTIONS:
                return


def _references_of(passage: Passage, *, opening: bool, may_be_title: bool) -> Iterator[DocumentReference]:
    text = passage.text
    if opening and _BASIS.match(text):
        # the title of the document often follows: only what stands before "ban hành kế hoạch …" is basis
        rests = "executes" if _EXECUTES.match(text) else "basis"
        for clause in re.split(r";\s*", text):
            match = _CITED.search(clause) or _LAW.search(clause)
            if match is not None:
                yield _reference(match, clause, rests)
        return
    if may_be_title and (title := _CHANGING_TITLE.match(text)) is not None:
        cited = _CITED.search(text)
        if cited is not None and not _OTHERWISE.search(text[: cited.start()]):
            yield _reference(cited, text, "supersedes" if title["replaces"] else "amends")
            return
    if not _SELF.search(text):
        return
    for sentence in re.split(r"(?<=[.;])\s+", text):
        relation = _relation_of(sentence)
        if relation is None:
            continue
        for match in _CITED.finditer(sentence):
            yield _reference(match, sentence, relation)


def _relation_of(sentence: str) -> str | None:
    if not _SELF.search(sentence):
        return None
    if _REPLACES.search(sentence):
        return "supersedes"
    return "amends" if _AMENDS.search(sentence) else None


def _reference(match: re.Match[str], text: str, relation: str) -> DocumentReference:
    return DocumentReference(
        number=_number_of(match),
        relation=relation,
        text=text.strip(" ;."),
        issued_on=_date_after(text, match.end()),
    )


def _number_of(match: re.Match[str]) -> str:
    """The số ký hiệu without stray spaces, or the name of a law with single ones."""
    spacing = " " if match.re is _LAW else ""
    return spacing.join(match.group("number").split())


def _date_after(text: str, position: int) -> date | None:
    """The date written right after a number, or None where there is none or it does not exist."""
    match = _DATE.match(text[position:])
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None
