"""The summary per unit (DOMAIN.md 7.1 A) as a workbook, to be sorted and reckoned with."""

from __future__ import annotations

from collections.abc import Sequence

from taskflow.reports.progress import SummaryLine
from taskflow.reports.workbook import Column, Sheet, workbook

_COUNT, _RATE = "#,##0", "0.00"
COLUMNS = (
    Column("STT", 6),
    Column("Đơn vị", 44),
    Column("Tổng số nhiệm vụ giao", 14, _COUNT),
    Column("Đã hoàn thành đúng hạn", 14, _COUNT),
    Column("Đã hoàn thành quá hạn", 14, _COUNT),
    Column("Đang thực hiện trong hạn", 14, _COUNT),
    Column("Đang thực hiện quá hạn", 14, _COUNT),
    Column("Không tính hạn", 12, _COUNT),
    Column("Tỷ lệ hoàn thành (%)", 13, _RATE),
    Column("Tỷ lệ đúng hạn (%)", 13, _RATE),
    Column("Ghi chú", 24),
)


def summary_workbook(units: Sequence[SummaryLine], total: SummaryLine, *, title: str) -> bytes:
    """One line for each unit, and the sum in bold. Counts and rates are numbers."""
    lines = [_cells(number, line, line.unit) for number, line in enumerate(units, 1)]
    return workbook(Sheet("Kết quả theo đơn vị", COLUMNS, lines, title, _cells("", total, "Tổng cộng")))


def _cells(number: int | str, line: SummaryLine, name: str) -> list[object]:
    return [
        number,
        name,
        line.total,
        line.done_on_time,
        line.done_late,
        line.open_on_time,
        line.open_late,
        line.outside,
        _rate(line.done, line.counted),
        _rate(line.done_on_time, line.done),
        "",
    ]


def _rate(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
