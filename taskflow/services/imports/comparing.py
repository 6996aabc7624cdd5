"""An amended or superseding document against the tasks of the one it changes: added, dropped, changed, the same.

Rows and tasks are paired by their content. What is written is compared with what was written, so that an extension or
a transfer granted meanwhile is not mistaken for a difference between the two documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.states import OPEN_STATES
from taskflow.domain.units import fold, tidy
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.models.task import CoordinationState, Series, Task, TaskShape
from taskflow.services.imports import checks
from taskflow.services.imports.access import all_rows
from taskflow.services.imports.relation import family, is_itself, relation_of
from taskflow.services.imports.values import UnitChoice, deadline_of, deadline_values, unit_choices, unit_ids

#: Likeness (0 to 100) from which two contents are taken for the same duty; the same number helps.
SAME_DUTY, SAME_NUMBER = 72, 6


@dataclass(frozen=True, slots=True)
class Target:
    """A task or a series of the amended document, as far as it is compared."""

    content: str
    tt: str
    lead_ids: tuple[int, ...]
    lead_wording: str
    coordinator_ids: tuple[int, ...]
    coordinator_wordings: tuple[str, ...]
    deadline: Deadline
    product: str
    is_open: bool = True
    task_id: int | None = None
    series_id: int | None = None


def compare(session: Session, job: ImportJob) -> None:
    """Pair the rows of an amendment with the tasks of its document; rows about dropped tasks are added,
    what was said about those before stays said."""
    if job.amends_id is None:
        return
    rows = all_rows(session, job)
    said = {_key(row.place): row for row in rows if row.source == "task"}
    rows = [row for row in rows if row.source != "task"]
    targets = targets_of(session, job.amends_id)
    asks = relation_of(job) == "supersedes" and not job.overrides.get("again")
    # What was left the first time, or changed by a later document since, is taken over only when somebody says so.
    takes = not (job.overrides.get("again") or is_itself(job))
    candidates = [row for row in rows if row.decision is not RowDecision.OFFER or row.change]
    pairs = _pair(candidates, targets)
    paired = set()
    issued_on = checks.issued_on(job)
    for row in candidates:
        found = pairs.get(row.id)
        if found is None:
            row.change = {"kind": "added", "fields": {}, "accept": []}
        else:
            paired.add(found)
            describe(row, targets[found], takes=takes)
        checks.refresh(row, issued_on)
    position = max((row.position for row in rows), default=0)
    for number, target in enumerate(targets):
        if number not in paired and target.is_open:
            position += 1
            key = (target.task_id, target.series_id)
            row = said.pop(key) if key in said else _dropped(job, target)
            row.position = position
            row.change = {**row.change, "asks": asks}
            checks.refresh(row, issued_on)
            session.add(row)
    for row in said.values():
        session.delete(row)
    session.flush()


def _key(place: dict[str, Any]) -> tuple[Any, Any]:
    return place.get("task"), place.get("series")


def targets_of(session: Session, document_id: int) -> list[Target]:
    """The tasks and series of a document and of those that changed it since, collective ones once."""
    ids = family(session, document_id)
    tasks = session.scalars(
        select(Task)
        .where(
            Task.document_id.in_(ids),
            Task.shape.in_((TaskShape.SINGLE, TaskShape.COLLECTIVE)),
            Task.series_id.is_(None),
        )
        .options(selectinload(Task.children), selectinload(Task.coordinations))
        .order_by(Task.position, Task.id)
    )
    series = session.scalars(select(Series).where(Series.document_id.in_(ids), Series.is_active))
    return [*map(target_of_task, tasks), *map(_target_of_series, series)]


def target_of_task(task: Task) -> Target:
    """A task as it is compared."""
    members = [child.lead_unit_id for child in task.children if child.shape is TaskShape.MEMBER]
    leads = members if task.shape is TaskShape.COLLECTIVE else [task.lead_unit_id]
    lines = [line for line in task.coordinations if line.state is not CoordinationState.NOT_NEEDED]
    return Target(
        content=task.content,
        tt=task.tt,
        lead_ids=tuple(sorted(unit_id for unit_id in leads if unit_id is not None)),
        lead_wording=task.lead_wording,
        coordinator_ids=tuple(sorted(line.unit_id for line in lines)),
        coordinator_wordings=tuple(line.wording for line in lines),
        deadline=Deadline(
            task.deadline_text, task.kind, start=task.start_on, due=task.due_on, rule=task.rule or None,
            exclusive=task.exclusive,
        ),
        product=task.product,
        is_open=task.state in OPEN_STATES,
        task_id=task.id,
    )  # fmt: skip


def _target_of_series(series: Series) -> Target:
    return Target(
        content=series.content,
        tt=str(series.template.get("tt", "")),
        lead_ids=tuple(sorted(series.lead_unit_ids)),
        lead_wording=series.lead_wording,
        coordinator_ids=tuple(sorted(series.coordinator_unit_ids)),
        coordinator_wordings=(),
        deadline=Deadline(series.deadline_text, DeadlineKind.RECURRING, rule=series.rule, exclusive=series.exclusive),
        product=series.product,
        series_id=series.id,
    )


def describe(row: ImportRow, target: Target, *, takes: bool = True) -> None:
    """Say in ``row.change`` how the row differs from the task; what the reviewer accepted before stays accepted.

    ``takes`` says whether differences are taken over as long as nobody decides.
    """
    fields = differences(row, target)
    kind = "closed" if fields and not target.is_open else "changed" if fields else "same"
    earlier = row.change.get("accept") if row.change.get("kind") == kind else None
    row.task_id = target.task_id
    row.change = {
        "kind": kind,
        "series_id": target.series_id,
        "fields": fields,
        "accept": [name for name in fields if (takes if earlier is None else name in earlier)],
    }


def differences(row: ImportRow, target: Target) -> dict[str, str]:
    """The fields in which the row says something else than the task, with what the task says, in words."""
    found: dict[str, str] = {}
    if tidy(row.content) != tidy(target.content):
        found["content"] = target.content
    if _deadline_differs(deadline_of(row.deadline), target.deadline):
        found["due"] = words_of(target.deadline)
    if _leads_differ(row, target):
        found["lead"] = target.lead_wording
    if _helpers_differ(row, target):
        found["coordinators"] = "; ".join(target.coordinator_wordings)
    if tidy(row.product) != tidy(target.product):
        found["product"] = target.product
    return found


def words_of(deadline: Deadline) -> str:
    """A deadline in a few words: its wording, and the day that follows from it."""
    due = f"{deadline.due:%d/%m/%Y}" if deadline.due else ""
    text = " ".join(deadline.text.split())
    return f"{text} ({due})" if text and due and due not in text else text or due


def _deadline_differs(new: Deadline, old: Deadline) -> bool:
    if fold(new.text) == fold(old.text):
        return False
    return (new.due, new.kind, new.rule or "") != (old.due, old.kind, old.rule or "")


def _helpers_differ(row: ImportRow, target: Target) -> bool:
    """A unit that leads is asked for no coordination, also where the document names it in both columns."""
    leads = set(unit_ids(unit_choices(row.leads)))
    helpers = unit_choices(row.coordinators)
    asked = tuple(choice for choice in helpers if not choice.settled or not leads.issuperset(choice.unit_ids))
    said = target.coordinator_wordings
    if _same_wordings(helpers, said) or _same_wordings(asked, said):
        return False
    if not all(choice.settled for choice in asked):
        return True
    return set(unit_ids(asked)) - leads != set(target.coordinator_ids)


def _leads_differ(row: ImportRow, target: Target) -> bool:
    leads = unit_choices(row.leads)
    if _same_wordings(leads, target.lead_wording.split("; ")):
        return False
    return not all(choice.settled for choice in leads) or set(unit_ids(leads)) != set(target.lead_ids)


def _same_wordings(choices: Sequence[UnitChoice], wordings: Sequence[str]) -> bool:
    return {fold(choice.wording) for choice in choices} == {fold(text) for text in wordings if text}


def _pair(rows: Sequence[ImportRow], targets: Sequence[Target]) -> dict[int, int]:
    """Row id → index of its task: the likest pairs first, each once."""
    if not rows or not targets:
        return {}
    scores = process.cdist(
        [fold(row.content) for row in rows], [fold(target.content) for target in targets], scorer=fuzz.token_sort_ratio
    )
    ranked = []
    for i, row in enumerate(rows):
        for j, target in enumerate(targets):
            score = float(scores[i][j]) + (SAME_NUMBER if row.tt and row.tt == target.tt else 0)
            if score >= SAME_DUTY:
                ranked.append((-score, i, j))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _score, i, j in sorted(ranked):
        if rows[i].id not in pairs and j not in taken:
            pairs[rows[i].id] = j
            taken.add(j)
    return pairs


def _dropped(job: ImportJob, target: Target) -> ImportRow:
    return ImportRow(
        job_id=job.id,
        source="task",
        place={"task": target.task_id, "series": target.series_id},
        content=target.content,
        tt=target.tt,
        leads=[],
        coordinators=[],
        deadline=deadline_values(target.deadline),
        product=target.product,
        decision=RowDecision.OFFER,
        task_id=target.task_id,
        change={
            "kind": "dropped",
            "series_id": target.series_id,
            "fields": {"lead": target.lead_wording, "due": words_of(target.deadline)},
            "accept": [],
        },
        flags=" change ",
        undo=[],
        edited=[],
    )
