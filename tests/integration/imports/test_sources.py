"""The source beside the rows: the file, pictures of its pages, the row that a task came from."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.document import Document, DocumentFile, ImportJob, ImportRow, ImportStatus
from taskflow.models.task import Task
from taskflow.services.imports.commit import commit_rows
from taskflow.services.imports.uploads import discard
from taskflow.services.unit_of_work import unit_of_work
from tests.integration.imports.conftest import GOOD, Browser, Desk, SignIn, plan
from tests.unit.documents.pdf_files import Page, pdf


def scanned(desk: Desk) -> int:
    """An import of a PDF under review, with one row on its first page."""
    job_id = desk.upload(pdf([Page(texts=[(72, 700, "Ke hoach")])]), "ban-quet.pdf")
    with unit_of_work() as session:
        job = session.get_one(ImportJob, job_id)
        job.status, job.head = ImportStatus.REVIEW, {"number": "9/KH"}
        job.reconciliation = {"source_rows": 1, "items": 1}
        unit = desk.units["Sở YT"].id
        session.add(
            ImportRow(
                job_id=job_id,
                position=1,
                source="table",
                place={"page": 1, "table": 1, "row": 1},
                raw={"content": "Việc trong bản quét"},
                content="Việc trong bản quét",
                leads=[{"wording": "Sở Y tế", "status": "chosen", "unit_ids": [unit], "group_id": None,
                        "explanation": "", "by": "person"}],
                deadline={"text": "", "kind": "none"},
            )
        )  # fmt: skip
    return job_id


def test_pages_are_shown_to_those_who_see_the_rows(app: Flask, browser: Browser, desk: Desk, sign_in: SignIn) -> None:
    job_id = scanned(desk)
    picture = browser.client.get(f"/imports/{job_id}/pages/1.png")
    assert picture.mimetype == "image/png"
    assert picture.data.startswith(b"\x89PNG")
    assert browser.client.get(f"/imports/{job_id}/pages/1.png").data == picture.data
    assert browser.client.get(f"/imports/{job_id}/pages/7.png").status_code == 404
    (row,) = desk.rows(job_id)
    assert f"/imports/{job_id}/pages/1.png" in browser.get(f"/imports/{job_id}/rows/{row.id}")

    commit_rows(job_id, actor=desk.actor, now=desk.clock())
    task = db.session.scalars(select(Task)).one()
    theirs = Browser(sign_in(app.test_client(), desk.factories.user(unit=desk.units["Sở YT"])), desk)
    page = theirs.get(f"/imports/of-task/{task.id}")
    assert "Việc trong bản quét" in page
    assert theirs.client.get(f"/imports/of-task/{task.id}/page.png").data == picture.data
    assert theirs.client.get(f"/imports/{job_id}/pages/1.png").status_code == 403
    assert theirs.client.get(f"/documents/{task.document_id}").status_code == 200
    stranger = Browser(sign_in(app.test_client(), desk.factories.user(unit=desk.units["Sở NV"])), desk)
    for path in (
        f"/imports/of-task/{task.id}",
        f"/imports/of-task/{task.id}/page.png",
        f"/documents/{task.document_id}",
    ):
        assert stranger.client.get(path).status_code == 404
    assert "bản quét" not in stranger.get("/documents/")


def test_a_word_file_has_no_page_to_show(browser: Browser, desk: Desk) -> None:
    job = desk.read(plan([GOOD]))
    assert browser.client.get(f"/imports/{job.id}/pages/1.png").status_code == 404
    assert "page" not in desk.rows(job.id)[0].place
    served = browser.client.get(f"/imports/{job.id}/file")
    assert served.data == plan([GOOD]) or served.data[:2] == b"PK"
    assert "attachment" in served.headers["Content-Disposition"]


def test_a_second_annex_joins_the_document_of_the_first(desk: Desk) -> None:
    first = desk.read(plan([GOOD]))
    one = commit_rows(first.id, actor=desk.actor, now=desk.clock())
    second = desk.read(plan([("1", "Việc của phụ lục II", "Sở Y tế", "", "1/7/2026", "")]), "phu-luc-2.docx")
    two = commit_rows(second.id, actor=desk.actor, now=desk.clock())
    assert one.document_id == two.document_id
    assert len(db.session.scalars(select(Document)).all()) == 1
    assert len(db.session.scalars(select(DocumentFile)).all()) == 2


def test_a_discarded_import_does_not_stand_in_the_way(browser: Browser, desk: Desk) -> None:
    first = desk.read(plan([GOOD]))
    discard(first.id, actor=desk.actor, now=desk.clock())
    assert f"/imports/{first.id}" not in browser.get("/imports/")
    assert f"/imports/{first.id}" in browser.get("/imports/?status=discarded")
    again = desk.upload(plan([GOOD]))
    assert again != first.id


def test_the_leader_sees_documents_and_imports_nothing(app: Flask, desk: Desk, sign_in: SignIn) -> None:
    job = desk.read(plan([GOOD]))
    done = commit_rows(job.id, actor=desk.actor, now=desk.clock())
    leader = Browser(sign_in(app.test_client(), desk.factories.user(Role.LEADER)), desk)
    assert "12/KH-UBND" in leader.get("/documents/")
    page = leader.get(f"/documents/{done.document_id}")
    assert "/imports/new" not in page
    assert leader.client.get("/imports/").status_code == 403
