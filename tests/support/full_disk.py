"""A database that has no room left, as each of the two says it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, text

from taskflow.extensions import db
from taskflow.models.base import Base

#: What PostgreSQL says when a table cannot grow: the same words, the same SQLSTATE.
_REFUSE = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'could not extend file "base/16384/16385": No space left on device'
    USING ERRCODE = '53100', HINT = 'Check free disk space.';
END $$
"""


@contextmanager
def full_disk() -> Iterator[None]:
    """Nothing more can be written meanwhile: SQLite at a limit of pages, PostgreSQL with its error on every write."""
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        yield from _sqlite()
        return
    tables = [table.name for table in Base.metadata.sorted_tables]
    with db.engine.begin() as connection:
        connection.execute(text(_REFUSE))
        for table in tables:
            connection.execute(
                text(
                    f'CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON "{table}"'
                    " FOR EACH STATEMENT EXECUTE FUNCTION no_room()"
                )
            )
    try:
        yield
    finally:
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION no_room CASCADE"))


def _sqlite() -> Iterator[None]:
    db.engine.dispose()
    raw = db.engine.raw_connection()
    raw.cursor().execute("VACUUM")  # pages that earlier tests freed would be room on the disk
    pages = raw.cursor().execute("PRAGMA page_count").fetchone()[0]
    raw.close()

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")  # holds for one connection, and the pool has several

    event.listen(db.engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(db.engine, "checkout", limit)
        db.session.rollback()
        db.engine.dispose()  # the limit lives in the connections
