"""Every template compiles, and every full page has a title of its own."""

from __future__ import annotations

import pytest
from flask import Flask
from jinja2 import nodes

from taskflow import paths
from taskflow.config import Settings
from taskflow.factory import create_app

NAMES = sorted(
    path.relative_to(paths.TEMPLATES).as_posix()
    for path in paths.TEMPLATES.rglob("*")
    if path.is_file() and path.suffix in (".html", ".txt")
)
#: Not whole pages: fragments, macros, frames that pages extend, and mails (their subject is their title).
PAGES = [
    name
    for name in NAMES
    if name != "base.html"
    and not name.rpartition("/")[2].startswith("_")
    and name.partition("/")[0] not in ("macros", "layouts", "emails")
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("data"), secret_key="secret of the tests"))


@pytest.mark.parametrize("name", NAMES)
def test_template_compiles(pages: Flask, name: str) -> None:
    pages.jinja_env.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_title(pages: Flask, name: str) -> None:
    """The block ``title`` is filled by the page or by a frame below base.html."""
    seen: list[str] = []
    current: str | None = name
    while current is not None and current != "base.html":
        seen.append(current)
        source, _, _ = pages.jinja_env.loader.get_source(pages.jinja_env, current)  # type: ignore[union-attr] # Flask always has one
        tree = pages.jinja_env.parse(source)
        if any(block.name == "title" and block.body for block in tree.find_all(nodes.Block)):
            return
        extends = next(tree.find_all(nodes.Extends), None)
        current = extends.template.as_const() if extends is not None else None
    raise AssertionError(f"no block title in {' → '.join(seen)}")
