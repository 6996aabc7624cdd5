"""Addresses of static files. Each carries the digest of its content, so that browsers may keep it for long."""

from __future__ import annotations

import hashlib
from functools import cache

from flask import Flask, has_request_context, request

from taskflow import paths


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((paths.STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of ``taskflow/static/<name>``; a file that does not exist is a programming error."""
    # Not url_for: a list page asks a hundred times for the icon sprite.
    root = request.script_root if has_request_context() else ""
    return f"{root}/static/{name}?v={_digest(name)}"


def init_assets(app: Flask) -> None:
    """Give templates ``asset("app.css")``."""
    app.jinja_env.globals["asset"] = asset
