"""Make the virtual environment, also where Debian's python3-venv is not installed.

    python3 scripts/make_venv.py .venv

Debian keeps ``ensurepip``, which brings pip, in a package of its own. Without it the pip of Debian's python3-pip-whl is
taken out of the package, which needs no administrator. Needs nothing but the standard library.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

OLDEST = (3, 11)
PACKAGE = "python3-pip-whl"


def main(folder: Path) -> None:
    """Make ``folder`` unless it holds a working environment already."""
    if sys.version_info < OLDEST:
        sys.exit(f"taskflow needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}")
    python = folder / "bin" / "python"
    if python.exists():
        answer = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
        if answer.returncode == 0:
            return
    with_pip = importlib.util.find_spec("ensurepip") is not None
    venv.create(folder, with_pip=with_pip, clear=True, symlinks=True)
    if not with_pip:
        install_pip(python)


def install_pip(python: Path) -> None:
    """Put Debian's pip into the environment of ``python``; the lock file replaces it by its own."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = fetch_pip(Path(folder))
        except (OSError, subprocess.CalledProcessError, StopIteration) as error:
            said = getattr(error, "stderr", None) or error
            sys.exit(
                f"Python has no pip, and {PACKAGE} could not be fetched: {said}\nRun: apt-get install python3-venv"
            )
        subprocess.run([python, f"{wheel}/pip", "install", "-q", "--no-index", "--no-deps", wheel], check=True)


def fetch_pip(folder: Path) -> Path:
    """The wheel of pip out of Debian's package, unpacked in this empty folder.

    Raises OSError where there is no apt, CalledProcessError where it cannot fetch the package.
    """
    for command in (["apt-get", "-q", "download", PACKAGE], ["sh", "-c", "dpkg-deb --extract *.deb ."]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return next(folder.glob("usr/share/python-wheels/pip-*.whl"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
