"""How each message reads: a letter becomes a subject, a text, an HTML page and a short form for chat.

Templates are in templates/emails/<message>/. Text and HTML say the same; the chat form holds counts, short
titles, dates and links only, because it leaves through somebody else's service.

What happened is the headline: first in the page, in chat and in templates. Of a mail about one task the subject is
the task itself, so that all its mails make one conversation (Gmail asks for equal subjects besides the headers).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import current_app

from taskflow.i18n import _, _l, format_date, title_of
from taskflow.notifications.letters import Letter, LetterItem
from taskflow.notifications.transports.base import Rendered
from taskflow.notifications.transports.fitting import fit

#: Titles in chat are shortened, and never more than so many are listed.
CHAT_TITLE = 90
CHAT_ITEMS = 5
SUBJECT_TITLE = 80
_MAILBOX = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")


@dataclass(frozen=True, slots=True)
class EventWords:
    """What a message about an event says: as subject for one task and for several, and as its first sentence."""

    one: object
    many: object
    lead: object


#: Messages about events of tasks, by kind of event.
EVENTS: dict[str, EventWords] = {
    "assigned": EventWords(_l("New task: %(title)s"), _l("%(count)s new tasks"), _l("Your unit has been given:")),
    "reassigned": EventWords(
        _l("You are in charge: %(title)s"), _l("You are in charge of %(count)s tasks"), _l("You are now in charge of:")
    ),
    "submitted": EventWords(
        _l("Report to approve: %(title)s"),
        _l("%(count)s reports to approve"),
        _l("These reports wait for your approval:"),
    ),
    "rejected": EventWords(
        _l("Report not approved: %(title)s"),
        _l("%(count)s reports not approved"),
        _l("The head of the unit asks to rework:"),
    ),
    "returned": EventWords(
        _l("Result returned: %(title)s"), _l("%(count)s results returned"), _l("The coordinating office has returned:")
    ),
    "suspended": EventWords(_l("Suspended: %(title)s"), _l("%(count)s tasks suspended"), _l("Suspended for now:")),
    "resumed": EventWords(_l("Resumed: %(title)s"), _l("%(count)s tasks resumed"), _l("To be continued:")),
    "cancelled": EventWords(
        _l("Discontinued: %(title)s"), _l("%(count)s tasks discontinued"), _l("No longer to be done:")
    ),
    "reopened": EventWords(_l("Reopened: %(title)s"), _l("%(count)s tasks reopened"), _l("Reopened, to be continued:")),
    "undone": EventWords(
        _l("Taken back: %(title)s"),
        _l("Changes of %(count)s tasks taken back"),
        _l("A change that you were told of has been taken back; person in charge and deadline are as before:"),
    ),
    "due_changed": EventWords(
        _l("New deadline: %(title)s"), _l("New deadlines of %(count)s tasks"), _l("The deadline has changed:")
    ),
    "extension_asked": EventWords(
        _l("Extension asked: %(title)s"), _l("Extension asked for %(count)s tasks"), _l("More time is asked for:")
    ),
    "extension_approved": EventWords(
        _l("Extension approved: %(title)s"), _l("%(count)s extensions approved"), _l("More time has been granted for:")
    ),
    "extension_rejected": EventWords(
        _l("Extension refused: %(title)s"), _l("%(count)s extensions refused"), _l("No more time has been granted for:")
    ),
    "extension_countered": EventWords(
        _l("Another date offered: %(title)s"),
        _l("Other dates offered for %(count)s tasks"),
        _l("Another date is offered for:"),
    ),
    "transfer_asked": EventWords(
        _l("Sent back by the unit: %(title)s"),
        _l("%(count)s tasks sent back by units"),
        _l("Proposed for another unit:"),
    ),
    "transfer_approved": EventWords(
        _l("Transfer approved: %(title)s"), _l("%(count)s transfers approved"), _l("The transfer has been approved:")
    ),
    "transfer_rejected": EventWords(
        _l("Transfer refused: %(title)s"), _l("%(count)s transfers refused"), _l("The transfer has been refused:")
    ),
    "transferred": EventWords(
        _l("Moved to your unit: %(title)s"),
        _l("%(count)s tasks moved to your unit"),
        _l("These tasks are your unit's from now on:"),
    ),
    "lead_corrected": EventWords(
        _l("Lead unit corrected: %(title)s"),
        _l("Lead unit of %(count)s tasks corrected"),
        _l("The lead unit has been corrected; it is your unit now:"),
    ),
    "escalated": EventWords(
        _l("Urged several times, not finished: %(title)s"),
        _l("%(count)s tasks urged several times and not finished"),
        _l("These tasks were urged several times and are not finished:"),
    ),
    "urged": EventWords(_l("Urging: %(title)s"), _l("Urging: %(count)s tasks"), _l("You are urged to finish:")),
    "mentioned": EventWords(
        _l("You are mentioned: %(title)s"),
        _l("You are mentioned in %(count)s tasks"),
        _l("You are mentioned in a remark on:"),
    ),
    "coordination_asked": EventWords(
        _l("Coordination asked: %(title)s"),
        _l("Coordination asked for %(count)s tasks"),
        _l("Your unit is asked to help with:"),
    ),
    "waiting_started": EventWords(
        _l("Your help is waited for: %(title)s"),
        _l("Your help is waited for in %(count)s tasks"),
        _l("The lead unit cannot go on without your unit; the days are counted:"),
    ),
    "decision_needed": EventWords(
        _l("Decision needed: %(title)s"),
        _l("Decisions needed on %(count)s tasks"),
        _l("Your decision is asked for on:"),
    ),
    "decided": EventWords(
        _l("Decision: %(title)s"), _l("Decisions on %(count)s tasks"), _l("The leader has decided on:")
    ),
}
_OTHER = EventWords(_l("News on: %(title)s"), _l("News on %(count)s tasks"), _l("There is news on:"))
#: Messages with a template of their own; every other kind is about an event of a task.
OWN_TEMPLATES = frozenset({"digest", "invitation", "password_reset", "link_code", "alarm", "test"})


def render(letter: Letter) -> Rendered:
    """The message in words. Needs an application context."""
    folder = letter.kind if letter.kind in OWN_TEMPLATES else "task_event"
    words = EVENTS.get(letter.kind, _OTHER)
    values = {"letter": letter, "lead": words.lead, "subject": _headline(letter, words)}
    # Not flask.render_template: the frame of a web page has no business in a message, and there is no request.
    write = current_app.jinja_env.get_template
    headline = _marked(letter, " ".join(write(f"emails/{folder}/subject.txt").render(values).split()))
    values["subject"] = headline
    about = letter.items[0] if folder == "task_event" and letter.total == 1 and letter.items else None
    return Rendered(
        subject=_marked(letter, _about(about)) if about is not None else headline,
        text=write(f"emails/{folder}/body.txt").render(values).strip() + "\n",
        html=write(f"emails/{folder}/body.html").render(values),
        chat=_discreet(_chat(letter, headline)),
        parameters={name: _discreet(value) for name, value in _parameters(letter, headline).items()},
    )


def _about(item: LetterItem) -> str:
    """The subject of every mail about this one task, whatever happened to it."""
    return str(_("Task %(code)s: %(title)s", code=item.code, title=fit(item.title, SUBJECT_TITLE)))


def _headline(letter: Letter, words: EventWords) -> str:
    if letter.items and letter.total == 1:
        return str(words.one) % {"title": fit(letter.items[0].title, SUBJECT_TITLE)}
    return str(words.many) % {"count": letter.total}


def _marked(letter: Letter, subject: str) -> str:
    """The subject with the strongest urgency mark in front; where others are in the message too, it says so."""
    marks = [item.mark for item in letter.shown if item.mark]
    if not marks:
        return subject
    mark = urgency("express" if "express" in marks else "urgent")
    said = mark if len(marks) == letter.total else str(_("some %(mark)s", mark=mark))
    return f"[{said}] {subject}"


def urgency(mark: str) -> str:
    """The urgency mark as documents bear it: KHẨN, HỎA TỐC."""
    return title_of(mark, "Priority").upper()


def _chat(letter: Letter, subject: str) -> str:
    """Counts, short titles, dates and a link; never what somebody wrote, never a document's content."""
    if letter.kind == "link_code":
        return f"{subject}: {letter.data.get('code', '')}"
    if letter.kind == "test":
        return str(letter.data.get("sentence", subject))
    if letter.kind in OWN_TEMPLATES and letter.kind != "digest":
        return subject  # an alarm quotes what servers answered, an invitation holds a secret
    items = letter.shown
    lines = [subject, *(f"• {_chat_line(item)}" for item in items[:CHAT_ITEMS])]
    more = letter.total - min(len(items), CHAT_ITEMS)
    if more > 0 and items:
        lines.append(_("and %(count)s more tasks", count=more))
    url = items[0].url if letter.total == 1 and items and items[0].url else letter.home_url
    return "\n".join([*lines, url])


def _discreet(text: str) -> str:
    """The text without e-mail addresses, which a title may hold."""
    return _MAILBOX.sub("…", text)


def _chat_line(item: LetterItem) -> str:
    days = [f"{_('due')} {format_date(item.due)}"] if item.due else []
    days += [str(_("answer by %(date)s", date=format_date(item.reply_by)))] if item.reply_by else []
    due = f" ({', '.join(days)})" if days else ""
    mark = f"[{urgency(item.mark)}] " if item.mark else ""
    return mark + fit(item.title, CHAT_TITLE) + due


def _parameters(letter: Letter, subject: str) -> dict[str, str]:
    """Values that a provider's template can ask for, by the names shown on the page of channels.

    Nothing but counts, short titles, dates and links: who is written to is not named, only greeted.
    """
    items = letter.shown
    first = items[0] if items else None
    return {
        "name": str(_("Sir or Madam")),
        "office": letter.office,
        "subject": subject,
        "total": str(letter.total),
        "overdue": str(letter.count("overdue")),
        "today": str(letter.count("today")),
        "soon": str(letter.count("soon")),
        "waiting": str(letter.count("waiting")),
        "title": fit(first.title, CHAT_TITLE) if first else "",
        "due": format_date(first.due) if first and first.due else "",
        "url": first.url if first and letter.total == 1 and first.url else letter.home_url,
    }
