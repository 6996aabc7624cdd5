"""The life of a task over its whole product: states × actions × workflow variants × people.

The table and the rights are written down here a second time, as the design has them, so that a slip of the code is
not repeated by the test.
"""

from __future__ import annotations

from itertools import product

import pytest

from taskflow.domain.errors import WrongState
from taskflow.domain.permissions import SYSTEM, Actor, Permission, Post, Role, TaskFacts, can, granting_post
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import Action, WorkflowRules, allowed_actions, rules_for_reporter, transition

STATES = tuple(TaskState)
ACTIONS = tuple(Action)
VARIANTS = [
    WorkflowRules(head_approval=head, confirmation=confirmation, evidence_required=evidence, closed_directly=direct)
    for head, confirmation, evidence, direct in product((False, True), repeat=4)
]

DESIGN = """
from                  acknowledge report_done           approve               reject      withdraw    confirm   return      suspend   resume      cancel    reopen
assigned              in_progress awaiting_confirmation -                     -           -           -         -           suspended -           cancelled -
in_progress           -           awaiting_confirmation -                     -           -           -         -           suspended -           cancelled -
awaiting_approval     -           -                     awaiting_confirmation in_progress in_progress -         -           -         -           cancelled -
awaiting_confirmation -           -                     -                     -           in_progress completed in_progress -         -           cancelled -
suspended             -           -                     -                     -           -           -         -           -         in_progress cancelled -
completed             -           -                     -                     -           -           -         -           -         -           -         in_progress
cancelled             -           -                     -                     -           -           -         -           -         -           -         in_progress
"""  # noqa: E501 - a table is read as a table


def design(state: TaskState, action: Action, rules: WorkflowRules) -> TaskState | None:
    """Where the design leads, worked out from the table as written above."""
    head, *rows = (line.split() for line in DESIGN.strip().splitlines())
    cell = {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}[state.value][action.value]
    if rules.closed_directly:
        if action not in (Action.CONFIRM, Action.SUSPEND, Action.RESUME, Action.CANCEL, Action.REOPEN):
            return None
        if action is Action.CONFIRM and state in (TaskState.ASSIGNED, TaskState.IN_PROGRESS):
            return TaskState.COMPLETED
    if cell == "-":
        return None
    if cell == "awaiting_confirmation":
        if action is Action.REPORT_DONE and rules.head_approval:
            return TaskState.AWAITING_APPROVAL
        if not rules.confirmation:
            return TaskState.COMPLETED
    return TaskState(cell)


@pytest.mark.parametrize("rules", VARIANTS, ids=str)
def test_every_state_and_action_leads_where_the_design_says(rules: WorkflowRules) -> None:
    for state, action in product(STATES, ACTIONS):
        wanted = design(state, action, rules)
        if wanted is None:
            with pytest.raises(WrongState):
                transition(state, action, rules)
            continue
        found = transition(state, action, rules)
        assert found.to is wanted, (state, action)
        needs_reason = {Action.REJECT, Action.RETURN, Action.SUSPEND, Action.CANCEL, Action.REOPEN}
        assert found.needs_reason is (action in needs_reason)
        proves = action in (Action.REPORT_DONE, Action.APPROVE, Action.CONFIRM) and not rules.closed_directly
        assert found.needs_evidence is (proves and rules.evidence_required)


OFFICE, LEAD, ROOM, PARTNER, JUDGE, PARENT, ELSEWHERE = 1, 2, 3, 4, 5, 6, 9
ALL = frozenset({OFFICE, LEAD, ROOM, PARTNER, JUDGE, PARENT})


def person(user_id: int, role: Role, unit: int, subtree: frozenset[int] | None = None, **post: object) -> Actor:
    """Somebody with one post."""
    offices = frozenset({OFFICE}) if role in (Role.COORDINATOR, Role.LEADER, Role.ADMINISTRATOR) else frozenset()
    values: dict[str, object] = {"office_ids": offices, **post}
    return Actor(user_id, f"Người {user_id}", (Post(role, unit, subtree or frozenset({unit}), **values),))  # type: ignore[arg-type] # keywords of Post


PEOPLE = {
    "officer": person(11, Role.OFFICER, LEAD),
    "head": person(12, Role.HEAD, LEAD, frozenset({LEAD, ROOM})),
    "room officer": person(13, Role.OFFICER, ROOM),
    "person in charge": person(14, Role.OFFICER, ROOM),
    "partner": person(15, Role.OFFICER, PARTNER),
    "judge": person(16, Role.HEAD, JUDGE),
    "assigning head": person(17, Role.HEAD, PARENT),
    "clerk": person(18, Role.COORDINATOR, OFFICE),
    "leader": person(19, Role.LEADER, OFFICE, ALL),
    "administrator": person(20, Role.ADMINISTRATOR, OFFICE, ALL),
    "stranger": person(21, Role.HEAD, ELSEWHERE),
    "deputy of the head": person(22, Role.HEAD, LEAD, frozenset({LEAD, ROOM}), principal_id=12),
    "clerk of another office": person(23, Role.COORDINATOR, ELSEWHERE, office_ids=frozenset({ELSEWHERE})),
}
UNIT_SIDE = {"officer", "head", "person in charge", "deputy of the head"}
RIGHTS = {
    Action.ACKNOWLEDGE: UNIT_SIDE,
    Action.REPORT_DONE: UNIT_SIDE,
    Action.WITHDRAW: UNIT_SIDE,
    Action.APPROVE: {"head", "deputy of the head"},
    Action.REJECT: {"head", "deputy of the head"},
    Action.CONFIRM: {"clerk"},
    Action.RETURN: {"clerk"},
    Action.SUSPEND: {"clerk"},
    Action.RESUME: {"clerk"},
    Action.CANCEL: {"clerk"},
    Action.REOPEN: {"clerk"},
}
READERS = UNIT_SIDE | {"partner", "clerk", "leader", "administrator"}


def facts(**values: object) -> TaskFacts:
    """A task of the office, led by LEAD with PARTNER, in charge of number 14."""
    known: dict[str, object] = {
        "office_unit_id": OFFICE,
        "lead_unit_id": LEAD,
        "person_id": 14,
        "coordinating_unit_ids": frozenset({PARTNER}),
        **values,
    }
    return TaskFacts(**known)  # type: ignore[arg-type] # keywords of TaskFacts


@pytest.mark.parametrize("rules", VARIANTS, ids=str)
@pytest.mark.parametrize("shape", ["plain", "confirmed elsewhere", "part"])
def test_buttons_are_exactly_what_rights_and_states_allow(rules: WorkflowRules, shape: str) -> None:
    task = facts(
        confirming_unit_id=JUDGE if shape == "confirmed elsewhere" else None,
        assigning_unit_id=PARENT if shape == "part" else None,
    )
    rights = dict(RIGHTS)
    if shape == "confirmed elsewhere":
        rights |= {key: {"judge"} for key in (Action.CONFIRM, Action.RETURN)}
    if shape == "part":
        office = (Action.CONFIRM, Action.RETURN, Action.SUSPEND, Action.RESUME, Action.CANCEL, Action.REOPEN)
        rights |= {key: {"clerk", "assigning head"} for key in office}
    for (name, actor), state in product(PEOPLE.items(), STATES):
        wanted = {action for action in ACTIONS if design(state, action, rules) and name in rights[action]}
        assert set(allowed_actions(state, actor, task, rules)) == wanted, (name, state)


def test_reading_is_for_those_who_have_to_do_with_the_task() -> None:
    for name, actor in PEOPLE.items():
        assert can(actor, Permission.TASK_READ, facts()) is (name in READERS), name
    related = facts(related_unit_ids=frozenset({ELSEWHERE}))
    stranger = PEOPLE["stranger"]
    assert {one for one in Permission if can(stranger, one, related)} == {Permission.TASK_READ}
    assert not any(can(SYSTEM, one, related) for one in Permission)


FOUR_EYES = (Permission.TASK_CONFIRM, Permission.TASK_APPROVE)


@pytest.mark.parametrize("permission", FOUR_EYES)
def test_nobody_judges_their_own_work_in_any_way(permission: Permission) -> None:
    role, unit = (Role.COORDINATOR, OFFICE) if permission is Permission.TASK_CONFIRM else (Role.HEAD, LEAD)
    own = person(30, role, unit)
    standing_in = person(31, role, unit, principal_id=30)
    other = person(32, role, unit)
    for reported in ({"delivered_by_id": 30}, {"delivered_by_id": 33, "delivered_for_id": 30}):
        task = facts(**reported)
        assert not can(own, permission, task)
        assert not can(standing_in, permission, task)  # nor through the one who stands in for them
        assert can(other, permission, task)
    deputy_reported = facts(delivered_by_id=31, delivered_for_id=40)
    assert not can(standing_in, permission, deputy_reported)  # nor their own by standing in for somebody
    assert granting_post(other, permission, facts(), barred=frozenset({32})) is None


def test_an_own_post_goes_before_a_delegated_one() -> None:
    own, lent = Post(Role.OFFICER, LEAD, frozenset({LEAD})), Post(Role.HEAD, LEAD, frozenset({LEAD}), principal_id=12)
    actor = Actor(50, "Hai vai", (lent, own))
    assert granting_post(actor, Permission.TASK_REPORT, facts()) is own
    assert granting_post(actor, Permission.TASK_APPROVE, facts()) is lent


def test_a_head_needs_no_approval_of_a_head_unless_nobody_else_looks() -> None:
    outside = WorkflowRules(head_approval=True)
    alone = WorkflowRules(head_approval=True, confirmation=False)
    head, officer = PEOPLE["head"], PEOPLE["officer"]
    assert not rules_for_reporter(outside, head, facts()).head_approval
    assert rules_for_reporter(outside, officer, facts()).head_approval
    assert rules_for_reporter(alone, head, facts()).head_approval
