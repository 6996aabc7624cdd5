"""What a mail server reports after it took a message: refused later, delivered, or nothing of ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.outbox import Channel, ChannelKind, MessageStatus, OutboxMessage
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services.bounces import receive_mail
from taskflow.services.mail_replies import list_replies
from taskflow.services.outbox import Courier
from taskflow.services.reminders import sweep
from taskflow.services.retention import forget
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

REPORT = """\
From: MAILER-DAEMON@mail.sonha.example
To: nhac-viec@sonha.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

I could not deliver it.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.sonha.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user here

--=_b
Content-Type: text/rfc822-headers

From: nhac-viec@sonha.example
Message-ID: <taskflow-{id}@sonha.example>
Subject: Nhac viec

--=_b--
"""


@pytest.fixture
def sent(app: Flask, factories: Factories, clock: Clock) -> OutboxMessage:
    """A digest that the mail server has taken."""
    clock.set("2026-01-05 08:00")
    head = factories.user(Role.HEAD)
    factories.task(unit=head.memberships[0].unit, due_on=date(2026, 3, 20), state=TaskState.IN_PROGRESS)
    clock.set("2026-03-25 08:00")
    sweep(clock.now)
    Courier(name="e", channels=[ChannelKind.EMAIL], transport=MemoryTransport(), now=clock).deliver_batch()
    return db.session.scalars(select(OutboxMessage)).one()


def _report(message: OutboxMessage, clock: Clock, **changes: str) -> int | None:
    values = {"id": str(message.id), "address": message.address, "action": "failed", "status": "5.1.1"} | changes
    return receive_mail(REPORT.format(**values).encode(), now=clock.now)


def _all() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_a_mailbox_that_is_none_is_marked_and_the_next_channel_takes_over(
    sent: OutboxMessage, clock: Clock, factories: Factories
) -> None:
    assert sent.user is not None
    factories.channel(sent.user, ChannelKind.ZALO_BOT, "chat-1")
    assert _report(sent, clock) == 1
    failed, other = _all()
    assert (failed.status, failed.last_error) == (MessageStatus.FAILED, "5.1.1 550 5.1.1 no such user here")
    assert (other.channel, other.status) == (ChannelKind.ZALO_BOT, MessageStatus.QUEUED)
    marked = db.session.scalars(select(Channel).where(Channel.kind == ChannelKind.EMAIL)).one()
    assert marked.disabled_at == clock.now
    assert _report(failed, clock) == 0, "the same report twice changes nothing"


@pytest.mark.parametrize("status", ["5.7.1", "4.4.7", "5.2.2", "5.1.8", "5.4.1", "5.3.4"])
def test_what_says_nothing_about_the_mailbox_marks_no_address_and_is_tried_again(
    sent: OutboxMessage, clock: Clock, status: str
) -> None:
    for _ in range(5):
        assert _report(sent, clock, status=status) == 1
        (row,) = _all()
        assert row.status is MessageStatus.QUEUED
        assert row.next_attempt_at >= clock.now + timedelta(hours=1)
        clock.set(max(row.next_attempt_at, clock.now))
        with unit_of_work():
            row.urgent = True
        Courier(name="e", channels=[ChannelKind.EMAIL], transport=MemoryTransport(), now=clock).deliver_batch()
    assert _report(sent, clock, status=status) == 1
    assert _all()[0].status is MessageStatus.FAILED, "not for ever"
    assert db.session.scalars(select(Channel)).all() == []


def test_a_full_mailbox_lets_the_next_channel_take_over(
    sent: OutboxMessage, clock: Clock, factories: Factories
) -> None:
    assert sent.user is not None
    factories.channel(sent.user, ChannelKind.ZALO_BOT, "chat-1")
    assert _report(sent, clock, status="5.2.2") == 1
    failed, other = _all()
    assert (failed.status, other.channel) == (MessageStatus.FAILED, ChannelKind.ZALO_BOT)
    assert db.session.scalars(select(Channel.disabled_at)).all() == [None]


def test_a_receipt_makes_it_delivered_and_a_delay_changes_nothing(sent: OutboxMessage, clock: Clock) -> None:
    assert _report(sent, clock, action="delayed", status="4.2.2") == 0
    assert _report(sent, clock, action="delivered", status="2.0.0") == 1
    assert _all()[0].status is MessageStatus.DELIVERED


def test_a_report_about_somebody_else_changes_nothing(sent: OutboxMessage, clock: Clock) -> None:
    assert _report(sent, clock, address="somebody@else.example") == 0
    assert _report(sent, clock, id="999999") == 0
    assert _all()[0].status is MessageStatus.SENT
    for nothing in (b"", b"no headers at all"):
        with pytest.raises(Invalid, match="not_a_mail"):
            receive_mail(nothing, now=clock.now)


def test_the_mail_server_hands_a_report_over(
    sent: OutboxMessage, clock: Clock, runner: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "report.eml"
    path.write_text(REPORT.format(id=sent.id, address=sent.address, action="failed", status="5.1.1"))
    assert "Đã ghi nhận 1 tin." in runner("outbox", "bounce", str(path)).output
    path.write_text("")
    refused = runner("outbox", "bounce", str(path))
    assert refused.exit_code == 1
    assert "không phải" in refused.output + refused.stderr


ABSENCE = """\
From: =?utf-8?q?Tr=E1=BA=A7n_Th=E1=BB=8B_Mai?= <mai@sonha.example>
To: nhac-viec@sonha.example
Subject: =?utf-8?b?VuG6r25nIG3hurd0?=
Message-ID: <a1@sonha.example>
In-Reply-To: <taskflow-{id}@sonha.example>
Auto-Submitted: auto-replied
Content-Type: text/plain; charset=utf-8

Tôi đi công tác đến hết tuần.
"""
REPLY = """\
From: lan@sonha.example
Subject: Re: Nhắc việc
Message-ID: <a2@sonha.example>
Content-Type: text/html; charset=utf-8

<style>p {{color: red}}</style><p>Việc này đã xong\x00 từ hôm qua.</p>
"""


def test_answers_to_the_senders_address_are_no_error_and_the_administrator_sees_them(
    sent: OutboxMessage, clock: Clock, runner: Callable[..., Result], tmp_path: Path, client: FlaskClient,
    factories: Factories, sign_in: Callable[..., FlaskClient],
) -> None:  # fmt: skip
    path = tmp_path / "mail.eml"
    for mail in (ABSENCE, REPLY, ABSENCE):  # the same twice is one
        path.write_text(mail.format(id=sent.id), encoding="utf-8")
        assert "Thư trả lời" in runner("outbox", "bounce", str(path)).output
    path.write_bytes(b"Subject: =?x-none?q?=FF?=\nContent-Type: text/plain; charset=nonsense\n\n" + bytes(range(256)))
    assert runner("outbox", "bounce", str(path)).exit_code == 0
    assert _all()[0].status is MessageStatus.SENT
    page = sign_in(client, factories.user(Role.ADMINISTRATOR)).get("/messages/replies").get_data(as_text=True)
    for shown in ("mai@sonha.example", "Vắng mặt", "Re: Nhắc việc", "Tôi đi công tác đến hết tuần.", "trả lời tự động"):
        assert shown in page
    assert "Việc này đã xong từ hôm qua." in " ".join(page.split())
    assert page.count("mai@sonha.example") == 1
    assert f"/messages/{sent.id}" in page
    assert "color: red" not in page
    coordinator = sign_in(client, factories.user(Role.COORDINATOR))
    assert coordinator.get("/messages/replies").status_code == 403
    assert "/messages/replies" not in coordinator.get("/messages/").get_data(as_text=True)
    clock.advance(days=31)
    forget(clock.now)
    assert len(list_replies(actor=factories.actor(factories.user(Role.ADMINISTRATOR)), page=1)[0]) == 3
    clock.advance(days=366)
    forget(clock.now)
    assert list_replies(actor=factories.actor(factories.user(Role.ADMINISTRATOR)), page=1)[0] == []
