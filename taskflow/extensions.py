"""Flask extensions, made once and bound in ``factory.create_app``; and how each database is spoken to."""

from __future__ import annotations

import sqlite3
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from taskflow.collation import teach
from taskflow.models.base import Base

#: Whether the transaction that begins now will write. Set by ``services.unit_of_work`` only.
WRITE_INTENT: ContextVar[bool] = ContextVar("taskflow_write_intent", default=False)
#: How long a transaction waits for others that hold what it wants, in milliseconds.
LOCK_WAIT_DEFAULT = 15_000
LOCK_WAIT: ContextVar[int] = ContextVar("taskflow_lock_wait", default=LOCK_WAIT_DEFAULT)


class Session(BoundSession):
    """A session that reads without a transaction on PostgreSQL; what writes has one.

    ``READ COMMITTED`` shows each statement the state of its own moment anyway, so a transaction around reads would
    only cost two more round trips, and its ``ROLLBACK`` at the end makes the driver forget the statements that it
    has prepared: each would be planned anew for each page.
    """

    def get_bind(self, *args: Any, **named: Any) -> Engine | Connection:
        """The engine that a statement is for; ``bind_arguments={"bind": db.engine}`` asks for a transaction."""
        bind = super().get_bind(*args, **named)
        if named.get("bind") is not None or WRITE_INTENT.get() or isinstance(bind, Connection):
            return bind
        return _reading(bind)


@lru_cache(maxsize=4)  # a process has one, the tests many
def _reading(engine: Engine) -> Engine:
    return engine.execution_options(isolation_level="AUTOCOMMIT") if engine.dialect.name == "postgresql" else engine


class FormProtect(CSRFProtect):  # type: ignore[misc] # the library has no types
    """Protection against forged forms. The token of a form goes on after ``SEPARATOR``: see ``web.submissions``."""

    SEPARATOR = "~"

    def _get_csrf_token(self) -> str | None:
        token: str | None = super()._get_csrf_token()
        return token and token.partition(self.SEPARATOR)[0]


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": Session})
babel = Babel()
csrf = FormProtect()
login_manager = LoginManager()


def configure_engine(engine: Engine) -> None:
    """Teach SQLite connections our pragmas and ``BEGIN IMMEDIATE``; PostgreSQL needs nothing.

    Python's driver begins transactions by itself and too late; it is told not to, and each
    transaction begins here: ``BEGIN IMMEDIATE`` for one that will write, so that two writers
    queue up instead of overwriting each other, plain ``BEGIN`` for one that only reads.
    """
    if engine.dialect.name != "sqlite":

        @event.listens_for(engine, "begin")
        def _begin_elsewhere(connection: Connection) -> None:
            if WRITE_INTENT.get() and LOCK_WAIT.get() != LOCK_WAIT_DEFAULT:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_WAIT.get()}")

        return

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:  # noqa: ARG001 - fixed signature
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError("the sqlite3 driver is expected")
        connection.isolation_level = None
        teach(connection)
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            f"busy_timeout={LOCK_WAIT_DEFAULT}",
            "synchronous=NORMAL",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if WRITE_INTENT.get():
            connection.exec_driver_sql(f"PRAGMA busy_timeout={LOCK_WAIT.get()}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("BEGIN")


def init_database(app: Flask) -> None:
    """Bind the database to the application."""
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
