"""What the menu does not offer because of one's posts is not read by typing its address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from taskflow.domain.permissions import Role
from taskflow.models.org import User
from tests.factories import Factories

#: Pages of the menu that show everybody their own scope: work of one's unit, its documents and indicators.
OWN_SCOPE = {"/tasks/", "/tasks/mine", "/documents/", "/indicators/"}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_menu_and_routes_agree(
    app: Flask, factories: Factories, sign_in: Callable[[FlaskClient, User], FlaskClient], role: Role
) -> None:
    everybody: dict[str, Any] = {
        one.value: factories.user(one, unit=factories.unit() if one in (Role.OFFICER, Role.HEAD) else None)
        for one in Role
    }
    offered = {name: _menu(sign_in(app.test_client(), user)) for name, user in everybody.items()}
    client = sign_in(app.test_client(), everybody[role.value])
    for address in set().union(*offered.values()) - OWN_SCOPE:
        with client.get(address) as answer:
            allowed = answer.status_code == 200
        assert allowed is (address in offered[role.value]), address
    for page in ("units", "units/report.docx", "units/summary.xlsx", "coordination"):
        with client.get(f"/overview/{page}") as answer:
            assert (answer.status_code == 200) is ("/overview" in offered[role.value]), page


def _menu(client: FlaskClient) -> set[str]:
    page = client.get("/account/").get_data(as_text=True)
    menu = page[page.index('class="main-nav') : page.index('class="top-tools')]
    addresses = (part.split('"')[0] for part in menu.split('href="')[1:])
    return {address for address in addresses if not address.startswith("/static/")}
