"""Documents: what is tracked of each, its figures, files, links and imports."""

from __future__ import annotations

from flask import Blueprint

documents = Blueprint("documents", __name__, url_prefix="/documents")

from taskflow.web.documents import routes  # noqa: E402 - views register themselves on the blueprint above

__all__ = ["documents", "routes"]
