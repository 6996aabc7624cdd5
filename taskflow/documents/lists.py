"""Label lists: tasks whose lead, coordinators and deadline stand in labelled lines or in brackets behind the task.

"a) Đề án …" then "- Cơ quan chủ trì: …", "- Cơ quan phối hợp: …", "- Thời gian trình: 2023-2024."; or in one
paragraph "1/ … (Đơn vị chủ trì: …; đơn vị phối hợp: …; thời hạn hoàn thành: …)." A passage is a task only
when a label for the lead stands with it: nothing else in running text is imported by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from taskflow.documents.due import read_due
from taskflow.documents.messages import problem
from taskflow.documents.model import PRINTED_LINE, Block, Cell, Item, ItemSource, Paragraph, Place, Problem
from taskflow.documents.tasks import deadline_problems, units_of
from taskflow.domain.units import tidy

_WHO = (
    r"(?:các\s+)?(?:cơ quan|đơn vị|cq|đv|sở,? ban,? ngành|sở,? ngành|ban,? ngành|bộ phận|phòng,? ban|"
    r"cơ quan,\s*đơn vị|đơn vị,\s*cơ quan|tổ chức)"
)
_LABELS = (
    (
        "coordinators",
        rf"(?:{_WHO}\s+)?(?:tham gia\s+)?(?:cùng\s+)?phối hợp(?:\s+(?:thực hiện|triển khai|tham mưu|chính))*",
    ),
    (
        "lead",
        rf"(?:{_WHO}\s+)?(?:chịu trách nhiệm\s+)?(?:chủ trì|đầu mối|chủ trì thực hiện)(?:\s+(?:thực hiện|"
        rf"tham mưu|triển khai|soạn thảo|xây dựng|chính))*",
    ),
    (
        "units",
        rf"(?:{_WHO}\s+(?:thực hiện|được giao|chịu trách nhiệm)|(?:trách nhiệm|phân công|"
        rf"tổ chức)(?:\s+thực hiện)?)",
    ),
    (
        "deadline",
        r"(?:thời gian|thời hạn|thời điểm|tg|hạn|tiến độ|lộ trình|mốc thời gian|hoàn thành)"
        r"(?:\s+(?:thực hiện|hoàn thành|"
        r"trình(?:\s+(?:chính phủ|thủ tướng(?: chính phủ)?|quốc hội|hđnd(?: (?:tỉnh|thành phố|xã|phường))?|"
        r"ubnd (?:tỉnh|thành phố|xã|phường)|bộ trưởng|ban thường vụ(?: (?:tỉnh|thành|đảng) ủy)?))?|"
        r"triển khai|ban hành|báo cáo|xong|kết thúc|gửi|và|dự kiến))*",
    ),
    (
        "product",
        r"(?:dự kiến\s+)?(?:sản phẩm|kết quả)(?:\s*(?:đầu ra|hoàn thành|dự kiến|thực hiện|cần đạt|/\s*kết quả|"
        r",\s*kết quả|chủ yếu))*",
    ),
    ("submitter", r"(?:cơ quan|cấp|nơi)\s+(?:trình|ban hành|phê duyệt|quyết định)(?:\s*[,/]\s*ban hành)?"),
    ("monitor", rf"(?:{_WHO}\s+)?(?:theo dõi|đôn đốc|giám sát)(?:\s*[,/]\s*(?:đôn đốc|kiểm tra|giám sát))*"),
    ("leader", r"(?:lãnh đạo|người|đồng chí|cán bộ|chuyên viên)\s+(?:phụ trách|chỉ đạo|theo dõi)"),
    ("amount", r"(?:nguồn\s+)?kinh phí(?:\s+(?:thực hiện|dự kiến))?"),
    ("content", r"(?:tên\s+)?(?:nhiệm vụ|nội dung(?:\s+(?:công việc|nhiệm vụ|thực hiện))?|công việc)"),
    ("note", r"ghi chú"),
)
_LABEL = re.compile(
    r"(?:^|(?<=[\s(;.,]))[-–+*•●]?\s*(?:"
    + "|".join(f"(?P<{role}>{pattern})" for role, pattern in _LABELS)
    + r")\s*[:：]\s*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^(?P<mark>(?:nhiệm vụ\s+)?\d{1,3}(?:\.\d{1,3}){0,3}|[a-zđ]|[IVX]{1,5}|[A-Z])(?:\s*[.)/:]\s*|[-–]\s+)(?=\S)",
    re.IGNORECASE,
)
_DATE_END = re.compile(r"(?:\d{1,2}|[IVX]{1,3})/\d")  # the rest of "Quý⏎II/2027", no number of a task
_BULLET = re.compile(r"^[-–—+*•●▪]\s*(?=\S)")
_EXTRA = {
    "submitter": "Cấp trình",
    "monitor": "Theo dõi, đôn đốc",
    "leader": "Lãnh đạo phụ trách",
    "amount": "Kinh phí",
    "note": "Ghi chú",
}


@dataclass(slots=True)
class _Task:
    content: str
    tt: str | None
    place: Place
    group: str | None
    group_parent: str | None
    values: dict[str, str] = field(default_factory=dict)


def extract_lists(
    blocks: Sequence[Block], *, issued_on: date | None, plan_year: int | None = None, first_position: int = 1
) -> list[Item]:
    """The tasks of the label lists of a document, in reading order."""
    tasks: list[_Task] = []
    lines = _lines(blocks)
    used: set[int] = set()
    for index in range(len(lines)):
        if index in used:
            continue
        found = _inline(lines, index, used) or _block(lines, index, used)
        if found is not None:
            tasks.append(found)
    return [
        _item(task, position, issued_on, plan_year)
        for position, task in enumerate(tasks, first_position)
        if task.values
    ]


def _lines(blocks: Sequence[Block]) -> list[tuple[str, Place]]:
    """The paragraphs, lines that a page or a converter broke joined to the sentence they go on with."""
    lines: list[tuple[str, Place]] = []
    printed = [len(block.text) for block in blocks if isinstance(block, Paragraph) and block.style == PRINTED_LINE]
    full = 0.8 * max(printed, default=0)
    last = 0  # length of the printed line above; 0 in forms that keep whole paragraphs
    for block in blocks:
        if not isinstance(block, Paragraph):
            lines.append(("", block.place))
            last = 0
            continue
        for piece in re.split(r"\n", block.text):
            text = tidy(piece.replace("\t", " "))
            if not text:
                continue
            wrapped = 0 < full <= last
            last = len(text) if block.style == PRINTED_LINE else 0
            if lines and _goes_on(lines[-1][0], text, wrapped=wrapped):
                lines[-1] = (f"{lines[-1][0]} {text}", lines[-1][1])
            else:
                lines.append((text, block.place))
    return lines


def _goes_on(before: str, text: str, *, wrapped: bool) -> bool:
    """Whether a line is the rest of the one before; ``wrapped`` tells that the one before fills its line of print."""
    if not before or _BULLET.match(text) or (_NUMBERED.match(text) and not _DATE_END.match(text)):
        return False
    labelled = _LABEL.search(before) is not None
    if labelled and before.count("(") > before.count(")"):
        return True
    new_label = _starts_label(text) and (text[:1].isupper() or not wrapped)
    if labelled and wrapped and before.endswith((";", ",", ":")):
        return not new_label
    ended = before.endswith((".", ":", ";", "/."))
    goes_on = text[:1].islower() or wrapped or (labelled and _DATE_END.match(text) is not None)
    return not ended and not new_label and goes_on


def _starts_label(text: str) -> bool:
    match = _LABEL.search(text[:80])
    return match is not None and match.start() <= 3


def _inline(lines: Sequence[tuple[str, Place]], index: int, used: set[int]) -> _Task | None:
    """A task whose labels stand in brackets (or after a full stop) behind it in the same paragraph."""
    text, place = lines[index]
    first = _LABEL.search(text)
    if first is None or first.start() < 12 or _starts_label(text):
        return None
    labels = list(_LABEL.finditer(text))
    roles = {match.lastgroup for match in labels}
    opening = text.rfind("(", 0, first.end())
    bracketed = opening >= 0 and not text[opening + 1 : first.start()].strip(" -–")
    if not bracketed and not (
        text[: first.start()].rstrip().endswith((".", ";", ",", "-", "–", ":")) and len(roles) >= 2
    ):
        return None
    if not roles & {"lead", "units"} or (not bracketed and "lead" not in roles):
        return None
    content = text[: opening if bracketed else first.start()].strip(" -–.;,(")
    task = _task_of(content, place, *_groups(lines, index))
    task.values = _values(text, labels, bracketed=bracketed)
    used.add(index)
    return task if len(task.content) >= 8 else None


def _block(lines: Sequence[tuple[str, Place]], index: int, used: set[int]) -> _Task | None:
    """A task line followed by labelled lines."""
    text, place = lines[index]
    start = _first_label_below(lines, index)
    if start is None or (_starts_label(text) and _LABEL.match(text[:80]) and _role(text) != "content"):
        return None
    labels: dict[str, str] = {}
    taken: list[int] = []
    between = [lines[i][0] for i in range(index + 1, start)]
    position = start
    while position < len(lines):
        line = lines[position][0]
        if not _starts_label(line) or (_role(line) == "content" and labels):
            break
        matches = list(_LABEL.finditer(line))
        for role, value in _values(line, matches, bracketed=False).items():
            if role in labels and role != "content":
                labels[role] = f"{labels[role]}\n{value}"
            else:
                labels[role] = value
        taken.append(position)
        position += 1
        if not labels.get(matches[-1].lastgroup or ""):
            position = _collect_below(lines, position, matches[-1].lastgroup or "", labels, taken)
    if not {"lead", "units"} & set(labels):
        return None
    content = labels.pop("content", "") or _value_after_label(text) or text
    if between:
        content = " ".join([content, *between])
    task = _task_of(content, place, *_groups(lines, index))
    task.values = labels
    used.update([index, *range(index + 1, start), *taken])
    return task


def _collect_below(
    lines: Sequence[tuple[str, Place]], position: int, role: str, labels: dict[str, str], taken: list[int]
) -> int:
    """Bulleted values below an empty label ("Cơ quan phối hợp:" and the units one per line)."""
    found: list[str] = []
    while (
        position < len(lines)
        and _BULLET.match(lines[position][0])
        and not _starts_label(lines[position][0])
        and len(lines[position][0]) < 160
    ):
        found.append(_BULLET.sub("", lines[position][0]))
        taken.append(position)
        position += 1
    if found:
        labels[role] = "\n".join(found)
    return position


def _first_label_below(lines: Sequence[tuple[str, Place]], index: int) -> int | None:
    """Where the labelled lines of a task line begin: right below, or below at most two lines that describe it."""
    text = lines[index][0]
    if not text or (_starts_label(text) and _role(text) != "content"):
        return None
    for offset in (1, 2, 3):
        if index + offset >= len(lines):
            return None
        line = lines[index + offset][0]
        if _starts_label(line) and _role(line) in {"lead", "units", "coordinators", "deadline", "product"}:
            return index + offset
        if not line or _NUMBERED.match(line) or not (_NUMBERED.match(text) or _role(text) == "content"):
            return None
        below = lines[index + offset + 1][0] if index + offset + 1 < len(lines) else ""
        if _BULLET.match(line) and _starts_label(below) and below[0] != line[0]:
            return None  # "- task" above "+ Cơ quan chủ trì": the bulleted line is the task itself
    return None


def _role(text: str) -> str | None:
    match = _LABEL.search(text[:80])
    return match.lastgroup if match and match.start() <= 3 else None


def _value_after_label(text: str) -> str:
    match = _LABEL.search(text[:80])
    return text[match.end() :] if match and match.start() <= 3 and match.lastgroup == "content" else ""


def _values(text: str, labels: Sequence[re.Match[str]], *, bracketed: bool) -> dict[str, str]:
    values: dict[str, str] = {}
    for match, following in zip(labels, [*labels[1:], None], strict=True):
        raw = text[match.end() : following.start() if following else len(text)].strip()
        if bracketed and following is None:
            raw = re.sub(r"\)\s*[.;,]?\s*$", "", raw)
        value = raw.strip(" ;,-–").rstrip(".")
        role = match.lastgroup or ""
        values[role] = f"{values[role]}\n{value}" if role in values and value else values.get(role, value)
    return values


def _task_of(text: str, place: Place, group: str | None, parent: str | None) -> _Task:
    bare = _BULLET.sub("", text)
    number = _NUMBERED.match(bare)
    tt = re.sub(r"(?i)^nhiệm vụ\s+", "", number["mark"]) if number else None
    content = bare[number.end() :] if number else bare
    return _Task(tidy(content).rstrip(" :;"), tt, place, group, parent)


_HEADING = re.compile(
    r"^(?!V/v)(?:(?P<roman>[IVX]{1,5})|(?P<letter>[A-Z])|(?P<number>\d{1,2}(?:\.\d{1,2})*))(?:\s*[.)/]|[-–](?=\s))\s*\S"
)


def _groups(lines: Sequence[tuple[str, Place]], index: int) -> tuple[str | None, str | None]:
    """The headings that the task stands under, the nearest first."""
    own = _HEADING.match(_BULLET.sub("", lines[index][0]))
    seen = {own.lastgroup} if own else set()
    depth_of_own = own["number"].count(".") if own and own["number"] else 0
    found: list[str] = []
    for text, _ in reversed(lines[max(0, index - 400) : index]):
        match = _HEADING.match(text)
        if not match or len(text) > 300 or _LABEL.search(text):
            continue
        kind = match.lastgroup
        if kind == "number" and match["number"].count(".") < depth_of_own and "number-up" not in seen:
            seen.add("number-up")
            found.append(text)
        elif kind not in seen:
            seen.add(kind)
            found.append(text)
        if len(found) == 2 or kind == "letter":
            break
    return (found[0] if found else None, found[1] if len(found) > 1 else None)


#: "Đơn vị thực hiện: A, hoàn thành trong quý IV/2025": the date stands behind the units without a label.
_DATE_BEHIND = re.compile(
    r"\s*[,;]\s*(?:và\s+)?(?P<date>(?:hoàn thành|xong|chậm nhất|trước ngày|trong (?:quý|tháng|năm)\s)[^,;]*)$",
    re.IGNORECASE,
)


def _with_date_apart(values: dict[str, str]) -> dict[str, str]:
    for role in ("coordinators", "lead", "units"):
        behind = _DATE_BEHIND.search(values.get(role, ""))
        if behind is not None and not values.get("deadline"):
            return {**values, role: values[role][: behind.start()], "deadline": behind["date"]}
    return values


def _item(task: _Task, position: int, issued_on: date | None, plan_year: int | None) -> Item:
    values = _with_date_apart(task.values)
    lead, coordinators, problems = units_of(
        values.get("lead", ""), values.get("units", ""), values.get("coordinators", "")
    )
    deadline = read_due(Cell(values.get("deadline", "")), issued_on, plan_year)
    found: list[Problem] = [*problems, *deadline_problems(deadline, issued_on)]
    if not task.content:
        found.append(problem("row.no_content", "content"))
    extra = {_EXTRA[role]: value for role, value in values.items() if role in _EXTRA and value}
    return Item(
        position=position,
        content=task.content,
        source=ItemSource.LIST,
        deadline=deadline,
        lead=lead,
        coordinators=coordinators,
        tt=task.tt,
        group=task.group,
        group_parent=task.group_parent,
        product=values.get("product") or None,
        note=values.get("note") or None,
        place=task.place,
        problems=tuple(found),
        raw={role: value for role, value in values.items() if value},
        columns=extra,
        confidence=round(max(0.2, 0.9 - 0.1 * len(problems)), 2),
    )
