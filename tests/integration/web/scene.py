"""What the tests of pages share: people around a task, and sending forms as a browser without scripts does."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from taskflow.domain.permissions import Role
from taskflow.models.org import Unit, User
from taskflow.models.task import Task
from tests.factories import Factories
from tests.support.browser import csrf_token
from tests.support.clock import Clock


class Scene:
    """A task of a department, with the people around it."""

    def __init__(self, factories: Factories, clock: Clock) -> None:
        self.unit: Unit = factories.unit()
        self.other: Unit = factories.unit()
        self.officer: User = factories.user(unit=self.unit)
        self.head: User = factories.user(Role.HEAD, unit=self.unit)
        self.clerk: User = factories.user(Role.COORDINATOR)
        self.outsider: User = factories.user(unit=factories.unit())
        self.task: Task = factories.task(
            "Xây dựng kế hoạch dữ liệu mở",
            unit=self.unit,
            document=factories.document(),
            due_on=clock.today + timedelta(days=10),
        )


def text_of(answer: TestResponse) -> str:
    """The page with its entities as the characters that people see."""
    return html.unescape(answer.get_data(as_text=True))


def send(client: FlaskClient, address: str, **data: Any) -> TestResponse:
    """Send a form to an address, with a token of this session."""
    return client.post(address, data={"csrf_token": csrf_token(client), **data})


def do(
    client: FlaskClient, task: Task, action: str, *, target: int = 0, version: int | None = None, **data: Any
) -> TestResponse:
    """Send the form of a deed, with the present version unless another one is given."""
    page = f"/tasks/{task.id}"
    sent = {"csrf_token": csrf_token(client), "version": version or task.version, **data}
    address = f"{page}/{action}" + (f"/{target}" if target else "")
    return client.post(address, data=sent, content_type="multipart/form-data")


def offered(client: FlaskClient, task: Task) -> set[str]:
    """The names of the deeds that the page of the task offers."""
    page = text_of(client.get(f"/tasks/{task.id}"))
    return set(re.findall(rf"/tasks/{task.id}/([a-z_]+)", page)) - {"history", "files", "print"}
