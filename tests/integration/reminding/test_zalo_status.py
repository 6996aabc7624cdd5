"""What Zalo says when asked: quota, arrival, health; and events that come while others write."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import OperationalError

from taskflow.cli.zalo_stub import ZaloStub
from taskflow.domain.permissions import Role
from taskflow.extensions import LOCK_WAIT, WRITE_INTENT, configure_engine, db
from taskflow.models.outbox import ChannelKind, MessageStatus, ZaloToken
from taskflow.models.system import JobRun
from taskflow.scheduling import jobs
from taskflow.services import inbound, zalo, zalo_status
from taskflow.services.unit_of_work import unit_of_work
from taskflow.services.zalo_settings import save_oa
from tests.factories import Factories
from tests.support.clock import Clock
from tests.support.zalo import ACCOUNT, deliver, queue


def test_what_arrived_without_an_event_is_asked_for_and_the_quota_is_kept(
    app: Flask, linked: ZaloStub, clock: Clock, factories: Factories
) -> None:
    first = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    clock.advance(minutes=1)
    second = queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    clock.advance(minutes=2)
    arrival = clock.now.replace(microsecond=0)
    linked.arrive(linked.sent[0].id)
    assert zalo_status.ask(clock.now)["asked"] == 0, "an event may still come"
    clock.advance(minutes=20)
    assert zalo_status.ask(clock.now) == {"asked": 2, "arrived": 1}
    db.session.expire_all()
    assert (first.status, second.status) == (MessageStatus.DELIVERED, MessageStatus.SENT)
    assert first.delivered_at == arrival
    assert zalo_status.quota() == zalo_status.Quota(daily=500, left=498)
    linked.fail_next("/message/quota", "drop")
    assert zalo_status.ask(clock.now) == {"error": "unreachable"}
    clock.advance(days=3)
    assert zalo_status.ask(clock.now)["asked"] == 0, "nobody asks for ever"


def test_the_health_light_and_doctor_show_what_is_left_of_the_quota(
    linked: ZaloStub, clock: Clock, factories: Factories, client: FlaskClient, sign_in: Any, app: Flask,
    runner: Callable[..., Result],
) -> None:  # fmt: skip
    queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    zalo_status.ask(clock.now)
    page = sign_in(client, factories.user(Role.ADMINISTRATOR)).get("/channels/setup/").text
    assert "Hôm nay còn gửi được 499 trên 500 tin mẫu." in page
    assert "Hôm nay còn gửi được 499 trên 500 tin mẫu." in runner("doctor").stdout


def test_doctor_says_that_consent_is_missing_or_refused(
    stub: ZaloStub, clock: Clock, runner: Callable[..., Result]
) -> None:
    def state() -> str:
        parts = json.loads(runner("doctor", "--json").stdout)["parts"]
        return str(next(part["state"] for part in parts if part["name"] == "zalo"))

    assert state() == "no_consent"
    pair = stub.new_tokens()
    zalo.paste_tokens(access=pair["access_token"], refresh=pair["refresh_token"], now=clock.now)
    assert state() == "ok"
    stub.fail_next("/v2.0/oa/getoa", "-204")
    assert state() == "refused"


def test_a_clock_that_is_wrong_is_noticed(runner: Callable[..., Result], factories: Factories, clock: Clock) -> None:
    ahead = clock.now + timedelta(hours=3)
    factories.add(JobRun(job="sweep", slot=ahead, node="n", started_at=ahead, finished_at=ahead))
    parts = json.loads(runner("doctor", "--json").stdout)["parts"]
    assert next(part["state"] for part in parts if part["name"] == "scheduler") == "clock"


@pytest.mark.parametrize(("address", "role"), [("/overview", Role.COORDINATOR), ("/admin/", Role.ADMINISTRATOR)])
@pytest.mark.parametrize(
    ("ran", "error", "says"),
    [
        (timedelta(minutes=-9), "", []),
        (timedelta(minutes=4), "", []),
        (timedelta(minutes=-31), "", ["Bộ nhắc việc đang dừng"]),
        (timedelta(minutes=-9), "ValueError: broken", ["Bộ nhắc việc đang dừng", "gặp lỗi; hệ thống tự chạy lại"]),
        (timedelta(hours=3), "", ["Đồng hồ của máy chủ đang sai"]),
    ],
)
def test_pages_say_what_doctor_and_readyz_know_of_the_reminders(
    client: FlaskClient, factories: Factories, clock: Clock, sign_in: Any,
    address: str, role: Role, ran: timedelta, error: str, says: list[str],
) -> None:  # fmt: skip
    at = clock.now + ran
    factories.add(JobRun(job="sweep", slot=at, node="n", started_at=at, finished_at=at, error=error))
    answer = sign_in(client, factories.user(role)).get(address)
    assert answer.status_code == 200
    page = answer.text
    for sentence in ("Bộ nhắc việc đang dừng", "gặp lỗi; hệ thống tự chạy lại", "Đồng hồ của máy chủ đang sai"):
        assert (sentence in page) is (sentence in says), sentence
    assert (client.get("/readyz").status_code == 200) is not bool(says)
    assert "ValueError" not in page, "what broke is for the operator's log"


def _light(page: FlaskClient) -> str:
    found = re.search(r'id="lane-zalo_oa".*?<p>(.*?)</p>', page.get("/channels/setup/").text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_the_light_tells_connected_from_unused_and_how_long_the_pair_holds(
    stub: ZaloStub, clock: Clock, factories: Factories, client: FlaskClient, sign_in: Any, app: Flask
) -> None:
    page = sign_in(client, factories.user(Role.ADMINISTRATOR))
    queue(clock, factories.user(), ChannelKind.ZALO_TEMPLATE, "84912345678")
    deliver(app, clock, "zalo_oa")
    assert _light(page).startswith("cần xử lý Chưa được cấp quyền")
    zalo.accept_consent(stub.consent(zalo.challenge(ACCOUNT.code_verifier)), now=clock.now)
    ends = "17/03/2026 10:00"
    holds = f"Đã kết nối; cặp mã truy cập có hiệu lực đến {ends} và được tự động gia hạn trước lúc đó."
    assert _light(page).startswith(f"đã kết nối {holds} Chưa gửi tin nào.")
    clock.advance(minutes=2)
    deliver(app, clock, "zalo_oa")
    assert _light(page) == f"hoạt động tốt Hoạt động tốt: tin gần nhất đã được nhận. {holds}"
    clock.advance(hours=26)
    assert "sẽ được gia hạn ở lần dùng tiếp theo" in _light(page)


def _begin(page: FlaskClient) -> tuple[str, str]:
    """Begin a consent: the form's token and the state that Zalo is given."""
    form = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get("/channels/setup/zalo").text)
    assert form is not None
    link = re.search(
        r"[?&;]state=([^\"&]+)", page.post("/channels/setup/zalo/consent", data={"csrf_token": form[1]}).text
    )
    assert link is not None
    return form[1], link[1]


def test_consent_comes_back_with_its_state_once_and_in_time(
    stub: ZaloStub, clock: Clock, factories: Factories, client: FlaskClient, sign_in: Any
) -> None:
    page = sign_in(client, factories.user(Role.ADMINISTRATOR))
    back = "/channels/setup/zalo/consent"
    foreign = "không thuộc lần cấp quyền nào đồng chí đã bắt đầu"

    def refused(answer: Any, sentence: str) -> bool:
        return answer.status_code == 422 and sentence in answer.text

    assert refused(page.get(f"{back}?code=x&state="), foreign), "nothing was begun"
    token, state = _begin(page)
    values = {"csrf_token": token, "code": stub.consent(zalo.challenge(ACCOUNT.code_verifier)), "oa_id": ACCOUNT.oa_id}
    for address in (f"{back}?code=x", f"{back}?code=x&state=", f"{back}?code=x&state={state}x"):
        assert refused(page.get(address), foreign), address
    for wrong in ({}, {"state": ""}, {"state": "other"}):
        assert refused(page.post(f"{back}/accept", data=values | wrong), foreign), wrong
    clock.advance(minutes=31)
    old = "đã bắt đầu quá 30 phút trước"
    assert refused(page.get(f"{back}?code=x&state={state}"), old)
    assert refused(page.post(f"{back}/accept", data=values | {"state": state}), old)
    assert db.session.scalars(select(ZaloToken)).all() == []

    token, state = _begin(page)
    clock.advance(minutes=5)
    shown = page.get(f"{back}?code={values['code']}&oa_id={ACCOUNT.oa_id}&state={state}").text
    assert f'name="state" value="{state}"' in shown
    assert page.post(f"{back}/accept", data=values | {"state": state}).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(ZaloToken.needs_person)).all() == [False]
    assert refused(page.get(f"{back}?code=x&state={state}"), foreign), "used already"
    assert refused(page.post(f"{back}/accept", data=values | {"state": state}), foreign)


def test_an_account_that_lost_its_refresh_token_works_to_the_end_of_its_access_token(
    linked: ZaloStub, clock: Clock
) -> None:
    token = zalo.access_token(clock)
    with unit_of_work() as session:
        zalo._locked(session).needs_person = True
    assert zalo.access_token(clock) == token
    clock.advance(hours=26)
    with pytest.raises(zalo.TransientError) as caught:
        zalo.access_token(clock)
    assert caught.value.needs_person


def test_the_button_fetches_the_templates_parameters(
    linked: ZaloStub, clock: Clock, factories: Factories, client: FlaskClient, sign_in: Any
) -> None:
    linked.account.templates["100001"] = {"noi_dung": 40, "co_quan": 30}
    page = sign_in(client, factories.user(Role.ADMINISTRATOR))
    form = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get("/channels/setup/zalo").text)
    assert form is not None
    assert page.post("/channels/setup/zalo/template", data={"csrf_token": form[1]}).status_code == 303
    shown = page.get("/channels/setup/zalo").text
    assert "noi_dung = title : 40" in shown
    assert "co_quan = subject : 30" in shown
    with unit_of_work():
        save_oa(replace(ACCOUNT, template_id=""), now=clock.now, by_id=None)
    assert page.post("/channels/setup/zalo/template", data={"csrf_token": form[1]}).status_code == 422


def test_an_event_that_the_database_cannot_take_in_time_is_asked_for_again(
    stub: ZaloStub, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []

    def busy(*_: object, **__: object) -> None:
        waits.append(LOCK_WAIT.get())
        raise OperationalError("", {}, Exception("database is locked"))

    monkeypatch.setattr(inbound, "receive_oa", busy)
    before = LOCK_WAIT.get()
    assert client.post("/hooks/zalo/oa", data=b"{}").status_code == 503
    assert waits[0] < 2000 < before == LOCK_WAIT.get()


def test_a_transaction_waits_only_so_long_for_another_that_writes(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x.sqlite3", isolation_level=None)
    engine = create_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    configure_engine(engine)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    other.execute("BEGIN IMMEDIATE")
    wait, intent = LOCK_WAIT.set(20), WRITE_INTENT.set(True)
    try:
        with pytest.raises(OperationalError, match="locked"), engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    finally:
        LOCK_WAIT.reset(wait)
        WRITE_INTENT.reset(intent)
        other.close()
        engine.dispose()


def test_after_a_standstill_the_administrators_hear_of_it(app: Flask, clock: Clock, factories: Factories) -> None:
    factories.user(Role.ADMINISTRATOR)
    since = clock.now - timedelta(hours=5)
    factories.add(JobRun(job="sweep", slot=since, node="n", started_at=since, finished_at=since))
    sweep = next(job for job in jobs.JOBS if job.name == "sweep")
    sweep.run(clock.now)
    assert db.session.scalar(text("SELECT count(*) FROM outbox_message WHERE kind = 'alarm'")) == 1


def test_reminders_that_never_worked_raise_the_alarm_too(app: Flask, clock: Clock, factories: Factories) -> None:
    since = clock.now - timedelta(minutes=40)
    factories.add(JobRun(job="sweep", slot=since, node="n", started_at=since, finished_at=since, error="ValueError: x"))
    watch = next(job for job in jobs.JOBS if job.name == "watch")
    assert watch.run(clock.now) == {"late": True}
