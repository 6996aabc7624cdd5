"""Tasks (nhiệm vụ) and everything that happens to them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import Mapped, mapped_column, relationship

from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.states import TaskState
from taskflow.models.base import Base, Id, Name, Short, reference, str_enum
from taskflow.models.document import Document, StoredFile
from taskflow.models.org import Unit, User


class WorkflowDefinition(Base):
    """Who approves and confirms, and whether evidence is needed; versioned, never changed once used."""

    __tablename__ = "workflow_definition"
    __table_args__ = (UniqueConstraint("code", "revision"),)

    id: Mapped[Id]
    code: Mapped[Short]
    revision: Mapped[int] = mapped_column(default=1)
    name: Mapped[Name]
    #: Whether the unit's head approves before the report leaves the unit.
    head_approval: Mapped[bool] = mapped_column(default=False)
    #: Whether somebody confirms; without it a report completes the task.
    confirmation: Mapped[bool] = mapped_column(default=True)
    evidence_required: Mapped[bool] = mapped_column(default=False)
    #: Unit that confirms in place of the coordinating office.
    confirming_unit_id: Mapped[int | None] = reference("unit.id", index=False)
    #: Office and document type it is the default for; blank means any.
    office_unit_id: Mapped[int | None] = reference("unit.id", index=False)
    document_type: Mapped[Name] = mapped_column(default="")
    is_current: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = reference("user_account.id", index=False)

    confirming_unit: Mapped[Unit | None] = relationship(foreign_keys=[confirming_unit_id], lazy="joined")

    @property
    def confirmer_id(self) -> int | None:
        """The unit that confirms in place of the office; none once it has been dissolved."""
        unit = self.confirming_unit
        return unit.id if unit is not None and unit.is_active else None


class TaskShape(StrEnum):
    """How a task stands among others. Statistics count ``single`` and ``member``."""

    SINGLE = "single"
    COLLECTIVE = "collective"  # parent of a row led by several units; closed by a person
    MEMBER = "member"  # one unit's share of a collective task
    PART = "part"  # a unit's own breakdown (giao lại)


class Priority(StrEnum):
    """Urgency marks (mức độ khẩn)."""

    NORMAL = "normal"
    URGENT = "urgent"
    EXPRESS = "express"


#: 0 done on time, 1 done late, 2 handed over in time, 3 handed over late, 4 outside the statistic, 5 discontinued.
FIXED_CELL = """CASE
WHEN state = 'cancelled' THEN 5
WHEN kind = 'continuous' OR counted_due_on IS NULL OR state = 'suspended' THEN 4
WHEN state = 'completed' THEN CASE WHEN delivered_on > counted_due_on THEN 1 ELSE 0 END
WHEN state IN ('awaiting_approval', 'awaiting_confirmation') AND delivered_on IS NOT NULL
THEN CASE WHEN delivered_on > counted_due_on THEN 3 ELSE 2 END
END"""


class Task(Base):
    """A work item. Time labels are computed (``domain.deadlines``), never stored."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_office_open_due", "office_unit_id", "is_open", "sort_due_on", "id", "fixed_cell"),
        Index("ix_task_due", "sort_due_on", "id"),
        Index("ix_task_state_due", "state", "sort_due_on", "id"),
        Index("ix_task_cell_due", "fixed_cell", "sort_due_on", "id", "state"),
        Index("ix_task_lead_open_due", "lead_unit_id", "is_open", "sort_due_on", "id"),
        Index("ix_task_person_open_due", "person_id", "is_open", "sort_due_on"),
        # After the order by due date what lists are narrowed by, so that rows that do not fit are passed over unread.
        Index(
            "ix_task_open_due",
            *("is_open", "sort_due_on", "id"),
            *("fixed_cell", "state", "kind", "priority", "due_on", "assigned_at"),
        ),
        Index("ix_task_state_touched", "state", "touched_at", "office_unit_id"),
        Index("ix_task_statistic", "office_unit_id", "shape", "lead_unit_id", "fixed_cell", "counted_due_on"),
        Index(
            "ix_task_needs_decision",
            "office_unit_id",
            sqlite_where=text("needs_decision IS 1"),
            postgresql_where=text("needs_decision IS true"),
        ),
        Index("ix_task_waiting", "waiting_unit_id"),
        Index(
            "ix_task_urged",
            "urge_count",
            sqlite_where=text("urge_count > 0"),
            postgresql_where=text("urge_count > 0"),
        ),
        Index(
            "ix_task_lead_parent",
            "lead_unit_id",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
    )

    id: Mapped[Id]
    code: Mapped[Short] = mapped_column(unique=True)
    document_id: Mapped[int | None] = reference("document.id")
    import_job_id: Mapped[int | None] = reference("import_job.id")
    position: Mapped[int] = mapped_column(default=0)
    tt: Mapped[Short] = mapped_column(default="")
    group: Mapped[str] = mapped_column("group_label", default="")
    content: Mapped[str]
    product: Mapped[str] = mapped_column(default="")  # sản phẩm, kết quả
    note: Mapped[str] = mapped_column(default="")
    priority: Mapped[Priority] = mapped_column(str_enum(Priority), default=Priority.NORMAL)
    #: Folded words of code, content, product, document number and units, for search.
    search_text: Mapped[str] = mapped_column(default="")

    shape: Mapped[TaskShape] = mapped_column(str_enum(TaskShape), default=TaskShape.SINGLE)
    parent_id: Mapped[int | None] = reference("task.id")
    office_unit_id: Mapped[int] = reference("unit.id", index=False)
    lead_unit_id: Mapped[int | None] = reference("unit.id", index=False)
    #: Lead as written in the document, for the record.
    lead_wording: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int | None] = reference("user_account.id", index=False)  # người phụ trách
    assigned_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    workflow_id: Mapped[int | None] = reference("workflow_definition.id")

    kind: Mapped[DeadlineKind] = mapped_column(str_enum(DeadlineKind), default=DeadlineKind.NONE)
    deadline_text: Mapped[str] = mapped_column(default="")
    start_on: Mapped[date | None]
    original_due_on: Mapped[date | None]
    due_on: Mapped[date | None]
    #: Last day that still counts as on time (hạn tính quá hạn, DOMAIN.md 4.1): ``due_on`` rolled over days off.
    #: Set together with ``due_on`` and ``exclusive`` by ``services.due_dates`` and by nothing else.
    counted_due_on: Mapped[date | None]
    #: ``counted_due_on``, or a far day where there is none: what lists are ordered by, nulls last on both databases.
    sort_due_on: Mapped[date] = mapped_column(Computed("coalesce(counted_due_on, '9999-12-31')", persisted=True))
    exclusive: Mapped[bool] = mapped_column(default=False)
    rule: Mapped[str] = mapped_column(default="")
    #: False while a doubtful deadline waits for a person ("Cần xác định hạn").
    deadline_confirmed: Mapped[bool] = mapped_column(default=True)
    series_id: Mapped[int | None] = reference("series.id")
    period: Mapped[Short] = mapped_column(default="")
    #: "<series>:<due date>" on the one task that a series makes for a period; null on all others.
    series_key: Mapped[Short | None] = mapped_column(unique=True)

    state: Mapped[TaskState] = mapped_column(str_enum(TaskState), default=TaskState.ASSIGNED)
    #: Follows from the state; a column so that indexes can use it.
    is_open: Mapped[bool] = mapped_column(Computed("state NOT IN ('completed', 'cancelled')", persisted=True))
    assigned_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    #: Day the product was delivered: lateness is counted by it, not by the confirmation.
    delivered_on: Mapped[date | None]
    delivered_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    #: For whom the reporter acted, when somebody was stood in for: barred from confirming as well.
    delivered_for_id: Mapped[int | None] = reference("user_account.id", index=False)
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    percent: Mapped[int | None]
    last_progress_at: Mapped[datetime | None]
    #: When the unit last said something, or got the task.
    touched_at: Mapped[datetime] = mapped_column(Computed("coalesce(last_progress_at, assigned_at)", persisted=True))
    #: Cell of the statistic (``queries.labels.CELLS``) as far as today does not matter; null: open, the clock runs.
    fixed_cell: Mapped[int | None] = mapped_column(SmallInteger, Computed(FIXED_CELL, persisted=True))
    #: Coordinating unit that the lead waits for, since when ("chờ phối hợp của X").
    waiting_unit_id: Mapped[int | None] = reference("unit.id", index=False)
    waiting_since: Mapped[datetime | None]
    needs_decision: Mapped[bool] = mapped_column(default=False)
    #: Who confirmed that lateness had an objective cause (khách quan) or not (chủ quan); "" while nobody said.
    delay_cause: Mapped[Short] = mapped_column(default="")
    extension_count: Mapped[int] = mapped_column(default=0)
    urge_count: Mapped[int] = mapped_column(default=0)
    returned_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    document: Mapped[Document | None] = relationship()
    parent: Mapped[Task | None] = relationship(remote_side="Task.id", back_populates="children")
    children: Mapped[list[Task]] = relationship(back_populates="parent", order_by="Task.id")
    office: Mapped[Unit] = relationship(foreign_keys=[office_unit_id])
    lead: Mapped[Unit | None] = relationship(foreign_keys=[lead_unit_id])
    person: Mapped[User | None] = relationship(foreign_keys=[person_id])
    waiting_unit: Mapped[Unit | None] = relationship(foreign_keys=[waiting_unit_id])
    workflow: Mapped[WorkflowDefinition | None] = relationship()
    series: Mapped[Series | None] = relationship()
    coordinations: Mapped[list[Coordination]] = relationship(back_populates="task", order_by="Coordination.id")
    events: Mapped[list[TaskEvent]] = relationship(back_populates="task", order_by="TaskEvent.id")
    tag_rows: Mapped[list[TaskTag]] = relationship(cascade="all, delete-orphan", order_by="TaskTag.tag")
    tags: AssociationProxy[list[str]] = association_proxy("tag_rows", "tag", creator=lambda tag: TaskTag(tag=tag))

    __mapper_args__ = {"version_id_col": version}


class TaskTag(Base):
    """A word by which the office groups tasks (nhãn)."""

    __tablename__ = "task_tag"
    __table_args__ = (Index("ix_task_tag_tag", "tag", "task_id"),)

    task_id: Mapped[int] = reference("task.id", primary_key=True)
    tag: Mapped[Short] = mapped_column(primary_key=True)


class FormerLead(Base):
    """A unit that led a task once and handed it over: it keeps reading, and old figures count it for that time."""

    __tablename__ = "former_lead"
    __table_args__ = (Index("ix_former_lead_unit_id_task_id", "unit_id", "task_id"),)

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id")
    unit_id: Mapped[int] = reference("unit.id", index=False)
    since: Mapped[datetime]
    until: Mapped[datetime]
    #: The reorganisation that moved it, when it was one.
    succession_id: Mapped[int | None] = reference("unit_succession.id", index=False)

    unit: Mapped[Unit] = relationship()


class Series(Base):
    """Repeated work (việc định kỳ): makes one task per period, once."""

    __tablename__ = "series"

    id: Mapped[Id]
    document_id: Mapped[int | None] = reference("document.id")
    import_job_id: Mapped[int | None] = reference("import_job.id")
    office_unit_id: Mapped[int] = reference("unit.id")
    content: Mapped[str]
    product: Mapped[str] = mapped_column(default="")
    lead_unit_ids: Mapped[list[Any]] = mapped_column(default=list)
    lead_wording: Mapped[str] = mapped_column(default="")
    coordinator_unit_ids: Mapped[list[Any]] = mapped_column(default=list)
    #: What else each period's task gets: tt, group, position, note, priority, workflow_id, person_id.
    template: Mapped[dict[str, Any]] = mapped_column(default=dict)
    deadline_text: Mapped[str] = mapped_column(default="")
    rule: Mapped[str]
    exclusive: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date]
    until_on: Mapped[date | None]
    #: A period's task appears this many days before its due date.
    lead_days: Mapped[int] = mapped_column(default=60)
    #: Due date of the newest period that was made or skipped.
    last_due_on: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(default=True, index=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    document: Mapped[Document | None] = relationship()

    __mapper_args__ = {"version_id_col": version}


class CoordinationState(StrEnum):
    """Where a coordinating unit's own line stands."""

    ASKED = "asked"  # đã đề nghị
    ACCEPTED = "accepted"  # đã nhận
    ANSWERED = "answered"  # đã trả lời
    NOT_NEEDED = "not_needed"  # không còn cần


#: States in which a coordinating unit still owes something.
OWED_COORDINATION = (CoordinationState.ASKED, CoordinationState.ACCEPTED)


class Coordination(Base):
    """What one coordinating unit (cơ quan phối hợp) owes to a task."""

    __tablename__ = "coordination"
    __table_args__ = (
        UniqueConstraint("task_id", "unit_id"),
        Index("ix_coordination_unit_id_state_due", "unit_id", "state", "due_on", "task_id"),
        Index("ix_coordination_person_id", "person_id", "task_id"),
    )

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id", index=False)
    unit_id: Mapped[int] = reference("unit.id", index=False)
    wording: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int | None] = reference("user_account.id", index=False)
    request: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]
    state: Mapped[CoordinationState] = mapped_column(str_enum(CoordinationState), default=CoordinationState.ASKED)
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    #: Days that the lead waited for this unit, of finished waits; a running wait is on the task.
    waited_days: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    task: Mapped[Task] = relationship(back_populates="coordinations")
    unit: Mapped[Unit] = relationship()

    __mapper_args__ = {"version_id_col": version}


class TaskEvent(Base):
    """One line of a task's history; appended, never changed."""

    __tablename__ = "task_event"
    __table_args__ = (Index("ix_task_event_task_id_id", "task_id", "id"),)

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id", index=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = reference("user_account.id", index=False)  # null: the system
    #: The principal, when the actor acted for somebody ("A thay B").
    on_behalf_of_id: Mapped[int | None] = reference("user_account.id", index=False)
    kind: Mapped[Short]
    from_state: Mapped[TaskState | None] = mapped_column(str_enum(TaskState))
    to_state: Mapped[TaskState | None] = mapped_column(str_enum(TaskState))
    reason: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    task: Mapped[Task] = relationship(back_populates="events")
    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id])
    on_behalf_of: Mapped[User | None] = relationship(foreign_keys=[on_behalf_of_id])


class ProgressReport(Base):
    """A report on a task: progress on the way, or the report that it is done. Kept even when returned."""

    __tablename__ = "progress_report"
    __table_args__ = (Index("ix_progress_report_task_id_id", "task_id", "id"),)

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id", index=False)
    is_final: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    by_id: Mapped[int] = reference("user_account.id", index=False)
    result: Mapped[str] = mapped_column(default="")
    percent: Mapped[int | None]
    difficulties: Mapped[str] = mapped_column(default="")  # khó khăn, vướng mắc
    proposal: Mapped[str] = mapped_column(default="")  # kiến nghị, đề xuất
    next_step: Mapped[str] = mapped_column(default="")
    #: "Cần lãnh đạo quyết định", and the answer.
    needs_decision: Mapped[bool] = mapped_column(default=False)
    decision: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    #: Why it was returned, or taken back by the unit itself, when it was.
    returned_reason: Mapped[str] = mapped_column(default="")
    returned_at: Mapped[datetime | None]
    withdrawn: Mapped[bool] = mapped_column(default=False)

    by: Mapped[User] = relationship(foreign_keys=[by_id])
    evidence: Mapped[list[Evidence]] = relationship(back_populates="report", order_by="Evidence.id")


class Evidence(Base):
    """Proof of a result: a document by number, a file, or both."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_number_folded", "number_folded"),)

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id")
    report_id: Mapped[int | None] = reference("progress_report.id")
    coordination_id: Mapped[int | None] = reference("coordination.id")
    number: Mapped[Name] = mapped_column(default="")  # số, ký hiệu
    #: The number as it is compared: "12 /bc-sgd" is "12/BC-SGD".
    number_folded: Mapped[Name] = mapped_column(default="")
    issued_on: Mapped[date | None]
    issuer: Mapped[Name] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str | None] = reference("stored_file.sha256")
    filename: Mapped[Name] = mapped_column(default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = reference("user_account.id", index=False)
    removed_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship()
    report: Mapped[ProgressReport | None] = relationship(back_populates="evidence")
    stored: Mapped[StoredFile | None] = relationship()


class ExtensionState(StrEnum):
    """Where a request for more time stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    COUNTERED = "countered"  # đề nghị ngày khác
    ACCEPTED = "accepted"  # the unit accepted the counter-offer
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ExtensionRequest(Base):
    """A request for more time (xin gia hạn) and its answer."""

    __tablename__ = "extension_request"
    __table_args__ = (
        Index(
            "uq_extension_request_one_open",
            "task_id",
            unique=True,
            sqlite_where=text("state IN ('pending', 'countered')"),
            postgresql_where=text("state IN ('pending', 'countered')"),
        ),
        Index("ix_extension_request_state", "state"),
    )

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id")
    state: Mapped[ExtensionState] = mapped_column(str_enum(ExtensionState), default=ExtensionState.PENDING)
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[int] = reference("user_account.id", index=False)
    #: For whom the asker stood in: neither of the two decides.
    requested_for_id: Mapped[int | None] = reference("user_account.id", index=False)
    reason: Mapped[str]
    cause: Mapped[Short] = mapped_column(default="")  # objective (khách quan) | subjective (chủ quan)
    current_due_on: Mapped[date | None]
    asked_due_on: Mapped[date]
    offered_due_on: Mapped[date | None]
    granted_due_on: Mapped[date | None]
    #: Asked later than the policy allows: allowed, but marked.
    is_late: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    decision_reason: Mapped[str] = mapped_column(default="")
    decision_number: Mapped[Name] = mapped_column(default="")

    task: Mapped[Task] = relationship()
    requested_by: Mapped[User] = relationship(foreign_keys=[requested_by_id])


class TransferState(StrEnum):
    """Where a proposal to move a task stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class TransferRequest(Base):
    """A task sent back by its unit with a reason and a proposed unit; the assigner decides, the clock runs on."""

    __tablename__ = "transfer_request"
    __table_args__ = (Index("ix_transfer_request_state", "state"),)

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id")
    state: Mapped[TransferState] = mapped_column(str_enum(TransferState), default=TransferState.PENDING)
    from_unit_id: Mapped[int] = reference("unit.id", index=False)
    proposed_unit_id: Mapped[int | None] = reference("unit.id", index=False)
    reason: Mapped[str]
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[int] = reference("user_account.id", index=False)
    requested_for_id: Mapped[int | None] = reference("user_account.id", index=False)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = reference("user_account.id", index=False)
    decision_reason: Mapped[str] = mapped_column(default="")

    task: Mapped[Task] = relationship()
    from_unit: Mapped[Unit] = relationship(foreign_keys=[from_unit_id])
    proposed_unit: Mapped[Unit | None] = relationship(foreign_keys=[proposed_unit_id])


class Urge(Base):
    """A recorded urging (đôn đốc) of one task."""

    __tablename__ = "urge"

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id")
    at: Mapped[datetime]
    by_id: Mapped[int] = reference("user_account.id", index=False)
    text: Mapped[str]
    channel: Mapped[Short] = mapped_column(default="email")
    reply_due_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = reference("user_account.id", index=False)

    task: Mapped[Task] = relationship()
    by: Mapped[User] = relationship(foreign_keys=[by_id])


class Comment(Base):
    """A remark on a task; ``is_private`` ones are seen by the coordinating office only."""

    __tablename__ = "comment"

    id: Mapped[Id]
    task_id: Mapped[int] = reference("task.id")
    at: Mapped[datetime]
    by_id: Mapped[int] = reference("user_account.id", index=False)
    text: Mapped[str]
    is_private: Mapped[bool] = mapped_column(default=False)
    mentions: Mapped[list[Any]] = mapped_column(default=list)
    #: What it said before its author corrected it, the oldest first: ``{"text", "until"}``.
    earlier: Mapped[list[Any]] = mapped_column(default=list)
    #: Set when its author took it back; what it said is kept.
    withdrawn_at: Mapped[datetime | None]

    by: Mapped[User] = relationship()


class Watch(Base):
    """A person who follows a task (theo dõi)."""

    __tablename__ = "watch"
    __table_args__ = (Index("ix_watch_user_id", "user_id", "task_id"),)

    task_id: Mapped[int] = reference("task.id", primary_key=True)
    user_id: Mapped[int] = reference("user_account.id", primary_key=True)
    since: Mapped[datetime]


class BulkOperation(Base):
    """A bulk action with what it changed, so that it can be undone where that is safe."""

    __tablename__ = "bulk_operation"

    id: Mapped[Id]
    kind: Mapped[Short]
    at: Mapped[datetime]
    by_id: Mapped[int] = reference("user_account.id")
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: [{"task_id", "version", "before": {...}}]
    items: Mapped[list[Any]] = mapped_column(default=list)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = reference("user_account.id", index=False)


class SavedView(Base):
    """A saved filter of a list (chế độ xem), private or shared by the office."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[Id]
    owner_id: Mapped[int] = reference("user_account.id")
    office_unit_id: Mapped[int | None] = reference("unit.id")  # set: shared by this office
    name: Mapped[Name]
    query: Mapped[str]
    created_at: Mapped[datetime]
