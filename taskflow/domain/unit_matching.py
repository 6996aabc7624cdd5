"""Suggestions of the unit that a written name may mean: by spelling, initials, part of a name, edit distance."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from taskflow.domain.units import fold, plain, tidy


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as the resolver knows it: an opaque key and every name, short name and alias it goes by."""

    key: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A unit that a written name may mean. ``score`` runs from 0 to 1; ``reason`` is a stable word.

    Reasons: ``same`` (letter for letter but case and spaces), ``folded`` (spelling, accents, abbreviations),
    ``initials`` ("VPUB"), ``part`` (name without its place), ``similar`` (edit distance: never accept silently).
    """

    key: str
    name: str
    score: float
    reason: str


def _initials(text: str) -> str:
    return "".join(word[0] for word in re.findall(r"[a-z0-9]+", plain(text)) if word != "va")


_PLACE_TAIL = re.compile(r" (?:tinh|thanh pho|tp|huyen|quan|thi xa|xa|phuong|dac khu|thi tran)(?: .*)?$")


def _score(name: str, candidate: str) -> tuple[float, str]:
    if tidy(name).lower() == tidy(candidate).lower():
        return 1.0, "same"
    left, right = fold(name), fold(candidate)
    if left == right:
        return 0.97, "folded"
    if len(left) > 6 and _PLACE_TAIL.sub("", left) == _PLACE_TAIL.sub("", right):
        return 0.9, "part"
    compact = re.sub(r"[^a-z0-9]", "", plain(name))
    if len(compact) >= 3 and compact == _initials(candidate):
        return 0.88, "initials"
    return 0.85 * max(fuzz.ratio(left, right), fuzz.token_sort_ratio(left, right)) / 100, "similar"


def match_units(name: str, known: Iterable[KnownUnit], *, limit: int = 5, floor: float = 0.6) -> tuple[Suggestion, ...]:
    """Suggestions for what ``name`` means among ``known``, best first; remarks in brackets are ignored.

    Only ``same`` and ``folded`` are safe to take without asking; the rest is for a person to choose from.
    """
    bare = re.sub(r"\([^)]*\)", " ", name).strip() or name
    found: list[Suggestion] = []
    for unit in known:
        score, reason, spelled = max(
            ((*_score(bare, candidate), candidate) for candidate in unit.names), default=(0.0, "", "")
        )
        if score >= floor:
            found.append(Suggestion(unit.key, spelled, round(score, 3), reason))
    return tuple(sorted(found, key=lambda item: (-item.score, item.name))[:limit])
