"""All units with every name they go or went by, in memory: what the resolver looks names up in.

Loaded with a few queries whatever the number of names; a value of one request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.unit_matching import KnownUnit, match_units, reads_as_initials
from taskflow.domain.units import fold
from taskflow.models.org import SuccessionKind, Unit, UnitGroup, UnitGroupMember, UnitName, UnitSuccession

#: Names that are compared letter by letter once the quick comparison has chosen them.
_SHORTLIST = 40


@dataclass(frozen=True, slots=True)
class IndexedUnit:
    """A unit as the resolver sees it."""

    id: int
    name: str
    path: str
    is_active: bool
    dissolved_on: date | None


@dataclass(frozen=True, slots=True)
class NameEntry:
    """One name of a unit. ``kind`` is name (official or short), official (a former one) or alias."""

    unit: IndexedUnit
    text: str
    kind: str
    valid_from: date | None = None
    valid_to: date | None = None

    def held_on(self, day: date | None) -> bool:
        """Whether the unit existed and went by this name on the day; unknown days fit everything."""
        if day is None:
            return True
        if self.unit.dissolved_on is not None and self.unit.dissolved_on <= day:
            return False
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Link:
    """That a unit's work passed on: to whom, when, by which decision."""

    kind: SuccessionKind
    to_id: int | None
    effective_on: date
    decision_number: str


@dataclass(frozen=True, slots=True)
class IndexedGroup:
    """A group with the ids of its active members."""

    id: int
    name: str
    is_open: bool
    member_ids: tuple[int, ...]


@dataclass(slots=True)
class UnitIndex:
    """Units by folded name, groups by folded name, links by unit."""

    units: dict[int, IndexedUnit] = field(default_factory=dict)
    names: dict[str, list[NameEntry]] = field(default_factory=dict)
    links: dict[int, list[Link]] = field(default_factory=dict)
    groups: dict[str, IndexedGroup] = field(default_factory=dict)
    #: Path of the body whose office asks; units below it come first.
    body_path: str = "/"

    @classmethod
    def load(cls, session: Session, office_unit_id: int) -> UnitIndex:
        """Read everything once."""
        index = cls()
        for row in session.execute(
            select(Unit.id, Unit.name, Unit.short_name, Unit.path, Unit.is_active, Unit.dissolved_on, Unit.parent_id)
        ):
            unit = IndexedUnit(row.id, row.name, row.path, row.is_active, row.dissolved_on)
            index.units[unit.id] = unit
            for text in dict.fromkeys((row.name, row.short_name)):  # the full name first, always
                index._add(NameEntry(unit, text, "name"))
            if row.id == office_unit_id:
                above = [part for part in row.path.split("/") if part][:-1]
                index.body_path = f"/{'/'.join(above)}/" if above else row.path
        for name in session.execute(
            select(UnitName.unit_id, UnitName.name, UnitName.kind, UnitName.valid_from, UnitName.valid_to)
        ):
            index._add(NameEntry(index.units[name.unit_id], name.name, name.kind, name.valid_from, name.valid_to))
        for link in session.scalars(select(UnitSuccession).order_by(UnitSuccession.effective_on, UnitSuccession.id)):
            found = Link(link.kind, link.to_unit_id, link.effective_on, link.decision_number)
            index.links.setdefault(link.from_unit_id, []).append(found)
        index._load_groups(session)
        return index

    def entries(self, folded: str, on: date | None) -> list[NameEntry]:
        """Who goes by this name, best first: valid on the day, in the office's own tree, nearest to its body."""
        return sorted(
            self.names.get(folded, ()),
            key=lambda entry: (
                not entry.held_on(on),
                not entry.unit.path.startswith(self.body_path),
                not entry.unit.is_active,
                entry.unit.path.count("/"),
                entry.unit.id,
            ),
        )

    def similar(self, wording: str, *, limit: int = 5) -> list[tuple[int, float]]:
        """Active units whose names resemble the wording, best first: (id, score). Never to be taken silently."""
        key = fold(wording)
        if not key:
            return []
        names = {folded: [entry for entry in entries if entry.unit.is_active] for folded, entries in self.names.items()}
        close = process.extract(key, list(names), scorer=fuzz.token_sort_ratio, limit=_SHORTLIST)
        by_unit: dict[int, set[str]] = {}
        for folded, _ratio, _place in close:
            for entry in names[folded]:
                by_unit.setdefault(entry.unit.id, set()).add(entry.text)
        for unit_id in self._initials(wording):
            by_unit.setdefault(unit_id, set()).add(self.units[unit_id].name)
        known = [KnownUnit(str(unit_id), tuple(sorted(texts))) for unit_id, texts in sorted(by_unit.items())]
        found = [(int(match.key), match.score) for match in match_units(wording, known, limit=4 * limit)]
        found.sort(key=lambda pair: (-pair[1], not self.units[pair[0]].path.startswith(self.body_path)))
        return found[:limit]

    def similar_groups(self, wording: str, *, floor: float = 85) -> list[tuple[int, float]]:
        """Groups whose designations resemble the wording, best first: (id, score)."""
        close = process.extract(
            fold(wording), list(self.groups), scorer=fuzz.token_sort_ratio, limit=3, score_cutoff=floor
        )
        return [(self.groups[folded].id, round(ratio / 100, 3)) for folded, ratio, _place in close]

    def _initials(self, wording: str) -> Iterable[int]:
        """Units of the own tree whose name the wording writes with initials ("VPUB", "SGD ĐT")."""
        return (
            unit.id
            for unit in self.units.values()
            if unit.is_active and unit.path.startswith(self.body_path) and reads_as_initials(wording, unit.name)
        )

    def _add(self, entry: NameEntry) -> None:
        folded = fold(entry.text)
        if folded:
            self.names.setdefault(folded, []).append(entry)

    def _load_groups(self, session: Session) -> None:
        members: dict[int, list[int]] = {}
        for group_id, unit_id in session.execute(
            select(UnitGroupMember.group_id, UnitGroupMember.unit_id)
            .join(Unit, Unit.id == UnitGroupMember.unit_id)
            .where(Unit.is_active)
            .order_by(Unit.position, Unit.id)
        ):
            members.setdefault(group_id, []).append(unit_id)
        for group in session.scalars(select(UnitGroup).where(UnitGroup.is_active)):
            self.groups[group.folded] = IndexedGroup(
                group.id, group.name, group.is_open, tuple(members.get(group.id, ()))
            )
