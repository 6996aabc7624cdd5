"""``taskflow import`` and ``taskflow deadline``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import func, select

from taskflow.cli import reading as command
from taskflow.documents.messages import PROBLEMS, REFUSALS
from taskflow.extensions import db
from taskflow.models.document import ImportJob, StoredFile
from tests.integration.imports.conftest import GOOD, Desk, _parse_here, plan

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        command, "parse_in_subprocess", lambda data, **how: _parse_here(data, cancelled=lambda: False, **how)
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A plan on disk."""
    path = tmp_path / "ke-hoach.docx"
    path.write_bytes(plan([GOOD]))
    return path


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_dry_run_prints_the_contract_and_writes_nothing(runner: Run, file: Path) -> None:
    result = runner("import", file, "--dry-run", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert set(answer) == {"document", "items", "indicators", "budget", "reconciliation", "problems"}
    assert answer["document"]["number"] == "12/KH-UBND"
    (item,) = answer["items"]
    assert item["lead"] == ["Sở Tài chính"]
    assert item["deadline"]["due"] == "2026-06-30"
    assert item["origin"] | {"source": "table", "row": 2} == item["origin"]
    assert db.session.scalar(select(func.count()).select_from(ImportJob)) == 0
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0
    assert "1 việc" in runner("import", file, "--dry-run").stdout


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_date_given_stands_in_for_one_that_is_missing(runner: Run, tmp_path: Path) -> None:
    path = tmp_path / "bang.txt"
    path.write_text("TT\tNội dung công việc\tCơ quan chủ trì\tThời hạn\n1\tViệc A\tSở Y tế\tQuý IV\n", encoding="utf-8")
    result = runner("import", path, "--dry-run", "--json", "--issued", "2024-05-05")
    assert json.loads(result.stdout)["items"][0]["deadline"]["due"] == "2024-12-31"
    assert runner("import", path, "--dry-run", "--issued", "hôm nay").exit_code == 2


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_bad_input_is_one_sentence_on_stderr(runner: Run, tmp_path: Path, file: Path) -> None:
    bad = tmp_path / "rong.docx"
    bad.write_bytes(b"")
    result = runner("import", bad, "--dry-run", "--json")
    assert (result.exit_code, result.stdout, result.stderr.strip()) == (1, "", REFUSALS["document.empty"])
    result = runner("import", tmp_path / "khong-co.docx", "--dry-run", "--json")
    assert result.exit_code == 1
    assert "khong-co.docx" in result.stderr
    assert runner("import", tmp_path, "--dry-run").exit_code == 1
    assert runner("import", file).exit_code == 2


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_is_missing_in_a_file_is_said_on_stderr(runner: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    nothing, no_lead = tmp_path / "khac.csv", tmp_path / "thieu.csv"
    nothing.write_text("Họ và tên,Năm sinh\nTrần Văn An,1980\n", encoding="utf-8")
    no_lead.write_text("TT,Nội dung công việc,Thời hạn,Ghi chú\n1,Lập quy hoạch chung,2027,\n", encoding="utf-8")

    result = runner("import", nothing, "--dry-run", *options)
    assert (result.exit_code, result.stderr.strip()) == (1, PROBLEMS["document.no_task_table"])

    result = runner("import", no_lead, "--dry-run", *options)
    assert (result.exit_code, result.stderr.strip()) == (0, PROBLEMS["document.no_lead_column"].format(table=1))


def test_a_real_import_waits_for_review(runner: Run, desk: Desk, file: Path) -> None:
    who = ("--office", desk.office.name, "--user", desk.clerk.email)
    result = runner("import", file, *who, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["status"] == "review"
    assert [row.content for row in desk.rows(answer["id"])] == [GOOD[1]]
    again = json.loads(runner("import", file, *who, "--json").stdout)
    assert (again["id"], again["known"]) == (answer["id"], True)
    assert runner("import", file, "--office", "Sở Thiên văn", "--user", desk.clerk.email).exit_code == 1
    assert runner("import", file, "--office", desk.office.name, "--user", "ai@sonha.example").exit_code == 1
    officer = desk.factories.user()
    assert runner("import", file, "--office", desk.office.name, "--user", officer.email).exit_code == 1
    broken = file.with_name("hong.pdf")
    broken.write_bytes(b"%PDF-1.7\nnothing")
    result = runner("import", broken, *who)
    assert result.exit_code == 1
    assert result.stderr.strip() == REFUSALS["document.damaged"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_deadlines_are_explained(runner: Run) -> None:
    result = runner("deadline", "Tháng 6 hàng năm", "31/11/2026", "--issued", "2024-11-05", "--json")
    assert result.exit_code == 0
    yearly, impossible = json.loads(result.stdout)
    assert yearly["kind"] == "recurring"
    assert "30/06/2025" in yearly["explanation"]
    assert impossible["due"] is None
    assert impossible["problems"][0]["code"] == "impossible_date"
    assert impossible["text"] == "31/11/2026"
    assert "30/06/2025" in runner("deadline", "Tháng 6 hàng năm", "--issued", "05/11/2024").stdout
    assert runner("deadline").exit_code == 2
