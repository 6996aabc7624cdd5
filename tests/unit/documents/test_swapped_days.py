"""A column of dates is judged as a whole: where days above 12 stayed text, the true dates may be swapped."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from taskflow.documents.model import Item
from taskflow.documents.parse import parse


def _items(*days: date | str) -> list[Item]:
    book = openpyxl.Workbook()
    book.active.append(("TT", "Nội dung công việc", "Cơ quan chủ trì", "Thời hạn hoàn thành"))
    for number, day in enumerate(days, 1):
        book.active.append((number, f"Xây dựng kế hoạch chuyển đổi số đợt {number}", "Sở Nội vụ", day))
        if isinstance(day, date):
            book.active.cell(number + 1, 4).number_format = "dd/mm/yyyy"
    out = io.BytesIO()
    book.save(out)
    return list(parse(out.getvalue(), filename="plan.xlsx", issued_on=date(2026, 1, 5)).items)


def _asked(items: list[Item]) -> list[int]:
    return [item.position for item in items if "maybe_swapped" in item.deadline.problems]


@pytest.mark.parametrize("text", ["25/03/2026", "30/6/2026", "15.4.2026", "31-12-2026"])
def test_true_dates_beside_text_of_a_later_day_are_asked(text: str) -> None:
    items = _items(text, date(2026, 5, 3), date(2026, 10, 2), date(2026, 4, 4), date(2026, 5, 20))

    assert _asked(items) == [2, 3]
    assert items[1].deadline.suggested_due == date(2026, 3, 5)
    assert [p.code for p in items[1].problems] == ["row.doubtful_deadline"]
    assert not items[0].problems


def test_column_of_true_dates_is_sure() -> None:
    assert _asked(_items(date(2026, 5, 3), date(2026, 10, 2), date(2026, 5, 20))) == []


def test_column_of_text_is_sure() -> None:
    assert _asked(_items("25/03/2026", "05/03/2026")) == []
