"""``taskflow user``: accounts, from where the server runs."""

from __future__ import annotations

import sys

import click

from taskflow.cli.support import with_application
from taskflow.clock import now, today
from taskflow.i18n import title_of
from taskflow.services import accounts
from taskflow.services.queries.people import list_people


@click.group("user")
def user_group() -> None:
    """Tài khoản người dùng."""


@user_group.command("create-administrator")
@click.option("--email", required=True, help="Địa chỉ e-mail, cũng là tên đăng nhập.")
@click.option("--name", required=True, help="Họ và tên.")
@click.option("--office", default="Cơ quan", show_default=True, help="Tên cơ quan, dùng khi chưa có đơn vị nào.")
@click.option("--link", is_flag=True, help="In đường dẫn đặt mật khẩu thay vì hỏi mật khẩu.")
@click.option("--password-stdin", is_flag=True, help="Đọc mật khẩu từ đầu vào chuẩn.")
@with_application
def create_administrator(email: str, name: str, office: str, *, link: bool, password_stdin: bool) -> None:
    """Tạo một quản trị viên."""
    password: str | None = None
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif not link:
        password = click.prompt("Mật khẩu", hide_input=True, confirmation_prompt="Nhập lại mật khẩu")
    _user_id, address = accounts.create_administrator(
        email=email, full_name=name, password=password, office=office, now=now()
    )
    click.echo(f"Đã tạo quản trị viên {email}.")
    if address is not None:
        click.echo("Mở đường dẫn sau trong 7 ngày để đặt mật khẩu (dùng một lần):")
        click.echo(address)


@user_group.command("list")
@click.option("--all", "everybody", is_flag=True, help="Cả tài khoản đã ngừng hoạt động.")
@with_application
def list_users(*, everybody: bool) -> None:
    """Liệt kê tài khoản: e-mail, họ tên, vai trò."""
    page, total = 1, 0
    while True:
        people = list_people(state="all" if everybody else "active", page=page, on=today())
        for person in people.rows:
            posts = "; ".join(f"{title_of(post.role)} – {post.unit}" for post in person.posts) or "chưa có vai trò"
            closed = "" if person.is_active else "\tđã ngừng"
            click.echo(f"{person.email}\t{person.full_name}\t{posts}{closed}")
        total = people.total
        if not people.has_next:
            break
        page += 1
    click.echo(f"{total} tài khoản.", err=True)


@user_group.command("reset-password")
@click.argument("email")
@with_application
def reset_password(email: str) -> None:
    """In đường dẫn đặt lại mật khẩu của EMAIL (dùng một lần, trong 2 giờ)."""
    click.echo(accounts.password_link_for(email=email, now=now()))


@user_group.command("setup-code")
@with_application
def setup_code() -> None:
    """In mã thiết lập của trang /setup, khi chưa có tài khoản nào."""
    if accounts.nobody_yet():
        click.echo(accounts.first_run_code())
    else:
        click.echo("Hệ thống đã có tài khoản, không cần mã thiết lập nữa.", err=True)
