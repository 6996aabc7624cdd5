"""A department works on its phone; the office looks at numbers, returns and confirms."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from taskflow.domain.permissions import Role
from tests.e2e.office import login_of
from tests.e2e.pages import Deed, Table, task_page

pytestmark = pytest.mark.e2e

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def test_a_department_acknowledges_attaches_evidence_and_marks_done_on_a_phone(desk: Callable[..., Page]) -> None:
    content = "Triển khai hồ sơ sức khỏe điện tử"
    page = desk(login_of(Role.OFFICER, "Sở YT"), phone=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Việc của đơn vị tôi")
    mine = Table(page, "Việc của đơn vị tôi")
    expect(mine.row(content)).to_contain_text("Đã giao")
    mine.row(content).get_by_role("button", name="Tiếp nhận").tap()
    expect(mine.row(content)).to_contain_text("Đang thực hiện")
    expect(mine.row(content).get_by_role("button", name="Tiếp nhận")).to_have_count(0)

    mine.row(content).get_by_role("link", name=content).tap()
    page.get_by_role("link", name="Báo cáo hoàn thành").tap()
    deed = Deed(page, "Báo cáo hoàn thành")
    deed.fill("Kết quả thực hiện", "Đã triển khai tại 12/12 cơ sở khám chữa bệnh.")
    deed.fill("Số, ký hiệu văn bản", "315/BC-SYT")
    deed.attach("Tệp đính kèm", "bao-cao-315.pdf", PDF)
    deed.send()

    expect(page.get_by_text("Chờ xác nhận").first).to_be_visible()
    reports = page.get_by_role("region", name="Báo cáo và minh chứng").first
    expect(reports).to_contain_text("Số 315/BC-SYT")
    with page.expect_download() as download:
        reports.get_by_role("link", name="bao-cao-315.pdf").click()
    assert download.value.path().read_bytes() == PDF
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_office_returns_one_with_a_reason_and_confirms_one(desk: Callable[..., Page]) -> None:
    page = desk("vanphong")
    reason = "Chưa có danh mục hồ sơ đã số hóa. Đề nghị bổ sung phụ lục."
    task_page(page, "Số hóa hồ sơ, kết quả giải quyết")
    page.get_by_role("link", name="Trả lại").click()
    deed = Deed(page, "Trả lại")
    deed.send()
    expect(page.get_by_role("alert").filter(has_text="Lý do")).to_be_visible()
    deed.fill("Lý do", reason)
    deed.send()
    expect(page.get_by_role("region", name="Báo cáo và minh chứng").first).to_contain_text(reason)
    expect(page.get_by_text("Bị trả lại 1 lần")).to_be_visible()

    page.goto("/tasks/?state=awaiting_confirmation&q=" + "Thành lập tổ công nghệ")
    Table(page, "Nhiệm vụ").row("Xã An Phú").get_by_role("link").first.click()
    page.get_by_role("link", name="Xác nhận hoàn thành").click()
    Deed(page, "Xác nhận hoàn thành").send()
    expect(page.get_by_text("Hoàn thành đúng hạn").first).to_be_visible()

    unit = desk(login_of(Role.OFFICER, "TTPVHCC"))
    row = Table(unit, "Việc của đơn vị tôi").row("Số hóa hồ sơ")
    expect(row).to_contain_text("Đang thực hiện")
    expect(row).to_contain_text("Bị trả lại")


def test_every_number_of_the_overview_leads_to_its_list(desk: Callable[..., Page]) -> None:
    page = desk("lanhdao")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tổng quan")
    numbers = [
        (link.get_attribute("href") or "", int(re.sub(r"\D", "", link.inner_text().split("\n")[-1])))
        for link in [
            *page.get_by_role("list", name="Việc cần cơ quan điều phối xử lý").get_by_role("link").all(),
            *page.get_by_role("table", name="Kết quả theo đơn vị").get_by_role("cell").get_by_role("link").all(),
        ]
    ]
    assert len(numbers) > 40
    assert {value for _, value in numbers} > {0}
    wrong = []
    for address, value in numbers:
        shown = page.request.get(address).text()
        found = re.search(r'role="status"[^>]*>\s*([\d.]+) nhiệm vụ', shown)
        if (int(found.group(1).replace(".", "")) if found else 0) != value:
            wrong.append((address, value, found and found.group(1)))
    assert not wrong
