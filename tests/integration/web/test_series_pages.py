"""Pages of repeated work: seen before its first task exists, changed only by its office, hidden from others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from taskflow.extensions import db
from taskflow.models.org import Unit
from taskflow.models.task import Series, Task
from taskflow.services.series import SeriesOrigin, SeriesText, create_series, make_due_periods, next_due
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.integration.web.scene import Scene, send, text_of
from tests.support.clock import Clock


@pytest.fixture
def yearly(scene: Scene, factories: Factories, clock: Clock) -> Series:
    """A report due every December: far from now (March), so that it has no task yet."""
    return create_series(
        SeriesText(
            "Tổng kết chuyển đổi số", (scene.unit.id,), "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=15", deadline_text="15/12"
        ),
        SeriesOrigin(factories.office().id, clock.today),
        actor=factories.actor(scene.clerk),
        now=clock(),
    )


def test_work_without_a_task_yet_is_seen_by_its_office_and_unit_only(
    client: FlaskClient, scene: Scene, sign_in: Any, yearly: Series
) -> None:
    assert db.session.query(Task).filter_by(series_id=yearly.id).count() == 0
    for person in (scene.clerk, scene.officer):
        sign_in(client, person)
        assert "15/12/2026" in text_of(client.get("/series/?q=tong+ket"))
        assert "hằng năm, hạn 15/12" in text_of(client.get(f"/series/{yearly.id}"))
    assert "Tổng kết" not in text_of(client.get("/series/?q=khac"))
    sign_in(client, scene.outsider)
    assert "Tổng kết" not in text_of(client.get("/series/"))
    for page in ("", "/skip", "/change", "/end"):
        assert client.get(f"/series/{yearly.id}{page}").status_code == 404
    assert send(client, f"/series/{yearly.id}/end", version=1, reason="Không").status_code == 404


def test_only_its_office_changes_it(client: FlaskClient, scene: Scene, sign_in: Any, yearly: Series) -> None:
    sign_in(client, scene.officer)
    assert f"/series/{yearly.id}/end" not in text_of(client.get(f"/series/{yearly.id}"))
    assert client.get(f"/series/{yearly.id}/end").status_code == 403
    assert send(client, f"/series/{yearly.id}/end", version=1, reason="Thôi").status_code == 403
    assert yearly.is_active


def test_a_period_is_skipped_the_work_changed_and_ended(
    client: FlaskClient, scene: Scene, sign_in: Any, yearly: Series
) -> None:
    sign_in(client, scene.clerk)
    address = f"/series/{yearly.id}"
    wrong = send(client, f"{address}/skip", version=yearly.version, due_on="16/12/2026", reason="Nghỉ")
    assert wrong.status_code == 422
    assert "16/12/2026" in text_of(wrong)
    assert (
        send(client, f"{address}/skip", version=yearly.version, due_on="15/12/2026", reason="Nghỉ").status_code == 303
    )
    assert "15/12/2027" in text_of(client.get(address))
    assert "Nghỉ" in text_of(client.get(address))
    stale = yearly.version
    words = {"content": "Tổng kết năm", "lead_unit_ids": scene.unit.id, "lead_days": 30, "reason": "Theo kế hoạch mới"}
    assert "15/12/2027, 15/12/2028" in text_of(client.get(f"{address}/skip")), "periods to choose from"
    assert send(client, f"{address}/change", version=stale, deadline_text="khi cần", **words).status_code == 422
    assert send(client, f"{address}/change", version=stale, deadline_text="20/11 hằng năm", **words).status_code == 303
    assert next_due(yearly) == date(2026, 11, 20)
    again = send(client, f"{address}/change", version=stale, deadline_text="15/12 hằng năm", **words)
    assert again.status_code == 409
    assert "15/12 hằng năm" in text_of(again), "what was typed stays"
    assert "Hiện đang lưu: “20/11 hằng năm”." in text_of(again)
    for page, values in (("end", {}), ("skip", {"due_on": "20/11/2027"})):
        assert send(client, f"{address}/{page}", version=stale, reason="Cũ", **values).status_code == 409
    assert send(client, f"{address}/end", version=yearly.version, reason="Hết kế hoạch").status_code == 303
    assert "Tổng kết năm" in text_of(client.get("/series/?ended=1"))
    assert "Tổng kết năm" not in text_of(client.get("/series/"))
    late = send(client, f"{address}/end", version=yearly.version, reason="Lần nữa")
    assert late.status_code == 409
    assert "đã kết thúc" in text_of(late)


def test_repeated_work_is_set_up_with_its_first_period_its_end_and_its_lead_time(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    with unit_of_work():
        scene.task.code = "NV-CU-1"
    sign_in(client, scene.clerk)
    values = {
        "office_unit_id": factories.office().id,
        "content": "Báo cáo tháng về dữ liệu mở",
        "lead_unit_ids": scene.unit.id,
        "coordinator_ids": scene.other.id,
        "request": "Gửi số liệu",
        "tags": "dữ liệu",
        "priority": "normal",
    }
    once = send(client, "/tasks/new", deadline_text="30/11/2026", lead_days="10", **values)
    assert once.status_code == 422
    monthly = {**values, "deadline_text": "ngày 25 hằng tháng", "lead_days": "10", "starts_on": "01/06/2026"}
    assert send(client, "/tasks/new", until_on="31/05/2026", **monthly).status_code == 422
    made = send(client, "/tasks/new", until_on="31/12/2026", **monthly)
    assert made.status_code == 303
    page = text_of(client.get(made.headers["Location"]))
    assert "25/06/2026" in page  # the first period, and no task before its time
    series = db.session.query(Series).one()
    assert (series.lead_days, series.until_on, series.starts_on) == (10, date(2026, 12, 31), date(2026, 6, 1))
    make_due_periods(datetime(2026, 6, 16, 3, tzinfo=UTC))
    task = db.session.query(Task).filter_by(series_id=series.id).one()
    assert ([line.request for line in task.coordinations], list(task.tags)) == (["Gửi số liệu"], ["dữ liệu"])


def test_work_of_a_unit_that_has_ended_says_that_it_needs_another(
    client: FlaskClient, scene: Scene, sign_in: Any, yearly: Series
) -> None:
    with unit_of_work():
        db.session.get(Unit, scene.unit.id).is_active = False
    sign_in(client, scene.clerk)
    assert "không tạo được nhiệm vụ" in text_of(client.get(f"/series/{yearly.id}"))
