"""What a reviewer says about the whole import: the document's head, its tables, several leads, figures to leave out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete

from taskflow.documents.columns import ROLES
from taskflow.documents.model import TableKind
from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import Actor
from taskflow.models.document import Document, ImportJob, ImportRow
from taskflow.services.imports import checks
from taskflow.services.imports.access import all_rows, open_job
from taskflow.services.imports.comparing import compare
from taskflow.services.imports.relation import RELATIONS, relation_of
from taskflow.services.imports.unit_names import resolve_rows
from taskflow.services.imports.values import iso
from taskflow.services.imports.wording import for_date
from taskflow.services.unit_of_work import unit_of_work

SEVERAL_LEADS = ("each", "first")


@dataclass(frozen=True, slots=True)
class HeadEdit:
    """The head of the document as the reviewer has it."""

    number: str
    type: str
    issuer: str
    issued_on: date | None
    title: str
    signer: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class TableEdit:
    """What a reviewer says about one table; ``roles`` are words of ``documents.columns.ROLES`` by column."""

    kind: str
    roles: tuple[str, ...]
    heading_row: int | None = None


def edit_head(job_id: int, head: HeadEdit, *, actor: Actor, now: datetime, expected_version: int | None) -> ImportJob:
    """Put the head right. A new date is counted from at once, in every deadline that nobody decided about."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, expected_version=expected_version)
        if head.issued_on is not None and head.issued_on.year < 1945:
            raise Invalid("import.issued_on", "issued_on", day=head.issued_on)
        before = checks.issued_on(job)
        job.head = {
            **job.head,
            **{name: value.strip() for name, value in asdict(head).items() if isinstance(value, str)},
            "issued_on": iso(head.issued_on),
            "edited": True,
        }
        rows = all_rows(session, job)
        after = checks.issued_on(job)
        if after != before:
            for row in rows:
                row.deadline = for_date(row, before, after)
            resolve_rows(session, job, rows)
        for row in rows:
            checks.refresh(row, after)
        _note(job, now)
        return job


def set_tables(job_id: int, tables: Mapping[int, TableEdit], *, actor: Actor, expected_version: int | None) -> bool:
    """Keep what is said about the tables for the next reading; True when it differs from what holds now."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, expected_version=expected_version)
        said: dict[str, Any] = dict(job.overrides.get("tables", {}))
        for table in job.tables:
            wanted = tables.get(table["number"])
            if wanted is None:
                continue
            if wanted.kind not in set(TableKind) or not set(wanted.roles) <= set(ROLES):
                raise Invalid("import.table_words", "tables")
            change: dict[str, Any] = {}
            if wanted.kind != table["kind"]:
                change["kind"] = wanted.kind
            if list(wanted.roles) != table["columns"]:
                change["roles"] = list(wanted.roles)
            if wanted.heading_row is not None:
                change["heading_row"] = wanted.heading_row
            if change:
                said[str(table["number"])] = {**said.get(str(table["number"]), {}), **change}
        if said == job.overrides.get("tables", {}):
            return False
        job.overrides = {**job.overrides, "tables": said}
        return True


def set_several_leads(job_id: int, way: str, *, actor: Actor) -> None:
    """Answer once what several leads of a row mean: "each" (one task each) or "first" (the first leads)."""
    if way not in SEVERAL_LEADS:
        raise Invalid("import.several_leads", "several_leads")
    with unit_of_work() as session:
        open_job(session, actor, job_id).several_leads = way


def leave_out(job_id: int, keys: Iterable[str], *, actor: Actor, expected_version: int | None) -> None:
    """Which figures are not kept: "indicators:3", "budget:0" by their place in what was read."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, expected_version=expected_version)
        known = {
            f"{kind}:{n}" for kind in ("indicator", "budget") for n in range(len(job.reading.get(_list(kind), ())))
        }
        job.reading = {**job.reading, "leave_out": sorted(known & set(keys))}


def _list(kind: str) -> str:
    return "indicators" if kind == "indicator" else kind


def _note(job: ImportJob, now: datetime) -> None:
    job.head = {**job.head, "edited_at": now.isoformat()}


def set_amends(
    job_id: int, document_id: int | None, *, actor: Actor, expected_version: int | None, relation: str = ""
) -> None:
    """Compare the import with a document of the same office; None: it stands by itself.

    ``relation`` is one of ``RELATIONS``; without it holds what the text says.
    """
    if relation and relation not in RELATIONS:
        raise Invalid("import.relation", "relation")
    with unit_of_work() as session:
        job = open_job(session, actor, job_id, expected_version=expected_version)
        if job.kind == "round_trip":
            raise Invalid("import.round_trip_amends", "amends")
        document = None
        if document_id is not None:
            document = session.get(Document, document_id)
            if document is None or document.office_unit_id != job.office_unit_id:
                raise NotFound("document.not_found")
        is_other, before = job.amends_id != document_id, relation_of(job)
        job.amends, job.kind = document, "amendment" if document is not None else "new"
        job.overrides = {key: value for key, value in job.overrides.items() if key != "relation"}
        if relation and document is not None:
            job.overrides = {**job.overrides, "relation": relation}
        if is_other or relation_of(job) != before:
            job.overrides = {key: value for key, value in job.overrides.items() if key != "again"}
        if is_other:
            session.execute(delete(ImportRow).where(ImportRow.job_id == job.id, ImportRow.source == "task"))
        session.flush()
        for row in all_rows(session, job):
            if not is_other or row.source == "task":
                continue
            row.change, row.task_id = {}, None
            checks.refresh(row, checks.issued_on(job))
        session.flush()
        compare(session, job)
