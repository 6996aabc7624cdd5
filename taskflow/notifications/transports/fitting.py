"""Text made to fit: NFC first (a composed letter counts once), whole words, "…" where something was cut."""

from __future__ import annotations

import re
from collections.abc import Mapping
from unicodedata import normalize

#: Mentions of a group message; a task's own words must never become one.
_MENTION = re.compile(r"\[@[^\]]*\]")
#: A parameter whose limit nobody gave: the smallest that Zalo's kinds have (DOMAIN.md 6.4).
DEFAULT_LIMIT = 30


def fit(text: str, longest: int) -> str:
    """The text in at most ``longest`` characters, cut at a word where one is near."""
    text = normalize("NFC", text).strip()
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    space = cut.rfind(" ")
    if space > longest * 0.6:
        cut = cut[:space]
    return cut.rstrip(" ,;:.–-") + "…"


def fit_parameters(values: Mapping[str, str], template: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """The parameters of a template (name → value of ours, longest length), each made to fit on one line."""
    return {
        name: fit(" ".join(values.get(source, "").split()) or "–", longest or DEFAULT_LIMIT)
        for name, (source, longest) in template.items()
    }


def without_mentions(text: str) -> str:
    """The text without anything that would call people in a group."""
    return _MENTION.sub("", text)
