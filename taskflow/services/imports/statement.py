"""The completeness statement (bảng đối chiếu): what became of every row of the source, with reasons, for signing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taskflow.documents.model import TableKind
from taskflow.domain.deadlines import DeadlineKind
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.services.imports.making import repeats
from taskflow.services.imports.relation import relation_of
from taskflow.services.imports.values import deadline_of, unit_choices

_FROM_ROWS = ("table", "list")


@dataclass(frozen=True, slots=True)
class Statement:
    """Counts of an import. ``lines`` = rows of the annexes without their headings; ``is_complete``: every one of them
    is a task, a group label or left out with a reason."""

    lines: int
    items: int
    group_rows: int
    header_rows: int
    skipped: int
    offered: int
    taken: int
    indicators: int
    budget: int
    is_complete: bool
    blocking: int
    question_open: bool
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a commit did, counted in rows: tasks assigned anew (``series`` of them repeat), changed and ended ones."""

    made: int = 0
    series: int = 0
    changed: int = 0
    ended: int = 0


def effect_of(kept: Mapping[str, Any]) -> Effect:
    """What the rows of a kept statement did."""
    taken = [line for line in kept.get("rows", ()) if line["decision"] == RowDecision.IMPORT.value]
    new = [line for line in taken if line["change"] in ("", "added")]
    return Effect(
        made=len(new),
        series=sum(bool(line.get("repeats")) for line in new),
        changed=sum(line["change"] == "changed" and bool(line["accepted"]) for line in taken),
        ended=sum(line["change"] == "dropped" for line in taken),
    )


def summarize(job: ImportJob, rows: Sequence[ImportRow]) -> Statement:
    """The counts as they stand, with the fingerprint of everything that a person confirms by them."""
    count = job.reconciliation
    from_rows = [row for row in rows if row.source in _FROM_ROWS]
    duties = [row for row in rows if row.source in ("prose", "report")]
    items = sum(1 for row in from_rows if row.decision is RowDecision.IMPORT or _stays(row))
    skipped_here = len(from_rows) - items
    skipped = skipped_here + len(count.get("skipped", ()))
    source_rows, headers, groups = (int(count.get(key, 0)) for key in ("source_rows", "header_rows", "group_rows"))
    left_out = job.reading.get("leave_out", ())
    return Statement(
        lines=source_rows - headers,
        items=items,
        group_rows=groups,
        header_rows=headers,
        skipped=skipped,
        offered=len(duties),
        taken=sum(1 for row in duties if row.decision is RowDecision.IMPORT),
        indicators=len(job.reading.get("indicators", ())) - sum(key.startswith("indicators:") for key in left_out),
        budget=len(job.reading.get("budget", ())) - sum(key.startswith("budget:") for key in left_out),
        is_complete=source_rows == items + skipped + groups + headers,
        blocking=sum(1 for row in rows if row.is_blocking),
        question_open=asks_for_several_leads(job, rows),
        fingerprint=_fingerprint(job, rows),
    )


def _stays(row: ImportRow) -> bool:
    """Whether a row is a task that exists already and stays as it is, its differences not taken over."""
    return row.decision is RowDecision.OFFER and row.change.get("kind") in ("same", "changed", "closed")


def unread_tables(job: ImportJob) -> list[dict[str, Any]]:
    """Tables of which nothing becomes a task, an indicator or a cost: their kind, title and number of rows."""
    read = {one["place"].get("table") for kind in ("indicators", "budget") for one in job.reading.get(kind, ())}
    return [
        {name: table[name] for name in ("number", "kind", "title", "rows")}
        for table in job.tables
        if table["kind"] == TableKind.OTHER
        or (table["kind"] in (TableKind.INDICATORS, TableKind.BUDGET) and table["number"] not in read)
    ]


def asks_for_several_leads(job: ImportJob, rows: Sequence[ImportRow]) -> bool:
    """Whether some row names several leads and nobody has said yet what that means."""
    return not job.several_leads and any(has_several_leads(row) for row in rows)


def has_several_leads(row: ImportRow) -> bool:
    """Whether a row that is to be imported names more than one lead."""
    if row.decision is not RowDecision.IMPORT or (row.change and row.change["kind"] != "added"):
        return False
    return sum(choice.status != "ignored" for choice in unit_choices(row.leads)) > 1


def account(job: ImportJob, rows: Sequence[ImportRow], made: dict[int, list[str]], by: str) -> dict[str, Any]:
    """The statement as it is kept with the document: counts, every row with what became of it, who confirmed."""
    found = summarize(job, rows)
    return {
        "lines": found.lines,
        "items": found.items,
        "group_rows": found.group_rows,
        "header_rows": found.header_rows,
        "skipped": found.skipped,
        "offered": found.offered,
        "taken": found.taken,
        "indicators": found.indicators,
        "budget": found.budget,
        "is_complete": found.is_complete,
        "by": by,
        "several_leads": job.several_leads,
        "relation": relation_of(job),
        "rows": [_line(row, made.get(row.id, [])) for row in rows],
        "unread_tables": unread_tables(job),
        "left_out_by_reader": job.reconciliation.get("skipped", []),
    }


def _line(row: ImportRow, codes: list[str]) -> dict[str, Any]:
    return {
        "row_id": row.id,
        "source": row.source,
        "place": row.place,
        "tt": row.tt,
        "content": " ".join(row.content.split())[:300],
        "decision": row.decision.value,
        "reason": row.skip_reason,
        "codes": codes,
        "change": row.change.get("kind", ""),
        "noted": row.change.get("noted", False),
        "accepted": row.change.get("accept", []),
        "repeats": repeats(row),
        "kind": deadline_of(row.deadline).kind.value if row.deadline else DeadlineKind.NONE.value,
    }


def _fingerprint(job: ImportJob, rows: Sequence[ImportRow]) -> str:
    """Changes whenever anything changes that the reviewer confirms."""
    parts = [f"{row.id}:{row.version}" for row in rows]
    told = repr((parts, job.version, job.several_leads))
    return hashlib.sha256(told.encode()).hexdigest()[:32]
