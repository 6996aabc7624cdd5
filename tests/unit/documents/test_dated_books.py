"""Workbooks with typed dates, hidden parts and merges, in the new form, in the old one, and converted on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from taskflow.documents.model import ParsedDocument
from taskflow.documents.parse import parse
from taskflow.documents.readers.sheets import format_date
from tests.support import tools
from tests.unit.documents.dated_book import ROWS, dated_book

OLD_FORM = Path(__file__).resolve().parents[2] / "data" / "plan.xls"


def _check(parsed: ParsedDocument) -> None:
    assert [(i.content, i.deadline.due) for i in parsed.items] == [(row[1], row[6]) for row in ROWS]
    assert [i.lead for i in parsed.items] == [(row[2],) for row in ROWS]
    assert [i.coordinators for i in parsed.items] == [tuple(filter(None, row[3].split("; "))) for row in ROWS]
    assert {i.group for i in parsed.items} == {"I. Nhiệm vụ chung"}
    assert [i.deadline.exclusive for i in parsed.items] == [False] * 5 + [True]
    assert [p.code for p in parsed.problems] == ["document.hidden_sheet", "document.hidden_column"]
    assert [skip.reason for skip in parsed.reconciliation.skipped] == ["Dòng bị ẩn trong trang tính"]
    assert parsed.reconciliation.complete


def test_new_form() -> None:
    _check(parse(dated_book(), filename="plan.xlsx"))


def test_old_form() -> None:
    _check(parse(OLD_FORM.read_bytes(), filename="plan.xls"))


@pytest.mark.needs("soffice")
def test_old_form_fresh_from_libreoffice(tmp_path: Path) -> None:
    source = tmp_path / "plan.xlsx"
    source.write_bytes(dated_book())
    program = tools.find("soffice")
    assert program is not None
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    subprocess.run(
        [program, profile, "--headless", "--convert-to", "xls", "--outdir", str(tmp_path), str(source)],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip

    _check(parse((tmp_path / "plan.xls").read_bytes(), filename="plan.xls"))


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("m/d/yyyy", "02/11/2027"),
        ("mm-dd-yy", "02/11/2027"),
        ('"Trước ngày "m/d/yyyy', "Trước ngày 02/11/2027"),
        ("dd-mm-yy", "02-11-27"),
        ("[$-42A]dd/mm/yyyy;@", "02/11/2027"),
        ('"Tháng "m/yyyy', "Tháng 11/2027"),
    ],
)
def test_date_is_shown_day_first(number_format: str, shown: str) -> None:
    assert format_date(ROWS[0][6], number_format) == shown
