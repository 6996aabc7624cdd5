"""A document as a workbook: its tasks, its indicators with targets and readings, its budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from taskflow.reports.workbook import Column, Sheet, workbook

INDICATORS = "Chỉ tiêu"
BUDGET = "Kinh phí"
_BUDGET_COLUMNS = (
    Column("TT", 6),
    Column("Nội dung", 60),
    Column("Kinh phí (triệu đồng)", 18),
    Column("Kinh phí ghi trong văn bản", 24),
    Column("Nguồn kinh phí", 26),
    Column("Ghi chú", 30),
)


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator; ``targets`` and ``reached`` by period, as written."""

    group: str
    name: str
    unit_of_measure: str
    baseline: str
    responsible: str
    note: str
    targets: dict[str, str] = field(default_factory=dict)
    reached: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """The indicators of a document, and their periods with the words for each, in the order of time."""

    periods: Mapping[str, str]
    rows: Sequence[IndicatorRow]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One line of the budget; the amount in million đồng where it is clear, the text as written where it is not."""

    tt: str
    content: str
    amount: Decimal | None
    amount_text: str
    source: str
    note: str


def document_workbook(tasks: Sheet, indicators: IndicatorTable, budget: Sequence[BudgetRow]) -> bytes:
    """The three sheets, each there even when it is empty, so that their place does not change."""
    return workbook(tasks, indicator_sheet(indicators), budget_sheet(budget))


def indicator_sheet(table: IndicatorTable) -> Sheet:
    """One line for each indicator, with a target and a value reached for each period that occurs."""
    with_target = {period for row in table.rows for period in row.targets}
    columns = [
        Column("TT", 6),
        Column("Nhóm", 26),
        Column("Chỉ tiêu", 60),
        Column("Đơn vị tính", 12),
        Column("Hiện trạng", 14),
    ]
    for period, words in table.periods.items():
        if period in with_target:
            columns.append(Column(f"Mục tiêu {_inside(words)}"))
        columns.append(Column(f"Kết quả {_inside(words)}"))
    columns += [Column("Đơn vị chịu trách nhiệm", 30), Column("Ghi chú", 30)]
    lines = []
    for number, row in enumerate(table.rows, 1):
        line: list[object] = [number, row.group, row.name, row.unit_of_measure, row.baseline]
        for period in table.periods:
            if period in with_target:
                line.append(row.targets.get(period, ""))
            line.append(row.reached.get(period, ""))
        lines.append([*line, row.responsible, row.note])
    return Sheet(INDICATORS, columns, lines)


def budget_sheet(rows: Sequence[BudgetRow]) -> Sheet:
    """The lines of the budget as they stand in the document, totals included."""
    lines = [(row.tt, row.content, row.amount, row.amount_text, row.source, row.note) for row in rows]
    return Sheet(BUDGET, _BUDGET_COLUMNS, lines)


def _inside(words: str) -> str:
    """ "Quý II/2026" as it stands after other words."""
    return words[:1].lower() + words[1:]
