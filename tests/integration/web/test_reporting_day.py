"""The reporting day of a document: set by its office in the words of documents, reminded of, ended."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.document import Document, ImportJob, ImportRow, ImportStatus, StoredFile
from taskflow.models.outbox import OutboxMessage
from taskflow.models.system import AuditEntry
from taskflow.services.reminders import sweep
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.integration.web.scene import send, text_of
from tests.support.clock import Clock


@pytest.fixture
def document(factories: Factories) -> Document:
    """A plan of the office."""
    return factories.document()


def _set(client: FlaskClient, document: Document, when: str, to: str = "", version: int | None = None) -> Any:
    db.session.refresh(document)
    return send(
        client, f"/documents/{document.id}/reporting", when=when, to=to, version=str(version or document.version)
    )


def test_the_office_sets_changes_and_ends_it(
    client: FlaskClient, factories: Factories, document: Document, sign_in: Any, clock: Clock
) -> None:
    sign_in(client, factories.user(Role.COORDINATOR))
    assert "Chưa có ai được nhắc" in text_of(client.get(f"/documents/{document.id}"))
    assert _set(client, document, "Trước ngày 20 hằng tháng", "Sở Nội vụ").status_code == 303
    page = text_of(client.get(f"/documents/{document.id}"))
    assert "Trước ngày 20 hằng tháng; báo cáo gửi Sở Nội vụ." in page
    assert "Kỳ tới: 20/03/2026." in page
    clock.set("2026-03-16 08:00")
    sweep(clock.now)
    (message,) = db.session.scalars(select(OutboxMessage))
    assert [item["id"] for part in message.payload["groups"] for item in part["items"]] == [document.id]

    assert _set(client, document, "").status_code == 303
    db.session.refresh(document)
    assert (document.reporting_text, document.reporting_rule, document.reporting_to) == ("", "", "")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "document.reporting_set")).all()
    assert [entry.data["after"] for entry in entries] == [["Trước ngày 20 hằng tháng", "Sở Nội vụ"], ["", ""]]


@pytest.mark.parametrize("words", ["30/6/2026", "Thường xuyên", "Khi có yêu cầu", "31/11 hằng năm"])
def test_words_that_name_no_day_that_comes_again_are_refused(
    client: FlaskClient, factories: Factories, document: Document, sign_in: Any, words: str
) -> None:
    sign_in(client, factories.user(Role.COORDINATOR))
    answer = _set(client, document, words)
    assert answer.status_code == 422
    assert "chưa nói rõ kỳ báo cáo lặp lại" in text_of(answer)
    db.session.refresh(document)
    assert document.reporting_rule == ""


def test_a_change_made_meanwhile_is_not_overwritten(
    client: FlaskClient, factories: Factories, document: Document, sign_in: Any
) -> None:
    sign_in(client, factories.user(Role.COORDINATOR))
    before = document.version
    assert _set(client, document, "Hằng quý").status_code == 303
    assert _set(client, document, "Hằng năm", version=before).status_code == 409
    db.session.refresh(document)
    assert document.reporting_text == "Hằng quý"


def test_others_may_not(client: FlaskClient, factories: Factories, document: Document, sign_in: Any) -> None:
    head = factories.user(Role.HEAD)
    sign_in(client, head)
    assert client.get(f"/documents/{document.id}/reporting").status_code == 404  # nothing of it concerns them
    factories.task(unit=head.memberships[0].unit, document=document)
    assert client.get(f"/documents/{document.id}/reporting").status_code == 403
    assert _set(client, document, "Hằng quý").status_code == 403
    assert "Đặt kỳ báo cáo" not in text_of(client.get(f"/documents/{document.id}"))
    assert client.get("/documents/999999/reporting").status_code == 404


def test_what_the_document_says_of_reporting_stands_beside_the_form(
    client: FlaskClient, factories: Factories, document: Document, sign_in: Any, clock: Clock
) -> None:
    sign_in(client, factories.user(Role.COORDINATOR))
    assert "Văn bản có nêu" not in text_of(client.get(f"/documents/{document.id}/reporting"))
    with unit_of_work() as session:
        session.add(StoredFile(sha256="0" * 64, size=1, media_type="text/plain", created_at=clock.now))
        session.flush()
        job = ImportJob(
            office_unit_id=document.office_unit_id,
            document_id=document.id,
            filename="a.txt",
            sha256="0" * 64,
            status=ImportStatus.COMMITTED,
            created_at=clock.now,
        )
        said = {"text": "trước ngày 20 tháng 6 hằng năm"}
        job.rows.append(ImportRow(position=1, source="report", content="Định kỳ gửi báo cáo", deadline=said))
        session.add(job)
    page = text_of(client.get(f"/documents/{document.id}/reporting"))
    assert "Văn bản có nêu" in page
    assert "trước ngày 20 tháng 6 hằng năm" in page
