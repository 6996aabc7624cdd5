"""Signs that a table puts behind units and explains once: "(C): chủ trì; (P): phối hợp"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_SIGN = r"(?P<sign>[A-ZĐ]{1,3}|\*{1,3})"
_ROLE = r"(?P<role>(?i:chủ trì|phối hợp))"
_WHO = r"(?i:(?:các )?(?:cơ quan|đơn vị)\s+)?"
_QUOTE = r"[\"'“”]?"
#: "(C): chủ trì", "(C) là cơ quan chủ trì", "C = chủ trì": a sign without brackets needs something between.
_BEFORE = re.compile(
    rf"(?:\(\s*{_SIGN}\s*\)\s*(?:[:=–-]|(?i:là))?"
    rf"|(?<!\w){_QUOTE}{_SIGN.replace('sign', 'bare')}{_QUOTE}\s*(?:[:=–-]|(?i:là)\s))"
    rf"\s*{_WHO}{_ROLE}(?!\w)"
)
#: "Chủ trì (C), phối hợp (P)".
_BEHIND = re.compile(rf"{_ROLE}\s*\(\s*{_SIGN}\s*\)")

Legend = Mapping[str, str]


def read_legend(texts: Iterable[str]) -> Legend:
    """Sign → "chủ trì" or "phối hợp", from the first of ``texts`` that explains signs for a lead."""
    for text in texts:
        entries = _entries(text)
        found = {match["sign"] or match.groupdict().get("bare") or "": match["role"].lower() for match in entries}
        if "chủ trì" in found.values():
            return found
    return {}


def without_legend(text: str) -> str:
    """A heading without the explanation of signs that it holds."""
    if "chủ trì" not in text.lower() or not read_legend([text]):
        return text
    for match in reversed(_entries(text)):
        kept = f"{match['role']}," if match.re is _BEHIND else ""
        text = text[: match.start()] + kept + text[match.end() :]
    return re.sub(r"\([\s,;.]*\)", " ", re.sub(r",\s*[,;/]", ",", text)).strip(" ,;:-–")


def spelled_out(cell: str, legend: Legend) -> str:
    """The cell with the words of its signs: "Sở A (C)" becomes "Sở A (chủ trì)", "C: Sở A" "chủ trì: Sở A"."""
    for sign, role in legend.items():
        mark = re.escape(sign)
        behind = rf"\(\s*{mark}\s*\)" + (rf"|{mark}(?=\s*(?:[,;\n]|$))" if sign.startswith("*") else "")
        cell = re.sub(rf"(?<!\*)(?:{behind})", f"({role})", cell)
        cell = re.sub(rf"(^|[;\n])(\s*[-+•]?\s*){mark}\s*:", rf"\1\2{role}:", cell)
    return cell


def _entries(text: str) -> list[re.Match[str]]:
    """What ``text`` explains; which of role and sign comes first, the first pair says."""
    before, behind = list(_BEFORE.finditer(text)), list(_BEHIND.finditer(text))
    if before and behind:
        return before if before[0].start() < behind[0].start() else behind
    return before or behind
