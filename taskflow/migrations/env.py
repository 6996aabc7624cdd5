"""Alembic's environment: always on a connection that ``services.schema`` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import text

from taskflow.models import Base
from taskflow.models.base import UtcDateTime

#: Tables and indexes that no model describes: full-text search (see 0002_search).
UNMODELLED = ("task_search",)


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Render our own column type as the plain one, so that migrations never import the application."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out of comparisons what no model describes."""
    return not (kind in ("table", "index") and name is not None and name.startswith(UNMODELLED))


connection = context.config.attributes["connection"]
if connection is None:
    raise SystemExit("run `taskflow db upgrade`; Alembic's own command has no connection here")

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    include_name=include_name,
    compare_type=True,
    transaction_per_migration=True,
)
if connection.dialect.name == "postgresql":
    connection.execute(
        text("SELECT pg_advisory_lock(7411260)")
    )  # two upgrades at once: the second waits, then finds it done
    connection.execute(text("SET lock_timeout = '10s'"))
    connection.commit()
on_sqlite = connection.connection.dbapi_connection if connection.dialect.name == "sqlite" else None
if on_sqlite is not None:
    # A table that SQLite rebuilds is dropped in between, whatever refers to it. Only outside a transaction.
    on_sqlite.execute("PRAGMA foreign_keys=OFF")
with context.begin_transaction():
    context.run_migrations()
if on_sqlite is not None:
    lost = on_sqlite.execute("PRAGMA foreign_key_check").fetchall()
    on_sqlite.execute("PRAGMA foreign_keys=ON")
    if lost:
        raise SystemExit(f"rows refer to what is not there: {lost[:5]}")
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_unlock(7411260)"))
    connection.commit()
