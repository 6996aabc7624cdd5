"""The JSON values of import rows and jobs: units as resolved, deadlines, places, heads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from taskflow.documents.model import DocumentHead, Place
from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.services.unit_resolver import SURE

#: Statuses of a name that ask nobody: those of ``unit_resolver.SURE``, chosen (by a reviewer), ignored (a coordinating
#: name that becomes no line; its wording stays with the row).
SETTLED = frozenset({*map(str, SURE), "chosen", "ignored"})


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """What one written name of a row stands for. ``by`` is "auto" or "person"."""

    wording: str
    status: str = "unknown"
    unit_ids: tuple[int, ...] = ()
    group_id: int | None = None
    explanation: str = ""
    by: str = "auto"

    @property
    def settled(self) -> bool:
        """Whether nothing has to be asked any more."""
        return self.status == "ignored" or (self.status in SETTLED and bool(self.unit_ids))

    @property
    def is_group(self) -> bool:
        """Whether the name designates a group, so that the task is a common one even with a single member."""
        return self.group_id is not None or len(self.unit_ids) > 1

    def values(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "unit_ids": list(self.unit_ids)}


def unit_choices(stored: Iterable[Mapping[str, Any]]) -> tuple[UnitChoice, ...]:
    """Out of the JSON of a row."""
    return tuple(UnitChoice(**{**entry, "unit_ids": tuple(entry["unit_ids"])}) for entry in stored)


def unit_ids(choices: Iterable[UnitChoice]) -> tuple[int, ...]:
    """The units that these names stand for, each once, in order."""
    return tuple(dict.fromkeys(unit_id for choice in choices for unit_id in choice.unit_ids))


def deadline_values(deadline: Deadline, decision: str = "") -> dict[str, Any]:
    """A deadline as JSON, with what the reviewer decided about it: "", "confirmed" or "later"."""
    return {
        "text": deadline.text,
        "kind": deadline.kind.value,
        "start": iso(deadline.start),
        "due": iso(deadline.due),
        "rule": deadline.rule or "",
        "exclusive": deadline.exclusive,
        "confidence": deadline.confidence,
        "explanation": deadline.explanation,
        "problems": list(deadline.problems),
        "suggested_due": iso(deadline.suggested_due),
        "decision": decision,
    }


def deadline_of(stored: Mapping[str, Any]) -> Deadline:
    """Out of the JSON of a row."""
    return Deadline(
        text=stored.get("text", ""),
        kind=DeadlineKind(stored.get("kind", DeadlineKind.NONE)),
        start=day(stored.get("start")),
        due=day(stored.get("due")),
        rule=stored.get("rule") or None,
        exclusive=bool(stored.get("exclusive")),
        confidence=float(stored.get("confidence", 1.0)),
        explanation=stored.get("explanation", ""),
        problems=tuple(stored.get("problems", ())),
        suggested_due=day(stored.get("suggested_due")),
    )


def head_values(head: DocumentHead) -> dict[str, Any]:
    """The head of a document as JSON; blanks are empty texts."""
    return {
        "number": head.number or "",
        "type": head.type or "",
        "issuer": head.issuer or "",
        "issued_on": iso(head.issued_on),
        "title": head.title or "",
        "signer": head.signer or "",
        "place": head.place or "",
        "urgency": head.urgency or "",
        "recipients": list(head.recipients),
        "references": [
            {"number": one.number, "relation": one.relation, "text": one.text, "issued_on": iso(one.issued_on)}
            for one in head.references
        ],
    }


def place_values(place: Place) -> dict[str, Any]:
    """A place as JSON, without what is not known."""
    return {key: value for key, value in asdict(place).items() if value is not None}


def iso(value: date | None) -> str | None:
    """A day as stored in JSON."""
    return value.isoformat() if value else None


def day(value: str | None) -> date | None:
    """A day out of JSON."""
    return date.fromisoformat(value) if value else None


def cell_text(name: str, value: Any) -> str:
    """What makes two cells equal: the wording of the deadline, or the names in their order."""
    if name == "deadline":
        return " ".join(str(value.get("text", "")).split())
    return "; ".join(choice.wording for choice in unit_choices(value))
