"""Every route says who may use it, and strangers are refused wherever it does not say "everybody"."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from taskflow.domain.permissions import Permission
from taskflow.web.guards import ACCESS_ATTRIBUTE

#: What may be used without an account. A new entry is a decision: say here why.
PUBLIC = {
    "static": "styles and icons of the sign-in page",
    "health.alive": "load balancers",
    "health.ready": "load balancers",
    "account.sign_in": "the way in",
    "office.home": "the address of the house: leads strangers to the way in",
    "account.setup": "first run: makes the first administrator, asks for a code from the server's log",
    "account.forgot": "whoever forgot the password cannot sign in",
    "account.reset": "opened by a secret link",
    "help.index": "whoever cannot sign in reads how",
    "help.image": "pictures of the guide",
    "hooks.prometheus": "machines with the token of the settings; without one the page does not exist",
    "hooks.zalo_bot": "Zalo, proven by the secret that was given to it",
    "hooks.zalo_oa": "Zalo, which signs what it sends",
    "links.acknowledge": "one task by a signed link in a message, checked by a code",
    "links.code": "the same link",
    "links.more_time": "the same link",
    "links.report": "the same link",
    "links.task": "the same link",
    "links.unsubscribe": "the signed link at the foot of a mail",
    "links.unsubscribe_now": "the same link; the mail program's own button (RFC 8058)",
}


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def access_of(app: Flask, rule: Rule) -> str | None:
    return getattr(app.view_functions[rule.endpoint], ACCESS_ATTRIBUTE, None)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_route_declares_its_access(app: Flask) -> None:
    known = {"public", "signed_in", "bearer", *(permission.value for permission in Permission)}
    undeclared = [
        f"{rule.rule} → {rule.endpoint}"
        for rule in rules(app)
        if rule.endpoint != "static" and access_of(app, rule) not in known
    ]
    assert not undeclared, "mark these views with @public, @signed_in or @requires"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_public_routes_are_the_listed_ones(app: Flask) -> None:
    found = {rule.endpoint for rule in rules(app) if access_of(app, rule) == "public"} | {"static"}
    assert found == set(PUBLIC)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_strangers_are_sent_to_the_way_in(app: Flask, client: FlaskClient, factories: Any) -> None:
    factories.user()  # somebody exists, so that nothing leads to the first run
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    for rule in rules(app):
        if rule.endpoint in PUBLIC:
            continue
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            answer = client.open(address, method=method)
            refused = answer.status_code in (401, 403) or (
                answer.status_code in (302, 303) and "/sign-in" in answer.headers["Location"]
            )
            if not refused:
                wrong.append(f"{method} {address}: {answer.status_code}")
    assert not wrong


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_people_without_the_permission_are_refused(
    app: Flask, client: FlaskClient, factories: Any, sign_in: Any
) -> None:
    sign_in(client, factories.user(role=None))
    wrong = []
    for rule in rules(app):
        access = access_of(app, rule)
        if access in (None, "public", "signed_in", "bearer") or "GET" not in (rule.methods or set()):
            continue
        address = app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
        answer = client.get(address)
        if answer.status_code not in (403, 404):  # 404: pages of an office do not exist for others
            wrong.append(f"GET {address}: {answer.status_code}, needs {access}")
    assert not wrong
