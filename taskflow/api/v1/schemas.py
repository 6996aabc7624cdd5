"""What goes in and out: models that check bodies, write answers, and are the schemas of the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from taskflow.domain.deadlines import DeadlineKind, TimeLabel
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import Action
from taskflow.domain.typed import clean_text
from taskflow.models.task import Priority, TaskShape


def _clean(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(max_length=10_000, strip_whitespace=True), BeforeValidator(_clean)]


class In(BaseModel):
    """A body: nothing unknown, no guessing between texts and numbers."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Report(In):
    """What a report says."""

    result: Text = Field("", description="What was done (kết quả).")
    percent: int | None = Field(None, ge=0, le=100, description="How far the work is.")
    difficulties: Text = Field("", description="Khó khăn, vướng mắc.")
    proposal: Text = Field("", description="Kiến nghị, đề xuất.")
    next_step: Text = Field("", description="What comes next.")
    needs_decision: bool = Field(False, description="Whether a leader has to decide.")


class VersionedIn(In):
    """A change rests on the version of the task that the caller has read."""

    expected_version: int = Field(
        ge=1, le=2**31 - 1, description="The task's version as it was read; an older one is refused with 409."
    )


class ActionIn(VersionedIn):
    """What comes with a step of a task's life."""

    reason: Text = Field("", description="Needed by return, reject, suspend, cancel and reopen.")
    document: Text = Field("", description="That suspend, cancel or reopen rests on: number and date.")
    report: Report = Field(default_factory=Report, description="Of report_done.")
    delay_cause: Literal["", "objective", "subjective"] = Field("", description="Of confirm, for a late task.")


class ProgressIn(VersionedIn):
    """A progress report on the way."""

    report: Report


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True)


class PostOut(Out):
    """A post of the caller; with ``on_behalf_of_id``, one in which they stand in for somebody."""

    role: Role
    role_title: str
    unit_id: int
    on_behalf_of_id: int | None


class MeOut(Out):
    """The owner of the token, with today's posts."""

    id: int
    full_name: str
    email: str
    job_title: str
    posts: list[PostOut]


class TaskOut(Out):
    """One task as lists show it. Days are of the office's calendar, instants in UTC."""

    id: int
    code: str
    tt: str
    content: str
    product: str
    document_id: int | None
    document_number: str
    lead_id: int | None
    lead: str
    person: str
    shape: TaskShape
    priority: Priority
    kind: DeadlineKind
    deadline_text: str
    deadline_confirmed: bool
    due_on: date | None
    original_due_on: date | None
    delivered_on: date | None
    state: TaskState
    state_title: str
    label: TimeLabel
    label_title: str
    percent: int | None
    waiting_for: str
    needs_decision: bool
    extension_count: int
    urge_count: int
    returned_count: int
    assigned_at: datetime
    acknowledged_at: datetime | None
    last_progress_at: datetime | None
    version: int


class TasksOut(Out):
    """A page of a list."""

    items: list[TaskOut]
    page: int
    total: int = Field(description="Exact up to 1,000.")
    more_than_total: bool = Field(description="Whether there are more than that.")
    next: str | None = Field(description="Address of the next page.")


class CoordinationOut(Out):
    """A coordinating unit of a task."""

    unit_id: int
    unit: str
    state: str
    due_on: date | None


class RelativeOut(Out):
    """The parent, a member or a part."""

    id: int
    code: str
    lead_unit_id: int | None
    state: TaskState
    due_on: date | None


class TaskDetailOut(TaskOut):
    """One task with what stands around it, and the steps that the caller may take now."""

    note: str
    tags: list[str]
    parent: RelativeOut | None
    children: list[RelativeOut]
    coordinations: list[CoordinationOut]
    allowed_actions: list[Action]


class EventOut(Out):
    """A line of a task's history."""

    id: int
    at: datetime
    kind: str
    actor_id: int | None = Field(description="None: the system.")
    actor: str
    on_behalf_of_id: int | None
    from_state: TaskState | None
    to_state: TaskState | None
    reason: str


class EventsOut(Out):
    """A page of a task's history, newest first."""

    items: list[EventOut]
    next: str | None = Field(description="Address of the older lines.")


class FiguresOut(Out):
    """The 2×2 of one unit: done or open, on time or late; and what stands outside it."""

    unit_id: int | None
    unit: str
    done_on_time: int
    done_late: int
    open_on_time: int
    open_late: int
    outside: int
    total: int


class StatisticsOut(Out):
    """Figures per lead unit, and their sum."""

    units: list[FiguresOut]
    sum: FiguresOut


class FieldProblem(Out):
    """One value that is wrong."""

    field: str
    code: str
    title: str


class Problem(Out):
    """A refusal (application/problem+json, RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(description="What happened and what to do next, in Vietnamese.")
    status: int
    code: str = Field(description="A stable word for programs.")
    field: str | None = Field(None, description="The value at fault.")
    version: int | None = Field(None, description="The task's present version, with 409.")
    errors: list[FieldProblem] | None = Field(None, description="Every value at fault, with 422.")
