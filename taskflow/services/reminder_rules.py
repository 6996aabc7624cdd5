"""The reminder rules that offices own: stored per office, document or task; the nearest one wins.

A stored rule that is switched off silences its event at its level; deleting it gives the level above back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import false, select
from sqlalchemy.orm import Session

from taskflow.domain.errors import Invalid, NotFound
from taskflow.domain.permissions import Actor, Permission, has, offices_of
from taskflow.domain.reminders import DEFAULT_RULES, ReminderEvent, Rule, definition_of, rule_from
from taskflow.extensions import db
from taskflow.models.document import Document
from taskflow.models.outbox import ReminderRule
from taskflow.models.task import Task
from taskflow.services import audit
from taskflow.services.unit_of_work import unit_of_work

Rules = Mapping[ReminderEvent, Rule]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule holds for: a task, else a document, else an office, else everything."""

    office_id: int | None = None
    document_id: int | None = None
    task_id: int | None = None


@dataclass(slots=True)
class RuleBook:
    """All rules, read once; ``rules_for`` answers the same object for the same rules."""

    stored: dict[Scope, dict[ReminderEvent, Rule]] = field(default_factory=dict)
    _offices: set[int | None] = field(default_factory=set)
    _documents: set[int | None] = field(default_factory=set)
    _tasks: set[int | None] = field(default_factory=set)
    _kept: dict[tuple[int | None, int | None, int | None], Rules] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session) -> RuleBook:
        """The stored rules; one that can no longer be understood is left out, so that the level above holds."""
        book = cls()
        for row in session.scalars(select(ReminderRule).order_by(ReminderRule.id)):
            try:
                rule = rule_from(row.event, row.definition, is_active=row.is_active)
            except Invalid:
                continue
            book._put(_scope_of(row), rule)
        return book

    def with_rule(self, scope: Scope, rule: Rule) -> RuleBook:
        """This book as it would be with the rule stored at this level."""
        self._put(scope, rule)
        self._kept.clear()
        return self

    def _put(self, scope: Scope, rule: Rule) -> None:
        self.stored.setdefault(scope, {})[rule.event] = rule
        self._offices.add(scope.office_id)
        self._documents.add(scope.document_id)
        self._tasks.add(scope.task_id)

    def rules_for(self, *, office_id: int | None, document_id: int | None = None, task_id: int | None = None) -> Rules:
        """The rules that hold for a task: its own, else its document's, its office's, everybody's."""
        if not self.stored:
            return DEFAULT_RULES
        # Asked once per open task: only levels that have rules take part in the key.
        key = (
            office_id if office_id in self._offices else None,
            document_id if document_id in self._documents else None,
            task_id if task_id in self._tasks else None,
        )
        rules = self._kept.get(key)
        if rules is None:
            merged = dict(DEFAULT_RULES)
            office, document, task = key
            for level in (Scope(), Scope(office_id=office), Scope(document_id=document), Scope(task_id=task)):
                merged.update(self.stored.get(level, {}))
            rules = self._kept[key] = merged
        return rules

    def longest_notice(self) -> int:
        """The most working days before a date at which any rule says something."""
        rules = [*DEFAULT_RULES.values(), *(rule for level in self.stored.values() for rule in level.values())]
        return max((day for rule in rules if rule.is_active for day in rule.before), default=0)

    def uses(self, event: ReminderEvent) -> bool:
        """Whether some rule about this event is on."""
        rules = [DEFAULT_RULES[event], *(level[event] for level in self.stored.values() if event in level)]
        return any(rule.is_active for rule in rules)


def _scope_of(row: ReminderRule) -> Scope:
    if row.task_id is not None:
        return Scope(task_id=row.task_id)
    if row.document_id is not None:
        return Scope(document_id=row.document_id)
    return Scope(office_id=row.office_unit_id)


def nearer_rules(scope: Scope) -> list[tuple[Scope, str]]:
    """The levels below this one that have rules of their own, with their names: documents, then tasks."""
    documents = select(Document.id, Document.number, Document.title).where(
        Document.id.in_(select(ReminderRule.document_id))
    )
    tasks = select(Task.id, Task.code).where(Task.id.in_(select(ReminderRule.task_id)))
    if scope.task_id is not None:
        return []
    if scope.document_id is not None:
        documents, tasks = documents.where(false()), tasks.where(Task.document_id == scope.document_id)
    elif scope.office_id is not None:
        documents = documents.where(Document.office_unit_id == scope.office_id)
        tasks = tasks.where(Task.office_unit_id == scope.office_id)
    session = db.session()
    return [
        *((Scope(document_id=row[0]), row[1] or row[2]) for row in session.execute(documents.order_by(Document.id))),
        *((Scope(task_id=row[0]), row[1]) for row in session.execute(tasks.order_by(Task.id))),
    ]


def save_rule(
    scope: Scope, event: str, definition: Mapping[str, Any], *, is_active: bool, actor: Actor, now: datetime
) -> Rule:
    """Set this level's rule for this event. Raises ``Invalid`` (a value) or ``NotFound`` (the level is not yours)."""
    rule = rule_from(event, definition, is_active=is_active)
    with unit_of_work() as session:
        _check(session, scope, actor)
        row = _stored(session, scope, rule.event)
        if row is None:
            row = ReminderRule(
                office_unit_id=scope.office_id,
                document_id=scope.document_id,
                task_id=scope.task_id,
                event=rule.event.value,
                updated_at=now,
            )
            session.add(row)
        row.definition = definition_of(rule)
        row.is_active = is_active
        row.updated_at = now
        row.updated_by_id = actor.user_id
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="reminder_rule.saved",
            subject="reminder_rule",
            subject_id=row.id,
            now=now,
            event=event,
            is_active=is_active,
            definition=row.definition,
        )
    return rule


def drop_rule(scope: Scope, event: str, *, actor: Actor, now: datetime) -> None:
    """Give the level above its say again."""
    with unit_of_work() as session:
        _check(session, scope, actor)
        row = _stored(session, scope, ReminderEvent(event))
        if row is not None:
            audit.record(
                session,
                actor=actor,
                action="reminder_rule.dropped",
                subject="reminder_rule",
                subject_id=row.id,
                now=now,
                event=event,
            )
            session.delete(row)


def _stored(session: Session, scope: Scope, event: ReminderEvent) -> ReminderRule | None:
    return session.scalar(
        select(ReminderRule)
        .where(
            ReminderRule.office_unit_id.is_(None)
            if scope.office_id is None
            else ReminderRule.office_unit_id == scope.office_id,
            ReminderRule.document_id.is_(None)
            if scope.document_id is None
            else ReminderRule.document_id == scope.document_id,
            ReminderRule.task_id.is_(None) if scope.task_id is None else ReminderRule.task_id == scope.task_id,
            ReminderRule.event == event.value,
        )
        .with_for_update()
    )


def check_scope(scope: Scope, *, actor: Actor) -> None:
    """Raise ``NotFound`` unless the actor may edit the rules of this level."""
    _check(db.session(), scope, actor)


def _check(session: Session, scope: Scope, actor: Actor) -> None:
    """An office edits its own rules and those of its documents and tasks; an administrator those of everybody."""
    offices = offices_of(actor, Permission.TASK_EDIT)
    if scope == Scope():
        allowed = has(actor, Permission.ADMIN_SETTING_EDIT)
    elif scope.task_id is not None:
        task = session.get(Task, scope.task_id)
        allowed = task is not None and task.office_unit_id in offices
    elif scope.document_id is not None:
        document = session.get(Document, scope.document_id)
        allowed = document is not None and document.office_unit_id in offices
    else:
        allowed = scope.office_id in offices or has(actor, Permission.ADMIN_SETTING_EDIT)
    if not allowed:
        raise NotFound("reminder.rule_not_found")
