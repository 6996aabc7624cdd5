"""The environment can be made where Debian's ensurepip is missing; where it cannot, one is told what to install."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from scripts import make_venv


def put_program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of programs that come before the machine's own."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path / "bin"


def test_pip_is_taken_out_of_the_package(programs: Path, tmp_path: Path) -> None:
    put_program(programs, "apt-get", 'echo "$3" > fetched.deb')
    put_program(
        programs,
        "dpkg-deb",
        "d=usr/share/python-wheels; mkdir -p $d; touch $d/pip-23.0-py3-none-any.whl",
    )
    folder = tmp_path / "new folder"
    folder.mkdir()
    assert make_venv.fetch_pip(folder).name == "pip-23.0-py3-none-any.whl"
    assert (folder / "fetched.deb").read_text().strip() == make_venv.PACKAGE


def test_a_package_out_of_reach_says_what_to_do(programs: Path, tmp_path: Path) -> None:
    put_program(programs, "apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    with pytest.raises(SystemExit, match=r"(?s)Unable to locate package.*apt-get install python3-venv"):
        make_venv.install_pip(Path(sys.executable))


def test_an_old_python_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(make_venv, "OLDEST", (9, 0))
    with pytest.raises(SystemExit, match=r"needs Python 9\.0"):
        make_venv.main(tmp_path / "venv")
