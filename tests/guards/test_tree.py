"""The tree itself: layers, length of modules, and nothing in it that only one machine knows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 600


def tracked_files() -> list[Path]:
    """The files of the repository; without git (an unpacked archive), those beside .venv and caches."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
        return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    hidden = {".venv", ".git", "var", "dist", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not hidden & set(path.relative_to(ROOT).parts)]


def test_imports_keep_to_the_contracts() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_modules_stay_short() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "taskflow").rglob("*.py")
        if "migrations" not in path.parts
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
    assert not too_long, "a module is one idea: split it"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_files_name_no_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.findall(
        r"^.*(?:https?://|file:/|--index-url|--extra-index-url|--find-links|--trusted-host).*$", text, re.M
    )
    pins = re.findall(r"^[A-Za-z0-9._-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.M)
    assert len(pins) == len(re.findall(r"^[A-Za-z0-9._-]+(?:\[.*\])?\s*(?:==|>=|@)", text, re.M))


def test_nothing_names_this_machine() -> None:
    """Neither the folder that the tree lies in, nor the package indexes that this machine's pip is told to use."""
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    own = set(re.findall(r"(?:https?://|file://)?[\w./@:-]*/[\w./-]+", configured)) | {str(ROOT)}
    words = {
        word.strip("'\"").encode() for word in own if "pypi." not in word and len(word) > 8 and "/etc/ssl" not in word
    }
    found = [
        f"{path.relative_to(ROOT)}: {word.decode()}"
        for path in tracked_files()
        for word in words
        if word in path.read_bytes()
    ]
    assert not found
