"""What units owe each other: figures per coordinating unit, their lists, and tasks urged too often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import TaskFilter
from taskflow.models.task import CoordinationState
from taskflow.services import coordination, urges, waiting
from taskflow.services.queries import mine
from taskflow.services.queries.coordination import coordination_figures
from taskflow.services.queries.statistics import exceptions
from taskflow.services.queries.task_list import list_tasks
from tests.factories import Factories
from tests.integration.web.scene import Scene, text_of
from tests.support.clock import Clock


def test_days_count_against_the_unit_that_is_waited_for(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    other = factories.unit()
    officer, clerk = factories.actor(scene.officer), factories.actor(scene.clerk)
    helper = factories.actor(factories.user(unit=scene.other))
    second = factories.task(unit=scene.unit, state=TaskState.IN_PROGRESS)
    factories.coordination(second, other, state=CoordinationState.ANSWERED, waited_days=2)
    closed = factories.task(unit=scene.unit, state=TaskState.COMPLETED)
    factories.coordination(closed, scene.other, due_on=clock.today - timedelta(days=9))
    for task in (scene.task, second):
        coordination.ask(
            task_id=task.id,
            unit_id=scene.other.id,
            request="Cho ý kiến",
            due_on=clock.today + timedelta(days=2),
            actor=officer,
            now=clock(),
        )
        waiting.start_waiting(task_id=task.id, unit_id=scene.other.id, actor=officer, now=clock())
    clock.advance(days=4)
    (line,) = [one for one in scene.task.coordinations if one.unit_id == scene.other.id]
    coordination.answer(coordination_id=line.id, text="Nhất trí", actor=helper, now=clock())
    clock.advance(days=3)
    figures, total = coordination_figures(clerk, clock())
    assert [(one.unit_id, one.answered, one.owed, one.late, one.waiting, one.days) for one in (*figures, total)] == [
        (scene.other.id, 1, 1, 1, 1, 4 + 7),
        (other.id, 1, 0, 0, 0, 2),
        (None, 2, 1, 1, 1, 13),
    ]
    assert [row.id for row in list_tasks(clerk, TaskFilter(asked=scene.other.id)).rows] == [second.id]
    sign_in(client, scene.clerk)
    page = text_of(client.get("/overview/coordination"))
    assert f"/tasks/?asked={scene.other.id}" in page
    assert "Chưa trả lời phối hợp" in text_of(client.get(f"/tasks/?asked={scene.other.id}"))
    assert "đã chờ phối hợp tổng cộng 9 ngày" in text_of(client.get(f"/tasks/{second.id}"))
    sign_in(client, scene.officer)
    assert client.get("/overview/coordination").status_code == 403


def test_a_unit_finds_all_that_is_asked_of_it(
    client: FlaskClient,
    scene: Scene,
    sign_in: Any,
    factories: Factories,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mine, "REQUESTS", 1)
    partner = factories.user(Role.HEAD, unit=scene.other)
    late = factories.coordination(scene.task, scene.other, due_on=clock.today - timedelta(days=1))
    factories.coordination(factories.task(unit=scene.unit), scene.other)
    page = text_of(sign_in(client, partner).get("/tasks/mine"))
    assert scene.task.code in page
    assert "Quá hạn trả lời" in page
    assert f"/tasks/?asked={late.unit_id}" in page


def test_what_was_urged_too_often_is_found_from_the_overview_of_the_leader(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    clerk, leader = factories.actor(scene.clerk), factories.user(Role.LEADER)
    factories.task(unit=scene.unit, urge_count=1)
    for _ in range(4):
        urges.urge(task_ids=[scene.task.id], text="Đề nghị báo cáo", actor=clerk, now=clock())
    assert exceptions(factories.actor(leader)).urged_often == 1
    page = text_of(sign_in(client, leader).get("/overview"))
    assert "/tasks/?attention=urged_often" in page
    assert scene.task.code in text_of(client.get("/tasks/?attention=urged_often"))
