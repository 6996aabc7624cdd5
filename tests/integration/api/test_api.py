"""The API, version 1: what programs read and change in the name of a person, and how they are refused."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from flask import Flask

from taskflow.api.v1 import answers, bearer
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import ApiToken
from taskflow.models.task import ProgressReport
from tests.factories import Factories
from tests.integration.api.snapshot import SNAPSHOT
from tests.support.clock import Clock


def refused(answer, status: int, code: str) -> dict:
    """The problem of a refusal, which is one: a Vietnamese sentence and a code."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert not answer.json["title"].isascii(), "a Vietnamese sentence"
    return answer.json


def test_me(factories: Factories, program) -> None:
    user = factories.user(Role.HEAD)
    answer = program(user)("/me")
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["email"] == user.email
    assert [(post["role"], post["unit_id"]) for post in answer.json["posts"]] == [("head", user.memberships[0].unit_id)]


def test_lists_are_filtered_and_paged(factories: Factories, program, clock: Clock) -> None:
    unit = factories.unit()
    for number in range(51):
        factories.task(unit=unit, due_on=clock.today + timedelta(days=number))
    factories.task("Báo cáo tổng kết", unit=unit, due_on=clock.today - timedelta(days=3))
    factories.task("Của đơn vị khác", unit=factories.unit())
    call = program(factories.user(unit=unit))
    first = call("/tasks").json
    assert (len(first["items"]), first["total"], first["more_than_total"]) == (50, 52, False)
    assert (first["items"][0]["content"], first["items"][0]["label"]) == ("Báo cáo tổng kết", "overdue")
    second = call(first["next"].removeprefix("/api/v1")).json
    assert (len(second["items"]), second["next"]) == (2, None)
    assert call("/tasks?label=overdue").json["total"] == 1
    assert [item["content"] for item in call("/tasks?q=tong ket").json["items"]] == ["Báo cáo tổng kết"]
    assert refused(call("/tasks?state=sleeping"), 422, "filter.invalid")["field"] == "state"
    assert call("/tasks?tag=%00").status_code == 200  # nothing visible: no filter


def test_a_request_with_its_key_is_carried_out_once(factories: Factories, program) -> None:
    unit = factories.unit()
    task = factories.task(unit=unit)
    call, other = program(factories.user(Role.HEAD, unit=unit)), program(factories.user(Role.HEAD, unit=unit))
    body = {"expected_version": task.version, "report": {"result": "Đã xong một nửa", "percent": 50}}
    key = {"Idempotency-Key": "7f3c-1"}
    first = call(f"/tasks/{task.id}/progress", body, headers=key)
    again = call(f"/tasks/{task.id}/progress", body, headers=key)
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    changed = body | {"report": {"result": "Khác"}}
    refused(call(f"/tasks/{task.id}/progress", changed, headers=key), 409, "submission.sent_before")
    refused(other(f"/tasks/{task.id}/progress", body, headers=key), 409, "conflict.changed_meanwhile")
    for bad in ("", "x" * 256):
        refused(
            call(f"/tasks/{task.id}/progress", body, headers={"Idempotency-Key": bad}), 422, "submission.key_invalid"
        )
    db.session.rollback()
    assert len(db.session.scalars(db.select(ProgressReport.id)).all()) == 1


def test_a_task_of_another_unit_does_not_exist(factories: Factories, program) -> None:
    task = factories.task(unit=factories.unit())
    call = program(factories.user(unit=factories.unit()))
    refused(call(f"/tasks/{task.id}"), 404, "task.not_found")
    refused(call(f"/tasks/{task.id}/events"), 404, "task.not_found")
    body = {"expected_version": task.version}
    refused(call(f"/tasks/{task.id}/actions/acknowledge", body), 404, "task.not_found")
    refused(call(f"/tasks/{task.id}/progress", body | {"report": {"result": "Xong"}}), 404, "task.not_found")
    assert task.state is TaskState.ASSIGNED


def test_a_task_lives_through_the_api_and_its_reporter_cannot_confirm(factories: Factories, program) -> None:
    unit = factories.unit()
    task = factories.task(unit=unit)
    officer = factories.user(unit=unit)
    factories.membership(officer, factories.office(), Role.COORDINATOR)  # wears both hats
    clerk = factories.user(Role.COORDINATOR)
    work, office = program(officer), program(clerk)
    here = f"/tasks/{task.id}"
    seen = work(here).json
    assert "acknowledge" in seen["allowed_actions"]

    seen = work(f"{here}/actions/acknowledge", {"expected_version": seen["version"]}).json
    assert seen["state"] == "in_progress"
    report = {"result": "Đã rà soát 12/20 danh mục", "percent": 60, "next_step": "Rà soát phần còn lại"}
    seen = work(f"{here}/progress", {"report": report, "expected_version": seen["version"]}).json
    assert seen["percent"] == 60
    done = {"report": {"result": "Đã hoàn thành"}, "expected_version": seen["version"]}
    seen = work(f"{here}/actions/report_done", done).json
    assert (seen["state"], seen["percent"]) == ("awaiting_confirmation", 100)
    assert "confirm" not in seen["allowed_actions"]

    refused(work(f"{here}/actions/confirm", {"expected_version": seen["version"]}), 403, "task.not_allowed")
    back = {"expected_version": seen["version"]}
    problem = refused(office(f"{here}/actions/return", back), 422, "task.reason_required")
    assert problem["field"] == "reason"
    seen = office(f"{here}/actions/confirm", back).json
    assert (seen["state"], seen["allowed_actions"]) == ("completed", ["reopen"])
    refused(office(f"{here}/actions/confirm", {"expected_version": seen["version"]}), 409, "task.wrong_state")

    story = office(f"{here}/events").json
    assert [line["kind"] for line in story["items"]] == ["confirmed", "reported_done", "progress", "acknowledged"]
    assert (story["items"][0]["actor"], story["next"]) == (clerk.full_name, None)
    assert office(f"{here}/events?before={story['items'][-1]['id']}").json["items"] == []
    for odd in ("x", "-1", str(2**31), "9" * 5000, "²"):
        refused(office(f"{here}/events?before={odd}"), 422, "filter.invalid")
    assert [row.result for row in db.session.query(ProgressReport).order_by(ProgressReport.id)] == [
        "Đã rà soát 12/20 danh mục",
        "Đã hoàn thành",
    ]


def test_a_stale_version_is_refused_with_the_present_one(factories: Factories, program) -> None:
    unit = factories.unit()
    task = factories.task(unit=unit)
    call = program(factories.user(unit=unit))
    old = task.version
    now = call(f"/tasks/{task.id}/actions/acknowledge", {"expected_version": old}).json["version"]
    assert now > old
    body = {"report": {"result": "Xong"}, "expected_version": old}
    for path in ("actions/report_done", "progress"):
        assert refused(call(f"/tasks/{task.id}/{path}", body), 409, "conflict.changed_meanwhile")["version"] == now
    assert task.state is TaskState.IN_PROGRESS


BAD_BODIES = [
    (b"{", 400, "body.malformed"),
    (b"", 400, "body.malformed"),
    (b"[]", 400, "body.malformed"),
    (b"\xff", 400, "body.malformed"),
    (b"{}", 422, "body.invalid"),
    (b'{"expected_version": "1"}', 422, "body.invalid"),
    (b'{"expected_version": 1, "state": "completed"}', 422, "body.invalid"),
    (b'{"expected_version": 1, "report": {"percent": 101}}', 422, "body.invalid"),
    (b'{"expected_version": 1, "delay_cause": "weather"}', 422, "body.invalid"),
    (b'{"expected_version": 1, "reason": "' + b"x" * 10_001 + b'"}', 422, "body.invalid"),
    (b'"' + b"x" * bearer.MAX_BODY + b'"', 413, "body.too_large"),
]


def test_bad_bodies_are_explained(factories: Factories, program) -> None:
    unit = factories.unit()
    task = factories.task(unit=unit)
    call = program(factories.user(unit=unit))
    path = f"/tasks/{task.id}/actions/acknowledge"
    for data, status, code in BAD_BODIES:
        problem = refused(call(path, data=data, content_type="application/json"), status, code)
        for error in problem.get("errors", ()):
            assert not error["title"].isascii(), error
    two = b'{"report": {"percent": true, "rsult": "Xong"}, "expected_version": 1}'
    problem = refused(call(path, data=two, content_type="application/json"), 422, "body.invalid")
    assert [error["field"] for error in problem["errors"]] == ["report.percent", "report.rsult"]
    refused(call(path, data=b"reason=x", content_type="application/x-www-form-urlencoded"), 415, "body.media_type")
    assert task.state is TaskState.ASSIGNED


def test_addresses_that_lead_nowhere_answer_in_json_too(factories: Factories, program) -> None:
    call = program(factories.user())
    refused(call("/nowhere"), 404, "not_found")
    refused(call("/tasks/1/actions/delete", {"expected_version": 1}), 404, "not_found")
    answer = call("/me", {})
    refused(answer, 405, "method.not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_a_fault_of_the_server_is_told_as_a_problem(
    app: Flask, factories: Factories, program, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = program(factories.user())
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(answers, "me", lambda _actor: 1 / 0)
    refused(call("/me"), 500, "failed")


def test_statistics_are_for_those_who_read_reports(factories: Factories, program, clock: Clock) -> None:
    unit = factories.unit()
    factories.task(unit=unit, due_on=clock.today - timedelta(days=3))
    factories.task(unit=unit, due_on=date(2026, 6, 30))
    call = program(factories.user(Role.COORDINATOR))
    figures = call("/statistics/units").json
    assert [(row["unit_id"], row["open_late"], row["open_on_time"]) for row in figures["units"]] == [(unit.id, 1, 1)]
    assert figures["sum"]["total"] == 2
    assert call("/statistics/units?due_from=2026-06-01").json["sum"]["total"] == 1
    refused(program(factories.user(None))("/statistics/units"), 403, "not_allowed")


def test_only_changes_note_the_use_of_a_key(factories: Factories, program, clock: Clock) -> None:
    unit = factories.unit()
    task = factories.task(unit=unit)
    call = program(factories.user(unit=unit))
    token = db.session.query(ApiToken).one()
    assert call(f"/tasks/{task.id}").status_code == 200
    assert token.last_used_at is None
    first = clock()
    for minutes, noted in ((0, first), (59, first), (1, first + timedelta(hours=1))):
        clock.advance(minutes=minutes)
        call(f"/tasks/{task.id}/progress", {"report": {"result": "Đang làm"}, "expected_version": task.version})
        assert token.last_used_at == noted


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_openapi_document_is_the_known_one(app: Flask, factories: Factories, program) -> None:
    """After a wanted change write the new document: python -m tests.integration.api.snapshot."""
    found = program(factories.user())("/openapi.json").json
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    endpoints = [rule.endpoint for rule in app.url_map.iter_rules()]
    served = {name.partition(".")[2] for name in endpoints if name.startswith("api_v1.")}
    told = {operation["operationId"] for path in found["paths"].values() for operation in path.values()}
    assert told == served
