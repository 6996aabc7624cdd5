"""Every page that a role can reach: accessible, Vietnamese, no wider than a phone, without an error in the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from taskflow.demo.plan import build_plan
from taskflow.domain.permissions import Role
from tests.e2e.office import Office, login_of
from tests.e2e.pages import ImportReview, Navigation, upload
from tests.e2e.walk import Look, kind_of, pages

pytestmark = pytest.mark.e2e

#: Who looks, and pages that they must have come across (so that a walk that ends at once is no success).
WALKS = {
    "vanphong": {"/overview", "/tasks/N", "/tasks/new", "/documents/N", "/messages/N"},
    "giaoduc": {"/tasks/mine", "/tasks/N", "/tasks/N/report_done", "/account/password", "/channels/", "/inbox/"},
    "giamdocgd": {"/tasks/mine", "/tasks/N", "/tasks/N/progress"},
    "lanhdao": {"/overview", "/tasks/decisions", "/tasks/N", "/documents/N"},
    "quantri": {"/admin/", "/admin/units/N", "/admin/people/N", "/admin/calendar/N", "/reminder-rules/due"},
}
#: The steps between an upload and its tasks.
STEPS = (
    "Văn bản và bảng",
    "Đơn vị",
    "Các dòng",
    "Nhiệm vụ trong lời văn",
    "Chỉ tiêu, kinh phí",
    "Đối chiếu và giao việc",
)


@pytest.mark.parametrize("login", WALKS)
def test_every_page_of_a_role(login: str, desk: Callable[..., Page]) -> None:
    page = desk(login)
    look = Look()
    seen = set()
    for address in pages(page):
        seen.add(kind_of(address))
        look.at(page)
    assert look.complaints == ""
    assert WALKS[login] <= seen


def test_every_page_of_an_import(new_office: Office, desk: Callable[..., Page]) -> None:
    page = desk("vanphong", at=new_office)
    Navigation(page).go("Nhập kế hoạch")
    page.get_by_role("link", name="Nhập tệp mới").first.click()
    upload(page, "ke-hoach.docx", build_plan(new_office.today))
    expect(page.get_by_role("navigation", name="Các bước rà soát")).to_be_visible()
    look = Look()
    review = ImportReview(page)
    for step in STEPS:
        review.step(step)
        look.at(page)
    page.goto(page.url.replace("/statement", "/rows?shown=problems"))
    page.get_by_role("link", name="Bố trí kinh phí").click()
    expect(page.get_by_role("button", name="Lưu", exact=True)).to_be_visible()
    look.at(page)
    page.goto(page.get_by_role("link", name="Kiện toàn Ban Chỉ đạo").get_attribute("href") or "")
    look.at(page)
    assert look.complaints == ""


def test_every_page_of_a_stranger(desk: Callable[..., Page]) -> None:
    page = desk(None)
    look = Look()
    for address in ("/sign-in", "/forgot", "/tasks/1", "/password/no-such-secret", "/l/no-such-token", "/no-such-page"):
        page.goto(address)
        look.at(page)
    page = desk(login_of(Role.OFFICER, "Sở YT"))
    for address in ("/admin/", "/tasks/999999"):
        page.goto(address)
        look.at(page)
    assert look.complaints == ""
