"""``taskflow demo``: the fictional office to try things with."""

from __future__ import annotations

import click

from taskflow.cli.support import with_application
from taskflow.clock import now
from taskflow.demo.load import how_to_sign_in, load_demo, password_file


@click.group("demo")
def demo_group() -> None:
    """Cơ quan mẫu (hư cấu) để chạy thử."""


@demo_group.command("load")
@with_application
def load() -> None:
    """Nạp cơ quan mẫu vào cơ sở dữ liệu trống và in cách đăng nhập; chạy lại không nạp thêm."""
    made = load_demo(now())
    click.echo("Đã nạp cơ quan mẫu." if made else "Cơ quan mẫu đã có trong cơ sở dữ liệu.")
    click.echo(f"\nMật khẩu chung của mọi tài khoản mẫu: {password_file().read_text(encoding='ascii')}\n")
    for email, shows in how_to_sign_in():
        click.echo(f"  {email:<28} {shows}")
    click.echo("")
