"""What leaves through Zalo, asserted on the very bodies that the stand-in took: counts, short titles, dates, links."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from taskflow.cli.zalo_stub import ZaloStub
from taskflow.domain.permissions import Role
from taskflow.domain.reminders import DATED, ReminderEvent
from taskflow.domain.states import TaskState
from taskflow.models.outbox import ChannelKind, MessageStatus
from taskflow.models.task import Task
from taskflow.notifications.messages import CHAT_TITLE, EVENTS
from taskflow.services.letters import ACCOUNT_KINDS, SUMMARY, SYSTEM_KINDS
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import PARAMETER_SOURCES, save_oa
from tests.factories import Factories
from tests.support.clock import Clock
from tests.support.zalo import ACCOUNT, deliver, queue

BEGINNING = "Rà soát quy hoạch mạng lưới trường học, gửi về vanthu@so.gov.vn"
REST = "trong đó nêu rõ phần nội dung mật thiết mà chỉ người trong cơ quan được đọc trọn vẹn"
NOTE, BY, AWAY = "Chậm vì kế toán nghỉ ốm dài ngày", "Nguyễn Hữu Phước", "Đặng Thị Vắng"
NAME, EMAIL = "Trần Thị Mai Hoa", "hoa.tran@so.gov.vn"
WAYS = [
    (ChannelKind.ZALO_BOT, "chat-1"),
    (ChannelKind.ZALO_OA, "u-near"),
    (ChannelKind.ZALO_OA, "u-far"),
    (ChannelKind.ZALO_TEMPLATE, "84912345678"),
    (ChannelKind.ZALO_GROUP, "group-1"),
]


def _payloads(task: Task, away_id: int) -> dict[str, dict[str, Any]]:
    """For every kind of message there is, the fullest payload that it can have."""
    item = {"task": task.id, "text": NOTE, "by": BY, "for": away_id}
    assert task.due_on is not None
    digest = {
        "groups": [
            {
                "group": "overdue",
                "count": 3,
                "items": [
                    {
                        "subject": "task",
                        "id": task.id,
                        "task": task.id,
                        "event": event.value,
                        "basis": task.due_on.isoformat(),
                        "rung": "+1",
                        "late_by": 2,
                        "for": away_id,
                    }
                ],
            }
            for event in DATED
            if event is ReminderEvent.DUE
        ]
    }
    secret = {"code": "482913", "minutes": 15, "link": "http://localhost/x", "name": NAME, "error": f"550 <{EMAIL}>"}
    return {
        **{kind: {"items": [item], "more": 2} for kind in EVENTS},
        **dict.fromkeys(ACCOUNT_KINDS | SYSTEM_KINDS, secret | {"what": "channel", "channel": "email"}),
        "digest": digest,
        SUMMARY: {"groups": [{"group": "overdue", "count": 3, "items": []}]},
    }


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_message_of_any_kind_tells_zalo_more_than_counts_short_titles_dates_and_links(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    unit = factories.unit("Phòng Tài chính Kế hoạch tổng hợp")
    user = factories.user(Role.HEAD, unit=unit, full_name=NAME, email=EMAIL)
    away = factories.user(Role.HEAD, unit=unit, full_name=AWAY)
    task = factories.task(
        f"{BEGINNING} {REST}", unit=unit, due_on=date(2026, 3, 13), state=TaskState.IN_PROGRESS, product="Tờ trình X9"
    )
    linked.account.daily_quota = 1000
    linked.account.templates["100001"] = dict.fromkeys(PARAMETER_SOURCES, 200)
    with unit_of_work():
        parameters = {name: (name, 200) for name in PARAMETER_SOURCES}
        save_oa(replace(ACCOUNT, parameters=parameters), now=clock.now, by_id=None)
    linked.follow("u-near")
    linked.follow("u-far")
    linked.write("chat-1", "xin chào")
    factories.channel(user, ChannelKind.ZALO_OA, "u-near", last_interaction_at=clock.now)
    factories.channel(user, ChannelKind.ZALO_OA, "u-far", last_interaction_at=clock.now - timedelta(days=9))
    payloads = _payloads(task, away.id)
    messages = [
        queue(clock, user, channel, address, kind=kind, payload=payload, urgent=True)
        for kind, payload in payloads.items()
        for channel, address in WAYS
    ]
    while deliver(app, clock, "zalo_oa") + deliver(app, clock, "zalo_bot"):
        pass

    unsent = {(m.kind, m.channel, m.status) for m in messages if m.status is not MessageStatus.SENT}
    # A template has no place for a code; everything else left by every way, so that everything was looked at.
    assert {(kind, status) for kind, _channel, status in unsent} == {("link_code", MessageStatus.FAILED)}
    assert {sent.way for sent in linked.sent} == {"bot", "cs", "template_uid", "template_phone", "group"}
    for sent in linked.sent:
        body = json.dumps(sent.body, ensure_ascii=False)
        for secret in (NAME, BY, AWAY, NOTE, REST, EMAIL, "@", unit.name, "Tờ trình X9", "mật thiết"):
            assert secret not in body, (sent.way, secret, body)
        text = str(sent.body.get("text") or sent.body.get("message", {}).get("text", ""))
        assert all(line.startswith("http") or len(line) <= CHAT_TITLE + 40 for line in text.splitlines()), text


def test_a_title_in_a_template_is_short_and_the_person_is_greeted_without_a_name(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    with unit_of_work():
        save_oa(
            replace(ACCOUNT, parameters={"ten": ("name", 200), "noi_dung": ("title", 200)}), now=clock.now, by_id=None
        )
    user = factories.user(full_name=NAME)
    task = factories.task(f"{BEGINNING} {REST}", unit=user.memberships[0].unit, state=TaskState.IN_PROGRESS)
    queue(clock, user, ChannelKind.ZALO_TEMPLATE, "84912345678", kind="urged", payload={"items": [{"task": task.id}]})
    deliver(app, clock, "zalo_oa")
    (sent,) = linked.sent
    assert sent.body["template_data"]["ten"] == "Anh/Chị"
    assert len(sent.body["template_data"]["noi_dung"]) <= CHAT_TITLE
