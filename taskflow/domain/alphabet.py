"""The order of the Vietnamese alphabet: Đ after D, Ă and Â after A, tones last (TCVN 6909 letters)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng
_RANK = {letter: rank for rank, letter in enumerate(_LETTERS)}

SortKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...], str]


@lru_cache(maxsize=20_000)
def sort_key(text: str) -> SortKey:
    """What texts are ordered by: letters first, tones where the letters are the same, then the text itself.

    Signs and digits stand before letters; foreign letters stand after z.
    """
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", text.casefold()):
        parts = unicodedata.normalize("NFD", char)
        tone = next((mark for mark in parts if mark in _TONES), "")
        letter = unicodedata.normalize("NFC", parts.replace(tone, "")) if tone else char
        rank = _RANK.get(letter)
        if rank is not None:
            letters.append((1, rank))
        else:
            letters.append((2 if letter.isalpha() else 0, ord(letter[0])))
        tones.append(_TONES.index(tone) + 1 if tone else 0)
    return tuple(letters), tuple(tones), text


def compare(one: str, other: str) -> int:
    """-1, 0 or 1, as databases ask for."""
    first, second = sort_key(one), sort_key(other)
    return (first > second) - (first < second)
