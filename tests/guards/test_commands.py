"""Every command of the list exists under its name, says what it does, and loads nothing of the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from taskflow.cli.commands import COMMANDS
from taskflow.cli.main import cli
from taskflow.paths import PACKAGE


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command_exists_and_explains_itself(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_modules_of_commands_are_listed() -> None:
    """A module with commands that nobody can call is a mistake."""
    listed = {target.partition(":")[0].rpartition(".")[2] for target in COMMANDS.values()}
    modules = {path.stem for path in (PACKAGE / "cli").glob("*.py")} - {"__init__", "main", "commands", "support"}
    helpers = {
        name for name in modules if "@click." not in (PACKAGE / "cli" / f"{name}.py").read_text(encoding="utf-8")
    }
    assert modules - helpers == listed


def test_starting_the_program_imports_no_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, taskflow.cli.main; print(*(m for m in sys.modules if 'taskflow' in m))"],
        capture_output=True,
        text=True,
        check=True,
    )
    ours = {"taskflow", "taskflow.paths", *(f"taskflow.cli{name}" for name in ("", ".main", ".commands", ".words"))}
    assert set(done.stdout.split()) <= ours


def test_the_application_holds_no_library_that_few_requests_need(tmp_path: Path) -> None:
    """Readers and writers of documents are large: whoever needs one loads it then (memory of a fresh process)."""
    large = ["docx", "holidays", "lxml", "numpy", "openpyxl", "pdfplumber", "PIL", "pypdfium2", "xlsxwriter"]
    program = (
        f"import sys, taskflow.factory; taskflow.factory.create_app(); print(*(set({large}) & sys.modules.keys()))"
    )
    environment = {**os.environ, "TASKFLOW_DATA_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == []


def test_an_unknown_command_is_a_wrong_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "taskflow", "no-such-command"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no-such-command" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], "In hướng dẫn này rồi dừng."),
        (["unheard-of"], "Lỗi: Không có lệnh 'unheard-of'."),
        (["import"], "Lỗi: Thiếu tham số 'FILE'."),
        (["import", "x.docx", "--loud"], "Lỗi: Không có tùy chọn '--loud'."),
    ],
)
def test_usage_and_mistakes_are_said_in_vietnamese(arguments: list[str], said: str) -> None:
    assert said in CliRunner().invoke(cli, arguments).output
