"""What is refused as secret is kept nowhere; every stored file has an owner and one way out."""

from __future__ import annotations

import inspect
import os
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from taskflow.documents.messages import DocumentError
from taskflow.extensions import db
from taskflow.models.document import ImportJob, ImportRow, ImportStatus, StoredFile
from taskflow.models.system import AuditEntry
from taskflow.models.task import Coordination, Evidence, Urge
from taskflow.services import coordination, evidence, files, progress, retention, task_steps, urges
from taskflow.services.evidence import NewEvidence, add_evidence, remove_evidence
from taskflow.services.files import Upload
from taskflow.services.imports import reading
from taskflow.services.imports.uploads import Source, discard, receive
from taskflow.services.progress import ReportText
from tests.factories import Factories
from tests.integration.imports.conftest import Browser, Desk, SignIn
from tests.support.clock import Clock


def secret(mark: str = "MẬT") -> bytes:
    """A plan that is marked on a line of its own."""
    return f"ỦY BAN NHÂN DÂN TỈNH SƠN HÀ\nSố: 05/KH-UBND\n{mark}\nKẾ HOẠCH\nDiễn tập khu vực phòng thủ\n".encode()


def bytes_kept(app: Flask) -> list[bytes]:
    """Everything that lies in the data folder, the database apart."""
    folder = Path(app.config["TASKFLOW"].data_dir)
    return [path.read_bytes() for name in ("files", "pages") for path in (folder / name).rglob("*") if path.is_file()]


def take(desk: Desk, data: bytes, **said: str) -> ImportJob:
    """Upload and read a file."""
    receipt = receive(
        Upload(data, "Ke hoach dien tap.txt"),
        Source(desk.office.id, **said),
        actor=desk.actor,
        now=desk.clock(),
        max_mb=5,
    )
    assert reading.start(receipt.job_id, actor=desk.actor, wait=30)
    return db.session.get_one(ImportJob, receipt.job_id)


def test_a_secret_import_leaves_no_byte(app: Flask, desk: Desk) -> None:
    job = take(desk, secret())
    assert (job.status, job.error["code"], job.sha256) == (ImportStatus.FAILED, "document.secret", None)
    assert "dien tap" not in job.filename
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "import"))
    assert all("dien tap" not in str(one.data) for one in entries)
    assert bytes_kept(app) == []
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0
    assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 0
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import.refused_secret"))
    assert entry.data["mark"] == "MẬT"


def test_a_false_alarm_is_overruled_by_name_and_reason(app: Flask, browser: Browser, desk: Desk) -> None:
    refused = take(desk, secret())
    page = browser.get(f"/imports/{refused.id}")
    assert "Tệp của lần nhập này đã được xóa khỏi hệ thống" in page
    assert "/imports/new?secret=1" in page
    job = take(desk, secret(), not_secret="Văn bản đã được giải mật theo Quyết định 12/QĐ-UBND")
    assert job.error == {}
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import.not_secret"))
    assert (entry.actor_id, entry.data["reason"]) == (
        desk.actor.user_id,
        "Văn bản đã được giải mật theo Quyết định 12/QĐ-UBND",
    )
    assert bytes_kept(app) == [secret()]


def test_a_file_that_was_not_read_yet_is_in_no_backup(
    app: Flask, runner: Callable[..., Result], desk: Desk, tmp_path: Path
) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL's own tools copy its data
    desk.upload(secret(), "a.txt")
    assert runner("backup", str(tmp_path / "b.tar.gz")).exit_code == 0
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        assert [one.name for one in archive if one.isfile() and one.name.startswith("files/")] == []


def test_every_way_to_send_evidence_refuses(app: Flask, factories: Factories, clock: Clock) -> None:
    unit, other = factories.unit(), factories.unit()
    officer, helper = factories.actor(factories.user(unit=unit)), factories.actor(factories.user(unit=other))
    task = factories.task(unit=unit)
    line = factories.add(Coordination(task_id=task.id, unit_id=other.id, asked_at=clock()))
    urge = factories.add(Urge(task_id=task.id, at=clock(), by_id=factories.user().id, text="Đề nghị báo cáo"))
    proof = [NewEvidence(upload=Upload(secret(), "bao-cao.txt"))]
    ways: list[Callable[[], object]] = [
        lambda: add_evidence(task_id=task.id, items=proof, actor=officer, now=clock()),
        lambda: progress.report_progress(
            task_id=task.id, report=ReportText("Xong"), evidence=proof, actor=officer, now=clock()
        ),
        lambda: task_steps.report_done(
            task_id=task.id, report=ReportText("Xong"), evidence=proof, actor=officer, now=clock()
        ),
        lambda: coordination.answer(coordination_id=line.id, text="Xong", evidence=proof, actor=helper, now=clock()),
        lambda: urges.answer_urge(urge_id=urge.id, text="Xong", evidence=proof, actor=officer, now=clock()),
    ]
    for way in ways:
        with pytest.raises(DocumentError, match=r"document\.secret"):
            way()
    taking = {
        name
        for module in (coordination, evidence, progress, task_steps, urges)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and "NewEvidence" in str(inspect.signature(function))
        and not name.startswith("_")
    }
    inside = {"attach", "add_report", "screen"}
    assert taking - inside == {"add_evidence", "report_progress", "report_done", "answer", "answer_urge"}
    assert bytes_kept(app) == []


def test_the_page_says_how_to_overrule(app: Flask, sign_in: SignIn, desk: Desk, factories: Factories) -> None:
    unit = factories.unit()
    task = factories.task(unit=unit)
    mine = Browser(sign_in(app.test_client(), factories.user(unit=unit)), desk)
    sent = {"version": task.version, "result": "Đã diễn tập xong", "files": (BytesIO(secret()), "a.txt")}
    answer = mine.post(f"/tasks/{task.id}/report_done", data=sent)
    assert answer.status_code in (400, 422)
    assert "Văn bản có đóng dấu độ mật “MẬT”" in answer.text
    assert "Đã diễn tập xong" in answer.text
    sent |= {"files": (BytesIO(secret()), "a.txt"), "not_secret": "Tệp mẫu để tập huấn"}
    assert mine.post(f"/tasks/{task.id}/report_done", data=sent).status_code == 303
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "evidence.not_secret"))
    assert entry.data["reason"] == "Tệp mẫu để tập huấn"


def test_files_leave_after_the_days_of_the_office(app: Flask, desk: Desk, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    task = factories.task(unit=unit)
    both, gone, given_up = b"Noi dung dung chung", b"Bao cao bi go bo", b"Van ban nhap nham"
    job = take(desk, given_up)
    discard(job.id, actor=desk.actor, now=clock())
    shared = take(desk, both)
    discard(shared.id, actor=desk.actor, now=clock())
    for data in (both, gone):
        add_evidence(task_id=task.id, items=[NewEvidence(upload=Upload(data, "a.txt"))], actor=officer, now=clock())
    second = db.session.scalars(select(Evidence).order_by(Evidence.id.desc())).first()
    assert second is not None
    remove_evidence(evidence_id=second.id, actor=officer, now=clock())
    stray = Path(app.config["TASKFLOW"].data_dir) / "files" / "ab" / "abcd.part"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half")
    os.utime(stray, (0, 0))
    db.session.rollback()

    clock.advance(days=364)
    retention.forget(clock())
    assert sorted(bytes_kept(app)) == sorted([both, gone, given_up])  # the stray is gone
    db.session.rollback()
    clock.advance(days=2)
    retention.forget(clock())
    assert bytes_kept(app) == [both]
    assert db.session.get_one(ImportJob, shared.id).sha256 is None
    state = files.examine(db.session(), now=clock())
    assert (state.orphans, state.missing) == ((), ())


def test_doctor_names_what_is_missing_or_without_owner(
    app: Flask, runner: Callable[..., Result], factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    task = factories.task(unit=unit)
    officer = factories.actor(factories.user(unit=unit))
    add_evidence(task_id=task.id, items=[NewEvidence(upload=Upload(b"Mot", "a.txt"))], actor=officer, now=clock())
    folder = Path(app.config["TASKFLOW"].data_dir) / "files"
    (kept,) = [path for path in folder.rglob("*") if path.is_file()]
    stray = kept.parent / "abcd"
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    assert "1 tệp không thuộc về đâu" in runner("doctor").stdout
    kept.unlink()
    result = runner("doctor")
    assert result.exit_code == 1
    assert kept.name in result.stdout


def test_every_reference_to_a_stored_file_is_an_owner(app: Flask) -> None:
    assert {column.class_.__name__ for column in files.owners()} >= {
        "DocumentFile",
        "Evidence",
        "ImportJob",
        "IndicatorReading",
    }
