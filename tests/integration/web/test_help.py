"""The guide inside the application, and lists on paper."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from taskflow.paths import GUIDE
from taskflow.web.help import sections
from tests.factories import Factories
from tests.integration.web.scene import Scene, text_of


def test_every_page_leads_to_a_heading_that_the_guide_has() -> None:
    headings = set(re.findall(r"^## (.+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    assert sections() <= headings


def test_the_guide_is_read_without_signing_in_and_shows_its_pictures(client: FlaskClient) -> None:
    page = unquote(text_of(client.get("/help/")))
    assert '<h2 id="đơn-vị-thực-hiện">Đơn vị thực hiện</h2>' in page
    pictures = set(re.findall(r'src="(/help/images/[^"]+)"', page))
    assert len(pictures) > 10
    for address in pictures:
        with client.get(address) as answer:
            assert answer.status_code == 200
    assert client.get("/help/images/../guide.md").status_code == 404
    for address in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{address}"' in page


@pytest.mark.parametrize(
    ("who", "anchor"), [("officer", "đơn-vị-thực-hiện"), ("clerk", "văn-phòng-theo-dõi-đôn-đốc-xác-nhận")]
)
def test_help_opens_at_the_part_for_the_reader(
    client: FlaskClient, scene: Scene, sign_in: Any, who: str, anchor: str
) -> None:
    page = unquote(text_of(sign_in(client, getattr(scene, who)).get(f"/tasks/{scene.task.id}")))
    assert f'href="/help/#{anchor}"' in page


def test_a_printed_list_says_what_it_shows(
    client: FlaskClient, scene: Scene, sign_in: Any, factories: Factories
) -> None:
    factories.task("Việc của đơn vị khác", unit=scene.other)
    page = text_of(sign_in(client, scene.clerk).get(f"/tasks/print?unit={scene.unit.id}&page=3"))
    assert "Danh sách nhiệm vụ" in page
    assert f"Đơn vị chủ trì: <strong>{scene.unit.short_name or scene.unit.name}" in page
    assert "In lúc 16/03/2026 09:00" in page
    assert "1 nhiệm vụ" in page
    assert scene.task.code in page
    assert "Việc của đơn vị khác" not in page
    assert scene.task.code not in text_of(sign_in(client, scene.outsider).get("/tasks/print"))
