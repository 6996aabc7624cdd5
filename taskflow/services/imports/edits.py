"""What reviewers change, kept so that it can be undone: one act may touch one row or all rows with the same cell."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.permissions import Actor
from taskflow.models.document import ImportEdit, ImportJob, ImportRow, RowDecision
from taskflow.services.imports import checks
from taskflow.services.imports.access import open_job, open_rows
from taskflow.services.unit_of_work import unit_of_work

#: Earlier values that a row keeps.
MOST_UNDO = 20


def seen(row: ImportRow, name: str, version: int) -> Any:
    """A value of the row as it was at an earlier version: what a reviewer saw who was overtaken by another one."""
    acts_since = max(row.version - version, 0)
    for kept in row.undo[max(len(row.undo) - acts_since, 0) :]:
        if name in kept["values"]:
            return kept["values"][name]
    return getattr(row, name)


class Edit:
    """One act of a reviewer while it is made."""

    def __init__(self, session: Session, record: ImportEdit, actor: Actor, now: datetime) -> None:
        self._session, self._record, self._actor, self._now = session, record, actor, now
        self._row_ids: dict[int, None] = {}

    def change(self, row: ImportRow, *, issued_on: date | None, **values: Any) -> None:
        """Give the row these values, keep the old ones, and say again what is to be looked at."""
        values = {name: value for name, value in values.items() if _plain(getattr(row, name)) != _plain(value)}
        if not values:
            return
        before = {name: _plain(getattr(row, name)) for name in values}
        kept = {"edit": self._record.id, "values": before, "edited": list(row.edited)}
        earlier = list(row.undo)
        if earlier and earlier[-1]["edit"] == self._record.id:  # the same act touched the row before
            first = earlier.pop()
            kept = {**first, "values": {**before, **first["values"]}}
        row.undo = [*earlier, kept][-MOST_UNDO:]
        for name, value in values.items():
            setattr(row, name, value)
        row.edited = sorted({*row.edited, *values})
        row.updated_by_id, row.updated_at = self._actor.user_id, self._now
        checks.refresh(row, issued_on)
        self._row_ids[row.id] = None

    def finish(self) -> int:
        """How many rows were changed; an act that changed nothing leaves no trace."""
        if self._row_ids:
            self._record.row_ids = list(self._row_ids)
        else:
            self._session.delete(self._record)
        return len(self._row_ids)


def begin_edit(session: Session, job: ImportJob, kind: str, actor: Actor, now: datetime) -> Edit:
    """Begin an act, inside a unit of work that holds the import."""
    record = ImportEdit(job_id=job.id, at=now, by_id=actor.user_id, kind=kind)
    session.add(record)
    session.flush()
    return Edit(session, record, actor, now)


def last_edit(session: Session, job: ImportJob, actor: Actor) -> ImportEdit | None:
    """The reviewer's own last act on this import that still stands."""
    return session.scalar(
        select(ImportEdit)
        .where(ImportEdit.job_id == job.id, ImportEdit.by_id == actor.user_id, ImportEdit.undone_at.is_(None))
        .order_by(ImportEdit.id.desc())
        .limit(1)
    )


def undo(job_id: int, *, actor: Actor, now: datetime) -> tuple[int, int]:
    """Take back one's own last act. Answers (rows taken back, rows left because somebody changed them since)."""
    with unit_of_work() as session:
        job = open_job(session, actor, job_id)
        record = last_edit(session, job, actor)
        if record is None:
            return 0, 0
        back, left = 0, 0
        for row in open_rows(session, job, record.row_ids):
            if not row.undo or row.undo[-1]["edit"] != record.id:
                left += 1
                continue
            _restore(row, row.undo[-1])
            row.undo = row.undo[:-1]
            row.updated_by_id, row.updated_at = actor.user_id, now
            checks.refresh(row, checks.issued_on(job))
            back += 1
        record.undone_at = now
        return back, left


def _restore(row: ImportRow, kept: dict[str, Any]) -> None:
    for name, value in kept["values"].items():
        setattr(row, name, RowDecision(value) if name == "decision" else value)
    row.edited = list(kept["edited"])


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, RowDecision) else value
