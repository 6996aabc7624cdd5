"""Suggestions of the unit that a written name may mean: by spelling, initials, part of a name, edit distance."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

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
    ``initials`` ("VPUB", "Sở NV"), ``part`` (name without its place), ``similar`` (edit distance: never accept
    silently).
    """

    key: str
    name: str
    score: float
    reason: str


def reads_as_initials(name: str, candidate: str) -> bool:
    """Whether capitals of ``name`` stand for words of ``candidate``, written together or apart.

    "SGD ĐT", "Sở GD&ĐT" and "sgdđt" so stand for "Sở Giáo dục và Đào tạo"; spelled words must be the same.
    """
    pattern = _initials(name)
    return pattern is not None and any(pattern.fullmatch(text) for text in (_words(plain(candidate)), fold(candidate)))


@lru_cache(maxsize=1024)
def _initials(name: str) -> re.Pattern[str] | None:
    written = re.findall(r"[^\W_]+", name)
    short = [word for word in written if word.isupper()] or (written if len(written) == 1 else [])
    size = sum(map(len, short)) + len(written) - len(short)
    if not any(len(word) > 1 for word in short) or not 3 <= size <= 12:
        return None
    parts: list[str] = []
    for word in written:
        initials = r"[a-z0-9]* ".join(plain(word)) + "[a-z0-9]*" if word in short else re.escape(plain(word))
        parts += [initials] if initials != "va" else []
    return re.compile(" ".join(parts))


def _words(text: str) -> str:
    return " ".join(word for word in re.findall(r"[a-z0-9]+", text) if word != "va")


_PLACE_TAIL = re.compile(r" (?:tinh|thanh pho|tp|huyen|quan|thi xa|xa|phuong|dac khu|thi tran)(?: .*)?$")


def _score(name: str, candidate: str) -> tuple[float, str]:
    if tidy(name).lower() == tidy(candidate).lower():
        return 1.0, "same"
    left, right = fold(name), fold(candidate)
    if left == right:
        return 0.97, "folded"
    if len(left) > 6 and _PLACE_TAIL.sub("", left) == _PLACE_TAIL.sub("", right):
        return 0.9, "part"
    if reads_as_initials(name, candidate):
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
