"""Amended documents and edited exports: differences by task, applied with their basis, history kept."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import func, select

from taskflow.domain.errors import Invalid
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import TaskFilter
from taskflow.extensions import db
from taskflow.models.document import Document, DocumentLink, ImportJob, RowDecision
from taskflow.models.task import Coordination, CoordinationState, FormerLead, Series, Task, TaskEvent, TaskShape
from taskflow.reports.task_list import task_list_workbook
from taskflow.services import task_steps
from taskflow.services.corrections import NewDeadline, TaskChanges, edit_task, set_deadline
from taskflow.services.documents import set_reporting
from taskflow.services.imports.commit import commit_rows
from taskflow.services.imports.editing import set_accepted, settle_deadlines, settle_dropped, take_rows
from taskflow.services.imports.heads import set_amends, set_several_leads
from taskflow.services.imports.statement import Effect
from taskflow.services.imports.undoing import undo_import
from taskflow.services.queries.task_export import export_rows
from taskflow.services.unit_of_work import unit_of_work
from tests.integration.imports.conftest import GOOD, Browser, Desk, job_of, plan, said

FIRST = (
    GOOD,
    ("2", "Tập huấn kỹ năng số cho cán bộ cấp xã", "Sở Nội vụ", "Sở Y tế", "30/9/2026", "Lớp tập huấn"),
    ("3", "Kiểm tra an toàn thông tin các hệ thống", "Công an tỉnh", "", "31/8/2026", "Báo cáo"),
    ("4", "Mua sắm thiết bị họp trực tuyến", "Sở Tài chính", "", "31/10/2026", ""),
    ("5", "Tổng hợp, báo cáo kết quả thực hiện", "Sở Nội vụ", "", "Hằng quý", "Báo cáo"),
)
SECOND = (
    GOOD,
    ("2", "Tập huấn kỹ năng số cho cán bộ cấp xã", "Sở Nội vụ", "Sở Tài chính", "30/11/2026", "Lớp tập huấn"),
    ("3", "Kiểm tra an toàn thông tin các hệ thống dùng chung", "Sở Khoa học và Công nghệ", "", "31/8/2026", "Báo cáo"),
    ("4", "Thành lập tổ công nghệ số cộng đồng", "Sở Khoa học và Công nghệ", "", "30/10/2026", ""),
    ("5", "Tổng hợp, báo cáo kết quả thực hiện", "Sở Nội vụ", "", "Hằng tháng", "Báo cáo"),
)
AMENDING = "Sửa đổi Kế hoạch số 12/KH-UBND ngày 02/3/2026 của Ủy ban nhân dân tỉnh Sơn Hà."


@pytest.fixture
def document(desk: Desk) -> Document:
    """A plan whose tasks are assigned."""
    job = desk.read(plan(FIRST))
    done = commit_rows(job.id, actor=desk.actor, now=desk.clock())
    return db.session.get_one(Document, done.document_id)


def task_of(tt: str) -> Task:
    """The task of a row of the first plan."""
    db.session.rollback()
    found = select(Task).where(Task.tt == tt, Task.parent_id.is_(None), Task.series_id.is_(None)).order_by(Task.id)
    return db.session.scalars(found.execution_options(populate_existing=True)).first()  # type: ignore[return-value] # there is one


def kinds(desk: Desk, job: ImportJob) -> dict[str, str]:
    """What differs, by number and content."""
    return {f"{row.tt} {row.content[:8]}": row.change["kind"] for row in desk.rows(job.id)}


def test_an_amended_plan_is_applied_task_by_task(desk: Desk, document: Document) -> None:
    desk.clock.advance(days=20)
    set_deadline(
        task_id=task_of("1").id,
        deadline=NewDeadline(date(2026, 7, 31)),
        reason="Đã gia hạn",
        actor=desk.actor,
        now=desk.clock(),
    )
    data = plan(SECOND, number="45/KH-UBND", issued="Sơn Hà, ngày 20 tháng 3 năm 2026", text=(AMENDING,))
    job = desk.read(data, amends_id=document.id)
    assert job.kind == "amendment"
    rows = {(row.tt, row.source): row for row in desk.rows(job.id)}
    assert rows["1", "table"].change["kind"] == "same"  # an extension is no difference between the documents
    assert set(rows["2", "table"].change["fields"]) == {"due", "coordinators"}
    assert set(rows["3", "table"].change["fields"]) == {"content", "lead"}
    assert rows["4", "table"].change["kind"] == "added"
    assert rows["4", "task"].change["kind"] == "dropped"
    assert rows["4", "task"].decision is RowDecision.OFFER
    assert set(rows["5", "table"].change["fields"]) == {"due"}

    settle_deadlines(job.id, [row.id for row in rows.values()], "read", actor=desk.actor, now=desk.clock())
    settle_dropped(job.id, [rows["4", "task"].id], end=True, actor=desk.actor, now=desk.clock())
    codes = {tt: task_of(tt).code for tt in ("1", "2", "3", "4")}
    done = commit_rows(job.id, actor=desk.actor, now=desk.clock())
    assert done.effect == Effect(made=1, changed=3, ended=1), "a series that was changed counts like a task"

    new = db.session.scalars(select(Document).where(Document.number == "45/KH-UBND")).one()
    link = db.session.scalars(select(DocumentLink).where(DocumentLink.document_id == new.id)).all()
    assert [(one.relation, one.target_id) for one in link if one.target_id] == [("amends", document.id)]
    kept = {task.code: task for task in db.session.scalars(select(Task))}
    first, second, third, fourth = (kept[codes[tt]] for tt in ("1", "2", "3", "4"))
    assert first.due_on == date(2026, 7, 31)
    assert (second.due_on, second.original_due_on) == (date(2026, 11, 30), date(2026, 9, 30))
    lines = {line.unit_id: line.state for line in second.coordinations}
    assert lines[desk.units["Sở YT"].id] is CoordinationState.NOT_NEEDED
    assert lines[desk.units["Sở TC"].id] is CoordinationState.ASKED
    assert third.lead_unit_id == desk.units["Sở KH&CN"].id
    assert third.content.endswith("dùng chung")
    assert third.lead_wording == "Sở Khoa học và Công nghệ", "a later document is compared with what this one says"
    assert db.session.scalars(select(FormerLead.unit_id)).all() == [desk.units["CA tỉnh"].id]
    assert fourth.state is TaskState.CANCELLED
    added = [task for task in kept.values() if task.document_id == new.id and task.series_id is None]
    assert [task.content for task in added] == ["Thành lập tổ công nghệ số cộng đồng"]
    (series,) = db.session.scalars(select(Series)).all()
    assert series.deadline_text == "Hằng tháng"
    events = db.session.scalars(select(TaskEvent).where(TaskEvent.task_id == second.id)).all()
    assert any(event.kind == "amended" and event.data["document_id"] == new.id for event in events)
    assert all("45/KH-UBND" in event.reason for event in events if event.kind == "due_changed")
    with pytest.raises(Invalid, match=r"import\.changed_tasks"):
        undo_import(job.id, actor=desk.actor, now=desk.clock())


def commit_in(browser: Browser, job_id: int) -> str:
    """Press the button of the statement; the page that follows."""
    found = re.search(r'name="fingerprint" value="(\w+)"', browser.get(f"/imports/{job_id}/statement"))
    assert found is not None
    answer = browser.post(f"/imports/{job_id}/commit", {"fingerprint": found.group(1)})
    assert answer.status_code == 303, said(answer)
    return browser.get(answer.headers["Location"])


def test_what_was_done_is_said_in_rows(desk: Desk, browser: Browser) -> None:
    first = desk.read(plan(FIRST))
    assert "Đã giao 5 nhiệm vụ mới (trong đó 1 việc định kỳ). Các đơn vị" in commit_in(browser, first.id)
    document_id = desk.job(first.id).document_id
    job = desk.read(plan(SECOND, number="45/KH-UBND"), amends_id=document_id)
    rows = desk.rows(job.id)
    settle_deadlines(job.id, [row.id for row in rows], "read", actor=desk.actor, now=desk.clock())
    dropped = [row.id for row in rows if row.change["kind"] == "dropped"]
    settle_dropped(job.id, dropped, end=True, actor=desk.actor, now=desk.clock())
    sentence = "Đã giao 1 nhiệm vụ mới, thay đổi 3 nhiệm vụ, cho dừng 1 nhiệm vụ. Các đơn vị được thông báo."
    assert sentence in commit_in(browser, job.id)
    assert sentence in browser.get(f"/imports/{job.id}/statement/print")
    unchanged = desk.read(saved(exported(desk)), "nhiem-vu.xlsx")
    assert "Không có nhiệm vụ nào được giao hoặc thay đổi." in commit_in(browser, unchanged.id)


def test_what_the_reviewer_does_not_accept_stays(desk: Desk, document: Document, browser: Browser) -> None:
    job = desk.read(plan(SECOND, number="45/KH-UBND"), amends_id=document.id)
    ids = [row.id for row in desk.rows(job.id)]
    set_accepted(job.id, ids, accept=False, actor=desk.actor, now=desk.clock())
    before = {task.code: (task.version, task.state) for task in db.session.scalars(select(Task))}
    added = next(row for row in desk.rows(job.id) if row.change["kind"] == "added")
    take_rows(job.id, [added.id], actor=desk.actor, now=desk.clock())
    commit_rows(job.id, actor=desk.actor, now=desk.clock())
    db.session.rollback()
    after = {task.code: (task.version, task.state) for task in db.session.scalars(select(Task))}
    assert {code: after[code] for code in before} == before
    assert len(after) == len(before) + 1
    new = next(iter(after.keys() - before.keys()))
    for path in ("", "/statement/print"):
        cells = re.findall(r'data-label="Nhiệm vụ">(.*?)</td>', browser.get(f"/imports/{job.id}{path}"))
        assert sorted(re.sub(r"<[^>]+>", "", cell) for cell in cells) == sorted(
            [
                "nhiệm vụ giữ nguyên",
                *["không áp dụng khác biệt, nhiệm vụ giữ nguyên"] * 3,
                "không được nêu trong văn bản, nhiệm vụ vẫn tiếp tục",
                new,
            ]
        ), "every row of the document and every task that it drops is accounted for"


def test_codes_of_the_statement_lead_to_the_tasks_that_one_may_see(
    desk: Desk, document: Document, browser: Browser
) -> None:
    job = db.session.scalars(select(ImportJob)).one()
    seen, moved = task_of("1"), task_of("2")
    elsewhere = desk.factories.office(name="Văn phòng khác")
    with unit_of_work() as session:
        session.get_one(Task, moved.id).office_unit_id = elsewhere.id
    for path in ("", "/statement/print"):
        cells = re.findall(r'data-label="Nhiệm vụ">(.*?)</td>', browser.get(f"/imports/{job.id}{path}"))
        assert f'<a href="/tasks/{seen.id}">{seen.code}</a>' in cells
        assert moved.code in cells, "what one may not see is named as the statement names it, without a link"
        assert f"/tasks/{moved.id}" not in " ".join(cells)


def test_a_replacing_document_becomes_the_basis_of_the_tasks(desk: Desk, document: Document) -> None:
    text = "Kế hoạch này thay thế Kế hoạch số 12/KH-UBND ngày 02/3/2026 của Ủy ban nhân dân tỉnh Sơn Hà."
    job = desk.read(plan(FIRST, number="46/KH-UBND", text=(text,)))
    assert {row.change.get("kind") for row in desk.rows(job.id)} == {None}
    set_amends(job.id, document.id, actor=desk.actor, expected_version=None)
    assert {row.change["kind"] for row in desk.rows(job.id) if row.source == "table"} == {"same"}
    done = commit_rows(job.id, actor=desk.actor, now=desk.clock())
    owners = set(db.session.scalars(select(Task.document_id).where(Task.series_id.is_(None))))
    assert owners == {done.document_id}


def test_a_lead_that_becomes_several_replaces_the_task(desk: Desk, document: Document) -> None:
    rows = [(*GOOD[:2], "UBND các xã, phường", *GOOD[3:]), *FIRST[1:]]
    job = desk.read(plan(rows, number="47/KH-UBND"), amends_id=document.id)
    old = task_of("1")
    commit_rows(job.id, actor=desk.actor, now=desk.clock())
    db.session.rollback()
    assert db.session.get_one(Task, old.id).state is TaskState.CANCELLED
    new = db.session.scalars(select(Task).where(Task.tt == "1", Task.shape == TaskShape.COLLECTIVE)).one()
    assert len(new.children) == 5


def test_the_differences_are_shown(desk: Desk, document: Document, browser: Browser) -> None:
    answer = browser.upload(plan(SECOND, number="45/KH-UBND"), amends_id=document.id)
    job_id = job_of(answer)
    page = browser.get(f"/imports/{job_id}/rows?shown=changed")
    assert "<del>Kiểm tra an toàn thông tin các hệ thống</del>" in page
    assert "Mua sắm thiết bị họp trực tuyến" in page
    row = next(row for row in desk.rows(job_id) if row.tt == "3")
    form = {
        "version": row.version,
        "content": row.content,
        "leads-0": row.leads[0]["wording"],
        "deadline_text": row.deadline["text"],
        "accept": ["content"],
    }
    assert browser.post(f"/imports/{job_id}/rows/{row.id}", form).status_code == 303
    assert next(row for row in desk.rows(job_id) if row.tt == "3").change["accept"] == ["content"]
    dropped = next(row for row in desk.rows(job_id) if row.source == "task")
    everything = {"row": [str(one.id) for one in desk.rows(job_id)], "action": "accept"}
    assert browser.post(f"/imports/{job_id}/rows", everything).status_code == 303
    page = browser.get(f"/imports/{job_id}/statement")
    assert "0 trong 1 nhiệm vụ không được nêu" in page, "ending a task is said apart"
    ticked = {"row": [str(dropped.id)], "action": "end"}
    assert browser.post(f"/imports/{job_id}/rows", ticked).status_code == 303
    assert "1 trong 1" in browser.get(f"/imports/{job_id}/statement")
    assert "/imports/new?amends=" in browser.get(f"/documents/{document.id}")
    assert str(document.number) in browser.get(f"/imports/new?amends={document.id}")


def test_the_document_that_a_title_names_is_offered_for_comparing(
    desk: Desk, document: Document, browser: Browser
) -> None:
    title = f"Sửa đổi Kế hoạch số {document.number} ngày 02/3/2026"
    job_id = job_of(browser.upload(plan(SECOND, number="45/KH-UBND", text=(title,))))
    page = browser.get(f"/imports/{job_id}/head")
    assert re.search(rf'<option selected value="{document.id}">', page)
    assert desk.job(job_id).amends_id is None, "offered, not decided"
    elsewhere = title.replace("số ", "số 9")
    job_id = job_of(browser.upload(plan(SECOND, number="46/KH-UBND", text=(elsewhere,))))
    assert "Chưa có văn bản nào mang số này" in browser.get(f"/imports/{job_id}/head")


def test_a_unit_that_leads_and_helps_in_the_same_row_is_no_difference(desk: Desk) -> None:
    rows = [
        ("1", "Tập huấn kỹ năng số cho cán bộ cấp xã", "Sở Nội vụ", "Sở Nội vụ; Sở Y tế", "30/9/2026", ""),
        ("2", "Tổng hợp, báo cáo kết quả thực hiện", "Sở Nội vụ", "Sở Nội vụ; Sở Tài chính", "Hằng quý", ""),
    ]
    first = desk.read(plan(rows))
    done = commit_rows(first.id, actor=desk.actor, now=desk.clock())
    changed = [rows[0], (*rows[1][:3], "Sở Y tế; Sở Nội vụ", *rows[1][4:])]
    job = desk.read(plan(changed, number="45/KH-UBND"), amends_id=done.document_id)
    assert [(row.change["kind"], list(row.change["fields"])) for row in desk.rows(job.id)] == [
        ("same", []),
        ("changed", ["coordinators"]),
    ]
    commit_rows(job.id, actor=desk.actor, now=desk.clock())
    (series,) = db.session.scalars(select(Series)).all()
    assert series.coordinator_unit_ids == [desk.units["Sở YT"].id], "the lead is not asked to help itself"


def exported(desk: Desk) -> openpyxl.Workbook:
    """The office's own list, as the page of the tasks exports it."""
    rows = export_rows(desk.actor, TaskFilter.from_query({"shown": "all"}))
    return openpyxl.load_workbook(BytesIO(task_list_workbook(rows, title="Danh sách nhiệm vụ", limit=1000)))


def saved(book: openpyxl.Workbook) -> bytes:
    """The workbook as Excel would save it."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_export_edited_in_excel_comes_back_by_code(desk: Desk, document: Document, browser: Browser) -> None:
    book = exported(desk)
    sheet = book["Nhiệm vụ"]
    lines = {row[0].value: row for row in sheet.iter_rows(min_row=4)}
    heading = [cell.value for cell in sheet[3]]
    due, content, lead = (heading.index(name) for name in ("Thời hạn hiện tại", "Nội dung nhiệm vụ", "Cơ quan chủ trì"))
    first, second = task_of("1"), task_of("2")
    lines[first.code][due].value = date(2026, 6, 30) + timedelta(days=30)
    lines[second.code][lead].value = "Sở Tư pháp"
    lines[second.code][due].value = None  # an emptied cell changes nothing
    third = task_of("3")
    lines[third.code][content].value = "Kiểm tra an toàn thông tin năm 2026"
    lines[task_of("4").code][0].value = "NV-1999-000001"

    job_id = job_of(browser.upload(saved(book), "nhiem-vu.xlsx"))
    job = desk.job(job_id)
    assert job.kind == "round_trip"
    changed = {
        row.columns["Mã nhiệm vụ"]: set(row.change["fields"]) for row in desk.rows(job_id) if row.change["fields"]
    }
    assert changed == {first.code: {"due"}, second.code: {"lead"}, third.code: {"content"}}
    assert any("NV-1999-000001" in one["reason"] for one in job.reconciliation["skipped"])
    for page in ("head", "rows?shown=changed", "statement"):
        browser.get(f"/imports/{job_id}/{page}")
    found = re.search(r'name="fingerprint" value="(\w+)"', browser.get(f"/imports/{job_id}/statement"))
    assert found is not None
    sent = {"fingerprint": found.group(1)}
    assert browser.post(f"/imports/{job_id}/commit", sent).status_code == 422
    sent["reason"] = "Theo kết luận giao ban"
    assert browser.post(f"/imports/{job_id}/commit", sent).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Task, first.id).due_on == date(2026, 7, 30)
    assert db.session.get_one(Task, second.id).lead_unit_id == desk.units["Sở TP"].id
    assert db.session.get_one(Task, second.id).due_on == date(2026, 9, 30)
    assert db.session.get_one(Task, third.id).content == "Kiểm tra an toàn thông tin năm 2026"
    reasons = set(db.session.scalars(select(TaskEvent.reason).where(TaskEvent.kind == "due_changed")))
    assert reasons == {"Theo kết luận giao ban"}
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1


def test_an_export_that_was_not_edited_changes_nothing(desk: Desk, document: Document) -> None:
    data = saved(exported(desk))
    job = desk.read(data, "nhiem-vu.xlsx")
    assert {row.change["kind"] for row in desk.rows(job.id)} == {"same"}
    versions = dict.fromkeys(db.session.scalars(select(Task.version)))
    commit_rows(job.id, actor=desk.actor, now=desk.clock())
    assert dict.fromkeys(db.session.scalars(select(Task.version))) == versions
    assert db.session.scalar(select(func.count()).select_from(Coordination)) == 2


def test_an_unedited_export_of_a_common_task_changes_nothing(desk: Desk) -> None:
    job = desk.read(plan([("1", "Rà soát dữ liệu dùng chung", "Sở Nội vụ; Sở Y tế", "Sở Tài chính", "30/9/2026", "")]))
    set_several_leads(job.id, "each", actor=desk.actor)
    commit_rows(job.id, actor=desk.actor, now=desk.clock())
    assert db.session.scalar(select(func.count()).select_from(Task)) == 3
    back = desk.read(saved(exported(desk)), "nhiem-vu.xlsx")
    assert [row.change["kind"] for row in desk.rows(back.id)] == ["same"] * 3


def test_an_import_whose_tasks_were_worked_on_is_not_taken_back(
    desk: Desk, document: Document, browser: Browser
) -> None:
    job = db.session.scalars(select(ImportJob)).one()
    task = task_of("1")
    head = desk.factories.user(unit=desk.units["Sở TC"])
    task_steps.acknowledge(task_id=task.id, actor=desk.factories.actor(head), now=desk.clock())
    with pytest.raises(Exception, match=r"import\.touched"):
        undo_import(job.id, actor=desk.actor, now=desk.clock())
    assert db.session.get(Task, task.id) is not None
    assert f'<a href="/tasks/{task.id}">' in browser.get(f"/imports/{job.id}/undo-import"), "what was touched is named"


def statement_form(browser: Browser, job_id: int) -> dict[str, str]:
    """What the button of the last step sends."""
    found = re.search(r'name="fingerprint" value="(\w+)"', browser.get(f"/imports/{job_id}/statement"))
    assert found is not None
    return {"fingerprint": found.group(1)}


def relate(browser: Browser, desk: Desk, job_id: int, document: Document, relation: str) -> None:
    """Choose the earlier document and the relation by hand."""
    version = desk.job(job_id).version
    form = {"relation-version": version, "relation-amends_id": document.id, "relation-relation": relation}
    assert browser.post(f"/imports/{job_id}/amends", form).status_code == 303


def test_a_reviewer_says_that_a_document_replaces_the_chosen_one(
    desk: Desk, document: Document, browser: Browser
) -> None:
    common = ("6", "Rà soát dữ liệu dùng chung", "Sở Nội vụ; Sở Y tế", "", "30/9/2026", "")
    job_id = job_of(browser.upload(plan((common,), number="13/KH-UBND"), amends_id=document.id))
    set_several_leads(job_id, "each", actor=desk.actor)
    assert browser.post(f"/imports/{job_id}/commit", statement_form(browser, job_id)).status_code == 303

    data = plan([*SECOND, common], number="45/KH-UBND", issued="Sơn Hà, ngày 20 tháng 3 năm 2026")
    job_id = job_of(browser.upload(data))  # its text says nothing of another document
    page = browser.get(f"/imports/{job_id}/head")
    assert re.search(r'<input[^>]*checked[^>]*value="amends"', page), "nothing is ended unless somebody says so"
    relate(browser, desk, job_id, document, "supersedes")
    set_reporting(document_id=document.id, when="Hằng quý", to="Sở Nội vụ", actor=desk.actor, now=desk.clock())
    assert "thay thế văn bản đó" in browser.get(f"/imports/{job_id}/statement")

    rows = desk.rows(job_id)
    dropped = [row for row in rows if row.source == "task"]
    assert [row.content for row in dropped] == [FIRST[3][1]]
    assert all(row.is_blocking for row in dropped)
    settle_deadlines(job_id, [row.id for row in rows], "read", actor=desk.actor, now=desk.clock())
    answer = browser.post(f"/imports/{job_id}/commit", statement_form(browser, job_id))
    assert answer.status_code == 422, "what becomes of the task that is not named is to be said"
    assert "Cho nhiệm vụ tiếp tục" in browser.get(f"/imports/{job_id}/rows/{dropped[0].id}")
    ticked = {"row": [str(dropped[0].id)], "action": "go_on"}
    assert browser.post(f"/imports/{job_id}/rows", ticked).status_code == 303
    same = next(row for row in rows if row.change["kind"] == "same")
    refused = next(row for row in rows if row.tt == "3")
    assert browser.post(f"/imports/{job_id}/rows", {"row": [str(refused.id)], "action": "refuse"}).status_code == 303
    assert browser.post(f"/imports/{job_id}/commit", statement_form(browser, job_id)).status_code == 303

    new = db.session.scalars(select(Document).where(Document.number == "45/KH-UBND")).one()
    (link,) = [one for one in new.links if one.target_id == document.id]
    assert link.relation == "supersedes"
    assert db.session.get_one(Document, document.id).reporting_rule == "", (
        "a document that is replaced is not reported on"
    )
    db.session.rollback()
    left = task_of("4")
    owners = {task.code: task.document_id for task in db.session.scalars(select(Task))}
    assert owners.pop(left.code) == document.id, "what the new document does not name stays where it came from"
    assert set(owners.values()) == {new.id}, "members and periods go with their task"
    assert set(db.session.scalars(select(Series.document_id))) == {new.id}
    assert left.state is TaskState.ASSIGNED
    kept = {event.task_id: event for event in db.session.scalars(select(TaskEvent)) if event.data.get("earlier_number")}
    assert kept[left.id].kind == "carried_over"
    assert kept[same.task_id or 0].kind == "document_replaced"
    assert kept[refused.task_id or 0].kind == "document_replaced"
    assert "thay thế 12/KH-UBND" in browser.get(f"/tasks/{same.task_id}")
    assert "45/KH-UBND thay thế văn bản này" in browser.get(f"/documents/{document.id}")
    with pytest.raises(Invalid, match=r"import\.changed_tasks"):
        undo_import(job_id, actor=desk.actor, now=desk.clock())


def test_the_relation_that_the_text_says_is_put_right(desk: Desk, document: Document, browser: Browser) -> None:
    text = "Kế hoạch này thay thế Kế hoạch số 12/KH-UBND ngày 02/3/2026 của Ủy ban nhân dân tỉnh Sơn Hà."
    job_id = job_of(browser.upload(plan(SECOND[1:], number="46/KH-UBND", text=(text,)), amends_id=document.id))
    assert re.search(r'<input[^>]*checked[^>]*value="supersedes"', browser.get(f"/imports/{job_id}/head"))
    dropped = [row for row in desk.rows(job_id) if row.source == "task"]
    settle_dropped(job_id, [dropped[0].id], end=True, actor=desk.actor, now=desk.clock())
    relate(browser, desk, job_id, document, "amends")
    again = [row for row in desk.rows(job_id) if row.source == "task"]
    assert [row.id for row in again] == [row.id for row in dropped]
    assert again[0].decision is RowDecision.IMPORT, "what was said before stays said"
    assert not any(row.is_blocking for row in again)
    settle_deadlines(job_id, [row.id for row in desk.rows(job_id)], "read", actor=desk.actor, now=desk.clock())
    assert browser.post(f"/imports/{job_id}/commit", statement_form(browser, job_id)).status_code == 303
    new = db.session.scalars(select(Document).where(Document.number == "46/KH-UBND")).one()
    assert [(one.relation, one.target_id) for one in new.links if one.target_id] == [("amends", document.id)]
    assert task_of("2").document_id == document.id


def test_what_was_left_is_taken_later_and_nothing_is_made_twice(
    desk: Desk, document: Document, browser: Browser
) -> None:
    data = plan(SECOND, number="45/KH-UBND", issued="Sơn Hà, ngày 20 tháng 3 năm 2026", text=(AMENDING,))
    job_id = job_of(browser.upload(data, amends_id=document.id))
    rows = desk.rows(job_id)
    settle_deadlines(job_id, [row.id for row in rows], "read", actor=desk.actor, now=desk.clock())
    left = [row.id for row in rows if row.tt in ("2", "4") and row.change["kind"] != "added"]
    set_accepted(job_id, left, accept=False, actor=desk.actor, now=desk.clock())
    assert browser.post(f"/imports/{job_id}/commit", statement_form(browser, job_id)).status_code == 303
    count = db.session.scalar(select(func.count()).select_from(Task))

    assert f"/imports/{job_id}/again" in browser.get(f"/imports/{job_id}"), "the page of the import offers it"
    later = job_of(browser.post(f"/imports/{job_id}/again", {}))
    rows = desk.rows(later)
    assert {(row.tt, row.change["kind"]) for row in rows} == {
        ("1", "same"), ("2", "changed"), ("3", "same"), ("4", "same"), ("4", "dropped"), ("5", "same"),
    }  # fmt: skip
    (dropped,) = (row for row in rows if row.source == "task")
    assert not any(row.change["accept"] for row in rows), "what was left once is taken only when somebody says so"
    changed = [row.id for row in rows if row.change["kind"] == "changed"]
    set_accepted(later, changed, accept=True, actor=desk.actor, now=desk.clock())
    settle_dropped(later, [dropped.id], end=True, actor=desk.actor, now=desk.clock())
    assert browser.post(f"/imports/{later}/commit", statement_form(browser, later)).status_code == 303
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Task)) == count
    assert db.session.scalar(select(func.count()).select_from(Document)) == 2
    assert task_of("2").due_on == date(2026, 11, 30)
    assert task_of("4").state is TaskState.CANCELLED


def test_a_plan_read_once_more_is_compared_with_its_own_tasks(desk: Desk, browser: Browser) -> None:
    job_id = job_of(browser.upload(plan(FIRST, number="")))  # a draft without a number
    spare = next(row for row in desk.rows(job_id) if row.tt == "4")
    ticked = {"row": [str(spare.id)], "action": "skip", "reason": "Chờ bố trí vốn"}
    assert browser.post(f"/imports/{job_id}/rows", ticked).status_code == 303
    assert browser.post(f"/imports/{job_id}/commit", statement_form(browser, job_id)).status_code == 303
    count = db.session.scalar(select(func.count()).select_from(Task)) or 0
    later = job_of(browser.post(f"/imports/{job_id}/again", {}))
    kinds = {row.tt: row.change["kind"] for row in desk.rows(later)}
    assert kinds == {"1": "same", "2": "same", "3": "same", "4": "added", "5": "same"}
    assert browser.post(f"/imports/{later}/commit", statement_form(browser, later)).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Task)) == count + 1
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1


def test_what_others_changed_since_the_export_is_not_taken_back(
    desk: Desk, document: Document, browser: Browser
) -> None:
    book = exported(desk)
    sheet = book["Nhiệm vụ"]
    lines = {row[0].value: row for row in sheet.iter_rows(min_row=4)}
    heading = [cell.value for cell in sheet[3]]
    due, content = heading.index("Thời hạn hiện tại"), heading.index("Nội dung nhiệm vụ")
    first, second, third = task_of("1"), task_of("2"), task_of("3")
    lines[second.code][content].value = "Tập huấn kỹ năng số cho cán bộ xã, phường"
    lines[third.code][due].value = date(2026, 9, 15)

    def moved(task: Task, day: date) -> None:
        deadline = NewDeadline(day)
        set_deadline(task_id=task.id, deadline=deadline, reason="Gia hạn", actor=desk.actor, now=desk.clock())

    moved(first, date(2026, 7, 31))  # a row that nobody edited
    moved(second, date(2026, 10, 31))  # another cell was edited
    moved(third, date(2026, 9, 30))  # the very cell that was edited
    job_id = job_of(browser.upload(saved(book), "nhiem-vu.xlsx"))
    rows = {row.task_id: row for row in desk.rows(job_id)}
    assert rows[first.id].change["kind"] == "same"
    assert list(rows[second.id].change["fields"]) == ["content"]
    assert (rows[third.id].change["contested"], rows[third.id].change["accept"]) == (["due"], [])
    assert rows[third.id].is_blocking
    assert "Trong lúc đó đã có người sửa trên hệ thống" in browser.get(f"/imports/{job_id}/rows?shown=problems")
    form = {**statement_form(browser, job_id), "reason": "Theo kết luận giao ban"}
    assert browser.post(f"/imports/{job_id}/commit", form).status_code == 422
    ticked = {"row": [str(rows[third.id].id)], "action": "accept"}
    assert browser.post(f"/imports/{job_id}/rows", ticked).status_code == 303

    form = {**statement_form(browser, job_id), "reason": "Theo kết luận giao ban"}
    moved(third, date(2026, 10, 10))  # and once more, while the statement is open
    answer = browser.post(f"/imports/{job_id}/commit", form)
    assert answer.status_code == 409
    assert "1 nhiệm vụ đã được người khác thay đổi" in answer.get_data(as_text=True)
    db.session.rollback()
    assert task_of("2").content == second.content, "all or nothing"
    row = next(row for row in desk.rows(job_id) if row.task_id == third.id)
    assert (row.change["fields"]["due"], row.is_blocking) == ("10/10/2026", True)
    assert browser.post(f"/imports/{job_id}/rows", {**ticked, "action": "refuse"}).status_code == 303
    form = {**statement_form(browser, job_id), "reason": "Theo kết luận giao ban"}
    assert browser.post(f"/imports/{job_id}/commit", form).status_code == 303
    db.session.rollback()
    found = {task.id: task for task in db.session.scalars(select(Task))}
    assert found[first.id].due_on == date(2026, 7, 31)
    assert found[second.id].content == "Tập huấn kỹ năng số cho cán bộ xã, phường"
    assert found[second.id].due_on == date(2026, 10, 31)
    assert found[third.id].due_on == date(2026, 10, 10)


def test_a_task_that_changed_during_the_review_of_an_amendment_is_shown_again(
    desk: Desk, document: Document, browser: Browser
) -> None:
    job_id = job_of(browser.upload(plan(SECOND, number="45/KH-UBND"), amends_id=document.id))
    settle_deadlines(job_id, [row.id for row in desk.rows(job_id)], "read", actor=desk.actor, now=desk.clock())
    form = statement_form(browser, job_id)
    third = task_of("3")
    changes = TaskChanges(content="Kiểm tra an toàn thông tin các hệ thống quan trọng")
    edit_task(task_id=third.id, changes=changes, reason="Làm rõ", actor=desk.actor, now=desk.clock())
    assert browser.post(f"/imports/{job_id}/commit", form).status_code == 409
    row = next(row for row in desk.rows(job_id) if row.task_id == third.id)
    assert row.change["contested"] == ["content"]
    assert row.change["fields"]["content"].endswith("quan trọng")
    ticked = {"row": [str(row.id)], "action": "accept"}
    assert browser.post(f"/imports/{job_id}/rows", ticked).status_code == 303
    assert browser.post(f"/imports/{job_id}/commit", statement_form(browser, job_id)).status_code == 303
    assert task_of("3").content.endswith("dùng chung")


def test_a_second_amendment_knows_what_the_first_one_added(desk: Desk, document: Document) -> None:
    first = desk.read(plan(SECOND, number="45/KH-UBND"), amends_id=document.id)
    settle_deadlines(first.id, [row.id for row in desk.rows(first.id)], "read", actor=desk.actor, now=desk.clock())
    commit_rows(first.id, actor=desk.actor, now=desk.clock())
    later = ("1", "Thành lập tổ công nghệ số cộng đồng", "Công an tỉnh", "", "30/11/2026", "")
    job = desk.read(plan([later], number="60/KH-UBND"), amends_id=document.id)
    (row,) = (row for row in desk.rows(job.id) if row.source == "table")
    assert (row.change["kind"], set(row.change["fields"])) == ("changed", {"lead", "due"})
    commit_rows(job.id, actor=desk.actor, now=desk.clock())
    db.session.rollback()
    found = db.session.scalars(select(Task).where(Task.content == later[1])).one()
    assert (found.lead_unit_id, found.due_on) == (desk.units["CA tỉnh"].id, date(2026, 11, 30))


def test_the_same_document_in_another_file_is_not_assigned_twice_unseen(
    desk: Desk, document: Document, browser: Browser
) -> None:
    rows = [*FIRST, ("6", "Rà soát dữ liệu dùng chung", "Sở Y tế", "", "30/9/2026", "")]
    changes = TaskChanges(content="Tập huấn kỹ năng số cho cán bộ xã, phường")
    edit_task(task_id=task_of("2").id, changes=changes, reason="Làm rõ", actor=desk.actor, now=desk.clock())
    job_id = job_of(browser.upload(plan(rows)))  # other bytes, the same number, day and issuer
    page = browser.get(f"/imports/{job_id}/head")
    assert "Văn bản này đã được nhập trước đây" in page
    assert re.search(rf'<option selected value="{document.id}">', page)
    assert "So sánh với các nhiệm vụ đã giao trước" in browser.get(f"/imports/{job_id}/statement")
    relate(browser, desk, job_id, document, "")
    found = {row.tt: row.change["kind"] for row in desk.rows(job_id)}
    assert found == {**dict.fromkeys("1345", "same"), "2": "changed", "6": "added"}
    page = browser.get(f"/imports/{job_id}/statement")
    assert "So sánh với các nhiệm vụ đã giao trước" not in page
    count = db.session.scalar(select(func.count()).select_from(Task)) or 0
    assert browser.post(f"/imports/{job_id}/commit", statement_form(browser, job_id)).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Task)) == count + 1
    assert db.session.scalar(select(func.count()).select_from(Document)) == 1
    assert task_of("2").content == changes.content, "what was changed since is not taken back unasked"


@pytest.mark.parametrize("first", ["cited", "citing"])
def test_numbers_cited_in_the_body_lead_to_their_document(desk: Desk, first: str) -> None:
    cited = plan([GOOD], number="32/KH-UBND", issued="Sơn Hà, ngày 24 tháng 02 năm 2026")
    citing = plan(
        [(*GOOD[:1], "Rà soát kết quả thực hiện Kế hoạch số 32/KH-UBND", *GOOD[2:])],
        number="45/KH-UBND",
        text=["I. NỘI DUNG", "Tiếp tục thực hiện Kế hoạch số 32/KH-UBND ngày 24/02/2026 của UBND tỉnh."],
    )
    for data in (cited, citing) if first == "cited" else (citing, cited):
        job = desk.read(data)
        commit_rows(job.id, actor=desk.actor, now=desk.clock())
    documents = {one.number: one for one in db.session.scalars(select(Document))}
    links = db.session.scalars(select(DocumentLink)).all()
    assert [(one.document_id, one.relation, one.target_id) for one in links] == [
        (documents["45/KH-UBND"].id, "mentions", documents["32/KH-UBND"].id)
    ]
