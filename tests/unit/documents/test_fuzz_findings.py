"""What fuzzing has found stays found: every file and phrase of tests/data/fuzz, and the laws of every reading."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskflow.documents.messages import REFUSALS, DocumentError
from taskflow.documents.parse import parse, parse_pasted
from taskflow.domain.language import read_deadline
from tests.support.reading import complaints, faults
from tests.unit.documents.office_files import as_xlsx, with_xml
from tests.unit.documents.plans import Plan, make_plan
from tests.unit.documents.text_files import as_aligned_text, as_flat_text, as_html, as_markdown

DATA = Path(__file__).resolve().parents[2] / "data" / "fuzz"
FILES = sorted(path.name for path in DATA.iterdir() if path.name != "phrases.txt")
PHRASES = (DATA / "phrases.txt").read_text(encoding="utf-8").splitlines()
ISSUED = date(2026, 10, 5)


def _wrong_with(data: bytes, name: str) -> list[str]:
    """What is wrong with the reading of a file; a refusal with a sentence is a good answer, too."""
    try:
        return list(faults(parse(data, filename=name), None))
    except DocumentError as error:
        return [] if error.code in REFUSALS else [error.code]


@pytest.mark.parametrize("name", FILES)
def test_found_file_is_read_or_refused(name: str) -> None:
    assert _wrong_with((DATA / name).read_bytes(), name) == []


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize("issued_on", [ISSUED, None])
def test_found_phrase_gives_no_invented_date(phrase: str, issued_on: date | None) -> None:
    assert list(complaints(read_deadline(phrase, issued_on=issued_on), issued_on)) == []


def test_digit_of_another_script_is_not_passed_over() -> None:
    assert read_deadline("Tháng 9/20٣26", issued_on=ISSUED).due is None


def test_merge_of_a_whole_sheet_is_refused() -> None:
    data = as_xlsx(make_plan(1, merging=False))
    book = openpyxl.load_workbook(io.BytesIO(data))
    book.active.merge_cells("A1:B1")
    out = io.BytesIO()
    book.save(out)
    hostile = with_xml(out.getvalue(), "xl/worksheets/sheet1.xml", {'ref="A1:B1"': 'ref="A1:XFD1048576"'})

    with pytest.raises(DocumentError) as caught:
        parse(hostile, filename="plan.xlsx")

    assert caught.value.code == "document.too_many_cells"


def test_workbook_that_only_calamine_opens_is_refused_when_it_spans_everything() -> None:
    data = as_xlsx(make_plan(1, merging=False))
    wide = with_xml(
        data,
        "xl/worksheets/sheet1.xml",
        {"</row></sheetData>": '</row><row r="900000"><c r="ZZ900000"><v>1</v></c></row></sheetData>'},
    )
    broken = _without_styles(wide)

    with pytest.raises(DocumentError) as caught:
        parse(broken, filename="plan.xlsx")

    assert caught.value.code == "document.too_many_cells"


def _without_styles(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            body = old.read(member)
            new.writestr(member.filename, b"<styleSheet><cellXfs>" if member.filename == "xl/styles.xml" else body)
    return out.getvalue()


def test_format_on_the_last_row_of_a_sheet_costs_nothing() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(make_plan(1, merging=False))))
    book.active.cell(1_048_576, 3).number_format = "0.00"
    out = io.BytesIO()
    book.save(out)

    parsed = parse(out.getvalue(), filename="plan.xlsx")

    assert len([item for item in parsed.items if item.selected]) == len(make_plan(1, merging=False).tasks)


PIECES = st.sampled_from(
    [
        "TT",
        "Nội dung công việc",
        "Cơ quan chủ trì",
        "Phối hợp",
        "Thời hạn",
        "1",
        "2",
        "1.1",
        "I",
        "a)",
        "Sở Nội vụ",
        "nt",
        "-",
        "",
        "Công an tỉnh; Sở Tài chính",
        "Quý II/2027",
        "31/11/2026",
        "Trước ngày 30/11/2026",
        "Hằng năm",
        "Rà soát biên chế",
        "Tổng cộng",
        "I. Nhiệm vụ chung",
        "Ghi chú: không",
        "12.500",
        "Chủ trì: Sở Y tế; phối hợp: Công an tỉnh",
        "2026",
        "x",
    ]
)
GRID = st.lists(st.lists(PIECES, min_size=1, max_size=7), min_size=1, max_size=12)
LAWS = settings(max_examples=150)


@given(rows=GRID, head=st.booleans())
@LAWS
def test_every_row_of_any_table_is_accounted_for(rows: list[list[str]], head: bool) -> None:
    lines = [["TT", "Nội dung công việc", "Cơ quan chủ trì", "Phối hợp", "Thời hạn"], *rows] if head else rows

    parsed = (
        parse_pasted("\n".join("\t".join(row) for row in lines) or "x", issued_on=ISSUED)
        if any(map(any, lines))
        else None
    )

    assert parsed is None or list(faults(parsed, ISSUED)) == []


WRITERS = st.sampled_from([as_html, as_markdown, as_flat_text, as_aligned_text])


@given(seed=st.integers(0, 10_000), write=WRITERS, cut=st.floats(0, 1), shuffled=st.booleans())
@LAWS
def test_plan_with_lines_lost_or_out_of_order_invents_nothing(
    seed: int, write: object, cut: float, shuffled: bool
) -> None:
    plan = make_plan(seed, merging=False)
    assert callable(write)
    lines = write(Plan(plan.tasks[:5], plan.layout)).decode().split("\n")
    kept = lines[: max(1, int(len(lines) * cut))]
    if shuffled:
        random.Random(seed).shuffle(kept)
    extension = {as_html: "html", as_markdown: "md"}.get(write, "txt")  # type: ignore[call-overload]  # one of the four writers

    assert _wrong_with("\n".join(kept).encode(), f"plan.{extension}") == []
