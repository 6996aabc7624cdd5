"""Titles of all stored codes and sentences of all domain errors, in one place, translated lazily.

A test checks that every member of every stored enum has a title and that every error code raised in
``domain`` and ``services`` has a sentence.
"""

from __future__ import annotations

from taskflow import titles_admin, titles_imports
from taskflow.domain.deadlines import DeadlineKind, TimeLabel
from taskflow.domain.permissions import Role
from taskflow.domain.reminders import Group, Recipient, ReminderEvent
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import Attention, Counted, Openness
from taskflow.i18n import ERRORS, TITLES, _l
from taskflow.models.document import ImportStatus, RowDecision
from taskflow.models.org import SuccessionKind
from taskflow.models.outbox import ChannelKind, MessageStatus
from taskflow.models.task import CoordinationState, ExtensionState, Priority, TaskShape, TransferState
from taskflow.task_sentences import TASK_ERRORS

__all__ = ["titles_admin", "titles_imports"]  # they fill the same two tables

ERRORS.update(TASK_ERRORS)


def _titles(kind: type, titles: dict[str, object]) -> None:
    TITLES.update({(kind.__name__, str(code)): title for code, title in titles.items()})


_titles(
    TaskState,
    {
        TaskState.ASSIGNED: _l("Assigned"),
        TaskState.IN_PROGRESS: _l("In progress"),
        TaskState.AWAITING_APPROVAL: _l("Awaiting the unit head's approval"),
        TaskState.AWAITING_CONFIRMATION: _l("Awaiting confirmation"),
        TaskState.SUSPENDED: _l("Suspended"),
        TaskState.COMPLETED: _l("Completed"),
        TaskState.CANCELLED: _l("Discontinued"),
    },
)
_titles(
    Role,
    {
        Role.OFFICER: _l("Officer"),
        Role.HEAD: _l("Head of unit"),
        Role.COORDINATOR: _l("Coordinating office"),
        Role.LEADER: _l("Leader"),
        Role.ADMINISTRATOR: _l("Administrator"),
    },
)

_titles(
    TimeLabel,
    {
        TimeLabel.ON_TIME: _l("In time"),
        TimeLabel.DUE_SOON: _l("Due soon"),
        TimeLabel.DUE_TODAY: _l("Due today"),
        TimeLabel.OVERDUE: _l("Overdue"),
        TimeLabel.DONE_ON_TIME: _l("Finished on time"),
        TimeLabel.DONE_LATE: _l("Finished late"),
        TimeLabel.DONE: _l("Finished"),
        TimeLabel.WAITING_CONDITION: _l("Waiting for a condition"),
        TimeLabel.CONTINUOUS: _l("Continuous"),
        TimeLabel.NEEDS_DEADLINE: _l("Deadline to be set"),
        TimeLabel.SUSPENDED: _l("Suspended"),
        TimeLabel.CANCELLED: _l("Discontinued"),
    },
)
_titles(
    Attention,
    {
        Attention.NEVER_ACKNOWLEDGED: _l("Never acknowledged"),
        Attention.NEEDS_DECISION: _l("Leader's decision needed"),
        Attention.EXTENSION_ASKED: _l("Extension asked"),
        Attention.SENT_BACK: _l("Sent back by the unit"),
        Attention.WAITING_FOR_UNIT: _l("Waiting for coordination"),
        Attention.URGED_OFTEN: _l("Urged too often"),
        Attention.NOT_UPDATED: _l("Not updated for long"),
    },
)
_titles(
    Counted,
    {
        Counted.ALL: _l("All counted tasks"),
        Counted.DONE_ON_TIME: _l("Finished on time"),
        Counted.DONE_LATE: _l("Finished late"),
        Counted.OPEN_ON_TIME: _l("Open, in time"),
        Counted.OPEN_LATE: _l("Open, overdue"),
        Counted.OUTSIDE: _l("Outside the statistic"),
    },
)
_titles(
    Openness,
    {
        Openness.OPEN: _l("Open tasks"),
        Openness.CLOSED: _l("Closed tasks"),
        Openness.ALL: _l("All tasks"),
    },
)

_titles(
    DeadlineKind,
    {
        DeadlineKind.DATE: _l("Fixed date"),
        DeadlineKind.RANGE: _l("Period"),
        DeadlineKind.RECURRING: _l("Recurring"),
        DeadlineKind.CONTINUOUS: _l("Continuous"),
        DeadlineKind.CONDITIONAL: _l("On a condition"),
        DeadlineKind.MIXED: _l("Fixed date and recurring"),
        DeadlineKind.UNKNOWN: _l("Not understood"),
        DeadlineKind.NONE: _l("Without a deadline"),
    },
)
_titles(
    TaskShape,
    {
        TaskShape.SINGLE: _l("Task of one unit"),
        TaskShape.COLLECTIVE: _l("Task of several units"),
        TaskShape.MEMBER: _l("One unit's share of a common task"),
        TaskShape.PART: _l("Part of a task"),
    },
)
_titles(
    Priority,
    {
        Priority.NORMAL: _l("Normal"),
        Priority.URGENT: _l("Urgent"),
        Priority.EXPRESS: _l("Express"),
    },
)
_titles(
    CoordinationState,
    {
        CoordinationState.ASKED: _l("Asked"),
        CoordinationState.ACCEPTED: _l("Accepted"),
        CoordinationState.ANSWERED: _l("Answered"),
        CoordinationState.NOT_NEEDED: _l("No longer needed"),
    },
)
_titles(
    ExtensionState,
    {
        ExtensionState.PENDING: _l("Waiting for a decision"),
        ExtensionState.APPROVED: _l("Agreed"),
        ExtensionState.REJECTED: _l("Refused"),
        ExtensionState.COUNTERED: _l("Another date offered"),
        ExtensionState.ACCEPTED: _l("Offered date accepted"),
        ExtensionState.DECLINED: _l("Offered date declined"),
        ExtensionState.WITHDRAWN: _l("Withdrawn"),
    },
)
_titles(
    TransferState,
    {
        TransferState.PENDING: _l("Waiting for a decision"),
        TransferState.APPROVED: _l("Agreed"),
        TransferState.REJECTED: _l("Refused"),
        TransferState.WITHDRAWN: _l("Withdrawn"),
    },
)
_titles(
    ImportStatus,
    {
        ImportStatus.READING: _l("Being read"),
        ImportStatus.FAILED: _l("Could not be read"),
        ImportStatus.REVIEW: _l("Under review"),
        ImportStatus.COMMITTED: _l("Committed"),
        ImportStatus.UNDONE: _l("Undone"),
        ImportStatus.DISCARDED: _l("Discarded"),
    },
)
_titles(
    RowDecision,
    {
        RowDecision.IMPORT: _l("Import this row"),
        RowDecision.SKIP: _l("Skip this row"),
        RowDecision.OFFER: _l("Offered"),
    },
)
_titles(
    SuccessionKind,
    {
        SuccessionKind.MERGE: _l("Merger"),
        SuccessionKind.SPLIT: _l("Split"),
        SuccessionKind.RENAME: _l("Change of name"),
        SuccessionKind.DISSOLVE: _l("Dissolution"),
    },
)

ERRORS.update(
    {
        "demo.not_empty": _l(
            "The database already holds an office, so the demo is not loaded. Choose an empty folder with "
            "TASKFLOW_DATA_DIR, or delete the folder of a demo whose loading was cut off."
        ),
        "paper.nothing_late": _l("%(unit)s has no overdue task, so there is nothing to urge."),
        "filter.invalid": _l(
            "The address of the list has a value that means nothing (%(value)s). Open the list from the menu again."
        ),
        "conflict.changed_meanwhile": _l(
            "Somebody else changed this meanwhile. Please look at the current version below and try again."
        ),
        "submission.sent_before": _l("This key was used for a request with another body. Send a new key."),
        "submission.key_invalid": _l("The Idempotency-Key must be 1 to 255 printable ASCII characters."),
        "submission.under_way": _l("The first request with this key is still being carried out. Ask again shortly."),
        "conflict.exists": _l("This exists already. Please check the values and try again."),
        "task.wrong_state": _l("The task is not in a state in which this can be done. Please reload the page."),
        "task.not_allowed": _l("You are not allowed to do this to the task."),
        "task.not_found": _l("The task does not exist, or you may not see it."),
        "task.reason_required": _l("Please give a reason."),
        "deadline.missing": _l("Please type the deadline as the document has it, or tick that it is set later."),
        "deadline.doubtful": _l(
            "The deadline is not clear: %(explanation)s Please type it more exactly, or tick that it is set later."
        ),
        "document.no_reporting_rule": _l(
            "This does not say how the reporting day comes again: %(explanation)s Please type it more exactly."
        ),
        "document.not_allowed": _l("Only the office that tracks this document may do this."),
        "series.no_rule": _l("This does not say how the work repeats: %(explanation)s Please type it more exactly."),
        "document.not_found": _l("The document does not exist, or you may not see it."),
        "task.evidence_required": _l("This kind of task needs evidence: attach a file or give a document number."),
    }
)


# Running the server
ERRORS.update(
    {
        "backup.damaged": _l("The copy of the database failed its check (%(verdict)s); no backup was written."),
        "backup.exists": _l("%(path)s exists already. Please choose another name."),
        "backup.not_sqlite": _l(
            "The data is in PostgreSQL (%(address)s). Back it up with pg_dump --format=custom, and copy the folder of "
            "uploaded files."
        ),
    }
)

# Reminding and delivery
_titles(
    Group,
    {
        Group.OVERDUE: _l("Overdue"),
        Group.TODAY: _l("Today"),
        Group.SOON: _l("Due soon"),
        Group.WAITING: _l("Waiting for you"),
    },
)
_titles(
    ReminderEvent,
    {
        ReminderEvent.DUE: _l("Deadline of a task"),
        ReminderEvent.COORDINATION_DUE: _l("Deadline of a coordinating unit"),
        ReminderEvent.REPORT_DAY: _l("Reporting day of a document"),
        ReminderEvent.NEVER_ACKNOWLEDGED: _l("Task not acknowledged"),
        ReminderEvent.NO_PROGRESS: _l("No progress reported"),
        ReminderEvent.AWAITING_APPROVAL: _l("Report waiting for the unit head"),
        ReminderEvent.AWAITING_CONFIRMATION: _l("Result waiting for confirmation"),
        ReminderEvent.EXTENSION_WAITING: _l("Extension request waiting for an answer"),
        ReminderEvent.DECISION_NEEDED: _l("Question waiting for a leader's decision"),
        ReminderEvent.ASSIGNED: _l("A task is assigned"),
        ReminderEvent.RETURNED: _l("A result is returned"),
        ReminderEvent.EXTENSION_ANSWERED: _l("An extension request is answered"),
    },
)
_titles(
    Recipient,
    {
        Recipient.PERSON: _l("Person in charge"),
        Recipient.HEAD: _l("Head of the lead unit"),
        Recipient.COORDINATING: _l("Heads of coordinating units"),
        Recipient.OFFICE: _l("People of the coordinating office"),
        Recipient.OFFICE_HEAD: _l("Head of the coordinating office"),
        Recipient.LEADER: _l("Leader above"),
        Recipient.REPORTER: _l("Who reported"),
    },
)
_titles(
    ChannelKind,
    {
        ChannelKind.EMAIL: _l("E-mail"),
        ChannelKind.ZALO_BOT: _l("Zalo Bot"),
        ChannelKind.ZALO_OA: _l("Zalo Official Account"),
        ChannelKind.ZALO_TEMPLATE: _l("Zalo template message"),
        ChannelKind.ZALO_GROUP: _l("Zalo group"),
        ChannelKind.WEBHOOK: _l("Webhook"),
    },
)
_titles(
    MessageStatus,
    {
        MessageStatus.QUEUED: _l("Queued"),
        MessageStatus.SENDING: _l("Being sent"),
        MessageStatus.SENT: _l("Sent"),
        MessageStatus.DELIVERED: _l("Arrived"),
        MessageStatus.SEEN: _l("Seen"),
        MessageStatus.FAILED: _l("Not delivered"),
        MessageStatus.CANCELLED: _l("Message cancelled"),
        MessageStatus.SKIPPED: _l("Not needed any more"),
    },
)
ERRORS.update(
    {
        "channel.code_invalid": _l("This code is not right or is too old. Please ask for a new one."),
        "channel.phone": _l("This is not a Vietnamese mobile number. Write it like 0912345678."),
        "channel.not_found": _l("There is no such channel."),
        "channel.taken": _l("This account is linked to somebody else already. Unlink it there first."),
        "link.expired": _l("This link has expired. Please sign in to open the task."),
        "link.full_sign_in": _l("This step finishes the task, so it needs a full sign-in."),
        "link.too_many_codes": _l("Too many codes were asked for or typed. Please wait %(minutes)s minutes."),
        "bounce.not_a_mail": _l("This is no e-mail: it has no headers."),
        "message.not_found": _l("There is no such message."),
        "message.wrong_state": _l("The message is not in a state in which this can be done. Please reload the page."),
        "reminder.days_out_of_bounds": _l("Days must lie between 0 and 250."),
        "reminder.email_needed": _l("E-mail must stay allowed, because everybody can be reached by it."),
        "reminder.escalation_bounds": _l("Days and urgings must lie between 1 and 250."),
        "reminder.escalation_when": _l("Say from how many days or urgings on this post is told besides."),
        "reminder.hours_order": _l("The hour of closing must come after the hour of opening."),
        "reminder.no_days": _l("Give at least one day before or after the date."),
        "reminder.nobody": _l("Choose at least one recipient."),
        "reminder.repeat_out_of_bounds": _l("The repetition must be between 1 and 366 days."),
        "reminder.nothing_before": _l("What waits has no day to come; days before it mean nothing."),
        "reminder.rule_invalid": _l("These values do not make a rule. Please check the days and recipients."),
        "reminder.rule_not_found": _l("There is no such rule, or it is not yours to edit."),
        "reminder.time_outside_hours": _l("Each time must lie inside the hours of sending."),
        "webhook.address": _l("Write a full web address that begins with https:// or http://."),
        "message.no_address": _l("No address of this person works. Ask them to link a channel first."),
        "webhook.unknown_host": _l("This host is not known. Please check the address."),
        "webhook.private": _l(
            "This address lies inside the own network. An administrator must allow such addresses first."
        ),
        "machine.disk_full": _l(
            "The server's disk is full: what you sent was not saved and nothing was changed. "
            "Please tell whoever runs the server, and send it again afterwards."
        ),
        "zalo.answer": _l("Zalo answered: %(message)s (code %(number)s)."),
        "zalo.bad_event": _l("This is not an event of Zalo."),
        "zalo.bad_signature": _l("The signature is not right."),
        "zalo.bot_mode": _l("Updates come by polling or by webhook."),
        "zalo.bot_token": _l("A bot's token looks like 123456789:abcdef. Copy it whole from Zalo Bot Manager."),
        "zalo.no_template": _l("Enter the template's ID and save the account first; then fetch its parameters."),
        "zalo.parameters": _l(
            "Write one parameter a line as “parameter = value : length”, with a value from the list beside it."
        ),
        "zalo.signature": _l("Choose one of the offered ways to check signatures."),
        "zalo.tokens_empty": _l("Paste both the access token and the refresh token."),
        "zalo.webhook_secret": _l("The secret of the webhook needs 8 to 256 characters."),
        "zalo.not_configured": _l("Zalo is not set up yet. Please fill in the account first."),
        "zalo.state": _l(
            "This answer of Zalo belongs to no consent that you have begun here, or was used already. "
            "Nothing was changed. Please begin again: Administration → Channels → Zalo → Give consent at Zalo."
        ),
        "zalo.state_old": _l(
            "You began this consent more than %(minutes)s minutes ago. Nothing was changed. "
            "Please begin again: Administration → Channels → Zalo → Give consent at Zalo."
        ),
        "zalo.unreachable": _l("Zalo could not be reached. Please try again later."),
    }
)

_ATTEMPTS = {
    "started": _l("begun, no answer yet"),
    "sent": _l("taken by the receiver"),
    "transient": _l("failed for now, will be tried again"),
    "permanent": _l("refused for good"),
}
TITLES.update({("AttemptOutcome", code): title for code, title in _ATTEMPTS.items()})

_AUDITED = {
    "channel.unsubscribed": _l("Reminders on a channel stopped"),
    "message.cancelled": _l("Message cancelled by hand"),
    "message.links_revoked": _l("Links of a message revoked"),
    "message.resent": _l("Message sent again"),
    "reminder_rule.dropped": _l("Reminder rule dropped"),
    "reminder_rule.saved": _l("Reminder rule saved"),
    "task_link.acknowledged": _l("Task acknowledged by a link"),
    "task_link.asked_for_time": _l("More time asked for by a link"),
    "task_link.opened": _l("One-task link opened"),
    "task_link.reported": _l("Progress reported by a link"),
    "webhook.added": _l("Receiver of events added"),
    "webhook.switched_off": _l("Receiver of events switched off"),
    "webhook.secret_renewed": _l("Secret of a receiver of events renewed"),
    "webhook.switched_on": _l("Receiver of events switched on"),
    "zalo.account_saved": _l("Zalo account set up"),
    "zalo.bot_saved": _l("Zalo Bot set up"),
    "zalo.consent_given": _l("Consent given at Zalo"),
    "zalo.template_read": _l("Parameters of the Zalo template fetched"),
    "zalo.tokens_pasted": _l("Zalo tokens pasted"),
}
TITLES.update({("AuditAction", code): title for code, title in _AUDITED.items()})
