"""Take the screenshots of the guide from a freshly loaded demo office (`make screenshots`). Needs Chromium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from taskflow.demo.plan import build_plan

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
DESK, PHONE = (1366, 768), (390, 844)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars", "--lang=vi"]

#: (file, who, size, path, whole page)
SHOTS = [
    ("tong-quan", "vanphong", DESK, "/overview", True),
    ("danh-sach", "vanphong", DESK, "/tasks/", False),
    ("xac-nhan", "vanphong", DESK, "/tasks/5", False),
    ("van-ban", "vanphong", DESK, "/documents/1", False),
    ("chi-tieu", "vanphong", DESK, "/indicators/1", False),
    ("tin-nhan", "vanphong", DESK, "/messages/", False),
    ("y-kien", "lanhdao", DESK, "/tasks/decisions", False),
    ("viec-cua-don-vi", "giaoduc", PHONE, "/tasks/mine", False),
    ("nhiem-vu", "giaoduc", DESK, "/tasks/8", True),
    ("bao-cao-dien-thoai", "giaoduc", PHONE, "/tasks/8/report_done", False),
    ("don-vi", "quantri", DESK, "/admin/units", False),
    ("nhac-viec", "quantri", DESK, "/reminder-rules/", False),
    ("lich", "quantri", DESK, "/admin/calendar", False),
]
#: Steps of the review of an import: (file, part of the address).
STEPS = [("nhap-van-ban", "head"), ("nhap-don-vi", "units"), ("nhap-cac-dong", "rows"), ("nhap-doi-chieu", "statement")]


def main() -> None:
    """Load the demo into a temporary folder, serve it, take every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as address:
        password = (Path(folder) / "demo_password").read_text(encoding="ascii")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for name, who, size, path, whole in SHOTS:
                page = _signed_in(browser, address, who, password, size)
                answer = page.goto(address + path)
                if answer is None or answer.status != 200:
                    raise SystemExit(f"{path}: {answer and answer.status}")
                page.screenshot(path=IMAGES / f"{name}.png", full_page=whole)
                page.context.close()
            _review(_signed_in(browser, address, "vanphong", password, DESK), address)
            browser.close()
    for picture in IMAGES.glob("*.png"):
        with Image.open(picture) as image:
            small = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(picture, optimize=True)


def _review(page: Page, address: str) -> None:
    """Upload a plan like the demo's and show each step of its review."""
    page.goto(f"{address}/imports/new")
    plan = build_plan(datetime.now(tz=UTC).date() + timedelta(days=1))
    page.set_input_files("input[type=file]", {"name": "ke-hoach.docx", "mimeType": DOCX, "buffer": plan})
    page.screenshot(path=IMAGES / "nhap-tai-len.png")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/imports/\d+/"), timeout=60_000)
    job = page.url.split("/imports/")[1].split("/")[0]
    for name, step in STEPS:
        page.goto(f"{address}/imports/{job}/{step}")
        page.screenshot(path=IMAGES / f"{name}.png")


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "TASKFLOW_DATA_DIR": str(folder),
        "TASKFLOW_PORT": str(port),
        "TASKFLOW_BASE_URL": address,
        "TASKFLOW_LOG_LEVEL": "ERROR",
    }
    program = [sys.executable, "-m", "taskflow"]
    for words in (["db", "upgrade"], ["demo", "load"]):
        subprocess.run([*program, *words], check=True, env=environment, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([*program, "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def _signed_in(browser: Browser, address: str, who: str, password: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="vi-VN")
    page = context.new_page()
    page.goto(address)
    page.fill("input[name=email]", f"{who}@sonha.example")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/*")
    return page


if __name__ == "__main__":
    main()
