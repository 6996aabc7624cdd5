"""An office of the fictional province with its clerk, and plans to import."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import pytest
from docx import Document as NewDocument
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from taskflow.demo.people import COMMUNES, DEPARTMENTS, GROUPS
from taskflow.documents.parse import parse
from taskflow.domain.permissions import Actor, Role
from taskflow.domain.search import search_words
from taskflow.domain.units import fold
from taskflow.extensions import db
from taskflow.models.document import ImportJob, ImportRow
from taskflow.models.org import Unit, UnitGroup, UnitName, User
from taskflow.services.files import Upload
from taskflow.services.imports import reading
from taskflow.services.imports.uploads import Source, receive
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

SignIn = Callable[[FlaskClient, User], FlaskClient]
HEADINGS = ("TT", "Nội dung công việc", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời gian hoàn thành", "Sản phẩm")

GOOD = ("1", "Xây dựng kho dữ liệu dùng chung", "Sở Tài chính", "Sở Y tế", "30/6/2026", "Kho dữ liệu")


def plan(
    rows: Sequence[Sequence[str]],
    *,
    number: str = "12/KH-UBND",
    issued: str = "Sơn Hà, ngày 02 tháng 3 năm 2026",
    headings: Sequence[str] = HEADINGS,
    text: Sequence[str] = (),
) -> bytes:
    """A plan with one annex as .docx. A row with one cell is a group label."""
    document = NewDocument()
    document.add_paragraph("ỦY BAN NHÂN DÂN TỈNH SƠN HÀ")
    document.add_paragraph(f"Số: {number}")
    document.add_paragraph(issued)
    document.add_paragraph("KẾ HOẠCH")
    document.add_paragraph("Chuyển đổi số trên địa bàn tỉnh Sơn Hà năm 2026")
    for paragraph in text:
        document.add_paragraph(paragraph)
    document.add_paragraph("PHỤ LỤC: PHÂN CÔNG NHIỆM VỤ")
    table = document.add_table(rows=1, cols=len(headings))
    for cell, heading in zip(table.rows[0].cells, headings, strict=True):
        cell.text = heading
    for row in rows:
        cells = table.add_row().cells
        if len(row) == 1:
            cells[0].merge(cells[-1]).text = row[0]
        else:
            for cell, value in zip(cells, row, strict=True):
                cell.text = value
    content = BytesIO()
    document.save(content)
    return content.getvalue()


class Desk:
    """The coordinating office at work: units, the clerk, short ways to import."""

    def __init__(self, factories: Factories, clock: Clock) -> None:
        self.factories, self.clock = factories, clock
        body, self.office = factories.body(), factories.office()
        self.units: dict[str, Unit] = {"VP UBND tỉnh": self.office}
        with unit_of_work() as session:
            for position, (name, short, aliases) in enumerate((*DEPARTMENTS, *COMMUNES), 10):
                unit = Unit(
                    parent_id=body.id,
                    name=name,
                    short_name=short,
                    position=position,
                    search_text=search_words(name, short),
                    names=[UnitName(name=alias, folded=fold(alias)) for alias in aliases],
                )
                self.units[short] = unit
            session.add_all(self.units.values())
            session.flush()
            for unit in self.units.values():
                unit.path = f"{body.path}{unit.id}/"
            for name, is_open, members in GROUPS:
                group = UnitGroup(name=name, folded=fold(name), is_open=is_open)
                group.members = [self.units[short] for short in members]
                session.add(group)
        self.clerk: User = factories.user(Role.COORDINATOR)

    @property
    def actor(self) -> Actor:
        """The clerk as an ``Actor``."""
        return self.factories.actor(self.clerk)

    def upload(self, data: bytes, filename: str = "ke-hoach.docx", max_mb: int = 20, **source: Any) -> int:
        """Receive a file; the id of its import."""
        source.setdefault("office_unit_id", self.office.id)
        return receive(
            Upload(data, filename), Source(**source), actor=self.actor, now=self.clock(), max_mb=max_mb
        ).job_id

    def read(self, data: bytes, filename: str = "ke-hoach.docx", **source: Any) -> ImportJob:
        """Receive a file and have it read."""
        job_id = self.upload(data, filename, **source)
        assert reading.start(job_id, actor=self.actor, wait=60)
        return self.job(job_id)

    def job(self, job_id: int) -> ImportJob:
        """The import as it is stored now."""
        db.session.rollback()
        return db.session.get_one(ImportJob, job_id, populate_existing=True)

    def rows(self, job_id: int) -> list[ImportRow]:
        """Its rows as they are stored now."""
        db.session.rollback()
        found = select(ImportRow).where(ImportRow.job_id == job_id).order_by(ImportRow.position)
        return list(db.session.scalars(found.execution_options(populate_existing=True)))


class Browser:
    """A person in front of the pages: follows links, fills in forms with their token."""

    def __init__(self, client: FlaskClient, desk: Desk) -> None:
        self.client, self.desk = client, desk

    def get(self, path: str, status: int = 200, **how: Any) -> str:
        """The text of a page."""
        answer = self.client.get(path, **how)
        while answer.status_code in (302, 303):
            answer = self.client.get(answer.headers["Location"], **how)
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)

    def post(self, path: str, data: dict[str, Any], **how: Any) -> TestResponse:
        """Send a form with the token of the session."""
        page = self.client.get("/imports/").get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        token = found.group(1) if found else ""
        return self.client.post(path, data={"csrf_token": token, **data}, content_type="multipart/form-data", **how)

    def upload(self, data: bytes, filename: str = "ke-hoach.docx", **more: Any) -> TestResponse:
        """Send a file through the upload page."""
        sent = {"file": (BytesIO(data), filename), "office_unit_id": self.desk.office.id, **more}
        return self.post("/imports/new", sent)


def said(answer: TestResponse) -> str:
    """The text of an answer without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def job_of(answer: TestResponse) -> int:
    """The import to which an answer leads."""
    assert answer.status_code == 303, said(answer)[:1500]
    found = re.search(r"/imports/(\d+)", answer.headers["Location"])
    assert found is not None
    return int(found.group(1))


@pytest.fixture
def desk(factories: Factories, clock: Clock) -> Desk:
    """A coordinating office of the fictional province."""
    return Desk(factories, clock)


@pytest.fixture
def browser(client: FlaskClient, desk: Desk, sign_in: SignIn) -> Browser:
    """The clerk's browser."""
    return Browser(sign_in(client, desk.clerk), desk)


@pytest.fixture(autouse=True)
def _read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process, which is quicker; tests marked ``sandbox`` have the process with limits."""
    if "sandbox" not in request.fixturenames:
        monkeypatch.setattr(reading, "parse_in_subprocess", _parse_here)


@pytest.fixture
def sandbox() -> None:
    """Asked for by tests that need the real process with its limits."""


def _parse_here(data: bytes, *, progress: Any = None, cancelled: Any = None, **how: Any) -> Any:
    assert not cancelled()
    return parse(data, progress=progress, **how)
