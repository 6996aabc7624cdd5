"""Whoever does not belong gets nowhere: every address of the application, with the ids of the demo office."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from flask import Flask
from playwright.sync_api import Page

from taskflow.config import Settings
from taskflow.domain.transitions import Action
from taskflow.factory import create_app
from tests.e2e.office import DATABASE, OUTSIDER, Office
from tests.guards.test_access import PUBLIC

pytestmark = pytest.mark.e2e

#: Tables whose first id stands for an argument of an address. An id of another name is 1.
TABLES = {
    "document_id": "document",
    "evidence_id": "evidence",
    "file_id": "document_file",
    "group_id": "unit_group",
    "indicator_id": "indicator",
    "job_id": "import_job",
    "message_id": "outbox_message",
    "row_id": "import_row",
    "series_id": "series",
    "task_id": "task",
    "unit_id": "unit",
    "user_id": "user_account",
}
#: What everybody has for themselves, and lists that show what one may see. A new entry is a decision.
OWN = {
    "account.api_tokens",
    "account.delegations",
    "account.drop_held",
    "account.index",
    "account.password",
    "account.sign_out",
    "account_channels.add_phone",
    "account_channels.choose",
    "account_channels.email",
    "account_channels.index",
    "account_channels.link",
    "documents.index",
    "inbox.index",
    "inbox.open_line",
    "inbox.read_all",
    "indicators.index",
    "series.index",
    "tasks.acknowledge_all",
    "tasks.bulk_act",
    "tasks.export",
    "tasks.index",
    "tasks.mine",
    "tasks.print_list",
    "tasks.queue",
    "tasks.views",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, for its addresses alone."""
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("addresses"), log_level="ERROR"))


@pytest.fixture(scope="module")
def samples(office: Office) -> dict[str, list[object]]:
    """What the arguments of addresses can be: ids of things that exist."""
    with closing(sqlite3.connect(office.folder / DATABASE)) as database:
        ids: dict[str, list[object]] = {
            name: [database.execute(f'SELECT min(id) FROM "{table}"').fetchone()[0] or 1]
            for name, table in TABLES.items()
        }
    return {
        **ids,
        "action": [*(action.value for action in Action), "progress", "edit", "comment"],
        "day": [office.today.isoformat()],
        "event": ["due"],
        "filename": ["app.css"],
        "kind": ["rename", "email"],
        "page": [1],
        "secret": ["no-such-secret"],
        "state": ["on"],
        "token": ["no-such-token"],
        "year": [office.today.year],
    }


def addresses(app: Flask, samples: dict[str, list[object]]) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of everything that is not public."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if rule.endpoint in PUBLIC:
            continue
        given = rule.defaults or {}
        names = sorted(rule.arguments - set(given))
        for values in itertools.product(*(samples.get(name, [1]) for name in names)):
            address = adapter.build(rule.endpoint, {**dict(zip(names, values, strict=True)), **given})
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, address


def answers(page: Page, found: Iterator[tuple[str, str, str]]) -> Iterator[tuple[str, str, int, str]]:
    """(endpoint, method and address, status, where it leads) as the browser of this page gets them."""
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    for endpoint, method, address in found:
        answer = page.request.fetch(
            address, method=method, headers={"X-CSRFToken": token}, max_redirects=0, fail_on_status_code=False
        )
        yield endpoint, f"{method} {address}", answer.status, answer.headers.get("location", "")
        answer.dispose()


def test_a_stranger_is_led_to_the_way_in(
    desk: Callable[..., Page], application: Flask, samples: dict[str, list[object]]
) -> None:
    page = desk(None)
    wrong = [
        (request, status, leads)
        for _, request, status, leads in answers(page, addresses(application, samples))
        if not (status in (401, 403, 404) or (status in (302, 303) and "/sign-in" in leads))
    ]
    assert not wrong


def test_somebody_of_another_unit_gets_nothing(
    desk: Callable[..., Page], application: Flask, samples: dict[str, list[object]]
) -> None:
    page = desk(OUTSIDER)
    foreign = (found for found in addresses(application, samples) if found[0] not in OWN)
    # 401 is the answer of the API, which asks for a token of its own.
    wrong = [found for found in answers(page, foreign) if found[2] not in (401, 403, 404)]
    assert not wrong, "\n".join(map(str, wrong))


def test_lists_of_somebody_of_another_unit_are_empty(desk: Callable[..., Page], application: Flask) -> None:
    page = desk(OUTSIDER)
    adapter = application.url_map.bind("localhost")
    shown = {}
    for rule in application.url_map.iter_rules():
        if rule.endpoint in OWN and "GET" in (rule.methods or set()):
            answer = page.request.get(adapter.build(rule.endpoint))
            shown[rule.endpoint] = bool(re.search(r"NV-\d{4}-|128/KH-UBND", answer.text()))
            assert answer.status == 200, rule.endpoint
    assert len(shown) > 10
    assert not [endpoint for endpoint, found in shown.items() if found]


def test_tasks_of_others_cannot_be_ticked(desk: Callable[..., Page], office: Office) -> None:
    page = desk(OUTSIDER)
    with closing(sqlite3.connect(office.folder / DATABASE)) as database:
        ids = ",".join(str(number) for (number,) in database.execute("SELECT id FROM task"))
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    for step in ("preview", "run"):
        answer = page.request.post(
            "/tasks/bulk", form={"csrf_token": token, "kind": "acknowledge", "ids": ids, "step": step}
        )
        assert answer.status < 500
        assert not re.search(r"NV-\d{4}-", answer.text()), step
    with closing(sqlite3.connect(office.folder / DATABASE)) as database:
        assert not database.execute("SELECT count(*) FROM bulk_operation").fetchone()[0]
