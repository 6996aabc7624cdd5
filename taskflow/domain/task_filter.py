"""What a list of tasks shows: the filter that stands in the address of the page.

The same value serves the list, its export, saved views and the numbers that lead to lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum

from taskflow.domain.deadlines import TimeLabel
from taskflow.domain.errors import Invalid
from taskflow.domain.states import TaskState
from taskflow.domain.typed import clean_text

#: Codes of ``models.task.Priority``, for the address.
PRIORITIES = frozenset({"normal", "urgent", "express"})
#: Years that a typed day can lie in: others are slips of the hand, and days beside the end of time cannot be counted.
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Sort(StrEnum):
    """Orders of a list."""

    DUE = "due"  # late and due first; of a search the newest first
    LATEST_DUE = "-due"
    NEWEST = "newest"
    CODE = "code"
    CODE_DOWN = "-code"
    CONTENT = "content"
    CONTENT_DOWN = "-content"
    LEAD = "lead"
    LEAD_DOWN = "-lead"
    STATE = "state"  # in the order of a task's life
    STATE_DOWN = "-state"
    DOCUMENT = "document"
    DOCUMENT_DOWN = "-document"

    @property
    def column(self) -> str:
        """What the list is sorted by."""
        return self.value.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the last comes first."""
        return self.value.startswith("-")


class Attention(StrEnum):
    """Reasons for which the coordinating office looks at a task (ngoại lệ)."""

    NEVER_ACKNOWLEDGED = "never_acknowledged"
    NEEDS_DECISION = "needs_decision"
    EXTENSION_ASKED = "extension_asked"
    SENT_BACK = "sent_back"
    WAITING_FOR_UNIT = "waiting_for_unit"
    URGED_OFTEN = "urged_often"
    NOT_UPDATED = "not_updated"


class Counted(StrEnum):
    """Cells of the office's statistic (DOMAIN.md 1.2): a number in it leads to exactly its tasks."""

    ALL = "all"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN_ON_TIME = "open_on_time"
    OPEN_LATE = "open_late"
    OUTSIDE = "outside"


class Openness(StrEnum):
    """Open tasks, finished ones, or all."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """A filter; every field that is empty filters nothing. ``shown`` decides between open and finished tasks."""

    q: str = ""
    shown: Openness = Openness.OPEN
    state: TaskState | None = None
    label: TimeLabel | None = None
    attention: Attention | None = None
    counted: Counted | None = None
    unit: int | None = None
    #: ``unit`` with the units that ended in it (đơn vị hiện nay).
    successor: bool = False
    #: ``unit`` led it on this day, or delivered it (đơn vị tại thời điểm).
    led_on: date | None = None
    #: With the units below it.
    unit_tree: int | None = None
    #: This unit still owes its coordination.
    asked: int | None = None
    office: int | None = None
    document: int | None = None
    person: int | None = None
    watched: bool = False
    priority: str = ""
    tag: str = ""
    due_from: date | None = None
    due_to: date | None = None
    assigned_from: date | None = None
    assigned_to: date | None = None
    sort: Sort = Sort.DUE
    page: int = 1

    def to_query(self) -> dict[str, str]:
        """The filter as parameters of an address, defaults left out."""
        query = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value == field.default:
                continue
            query[field.name] = "1" if value is True else value.isoformat() if isinstance(value, date) else str(value)
        return query

    def without(self, *names: str) -> TaskFilter:
        """The filter with these fields empty again, on its first page."""
        defaults = {field.name: field.default for field in fields(self)}
        return replace(self, **{name: defaults[name] for name in (*names, "page")})  # type: ignore[arg-type] # names are checked by replace

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> TaskFilter:
        """Read the parameters of an address; foreign ones are left alone.

        Raises ``Invalid("filter.invalid", <parameter>)`` for a value that means nothing.
        """
        values: dict[str, object] = {}
        for name, read in _READERS.items():
            text = query.get(name, "").strip()
            if not text:
                continue
            try:
                values[name] = read(text)
            except ValueError as error:
                raise Invalid("filter.invalid", name, value=clean_text(text[:100])) from error
        chosen = cls(**values)  # type: ignore[arg-type] # read by field above
        if "shown" not in values and chosen._asks_for_finished():
            return replace(chosen, shown=Openness.ALL)
        return chosen

    def _asks_for_finished(self) -> bool:
        return (
            self.counted is not None
            or self.label in _FINISHED_LABELS
            or self.state in (TaskState.COMPLETED, TaskState.CANCELLED)
        )


_FINISHED_LABELS = frozenset({TimeLabel.DONE, TimeLabel.DONE_LATE, TimeLabel.DONE_ON_TIME, TimeLabel.CANCELLED})


def _id(text: str) -> int:
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError(text)
    return number


def _page(text: str) -> int:
    number = int(text)
    if not 0 < number <= 200:  # further down nobody pages: a filter is the way
        raise ValueError(text)
    return number


def _day(text: str) -> date:
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise ValueError(text)


def _short(text: str) -> str:
    return clean_text(text[:400])[:200]


def _priority(text: str) -> str:
    if text not in PRIORITIES:
        raise ValueError(text)
    return text


_READERS = {
    "q": _short,
    "shown": Openness,
    "state": TaskState,
    "label": TimeLabel,
    "attention": Attention,
    "counted": Counted,
    "unit": _id,
    "successor": lambda text: text == "1",
    "led_on": _day,
    "unit_tree": _id,
    "asked": _id,
    "office": _id,
    "document": _id,
    "person": _id,
    "watched": lambda text: text == "1",
    "priority": _priority,
    "tag": _short,
    "due_from": _day,
    "due_to": _day,
    "assigned_from": _day,
    "assigned_to": _day,
    "sort": Sort,
    "page": _page,
}
