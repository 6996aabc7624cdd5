"""The coordinating office: exceptions first, the statistic per unit with every number leading to its list."""

from __future__ import annotations

from flask import Blueprint

office = Blueprint("office", __name__)

from taskflow.web.office import routes  # noqa: E402 - views register themselves on the blueprint above

__all__ = ["office", "routes"]
