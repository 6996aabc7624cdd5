"""The guide (docs/guide.md) inside the application: one page, opened at the part that the present page belongs to."""

from __future__ import annotations

import re
from functools import cache

from flask import Blueprint, Response, render_template, request, send_from_directory, url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from taskflow.paths import GUIDE
from taskflow.web.guards import public

help_pages = Blueprint("help", __name__, url_prefix="/help")

#: The heading of the guide that explains a page, by endpoint or by area.
_SECTIONS = {
    "account": "Đăng nhập",
    "tasks.mine": "Đơn vị thực hiện",
    "imports": "Văn phòng: nhập kế hoạch",
    "documents": "Văn phòng: nhập kế hoạch",
    "tasks": "Văn phòng: theo dõi, đôn đốc, xác nhận",
    "office": "Văn phòng: theo dõi, đôn đốc, xác nhận",
    "series": "Văn phòng: theo dõi, đôn đốc, xác nhận",
    "indicators": "Văn phòng: theo dõi, đôn đốc, xác nhận",
    "tasks.decisions": "Lãnh đạo",
    "account_channels": "Nhắc việc",
    "messages": "Nhắc việc",
    "inbox": "Nhắc việc",
    "reminder_rules": "Nhắc việc",
    "admin": "Quản trị",
    "channels": "Quản trị",
}
_UNIT_SECTION = "Đơn vị thực hiện"


@help_pages.get("/")
@public
def index() -> str:
    """The whole guide."""
    return render_template("help/index.html", guide=Markup(_html()))  # noqa: S704 - our own document, rendered without raw HTML


@help_pages.get("/images/<name>")
@public
def image(name: str) -> Response:
    """A picture of the guide."""
    return send_from_directory(GUIDE.parent / "images", name, max_age=86_400)


def help_url(*, of_unit: bool) -> str:
    """The address of the guide at the part that explains the present page.

    ``of_unit``: the reader works in no coordinating office, so that pages of tasks are explained as units see them.
    """
    endpoint = request.endpoint or ""
    heading = _SECTIONS.get(endpoint) or _SECTIONS.get(endpoint.rpartition(".")[0], "")
    if of_unit and endpoint.startswith("tasks."):
        heading = _UNIT_SECTION
    return url_for("help.index", _anchor=_slug(heading) if heading else None)


def sections() -> frozenset[str]:
    """The headings that pages lead to."""
    return frozenset(_SECTIONS.values())


@cache  # the guide changes with the release only
def _html() -> str:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(GUIDE.read_text(encoding="utf-8"))
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _slug(tokens[place + 1].content))
        for part in token.children or ():
            _adapt(part)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _adapt(token: Token) -> None:
    """Pictures come from here and only when they are scrolled to."""
    if token.type == "image":
        token.attrSet("src", f"/help/{token.attrGet('src')}")
        token.attrSet("loading", "lazy")


def _slug(heading: str) -> str:
    """The anchor of a heading, as the places that show Markdown make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
