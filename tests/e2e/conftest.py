"""What journeys share: an office that is served, a Chromium, and people who sit in front of it.

``office``      the demo office, on Monday 16/03/2026 at nine; shared by the journeys of a worker, so each
                journey takes tasks and people of its own
``new_office``  the same people and units, nothing imported yet; of the test's own
``desk``        ``desk("vanphong")`` is a page of that person at 1366 px; ``phone=True`` makes it 390 px,
                ``javascript=False`` switches scripts off, ``desk(None)`` is a stranger's
``watched``     what the browser complained about on any page; the test fails when it is not empty
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import RUN_FOLDER
from tests.e2e.office import Office, email_of, model_of, serve
from tests.e2e.pages import SignIn
from tests.e2e.walk import DESK, PHONE
from tests.support import tools

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: A page that has not changed by then will not.
PATIENCE_MS = 30_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=tools.find("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The demo office."""
    with _served("demo", tmp_path_factory.mktemp("demo") / "data") as served:
        yield served


@pytest.fixture
def new_office(tmp_path: Path) -> Iterator[Office]:
    """An office in which nothing has been imported."""
    with _served("new", tmp_path / "data") as served:
        yield served


@pytest.fixture
def watched() -> list[str]:
    """What went wrong in the browser."""
    return []


@pytest.fixture
def desk(browser: Browser, watched: list[str], request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Sit somebody down in front of a browser: their start page, or the sign-in page for a stranger."""
    contexts: list[BrowserContext] = []

    def sit(login: str | None, *, at: Office | None = None, phone: bool = False, javascript: bool = True) -> Page:
        place = at or request.getfixturevalue("office")
        context = browser.new_context(
            base_url=place.address,
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        _watch(page, watched)
        page.goto("/")
        if login is not None:
            SignIn(page).enter(email_of(login), place.password)
        return page

    yield sit
    for context in contexts:
        context.close()
    assert not watched


def _served(kind: str, folder: Path) -> Any:
    return serve(model_of(kind, Path(os.environ[RUN_FOLDER])), folder)


def _watch(page: Page, complaints: list[str]) -> None:
    """Note errors of scripts, refused content (CSP) and failures of the server."""

    def note(text: str) -> None:
        complaints.append(f"{page.url}: {text}")

    def answered(response: Any) -> None:
        if response.status >= 500:
            note(f"{response.status} of {response.url}")

    # The browser writes an error for every 4xx answer; a journey that meets one says so itself.
    page.on("console", lambda one: note(one.text) if one.type == "error" and "status of 4" not in one.text else None)
    page.on("pageerror", lambda error: note(str(error)))
    page.on("response", answered)
