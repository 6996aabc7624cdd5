"""What people and other programs send as text, cleaned once at the border: forms, API, commands, events, documents."""

from __future__ import annotations

import re
import unicodedata

#: What XML, PostgreSQL or Word cannot hold, and what is invisible and would count as text: controls but tab and line
#: ends, lone surrogates, non-characters, soft hyphens, zero-width and direction marks.
_REMOVED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_NON_CHARACTERS = frozenset(plane * 0x10000 + end for plane in range(1, 17) for end in (0xFFFE, 0xFFFF))
#: Letters of other alphabets that keyboards and fonts give for Vietnamese ones.
_LOOK_ALIKES = str.maketrans(
    {"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ", "Ǝ": "E", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n"}
    | dict.fromkeys(_NON_CHARACTERS)
)


def clean_text(text: str) -> str:
    """``text`` in NFC as every store, export and receiver can hold it, without spaces at its ends.

    What is left is visible: a text of spaces and zero-width characters becomes empty.
    """
    kept = _REMOVED.sub("", text) if not text.isascii() or not text.isprintable() else text
    return unicodedata.normalize("NFC", kept.translate(_LOOK_ALIKES)).strip()


def clean_tree(value: object) -> object:
    """The texts of a JSON value cleaned, keys as well; everything else as it is."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean_tree(one) for one in value]
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_tree(one) for key, one in value.items()}
    return value


def password_form(password: str) -> str:
    """One form for what keyboards compose differently: NFC, spaces of any kind as a plain one (RFC 8265)."""
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFC", _REMOVED.sub("", spaced))
