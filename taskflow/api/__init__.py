"""JSON for other programs; one package per version. ``init_api`` registers them."""

from __future__ import annotations

from flask import Flask

from taskflow.api.v1.problems import init_unrouted
from taskflow.api.v1.routes import PREFIX, api
from taskflow.extensions import csrf


def init_api(app: Flask) -> None:
    """Register the blueprints. They take no cookie, so they need no token against forged forms."""
    csrf.exempt(api)
    init_unrouted(app, PREFIX)
    app.register_blueprint(api)
