"""When somebody must be reminded of a task, of what, and who: rules as data, answers as values.

A rule is a ladder of working days before and after a day (its *basis*: the due date, or the day since
which something waits). At any moment at most one rung of a ladder is the current one: the latest whose
day has come. So a machine that stood still says the newest thing once, and not everything it missed.
Default rules: decision 9 of DOMAIN.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import DeadlineKind, counted_due, reminder_anchor
from taskflow.domain.errors import Invalid
from taskflow.domain.states import TaskState


class ReminderEvent(StrEnum):
    """What a rule is about."""

    DUE = "due"  # thời hạn của nhiệm vụ
    COORDINATION_DUE = "coordination_due"  # thời hạn của đơn vị phối hợp
    REPORT_DAY = "report_day"  # kỳ báo cáo của văn bản
    NEVER_ACKNOWLEDGED = "never_acknowledged"  # chưa tiếp nhận
    NO_PROGRESS = "no_progress"  # chưa cập nhật tiến độ
    AWAITING_APPROVAL = "awaiting_approval"  # chờ lãnh đạo đơn vị duyệt
    AWAITING_CONFIRMATION = "awaiting_confirmation"  # chờ cơ quan điều phối xác nhận
    EXTENSION_WAITING = "extension_waiting"  # chờ trả lời đề nghị gia hạn
    DECISION_NEEDED = "decision_needed"  # chờ lãnh đạo quyết định
    ASSIGNED = "assigned"  # giao nhiệm vụ
    RETURNED = "returned"  # trả lại kết quả
    EXTENSION_ANSWERED = "extension_answered"  # trả lời đề nghị gia hạn


class Recipient(StrEnum):
    """Posts around a task to whom a rule can be addressed."""

    PERSON = "person"  # người phụ trách
    HEAD = "head"  # lãnh đạo đơn vị chủ trì
    COORDINATING = "coordinating"  # lãnh đạo đơn vị phối hợp
    OFFICE = "office"  # cán bộ cơ quan điều phối
    OFFICE_HEAD = "office_head"  # lãnh đạo cơ quan điều phối
    LEADER = "leader"  # lãnh đạo cấp trên
    REPORTER = "reporter"  # người đã báo cáo, of a result that is returned


class Group(StrEnum):
    """The parts of a digest, in the order in which they are shown."""

    OVERDUE = "overdue"  # quá hạn
    TODAY = "today"  # hôm nay
    SOON = "soon"  # sắp đến hạn
    WAITING = "waiting"  # chờ anh/chị


GROUPS = tuple(Group)


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told besides, from so many working days late (or waiting) or so many urgings on."""

    to: Recipient
    after_days: int | None = None
    after_urges: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A ladder: ``before`` and ``after`` in working days from the basis, then every ``repeat_days`` days (0: never)."""

    event: ReminderEvent
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    repeat_days: int = 0
    recipients: tuple[Recipient, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: its code, the day it falls on, working days past the basis.

    The code says the step itself, whatever rule it came from, so that a changed rule neither says again nor leaves
    out: "-3" and "+1" in working days, "w2" a repetition after two weeks, "r10" one after ten days.
    """

    code: str
    day: date
    group: Group
    late_by: int = 0


#: Events whose basis is a day to come; the others wait since their basis.
DATED = frozenset({ReminderEvent.DUE, ReminderEvent.COORDINATION_DUE, ReminderEvent.REPORT_DAY})

#: Said when it happens, and once: their rules have recipients and no days.
AT_ONCE = frozenset({ReminderEvent.ASSIGNED, ReminderEvent.RETURNED, ReminderEvent.EXTENSION_ANSWERED})

#: Said only of a task of which nothing else is to be said: one task, one line.
SILENT_BESIDE_OTHERS = frozenset({ReminderEvent.NEVER_ACKNOWLEDGED, ReminderEvent.NO_PROGRESS})

_E = ReminderEvent
_R = Recipient

DEFAULT_RULES: Mapping[ReminderEvent, Rule] = {
    rule.event: rule
    for rule in (
        Rule(
            _E.DUE,
            before=(7, 3, 1, 0),
            after=(1, 3),
            repeat_days=7,
            recipients=(_R.PERSON, _R.HEAD),
            escalations=(Escalation(_R.OFFICE_HEAD, after_days=3), Escalation(_R.LEADER, after_urges=4)),
        ),
        Rule(
            _E.COORDINATION_DUE,
            before=(3, 1, 0),
            after=(1, 3),
            repeat_days=7,
            recipients=(_R.PERSON, _R.COORDINATING),
        ),
        Rule(_E.REPORT_DAY, before=(5, 1, 0), recipients=(_R.OFFICE,)),
        Rule(
            _E.NEVER_ACKNOWLEDGED,
            after=(2, 5),
            repeat_days=7,
            recipients=(_R.PERSON, _R.HEAD),
            escalations=(Escalation(_R.OFFICE, after_days=5),),
        ),
        Rule(_E.NO_PROGRESS, after=(20,), repeat_days=30, recipients=(_R.PERSON,), is_active=False),
        Rule(_E.AWAITING_APPROVAL, after=(1, 3), repeat_days=7, recipients=(_R.HEAD,)),
        Rule(_E.AWAITING_CONFIRMATION, after=(2, 5), repeat_days=7, recipients=(_R.OFFICE,)),
        Rule(_E.EXTENSION_WAITING, after=(1, 3), repeat_days=7, recipients=(_R.OFFICE,)),
        Rule(_E.DECISION_NEEDED, after=(1, 3), repeat_days=7, recipients=(_R.LEADER,)),
        Rule(_E.ASSIGNED, recipients=(_R.PERSON, _R.HEAD)),
        Rule(_E.RETURNED, recipients=(_R.PERSON, _R.HEAD, _R.REPORTER)),
        Rule(_E.EXTENSION_ANSWERED, recipients=(_R.PERSON, _R.HEAD)),
    )
}


@dataclass(frozen=True, slots=True)
class TaskToRemind:
    """What the rules need to know of a task. Dates are days in the office's zone."""

    id: int
    state: TaskState
    kind: DeadlineKind
    assigned_on: date
    due: date | None = None
    exclusive: bool = False
    deadline_confirmed: bool = True
    is_collective: bool = False
    is_acknowledged: bool = True
    #: Day since which a result waits: the final report's before the unit's head, the delivery's before the office.
    handed_over_on: date | None = None
    last_progress_on: date | None = None
    extension_asked_on: date | None = None
    #: Day of the oldest question to a leader that is not decided yet.
    decision_asked_on: date | None = None
    urge_count: int = 0


@dataclass(frozen=True, slots=True)
class Reminder:
    """That these posts must hear of this task now. ``basis`` is the day that the rung was counted from."""

    task_id: int
    event: ReminderEvent
    rung: Rung
    basis: date
    recipients: tuple[Recipient, ...]

    @property
    def record(self) -> str:
        """The name of the rung in the record of what was said: with task, person and basis it exists once."""
        return self.event.value + ":" + self.rung.code

    def dedupe_key(self, user_id: int) -> str:
        """What makes this reminder to this person the only one."""
        return f"{self.task_id}:{user_id}:{self.record}:{self.basis.isoformat()}"


RungOf = Callable[[Rule, date, bool, date], Rung | None]


def due_reminders(
    task: TaskToRemind,
    rules: Mapping[ReminderEvent, Rule],
    calendar: WorkCalendar,
    now: datetime,
    rung_of: RungOf | None = None,
) -> list[Reminder]:
    """What should have been said about this task by ``now`` (local time); saying it twice is for the caller to avoid.

    Nothing for finished, cancelled and suspended tasks, for the collective parent (its members are reminded), for
    continuous work and for dates that nobody confirmed. ``rung_of`` may be a remembering ``current_rung``.
    """
    if task.is_collective or task.state in (TaskState.COMPLETED, TaskState.CANCELLED, TaskState.SUSPENDED):
        return []
    today = now.date()
    find = rung_of or (lambda rule, basis, exclusive, day: current_rung(rule, basis, exclusive, calendar, day))
    found: list[Reminder] = []
    for event, basis, exclusive in _bases(task):
        rule = rules.get(event)
        if rule is None or not rule.is_active:
            continue
        if found and event in SILENT_BESIDE_OTHERS:
            continue
        rung = find(rule, basis, exclusive, today)
        if rung is None:
            continue
        if event is ReminderEvent.DUE and rung.group is Group.SOON and task.assigned_on == today:
            continue  # the assignment itself, which names the date, went out today
        found.append(Reminder(task.id, event, rung, basis, recipients(rule, rung, task.urge_count)))
    return found


def _bases(task: TaskToRemind) -> list[tuple[ReminderEvent, date, bool]]:
    """The ladders that this task stands on, each with its basis."""
    found: list[tuple[ReminderEvent, date, bool]] = []
    if task.extension_asked_on is not None:
        found.append((ReminderEvent.EXTENSION_WAITING, task.extension_asked_on, False))
    if task.decision_asked_on is not None:
        found.append((ReminderEvent.DECISION_NEEDED, task.decision_asked_on, False))
    if task.state is TaskState.AWAITING_CONFIRMATION:
        return [*found, (ReminderEvent.AWAITING_CONFIRMATION, task.handed_over_on or task.assigned_on, False)]
    if task.state is TaskState.AWAITING_APPROVAL:
        return [*found, (ReminderEvent.AWAITING_APPROVAL, task.handed_over_on or task.assigned_on, False)]
    if task.due is not None and task.deadline_confirmed and task.kind is not DeadlineKind.CONTINUOUS:
        found.append((ReminderEvent.DUE, task.due, task.exclusive))
    if task.state is TaskState.ASSIGNED and not task.is_acknowledged:
        found.append((ReminderEvent.NEVER_ACKNOWLEDGED, task.assigned_on, False))
    elif task.kind is not DeadlineKind.CONTINUOUS:
        found.append((ReminderEvent.NO_PROGRESS, task.last_progress_on or task.assigned_on, False))
    return found


def current_rung(rule: Rule, basis: date, exclusive: bool, calendar: WorkCalendar, today: date) -> Rung | None:
    """The latest rung whose day has come; None before the first one, and while late but before the first one after."""
    waiting = rule.event not in DATED
    late_from = basis
    if not waiting:
        late_from = counted_due(basis, exclusive, calendar)
        if today <= late_from:
            return _rung_before(rule, reminder_anchor(basis, exclusive, calendar), calendar, today)
    group = Group.WAITING if waiting else Group.OVERDUE
    code, day = "", late_from
    for count in sorted(rule.after):
        step = calendar.add_working_days(late_from, count)
        if step > today:
            break
        code, day = f"+{count}", step
    else:
        times = _repeats(rule, day, calendar, today)
        if times:
            weeks, rest = divmod(times * rule.repeat_days, 7)
            code = f"r{times * rule.repeat_days}" if rest else f"w{weeks}"
            day = _repeat_day(rule, day, times, calendar)
    if not code:
        return None
    return Rung(code, day, group, calendar.working_days_between(late_from, today))


def _rung_before(rule: Rule, anchor: date, calendar: WorkCalendar, today: date) -> Rung | None:
    for count in sorted(rule.before):
        day = calendar.add_working_days(anchor, -count)
        if day <= today:
            return Rung(f"-{count}" if count else "0", day, Group.TODAY if today >= anchor else Group.SOON)
    return None


def _repeats(rule: Rule, last: date, calendar: WorkCalendar, today: date) -> int:
    if not rule.repeat_days or today <= last:
        return 0
    times = (today - last).days // rule.repeat_days
    while times and _repeat_day(rule, last, times, calendar) > today:
        times -= 1
    return times


def _repeat_day(rule: Rule, last: date, times: int, calendar: WorkCalendar) -> date:
    return calendar.on_or_after(last + timedelta(days=times * rule.repeat_days))


def rungs_between(
    rule: Rule, basis: date, exclusive: bool, calendar: WorkCalendar, first: date, last: date
) -> list[Rung]:
    """All rungs that fall on the working days from ``first`` to ``last``: for a preview of what a rule would send."""
    found = []
    day = calendar.on_or_after(first)
    while day <= last:
        rung = current_rung(rule, basis, exclusive, calendar, day)
        if rung is not None and rung.day == day:
            found.append(rung)
        day = calendar.next_working_day(day)
    return found


def recipients(rule: Rule, rung: Rung, urge_count: int) -> tuple[Recipient, ...]:
    """The rule's recipients and those that lateness or urgings add, without doubles, in order."""
    if not rule.escalations or not (rung.late_by or urge_count):
        return rule.recipients
    found = list(rule.recipients)
    for escalation in rule.escalations:
        late = escalation.after_days is not None and 0 < escalation.after_days <= rung.late_by
        urged = escalation.after_urges is not None and 0 < escalation.after_urges <= urge_count
        if (late or urged) and escalation.to not in found:
            found.append(escalation.to)
    return tuple(found)


def rule_from(event: str, definition: Mapping[str, Any], *, is_active: bool = True) -> Rule:
    """The rule of stored values. Raises ``Invalid("reminder.…", field)`` for what makes no sense."""
    try:
        rule = Rule(
            event=ReminderEvent(event),
            before=tuple(sorted({int(day) for day in definition.get("before", ())}, reverse=True)),
            after=tuple(sorted({int(day) for day in definition.get("after", ())})),
            repeat_days=int(definition.get("repeat_days", 0)),
            recipients=tuple(Recipient(code) for code in definition.get("recipients", ())),
            escalations=tuple(
                Escalation(Recipient(step["to"]), step.get("after_days"), step.get("after_urges"))
                for step in definition.get("escalations", ())
            ),
            is_active=is_active,
        )
    except (ValueError, TypeError, KeyError) as error:
        raise Invalid("reminder.rule_invalid", "definition") from error
    _check(rule)
    return rule


def _check(rule: Rule) -> None:
    posts = {*rule.recipients, *(step.to for step in rule.escalations)}
    if Recipient.REPORTER in posts and rule.event is not ReminderEvent.RETURNED:
        raise Invalid("reminder.rule_invalid", "recipients")
    if rule.is_active and not rule.recipients:
        raise Invalid("reminder.nobody", "recipients")
    days = (*rule.before, *rule.after)
    if rule.event in AT_ONCE:
        if days or rule.repeat_days or rule.escalations:
            raise Invalid("reminder.rule_invalid", "definition")
        return
    if rule.before and rule.event not in DATED:
        raise Invalid("reminder.nothing_before", "before")
    if any(not 0 <= day <= 250 for day in rule.before) or any(not 1 <= day <= 250 for day in rule.after):
        raise Invalid("reminder.days_out_of_bounds", "before")
    if rule.repeat_days and not 1 <= rule.repeat_days <= 366:
        raise Invalid("reminder.repeat_out_of_bounds", "repeat_days")
    for step in rule.escalations:
        if step.after_days is None and step.after_urges is None:
            raise Invalid("reminder.escalation_when", "escalations")
        if not all(1 <= count <= 250 for count in (step.after_days, step.after_urges) if count is not None):
            raise Invalid("reminder.escalation_bounds", "escalations")
    if rule.is_active and not days:
        raise Invalid("reminder.no_days", "before" if rule.event in DATED else "after")


def definition_of(rule: Rule) -> dict[str, Any]:
    """The rule as stored values; ``rule_from`` reads them back."""
    return {
        "before": list(rule.before),
        "after": list(rule.after),
        "repeat_days": rule.repeat_days,
        "recipients": [str(code) for code in rule.recipients],
        "escalations": [
            {"to": str(step.to), "after_days": step.after_days, "after_urges": step.after_urges}
            for step in rule.escalations
        ],
    }
