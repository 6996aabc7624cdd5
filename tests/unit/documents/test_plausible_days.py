"""A day is judged alike, however the source holds it: as words, as a typed cell, as a serial number of Excel."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskflow.documents.due import read_due
from taskflow.documents.model import Cell
from taskflow.documents.readers.sheets import date_cell
from taskflow.domain.deadlines import Deadline
from taskflow.domain.language import read_deadline

ISSUED = date(2026, 11, 20)
EPOCH = date(1899, 12, 30)


def doubts(deadline: Deadline) -> set[str]:
    return set(deadline.problems) & {"due_before_issue", "due_far_away"}


@pytest.mark.parametrize("issued_on", [None, ISSUED])
@pytest.mark.parametrize(
    "day", [date(1970, 1, 1), date(1900, 1, 1), date(1999, 12, 31), date(9999, 12, 31), date(2088, 5, 1)]
)
def test_an_impossible_day_in_a_typed_cell_is_asked(day: date, issued_on: date | None) -> None:
    deadline = read_due(date_cell(day, "dd/mm/yyyy"), issued_on)
    assert deadline.needs_confirmation
    assert doubts(deadline)


@given(
    day=st.dates(date(1950, 1, 1), date(2150, 12, 31)),
    issued_on=st.none() | st.dates(date(2015, 1, 1), date(2035, 1, 1)),
)
def test_words_cells_and_serial_numbers_are_judged_alike(day: date, issued_on: date | None) -> None:
    typed = read_due(date_cell(day, "dd/mm/yyyy"), issued_on)
    written = read_deadline(f"{day:%d/%m/%Y}", issued_on=issued_on)
    if written.due is None:  # words with such a year are no deadline at all
        assert written.needs_confirmation
        assert typed.needs_confirmation
        return
    assert doubts(typed) == doubts(written)
    serial = (day - EPOCH).days
    if 36_526 <= serial <= 73_050:
        assert doubts(read_due(Cell(str(serial)), issued_on)) == doubts(written)
    if not doubts(typed):
        assert typed.due == day
        assert not typed.needs_confirmation


def test_a_plan_without_a_date_is_judged_by_the_year_of_its_title() -> None:
    assert doubts(read_due(date_cell(date(2020, 5, 1), ""), None, plan_year=2027)) == {"due_before_issue"}
    assert not doubts(read_due(date_cell(date(2026, 12, 20), ""), None, plan_year=2027))


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [
        ((2027, 11, 20, 0, 0), "dd/mm/yyyy hh:mm", "20/11/2027"),
        ((2027, 11, 20, 17, 30), "dd/mm/yyyy hh:mm", "20/11/2027 17:30"),
        ((2027, 11, 20, 17, 30), 'hh:mm:ss" ngày "dd/mm/yyyy', "ngày 20/11/2027 17:30"),
        ((2027, 11, 20, 0, 0), "dd/mm/yyyy\\ h:mm AM/PM", "20/11/2027"),
        ((2027, 11, 20, 0, 0), '"Tháng "m/yyyy', "Tháng 11/2027"),
        ((2027, 11, 20, 8, 0), "[h]:mm", "20/11/2027 08:00"),
    ],
)
def test_minutes_of_a_time_are_not_printed_as_months(value: tuple[int, ...], shown_as: str, text: str) -> None:
    assert date_cell(datetime(*value), shown_as).text == text  # noqa: DTZ001 - cells have no zone
