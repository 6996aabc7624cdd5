"""The test client: each request in a context of its own, and every HTML answer is real HTML."""

from __future__ import annotations

import contextvars
import re
import secrets
from collections import Counter
from collections.abc import Iterable
from typing import Any

import html5lib
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from taskflow.extensions import db

#: Elements that only exist inside another one: what a fragment that begins with them is parsed in.
CONTAINERS = {"tr": "tbody", "td": "tr", "th": "tr", "tbody": "table", "thead": "table", "option": "select"}
#: What the parser minds and the standard of today allows: "&" before a letter that begins no entity ("GD&ĐT").
ALLOWED = {"expected-named-entity"}
#: Plain text and numbers cannot be malformed: pages that differ in nothing else are parsed once.
CHANGING = re.compile(r"(?<=>)[^<&]+|[\w.-]{60,}|[0-9a-f]{16}|\d+")
IDS = re.compile(r"<[^>]*?\sid=\"([^\"]+)\"")
_CHECKED: set[int] = set()


class CheckingClient(FlaskClient):
    """Flask's client, with two differences.

    A request sees nothing of the test's own application context (no ``g`` and no objects left over from
    it), and the test's objects are refreshed afterwards. HTML that a strict parser refuses, or in which
    an id is given twice, fails the test.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        db.session.rollback()
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        check_html(response)
        return response


def csrf_token(client: FlaskClient) -> str:
    """A token against forged requests, as the pages of this session have it, without asking for a page."""
    with client.session_transaction() as session:
        own = session.setdefault("csrf_token", secrets.token_hex(20))
    return URLSafeTimedSerializer(client.application.secret_key or "", salt="wtf-csrf-token").dumps(own)


def check_html(response: TestResponse) -> None:
    """Fail when an HTML answer is not well-formed HTML5."""
    if response.mimetype != "text/html" or response.status_code == 206:
        return
    text = response.get_data(as_text=True)
    fingerprint = hash(CHANGING.sub("", text))
    if not text.strip() or 300 <= response.status_code < 400:
        return
    problems = _given_twice(IDS.findall(text)) if fingerprint in _CHECKED else html_problems(text)
    assert not problems, f"{response.request.path}: {problems}"
    _CHECKED.add(fingerprint)


def html_problems(text: str) -> list[str]:
    """What is wrong with a page, or with a fragment that htmx puts into one."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    start = text.lstrip()
    if start[:9].lower() == "<!doctype":
        tree = parser.parse(text)
    else:
        first = re.match(r"<([a-z]+)", start)
        tree = parser.parseFragment(text, container=CONTAINERS.get(first.group(1) if first else "", "div"))
    problems = [
        f"line {place[0]}: {code} {values} near {_line(text, place[0])!r}"
        for place, code, values in parser.errors
        if code not in ALLOWED
    ]
    return problems + _given_twice(element.get("id") for element in tree.iter() if element.get("id"))


def _given_twice(ids: Iterable[str]) -> list[str]:
    return [f"id {name!r} is given {times} times" for name, times in Counter(ids).items() if times > 1]


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip()[:120] if 0 < number <= len(lines) else ""
