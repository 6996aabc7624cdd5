"""Indicators (chỉ tiêu) of plans: the list, target against actual, readings by the responsible unit."""

from __future__ import annotations

from flask import Blueprint

indicators = Blueprint("indicators", __name__, url_prefix="/indicators")

from taskflow.web.indicators import routes  # noqa: E402 - views register themselves on the blueprint above

__all__ = ["indicators", "routes"]
