"""Which column of a table is what: roles from headings (one row or two), synonyms, and from the cells themselves.

The synonyms are those of DOMAIN.md 0 and of published plans. A role is a guess with a confidence; a
reviewer can set every role by hand (``ParseOverrides``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from taskflow.documents.cells import (
    Row,
    cell_texts,
    is_ditto,
    is_number,
    looks_like_deadline,
    looks_like_units,
    most_text,
    unit_share,
)
from taskflow.documents.column_words import PATTERNS
from taskflow.documents.legends import without_legend
from taskflow.documents.marks import mark_columns
from taskflow.documents.model import Cell
from taskflow.domain.units import plain, starts_like_unit

# Roles of a column. "units" is a cell that may hold lead and coordinators together.
ROLES = (
    "tt",
    "code",
    "content",
    "lead",
    "coordinators",
    "units",
    "deadline",
    "start",
    "product",
    "note",
    "monitor",
    "leader",
    "submitter",
    "progress",
    "name",
    "unit_of_measure",
    "current",
    "target",
    "amount",
    "source",
    "mark",
    "other",
)


_COMPILED = tuple((role, re.compile(pattern)) for role, pattern in PATTERNS)


_EXTRA_SOURCE = re.compile(r"nguon (?:kinh phi|von)|^nguon\b")


_CONTENT_FIRST = re.compile(
    r"^(?:ten|noi dung|danh muc|mo ta) (?:nhiem vu|cong viec|noi dung|giai phap|hoat dong|de an)|"
    r"^(?:cac )?nhiem vu(?:,| va|/| -|$)|^noi dung(?:,|$)"
)


_LONGEST_LABEL = 300  # characters: more are no heading, and the patterns would take long to say so


def role_of(label: str) -> str | None:
    """The role that a heading names, or None. ``label`` may join two heads: "Trách nhiệm thực hiện > Chủ trì"."""
    *parents, child = label.split(" > ")
    return _plain_role(child) or next((role for parent in reversed(parents) if (role := _plain_role(parent))), None)


def _plain_role(label: str) -> str | None:
    if len(label) > _LONGEST_LABEL:
        return None
    label = without_legend(label)
    text = plain(re.sub(r"\((?!.*(?:chủ trì|phối hợp)|%).*?\)", " ", label)).replace("(%)", "%").strip(" .:*-")
    text = re.sub(r"\s*-\s*", " ", text) if text.count("-") > 1 else text
    if not text:
        return None
    if _CONTENT_FIRST.search(text):
        return "content"
    if _EXTRA_SOURCE.search(text):
        return "source"
    return next((role for role, pattern in _COMPILED if pattern.search(text)), None)


_NUMBER_CELL = re.compile(r"^\(?\s*(?:\d{1,2}|[A-Z])\s*\)?(?:\s*=.*)?$")


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a table: its row indices, one label and one role per column, and how sure that is."""

    rows: tuple[int, ...]
    labels: tuple[str, ...]
    roles: tuple[str, ...]
    confidence: float

    def column(self, role: str) -> int | None:
        """The first column with a role."""
        return self.roles.index(role) if role in self.roles else None

    def columns(self, role: str) -> list[int]:
        """Every column with a role."""
        return [index for index, found in enumerate(self.roles) if found == role]


def read_head(rows: Sequence[Row], limit: int = 12) -> Head | None:
    """The best heading among the first ``limit`` rows, or None when no row reads like one."""
    best: tuple[float, int] | None = None
    for index, row in enumerate(rows[:limit]):
        score = head_score(row)
        if score > 0 and (best is None or score > best[0] + 0.5):
            best = (score, index)
    return None if best is None else _head_at(rows, best[1])


def head_score(row: Row) -> float:
    """How much a row reads like a heading: 0 when it does not; about one point a recognised column."""
    texts = [cell.text for cell in row if cell.text and cell.merged_from is None]
    if len(texts) < 2 or is_number(texts[0]) or any(len(text) > 160 for text in texts):
        return 0
    if sum(text[:1].islower() for text in texts) * 2 > len(texts) or any(map(is_ditto, texts)):
        return 0  # the rest of a row that a page cut; a row that repeats the one above
    roles = [_label_role(text) for text in texts]
    known = {role for role in roles if role}
    if len(known) < 2 or sum(role is not None for role in roles) * 2 < len(texts):
        return 0
    if not known & {"content", "name", "lead", "units", "coordinators", "amount", "target"}:
        return 0
    values = sum(1 for text in texts if is_number(text) or re.search(r"\d{1,2}/\d{1,4}|;$|[^Tt]\.$", text))
    named = sum(
        1
        for text, role in zip(texts, roles, strict=True)
        if role is None and (looks_like_units(text) or looks_like_deadline(text))
    )
    score = len(known) + 0.5 * (len(roles) - roles.count(None)) / len(roles) + ("tt" in known) - 2 * values - 2 * named
    return score if score >= 2 else 0


_VERBS = re.compile(
    r"^(?:xay dung|to chuc|trien khai|ra soat|tham muu|hoan thanh|ban hanh|tiep tuc|day manh|"
    r"tang cuong|quan triet|thanh lap|"
    r"kiem tra|danh gia|so ket|tong ket|phat trien|nang cao|cap nhat|tuyen truyen|pho bien|mo lop|"
    r"dau tu|sua doi)\b(?! thuc hien$)"
)


_OWN_NAME = re.compile(
    r"^(?:Sở|UBND|Ủy ban|Uỷ ban|Phòng|Công an|Trung tâm|Ban|Bộ|Văn phòng|Hội|Trường|Trạm) (?P<rest>[^,/]*)|"
    r"^[Cc]ác (?!(?:nhiệm vụ|nội dung|hoạt động|công việc|giải pháp|(?:cơ quan|đơn vị) (?:chủ trì|phối hợp))\b)"
)


def _label_role(text: str) -> str | None:
    """The role of a text that could be a heading: short, no sentence, no unit's own name."""
    text = without_legend(text)
    own = _OWN_NAME.match(text)
    named = own and (own["rest"] is None or any(char.isupper() or char == "&" for char in own["rest"]))
    if len(text) > 90 or ";" in text or _VERBS.match(plain(text)) or (named and text != text.upper()):
        return None
    role = _plain_role(text)
    if role in {"target", "current"} and not re.match(
        r"(?:nam|chi tieu|muc tieu|ke hoach|kh|th|hien|thuc hien|uoc|phan dau|giai doan|ket qua|den|20\d\d|"
        r"gia tri|thuc trang)\b",
        plain(text),
    ):
        return None
    return role


def _head_at(rows: Sequence[Row], index: int) -> Head:
    width = max(len(row) for row in rows)
    used = [index]
    labels = _labels(rows[index], width)
    following = index + 1
    if following < len(rows) and is_sub_head(rows[index], rows[following]):
        labels = _join_labels(labels, rows[following], width)
        used.append(following)
        following += 1
    elif index and _is_super_head(rows[index - 1], rows[index]):
        labels = _join_labels(_labels(rows[index - 1], width), rows[index], width)
        used.insert(0, index - 1)
    if following < len(rows) and is_number_row(rows[following]):
        used.append(following)
    roles = assign_roles(labels, rows[used[-1] + 1 :])
    known = sum(role != "other" for role in roles)
    filled = sum(bool(label) for label in labels) or 1
    return Head(tuple(used), tuple(labels), tuple(roles), round(min(1.0, 0.5 + 0.5 * known / filled), 2))


def _labels(row: Row, width: int) -> list[str]:
    return [" ".join(cell.text.split()) for cell in row] + [""] * (width - len(row))


def is_sub_head(row: Row, below: Row) -> bool:
    """Whether ``below`` goes on with the heading ``row`` ("Chủ trì", "Phối hợp" under "Trách nhiệm thực hiện")."""
    if is_number_row(below):
        return False
    new = [(index, cell.text) for index, cell in enumerate(below) if cell.text and not _copied(row, cell, index)]
    if not new or any(len(text) > 60 for _, text in new) or len(new) >= max(2, len(below)):
        return False
    roles = [_plain_role(text) for _, text in new]
    named = sum(1 for role in roles if role not in {None, "tt"})
    if named * 2 < len(new) or any(starts_like_unit(text) and _plain_role(text) is None for _, text in new):
        return False
    # Each new label stands below a merged or an empty cell of the heading, or below a wider heading.
    return all(
        index >= len(row)
        or not row[index].text
        or row[index].merged_from is not None
        or (index + 1 < len(row) and (row[index + 1].merged_from is not None or not row[index + 1].text))
        or _plain_role(row[index].text) in {"units", "deadline", "amount", None}
        for index, _ in new
    )


def _copied(row: Row, cell: Cell, index: int) -> bool:
    return index < len(row) and cell.text == row[index].text and cell.merged_from is not None


def _is_super_head(above: Row, row: Row) -> bool:
    """Whether the row above holds wider headings of this one (it was too poor to be found by itself)."""
    texts = [cell.text for cell in above if cell.text and cell.merged_from is None]
    copies = sum(1 for index, cell in enumerate(row) if _copied(above, cell, index))
    return bool(texts) and (
        copies > 0 or (len(texts) > 1 and sum(1 for text in texts if _plain_role(text)) * 2 >= len(texts))
    )


def _join_labels(labels: list[str], below: Row, width: int) -> list[str]:
    joined, parent = [], ""
    for index in range(width):
        text = labels[index]
        parent = text or parent
        child = " ".join(below[index].text.split()) if index < len(below) else ""
        if child and child != text:
            joined.append(f"{parent} > {child}" if parent else child)
        else:
            joined.append(text)
    return joined


def is_number_row(row: Row) -> bool:
    """Whether the row only numbers the columns: "(1) (2) (3)" or "A B 1 2"."""
    texts = [cell.text.strip() for cell in row if cell.text.strip() and cell.merged_from is None]
    if len(texts) < 3 or not all(_NUMBER_CELL.match(text) for text in texts):
        return False
    numbers = [int(match) for text in texts if (match := re.sub(r"\D.*", "", text.strip("( )")))]
    return len(numbers) >= 2 and all(b - a == 1 for a, b in pairwise(numbers))


def assign_roles(labels: Sequence[str], body: Sequence[Row]) -> list[str]:
    """One role per column: from its heading, corrected and completed by what its cells hold."""
    roles = [role_of(label) or "other" for label in labels]
    crossed = mark_columns(labels, body)
    roles = ["mark" if index in crossed else "other" if role == "mark" else role for index, role in enumerate(roles)]
    if "name" in roles and "unit_of_measure" not in roles:
        # "Đơn vị" beside "Chỉ tiêu" is the unit of measure, unless its cells name agencies.
        for index, label in enumerate(labels):
            if roles[index] == "units" and plain(label) == "don vi" and unit_share(body, index) < 0.5:
                roles[index] = "unit_of_measure"
    if (
        "content" not in roles
        and "name" in roles
        and {"deadline", "lead", "coordinators", "units"} & set(roles)
        and "target" not in roles
        and "unit_of_measure" not in roles
    ):
        roles[roles.index("name")] = "content"
    _keep_one(roles, "content", body, most_text)
    for role in ("tt", "code", "product", "coordinators"):
        _keep_one(roles, role, body, None)
    if "content" not in roles and "name" not in roles:
        free = [index for index, role in enumerate(roles) if role == "other" and labels_or_cells(labels, body, index)]
        if free:
            longest = max(free, key=lambda index: most_text(body, index))
            if most_text(body, longest) > 25:
                roles[longest] = "content"
    _guess_from_cells(roles, labels, body)
    if "lead" not in roles and "units" in roles:
        _name_units(roles, labels, body)
    if "lead" not in roles and "units" not in roles:
        # Plans of schools and of small units name persons only: "Người phụ trách" leads where nobody else does.
        for index, role in enumerate(roles):
            if role == "leader" and re.search(r"phu trach|thuc hien", plain(labels[index])):
                roles[index] = "lead"
                break
    return roles


def labels_or_cells(labels: Sequence[str], body: Sequence[Row], index: int) -> bool:
    """Whether a column has a heading or any text at all."""
    return bool(labels[index]) or any(index < len(row) and row[index].text for row in body)


def _keep_one(roles: list[str], role: str, body: Sequence[Row], judge: object) -> None:
    found = [index for index, name in enumerate(roles) if name == role]
    if len(found) < 2:
        return
    best = max(found, key=lambda index: most_text(body, index)) if judge is most_text else found[0]
    for index in found:
        if index != best:
            roles[index] = "other"


def _guess_from_cells(roles: list[str], labels: Sequence[str], body: Sequence[Row]) -> None:
    """Give columns without a known heading the role that their cells speak for."""
    for index, role in enumerate(roles):
        if role != "other":
            continue
        texts = cell_texts(body, index)
        if len(texts) < 2:
            continue
        if "tt" not in roles and index <= 1 and sum(is_number(text) for text in texts) >= 0.7 * len(texts):
            roles[index] = "tt"
        elif labels[index] and (role_of(labels[index]) or _plain_role(labels[index])):
            continue
        elif "deadline" not in roles and sum(looks_like_deadline(text) for text in texts) >= (
            0.9 if labels[index] else 0.6
        ) * len(texts):
            roles[index] = "deadline"
        elif labels[index]:
            continue
        elif "lead" not in roles and "units" not in roles and unit_share(body, index) >= 0.6:
            roles[index] = "units"


def _name_units(roles: list[str], labels: Sequence[str], body: Sequence[Row]) -> None:
    """Without an explicit lead column the first "units" column leads; a second one coordinates."""
    units = [index for index, role in enumerate(roles) if role == "units"]
    named = [index for index in units if unit_share(body, index) >= 0.3] or units
    for index in units:
        if index != named[0]:
            roles[index] = "coordinators" if "coordinators" not in roles and index in named else "other"
    if "coordinators" in roles and "phan cong" not in plain(labels[named[0]]):
        roles[named[0]] = "lead"
