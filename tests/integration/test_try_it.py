"""``make run``, twice in a row and in a folder with a space: schema, demo office, server; then one signs in."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from tests.support.processes import environment, free_port, run, running, stop, wait_until_served

ROOT = Path(__file__).resolve().parents[2]
STEPS = (("db", "upgrade"), ("demo", "load"), ("serve",))


def test_make_run_takes_these_steps() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^run: install .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None
    assert tuple(tuple(line.split()[1:]) for line in recipe.group(1).strip().splitlines()) == STEPS


@pytest.mark.slow
def test_the_demo_office_is_served_and_lets_people_in_twice(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with a space"
    port = free_port()
    settings = environment(folder, "", port=port, base_url=f"http://127.0.0.1:{port}")
    for attempt in ("first", "second"):
        for step in STEPS[:-1]:
            result = run(*step, environment=settings)
            assert result.returncode == 0, (attempt, step, result.stderr)
        password = re.search(r"Mật khẩu .*: (\S+)", result.stdout)
        address = re.search(r"(\S+@\S+)", result.stdout)
        assert password is not None
        assert address is not None
        with running(*STEPS[-1], environment=settings) as process:
            wait_until_served(f"http://127.0.0.1:{port}/readyz", process)
            page = sign_in(f"http://127.0.0.1:{port}", address.group(1), password.group(1))
            output = stop(process)
        assert "Đăng xuất" in page, attempt
        assert f"http://127.0.0.1:{port}" in output
        assert "Traceback" not in output


def sign_in(server: str, email: str, password: str) -> str:
    """The page after the form of the sign-in page has been sent, as a browser without JavaScript does it."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(f"{server}/sign-in", timeout=30) as answer:
        form = answer.read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token is not None
    values = urllib.parse.urlencode({"csrf_token": token.group(1), "email": email, "password": password})
    with browser.open(f"{server}/sign-in", values.encode(), timeout=30) as answer:
        text: str = answer.read().decode()
    return text
