"""Workflows in the pages: made, revised, drawn from the table of transitions, exported and imported."""

from __future__ import annotations

import io
import itertools
import json

import pytest

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import WorkflowRules
from taskflow.extensions import db
from taskflow.models.task import WorkflowDefinition
from taskflow.web.admin.workflow_diagram import WIDTH, diagram_of, states_of
from tests.integration.account.test_sign_in import post

WHO = {TaskState.AWAITING_CONFIRMATION: "Văn phòng"}


@pytest.fixture
def browser(client, factories, sign_in):
    return sign_in(client, factories.user(Role.ADMINISTRATOR))


@pytest.mark.parametrize(
    ("head", "confirmation", "states"),
    [
        (False, True, ["assigned", "in_progress", "awaiting_confirmation", "completed"]),
        (True, True, ["assigned", "in_progress", "awaiting_approval", "awaiting_confirmation", "completed"]),
        (True, False, ["assigned", "in_progress", "awaiting_approval", "completed"]),
        (False, False, ["assigned", "in_progress", "completed"]),
    ],
)
def test_drawing_follows_the_table_of_transitions(app, head, confirmation, states):
    rules = WorkflowRules(head_approval=head, confirmation=confirmation)
    assert [state.value for state in states_of(rules)] == states
    with app.test_request_context():
        drawn = diagram_of(rules, WHO)
    assert len(drawn.boxes) == len(states)
    assert drawn.boxes[-1].is_end
    assert sum(arrow.is_back for arrow in drawn.arrows) == head + confirmation, "who looks at a report can send it back"
    assert sum(not arrow.is_back for arrow in drawn.arrows) == len(states) - 1


def test_drawing_fits_its_frame_and_says_itself_in_words(app):
    for head, confirmation, evidence in itertools.product((True, False), repeat=3):
        rules = WorkflowRules(head_approval=head, confirmation=confirmation, evidence_required=evidence)
        with app.test_request_context():
            drawn = diagram_of(rules, WHO)
        assert drawn.width == WIDTH
        for box in drawn.boxes:
            assert box.x + box.width < WIDTH
            assert box.y + box.height < drawn.height
            assert box.title in drawn.words
        tops = [box.y for box in drawn.boxes]
        assert all(below - above > drawn.boxes[0].height for above, below in itertools.pairwise(tops))
        assert ("kèm minh chứng" in drawn.words) is evidence


def test_revision_holds_for_new_tasks_and_the_former_is_kept(browser):
    values = {
        "name": "Kế hoạch",
        "confirmation": "y",
        "confirming_unit_id": "",
        "office_unit_id": "",
        "document_type": "",
    }
    made = post(browser, "/admin/workflows/new", code="ke-hoach", **values)
    assert made.status_code == 303
    first = db.session.query(WorkflowDefinition).one()
    page = browser.get(f"/admin/workflows/{first.id}").get_data(as_text=True)
    assert "<svg" in page
    assert "style=" not in page, "the policy forbids it"
    revised = post(browser, f"/admin/workflows/{first.id}/edit", head_approval="y", **values)
    assert revised.status_code == 303
    db.session.expire_all()
    both = db.session.query(WorkflowDefinition).order_by(WorkflowDefinition.revision).all()
    assert [(one.code, one.revision, one.head_approval, one.is_current) for one in both] == [
        ("ke-hoach", 1, False, False),
        ("ke-hoach", 2, True, True),
    ]
    assert "Bản 1" not in browser.get("/admin/workflows").get_data(as_text=True)
    retired = post(browser, f"/admin/workflows/{both[1].id}/retire", form_on=f"/admin/workflows/{both[1].id}")
    assert retired.status_code == 303
    assert "Chưa có quy trình riêng" in browser.get("/admin/workflows").get_data(as_text=True)


def test_wrong_values_are_refused_on_their_field(browser):
    values = {"confirming_unit_id": "", "office_unit_id": "", "document_type": ""}
    answer = post(browser, "/admin/workflows/new", name="", code="Kế hoạch", **values)
    assert answer.status_code == 422
    assert "chữ thường không dấu" in answer.get_data(as_text=True)


def test_file_goes_out_and_comes_in(browser):
    values = {
        "name": "Kế hoạch",
        "confirmation": "y",
        "confirming_unit_id": "",
        "office_unit_id": "",
        "document_type": "",
    }
    post(browser, "/admin/workflows/new", code="ke-hoach", **values)
    text = browser.get("/admin/workflows/export.json").get_data(as_text=True)
    content = json.loads(text)
    content["workflows"][0]["evidence_required"] = True

    def send(data: bytes):
        page = browser.get("/admin/workflows").get_data(as_text=True)
        token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        file = (io.BytesIO(data), "quy-trinh.json")
        return browser.post("/admin/workflows/import", data={"file": file, "csrf_token": token})

    assert send(json.dumps(content).encode()).status_code == 303
    current = db.session.query(WorkflowDefinition).filter_by(is_current=True).one()
    assert (current.revision, current.evidence_required) == (2, True)
    for wrong in (b"", b"not json", b"[" * 5000, b'{"format": "other"}', b"\xff\xfe"):
        answer = send(wrong)
        assert answer.status_code == 422, wrong
        assert 'class="field-error"' in answer.get_data(as_text=True)
    assert db.session.query(WorkflowDefinition).count() == 2
