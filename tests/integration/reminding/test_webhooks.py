"""Outgoing webhooks: signed as Standard Webhooks, refused to private addresses, redirects not followed."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from taskflow.domain.errors import Invalid
from taskflow.domain.permissions import Role
from taskflow.extensions import db
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage, WebhookEndpoint
from taskflow.notifications.transports.base import Parcel, PermanentError, Rendered
from taskflow.notifications.transports.public_address import is_public, post
from taskflow.notifications.transports.webhook import WebhookTransport, payload
from taskflow.services.channel_setup import add_endpoint, renew_secret
from taskflow.services.notices import task_event
from taskflow.services.outbox import Courier
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock


class Receiver:
    """A receiver of webhooks; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.calls: list[tuple[dict[str, str], bytes]] = []


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.calls.append(({key.lower(): value for key, value in self.headers.items()}, body))
            self.send_response(state.status)
            if state.status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield state, f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    server.server_close()


def _courier(clock: Callable[[], datetime], *, private: bool = True) -> Courier:
    return Courier(
        name="w", channels=[ChannelKind.WEBHOOK], transport=WebhookTransport(allow_private=private), now=clock
    )


@pytest.fixture
def endpoint(
    app: Flask, configure: Callable[..., Any], receiver: tuple[Receiver, str], factories: Factories, clock: Clock
) -> WebhookEndpoint:
    """A receiver of "returned" events, inside the own network, which is allowed here."""
    configure(allow_private_webhooks=True)
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    return add_endpoint(
        name="Trục",
        url=receiver[1],
        form="standard",
        events=("returned",),
        office_unit_id=None,
        actor=admin,
        now=clock.now,
    )


def test_an_event_is_posted_signed_and_verifiable(
    endpoint: WebhookEndpoint, receiver: tuple[Receiver, str], factories: Factories, clock: Clock
) -> None:
    task, clerk = factories.task("Rà soát"), factories.actor(factories.user(Role.COORDINATOR))
    with unit_of_work() as session:
        task_event(session, task, "returned", clerk, clock.now)
        task_event(session, task, "confirmed", clerk, clock.now)
    # The library's check wants a fresh timestamp; the signature is made with the moment of sending.
    assert _courier(lambda: datetime.now(UTC)).deliver_batch() == 1
    ((headers, body),) = receiver[0].calls
    found = Webhook(endpoint.secret).verify(body, headers)
    assert found["type"] == "returned"
    assert found["data"]["tasks"][0]["code"] == task.code
    message = db.session.scalars(select(OutboxMessage).where(OutboxMessage.channel == ChannelKind.WEBHOOK)).one()
    assert headers["webhook-id"] == f"taskflow-{message.id}"


@pytest.mark.parametrize(
    ("status", "fate"),
    [(200, "sent"), (503, "queued"), (429, "queued"), (400, "queued"), (302, "queued"), (410, "failed")],
)
def test_what_the_receiver_answers_decides(
    endpoint: WebhookEndpoint,
    receiver: tuple[Receiver, str],
    factories: Factories,
    clock: Clock,
    status: int,
    fate: str,
) -> None:
    receiver[0].status = status
    task, clerk = factories.task(), factories.actor(factories.user(Role.COORDINATOR))
    with unit_of_work() as session:
        task_event(session, task, "returned", clerk, clock.now)
    _courier(clock).deliver_batch()
    message = db.session.scalars(select(OutboxMessage).where(OutboxMessage.channel == ChannelKind.WEBHOOK)).one()
    assert message.status is MessageStatus(fate)
    db.session.refresh(endpoint)
    assert endpoint.is_active is (status != 410)
    assert len(receiver[0].calls) == 1


def test_a_receiver_that_does_not_take_an_event_gets_it_again_as_the_specification_says(
    endpoint: WebhookEndpoint, receiver: tuple[Receiver, str], factories: Factories, clock: Clock
) -> None:
    receiver[0].status = 404
    task, clerk = factories.task(), factories.actor(factories.user(Role.COORDINATOR))
    with unit_of_work() as session:
        task_event(session, task, "returned", clerk, clock.now)
    message = db.session.scalars(select(OutboxMessage).where(OutboxMessage.channel == ChannelKind.WEBHOOK)).one()
    happened, delays = clock.now, []
    while True:
        _courier(clock).deliver_batch()
        db.session.refresh(message)
        if message.status is not MessageStatus.QUEUED:
            break
        delays.append((message.next_attempt_at - clock.now).total_seconds())
        clock.set(message.next_attempt_at)
    expected = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert [round(real / plan, 1) for real, plan in zip(delays, expected, strict=True)] == pytest.approx(
        [1.0] * 9, abs=0.11
    )
    assert message.status is MessageStatus.FAILED
    calls = receiver[0].calls
    assert len({headers["webhook-id"] for headers, _body in calls}) == 1
    assert len({headers["webhook-timestamp"] for headers, _body in calls}) == len(calls) == 10
    assert {json.loads(body)["timestamp"] for _headers, body in calls} == {happened.isoformat()}


def test_a_new_secret_and_the_one_before_both_sign_for_a_day(
    endpoint: WebhookEndpoint, receiver: tuple[Receiver, str], factories: Factories, clock: Clock
) -> None:
    old, admin = endpoint.secret, factories.actor(factories.user(Role.ADMINISTRATOR))
    renew_secret(endpoint.id, actor=admin, now=clock.now)
    db.session.refresh(endpoint)
    task, clerk = factories.task(), factories.actor(factories.user(Role.COORDINATOR))

    def signatures() -> list[str]:
        with unit_of_work() as session:
            task_event(session, task, "returned", clerk, clock.now)
        _courier(clock).deliver_batch()
        return receiver[0].calls[-1][0]["webhook-signature"].split()

    def signed(secret: str) -> str:
        headers, body = receiver[0].calls[-1]
        stamp = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        return Webhook(secret).sign(headers["webhook-id"], stamp, body.decode())

    assert endpoint.secret != old
    assert signatures() == [signed(endpoint.secret), signed(old)]
    clock.advance(hours=24)
    assert signatures() == [signed(endpoint.secret)]


def test_a_receiver_that_wants_no_more_is_told_to_the_administrators(
    endpoint: WebhookEndpoint, receiver: tuple[Receiver, str], factories: Factories, clock: Clock
) -> None:
    receiver[0].status = 410
    task, clerk = factories.task(), factories.actor(factories.user(Role.COORDINATOR))
    with unit_of_work() as session:
        task_event(session, task, "returned", clerk, clock.now)
    _courier(clock).deliver_batch()
    assert db.session.scalars(select(OutboxMessage.payload).where(OutboxMessage.kind == "alarm")).all()


def test_the_page_gives_a_receiver_a_new_secret(
    endpoint: WebhookEndpoint, client: FlaskClient, sign_in: Any, factories: Factories
) -> None:
    old = endpoint.secret
    page = sign_in(client, factories.user(Role.ADMINISTRATOR))
    address = f"/channels/setup/webhooks/{endpoint.id}/secret"
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get("/channels/setup/webhooks").text)
    assert found is not None
    assert page.post(address, data={"csrf_token": found[1]}).status_code == 303
    assert page.post("/channels/setup/webhooks/999/secret", data={"csrf_token": found[1]}).status_code == 404
    shown = page.get("/channels/setup/webhooks").text
    assert old not in shown
    assert address in shown


def test_an_address_inside_the_own_network_is_refused_when_added(
    app: Flask, factories: Factories, clock: Clock
) -> None:
    admin = factories.actor(factories.user(Role.ADMINISTRATOR))
    for url in (
        "http://127.0.0.1:9/",
        "http://localhost/",
        "http://[::1]/",
        "ftp://example.org/",
        "http://u:p@127.0.0.1/",
        "http://[::1",
        "http://example.org:99999/",
        f"http://{'a' * 64}.example/",
    ):
        with pytest.raises(Invalid):
            add_endpoint(
                name="x", url=url, form="slack", events=("urged",), office_unit_id=None, actor=admin, now=clock.now
            )


def test_an_address_that_turned_private_later_is_refused_when_sending() -> None:
    with pytest.raises(PermanentError, match="private_address"):
        post("http://localhost:9/", b"{}", {}, allow_private=False)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://example.org:99999/", f"http://{'a' * 64}.example/", "file:///x"]
)
def test_what_is_no_address_fails_for_good(url: str) -> None:
    with pytest.raises(PermanentError, match="bad_url"):
        post(url, b"{}", {}, allow_private=False)


def test_a_name_is_asked_for_once_and_the_checked_address_is_called(
    receiver: tuple[Receiver, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = socket.getaddrinfo, []

    def rebinding(host: str, *args: Any, **options: Any) -> Any:
        if host != "office.example":
            return real(host, *args, **options)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = receiver[1].replace("127.0.0.1", "office.example")
    assert post(url, b"{}", {}, allow_private=True)[0] == 200
    assert asked == ["office.example"]
    assert receiver[0].calls[0][0]["host"].startswith("office.example")
    with pytest.raises(PermanentError, match="private_address"):
        post(url, b"{}", {}, allow_private=False)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::8.8.8.8", True),
        ("::10.0.0.1", False),
        ("2001:4860:4860::8888", True),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
    ],
)
def test_what_counts_as_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_payloads_of_chat_rooms() -> None:
    parcel = Parcel(
        id=7,
        channel=ChannelKind.WEBHOOK,
        address="1",
        rendered=Rendered("Nhiệm vụ NV-1", "text", chat="Nhắc việc\n• Việc (hạn 20/03/2026)"),
        extra={"url": "https://api.telegram.org/botX/sendMessage?chat_id=-100"},
    )
    now = datetime(2026, 3, 16, tzinfo=UTC)
    telegram = payload(parcel, "telegram", now=now)
    assert (telegram["chat_id"], telegram["text"]) == ("-100", "Nhắc việc\n• Việc (hạn 20/03/2026)")
    assert payload(parcel, "slack", now=now) == {"text": "Nhắc việc\n• Việc (hạn 20/03/2026)"}
    card = payload(parcel, "teams", now=now)["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard"
    assert [block["text"] for block in card["body"]] == ["Nhắc việc", "• Việc (hạn 20/03/2026)"]


def test_the_words_of_a_title_call_nobody_in_a_chat_room() -> None:
    parcel = Parcel(
        id=7, channel=ChannelKind.WEBHOOK, address="1", rendered=Rendered("<!channel> A & B [x](https://evil.vn)", "")
    )
    now = datetime(2026, 3, 16, tzinfo=UTC)
    assert payload(parcel, "slack", now=now)["text"] == "&lt;!channel&gt; A &amp; B [x](https://evil.vn)"
    card = payload(parcel, "teams", now=now)["attachments"][0]["content"]
    assert card["body"][0]["text"] == "<!channel> A & B \\[x\\](https://evil.vn)"
