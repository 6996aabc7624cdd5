"""Page objects: what people see and do, by role and label. Names follow the Vietnamese pages."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class SignIn:
    """Đăng nhập."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def enter(self, email: str, password: str) -> None:
        """Fill the form in and send it."""
        self.page.get_by_label("Địa chỉ e-mail").fill(email)
        self.page.get_by_label("Mật khẩu").fill(password)
        self.page.get_by_role("button", name="Đăng nhập").click()
        expect(self.page.get_by_role("navigation", name="Điều hướng chính")).to_be_visible()


class Navigation:
    """The main navigation."""

    def __init__(self, page: Page) -> None:
        self.bar = page.get_by_role("navigation", name="Điều hướng chính")

    def go(self, label: str) -> None:
        """Open one of the areas."""
        self.bar.get_by_role("link", name=label, exact=True).click()


class Table:
    """A list: its rows are cards on a phone, the roles are the same."""

    def __init__(self, page: Page, name: str) -> None:
        self.table = page.get_by_role("table", name=name)

    def row(self, text: str) -> Locator:
        """The row that says ``text``."""
        return self.table.get_by_role("row").filter(has_text=text)


def fields(page: Page, values: dict[str, str]) -> None:
    """Fill fields in by their labels."""
    for label, value in values.items():
        page.get_by_role("textbox", name=label, exact=True).fill(value)


def choose(page: Page, label: str, typed: str, wanted: str) -> None:
    """Find something in a long list by typing without accents."""
    page.get_by_role("combobox", name=label, exact=True).fill(typed)
    page.get_by_role("option", name=wanted).first.click()


def upload(page: Page, name: str, content: bytes) -> None:
    """Nhập tệp mới: choose a file and have it read."""
    page.get_by_label("Tệp", exact=True).set_input_files(
        files=[{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )
    page.get_by_role("button", name="Tải lên và đọc").click()


class ImportReview:
    """The steps between an uploaded file and its tasks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def step(self, label: str) -> None:
        """Open one of the steps."""
        link = self.page.get_by_role("navigation", name="Các bước rà soát").get_by_role("link", name=label)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")

    def show(self, label: str) -> None:
        """Keep to some of the rows."""
        self.page.get_by_role("navigation", name="Lọc dòng").get_by_role("link", name=label).click()

    def answer_several_leads(self, answer: str) -> None:
        """Say once what several leads in a row mean."""
        question = self.page.get_by_role("region", name="Nhiều đơn vị chủ trì")
        question.get_by_label(answer).check()
        question.get_by_role("button", name="Lưu").click()

    def tick_open_group(self, wording: str, units: list[str]) -> None:
        """Say who is meant by "… có liên quan"."""
        line = self.page.get_by_role("listitem").filter(has=self.page.get_by_text(wording, exact=True))
        for unit in units:
            line.get_by_label(unit, exact=True).check()
        self.page.get_by_role("button", name="Lưu các lựa chọn").click()

    def settle_deadline(self, content: str, answer: str) -> None:
        """Open a row, say how its deadline is to be read, save."""
        self.page.get_by_role("link", name=content).click()
        self.page.get_by_label(answer).check()
        self.page.get_by_role("button", name="Lưu", exact=True).click()
        expect(self.page.get_by_role("button", name="Lưu", exact=True)).to_have_count(0)

    def settle_by_keys(self, answer: str) -> None:
        """Settle the first doubtful deadline without a mouse: n, Enter, the arrow to the answer, Ctrl+Enter."""
        keyboard = self.page.keyboard
        expect(self.page.get_by_role("region", name="Các dòng của đợt nhập")).to_be_focused()
        keyboard.press("n")
        keyboard.press("Enter")
        expect(self.page.locator("[name=way]").first).to_be_focused()
        keyboard.press("ArrowDown")
        expect(self.page.get_by_label(answer)).to_be_checked()
        keyboard.press("Control+Enter")
        expect(self.page.locator("tr.is-current")).to_be_focused()
        expect(self.page.locator("tr.is-current.is-near")).to_have_count(1)


class Deed:
    """The form of something one does to a task: a page of its own, or a dialog over the task."""

    def __init__(self, page: Page, name: str) -> None:
        self.name = name
        heading = page.get_by_role("heading", name=name, exact=True)
        self.form = page.locator("form").filter(has=page.get_by_role("button", name=name, exact=True)).last
        expect(heading.last).to_be_visible()

    def fill(self, label: str, text: str) -> None:
        """Write into a field."""
        self.form.get_by_label(label).fill(text)

    def attach(self, label: str, name: str, content: bytes) -> None:
        """Choose a file."""
        self.form.get_by_label(label).set_input_files(
            files=[{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
        )

    def send(self) -> None:
        """Press the button that is named like the deed."""
        self.form.get_by_role("button", name=self.name, exact=True).click()


def task_page(page: Page, content: str) -> None:
    """Find a task as one does: by the search of every page."""
    page.get_by_role("searchbox", name="Tìm nhiệm vụ").first.fill(content)
    page.keyboard.press("Enter")
    Table(page, "Nhiệm vụ").table.get_by_role("link", name=content).first.click()
