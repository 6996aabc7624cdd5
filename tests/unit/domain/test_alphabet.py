"""The order of the Vietnamese alphabet."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from taskflow.domain.alphabet import compare, sort_key

IN_ORDER = [
    "1. An",
    "An",
    "Ăn",
    "Ân",
    "Bình",
    "Danh",
    "Dũng",
    "Đan",
    "Đức",
    "Em",
    "Êm",
    "Hoa",
    "Hòa",
    "Hóa",
    "Họa",
    "Ông",
    "Ơn",
    "Uy",
    "Ưng",
    "Vũ",
]


def test_letters_with_marks_follow_their_plain_letters() -> None:
    mixed = IN_ORDER[::-1]
    mixed.sort(key=sort_key)
    assert mixed == IN_ORDER


def test_spelling_and_case_do_not_change_the_place() -> None:
    decomposed = unicodedata.normalize("NFD", "Đặng Thị Ấn")
    assert sort_key(decomposed)[:2] == sort_key("ĐẶNG THỊ ẤN")[:2]


@given(st.text(), st.text(), st.text())
def test_it_is_an_order(first: str, second: str, third: str) -> None:
    assert compare(first, second) == -compare(second, first)
    if compare(first, second) <= 0 and compare(second, third) <= 0:
        assert compare(first, third) <= 0
