"""The picture of a workflow."""

from __future__ import annotations

import pytest

from taskflow.domain.diagram import diagram
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import Action, WorkflowRules

ALL = [
    WorkflowRules(head_approval=head, confirmation=confirmation, evidence_required=evidence)
    for head in (False, True)
    for confirmation in (False, True)
    for evidence in (False, True)
]


@pytest.mark.parametrize("rules", ALL)
def test_every_workflow_is_drawn_without_overlaps_and_leads_to_its_end(rules: WorkflowRules) -> None:
    picture = diagram(rules)
    places = [(box.column, box.row) for box in picture.boxes]
    assert len(set(places)) == len(places)
    shown = {box.state for box in picture.boxes}
    assert {arrow.source for arrow in picture.arrows} | {arrow.target for arrow in picture.arrows} == shown
    assert (TaskState.AWAITING_APPROVAL in shown) is rules.head_approval
    assert (TaskState.AWAITING_CONFIRMATION in shown) is rules.confirmation
    assert {box.state for box in picture.boxes if box.is_end} == {TaskState.COMPLETED, TaskState.CANCELLED}
    columns = sorted({box.column for box in picture.boxes})
    assert columns == list(range(len(columns)))


def test_evidence_is_shown_where_the_workflow_asks_for_it() -> None:
    arrows = diagram(WorkflowRules(evidence_required=True)).arrows
    assert {arrow.actions for arrow in arrows if arrow.needs_evidence} == {(Action.REPORT_DONE,), (Action.CONFIRM,)}
