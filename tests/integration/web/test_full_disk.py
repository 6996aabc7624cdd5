"""A full disk under the pages and the API: a sentence that says so, nothing half-done, and all is well afterwards."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from taskflow.extensions import db
from taskflow.models.outbox import Notification, OutboxMessage
from taskflow.models.task import Comment, TaskEvent
from taskflow.services import api_tokens, comments
from tests.factories import Factories
from tests.integration.web.scene import Scene, do, text_of
from tests.support.clock import Clock
from tests.support.full_disk import full_disk

SENTENCE = "Ổ đĩa của máy chủ đã đầy: nội dung vừa gửi chưa được lưu và chưa có gì thay đổi."


def _rows() -> list[int]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Comment, TaskEvent, Notification, OutboxMessage)
    ]


def test_a_full_disk_is_said_and_leaves_nothing_half_done(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories, clock: Clock
) -> None:
    token = api_tokens.create(actor=factories.actor(scene.officer), label="Phần mềm văn bản", days=30, now=clock())
    sign_in(client, scene.head)
    address = f"/tasks/{scene.task.id}"
    text = "Đề nghị các đơn vị gửi số liệu " * 20
    with full_disk():
        for _ in range(100):  # SQLite has some room left in its pages, PostgreSQL none
            before = _rows()
            answer = do(client, scene.task, "comment", text=text)
            if answer.status_code != 303:
                break
        assert answer.status_code == 503
        assert SENTENCE in text_of(answer)
        assert _rows() == before
        body = {"report": {"result": "Đang tổng hợp số liệu " * 90}, "expected_version": scene.task.version}
        headers = {"Authorization": f"Bearer {token.secret}"}
        for _ in range(20):
            answer = client.post(f"/api/v1{address}/progress", json=body, headers=headers)
            if answer.status_code != 200:
                break
        assert (answer.status_code, answer.json["code"]) == (503, "machine.disk_full")
        assert answer.json["title"].startswith(SENTENCE)
        assert _rows() == before
        assert client.get(address).status_code == 200, "reading goes on"
    assert do(client, scene.task, "comment", text=text).status_code == 303
    assert _rows()[0] == before[0] + 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_database_that_does_not_answer_and_a_full_folder_of_files_are_no_fault_of_ours(
    client: FlaskClient, scene: Scene, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, scene.head)

    def answer_of(error: Exception) -> tuple[int, bool]:
        def fail(**_: object) -> None:
            raise error

        monkeypatch.setattr(comments, "comment", fail)
        answer = do(client, scene.task, "comment", text="x")
        return answer.status_code, SENTENCE in text_of(answer)

    assert answer_of(OSError(errno.ENOSPC, "No space left on device")) == (503, True)
    assert answer_of(OperationalError("", {}, Exception("the database system is shutting down"))) == (503, False)
    with pytest.raises(FileNotFoundError):  # shown as a fault of ours outside of tests
        answer_of(FileNotFoundError("gone"))
