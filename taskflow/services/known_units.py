"""Finding a unit by what a person wrote in a cell: its code, its name, or "UBND xã A > Phòng Kinh tế".

For cells that mean one existing unit exactly. What a plan's wording means is ``services.unit_resolver``.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid
from taskflow.domain.units import fold
from taskflow.models.org import Unit


class KnownUnits:
    """The active units of the tree, and those that an import adds while it runs."""

    def __init__(self, session: Session) -> None:
        self._by_code: dict[str, Unit] = {}
        self._by_name: dict[str, list[Unit]] = {}
        self._by_place: dict[tuple[int | None, str], Unit] = {}
        self._roots: list[Unit] = []
        for unit in session.scalars(select(Unit).where(Unit.is_active).order_by(Unit.path)):
            self.add(unit)

    def add(self, unit: Unit) -> None:
        """Know a unit, or know one again after its name or code changed."""
        if unit.code:
            self._by_code[unit.code.lower()] = unit
        for name in (unit.name, unit.short_name):
            found = self._by_name.setdefault(fold(name), []) if fold(name) else None
            if found is not None and unit not in found:
                found.append(unit)
        self._by_place[(unit.parent_id, fold(unit.name))] = unit
        if unit.parent_id is None and unit not in self._roots:
            self._roots.append(unit)

    def existing(self, name: str, code: str, parent: Unit | None) -> Unit | None:
        """The unit that a row describes: same code, or same name in the same place, or the root by its name."""
        if code and code.lower() in self._by_code:
            return self._by_code[code.lower()]
        place = (parent.id if parent is not None else None, fold(name))
        root = next((unit for unit in self._roots if fold(unit.name) == fold(name)), None)
        return self._by_place.get(place) or (root if parent is None or parent is root else None)

    def root(self) -> Unit | None:
        """The unit at the top, where there is exactly one; None where there is none yet. Else ``Invalid``."""
        if len(self._roots) > 1:
            raise Invalid("organisation.parent_needed")
        return self._roots[0] if self._roots else None

    def has(self, text: str) -> bool:
        """Whether the text means any known unit."""
        return bool(self._candidates(text))

    def find(self, text: str) -> Unit:
        """The one unit that the text means. Raises ``Invalid``: ``organisation.no_unit``, ``.ambiguous_unit``."""
        found = self._candidates(text)
        if not found:
            raise Invalid("organisation.no_unit", value=text.strip())
        if len(found) > 1:
            raise Invalid("organisation.ambiguous_unit", value=text.strip(), count=len(found))
        return found[0]

    def _candidates(self, text: str) -> list[Unit]:
        *above, last = (part.strip() for part in text.split(">"))
        if not above and last.lower() in self._by_code:
            return [self._by_code[last.lower()]]
        found = self._by_name.get(fold(last), [])
        if not above:
            return found
        over = {unit.id for unit in self._candidates(" > ".join(above))}
        return [unit for unit in found if unit.parent_id in over]
