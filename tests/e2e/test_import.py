"""The clerk turns the demo plan into tasks: upload, head and tables, units, rows, statement, commit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from taskflow.demo.plan import NUMBER, Row, annex, build_plan
from tests.e2e.office import Office
from tests.e2e.pages import ImportReview, Navigation, Table, upload

pytestmark = pytest.mark.e2e


def test_the_clerk_imports_the_demo_plan(new_office: Office, desk: Callable[..., Page]) -> None:
    plan = build_plan(new_office.today)
    lines = annex(new_office.today)
    rows = [line for line in lines if isinstance(line, Row)]
    page = desk("vanphong", at=new_office)

    Navigation(page).go("Nhập kế hoạch")
    page.get_by_role("link", name="Nhập tệp mới").first.click()
    upload(page, "ke-hoach-128.docx", plan)

    review = ImportReview(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Kế hoạch {NUMBER}")
    expect(page.get_by_label("Số, ký hiệu")).to_have_value(NUMBER)
    tables = page.get_by_role("heading", name="Các bảng").locator("xpath=ancestor::section")
    expect(tables.get_by_role("group").filter(has_text="PHỤ LỤC II").first).to_contain_text("Nhiệm vụ")
    expect(tables.get_by_role("group").filter(has_text="PHỤ LỤC I.").first).to_contain_text("Chỉ tiêu")

    page.get_by_role("button", name="Lưu và sang đơn vị").click()
    review.answer_several_leads("Mỗi đơn vị một việc")
    review.tick_open_group("Các cơ quan, đơn vị có liên quan", ["Sở Nội vụ", "Sở Tài chính"])

    review.step("Các dòng")
    review.show("Cần quyết định")
    doubtful = [row.content for row in rows if row.deadline in ("2 năm 1 lần", "Sau khi được bố trí vốn")]
    review.settle_by_keys("hiểu như trên là đúng")
    for content in doubtful[1:]:
        review.settle_deadline(content, "hiểu như trên là đúng")
    expect(page.get_by_text("điểm cần quyết định")).to_have_count(0)

    review.step("Đối chiếu và giao việc")
    expect(page.get_by_text(f"Phụ lục có {len(lines)} dòng: {len(rows)} việc, 4 nhãn nhóm, 0 bỏ qua")).to_be_visible()
    page.get_by_role("button", name=f"Giao {len(rows)} nhiệm vụ").click()

    expect(page.get_by_role("link", name="Mở văn bản")).to_be_visible()
    page.get_by_role("link", name="Các nhiệm vụ").click()
    tasks = Table(page, "Nhiệm vụ")
    first = tasks.row("Kiện toàn Ban Chỉ đạo chuyển đổi số cấp tỉnh")
    expect(first).to_contain_text("Sở NV")
    expect(first).to_contain_text("Quá hạn")
    expect(tasks.row("Thành lập tổ công nghệ số cộng đồng")).to_have_count(1 + 5)  # the common task and its units

    Navigation(page).go("Nhập kế hoạch")
    page.get_by_role("link", name="Nhập tệp mới").click()
    upload(page, "cung-tep.docx", plan)
    expect(page.get_by_role("heading", level=1)).to_have_text("Tệp này đã được tải lên trước đây")
