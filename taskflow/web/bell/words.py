"""Sentences of the lines under the bell."""

from __future__ import annotations

from taskflow.i18n import _, _l
from taskflow.services.queries.messages import BellLine

#: By kind of event.
SENTENCES = {
    "assigned": _l("%(by)s assigned a task to your unit."),
    "reassigned": _l("%(by)s put you in charge."),
    "acknowledged": _l("%(by)s acknowledged the task."),
    "progress": _l("%(by)s reported progress."),
    "reported_done": _l("%(by)s reported the task as done; it waits for confirmation."),
    "submitted": _l("%(by)s submitted a report; it waits for your approval."),
    "approved": _l("%(by)s approved the report."),
    "rejected": _l("%(by)s did not approve the report."),
    "withdrawn": _l("%(by)s withdrew the report."),
    "confirmed": _l("%(by)s confirmed the result."),
    "returned": _l("%(by)s returned the result."),
    "suspended": _l("%(by)s suspended the task."),
    "resumed": _l("%(by)s resumed the task."),
    "cancelled": _l("%(by)s discontinued the task."),
    "reopened": _l("%(by)s reopened the task."),
    "undone": _l("%(by)s took back a change that you were told of; the task is as before."),
    "due_changed": _l("%(by)s changed the deadline."),
    "extension_asked": _l("%(by)s asks for more time."),
    "extension_approved": _l("%(by)s granted more time."),
    "extension_rejected": _l("%(by)s refused more time."),
    "extension_countered": _l("%(by)s offers another date."),
    "extension_accepted": _l("%(by)s accepted the offered date."),
    "extension_declined": _l("%(by)s declined the offered date."),
    "extension_withdrawn": _l("%(by)s withdrew the request for more time."),
    "transfer_asked": _l("%(by)s sent the task back."),
    "transfer_approved": _l("%(by)s approved the transfer."),
    "transfer_withdrawn": _l("%(by)s withdrew the wish to send the task back."),
    "transferred": _l("%(by)s moved the task to your unit."),
    "lead_corrected": _l("%(by)s corrected the lead unit: it is yours now."),
    "waiting_started": _l("%(by)s cannot go on without your unit; the days are counted."),
    "escalated": _l("%(by)s brings this task to you: it was urged several times and is not finished."),
    "coordination_accepted": _l("%(by)s accepted the request for help."),
    "transfer_rejected": _l("%(by)s refused the transfer."),
    "urged": _l("%(by)s urges you to finish."),
    "urge_answered": _l("%(by)s answered the urging."),
    "commented": _l("%(by)s wrote a remark."),
    "mentioned": _l("%(by)s mentioned you."),
    "coordination_asked": _l("%(by)s asks your unit to help."),
    "coordination_answered": _l("%(by)s answered the request for help."),
    "coordination_not_needed": _l("%(by)s no longer needs your unit's help."),
    "decision_needed": _l("%(by)s asks for your decision."),
    "decided": _l("%(by)s has decided."),
    "edited": _l("%(by)s corrected the task."),
    "children_done": _l("All units have finished their part; the task can be closed."),
    "parts_done": _l("All parts are finished; the task can be reported as done."),
}


def sentence_of(line: BellLine) -> str:
    """What happened, in one sentence."""
    sentence = SENTENCES.get(line.kind)
    by = line.data.get("by") or _("taskflow")
    return str(sentence) % {"by": by} if sentence is not None else _("There is news on this task.")
