"""The administrator makes a unit, invites somebody into it, and edits the calendar."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.office import Office, plain
from tests.e2e.pages import Navigation, choose, fields

pytestmark = pytest.mark.e2e

UNIT = "Ban Quản lý Khu kinh tế"
EMAIL = "khukinhte@sonha.example"
PASSWORD = "cổng thông tin mùa xuân 2026"


def test_the_administrator_adds_a_unit_and_a_person_and_edits_the_calendar(
    office: Office, desk: Callable[..., Page]
) -> None:
    page = desk("quantri")
    page.goto("/admin/")
    section = page.get_by_role("navigation", name="Mục")
    section.get_by_role("link", name="Đơn vị", exact=True).click()
    page.get_by_role("link", name="Thêm đơn vị").click()
    fields(page, {"Tên chính thức": UNIT, "Tên viết tắt": "BQL KKT"})
    choose(page, "Trực thuộc", "uy ban nhan dan tinh", "Ủy ban nhân dân tỉnh Sơn Hà")
    page.get_by_role("button", name="Thêm đơn vị").click()
    expect(page.get_by_role("main").get_by_text(UNIT).first).to_be_visible()

    section.get_by_role("link", name="Người dùng").click()
    page.get_by_role("link", name="Thêm người dùng").click()
    fields(page, {"Họ và tên": "Cao Thị Thu", "Địa chỉ e-mail": EMAIL, "Chức vụ": "Chuyên viên"})
    choose(page, "Đơn vị", "khu kinh te", UNIT)
    page.get_by_label("Vai trò").select_option(label="Chuyên viên")
    page.get_by_role("button", name="Thêm người dùng").click()
    expect(page.get_by_role("main").get_by_text("Cao Thị Thu").first).to_be_visible()

    letter = plain(office.letter(EMAIL))
    link = re.search(rf"{office.address}/password/\S+", letter)
    assert link is not None, letter
    invited = desk(None)
    invited.goto(link.group())
    fields(invited, {"Mật khẩu mới": PASSWORD, "Nhập lại mật khẩu mới": PASSWORD})
    invited.get_by_role("button", name="Lưu mật khẩu").click()
    if invited.get_by_label("Địa chỉ e-mail").count():
        fields(invited, {"Địa chỉ e-mail": EMAIL, "Mật khẩu": PASSWORD})
        invited.get_by_role("button", name="Đăng nhập").click()
    Navigation(invited).go("Việc của đơn vị tôi")
    expect(invited.get_by_role("heading", level=1)).to_have_text("Việc của đơn vị tôi")
    stranger = desk(None)
    stranger.goto(link.group())
    expect(stranger.get_by_label("Mật khẩu mới")).to_have_count(0)

    section.get_by_role("link", name="Lịch làm việc").click()
    fields(page, {"Ngày": "20/03/2026", "Tên ngày hoặc lý do": "Kỷ niệm ngày thành lập tỉnh"})
    page.get_by_role("button", name="Lưu ngày này").click()
    expect(page.get_by_role("row").filter(has_text="Kỷ niệm ngày thành lập tỉnh")).to_contain_text("20/03/2026")
