"""The reviewed rows become tasks: everything in one transaction, or nothing. Committing twice makes nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.errors import Conflict, Invalid, WrongState
from taskflow.domain.permissions import Actor
from taskflow.domain.search import search_words
from taskflow.domain.units import fold
from taskflow.models.document import (
    Document,
    DocumentFile,
    DocumentLink,
    ImportJob,
    ImportRow,
    ImportStatus,
    RowDecision,
)
from taskflow.models.indicator import BudgetLine, Indicator, IndicatorTarget
from taskflow.services import audit
from taskflow.services.citations import relink
from taskflow.services.imports import checks
from taskflow.services.imports.access import all_rows, open_job
from taskflow.services.imports.applying import Basis, apply_change
from taskflow.services.imports.freshness import overtaken
from taskflow.services.imports.making import make
from taskflow.services.imports.relation import known_document, relate, settle_superseded
from taskflow.services.imports.statement import Effect, account, effect_of, summarize
from taskflow.services.imports.unit_names import choices_for
from taskflow.services.imports.values import day, unit_choices
from taskflow.services.indicators import number_of
from taskflow.services.name_mappings import note_uses
from taskflow.services.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did. ``is_new`` is False when it had been committed before."""

    job_id: int
    document_id: int | None
    effect: Effect
    is_new: bool = True


def commit_rows(
    job_id: int, *, actor: Actor, now: datetime, fingerprint: str | None = None, reason: str = ""
) -> Committed:
    """Make the tasks, series, coordination lines, indicators and costs of an import, with events and notices.

    ``fingerprint`` is that of the statement which the person confirmed; ``reason`` stands in the history of tasks
    that are changed by a round trip. Raises ``Conflict`` when the rows, or the tasks that they change, were changed
    since the statement was shown, ``Invalid("import.unresolved")`` while something is undecided.
    """
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, status=None)
        if job.status is ImportStatus.COMMITTED:
            return Committed(job.id, job.document_id, effect_of(job.statement), is_new=False)
        if job.status is not ImportStatus.REVIEW:
            raise WrongState("import.wrong_status", status=job.status)
        rows = all_rows(session, job)
        found = summarize(job, rows)
        if fingerprint is not None and fingerprint != found.fingerprint:
            raise Conflict("import.statement_changed")
        if found.blocking or found.question_open:
            raise Invalid("import.unresolved", count=found.blocking + found.question_open)
        taken = [row for row in rows if row.decision is RowDecision.IMPORT]
        if job.kind == "round_trip" and not reason.strip() and any(_changes(row) for row in taken):
            raise Invalid("task.reason_required", "reason")
        if late := overtaken(session, job, taken):
            raise Conflict("import.tasks_changed", count=len(late))
        document = None if job.kind == "round_trip" else _document(session, job, actor, now)
        made = _carry_out(session, job, document, taken, reason.strip(), actor, now)
        if document is not None:
            relate(session, job, document)
            settle_superseded(session, job, document, rows, actor=actor, now=now)
            _keep_figures(session, job, document)
        _settle(session, job, rows, made, document, actor, now)
        return Committed(job.id, job.document_id, effect_of(job.statement))


def _carry_out(
    session: Session,
    job: ImportJob,
    document: Document | None,
    taken: Sequence[ImportRow],
    reason: str,
    actor: Actor,
    now: datetime,
) -> dict[int, list[str]]:
    """New tasks, then changes of existing ones; answers the codes that each row made or changed."""
    new = [row for row in taken if not row.change or row.change["kind"] == "added"]
    made = make(session, job, document, new, actor=actor, now=now)
    basis = Basis.of(document, reason)
    for row in taken:
        if _changes(row):
            made[row.id] = apply_change(session, job, document, row, basis, actor=actor, now=now)
    return made


def _changes(row: ImportRow) -> bool:
    kind = row.change.get("kind")
    return kind == "dropped" or (kind == "changed" and bool(row.change.get("accept")))


def _document(session: Session, job: ImportJob, actor: Actor, now: datetime) -> Document:
    """The document of this import: a new one, or the one of the same identity (a second annex of the same plan)."""
    head = job.head
    number, issued_on = str(head.get("number", "")), checks.issued_on(job)
    folded = fold(number)[:300]
    document = known_document(session, job)
    if document is None:
        document = Document(
            number=number[:300],
            number_folded=folded,
            type=str(head.get("type", ""))[:300],
            issuer=str(head.get("issuer", ""))[:300],
            issued_on=issued_on,
            title=str(head.get("title", "")),
            signer=str(head.get("signer", ""))[:300],
            place=str(head.get("place", ""))[:300],
            urgency=str(head.get("urgency", ""))[:64],
            recipients=list(head.get("recipients", ())),
            search_text=search_words(number, str(head.get("title", "")), str(head.get("issuer", ""))),
            office_unit_id=job.office_unit_id,
            created_at=now,
            created_by_id=actor.user_id,
        )
        session.add(document)
        session.flush()
        _link(session, job, document)
        job.statement = {"made_document": True}
    if job.sha256 not in {file.sha256 for file in document.files}:
        document.files.append(
            DocumentFile(sha256=job.sha256, filename=job.filename, added_at=now, added_by_id=actor.user_id)
        )
    session.flush()
    return document


def _link(session: Session, job: ImportJob, document: Document) -> None:
    """Links to the documents it cites; those that are known here become links one can follow."""
    for one in job.head.get("references", ()):
        if fold(str(one["number"]))[:300] == document.number_folded:
            continue
        session.add(
            DocumentLink(
                document_id=document.id,
                relation=str(one["relation"])[:64],
                number=str(one["number"])[:300],
                text=str(one["text"]),
                issued_on=day(one["issued_on"]),
            )
        )
    session.flush()
    relink(session, document)


def _keep_figures(session: Session, job: ImportJob, document: Document) -> None:
    """Indicators and costs as read, less those that the reviewer left out."""
    left_out = set(job.reading.get("leave_out", ()))
    indicators = [
        (number, one)
        for number, one in enumerate(job.reading.get("indicators", ()))
        if f"indicators:{number}" not in left_out
    ]
    answering = choices_for(session, [one["lead"] for _, one in indicators if one["lead"]], job.office_unit_id, None)
    for number, one in indicators:
        choice = answering.get(one["lead"] or "")
        unit_id = choice.unit_ids[0] if choice is not None and len(choice.unit_ids) == 1 else None
        session.add(_indicator(job, document, number, one, unit_id))
    for number, one in enumerate(job.reading.get("budget", ())):
        if f"budget:{number}" not in left_out:
            session.add(_budget_line(job, document, number, one))


def _indicator(job: ImportJob, document: Document, number: int, one: dict[str, Any], unit_id: int | None) -> Indicator:
    return Indicator(
        document_id=document.id,
        import_job_id=job.id,
        position=number + 1,
        group=one["group"] or "",
        name=one["name"],
        unit_of_measure=(one["unit_of_measure"] or "")[:64],
        baseline=one["current"] or "",
        responsible_unit_id=unit_id,
        responsible_wording=one["lead"] or "",
        note=one["note"] or "",
        targets=[
            IndicatorTarget(period=str(period)[:64], text=text, value=number_of(text))
            for period, text in one["targets"].items()
        ],
    )


def _budget_line(job: ImportJob, document: Document, number: int, one: dict[str, Any]) -> BudgetLine:
    amount = one["amount_million_vnd"]
    return BudgetLine(
        document_id=document.id,
        import_job_id=job.id,
        position=number + 1,
        tt=(one["tt"] or "")[:64],
        content=one["content"],
        amount_million_vnd=None if amount is None else Decimal(str(amount)),
        amount_text=one["amount_text"] or "",
        source=one["source"] or "",
        note=one["note"] or "",
        is_total=one["is_total"],
    )


def _settle(
    session: Session,
    job: ImportJob,
    rows: Sequence[ImportRow],
    made: dict[int, list[str]],
    document: Document | None,
    actor: Actor,
    now: datetime,
) -> None:
    job.statement = {**job.statement, **account(job, rows, made, actor.name), "on": local_date(now).isoformat()}
    job.status = ImportStatus.COMMITTED
    job.document_id = document.id if document is not None else None
    job.committed_at, job.committed_by_id = now, actor.user_id
    relied = {
        choice.wording
        for row in rows
        for choice in (*unit_choices(row.leads), *unit_choices(row.coordinators))
        if choice.status == "remembered"
    }
    if relied:
        note_uses(session, job.office_unit_id, relied)
    audit.record(
        session,
        actor=actor,
        action="import.committed",
        subject="import",
        subject_id=job.id,
        now=now,
        document=document.id if document else None,
        **asdict(effect_of(job.statement)),
    )
