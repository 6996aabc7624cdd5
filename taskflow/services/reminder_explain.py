"""Who would get what and why: the plan of a sweep in plain values, for ``remind --dry-run`` and the preview page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from taskflow.domain.reminder_words import RECIPIENT_WORDS, reason
from taskflow.extensions import db
from taskflow.models.document import Document
from taskflow.models.org import Unit
from taskflow.models.task import Coordination, Task
from taskflow.services.reminder_people import Person
from taskflow.services.reminders import Hit, Plan, plan, shown

#: Why somebody gets nothing now, in words.
HELD_WORDS = {
    "outside_hours": "Ngoài ngày, giờ được gửi nên chờ đến giờ gửi kế tiếp.",
    "before_first_time": "Chưa đến giờ gửi đã chọn trong ngày.",
    "slot_used": "Đã có bản nhắc của giờ gửi này; việc mới đến hạn sẽ vào bản kế tiếp.",
}


def explain(now: datetime) -> dict[str, Any]:
    """What a sweep at ``now`` would queue, who is held back and why, and what nobody would hear.

    Shape: ``{"at", "messages": [{"person", "channel", "address", "urgent", "groups": [{"group", "count", "items":
    [...], "more"}]}], "held": [{"person", "reason", "count"}], "nobody": [...]}``; writes nothing.
    """
    made = plan(now, everybody=True)
    session = db.session()
    things = _Things(session, made)
    messages = []
    held = []
    for user_id in sorted(made.calm):
        person, hits = made.people.by_id[user_id], made.calm[user_id]
        if person.key:
            messages.append(_message(things, person, hits, made, urgent=False))
            continue
        urgent = [hit for hit in hits if hit.urgent and person.urgent_key]
        if urgent:
            messages.append(_message(things, person, urgent, made, urgent=True))
        if len(urgent) < len(hits):
            held.append(
                {
                    "person": _person(person),
                    "count": len(hits) - len(urgent),
                    "code": person.held,
                    "reason": HELD_WORDS[person.held],
                }
            )
    return {
        "at": now.astimezone(current_app.config["TASKFLOW"].zone).isoformat(timespec="minutes"),
        "messages": messages,
        "held": held,
        "nobody": [
            {**things.facts(subject, subject_id), "why": reason(reminder)}
            for subject, subject_id, reminder in made.nobody
        ],
    }


def _message(things: _Things, person: Person, hits: list[Hit], made: Plan, *, urgent: bool) -> dict[str, Any]:
    return {
        "person": _person(person),
        "channel": person.route.kind.value if person.route.address else None,
        "address": person.route.address or None,
        "urgent": urgent,
        "groups": [
            {
                "group": group.value,
                "count": count,
                "items": [_item(things, hit, made) for hit in part],
                "more": count - len(part),
            }
            for group, count, part in shown(hits, made.policy.digest_items)
        ],
    }


def _person(person: Person) -> dict[str, Any]:
    return {"id": person.id, "name": person.name, "email": person.email}


def _item(things: _Things, hit: Hit, made: Plan) -> dict[str, Any]:
    stands_in = made.people.deputies.names.get(hit.for_id)
    return {
        **things.facts(hit.subject, hit.subject_id),
        "event": hit.reminder.event.value,
        "rung": hit.reminder.rung.code,
        "rung_day": hit.reminder.rung.day.isoformat(),
        "basis": hit.reminder.basis.isoformat(),
        "as": RECIPIENT_WORDS[hit.post],
        "for": stands_in,
        "why": reason(hit.reminder) + (f" Nhận thay {stands_in}." if stands_in else ""),
    }


class _Things:
    """Names of the tasks, coordination lines and documents that a plan speaks of, read in a few queries."""

    def __init__(self, session: Session, made: Plan) -> None:
        wanted: dict[str, set[int]] = {"task": set(), "coordination": set(), "document": set()}
        for hits in made.calm.values():
            for hit in hits:
                wanted[hit.subject].add(hit.subject_id)
        for subject, subject_id, _ in made.nobody:
            wanted[subject].add(subject_id)
        self._facts: dict[tuple[str, int], dict[str, Any]] = {}
        tasks = select(Task.id, Task.code, Task.content, Task.due_on, Unit.name).outerjoin(
            Unit, Unit.id == Task.lead_unit_id
        )
        for ids in _chunks(wanted["task"]):
            for task_id, code, content, due, unit in session.execute(tasks.where(Task.id.in_(ids))):
                self._facts["task", task_id] = _task_facts(task_id, code, content, due, unit)
        lines = (
            select(Coordination.id, Task.id, Task.code, Task.content, Coordination.due_on, Unit.name)
            .join(Task, Task.id == Coordination.task_id)
            .join(Unit, Unit.id == Coordination.unit_id)
        )
        for ids in _chunks(wanted["coordination"]):
            for line_id, task_id, code, content, due, unit in session.execute(lines.where(Coordination.id.in_(ids))):
                self._facts["coordination", line_id] = _task_facts(task_id, code, content, due, unit)
        documents = select(Document.id, Document.number, Document.title)
        for ids in _chunks(wanted["document"]):
            for document_id, number, title in session.execute(documents.where(Document.id.in_(ids))):
                self._facts["document", document_id] = {"document": document_id, "code": number, "content": title}

    def facts(self, subject: str, subject_id: int) -> dict[str, Any]:
        """What identifies the thing to a reader."""
        return {"subject": subject, **self._facts.get((subject, subject_id), {})}


def _task_facts(task_id: int, code: str, content: str, due: Any, unit: str | None) -> dict[str, Any]:
    return {"task": task_id, "code": code, "content": content, "due": due.isoformat() if due else None, "unit": unit}


def _chunks(ids: Collection[int], size: int = 5000) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]
