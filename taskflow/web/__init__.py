"""HTML pages, one package per area. ``AREAS`` is the list of blueprints."""

from __future__ import annotations

from flask import Flask

from taskflow.web import addresses, assets, errors, navigation, security, session, submissions


def init_web(app: Flask) -> None:
    """Register sign-in, security headers, error pages, navigation and all blueprints."""
    addresses.init_addresses(app)
    session.init_session(app)
    security.init_security(app)
    errors.init_errors(app)
    submissions.init_submissions(app)
    navigation.init_navigation(app)
    assets.init_assets(app)
    from taskflow.web.areas import AREAS

    for blueprint in AREAS:
        app.register_blueprint(blueprint)
