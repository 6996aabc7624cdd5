"""Bad input by the upload page: each gets its sentence, and leaves nothing half-done."""

from __future__ import annotations

import html
import re
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from taskflow.documents.messages import REFUSALS
from taskflow.domain.errors import TooLarge
from taskflow.extensions import db
from taskflow.i18n import error_sentence
from taskflow.models.document import Document, ImportJob, ImportRow, ImportStatus, StoredFile
from taskflow.models.task import Task
from taskflow.services.imports import reading
from taskflow.services.imports.commit import commit_rows
from taskflow.services.imports.editing import settle_deadlines
from tests.integration.imports.conftest import GOOD, Browser, Desk, job_of, plan, said
from tests.unit.documents.test_bad_input import CASES


def sentence_of(code: str) -> re.Pattern[str]:
    """What the page must say, whatever the values in the sentence are."""
    return re.compile(re.sub(r"\\\{\w+\\\}", ".+?", re.escape(REFUSALS[code])))


def nothing_made() -> bool:
    """Whether no document, task or row came of it."""
    models = (Document, Task, ImportRow)
    return not any(db.session.scalar(select(func.count()).select_from(model)) for model in models)


@pytest.mark.parametrize("name", [name for name in CASES if name != "cut picture"])
def test_a_bad_file_gets_its_sentence(name: str, browser: Browser, desk: Desk) -> None:
    data, filename, code = CASES[name]
    answer = browser.upload(data, filename)
    if answer.status_code != 303:  # refused when it was sent; the others when the reader opened them
        assert answer.status_code == (413 if code == "document.zip_bomb" else 422)
        assert sentence_of(code).search(html.unescape(said(answer)))
        assert db.session.scalar(select(func.count()).select_from(ImportJob)) == 0
        assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0
    else:
        job = desk.job(job_of(answer))
        assert job.status is ImportStatus.FAILED
        page = html.unescape(browser.get(f"/imports/{job.id}"))
        assert sentence_of(code).search(page)
        assert browser.client.get(f"/imports/{job.id}/rows").status_code == 409
        assert browser.post(f"/imports/{job.id}/commit", {}).status_code == 409
    assert nothing_made()


def test_a_file_over_the_limit_is_refused(browser: Browser, desk: Desk, app: Flask) -> None:
    with pytest.raises(TooLarge) as caught:
        desk.upload(b"TT\tViec\n" * 200_000, "lon.txt", max_mb=1)
    assert "1 MB" in error_sentence(caught.value)
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    assert browser.upload(b"TT\tViec\n" * 40_000, "lon.txt").status_code == 413
    assert nothing_made()


def test_a_table_without_a_lead_column_asks_for_the_units(browser: Browser, desk: Desk) -> None:
    headings = ("TT", "Nội dung công việc", "Thời hạn hoàn thành", "Sản phẩm")
    rows = [("1", "Việc một", "30/6/2026", "Báo cáo"), ("2", "Việc hai", "30/7/2026", "Báo cáo")]
    job_id = job_of(browser.upload(plan(rows, headings=headings)))
    assert {row.flags for row in desk.rows(job_id)} == {" lead "}
    assert "không có cột cơ quan chủ trì" in browser.get(f"/imports/{job_id}/head")


def test_a_file_without_any_task_says_so(browser: Browser, desk: Desk) -> None:
    headings = ("Họ và tên", "Chức vụ")
    job_id = job_of(browser.upload(plan([("Trần Thị Mai", "Chuyên viên")], headings=headings)))
    assert desk.rows(job_id) == []
    assert "Không tìm thấy bảng nào" in browser.get(f"/imports/{job_id}/head")
    assert desk.job(job_id).status is ImportStatus.REVIEW


def test_unknown_units_an_impossible_day_and_one_before_the_document_wait_for_a_person(
    browser: Browser, desk: Desk
) -> None:
    rows = [
        ("1", "Việc của đơn vị lạ", "Sở Thiên văn", "Hội đồng chưa rõ tên", "30/6/2026", ""),
        ("2", "Việc hạn không có thật", "Sở Y tế", "", "31/11/2026", ""),
        ("3", "Việc hạn trước văn bản", "Sở Y tế", "", "30/6/2025", ""),
    ]
    job_id = job_of(browser.upload(plan(rows)))
    first, second, third = desk.rows(job_id)
    assert " units " in first.flags
    assert first.leads[0]["unit_ids"] == []
    assert second.flags == third.flags == " deadline "
    assert second.deadline["due"] is None
    page = html.unescape(browser.get(f"/imports/{job_id}/statement"))
    assert "Việc hạn trước văn bản" in page
    assert 'type="submit" disabled' in page
    assert browser.post(f"/imports/{job_id}/commit", {}).status_code in (409, 422)

    # an impossible day cannot be "right as it was understood"
    assert settle_deadlines(job_id, [second.id], "read", actor=desk.actor, now=desk.clock()) == 0
    form = {"version": second.version, "content": second.content, "leads-0": "Sở Y tế", "deadline_text": "31/11/2026"}
    answer = browser.post(f"/imports/{job_id}/rows/{second.id}", {**form, "way": "date", "due": "31/11/2026"})
    assert answer.status_code == 422
    answer = browser.post(f"/imports/{job_id}/rows/{second.id}", {**form, "way": "date"})
    assert answer.status_code == 422
    answer = browser.post(f"/imports/{job_id}/rows/{second.id}", {**form, "way": "later"})
    assert answer.status_code == 303
    assert desk.rows(job_id)[1].flags == ""
    assert db.session.scalar(select(func.count()).select_from(Task)) == 0


def test_what_is_decided_later_becomes_a_task_without_a_date(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(plan([("1", "Việc hạn không có thật", "Sở Y tế", "", "31/11/2026", "")])))
    (row,) = desk.rows(job_id)
    settle_deadlines(job_id, [row.id], "later", actor=desk.actor, now=desk.clock())
    commit_rows(job_id, actor=desk.actor, now=desk.clock())
    task = db.session.scalars(select(Task)).one()
    assert (task.due_on, task.deadline_confirmed, task.deadline_text) == (None, False, "31/11/2026")


def test_a_reader_that_breaks_down_is_no_error_page(
    browser: Browser, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(reading, "parse_in_subprocess", broken)
    job_id = job_of(browser.upload(plan([GOOD])))
    assert desk.job(job_id).status is ImportStatus.FAILED
    assert REFUSALS["document.crashed"] in html.unescape(browser.get(f"/imports/{job_id}"))


@pytest.mark.usefixtures("sandbox")
def test_the_reader_works_in_a_process_of_its_own(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(plan([GOOD])))
    for _ in range(20):
        if desk.job(job_id).status is not ImportStatus.READING:
            break
        browser.get(f"/imports/{job_id}")
        for thread in threading.enumerate():
            if thread.name == f"import-{job_id}":
                thread.join(3)
    assert [row.content for row in desk.rows(job_id)] == [GOOD[1]]
