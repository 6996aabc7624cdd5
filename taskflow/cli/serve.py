"""``taskflow serve`` (web, scheduler and delivery in one process) and ``taskflow scheduler`` (without web)."""

from __future__ import annotations

import signal
from types import FrameType

import click
import waitress
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from taskflow.cli.support import StopSignals, application, fail
from taskflow.config import Settings
from taskflow.extensions import db
from taskflow.scheduling.runner import start
from taskflow.services.accounts import first_run_code, nobody_yet
from taskflow.services.schema import pending_migrations

OLD_SCHEMA = "Cơ sở dữ liệu chưa ở phiên bản mà chương trình này cần. Hãy chạy `taskflow db upgrade` rồi khởi động lại."


@click.command("serve")
def serve() -> None:
    """Chạy trang web, bộ nhắc việc và bộ gửi tin trong một tiến trình."""
    app = _ready_application()
    settings: Settings = app.config["TASKFLOW"]
    try:
        server = waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            ident="taskflow",
            # Waitress drops X-Forwarded-* by itself; with proxies in front ProxyFix decides which to believe.
            clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
        )
    except OSError as error:
        fail(
            f"Không mở được cổng {settings.port} tại {settings.host} ({error.strerror}). "
            "Hãy dừng chương trình đang dùng cổng này hoặc đặt TASKFLOW_PORT thành một cổng khác."
        )
    signal.signal(signal.SIGTERM, _leave)
    runner = start(app)
    click.echo(f"taskflow đang chạy tại {_address(settings)} (dừng bằng Ctrl+C).")
    _welcome(app)
    server.run()  # returns after SIGTERM or Ctrl+C, when running requests have been answered
    server.close()
    runner.stop()
    _goodbye(app)


@click.command("scheduler")
def scheduler() -> None:
    """Chạy riêng bộ nhắc việc và bộ gửi tin, không có trang web."""
    app = _ready_application()
    signals = StopSignals()
    runner = start(app)
    click.echo("Bộ nhắc việc và bộ gửi tin đang chạy (dừng bằng Ctrl+C).")
    signals.wait()
    runner.stop()
    _goodbye(app)


def _welcome(app: Flask) -> None:
    """While there is no account: where the first administrator is made, and the code that the page asks for."""
    with app.app_context():
        if nobody_yet():
            address = f"{app.config['TASKFLOW'].base_url.rstrip('/')}/setup"
            click.echo(
                f"Chưa có tài khoản nào. Mở {address} và nhập mã {first_run_code()} để tạo quản trị viên đầu tiên."
            )


def _ready_application() -> Flask:
    """The application, when its database can be reached and has the schema that this version needs."""
    app = application()
    with app.app_context():
        try:
            behind = pending_migrations()
        except SQLAlchemyError as error:
            address = db.engine.url.render_as_string(hide_password=True)
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            fail(f"Không kết nối được cơ sở dữ liệu {address}: {reason}. Hãy kiểm tra TASKFLOW_DATABASE_URL.")
        if behind:
            fail(OLD_SCHEMA)
    return app


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "*", "") else settings.host  # noqa: S104 - recognised, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _leave(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not cut the farewell short
    raise SystemExit(0)


def _goodbye(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()
    click.echo("taskflow đã dừng.")
