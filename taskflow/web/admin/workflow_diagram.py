"""A workflow as a drawing: boxes and arrows worked out from the table of transitions, so that it cannot lie.

Top to bottom, because it must be readable on a phone. The template only writes what stands here as SVG.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from taskflow.domain.states import TaskState
from taskflow.domain.transitions import TABLE, Action, WorkflowRules, transition
from taskflow.i18n import _, title_of

WIDTH = 530
_BOX_WIDTH, _BOX_HEIGHT, _GAP = 280, 52, 46
_LEFT = 8
#: What leads on, and what leads back to work.
_FORWARD = (Action.ACKNOWLEDGE, Action.REPORT_DONE, Action.APPROVE, Action.CONFIRM)
_BACK = (Action.REJECT, Action.RETURN)


@dataclass(frozen=True, slots=True)
class Box:
    """A state, and who acts in it."""

    x: int
    y: int
    width: int
    height: int
    title: str
    who: str
    is_end: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step: its path, and its words at a place. ``is_back`` marks one that sends work back."""

    path: str
    label: str
    x: int
    y: int
    is_back: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """What is drawn, and the same in words."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    words: str


def states_of(rules: WorkflowRules) -> list[TaskState]:
    """The states that work passes through under these rules, in order."""
    state, path = TaskState.ASSIGNED, [TaskState.ASSIGNED]
    while state is not TaskState.COMPLETED:
        action = next(action for action in _FORWARD if (state, action) in TABLE)
        state = transition(state, action, rules).to
        path.append(state)
    return path


def diagram_of(rules: WorkflowRules, who: Mapping[TaskState, str]) -> Diagram:
    """Draw the rules; ``who`` names the actor in each state."""
    path = states_of(rules)
    places = {state: 8 + number * (_BOX_HEIGHT + _GAP) for number, state in enumerate(path)}
    boxes = tuple(
        Box(
            _LEFT,
            places[state],
            _BOX_WIDTH,
            _BOX_HEIGHT,
            title_of(state),
            who.get(state, ""),
            is_end=state is TaskState.COMPLETED,
        )
        for state in path
    )
    arrows: list[Arrow] = []
    words = [boxes[0].title]
    for here, there in pairwise(path):
        action = next(
            action for action in _FORWARD if (here, action) in TABLE and transition(here, action, rules).to is there
        )
        step = transition(here, action, rules)
        label = title_of(action)
        if step.needs_evidence:
            label = _("%(step)s (with evidence)", step=label)
        arrows.append(_down(places[here] + _BOX_HEIGHT, places[there], label))
        words.append(f"{label} → {title_of(there)}")
    for lane, (here, action) in enumerate(
        (state, action) for state in path for action in _BACK if (state, action) in TABLE
    ):
        target = transition(here, action, rules).to
        arrows.append(_up(places[here], places[target], lane, title_of(action)))
        words.append(f"{title_of(here)}: {title_of(action)} → {title_of(target)}")
    return Diagram(WIDTH, places[path[-1]] + _BOX_HEIGHT + 8, boxes, tuple(arrows), "; ".join(words))


def _down(start: int, end: int, label: str) -> Arrow:
    middle = _LEFT + _BOX_WIDTH // 2
    return Arrow(f"M{middle} {start} V{end - 3}", label, middle + 12, (start + end) // 2 + 5, is_back=False)


def _up(start: int, end: int, lane: int, label: str) -> Arrow:
    right, out = _LEFT + _BOX_WIDTH, WIDTH - 60 + 45 * lane
    low, high = start + _BOX_HEIGHT // 2, end + _BOX_HEIGHT // 2 - 10 * lane + 5
    there = f"M{right} {low} H{out - 10} Q{out} {low} {out} {low - 10}"
    back = f"V{high + 10} Q{out} {high} {out - 10} {high} H{right + 3}"
    return Arrow(f"{there} {back}", label, right + 14, low - 8, is_back=True)
