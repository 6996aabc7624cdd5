"""Numbers in addresses that no row can have: nothing is found there, and nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from taskflow.domain.permissions import Role
from tests.factories import Factories
from tests.integration.web.scene import text_of

HUGE = 2**63


@pytest.mark.parametrize(
    "address",
    [
        f"/tasks/{HUGE}",
        f"/tasks/{HUGE}/progress",
        f"/documents/{HUGE}",
        f"/imports/{HUGE}",
        f"/messages/{HUGE}",
        f"/tasks/{2**31}",
    ],
)
def test_a_number_that_no_row_has_leads_nowhere(
    client: FlaskClient, factories: Factories, sign_in: Any, address: str
) -> None:
    answer = sign_in(client, factories.user(Role.COORDINATOR)).get(address)
    assert answer.status_code == 404
    assert "Không tìm thấy" in text_of(answer)


@pytest.mark.parametrize("address", ["/admin/audit?page={}", "/admin/people?unit={}", "/documents/?page={}"])
def test_a_number_out_of_reach_in_a_query_counts_as_none(
    client: FlaskClient, factories: Factories, sign_in: Any, address: str
) -> None:
    answer = sign_in(client, factories.user(Role.ADMINISTRATOR)).get(address.format(HUGE))
    assert answer.status_code == 200


def test_the_history_before_a_huge_number_is_the_newest(
    client: FlaskClient, factories: Factories, sign_in: Any
) -> None:
    task = factories.task()
    answer = sign_in(client, factories.user(Role.COORDINATOR)).get(f"/tasks/{task.id}/history?before=-{HUGE}")
    assert answer.status_code == 200
