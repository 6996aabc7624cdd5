"""The whole road in the services: read, decide, account for every row, commit, take back."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from taskflow.demo.plan import annex, build_plan
from taskflow.domain.errors import Invalid
from taskflow.extensions import db
from taskflow.models.document import Document, ImportStatus, RowDecision
from taskflow.models.indicator import BudgetLine, Indicator
from taskflow.models.outbox import Notification
from taskflow.models.task import Coordination, Series, Task, TaskShape
from taskflow.services.imports.commit import commit_rows
from taskflow.services.imports.editing import settle_deadlines, take_rows
from taskflow.services.imports.heads import set_several_leads
from taskflow.services.imports.origin import origin
from taskflow.services.imports.statement import summarize
from taskflow.services.imports.undoing import undo_import
from taskflow.services.imports.unit_names import Meaning, decide, wordings
from tests.integration.imports.conftest import Desk


def settle(desk: Desk, job_id: int) -> None:
    """Decide everything of the demo plan as a clerk would."""
    actor, now = desk.actor, desk.clock()
    job = desk.job(job_id)
    open_names = [one.text for one in wordings(job) if not one.choice.settled]
    meanings = {text: Meaning(unit_ids=(desk.units["Sở NV"].id, desk.units["Sở TC"].id)) for text in open_names}
    decide(job_id, meanings, actor=actor, now=now)
    rows = [row.id for row in desk.rows(job_id)]
    settle_deadlines(job_id, rows, "suggested", actor=actor, now=now)
    settle_deadlines(job_id, rows, "read", actor=actor, now=now)
    settle_deadlines(job_id, rows, "later", actor=actor, now=now)
    set_several_leads(job_id, "each", actor=actor)


def test_the_demo_plan_becomes_tasks(desk: Desk) -> None:
    job = desk.read(build_plan(desk.clock.today))
    assert job.status is ImportStatus.REVIEW
    rows = desk.rows(job.id)
    printed = [line for line in annex(desk.clock.today) if hasattr(line, "lead")]
    assert [row.source for row in rows].count("table") == len(printed)
    assert {row.decision for row in rows if row.source in ("prose", "report")} == {RowDecision.OFFER}
    before = summarize(job, rows)
    assert before.is_complete
    assert before.blocking
    assert before.question_open
    with pytest.raises(Invalid, match=r"import\.unresolved"):
        commit_rows(job.id, actor=desk.actor, now=desk.clock())

    settle(desk, job.id)
    duty = next(row for row in desk.rows(job.id) if row.source == "prose" and row.leads)
    take_rows(job.id, [duty.id], actor=desk.actor, now=desk.clock())
    assert [row.flags for row in desk.rows(job.id) if row.is_blocking] == []
    job = desk.job(job.id)
    found = summarize(job, desk.rows(job.id))
    done = commit_rows(job.id, actor=desk.actor, now=desk.clock(), fingerprint=found.fingerprint)
    assert done.is_new

    document = db.session.get_one(Document, done.document_id)
    assert document.number == "128/KH-UBND"
    assert document.files[0].filename == "ke-hoach.docx"
    assert any(link.relation == "basis" for link in document.links)
    tasks = list(db.session.scalars(select(Task).where(Task.document_id == document.id, Task.parent_id.is_(None))))
    series = list(db.session.scalars(select(Series).where(Series.document_id == document.id)))
    one_off = {task.position for task in tasks if task.series_id is None}
    repeated = {one.template["position"] for one in series}
    assert len(one_off) + len(repeated) == len(printed) + 1
    assert any(task.shape is TaskShape.COLLECTIVE and len(task.children) == 5 for task in tasks)
    assert db.session.scalar(select(func.count()).select_from(Indicator)) == 5
    assert db.session.scalar(select(func.count()).select_from(BudgetLine))
    assert db.session.scalar(select(func.count()).select_from(Coordination))
    statement = desk.job(job.id).statement
    assert statement["is_complete"]
    assert statement["by"] == desk.clerk.full_name

    source = origin(next(task for task in tasks if task.tt == "2"))
    assert source is not None
    assert source.place["table"]
    assert source.confirmed_by == desk.clerk.full_name
    again = commit_rows(job.id, actor=desk.actor, now=desk.clock())
    assert not again.is_new
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1

    undo_import(job.id, actor=desk.actor, now=desk.clock())
    for model in (Task, Series, Document, Indicator, BudgetLine, Coordination, Notification):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0, model
    assert desk.job(job.id).status is ImportStatus.UNDONE
