"""/healthz (the process lives) and /readyz (database, schema, sweep)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from taskflow.clock import now
from taskflow.services.health import readiness
from taskflow.web.guards import public

health = Blueprint("health", __name__)


@health.get("/healthz")
@public
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """Whether requests can be served: 200 or 503, with the state of each part."""
    parts = readiness(now=now())
    good = all(part.ok for part in parts)
    return jsonify(
        status="ok" if good else "error", parts={part.name: part.state for part in parts}
    ), 200 if good else 503
