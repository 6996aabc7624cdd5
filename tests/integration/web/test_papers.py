"""Papers of an office: the report on progress, the summary and the urging letter, as files that are opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from syrupy.assertion import SnapshotAssertion

from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.models.org import User
from taskflow.models.task import ProgressReport
from taskflow.services import settings
from taskflow.services.queries import papers
from tests.factories import Factories
from tests.support.clock import Clock

SignIn = Callable[[FlaskClient, User], FlaskClient]


@pytest.fixture
def clerk(factories: Factories, clock: Clock) -> User:
    """The coordinating office on 23/03/2026, with one task late, one in time, one done and one without a date."""
    clock.set("2026-03-02 08:00")
    education, health = factories.unit("Sở Giáo dục và Đào tạo", short_name="Sở GD&ĐT"), factories.unit("Sở Y tế")
    document = factories.document(number="12/KH-UBND")
    late = factories.task(
        unit=education, document=document, content="Xây dựng kế hoạch học bạ số", due_on=date(2026, 3, 18),
        state=TaskState.IN_PROGRESS,
    )  # fmt: skip
    factories.task(unit=health, due_on=date(2026, 3, 31), state=TaskState.IN_PROGRESS)
    factories.task(unit=health, due_on=date(2026, 3, 10), state=TaskState.COMPLETED, delivered_on=date(2026, 3, 9))
    factories.task(unit=health, due_on=date(2026, 6, 10), state=TaskState.IN_PROGRESS)
    head = factories.user(Role.HEAD, unit=education)
    factories.add(
        ProgressReport(
            task_id=late.id, at=clock(), by_id=head.id, result="Đã có dự thảo", difficulties="Chưa có phần mềm.",
            proposal="Bố trí kinh phí",
        )
    )  # fmt: skip
    settings.change(
        {
            settings.OFFICE_NAME.key: "Ủy ban nhân dân tỉnh Sơn Hà",
            settings.PAPER_PLACE.key: "Sơn Hà",
            settings.PAPER_CODE.key: "VP",
            settings.PAPER_SIGNER.key: "Chánh Văn phòng",
        },
        actor=factories.actor(factories.user(Role.ADMINISTRATOR)),
        now=clock(),
    )
    clock.set("2026-03-23 08:00")
    return factories.user(Role.COORDINATOR)


def read(content: bytes) -> list[str]:
    """What a paper says, from top to bottom; the cells of a row with bars between them."""
    lines = []
    for block in Document(BytesIO(content)).iter_inner_content():
        if hasattr(block, "rows"):
            lines += [" | ".join(cell.text for cell in row.cells) for row in block.rows]
        elif block.text:
            lines.append(block.text)
    return lines


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_report_on_progress(
    app: Flask, client: FlaskClient, sign_in: SignIn, clerk: User, snapshot: SnapshotAssertion
) -> None:
    sign_in(client, clerk)
    assert "/overview/units/report.docx?period=2026-Q1" in client.get("/overview/units?period=2026-Q1").text
    answer = client.get("/overview/units/report.docx?period=2026-Q1")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=bao-cao-tien-do-2026-03-23.docx"
    assert read(answer.data) == snapshot


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_summary_as_a_workbook(
    app: Flask, client: FlaskClient, sign_in: SignIn, clerk: User, snapshot: SnapshotAssertion
) -> None:
    sign_in(client, clerk)
    assert (
        "/overview/units/summary.xlsx?period=2026-Q1&amp;units=now"
        in client.get("/overview/units?period=2026-Q1&units=now").text
    )
    answer = client.get("/overview/units/summary.xlsx?period=2026-Q1")
    assert answer.headers["Content-Disposition"] == "attachment; filename=ket-qua-theo-don-vi-2026-03-23.xlsx"
    sheet = load_workbook(BytesIO(answer.data)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == snapshot
    rate = sheet.cell(sheet.max_row, 9)
    assert (rate.number_format, rate.font.bold, type(rate.value)) == ("0.00", True, float)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_urging_letter(
    app: Flask, client: FlaskClient, sign_in: SignIn, clerk: User, factories: Factories, snapshot: SnapshotAssertion
) -> None:
    sign_in(client, clerk)
    unit = factories.actor(clerk)  # the clerk's own office has nothing late
    late_unit = client.get("/tasks/?label=overdue").text
    assert "Xây dựng kế hoạch học bạ số" in late_unit
    page = client.get("/overview/units").text
    number = page.split("/tasks/?unit=")[1].split("&")[0]
    assert f"/overview/units/{number}/urging-letter.docx" in client.get(f"/tasks/?unit={number}").text
    answer = client.get(f"/overview/units/{number}/urging-letter.docx")
    assert answer.status_code == 200
    assert read(answer.data) == snapshot
    (own,) = {post.unit_id for post in unit.posts}
    refused = client.get(f"/overview/units/{own}/urging-letter.docx")
    assert refused.status_code == 422
    assert "không có nhiệm vụ quá hạn nên không cần đôn đốc" in refused.text


@pytest.mark.parametrize("role", list(Role))
def test_what_the_menu_hides_of_the_office_cannot_be_typed(
    app: Flask, client: FlaskClient, sign_in: SignIn, clerk: User, factories: Factories, role: Role
) -> None:
    unit = factories.unit("Sở Tư pháp")
    factories.task(unit=unit, due_on=date(2026, 3, 16), state=TaskState.IN_PROGRESS)
    sign_in(client, factories.user(role, unit=unit) if role in (Role.OFFICER, Role.HEAD) else factories.user(role))
    offered = 'href="/overview"' in client.get("/account").text
    assert offered or role not in (Role.COORDINATOR, Role.LEADER)
    pages = [rule.rule.replace("<int:unit_id>", str(unit.id)) for rule in app.url_map.iter_rules()
             if rule.endpoint.startswith("office.") and rule.rule.startswith("/overview")]  # fmt: skip
    assert len(pages) == 6
    for page in pages:
        answer = client.get(page)
        if offered and "urging-letter" not in page:
            assert answer.status_code == 200, page
        elif not offered:
            assert answer.status_code in (403, 404), page


def test_long_lists_are_cut_and_say_so(
    app: Flask, clerk: User, factories: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "MOST_LATE", 1)
    unit = factories.unit("Sở Nội vụ")
    for _ in range(2):
        factories.task(unit=unit, due_on=date(2026, 3, 16), state=TaskState.IN_PROGRESS)
    content = papers.progress_report(factories.actor(clerk), papers.Period(), papers.UnitsOf.THEN)
    assert any(line.startswith("Và 2 nhiệm vụ quá hạn khác;") for line in read(content))


def test_units_of_the_same_name_are_told_apart_on_every_paper(
    client: FlaskClient, clerk: User, sign_in: SignIn, factories: Factories, clock: Clock
) -> None:
    rooms = {}
    for commune in ("Xã An Phú", "Xã Bình Minh"):
        room = factories.unit("Phòng Kinh tế", short_name="P.KT", parent=factories.unit(commune))
        factories.task(f"Việc của {commune}", unit=room, due_on=date(2026, 3, 10), state=TaskState.IN_PROGRESS)
        rooms[commune] = room
    sign_in(client, clerk)
    page = client.get("/overview/units").get_data(as_text=True)
    report = _all_text(client.get("/overview/units/report.docx").data)
    book = load_workbook(BytesIO(client.get("/overview/units/summary.xlsx").data)).active
    cells = [str(cell.value) for row in book.iter_rows() for cell in row]
    for commune, room in rooms.items():
        name = f"Phòng Kinh tế, {commune}"
        assert f"P.KT ({commune})" in page
        assert name in report
        assert cells.count(name) == 1
        assert name in _all_text(client.get(f"/overview/units/{room.id}/urging-letter.docx").data)


def _all_text(content: bytes) -> str:
    paper = Document(BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])
