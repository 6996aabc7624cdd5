"""The wheel stands alone: outside the source tree it has its templates, translations and migrations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, taskflow.paths
from taskflow.factory import create_app
page = create_app().test_client().get("/sign-in")
print(json.dumps({"file": taskflow.__file__, "templates": str(taskflow.paths.TEMPLATES),
                  "status": page.status_code, "text": page.get_data(as_text=True)}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT), cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own with the wheel in it, in a folder with a space in its name.

    The libraries are those of this environment, by a .pth line: path entries added so process no
    .pth files of their own, so that an editable install cannot slip in.
    """
    folder = tmp_path_factory.mktemp("outside the tree") / "an environment"
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    _run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
        cwd=folder,
    )
    site = Path(_run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def test_wheel_carries_what_the_pages_need(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for source, target in (
        (ROOT / "templates", "taskflow/_data/templates"),
        (ROOT / "taskflow" / "migrations" / "versions", "taskflow/migrations/versions"),
        (ROOT / "taskflow" / "static", "taskflow/static"),
    ):
        files = {path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        kept = {path for path in files if not path.name.startswith(".")}
        assert kept
        assert {f"{target}/{path.relative_to(source).as_posix()}" for path in kept} <= names
    assert "taskflow/_data/translations/vi/LC_MESSAGES/messages.mo" in names
    assert not [name for name in names if name.startswith(("tests/", "templates/", "scripts/"))]


def test_building_leaves_no_copy_in_the_tree(wheel: Path) -> None:
    assert not (ROOT / "taskflow" / "_data").exists()


def test_wheel_serves_a_page_outside_the_tree(installed: Path) -> None:
    environment = {"TASKFLOW_DATA_DIR": str(installed / "data"), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    answer = _run(str(installed / "bin" / "taskflow"), "db", "upgrade", cwd=installed, environment=environment)
    assert answer == "Cơ sở dữ liệu đã ở phiên bản mới nhất.\n"
    person = ("--email", "quan-tri@sonha.example", "--name", "Trần Thị Mai", "--password-stdin")
    _run(
        *(str(installed / "bin" / "taskflow"), "user", "create-administrator", *person),
        cwd=installed,
        environment=environment,
        stdin="một câu dễ nhớ hơn câu đố\n",
    )
    page = json.loads(_run(str(installed / "bin" / "python"), "-c", PROGRAM, cwd=installed, environment=environment))
    assert str(installed) in page["file"]
    assert page["templates"].endswith("/taskflow/_data/templates")
    assert page["status"] == 200
    assert 'lang="vi"' in page["text"]
    assert "Đăng nhập" in page["text"]
    assert "Sign in" not in page["text"]


def _run(*command: str, cwd: Path, environment: dict[str, str] | None = None, stdin: str = "") -> str:
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, input=stdin)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
