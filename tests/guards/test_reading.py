"""Looking changes nothing: every GET route is opened, none may write, fail, or answer with broken HTML."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, inspect, select

from taskflow.demo.load import load_demo
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import Action
from taskflow.extensions import db
from taskflow.models.base import Base
from taskflow.models.document import Document, DocumentFile, ImportJob, ImportRow
from taskflow.models.org import SuccessionKind, Unit, UnitGroup, User
from taskflow.models.outbox import MessageStatus, OutboxMessage
from taskflow.models.task import BulkOperation, Evidence, Series, Task, WorkflowDefinition
from tests.factories import Factories
from tests.support.clock import Clock

WRITING = re.compile(r"^\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|TRUNCATE)\b", re.IGNORECASE)
TITLE = re.compile(r"<title>\s*\S[^<]*</title>")


@contextmanager
def writes() -> Iterator[list[str]]:
    """The writing statements that any connection executes meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if WRITING.match(statement):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def office(app: Flask, clock: Clock) -> None:
    """The demo office: every screen has something true to show, tasks in every state and messages of many fates."""
    load_demo(clock())
    assert set(db.session.scalars(select(Task.state))) == set(TaskState)
    fates = {MessageStatus.QUEUED, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.CANCELLED}
    assert fates <= set(db.session.scalars(select(OutboxMessage.status)))


#: Rows whose ids stand for an argument of an address.
ROWS: dict[str, type[Base]] = {
    "document_id": Document,
    "evidence_id": Evidence,
    "file_id": DocumentFile,
    "group_id": UnitGroup,
    "job_id": ImportJob,
    "message_id": OutboxMessage,
    "operation_id": BulkOperation,
    "row_id": ImportRow,
    "series_id": Series,
    "task_id": Task,
    "unit_id": Unit,
    "user_id": User,
    "workflow_id": WorkflowDefinition,
}


@pytest.fixture
def arguments(office: None, clock: Clock) -> dict[str, list[object]]:
    """What the arguments of addresses can be, by their name. An id of no row is one that nothing has."""
    found: dict[str, list[object]] = {
        name: [db.session.scalar(select(func.min(inspect(model).primary_key[0]))) or 1] for name, model in ROWS.items()
    }
    by_state = db.session.scalars(select(func.min(Task.id)).group_by(Task.state))
    by_shape = db.session.scalars(select(func.min(Task.id)).group_by(Task.shape))
    return {
        **found,
        "task_id": sorted({*by_state, *by_shape}),
        "action": [action.value for action in Action],
        "event": ["sign-in", "delivered"],
        "filename": ["app.css"],
        "kind": [*(kind.value for kind in SuccessionKind), "no-such-kind"],
        "name": ["tong-quan.png", "no-such-picture.png"],
        "page": [1],
        "secret": ["no-such-secret"],
        "token": ["no-such-token"],
        "year": [clock.today.year],
    }


@pytest.fixture
def everyone(factories: Factories, office: None) -> list[User]:
    """Somebody who holds every post that sees other pages, and the head of a department."""
    chief = factories.user(
        Role.ADMINISTRATOR, unit=db.session.scalars(select(Unit).where(Unit.parent_id.is_(None))).one()
    )
    unit_with_work = db.session.scalars(select(Unit).join(Task, Task.lead_unit_id == Unit.id).order_by(Unit.id)).first()
    office_unit = db.session.scalars(select(Unit).where(Unit.is_office).order_by(Unit.id)).first()
    assert unit_with_work is not None
    assert office_unit is not None
    root = chief.memberships[0].unit
    factories.membership(chief, root, Role.LEADER)
    factories.membership(chief, office_unit, Role.COORDINATOR)
    return [chief, factories.user(Role.HEAD, unit=unit_with_work)]


def addresses(app: Flask, arguments: dict[str, list[object]]) -> Iterator[str]:
    """Every GET address, with each sample of its arguments."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or set()):
            continue
        given = rule.defaults or {}
        names = sorted(rule.arguments - set(given))
        unknown = [name for name in names if name not in arguments and not name.endswith("_id")]
        assert not unknown, f"{rule.rule}: tell the fixture `arguments` what {unknown} can be"
        # An id that ROWS does not know is the first one, which may exist or not.
        for values in itertools.product(*(arguments.get(name, [1]) for name in names)):
            yield adapter.build(rule.endpoint, {**dict(zip(names, values, strict=True)), **given})


@pytest.mark.slow
def test_no_get_route_writes_or_fails(
    app: Flask,
    arguments: dict[str, list[object]],
    everyone: list[User],
    sign_in: Callable[[FlaskClient, User], FlaskClient],
) -> None:
    wrong = []
    opened = 0
    for user in everyone:
        client = sign_in(app.test_client(), user)
        for address in addresses(app, arguments):
            try:
                with writes() as statements:
                    answer = client.get(address)
            except Exception as error:  # noqa: BLE001 - every address is tried, the list below says what failed
                wrong.append(f"{address} fails: {error!r:.300}")
                continue
            if statements:
                wrong.append(f"{address} writes: {statements[0][:100]}")
            if answer.status_code >= 500 and address != "/readyz":
                wrong.append(f"{address} answers {answer.status_code}")
            text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
            if text.lstrip()[:9].lower() == "<!doctype" and not TITLE.search(text):
                wrong.append(f"{address} has no title")
            opened += answer.status_code == 200
            answer.close()
    assert not wrong, "\n".join(wrong)
    assert opened > 10


def test_the_watch_sees_a_write(app: Flask, factories: Factories) -> None:
    with writes() as statements:
        factories.unit()
    assert statements
