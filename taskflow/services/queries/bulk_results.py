"""What a bulk action did, for its result page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from taskflow.domain.errors import NotFound
from taskflow.domain.permissions import Actor
from taskflow.extensions import db
from taskflow.models.task import BulkOperation, Task
from taskflow.services.bulk_actions import UNDOABLE, BulkKind
from taskflow.services.queries.scope import visible_tasks

#: Tasks that the page names; the rest is counted.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class BulkResult:
    """One's own bulk action."""

    id: int
    kind: BulkKind
    at: datetime
    count: int
    #: (id, code, content) of the first tasks that were changed.
    tasks: list[tuple[int, str, str]]
    undone_at: datetime | None

    @property
    def can_undo(self) -> bool:
        """Whether it only changed values that can be put back, and was not undone yet."""
        return self.undone_at is None and self.kind in UNDOABLE and self.count > 0


def bulk_result(actor: Actor, operation_id: int) -> BulkResult:
    """The result of one's own action. Raises ``NotFound``."""
    session = db.session()
    operation = session.scalar(
        select(BulkOperation).where(BulkOperation.id == operation_id, BulkOperation.by_id == actor.user_id)
    )
    if operation is None:
        raise NotFound("bulk.not_found")
    ids = [item["task_id"] for item in operation.items]
    rows = session.execute(
        select(Task.id, Task.code, Task.content).where(Task.id.in_(ids[:SHOWN]), visible_tasks(actor)).order_by(Task.id)
    )
    return BulkResult(
        id=operation.id,
        kind=BulkKind(operation.kind),
        at=operation.at,
        count=len(ids),
        tasks=[(row.id, row.code, row.content) for row in rows],
        undone_at=operation.undone_at,
    )
