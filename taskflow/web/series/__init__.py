"""Repeated work: its list, one series with its periods, and what the office does to it."""

from __future__ import annotations

from flask import Blueprint

series = Blueprint("series", __name__, url_prefix="/series")

from taskflow.web.series import routes  # noqa: E402 - views register themselves on the blueprint above

__all__ = ["routes", "series"]
