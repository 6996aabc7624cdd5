"""Report duties (chế độ báo cáo): who reports to whom, and when it comes round again.

They hide in the last sentence of a unit's block ("Định kỳ trước ngày 01 tháng 11 hằng năm gửi Sở X báo
cáo …"). Only a sentence that sets a time or stands under a heading on reporting counts: "kịp thời báo cáo
UBND tỉnh" gives no duty that could be tracked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from taskflow.documents.actors import find_units_at
from taskflow.documents.addressees import addressees, to_addressees
from taskflow.documents.assignments import Assignment, find_assignments
from taskflow.documents.model import Block, Item, ItemSource, Place
from taskflow.documents.passages import sentences
from taskflow.documents.timing import Timing, deadline_of, find_timing
from taskflow.domain.units import split_units

# "gửi" alone may send anything; it reports when a report, results or a summary are what is sent.
_REPORT_VERB = re.compile(r"\bbáo cáo\b|\bgửi\b", re.IGNORECASE)
_SENDS_REPORT = re.compile(r"báo cáo|kết quả|tình hình|để tổng hợp|tổng hợp chung|số liệu", re.IGNORECASE)
_TOWARDS = re.compile(r"(?<!\w)(?:về|gửi|cho|với|lên|tới|đến)\s+(?=\S)")
_NOT_ABOUT = re.compile(
    r"(?:(?<!phòng )(?<!sở )(?<!bộ )(?<!ban )(?<!- )(?<!-)kế hoạch|dự toán|ngân sách)\b[^,;.]*$", re.IGNORECASE
)
_PLAN = re.compile(r"\b(?:xây dựng|ban hành|lập|cụ thể hóa|cụ thể hoá)\b[^;.]{0,60}\bkế hoạch\b", re.IGNORECASE)
_FINISHED = re.compile(r"hoàn thành|\bxong\b|\bgửi\b|ban hành|báo cáo|\btrình\b", re.IGNORECASE)
_VERBS_TRIED = 12  # a sentence with more report verbs is damaged text
_REPORT_SECTION = re.compile(r"báo cáo", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Duty:
    text: str
    place: Place
    recipient: str
    timing: Timing | None
    plan: bool


def extract_reports(blocks: Sequence[Block], *, issued_on: date | None) -> list[Item]:
    """The report duties of ``blocks`` in reading order, as items of source ``REPORT``.

    ``raw`` holds ``sentence``, ``unit`` (who reports), ``recipient`` (to whom, "" where the text is silent)
    and ``type``: ``report``, or ``plan`` for a plan of one's own that is due on a day. The recipient also
    stands among ``columns`` ("Nơi nhận báo cáo").
    """
    items: list[Item] = []
    addressed = addressees(blocks)
    for assignment in find_assignments(blocks):
        for duty in _duties(assignment):
            item = _item(assignment, duty, position=len(items) + 1, issued_on=issued_on)
            items.append(to_addressees(item, addressed))
    return items


def _duties(assignment: Assignment) -> list[_Duty]:
    """At most one report and one plan a passage: the first that its sentences give."""
    report: _Duty | None = None
    plan: _Duty | None = None
    in_report_section = bool(assignment.group and _REPORT_SECTION.search(assignment.group))
    # The units of a subject may be listed with semicolons: sentences are looked for behind it.
    behind = assignment.subject.rest_at if assignment.subject is not None else 0
    for at, part in sentences(assignment.text[behind:]):
        start, after = (0, behind) if at == 0 else (at + behind, 0)
        sentence = assignment.text[:behind] + part if at == 0 else part
        place = _moved(assignment.place, start)
        if report is None:
            report = _report_in(sentence, place, after=after, undated_counts=in_report_section)
            if report is not None:
                continue
        if plan is None:
            plan = _plan_in(sentence, place)
    return [duty for duty in (report, plan) if duty is not None]


def _report_in(sentence: str, place: Place, *, after: int, undated_counts: bool) -> _Duty | None:
    """The first report of ``sentence``; a semicolon before ``after`` stands between the units of its subject."""
    for match in islice(_REPORT_VERB.finditer(sentence), _VERBS_TRIED):
        clause_start = sentence.rfind(";", after, match.start()) + 1
        clause_end = sentence.find(";", match.end())
        clause = sentence[clause_start : clause_end if clause_end >= 0 else len(sentence)]
        verb_at = match.start() - clause_start
        if match.group().casefold() == "gửi" and not _SENDS_REPORT.search(clause[verb_at:]):
            continue
        timing = find_timing(clause, loose_before=verb_at)
        if (
            timing is not None
            and not timing.binding
            and timing.start > verb_at
            and _NOT_ABOUT.search(clause[verb_at : timing.start])
        ):
            timing = None
        if timing is None and not undated_counts:
            continue
        recipient = _recipient(clause, match.end() - clause_start)
        if not recipient:
            continue
        whole = sentence.strip() if clause_start == 0 else clause.strip(" ;")
        return _Duty(whole, _moved(place, clause_start), recipient, timing, plan=False)
    return None


def _recipient(clause: str, after: int) -> str:
    """The units that a report goes to: named right after the verb, or after "về", "gửi", "cho" …"""
    positions = [after, *(m.end() for m in _TOWARDS.finditer(clause, after))]
    for position in positions:
        units = find_units_at(clause, position)
        if units:
            return units
    return ""


def _plan_in(sentence: str, place: Place) -> _Duty | None:
    for start, clause in _clauses(sentence):
        match = _PLAN.search(clause)
        if match is None or not _FINISHED.search(clause[match.end() :]):
            continue
        timing = find_timing(clause[match.end() :])
        if timing is None or not timing.binding or re.search(r"hằng|hàng", timing.reading):
            continue
        timing = Timing(timing.text, timing.start + match.end(), timing.end + match.end(), timing.reading, binding=True)
        sends = re.search(r"\b(?:gửi|báo cáo|trình)\b", clause[match.end() :])
        recipient = _recipient(clause, match.end() + sends.end()) if sends else ""
        return _Duty(clause.strip(" ;"), _moved(place, start), recipient, timing, plan=True)
    return None


def _clauses(sentence: str) -> list[tuple[int, str]]:
    result: list[tuple[int, str]] = []
    start = 0
    for part in sentence.split(";"):
        result.append((start, part))
        start += len(part) + 1
    return result


def _moved(place: Place, by: int) -> Place:
    if place.offset is None or not by:
        return place
    return Place(place.page, place.table, place.row, place.sheet, place.offset + by)


def _item(assignment: Assignment, duty: _Duty, *, position: int, issued_on: date | None) -> Item:
    return Item(
        position=position,
        content=duty.text,
        source=ItemSource.REPORT,
        deadline=deadline_of(duty.timing, issued_on=issued_on),
        lead=split_units(assignment.unit),
        group=assignment.unit,
        group_parent=assignment.group,
        place=duty.place,
        raw={
            "sentence": duty.text,
            "unit": assignment.unit,
            "recipient": duty.recipient,
            "type": "plan" if duty.plan else "report",
        },
        columns={"Nơi nhận báo cáo": duty.recipient} if duty.recipient else {},
        confidence=0.9 if duty.timing is not None and duty.timing.binding else 0.7,
    )
