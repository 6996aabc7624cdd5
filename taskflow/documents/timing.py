"""The explicit time phrases of running text: what may be called the deadline of a duty.

Only a phrase that binds ("trước ngày 30/11", "hoàn thành trong quý IV/2024", "định kỳ hằng năm") counts.
The date of a cited document, a planning period ("giai đoạn 2026-2030") and the year of a target ("đến năm
2030") are no deadlines. What the phrase means is read by ``taskflow.domain.language``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.language import read_deadline

_YEAR = r"(?:\s*(?:/|năm)\s*\d{4})"
_EVERY = r"(?:hằng|hàng|mỗi)\s+(?:năm|quý|tháng|tuần|ngày|6 tháng)(?!\s+(?:tuổi|thứ))"
_DAY = (
    rf"(?:ngày\s+\d{{1,2}}\s+tháng\s+\d{{1,2}}(?:{_YEAR})?|"
    rf"(?:ngày\s+)?\d{{1,2}}\s*[/.-]\s*\d{{1,2}}(?:\s*[/.-]\s*\d{{4}})?"
    rf"(?![/\d-]|\s*%)|ngày\s+\d{{1,2}}(?![/\d]))"
)
_WEEK = (
    r"tuần\s+(?:thứ\s+)?(?:[1-5]|I{1,3}|IV|đầu(?:\s+tiên)?|cuối|nhất|hai|ba|tư)\s+(?:của\s+)?"
    rf"tháng\s+\d{{1,2}}{_YEAR}?"
)
_MONTH = (
    rf"(?:{_WEEK}|(?:(?:đầu|giữa|cuối|hết)\s+)?(?:tháng\s+\d{{1,2}}(?:{_YEAR})?|quý\s+(?:IV|I{{1,3}}|"
    rf"[1-4])(?![\w])(?:{_YEAR})?|\d{{1,2}}/\d{{4}}))"
)
_SPAN = (
    r"(?:0?6\s+tháng\s+(?:đầu|cuối)\s+năm(?:\s+\d{4})?|học kỳ\s+\w+|(?:hết\s+)?năm\s+\d{4}|"
    r"năm học\s+\d{4}\s*[-–]\s*\d{4})"
)
_CLOCK = r"(?:\d{1,2}\s*(?:giờ|[hg:])\s*(?:\d{2})?(?:\s*phút)?,?\s+)"
_BEFORE = (
    r"(?:trước|chậm nhất(?:\s+là)?(?:\s+vào)?(?:\s+đến)?(?:\s+trước)?|muộn nhất(?:\s+là)?|không muộn hơn|"
    r"(?:hoàn thành|xong)\s+(?:xong\s+)?(?:trước|trong|vào|chậm nhất|đến hết)|trong|đến hết)"
)
_BINDING = re.compile(
    rf"(?<!\w)(?:{_BEFORE}\s+(?:{_CLOCK}?{_DAY}(?:\s+(?:và|,)\s+(?:trước\s+)?{_DAY}|\s+(?:của\s+)?tháng\s+(?:cuối|"
    rf"đầu)\s+(?:của\s+)?(?:mỗi\s+)?quý)?|{_MONTH}|{_SPAN})|"
    rf"{_DAY}(?=\s+(?:của\s+)?{_EVERY}))(?:,?\s+(?:của\s+)?{_EVERY})?"
    rf"|(?<!\w)(?:trong\s+(?:thời hạn|vòng)|chậm nhất(?:\s+là)?|"
    rf"sau)\s+\d{{1,3}}\s+ngày(?:\s+làm việc)?(?:,)?\s+(?:kể\s+)?từ[^;.]{{3,80}}?(?=[;.]|$|,)",
    re.IGNORECASE,
)
# "từ 01 đến 15/9/2026" where something is held, at the end of its clause; elsewhere it may be anything's time.
_NUMERIC_DAY = r"(?:ngày\s+)?\d{1,2}\s*[/.-]\s*\d{1,2}(?:\s*[/.-]\s*\d{4})?"
_SPELLED_DAY = rf"(?:ngày\s+)?\d{{1,2}}\s+tháng\s+\d{{1,2}}{_YEAR}?"
_STRETCH = re.compile(
    rf"(?<!\w)từ\s+(?:{_SPELLED_DAY}|{_NUMERIC_DAY}|(?:ngày\s+)?\d{{1,2}})\s*(?:đến|tới|-|–)\s*(?:hết\s+|trước\s+)?"
    rf"(?:{_NUMERIC_DAY}|{_SPELLED_DAY})(?=\s*(?:[;)]|\.(?!\d)|$))",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"\b(?:tổ chức|thời gian|tiến hành|hoàn thành|ra quân|triển khai|thực hiện|mở|chấm|tập huấn)\b[^;.]*$",
    re.IGNORECASE,
)
# What a stretch of days may describe instead: the data of a report, what is in force, who was born.
_DATA = re.compile(
    r"(?:số liệu|số lượng|thống kê|tổng hợp|báo cáo|kết quả|tình hình|phát sinh|tính|chốt|kỳ|giai đoạn|hiệu lực|"
    r"sinh|ban hành|tiếp nhận|diễn ra|đã)\b[^,;.]*$",
    re.IGNORECASE,
)
_PERIODIC = re.compile(
    rf"(?<!\w)(?:định kỳ\s+(?:{_EVERY}|(?:0?6|03|3|một|01|hai)\s+(?:tháng|năm|quý)(?:,\s*(?:01|một|hằng|hàng)?\s*năm)?)"
    rf"|(?:{_EVERY})(?:,\s*(?:{_EVERY}))*)",
    re.IGNORECASE,
)
# "Định kỳ 6 tháng (trước ngày 15/6), hằng năm (trước ngày 15/12)": each period with its day.
_PERIOD_AND_DAY = (
    r"(?:báo cáo\s+)?(?:(?:hằng|hàng|mỗi)\s+)?(?:0?[369]\s+tháng|tháng|quý|năm)(?:\s+(?:đầu|cuối)\s+năm)?\s*"
    r"\((?:gửi\s+)?(?:trước|chậm nhất|muộn nhất)[^()]{3,60}\)"
)
_PERIODS_AND_DAYS = re.compile(
    rf"(?<!\w)(?:định kỳ\s+)?{_PERIOD_AND_DAY}(?:\s*(?:,|;|và|, và)\s*{_PERIOD_AND_DAY}){{1,3}}", re.IGNORECASE
)
_BARE = re.compile(r"(?<!\w)định kỳ(?!\w)", re.IGNORECASE)
# Nouns that "hằng năm" describes without setting a time for the duty ("ngân sách nhà nước hằng năm").
_DESCRIBES = re.compile(
    r"(?:ngân sách(?: nhà nước| địa phương| tỉnh)?|dự toán|kế hoạch|trung hạn và|nhiệm vụ|bình quân|"
    r"chương trình công tác|chỉ tiêu|"
    r"và|tăng trưởng|kinh phí|thu chi|đầu tư công|5 năm,?|năm,)\s$",
    re.IGNORECASE,
)
# "giám sát hằng ngày" says how work is done; only what is handed in every day is due every day.
_DAILY = re.compile(r"(?:hằng|hàng|mỗi)\s+ngày", re.IGNORECASE)
_HANDED_IN = re.compile(r"\b(?:báo cáo|gửi|nộp|\d{1,2}\s*(?:giờ|h\d{0,2}))\b", re.IGNORECASE)
_CITED = re.compile(r"(?:số\s+\S+|ban hành|ký)\s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Timing:
    """A time phrase: its wording, where it stands, the words to read it by, and whether it names a day."""

    text: str
    start: int
    end: int
    reading: str
    binding: bool


def find_timing(text: str, *, loose_before: int = 0) -> Timing | None:
    """The phrase that sets the time of the duty in ``text``: a binding date first, else a period.

    A period that only describes a noun ("ngân sách nhà nước hằng năm") is passed over, except before
    position ``loose_before``: in "tổng hợp tình hình thực hiện Kế hoạch hằng năm báo cáo Bộ X" the report
    is what comes every year.

    "Định kỳ hằng năm, … trước ngày 30/11" is one deadline in two places: it is read as "trước ngày 30/11
    hằng năm", and its wording runs from the first part to the last.
    """
    binding = next((m for m in _BINDING.finditer(text) if not _CITED.search(_before(text, m.start()))), None)
    periods = [
        m
        for m in _PERIODIC.finditer(text)
        if (m.end() < loose_before or not _DESCRIBES.search(_before(text, m.start()))) and not _is_manner(text, m)
    ]
    paired = _PERIODS_AND_DAYS.search(text)
    if paired is not None:
        return Timing(paired.group(), paired.start(), paired.end(), paired.group(), binding=True)
    stretch = next((m for m in _STRETCH.finditer(text) if _is_time_of_work(_before(text, m.start()))), None)
    if stretch is not None and (binding is None or stretch.start() <= binding.start() < stretch.end()):
        return Timing(stretch.group(), stretch.start(), stretch.end(), stretch.group(), binding=True)
    if binding is not None:
        reading = binding.group()
        start, end = binding.start(), binding.end()
        has_year = re.search(r"\d{4}", reading)
        if not has_year and not re.search(_EVERY, reading, re.IGNORECASE) and periods:
            every = re.search(_EVERY, periods[0].group(), re.IGNORECASE)
            if every is not None and not _DAILY.fullmatch(every.group()):
                reading = f"{reading} {every.group()}"
                start, end = min(start, periods[0].start()), max(end, periods[0].end())
        if text[start:end].count("(") > text[start:end].count(")") and text[end : end + 1] == ")":
            end += 1
        return Timing(text[start:end], start, end, reading, binding=True)
    if periods:
        first = periods[0]
        return Timing(first.group(), first.start(), first.end(), first.group(), binding=False)
    bare = _BARE.search(text)
    if bare is not None:
        return Timing(bare.group(), bare.start(), bare.end(), bare.group(), binding=False)
    return None


def _is_manner(text: str, period: re.Match[str]) -> bool:
    """Whether "hằng ngày" only describes how the work of its clause is done."""
    if not _DAILY.fullmatch(period.group()):
        return False
    clause = re.split(r"[;.]\s", text[: period.start()])[-1] + re.split(r"[;.]\s", text[period.end() :])[0]
    return _HANDED_IN.search(clause) is None


def _is_time_of_work(before: str) -> bool:
    return bool(_HELD.search(before)) and not _DATA.search(before)


def _before(text: str, position: int) -> str:
    return text[max(0, position - 60) : position]


def deadline_of(timing: Timing | None, *, issued_on: date | None) -> Deadline:
    """The deadline that ``timing`` sets, with its literal wording; kind ``none`` where there is none."""
    if timing is None:
        return Deadline(text="", kind=DeadlineKind.NONE)
    return replace(read_deadline(timing.reading, issued_on=issued_on), text=timing.text)
