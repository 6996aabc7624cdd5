"""The reviewer's hand on the rows of an import: fix, skip, take, confirm; the same fix for all equal cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from taskflow.domain.deadlines import Deadline, DeadlineKind
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Actor
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.services.imports import checks
from taskflow.services.imports.access import all_rows, open_job, open_row, open_rows
from taskflow.services.imports.edits import Edit, begin_edit
from taskflow.services.imports.unit_names import Meaning, choice_of, choices_for
from taskflow.services.imports.values import UnitChoice, cell_text, deadline_of, deadline_values, unit_choices
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.wording import read

#: How a reviewer can settle a deadline: as it was read, the day suggested, a day of their own, work without a date,
#: work that waits for an event, or later ("Cần xác định hạn").
DEADLINE_WAYS = ("read", "suggested", "date", "continuous", "conditional", "later")


@dataclass(frozen=True, slots=True)
class NameEdit:
    """One written name of a row after the edit; without a meaning it is looked up again when its words are new."""

    wording: str
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class DeadlineEdit:
    """The wording of a deadline and one of ``DEADLINE_WAYS``; None leaves the question open."""

    text: str
    way: str | None = None
    due: date | None = None
    start: date | None = None
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class RowEdit:
    """The values of a row as the reviewer wants them. ``equal`` names the fields whose fix goes to all equal cells."""

    content: str
    leads: tuple[NameEdit, ...]
    coordinators: tuple[NameEdit, ...]
    deadline: DeadlineEdit
    tt: str = ""
    group: str = ""
    product: str = ""
    note: str = ""
    accept: tuple[str, ...] | None = None
    equal: frozenset[str] = field(default_factory=frozenset)


def edit_row(
    job_id: int, row_id: int, wanted: RowEdit, *, actor: Actor, now: datetime, expected_version: int | None
) -> int:
    """Write the reviewer's values; answers how many rows changed (more than one with ``equal``).

    Raises ``Conflict`` when another reviewer changed the row meanwhile, ``Invalid`` for a missing or wrong day, an
    unknown unit, a lead that is to be ignored.
    """
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        row = open_row(session, job, row_id, expected_version)
        issued_on = checks.issued_on(job)
        before = {name: getattr(row, name) for name in ("leads", "coordinators", "deadline")}
        values: dict[str, Any] = {
            "content": wanted.content.strip(),
            "tt": wanted.tt.strip()[:64],
            "group": wanted.group.strip(),
            "product": wanted.product.strip(),
            "note": wanted.note.strip(),
            "leads": _names(session, job, row.leads, wanted.leads, "leads"),
            "coordinators": _names(session, job, row.coordinators, wanted.coordinators, "coordinators"),
            "deadline": _deadline(row, wanted.deadline, issued_on),
        }
        if wanted.accept is not None and row.change:
            accept = [one for one in row.change["fields"] if one in wanted.accept]
            values["change"] = {**row.change, "accept": accept, "settled": True}
        edit = begin_edit(session, job, "equal" if wanted.equal else "row", actor, now)
        edit.change(row, issued_on=issued_on, **values)
        for name in wanted.equal & {"leads", "coordinators", "deadline"}:
            _same_fix(session, job, row, name, before[name], edit)
        return edit.finish()


def skip_rows(job_id: int, row_ids: Sequence[int], reason: str, *, actor: Actor, now: datetime) -> int:
    """Leave rows out, with the reason that the statement will show. Raises ``Invalid`` without one."""
    if not reason.strip():
        raise Invalid("import.skip_reason_required", "reason")
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        edit = begin_edit(session, job, "skip", actor, now)
        for row in open_rows(session, job, row_ids):
            edit.change(
                row, issued_on=checks.issued_on(job), decision=RowDecision.SKIP, skip_reason=reason.strip()[:500]
            )
        return edit.finish()


def take_rows(job_id: int, row_ids: Sequence[int], *, actor: Actor, now: datetime) -> int:
    """Import rows that were offered or skipped."""
    return _decide_rows(job_id, row_ids, RowDecision.IMPORT, "take", actor, now)


def offer_rows(job_id: int, row_ids: Sequence[int], *, actor: Actor, now: datetime) -> int:
    """Put chosen duties of the text back among those that are only offered."""
    return _decide_rows(job_id, row_ids, RowDecision.OFFER, "offer", actor, now)


def settle_deadlines(job_id: int, row_ids: Sequence[int], way: str, *, actor: Actor, now: datetime) -> int:
    """Settle the doubtful deadlines among these rows: "read" (as understood), "suggested" or "later"."""
    if way not in ("read", "suggested", "later"):
        raise Invalid("import.deadline_way", "way")
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        issued_on = checks.issued_on(job)
        edit = begin_edit(session, job, "deadlines", actor, now)
        for row in open_rows(session, job, row_ids):
            deadline = deadline_of(row.deadline)
            unread = way == "read" and deadline.kind is DeadlineKind.UNKNOWN
            if not checks.is_doubtful(row, issued_on) or unread or (way == "suggested" and not deadline.suggested_due):
                continue
            settled = _deadline(row, DeadlineEdit(deadline.text, way), issued_on)
            edit.change(row, issued_on=issued_on, deadline=settled)
        return edit.finish()


def set_accepted(job_id: int, row_ids: Sequence[int], *, accept: bool, actor: Actor, now: datetime) -> int:
    """Take over all differences of these rows, or none. Tasks that are not named any more: ``settle_dropped``."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        edit = begin_edit(session, job, "accept", actor, now)
        for row in open_rows(session, job, row_ids):
            if row.change.get("kind", "same") in ("same", "dropped"):
                continue
            decision = RowDecision.IMPORT if accept else RowDecision.OFFER
            change = {**row.change, "accept": list(row.change["fields"]) if accept else [], "settled": True}
            edit.change(row, issued_on=checks.issued_on(job), decision=decision, change=change)
        return edit.finish()


def settle_dropped(job_id: int, row_ids: Sequence[int], *, end: bool, actor: Actor, now: datetime) -> int:
    """Say of tasks that the new document does not name whether they end or go on."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        edit = begin_edit(session, job, "dropped", actor, now)
        decision = RowDecision.IMPORT if end else RowDecision.OFFER
        for row in open_rows(session, job, row_ids):
            if row.change.get("kind") == "dropped":
                change = {**row.change, "settled": True}
                edit.change(row, issued_on=checks.issued_on(job), decision=decision, skip_reason="", change=change)
        return edit.finish()


def _decide_rows(
    job_id: int, row_ids: Sequence[int], decision: RowDecision, kind: str, actor: Actor, now: datetime
) -> int:
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        edit = begin_edit(session, job, kind, actor, now)
        for row in open_rows(session, job, row_ids):
            if row.change.get("kind") == "dropped" and row.decision is not RowDecision.SKIP:
                continue  # whether an existing task ends is said in so many words (settle_dropped)
            wanted = RowDecision.OFFER if row.change.get("kind") == "dropped" else decision
            edit.change(row, issued_on=checks.issued_on(job), decision=wanted, skip_reason="")
        return edit.finish()


def _names(
    session: Session, job: ImportJob, stored: list[Any], wanted: Sequence[NameEdit], name: str
) -> list[dict[str, Any]]:
    known = {choice.wording: choice for choice in unit_choices(stored)}
    new = [one.wording for one in wanted if one.meaning is None and one.wording not in known]
    known |= choices_for(session, new, job.office_unit_id, checks.issued_on(job)) if new else {}
    found: list[UnitChoice] = []
    for one in wanted:
        if one.meaning is None:
            found.append(known[one.wording])
            continue
        if one.meaning.ignore and name == "leads":
            raise Invalid("import.lead_ignored", name)
        found.append(choice_of(session, one.wording, one.meaning))
    return [choice.values() for choice in {choice.wording: choice for choice in found}.values()]


def _deadline(row: ImportRow, wanted: DeadlineEdit, issued_on: date | None) -> dict[str, Any]:
    """The deadline after the edit. New words are read again, whatever was decided about the old ones."""
    text = wanted.text.strip()
    deadline = deadline_of(row.deadline)
    decision = str(row.deadline.get("decision", ""))
    if text != deadline.text.strip():
        deadline, decision = read(text, issued_on), ""
    if wanted.way is None:
        return deadline_values(deadline, decision)
    if wanted.way == "read":
        if deadline.kind is DeadlineKind.UNKNOWN:
            raise Invalid("import.deadline_not_understood", "way")
        return deadline_values(deadline, "confirmed")
    if wanted.way == "later":
        return deadline_values(deadline, "later")
    return deadline_values(_set_by_hand(deadline, wanted), "confirmed")


def _set_by_hand(deadline: Deadline, wanted: DeadlineEdit) -> Deadline:
    if wanted.way == "suggested":
        if deadline.suggested_due is None:
            raise Invalid("import.no_suggested_day", "way")
        due, start, exclusive, kind = deadline.suggested_due, None, False, DeadlineKind.DATE
    elif wanted.way == "date":
        if wanted.due is None:
            raise Invalid("import.day_required", "due")
        if wanted.start and wanted.start > wanted.due:
            raise Invalid("task.start_after_due", "start", start=wanted.start, due=wanted.due)
        due, start, exclusive = wanted.due, wanted.start, wanted.exclusive
        kind = DeadlineKind.RANGE if start else DeadlineKind.DATE
    elif wanted.way in ("continuous", "conditional"):
        return replace(
            deadline,
            kind=DeadlineKind(wanted.way),
            due=None,
            start=None,
            rule=None,
            exclusive=False,
            confidence=1.0,
            problems=(),
            explanation="Người rà soát xác định: "
            + ("việc thường xuyên." if wanted.way == "continuous" else "chờ điều kiện."),
        )
    else:
        raise Invalid("import.deadline_way", "way")
    return replace(
        deadline,
        kind=kind,
        due=due,
        start=start,
        rule=None,
        exclusive=exclusive,
        confidence=1.0,
        problems=(),
        explanation=f"Người rà soát xác định: hạn {due:%d/%m/%Y}.",
    )


def _same_fix(session: Session, job: ImportJob, fixed: ImportRow, name: str, before: Any, edit: Edit) -> None:
    """Give the new value of a cell to all rows whose cell says the same."""
    issued_on = checks.issued_on(job)
    for row in all_rows(session, job):
        if row.id == fixed.id or row.decision is RowDecision.SKIP or row.change:
            continue
        if cell_text(name, getattr(row, name)) == cell_text(name, before):
            edit.change(row, issued_on=issued_on, **{name: getattr(fixed, name)})
