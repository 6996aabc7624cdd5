"""What a message says, as values: who it is to, what it lists. How it reads is ``messages``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class LetterItem:
    """One task (or document) in a message. ``note`` says where it stands, ``text`` what somebody wrote about it."""

    title: str
    code: str = ""
    unit: str = ""
    due: date | None = None
    #: Day by which a coordinating unit is asked to reply; ``due`` stays the task's own.
    reply_by: date | None = None
    note: str = ""
    text: str = ""
    by: str = ""
    url: str = ""
    for_name: str = ""
    #: Urgency mark: "urgent" (khẩn), "express" (hỏa tốc), or none.
    mark: str = ""


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """A part of a digest: how many there are, and those that are shown."""

    code: str
    count: int
    items: tuple[LetterItem, ...]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.items)


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a message is written from. ``data`` holds what only one kind needs (a link, a code)."""

    kind: str
    name: str = ""
    office: str = ""
    home_url: str = ""
    settings_url: str = ""
    unsubscribe_url: str = ""
    groups: tuple[LetterGroup, ...] = ()
    items: tuple[LetterItem, ...] = ()
    more: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)

    def count(self, code: str) -> int:
        """How many things a group of the digest holds."""
        return next((group.count for group in self.groups if group.code == code), 0)

    @property
    def shown(self) -> tuple[LetterItem, ...]:
        """The items that are named, of all groups."""
        return tuple(item for group in self.groups for item in group.items) or self.items

    @property
    def total(self) -> int:
        """How many things the message is about."""
        return sum(group.count for group in self.groups) + len(self.items) + self.more
