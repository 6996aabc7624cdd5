"""Indicators (chỉ tiêu): from tables, and from the targets of running text where a document has no table.

Values are kept exactly as written ("< 3%", "Trên 35%", "???"); nothing is computed from them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from taskflow.documents.grids import Heading, cell, find_heading, is_group_number, is_numbering, texts_of
from taskflow.documents.model import Indicator, Place, RawTable
from taskflow.domain.units import plain

_YEARS = re.compile(r"(20\d\d)(?:\s*[-–]\s*(20\d\d))?")
_BARE_YEAR = re.compile(r"(?:nam )?(20\d\d)")
_PLANNED = re.compile(r"(?:ke hoach|kh|muc tieu|phan dau|du kien|chi tieu|lo trinh)\b")
_NEEDED = frozenset({"name", "target"})


def _role_of(heading: str) -> str | None:
    """The role of a column by its heading; a heading with a year is a value of that year."""
    text = plain(heading)
    year = _YEARS.search(text)
    if re.fullmatch(r"(?:s?tt|so tt|so thu tu)\.?", text):
        return "tt"
    if re.search(
        r"co quan|chu tri|don vi (?:theo doi|phu trach|thuc hien|bao cao|cung cap)|to chuc thuc hien|trach nhiem", text
    ):
        return "lead"
    if re.search(r"don vi(?: tinh)?$|^dvt$|^don vi do|^don vi tinh|^dvi", text):
        return "unit"
    if re.search(r"ghi chu|can cu|nguon so lieu", text):
        return "note"
    if text.startswith("lo trinh"):
        return "target"
    if re.search(
        r"hien (?:tai|trang|co)|thuc trang|thuc hien|\bth (?:nam )?20|uoc|nam goc|co so\b|baseline|ket qua (?:nam|20)|"
        r"dat duoc|xuat phat",
        text,
    ):
        return "current"
    if year or re.search(
        r"^(?:muc tieu|chi tieu (?:den|nam|phan dau)|ket qua|gia tri|ke hoach|phan dau|muc (?:phan dau|dat)|moc)", text
    ):
        return "target"
    if re.search(r"chi tieu|chi so|tieu chi|noi dung|danh muc|muc tieu", text):
        return "name"
    return None


def indicator_heading(rows: Sequence[Sequence[str]]) -> Heading | None:
    """The heading of an indicator table, or None when ``rows`` are something else."""
    heading = find_heading(rows, _role_of, needed=_NEEDED)
    if heading is None:
        return None
    joined = plain(" ".join(heading.texts))
    named = re.search(r"chi tieu|chi so|tieu chi", joined)
    money = re.search(r"kinh phi|thanh tien|du toan|von ", joined)
    deadline = re.search(r"thoi gian|thoi han|tien do|han hoan thanh|phoi hop", joined)
    return heading if named and not money and not deadline else None


def is_indicator_table(table: RawTable) -> bool:
    """Whether ``table`` lists indicators with their targets."""
    return indicator_heading(texts_of(table)) is not None


def extract_indicators(
    tables: Sequence[RawTable], titles: Sequence[str | None] = (), *, issued_on: date | None = None
) -> list[Indicator]:
    """The indicators of the indicator tables among ``tables``, in order.

    ``titles`` are the captions of the tables; a year in a caption, or in a group row ("Đến năm 2030"), is the
    year of a target column that names none. A row of a group has its values empty; a numbered row without
    values is kept, as its parts follow it.
    """
    found: list[Indicator] = []
    for number, table in enumerate(tables):
        title = titles[number] if number < len(titles) else None
        rows = texts_of(table)
        heading = indicator_heading(rows)
        if heading is not None:
            found.extend(_indicators_of(rows, _with_reached(heading, issued_on), title or "", table.place))
    return found


def _with_reached(heading: Heading, issued_on: date | None) -> Heading:
    """The heading with "Năm 2024" before what is planned as the value reached, where no column says so itself.

    A bare year is one when it was over as the document was issued, or when every value behind it is called a plan.
    """
    first, *others = heading.columns("target")
    bare = _BARE_YEAR.fullmatch(plain(heading.texts[first]))
    if bare is None or not others or heading.column("current") is not None:
        return heading
    later = [plain(heading.texts[column]) for column in others]
    years = [int(year) for text in later for year in re.findall(r"20\d\d", text)]
    over = issued_on is not None and int(bare[1]) < issued_on.year <= min(years, default=0)
    if not over and not all(map(_PLANNED.match, later)):
        return heading
    return replace(heading, roles=tuple("current" if at == first else role for at, role in enumerate(heading.roles)))


def _indicators_of(rows: list[list[str]], heading: Heading, title: str, place: Place) -> list[Indicator]:
    found: list[Indicator] = []
    group: str | None = None
    targets = heading.columns("target")
    name_column = heading.column("name")
    for index, row in enumerate(rows[heading.body_from :], start=heading.body_from):
        if is_numbering(row) or not any(row) or tuple(row[: len(heading.texts)]) == heading.texts:
            continue
        tt, name = cell(row, heading.column("tt")), cell(row, name_column)
        values = {column: cell(row, column) for column in targets}
        current = cell(row, heading.column("current"))
        unit, lead = cell(row, heading.column("unit")), cell(row, heading.column("lead"))
        empty = not any(values.values()) and not current
        if not name:
            name, tt = (tt, "") if empty and tt else (name, tt)
        if not name:
            continue
        if empty and not unit and not lead and (not tt or is_group_number(tt)):
            group = name
            continue
        if tt and is_group_number(tt):
            group = None  # a row on the level of the groups: "VI | Thành lập Trung tâm …" with its own values
        found.append(
            Indicator(
                name=name,
                group=group,
                current=current or None,
                targets={
                    _year_of(heading.texts[column], group, title): value for column, value in values.items() if value
                },
                unit_of_measure=unit or None,
                lead=lead or None,
                note=cell(row, heading.column("note")) or None,
                place=Place(place.page, place.table, index + 1, place.sheet, place.offset),
            )
        )
    return found


def _year_of(heading: str, *others: str | None) -> str:
    """The year (or span of years) that a target is for: of its column, else of its group, else of the caption."""
    for text in (heading, *others):
        years = list(_YEARS.finditer(text or ""))
        if years:
            # "Giai đoạn 2026-2030" above "2027": the column is of the year, not of the years that it is among.
            match = next((one for one in years if one.group(2) is None and years[0].group(2)), years[0])
            return match.group(1) if match.group(2) is None else f"{match.group(1)}-{match.group(2)}"
    return heading.strip()
