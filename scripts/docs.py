"""Write the parts of docs/ that say what the code says: settings, commands, routes, workflow, permissions.

    python scripts/docs.py            write them
    python scripts/docs.py --check    fail when a file would change

A generated part stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; the words around it
are written by people.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
from flask import Flask
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from taskflow.cli.main import cli
from taskflow.config import Settings
from taskflow.domain.permissions import (
    COORDINATING_PERMISSIONS,
    GENERAL_PERMISSIONS,
    OFFICE_PERMISSIONS,
    UNIT_PERMISSIONS,
    Permission,
    Role,
)
from taskflow.domain.states import TaskState
from taskflow.domain.transitions import TABLE, Action
from taskflow.factory import create_app
from taskflow.web.guards import ACCESS_ATTRIBUTE

DOCS = Path(__file__).resolve().parent.parent / "docs"


def settings_table() -> str:
    """All settings of the environment."""
    rows = (
        (f"`TASKFLOW_{name.upper()}`", _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    )
    return _table(("Variable", "Default", "Meaning"), rows)


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value == "":
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def commands() -> str:
    """All commands with what ``--help`` says of them."""
    return "\n\n".join(_command(cli, "taskflow", None))


def _command(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        max_content_width=110,
        terminal_width=110,
        **(command.context_settings if parent is None else {}),
    )
    title = context.command_path
    yield f"{'##' if parent is None else '###'} {title}\n\n```\n{command.get_help(context).rstrip()}\n```"
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            if child is not None and not child.hidden:
                yield from _command(child, child_name, context)


def routes_table() -> str:
    """All addresses with their methods, who may use them, and what they are for."""
    app = _application()
    rows = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        view = app.view_functions[rule.endpoint]
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        access = getattr(view, ACCESS_ATTRIBUTE, "public")
        purpose = (view.__doc__ or "").strip().splitlines()[0] if rule.endpoint != "static" else "Static files."
        rows.append((", ".join(methods), f"`{rule.rule}`", f"`{rule.endpoint}`", access.replace("_", " "), purpose))
    return _table(("Methods", "Address", "Endpoint", "Who", "What"), rows)


def transitions_table() -> str:
    """States × actions: where each leads."""
    rows = (
        (
            f"`{state}`",
            *(_cell(state, action) for action in Action),
        )
        for state in TaskState
    )
    return _table(("from \\ action", *(f"`{action}`" for action in Action)), rows)


def _cell(state: TaskState, action: Action) -> str:
    found = TABLE.get((state, action))
    return "" if found is None else f"{found.to}{' *' if found.needs_reason else ''}"


def permissions_table() -> str:
    """Roles × permissions: on which grounds a role carries each."""
    grounds = (
        ("unit", UNIT_PERMISSIONS),
        ("office", OFFICE_PERMISSIONS),
        ("coordinating", COORDINATING_PERMISSIONS),
        ("always", GENERAL_PERMISSIONS),
    )
    rows = (
        (
            f"`{permission}`",
            *(", ".join(ground for ground, granted in grounds if permission in granted[role]) for role in Role),
        )
        for permission in Permission
    )
    return _table(("Permission", *(str(role) for role in Role)), rows)


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("operations.md", settings_table),
    "commands": ("cli.md", commands),
    "routes": ("routes.md", routes_table),
    "transitions": ("workflow.md", transitions_table),
    "permissions": ("workflow.md", permissions_table),
}


def render(name: str, text: str) -> str:
    """A file's text with its generated part ``name`` as it should be now. Raises ValueError without its marks."""
    pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{PARTS[name][0]} has no place for {name}: <!-- begin {name} --> … <!-- end {name} -->")
    made = PARTS[name][1]()
    return pattern.sub(lambda marks: f"{marks.group(1)}\n{made}\n\n{marks.group(2)}", text)


def stale() -> dict[Path, str]:
    """Files whose generated parts are not current, with the text that they should have."""
    texts: dict[Path, str] = {}
    for name, (filename, _) in PARTS.items():
        path = DOCS / filename
        texts[path] = render(name, texts.get(path, path.read_text(encoding="utf-8")))
    return {path: text for path, text in texts.items() if text != path.read_text(encoding="utf-8")}


def _application() -> Flask:
    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(data_dir=Path(folder), secret_key=SecretStr("only to list the routes")))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` only complain."""
    outdated = stale()
    for path, text in outdated.items():
        if "--check" in arguments:
            print(f"docs/{path.name} is not current: run `make docs`", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if outdated and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
