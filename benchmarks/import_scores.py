"""Scores of what an import found against the truth: duties in prose, reports, indicators and costs.

Both sides are the JSON of the public contract (``documents.parse.to_contract``) and of the truth files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Score:
    """Right answers out of those that the truth names."""

    right: int = 0
    wanted: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        self.right += other.right
        self.wanted += other.wanted

    def __str__(self) -> str:
        return f"{self.right}/{self.wanted}" if self.wanted else "–"


def fold(text: object) -> str:
    """Text for comparing: NFC, lower case, words and numbers only."""
    plain = unicodedata.normalize("NFC", str(text or "")).casefold()
    return " ".join(re.findall(r"[\w%<>≥≤?]+", plain))


def same_text(one: object, other: object) -> bool:
    return fold(one) == fold(other)


def units(names: Iterable[str] | None) -> frozenset[str]:
    return frozenset(fold(name) for name in names or () if fold(name))


def split_truth(unit: str) -> frozenset[str]:
    from taskflow.domain.units import split_units

    return units(split_units(unit))


def bearers(item: Json) -> tuple[str, frozenset[str]]:
    """Role and units of a prose item: without a lead its first coordinators bear the duty."""
    if item["lead"]:
        return "lead", units(item["lead"])
    return "coordinate", units(item["coordinators"])


def score_prose(truth: Sequence[Json], items: Sequence[Json]) -> tuple[Score, Score]:
    """(unit and role right, partners right) of the duties in prose."""
    found, partners = Score(), Score()
    left = list(items)
    for duty in truth:
        found.wanted += 1
        begins = fold(duty["text"])[:60]
        item = next((i for i in left if begins in fold(i["content"])[:260]), None)
        if item is None:
            found.misses.append(f"không tìm thấy: {duty['unit']}: {duty['text'][:60]}")
            continue
        left.remove(item)
        role, who = bearers(item)
        accepted = [units(duty.get("units")) or split_truth(duty["unit"])]
        accepted += [split_truth(other) for other in duty.get("unit_alt", [])]
        unit_right = any(wanted == who if role == "lead" else wanted <= who for wanted in accepted)
        if unit_right and role in (duty["role"], duty.get("role_alt")):
            found.right += 1
        else:
            found.misses.append(f"{duty['unit']} ({duty['role']}): {sorted(who)} ({role})")
        if duty["coordinators"] is not None:
            partners.wanted += 1
            with_whom = units(item["coordinators"]) - accepted[0]
            wanted_sets = [units(duty["coordinators"]), *(units(c) for c in duty.get("coordinators_alt", []))]
            partners.right += with_whom in wanted_sets
    if truth:
        found.misses += [f"thừa: {'; '.join(i['lead'] or i['coordinators'])}: {i['content'][:60]}" for i in left]
    return found, partners


def score_reports(truth: Sequence[Json], items: Sequence[Json]) -> Score:
    """Reports with the right unit, rule (or due date) and with the recipient in their words."""
    score = Score()
    for duty in truth:
        if duty.get("optional"):
            continue
        score.wanted += 1
        who = [split_truth(name) for name in (duty["who"], *duty.get("who_alt", []))]
        recipient = fold(re.sub(r"\(.*?\)", "", duty["to"] or ""))
        for item in items:
            deadline = item["deadline"]
            if units(item["lead"]) not in who or recipient not in fold(item["content"]):
                continue
            if (
                not same_rule(duty["rrule"], deadline["rule"])
                or (duty.get("due") or deadline["due"]) != deadline["due"]
            ):
                continue
            score.right += 1
            break
        else:
            score.misses.append(f"{duty['who']} → {duty['to']} ({duty['deadline_text']})")
    return score


def same_rule(wanted: str | None, found: str | None) -> bool:
    def parts(rule: str | None) -> frozenset[str]:
        return frozenset((rule or "").removeprefix("RRULE:").split(";")) - {"", "BYMONTHDAY=-1", "INTERVAL=1"}

    return parts(wanted) == parts(found)


def score_indicators(truth: Sequence[Json], found: Sequence[Json]) -> tuple[Score, Score]:
    """(indicators of tables right in every value, targets of running text found with value and year)."""
    tables, prose = Score(), Score()
    left = list(found)
    for wanted in truth:
        targets = {year: value for year, value in wanted["targets"].items() if value}
        if wanted.get("source") == "prose":
            prose.wanted += 1
            hit = next(
                (i for i in left if targets and same_values(targets, i["targets"]) and akin(wanted["name"], i["name"])),
                None,
            )
            score = prose
        else:
            tables.wanted += 1
            hit = next(
                (
                    i
                    for i in left
                    if same_text(wanted["name"], i["name"])
                    and same_text(wanted["group"], i["group"])
                    and same_text(wanted["current"], i["current"])
                    and same_text(wanted["note"], i["note"])
                    and same_values(targets, i["targets"])
                ),
                None,
            )
            score = tables
        if hit is None:
            score.misses.append(f"{wanted['name']} {targets}")
            continue
        left.remove(hit)
        score.right += 1
    return tables, prose


def same_values(wanted: dict[str, str], found: dict[str, str]) -> bool:
    return {year: fold(value) for year, value in wanted.items()} == {year: fold(v) for year, v in found.items() if v}


def akin(wanted: str, found: str) -> bool:
    """Whether two names share most words of the shorter one; truths of running text are worded freely."""
    one, other = set(fold(wanted).split()), set(fold(found).split())
    return len(one & other) >= 0.5 * min(len(one), len(other))


def score_budget(truth: Sequence[Json], found: Sequence[Json]) -> Score:
    score = Score()
    left = list(found)
    for wanted in truth:
        score.wanted += 1
        hit = next(
            (
                line
                for line in left
                if same_text(wanted["content"], line["content"])
                and wanted["amount_million_vnd"] == line["amount_million_vnd"]
                and same_text(wanted["source"], line["source"])
                and same_text(wanted["note"], line["note"])
            ),
            None,
        )
        if hit is None:
            score.misses.append(f"{wanted['tt']} {wanted['content']}")
            continue
        left.remove(hit)
        score.right += 1
    return score
