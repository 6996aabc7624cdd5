"""From rows of the outbox to letters: read once for a batch, at the moment of sending, what still holds.

A message whose tasks are over by then, or are no longer its reader's, has nothing to say and is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from taskflow.clock import local_date
from taskflow.domain.reminders import DATED, ReminderEvent
from taskflow.domain.states import TaskState
from taskflow.i18n import _, format_datetime
from taskflow.models.outbox import ChannelKind
from taskflow.notifications.letters import Letter, LetterGroup, LetterItem
from taskflow.notifications.transports.fitting import fit
from taskflow.services import settings
from taskflow.services.calendar import work_calendar
from taskflow.services.letter_facts import (
    TaskFacts,
    asking,
    read_channels,
    read_documents,
    read_endpoints,
    read_people,
    read_replies,
    read_rights,
    read_tasks,
)
from taskflow.services.reminder_policy import Policy, choice_of, hours_of, load_policy
from taskflow.services.task_links import base_url, task_url, unsubscribe_url

#: Messages about an account: sent whatever the person chose, cannot be unsubscribed, wiped once sent.
ACCOUNT_KINDS = frozenset({"invitation", "password_reset", "link_code"})
#: Messages of the machine itself.
SYSTEM_KINDS = frozenset({"alarm", "test"})
#: How many tasks stand where, for the office's group: counts only.
SUMMARY = "summary"
#: Events that are worth a message also when the task is over by then.
_KEPT_WHEN_OVER = frozenset(
    {"cancelled", "confirmed", "decided", "mentioned", "transfer_approved", "transfer_rejected", "suspended"}
)
#: Events that still concern the unit that a task has left; of everything else it hears nothing any more.
_KEPT_WHEN_LEFT = frozenset({"mentioned", "transfer_approved", "transferred", "lead_corrected"})
_OVER = (TaskState.COMPLETED, TaskState.CANCELLED)
LONGEST_TITLE = 200
LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as it will be rendered: everything that the database had to say about it."""

    letter: Letter
    #: Where it goes: the address that is right now.
    address: str
    task_id: int | None = None
    unsubscribe_url: str = ""
    extra: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """Why there is nothing left to say."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """When it may leave: a message that was held up does not come at night or on a day off."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class AddressOff:
    """The address was refused for good or unsubscribed since the message was queued: another way is needed."""


#: A digest that was held up waits so long after a digest time, so that the next sweep can take it into the new one.
_GRACE = timedelta(minutes=12)


class Desk:
    """What a batch of messages needs to know, read in a handful of queries."""

    def __init__(self, session: Session, rows: Sequence[Any], *, now: datetime) -> None:
        self._now = now
        self._policy: Policy = load_policy()
        self._office = settings.get(settings.OFFICE_NAME)
        items = [item for row in rows for item in _items(row.payload)]
        tasks = {item["task"] for item in items if item.get("task")}
        self._tasks = read_tasks(session, tasks) if tasks else {}
        lines = {line for item in items if (line := _line(item))}
        self._replies = read_replies(session, lines) if lines else {}
        documents = {item["id"] for item in items if item.get("subject") == "document"}
        self._documents = read_documents(session, documents) if documents else {}
        people = {row.user_id for row in rows if row.user_id} | {item["for"] for item in items if item.get("for")}
        self._people = read_people(session, people) if people else {}
        endpoints = {int(row.address) for row in rows if row.channel is ChannelKind.WEBHOOK}
        self._endpoints = read_endpoints(session, endpoints) if endpoints else {}
        asked = {item["task"] for item in items if item.get("event") == ReminderEvent.EXTENSION_WAITING}
        self._asking = asking(session, asked) if asked else set()
        addresses = {row.address for row in rows if row.user_id} | {person.email for person in self._people.values()}
        self._channels = read_channels(session, addresses)
        pairs = {
            (row.user_id, item["task"])
            for row in rows
            if row.user_id in self._people
            for item in _items(row.payload)
            if item.get("task")
        }
        self._may_read, self._concerned = read_rights(session, pairs, on=local_date(now)) if pairs else (set(), set())
        self._zone = current_app.config["TASKFLOW"].zone

    def draft(self, row: Any) -> Draft | Skip | Later | AddressOff:
        """The message of this row, or why it does not leave now."""
        if row.channel is ChannelKind.WEBHOOK:
            return self._webhook(row)
        person = self._people.get(row.user_id)
        if row.user_id and (person is None or not person.is_active):
            return Skip("person_left")
        name = person.full_name if person else ""
        if row.kind in ACCOUNT_KINDS and row.address != self._address(row):
            return Skip("address_changed")  # it holds a secret, and whoever reads that mailbox is not asked for
        if row.kind in ACCOUNT_KINDS | SYSTEM_KINDS:
            return self._account(row, name)
        if row.kind == SUMMARY:
            return self._summary(row)
        if person is not None:
            if self._is_off(row):
                return AddressOff()
            later = self._later(row, person)
            if later is not None:
                return later
        reminder_off = row.channel is ChannelKind.EMAIL and row.user_id
        address = self._address(row)
        unsubscribe = unsubscribe_url(row.user_id, address) if reminder_off else ""
        groups, items = self._groups(row, person), self._event_items(row, person)
        if not groups and not items:
            return Skip("nothing_left")
        letter = Letter(
            kind=row.kind,
            name=name,
            office=self._office,
            home_url=base_url() + "/",
            settings_url=f"{base_url()}/channels/",
            unsubscribe_url=unsubscribe,
            groups=groups,
            items=items,
            more=row.payload.get("more", 0),
        )
        about = {item["task"] for item in row.payload.get("items", ())}
        return Draft(
            letter,
            address,
            task_id=next(iter(about)) if len(about) == 1 and not groups else None,
            unsubscribe_url=unsubscribe,
            extra={"last_interaction_at": self._heard(row)},
        )

    def _address(self, row: Any) -> str:
        """Where this row goes now: an e-mail to a person goes to the address that their account has today."""
        person = self._people.get(row.user_id)
        return str(person.email) if person is not None and row.channel is ChannelKind.EMAIL else str(row.address)

    def _is_for(self, row: Any, task_id: int) -> bool:
        """Whether the task still concerns whom the message is for, who may still read it."""
        if not row.user_id:
            return True
        return (row.user_id, task_id) in (self._may_read if row.kind in _KEPT_WHEN_LEFT else self._concerned)

    def _is_off(self, row: Any) -> bool:
        channel = self._channels.get((row.user_id, row.channel, self._address(row)))
        return channel is not None and (channel.disabled_at is not None or channel.unsubscribed_at is not None)

    def _heard(self, row: Any) -> datetime | None:
        channel = self._channels.get((row.user_id, row.channel, row.address))
        return channel.last_interaction_at if channel is not None else None

    def _later(self, row: Any, person: Any) -> Later | None:
        """Until when a message that is not urgent must wait: for the person's hours, a digest of old for the sweep."""
        if row.urgent:
            return None
        local, calendar = self._now.astimezone(self._zone), work_calendar()
        hours = hours_of(self._policy, choice_of(person.preferences))
        is_digest = "groups" in row.payload
        if hours.is_open(local, calendar):
            slot = hours.slot(local, calendar) if is_digest else None
            # Held up since before the digest time: a server that starts again sends one digest, not two.
            return Later(self._now + _GRACE) if slot is not None and row.next_attempt_at < slot else None
        moment = hours.next_slot(local, calendar) + _GRACE if is_digest else hours.next_open(local, calendar)
        return Later(moment) if moment > self._now else None

    def _account(self, row: Any, name: str) -> Draft | Skip:
        data = dict(row.payload)
        expires = data.get("expires_at")
        if isinstance(expires, str):
            moment = datetime.fromisoformat(expires)
            if moment <= self._now:
                return Skip("too_late")
            data["expires"] = format_datetime(moment)
        if row.kind == "alarm":
            data["link"] = f"{base_url()}/channels/setup"
            data["sentence"] = alarm_sentence(data)
        return Draft(
            Letter(kind=row.kind, name=name or str(data.get("name", "")), office=self._office, data=data),
            row.address,
            extra={"last_interaction_at": self._heard(row)},
        )

    def _summary(self, row: Any) -> Draft:
        parts = tuple(LetterGroup(part["group"], part["count"], ()) for part in row.payload.get("groups", ()))
        return Draft(Letter(kind="digest", office=self._office, home_url=base_url() + "/", groups=parts), row.address)

    def _webhook(self, row: Any) -> Draft | Skip:
        endpoint = self._endpoints.get(int(row.address))
        if endpoint is None or not endpoint.is_active:
            return Skip("endpoint_off")
        items = self._event_items(row, None)
        letter = Letter(
            kind=row.kind, office=self._office, home_url=base_url() + "/", items=items, more=row.payload.get("more", 0)
        )
        data = {
            "tasks": [
                {
                    "code": item.code,
                    "title": item.title,
                    "unit": item.unit,
                    "due": item.due.isoformat() if item.due else None,
                    "url": item.url,
                }
                for item in items
            ]
        }
        extra = {
            "url": endpoint.url,
            "secrets": endpoint.secrets(self._now),
            "format": endpoint.format,
            "data": data,
            "happened_at": row.created_at,
        }
        return Draft(letter, row.address, extra=extra)

    def _groups(self, row: Any, person: Any) -> tuple[LetterGroup, ...]:
        found = []
        for part in row.payload.get("groups", ()):
            items = [(item, self._digest_item(row, item, person)) for item in part["items"]]
            good = tuple(line for _item, line in items if line is not None)
            count = part["count"] - (len(items) - len(good))
            if count > 0:
                found.append(LetterGroup(part["group"], count, good))
        return tuple(found) if any(group.items for group in found) else ()

    def _digest_item(self, row: Any, item: dict[str, Any], person: Any) -> LetterItem | None:
        event = ReminderEvent(item["event"])
        basis = date.fromisoformat(item["basis"])
        stands_for = self._people.get(item.get("for") or 0)
        for_name = stands_for.full_name if stands_for else ""
        if item["subject"] == "document":
            document = self._documents.get(item["id"])
            if document is None:
                return None
            note = _("report to %(who)s", who=document.reporting_to) if document.reporting_to else _("reporting day")
            return LetterItem(title=fit(document.title, LONGEST_TITLE), code=document.number, due=basis, note=note)
        task = self._tasks.get(item["task"])
        if task is None or not _still_holds(event, task, basis) or not self._is_for(row, task.id):
            return None
        if item["subject"] == "coordination" and self._replies.get(item["id"]) != basis:
            return None  # answered, or asked for another day since
        if event is ReminderEvent.EXTENSION_WAITING and task.id not in self._asking:
            return None
        return LetterItem(
            title=fit(task.content, LONGEST_TITLE),
            code=task.code,
            unit=task.unit,
            due=task.due,
            reply_by=basis if event is ReminderEvent.COORDINATION_DUE else None,
            note=_note(event, item),
            url=self._url(task, row, person),
            for_name=for_name,
            mark=task.mark,
        )

    def _event_items(self, row: Any, person: Any) -> tuple[LetterItem, ...]:
        found = []
        for item in row.payload.get("items", ()):
            task = self._tasks.get(item["task"])
            if task is None or (task.state in _OVER and row.kind not in _KEPT_WHEN_OVER):
                continue
            if not self._is_for(row, task.id):
                continue
            stands_for = self._people.get(item.get("for") or 0)
            found.append(
                LetterItem(
                    title=fit(task.content, LONGEST_TITLE),
                    code=task.code,
                    unit=task.unit,
                    due=task.due,
                    reply_by=self._replies.get(_line(item) or 0),
                    text=fit(str(item.get("text", "")), LONGEST_TEXT),
                    by=str(item.get("by", "")),
                    for_name=stands_for.full_name if stands_for else "",
                    url=self._url(task, row, person),
                    mark=task.mark,
                )
            )
        return tuple(found)

    def _url(self, task: TaskFacts, row: Any, person: Any) -> str:
        if person is None:
            return f"{base_url()}/tasks/{task.id}"
        return task_url(
            task_id=task.id,
            user_id=person.id,
            epoch=person.session_epoch,
            message_id=row.id,
            now=self._now,
            days=self._policy.link_days,
        )


def _line(item: dict[str, Any]) -> int | None:
    """The coordination line that an item of a digest, or of a message about an event, speaks of."""
    found = item["id"] if item.get("subject") == "coordination" else item.get("coordination")
    return int(found) if found else None


def _items(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [*payload.get("items", ()), *(item for part in payload.get("groups", ()) for item in part["items"])]


def _still_holds(event: ReminderEvent, task: TaskFacts, basis: date) -> bool:
    """Whether what was queued is still true: the work is open, the day is the same, it still waits."""
    if task.state in (*_OVER, TaskState.SUSPENDED):
        return False
    if event is ReminderEvent.DUE:
        return task.state in (TaskState.ASSIGNED, TaskState.IN_PROGRESS) and task.due == basis
    if event is ReminderEvent.NO_PROGRESS:
        return task.progress_on is None or task.progress_on <= basis
    if event is ReminderEvent.NEVER_ACKNOWLEDGED:
        return task.state is TaskState.ASSIGNED
    if event is ReminderEvent.DECISION_NEEDED:
        return task.needs_decision
    if event is ReminderEvent.AWAITING_APPROVAL:
        return task.state is TaskState.AWAITING_APPROVAL
    if event is ReminderEvent.AWAITING_CONFIRMATION:
        return task.state is TaskState.AWAITING_CONFIRMATION
    return True


def _note(event: ReminderEvent, item: dict[str, Any]) -> str:
    late = item.get("late_by", 0)
    if event is ReminderEvent.COORDINATION_DUE and late:
        return str(_("reply overdue for %(days)s working days", days=late))
    if event is ReminderEvent.COORDINATION_DUE:
        return str(_("last working day to reply")) if item.get("rung") == "0" else ""
    if event in DATED:
        if late:
            return str(_("overdue for %(days)s working days", days=late))
        return str(_("last working day")) if item.get("rung") == "0" else ""
    words: dict[ReminderEvent, str] = {
        ReminderEvent.NEVER_ACKNOWLEDGED: _("not acknowledged for %(days)s working days", days=late),
        ReminderEvent.NO_PROGRESS: _("no progress for %(days)s working days", days=late),
        ReminderEvent.AWAITING_APPROVAL: _("waiting for your approval for %(days)s working days", days=late),
        ReminderEvent.AWAITING_CONFIRMATION: _("waiting for confirmation for %(days)s working days", days=late),
        ReminderEvent.DECISION_NEEDED: _("waiting for your decision for %(days)s working days", days=late),
        ReminderEvent.EXTENSION_WAITING: _("extension request waiting for %(days)s working days", days=late),
    }
    return words[event]


def alarm_sentence(data: dict[str, Any]) -> str:
    """What an alarm to the administrators says."""
    if data.get("what") == "sweep":
        since = format_datetime(datetime.fromisoformat(data["since"])) if data.get("since") else "–"
        return str(_("Reminders have not run since %(since)s. Is taskflow scheduler running?", since=since))
    if data.get("what") == "fault":
        sentence = _(
            "The application itself failed (%(about)s): %(error)s. Messages go by another channel where there is one, "
            "and are tried again. Please hand the log of the server to those who maintain the application.",
            about=data.get("channel") or data.get("job", ""),
            error=data.get("error", ""),
        )
        return str(sentence)
    if data.get("what") == "refused":
        sentence = _(
            "Nothing has been taken by %(channel)s since %(since)s: messages to %(addresses)s addresses failed, the "
            "last with the answer %(error)s. They are tried again; please see to the channel's server or account.",
            channel=data.get("channel", ""),
            since=format_datetime(datetime.fromisoformat(data["since"])),
            addresses=data.get("addresses", 0),
            error=data.get("error", ""),
        )
        return str(sentence)
    if data.get("what") == "year":
        sentence = _(
            "Nobody has confirmed the days off of the year %(year)s yet. Compare them with the official notice.",
            year=data.get("year", ""),
        )
        return str(sentence)
    sentence = _(
        "%(channel)s needs a person: %(error)s. Renew the sign-in or correct the setting.",
        channel=data.get("channel", ""),
        error=data.get("error", ""),
    )
    return str(sentence)
