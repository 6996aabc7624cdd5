"""Indicators over HTTP: the list, the page with its chart, reporting a value, naming the unit that answers."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.indicator import BudgetLine, Indicator, IndicatorReading, IndicatorTarget
from taskflow.services.indicators import Point, report_reading, series_of
from taskflow.web.indicators.chart import chart_of
from tests.factories import Factories
from tests.integration.web.scene import Scene, send, text_of
from tests.support.clock import Clock


@pytest.fixture
def indicator(scene: Scene, factories: Factories) -> Indicator:
    """An indicator of the scene's document for which the scene's unit answers."""
    return factories.add(
        Indicator(
            document_id=scene.task.document_id,
            name="Tỷ lệ hồ sơ trực tuyến",
            unit_of_measure="%",
            baseline="55%",
            responsible_unit_id=scene.unit.id,
            targets=[
                IndicatorTarget(period="2026", text="80%", value=Decimal(80)),
                IndicatorTarget(period="2027", text="< 3%"),
            ],
        )
    )


def test_the_list_shows_targets_and_the_newest_value(
    client: FlaskClient, scene: Scene, indicator: Indicator, factories: Factories, clock: Clock, sign_in: Any
) -> None:
    officer = factories.actor(scene.officer)
    for period, text in (("2026-Q3", "72,5 %"), ("2026-Q1", "61 %"), ("2026-08", "66 %"), ("2026-H1", "64 %")):
        report_reading(indicator_id=indicator.id, period=period, text=text, actor=officer, now=clock())
    page = text_of(sign_in(client, scene.clerk).get("/indicators/"))
    assert f'href="/indicators/{indicator.id}"' in page
    assert "72,5 %" in page
    assert "Quý III/2026" in page
    assert "61 %" not in page
    assert "66 %" not in page
    read = [point.period for point in series_of(indicator) if point.actual]
    assert read == ["2026-Q1", "2026-H1", "2026-08", "2026-Q3"]
    assert f'href="/indicators/{indicator.id}"' in text_of(client.get(f"/indicators/?unit={scene.unit.id}"))
    assert "Không có chỉ tiêu nào phù hợp" in text_of(client.get(f"/indicators/?unit={scene.other.id}"))
    assert f'href="/indicators/{indicator.id}"' in text_of(client.get(f"/documents/{indicator.document_id}"))
    assert client.get("/indicators/?document=abc").status_code == 422


def test_the_menu_offers_indicators_to_offices_and_to_units_that_answer(
    client: FlaskClient, scene: Scene, indicator: Indicator, sign_in: Any
) -> None:
    for user, offered in ((scene.clerk, True), (scene.officer, True), (scene.outsider, False)):
        page = text_of(sign_in(client, user).get("/account/"))
        assert ('href="/indicators/"' in page) is offered, user


def test_the_unit_reports_a_value_with_its_evidence(
    client: FlaskClient, scene: Scene, indicator: Indicator, sign_in: Any
) -> None:
    sign_in(client, scene.officer)
    address = f"/indicators/{indicator.id}/report"
    assert 'value="2026"' in text_of(client.get(address))
    sent = {"year": "2026", "part": "Q2", "text": "72,5 %", "note": "Theo báo cáo quý II"}
    answer = send(client, address, file=(BytesIO(b"Bieu so lieu"), "Biểu 01.txt"), **sent)
    assert answer.status_code == 303
    reading = db.session.query(IndicatorReading).one()
    assert (reading.period, reading.value, reading.filename) == ("2026-Q2", Decimal("72.5"), "Biểu 01.txt")
    page = text_of(client.get(answer.location))
    assert "Theo báo cáo quý II" in page
    assert scene.officer.full_name in page
    file = client.get(f"/indicators/readings/{reading.id}/file")
    assert (file.data, file.headers["Content-Disposition"].partition(";")[0]) == (b"Bieu so lieu", "attachment")
    assert send(client, address, **{**sent, "text": "73 %"}).status_code == 303
    assert "đã thay bằng kết quả báo cáo sau" in text_of(client.get(answer.location))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"text": ""}, "Kết quả đạt được"),
        ({"year": "26"}, "Năm"),
        ({"part": "Q5"}, "Kỳ báo cáo"),
    ],
)
def test_what_says_nothing_is_refused_on_its_field(
    client: FlaskClient, scene: Scene, indicator: Indicator, sign_in: Any, changed: dict[str, str], sentence: str
) -> None:
    sign_in(client, scene.officer)
    answer = send(
        client, f"/indicators/{indicator.id}/report", **{"year": "2026", "part": "", "text": "70%", **changed}
    )
    assert answer.status_code == 422
    summary = re.search(r"error-summary.*?</ul>", text_of(answer), re.DOTALL)
    assert summary is not None
    assert sentence in summary.group()
    assert db.session.query(IndicatorReading).count() == 0


def test_the_office_names_the_unit_that_answers(
    client: FlaskClient, scene: Scene, indicator: Indicator, sign_in: Any
) -> None:
    sign_in(client, scene.clerk)
    address = f"/indicators/{indicator.id}/responsible"
    stale = indicator.version
    assert send(client, address, version=stale, unit_id=scene.other.id).status_code == 303
    db.session.expire_all()
    assert indicator.responsible_unit_id == scene.other.id
    assert send(client, address, version=stale, unit_id=scene.unit.id).status_code == 409
    assert send(client, address, version=indicator.version, unit_id="").status_code == 303
    db.session.expire_all()
    assert indicator.responsible_unit_id is None


def test_who_may_not_is_refused_and_who_may_not_know_finds_nothing(
    client: FlaskClient,
    scene: Scene,
    indicator: Indicator,
    factories: Factories,
    clock: Clock,
    sign_in: Any,
) -> None:
    reading = report_reading(
        indicator_id=indicator.id, period="2026", text="70%", actor=factories.actor(scene.officer), now=clock()
    )
    leader = factories.user(Role.LEADER)
    page = f"/indicators/{indicator.id}"
    sign_in(client, leader)
    assert "Báo cáo kết quả" not in text_of(client.get(page))
    for address in (f"{page}/report", f"{page}/responsible"):
        assert client.get(address).status_code == 403
        assert send(client, address, year="2026", part="", text="1", version=1).status_code == 403
    assert sign_in(client, scene.officer).get(f"{page}/responsible").status_code == 403
    sign_in(client, scene.outsider)
    for address in (page, f"{page}/report", f"{page}/responsible", f"/indicators/readings/{reading.id}/file"):
        assert client.get(address).status_code == 404
    assert indicator.name not in text_of(client.get("/indicators/"))


def test_the_page_draws_clear_numbers_and_shows_the_rest_as_text(
    client: FlaskClient, scene: Scene, indicator: Indicator, factories: Factories, clock: Clock, sign_in: Any
) -> None:
    report_reading(
        indicator_id=indicator.id, period="2027", text="2,1%", actor=factories.actor(scene.officer), now=clock()
    )
    page = text_of(sign_in(client, scene.clerk).get(f"/indicators/{indicator.id}"))
    drawing = re.search(r'<svg class="series-chart".*?</svg>', page, re.DOTALL)
    assert drawing is not None
    assert re.findall(r'class="series-(baseline|target|actual)"', drawing.group()) == ["baseline", "target", "actual"]
    assert "< 3%" not in drawing.group()
    assert "style=" not in drawing.group()
    table = page[page.index('id="series-table"') :]
    assert "< 3%" in table
    assert "2,1%" in table


def test_bars_grow_from_zero_in_proportion(app: Flask) -> None:
    points = [
        Point("2026", "80%", Decimal(80), "40%", Decimal(40)),
        Point("2026-Q3", "", None, "99%", Decimal(99)),
        Point("2027", "", None, "-20%", Decimal(-20)),
    ]
    chart = chart_of(points, "chưa có")
    assert chart is not None
    target, actual = chart.groups[0].bars
    (below,) = chart.groups[1].bars
    assert [group.name for group in chart.groups] == ["2026", "2027"]
    assert (target.kind, actual.kind, actual.text) == ("target", "actual", "40%")  # the year prevails over its quarter
    assert target.height == pytest.approx(2 * actual.height, abs=0.1)
    assert target.y + target.height == pytest.approx(chart.zero_y, abs=0.1)
    assert below.y == pytest.approx(chart.zero_y)
    assert below.height == pytest.approx(actual.height / 2, abs=0.1)
    assert below.y + below.height <= chart.height


def test_a_year_that_runs_shows_its_latest_reading(app: Flask) -> None:
    points = [Point("2026", "80%", Decimal(80)), Point("2026-09", "", None, "70%", Decimal(70)),
        Point("2026-Q2", "", None, "60%", Decimal(60)), Point("2026-2030", "90%", Decimal(90))]  # fmt: skip
    chart = chart_of(points, "")
    assert chart is not None
    assert [(group.name, [bar.text for bar in group.bars]) for group in chart.groups] == [
        ("2026", ["80%", "70%"]),
        ("2026-2030", ["90%"]),
    ]
    assert "Kết quả Tháng 9/2026: 70%." in chart.words
    assert [group.part for group in chart.groups] == ["Tháng 9/2026", ""]


def test_one_number_is_no_chart(app: Flask) -> None:
    assert chart_of([Point("2026", "80%", Decimal(80), "< 3%", None)], "chưa có") is None


def test_a_document_is_exported_with_tasks_indicators_and_money(
    client: FlaskClient, scene: Scene, indicator: Indicator, factories: Factories, clock: Clock, sign_in: Any
) -> None:
    officer = factories.actor(scene.officer)
    for text in ("70%", "72,5 %"):
        report_reading(indicator_id=indicator.id, period="2026-Q2", text=text, actor=officer, now=clock())
    factories.add(
        BudgetLine(
            document_id=indicator.document_id,
            tt="1",
            content="Thuê hạ tầng",
            amount_million_vnd=Decimal("1500.5"),
            amount_text="1.500,5",
            source="Ngân sách tỉnh",
        )
    )
    hidden = factories.task("Việc của đơn vị khác", unit=scene.other, document=scene.task.document)
    address = f"/documents/{indicator.document_id}"
    assert f'href="{address}/export.xlsx"' in text_of(sign_in(client, scene.clerk).get(address))
    book = load_workbook(BytesIO(client.get(f"{address}/export.xlsx").data))
    assert book.sheetnames == ["Nhiệm vụ", "Chỉ tiêu", "Kinh phí"]
    assert {scene.task.code, hidden.code} < {row[0].value for row in book["Nhiệm vụ"].rows}
    head, line = book["Chỉ tiêu"].iter_rows(values_only=True)
    assert dict(zip(head, line, strict=True)) == {
        "TT": 1,
        "Nhóm": None,
        "Chỉ tiêu": "Tỷ lệ hồ sơ trực tuyến",
        "Đơn vị tính": "%",
        "Hiện trạng": "55%",
        "Mục tiêu 2026": "80%",
        "Kết quả 2026": None,
        "Kết quả quý II/2026": "72,5 %",
        "Mục tiêu 2027": "< 3%",
        "Kết quả 2027": None,
        "Đơn vị chịu trách nhiệm": scene.unit.name,
        "Ghi chú": None,
    }
    assert list(book["Kinh phí"].iter_rows(min_row=2, values_only=True)) == [
        ("1", "Thuê hạ tầng", 1500.5, "1.500,5", "Ngân sách tỉnh", None)
    ]
    theirs = load_workbook(BytesIO(sign_in(client, scene.officer).get(f"{address}/export.xlsx").data))
    codes = {row[0].value for row in theirs["Nhiệm vụ"].rows}
    assert (scene.task.code in codes, hidden.code in codes) == (True, False)
    assert sign_in(client, scene.outsider).get(f"{address}/export.xlsx").status_code == 404
