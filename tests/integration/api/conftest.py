"""A program with an access key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from taskflow.models.org import User
from taskflow.services import api_tokens
from tests.factories import Factories
from tests.support.clock import Clock

Call = Callable[..., TestResponse]


@pytest.fixture
def program(app: Flask, factories: Factories, clock: Clock) -> Callable[[User], Call]:
    """``call = program(user)``; ``call("/tasks")`` reads, ``call("/tasks/1/progress", {...})`` posts."""

    def make(user: User) -> Call:
        token = api_tokens.create(actor=factories.actor(user), label="Phần mềm văn bản", days=30, now=clock())
        client = app.test_client(use_cookies=False)

        def call(path: str, body: Any = None, **options: Any) -> TestResponse:
            method = "GET" if body is None and "data" not in options else "POST"
            headers = {"Authorization": f"Bearer {token.secret}", **options.pop("headers", {})}
            sent = {"json": body} if body is not None else {}
            return client.open(f"/api/v1{path}", method=method, headers=headers, **sent, **options)

        return call

    return make
