"""The figures of each mail, counted again from the events and rows that it speaks of."""

from __future__ import annotations

import re
from datetime import date, datetime

from flask import Flask
from sqlalchemy import func, select

from taskflow.clock import local_date
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import Action
from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind
from taskflow.models.task import ProgressReport, Task, TaskEvent
from taskflow.notifications.transports.base import Rendered
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services import coordination, extensions_of_time, waiting
from taskflow.services.calendar import work_calendar
from taskflow.services.outbox import Courier
from taskflow.services.progress import ReportText, answer_decision, report_progress
from taskflow.services.reminders import sweep
from taskflow.services.task_steps import StepInputs, apply, report_done
from tests.factories import Factories
from tests.support.clock import Clock

DONE = ReportText(result="Đã hoàn thành")


def _mails(clock: Clock) -> dict[str, Rendered]:
    """What leaves now, by address."""
    sweep(clock.now)
    transport = MemoryTransport()
    Courier(name="test", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    return {parcel.address: parcel.rendered for parcel in transport.sent}


def _days_since(moment: datetime | date, clock: Clock) -> int:
    day = local_date(moment) if isinstance(moment, datetime) else moment
    return work_calendar().working_days_between(day, clock.today)


def test_a_report_of_yesterday_waits_for_one_day(app: Flask, factories: Factories, clock: Clock) -> None:
    clock.set("2026-03-02 08:00")
    head = factories.user(Role.HEAD)
    unit = head.memberships[0].unit
    officer = factories.actor(factories.user(Role.OFFICER, unit=unit))
    workflow = factories.workflow(head_approval=True).id
    task = factories.task(unit=unit, due_on=date(2026, 6, 1), state=TaskState.IN_PROGRESS, workflow_id=workflow)
    clock.set("2026-03-10 09:00")
    report_done(task_id=task.id, report=DONE, actor=officer, now=clock())
    clock.set("2026-03-12 09:00")
    back = StepInputs(reason="Thiếu số liệu")
    apply(Action.REJECT, task_id=task.id, actor=factories.actor(head), now=clock(), inputs=back)
    clock.set("2026-03-18 09:00")
    report_done(task_id=task.id, report=DONE, actor=officer, now=clock())
    _mails(clock)
    clock.set("2026-03-19 08:00")
    mail = _mails(clock)[head.email]
    assert "chờ anh/chị duyệt 1 ngày làm việc" in mail.text, mail.text
    assert "chờ anh/chị duyệt 1 ngày làm việc" in mail.html


def test_each_figure_of_a_digest_is_that_of_its_task(app: Flask, factories: Factories, clock: Clock) -> None:
    clock.set("2026-03-02 08:00")
    office = factories.user(Role.COORDINATOR)
    head = factories.user(Role.HEAD)
    unit = head.memberships[0].unit
    officer = factories.actor(factories.user(Role.OFFICER, unit=unit))
    approval = factories.workflow(head_approval=True).id
    due = date(2026, 6, 1)
    late = factories.task("Việc quá hạn", unit=unit, due_on=date(2026, 3, 16), state=TaskState.IN_PROGRESS)
    new = factories.task("Việc chưa tiếp nhận", unit=unit, due_on=due)
    more_time = factories.task("Việc xin gia hạn", unit=unit, due_on=due, state=TaskState.IN_PROGRESS)
    to_approve = factories.task(
        "Việc chờ duyệt", unit=unit, due_on=due, state=TaskState.IN_PROGRESS, workflow_id=approval
    )
    to_confirm = factories.task("Việc chờ xác nhận", unit=unit, due_on=due, state=TaskState.IN_PROGRESS)
    clock.set("2026-03-12 09:00")
    for task in (to_approve, to_confirm):
        report_done(task_id=task.id, report=DONE, actor=officer, now=clock())
    clock.set("2026-03-13 09:00")
    extensions_of_time.ask(
        task_id=more_time.id,
        due_on=date(2026, 6, 10),
        reason="Chờ số liệu",
        cause="objective",
        actor=officer,
        now=clock(),
    )
    clock.set("2026-03-20 08:00")
    mails = _mails(clock)
    said = {
        head.email: (late, new, to_approve),
        office.email: (late, new, more_time, to_confirm),
    }  # two of them by escalation
    for address, tasks in said.items():
        for text in (mails[address].text, re.sub(r"<[^>]+>", "", mails[address].html)):
            figures = dict(re.findall(r"(Việc [^\n·]+?)\s*NV.*?· [^\n]*?(\d+) ngày làm việc", text))
            counted = [int(number) for number in re.findall(r"\((\d+)\)", text)]
            assert sum(counted) == len(tasks), text
            assert figures == {task.content: str(_days_since(_basis(task), clock)) for task in tasks}, text


def _basis(task: Task) -> datetime | date:
    """The instant of the last event that the sentence speaks of."""
    if task.content == "Việc quá hạn":
        assert task.due_on is not None
        return task.due_on
    kind = {"Việc chờ xác nhận": "reported_done", "Việc xin gia hạn": "extension_asked"}.get(task.content)
    if kind:
        found = db.session.scalar(
            select(func.max(TaskEvent.at)).where(TaskEvent.task_id == task.id, TaskEvent.kind == kind)
        )
    elif task.content == "Việc chờ duyệt":
        found = db.session.scalar(
            select(func.max(ProgressReport.at)).where(ProgressReport.task_id == task.id, ProgressReport.is_final)
        )
    else:
        found = task.assigned_at
    assert found is not None
    return found


def test_a_coordinating_unit_is_asked_for_a_reply_by_its_own_day(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    clock.set("2026-03-02 08:00")
    helper = factories.user(Role.HEAD)
    helping = helper.memberships[0].unit
    head = factories.user(Role.HEAD)
    actor = factories.actor(head)
    task = factories.task(unit=head.memberships[0].unit, due_on=date(2026, 9, 30), state=TaskState.IN_PROGRESS)
    coordination.ask(
        task_id=task.id, unit_id=helping.id, request="Gửi số liệu", actor=actor, now=clock(), due_on=date(2026, 3, 20)
    )
    asked = "hạn 30/09/2026 · trả lời trước ngày 20/03/2026"
    clock.set("2026-03-02 09:00")
    assert asked in _mails(clock)[helper.email].text
    waiting.start_waiting(task_id=task.id, unit_id=helping.id, actor=actor, now=clock(), note="")
    clock.set("2026-03-02 10:00")
    waited = _mails(clock)[helper.email]
    assert asked in waited.text
    assert asked in waited.html
    assert "(hạn 30/09/2026, trả lời trước ngày 20/03/2026)" in waited.chat
    for day, words in (
        ("2026-03-19", asked),
        ("2026-03-20", f"{asked} · ngày làm việc cuối cùng để trả lời"),
        ("2026-03-23", f"{asked} · trả lời chậm 1 ngày làm việc"),
    ):
        clock.set(f"{day} 08:00")
        assert words in _mails(clock)[helper.email].text, day


def test_a_question_to_a_leader_is_reminded_of_until_it_is_decided(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    clock.set("2026-03-02 08:00")
    leader = factories.user(Role.LEADER)
    head = factories.user(Role.HEAD)
    task = factories.task(unit=head.memberships[0].unit, due_on=date(2026, 9, 30), state=TaskState.IN_PROGRESS)
    clock.set("2026-03-17 15:00")
    question = ReportText(result="Đang làm", proposal="Xin ý kiến", needs_decision=True)
    report = report_progress(task_id=task.id, report=question, actor=factories.actor(head), now=clock())
    _mails(clock)
    for day, waited in (("2026-03-18", 1), ("2026-03-20", 3), ("2026-03-27", 8)):
        clock.set(f"{day} 08:00")
        assert f"chờ anh/chị quyết định {waited} ngày làm việc" in _mails(clock)[leader.email].text, day
        assert leader.email not in _mails(clock)
    clock.set("2026-03-30 08:00")
    answer_decision(report_id=report.id, decision="Đồng ý", actor=factories.actor(leader), now=clock())
    clock.set("2026-04-03 08:00")
    assert leader.email not in _mails(clock)
