"""Saved filters of the task list (chế độ xem): one's own, or shared by an office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Integer, bindparam, or_, select

from taskflow.collation import alphabetical
from taskflow.domain.errors import Invalid, NotAllowed, NotFound
from taskflow.domain.permissions import Actor, Permission, offices_of
from taskflow.domain.task_filter import TaskFilter
from taskflow.extensions import db
from taskflow.models.task import SavedView
from taskflow.services.unit_of_work import unit_of_work


def save_view(*, name: str, query: str, actor: Actor, now: datetime, office_unit_id: int | None = None) -> SavedView:
    """Keep a filter under a name; ``query`` is the part of the list's address after "?". With an office: for all there.

    A view of the same name and owner is replaced. Raises ``Invalid`` (no name, no valid filter), ``NotAllowed``
    (sharing needs the right to edit the office's tasks).
    """
    if not name.strip():
        raise Invalid("view.name_required", "name")
    if office_unit_id is not None and office_unit_id not in offices_of(actor, Permission.TASK_BULK):
        raise NotAllowed("view.not_allowed")
    if actor.user_id is None:
        raise NotAllowed("view.not_allowed")
    tidy = urlencode(TaskFilter.from_query(dict(parse_qsl(query))).without("page").to_query())
    with unit_of_work() as session:
        view = session.scalar(
            select(SavedView).where(SavedView.owner_id == actor.user_id, SavedView.name == name.strip())
        )
        if view is None:
            view = SavedView(owner_id=actor.user_id, name=name.strip(), created_at=now)
            session.add(view)
        view.query, view.office_unit_id = tidy, office_unit_id
        return view


_VIEWS = (
    select(SavedView)
    .where(
        or_(
            SavedView.owner_id == bindparam("user_id"),
            SavedView.office_unit_id.in_(bindparam("offices", expanding=True, type_=Integer)),
        )
    )
    .order_by(alphabetical(SavedView.name), SavedView.id)
    .limit(100)
)


def list_views(actor: Actor) -> Sequence[SavedView]:
    """One's own views and those of the offices whose tasks one sees, by name."""
    offices = sorted(offices_of(actor, Permission.TASK_READ))
    return db.session.scalars(_VIEWS, {"user_id": actor.user_id, "offices": offices}).all()


def delete_view(*, view_id: int, actor: Actor) -> None:
    """Drop one's own view. Raises ``NotFound``."""
    with unit_of_work() as session:
        session.delete(_own(view_id, actor))


def _own(view_id: int, actor: Actor) -> SavedView:
    view = db.session.get(SavedView, view_id)
    if view is None or view.owner_id != actor.user_id:
        raise NotFound("view.not_found")
    return view
