"""``create_app``: wiring only. No I/O beyond reading the secret key, no thread, no migration."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from taskflow import __version__, paths, titles
from taskflow.api import init_api
from taskflow.clock import system_now
from taskflow.config import Settings, load_settings
from taskflow.extensions import babel, csrf, init_database
from taskflow.i18n import init_i18n, select_locale
from taskflow.log import configure_logging
from taskflow.web import init_web
from taskflow.web.requests import CleanRequest

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application for these settings (default: those of the environment)."""
    settings = settings or load_settings()
    configure_logging(form=settings.log_format, level=settings.log_level)
    app = Flask(
        "taskflow",
        template_folder=str(paths.TEMPLATES),
        static_folder=str(paths.STATIC),
        static_url_path="/static",
    )
    app.request_class = CleanRequest
    app.config.update(
        TASKFLOW=settings,
        TASKFLOW_CLOCK=system_now,
        TASKFLOW_DATABASE_CLOCK=None,
        TASKFLOW_VERSION=__version__,
        TASKFLOW_TITLES=titles,
        SECRET_KEY=_secret_key(settings),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.session_minutes),
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="taskflow_session",
        WTF_CSRF_TIME_LIMIT=None,  # a clerk's page may stay open all day; the session's end is the limit
        BABEL_DEFAULT_LOCALE="vi",
        BABEL_DEFAULT_TIMEZONE=settings.timezone,
        BABEL_TRANSLATION_DIRECTORIES=str(paths.TRANSLATIONS),
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=30),
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign] # Flask's documented way
    init_database(app)
    babel.init_app(app, locale_selector=select_locale)
    csrf.init_app(app)
    init_i18n(app)
    init_web(app)
    init_api(app)
    return app


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.sqlalchemy_url.startswith("sqlite"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return {"connect_args": {"timeout": 15, "check_same_thread": False}}
    # The connection used last comes first: it has the most statements prepared.
    size = settings.threads + settings.delivery_workers + 2
    return {"pool_size": size, "pool_pre_ping": True, "pool_use_lifo": True}


def _secret_key(settings: Settings) -> str:
    """The configured key, or one made once and kept beside the data, readable by its owner only."""
    configured = settings.secret_key.get_secret_value()
    if configured:
        return configured
    return _kept_key(settings.data_dir / "secret_key")


def _kept_key(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(48)
        try:
            with path.open("x", encoding="ascii") as file:
                path.chmod(0o600)
                file.write(key)
        except FileExistsError:
            return path.read_text(encoding="ascii")
        return key
