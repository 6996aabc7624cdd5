"""What is vendored is what VENDORED.md says, and every icon that a page asks for is in the sprite."""

from __future__ import annotations

import hashlib
import re

import pytest

from taskflow import paths

VENDOR = paths.STATIC / "vendor"
ROW = re.compile(
    r"^\| (?P<file>[\w.-]+) \| [^|]+ \| (?P<version>[\d.]+) \| [^|]+ \| [^|]+ \| `(?P<sha256>[0-9a-f]{64})` \|$", re.M
)
LISTED = {m["file"]: m["sha256"] for m in ROW.finditer((VENDOR / "VENDORED.md").read_text(encoding="utf-8"))}
SPRITE_IDS = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text(encoding="utf-8")))
ICON_CALL = re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)["']|\bicon=\s*["']([a-z0-9-]+)["']""")


def test_every_vendored_file_is_listed() -> None:
    assert {path.name for path in VENDOR.iterdir()} - {"VENDORED.md"} == set(LISTED)


@pytest.mark.parametrize("name", sorted(LISTED))
def test_vendored_file_has_the_listed_hash(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == LISTED[name]


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    wanted = {
        (first or second, path.name)
        for path in paths.TEMPLATES.rglob("*.html")
        for first, second in ICON_CALL.findall(path.read_text(encoding="utf-8"))
    }
    assert wanted, "no template names an icon: the pattern of this test no longer fits"
    assert not {(name, where) for name, where in wanted if name not in SPRITE_IDS}


def test_own_static_files_ask_for_nothing_from_outside() -> None:
    for name in ("app.css", "app.js"):
        text = (paths.STATIC / name).read_text(encoding="utf-8")
        assert not re.findall(r"""(?:url\(|@import|fetch\(|src\s*=)\s*["']?(?:https?:)?//""", text), name
