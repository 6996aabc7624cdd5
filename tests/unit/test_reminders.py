"""Ladders of reminders: which rung stands when, who hears of it, and how a rule explains itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskflow.domain.calendar import WorkCalendar
from taskflow.domain.deadlines import DeadlineKind
from taskflow.domain.errors import Invalid
from taskflow.domain.reminder_words import reason, sentence
from taskflow.domain.reminders import (
    DEFAULT_RULES,
    Escalation,
    Group,
    Recipient,
    Reminder,
    ReminderEvent,
    Rule,
    TaskToRemind,
    current_rung,
    definition_of,
    due_reminders,
    rule_from,
    rungs_between,
)
from taskflow.domain.states import TaskState

CALENDAR = WorkCalendar(days_off={date(2026, 11, 24): "Ngày Văn hóa Việt Nam"})
DUE = DEFAULT_RULES[ReminderEvent.DUE]
#: A Friday with no day off near it.
FRIDAY = date(2026, 3, 27)
TASK = TaskToRemind(1, TaskState.IN_PROGRESS, DeadlineKind.DATE, assigned_on=date(2026, 1, 5), due=FRIDAY)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(8, 0))


def _due(task: TaskToRemind, day: date) -> list[Reminder]:
    return due_reminders(task, DEFAULT_RULES, CALENDAR, _at(day))


@pytest.mark.parametrize(
    ("day", "code", "group"),
    [
        (date(2026, 3, 17), None, None),
        (date(2026, 3, 18), "-7", Group.SOON),
        (date(2026, 3, 23), "-7", Group.SOON),
        (date(2026, 3, 24), "-3", Group.SOON),
        (date(2026, 3, 26), "-1", Group.SOON),
        (FRIDAY, "0", Group.TODAY),
        (date(2026, 3, 30), "+1", Group.OVERDUE),
        (date(2026, 4, 1), "+3", Group.OVERDUE),
        (date(2026, 4, 7), "+3", Group.OVERDUE),
        (date(2026, 4, 8), "w1", Group.OVERDUE),
        (date(2026, 4, 15), "w2", Group.OVERDUE),
    ],
)
def test_the_default_ladder(day: date, code: str | None, group: Group | None) -> None:
    rung = current_rung(DUE, FRIDAY, False, CALENDAR, day)
    assert (rung and rung.code, rung and rung.group) == (code, group)


def test_a_ladder_counts_working_days_only() -> None:
    # Wednesday 25/11/2026; the Tuesday before it is a day off.
    rungs = {
        rung.code: rung.day
        for rung in rungs_between(DUE, date(2026, 11, 25), False, CALENDAR, date(2026, 11, 1), date(2026, 11, 30))
    }
    assert rungs["-1"] == date(2026, 11, 23)
    assert rungs["-3"] == date(2026, 11, 19)


def test_before_day_x_aims_at_the_working_day_before_it() -> None:
    rungs = rungs_between(DUE, date(2026, 3, 30), True, CALENDAR, date(2026, 3, 26), date(2026, 3, 31))
    assert [(rung.code, rung.day) for rung in rungs] == [
        ("-1", date(2026, 3, 26)),
        ("0", FRIDAY),
        ("+1", date(2026, 3, 31)),
    ]


def test_a_date_on_a_day_off_is_said_before_it_and_is_not_overdue_on_the_next_working_day() -> None:
    sunday = date(2026, 3, 29)
    assert current_rung(DUE, sunday, False, CALENDAR, FRIDAY).code == "0"  # type: ignore[union-attr] # the test fails on None
    monday = current_rung(DUE, sunday, False, CALENDAR, date(2026, 3, 30))
    assert monday is not None
    assert monday.group is Group.TODAY


@pytest.mark.parametrize("state", [TaskState.COMPLETED, TaskState.CANCELLED, TaskState.SUSPENDED])
def test_nothing_is_said_of_tasks_that_are_done_cancelled_or_suspended(state: TaskState) -> None:
    assert _due(replace(TASK, state=state), date(2026, 4, 1)) == []


@pytest.mark.parametrize(
    "changes",
    [{"deadline_confirmed": False}, {"due": None}, {"kind": DeadlineKind.CONTINUOUS}, {"is_collective": True}],
)
def test_nothing_is_said_of_dates_that_do_not_hold(changes: dict[str, object]) -> None:
    assert _due(replace(TASK, **changes), date(2026, 4, 1)) == []  # type: ignore[arg-type] # one field each


def test_who_delivered_is_not_reminded_and_who_must_confirm_is() -> None:
    waiting = replace(TASK, state=TaskState.AWAITING_CONFIRMATION, handed_over_on=FRIDAY)
    (reminder,) = _due(waiting, date(2026, 4, 1))
    assert (reminder.event, reminder.rung.code, reminder.rung.group) == (
        ReminderEvent.AWAITING_CONFIRMATION,
        "+2",
        Group.WAITING,
    )
    assert reminder.recipients == (Recipient.OFFICE,)


def test_an_extension_moves_the_ladder_at_once() -> None:
    assert [r.rung.code for r in _due(TASK, date(2026, 4, 1))] == ["+3"]
    assert _due(replace(TASK, due=date(2026, 4, 30)), date(2026, 4, 1)) == []


def test_escalation_by_days_late_and_by_urgings() -> None:
    assert _due(TASK, date(2026, 3, 30))[0].recipients == (Recipient.PERSON, Recipient.HEAD)
    assert Recipient.OFFICE_HEAD in _due(TASK, date(2026, 4, 1))[0].recipients
    assert Recipient.LEADER in _due(replace(TASK, urge_count=4), date(2026, 3, 30))[0].recipients


def test_what_was_assigned_today_is_not_reminded_of_today() -> None:
    assert _due(replace(TASK, assigned_on=date(2026, 3, 24)), date(2026, 3, 24)) == []
    assert [r.rung.code for r in _due(replace(TASK, assigned_on=date(2026, 3, 24)), date(2026, 3, 25))] == ["-3"]
    assert [r.rung.code for r in _due(replace(TASK, assigned_on=FRIDAY), FRIDAY)] == ["0"]


def test_never_acknowledged_is_said_after_two_working_days() -> None:
    task = replace(TASK, state=TaskState.ASSIGNED, is_acknowledged=False, assigned_on=date(2026, 3, 12), due=None)
    assert _due(task, date(2026, 3, 13)) == []
    assert [(r.event, r.rung.code) for r in _due(task, date(2026, 3, 16))] == [(ReminderEvent.NEVER_ACKNOWLEDGED, "+2")]


@given(
    due=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    exclusive=st.booleans(),
    before=st.sets(st.integers(0, 30), max_size=5),
    after=st.sets(st.integers(1, 30), max_size=4),
    repeat=st.integers(0, 40),
)
def test_a_ladder_only_climbs_and_each_rung_falls_on_a_working_day(
    due: date, exclusive: bool, before: set[int], after: set[int], repeat: int
) -> None:
    rule = Rule(ReminderEvent.DUE, tuple(before), tuple(after), repeat, (Recipient.PERSON,))
    days = []
    for offset in range(-50, 120):
        rung = current_rung(rule, due, exclusive, CALENDAR, due + timedelta(days=offset))
        if rung is not None:
            assert CALENDAR.is_working_day(rung.day)
            assert rung.day <= due + timedelta(days=offset)
            days.append((rung.day, rung.code))
    assert [day for day, _ in days] == sorted(day for day, _ in days)
    codes = [code for _, code in dict.fromkeys(days)]
    assert len(codes) == len(set(codes)), "each rung stands once, without a gap"


def test_a_rule_explains_itself_in_one_sentence() -> None:
    assert sentence(DUE) == (
        "Nhắc về thời hạn của nhiệm vụ trước 7, 3 và 1 ngày làm việc, vào ngày làm việc cuối cùng của thời hạn, "
        "khi quá hạn 1 và 3 ngày làm việc, rồi cứ 7 ngày một lần; gửi người phụ trách và lãnh đạo đơn vị chủ trì; "
        "quá hạn từ 3 ngày làm việc thì gửi cả lãnh đạo cơ quan điều phối; "
        "đã đôn đốc từ 4 lần thì gửi cả lãnh đạo cấp trên."
    )
    assert sentence(DEFAULT_RULES[ReminderEvent.NO_PROGRESS]) == ("Không nhắc về nhiệm vụ không được cập nhật tiến độ.")
    for rule in DEFAULT_RULES.values():
        text = sentence(replace(rule, is_active=True))
        assert text.count(".") == 1
        assert text.endswith(".")


def test_a_reminder_says_why() -> None:
    assert reason(_due(TASK, date(2026, 4, 1))[0]) == (
        "Thời hạn 27/03/2026 đã quá 3 ngày làm việc (mốc sau 3 ngày làm việc)."
    )
    assert reason(_due(TASK, FRIDAY)[0]) == "Hôm nay là ngày làm việc cuối cùng của thời hạn 27/03/2026."


def test_rules_are_stored_as_plain_values() -> None:
    for rule in DEFAULT_RULES.values():
        assert rule_from(rule.event, definition_of(rule), is_active=rule.is_active) == rule
    with pytest.raises(Invalid, match="nobody"):
        rule_from("due", {"before": [3]})
    with pytest.raises(Invalid, match="rule_invalid"):
        rule_from("due", {"before": ["x"], "recipients": ["person"]})
    with pytest.raises(Invalid, match="out_of_bounds"):
        rule_from("due", {"after": [0], "recipients": ["person"]})
    assert rule_from(
        "due", {"before": [3], "recipients": ["person"], "escalations": [{"to": "leader", "after_urges": 3}]}
    ).escalations == (Escalation(Recipient.LEADER, after_urges=3),)


@pytest.mark.parametrize(
    ("event", "definition", "code"),
    [
        ("due", {"before": [3], "escalations": [{"to": "leader"}]}, "escalation_when"),
        ("due", {"before": [3], "escalations": [{"to": "leader", "after_days": 0}]}, "escalation_bounds"),
        ("awaiting_confirmation", {"before": [3], "after": [1]}, "nothing_before"),
        ("assigned", {"after": [1]}, "rule_invalid"),
        ("due", {"before": [3], "recipients": ["reporter"]}, "rule_invalid"),
    ],
)
def test_what_could_never_be_said_makes_no_rule(event: str, definition: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        rule_from(event, {"recipients": ["person"]} | definition)


def test_an_event_is_explained_as_said_at_once() -> None:
    returned = DEFAULT_RULES[ReminderEvent.RETURNED]
    assert sentence(returned) == (
        "Khi kết quả bị trả lại, báo ngay cho người phụ trách, lãnh đạo đơn vị chủ trì và người đã báo cáo."
    )
    assert sentence(replace(returned, is_active=False)) == "Khi kết quả bị trả lại, không gửi tin."
