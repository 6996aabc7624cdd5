"""What happens between assigning and finishing, over HTTP: people, parts, other units, dates, urging, talk."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.outbox import MessageStatus, Notification, OutboxMessage
from taskflow.models.task import (
    Comment,
    CoordinationState,
    ExtensionRequest,
    ExtensionState,
    Task,
    TaskEvent,
    TaskShape,
    TransferRequest,
    TransferState,
    Urge,
)
from taskflow.services.series import SeriesOrigin, SeriesText, create_series
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.integration.web.scene import Scene, do, offered, text_of
from tests.support.clock import Clock


def test_a_head_puts_somebody_in_charge_knowing_the_load(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    factories.task(unit=scene.unit, person_id=scene.officer.id, due_on=clock.today - timedelta(days=5))
    sign_in(client, scene.head)
    form = text_of(client.get(f"/tasks/{scene.task.id}/assign"))
    assert f"{scene.officer.full_name} ({scene.unit.short_name}): 1 việc chưa hoàn thành, 1 quá hạn" in form
    assert do(client, scene.task, "assign", person_id=scene.officer.id).status_code == 303
    assert scene.task.person_id == scene.officer.id
    assert f"đã giao {scene.officer.full_name} phụ trách" in text_of(client.get(f"/tasks/{scene.task.id}"))
    assert do(client, scene.task, "assign", person_id=scene.outsider.id).status_code == 422
    assert do(sign_in(client, scene.officer), scene.task, "assign", person_id=scene.officer.id).status_code == 403


def test_parts_are_given_on_and_none_may_be_later_than_the_task(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    below = factories.unit("Phòng Tổng hợp", parent=scene.unit)
    sign_in(client, scene.head)
    late = clock.today + timedelta(days=11)
    part = {"parts-1-content": "Soạn dự thảo", "parts-1-lead_unit_id": below.id}
    beyond = {"parts-0-content": "", **part, "parts-1-due_on": f"{late:%d/%m/%Y}"}
    refused = do(client, scene.task, "break_down", **beyond)
    assert refused.status_code == 422
    assert "Soạn dự thảo" in text_of(refused)
    assert "Phần việc 2: Phần việc không được có hạn muộn hơn" in text_of(refused)
    assert 'id="parts-1-due_on-error"' in text_of(refused), "on its own field"
    two = {**part, "parts-0-content": "Khảo sát", "parts-0-lead_unit_id": scene.unit.id}
    assert do(client, scene.task, "break_down", **two).status_code == 303
    parts = db.session.query(Task).filter_by(parent_id=scene.task.id).order_by(Task.id).all()
    assert [(one.content, one.lead_unit_id, one.shape) for one in parts] == [
        ("Khảo sát", scene.unit.id, TaskShape.PART),
        ("Soạn dự thảo", below.id, TaskShape.PART),
    ]
    assert "<strong>0</strong>/2" in text_of(client.get(f"/tasks/{scene.task.id}"))
    assert do(client, scene.task, "report_done", result="Xong").status_code == 422  # open parts


def test_a_unit_sends_back_and_the_office_decides(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.head)
    assert do(client, scene.task, "send_back", reason="").status_code == 422
    sent = do(client, scene.task, "send_back", reason="Không đúng chức năng", proposed_unit_id=scene.other.id)
    assert sent.status_code == 303
    asked = db.session.query(TransferRequest).one()
    assert "send_back" not in offered(client, scene.task)
    assert do(client, scene.task, "approve_transfer", target=asked.id, unit_id=scene.other.id).status_code == 403
    sign_in(client, scene.clerk)
    assert {"approve_transfer", "reject_transfer"} <= offered(client, scene.task)
    moved = do(client, scene.task, "approve_transfer", target=asked.id, unit_id=scene.other.id)
    assert moved.status_code == 303
    assert (asked.state, scene.task.lead_unit_id) == (TransferState.APPROVED, scene.other.id)
    page = text_of(sign_in(client, scene.officer).get(f"/tasks/{scene.task.id}"))  # the old unit keeps reading
    assert "đã chuyển nhiệm vụ từ" in page
    assert offered(client, scene.task) <= {"comment", "watch"}


def test_the_office_keeps_the_task_with_the_unit_or_moves_it_itself(
    client: FlaskClient, scene: Scene, sign_in: Any
) -> None:
    do(sign_in(client, scene.head), scene.task, "send_back", reason="Không đúng chức năng")
    asked = db.session.query(TransferRequest).one()
    sign_in(client, scene.clerk)
    assert do(client, scene.task, "reject_transfer", target=asked.id, reason="Đúng chức năng").status_code == 303
    assert asked.state is TransferState.REJECTED
    again = do(client, scene.task, "reject_transfer", target=asked.id, reason="Đúng chức năng")
    assert again.status_code == 409
    assert do(client, scene.task, "transfer", unit_id=scene.other.id, reason="Phân công lại").status_code == 303
    assert scene.task.lead_unit_id == scene.other.id


def test_coordination_is_asked_accepted_waited_for_and_answered(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    partner = factories.user(Role.HEAD, unit=scene.other)
    sign_in(client, scene.officer)
    do(client, scene.task, "acknowledge")
    asked = do(client, scene.task, "ask_coordination", unit_id=scene.other.id, request="Cho ý kiến về kinh phí")
    assert asked.status_code == 303
    line = scene.task.coordinations[0]
    assert do(client, scene.task, "wait", unit_id=scene.other.id, note="Chưa có ý kiến").status_code == 303
    assert scene.task.waiting_unit_id == scene.other.id
    clock.advance(days=3)
    assert "3 ngày" in text_of(client.get(f"/tasks/{scene.task.id}"))
    assert do(client, scene.task, "answer_coordination", target=line.id, text="Đồng ý").status_code == 403

    sign_in(client, partner)
    assert "Cho ý kiến về kinh phí" in text_of(client.get("/tasks/mine"))
    assert {"accept_coordination", "answer_coordination"} <= offered(client, scene.task)
    assert do(client, scene.task, "accept_coordination", target=line.id, person_id=partner.id).status_code == 303
    assert line.state is CoordinationState.ACCEPTED
    assert do(client, scene.task, "answer_coordination", target=line.id, text="").status_code == 422
    answer = do(
        client, scene.task, "answer_coordination", target=line.id, text="Đồng ý bố trí 2 tỷ đồng",
        number="99/STC-NS", files=[(BytesIO(b"%PDF-1.4 y kien"), "Ý kiến.pdf")],
    )  # fmt: skip
    assert answer.status_code == 303
    assert (line.state, line.waited_days, scene.task.waiting_unit_id) == (CoordinationState.ANSWERED, 3, None)
    page = text_of(client.get(f"/tasks/{scene.task.id}"))
    assert "Đồng ý bố trí 2 tỷ đồng" in page
    assert "Ý kiến.pdf" in page


def test_a_unit_that_is_not_needed_any_more_is_told(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    line = factories.coordination(scene.task, scene.other, request="Cung cấp số liệu")
    sign_in(client, scene.officer)
    assert do(client, scene.task, "drop_coordination", target=line.id).status_code == 303
    assert line.state is CoordinationState.NOT_NEEDED
    assert do(client, scene.task, "drop_coordination", target=line.id).status_code == 409


def ask_for_time(client: FlaskClient, scene: Scene, clock: Clock, days: int = 20) -> ExtensionRequest:
    wanted = clock.today + timedelta(days=days)
    answer = do(
        client, scene.task, "ask_extension", due_on=f"{wanted:%d/%m/%Y}", cause="objective", reason="Chờ Bộ hướng dẫn"
    )
    assert answer.status_code == 303
    return db.session.query(ExtensionRequest).order_by(ExtensionRequest.id.desc()).first()


def test_more_time_is_asked_and_granted(client: FlaskClient, scene: Scene, sign_in: Any, clock: Clock) -> None:
    first = scene.task.due_on
    sign_in(client, scene.officer)
    assert (
        do(client, scene.task, "ask_extension", due_on="31/11/2026", cause="objective", reason="x").status_code == 422
    )
    request = ask_for_time(client, scene, clock)
    assert do(client, scene.task, "approve_extension", target=request.id).status_code == 403
    sign_in(client, scene.clerk)
    assert do(client, scene.task, "approve_extension", target=request.id, decision_number="15/TB").status_code == 303
    assert (scene.task.due_on, scene.task.original_due_on) == (request.asked_due_on, first)
    page = text_of(client.get(f"/tasks/{scene.task.id}"))
    assert f"ban đầu {first:%d/%m/%Y}" in page
    assert "15/TB" in page


def test_a_decision_on_what_has_changed_meanwhile_is_taken_again(
    client: FlaskClient, scene: Scene, sign_in: Any, clock: Clock
) -> None:
    new = f"{scene.task.due_on + timedelta(days=20):%d/%m/%Y}"
    do(sign_in(client, scene.officer), scene.task, "ask_extension", due_on=new, cause="objective", reason="Chờ số liệu")
    asked = db.session.query(ExtensionRequest).one()
    sign_in(client, scene.clerk)
    seen = scene.task.version
    moved = scene.task.due_on + timedelta(days=9)
    do(client, scene.task, "deadline", kind="date", due_on=f"{moved:%d/%m/%Y}", reason="Theo công văn 12")
    values = {"target": asked.id, "reason": "Có lý do chính đáng", "decision_number": "15/TB-VP"}
    stale = do(client, scene.task, "approve_extension", version=seen, **values)
    assert stale.status_code == 409
    for kept in ("Có lý do chính đáng", "15/TB-VP", f"{moved:%d/%m/%Y}"):
        assert kept in text_of(stale)
    assert do(client, scene.task, "approve_extension", **values).status_code == 303
    event = db.session.query(TaskEvent).filter_by(kind="extension_approved").one()
    assert (event.data["from"], asked.current_due_on) == (moved.isoformat(), moved)


def test_another_date_is_offered_and_accepted(client: FlaskClient, scene: Scene, sign_in: Any, clock: Clock) -> None:
    request = ask_for_time(sign_in(client, scene.officer), scene, clock)
    offer = clock.today + timedelta(days=15)
    sign_in(client, scene.clerk)
    do(
        client,
        scene.task,
        "counter_extension",
        target=request.id,
        due_on=f"{offer:%d/%m/%Y}",
        reason="Chỉ đến giữa tháng",
    )
    assert request.state is ExtensionState.COUNTERED
    sign_in(client, scene.officer)
    assert {"accept_extension", "decline_extension"} <= offered(client, scene.task)
    assert do(client, scene.task, "accept_extension", target=request.id).status_code == 303
    assert scene.task.due_on == offer


def test_a_request_for_time_is_refused_declined_or_withdrawn(
    client: FlaskClient, scene: Scene, sign_in: Any, clock: Clock
) -> None:
    due = scene.task.due_on
    request = ask_for_time(sign_in(client, scene.officer), scene, clock)
    do(client, scene.task, "withdraw_extension", target=request.id)
    assert request.state is ExtensionState.WITHDRAWN
    request = ask_for_time(client, scene, clock)
    do(sign_in(client, scene.clerk), scene.task, "reject_extension", target=request.id, reason="Đã đủ thời gian")
    assert request.state is ExtensionState.REJECTED
    assert "Đã đủ thời gian" in text_of(client.get(f"/tasks/{scene.task.id}"))
    assert scene.task.due_on == due


def test_urging_is_counted_and_answered(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.clerk)
    assert do(client, scene.task, "urge", text="", channel="email").status_code == 422
    assert do(client, scene.task, "urge", text="Khẩn trương báo cáo", channel="phone").status_code == 303
    assert scene.task.urge_count == 1
    urge = db.session.query(Urge).one()
    sign_in(client, scene.officer)
    assert do(client, scene.task, "answer_urge", target=urge.id, text="Sẽ báo cáo trong ngày").status_code == 303
    assert "Sẽ báo cáo trong ngày" in text_of(client.get(f"/tasks/{scene.task.id}"))
    assert do(client, scene.task, "urge", text="x", channel="email").status_code == 403


def test_notes_of_the_office_stay_in_the_office(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.clerk)
    do(client, scene.task, "comment", text="Đề nghị kiểm tra số liệu", mentions=scene.officer.id)
    do(client, scene.task, "comment", text="Đơn vị thường chậm", is_private="y")
    assert db.session.query(Comment).count() == 2
    assert "Đơn vị thường chậm" in text_of(client.get(f"/tasks/{scene.task.id}"))
    sign_in(client, scene.officer)
    page = text_of(client.get(f"/tasks/{scene.task.id}"))
    assert "Đề nghị kiểm tra số liệu" in page
    assert "Đơn vị thường chậm" not in page
    assert "is_private" not in text_of(client.get(f"/tasks/{scene.task.id}/comment"))
    do(client, scene.task, "comment", text="Riêng", is_private="y")  # of a unit: an open comment, not a note
    assert not db.session.query(Comment).order_by(Comment.id.desc()).first().is_private


def test_a_comment_cannot_call_somebody_who_may_not_see_the_task(
    client: FlaskClient, scene: Scene, sign_in: Any
) -> None:
    answer = do(sign_in(client, scene.officer), scene.task, "comment", text="Mời xem", mentions=scene.outsider.id)
    assert answer.status_code == 422
    assert "Mời xem" in text_of(answer)


def test_a_comment_is_corrected_and_what_waits_to_be_sent_with_it(
    client: FlaskClient, scene: Scene, sign_in: Any
) -> None:
    sign_in(client, scene.clerk)
    do(client, scene.task, "comment", text="Gửi số liệu quý I", mentions=scene.officer.id)
    comment = db.session.query(Comment).one()
    assert do(client, scene.task, "correct_comment", target=comment.id, text=" ").status_code == 422
    assert do(client, scene.task, "correct_comment", target=comment.id, text="Gửi số liệu quý II").status_code == 303
    db.session.expire_all()
    told = [line.data["text"] for line in db.session.query(Notification).filter_by(task_id=scene.task.id)]
    sent = [item["text"] for one in db.session.query(OutboxMessage) for item in one.payload["items"]]
    assert set(told) == set(sent) == {"Gửi số liệu quý II"}
    sign_in(client, scene.officer)
    page = text_of(client.get(f"/tasks/{scene.task.id}"))
    assert "Gửi số liệu quý II" in page
    assert "Gửi số liệu quý I<" in page  # what it said before
    assert "correct_comment" not in page
    assert do(client, scene.task, "correct_comment", target=comment.id, text="Khác").status_code == 403
    assert do(client, scene.task, "withdraw_comment", target=comment.id).status_code == 403


def test_a_withdrawn_comment_is_read_and_told_no_more(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    do(client, scene.task, "comment", text="Nhầm nhiệm vụ", mentions=scene.head.id)
    comment = db.session.query(Comment).one()
    assert do(client, scene.task, "withdraw_comment", target=comment.id).status_code == 303
    assert do(client, scene.task, "correct_comment", target=comment.id, text="Lại").status_code == 409
    db.session.expire_all()
    assert db.session.query(Notification).filter_by(task_id=scene.task.id).count() == 0
    assert {one.status for one in db.session.query(OutboxMessage)} == {MessageStatus.CANCELLED}
    for reader, reads in ((scene.officer, True), (scene.clerk, True), (scene.head, False)):
        page = text_of(sign_in(client, reader).get(f"/tasks/{scene.task.id}"))
        assert ("Nhầm nhiệm vụ" in page) is reads
        assert "Người viết đã thu hồi ý kiến này" in page


def test_following_a_task(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    assert do(client, scene.task, "watch").status_code == 303
    assert "unwatch" in offered(client, scene.task)
    assert do(client, scene.task, "unwatch").status_code == 303
    assert "watch" in offered(client, scene.task)


def test_corrections_keep_what_was_there(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.clerk)
    words = {"content": "Xây dựng kế hoạch dữ liệu mở của tỉnh", "priority": "urgent"}
    assert do(client, scene.task, "edit", **words, reason="").status_code == 422
    assert do(client, scene.task, "edit", **words, reason="Thiếu phạm vi").status_code == 303
    assert scene.task.content == "Xây dựng kế hoạch dữ liệu mở của tỉnh"
    page = text_of(client.get(f"/tasks/{scene.task.id}"))
    assert "Nội dung trước đây: “Xây dựng kế hoạch dữ liệu mở”" in page
    assert do(client, scene.task, "tags", tags="chuyển đổi số, dữ liệu").status_code == 303
    assert list(scene.task.tags) == ["chuyển đổi số", "dữ liệu"]
    assert do(sign_in(client, scene.officer), scene.task, "edit", **words, reason="x").status_code == 403


def test_a_deadline_is_set_where_there_was_none(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    task = factories.task(unit=scene.unit, deadline_confirmed=False)
    sign_in(client, scene.clerk)
    assert "Cần xác nhận thời hạn" in text_of(client.get(f"/tasks/{task.id}"))
    assert "Cần xác định hoặc xác nhận thời hạn" in text_of(client.get(f"/tasks/{task.id}"))
    assert do(client, task, "deadline", kind="date", due_on="30/04/2026").status_code == 303
    assert (task.due_on, task.original_due_on, task.deadline_confirmed) == (date(2026, 4, 30), date(2026, 4, 30), True)
    assert do(client, task, "deadline", kind="date", due_on="15/05/2026", reason="").status_code == 422
    moved = do(client, task, "deadline", kind="date", due_on="15/05/2026", reason="Theo QĐ", decision_number="8/QĐ")
    assert moved.status_code == 303
    assert (task.due_on, task.original_due_on) == (date(2026, 5, 15), date(2026, 4, 30))
    assert "đã chuyển thời hạn từ ngày 30/04/2026 sang ngày 15/05/2026" in text_of(client.get(f"/tasks/{task.id}"))
    assert do(client, task, "deadline", kind="continuous", reason="Việc thường xuyên").status_code == 303
    assert (task.kind, task.due_on) == (DeadlineKind.CONTINUOUS, None)
    assert do(sign_in(client, scene.officer), task, "deadline", kind="date", due_on="30/06/2026").status_code == 403


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [
        (TaskState.IN_PROGRESS, "suspend", TaskState.SUSPENDED),
        (TaskState.SUSPENDED, "resume", TaskState.IN_PROGRESS),
        (TaskState.IN_PROGRESS, "cancel", TaskState.CANCELLED),
        (TaskState.COMPLETED, "reopen", TaskState.IN_PROGRESS),
    ],
)
def test_steps_of_the_office(
    client: FlaskClient,
    scene: Scene,
    sign_in: Any,
    factories: Factories,
    state: TaskState,
    action: str,
    after: TaskState,
) -> None:
    task = factories.task(unit=scene.unit, state=state)
    assert do(sign_in(client, scene.officer), task, action, reason="Theo chỉ đạo").status_code == 403
    sign_in(client, scene.clerk)
    if action != "resume":
        assert do(client, task, action, reason="").status_code == 422
    assert do(client, task, action, reason="Theo chỉ đạo", document="12/TB-UBND").status_code == 303
    assert task.state is after
    assert "Theo chỉ đạo" in text_of(client.get(f"/tasks/{task.id}"))


def test_a_head_approves_before_the_report_leaves_the_unit(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    task = factories.task(unit=scene.unit, workflow_id=factories.workflow(head_approval=True).id)
    do(sign_in(client, scene.officer), task, "report_done", result="Đã xong")
    assert task.state is TaskState.AWAITING_APPROVAL
    assert "approve" not in offered(client, task)
    sign_in(client, scene.head)
    assert do(client, task, "reject", reason="Thiếu số liệu").status_code == 303
    do(sign_in(client, scene.officer), task, "report_done", result="Đã đủ số liệu")
    assert do(client, task, "withdraw", reason="Gửi nhầm bản").status_code == 303
    assert "Đơn vị đã rút" in text_of(client.get(f"/tasks/{task.id}")), "and was not returned to it"
    do(client, task, "report_done", result="Đã đủ số liệu")
    assert do(sign_in(client, scene.head), task, "approve").status_code == 303
    assert task.state is TaskState.AWAITING_CONFIRMATION


def test_a_period_of_repeated_work_takes_over_the_last_report(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    with unit_of_work():
        scene.task.code = "NV-CU-1"
    series = create_series(
        SeriesText("Báo cáo tháng", (scene.unit.id,), "FREQ=MONTHLY;BYMONTHDAY=25", lead_days=40),
        SeriesOrigin(factories.office().id, clock.today),
        actor=factories.actor(scene.clerk),
        now=clock(),
    )
    march, april = db.session.query(Task).filter_by(series_id=series.id).order_by(Task.due_on)
    sign_in(client, scene.officer)
    do(client, march, "report_done", result="Kỳ tháng 3: 12 hồ sơ")
    assert "Kỳ tháng 3: 12 hồ sơ" in text_of(client.get(f"/tasks/{april.id}/report_done?last=1"))
    assert "12 hồ sơ" not in text_of(client.get(f"/tasks/{april.id}/report_done"))  # only when it is asked for
    assert f"/series/{series.id}" in text_of(client.get(f"/tasks/{april.id}"))
    assert "25/05/2026" in text_of(client.get(f"/tasks/{april.id}"))


def test_a_form_of_what_one_may_not_do_is_refused(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    assert client.get(f"/tasks/{scene.task.id}/cancel").status_code == 403
    assert client.get(f"/tasks/{scene.task.id}/approve_extension/5").status_code == 403
    assert client.get(f"/tasks/{scene.task.id}/nothing").status_code == 404
    do(client, scene.task, "acknowledge")
    back = client.get(f"/tasks/{scene.task.id}/acknowledge")  # right, but done already
    assert back.status_code == 303


def test_what_is_asked_of_another_task_cannot_be_reached_through_ones_own(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    request = ask_for_time(sign_in(client, scene.officer), scene, clock)
    theirs = factories.task(unit=scene.outsider.memberships[0].unit)
    answer = do(sign_in(client, scene.outsider), theirs, "withdraw_extension", target=request.id)
    assert answer.status_code == 404
    assert request.state is ExtensionState.PENDING
