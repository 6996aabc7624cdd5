"""Days are typed as offices write them."""

from __future__ import annotations

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form
from wtforms.validators import InputRequired

from taskflow.web.fields import DayField, parse_day


class _Form(Form):
    due = DayField("Due", [InputRequired("a day is needed")])


@pytest.mark.parametrize(
    "text", ["5/3/2026", "05/03/2026", " 05 / 03 / 2026 ", "05-03-2026", "5.3.2026", "05032026", "2026-03-05"]
)
def test_a_day_is_read_day_first(text: str) -> None:
    assert parse_day(text) == date(2026, 3, 5)


def test_nothing_typed_is_no_day() -> None:
    assert parse_day("  ") is None


@pytest.mark.parametrize("text", ["31/11/2026", "29/2/2027", "11/2026", "5/3/26", "mai", "3/15/2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="30/10/2026"):
        parse_day(text)


def test_a_wrong_day_stays_in_the_box_with_its_error() -> None:
    form = _Form(MultiDict({"due": "31/11/2026"}))
    assert not form.validate()
    assert form.due.data is None
    assert 'value="31/11/2026"' in form.due()
    assert "30/10/2026" in form.due.errors[0]


def test_a_stored_day_is_shown_day_first() -> None:
    assert 'value="05/03/2026"' in _Form(due=date(2026, 3, 5)).due()
