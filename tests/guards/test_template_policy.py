"""Templates keep to the content security policy: no inline script, style or handler, nothing from other hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taskflow import paths

#: E-mails are read in mail programs: they need inline styles and have no policy.
PAGES = [path for path in sorted(paths.TEMPLATES.rglob("*.html")) if "emails" not in path.parts]
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
FORBIDDEN = {
    "inline style": re.compile(r"<style\b|<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "inline handler": re.compile(r"<[a-z][^>]*\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=", re.IGNORECASE),
    "file of another host": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE
    ),
}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(paths.TEMPLATES)))
def test_template_keeps_to_the_policy(path: Path) -> None:
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    assert not [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color:red">',
        "<script>go()</script>",
        '<a onclick="go()">',
        '<script src="https://cdn.example/x.js"></script>',
    ],
)
def test_the_patterns_find_what_they_forbid(text: str) -> None:
    assert any(pattern.search(text) for pattern in FORBIDDEN.values())
