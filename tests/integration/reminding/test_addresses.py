"""The state of an address: whose it is, what switches it off, what ends that, and what people are shown of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from taskflow.domain.errors import Conflict, NotFound
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.org import User
from taskflow.models.outbox import Channel, ChannelKind, MessageStatus, Notification, OutboxMessage
from taskflow.notifications.transports.base import Parcel, TransientError
from taskflow.notifications.transports.memory import MemoryTransport
from taskflow.services import accounts, channels, people
from taskflow.services.channels import own_addresses, set_email_subscribed
from taskflow.services.letters import alarm_sentence
from taskflow.services.notices import account_message
from taskflow.services.outbox import Courier
from taskflow.services.people import PersonValues
from taskflow.services.reach import NO_ROUTE, Route, choose_route
from taskflow.services.reminder_policy import Choice, Policy, keep_choice, load_policy, save_policy
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import BotSettings, OaSettings, save_bot, save_oa
from tests.factories import Factories
from tests.integration.account.test_sign_in import post
from tests.support.clock import Clock
from tests.support.smtp import Mailbox, smtp_server
from tests.support.zalo import deliver, queue


@pytest.fixture
def mailbox(configure: Callable[..., Any]) -> Iterator[Mailbox]:
    with smtp_server() as (box, port):
        configure(smtp_host="127.0.0.1", smtp_port=port)
        yield box


#: What servers really say, and whether it means that there is no such mailbox.
ANSWERS = [
    ("550 5.1.1 <a@x.vn>: Recipient address rejected: User unknown in virtual mailbox table", True),
    ("550 5.1.1 The email account that you tried to reach does not exist", True),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", True),
    ("550 5.1.2 Bad destination system address", True),
    ("550 5.2.1 The email account that you tried to reach is disabled", True),
    ("550 no such user here", True),
    ("550 User unknown", True),
    ("550 Requested action not taken: mailbox not found", True),
    ("553 Invalid recipient", True),
    ("550 5.5.0 mailbox does not exist", True),
    ("552 5.2.2 mailbox full", False),
    ("552 mailbox full", False),
    ("552 Mailbox unknown quota, user over quota, mailbox full", False),
    ("550 blacklisted", False),
    ("550 5.7.1 Service unavailable; client host blocked using a blocklist", False),
    ("550 Your IP is listed at zen.example; mailbox does not exist for you", False),
    ("554 5.7.1 relay access denied", False),
    ("550 5.1.8 sender address rejected: domain not found", False),
    ("550 5.4.1 Recipient address rejected: Access denied", False),
    ("550 5.3.4 message too big", False),
    ("550 no", False),
    ("450 4.1.1 user unknown for now", False),
    ("451 4.7.1 greylisted", False),
    ("421 4.3.2 shutting down", False),
]


@pytest.mark.parametrize(("answer", "is_gone"), ANSWERS)
def test_only_an_answer_about_the_mailbox_switches_it_off(
    app: Flask, clock: Clock, factories: Factories, mailbox: Mailbox, answer: str, is_gone: bool
) -> None:
    user = factories.user()
    mailbox.refuse[user.email] = answer
    message = queue(clock, user, ChannelKind.EMAIL, user.email)
    deliver(app, clock, "email")
    db.session.refresh(message)
    off = db.session.scalars(select(Channel.disabled_at)).all()
    if is_gone:
        assert (message.status, off) == (MessageStatus.FAILED, [clock.now])
        return
    assert (message.status, off) == (MessageStatus.QUEUED, []), "it is tried again"
    del mailbox.refuse[user.email]
    clock.set(message.next_attempt_at)
    deliver(app, clock, "email")
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT


@pytest.mark.parametrize("answer", ["552 5.2.2 mailbox full", "550 blacklisted", "554 5.7.1 no"])
def test_what_will_not_pass_soon_goes_another_way_meanwhile(
    app: Flask, clock: Clock, factories: Factories, mailbox: Mailbox, answer: str
) -> None:
    user = factories.user()
    factories.channel(user, ChannelKind.ZALO_BOT, "chat-1")
    mailbox.refuse[user.email] = answer
    message = queue(clock, user, ChannelKind.EMAIL, user.email)
    deliver(app, clock, "email")
    other = db.session.scalars(select(OutboxMessage).where(OutboxMessage.fallback_of_id == message.id)).one()
    assert other.channel is ChannelKind.ZALO_BOT
    db.session.rollback()
    assert choose_route(db.session(), user, load_policy()) == Route(ChannelKind.EMAIL, user.email), "the next one too"


def test_a_wrong_sender_of_ours_is_no_addresss_fault(
    app: Flask, clock: Clock, factories: Factories, mailbox: Mailbox, configure: Callable[..., Any]
) -> None:
    configure(mail_from="nhac viec@sonha.example")
    user = factories.user()
    message = queue(clock, user, ChannelKind.EMAIL, user.email)
    deliver(app, clock, "email")
    db.session.refresh(message)
    assert (message.status, message.last_error.split()[0]) == (MessageStatus.QUEUED, "fault")
    assert db.session.scalars(select(Channel)).all() == []


def test_a_failure_of_the_whole_office_is_told_and_one_of_a_person_is_not(clock: Clock, factories: Factories) -> None:
    admin = factories.user(Role.ADMINISTRATOR)
    people_ = [factories.user() for _ in range(4)]
    refused = {people_[0].email}

    def answer(parcel: Parcel) -> None:
        if parcel.address in refused:
            raise TransientError("550", "5.7.1 blacklisted", other_way=True)

    courier = Courier(name="e", channels=[ChannelKind.EMAIL], transport=MemoryTransport(answer), now=clock)

    def an_hour() -> None:
        for user in people_:
            queue(clock, user, ChannelKind.EMAIL, user.email)
        for _ in range(12):
            courier.deliver_batch()
            clock.advance(minutes=5)

    an_hour()
    assert db.session.scalars(select(Notification)).all() == []
    refused |= {user.email for user in people_}
    clock.advance(hours=2)
    courier.deliver_batch()
    an_hour()
    (alarm,) = db.session.scalars(select(Notification)).all()
    assert (alarm.user_id, alarm.data["what"], alarm.data["addresses"]) == (admin.id, "refused", 4)
    assert "5.7.1 blacklisted" in alarm_sentence(alarm.data)


def test_a_mailbox_that_its_former_owner_switched_off_works_for_the_next(
    app: Flask, clock: Clock, factories: Factories, mailbox: Mailbox, client: FlaskClient, sign_in: Any
) -> None:
    """Unsubscribed and refused alike; the former owner's own state stays."""
    former = factories.user(email="vanthu@sonha.example")
    set_email_subscribed(former.id, former.email, subscribed=False, now=clock.now)
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    values = PersonValues(full_name=former.full_name, email="cu@sonha.example", job_title="", phone="")
    people.edit_user(actor=admin, user_id=former.id, values=values, expected_version=former.version, now=clock.now)
    new = factories.user(email="vanthu@sonha.example")
    db.session.rollback()
    assert choose_route(db.session(), new, load_policy()) == Route(ChannelKind.EMAIL, "vanthu@sonha.example")
    message = queue(clock, new, ChannelKind.EMAIL, new.email)
    deliver(app, clock, "email")
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT
    set_email_subscribed(new.id, new.email, subscribed=False, now=clock.now)
    set_email_subscribed(new.id, new.email, subscribed=True, now=clock.now)
    assert post(sign_in(client, new), "/channels/email/off").status_code == 303
    rows = db.session.execute(select(Channel.user_id, Channel.address, Channel.unsubscribed_at)).all()
    assert {row.user_id for row in rows} == {former.id, new.id}
    assert all(row.unsubscribed_at for row in rows)


def test_an_address_that_takes_a_message_after_all_is_in_use_again(
    app: Flask, clock: Clock, factories: Factories, mailbox: Mailbox
) -> None:
    user = factories.user()
    mailbox.refuse[user.email] = "550 5.1.1 no such user"
    queue(clock, user, ChannelKind.EMAIL, user.email)
    deliver(app, clock, "email")
    assert choose_route(db.session(), user, load_policy()) == NO_ROUTE
    mailbox.refuse.clear()
    with unit_of_work() as session:  # an account message leaves whatever is known of the address
        account_message(session, user, "password_reset", {"link": "x"}, clock.now)
    deliver(app, clock, "email")
    assert choose_route(db.session(), user, load_policy()) == Route(ChannelKind.EMAIL, user.email)


def test_a_phone_of_somebody_who_left_can_be_taken_over(clock: Clock, factories: Factories) -> None:
    former, new = factories.user(), factories.user()
    channels.add_phone(former.id, "0912345678", actor=factories.actor(former), now=clock.now)
    with pytest.raises(Conflict):
        channels.add_phone(new.id, "0912345678", actor=factories.actor(new), now=clock.now)
    with unit_of_work() as session:
        session.get_one(User, former.id).is_active = False
    channels.add_phone(new.id, "0912345678", actor=factories.actor(new), now=clock.now)
    assert db.session.scalars(select(Channel.user_id)).all() == [new.id]


@pytest.mark.parametrize("kind", ["invitation", "password_reset"])
def test_a_changed_address_ends_the_links_of_the_old_one(
    clock: Clock, factories: Factories, kind: str, mailbox: Mailbox
) -> None:
    """Those that were sent and those that still wait; other changes of a person end none."""
    user, admin = factories.user(), factories.actor(factories.user(Role.ADMINISTRATOR))
    with unit_of_work() as session:
        accounts.send_password_link(session, user, kind=kind, lifetime=timedelta(days=2), now=clock.now)
    (message,) = db.session.scalars(select(OutboxMessage)).all()
    secret = message.payload["link"].rpartition("/")[2]
    for email, works in ((user.email, True), ("moi@sonha.example", False)):
        values = PersonValues(full_name="Tên Mới", email=email, job_title="", phone="")
        version = db.session.get_one(User, user.id).version
        people.edit_user(actor=admin, user_id=user.id, values=values, expected_version=version, now=clock.now)
        db.session.expire_all()
        if works:
            accounts.find_password_link(secret, now=clock.now)
            assert message.status is MessageStatus.QUEUED
    with pytest.raises(NotFound):
        accounts.find_password_link(secret, now=clock.now)
    assert (message.status, message.payload) == (MessageStatus.CANCELLED, {})


def _states(user: User, clock: Clock) -> dict[str, str]:
    db.session.expire_all()
    return {own.kind.value: own.state for own in own_addresses(user, now=clock.now)}


def test_a_channel_shown_as_in_use_is_the_one_that_would_be_used(
    clock: Clock, factories: Factories, client: FlaskClient, sign_in: Any, configure: Callable[..., Any]
) -> None:
    user = factories.user()
    factories.channel(user, ChannelKind.ZALO_BOT, "chat-1")
    oa = factories.channel(user, ChannelKind.ZALO_OA, "u1", last_interaction_at=clock.now)
    nothing = {"email": "not_set_up", "zalo_bot": "not_set_up", "zalo_oa": "not_set_up"}
    assert _states(user, clock) == nothing
    page = sign_in(client, user).get("/channels/").get_data(as_text=True)
    assert "đang dùng" not in page
    with unit_of_work():
        save_bot(BotSettings(token="42:stub"), now=clock.now, by_id=None)
    assert _states(user, clock) == nothing | {"zalo_bot": "first"}, "not the e-mail that cannot leave"
    assert choose_route(db.session(), user, load_policy()).kind is ChannelKind.ZALO_BOT
    configure(smtp_host="127.0.0.1")
    with unit_of_work() as session:
        save_oa(OaSettings(app_id="1"), now=clock.now, by_id=None)
        keep_choice(session.get_one(User, user.id), Choice(channels=(ChannelKind.ZALO_OA,)))
    assert _states(user, clock) == {"email": "next", "zalo_bot": "next", "zalo_oa": "first"}
    clock.advance(days=7)
    awake = _states(user, clock)
    assert (awake.pop("zalo_oa"), sorted(awake.values())) == ("asleep", ["first", "next"])
    with unit_of_work():
        save_policy(Policy(channels=(ChannelKind.EMAIL, ChannelKind.ZALO_OA)), now=clock.now, by_id=None)
    assert _states(user, clock) == {"email": "first", "zalo_bot": "not_allowed", "zalo_oa": "asleep"}
    channels.set_subscribed(oa.id, subscribed=False, actor=factories.actor(user), now=clock.now)
    assert _states(user, clock)["zalo_oa"] == "stopped"
    assert client.get("/channels/").get_data(as_text=True).count("đang dùng") == 1
