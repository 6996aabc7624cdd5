"""``alphabetical(column)``: the order of the Vietnamese alphabet in SQL, the same on both databases."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from taskflow.domain.alphabet import compare

_SQLITE, _POSTGRESQL = "vietnamese", "vi-x-icu"


class alphabetical(ColumnElement[str]):  # noqa: N801 - written like a function of SQL
    """An expression whose texts are ordered as a Vietnamese reader expects: Đ after D."""

    inherit_cache = True
    type = Text()
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]

    def __init__(self, column: Any) -> None:
        self.column = column


@compiles(alphabetical, "sqlite")
def _sqlite(element: alphabetical, compiler: SQLCompiler, **named: Any) -> str:
    return f"{compiler.process(element.column, **named)} COLLATE {_SQLITE}"


@compiles(alphabetical)
def _postgresql(element: alphabetical, compiler: SQLCompiler, **named: Any) -> str:
    return f'{compiler.process(element.column, **named)} COLLATE "{_POSTGRESQL}"'


def teach(connection: sqlite3.Connection) -> None:
    """Give a connection of SQLite the collation; PostgreSQL has it from ICU."""
    connection.create_collation(_SQLITE, compare)
