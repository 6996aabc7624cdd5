"""``taskflow serve`` and ``taskflow scheduler`` as an operator sees them: real processes."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.support.processes import environment, free_port, run, running, stop, wait_until_served


def test_serve_answers_and_ends_cleanly_on_sigterm(fresh_database: str, tmp_path: Path) -> None:
    port = free_port()
    settings = environment(tmp_path / "data", fresh_database, port=port)
    with running("serve", environment=settings) as process:
        wait_until_served(f"http://127.0.0.1:{port}/healthz", process)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
        output = stop(process)
    assert f"taskflow đang chạy tại http://127.0.0.1:{port} (dừng bằng Ctrl+C)." in output
    assert output.rstrip().endswith("taskflow đã dừng.")
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["serve", "scheduler"])
def test_an_old_schema_is_refused_with_what_to_do(command: str, empty_database: str, tmp_path: Path) -> None:
    result = run(command, environment=environment(tmp_path / "data", empty_database, port=free_port()))
    assert result.returncode == 1
    assert result.stderr == (
        "Cơ sở dữ liệu chưa ở phiên bản mà chương trình này cần. Hãy chạy `taskflow db upgrade` rồi khởi động lại.\n"
    )


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_taken_port_is_named(fresh_database: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", environment=environment(tmp_path / "data", fresh_database, port=port))
    assert result.returncode == 1
    assert f"Không mở được cổng {port} tại 127.0.0.1" in result.stderr
    assert "TASKFLOW_PORT" in result.stderr


def test_an_unreachable_database_is_named_without_its_password(tmp_path: Path) -> None:
    address = f"postgresql://office:secret@127.0.0.1:{free_port()}/taskflow"
    result = run("serve", environment=environment(tmp_path / "data", address))
    assert result.returncode == 1
    assert "Không kết nối được cơ sở dữ liệu" in result.stderr
    assert "secret" not in result.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    result = run("serve", environment=environment(tmp_path / "data", "", port="eight"))
    assert result.returncode == 1
    assert result.stderr.startswith("TASKFLOW_PORT: ")
    assert "Traceback" not in result.stderr


def test_scheduler_alone_ends_cleanly_on_sigterm(fresh_database: str, tmp_path: Path) -> None:
    with running("scheduler", environment=environment(tmp_path / "data", fresh_database)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Bộ nhắc việc và bộ gửi tin đang chạy (dừng bằng Ctrl+C).\n"
        output = stop(process)
    assert output.rstrip().endswith("taskflow đã dừng.")
    assert process.returncode == 0
