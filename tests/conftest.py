"""What all tests share. Everything that touches a database runs on SQLite and on PostgreSQL.

One application per database engine and worker, its schema made by the migrations. A test commits for
real; afterwards the tables that it wrote to are emptied. Fixtures:

``app``        the application, with a context pushed for the test's own calls of services
``client``     a browser without JavaScript; each request runs in a fresh context; its HTML is checked
``runner``     ``runner("db", "upgrade")`` runs a command of the command line in this application
``clock``      stands still at a Monday morning; ``clock.set("2026-04-30 08:00")``, ``clock.advance(days=1)``
``factories``  makes units, people, documents and tasks (tests/factories.py)
``sign_in``    ``sign_in(client, user)``
``configure``  ``configure(smtp_host="127.0.0.1", smtp_port=2525)`` changes settings for this test
``empty_database``, ``fresh_database``  address of a database of one's own: without schema, or migrated

``@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)`` keeps a test to one engine;
``@pytest.mark.needs("tesseract")`` names a program of the system (tests/support/tools.py).
"""

from __future__ import annotations

import contextvars
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import event, text

from scripts.translations import compile_catalogues
from taskflow.cli import support
from taskflow.cli.main import cli
from taskflow.config import Settings
from taskflow.extensions import WRITE_INTENT, db
from taskflow.factory import create_app
from taskflow.models.org import User
from taskflow.services import schema
from tests.factories import Factories
from tests.support import network, tools
from tests.support.browser import CheckingClient
from tests.support.clock import Clock
from tests.support.databases import Server, shared_server, stop_server

RUN_FOLDER = "TASKFLOW_TEST_RUN_FOLDER"
WRITTEN = re.compile(r"^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)


def pytest_configure(config: pytest.Config) -> None:
    """Begin with a clean environment; the controlling process owns the folder of this run."""
    for name in [name for name in os.environ if name.startswith("TASKFLOW_") and "_TEST_" not in name]:
        del os.environ[name]
    # The same examples each time, so that what fails is the change; `make fuzz` looks for new ones. A busy machine
    # is no fault of what is tested.
    hypothesis_settings.register_profile(
        "tests", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    hypothesis_settings.load_profile("tests")
    if not hasattr(config, "workerinput"):
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="taskflow-tests-")
        compile_catalogues()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL server and remove the folder of this run."""
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ.pop(RUN_FOLDER))
        stop_server(folder)
        shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a program that this machine lacks; in CI it stays, and fails."""
    if tools.is_required():
        return
    lacking = {item: [tool for tool in _tools_of(item) if tools.find(tool) is None] for item in items}
    left_out = [item for item, missing in lacking.items() if missing]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not lacking[item]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out for want of a program."""
    for tool in [] if tools.is_required() else [tool for tool in tools.PROGRAMS if tools.find(tool) is None]:
        terminalreporter.write_line(f"LEFT OUT: tests that need {tool}. {tools.complaint(tool)}", yellow=True)


@pytest.fixture(autouse=True)
def _required_tools(request: pytest.FixtureRequest) -> None:
    for tool in _tools_of(request.node):
        assert tools.find(tool) is not None, tools.complaint(tool)


def _tools_of(item: pytest.Item) -> list[str]:
    named = [str(tool) for mark in item.iter_markers("needs") for tool in mark.args]
    return [*named, "chromium"] if item.get_closest_marker("e2e") else named


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        network.block(patch)
        yield


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The database engine: each test that uses it, directly or not, runs once per engine."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgresql() -> Server:
    """The PostgreSQL server of this run."""
    return shared_server(Path(os.environ[RUN_FOLDER]))


@pytest.fixture(scope="session")
def application(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """The application of this worker and engine. Tests use ``app``, which cleans up after each of them."""
    folder = tmp_path_factory.mktemp(backend)
    if backend == "sqlite":
        made = _migrated(f"sqlite:///{folder / 'taskflow.sqlite3'}", folder)
    else:
        server: Server = request.getfixturevalue("postgresql")
        made = _migrated(server.address(server.create()), folder)
    made.test_client_class = CheckingClient
    made.testing = True
    with made.app_context():
        made.extensions["taskflow_written"] = written = _watch_writes()
    yield made
    written.clear()
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def app(application: Flask, clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """The application with an empty, migrated database; a context is pushed for the test's own calls."""
    kept = dict(application.config)
    settings: Settings = application.config["TASKFLOW"]
    application.config["TASKFLOW"] = settings.model_copy(update={"data_dir": tmp_path / "data"})
    application.config["TASKFLOW_CLOCK"] = application.config["TASKFLOW_DATABASE_CLOCK"] = clock
    with application.app_context():
        yield application
        db.session.rollback()
    with application.app_context():
        _empty(application.extensions["taskflow_written"])
    application.config.clear()
    application.config.update(kept)


@pytest.fixture
def clock() -> Clock:
    """Monday 16/03/2026, 09:00 in the office."""
    return Clock()


@pytest.fixture
def configure(app: Flask) -> Callable[..., Settings]:
    """Change settings for the rest of the test."""

    def change(**values: Any) -> Settings:
        settings: Settings = app.config["TASKFLOW"]
        changed = Settings(**{**settings.model_dump(), **values})
        app.config["TASKFLOW"] = changed
        return changed

    return change


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in. ``app.test_client()`` makes another one."""
    return app.test_client()


@pytest.fixture
def factories(app: Flask, clock: Clock) -> Factories:
    """Makes what a test needs, committed."""
    return Factories(clock)


@pytest.fixture
def sign_in() -> Callable[[FlaskClient, User], FlaskClient]:
    """Sign a person in, without the form and without hashing a password."""

    def enter(client: FlaskClient, user: User) -> FlaskClient:
        with client.session_transaction() as session:
            session.clear()
            session["_user_id"] = f"{user.id}:{user.session_epoch}"
            session["_fresh"] = True
        return client

    return enter


@pytest.fixture
def runner(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command: ``result = runner("db", "upgrade")``; exit_code, stdout and stderr are in the result."""
    monkeypatch.setattr(support, "create_app", lambda: app)

    def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002 - click's own name for it
        db.session.rollback()
        result = contextvars.Context().run(CliRunner().invoke, cli, [str(part) for part in arguments], input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def empty_database(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a database without a schema, for this test alone."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'own.sqlite3'}"
        return
    server: Server = request.getfixturevalue("postgresql")
    name = server.create()
    yield server.address(name)
    server.drop(name)


@pytest.fixture
def fresh_database(empty_database: str, tmp_path: Path) -> str:
    """Address of a migrated database for this test alone (several processes, real servers)."""
    made = _migrated(empty_database, tmp_path)
    with made.app_context():
        db.engine.dispose()
    return empty_database


def _migrated(url: str, folder: Path) -> Flask:
    made = create_app(
        Settings(database_url=url, data_dir=folder, secret_key="secret of the tests", base_url="http://localhost")
    )
    with made.app_context():
        schema.upgrade()
    return made


def _watch_writes() -> set[str]:
    """The names of tables that are written to from now on, by any thread that uses this engine."""
    written: set[str] = set()

    @event.listens_for(db.engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found = WRITTEN.match(statement)
        if found and found.group(1) != "alembic_version":
            written.add(found.group(1))

    return written


def _empty(written: set[str]) -> None:
    """Empty the tables that a test wrote to; numbering begins at 1 again."""
    tables = sorted(written)
    if not tables:
        return
    token = WRITE_INTENT.set(True)
    try:
        with db.engine.connect() as connection:
            if db.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                for table in tables:
                    connection.exec_driver_sql(f'DELETE FROM "{table}"')
            else:
                _empty_postgresql(connection, tables)
            connection.commit()
    finally:
        WRITE_INTENT.reset(token)
    written.clear()


def _empty_postgresql(connection: Any, tables: list[str]) -> None:
    # One statement: foreign keys are looked at when it ends, so the order of tables is no matter.
    *others, last = tables
    deletions = ", ".join(f'd{number} AS (DELETE FROM "{table}")' for number, table in enumerate(others))
    connection.execute(text((f"WITH {deletions} " if others else "") + f'DELETE FROM "{last}"'))
    connection.execute(
        text(
            "SELECT setval(pg_get_serial_sequence(quote_ident(table_name), column_name), 1, false)"
            " FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = ANY(:tables) AND column_default LIKE 'nextval(%'"
        ),
        {"tables": tables},
    )
