"""A document put right after its import: its facts with history and dates, its references with links and a tree."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Conflict, Invalid, NotAllowed
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.document import Document, DocumentLink
from taskflow.models.task import Task, TaskEvent, TaskShape
from taskflow.services import documents as service
from taskflow.services.document_links import Citation, remove_link, save_link
from taskflow.services.documents import DocumentFacts
from taskflow.services.queries.documents import Branch, document_detail
from tests.factories import Factories
from tests.integration.web.scene import send, text_of
from tests.support.clock import Clock

SIGNED = {
    "number": "32/KH-UBND",
    "type": "Kế hoạch",
    "issuer": "Ủy ban nhân dân tỉnh Sơn Hà",
    "issued_on": "10/02/2026",
    "title": "Phát triển giáo dục đến năm 2030",
    "signer": "Trần Văn An",
    "place": "Sơn Hà",
    "reason": "Bản chính thức đã ký",
}


@pytest.fixture
def draft(factories: Factories) -> Document:
    """A draft without number, date and signer."""
    return factories.document(number="/KH-UBND", issued_on=None, title="Phát triển giáo dục")


def test_a_draft_that_is_signed_later(
    client: FlaskClient, factories: Factories, draft: Document, sign_in: Any, clock: Clock
) -> None:
    unit = factories.unit()
    words = "Trong 30 ngày kể từ ngày ban hành Kế hoạch này"
    waiting = factories.task(unit=unit, document=draft, deadline_text=words, kind=DeadlineKind.CONDITIONAL)
    fixed = factories.task(unit=unit, document=draft, due_on=date(2026, 6, 30))
    decided = factories.task(unit=unit, document=draft, due_on=date(2026, 5, 1), deadline_text=words)
    citing = factories.document(number="7/SGD-VP")
    factories.add(
        DocumentLink(
            document_id=citing.id,
            relation="executes",
            number="32/KH-UBND",
            issued_on=date(2026, 2, 10),
            text="Thực hiện",
        )
    )
    sign_in(client, factories.user(Role.COORDINATOR, full_name="Lê Thị Văn Thư"))
    assert send(client, f"/documents/{draft.id}/correct", **{**SIGNED, "reason": ""}, version="1").status_code == 422
    answer = send(client, f"/documents/{draft.id}/correct", **SIGNED, version="1")
    assert answer.status_code == 303
    page = text_of(client.get(f"/documents/{draft.id}"))
    assert f"1 thời hạn đã được tính lại: {waiting.code}" in page
    assert "Ngày ban hành: – → 10/02/2026" in page
    assert "Số, ký hiệu: /KH-UBND → 32/KH-UBND" in page
    assert "Lê Thị Văn Thư" in page
    assert "Bản chính thức đã ký" in page
    assert "7/SGD-VP" in page
    dates = {task.id: db.session.get_one(Task, task.id).due_on for task in (waiting, fixed, decided)}
    assert dates == {waiting.id: date(2026, 3, 12), fixed.id: date(2026, 6, 30), decided.id: date(2026, 5, 1)}
    assert db.session.get_one(Task, waiting.id).original_due_on == date(2026, 3, 12)
    events = db.session.query(TaskEvent).filter_by(kind="due_changed").all()
    assert [(one.task_id, one.data["to"]) for one in events] == [(waiting.id, "2026-03-12")]
    assert "32 kh ubnd" in db.session.get_one(Document, draft.id).search_text
    assert "32 kh ubnd" in db.session.get_one(Task, fixed.id).search_text


def test_a_wrong_date_of_issue_moves_what_was_counted_from_it(factories: Factories, clock: Clock) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    document = factories.document(issued_on=date(2026, 2, 1))
    words = "15 ngày kể từ ngày ban hành"
    whole = factories.task(document=document, due_on=date(2026, 2, 16), deadline_text=words, shape=TaskShape.COLLECTIVE)
    member = factories.task(
        document=document, due_on=date(2026, 2, 16), deadline_text=words, shape=TaskShape.MEMBER, parent_id=whole.id
    )
    facts = DocumentFacts(number=document.number, issued_on=date(2026, 2, 11), title=document.title)
    moved = service.correct(document_id=document.id, facts=facts, reason="Nhập sai ngày", actor=clerk, now=clock())
    assert moved == [whole.code]
    for one in (whole, member):
        task = db.session.get_one(Task, one.id)
        assert (task.due_on, task.original_due_on) == (date(2026, 2, 26), date(2026, 2, 26))
    assert service.correct(document_id=document.id, facts=facts, reason="x", actor=clerk, now=clock()) == []


def test_who_may_correct_and_what_is_refused(factories: Factories, clock: Clock) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    unit = factories.unit()
    other, document = factories.document(), factories.document()
    factories.task(unit=unit, document=document)
    same = DocumentFacts(number=other.number, issuer=other.issuer, issued_on=other.issued_on, title="Trùng")
    with pytest.raises(Invalid, match=r"document\.known"):
        service.correct(document_id=document.id, facts=same, reason="x", actor=clerk, now=clock())
    with pytest.raises(Invalid, match=r"document\.title_required"):
        service.correct(document_id=document.id, facts=DocumentFacts(), reason="x", actor=clerk, now=clock())
    with pytest.raises(Conflict):
        service.correct(document_id=document.id, facts=same, reason="x", actor=clerk, now=clock(), expected_version=99)
    head = factories.actor(factories.user(Role.HEAD, unit=unit))
    with pytest.raises(NotAllowed):
        service.correct(document_id=document.id, facts=same, reason="x", actor=head, now=clock())
    with pytest.raises(NotAllowed):
        save_link(document_id=document.id, citation=Citation("basis", "1/QĐ"), actor=head, now=clock())


def flat(branches: tuple[Branch, ...]) -> list[Any]:
    return [(one.relation, one.number, one.document_id, flat(one.below)) for one in branches]


def test_links_are_made_corrected_and_shown_as_a_tree(factories: Factories, clock: Clock) -> None:
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    program, plan, order, late = (
        factories.document(number=number, issued_on=day)
        for number, day in (
            ("1/CTr-UBND", date(2024, 1, 5)),
            ("2/KH-UBND", date(2025, 1, 5)),
            ("3/QĐ-UBND", date(2026, 1, 5)),
            ("2/KH-UBND", date(2026, 1, 5)),
        )
    )

    def cite(source: Document, relation: str, number: str, day: date | None = None) -> DocumentLink:
        said = Citation(relation, number, day)
        return save_link(document_id=source.id, citation=said, actor=clerk, now=clock())

    cite(plan, "executes", "1/CTr-UBND")
    wrong = cite(order, "mentions", "2/KH-UBND")
    assert wrong.target_id is None  # two plans have this number
    save_link(
        document_id=order.id,
        link_id=wrong.id,
        citation=Citation("amends", "2 /kh-ubnd", date(2025, 1, 5)),
        actor=clerk,
        now=clock(),
    )
    cite(program, "basis", "3/QĐ-UBND")  # a circle ends
    found = document_detail(clerk, order.id)
    circle = ("basis", "3/QĐ-UBND", order.id, [])
    assert flat(found.cites) == [("amends", "2 /kh-ubnd", plan.id, [("executes", "1/CTr-UBND", program.id, [circle])])]
    assert flat(document_detail(clerk, program.id).cited_by) == [
        ("executes", "2/KH-UBND", plan.id, [("amends", "3/QĐ-UBND", order.id, [])])
    ]
    assert document_detail(clerk, late.id).cited_by == ()
    with pytest.raises(Invalid, match=r"document\.cites_itself"):
        cite(order, "basis", "3/QĐ-UBND")
    remove_link(document_id=order.id, link_id=wrong.id, actor=clerk, now=clock())
    after = document_detail(clerk, order.id)
    assert after.cites == ()
    assert [one.action for one in after.changes] == [
        "document.link_removed",
        "document.link_saved",
        "document.link_saved",
    ]


def test_pages_of_relations(client: FlaskClient, factories: Factories, sign_in: Any) -> None:
    document, other = factories.document(), factories.document()
    sign_in(client, factories.user(Role.COORDINATOR))
    sent = {"relation": "amends", "number": other.number, "version": "1"}
    assert send(client, f"/documents/{document.id}/links/new", **sent).status_code == 303
    link = db.session.query(DocumentLink).one()
    assert f'href="/documents/{other.id}"' in client.get(f"/documents/{document.id}").text
    assert f'href="/documents/{document.id}"' in client.get(f"/documents/{other.id}").text
    assert client.get(f"/documents/{document.id}/links/{link.id}").status_code == 200
    assert client.get(f"/documents/{document.id}/links/999").status_code == 404
    assert send(client, f"/documents/{document.id}/links/{link.id}/remove").status_code == 303
    assert db.session.query(DocumentLink).count() == 0
