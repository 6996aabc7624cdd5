"""The clerk's way through the pages, without scripts: upload, put right, decide, confirm, look, take back."""

from __future__ import annotations

import re
import threading
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from taskflow.demo.plan import build_plan
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.document import Document, ImportJob, ImportStatus, RowDecision
from taskflow.models.org import NameMapping
from taskflow.models.task import Task
from tests.integration.imports.conftest import GOOD, Browser, Desk, SignIn, job_of, plan, said


def test_a_clerk_walks_from_the_file_to_the_tasks(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(build_plan(desk.clock.today)))
    page = browser.get(f"/imports/{job_id}")
    assert "128/KH-UBND" in page
    for step in ("units", "rows", "duties", "figures", "statement"):
        assert f"/imports/{job_id}/{step}" in page
        browser.get(f"/imports/{job_id}/{step}")

    # one decision for each distinct wording
    page = browser.get(f"/imports/{job_id}/units")
    numbers = re.findall(r'name="text-(\d+)" value="([^"]*)"', page)
    open_names = re.findall(r'<li class="wording is-open">.*?name="text-(\d+)"', page, re.DOTALL)
    assert open_names
    decisions: dict[str, Any] = {f"text-{number}": text for number, text in numbers}
    for number in open_names:
        decisions[f"units-{number}"] = [str(desk.units["Sở NV"].id), str(desk.units["Sở TC"].id)]
    assert browser.post(f"/imports/{job_id}/units", {**decisions, "remember": "1"}).status_code == 303

    rows = desk.rows(job_id)
    doubtful = [str(row.id) for row in rows if " deadline " in row.flags]
    for action in ("suggested", "read", "later"):
        answer = browser.post(f"/imports/{job_id}/rows", {"row": doubtful, "action": action})
        assert answer.status_code == 303
    assert browser.post(f"/imports/{job_id}/several-leads", {"way": "each"}).status_code == 303
    duty = next(row for row in rows if row.source == "prose" and row.leads)
    assert browser.post(f"/imports/{job_id}/duties", {"row": [str(duty.id)]}).status_code == 303
    spare = next(row for row in desk.rows(job_id) if row.tt == "19")
    answer = browser.post(f"/imports/{job_id}/rows", {"row": [str(spare.id)], "action": "skip"})
    assert answer.status_code == 422
    answer = browser.post(
        f"/imports/{job_id}/rows", {"row": [str(spare.id)], "action": "skip", "reason": "Đã giao ở kế hoạch khác"}
    )
    assert answer.status_code == 303

    page = browser.get(f"/imports/{job_id}/statement")
    assert "Đã giao ở kế hoạch khác" in page
    assert "disabled" not in page[page.index("fingerprint") :]
    found = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert found is not None
    form = {"fingerprint": found.group(1)}
    assert browser.post(f"/imports/{job_id}/commit", form).status_code == 303
    assert browser.post(f"/imports/{job_id}/commit", form).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1
    page = browser.get(f"/imports/{job_id}")
    assert "Đã giao ở kế hoạch khác" in page
    assert desk.clerk.full_name in page
    browser.get(f"/imports/{job_id}/statement/print")

    document_id = desk.job(job_id).document_id
    page = browser.get(f"/documents/{document_id}")
    assert "Tỷ lệ học sinh có học bạ số" in page
    assert "128/KH-UBND" in browser.get("/documents/?q=chuyen+doi+so")
    file_link = re.search(rf"/documents/{document_id}/files/\d+", page)
    assert file_link is not None
    served = browser.client.get(file_link.group(0))
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert served.data == build_plan(desk.clock.today) or served.data[:2] == b"PK"

    task = db.session.scalars(select(Task).where(Task.document_id == document_id)).first()
    assert task is not None
    assert "ke-hoach.docx" in browser.get(f"/imports/of-task/{task.id}")
    browser.get(f"/imports/{job_id}/undo-import")
    assert browser.post(f"/imports/{job_id}/undo-import", {}).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Task)) == 0
    assert "/imports/" in browser.get("/imports/")


def test_a_row_is_put_right_and_the_fix_goes_to_equal_cells(browser: Browser, desk: Desk) -> None:
    rows = [(str(n), f"Việc số {n}", "Sở Tài chánh", "", "Quý IV", "") for n in range(1, 4)]
    job_id = job_of(browser.upload(plan(rows)))
    first, second, _third = desk.rows(job_id)
    assert " units " in first.flags
    page = browser.get(f"/imports/{job_id}/rows/{first.id}")
    assert "Sở Tài chánh" in page
    data = {
        "version": first.version,
        "content": "Việc số một",
        "leads-0": "Sở Tài chánh",
        "leads-0-means": f"unit:{desk.units['Sở TC'].id}",
        "deadline_text": "Quý IV",
        "way": "date",
        "due": "15/12/2026",
        "equal": ["leads", "deadline"],
    }
    answer = browser.post(f"/imports/{job_id}/rows/{first.id}", data)
    assert answer.status_code == 303, said(answer)
    for row in desk.rows(job_id):
        assert row.leads[0]["unit_ids"] == [desk.units["Sở TC"].id]
        assert row.deadline["due"] == "2026-12-15"
        assert row.flags == ""
    assert [row.content for row in desk.rows(job_id)] == ["Việc số một", "Việc số 2", "Việc số 3"]

    answer = browser.post(f"/imports/{job_id}/rows/{second.id}", {**data, "content": "Sửa từ trang cũ"})
    assert answer.status_code == 409
    assert "Sửa từ trang cũ" in answer.get_data(as_text=True), "what was typed stays"
    assert "Hiện đang lưu: “Việc số 2”." in answer.get_data(as_text=True)
    assert desk.rows(job_id)[1].content == "Việc số 2"

    assert browser.post(f"/imports/{job_id}/undo", {}).status_code == 303
    assert [row.flags for row in desk.rows(job_id)] == [first.flags] * 3
    assert desk.rows(job_id)[0].content == "Việc số 1"
    assert desk.rows(job_id)[0].edited == []


def test_of_two_reviewers_the_later_one_loses_nothing_and_overwrites_nothing(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(plan([("1", "Việc một", "Sở Y tế", "", "Quý IV/2026", "Báo cáo")])))
    (row,) = desk.rows(job_id)
    seen = {"version": row.version, "content": "Việc một", "leads-0": "Sở Y tế", "leads-0-means": "keep"}
    seen |= {"deadline_text": "Quý IV/2026", "product": "Báo cáo"}
    first = {**seen, "content": "Việc một, đã sửa", "leads-0": "Sở Nội vụ"}
    assert browser.post(f"/imports/{job_id}/rows/{row.id}", first).status_code == 303

    tax = desk.units["Sở TC"].id
    late = {**seen, "product": "Tờ trình", "coordinators-0": "", "coordinators-0-means": f"unit:{tax}"}
    answer = browser.post(f"/imports/{job_id}/rows/{row.id}", late)
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert 'name="leads-0" value="Sở Nội vụ"' in page, "what only the other one changed is shown as it is now"
    assert re.search(r'<textarea[^>]*name="content"[^>]*>\s*Việc một, đã sửa</textarea>', page)
    assert re.search(r'<textarea[^>]*name="product"[^>]*>\s*Tờ trình</textarea>', page)
    coordinators = page.split('name="coordinators-0-means"')[1].split("</select>")[0]
    assert f'value="unit:{tax}" selected' in coordinators, "a unit that was chosen stays chosen"

    late |= {"leads-0": "Sở Tài chính"}
    page = browser.post(f"/imports/{job_id}/rows/{row.id}", late).get_data(as_text=True)
    assert 'name="leads-0" value="Sở Tài chính"' in page
    assert "Hiện đang lưu: “Sở Nội vụ”." in page, "both changed it: what was typed, and what is stored"


def test_htmx_gets_the_row_as_a_line_and_its_form_in_place(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(plan([GOOD])))
    (row,) = desk.rows(job_id)
    script = {"HX-Request": "true"}
    form = browser.get(f"/imports/{job_id}/rows/{row.id}", headers=script)
    assert form.strip().startswith("<tr")
    data = {"version": row.version, "content": "", "leads-0": "Sở Y tế", "deadline_text": "31/11/2026"}
    answer = browser.post(f"/imports/{job_id}/rows/{row.id}", data, headers=script)
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).strip().startswith("<tr")
    assert "HX-Trigger" in answer.headers
    (row,) = desk.rows(job_id)
    assert row.leads[0]["unit_ids"] == [desk.units["Sở YT"].id]
    assert set(row.flags.split()) >= {"content", "deadline"}
    assert browser.get(f"/imports/{job_id}/rows/{row.id}/line").strip().startswith("<tr")


def test_the_same_file_again_leads_to_the_earlier_import(browser: Browser, desk: Desk) -> None:
    data = plan([GOOD])
    job_id = job_of(browser.upload(data))
    answer = browser.upload(data, "ten-khac.docx")
    assert answer.headers["Location"].endswith(f"/imports/{job_id}/known")
    assert f"/imports/{job_id}" in browser.get(f"/imports/{job_id}/known")
    assert db.session.scalar(select(func.count()).select_from(ImportJob)) == 1
    fresh = job_of(browser.post(f"/imports/{job_id}/again", {}))
    assert fresh != job_id
    assert desk.job(fresh).status is ImportStatus.REVIEW


def test_a_pasted_table_is_read(browser: Browser, desk: Desk) -> None:
    html = "<table><tr><td>TT</td><td>Nội dung công việc</td><td>Cơ quan chủ trì</td><td>Thời hạn</td></tr>" + "".join(
        f"<tr><td>{n}</td><td>Việc {n}</td><td>Sở Y tế</td><td>{n}/10/2026</td></tr>" for n in range(1, 4)
    )
    answer = browser.post("/imports/new", {"text": "bảng", "html": f"{html}</table>", "office_unit_id": desk.office.id})
    assert len(desk.rows(job_of(answer))) == 3
    heading = "TT\tNội dung công việc\tCơ quan chủ trì\tThời hạn\n"
    text = f"{heading}1\tViệc A\tSở Y tế\t01/10/2026\n2\tViệc B\tSở Y tế\t02/10/2026\n"
    answer = browser.post("/imports/new", {"text": text, "office_unit_id": desk.office.id})
    assert [row.content for row in desk.rows(job_of(answer))] == ["Việc A", "Việc B"]
    assert browser.post("/imports/new", {"office_unit_id": desk.office.id}).status_code == 422


def test_a_choice_is_remembered_for_the_next_import(browser: Browser, desk: Desk) -> None:
    rows = [("1", "Việc số 1", "Cơ quan thường trực 06", "", "30/6/2026", "")]
    job_id = job_of(browser.upload(plan(rows)))
    data = {"text-1": "Cơ quan thường trực 06", "means-1": f"unit:{desk.units['CA tỉnh'].id}", "remember": "1"}
    assert browser.post(f"/imports/{job_id}/units", data).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(NameMapping)) == 1
    later = job_of(browser.upload(plan(rows, number="13/KH-UBND")))
    (row,) = desk.rows(later)
    assert row.leads[0]["status"] == "remembered"
    assert row.leads[0]["unit_ids"] == [desk.units["CA tỉnh"].id]
    assert not row.is_blocking


def test_the_columns_of_a_table_can_be_set_and_edits_stay(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(plan([GOOD, ("2", "Việc hai", "Sở Y tế", "", "1/7/2026", "")])))
    first = desk.rows(job_id)[0]
    form = {"version": first.version, "content": "Đã sửa", "leads-0": "Sở Tài chính", "deadline_text": "30/6/2026"}
    assert browser.post(f"/imports/{job_id}/rows/{first.id}", form).status_code == 303
    job = desk.job(job_id)
    (table,) = [one for one in job.tables if one["kind"] == "tasks"]
    roles = [{"product": "note"}.get(role, role) for role in table["columns"]]
    answer = browser.post(
        f"/imports/{job_id}/tables",
        {"version": job.version, f"kind-{table['number']}": "tasks", f"role-{table['number']}": roles},
    )
    assert answer.status_code == 303
    rows = desk.rows(job_id)
    assert rows[0].content == "Đã sửa"
    assert (rows[0].id, rows[0].note, rows[1].content) == (first.id, "Kho dữ liệu", "Việc hai")
    answer = browser.post(f"/imports/{job_id}/tables", {"version": 1, f"kind-{table['number']}": "other"})
    assert answer.status_code == 409


def test_a_new_date_of_the_document_is_counted_from(browser: Browser, desk: Desk) -> None:
    rows = [("1", "Việc một", "Sở Y tế", "", "Quý IV", ""), ("2", "Việc hai", "Sở Y tế", "", "30/6/2026", "")]
    job_id = job_of(browser.upload(plan(rows)))
    assert desk.rows(job_id)[0].deadline["due"] == "2026-12-31"
    job = desk.job(job_id)
    head = {"version": job.version, "number": "99/KH-UBND", "issued_on": "05/05/2025", "title": "Tên mới"}
    assert browser.post(f"/imports/{job_id}/head", head).status_code == 303
    assert [row.deadline["due"] for row in desk.rows(job_id)] == ["2025-12-31", "2026-06-30"]
    assert desk.job(job_id).head["number"] == "99/KH-UBND"
    assert browser.post(f"/imports/{job_id}/head", {**head, "issued_on": "31/02/2025"}).status_code == 422


def test_going_on_saves_what_stands_on_the_step(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(plan([("1", "Việc một", "Tổ công tác X", "", "30/6/2026", "")])))
    job = desk.job(job_id)
    head = {
        "version": job.version,
        **{name: job.head.get(name) or "" for name in ("number", "type", "issuer", "title", "signer", "place")},
    }
    day = date.fromisoformat(job.head["issued_on"])
    untouched = browser.post(f"/imports/{job_id}/head", {**head, "issued_on": f"{day:%d/%m/%Y}", "next": "1"})
    assert (untouched.status_code, untouched.location) == (303, f"/imports/{job_id}/units")
    assert "edited" not in desk.job(job_id).head
    typed = {**head, "issued_on": f"{day:%d/%m/%Y}", "title": "Tên đã sửa", "next": "1"}
    assert browser.post(f"/imports/{job_id}/head", typed).location == f"/imports/{job_id}/units"
    assert desk.job(job_id).head["title"] == "Tên đã sửa"
    choice = {"text-1": "Tổ công tác X", "means-1": f"unit:{desk.units['CA tỉnh'].id}", "next": "1"}
    assert browser.post(f"/imports/{job_id}/units", choice).location == f"/imports/{job_id}/rows"
    assert desk.rows(job_id)[0].leads[0]["unit_ids"] == [desk.units["CA tỉnh"].id]


def test_a_refused_choice_of_units_is_shown_again(browser: Browser, desk: Desk) -> None:
    rows = [("1", "Việc một", "Tổ công tác X", "", "30/6/2026", ""), ("2", "Việc hai", "Tổ Y", "", "30/6/2026", "")]
    job_id = job_of(browser.upload(plan(rows)))
    chosen = desk.units["CA tỉnh"].id
    data = {"text-1": "Tổ công tác X", "means-1": f"unit:{chosen}", "text-2": "Tổ Y", "means-2": "unit:x"}
    answer = browser.post(f"/imports/{job_id}/units", data)
    assert answer.status_code == 422
    assert f'value="unit:{chosen}" selected' in answer.get_data(as_text=True)


def test_imports_belong_to_their_office(app: Flask, browser: Browser, desk: Desk, sign_in: SignIn) -> None:
    job_id = job_of(browser.upload(plan([GOOD])))
    (row,) = desk.rows(job_id)
    elsewhere = desk.factories.office(name="Văn phòng Hội đồng nhân dân tỉnh", parent=desk.factories.unit())
    stranger = Browser(sign_in(app.test_client(), desk.factories.user(Role.COORDINATOR, unit=elsewhere)), desk)
    officer = Browser(sign_in(app.test_client(), desk.factories.user(unit=desk.units["Sở YT"])), desk)
    for path in ("", "/rows", f"/rows/{row.id}", "/statement", "/units", "/file", "/known", "/head"):
        assert stranger.client.get(f"/imports/{job_id}{path}").status_code == 404
        assert officer.client.get(f"/imports/{job_id}{path}").status_code == 403
    for path in ("/rows", "/commit", "/read", "/discard", "/again", "/tables", "/undo-import"):
        assert stranger.post(f"/imports/{job_id}{path}", {"row": [row.id], "action": "take"}).status_code == 404
    assert str(job_id) not in re.findall(r"/imports/(\d+)", stranger.get("/imports/"))
    other = desk.read(plan([GOOD], number="14/KH-UBND"))
    (alien,) = desk.rows(other.id)
    assert browser.client.get(f"/imports/{job_id}/rows/{alien.id}").status_code == 404
    answer = browser.post("/imports/new", {"file": (BytesIO(plan([GOOD])), "a.docx"), "office_unit_id": elsewhere.id})
    assert answer.status_code == 422


def test_a_statement_that_changed_meanwhile_is_not_confirmed(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(plan([GOOD, ("2", "Việc hai", "Sở Y tế", "", "1/7/2026", "")])))
    page = browser.get(f"/imports/{job_id}/statement")
    seen = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert seen is not None
    second = desk.rows(job_id)[1]
    reason = {"row": [str(second.id)], "action": "skip", "reason": "Trùng với việc khác"}
    assert browser.post(f"/imports/{job_id}/rows", reason).status_code == 303
    assert browser.post(f"/imports/{job_id}/commit", {"fingerprint": seen.group(1)}).status_code == 409
    assert db.session.scalar(select(func.count()).select_from(Task)) == 0
    assert desk.rows(job_id)[1].decision is RowDecision.SKIP


def test_a_reading_that_died_can_be_started_again(
    browser: Browser, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = desk.upload(plan([GOOD]))
    assert 'http-equiv="refresh"' not in browser.get(f"/imports/{job_id}")
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", lambda _thread: None)
        patch.setattr(threading.Thread, "join", lambda _thread, _wait: None)
        assert browser.post(f"/imports/{job_id}/read", {}).status_code == 303
    assert 'http-equiv="refresh"' in browser.get(f"/imports/{job_id}")
    assert browser.post(f"/imports/{job_id}/read", {}).status_code == 409
    desk.clock.advance(minutes=2)
    assert 'http-equiv="refresh"' not in browser.get(f"/imports/{job_id}")
    assert browser.post(f"/imports/{job_id}/read", {}).status_code == 303
    assert desk.job(job_id).status is ImportStatus.REVIEW


def test_a_reading_is_cancelled(browser: Browser, desk: Desk) -> None:
    job_id = desk.upload(plan([GOOD]))
    assert browser.post(f"/imports/{job_id}/cancel", {}).status_code == 303
    assert desk.job(job_id).status is ImportStatus.DISCARDED
    assert browser.get(f"/imports/{job_id}")


def test_a_phone_folds_the_rows_that_need_nobody(browser: Browser, desk: Desk) -> None:
    rows = [
        (str(n), f"Việc số {n}", "Sở Nội vụ", "", "Sau khi được bố trí vốn" if n == 30 else "31/12/2026", "")
        for n in range(1, 46)
    ]
    job_id = job_of(browser.upload(plan(rows)))
    page = browser.get(f"/imports/{job_id}/rows")
    heads = re.findall(r'fold-toggle" type="checkbox"( checked)?> ([^<]+)<', page)
    assert heads == [
        (" checked", "Dòng 1–1 · 1 cần quyết định"),
        ("", "Dòng 2–21"),
        ("", "Dòng 22–41"),
        ("", "Dòng 42–45"),
    ]
    assert [int(n) for n in re.findall(r'<span class="clamp">Việc số (\d+)</span>', page)][:3] == [30, 1, 2]
    page = browser.get(f"/imports/{job_id}/rows?order=document")
    assert re.findall(r'fold-toggle" type="checkbox"( checked)?> ([^<]+)<', page)[1] == (
        "", "Dòng 21–40 · 1 cần quyết định",
    )  # fmt: skip
    assert "fold-toggle" not in browser.get(f"/imports/{job_id}/rows?shown=problems")


def test_a_table_of_which_nothing_is_kept_is_named(browser: Browser, desk: Desk) -> None:
    job_id = job_of(browser.upload(build_plan(desk.clock.today)))
    kinds = {table["kind"]: table for table in desk.job(job_id).tables}
    indicators, tasks = kinds["indicators"], kinds["tasks"]
    form = {"version": desk.job(job_id).version, f"kind-{indicators['number']}": "other"}
    assert browser.post(f"/imports/{job_id}/tables", form).status_code == 303
    page = browser.get(f"/imports/{job_id}/statement")
    assert "Các bảng sau không được nhập" in page
    assert indicators["title"] in page
    # the tasks are taken for costs: no column holds an amount, so nothing could be read
    form = {"version": desk.job(job_id).version, f"kind-{tasks['number']}": "budget"}
    assert browser.post(f"/imports/{job_id}/tables", form).status_code == 303
    assert "Không đọc được dòng nào của bảng này theo loại “Kinh phí”" in browser.get(f"/imports/{job_id}/head")
    assert tasks["title"] in browser.get(f"/imports/{job_id}/statement")
    form = {"version": desk.job(job_id).version, f"kind-{tasks['number']}": "tasks"}
    assert browser.post(f"/imports/{job_id}/tables", form).status_code == 303
    assert "Không đọc được dòng nào" not in browser.get(f"/imports/{job_id}/head")
