"""Values that the pages of tasks show: chips of the filter, parts of the unit's work, doubts about evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.permissions import Actor
from taskflow.domain.states import TaskState
from taskflow.domain.task_filter import Attention, TaskFilter
from taskflow.i18n import _, format_date, format_number, title_of
from taskflow.services.evidence import EvidenceWarning
from taskflow.services.queries.choices import FilterChoices
from taskflow.services.queries.mine import MyWork
from taskflow.web.addresses import address
from taskflow.web.tasks.forms import CHANNELS


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of the filter, that can be taken off."""

    key: str
    value: str
    label: str
    text: str


def chips(wanted: TaskFilter, choices: FilterChoices) -> list[Chip]:
    """The conditions in force, in words."""
    units, documents, people = dict(choices.units), dict(choices.documents), dict(choices.people)
    words: dict[str, tuple[str, str]] = {
        "q": (_("Search"), wanted.q),
        "shown": (_("Shown"), title_of(wanted.shown)),
        "state": (_("State"), title_of(wanted.state) if wanted.state else ""),
        "label": (_("Deadline"), title_of(wanted.label) if wanted.label else ""),
        "attention": (_("Needs attention"), title_of(wanted.attention) if wanted.attention else ""),
        "counted": (_("Statistic"), title_of(wanted.counted) if wanted.counted else ""),
        "unit": (_("Lead unit"), units.get(wanted.unit or 0, "")),
        "successor": (_("Units merged into it"), _("included")),
        "led_on": (_("Led on"), format_date(wanted.led_on)),
        "unit_tree": (_("Unit and those below it"), units.get(wanted.unit_tree or 0, "")),
        "asked": (_("Owes coordination"), units.get(wanted.asked or 0, "")),
        "office": (_("Coordinating office"), units.get(wanted.office or 0, "")),
        "document": (_("Document"), documents.get(wanted.document or 0, "")),
        "person": (_("Person in charge"), people.get(wanted.person or 0, "")),
        "watched": (_("Watched"), _("by me")),
        "priority": (_("Urgency"), title_of(wanted.priority, "Priority")),
        "tag": (_("Tag"), wanted.tag),
        "due_from": (_("Due from"), format_date(wanted.due_from)),
        "due_to": (_("Due to"), format_date(wanted.due_to)),
        "assigned_from": (_("Assigned from"), format_date(wanted.assigned_from)),
        "assigned_to": (_("Assigned to"), format_date(wanted.assigned_to)),
    }
    query = wanted.to_query()
    return [Chip(key, query[key], label, text or query[key]) for key, (label, text) in words.items() if key in query]


def filter_options(choices: FilterChoices) -> dict[str, list[tuple[str, str]]]:
    """(value, title) pairs of the boxes that offer codes."""
    kinds: dict[str, type[StrEnum]] = {"label": TimeLabel, "state": TaskState, "attention": Attention}
    options = {name: [(code.value, title_of(code)) for code in kind] for name, kind in kinds.items()}
    return {**options, "tag": [(tag, tag) for tag in choices.tags]}


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of the unit's work, with its number."""

    label: str
    url: str
    count: int
    active: bool


def mine_tabs(work: MyWork, wanted: TaskFilter, actor: Actor) -> list[Tab]:
    """The parts of "Việc của đơn vị tôi": all open, late, today, soon, new, waiting for others, mine."""
    parts = [
        (_("All open"), {}, "open"),
        (_("Overdue"), {"label": TimeLabel.OVERDUE.value}, "overdue"),
        (_("Due today"), {"label": TimeLabel.DUE_TODAY.value}, "due_today"),
        (_("Due soon"), {"label": TimeLabel.DUE_SOON.value}, "due_soon"),
        (_("New"), {"state": TaskState.ASSIGNED.value}, "new"),
        (_("Awaiting confirmation"), {"state": TaskState.AWAITING_CONFIRMATION.value}, "awaiting"),
        (_("In my charge"), {"person": str(actor.user_id)}, "mine"),
    ]
    present = {key: value for key, value in wanted.to_query().items() if key in ("label", "state", "person", "shown")}
    return [
        Tab(label, address("tasks.mine", query), work.counts[count], present == query)
        for label, query, count in parts
        if work.counts[count] or count in ("open", "overdue") or present == query
    ]


def evidence_warnings(warnings: Iterable[EvidenceWarning]) -> dict[int, list[str]]:
    """What looks wrong, in words, by the id of the evidence."""
    found: dict[int, list[str]] = {}
    for warning in warnings:
        found.setdefault(warning.evidence_id, []).append(_doubt(warning))
    return found


def _doubt(warning: EvidenceWarning) -> str:
    other = warning.task_code or _("another task")
    if warning.code == "number_used":
        return str(_("The same document is evidence of %(task)s.", task=other))
    if warning.code == "duplicate_file":
        return str(_("The same file is evidence of %(task)s.", task=other))
    if warning.code == "sent_before":
        return str(_("This very file has been handed in for this task before."))
    if warning.code == "not_yet":
        return str(
            _("The document is dated %(day)s, later than the day on which it was added.", day=format_date(warning.day))
        )
    if warning.code == "before_assignment":
        return str(_("The document is dated %(day)s, before the task was assigned.", day=format_date(warning.day)))
    return str(_("The document is dated %(day)s, after the result was delivered.", day=format_date(warning.day)))


def file_size(size: int) -> str:
    """ "1,2 MB": the size of a file as people read it."""
    for limit, unit in ((1024**2, "MB"), (1024, "KB")):
        if size >= limit:
            return f"{format_number(round(size / limit, 1))} {unit}"
    return f"{size} B"


def urge_channel(code: str) -> str:
    """How the unit was urged, in words."""
    return next((str(choice.label) for choice in CHANNELS if choice.value == code), code)
