"""The items of a message about events: the first are shown, the rest is counted; each can be withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Items that a message shows; the rest is counted ("và n việc khác").
MOST_SHOWN = 30

Item = dict[str, Any]


def payload_of(items: Sequence[Item], *, uncounted: int = 0) -> dict[str, Any]:
    """What an event's message keeps of its items; ``uncounted`` are others that are known by their number only."""
    shown, rest = list(items[:MOST_SHOWN]), list(items[MOST_SHOWN:])
    return {"items": shown, "more": len(rest) + uncounted, **({"rest": rest} if rest else {})}


def all_items(payload: Mapping[str, Any]) -> list[Item]:
    """Every item of the message, shown or counted."""
    return [*payload.get("items", ()), *payload.get("rest", ())]


def with_items(payload: Mapping[str, Any], items: Sequence[Item]) -> dict[str, Any]:
    """The payload with these items instead of its own."""
    others = {key: value for key, value in payload.items() if key != "rest"}
    return others | payload_of(items, uncounted=payload.get("more", 0) - len(payload.get("rest", ())))
