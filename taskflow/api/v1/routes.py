"""The addresses of the API, version 1."""

from __future__ import annotations

from dataclasses import fields

from flask import Blueprint, Response, abort, request

from taskflow.api.v1 import answers, openapi
from taskflow.api.v1.bearer import bearer, caller, json, read_body
from taskflow.api.v1.problems import init_problems
from taskflow.api.v1.schemas import (
    ActionIn,
    EventsOut,
    MeOut,
    ProgressIn,
    Report,
    StatisticsOut,
    TaskDetailOut,
    TasksOut,
)
from taskflow.clock import now
from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Permission
from taskflow.domain.task_filter import TaskFilter
from taskflow.domain.transitions import Action
from taskflow.services import progress, task_steps
from taskflow.services.progress import ReportText
from taskflow.services.task_steps import StepInputs

PREFIX = "/api/v1"
#: Above every id.
_LAST = 2**31 - 1
_FILTER = tuple(field.name for field in fields(TaskFilter))

api = Blueprint("api_v1", __name__, url_prefix=PREFIX)
init_problems(api)


@api.get("/me")
@bearer(MeOut)
def me() -> MeOut:
    """Whose key this is, with today's posts."""
    return answers.me(caller())


@api.get("/tasks")
@bearer(TasksOut, query=_FILTER)
def tasks() -> TasksOut:
    """Tasks that the caller sees, filtered as on the page of the list, 50 at a time."""
    return answers.tasks(caller(), _wanted())


@api.get("/tasks/<int:task_id>")
@bearer(TaskDetailOut)
def task(task_id: int) -> TaskDetailOut:
    """One task, with the steps that the caller may take now."""
    return answers.task(caller(), task_id)


@api.get("/tasks/<int:task_id>/events")
@bearer(EventsOut, query=("before",))
def events(task_id: int) -> EventsOut:
    """The history of a task, newest first."""
    text = request.args.get("before", str(_LAST))
    if not (text.isascii() and text.isdigit()) or int(text[:11]) > _LAST:
        raise Invalid("filter.invalid", "before", value=text)
    return answers.events(caller(), task_id, int(text))


@api.post("/tasks/<int:task_id>/actions/<action>")
@bearer(TaskDetailOut, body=ActionIn)
def act(task_id: int, action: str) -> TaskDetailOut:
    """Take a step of a task's life; answers with the task as it is then."""
    if action not in list(Action):
        abort(404)
    body = read_body(ActionIn)
    inputs = StepInputs(
        reason=body.reason, document=body.document, report=_report(body.report), delay_cause=body.delay_cause
    )
    task_steps.apply(
        Action(action),
        task_id=task_id,
        actor=caller(),
        now=now(),
        expected_version=body.expected_version,
        inputs=inputs,
    )
    return answers.task(caller(), task_id)


@api.post("/tasks/<int:task_id>/progress")
@bearer(TaskDetailOut, body=ProgressIn)
def report(task_id: int) -> TaskDetailOut:
    """Report progress; answers with the task as it is then."""
    body = read_body(ProgressIn)
    progress.report_progress(
        task_id=task_id,
        report=_report(body.report),
        actor=caller(),
        now=now(),
        expected_version=body.expected_version,
    )
    return answers.task(caller(), task_id)


@api.get("/statistics/units")
@bearer(StatisticsOut, query=("due_from", "due_to", "document", "office"), needs=Permission.REPORT_READ)
def unit_statistics() -> StatisticsOut:
    """The office's statistic per lead unit, by the day the tasks are due."""
    return answers.statistics(caller(), _wanted())


@api.get("/openapi.json")
@bearer(None)
def description() -> Response:
    """This API as an OpenAPI document."""
    return json(openapi.document(PREFIX))


def _wanted() -> TaskFilter:
    for name, value in request.args.items():
        if "\0" in value:
            raise Invalid("filter.invalid", name, value="NUL")
    return TaskFilter.from_query(request.args)


def _report(given: Report) -> ReportText:
    return ReportText(**given.model_dump())
