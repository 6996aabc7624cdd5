"""Programs of the system that some tests need: Chromium, Tesseract, LibreOffice.

``@pytest.mark.needs("chromium")`` (``e2e`` implies it). Where the program is missing, a developer's
run leaves these tests out and says so in one line; in CI (``CI=true``) they fail: nothing is skipped there.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "soffice": ("soffice", "libreoffice"),
    "tesseract": ("tesseract",),
    "pdftotext": ("pdftotext",),
}
PACKAGES = {
    "chromium": "chromium libatomic1",
    "soffice": "libreoffice-writer-nogui libreoffice-calc-nogui",
    "tesseract": "tesseract-ocr tesseract-ocr-vie",
    "pdftotext": "poppler-utils",
}


@functools.cache
def find(tool: str) -> str | None:
    """Path of a program by its name in ``PROGRAMS``, or None where it is not installed."""
    path = next(filter(None, map(shutil.which, PROGRAMS[tool])), None)
    if path is not None and tool == "tesseract":
        known = subprocess.run([path, "--list-langs"], capture_output=True, text=True, check=False).stdout.split()
        return path if "vie" in known else None
    return path


def is_required() -> bool:
    """Whether a missing program is a failure: on the CI machine."""
    return os.environ.get("CI", "").lower() in ("true", "1")


def complaint(tool: str) -> str:
    """What to do about a missing program."""
    return f"{tool} is not installed: apt-get install {PACKAGES[tool]}"
