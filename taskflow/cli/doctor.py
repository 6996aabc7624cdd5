"""``taskflow doctor``: is everything well? ``taskflow backup``: everything in one file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from taskflow.cli.support import with_application
from taskflow.clock import now
from taskflow.i18n import format_number
from taskflow.services import health
from taskflow.services.backup import back_up


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_application
def doctor(*, as_json: bool) -> None:
    """Kiểm tra cơ sở dữ liệu, lược đồ, bộ nhắc việc, hàng đợi tin, thư điện tử, Zalo, dung lượng.

    Mã thoát 0 khi mọi phần đều ổn, 1 khi có phần không ổn.
    """
    parts = health.examine(now=now())
    well = all(part.ok for part in parts)
    if as_json:
        answer = {
            "ok": well,
            "parts": [{"name": part.name, "ok": part.ok, "state": part.state, "detail": part.detail} for part in parts],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for part in parts:
            mark = "-" if part.state in ("off", "never") else "✓" if part.ok else "✗"
            click.echo(f"{mark} {health.PART_TITLES[part.name]()}: {part.detail}")
    if not well:
        sys.exit(1)


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@with_application
def backup(target: Path) -> None:
    """Sao lưu cơ sở dữ liệu SQLite, tệp đã tải lên và khóa bí mật vào tệp TARGET (.tar.gz), khi đang chạy cũng được.

    Phục hồi: dừng taskflow, giải nén TARGET vào thư mục dữ liệu (TASKFLOW_DATA_DIR), khởi động lại.
    """
    size = back_up(target)
    click.echo(f"Đã sao lưu vào {target} ({format_number(size / 1_000_000, 1)} MB).")
