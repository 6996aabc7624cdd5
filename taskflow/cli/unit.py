"""``taskflow unit``: units, groups and people from a workbook."""

from __future__ import annotations

from pathlib import Path

import click

from taskflow.cli.support import fail, with_application
from taskflow.clock import now
from taskflow.domain.permissions import Actor, Post, Role
from taskflow.services.organisation_sheets import template
from taskflow.services.people_import import import_organisation

#: Whoever runs commands on the server may do what an administrator may.
OPERATOR = Actor(user_id=None, name="taskflow", posts=(Post(Role.ADMINISTRATOR, 0, frozenset()),))


@click.group("unit")
def unit_group() -> None:
    """Đơn vị, nhóm đơn vị, người dùng."""


@unit_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra, không ghi gì.")
@click.option("--invite", is_flag=True, help="Gửi thư mời cho từng người mới.")
@with_application
def import_file(file: Path, *, dry_run: bool, invite: bool) -> None:
    """Nhập đơn vị, nhóm và người dùng từ tệp Excel FILE (.xlsx)."""
    outcome = import_organisation(
        actor=OPERATOR, data=file.read_bytes(), filename=file.name, invite=invite, dry_run=dry_run, now=now()
    )
    if outcome.problems:
        lines = [f"{problem.sheet}!{problem.cell}: {problem.sentence}" for problem in outcome.problems]
        fail("\n".join(["Không nhập dòng nào. Các ô cần sửa:", *lines]))
    verb = "Sẽ nhập" if dry_run else "Đã nhập"
    click.echo(
        f"{verb}: {outcome.units_new} đơn vị, {outcome.groups_new} nhóm, {outcome.people_new} người dùng, "
        f"{outcome.posts_new} vai trò; cập nhật "
        f"{outcome.units_changed + outcome.groups_changed + outcome.people_changed} mục."
    )


@unit_group.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write_template(file: Path) -> None:
    """Ghi tệp Excel mẫu ra FILE."""
    file.write_bytes(template())
    click.echo(f"Đã ghi tệp mẫu {file}.")
