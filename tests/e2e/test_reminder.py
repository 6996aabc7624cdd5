"""A reminder arrives at a real mail server, in Vietnamese, and its link leads to the task."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from taskflow.domain.permissions import Role
from tests.conftest import RUN_FOLDER
from tests.e2e.office import Office, email_of, login_of, model_of, plain, serve
from tests.support.clock import START

pytestmark = pytest.mark.e2e

#: Tuesday, before the hours in which anything is sent.
EARLY = START + timedelta(days=1) - timedelta(hours=3)


@pytest.fixture
def early_office(tmp_path: Path) -> Iterator[Office]:
    """The demo office before it wakes up."""
    with serve(model_of("demo", Path(os.environ[RUN_FOLDER])), tmp_path / "data", EARLY) as served:
        yield served


def test_a_reminder_arrives_and_its_link_opens_the_task(early_office: Office, desk: Callable[..., Page]) -> None:
    office, login = early_office, login_of(Role.HEAD, "Sở YT")
    assert "xếp 0 tin nhắc" in office.command("remind").stdout
    office.set_clock(EARLY + timedelta(hours=2))
    office.command("remind")  # the server's own sweep may have been quicker: what counts is the letter

    letter = office.letter(email_of(login), lambda one: "Nhắc việc" in str(one["Subject"]))
    assert str(letter["Subject"]) == "Nhắc việc: sắp đến hạn 1"
    text = plain(letter)
    assert "Triển khai hồ sơ sức khỏe điện tử" in text
    link = re.search(rf"{office.address}/l/\S+", text)
    assert link is not None, text

    page = desk(None, at=office, phone=True)
    page.goto(link.group())
    expect(page.get_by_role("heading", level=1)).to_have_text("Mở nhiệm vụ")
    expect(page.get_by_text("Triển khai hồ sơ")).to_have_count(0)  # a scanner of mails learns nothing
    page.get_by_role("button", name="Gửi mã cho tôi").click()
    code = re.search(r"\b\d{6}\b", plain(office.letter(email_of(login), lambda one: "Mã" in str(one["Subject"]))))
    assert code is not None
    page.get_by_label("Mã").fill(code.group())
    page.get_by_role("button", name="Mở nhiệm vụ").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Triển khai hồ sơ sức khỏe điện tử")
    page.get_by_role("button", name="Tiếp nhận nhiệm vụ").click()
    expect(page.get_by_text("Đang thực hiện")).to_be_visible()

    assert "xếp 0 tin nhắc" in office.command("remind").stdout  # nobody is told the same thing twice
