"""The history of a task as sentences: who did what, for whom, and what it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from taskflow.i18n import _, _l, format_date
from taskflow.services.queries.task_detail import Event, Names


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story, for ``details.timeline``."""

    id: int
    at: datetime
    actor: str
    text: str
    icon: str
    tone: str
    note: str = ""


#: Kind of event → icon, tone, what its actor did. Vietnamese needs no other form for one or many.
PLAIN: dict[str, tuple[str, str, Any]] = {
    "assigned": ("send", "doing", _l("assigned the task")),
    "acknowledged": ("check2", "doing", _l("acknowledged receipt")),
    "progress": ("pencil-square", "doing", _l("reported progress")),
    "submitted": ("hourglass-split", "near", _l("reported the task as done and handed the report to the unit's head")),
    "reported_done": ("check2-square", "near", _l("reported the task as done")),
    "approved": ("person-check", "doing", _l("approved the report")),
    "rejected": ("arrow-counterclockwise", "near", _l("had the report reworked")),
    "withdrawn": ("arrow-90deg-left", "wait", _l("took the report back")),
    "confirmed": ("check-circle-fill", "done", _l("confirmed the completion")),
    "returned": ("arrow-return-left", "near", _l("returned the result for rework")),
    "undone": ("arrow-counterclockwise", "wait", _l("took a bulk change back")),
    "amended": ("file-earmark-text", "near", _l("brought the task in line with an amending document")),
    "suspended": ("pause-circle", "wait", _l("suspended the task")),
    "resumed": ("play-circle", "doing", _l("resumed the task")),
    "cancelled": ("slash-circle", "wait", _l("discontinued the task")),
    "reopened": ("unlock", "doing", _l("reopened the task")),
    "evidence_added": ("paperclip", "doing", _l("added evidence")),
    "decision_needed": ("flag", "near", _l("asked for a leader's decision")),
    "decided": ("flag", "done", _l("answered with a decision")),
    "broken_down": ("diagram-3", "doing", _l("broke the task down into parts")),
    "children_done": ("check-all", "done", _l("finished the last part; the task can be closed")),
    "parts_done": ("check-all", "done", _l("finished the last part; the task can be reported as done")),
    "extension_rejected": ("calendar-x", "overdue", _l("refused more time")),
    "extension_declined": ("calendar-x", "wait", _l("declined the offered date")),
    "extension_withdrawn": ("calendar-x", "wait", _l("withdrew the request for more time")),
    "transfer_withdrawn": ("reply", "wait", _l("took back the proposal to move the task")),
    "transfer_rejected": ("x-circle", "near", _l("decided that the unit keeps the task")),
    "urge_answered": ("reply", "doing", _l("answered the urging")),
    "commented": ("chat-left-text", "wait", _l("wrote a comment")),
    "mentioned": ("chat-left-text", "wait", _l("mentioned somebody in a comment")),
    "escalated": ("exclamation-octagon-fill", "overdue", _l("brought the task to the leader: urged too often")),
}


def story(events: Iterable[Event], names: Names) -> list[Line]:
    """The lines in the order of the events."""
    return [_line(event, names) for event in events]


def _line(event: Event, names: Names) -> Line:
    build = SENTENCES.get(event.kind)
    if build is not None:
        icon, tone, text = build(event.data, names)
    else:
        icon, tone, text = PLAIN.get(event.kind, ("circle", "wait", _("changed the task")))
    if event.data.get("with_parent"):
        text = _("%(text)s together with the task above it", text=text)
    return Line(
        id=event.id,
        at=event.at,
        actor=_actor(event, names),
        text=str(text),
        icon=icon,
        tone=tone,
        note=_note(event),
    )


def _actor(event: Event, names: Names) -> str:
    if event.actor_id is None:
        return str(_("The system"))
    name = names.person(event.actor_id)
    principal = names.person(event.on_behalf_of_id)
    return str(_("%(name)s for %(principal)s", name=name, principal=principal)) if principal else name


def _note(event: Event) -> str:
    parts = [event.reason]
    changes = event.data.get("changes")
    if isinstance(changes, dict):
        parts += [
            _("%(field)s before: “%(old)s”", field=str(_FIELDS.get(name, name)).capitalize(), old=old)
            for name, (old, _new) in changes.items()
            if old
        ]
    if event.data.get("earlier_answer") or event.data.get("earlier"):
        earlier = event.data.get("earlier_answer") or event.data.get("earlier")
        parts.append(_("Answer before: “%(old)s”", old=earlier))
    document = event.data.get("document") or event.data.get("decision_number")
    if document:
        parts.append(_("Document: %(document)s", document=document))
    return "\n".join(part for part in parts if part)


def _day(value: object) -> str:
    try:
        return format_date(date.fromisoformat(str(value)))
    except ValueError:
        return str(_("no date"))


def _reassigned(data: dict[str, Any], names: Names) -> tuple[str, str, str]:
    person = names.person(data.get("to"))
    text = _("put %(person)s in charge", person=person) if person else _("took the person in charge off the task")
    return "person-plus", "doing", text


def _transfer_asked(data: dict[str, Any], names: Names) -> tuple[str, str, str]:
    unit = names.unit(data.get("unit_id"))
    text = (
        _("sent the task back and proposed %(unit)s; the clock runs on", unit=unit)
        if unit
        else _("sent the task back; the clock runs on")
    )
    return "arrow-return-left", "near", text


def _moved(data: dict[str, Any], names: Names) -> tuple[str, str, str]:
    old, new = names.unit(data.get("from")), names.unit(data.get("to"))
    text = _("moved the task from %(old)s to %(new)s", old=old, new=new) if old and new else _("moved the task")
    return "arrow-left-right", "doing", text


def _due_changed(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
    before, after = data.get("from"), data.get("to")
    old = before.get("due_on") if isinstance(before, dict) else before
    if not old:
        return "calendar-check", "doing", _("set the deadline to %(after)s", after=_day(after))
    text = _("moved the deadline from %(before)s to %(after)s", before=_day(old), after=_day(after))
    if data.get("corrects"):
        text = _("corrected the deadline from %(before)s to %(after)s", before=_day(old), after=_day(after))
    return "calendar-range", "near", text


def _extension(icon: str, tone: str, sentence: Any) -> Callable[[dict[str, Any], Names], tuple[str, str, str]]:
    def build(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
        return icon, tone, str(sentence) % {"day": _day(data.get("to"))}

    return build


#: Fields of a task that can be corrected.
_FIELDS = {
    "content": _l("content"),
    "product": _l("product"),
    "note": _l("note"),
    "group": _l("group"),
    "tt": _l("row number"),
    "lead_wording": _l("wording of the lead unit"),
    "priority": _l("urgency"),
}


def _edited(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
    changed = data.get("changes")
    fields = [str(_FIELDS.get(name, name)) for name in changed] if isinstance(changed, dict) else []
    return "pencil", "wait", _("corrected the task: %(fields)s", fields=", ".join(fields))


def _waiting(data: dict[str, Any], names: Names) -> tuple[str, str, str]:
    return "hourglass-split", "near", _("waits for %(unit)s", unit=names.unit(data.get("unit_id")))


def _waited(data: dict[str, Any], names: Names) -> tuple[str, str, str]:
    unit = names.unit(data.get("unit_id"))
    text = _("no longer waits for %(unit)s (%(days)s days)", unit=unit, days=data.get("days", 0))
    return "hourglass-split", "wait", text


def _urged(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
    members = data.get("members")
    return "megaphone", "near", _("urged the units that have not finished") if members else _("urged the unit")


def _coordination(icon: str, tone: str, sentence: Any) -> Callable[[dict[str, Any], Names], tuple[str, str, str]]:
    def build(data: dict[str, Any], names: Names) -> tuple[str, str, str]:
        return icon, tone, str(sentence) % {"unit": names.unit(data.get("unit_id"))}

    return build


def _office_changed(data: dict[str, Any], names: Names) -> tuple[str, str, str]:
    office = names.unit(data.get("to"))
    return "arrow-left-right", "doing", _("let %(unit)s track the task from now on", unit=office)


def _coordination_moved(data: dict[str, Any], names: Names) -> tuple[str, str, str]:
    old, new = names.unit(data.get("from")), names.unit(data.get("to"))
    return "people", "doing", _("handed the coordination of %(old)s over to %(new)s", old=old, new=new)


def _joined(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
    return "diagram-3", "near", _("joined the part %(code)s of a merged unit to this one", code=data.get("joined", ""))


def _tagged(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
    old, new = (value if isinstance(value, list) else [] for value in (data.get("from"), data.get("to")))
    added, dropped = ([tag for tag in one if tag not in other] for one, other in ((new, old), (old, new)))
    words = {"added": ", ".join(added), "dropped": ", ".join(dropped)}
    if added and dropped:
        text = _("added the tags %(added)s and took off %(dropped)s", **words)
    elif dropped:
        text = _("took off the tags %(dropped)s", dropped=words["dropped"])
    else:
        text = _("added the tags %(added)s", added=words["added"])
    return "tag", "wait", text


def _removed(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
    what = data.get("number") or data.get("filename") or ""
    return "trash", "wait", _("removed the evidence %(what)s", what=what)


def _document_replaced(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
    words = {"number": data.get("number") or "–", "earlier": data.get("earlier_number") or "–"}
    return "file-earmark-text", "near", _("put the task on %(number)s, which replaces %(earlier)s", **words)


def _carried_over(data: dict[str, Any], _names: Names) -> tuple[str, str, str]:
    words = {"number": data.get("number") or "–", "earlier": data.get("earlier_number") or "–"}
    text = _("let the task go on: %(number)s replaces %(earlier)s and does not name it", **words)
    return "arrow-right", "near", text


SENTENCES: dict[str, Callable[[dict[str, Any], Names], tuple[str, str, str]]] = {
    "reassigned": _reassigned,
    "transfer_asked": _transfer_asked,
    "transfer_approved": _moved,
    "transferred": _moved,
    "handed_over": _moved,
    "lead_corrected": _moved,
    "due_changed": _due_changed,
    "edited": _edited,
    "document_replaced": _document_replaced,
    "carried_over": _carried_over,
    "extension_accepted": _extension("calendar-check", "done", _l("accepted %(day)s, which had been offered")),
    "extension_countered": _extension("calendar-event", "near", _l("offered %(day)s as another date")),
    "extension_approved": _extension("calendar-check", "done", _l("granted more time, until %(day)s")),
    "extension_asked": _extension("calendar-plus", "near", _l("asked for more time, until %(day)s")),
    "waiting_started": _waiting,
    "urged": _urged,
    "waiting_ended": _waited,
    "evidence_removed": _removed,
    "office_changed": _office_changed,
    "coordination_moved": _coordination_moved,
    "joined": _joined,
    "tagged": _tagged,
    "coordination_asked": _coordination("people", "doing", _l("asked %(unit)s to coordinate")),
    "coordination_accepted": _coordination("people", "doing", _l("accepted the request for %(unit)s")),
    "coordination_answered": _coordination("reply", "done", _l("answered for %(unit)s")),
    "coordination_not_needed": _coordination("x-circle", "wait", _l("no longer needs %(unit)s")),
}
