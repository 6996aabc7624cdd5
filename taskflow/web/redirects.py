"""Where to go next: 303 after a POST, and only to addresses of this site."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import redirect, url_for
from werkzeug.wrappers import Response

from taskflow.web.navigation import navigation, site_urls

_UNSAFE = re.compile(r"[\x00-\x20\\]")


def see_other(url: str) -> Response:
    """The answer to a POST that was carried out: the browser fetches ``url``."""
    return redirect(url, code=303)


def local_path(target: str | None) -> str | None:
    """``target`` when it is a path of this site, else None: a link in a mail must not lead elsewhere after sign-in."""
    if not target or not target.startswith("/") or target.startswith("//") or _UNSAFE.search(target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def home_url() -> str:
    """The first page for the signed-in person."""
    home = site_urls().get("home")
    if home:
        return home
    items = navigation()
    return items[0].url if items else url_for("account.index")
