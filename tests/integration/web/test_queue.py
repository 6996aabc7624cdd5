"""The queue of results: one after the other, with report and evidence, back to the queue after each decision."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from taskflow.domain.states import TaskState
from taskflow.models.task import Task
from tests.factories import Factories
from tests.integration.web.scene import Scene, do, text_of
from tests.support.clock import Clock


@pytest.fixture
def two(client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories) -> list[Task]:
    """Two reported results, the scene's with a picture as evidence."""
    other = factories.task("Báo cáo chuyên đề", unit=scene.unit)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    sign_in(client, scene.officer)
    do(client, scene.task, "report_done", result="Đã ban hành", files=(BytesIO(picture.getvalue()), "anh.png"))
    do(client, other, "report_done", result="Đã gửi", number="7/BC")
    return [scene.task, other]


def test_results_are_decided_one_after_the_other(
    client: FlaskClient, scene: Scene, sign_in: Any, two: list[Task]
) -> None:
    first, second = two
    sign_in(client, scene.clerk)
    page = text_of(client.get("/tasks/queue"))
    assert "Đã ban hành" in page
    assert "2 kết quả đang chờ" in page
    address = f"/tasks/{first.id}/files/1/page-1.png"
    assert f'src="{address}"' in page
    drawn = client.get(address)
    assert drawn.mimetype == "image/png"
    assert "no-store" in drawn.headers["Cache-Control"]
    assert client.get(f"/tasks/{first.id}/files/1/page-9.png").status_code == 404
    later = text_of(client.get(f"/tasks/queue?after={first.id}"))
    assert second.content in later
    assert first.content in text_of(client.get(f"/tasks/queue?after={second.id}"))  # begins again
    answer = do(client, first, "confirm", back="queue")
    assert (answer.status_code, answer.location) == (303, f"/tasks/queue?after={first.id}")
    assert second.content in text_of(client.get(answer.location))
    refused = do(client, second, "return", back="queue", reason="")
    assert refused.status_code == 422
    assert 'value="queue"' in text_of(refused)  # the form that asks again leads back to the queue as well
    assert do(client, second, "return", back="queue", reason="Thiếu phụ lục").status_code == 303
    assert "Không có kết quả nào" in text_of(client.get("/tasks/queue"))


def test_nobody_is_shown_what_they_may_not_decide(
    client: FlaskClient, scene: Scene, sign_in: Any, two: list[Task], factories: Factories, clock: Clock
) -> None:
    for person in (scene.officer, scene.head, scene.outsider):
        assert "Không có kết quả nào" in text_of(sign_in(client, person).get("/tasks/queue"))
    assert sign_in(client, scene.outsider).get(f"/tasks/{two[0].id}/files/1/page-1.png").status_code == 404
    own = factories.task(unit=scene.unit, state=TaskState.AWAITING_CONFIRMATION, delivered_by_id=scene.clerk.id)
    assert own.code not in text_of(sign_in(client, scene.clerk).get(f"/tasks/queue?after={two[1].id}"))
