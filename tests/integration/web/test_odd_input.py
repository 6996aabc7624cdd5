"""Odd texts, ranges, hosts and methods: a sentence, never an error of ours, in every list, form, hook and export."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from taskflow.domain.permissions import Role
from taskflow.domain.typed import clean_text, clean_tree, password_form
from taskflow.extensions import db
from taskflow.models.task import Comment, ProgressReport
from taskflow.services import passwords
from tests.factories import Factories
from tests.integration.web.scene import Scene, do

# fmt: off
ODD = [
    "a\x00b", "a\x0bb\x1f", "a\ufffe\uffff", "\ud800x", "a\u200b\u200d\ufeff", "\u202eabc", "Ðặng Ð", "e\u0302\u0301",
    "<script>", "=1+1", "-" * 300, "💣" * 50, "\r\n\r\n", "\u00a0\u3164", "\U0001ffff", "%00%ff",
    "' OR 1=1 --", "{{7*7}}",
]
VALUES = [
    "-", "0", "-1", "9" * 400, "1e9", "NaN", "31/12/9999", "01/01/0001", "9999-12-31", "\x00", "Ð", "²", "١٢",
    "x" * 5000,
]
NAMES = [
    "q", "shown", "state", "label", "attention", "counted", "unit", "successor", "led_on", "unit_tree", "asked",
    "office",
    "document", "person", "watched", "priority", "tag", "due_from", "due_to", "assigned_from", "assigned_to", "sort",
    "page",
    "after", "before", "period", "units", "year", "month", "kind", "next",
]
# fmt: on


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_odd_values_in_addresses_are_answered(
    app: Flask, client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    person = factories.user(Role.COORDINATOR)
    factories.membership(person, factories.body(), Role.ADMINISTRATOR)
    sign_in(client, person)
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    lists = [path for path in rules if re.match(r"/(tasks|overview|documents|messages|series|admin)", path)]
    failed = []
    for path in lists:
        for name in NAMES if path in ("/tasks/", "/tasks/export.xlsx") else NAMES[::4]:
            for value in VALUES if path == "/tasks/" else ("9" * 400, "31/12/9999"):
                with client.get(path, query_string={name: value}) as answer:
                    if answer.status_code >= 500:
                        failed.append((path, name, value[:20], answer.status_code))
    assert not failed


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_kept_clean_or_refused(client: FlaskClient, scene: Scene, sign_in: Any, text: str) -> None:
    sign_in(client, scene.officer)
    sendable = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    answer = do(client, scene.task, "comment", text=sendable)
    kept = db.session.query(Comment).one_or_none()
    assert answer.status_code == (303 if clean_text(sendable) else 422)
    assert (kept.text if kept else "") == clean_text(sendable)
    assert client.get(f"/tasks/{scene.task.id}").status_code == 200
    assert client.get("/tasks/mine", query_string={"q": sendable}).status_code == 200


def test_only_visible_words_are_a_result(client: FlaskClient, scene: Scene, sign_in: Any) -> None:
    sign_in(client, scene.officer)
    for nothing in ("   ", "\u200b\u200b", "\u00a0"):
        assert do(client, scene.task, "report_done", result=nothing).status_code == 422
    assert db.session.query(ProgressReport).count() == 0
    assert do(client, scene.task, "report_done", result="Xong").status_code == 303


@pytest.mark.parametrize("host", ["a b", "é.vn", "[::1", "x" * 300, "localhost:99999999", "a/b", ""])
def test_odd_hosts_are_answered(client: FlaskClient, scene: Scene, sign_in: Any, host: str) -> None:
    sign_in(client, scene.officer)
    for path in ("/tasks/mine", "/no-such-page", "/healthz"):
        assert client.get(path, headers={"Host": host}).status_code < 500
    assert client.open("/tasks/mine", method="BREW").status_code < 500


def test_events_with_lone_surrogates_are_answered(client: FlaskClient) -> None:
    body = b'{"event_name":"user_send_text","message":{"text":"\\ud800"},"timestamp":"1","app_id":"1"}'
    for path in ("/hooks/zalo/oa", "/hooks/zalo/bot"):
        assert client.post(path, data=body, content_type="application/json").status_code < 500
    assert clean_tree({"a\x00": ["\ud800b", 1, None]}) == {"a": ["b", 1, None]}


def test_a_password_fits_however_the_keyboard_composes_it() -> None:
    composed, decomposed = "Mật khẩu dài 1", "Ma\u0323\u0302t\u00a0kha\u0302\u0309u da\u0300i 1"
    assert password_form(composed) == password_form(decomposed)
    assert passwords.verify(passwords.hash_password(composed), decomposed)
    assert not passwords.verify(passwords.hash_password(composed), "Mat khau dai 1")
