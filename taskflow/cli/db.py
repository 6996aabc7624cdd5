"""``taskflow db``: the schema."""

from __future__ import annotations

import click

from taskflow.cli.support import with_application
from taskflow.services import schema


@click.group("db")
def db_group() -> None:
    """Cơ sở dữ liệu."""


@db_group.command("upgrade")
@with_application
def upgrade() -> None:
    """Đưa cơ sở dữ liệu lên phiên bản mà chương trình này cần."""
    schema.upgrade()
    click.echo("Cơ sở dữ liệu đã ở phiên bản mới nhất.")
