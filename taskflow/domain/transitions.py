"""The life of a task as one table: (state, action) → where it goes, who may, what it needs.

Services, buttons, API answers, documentation and tests all read this table. A workflow
(``WorkflowRules``) bends it in three places only: the head's approval, the confirmation, the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from taskflow.domain.errors import WrongState
from taskflow.domain.permissions import Actor, Permission, TaskFacts, can
from taskflow.domain.states import TaskState


class Action(StrEnum):
    """What changes the state of a task."""

    ACKNOWLEDGE = "acknowledge"  # tiếp nhận
    REPORT_DONE = "report_done"  # báo cáo hoàn thành
    APPROVE = "approve"  # lãnh đạo đơn vị duyệt báo cáo
    REJECT = "reject"  # lãnh đạo đơn vị yêu cầu làm lại
    WITHDRAW = "withdraw"  # rút báo cáo
    CONFIRM = "confirm"  # xác nhận hoàn thành
    RETURN = "return"  # trả lại
    SUSPEND = "suspend"  # tạm dừng
    RESUME = "resume"  # tiếp tục
    CANCEL = "cancel"  # không tiếp tục
    REOPEN = "reopen"  # mở lại


@dataclass(frozen=True, slots=True)
class WorkflowRules:
    """The variable part of a workflow: who approves, whether somebody confirms, whether evidence is needed."""

    head_approval: bool = False
    confirmation: bool = True
    evidence_required: bool = False
    #: A collective task: nobody reports it, a person of the office closes it while its members go on by themselves.
    closed_directly: bool = False


DEFAULT_WORKFLOW = WorkflowRules()


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an action leads, the permission it needs, and what must come with it."""

    to: TaskState
    permission: Permission
    event: str
    needs_reason: bool = False
    needs_evidence: bool = False


_S = TaskState
_A = Action

#: DESIGN.md 4, with ``awaiting_approval`` added for workflows in which the head approves first.
TABLE: dict[tuple[TaskState, Action], Transition] = {
    (_S.ASSIGNED, _A.ACKNOWLEDGE): Transition(_S.IN_PROGRESS, Permission.TASK_ACKNOWLEDGE, "acknowledged"),
    (_S.ASSIGNED, _A.REPORT_DONE): Transition(_S.AWAITING_CONFIRMATION, Permission.TASK_REPORT, "reported_done"),
    (_S.ASSIGNED, _A.SUSPEND): Transition(_S.SUSPENDED, Permission.TASK_SUSPEND, "suspended", needs_reason=True),
    (_S.ASSIGNED, _A.CANCEL): Transition(_S.CANCELLED, Permission.TASK_CANCEL, "cancelled", needs_reason=True),
    (_S.IN_PROGRESS, _A.REPORT_DONE): Transition(_S.AWAITING_CONFIRMATION, Permission.TASK_REPORT, "reported_done"),
    (_S.IN_PROGRESS, _A.SUSPEND): Transition(_S.SUSPENDED, Permission.TASK_SUSPEND, "suspended", needs_reason=True),
    (_S.IN_PROGRESS, _A.CANCEL): Transition(_S.CANCELLED, Permission.TASK_CANCEL, "cancelled", needs_reason=True),
    (_S.AWAITING_APPROVAL, _A.APPROVE): Transition(_S.AWAITING_CONFIRMATION, Permission.TASK_APPROVE, "approved"),
    (_S.AWAITING_APPROVAL, _A.REJECT): Transition(
        _S.IN_PROGRESS, Permission.TASK_APPROVE, "rejected", needs_reason=True
    ),
    (_S.AWAITING_APPROVAL, _A.WITHDRAW): Transition(_S.IN_PROGRESS, Permission.TASK_REPORT, "withdrawn"),
    (_S.AWAITING_APPROVAL, _A.CANCEL): Transition(_S.CANCELLED, Permission.TASK_CANCEL, "cancelled", needs_reason=True),
    (_S.AWAITING_CONFIRMATION, _A.WITHDRAW): Transition(_S.IN_PROGRESS, Permission.TASK_REPORT, "withdrawn"),
    (_S.AWAITING_CONFIRMATION, _A.CONFIRM): Transition(_S.COMPLETED, Permission.TASK_CONFIRM, "confirmed"),
    (_S.AWAITING_CONFIRMATION, _A.RETURN): Transition(
        _S.IN_PROGRESS, Permission.TASK_CONFIRM, "returned", needs_reason=True
    ),
    (_S.AWAITING_CONFIRMATION, _A.CANCEL): Transition(
        _S.CANCELLED, Permission.TASK_CANCEL, "cancelled", needs_reason=True
    ),
    (_S.SUSPENDED, _A.RESUME): Transition(_S.IN_PROGRESS, Permission.TASK_SUSPEND, "resumed"),
    (_S.SUSPENDED, _A.CANCEL): Transition(_S.CANCELLED, Permission.TASK_CANCEL, "cancelled", needs_reason=True),
    (_S.COMPLETED, _A.REOPEN): Transition(_S.IN_PROGRESS, Permission.TASK_REOPEN, "reopened", needs_reason=True),
    (_S.CANCELLED, _A.REOPEN): Transition(_S.IN_PROGRESS, Permission.TASK_REOPEN, "reopened", needs_reason=True),
}


#: Steps of work that a collective task does not have itself: its members do.
_STEPS_OF_WORK = frozenset({_A.ACKNOWLEDGE, _A.REPORT_DONE, _A.APPROVE, _A.REJECT, _A.WITHDRAW, _A.RETURN})


def _entry(state: TaskState, action: Action, rules: WorkflowRules) -> Transition | None:
    if rules.closed_directly:
        if action in _STEPS_OF_WORK:
            return None
        if action is Action.CONFIRM and state in (TaskState.ASSIGNED, TaskState.IN_PROGRESS):
            return TABLE[(TaskState.AWAITING_CONFIRMATION, Action.CONFIRM)]
    return TABLE.get((state, action))


def transition(state: TaskState, action: Action, rules: WorkflowRules = DEFAULT_WORKFLOW) -> Transition:
    """What ``action`` does in ``state`` under ``rules``. Raises ``WrongState`` when it cannot be done there."""
    found = _entry(state, action, rules)
    if found is None:
        raise WrongState("task.wrong_state", state=state, action=action)
    to = found.to
    if action is Action.REPORT_DONE and rules.head_approval:
        to = TaskState.AWAITING_APPROVAL
    elif to is TaskState.AWAITING_CONFIRMATION and not rules.confirmation:
        to = TaskState.COMPLETED
    proves = (Action.REPORT_DONE, Action.APPROVE, Action.CONFIRM)
    needs_evidence = rules.evidence_required and not rules.closed_directly and action in proves
    return Transition(to, found.permission, found.event, found.needs_reason, needs_evidence)


def rules_for_reporter(rules: WorkflowRules, actor: Actor, task: TaskFacts) -> WorkflowRules:
    """The rules as they are for this reporter: a head's own report needs no approval of a head.

    Only where somebody outside confirms it afterwards: else a head would finish their own work alone.
    """
    if rules.head_approval and rules.confirmation and can(actor, Permission.TASK_APPROVE, task):
        return replace(rules, head_approval=False)
    return rules


def allowed_actions(
    state: TaskState, actor: Actor, task: TaskFacts, rules: WorkflowRules = DEFAULT_WORKFLOW
) -> tuple[Action, ...]:
    """The actions to offer this actor on this task now, in the order of ``Action``."""
    return tuple(
        action
        for action in Action
        if _entry(state, action, rules) and can(actor, transition(state, action, rules).permission, task)
    )
