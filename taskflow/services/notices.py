"""What people are told when something happens to a task or an account, written in the same transaction as the event.

``task_event`` puts a line under the bell of everybody concerned and, for the kinds that matter, a
message into the outbox. Events of one kind that follow each other closely share one message, so that
forty tasks assigned at once make one mail. Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Integer, bindparam, insert, select
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.permissions import Actor, Permission
from taskflow.domain.reminders import Recipient, ReminderEvent
from taskflow.domain.states import TaskState
from taskflow.models.org import User
from taskflow.models.outbox import ChannelKind, MessageStatus, Notification, OutboxMessage
from taskflow.models.task import Coordination, Priority, Task, TaskShape
from taskflow.services.deputies import Deputies
from taskflow.services.directory import Directory, Place, reporters_of
from taskflow.services.following import followers
from taskflow.services.message_items import all_items, payload_of, with_items
from taskflow.services.reach import choose_route, first_moment
from taskflow.services.reminder_policy import load_policy
from taskflow.services.reminder_rules import RuleBook
from taskflow.services.webhooks import queue_event


class Audience(StrEnum):
    """Posts around a task that an event can concern."""

    PERSON = "person"  # người phụ trách, else the unit's head
    UNIT = "unit"  # person in charge and head
    HEAD = "head"
    APPROVER = "approver"  # who may approve the report before it leaves the unit
    OFFICE = "office"  # of a part: the head of the unit that broke its task down
    CONFIRMER = "confirmer"  # who may confirm the result
    EXTENDER = "extender"  # who may grant more time
    MEMBERS = "members"  # of a collective task: the units that have not finished, and the office
    REPORTER = "reporter"
    COORDINATING = "coordinating"  # heads of coordinating units
    OFFICE_HEAD = "office_head"
    LEADER = "leader"


@dataclass(frozen=True, slots=True)
class Notice:
    """Whom a kind of event concerns, and whether it is worth a message besides the bell."""

    audience: tuple[Audience, ...]
    message: bool = False
    #: The office's rule that says whether a message is sent, and to whom; the bell needs none.
    rule: ReminderEvent | None = None


_A = Audience
_E = ReminderEvent
#: Posts of a rule.
POSTS = {
    Recipient.PERSON: _A.PERSON,
    Recipient.HEAD: _A.HEAD,
    Recipient.COORDINATING: _A.COORDINATING,
    Recipient.OFFICE: _A.OFFICE,
    Recipient.OFFICE_HEAD: _A.OFFICE_HEAD,
    Recipient.LEADER: _A.LEADER,
    Recipient.REPORTER: _A.REPORTER,
}
_RECIPIENTS = {audience: post for post, audience in POSTS.items()}
#: Audiences that are asked for a decision: only people who may take it.
_DECISIONS = {
    _A.APPROVER: Permission.TASK_APPROVE,
    _A.CONFIRMER: Permission.TASK_CONFIRM,
    _A.EXTENDER: Permission.EXTENSION_DECIDE,
}
#: Every kind of task event that somebody is told of. What is missing here concerns only those who follow the task.
NOTICES: dict[str, Notice] = {
    "assigned": Notice((_A.UNIT,), message=True, rule=_E.ASSIGNED),
    "reassigned": Notice((_A.PERSON,), message=True),
    "acknowledged": Notice((_A.OFFICE,)),
    "progress": Notice((_A.OFFICE,)),
    "reported_done": Notice((_A.OFFICE, _A.CONFIRMER)),
    "submitted": Notice((_A.APPROVER,), message=True),  # waits for the unit head's approval
    "approved": Notice((_A.OFFICE, _A.CONFIRMER, _A.REPORTER)),
    "rejected": Notice((_A.REPORTER, _A.PERSON), message=True),
    "withdrawn": Notice((_A.OFFICE, _A.CONFIRMER)),
    "confirmed": Notice((_A.UNIT, _A.REPORTER)),
    "returned": Notice((_A.UNIT, _A.REPORTER), message=True, rule=_E.RETURNED),
    "suspended": Notice((_A.UNIT, _A.COORDINATING), message=True),
    "resumed": Notice((_A.UNIT, _A.COORDINATING), message=True),
    "cancelled": Notice((_A.UNIT, _A.COORDINATING), message=True),
    "reopened": Notice((_A.UNIT, _A.REPORTER), message=True),
    "undone": Notice((), message=True),  # what a bulk action changed is as before: who was told of it
    "due_changed": Notice((_A.UNIT, _A.COORDINATING), message=True),
    "extension_asked": Notice((_A.EXTENDER,), message=True),
    "extension_approved": Notice((_A.UNIT,), message=True, rule=_E.EXTENSION_ANSWERED),
    "extension_rejected": Notice((_A.UNIT,), message=True, rule=_E.EXTENSION_ANSWERED),
    "extension_countered": Notice((_A.UNIT,), message=True, rule=_E.EXTENSION_ANSWERED),
    "extension_accepted": Notice((_A.OFFICE,)),
    "extension_declined": Notice((_A.OFFICE,)),
    "extension_withdrawn": Notice((_A.OFFICE,)),
    "transfer_asked": Notice((_A.OFFICE,), message=True),
    "transfer_withdrawn": Notice((_A.OFFICE,)),
    "transfer_approved": Notice((_A.UNIT,), message=True),
    "transferred": Notice((_A.UNIT,), message=True),
    "lead_corrected": Notice((_A.UNIT,), message=True),
    "transfer_rejected": Notice((_A.UNIT,), message=True),
    "urged": Notice((_A.UNIT,), message=True),
    "escalated": Notice((_A.LEADER,), message=True),  # urged more often than the office's rule allows
    "urge_answered": Notice((_A.OFFICE,)),
    "commented": Notice((_A.UNIT, _A.MEMBERS, _A.OFFICE)),
    "mentioned": Notice((), message=True),
    "coordination_asked": Notice((_A.COORDINATING,), message=True),
    "waiting_started": Notice((_A.COORDINATING,), message=True),
    "coordination_accepted": Notice((_A.UNIT, _A.MEMBERS)),
    "coordination_answered": Notice((_A.UNIT, _A.MEMBERS)),
    "coordination_not_needed": Notice((_A.COORDINATING,)),
    "decision_needed": Notice((_A.LEADER,), message=True),
    "decided": Notice((_A.UNIT, _A.OFFICE), message=True),
    "edited": Notice((_A.UNIT,)),
    "children_done": Notice((_A.OFFICE,)),
    "parts_done": Notice((_A.UNIT,)),
}
_DEFAULT = Notice(())


def task_event(session: Session, task: Task, kind: str, actor: Actor, now: datetime, **extra: Any) -> None:
    """Tell everybody whom this event concerns, except the one who did it. Call inside the unit of work of the event.

    ``extra`` may hold ``text`` (reason, urge, comment: shown in the message), ``user_ids`` (told besides the
    audience of the kind), ``unit_ids`` (coordinating units meant, instead of all), ``only`` (user ids told instead
    of the audience), ``without`` (user ids who hear of it in other words), ``reporters`` (by task id: who had reported
    the result that the change has taken from the task), ``told`` (instead of all of these: task id → the user ids told
    of that task, with whether by a message). Everything in ``extra`` that is plain text or a number
    is kept for the message.
    """
    task_events(session, [task], kind, actor, now, **extra)


def task_events(session: Session, tasks: Sequence[Task], kind: str, actor: Actor, now: datetime, **extra: Any) -> None:
    """``task_event`` for the same event of many tasks: each person gets one message about all of theirs."""
    session.flush()
    if kind == "reported_done":
        # With the head's approval before it, the report has not left the unit: the head hears of it, not the office.
        waiting_for_head = [task for task in tasks if task.state is TaskState.AWAITING_APPROVAL]
        if waiting_for_head:
            task_events(session, waiting_for_head, "submitted", actor, now, **extra)
            tasks = [task for task in tasks if task.state is not TaskState.AWAITING_APPROVAL]
            if not tasks:
                return
    queue_event(session, tasks, kind, now)
    told = _told(session, tasks, kind, actor, now, extra)
    data = {key: value for key, value in extra.items() if isinstance(value, str | int | float) and value != ""}
    data["by"] = actor.name
    mark = uuid4().hex
    people = _active(session, told) if told else []
    lines = [
        {
            "user_id": user.id,
            "at": now,
            "kind": kind,
            "task_id": task_id,
            "data": data,
            "dedupe_key": f"{mark}:{task_id}:{user.id}",
        }
        for user in people
        for task_id in told[user.id]
    ]
    if lines:
        session.execute(insert(Notification), lines)
    if not (people and NOTICES.get(kind, _DEFAULT).message):
        return
    by_id = {task.id: task for task in tasks}
    waiting = _waiting(session, told, kind, now)
    for user in people:
        for urgent in (True, False):
            items = [
                {"task": task_id, **data, **({"for": word.for_id} if word.for_id else {})}
                for task_id, word in told[user.id].items()
                if word.by_message and (by_id[task_id].priority is not Priority.NORMAL) is urgent
            ]
            if items and not urgent and user.id in waiting:
                _add(waiting[user.id], items)
            elif items:
                _queue(session, user, kind, items, urgent=urgent, now=now)


class _Word(NamedTuple):
    """How one person hears of one task: by a message or under the bell only, in whose stead (0: their own)."""

    by_message: bool
    for_id: int = 0


def _told(
    session: Session, tasks: Sequence[Task], kind: str, actor: Actor, now: datetime, extra: dict[str, Any]
) -> dict[int, dict[int, _Word]]:
    """Who hears of which of these tasks, in order of people; deputies hear in place of those who are away."""
    notice = NOTICES.get(kind, _DEFAULT)
    by_rule = _rules(session, tasks, notice.rule) if notice.rule is not None and "only" not in extra else {}
    wanted = {*notice.audience, *(audience for rule in by_rule.values() for audience in rule)}
    circle = _Circle(session, tasks, wanted, now, extra.get("unit_ids"), extra.get("reporters", {}))
    following = followers(session, tasks, now) if not {"only", "told"} & set(extra) else {}
    deputies = Deputies.load(session, on=local_date(now), now=now) if notice.message else Deputies()
    silent = {actor.user_id, *extra.get("without", ())}
    told: dict[int, dict[int, _Word]] = {}
    for task in tasks:
        concerned = set(extra["only"]) if "only" in extra else circle.people(task, notice.audience)
        meant = circle.people(task, by_rule[task.id]) if task.id in by_rule else concerned
        if "told" in extra:
            concerned = set(extra["told"][task.id])
            meant = {user_id for user_id in concerned if extra["told"][task.id][user_id]}
        meant = (meant | set(extra.get("user_ids", ()))) - silent
        words = {
            user_id: _Word(by_message=user_id in meant)
            for user_id in (meant | concerned | following.get(task.id, set())) - silent
        }
        for user_id in sorted(meant):
            stand_ins = deputies.of(user_id, circle.directory.ancestors.get(task.lead_unit_id or 0, ()))
            for deputy in stand_ins:
                if deputy != actor.user_id and deputy not in meant:
                    words[deputy] = _Word(by_message=True, for_id=user_id)
            if stand_ins:
                words[user_id] = _Word(by_message=False)
        for user_id, word in words.items():
            told.setdefault(user_id, {})[task.id] = word
    return dict(sorted(told.items()))


def _rules(session: Session, tasks: Sequence[Task], event: ReminderEvent) -> dict[int, list[Audience]]:
    """Who gets a message of this event by the rules that hold for these tasks; nobody where the rule is off."""
    book = RuleBook.load(session)
    found = {}
    for task in tasks:
        rule = book.rules_for(office_id=task.office_unit_id, document_id=task.document_id, task_id=task.id)[event]
        found[task.id] = [POSTS[post] for post in rule.recipients] if rule.is_active else []
    return found


def account_message(session: Session, user: User, kind: str, payload: dict[str, Any], now: datetime) -> OutboxMessage:
    """Queue an invitation or a password reset (``invitation``, ``password_reset``, ``link_code`` …) by e-mail, at once.

    ``payload`` is what the mail's template needs; it is wiped once the message was sent, so that no secret stays.
    """
    message = OutboxMessage(
        dedupe_key=f"{kind}:{user.id}:{uuid4().hex}",
        kind=kind,
        channel=ChannelKind.EMAIL,
        user_id=user.id,
        address=user.email,
        payload=payload,
        urgent=True,
        next_attempt_at=now,
        created_at=now,
    )
    session.add(message)
    session.flush()
    return message


def _active(session: Session, user_ids: Iterable[int]) -> list[User]:
    return list(session.scalars(select(User).where(User.id.in_(sorted(user_ids)), User.is_active).order_by(User.id)))


class _Circle:
    """The people around these tasks, by post: read once."""

    def __init__(
        self,
        session: Session,
        tasks: Sequence[Task],
        wanted: set[Audience],
        now: datetime,
        unit_ids: Iterable[int] | None,
        reporters: Mapping[int, frozenset[int]],
    ) -> None:
        nobody: frozenset[int] = frozenset()
        self._around = {task.id: _Around(set(unit_ids or ()), reporters.get(task.id, nobody)) for task in tasks}
        if Audience.COORDINATING in wanted and unit_ids is None:
            lines = select(Coordination.task_id, Coordination.unit_id).where(Coordination.task_id.in_(self._around))
            for task_id, unit_id in session.execute(lines):
                self._around[task_id].coordinating.add(unit_id)
        _look_up(session, tasks, self._around)
        if Audience.MEMBERS in wanted:
            _look_down(session, tasks, self._around)
        units = {unit for one in self._around.values() for unit in one.units()}
        units |= {unit for task in tasks for unit in (task.office_unit_id, task.lead_unit_id) if unit is not None}
        self.directory = Directory.load(session, local_date(now), units)

    def people(self, task: Task, audience: Iterable[Audience]) -> set[int]:
        """Who is meant by the audience of an event of this task."""
        return _audience(self.directory, task, set(audience), self._around[task.id])


@dataclass(slots=True)
class _Around:
    """Units and people around a task that its own row does not name."""

    coordinating: set[int]
    #: Who reported the result, when the change has taken it from the task.
    reporters: frozenset[int] = frozenset()
    #: Of a part: the lead of its task.
    assigning: int | None = None
    confirming: int | None = None
    #: Of a collective task: lead and person in charge of each unfinished member.
    members: list[tuple[int | None, int | None]] = field(default_factory=list)

    def units(self) -> set[int]:
        """All units of it."""
        named = {self.assigning, self.confirming, *(lead for lead, _person in self.members)}
        return self.coordinating | {unit for unit in named if unit is not None}


def _look_up(session: Session, tasks: Sequence[Task], around: dict[int, _Around]) -> None:
    """Who stands over the tasks: the unit that broke a part's task down, the one that a workflow names."""
    parts = {task.id: task.parent_id for task in tasks if task.shape is TaskShape.PART}
    leads: dict[int, int | None] = {}
    if parts:
        found = session.execute(select(Task.id, Task.lead_unit_id).where(Task.id.in_(set(parts.values()))))
        leads = {task_id: lead for task_id, lead in found}  # noqa: C416 - a row is not a pair for mypy
    for task in tasks:
        around[task.id].assigning = leads.get(parts.get(task.id) or 0)
        around[task.id].confirming = task.workflow.confirmer_id if task.workflow is not None else None


def _look_down(session: Session, tasks: Sequence[Task], around: dict[int, _Around]) -> None:
    collective = [task.id for task in tasks if task.shape is TaskShape.COLLECTIVE]
    if collective:
        members = select(Task.parent_id, Task.lead_unit_id, Task.person_id)
        for parent_id, *member in session.execute(members.where(Task.parent_id.in_(collective), Task.is_open)):
            around[parent_id or 0].members.append((member[0], member[1]))


def _audience(directory: Directory, task: Task, wanted: set[Audience], around: _Around) -> set[int]:
    place = Place(
        task.office_unit_id,
        task.lead_unit_id,
        task.person_id,
        task.document_id,
        False,
        around.assigning,
        around.confirming,
        around.reporters or reporters_of(task),
    )
    found: set[int] = set()
    for kind in wanted:
        if kind is Audience.UNIT:
            found |= set(directory.heads(place.lead_unit_id)) | ({task.person_id} if task.person_id else set())
        elif kind in _DECISIONS:
            found |= set(next((group for group in directory.deciders(_DECISIONS[kind], place) if group), ()))
        elif kind is Audience.MEMBERS:
            if task.shape is TaskShape.COLLECTIVE:
                found |= set(directory.coordinators(task.office_unit_id))
                for lead, person in around.members:
                    found |= {*directory.heads(lead), *([person] if person is not None else ())}
        else:
            found |= set(directory.holders(_RECIPIENTS[kind], place, around.coordinating, is_there=bool))
    return found


def _add(waiting: OutboxMessage, items: list[dict[str, Any]]) -> None:
    waiting.payload = with_items(waiting.payload, all_items(waiting.payload) + items)


def _queue(
    session: Session, user: User, kind: str, items: list[dict[str, Any]], *, urgent: bool, now: datetime
) -> None:
    """Begin a new message."""
    policy = load_policy()
    route = choose_route(session, user, policy)
    start = now if urgent else first_moment(user, policy, now + timedelta(minutes=policy.gather_minutes))
    session.add(
        OutboxMessage(
            dedupe_key=f"{kind}:{user.id}:{uuid4().hex}",
            kind=kind,
            channel=route.kind,
            user_id=user.id,
            address=route.address,
            payload=payload_of(items),
            urgent=urgent,
            status=MessageStatus.QUEUED if route.address else MessageStatus.FAILED,
            last_error="" if route.address else "no_route",
            next_attempt_at=start,
            created_at=now,
        )
    )


_WAITING = (
    select(OutboxMessage)
    .where(
        OutboxMessage.user_id.in_(bindparam("user_ids", expanding=True, type_=Integer)),
        OutboxMessage.kind == bindparam("kind"),
        OutboxMessage.status == MessageStatus.QUEUED,
        OutboxMessage.attempts == 0,
        OutboxMessage.next_attempt_at > bindparam("now", type_=OutboxMessage.next_attempt_at.type),
    )
    .order_by(OutboxMessage.id.desc())
    .with_for_update(skip_locked=True)
)


def _waiting(session: Session, user_ids: Iterable[int], kind: str, now: datetime) -> dict[int, OutboxMessage]:
    """The message of this kind that has not left yet, by person; locked so that no worker takes it meanwhile."""
    values = {"user_ids": sorted(user_ids), "kind": kind, "now": now}
    return {message.user_id: message for message in session.scalars(_WAITING, values) if message.user_id is not None}
