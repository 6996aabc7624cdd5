"""Lists of tasks and what is done from them, over HTTP: bulk work, saved views, assigning by hand, papers."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from taskflow.domain.alphabet import sort_key
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.task import BulkOperation, SavedView, Series, Task, TaskShape, Urge
from taskflow.services.progress import ReportText, report_progress
from taskflow.services.tasks import NewTask, create_task
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.integration.web.scene import Scene, do, send, text_of
from tests.support.browser import csrf_token
from tests.support.clock import Clock


def bulk(client: FlaskClient, kind: str, tasks: list[Task], **values: Any) -> Any:
    """One step of a bulk action."""
    ids = ",".join(str(task.id) for task in tasks)
    if values.get("step") == "run":
        values.setdefault("task", [task.id for task in tasks])
    return send(client, "/tasks/bulk", kind=kind, ids=ids, **values)


@pytest.fixture
def three(scene: Scene, factories: Factories, clock: Clock) -> list[Task]:
    """Two open tasks of the unit and a closed one."""
    due = clock.today + timedelta(days=5)
    open_ones = [factories.task(unit=scene.unit, due_on=due) for _ in range(2)]
    return [*open_ones, factories.task(unit=scene.unit, due_on=due, state=TaskState.COMPLETED)]


def test_ticked_rows_are_previewed_done_and_undone(
    client: FlaskClient, scene: Scene, sign_in: Any, three: list[Task]
) -> None:
    sign_in(client, scene.clerk)
    page = text_of(client.get("/tasks/"))
    assert f'name="task" value="{three[0].id}"' in page
    form = client.post("/tasks/bulk", data={"csrf_token": csrf_token(client), "kind": "assign_person",
        "task": [str(task.id) for task in three]})  # fmt: skip
    assert "Đã đánh dấu 3 nhiệm vụ" in text_of(form)
    preview = text_of(bulk(client, "assign_person", three, step="preview", person_id=scene.officer.id))
    assert "Có thể thực hiện với 2 nhiệm vụ" in preview
    assert "1 nhiệm vụ không thực hiện được" in preview
    assert three[2].code in preview
    assert three[0].person_id is None  # nothing is written by looking
    done = bulk(client, "assign_person", three, step="run", person_id=scene.officer.id)
    assert done.status_code == 303
    assert [task.person_id for task in three] == [scene.officer.id, scene.officer.id, None]
    result = text_of(client.get(done.location))
    assert "Hoàn tác" in result
    operation = db.session.query(BulkOperation).one()
    assert send(client, f"/tasks/bulk/{operation.id}/undo").status_code == 303
    assert three[0].person_id is None
    assert "Đã hoàn tác" in text_of(client.get(done.location))


def test_dates_are_moved_by_decision(client: FlaskClient, scene: Scene, sign_in: Any, three: list[Task]) -> None:
    sign_in(client, scene.clerk)
    before = three[0].due_on
    assert before is not None
    assert bulk(client, "move_date", three[:2], step="preview", shift_days="7").status_code == 422  # no reason
    missing = bulk(client, "move_date", three[:2], step="preview", reason="Nghỉ lễ")
    assert missing.status_code == 422
    values = {"shift_days": "7", "reason": "Điều chỉnh kế hoạch", "decision_number": "9/QĐ"}
    preview = text_of(bulk(client, "move_date", three[:2], step="preview", **values))
    assert "Có thể thực hiện với 2 nhiệm vụ" in preview
    after = before + timedelta(days=7)
    assert f"{before:%d/%m/%Y} → <strong>{after:%d/%m/%Y}" in preview
    assert str(values["reason"]) in preview, "what was chosen is read once more"
    assert bulk(client, "move_date", three[:2], step="run", **values).status_code == 303
    assert three[0].due_on == before + timedelta(days=7)


@pytest.mark.parametrize(
    ("kind", "values"),
    [("urge", {"text": "Khẩn trương báo cáo", "channel": "email"}), ("tag", {"add_tags": "chuyển đổi số"})],
)
def test_urging_and_tagging_many(
    client: FlaskClient, scene: Scene, sign_in: Any, three: list[Task], kind: str, values: dict[str, str]
) -> None:
    sign_in(client, scene.clerk)
    assert bulk(client, kind, three[:2], step="run", **values).status_code == 303
    assert all(task.urge_count == (kind == "urge") for task in three[:2])
    assert all(list(task.tags) == ["chuyển đổi số"] * (kind == "tag") for task in three[:2])


def test_many_are_confirmed_but_not_what_one_reported_oneself(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    theirs, own = [
        factories.task(unit=scene.unit, state=TaskState.AWAITING_CONFIRMATION, delivered_by_id=by.id)
        for by in (scene.officer, scene.clerk)
    ]
    sign_in(client, scene.clerk)
    assert bulk(client, "confirm", [theirs, own], step="run").status_code == 303
    assert (theirs.state, own.state) == (TaskState.COMPLETED, TaskState.AWAITING_CONFIRMATION)


def test_a_preview_shows_what_is_decided_and_lets_tasks_be_left_as_they_are(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    late = {"unit": scene.unit, "due_on": clock.today - timedelta(days=10), "state": TaskState.IN_PROGRESS}
    first, second = factories.task(**late), factories.task(**late)
    sign_in(client, scene.officer)
    for task, words in ((first, "Đã ban hành kế hoạch"), (second, "Đã gửi báo cáo")):
        assert do(client, task, "report_done", result=words, number=f"{task.id}/BC-SGD").status_code == 303
    sign_in(client, scene.clerk)
    preview = text_of(bulk(client, "confirm", [first, second], step="preview"))
    for words in ("Đã ban hành kế hoạch", f"{second.id}/BC-SGD", scene.unit.name):
        assert words in preview
    none = text_of(bulk(client, "confirm", [first, second], step="run", task=[]))
    assert "Chưa chọn nhiệm vụ nào" in none
    assert bulk(client, "confirm", [first, second], step="run", task=[second.id]).status_code == 303
    assert (first.state, second.state) == (TaskState.AWAITING_CONFIRMATION, TaskState.COMPLETED)


def test_a_unit_acknowledges_all_new_tasks_and_stays_in_its_list(
    client: FlaskClient, scene: Scene, sign_in: Any, three: list[Task], factories: Factories
) -> None:
    foreign = factories.task(unit=scene.other)
    sign_in(client, scene.officer)
    assert "Tiếp nhận cả 3 nhiệm vụ mới" in text_of(client.get("/tasks/mine?state=assigned"))
    answer = send(client, "/tasks/mine/acknowledge")
    assert (answer.status_code, answer.location) == (303, "/tasks/mine?state=assigned")
    assert {three[0].state, three[1].state, scene.task.state} == {TaskState.IN_PROGRESS}
    assert foreign.state is TaskState.ASSIGNED
    assert "Tiếp nhận cả" not in text_of(client.get("/tasks/mine"))
    assert send(client, "/tasks/mine/acknowledge").status_code == 303  # twice is no harm


def test_returned_work_comes_first_with_its_reason(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    do(client, scene.task, "report_done", result="Xong", number="1/BC")
    assert "Bị trả lại" not in text_of(client.get("/tasks/mine"))
    do(sign_in(client, scene.clerk), scene.task, "return", reason="Thiếu phụ lục số liệu")
    page = text_of(sign_in(client, scene.officer).get("/tasks/mine"))
    assert page.index("Thiếu phụ lục số liệu") < page.index("Các phần của danh sách")
    do(client, scene.task, "report_done", result="Đã bổ sung", number="2/BC")
    assert "Thiếu phụ lục số liệu" not in text_of(client.get("/tasks/mine"))


def test_pages_lead_back_to_the_list_with_its_filter(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.clerk)
    listed = f"/tasks/?unit={scene.unit.id}&label=on_time"
    title = re.search("<title>(.*?)</title>", text_of(client.get(listed)), re.DOTALL)
    assert title is not None
    assert title[1].startswith("Nhiệm vụ · Trong hạn · ")
    assert "Sở GD&ĐT" in title[1]
    assert f'href="{listed}"' in text_of(client.get(f"/tasks/{scene.task.id}"))
    assert f'href="{listed}"' in text_of(bulk(client, "urge", [scene.task]))
    client.get("/tasks/mine?state=assigned")
    assert 'href="/tasks/mine?state=assigned"' in text_of(client.get(f"/tasks/{scene.task.id}"))
    client.get("/tasks/?q=" + "x" * 900)  # too long for the session: the last one stays
    assert 'href="/tasks/mine?state=assigned"' in text_of(client.get(f"/tasks/{scene.task.id}"))


def test_an_urging_takes_a_ready_sentence(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.clerk)
    assert do(client, scene.task, "urge", sentence="", text=" ", channel="email").status_code == 422
    assert do(client, scene.task, "urge", sentence="overdue", text="Gửi trước 16h.", channel="email").status_code == 303
    said = db.session.query(Urge).one().text
    assert said == "Nhiệm vụ đã quá hạn. Đề nghị khẩn trương hoàn thành và báo cáo kết quả.\nGửi trước 16h."


def test_a_collective_task_is_not_offered_for_completion_before_its_units_finish(
    client: FlaskClient, scene: Scene, sign_in: Any, clock: Clock, factories: Factories
) -> None:
    clerk = factories.actor(scene.clerk)
    clock.set("2027-03-15 09:00")  # the codes of another year: the factory has made some of this one
    new = NewTask(factories.office().id, "Rà soát", (scene.unit.id, scene.other.id))
    whole = create_task(new, actor=clerk, now=clock())
    sign_in(client, scene.clerk)
    buttons = re.search(r'<div class="deed-buttons">.*?<details', text_of(client.get(f"/tasks/{whole.id}")), re.DOTALL)
    assert buttons is not None
    assert "/confirm" not in buttons.group()
    for member in whole.children:
        member_task = db.session.get_one(Task, member.id)
        lead = scene.officer if member_task.lead_unit_id == scene.unit.id else factories.user(unit=scene.other)
        do(sign_in(client, lead), member_task, "report_done", result="Xong", number=f"{member.id}/BC")
        do(sign_in(client, scene.clerk), member_task, "confirm")
    page = text_of(client.get(f"/tasks/{whole.id}"))
    assert re.search(rf'class="btn btn-primary[^"]*"[^>]*href="/tasks/{whole.id}/confirm"', page)


def test_all_tasks_of_the_filter_can_be_taken(
    client: FlaskClient, scene: Scene, sign_in: Any, three: list[Task]
) -> None:
    sign_in(client, scene.clerk)
    form = send(client, "/tasks/bulk", kind="urge", all="1", **{"filter-unit": str(scene.unit.id)})
    assert "Đã đánh dấu 3 nhiệm vụ" in text_of(form)  # the two open ones of the list, and that of the scene


def test_bulk_work_on_foreign_tasks_finds_nothing(
    client: FlaskClient, scene: Scene, sign_in: Any, three: list[Task]
) -> None:
    sign_in(client, scene.outsider)
    answer = bulk(client, "acknowledge", three, step="run")
    assert answer.status_code == 404
    assert three[0].state is TaskState.ASSIGNED
    assert send(client, "/tasks/bulk", kind="nothing").status_code == 422
    assert send(client, "/tasks/bulk", kind="acknowledge").status_code == 303  # nothing ticked: back to the list
    assert client.get("/tasks/bulk/1").status_code == 404


def test_a_filter_is_kept_under_a_name(client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories) -> None:
    sign_in(client, scene.clerk)
    assert "Lưu chế độ xem" in text_of(client.get("/tasks/views?query=label%3Doverdue"))
    assert send(client, "/tasks/views", name="", query="label=overdue").status_code == 422
    saved = send(client, "/tasks/views", name="Quá hạn", query="label=overdue", shared="y")
    assert saved.location.endswith("/tasks/?label=overdue")
    view = db.session.query(SavedView).one()
    assert view.office_unit_id == factories.office().id
    colleague = factories.user(Role.COORDINATOR)
    assert "Quá hạn</a>" in text_of(sign_in(client, colleague).get("/tasks/"))
    assert send(client, f"/tasks/views/{view.id}/delete").status_code == 404  # not one's own
    sign_in(client, scene.outsider)
    assert view.name not in text_of(client.get("/tasks/views"))
    send(client, "/tasks/views", name="Riêng", query="label=overdue", shared="y")
    private = db.session.query(SavedView).filter_by(name="Riêng").one()
    assert private.office_unit_id is None
    assert send(client, f"/tasks/views/{private.id}/delete").status_code == 303
    assert db.session.query(SavedView).count() == 1


def assign(client: FlaskClient, office_id: int, **values: Any) -> Any:
    """Send the form of a task that is assigned by hand."""
    return send(client, "/tasks/new", office_unit_id=office_id, priority="normal", **values)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Apr 15, 2027", date(2027, 4, 15)),
        ("15 April 2027", date(2027, 4, 15)),
        ("W12/2027", date(2027, 3, 28)),
        ("mùa khô năm 2027", None),
        ("không thực hiện năm 2027", None),
        ("30/6/2027 chuyển sang nhiệm vụ khác", None),
    ],
)
def test_a_typed_day_is_read_whole_or_asked(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, text: str, due: date | None
) -> None:
    with unit_of_work():
        scene.task.code = "NV-CU-1"
    sign_in(client, scene.clerk)
    answer = assign(
        client, factories.office().id, content="Rà soát quy chế", lead_unit_ids=scene.unit.id, deadline_text=text
    )
    task = db.session.query(Task).filter_by(content="Rà soát quy chế").one_or_none()
    assert (answer.status_code, task and task.due_on) == (303 if due else 422, due)
    assert due or text in text_of(answer)  # what was typed stays in the box


def test_a_task_is_assigned_by_hand(client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories) -> None:
    office = factories.office().id
    with unit_of_work():
        scene.task.code = "NV-CU-1"
    sign_in(client, scene.clerk)
    words = {"content": "Sơ kết công tác cải cách hành chính", "lead_unit_ids": scene.unit.id}
    unclear = assign(client, office, **words, deadline_text="khi thuận tiện")
    assert unclear.status_code == 422
    assert "Sơ kết công tác cải cách hành chính" in text_of(unclear)
    assert assign(client, office, **words).status_code == 422  # without a deadline somebody must say so
    assert assign(client, office, lead_unit_ids=scene.unit.id, deadline_text="30/6/2026").status_code == 422
    assert assign(client, office, content="Không có đơn vị", deadline_text="30/6/2026").status_code == 422
    made = assign(
        client, office, **words, deadline_text="trước ngày 30/6/2026", coordinator_ids=scene.other.id,
        request="Cung cấp số liệu", tags="cải cách, sơ kết",
    )  # fmt: skip
    assert made.status_code == 303
    task = db.session.query(Task).filter_by(content=words["content"]).one()
    assert (task.due_on, task.exclusive, task.lead_unit_id) == (date(2026, 6, 30), True, scene.unit.id)
    assert [line.request for line in task.coordinations] == ["Cung cấp số liệu"]
    assert list(task.tags) == ["cải cách", "sơ kết"]
    later = assign(client, office, content="Việc chưa rõ hạn", lead_unit_ids=scene.unit.id, undecided="y")
    assert later.status_code == 303
    undated = db.session.query(Task).filter_by(content="Việc chưa rõ hạn").one()
    assert (undated.due_on, undated.deadline_confirmed) == (None, False)


def test_several_units_and_repeated_work_are_assigned_by_hand(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    office = factories.office().id
    with unit_of_work():
        scene.task.code = "NV-CU-1"
    sign_in(client, scene.clerk)
    units = [scene.unit.id, scene.other.id]
    assert assign(client, office, content="Rà soát", lead_unit_ids=units, deadline_text="31/5/2026").status_code == 303
    parent = db.session.query(Task).filter_by(content="Rà soát", shape=TaskShape.COLLECTIVE).one()
    assert len(parent.children) == 2
    repeated = assign(client, office, content="Báo cáo quý", lead_unit_ids=scene.unit.id, deadline_text="Hằng quý")
    assert repeated.status_code == 303
    assert db.session.query(Series).one().content == "Báo cáo quý"
    periods = db.session.query(Task).filter_by(content="Báo cáo quý").all()
    assert {task.kind for task in periods} == {DeadlineKind.RECURRING}


def test_only_the_office_assigns_by_hand(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.head)
    assert client.get("/tasks/new").status_code == 403
    assert send(client, "/tasks/new", content="x").status_code == 403


def test_a_leader_finds_what_must_be_decided(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    leader = factories.user(Role.LEADER)
    report = report_progress(
        task_id=scene.task.id,
        report=ReportText(difficulties="Chưa có kinh phí", proposal="Bố trí 2 tỷ đồng", needs_decision=True),
        actor=factories.actor(scene.officer),
        now=clock(),
    )
    sign_in(client, leader)
    assert 'href="/tasks/decisions"' in text_of(client.get("/overview"))
    page = text_of(client.get("/tasks/decisions"))
    assert "Bố trí 2 tỷ đồng" in page
    assert f"/tasks/{scene.task.id}/decide/{report.id}" in page
    do(client, scene.task, "decide", target=report.id, decision="Đồng ý")
    assert "Bố trí 2 tỷ đồng" not in text_of(client.get("/tasks/decisions"))
    assert sign_in(client, scene.officer).get("/tasks/decisions").status_code == 403


def test_the_record_of_a_task_is_printed(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    do(client, scene.task, "acknowledge")
    do(client, scene.task, "report_done", result="Đã ban hành", number="15/KH-SGDĐT", issued_on="16/03/2026")
    do(sign_in(client, scene.clerk), scene.task, "return", reason="Thiếu phụ lục")
    page = text_of(client.get(f"/tasks/{scene.task.id}/print"))
    assert "Lý lịch nhiệm vụ" in page
    assert "Số 15/KH-SGDĐT, ngày 16/03/2026" in page
    assert "Lý do trả lại: Thiếu phụ lục" in page
    events = re.findall(r"đã (tiếp nhận nhiệm vụ|báo cáo hoàn thành|trả lại kết quả)", page)
    assert events == ["tiếp nhận nhiệm vụ", "báo cáo hoàn thành", "trả lại kết quả"]  # as it happened


def test_ones_own_list_offers_one_tap(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    page = text_of(sign_in(client, scene.officer).get("/tasks/mine"))
    assert f'action="/tasks/{scene.task.id}/acknowledge"' in page
    assert scene.task.content not in text_of(sign_in(client, scene.outsider).get("/tasks/mine"))
    assert client.get("/tasks/?unit=x").status_code == 422


SORTED = ["Ăn trưa học sinh", "An toàn giao thông", "Đánh giá", "Dân số", "Điều tra", "Em bé", "Dự án"]


@pytest.mark.parametrize("name", ["code", "content", "lead", "state", "document", "due"])
def test_the_list_sorts_by_every_column(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, name: str
) -> None:
    units = [factories.unit(word, short_name=word) for word in ("Đội B", "Dân A", "Ea C")]
    for place, content in enumerate(SORTED):
        factories.task(content, unit=units[place % 3], due_on=date(2026, 4, 1 + place * 3 % 7))
    sign_in(client, scene.clerk)
    wanted = {
        "content": lambda task: sort_key(task.content),
        "code": lambda task: task.id,
        "lead": lambda task: sort_key(task.lead.short_name or task.lead.name),
        "due": lambda task: task.sort_due_on,
    }.get(name, lambda task: 0)
    if name == "document":
        wanted = lambda task: task.document_id or 0  # noqa: E731 - one has a document
    tasks = sorted(db.session.query(Task), key=lambda task: (wanted(task), task.id))
    for address, expected in ((name, tasks), (f"-{name}", tasks[::-1])):
        page = text_of(client.get(f"/tasks/?sort={address}"))
        assert re.findall(r'class="clamp" href="/tasks/(\d+)"', page) == [str(task.id) for task in expected]
    assert f"sort=-{name}" in text_of(client.get(f"/tasks/?sort={name}"))
    assert client.get(f"/tasks/?q=an&sort={name}").status_code == 200
