"""Import: upload, review, statement, commit. One module a screen, in the order in which a clerk walks through them."""

from __future__ import annotations

from flask import Blueprint

imports = Blueprint("imports", __name__, url_prefix="/imports")

from taskflow.web.imports import (  # noqa: E402 - views register themselves on the blueprint above
    duties,
    figures,
    finish,
    head,
    reading,
    row,
    rows,
    source,
    tables,
    units,
    uploads,
)  # isort: skip

__all__ = [
    "duties",
    "figures",
    "finish",
    "head",
    "imports",
    "reading",
    "row",
    "rows",
    "source",
    "tables",
    "units",
    "uploads",
]
