"""Nothing needs a script: signing in, the daily work, the review of an import, filters."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from taskflow.demo.plan import build_plan
from taskflow.domain.permissions import Role
from tests.e2e.office import Office, login_of
from tests.e2e.pages import Deed, ImportReview, Navigation, Table, upload
from tests.e2e.walk import DESK

pytestmark = pytest.mark.e2e


def test_a_department_works_without_scripts(desk: Callable[..., Page]) -> None:
    content = "Kiểm tra công vụ tại các cơ quan"
    page = desk(login_of(Role.HEAD, "Thanh tra"), phone=True, javascript=False)
    mine = Table(page, "Việc của đơn vị tôi")
    mine.row(content).get_by_role("button", name="Tiếp nhận").tap()
    expect(mine.row(content)).to_contain_text("Đang thực hiện")
    mine.row(content).get_by_role("link", name=content).tap()
    page.get_by_role("link", name="Báo cáo hoàn thành").tap()
    deed = Deed(page, "Báo cáo hoàn thành")
    deed.send()
    expect(page.get_by_role("alert").filter(has_text="Kết quả thực hiện")).to_be_visible()
    deed.fill("Kết quả thực hiện", "Đã kiểm tra tại 6 đơn vị.")
    deed.fill("Số, ký hiệu văn bản", "77/BC-TTr")
    deed.send()
    expect(page.get_by_role("region", name="Báo cáo và minh chứng").first).to_contain_text("77/BC-TTr")
    expect(page.get_by_text("Chờ xác nhận").first).to_be_visible()


def test_filters_work_without_scripts_and_stand_in_the_address(desk: Callable[..., Page]) -> None:
    page = desk("chuyenvien", javascript=False)
    Navigation(page).go("Nhiệm vụ")
    form = page.get_by_role("main").get_by_role("search")
    form.get_by_role("searchbox").fill("hoc ba so")
    form.get_by_role("button", name="Tìm kiếm").click()
    expect(page).to_have_url(re.compile(r"q=hoc"))
    tasks = Table(page, "Nhiệm vụ")
    expect(tasks.row("Xây dựng học bạ số")).to_have_count(1)
    expect(tasks.row("Kiện toàn")).to_have_count(0)

    page.goto("/tasks/")
    form.get_by_label("Thời hạn").first.select_option(label="Quá hạn")
    form.get_by_role("button", name="Tìm kiếm").click()
    expect(tasks.row("Rà soát, nâng cấp hạ tầng mạng")).to_have_count(1)
    expect(tasks.row("Xây dựng học bạ số")).to_have_count(0)
    page.get_by_role("group", name="Bộ lọc đang dùng").get_by_role("link").first.click()
    expect(tasks.row("Xây dựng học bạ số")).to_have_count(1)


def test_an_import_is_reviewed_and_assigned_without_scripts(new_office: Office, desk: Callable[..., Page]) -> None:
    page = desk("vanphong", at=new_office, javascript=False)
    page.goto("/imports/new")
    upload(page, "ke-hoach.docx", build_plan(new_office.today))
    review = ImportReview(page)
    review.step("Đơn vị")
    review.answer_several_leads("Đơn vị ghi đầu tiên chủ trì")
    review.tick_open_group("Các cơ quan, đơn vị có liên quan", ["Thanh tra tỉnh"])
    review.step("Các dòng")
    review.show("Cần quyết định")
    page.get_by_role("link", name="Nâng cấp bảng điện tử").click()
    page.get_by_role("textbox", name="Sản phẩm").fill("Bảng điện tử mới")
    page.get_by_label("chờ điều kiện").check()
    page.get_by_role("button", name="Lưu và sang dòng cần quyết định").click()
    page.get_by_label("hiểu như trên là đúng").check()
    page.get_by_role("button", name="Lưu", exact=True).click()
    review.step("Đối chiếu và giao việc")
    page.get_by_role("button", name="Giao 20 nhiệm vụ").click()
    page.get_by_role("link", name="Các nhiệm vụ").click()
    Table(page, "Nhiệm vụ").table.get_by_role("link", name="Nâng cấp bảng điện tử").click()
    expect(page.get_by_text("Bảng điện tử mới")).to_be_visible()
    expect(page.get_by_text("Chờ điều kiện").first).to_be_visible()


def test_a_long_review_unfolds_on_a_phone_without_scripts(new_office: Office, desk: Callable[..., Page]) -> None:
    page = desk("vanphong", at=new_office, phone=True, javascript=False)
    page.goto("/imports/new")
    upload(page, "ke-hoach.docx", build_plan(new_office.today))
    ImportReview(page).step("Các dòng")
    rows = Table(page, "Các dòng của đợt nhập")
    to_decide, other = rows.row("2 năm 1 lần"), rows.row("Rà soát, nâng cấp hạ tầng mạng")
    expect(to_decide).to_be_visible()
    expect(other).to_be_hidden()
    page.get_by_role("checkbox", name=re.compile("Dòng")).last.tap()
    expect(other).to_be_visible()
    page.set_viewport_size(DESK)  # type: ignore[arg-type] # a mapping of the two sides
    expect(page.get_by_role("checkbox", name=re.compile("Dòng 1–"))).to_be_hidden()
    expect(other).to_be_visible()
