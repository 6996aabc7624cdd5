"""What on the page of a task waits for this very person: shown first, with the way to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask import url_for

from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.permissions import Actor
from taskflow.i18n import _
from taskflow.models.task import CoordinationState
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.web.tasks.coordinating import is_ours


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
