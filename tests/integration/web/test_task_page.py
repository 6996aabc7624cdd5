"""The page of one task and its steps, over HTTP."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.task import Evidence, ProgressReport, TaskEvent, TaskShape
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.integration.web.scene import Scene, do, text_of
from tests.support.browser import csrf_token
from tests.support.clock import Clock


def test_the_page_shows_the_task_and_offers_what_one_may_do(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    page = text_of(sign_in(client, scene.officer).get(f"/tasks/{scene.task.id}"))
    assert "Xây dựng kế hoạch dữ liệu mở" in page
    assert scene.task.code in page
    assert "26/03/2026" in page
    offered = set(re.findall(rf"/tasks/{scene.task.id}/([a-z_]+)", page))
    assert {"acknowledge", "progress", "report_done"} <= offered
    assert not {"confirm", "return", "suspend", "cancel", "reopen", "approve"} & offered
    office = set(
        re.findall(r"/tasks/\d+/([a-z_]+)", text_of(sign_in(client, scene.clerk).get(f"/tasks/{scene.task.id}")))
    )
    assert {"suspend", "cancel"} <= office
    assert not {"acknowledge", "report_done", "confirm"} & office


def test_one_tap_acknowledges(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    answer = do(client, scene.task, "acknowledge")
    assert answer.status_code == 303
    assert scene.task.state is TaskState.IN_PROGRESS
    assert scene.officer.full_name in text_of(client.get(f"/tasks/{scene.task.id}"))


def test_from_the_list_one_comes_back_to_the_list(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    answer = do(client, scene.task, "acknowledge", back="mine")
    assert answer.location.endswith("/tasks/mine")


def test_progress_is_kept_with_everything_that_was_said(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    answer = do(
        client, scene.task, "progress", result="Đã họp nhóm soạn thảo", percent="40",
        difficulties="Thiếu số liệu của xã", proposal="Đề nghị lùi hạn cho xã",
        next_step="Lấy ý kiến", needs_decision="y",
    )  # fmt: skip
    assert answer.status_code == 303
    report = db.session.query(ProgressReport).one()
    assert (report.percent, report.difficulties, report.next_step) == (40, "Thiếu số liệu của xã", "Lấy ý kiến")
    assert scene.task.needs_decision
    page = text_of(client.get(f"/tasks/{scene.task.id}"))
    assert "Đã họp nhóm soạn thảo" in page
    assert "Thiếu số liệu của xã" in page


def test_a_leader_answers_what_needs_a_decision(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    do(sign_in(client, scene.officer), scene.task, "progress", difficulties="Chưa có kinh phí", needs_decision="y")
    report = db.session.query(ProgressReport).one()
    leader = factories.user(Role.LEADER)
    answer = do(sign_in(client, leader), scene.task, "decide", target=report.id, decision="Giao Sở Tài chính bố trí")
    assert answer.status_code == 303
    assert not scene.task.needs_decision
    assert "Giao Sở Tài chính bố trí" in text_of(sign_in(client, scene.officer).get(f"/tasks/{scene.task.id}"))


def test_done_with_evidence_then_returned_then_confirmed(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    answer = do(
        client, scene.task, "report_done", result="Đã ban hành kế hoạch", number="15/KH-SGDĐT", issued_on="16/03/2026",
        issuer="Sở Giáo dục và Đào tạo",
        files=[(BytesIO(b"%PDF-1.4 ke hoach"), "Kế hoạch.pdf"), (BytesIO("Ghi chú".encode()), "ghi-chu.txt")],
    )  # fmt: skip
    assert answer.status_code == 303
    assert scene.task.state is TaskState.AWAITING_CONFIRMATION
    kept = db.session.query(Evidence).order_by(Evidence.id).all()
    assert [(one.number, one.issued_on, one.filename) for one in kept] == [
        ("15/KH-SGDĐT", date(2026, 3, 16), "Kế hoạch.pdf"),
        ("", None, "ghi-chu.txt"),
    ]
    sign_in(client, scene.clerk)
    refused = do(client, scene.task, "return", reason="")
    assert refused.status_code == 422
    assert do(client, scene.task, "return", reason="Thiếu phụ lục").status_code == 303
    assert scene.task.state is TaskState.IN_PROGRESS
    page = text_of(client.get(f"/tasks/{scene.task.id}"))
    assert "Thiếu phụ lục" in page
    assert "Đã ban hành kế hoạch" in page
    do(sign_in(client, scene.officer), scene.task, "report_done", result="Đã bổ sung phụ lục")
    assert do(sign_in(client, scene.clerk), scene.task, "confirm").status_code == 303
    assert scene.task.state is TaskState.COMPLETED


def test_nobody_confirms_what_they_reported_themselves(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    factories.membership(scene.clerk, scene.unit, Role.OFFICER)
    sign_in(client, scene.clerk)
    do(client, scene.task, "report_done", result="Xong")
    assert "/confirm" not in text_of(client.get(f"/tasks/{scene.task.id}"))
    assert do(client, scene.task, "confirm").status_code == 403
    assert scene.task.state is TaskState.AWAITING_CONFIRMATION


def test_without_evidence_where_it_is_needed_nothing_is_reported(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    flow = factories.workflow(evidence_required=True)
    with unit_of_work():
        scene.task.workflow_id = flow.id
    answer = do(sign_in(client, scene.officer), scene.task, "report_done", result="Đã xong từ tuần trước")
    assert answer.status_code == 422
    assert "Đã xong từ tuần trước" in text_of(answer)
    assert scene.task.state is TaskState.ASSIGNED


@pytest.mark.parametrize(
    "file", [(b"", "trong.pdf"), (b"PK\x03\x04 hong", "so-lieu.xlsx"), (b"MZ\x90\x00", "bao-cao.pdf")]
)
def test_a_file_of_a_wrong_kind_leaves_nothing_behind(
    client: FlaskClient, scene: Scene, sign_in: Any, file: tuple[bytes, str]
) -> None:
    data, name = file
    answer = do(
        sign_in(client, scene.officer), scene.task, "progress", result="Đã có dự thảo", files=[(BytesIO(data), name)]
    )
    assert answer.status_code == 422
    assert "Đã có dự thảo" in text_of(answer)
    assert db.session.query(ProgressReport).count() == 0


def test_a_stale_form_gets_the_fresh_page_and_keeps_what_was_typed(
    client: FlaskClient, scene: Scene, sign_in: Any
) -> None:
    old = scene.task.version
    do(sign_in(client, scene.officer), scene.task, "acknowledge")
    answer = do(client, scene.task, "progress", version=old, result="Đang lấy ý kiến các sở")
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Đang lấy ý kiến các sở" in page
    assert f'name="version" type="hidden" value="{scene.task.version}"' in page
    assert db.session.query(ProgressReport).count() == 0
    again = do(client, scene.task, "progress", result="Đang lấy ý kiến các sở")
    assert again.status_code == 303


def test_a_stale_tap_shows_the_fresh_page(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    old = scene.task.version
    do(sign_in(client, scene.officer), scene.task, "acknowledge")
    answer = do(client, scene.task, "acknowledge", version=old)
    assert answer.status_code == 409
    assert "Xây dựng kế hoạch dữ liệu mở" in text_of(answer)


def test_outsiders_find_nothing(client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories) -> None:
    do(sign_in(client, scene.officer), scene.task, "add_evidence", files=[(BytesIO(b"%PDF-1.4"), "a.pdf")])
    evidence = db.session.query(Evidence).one()
    other = factories.task(unit=scene.unit)
    sign_in(client, scene.outsider)
    for address in ("", "/acknowledge", "/history", f"/files/{evidence.id}", "/print"):
        assert client.get(f"/tasks/{scene.task.id}{address}").status_code == 404, address
    token = csrf_token(client)
    for task in (scene.task, other):
        answer = client.post(f"/tasks/{task.id}/acknowledge", data={"csrf_token": token, "version": 1})
        assert answer.status_code == 404
        assert task.state is TaskState.ASSIGNED


def test_evidence_is_served_as_an_attachment_only(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    do(sign_in(client, scene.officer), scene.task, "add_evidence", files=[(BytesIO(b"Ghi chu hop"), "trang.txt")])
    one = db.session.query(Evidence).one()
    answer = client.get(f"/tasks/{scene.task.id}/files/{one.id}")
    assert answer.get_data() == b"Ghi chu hop"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert do(client, scene.task, "remove_evidence", target=one.id, reason="Nhầm tệp").status_code == 303
    assert client.get(f"/tasks/{scene.task.id}/files/{one.id}").status_code == 200  # the history keeps it
    assert "trang.txt" in text_of(client.get(f"/tasks/{scene.task.id}/history"))


def test_acting_for_somebody_is_told_in_the_history(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    factories.add(
        TaskEvent(
            task_id=scene.task.id,
            at=clock(),
            actor_id=scene.outsider.id,
            on_behalf_of_id=scene.head.id,
            kind="progress",
        )
    )
    page = text_of(sign_in(client, scene.officer).get(f"/tasks/{scene.task.id}"))
    assert f"{scene.outsider.full_name} thay {scene.head.full_name}" in page


def test_history_comes_in_pages(client: FlaskClient, scene: Scene, sign_in: Any, clock: Clock) -> None:
    with unit_of_work() as session:
        session.add_all(
            TaskEvent(task_id=scene.task.id, at=clock(), actor_id=scene.officer.id, kind="progress", reason=f"Lần {n}.")
            for n in range(1, 46)
        )
    page = text_of(sign_in(client, scene.officer).get(f"/tasks/{scene.task.id}"))
    assert "Lần 45." in page
    assert "Lần 15." not in page
    older = re.search(r'href="(/tasks/\d+/history\?before=\d+)"', page)
    assert older is not None
    piece = text_of(client.get(older.group(1), headers={"HX-Request": "true"}))
    assert "Lần 15." in piece
    assert "<html" not in piece
    assert "Lần 1." in text_of(client.get(older.group(1)))


def test_a_collective_task_says_who_is_missing(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    parent = factories.task("Rà soát thủ tục", shape=TaskShape.COLLECTIVE, state=TaskState.IN_PROGRESS)
    units = [factories.unit(f"Xã số {n}") for n in range(3)]
    for unit, state in zip(units, (TaskState.COMPLETED, TaskState.ASSIGNED, TaskState.IN_PROGRESS), strict=True):
        factories.task(unit=unit, shape=TaskShape.MEMBER, parent_id=parent.id, state=state)
    page = text_of(sign_in(client, scene.clerk).get(f"/tasks/{parent.id}"))
    assert "<strong>1</strong>/3" in page
    assert "Xã số 1, Xã số 2." in page
    assert do(client, parent, "confirm").status_code == 422  # open members: only with a reason
    assert do(client, parent, "confirm", reason="Hai xã đã sáp nhập").status_code == 303


def test_the_page_needs_few_queries_however_long_the_history(
    client: FlaskClient, scene: Scene, sign_in: Any, clock: Clock
) -> None:
    sign_in(client, scene.officer)

    def queries() -> int:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert client.get(f"/tasks/{scene.task.id}").status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len([one for one in statements if one.lstrip().upper().startswith("SELECT")])

    do(client, scene.task, "acknowledge")
    first = queries()
    with unit_of_work() as session:
        session.add_all(
            TaskEvent(task_id=scene.task.id, at=clock(), actor_id=scene.officer.id, kind="progress") for _ in range(100)
        )
    assert queries() == first
    assert first <= 14
