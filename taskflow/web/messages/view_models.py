"""Messages as their pages show them: titles, tones, sentences for errors."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from taskflow.domain.permissions import Permission, has
from taskflow.i18n import _, _l, title_of
from taskflow.models.outbox import MessageStatus
from taskflow.notifications.messages import EVENTS
from taskflow.services.letters import ACCOUNT_KINDS, SYSTEM_KINDS
from taskflow.services.messages import CANCELLABLE, RESENDABLE
from taskflow.services.queries.messages import MessageRow
from taskflow.web.navigation import NavItem
from taskflow.web.session import current_actor

_TONES = {
    MessageStatus.QUEUED: ("wait", "hourglass-split"),
    MessageStatus.SENDING: ("doing", "send"),
    MessageStatus.SENT: ("done", "check-circle-fill"),
    MessageStatus.DELIVERED: ("done", "check-circle-fill"),
    MessageStatus.SEEN: ("done", "eye"),
    MessageStatus.FAILED: ("overdue", "exclamation-octagon-fill"),
    MessageStatus.CANCELLED: ("wait", "x-circle"),
    MessageStatus.SKIPPED: ("wait", "dash-circle"),
}
#: Kinds whose message is about something else than an event of a task, or says it in other words.
_KINDS = {
    "digest": _l("Reminder"),
    "invitation": _l("Invitation"),
    "password_reset": _l("New password"),
    "link_code": _l("Code"),
    "alarm": _l("Alarm"),
    "test": _l("Test message"),
    "summary": _l("Summary for the group"),
    "reported_done": _l("Reported as done"),
    "confirmed": _l("Result confirmed"),
}
_ERRORS = {
    "no_route": _l("No address of this person works. Ask them to link a channel, or correct the e-mail address."),
    "address_off": _l("The address had refused messages or was unsubscribed before it left."),
    "merged": _l("It had not left yet when the next reminder was due; its tasks are in that one."),
    "nothing_left": _l("All its tasks were finished, changed or passed to others before it left."),
    "address_changed": _l("The e-mail address was changed before it left; send a new link."),
    "person_left": _l("The account was closed before it left."),
    "too_late": _l("What it offered had expired before it left."),
    "endpoint_off": _l("The receiver is switched off."),
}


@dataclass(frozen=True, slots=True)
class MessageView:
    """A line of the list, ready to be shown."""

    row: MessageRow
    title: str
    tone: str
    icon: str
    status: str
    channel: str
    error: str
    can_resend: bool
    can_cancel: bool
    has_links: bool

    @classmethod
    def of(cls, row: MessageRow) -> MessageView:
        """The view of a row."""
        tone, icon = _TONES[row.status]
        return cls(
            row=row,
            title=kind_title(row.kind),
            tone=tone,
            icon=icon,
            status=title_of(row.status),
            channel=title_of(row.channel),
            error=error_words(row.last_error),
            can_resend=row.status in RESENDABLE and row.kind not in ACCOUNT_KINDS,
            can_cancel=row.status in CANCELLABLE,
            has_links=row.kind not in ACCOUNT_KINDS | SYSTEM_KINDS and row.user_id is not None,
        )


def kind_title(kind: str) -> str:
    """What a message is about, in a few words."""
    if kind in _KINDS:
        return str(_KINDS[kind])
    words = EVENTS.get(kind)
    return (str(words.one) % {"title": ""}).rstrip(" :") if words else str(_("News of a task"))


def error_words(error: str) -> str:
    """An error in a sentence; the receiver's own words where we have none."""
    return str(_ERRORS[error]) if error in _ERRORS else error


def tabs(here: str) -> list[NavItem]:
    """The views of messages; what people replied is the administrators'."""
    entries = [
        (_("All messages"), "messages.index"),
        (_("Nobody reached yet"), "messages.unreached"),
        (_("Reach of people"), "messages.people"),
        (_("By month"), "messages.month"),
    ]
    if has(current_actor(), Permission.ADMIN_SETTING_EDIT):
        entries.append((_("Replies by e-mail"), "messages.replies"))
    return [NavItem(label, url_for(name), "", active=name == here) for label, name in entries]
