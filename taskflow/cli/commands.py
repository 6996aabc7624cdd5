"""All commands, in one list: name → module and attribute. A command's module is imported when it is needed.

``taskflow serve`` holds its memory for months, and ``taskflow deadline`` should answer at once: neither
loads what the others need.
"""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS: dict[str, str] = {
    "serve": "taskflow.cli.serve:serve",
    "scheduler": "taskflow.cli.serve:scheduler",
    "doctor": "taskflow.cli.doctor:doctor",
    "backup": "taskflow.cli.doctor:backup",
    "db": "taskflow.cli.db:db_group",
    "unit": "taskflow.cli.unit:unit_group",
    "user": "taskflow.cli.user:user_group",
    "import": "taskflow.cli.reading:import_file",
    "deadline": "taskflow.cli.reading:deadline",
    "demo": "taskflow.cli.demo:demo_group",
    "remind": "taskflow.cli.remind:remind",
    "outbox": "taskflow.cli.outbox:outbox_group",
    "dev": "taskflow.cli.dev:dev_group",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - fixed signature
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - fixed signature
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
