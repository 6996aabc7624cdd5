"""The documentation lists every setting, command, route, transition and permission, as they are now."""

from __future__ import annotations

import pytest

from scripts import docs


@pytest.mark.parametrize("name", sorted(docs.PARTS))
def test_generated_part_is_current(name: str) -> None:
    path = docs.DOCS / docs.PARTS[name][0]
    text = path.read_text(encoding="utf-8")
    assert docs.render(name, text) == text, "run `make docs`"


def test_a_missing_place_is_told() -> None:
    with pytest.raises(ValueError, match="has no place for settings"):
        docs.render("settings", "# Operations\n")


def test_a_stale_part_is_noticed() -> None:
    text = "<!-- begin settings -->\nold\n<!-- end settings -->\n"
    made = docs.render("settings", text)
    assert made != text
    assert "`TASKFLOW_SMTP_HOST`" in made
    assert docs.render("settings", made) == made
