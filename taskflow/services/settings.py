"""What the office sets for itself in the pages: every key, its type, its default and its meaning.

The registry below is the one list of them; ``get`` reads, ``change`` writes. All stored values are read
with one query and kept for the application context (one request, one run of a job).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Generic, TypeVar, overload

from flask import g
from sqlalchemy import select

from taskflow.domain.deadlines import BeforeMeans
from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.domain.permissions import Actor, Permission, has
from taskflow.extensions import db
from taskflow.i18n import _l
from taskflow.models.system import Setting
from taskflow.services import audit
from taskflow.services.unit_of_work import unit_of_work

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SettingSpec(Generic[T]):
    """One setting: ``type`` turns a stored or typed value into the real one and raises ValueError for a bad one."""

    key: str
    type: Callable[[Any], T]
    default: T
    title: object
    hint: object = ""
    #: Smallest and largest allowed number, where it is one.
    bounds: tuple[int, int] | None = None
    #: The values to choose from, where there are few: one, or several where the value is a tuple.
    choices: tuple[str, ...] = ()


SPECS: dict[str, SettingSpec[Any]] = {}

_MONDAY_TO_FRIDAY: tuple[int, ...] = (0, 1, 2, 3, 4)
_USUAL_HOURS: tuple[str, ...] = ("07:30-17:00",) * 5 + ("07:30-11:30",) * 2
#: Words of ``documents.detect.Format``.
_EVIDENCE_TYPES: tuple[str, ...] = (
    "pdf", "docx", "doc", "xlsx", "xls", "odt", "ods", "rtf", "image", "txt",
)  # fmt: skip


def _words(value: object) -> tuple[str, ...]:
    parts = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise ValueError(value)
    return tuple(str(part) for part in parts)


def _weekdays(value: object) -> tuple[int, ...]:
    days = tuple(sorted({int(day) for day in _words(value)})) if isinstance(value, str | list | tuple) else ()
    if not days or not set(days) <= set(range(7)):
        raise ValueError(value)
    return days


def hours_of(text: str) -> tuple[time, time]:
    """Opening and closing time of "07:30-17:00". Raises ValueError for anything else, also for an empty day."""
    opens, _dash, closes = text.partition("-")
    hours = time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
    if hours[0] >= hours[1]:
        raise ValueError(text)
    return hours


def _hours(value: object) -> tuple[str, ...]:
    days = _words(value)
    if len(days) != 7:
        raise ValueError(value)
    return tuple("-".join(f"{moment:%H:%M}" for moment in hours_of(day)) for day in days)


def _spec(
    key: str,
    kind: Callable[[Any], T],
    default: T,
    title: object,
    hint: object = "",
    *,
    bounds: tuple[int, int] | None = None,
    choices: tuple[str, ...] = (),
) -> SettingSpec[T]:
    spec = SettingSpec(key, kind, default, title, hint, bounds, choices)
    SPECS[key] = spec
    return spec


OFFICE_NAME = _spec("office.name", str, "", _l("Name of the office"), _l("Shown in the frame and on printed papers."))

PAPER_PLACE = _spec("paper.place", str, "", _l("Place on printed papers"), _l("Stands before the day: Sơn Hà, ngày …"))
PAPER_CODE = _spec("paper.code", str, "", _l("Letters of the paper's number"), _l("VP in the number “…/BC-VP”."))
PAPER_SIGNER = _spec("paper.signer", str, "", _l("Post of the signer"), _l("Above the signature: CHÁNH VĂN PHÒNG."))

BEFORE_MEANS = _spec(
    "before_means",
    BeforeMeans,
    BeforeMeans.NAMED_DAY,
    _l("What “before day X” allows"),
    _l("Whether work done on the named day itself is still on time. Reminders always aim at the day before."),
    choices=tuple(BeforeMeans),
)
SOON_DAYS = _spec(
    "soon_days",
    int,
    7,
    _l("Working days in which a task counts as due soon"),
    _l("Counted back from the due date, without days off."),
    bounds=(0, 60),
)
STALE_DAYS = _spec(
    "stale_days",
    int,
    30,
    _l("Days without a progress report after which a task counts as not updated"),
    bounds=(1, 365),
)

ACKNOWLEDGE_DAYS = _spec(
    "acknowledge_days",
    int,
    2,
    _l("Working days after which a task that nobody acknowledged is an exception"),
    bounds=(0, 60),
)

WORKDAYS = _spec(
    "calendar.workdays",
    _weekdays,
    _MONDAY_TO_FRIDAY,
    _l("Days of the working week"),
    _l("0 is Monday, 6 is Sunday."),
)
WORK_HOURS = _spec(
    "calendar.hours",
    _hours,
    _USUAL_HOURS,
    _l("Working hours"),
    _l("From Monday to Sunday, for example 07:30-17:00."),
)
CALENDAR_VERSION = _spec(
    "calendar.version",
    int,
    0,
    _l("Version of the calendar"),
    _l("Raised with every change of the calendar, so that every process reads it again."),
)

EXTENSION_MAX_COUNT = _spec(
    "extension.max_count",
    int,
    2,
    _l("How often a task can be extended"),
    _l("Requests over this number are refused."),
    bounds=(0, 20),
)
EXTENSION_MAX_DAYS = _spec(
    "extension.max_days",
    int,
    30,
    _l("Most days by which one extension moves the date"),
    _l("Calendar days from the current due date."),
    bounds=(1, 730),
)
EXTENSION_DAYS_BEFORE = _spec(
    "extension.days_before",
    int,
    3,
    _l("Working days before the due date by which an extension must be asked"),
    _l("Later requests are accepted, but marked as late."),
    bounds=(0, 60),
)

URGE_ESCALATE_AFTER = _spec(
    "urge.escalate_after",
    int,
    3,
    _l("Number of urgings after which a task is brought to the leader"),
    bounds=(1, 50),
)

EVIDENCE_MAX_MB = _spec(
    "evidence.max_mb",
    int,
    25,
    _l("Largest evidence file in MB"),
    bounds=(1, 200),
)
EVIDENCE_TYPES = _spec(
    "evidence.types",
    _words,
    _EVIDENCE_TYPES,
    _l("Kinds of files accepted as evidence"),
    _l("Known by their content, not by their name."),
    choices=(*_EVIDENCE_TYPES, "pptx", "zip", "mp4"),
)

SERIES_LEAD_DAYS = _spec(
    "series.lead_days",
    int,
    60,
    _l("Days before the due date at which a period's task of repeated work appears"),
    bounds=(1, 400),
)


@overload
def get(setting: SettingSpec[T]) -> T: ...
@overload
def get(setting: str) -> Any: ...
def get(setting: SettingSpec[T] | str) -> T | Any:
    """The value that holds now: the stored one, or the default (also when the stored one is no longer valid)."""
    spec = SPECS[setting] if isinstance(setting, str) else setting
    stored = _stored()
    if spec.key not in stored:
        return spec.default
    try:
        return _checked(spec, stored[spec.key])
    except Invalid:
        return spec.default


def change(values: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """Store new values of settings. Raises ``NotAllowed``, or ``Invalid("setting.invalid", <key>)``."""
    if not has(actor, Permission.ADMIN_SETTING_EDIT):
        raise NotAllowed("admin.not_allowed")
    store(values, actor=actor, now=now)


def store(values: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """The same for a caller that has checked another right (the calendar's working week)."""
    with unit_of_work() as session:
        for key, value in values.items():
            if key not in SPECS:
                raise Invalid("setting.unknown", key)
            new = _plain(_checked(SPECS[key], value))
            old = _plain(get(key))
            if new == old:
                continue
            put(key, new, now=now, by_id=actor.user_id)
            audit.record(
                session,
                actor=actor,
                action="setting.changed",
                subject="setting",
                subject_id=key,
                now=now,
                old=old,
                new=new,
            )


def put(key: str, value: object, *, now: datetime, by_id: int | None = None) -> None:
    """Store one value inside a unit of work that has checked everything."""
    with unit_of_work() as session:
        row = session.get(Setting, key)
        if row is None:
            row = Setting(key=key)
            session.add(row)
        row.value = {"v": value}
        row.updated_at = now
        row.updated_by_id = by_id
        session.flush()
    g.pop("taskflow_settings", None)


def _checked(spec: SettingSpec[T], value: object) -> T:
    try:
        found = spec.type(value)
    except (ValueError, TypeError) as error:
        raise Invalid("setting.invalid", spec.key, value=value) from error
    if isinstance(found, tuple) and spec.choices and not set(found) <= set(spec.choices):
        raise Invalid("setting.invalid", spec.key, value=value)
    if spec.bounds and isinstance(found, int) and not spec.bounds[0] <= found <= spec.bounds[1]:
        raise Invalid("setting.out_of_bounds", spec.key, smallest=spec.bounds[0], largest=spec.bounds[1])
    return found


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, BeforeMeans) else value


def _stored() -> dict[str, Any]:
    if "taskflow_settings" not in g:
        rows = db.session.execute(select(Setting.key, Setting.value)).all()
        g.taskflow_settings = {row.key: row.value.get("v") for row in rows}
    stored: dict[str, Any] = g.taskflow_settings
    return stored
