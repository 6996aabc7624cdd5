"""Bring the demo plan in by the real import, deciding what a clerk would decide."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from taskflow.clock import local_date
from taskflow.demo.organisation import Office
from taskflow.demo.people import OFFICE
from taskflow.demo.plan import build_plan
from taskflow.domain.units import is_open_set
from taskflow.extensions import db
from taskflow.models.document import ImportJob, ImportRow, RowDecision
from taskflow.services.files import Upload
from taskflow.services.imports import commit, editing, heads, reading, statement, unit_names, uploads

#: What "có liên quan" means in this plan: the units that the clerk ticks.
CONCERNED = ("Sở TC", "Sở KH&CN", "Sở NV")


def import_plan(office: Office, *, today: datetime, then: datetime) -> int:
    """Import the plan as on the day ``then``; its dates lie around ``today``. Returns the document's id."""
    actor = office.actor("vanphong", then)
    upload = Upload(build_plan(local_date(today)), "ke-hoach-128.docx")
    source = uploads.Source(office_unit_id=office.unit_ids[OFFICE[1]])
    job_id = uploads.receive(upload, source, actor=actor, now=then, max_mb=50).job_id
    if not reading.start(job_id, actor=actor, wait=120):
        raise RuntimeError("the demo plan was not read in two minutes")
    job = db.session.get_one(ImportJob, job_id)
    concerned = tuple(office.unit_ids[short] for short in CONCERNED)
    decisions = {
        wording.text: unit_names.Meaning(unit_ids=concerned)
        for wording in unit_names.wordings(job)
        if is_open_set(wording.text)
    }
    heads.set_several_leads(job_id, "each", actor=actor)
    unit_names.decide(job_id, decisions, actor=actor, now=then)
    doubtful = [row.id for row in _rows(job_id) if "deadline" in row.flags]
    editing.settle_deadlines(job_id, doubtful, "read", actor=actor, now=then)
    fingerprint = statement.summarize(db.session.get_one(ImportJob, job_id), _rows(job_id)).fingerprint
    made = commit.commit_rows(job_id, actor=actor, now=then, fingerprint=fingerprint)
    if made.document_id is None:
        raise RuntimeError("the demo plan made no document")
    return made.document_id


def _rows(job_id: int) -> list[ImportRow]:
    query = select(ImportRow).where(ImportRow.job_id == job_id).order_by(ImportRow.position)
    return [row for row in db.session.scalars(query) if row.decision is not RowDecision.SKIP]
