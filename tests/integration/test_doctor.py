"""``taskflow doctor``, /readyz and ``taskflow backup``."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from taskflow.config import Settings
from taskflow.domain.permissions import Role
from taskflow.models.org import User
from taskflow.models.outbox import ChannelKind, MessageStatus, OutboxMessage, ZaloToken
from taskflow.models.system import JobRun
from taskflow.models.task import Evidence
from taskflow.services.files import store
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support import processes
from tests.support.clock import Clock
from tests.support.smtp import smtp_server

Run = Callable[..., Result]


def parts(runner: Run) -> dict[str, dict[str, object]]:
    return {part["name"]: part for part in json.loads(runner("doctor", "--json").stdout)["parts"]}


def test_a_new_installation_is_well_and_says_what_is_not_set_up(runner: Run) -> None:
    result = runner("doctor")
    assert result.exit_code == 0, result.stdout
    lines = result.stdout.splitlines()
    assert "✓ Cấu trúc dữ liệu: Cấu trúc dữ liệu đúng với phiên bản này." in lines
    assert "- Nhắc việc: Bộ nhắc việc chưa chạy lần nào." in lines
    assert any(line.startswith("- Thư điện tử: Chưa cấu hình máy chủ thư (TASKFLOW_SMTP_HOST)") for line in lines)
    assert {name: part["state"] for name, part in parts(runner).items()} == {
        "database": "ok",
        "schema": "ok",
        "scheduler": "never",
        "storage": "ok",
        "files": "ok",
        "mail": "off",
        "outbox": "ok",
        "zalo": "off",
    }


@pytest.mark.parametrize(("age", "state", "code"), [(29, "ok", 0), (31, "late", 1)])
def test_a_sweep_is_late_after_three_missed_slots(
    runner: Run, client: FlaskClient, factories: Factories, clock: Clock, age: int, state: str, code: int
) -> None:
    started = clock.now - timedelta(minutes=age)
    factories.add(JobRun(job="sweep", slot=started, node="node-1", started_at=started, finished_at=started))
    result = runner("doctor", "--json")
    assert result.exit_code == code
    assert json.loads(result.stdout)["ok"] is (code == 0)
    assert parts(runner)["scheduler"]["state"] == state
    answer = client.get("/readyz")
    assert answer.status_code == (503 if code else 200)
    assert answer.get_json()["parts"]["scheduler"] == state


def test_a_failed_sweep_shows_its_error(runner: Run, factories: Factories, clock: Clock) -> None:
    factories.add(
        JobRun(job="sweep", slot=clock.now, node="node-1", started_at=clock.now, error="Traceback\nValueError: x")
    )
    part = parts(runner)["scheduler"]
    assert (part["state"], part["detail"]) == ("failed", "16/03/2026 09:00: ValueError: x")


def test_a_waiting_message_that_nobody_takes_is_noticed(runner: Run, factories: Factories, clock: Clock) -> None:
    factories.add(
        OutboxMessage(
            dedupe_key="one",
            kind="digest",
            channel=ChannelKind.EMAIL,
            status=MessageStatus.QUEUED,
            created_at=clock.now,
            next_attempt_at=clock.now,
        )
    )
    clock.advance(minutes=29)
    assert parts(runner)["outbox"]["ok"] is True
    clock.advance(minutes=2)
    assert parts(runner)["outbox"]["state"] == "stuck"
    detail = str(parts(runner)["outbox"]["detail"])
    assert detail.startswith("1 tin đang chờ gửi, 0 tin không gửi được. Có 1 tin đã chờ quá nửa giờ")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the test's own server warns of itself
def test_a_mail_server_that_answers_is_well(runner: Run, configure: Callable[..., Settings]) -> None:
    with smtp_server(login=("office", "right")) as (box, port):
        configure(smtp_host="127.0.0.1", smtp_port=port, smtp_user="office", smtp_password="right")
        assert parts(runner)["mail"]["state"] == "ok"
        configure(smtp_password="wrong")
        assert parts(runner)["mail"]["state"] == "authentication"
        assert not box.messages
    assert parts(runner)["mail"]["state"] == "unreachable"
    assert runner("doctor").exit_code == 1


def test_a_lost_link_to_zalo_is_noticed(runner: Run, factories: Factories) -> None:
    factories.add(ZaloToken(oa_id="1", needs_person=True))
    assert parts(runner)["zalo"]["state"] == "needs_person"
    assert runner("doctor").exit_code == 1


def test_a_full_disk_is_noticed(runner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"total": 100, "free": 4})())
    assert parts(runner)["storage"]["state"] == "full"


def test_a_missing_schema_is_noticed(empty_database: str, tmp_path: Path) -> None:
    result = processes.run("doctor", "--json", environment=processes.environment(tmp_path / "data", empty_database))
    assert result.returncode == 1, result.stderr
    assert {part["name"]: part["state"] for part in json.loads(result.stdout)["parts"]} == {
        "database": "ok",
        "schema": "behind",
        "storage": "ok",
        "mail": "off",
    }


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_backup_has_database_files_and_key(
    runner: Run, app: Flask, factories: Factories, clock: Clock, tmp_path: Path
) -> None:
    settings: Settings = app.config["TASKFLOW"]
    task = factories.task(unit=factories.unit())
    with unit_of_work() as session:
        digest = store(session, b"evidence", "a.txt", now=clock()).sha256
    factories.add(Evidence(task_id=task.id, sha256=digest, added_at=clock(), added_by_id=factories.user().id))
    (settings.data_dir / "files" / "ab").mkdir(parents=True, exist_ok=True)
    (settings.data_dir / "files" / "ab" / "abcd").write_bytes(b"of nobody")
    (settings.data_dir / "secret_key").write_text("key", encoding="ascii")
    unit = factories.unit("Sở Y tế")
    target = tmp_path / "backup.tar.gz"

    result = runner("backup", str(target))

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"Đã sao lưu vào {target} (")
    assert target.stat().st_mode & 0o077 == 0
    (tmp_path / "restored").mkdir()
    subprocess.run(["tar", "--extract", "--file", target, "--directory", tmp_path / "restored"], check=True)
    kept = [path for path in (tmp_path / "restored" / "files").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [b"evidence"]
    assert (tmp_path / "restored" / "secret_key").read_text(encoding="ascii") == "key"
    connection = sqlite3.connect(tmp_path / "restored" / "taskflow.sqlite3")
    assert connection.execute("SELECT name FROM unit WHERE id = ?", (unit.id,)).fetchall() == [("Sở Y tế",)]
    connection.close()
    assert sorted(path.name for path in tmp_path.glob("backup*")) == ["backup.tar.gz"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_backup_overwrites_nothing(runner: Run, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    target.write_bytes(b"yesterday")
    result = runner("backup", str(target))
    assert (result.exit_code, result.stderr) == (1, f"Tệp {target} đã có. Hãy chọn một tên khác.\n")
    assert target.read_bytes() == b"yesterday"


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_backup_of_postgresql_names_its_own_tool(runner: Run, tmp_path: Path) -> None:
    result = runner("backup", str(tmp_path / "backup.tar.gz"))
    assert result.exit_code == 1
    assert "pg_dump" in result.stderr
    assert not list(tmp_path.glob("backup*"))


@pytest.mark.parametrize(("role", "page"), [(Role.COORDINATOR, "/overview"), (Role.ADMINISTRATOR, "/admin/")])
def test_who_can_have_it_repaired_sees_that_reminders_stand_still(
    app: Flask,
    client: FlaskClient,
    factories: Factories,
    clock: Clock,
    sign_in: Callable[[FlaskClient, User], FlaskClient],
    role: Role,
    page: str,
) -> None:
    sign_in(client, factories.user(role))
    assert "Bộ nhắc việc đang dừng" not in client.get(page).text
    factories.add(JobRun(job="sweep", node="a", slot=clock(), started_at=clock(), finished_at=clock()))
    clock.advance(minutes=29)
    assert "Bộ nhắc việc đang dừng" not in client.get(page).text
    clock.advance(minutes=2)
    shown = client.get(page).text
    assert "Bộ nhắc việc đang dừng" in shown
    assert "chạy lần cuối lúc 16/03/2026" in shown
