"""No list reads row by row: a page asks the database the same number of times for two rows and for twenty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.indicator import Indicator, IndicatorReading, IndicatorTarget
from taskflow.models.org import Delegation, SuccessionKind, UnitSuccession, User
from taskflow.models.task import Comment, ExtensionRequest, ProgressReport, SavedView, Series, TaskShape, TaskTag
from tests.factories import Factories
from tests.support.clock import Clock

pytestmark = pytest.mark.slow
#: Pages without a list of things that grow, or that are about one day, one file or one program.
NO_LISTS = {"admin.calendar", "admin.calendar_year", "admin.people_template", "imports.new", "tasks.export"}


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def fill(factories: Factories, clock: Clock, person: User, times: int) -> None:
    """More of everything that a list shows, each with a unit, a person and a document of its own."""
    for _ in range(times):
        unit, other = factories.unit(), factories.unit(is_active=False)
        officer = factories.user(unit=unit)
        factories.membership(officer, other, Role.HEAD)
        document = factories.document()
        factories.group(f"các đơn vị số {unit.id}", members=[unit])
        task = factories.task(
            unit=unit, document=document, due_on=clock.today - timedelta(days=1), person_id=officer.id
        )
        factories.task(unit=other)
        mine = factories.task(unit=factories.office(), document=document, person_id=person.id)
        factories.task(unit=unit, shape=TaskShape.PART, parent_id=mine.id)
        factories.coordination(mine, unit)
        factories.coordination(task, other)
        factories.coordination(task, factories.office())
        asked = {"requested_at": clock(), "requested_by_id": officer.id, "reason": "Khó"}
        factories.add(ExtensionRequest(task_id=task.id, asked_due_on=clock.today, **asked))
        said = {"at": clock(), "by_id": officer.id}
        factories.add(ProgressReport(task_id=task.id, result="Đang làm", needs_decision=True, **said))
        factories.add(Comment(task_id=mine.id, text="Ý kiến", **said))
        factories.add(TaskTag(task_id=task.id, tag=f"nhãn {task.id}"))
        indicator = factories.add(
            Indicator(document_id=document.id, name="Tỷ lệ hồ sơ trực tuyến", responsible_unit_id=unit.id)
        )
        factories.add(IndicatorTarget(indicator_id=indicator.id, period="2026", text="90%"))
        factories.add(IndicatorReading(indicator_id=indicator.id, period="2026", text="80%", **said))
        factories.add(
            Series(
                office_unit_id=factories.office().id,
                document_id=document.id,
                content="Báo cáo quý",
                lead_unit_ids=[unit.id],
                coordinator_unit_ids=[other.id],
                rule="FREQ=MONTHLY",
                starts_on=clock.today,
                created_at=clock(),
            )
        )
        factories.add(
            UnitSuccession(
                from_unit_id=other.id, to_unit_id=unit.id, kind=SuccessionKind.MERGE, effective_on=clock.today,
                created_at=clock(),
            )
        )  # fmt: skip
        factories.add(
            Delegation(
                principal_id=officer.id, delegate_id=person.id, starts_on=clock.today, ends_on=clock.today,
                created_at=clock(),
            )
        )  # fmt: skip
        factories.add(
            SavedView(owner_id=person.id, name=f"Chế độ {task.id}", query="label=overdue", created_at=clock())
        )


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_pages_of_lists_ask_as_often_for_few_rows_as_for_many(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient], factories: Factories, clock: Clock
) -> None:
    person = factories.user(Role.ADMINISTRATOR)
    for role in (Role.COORDINATOR, Role.HEAD):
        factories.membership(person, factories.office(), role)
    factories.membership(person, factories.body(), Role.LEADER)
    sign_in(client, person)
    lists = [
        rule
        for rule in app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or ()) and "." in rule.endpoint
        and not rule.endpoint.startswith(("api_", "health.", "hooks.")) and rule.endpoint not in NO_LISTS
    ]  # fmt: skip
    office = factories.office().id
    fixed = [f"/documents/{factories.document().id}", f"/admin/units/{office}", f"/admin/people/{person.id}"]
    fixed.append(f"/admin/reorganisation/hand-over/{office}")

    few: dict[str, int] = {}

    def count() -> dict[str, int]:
        asked = {}
        for address in [*(rule.rule for rule in lists), *fixed]:
            if address not in few:
                client.get(address)  # what is kept in memory is read once
            with statements() as found:
                client.get(address)
            asked[address] = len(found)
        return asked

    fill(factories, clock, person, 2)
    few |= count()
    fill(factories, clock, person, 8)
    many = count()
    assert {address: (few[address], many[address]) for address in few if many[address] > few[address]} == {}
    assert len(few) > 40
