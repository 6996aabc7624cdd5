"""What is imported is declared, what is declared is locked, and docs/dependencies.md says why it is there."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
#: Libraries that work without being imported by us; docs/dependencies.md says how.
UNSEEN = {"babel", "defusedxml", "psycopg", "tzdata"}
#: Libraries that come with a declared one and belong to it.
WITH = {"werkzeug": "flask", "jinja2": "flask", "markupsafe": "flask", "pdfminer-six": "pdfplumber"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {canonical(re.split(r"[\[<>=~! ]", line)[0]) for line in project["dependencies"]}


def imported() -> dict[str, str]:
    """Third-party modules that the package imports, with one place each."""
    found: dict[str, str] = {}
    for path in (ROOT / "taskflow").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "taskflow":
                    found[top] = str(path.relative_to(ROOT))
    return found


def test_imported_libraries_are_declared() -> None:
    providers = packages_distributions()
    known = declared()
    missing = []
    for module, place in imported().items():
        names = {canonical(name) for name in providers.get(module, [module])}
        names |= {WITH[name] for name in names if name in WITH}
        if not names & known:
            missing.append(f"{module} ({place})")
    assert not missing


def test_declared_libraries_are_imported() -> None:
    providers = packages_distributions()
    used = {canonical(name) for module in imported() for name in providers.get(module, [module])}
    assert declared() - used == UNSEEN


def test_declared_libraries_are_locked() -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = {canonical(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
    assert declared() <= pinned, "run `make lock`"


def test_what_is_locked_runs_on_the_oldest_python() -> None:
    """Debian 12 has Python 3.11.2; a lock made with a later one may ask for more without telling."""
    refusing = []
    for lock in ("requirements.txt", "requirements-dev.txt"):
        for name in re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE):
            asks = distribution(name).metadata.json.get("requires_python", "")
            if not SpecifierSet(str(asks)).contains("3.11.2"):
                refusing.append(f"{name} asks for Python {asks}")
    assert not refusing


def test_every_library_has_its_reason() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| ([a-z0-9, -]+) \| ", text, re.MULTILINE)
    explained = {name.strip() for cell in cells for name in cell.split(",") if name.strip(" -")}
    assert explained == declared()
