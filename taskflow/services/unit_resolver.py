"""What the wording of a plan means today: units, their successors, groups; with the reason in Vietnamese.

Safe answers are taken (same name, alias, what was chosen before, the one successor); everything else is a
suggestion for a person. A unit that was split asks, always. Nothing is written here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.units import fold, is_group_designation, is_open_set, tidy
from taskflow.models.org import NameMapping, SuccessionKind
from taskflow.services.unit_index import IndexedUnit, Link, NameEntry, UnitIndex

_REMARK = re.compile(r"\([^)]*\)")
#: A chain of reorganisations longer than this is a mistake in the data.
_LONGEST_CHAIN = 20
_DONE = {
    SuccessionKind.MERGE: "đã sáp nhập vào",
    SuccessionKind.SPLIT: "đã chia tách thành",
    SuccessionKind.RENAME: "đã đổi tên thành",
    SuccessionKind.DISSOLVE: "đã giải thể, nhiệm vụ chuyển cho",
}


class Status(StrEnum):
    """How sure the answer is. The first five may be taken without asking."""

    EXACT = "exact"
    ALIAS = "alias"
    REMEMBERED = "remembered"
    SUCCESSOR = "successor"
    GROUP = "group"
    OPEN_GROUP = "open_group"
    SUGGESTIONS = "suggestions"
    UNKNOWN = "unknown"


SURE = frozenset({Status.EXACT, Status.ALIAS, Status.REMEMBERED, Status.SUCCESSOR, Status.GROUP})


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a wording means.

    ``unit_ids`` are the units meant (sure answers), or offered first for ticking (open group). ``candidates``
    are (unit id, score 0..1) to choose from. ``explanation_vi`` says how it was understood, or what to do.
    """

    wording: str
    status: Status
    unit_ids: tuple[int, ...] = ()
    group_id: int | None = None
    candidates: tuple[tuple[int, float], ...] = ()
    group_candidates: tuple[tuple[int, float], ...] = ()
    explanation_vi: str = ""
    #: It asks because a unit was split: the answer may differ from one task to the next.
    was_split: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether it may be taken without asking."""
        return self.status in SURE


def resolve(names: Sequence[str], office_unit_id: int, issued_on: date | None, session: Session) -> list[Resolution]:
    """What each wording means for this office in a document of this date, in the order given.

    A handful of queries, whatever the number of names; equal wordings are worked out once.
    """
    index = UnitIndex.load(session, office_unit_id)
    keys = {fold(name)[:300] for name in names}
    learnt = {
        mapping.folded: mapping
        for mapping in session.scalars(
            select(NameMapping).where(
                NameMapping.office_unit_id == office_unit_id, NameMapping.folded.in_(sorted(keys))
            )
        )
    }
    known: dict[str, Resolution] = {}
    for name in names:
        if name not in known:
            known[name] = _Question(index, tidy(name).replace("\n", " "), issued_on).answer(learnt)
    return [known[name] for name in names]


@dataclass(frozen=True, slots=True)
class _Question:
    index: UnitIndex
    wording: str
    on: date | None

    def answer(self, learnt: dict[str, NameMapping]) -> Resolution:
        bare = _REMARK.sub(" ", self.wording).strip() or self.wording
        for text in dict.fromkeys((self.wording, bare)):
            folded = fold(text)
            if not folded:
                continue
            mapping = learnt.get(folded[:300])
            found = self._asked_again(mapping, folded) or self._remembered(mapping)
            found = found or self._group(folded) or self._named(folded)
            if found is not None:
                return found
        return self._suggest(bare)

    def _asked_again(self, mapping: NameMapping | None, folded: str) -> Resolution | None:
        """A unit that was split is asked about each time: what was chosen before is only offered first."""
        named = self._named(folded) if mapping is not None else None
        if mapping is None or named is None or not named.was_split:
            return None
        before = [unit_id for unit_id, _score in named.candidates if unit_id in mapping.unit_ids]
        if not before:
            return named
        said = f"{named.explanation_vi} Lần trước: {'; '.join(self.index.units[one].name for one in before)}."
        order = sorted(named.candidates, key=lambda pair: pair[0] not in before)
        return replace(named, candidates=tuple(order), explanation_vi=said)

    def _remembered(self, mapping: NameMapping | None) -> Resolution | None:
        if mapping is None:
            return None
        group = next((group for group in self.index.groups.values() if group.id == mapping.group_id), None)
        if group is not None:
            if group.is_open:
                return self._open(group.id, group.member_ids)
            return Resolution(
                self.wording, Status.REMEMBERED, group.member_ids, group.id,
                explanation_vi=f"Đã ghi nhớ: “{mapping.wording}” là nhóm “{group.name}”.",
            )  # fmt: skip
        units = [self.index.units[unit_id] for unit_id in mapping.unit_ids if unit_id in self.index.units]
        if not units:
            return None
        if all(unit.is_active for unit in units):
            named = "; ".join(unit.name for unit in units)
            return Resolution(
                self.wording, Status.REMEMBERED, tuple(unit.id for unit in units),
                explanation_vi=f"Đã ghi nhớ từ lần nhập trước: “{mapping.wording}” là {named}.",
            )  # fmt: skip
        return self._followed(next(unit for unit in units if not unit.is_active)) if len(units) == 1 else None

    def _group(self, folded: str) -> Resolution | None:
        group = self.index.groups.get(folded)
        if group is None:
            return None
        if group.is_open or is_open_set(self.wording):
            return self._open(group.id, group.member_ids)
        return Resolution(
            self.wording, Status.GROUP, group.member_ids, group.id,
            explanation_vi=f"Nhóm “{group.name}” gồm {len(group.member_ids)} đơn vị.",
        )  # fmt: skip

    def _open(self, group_id: int | None, offered: tuple[int, ...]) -> Resolution:
        return Resolution(
            self.wording, Status.OPEN_GROUP, offered, group_id,
            explanation_vi="Chưa xác định đơn vị: văn bản ghi chung, hãy chọn các đơn vị liên quan.",
        )  # fmt: skip

    def _named(self, folded: str) -> Resolution | None:
        """By the names that units go or went by."""
        entries = self.index.entries(folded, self.on)
        if not entries:
            return None
        best = entries[0]
        rivals = {entry.unit.id for entry in entries if self._rank(entry) == self._rank(best)}
        if len(rivals) > 1:
            return Resolution(
                self.wording, Status.SUGGESTIONS, candidates=tuple((unit_id, 1.0) for unit_id in sorted(rivals)),
                explanation_vi=f"Có {len(rivals)} đơn vị cùng tên gọi này. Hãy chọn đơn vị được giao.",
            )  # fmt: skip
        split = self._split_after(best.unit)
        if split:
            return split
        if best.unit.is_active:
            return self._taken(best)
        found = self._followed(best.unit)
        # An old unit that leads nowhere, and one of today by the same name: the one of today.
        living = next((entry for entry in entries if entry.unit.is_active), None)
        return self._taken(living) if found.status is Status.UNKNOWN and living is not None else found

    def _rank(self, entry: NameEntry) -> tuple[bool, bool, bool, int]:
        unit = entry.unit
        inside = unit.path.startswith(self.index.body_path)
        return (entry.held_on(self.on), inside, unit.is_active, unit.path.count("/") if inside else 0)

    def _taken(self, entry: NameEntry) -> Resolution:
        unit = entry.unit
        if entry.kind == "name":
            same = tidy(entry.text).lower() == self.wording.lower()
            reason = f"Đúng tên đơn vị {unit.name}." if same else f"Cách viết khác của {unit.name}."
            return Resolution(self.wording, Status.EXACT, (unit.id,), explanation_vi=reason)
        if entry.kind == "official":
            until = f" đến {entry.valid_to:%d/%m/%Y}" if entry.valid_to else ""
            reason = f"“{entry.text}” là tên chính thức trước đây{until} của {unit.name}."
        else:
            reason = f"“{entry.text}” là tên gọi khác của {unit.name}."
        return Resolution(self.wording, Status.ALIAS, (unit.id,), explanation_vi=reason)

    def _split_after(self, unit: IndexedUnit) -> Resolution | None:
        """A unit that goes on but gave parts away after the document: what it was asked then may be theirs now."""
        if not unit.is_active or self.on is None:
            return None
        parts = [
            link
            for link in self.index.links.get(unit.id, ())
            if link.kind is SuccessionKind.SPLIT and link.effective_on > self.on and link.to_id is not None
        ]
        return self._ask(unit, [unit.id, *(link.to_id for link in parts if link.to_id)], parts) if parts else None

    def _followed(self, unit: IndexedUnit) -> Resolution:
        """From a unit that has ended to those of today."""
        steps: list[str] = []
        here = unit
        for _step in range(_LONGEST_CHAIN):
            links = [link for link in self.index.links.get(here.id, ()) if link.to_id != here.id]
            targets = list(dict.fromkeys(link.to_id for link in links if link.to_id is not None))
            if not targets:
                ended = f" từ {here.dissolved_on:%d/%m/%Y}" if here.dissolved_on else ""
                return Resolution(
                    self.wording, Status.UNKNOWN,
                    explanation_vi=f"{here.name} đã ngừng hoạt động{ended}, chưa có đơn vị kế thừa. Hãy chọn đơn vị.",
                )  # fmt: skip
            if len(targets) > 1 or links[-1].kind is SuccessionKind.SPLIT:
                return self._ask(here, targets, links)
            target = self.index.units[targets[0]]
            steps.append(_sentence(here.name, links[-1], [target.name]))
            if target.is_active:
                return Resolution(self.wording, Status.SUCCESSOR, (target.id,), explanation_vi=" ".join(steps))
            here = target
        return Resolution(self.wording, Status.UNKNOWN, explanation_vi=f"Chưa rõ đơn vị kế thừa của {unit.name}.")

    def _ask(self, unit: IndexedUnit, targets: list[int], links: list[Link]) -> Resolution:
        today: list[int] = []
        for target in targets:
            today += self._living(target)
        names = [self.index.units[target].name for target in targets]
        return Resolution(
            self.wording, Status.SUGGESTIONS, candidates=tuple((unit_id, 1.0) for unit_id in dict.fromkeys(today)),
            explanation_vi=f"{_sentence(unit.name, links[-1], names)} Hãy chọn đơn vị nhận nhiệm vụ này.",
            was_split=links[-1].kind is SuccessionKind.SPLIT,
        )  # fmt: skip

    def _living(self, unit_id: int) -> list[int]:
        """The units of today that came from this one."""
        seen: set[int] = set()
        waiting, living = [unit_id], []
        while waiting:
            here = waiting.pop(0)
            if here in seen:
                continue
            seen.add(here)
            if self.index.units[here].is_active:
                living.append(here)
            else:
                waiting += [link.to_id for link in self.index.links.get(here, ()) if link.to_id is not None]
        return living

    def _suggest(self, bare: str) -> Resolution:
        groups = tuple(self.index.similar_groups(bare))
        if is_open_set(self.wording):
            return self._open(groups[0][0] if groups and groups[0][1] > 0.95 else None, ())
        if is_group_designation(self.wording):
            return Resolution(
                self.wording, Status.SUGGESTIONS if groups else Status.UNKNOWN, group_candidates=groups,
                explanation_vi="Đây là tên một nhóm đơn vị chưa có trong danh mục. Hãy chọn các đơn vị hoặc tạo nhóm.",
            )  # fmt: skip
        candidates = tuple(self.index.similar(bare))
        if not candidates:
            return Resolution(
                self.wording, Status.UNKNOWN, group_candidates=groups,
                explanation_vi=f"Không có đơn vị nào tên “{bare}”. Hãy chọn đơn vị, hoặc thêm đơn vị mới.",
            )  # fmt: skip
        nearest = self.index.units[candidates[0][0]].name
        return Resolution(
            self.wording, Status.SUGGESTIONS, candidates=candidates, group_candidates=groups,
            explanation_vi=f"Không có đơn vị nào tên “{bare}”; gần giống nhất là {nearest}. Hãy chọn.",
        )  # fmt: skip


def _sentence(name: str, link: Link, targets: list[str]) -> str:
    decision = f", theo Quyết định số {link.decision_number}" if link.decision_number else ""
    return f"{name} {_DONE[link.kind]} {'; '.join(targets)} từ {link.effective_on:%d/%m/%Y}{decision}."
