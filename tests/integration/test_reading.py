"""How the database is read: statements outlive the page that asked them, long results come in portions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.org import Unit, User
from taskflow.services.unit_of_work import stream, unit_of_work
from tests.factories import Factories

PREPARED = text("SELECT statement FROM pg_prepared_statements")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_statement_is_planned_once_for_many_pages(
    app: Flask, client: FlaskClient, factories: Factories, sign_in: Callable[[FlaskClient, User], FlaskClient]
) -> None:
    sign_in(client, factories.user(role=Role.COORDINATOR))
    task = factories.task()
    for _ in range(8):
        assert client.get(f"/tasks/{task.id}").status_code == 200
    db.session.remove()
    with ExitStack() as stack:
        connections = [stack.enter_context(db.engine.connect()) for _ in range(db.engine.pool.checkedin())]
        prepared = [one for connection in connections for one in connection.scalars(PREPARED)]
    assert any("FROM task " in one for one in prepared)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_reading_has_no_transaction_and_writing_has_one(app: Flask) -> None:
    assert db.session.connection().connection.driver_connection.autocommit
    with unit_of_work() as session:
        assert not session.connection().connection.driver_connection.autocommit


def test_a_long_result_comes_in_portions(app: Flask, factories: Factories) -> None:
    units = [factories.unit().id for _ in range(5)]
    wanted = select(Unit.id).where(Unit.id.in_(units)).order_by(Unit.id)
    assert [row.id for row in stream(db.session(), wanted, rows=2)] == units
    with unit_of_work() as session:
        assert [row.id for row in stream(session, wanted, rows=2)] == units
