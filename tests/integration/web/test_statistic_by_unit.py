"""The statistic by the unit then and by the unit now: every number leads to exactly its tasks."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import TaskFilter
from taskflow.models.org import Unit, User
from taskflow.models.task import Task
from taskflow.services import hand_over, reorganisation
from taskflow.services.queries.statistics import Period, UnitsOf, unit_figures
from taskflow.services.queries.task_list import list_tasks
from taskflow.services.reorganisation import Decision
from tests.factories import Factories
from tests.integration.web.scene import text_of
from tests.support.clock import Clock

FEBRUARY = Period(due_from=date(2026, 2, 1), due_to=date(2026, 2, 28))


class Merged:
    """A department that was merged away on 2 March: one task delivered, one handed over, one left behind."""

    def __init__(self, factories: Factories, clock: Clock) -> None:
        clock.set("2026-02-20 08:00")
        self.old: Unit = factories.unit("Sở Kế hoạch", short_name="Sở KH")
        self.new: Unit = factories.unit("Sở Tài chính mới", short_name="Sở TC")
        self.clerk: User = factories.user(Role.COORDINATOR)
        admin = factories.actor(factories.user(Role.ADMINISTRATOR))
        due = date(2026, 2, 25)
        self.delivered: Task = factories.task(unit=self.old, due_on=due, state=TaskState.COMPLETED)
        self.moved: Task = factories.task(unit=self.old, due_on=due, state=TaskState.IN_PROGRESS)
        self.left: Task = factories.task(unit=self.old, due_on=due, state=TaskState.IN_PROGRESS)
        self.own: Task = factories.task(unit=self.new, due_on=due, state=TaskState.IN_PROGRESS)
        clock.set("2026-03-02 08:00")
        (made,) = reorganisation.merge(
            from_unit_ids=[self.old.id],
            to_unit_id=self.new.id,
            decision=Decision("21/QĐ-UBND", clock.today - timedelta(days=3), clock.today),
            actor=admin,
            now=clock(),
        )
        hand_over.hand_over(
            from_unit_id=self.old.id,
            tasks={self.moved.id: self.new.id},
            reason="Sáp nhập",
            succession_id=made.id,
            actor=admin,
            now=clock(),
        )
        clock.set("2026-03-16 08:00")


@pytest.fixture
def merged(app: Flask, factories: Factories, clock: Clock) -> Merged:
    """The department that was merged away."""
    return Merged(factories, clock)


@pytest.mark.parametrize(
    ("period", "units", "old", "new"),
    [
        (Period(), UnitsOf.THEN, (1, 1), (0, 2)),
        (Period(), UnitsOf.NOW, None, (1, 3)),
        (FEBRUARY, UnitsOf.THEN, (1, 2), (0, 1)),  # the handed-over task was led by the old one when February ended
        (FEBRUARY, UnitsOf.NOW, None, (1, 3)),
    ],
)
def test_work_counts_for_the_unit_then_or_now(
    merged: Merged,
    factories: Factories,
    period: Period,
    units: UnitsOf,
    old: tuple[int, int] | None,
    new: tuple[int, int],
) -> None:
    figures, total = unit_figures(factories.actor(merged.clerk), period, units)
    found = {one.unit_id: (one.done_on_time + one.done_late, one.open_late) for one in figures}
    assert found == {**({merged.old.id: old} if old else {}), merged.new.id: new}
    assert (total.done, total.open_late) == (1, 3)


@pytest.mark.parametrize("query", ["", "?units=now", "?period=2026", "?period=2026-Q1&units=now"])
def test_every_number_leads_to_its_tasks(client: FlaskClient, merged: Merged, sign_in: Any, query: str) -> None:
    _follow_every_number(sign_in(client, merged.clerk), f"/overview/units{query}")


def test_every_number_of_a_past_period_leads_to_its_tasks(
    client: FlaskClient, merged: Merged, sign_in: Any, clock: Clock, factories: Factories
) -> None:
    clock.set("2026-04-06 08:00")
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    hand_over.hand_over(
        from_unit_id=merged.old.id,
        tasks={merged.left.id: merged.new.id},
        reason="Còn sót",
        actor=admin,
        now=clock(),
    )
    sign_in(client, merged.clerk)
    page = _follow_every_number(client, "/overview/units?period=2026-Q1")
    assert "đơn vị chủ trì tại ngày 31/03/2026" in page
    assert "Sở KH" in page
    actor = factories.actor(merged.clerk)
    then = {"unit": str(merged.old.id), "shown": "all", "led_on": "2026-03-31"}
    rows = list_tasks(actor, TaskFilter.from_query(then)).rows
    assert {row.id for row in rows} == {merged.delivered.id, merged.left.id}
    before = list_tasks(actor, TaskFilter.from_query({**then, "led_on": "2026-03-01"})).rows
    assert {row.id for row in before} == {merged.delivered.id, merged.left.id, merged.moved.id}
    chips = text_of(client.get(f"/tasks/?unit={merged.old.id}&shown=all&led_on=2026-03-31"))
    assert "Chủ trì tại ngày" in chips


def test_the_switch_keeps_the_period_and_is_kept_by_it(client: FlaskClient, merged: Merged, sign_in: Any) -> None:
    page = text_of(sign_in(client, merged.clerk).get("/overview?period=2026-Q1&units=now"))
    assert re.search(r'href="/overview\?period=2026-Q1#statistic">Theo đơn vị tại thời điểm', page)
    assert re.search(r'href="/overview\?period=2026-Q1&units=now#statistic" aria-current="page">Theo đơn vị hiện', page)
    assert "/overview?units=now&period=2026-Q2#statistic" in page
    assert client.get("/overview?units=later").status_code == 422


def _follow_every_number(client: FlaskClient, address: str) -> str:
    """Open the list behind each number above zero and compare; returns the page."""
    page = client.get(address).get_data(as_text=True)
    body = page[page.index('id="stat"') :]
    numbers = re.findall(r'<td class="num[^"]*"[^>]*><a href="([^"]+)">(\d+)</a>', body)
    followed = [(url, int(number)) for url, number in numbers if number != "0"]
    assert followed
    for url, number in followed:
        listed = client.get(html.unescape(url)).get_data(as_text=True)
        assert len(set(re.findall(r'name="task" value="(\d+)"', listed))) == number, url
    return html.unescape(page)
