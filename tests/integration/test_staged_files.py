"""Files of a form that was refused are kept for their owner; what may be evidence, and what runs when opened."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pillow_heif import register_heif_opener
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from taskflow.domain.errors import DomainError
from taskflow.extensions import db
from taskflow.models.document import StoredFile
from taskflow.models.org import User
from taskflow.models.submission import StagedFile
from taskflow.models.task import Evidence
from taskflow.services import files, retention, settings
from taskflow.services.files import Upload
from tests.factories import Factories
from tests.integration.web.scene import Scene, text_of
from tests.support.browser import csrf_token
from tests.support.clock import Clock

SignIn = Callable[[FlaskClient, User], FlaskClient]
TEXT = "Biên bản nghiệm thu".encode()


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, "PNG")
    return data.getvalue()


def packed(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "nội dung")
    return data.getvalue()


@pytest.fixture
def scene(factories: Factories, clock: Clock) -> Scene:
    return Scene(factories, clock)


def send(client: FlaskClient, scene: Scene, *chosen: tuple[str, bytes], **data: object) -> TestResponse:
    """Send a report with these files."""
    sent = {"csrf_token": csrf_token(client), "version": 1, **data}
    sent["files"] = [(io.BytesIO(content), name) for name, content in chosen]
    return client.post(f"/tasks/{scene.task.id}/report_done", data=sent, content_type="multipart/form-data")


def kept_keys(answer: TestResponse) -> list[str]:
    return re.findall(r'name="files-kept" value="([^"]+)"', text_of(answer))


def count(model: type) -> int:
    db.session.rollback()
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def test_files_of_a_refused_form_are_sent_without_choosing_them_again(
    client: FlaskClient, scene: Scene, sign_in: SignIn
) -> None:
    sign_in(client, scene.head)
    refused = send(client, scene, ("biên bản.txt", TEXT), ("ảnh.png", picture()), result="")
    assert refused.status_code == 422
    keys = kept_keys(refused)
    assert len(keys) == 2
    conflict = send(client, scene, ("thêm.txt", b"ba"), result="Xong", version=9, **{"files-kept": keys})
    assert conflict.status_code == 409
    keys = kept_keys(conflict)
    assert len(keys) == 3
    done = send(client, scene, result="Xong", **{"files-kept": keys[:2]})
    assert done.status_code == 303, text_of(done)
    db.session.rollback()
    assert set(db.session.scalars(select(Evidence.filename))) == {"biên bản.txt", "ảnh.png"}
    assert db.session.scalars(select(StagedFile.filename)).all() == ["thêm.txt"]


def test_the_wrong_one_of_three_is_named_and_the_others_are_kept(
    client: FlaskClient, scene: Scene, sign_in: SignIn
) -> None:
    sign_in(client, scene.head)
    page = text_of(client.get(f"/tasks/{scene.task.id}/report_done"))
    assert "Nhận: Tệp PDF (.pdf), Văn bản Word (.docx)" in page, "what is accepted is said before"
    answer = send(client, scene, ("một.txt", TEXT), ("hai.zip", packed("a.txt")), ("ba.png", picture()), result="Xong")
    assert answer.status_code == 422
    text = text_of(answer)
    assert "hai.zip" in text
    assert "Excel, PDF, HTML" not in text, "the importer's list"
    assert len(kept_keys(answer)) == 2
    assert count(Evidence) == 0


def test_a_staged_file_is_of_its_owner_and_ends(
    client: FlaskClient, scene: Scene, sign_in: SignIn, clock: Clock
) -> None:
    sign_in(client, scene.head)
    keys = kept_keys(send(client, scene, ("một.txt", TEXT), result=""))
    sign_in(client, scene.officer)
    assert kept_keys(send(client, scene, result="", **{"files-kept": keys})) == []
    retention.forget(clock() + timedelta(days=8))
    assert (count(StagedFile), count(StoredFile)) == (0, 0)


def test_a_secret_file_is_not_staged(client: FlaskClient, scene: Scene, sign_in: SignIn) -> None:
    sign_in(client, scene.head)
    answer = send(client, scene, ("mật.txt", "TỐI MẬT\nBáo cáo số 1".encode()), ("b.txt", b"hai"), result="Xong")
    assert answer.status_code == 422
    assert len(kept_keys(answer)) == 1
    assert count(StoredFile) == 1


def test_files_of_an_ended_session_are_kept(client: FlaskClient, scene: Scene, sign_in: SignIn) -> None:
    sign_in(client, scene.head)
    page = f"/tasks/{scene.task.id}/report_done"
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', text_of(client.get(page)))[-1]
    with client.session_transaction() as session:
        session.clear()
    lost = send(client, scene, ("một.txt", TEXT), ("x.bat", b"del"), result="Xong", csrf_token=token)
    assert lost.status_code == 303
    sign_in(client, scene.head)
    with client.session_transaction() as session:
        session["held"] = True
    shown = client.get(page)
    assert len(kept_keys(shown)) == 1
    assert "x.bat" in text_of(shown), "it is named as to be chosen again"


RUNNING = [
    "dọn.bat", "a.cmd", "a.vbs", "a.js", "a.ps1", "a.reg", "a.url", "a.iqy", "a.slk", "a.svg", "a.html", "a.lnk",
    "báo cáo.pdf.exe", "báo cáo.js.txt", "a.BAT", "a.bat.", "báo cáo\u202etxt.bat", "a.hta", "a.xml",
]  # fmt: skip


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_runs_when_opened_is_refused(app: Flask) -> None:
    types = settings.EVIDENCE_TYPES.choices
    for name in RUNNING:
        with pytest.raises(DomainError, match=r"file\.runs"):
            files.check(Upload(b"nothing but text", name), types=types)
    for name, content in (("bang.txt", b"ID;PWXL;N;E\nC;Y1;X1;K1"), ("a.txt", b"MZ\x90"), ("a.zip", packed("x.exe"))):
        with pytest.raises(DomainError, match=r"file\.runs"):
            files.check(Upload(content, name), types=types)
    for name, content in (("www.tinh.com.txt", TEXT), ("V/v 12.3.2026.txt", TEXT), ("khong-duoi", TEXT)):
        assert files.check(Upload(content, name), types=types) == "text/plain"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_no_reader_reads_is_the_offices_choice(app: Flask) -> None:
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 40
    mp4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00" * 40
    assert files.check(Upload(heic, "IMG_0001.HEIC"), types=("image",)) == "image/heic"
    for word, name, content in (
        ("pptx", "trình bày.pptx", packed("ppt/presentation.xml")),
        ("zip", "hồ sơ.zip", packed("a.txt")),
        ("mp4", "hiện trường.mp4", mp4),
    ):
        assert files.check(Upload(content, name), types=(word,))
        with pytest.raises(DomainError, match=r"file\.type_not_accepted"):
            files.check(Upload(content, name), types=settings.EVIDENCE_TYPES.default)


def test_a_picture_of_a_phone_is_accepted_and_shown(client: FlaskClient, scene: Scene, sign_in: SignIn) -> None:
    register_heif_opener()
    taken = io.BytesIO()
    Image.new("RGB", (2400, 1200), "red").save(taken, "HEIF")
    sign_in(client, scene.head)
    assert send(client, scene, ("IMG_0001.HEIC", taken.getvalue()), ("b.txt", b"hai"), result="Xong").status_code == 303
    db.session.rollback()
    made = {one.filename: one.id for one in db.session.scalars(select(Evidence))}
    page = f"/tasks/{scene.task.id}/files/{made['IMG_0001.HEIC']}"
    assert f"{page}/page-1.png" in text_of(client.get(f"/tasks/{scene.task.id}"))
    shown = client.get(f"{page}/page-1.png")
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    with Image.open(io.BytesIO(shown.data)) as drawn:
        assert drawn.size == (1600, 800)
    assert client.get(page).data == taken.getvalue(), "the file itself stays as it was"
    sign_in(client, scene.outsider)
    assert client.get(f"{page}/page-1.png").status_code == 404
