"""Indicators and money of plans."""

from __future__ import annotations

from decimal import Decimal

import pytest

from taskflow.domain.errors import Invalid, NotAllowed, NotFound
from taskflow.domain.permissions import Role
from taskflow.models.indicator import BudgetLine, Indicator, IndicatorTarget
from taskflow.services.files import Upload
from taskflow.services.indicators import (
    get_reading_file,
    list_budget,
    list_indicators,
    make_responsible,
    number_of,
    report_reading,
    series_of,
)
from tests.factories import Factories
from tests.support.clock import Clock


def indicator(factories: Factories, unit_id: int | None) -> Indicator:
    """An indicator of a plan with targets for two years."""
    return factories.add(
        Indicator(
            document_id=factories.document().id,
            name="Tỷ lệ hồ sơ trực tuyến",
            responsible_unit_id=unit_id,
            targets=[
                IndicatorTarget(period="2026", text="80%", value=Decimal(80)),
                IndicatorTarget(period="2027", text="> 90%"),
            ],
        )
    )


def test_the_responsible_unit_reports_and_the_newest_reading_holds(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    stranger = factories.actor(factories.user())
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    one = indicator(factories, unit.id)
    report_reading(indicator_id=one.id, period="2026", text="70%", actor=officer, now=clock())
    reading = report_reading(
        indicator_id=one.id,
        period="2026",
        text="72,5 %",
        upload=Upload(b"Bieu so lieu nam 2026", "bieu.txt"),
        actor=officer,
        now=clock(),
    )
    points = series_of(list_indicators(clerk)[0])
    assert [(point.period, point.target_value, point.actual_value) for point in points] == [
        ("2026", Decimal(80), Decimal("72.5")),
        ("2027", None, None),
    ]
    assert get_reading_file(clerk, reading.id).open().read() == b"Bieu so lieu nam 2026"
    assert list_indicators(stranger) == []
    with pytest.raises(NotFound):
        report_reading(indicator_id=one.id, period="2026", text="99%", actor=stranger, now=clock())
    with pytest.raises(NotFound):
        get_reading_file(stranger, reading.id)
    with pytest.raises(Invalid):
        report_reading(indicator_id=one.id, period="năm nay", text="99%", actor=officer, now=clock())


def test_the_office_names_who_answers_and_sees_the_money(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    one = indicator(factories, None)
    factories.add(BudgetLine(document_id=one.document_id, content="Thuê hạ tầng", amount_million_vnd=Decimal(1500)))
    with pytest.raises(NotFound):
        list_budget(officer, one.document_id)
    make_responsible(indicator_id=one.id, unit_id=unit.id, actor=clerk, now=clock())
    assert [line.content for line in list_budget(officer, one.document_id)] == ["Thuê hạ tầng"]
    with pytest.raises(NotAllowed):
        make_responsible(indicator_id=one.id, unit_id=None, actor=officer, now=clock())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("84,46%", "84.46"),
        ("1.250", "1250"),
        ("1.250,5 triệu đồng", "1250.5"),
        ("84.46", "84.46"),
        ("đạt 100%.", "100"),
        ("-2", "-2"),
        ("< 3%", None),
        ("trên 90%", None),
        ("từ 5 đến 7", None),
        ("chưa có", None),
    ],
)
def test_a_number_is_read_only_where_it_is_clear(text: str, value: str | None) -> None:
    assert number_of(text) == (Decimal(value) if value is not None else None)
