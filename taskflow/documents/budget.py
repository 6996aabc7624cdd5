"""Budget tables (dự toán kinh phí): lines in million đồng, their groups and total, and whether the sums agree."""

from __future__ import annotations

import re
from collections.abc import Sequence

from taskflow.documents.grids import Heading, cell, find_heading, is_numbering, texts_of
from taskflow.documents.model import BudgetLine, Place, Problem, RawTable
from taskflow.domain.units import plain

_NEEDED = frozenset({"content", "amount"})
_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_AMOUNT = re.compile(rf"({_NUMBER})\s*(tỷ|tỉ|triệu|nghìn|ngàn|đồng|đ)?", re.IGNORECASE)
_AT_END = re.compile(r"^(.*?\D)[:\s]\s*(\d{1,3}(?:\.\d{3})+|\d{3,})$")
_TOTAL = re.compile(
    r"(?:tong(?: cong| so(?: tien)?| kinh phi| du toan| muc(?: dau tu)?| gia tri| chi phi| nhu cau| von)?|cong)"
    r"(?: (?:(?:muc|phan|nhom) )?(?:[ivx]+|[a-hk]|\d+(?:\.\d+)*))?(?:\s*\(.*\))?\s*:?"
)
_WHOLE = ("thanh tien", "tong")
# A row merged over all columns: its number and its name stand in one cell.
_LABEL_ROW = re.compile(r"(?:(?P<tt>[IVX]+|[A-HK]|\d{1,2}(?:\.\d+)*)[.)]\s+)?(?P<content>[^\W\d_].{4,})")
_IN_MILLIONS = {
    "tỷ": 1000.0,
    "tỉ": 1000.0,
    "triệu": 1.0,
    "nghìn": 0.001,
    "ngàn": 0.001,
    "đồng": 0.000001,
    "đ": 0.000001,
}
_UNIT_PHRASE = re.compile(r"(tỷ|tỉ|triệu|nghìn|ngàn|1\.?000)?\s*đồng", re.IGNORECASE)


def _role_of(heading: str) -> str | None:
    text = plain(heading)
    if re.fullmatch(r"(?:s?tt|so tt|so thu tu)\.?", text):
        return "tt"
    if re.search(r"nguon|co cau von", text):
        return "source"
    if re.search(r"ghi chu|thuyet minh|giai trinh", text):
        return "note"
    if re.search(
        r"kinh phi|thanh tien|so tien|du toan|nhu cau von|tong muc|muc chi|tong so|gia tri|von dau tu|tong cong", text
    ):
        return "amount"
    if re.search(
        r"^du an$|^cong trinh$|"
        r"noi dung|hang muc|danh muc|nhiem vu|khoan (?:chi|muc)|cong viec|ten (?:du an|cong trinh|de an)|dien giai",
        text,
    ):
        return "content"
    return None


def budget_heading(rows: Sequence[Sequence[str]]) -> Heading | None:
    """The heading of a cost table, or None when ``rows`` are something else (a task table with a cost column too)."""
    heading = find_heading(rows, _role_of, needed=_NEEDED)
    if heading is None:
        return None
    joined = plain(" ".join(heading.texts))
    return (
        None if re.search(r"chu tri|phoi hop|thoi gian (?:thuc hien|hoan thanh)|thoi han|tien do", joined) else heading
    )


def is_budget_table(table: RawTable) -> bool:
    """Whether ``table`` lists costs."""
    return budget_heading(texts_of(table)) is not None


def extract_budget(tables: Sequence[RawTable], titles: Sequence[str | None] = ()) -> list[BudgetLine]:
    """The lines of the cost tables among ``tables``, in order; ``titles`` may name the unit ("ĐVT: tỷ đồng").

    The unit of amounts is read from the amount itself, its column, the caption, else million đồng (triệu đồng),
    as plans have it. A group whose amount stands behind its name ("Nâng cấp trường lớp 260.000") is split.
    """
    found: list[BudgetLine] = []
    for number, table in enumerate(tables):
        rows = texts_of(table)
        heading = budget_heading(rows)
        if heading is not None:
            title = titles[number] if number < len(titles) else None
            found.extend(_lines_of(rows, heading, title or "", table.place))
    return found


def _lines_of(rows: list[list[str]], heading: Heading, title: str, place: Place) -> list[BudgetLine]:
    body = [
        (index, row)
        for index, row in enumerate(rows[heading.body_from :], start=heading.body_from)
        if any(row) and not is_numbering(row) and tuple(row[: len(heading.texts)]) != heading.texts
    ]
    above = " ".join(text for row in rows[: heading.body_from] for text in row)
    numbers = [cell(row, heading.column("tt")).strip(" .") for _, row in body]
    amount_column = _amount_column(heading)
    factor = _factor(heading.texts[amount_column]) or _factor(title) or _factor(above) or 1.0
    lines: list[BudgetLine] = []
    for position, (index, row) in enumerate(body):
        tt, content = numbers[position], cell(row, heading.column("content"))
        amount_text = cell(row, amount_column)
        if plain(content or tt).startswith(("bang chu", "viet bang chu", "ghi chu")):
            continue
        label = next((text for text in (content, tt) if _TOTAL.fullmatch(plain(text))), None)
        total = label is not None
        if label is not None:  # its cells are often merged, so that the amount stands anywhere in the row
            content, tt = label, ""
            amount_text = next((text for text in row if re.fullmatch(_NUMBER, text)), amount_text)
        merged = None if content else _LABEL_ROW.fullmatch(tt)
        if merged is not None:
            tt, content = merged["tt"] or "", merged["content"]
        has_children = any(number.startswith(f"{tt}.") for number in numbers) if tt else False
        behind = _AT_END.match(content)
        if behind and not amount_text and (has_children or sum(1 for text in row if text) <= 2):
            content, amount_text = behind.group(1).strip(" :"), behind.group(2)
        if not content:
            continue
        lines.append(
            BudgetLine(
                content=content,
                tt=tt or None,
                amount_million_vnd=parse_amount(amount_text, factor),
                amount_text=amount_text or None,
                source=cell(row, heading.column("source")) or None if not total else None,
                note=cell(row, heading.column("note")) or None if not total else None,
                is_total=total,
                place=Place(place.page, place.table, index + 1, place.sheet, place.offset),
            )
        )
    return lines


def _amount_column(heading: Heading) -> int:
    """The column of the whole amount: "thành tiền" beside a price, "tổng" beside the years; else the first."""
    columns = heading.columns("amount")
    named = {word: column for column in reversed(columns) for word in _WHOLE if word in plain(heading.texts[column])}
    return next((named[word] for word in _WHOLE if word in named), columns[0])


def _factor(text: str) -> float | None:
    """What one unit of the amounts is in million đồng, when ``text`` names it ("triệu đồng", "1.000 đồng")."""
    match = _UNIT_PHRASE.search(text)
    if match is None:
        return None
    unit = (match.group(1) or "đồng").casefold()
    return 0.001 if unit.startswith("1") else _IN_MILLIONS[unit]


def parse_amount(text: str, factor: float = 1.0) -> float | None:
    """An amount in million đồng, or None where ``text`` holds no single number.

    Dots and commas before three digits separate thousands, a comma before other digits is decimal (Vietnamese
    writing). A unit in the text itself wins over ``factor``, the worth of one unit of the column.
    """
    matches = list(_AMOUNT.finditer(text))
    if len(matches) != 1:
        return None
    number, unit = matches[0].groups()
    value = float(_plain_number(number))
    return round(value * (_IN_MILLIONS[unit.casefold()] if unit else factor), 6)


def _plain_number(number: str) -> str:
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", number):
        return number.replace(".", "").replace(",", ".")
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number):
        return number.replace(",", "")
    return number.replace(",", ".")


_SUM_LINE = re.compile(
    r"(tổng (?:kinh phí|dự toán|nhu cầu|mức|số tiền)[^:]{0,120}?)\s*(?::|là|khoảng)\s*(?:khoảng\s+)?"
    rf"((?:{_NUMBER})\s*(?:tỷ|tỉ|triệu|nghìn|ngàn)?\s*đồng)",
    re.IGNORECASE,
)


def budget_line_in(text: str, place: Place) -> BudgetLine | None:
    """The total that a sentence or a merged row states ("Tổng kinh phí dự kiến từ …: 30.000 triệu đồng …")."""
    match = _SUM_LINE.search(" ".join(text.split()))
    if match is None:
        return None
    content = match.group(1).strip()
    source = re.search(
        r"từ (?:nguồn )?(ngân sách[^,;:(]*?|nguồn [^,;:(]*?)(?=\s+giai đoạn|\s+năm|\s*$)", content, re.IGNORECASE
    )
    return BudgetLine(
        content=content,
        amount_million_vnd=parse_amount(match.group(2)),
        amount_text=match.group(2),
        source=source.group(1) if source else None,
        is_total=True,
        place=place,
    )


def check_budget(lines: Sequence[BudgetLine]) -> list[Problem]:
    """Where a group or the total does not agree with the sum of its parts (code ``budget_sum_differs``).

    Parts without an amount may hide the difference, so then only a sum above the stated amount is reported.
    """
    problems: list[Problem] = []
    parents = _parents(lines)
    for index, line in enumerate(lines):
        if line.amount_million_vnd is None:
            continue
        parts = [part for number, part in enumerate(lines) if parents[number] == index]
        if not parts:
            continue
        known = sum(part.amount_million_vnd for part in parts if part.amount_million_vnd is not None)
        complete = all(part.amount_million_vnd is not None for part in parts)
        difference = known - line.amount_million_vnd
        if abs(difference) < 0.005 or (not complete and difference < 0):
            continue
        name = f"Mục {line.tt} «{line.content}»" if line.tt else f"Dòng «{line.content}»"
        problems.append(
            Problem(
                "budget_sum_differs",
                "amount",
                f"{name} ghi {_money(line.amount_million_vnd)} triệu đồng, nhưng các khoản thành phần cộng lại là "
                f"{_money(known)} triệu đồng (chênh lệch {_money(abs(difference))}). Hãy đối chiếu với văn bản gốc.",
            )
        )
    return problems


def _parents(lines: Sequence[BudgetLine]) -> list[int | None]:
    """For every line the index of the group or total that it is a part of."""
    parents: list[int | None] = [None] * len(lines)
    open_groups: list[tuple[int, int]] = []  # (depth, index)
    start = 0
    for index, line in enumerate(lines):
        if line.is_total:
            for number in range(start, index):
                if parents[number] is None and (not lines[number].is_total or _is_subtotal_of(lines[number], line)):
                    parents[number] = index
            # "Cộng mục I" is one more part of the "Tổng cộng" below it.
            start, open_groups = (start if _is_subtotal(line) else index + 1), []
            continue
        depth = _depth(line.tt)
        while open_groups and open_groups[-1][0] >= depth:
            open_groups.pop()
        if open_groups:
            parents[index] = open_groups[-1][1]
        open_groups.append((depth, index))
    return parents


def _is_subtotal(line: BudgetLine) -> bool:
    return line.is_total and plain(line.content).startswith("cong")


def _is_subtotal_of(line: BudgetLine, total: BudgetLine) -> bool:
    return _is_subtotal(line) and not _is_subtotal(total) and line.place.table == total.place.table


def _depth(tt: str | None) -> int:
    """How deep a number stands: capital letter, Roman, 1, 1.1, 1.1.1, a), "-" and no number deepest."""
    text = (tt or "").strip(" .)")
    if re.fullmatch(r"[IVXLC]+", text):
        return 1
    if re.fullmatch(r"[A-HK]", text):
        return 0
    if re.fullmatch(r"\d+(?:\.\d+)*", text):
        return 2 + text.count(".")
    return 8 if re.fullmatch(r"[a-zđ]", text) else 9


def _money(value: float) -> str:
    """An amount as it is written in Vietnamese: 6.350, 1.234,5."""
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")
