"""Zalo against the strict stand-in: tokens used once, ways of sending, what each error does, what comes in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from taskflow.cli.zalo_stub import ZaloStub
from taskflow.domain.errors import Invalid, NotAllowed
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.outbox import (
    Channel,
    ChannelKind,
    InboundEvent,
    MessageStatus,
    Notification,
    OutboxMessage,
    ZaloToken,
)
from taskflow.notifications.transports.base import PermanentError, TransientError
from taskflow.notifications.transports.zalo_bot import ZaloBotTransport
from taskflow.notifications.transports.zalo_errors import BUSINESS, OA
from taskflow.notifications.transports.zalo_oa import phone_number
from taskflow.services import zalo
from taskflow.services.channels import new_link_code
from taskflow.services.inbound import apply_bot_update
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import oa_settings, save_oa
from taskflow.services.zalo_template import fetch_parameters
from tests.factories import Factories
from tests.support.clock import Clock
from tests.support.zalo import ACCOUNT, deliver, queue


def _token() -> ZaloToken:
    db.session.expire_all()
    return db.session.scalars(select(ZaloToken)).one()


def test_consent_gives_a_pair_and_a_code_works_once(stub: ZaloStub, clock: Clock) -> None:
    code = stub.consent(zalo.challenge(ACCOUNT.code_verifier))
    zalo.accept_consent(code, now=clock.now)
    assert _token().expires_at == clock.now + timedelta(hours=25)
    with pytest.raises(Invalid, match=r"zalo\.answer"):
        zalo.accept_consent(code, now=clock.now)


def test_a_pair_is_renewed_before_its_end_and_the_new_one_is_stored_first(linked: ZaloStub, clock: Clock) -> None:
    first = zalo.access_token(clock)  # a pasted pair has no known end, so it is renewed at once
    assert linked.refreshes == 1
    assert _token().access_token == first
    assert zalo.access_token(clock) == first
    clock.advance(hours=21)
    assert zalo.access_token(clock) != first
    assert linked.refreshes == 2


def test_while_one_process_renews_another_goes_on_with_the_token_that_still_works(
    linked: ZaloStub, clock: Clock
) -> None:
    token = zalo.access_token(clock)
    clock.advance(hours=21)
    with unit_of_work():
        _token().refreshing_until = clock.now + timedelta(seconds=30)
    assert zalo.access_token(clock) == token
    assert linked.refreshes == 1
    clock.advance(seconds=31)
    assert zalo.access_token(clock) != token


def test_a_spent_refresh_token_needs_a_person_and_raises_the_alarm(
    linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    admin = factories.user(Role.ADMINISTRATOR)
    stolen = _token().refresh_token
    zalo.access_token(clock)
    with unit_of_work():
        _token().refresh_token = stolen  # as after a death between Zalo's answer and our commit
    clock.advance(hours=26)
    with pytest.raises(TransientError) as caught:
        zalo.access_token(clock)
    assert caught.value.needs_person
    assert _token().needs_person
    assert "-14020" in _token().error
    alarms = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "alarm")).all()
    assert [alarm.user_id for alarm in alarms] == [admin.id]
    with pytest.raises(TransientError):
        zalo.access_token(clock)
    assert linked.refreshes == 1


def test_no_answer_of_the_sign_in_service_is_no_reason_to_give_up(linked: ZaloStub, clock: Clock) -> None:
    linked.fail_next("/v4/oa/access_token", "garbage")
    with pytest.raises(TransientError):
        zalo.access_token(clock, refused=True)
    assert not _token().needs_person
    clock.advance(seconds=61)
    assert zalo.access_token(clock, refused=True)


def test_consultation_inside_seven_days_and_a_template_after(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    user = factories.user()
    linked.follow("u1")
    factories.channel(user, ChannelKind.ZALO_OA, "u1", last_interaction_at=clock.now)
    first = queue(clock, user, ChannelKind.ZALO_OA, "u1")
    deliver(app, clock, "zalo_oa")
    clock.advance(days=8)
    queue(clock, user, ChannelKind.ZALO_OA, "u1")
    deliver(app, clock, "zalo_oa")
    assert [sent.way for sent in linked.sent] == ["cs", "template_uid"]
    assert linked.sent[1].body["template_data"] == {"ten": "Anh/Chị", "noi_dung": "–"}
    db.session.refresh(first)
    assert (first.status, first.provider_id) == (MessageStatus.SENT, linked.sent[0].id)


@pytest.mark.parametrize("code", ["-230", "-232"])
def test_who_is_outside_the_window_by_zalos_book_gets_the_template_by_uid(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories, code: str
) -> None:
    user = factories.user()
    linked.follow("u1")
    channel = factories.channel(user, ChannelKind.ZALO_OA, "u1", last_interaction_at=clock.now)
    linked.fail_next("/v3.0/oa/message/cs", code)
    message = queue(clock, user, ChannelKind.ZALO_OA, "u1")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT
    assert [sent.way for sent in linked.sent] == ["template_uid"]
    db.session.refresh(channel)
    assert channel.disabled_at is None


def test_outside_the_window_and_without_a_template_the_next_channel_takes_over(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    with unit_of_work():
        save_oa(replace(ACCOUNT, template_id=""), now=clock.now, by_id=None)
    user = factories.user()
    linked.follow("u1")
    channel = factories.channel(user, ChannelKind.ZALO_OA, "u1", last_interaction_at=clock.now)
    linked.fail_next("/v3.0/oa/message/cs", "-230")
    message = queue(clock, user, ChannelKind.ZALO_OA, "u1")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    db.session.refresh(channel)
    other = db.session.scalars(select(OutboxMessage).where(OutboxMessage.fallback_of_id == message.id)).one()
    assert (message.status, other.channel, other.address) == (MessageStatus.FAILED, ChannelKind.EMAIL, user.email)
    assert channel.disabled_at is None, "the person can write again, which opens the window"


def test_a_template_by_phone_carries_the_tracking_id(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "0912345678")
    deliver(app, clock, "zalo_oa")
    (sent,) = linked.sent
    assert (sent.to, sent.body["tracking_id"]) == ("84912345678", f"taskflow-{message.id}")


def test_a_refused_token_is_renewed_once_and_the_message_leaves(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    zalo.access_token(clock)
    linked.fail_next("/message/template", "-124")
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT
    assert linked.refreshes == 2


def test_at_night_a_template_waits_for_six_oh_five(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    clock.set("2026-03-16 23:10")
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert message.status is MessageStatus.QUEUED
    clock.set("2026-03-17 06:05")
    assert timedelta(0) <= message.next_attempt_at - clock.now <= timedelta(minutes=10)


def test_a_used_up_quota_waits_for_tomorrow(app: Flask, linked: ZaloStub, clock: Clock, factories: Factories) -> None:
    linked.account.daily_quota = 0
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert message.next_attempt_at > clock.now + timedelta(hours=12)


def test_who_cannot_receive_by_zalo_gets_an_e_mail_and_is_not_tried_again(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    user = factories.user()
    factories.channel(user, ChannelKind.ZALO_TEMPLATE, "84999999999")
    queue(clock, user, ChannelKind.ZALO_TEMPLATE, "84999999999")
    deliver(app, clock, "zalo_oa")
    failed, other = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert failed.status is MessageStatus.FAILED
    assert failed.last_error.startswith("-118 Zalo account does not exist")
    assert (other.channel, other.address) == (ChannelKind.EMAIL, user.email)
    assert db.session.scalars(select(Channel)).one().disabled_at == clock.now


@pytest.mark.parametrize("how", ["drop", "garbage"])
def test_no_answer_is_tried_again(app: Flask, linked: ZaloStub, clock: Clock, factories: Factories, how: str) -> None:
    linked.fail_next("/message/template", how)
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert (message.status, message.attempts) == (MessageStatus.QUEUED, 1)
    clock.set(message.next_attempt_at)
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT


def test_a_group_message_calls_nobody(app: Flask, linked: ZaloStub, clock: Clock, factories: Factories) -> None:
    queue(clock, factories.user(), ChannelKind.ZALO_GROUP, "group-1")
    deliver(app, clock, "zalo_oa")
    assert "[@" not in linked.sent[0].body["message"]["text"]


def test_the_templates_parameters_are_fetched_with_their_lengths_and_choices_stay(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    linked.account.templates["100001"] = {"noi_dung": 40, "total": 12, "co_quan": 30}
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    assert fetch_parameters(actor=admin, now=clock.now) == ("co_quan",)
    assert oa_settings().parameters == {"noi_dung": ("title", 40), "total": ("total", 12), "co_quan": ("subject", 30)}
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT, message.last_error
    assert set(linked.sent[0].body["template_data"]) == {"noi_dung", "total", "co_quan"}


@pytest.mark.parametrize(
    ("changed", "code", "channel", "address"),
    [
        ({"ten": 30, "noi_dung": 12}, -1121, ChannelKind.ZALO_TEMPLATE, "84912345678"),
        ({"ten": 30, "total": 12}, -132, ChannelKind.ZALO_TEMPLATE, "84912345678"),
        ({"ten": 30, "noi_dung": 12}, -201, ChannelKind.ZALO_OA, "user-1"),
    ],
)
def test_a_template_that_was_changed_at_zalo_is_fetched_and_filled_anew_once(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories,
    changed: dict[str, int], code: int, channel: ChannelKind, address: str,
) -> None:  # fmt: skip
    linked.account.followers["user-1"] = clock.now - timedelta(days=30)
    linked.account.templates["100001"] = changed
    unit = factories.unit()
    task = factories.task(content="Xây dựng kế hoạch triển khai học bạ số trên địa bàn tỉnh", unit=unit)
    user = factories.user(Role.HEAD, unit=unit)
    payload = {"items": [{"task": task.id, "by": "Lê Văn Đức"}], "more": 0}
    message = queue(clock, user, channel, address, kind="due_changed", payload=payload)
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT, message.last_error
    assert linked.refused == [code]
    (sent,) = linked.sent
    filled = sent.body["template_data"]
    assert filled.keys() == changed.keys()
    assert all(len(filled[name]) <= longest for name, longest in changed.items())
    assert {name: longest for name, (_source, longest) in oa_settings().parameters.items()} == changed
    assert db.session.scalars(select(Notification)).all() == []


def test_a_parameter_that_nobody_chose_a_value_for_leaves_filled_and_is_reported(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    admin = factories.user(Role.ADMINISTRATOR)
    linked.account.templates["100001"] = {"ten": 30, "noi_dung": 200, "co_quan": 30}
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert (message.status, linked.refused) == (MessageStatus.SENT, [-132])
    (alarm,) = db.session.scalars(select(Notification)).all()
    assert (alarm.user_id, alarm.data["error"]) == (admin.id, "template 100001: co_quan")


@pytest.mark.parametrize("code", ["-132", "-1121"])
def test_a_template_that_stays_refused_needs_a_person_and_is_asked_for_once(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories, code: str
) -> None:
    admin, user = factories.user(Role.ADMINISTRATOR), factories.user()
    for _ in range(3):
        linked.fail_next("/message/template", code)  # though the parameters are what Zalo itself says
        queue(clock, user, ChannelKind.ZALO_TEMPLATE, "84912345678")
        clock.advance(seconds=1)
    deliver(app, clock, "zalo_oa")
    assert (linked.called.count("/message/template"), linked.called.count("/template/info/v2")) == (3, 1)
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "test").order_by(OutboxMessage.id)
    ).all()
    assert [(row.status, row.channel) for row in rows] == [
        *[(MessageStatus.FAILED, ChannelKind.ZALO_TEMPLATE)] * 3,
        *[(MessageStatus.QUEUED, ChannelKind.EMAIL)] * 3,
    ], "the next channel takes over"
    assert db.session.scalars(select(Notification.user_id)).all() == [admin.id]
    assert db.session.scalars(select(Channel)).all() == [], "the address is not at fault"


def test_a_template_that_is_refused_again_after_fetching_is_not_fetched_again(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    user = factories.user()
    linked.account.templates["100001"] = {"ten": 30, "noi_dung": 12}
    for _ in range(2):
        linked.fail_next("/message/template", "-1121")
    message = queue(clock, user, ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert (message.status, message.last_error) == (MessageStatus.FAILED, "-1121 stub")
    assert (linked.called.count("/message/template"), linked.called.count("/template/info/v2")) == (2, 1)


def test_a_template_that_cannot_be_asked_for_now_is_tried_again(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    linked.account.templates["100001"] = {"ten": 30, "total": 12}
    linked.fail_next("/template/info/v2", "drop")
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert (message.status, message.last_error.split()[0]) == (MessageStatus.QUEUED, "unreachable")
    clock.set(message.next_attempt_at)
    deliver(app, clock, "zalo_oa")
    db.session.refresh(message)
    assert message.status is MessageStatus.SENT, message.last_error


def test_a_template_that_zalo_does_not_know_changes_nothing(
    linked: ZaloStub, clock: Clock, factories: Factories, client: FlaskClient, sign_in: Any
) -> None:
    del linked.account.templates["100001"]
    admin = factories.user(Role.ADMINISTRATOR)
    with pytest.raises(Invalid, match=r"zalo\.answer"):
        fetch_parameters(actor=factories.actor(admin), now=clock.now)
    linked.fail_next("/template/info/v2", "drop")
    with pytest.raises(Invalid, match=r"zalo\.unreachable"):
        fetch_parameters(actor=factories.actor(admin), now=clock.now)
    assert oa_settings().parameters == ACCOUNT.parameters
    with pytest.raises(NotAllowed):
        fetch_parameters(actor=factories.actor(factories.user(Role.OFFICER)), now=clock.now)
    assert "/channels/setup/zalo/template" in sign_in(client, admin).get("/channels/setup/zalo").get_data(as_text=True)


#: DOMAIN.md 6.5, class by class: codes of openapi.zalo.me, codes of business.openapi.zalo.me.
DOCUMENTED: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "refresh": ((-216, -220), (-124,)),
    "back_off": ((-32, -100), (-100,)),
    "tomorrow": ((-211, -218), (-144, -147)),
    "morning": ((-234,), (-133,)),
    "refit": ((), (-112, -1121, -1122, -1124, -132)),
    "person": (
        (-204, -205, -209, -212, -219, -221, -223, -224, -237, -240, -242, -249, -320, -321, -403),
        (-101, -102, -103, -104, -105, -109, -115, -117, -131, -135, -1351, -136, -137, -138, -146),
    ),
    "never": (
        (-201, -210, -213, -227, -230, -232, -244),
        (*range(-162, -147), -108, -114, -118, -119, -134, -139, -141),
    ),
}


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_every_documented_error_has_its_remedy(kind: str) -> None:
    for table, codes in zip((OA, BUSINESS), DOCUMENTED[kind], strict=True):
        for code in codes:
            assert table[code].value.startswith(kind), code


def test_no_documented_number_is_without_an_entry() -> None:
    extra = {-1121, -1122, -1124, -1351, -1441, -1471, -1472}
    assert set(BUSINESS) == extra | set(range(-162, -99))


@pytest.mark.parametrize(
    "written",
    ["0912345678", "+84 912 345 678", "(+84) 0912.345.678", "0084912345678", "84912345678", "912345678"],
)
def test_a_phone_number_is_taken_as_people_write_it(written: str) -> None:
    assert phone_number(written) == "84912345678"


def test_a_number_of_the_network_084_is_not_taken_for_the_country() -> None:
    assert phone_number("845678901") == phone_number("0845678901") == "84845678901"


@pytest.mark.parametrize("written", ["", "091234", "+1 912 345 6789", "09123456789012", "không có"])
def test_what_is_no_phone_number_is_refused(written: str) -> None:
    with pytest.raises(PermanentError, match="-108"):
        phone_number(written)


def test_a_body_that_is_nested_too_deep_is_no_event(stub: ZaloStub, client: FlaskClient) -> None:
    assert client.post("/hooks/zalo/oa", data=b"[" * 60_000).status_code == 400


def test_a_code_sent_to_the_bot_links_the_account_once(
    app: Flask, stub: ZaloStub, clock: Clock, factories: Factories
) -> None:
    user = factories.user()
    code = new_link_code(user.id, ChannelKind.ZALO_BOT, now=clock.now)
    stub.write("chat-1", f"Xin chào, {code.lower()} ạ")
    stub.write("chat-2", code)
    transport = ZaloBotTransport(stub.url, "42:stub")
    for _ in range(3):
        for update in transport.updates(wait=0):
            apply_bot_update(update, now=clock.now)
    transport.close()
    (channel,) = db.session.scalars(select(Channel)).all()
    assert (channel.user_id, channel.address, channel.verified_at) == (user.id, "chat-1", clock.now)
    assert deliver(app, clock, "zalo_bot") == 2
    said = {sent.to: sent.body["text"] for sent in stub.sent}
    assert "được liên kết" in said["chat-1"]
    assert "không đúng hoặc đã hết hạn" in said["chat-2"]


def test_an_old_code_and_guessing_link_nobody(stub: ZaloStub, clock: Clock, factories: Factories) -> None:
    code = new_link_code(factories.user().id, ChannelKind.ZALO_BOT, now=clock.now)
    clock.advance(minutes=16)
    apply_bot_update(stub.write("chat-1", code), now=clock.now)
    fresh = new_link_code(factories.user().id, ChannelKind.ZALO_BOT, now=clock.now)
    for guess in range(6):
        apply_bot_update(stub.write("chat-9", f"LK 00000{guess}"), now=clock.now)
    apply_bot_update(stub.write("chat-9", fresh), now=clock.now)
    assert db.session.scalars(select(Channel)).all() == []


@pytest.mark.parametrize("text", ["Xin chào", "đã xong", "123456", "", "LK"])
def test_the_bot_answers_words_that_it_does_not_understand_with_what_it_does(
    app: Flask, stub: ZaloStub, clock: Clock, factories: Factories, text: str
) -> None:
    """Linked or not, and not endlessly: the other side may be a machine."""
    factories.channel(factories.user(), ChannelKind.ZALO_BOT, "chat-2")
    for chat in ("chat-1", "chat-2"):
        for _ in range(5):
            apply_bot_update(stub.write(chat, text), now=clock.now)
    deliver(app, clock, "zalo_bot")
    assert [sent.to for sent in stub.sent] == ["chat-1"] * 3 + ["chat-2"] * 3
    for sent in stub.sent:
        assert "chỉ hiểu" in sent.body["text"]
        assert "LK 123456" in sent.body["text"]
    clock.advance(minutes=10)
    apply_bot_update(stub.write("chat-1", text), now=clock.now)
    deliver(app, clock, "zalo_bot")
    assert len(stub.sent) == 7


def test_the_bot_says_that_a_code_is_wrong_or_old_and_is_silent_in_groups(
    app: Flask, stub: ZaloStub, clock: Clock, factories: Factories
) -> None:
    code = new_link_code(factories.user().id, ChannelKind.ZALO_BOT, now=clock.now)
    clock.advance(minutes=16)
    apply_bot_update(stub.write("chat-1", code), now=clock.now)
    group = stub.write("group-9", "Xin chào")
    group["message"]["chat"]["chat_type"] = "GROUP"
    apply_bot_update(group, now=clock.now)
    deliver(app, clock, "zalo_bot")
    (sent,) = stub.sent
    assert "không đúng hoặc đã hết hạn" in sent.body["text"]
    assert db.session.scalars(select(Channel)).all() == []


def test_the_bots_webhook_wants_its_secret_and_counts_an_update_once(
    app: Flask, stub: ZaloStub, clock: Clock, client: FlaskClient, factories: Factories
) -> None:
    user = factories.user()
    code = new_link_code(user.id, ChannelKind.ZALO_BOT, now=clock.now)
    body = json.dumps({"ok": True, "result": stub.write("chat-1", code)}).encode()
    assert client.post("/hooks/zalo/bot", data=body).status_code == 403
    wrong = {"X-Bot-Api-Secret-Token": "another-secret"}
    assert client.post("/hooks/zalo/bot", data=body, headers=wrong).status_code == 403
    right = {"X-Bot-Api-Secret-Token": "a-secret-of-ours"}
    for _ in range(2):
        assert client.post("/hooks/zalo/bot", data=body, headers=right).status_code == 200
    assert client.post("/hooks/zalo/bot", data=b"[1]", headers=right).status_code == 400
    assert len(db.session.scalars(select(InboundEvent)).all()) == 1
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1


def test_events_of_the_account_are_proven_on_the_raw_bytes(
    app: Flask, stub: ZaloStub, clock: Clock, client: FlaskClient, factories: Factories
) -> None:
    user = factories.user()
    code = new_link_code(user.id, ChannelKind.ZALO_OA, now=clock.now)
    raw, signature = stub.event("user_send_text", sender={"id": "u1"}, message={"msg_id": "m1", "text": code})
    headers = {"X-ZEvent-Signature": signature}
    assert client.post("/hooks/zalo/oa", data=raw + b" ", headers=headers).status_code == 403
    assert client.post("/hooks/zalo/oa", data=raw).status_code == 403
    assert client.post("/hooks/zalo/oa", data=raw, headers=headers).status_code == 200
    (channel,) = db.session.scalars(select(Channel)).all()
    assert (channel.kind, channel.address) == (ChannelKind.ZALO_OA, "u1")
    raw, signature = stub.event("unfollow", follower={"id": "u1"})
    assert client.post("/hooks/zalo/oa", data=raw, headers={"X-ZEvent-Signature": signature}).status_code == 200
    db.session.expire_all()
    assert channel.disabled_reason == "unfollow"
    clock.advance(seconds=1)
    raw, signature = stub.event("follow", follower={"id": "u1"})
    client.post("/hooks/zalo/oa", data=raw, headers={"X-ZEvent-Signature": signature})
    db.session.expire_all()
    assert channel.disabled_at is None


def test_the_formula_of_the_signature_is_the_offices_choice(stub: ZaloStub, clock: Clock, client: FlaskClient) -> None:
    with unit_of_work():
        save_oa(replace(ACCOUNT, signature_first="oa_id", signature_secret="app_secret"), now=clock.now, by_id=None)
    raw, signature = stub.event("follow", follower={"id": "u1"})
    assert client.post("/hooks/zalo/oa", data=raw, headers={"X-ZEvent-Signature": signature}).status_code == 403
    stub.account.app_id, stub.account.oa_secret = ACCOUNT.oa_id, ACCOUNT.app_secret
    raw, signature = stub.event("follow", follower={"id": "u1"})
    assert client.post("/hooks/zalo/oa", data=raw, headers={"X-ZEvent-Signature": signature}).status_code == 200


def test_delivered_and_seen_come_in_any_order_and_never_go_back(
    app: Flask, linked: ZaloStub, clock: Clock, client: FlaskClient, factories: Factories
) -> None:
    message = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    for name in ("user_seen_message", "user_received_message"):
        values = {"message": {"msg_id": linked.sent[0].id, "tracking_id": f"taskflow-{message.id}"}}
        raw, signature = linked.event(name, **values)
        client.post("/hooks/zalo/oa", data=raw, headers={"X-ZEvent-Signature": signature})
    db.session.expire_all()
    assert message.status is MessageStatus.SEEN
    assert message.delivered_at == message.seen_at == clock.now
