"""What on the page of a task waits for this very person: shown first, with the way to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask import url_for

from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.permissions import Actor
from taskflow.domain.states import TaskState
from taskflow.i18n import _
from taskflow.models.task import CoordinationState, TaskShape
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.web.tasks.coordinating import is_ours
from taskflow.web.tasks.deeds import Deed, Place


@dataclass(frozen=True, slots=True)
class Call:
    """Something that waits for an answer: in words, and the way to it (a part of the page, or a form)."""

    text: str
    url: str


def calls(detail: TaskDetail, deeds: Collection[str], actor: Actor) -> list[Call]:
    """Requests, questions and urgings that this person can answer."""
    found = []
    undated = detail.timing.label is TimeLabel.NEEDS_DEADLINE or not detail.task.deadline_confirmed
    if "deadline" in deeds and undated:
        url = url_for("tasks.act", task_id=detail.task.id, action="deadline")
        found.append(Call(_("The deadline has to be set or confirmed."), url))
    if "answer_coordination" in deeds:
        owed = (CoordinationState.ASKED, CoordinationState.ACCEPTED)
        if any(line.state in owed and is_ours(line, actor) for line in detail.coordinations):
            found.append(Call(_("Your unit is asked to coordinate."), "#coordination"))
    if "approve_extension" in deeds:
        found.append(Call(_("The unit asks for more time."), "#extensions"))
    if "accept_extension" in deeds:
        found.append(Call(_("Another date is offered to your unit."), "#extensions"))
    if "approve_transfer" in deeds:
        found.append(Call(_("The unit has sent the task back."), "#transfers"))
    if "decide" in deeds:
        found.append(Call(_("The unit asks for your decision."), "#reports"))
    if "answer_urge" in deeds:
        found.append(Call(_("An urging waits for the answer of your unit."), "#urges"))
    return found


#: The step that a state waits for, of whoever may take it.
_AWAITED = {
    TaskState.ASSIGNED: "acknowledge",
    TaskState.IN_PROGRESS: "report_done",
    TaskState.AWAITING_APPROVAL: "approve",
    TaskState.AWAITING_CONFIRMATION: "confirm",
    TaskState.SUSPENDED: "resume",
}


def main_deeds(detail: TaskDetail, deeds: Mapping[str, Deed]) -> list[str]:
    """What the page offers as a button; seldom things, and closing what is not finished, are behind "more"."""
    early = _is_unfinished(detail)
    return [name for name, deed in deeds.items() if deed.place is Place.MAIN and not (early and name == "confirm")]


def awaited_deed(detail: TaskDetail, deeds: Collection[str]) -> str:
    """The one step that the task waits for this person to take: the primary button; empty when it waits for others."""
    state = detail.task.state
    wanted = "confirm" if detail.task.shape is TaskShape.COLLECTIVE else _AWAITED.get(state, "")
    if wanted not in deeds or (wanted == "confirm" and _is_unfinished(detail)):
        return ""
    return wanted


def _is_unfinished(detail: TaskDetail) -> bool:
    """A collective task whose units have not all finished."""
    return detail.task.shape is TaskShape.COLLECTIVE and detail.finished_children < detail.expected_children
