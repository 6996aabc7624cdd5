"""``taskflow dev``: helpers for trying things out; nothing here is used by an office."""

from __future__ import annotations

import click

from taskflow.cli.support import StopSignals
from taskflow.cli.zalo_stub import ZaloStub


@click.group("dev")
def dev_group() -> None:
    """Công cụ cho người phát triển và người dùng thử."""


@dev_group.command("zalo-stub")
@click.option("--port", default=8099, show_default=True, help="Cổng lắng nghe.")
def zalo_stub(port: int) -> None:
    """Chạy máy chủ đóng vai Zalo trên máy này để dùng thử khi chưa có tài khoản."""
    signals = StopSignals()
    stub = ZaloStub()
    url = stub.start(port)
    pair = stub.new_tokens()
    account = stub.account
    click.echo(
        f"Zalo giả đang chạy tại {url} (dừng bằng Ctrl+C). Chạy taskflow với:\n"
        f"  TASKFLOW_ZALO_API_URL={url} TASKFLOW_ZALO_BUSINESS_URL={url}"
        f" TASKFLOW_ZALO_OAUTH_URL={url} TASKFLOW_ZALO_BOT_URL={url}\n"
        f"Mã của bot: {account.bot_token}\n"
        f"App ID {account.app_id}, khóa ứng dụng {account.app_secret}, OA ID {account.oa_id},"
        f" khóa webhook {account.oa_secret}\n"
        f"Access token {pair['access_token']}, refresh token {pair['refresh_token']}\n"
        f"Đóng vai người dùng: POST {url}/_stub/write, /_stub/follow; xem tin đã nhận: GET {url}/_stub/sent"
    )
    signals.wait()
    stub.stop()
