"""The statements behind the page of one task, made once: building and hashing them costs more than running them.

Each takes ``task_id``; the task's own row says which of the other tables hold something about it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, bindparam, exists, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload, load_only

from taskflow.models.document import Document
from taskflow.models.org import Unit, User
from taskflow.models.task import (
    Comment,
    Coordination,
    Evidence,
    ExtensionRequest,
    FormerLead,
    ProgressReport,
    Task,
    TaskEvent,
    TaskTag,
    TransferRequest,
    Urge,
    Watch,
)

_TASK_ID = bindparam("task_id", type_=Integer)
_LIMIT = bindparam("limit", type_=Integer)
_MOST = 200


def _some(column: InstrumentedAttribute[Any], name: str) -> Any:
    return exists().where(column == Task.id).label(name)


_child = aliased(Task)
#: The task with its document, workflow and series, and what else there is of it. Also takes ``user_id``.
HEAD: Select[Any] = (
    select(
        Task,
        _some(ProgressReport.task_id, "has_reports"),
        exists().where(Evidence.task_id == Task.id, Evidence.removed_at.is_(None)).label("has_evidence"),
        exists().where(Coordination.task_id.in_((Task.id, Task.parent_id))).label("has_coordinations"),
        _some(ExtensionRequest.task_id, "has_extensions"),
        _some(TransferRequest.task_id, "has_transfers"),
        _some(Urge.task_id, "has_urges"),
        _some(Comment.task_id, "has_comments"),
        _some(FormerLead.task_id, "has_former_leads"),
        _some(TaskTag.task_id, "has_tags"),
        _some(_child.parent_id, "has_children"),
        exists()
        .where(Watch.task_id == Task.id, Watch.user_id == bindparam("user_id", type_=Integer))
        .label("is_watched"),
    )
    .where(Task.id == _TASK_ID)
    .options(
        joinedload(Task.document).load_only(
            Document.id, Document.number, Document.title, Document.issued_on, Document.office_unit_id
        ),
        joinedload(Task.workflow),
        joinedload(Task.series),
    )
)

#: Lines of the history before ``before_id``, the newest first, at most ``limit``.
EVENTS = (
    select(
        TaskEvent.id,
        TaskEvent.at,
        TaskEvent.actor_id,
        TaskEvent.on_behalf_of_id,
        TaskEvent.kind,
        TaskEvent.from_state,
        TaskEvent.to_state,
        TaskEvent.reason,
        TaskEvent.data,
    )
    .where(TaskEvent.task_id == _TASK_ID, TaskEvent.id < bindparam("before_id", type_=Integer))
    .order_by(TaskEvent.id.desc())
    .limit(_LIMIT)
)

#: Newest first, at most ``limit``.
REPORTS = (
    select(ProgressReport).where(ProgressReport.task_id == _TASK_ID).order_by(ProgressReport.id.desc()).limit(_LIMIT)
)
PUBLIC_COMMENTS = (
    select(Comment)
    .where(Comment.task_id == _TASK_ID, Comment.is_private.is_(False))
    .order_by(Comment.id.desc())
    .limit(_LIMIT)
)
#: With the private notes of the office.
COMMENTS = select(Comment).where(Comment.task_id == _TASK_ID).order_by(Comment.id.desc()).limit(_LIMIT)
EVIDENCE = (
    select(Evidence)
    .where(Evidence.task_id == _TASK_ID, Evidence.removed_at.is_(None))
    .order_by(Evidence.id)
    .limit(_MOST)
    .options(joinedload(Evidence.stored))
)
EXTENSIONS = (
    select(ExtensionRequest)
    .where(ExtensionRequest.task_id == _TASK_ID)
    .order_by(ExtensionRequest.id.desc())
    .limit(_MOST)
)
TRANSFERS = (
    select(TransferRequest).where(TransferRequest.task_id == _TASK_ID).order_by(TransferRequest.id.desc()).limit(_MOST)
)
URGES = select(Urge).where(Urge.task_id == _TASK_ID).order_by(Urge.id.desc()).limit(_MOST)
FORMER_LEADS = select(FormerLead).where(FormerLead.task_id == _TASK_ID).order_by(FormerLead.id.desc()).limit(_MOST)
TAGS = select(TaskTag.tag).where(TaskTag.task_id == _TASK_ID).order_by(TaskTag.tag)
#: Lines of the task and, when ``parent_id`` is given, of the collective task above it.
COORDINATIONS = (
    select(Coordination)
    .where(Coordination.task_id.in_((_TASK_ID, bindparam("parent_id", type_=Integer))))
    .order_by(Coordination.id)
)
#: Parent (``parent_id``) and children.
RELATIVES = (
    select(Task)
    .where((Task.parent_id == _TASK_ID) | (Task.id == bindparam("parent_id", type_=Integer)))
    .order_by(Task.id)
    .options(
        load_only(
            Task.id,
            Task.code,
            Task.content,
            Task.shape,
            Task.parent_id,
            Task.lead_unit_id,
            Task.office_unit_id,
            Task.person_id,
            Task.state,
            Task.kind,
            Task.due_on,
            Task.exclusive,
            Task.delivered_on,
            Task.percent,
            Task.last_progress_at,
        )
    )
)
UNIT_NAMES = select(Unit.id, Unit.short_name, Unit.name).where(Unit.id.in_(bindparam("ids", expanding=True)))
PERSON_NAMES = select(User.id, User.full_name).where(User.id.in_(bindparam("ids", expanding=True)))
