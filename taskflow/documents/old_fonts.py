"""Text of the time before Unicode: TCVN3 (ABC, fonts ".VnTime") and VNI ("VNI-Times"), made Vietnamese again.

Such text looks right only in its font; read by its codes "Sở Nội vụ" is "Së Néi vô". It is known by the name of its
font where the format has one, else by letters that Vietnamese does not have, inside a word.
"""

from __future__ import annotations

import re
import unicodedata

_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVE = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_VNI_ALONE = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "í": "í", "ì": "ì"}
_VNI_MARKS = "ùøûõïâáàåãäêéèúüë"
_VNI_PAIR = re.compile(f"[aeouyôö][{_VNI_MARKS}]|[ñôöæóòîíì]", re.IGNORECASE)
#: Marks that never follow these vowels in Unicode Vietnamese, and đ.
_SURELY_VNI = re.compile(r"[aeouyôö][ùøûïåäëü]|[aeo]õ|ñ|[ôö][ùøûõï]", re.IGNORECASE)
_SURELY_TCVN3 = re.compile(r"(?<=[A-Za-z])[¸¶·¹¨»¾¼½Æ©ÇËÎÏÑªÖ×ØÜÞßä«åæçë¬îïñö÷øûþµ®\xad]|[®§¸©ªµ¶·¹¬](?=[A-Za-z])")
_UNICODE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1eff\u0300-\u0323]")


def converted(text: str, font: str = "") -> str:
    """``text`` in Unicode; the same where it is Unicode already. ``font``: the name of its font, if known."""
    if text.isascii() or _UNICODE.search(text):
        return text
    name = font.lower()
    if name.startswith("vni"):
        return _of_vni(text)
    if name.startswith(".vn"):
        return _of_tcvn3(text, capitals=name.endswith("h"))
    tcvn3, vni = len(_SURELY_TCVN3.findall(text)), len(_SURELY_VNI.findall(text))
    if not tcvn3 and not vni:
        return text
    return _of_vni(text) if vni > tcvn3 else _of_tcvn3(text, capitals=False)


def _of_tcvn3(text: str, *, capitals: bool) -> str:
    # Capitals of a plain font have no accented ones: "NHIÖM Vô" is "NHIỆM VỤ", while "Së KH&CN" is "Sở KH&CN".
    changed = [word for word in text.split() if not word.isascii()]
    shouted = not re.search("[a-z]", text) and any(len(re.findall("[A-Z]", word)) > 1 for word in changed)
    found = "".join(_TCVN3.get(char, char) for char in text)
    return found.upper() if capitals or shouted else found


def _of_vni(text: str) -> str:
    return _VNI_PAIR.sub(lambda found: _vni_letter(found[0]), text)


def _vni_letter(pair: str) -> str:
    low = pair.lower()
    letter = _VNI_ALONE.get(low[0], low[0])
    if len(low) > 1:
        mark = low[1]
        if mark in _TONES:
            letter += _TONES[mark]
        elif mark in _CIRCUMFLEX:
            letter += "\u0302" + _CIRCUMFLEX[mark]
        else:
            letter += "\u0306" + _BREVE[mark]
    letter = unicodedata.normalize("NFC", letter)
    return letter.upper() if pair[0].isupper() else letter
