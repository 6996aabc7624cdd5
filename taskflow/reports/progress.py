"""The report on the progress of tasks (báo cáo tiến độ thực hiện nhiệm vụ) and the urging letter (công văn đôn đốc).

Layouts of DOMAIN.md 7.1: (A) the summary per unit and (B) the list, as annexes of a report in the form of Nghị định 30.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from taskflow.i18n import format_date, format_number, format_percent
from taskflow.reports.paper import Letterhead, Paper, PaperColumn

_SUMMARY = (
    PaperColumn("STT", 12, numeric=True),
    PaperColumn("Đơn vị", 64),
    PaperColumn("Tổng số nhiệm vụ giao", 22, numeric=True),
    PaperColumn("Hoàn thành đúng hạn", 24, numeric=True),
    PaperColumn("Hoàn thành quá hạn", 24, numeric=True),
    PaperColumn("Đang thực hiện trong hạn", 26, numeric=True),
    PaperColumn("Đang thực hiện quá hạn", 26, numeric=True),
    PaperColumn("Không tính hạn", 20, numeric=True),
    PaperColumn("Tỷ lệ hoàn thành", 24, numeric=True),
    PaperColumn("Tỷ lệ đúng hạn", 24, numeric=True),
)
_LIST = (
    PaperColumn("STT", 12, numeric=True),
    PaperColumn("Nội dung nhiệm vụ", 68),
    PaperColumn("Văn bản giao", 28),
    PaperColumn("Cơ quan chủ trì", 30),
    PaperColumn("Cơ quan phối hợp", 32),
    PaperColumn("Thời hạn", 26, numeric=True),
    PaperColumn("Số ngày quá hạn", 16, numeric=True),
    PaperColumn("Tình hình, kết quả; khó khăn, vướng mắc", 50),
)
_LETTER_LIST = (
    PaperColumn("STT", 12, numeric=True),
    PaperColumn("Nội dung nhiệm vụ", 76),
    PaperColumn("Văn bản giao", 30),
    PaperColumn("Thời hạn", 26, numeric=True),
    PaperColumn("Số ngày quá hạn", 18, numeric=True),
)


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A unit's line of the summary, or the sum."""

    unit: str
    total: int
    done_on_time: int
    done_late: int
    open_on_time: int
    open_late: int
    outside: int

    @property
    def done(self) -> int:
        """Finished tasks inside the statistic."""
        return self.done_on_time + self.done_late

    @property
    def counted(self) -> int:
        """Tasks inside the statistic."""
        return self.done + self.open_on_time + self.open_late


@dataclass(frozen=True, slots=True)
class LateTask:
    """An overdue task as papers list it."""

    content: str
    document: str
    lead: str
    coordinators: str
    original_due: date | None
    due: date | None
    days_late: int
    result: str
    difficulties: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What a unit reported on a task: a difficulty, or a proposal."""

    unit: str
    task: str
    text: str


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """All that the report says. ``period`` is a phrase ("quý III năm 2026"), or empty for all tasks."""

    on: date
    period: str
    units: Sequence[SummaryLine]
    total: SummaryLine
    late: Sequence[LateTask]
    #: Overdue tasks beyond those listed.
    more_late: int
    difficulties: Sequence[Remark]
    proposals: Sequence[Remark]


def progress_paper(report: ProgressReport, letterhead: Letterhead) -> bytes:
    """The report as .docx, ready to be numbered and signed."""
    paper = Paper(letterhead, report.on)
    when = f" {report.period}" if report.period else ""
    paper.report_head("Báo cáo", f"Tiến độ thực hiện nhiệm vụ được giao{when}", code="BC")
    total = report.total
    paper.heading("I. KẾT QUẢ CHUNG")
    paper.text(
        f"Tính đến ngày {format_date(report.on)}, tổng số nhiệm vụ giao{when} là {_n(total.total)} nhiệm vụ, "
        f"trong đó {_n(total.outside)} nhiệm vụ thường xuyên, chờ điều kiện hoặc chưa xác định thời hạn."
    )
    paper.text(
        f"Đã hoàn thành {_n(total.done)} nhiệm vụ (đạt {format_percent(total.done, total.counted)}): đúng hạn "
        f"{_n(total.done_on_time)}, quá hạn {_n(total.done_late)}. Đang thực hiện "
        f"{_n(total.open_on_time + total.open_late)} nhiệm vụ: trong hạn {_n(total.open_on_time)}, quá hạn "
        f"{_n(total.open_late)}. Kết quả của từng đơn vị tại Phụ lục I."
    )
    paper.heading("II. NHIỆM VỤ QUÁ HẠN")
    paper.text(_late_sentence(report))
    _remarks(paper, "III. KHÓ KHĂN, VƯỚNG MẮC", report.difficulties, "Các đơn vị chưa nêu khó khăn, vướng mắc.")
    _remarks(paper, "IV. KIẾN NGHỊ, ĐỀ XUẤT", report.proposals, "Các đơn vị chưa có kiến nghị, đề xuất.", last=True)
    paper.sign(("Lãnh đạo cơ quan (để báo cáo)", "Các đơn vị được giao nhiệm vụ"))
    paper.annex("Phụ lục I", f"Kết quả thực hiện nhiệm vụ của các đơn vị{when}")
    lines = [_summary(str(number), line) for number, line in enumerate(report.units, 1)]
    paper.table(_SUMMARY, [*lines, _summary("", total)], bold_last=True)
    if report.late:
        paper.annex("Phụ lục II", f"Danh sách nhiệm vụ quá hạn{when}")
        paper.table(_LIST, [_late(number, task) for number, task in enumerate(report.late, 1)])
        if report.more_late:
            paper.text(f"Và {_n(report.more_late)} nhiệm vụ quá hạn khác; danh sách đầy đủ xuất từ phần mềm ra Excel.")
    return paper.to_bytes()


def urging_paper(unit: str, late: Sequence[LateTask], *, on: date, letterhead: Letterhead) -> bytes:
    """The letter that urges a unit to finish its overdue tasks, as .docx."""
    paper = Paper(letterhead, on)
    paper.letter_head("đôn đốc thực hiện nhiệm vụ quá hạn", unit)
    paper.text(
        f"Qua theo dõi việc thực hiện nhiệm vụ được giao, tính đến ngày {format_date(on)}, {unit} còn {_n(len(late))} "
        "nhiệm vụ quá hạn chưa hoàn thành, cụ thể như sau:"
    )
    paper.table(
        _LETTER_LIST,
        [
            (str(number), task.content, task.document, _due(task), _n(task.days_late))
            for number, task in enumerate(late, 1)
        ],
    )
    paper.text(
        f"Đề nghị {unit} tập trung hoàn thành các nhiệm vụ nêu trên, cập nhật kết quả lên phần mềm; trường hợp chưa "
        "hoàn thành, báo cáo rõ nguyên nhân, khó khăn, vướng mắc và thời gian hoàn thành./."
    )
    paper.sign(("Như trên", "Lãnh đạo cơ quan (để báo cáo)"))
    return paper.to_bytes()


def period_phrase(first: date | None, last: date | None) -> str:
    """How a sentence names a period: "năm 2026", "quý III năm 2026"; nothing for all time."""
    if first is None or last is None:
        return ""
    if (first.month, last.month) == (1, 12):
        return f"năm {first.year}"
    return f"quý {('I', 'II', 'III', 'IV')[(first.month - 1) // 3]} năm {first.year}"


def _late_sentence(report: ProgressReport) -> str:
    if not report.late:
        return "Không có nhiệm vụ quá hạn."
    most = sorted((unit for unit in report.units if unit.open_late), key=lambda unit: -unit.open_late)[:5]
    named = "; ".join(f"{unit.unit} ({_n(unit.open_late)})" for unit in most)
    return (
        f"Có {_n(len(report.late) + report.more_late)} nhiệm vụ đang thực hiện quá hạn. Các đơn vị có nhiều nhiệm vụ "
        f"quá hạn: {named}. Danh sách tại Phụ lục II."
    )


def _remarks(paper: Paper, heading: str, remarks: Sequence[Remark], nothing: str, *, last: bool = False) -> None:
    paper.heading(heading)
    lines = [f"- {one.unit} ({one.task}): {one.text.rstrip(' .;')}." for one in remarks] or [nothing]
    for number, line in enumerate(lines, 1):
        paper.text(f"{line}/." if last and number == len(lines) else line)


def _summary(number: str, line: SummaryLine) -> tuple[str, ...]:
    return (
        number,
        line.unit or "Tổng cộng",
        _n(line.total),
        _n(line.done_on_time),
        _n(line.done_late),
        _n(line.open_on_time),
        _n(line.open_late),
        _n(line.outside),
        format_percent(line.done, line.counted),
        format_percent(line.done_on_time, line.done),
    )


def _late(number: int, task: LateTask) -> tuple[str, ...]:
    said = "; ".join(filter(None, (task.result.strip(" .;"), task.difficulties.strip(" .;"))))
    return (
        str(number), task.content, task.document, task.lead, task.coordinators, _due(task), _n(task.days_late), said,
    )  # fmt: skip


def _due(task: LateTask) -> str:
    if task.original_due is None or task.original_due == task.due:
        return format_date(task.due)
    return f"{format_date(task.due)} (ban đầu {format_date(task.original_due)})"


def _n(number: int) -> str:
    return format_number(number, 0)
