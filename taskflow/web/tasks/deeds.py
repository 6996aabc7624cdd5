"""What a deed is: one thing that can be done to a task, with its button, its form and the service that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.states import OPEN_STATES, TaskState
from taskflow.domain.transitions import TABLE, Action
from taskflow.services.queries.task_detail import TaskDetail
from taskflow.web.tasks.forms import EvidenceForm, TaskForm


@dataclass(frozen=True, slots=True)
class Doing:
    """A deed about to be carried out. ``target_id`` names the request, report or line that it is about."""

    task_id: int
    target_id: int
    actor: Actor
    now: datetime
    form: Any

    @property
    def version(self) -> int:
        """The version of the task that the person was looking at."""
        version: int = self.form.version.data
        return version

    @property
    def seen(self) -> dict[str, Any]:
        """Who decides on a request of the task, when, and on which version."""
        return {"actor": self.actor, "now": self.now, "expected_version": self.version}

    @property
    def common(self) -> dict[str, Any]:
        """Arguments that most services take."""
        return {"task_id": self.task_id, **self.seen}


class Place(StrEnum):
    """Where the page of a task offers a deed."""

    MAIN = "main"  # a button under "what to do"
    MORE = "more"  # seldom: behind "more"
    PART = "part"  # in the part of the page that it is about


def always(_detail: TaskDetail, _actor: Actor) -> bool:
    """No further condition."""
    return True


def about_nothing(_detail: TaskDetail, _target_id: int) -> str:
    """The form is about the task as a whole."""
    return ""


def nothing(_form: Any, _detail: TaskDetail, _actor: Actor, _target_id: int) -> None:
    """The form needs no preparation."""


WORKING = frozenset({TaskState.ASSIGNED, TaskState.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done to a task.

    ``action`` names a step of the table of transitions: then states and permission come from there. ``prepare`` fills
    choices and first values of the form; it is given the page of the task.
    """

    name: str
    label: object
    icon: str
    run: Callable[[Doing], object]
    done: object
    form: type[TaskForm] = TaskForm
    action: Action | None = None
    permission: Permission = Permission.TASK_READ
    states: frozenset[TaskState] = frozenset(OPEN_STATES)
    when: Callable[[TaskDetail, Actor], bool] = always
    prepare: Callable[[Any, TaskDetail, Actor, int], None] = nothing
    #: What the request, report or line that ``target_id`` names says, to be read before one answers.
    about: Callable[[TaskDetail, int], str] = about_nothing
    place: Place = Place.MAIN
    tone: str = "outline-primary"
    #: What it means, under the question of its form.
    text: object = ""
    #: Where on the page of the task its result is seen.
    anchor: str = ""

    @property
    def one_tap(self) -> bool:
        """Whether it asks nothing: a button is enough."""
        return self.form is TaskForm

    @property
    def is_long(self) -> bool:
        """Whether its form fills a page of its own."""
        return issubclass(self.form, EvidenceForm)

    @property
    def needs(self) -> Permission:
        """The permission without which nobody may do it; of a step that of the table of transitions."""
        steps = (entry.permission for (_state, action), entry in TABLE.items() if action is self.action)
        return next(steps, self.permission)

    @property
    def needs_page(self) -> bool:
        """Whether its form must know the task before it can read what was sent."""
        return self.prepare is not nothing
