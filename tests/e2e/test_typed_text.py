"""What somebody typed is not lost: by another form of the page, by going away, by a session that ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from taskflow.domain.permissions import Role
from tests.e2e.office import login_of
from tests.e2e.pages import task_page

pytestmark = pytest.mark.e2e

WORDS = "Đã làm việc với Sở Nội vụ, chờ văn bản thống nhất."


class Questions:
    """Answers the browser's questions and keeps what they said."""

    def __init__(self, page: Page) -> None:
        self.accept = False
        self.said: list[str] = []
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        self.said.append(dialog.message)
        dialog.accept() if self.accept else dialog.dismiss()


def test_a_comment_beside_a_button_is_asked_about_kept_and_sent(desk: Callable[..., Page]) -> None:
    page = desk(login_of(Role.OFFICER, "Sở YT"))
    questions = Questions(page)
    page.goto("/tasks/mine")
    page.get_by_role("link", name="Triển khai hồ sơ sức khỏe điện tử").first.click()
    address = page.url
    comment = page.get_by_label("Ý kiến của anh/chị")
    comment.fill(WORDS)
    follow = page.locator("details.menu", has=page.get_by_text("Theo dõi", exact=True))
    follow.locator("summary").click()
    page.get_by_role("button", name="Theo dõi", exact=True).click()
    expect(comment).to_have_value(WORDS)
    assert len(questions.said) == 1
    assert "chưa được gửi" in questions.said[0]

    questions.accept = True
    page.get_by_role("button", name="Theo dõi", exact=True).click()
    page.wait_for_load_state()
    expect(comment).to_have_value(WORDS)
    expect(page.get_by_text("Đã khôi phục nội dung đang viết dở")).to_be_visible()

    page.get_by_role("button", name="Gửi ý kiến").click()
    expect(page.locator("#comments .report-text").first).to_have_text(WORDS)
    page.goto(address)
    expect(comment).to_have_value("")


def test_a_dialog_is_not_closed_over_what_was_typed(desk: Callable[..., Page]) -> None:
    page = desk("vanphong")
    questions = Questions(page)
    task_page(page, "Số hóa hồ sơ, kết quả giải quyết")
    page.get_by_role("link", name="Trả lại").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Lý do").fill(WORDS)
    page.keyboard.press("Escape")
    expect(dialog.get_by_label("Lý do")).to_have_value(WORDS)
    dialog.get_by_role("link", name="Hủy").click()
    expect(dialog).to_be_visible()
    assert len(questions.said) == 2
