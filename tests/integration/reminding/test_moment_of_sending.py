"""What is asked again when a message leaves: whose task it is, where the reader is reached, who stands in for whom."""

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import select

from taskflow.domain.permissions import Actor, Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.org import Delegation, Membership, User
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage
from taskflow.models.task import Task
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services import assignment, corrections, people
from taskflow.services.delegations import delegate
from taskflow.services.notices import account_message
from taskflow.services.outbox import Courier
from taskflow.services.reminders import sweep
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock


def _sent(clock: Clock) -> list[str]:
    """Deliver what is due; the addresses that something went to."""
    transport = MemoryTransport()
    Courier(name="test", channels=[ChannelKind.EMAIL], transport=transport, now=clock).deliver_batch()
    return [parcel.address for parcel in transport.sent]


def _clerk(factories: Factories) -> Actor:
    return factories.actor(factories.user(Role.COORDINATOR))


def _endings() -> list[tuple[str, MessageStatus, str]]:
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.kind, row.status, row.last_error) for row in rows]


def _overdue(factories: Factories, clock: Clock, head: User) -> Task:
    clock.set("2026-01-05 08:00")
    task = factories.task(
        "Rà soát danh mục thủ tục", unit=head.memberships[0].unit, due_on=date(2026, 3, 20), state=TaskState.IN_PROGRESS
    )
    clock.set("2026-03-25 08:00")
    sweep(clock.now)
    return task


def test_a_task_that_was_corrected_away_is_not_told_to_the_wrong_unit(
    app: Flask, clock: Clock, factories: Factories
) -> None:
    wrong = factories.user(Role.HEAD)
    task = _overdue(factories, clock, wrong)
    right = factories.unit("Phòng Nội vụ")
    corrections.correct_lead(
        task_id=task.id, unit_id=right.id, reason="Ghi nhầm", actor=_clerk(factories), now=clock.now
    )
    assert wrong.email not in _sent(clock)
    assert ("digest", MessageStatus.SKIPPED, "nothing_left") in _endings()


def test_a_task_that_was_moved_is_not_said_to_be_due_to_the_unit_it_left(
    app: Flask, clock: Clock, factories: Factories
) -> None:
    former = factories.user(Role.HEAD)
    task = _overdue(factories, clock, former)
    other = factories.unit("Phòng Nội vụ")
    assignment.transfer(
        task_id=task.id, unit_id=other.id, reason="Đúng chức năng", actor=_clerk(factories), now=clock.now
    )
    _sent(clock)
    assert ("digest", MessageStatus.SKIPPED, "nothing_left") in _endings()


def test_a_former_head_gets_nothing_of_the_unit(app: Flask, clock: Clock, factories: Factories) -> None:
    former = factories.user(Role.HEAD)
    _overdue(factories, clock, former)
    with unit_of_work() as session:
        session.scalars(select(Membership).where(Membership.user_id == former.id)).one().valid_to = date(2026, 3, 24)
    assert _sent(clock) == []
    assert _endings() == [("digest", MessageStatus.SKIPPED, "nothing_left")]


def test_a_corrected_address_is_used_and_kept_with_the_message(app: Flask, clock: Clock, factories: Factories) -> None:
    head = factories.user(Role.HEAD)
    _overdue(factories, clock, head)
    with unit_of_work() as session:
        session.get_one(User, head.id).email = "dung@sonha.example"
    assert _sent(clock) == ["dung@sonha.example"]
    assert db.session.scalars(select(OutboxMessage.address)).all() == ["dung@sonha.example"]


def test_a_secret_is_not_sent_on_when_the_address_was_changed(app: Flask, clock: Clock, factories: Factories) -> None:
    user = factories.user()
    with unit_of_work() as session:
        account_message(session, user, "password_reset", {"link": "http://localhost/password/x"}, clock.now)
    with unit_of_work() as session:
        session.get_one(User, user.id).email = "dung@sonha.example"
    assert _sent(clock) == []
    assert _endings() == [("password_reset", MessageStatus.SKIPPED, "address_changed")]


def test_a_delegation_ends_with_the_account_of_the_deputy(app: Flask, clock: Clock, factories: Factories) -> None:
    clock.set("2026-01-05 08:00")
    head, deputy = factories.user(Role.HEAD), factories.user(Role.OFFICER)
    administrator = factories.actor(factories.user(Role.ADMINISTRATOR))
    delegate(
        actor=administrator, principal_id=head.id, delegate_id=deputy.id, unit_id=None, starts_on=date(2026, 1, 5),
        ends_on=date(2026, 12, 31), reason="", today=date(2026, 1, 5), now=clock.now,
    )  # fmt: skip
    people.deactivate(
        actor=administrator, user_id=deputy.id, expected_version=db.session.get_one(User, deputy.id).version,
        on=date(2026, 1, 5), now=clock.now,
    )  # fmt: skip
    assert db.session.scalars(select(Delegation.revoked_at)).all() == [clock.now]
    _overdue(factories, clock, head)
    assert _sent(clock) == [head.email]
