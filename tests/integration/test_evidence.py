"""Evidence and the file store."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from taskflow.config import Settings
from taskflow.domain.errors import DomainError, Invalid, NotFound, TooLarge, WrongState
from taskflow.domain.permissions import Role
from taskflow.domain.states import TaskState
from taskflow.extensions import db
from taskflow.models.document import StoredFile
from taskflow.models.task import Evidence
from taskflow.services import settings
from taskflow.services.evidence import NewEvidence, add_evidence, get_file, remove_evidence, warnings_of
from taskflow.services.files import Upload, clean_filename, open_stored, store
from taskflow.services.progress import ReportText
from taskflow.services.task_steps import confirm, report_done, return_for_rework
from taskflow.services.unit_of_work import unit_of_work
from tests.factories import Factories
from tests.support.clock import Clock

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def macro_file() -> bytes:
    """A workbook with a macro in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/vbaProject.bin", b"macro")
    return held.getvalue()


def test_the_same_content_is_stored_once_and_served_under_its_own_name(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    first, second = factories.task(unit=unit), factories.task(unit=unit)
    for task, name in ((first, "../../etc/Báo cáo.pdf"), (second, "khác.pdf")):
        add_evidence(task_id=task.id, items=[NewEvidence(upload=Upload(PDF, name))], actor=officer, now=clock())
    assert db.session.query(StoredFile).count() == 1
    folder = Path(app.config["TASKFLOW"].data_dir) / "files"
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    found = [get_file(officer, one.task_id, one.id) for one in db.session.query(Evidence).order_by(Evidence.id)]
    assert [(one.filename, one.media_type, one.size) for one in found] == [
        ("Báo cáo.pdf", "application/pdf", len(PDF)),
        ("khác.pdf", "application/pdf", len(PDF)),
    ]
    with found[0].open() as stream:
        assert stream.read() == PDF
    with pytest.raises(NotFound):
        get_file(factories.actor(factories.user()), first.id, 1)


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"", "rong.pdf", DomainError),
        (macro_file(), "bang.xlsx", DomainError),
        (PDF, "gia.docx", DomainError),
        (b"MZ\x90\x00\x03\x00\x00\x00", "chuong-trinh.exe", DomainError),
        (b"<html><script>alert(1)</script></html>", "trang.html", Invalid),
        (PDF + b"0" * (1024 * 1024), "lon.pdf", TooLarge),
    ],
)
def test_bad_files_are_refused_and_leave_nothing_behind(
    app, factories: Factories, clock: Clock, data: bytes, name: str, error: type[DomainError]
) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    task = factories.task(unit=unit)
    settings.change({"evidence.max_mb": 1}, actor=factories.actor(factories.user(Role.ADMINISTRATOR)), now=clock())
    with pytest.raises(error):
        report_done(
            task_id=task.id,
            report=ReportText("Xong"),
            evidence=[NewEvidence(upload=Upload(data, name))],
            actor=officer,
            now=clock(),
        )
    assert db.session.query(StoredFile).count() == db.session.query(Evidence).count() == 0
    assert task.state is TaskState.ASSIGNED


def test_files_can_live_in_another_store(app, clock: Clock, configure: Callable[..., Settings]) -> None:
    configure(files_url="memory://taskflow-tests")
    with unit_of_work() as session:
        kept = store(session, io.BytesIO(PDF), "a.pdf", now=clock())
    assert open_stored(kept.sha256).read() == PDF
    with pytest.raises(NotFound):
        open_stored("0" * 64)


def test_a_workflow_that_asks_for_evidence_gets_it_in_every_way(app, factories: Factories, clock: Clock) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    task = factories.task(unit=unit, workflow_id=factories.workflow(evidence_required=True).id)
    with pytest.raises(Invalid, match=r"task\.evidence_required"):
        report_done(task_id=task.id, report=ReportText("Xong"), actor=officer, now=clock())
    with pytest.raises(Invalid, match=r"evidence\.empty"):
        report_done(
            task_id=task.id, report=ReportText("Xong"), evidence=[NewEvidence(issuer="Sở")], actor=officer, now=clock()
        )
    report_done(
        task_id=task.id,
        report=ReportText("Xong"),
        evidence=[NewEvidence(number="12/BC-SGD", issued_on=clock.today)],
        actor=officer,
        now=clock(),
    )
    with pytest.raises(WrongState, match=r"evidence\.reported"):
        remove_evidence(evidence_id=1, actor=officer, now=clock())
    return_for_rework(task_id=task.id, reason="Sai số", actor=clerk, now=clock())
    with pytest.raises(Invalid, match=r"task\.evidence_required"):
        report_done(task_id=task.id, report=ReportText("Vẫn vậy"), actor=officer, now=clock())
    add_evidence(task_id=task.id, items=[NewEvidence(number="15/BC-SGD")], actor=officer, now=clock())
    report_done(task_id=task.id, report=ReportText("Đã sửa"), actor=officer, now=clock())
    assert confirm(task_id=task.id, actor=clerk, now=clock()).state is TaskState.COMPLETED


def test_what_looks_wrong_is_said_without_betraying_other_tasks(app, factories: Factories, clock: Clock) -> None:
    unit, other = factories.unit(), factories.unit()
    officer, stranger = factories.actor(factories.user(unit=unit)), factories.actor(factories.user(unit=other))
    clerk = factories.actor(factories.user(Role.COORDINATOR))
    mine, theirs = factories.task(unit=unit), factories.task(unit=other)
    item = NewEvidence(number="7/KH", upload=Upload(PDF, "a.pdf"))
    assert add_evidence(task_id=theirs.id, items=[item], actor=stranger, now=clock()) == []
    late = NewEvidence(number="7/KH", issued_on=clock.today - timedelta(days=1), upload=Upload(PDF, "b.pdf"))
    warned = add_evidence(task_id=mine.id, items=[late], actor=officer, now=clock())
    assert [(one.code, one.task_code) for one in warned] == [
        ("number_used", ""),
        ("duplicate_file", ""),
        ("before_assignment", ""),
    ]
    assert {one.task_code for one in warnings_of(clerk, [mine]) if one.code != "before_assignment"} == {theirs.code}
    report_done(
        task_id=mine.id,
        report=ReportText("Xong"),
        evidence=[NewEvidence(number="99/BC", issued_on=clock.today + timedelta(days=4))],
        actor=officer,
        now=clock(),
    )
    assert "after_closing" in {one.code for one in warnings_of(clerk, [mine])}
    remove = db.session.query(Evidence).filter_by(task_id=theirs.id).one()
    remove_evidence(evidence_id=remove.id, actor=stranger, now=clock())
    assert "number_used" not in {one.code for one in warnings_of(clerk, [mine])}


def test_a_number_is_known_in_another_spelling_and_not_taken_for_that_of_another_year_or_issuer(
    app, factories: Factories, clock: Clock
) -> None:
    unit = factories.unit()
    officer = factories.actor(factories.user(unit=unit))

    def warned(*items: NewEvidence) -> set[str]:
        task = factories.task(unit=unit)
        return {one.code for one in add_evidence(task_id=task.id, items=items, actor=officer, now=clock())}

    first = NewEvidence("12/BC-SGD", clock.today, "Sở Giáo dục và Đào tạo")
    assert warned(first) == set()
    assert warned(NewEvidence("12/BC-SGD", clock.today, "Sở Y tế")) == set()
    assert warned(NewEvidence("12/BC-SGD", date(clock.today.year + 1, 1, 5))) == {"not_yet"}
    assert warned(NewEvidence("12 /bc-sgd")) == {"number_used"}
    again = NewEvidence(upload=Upload(PDF, "a.pdf"))
    assert warned(again, again) == {"sent_before"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Tài liệu\\báo cáo.docx", "báo cáo.docx"),
        ("../../x.pdf", "x.pdf"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("", "tep"),
        ("x" * 400 + ".xlsx", "x" * 195 + ".xlsx"),
    ],
)
def test_names_of_files_are_made_harmless(given: str, kept: str) -> None:
    assert clean_filename(given) == kept
