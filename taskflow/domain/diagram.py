"""The picture of a workflow, worked out from the table of transitions: boxes on a grid and arrows between them."""

from __future__ import annotations

from dataclasses import dataclass

from taskflow.domain.permissions import Permission
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import TABLE, Action, WorkflowRules, transition

_S = TaskState
#: Column and row of each state: the straight way in the first row, what leads away from it below.
_PLACES = {
    _S.ASSIGNED: (0, 0),
    _S.IN_PROGRESS: (1, 0),
    _S.AWAITING_APPROVAL: (2, 0),
    _S.AWAITING_CONFIRMATION: (3, 0),
    _S.COMPLETED: (4, 0),
    _S.SUSPENDED: (1, 1),
    _S.CANCELLED: (3, 1),
}


@dataclass(frozen=True, slots=True)
class Box:
    """A state at a column and a row of the grid, both from 0."""

    state: TaskState
    column: int
    row: int
    is_end: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """Actions that lead from one state to another, with what they need."""

    source: TaskState
    target: TaskState
    actions: tuple[Action, ...]
    permission: Permission
    needs_reason: bool
    needs_evidence: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes and arrows of one workflow."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def diagram(rules: WorkflowRules) -> Diagram:
    """The states that a task can reach under these rules, and what leads from one to the other."""
    reached = [TaskState.ASSIGNED]
    arrows: dict[tuple[TaskState, TaskState], Arrow] = {}
    for state in reached:  # grows while it is walked
        for action in Action:
            if (state, action) not in TABLE:
                continue
            step = transition(state, action, rules)
            if step.to not in reached:
                reached.append(step.to)
            known = arrows.get((state, step.to))
            arrows[(state, step.to)] = Arrow(
                state,
                step.to,
                (*known.actions, action) if known else (action,),
                step.permission,
                step.needs_reason,
                step.needs_evidence,
            )
    places = _places(reached)
    boxes = tuple(
        Box(state, *places[state], is_end=state in (TaskState.COMPLETED, TaskState.CANCELLED))
        for state in TaskState
        if state in reached
    )
    return Diagram(boxes, tuple(arrows.values()))


def _places(reached: list[TaskState]) -> dict[TaskState, tuple[int, int]]:
    """Places without gaps: a workflow that leaves a step out moves what follows to the left."""
    columns = sorted({_PLACES[state][0] for state in reached})
    return {state: (columns.index(_PLACES[state][0]), _PLACES[state][1]) for state in reached}
