"""Signs behind units that a heading or a note explains once for the table."""

from __future__ import annotations

import pytest

from taskflow.documents.columns import role_of
from taskflow.documents.legends import read_legend, spelled_out
from taskflow.documents.model import ParsedDocument
from taskflow.documents.parse import parse

BOTH = {"C": "chủ trì", "P": "phối hợp"}


@pytest.mark.parametrize(
    "text",
    [
        "Cơ quan thực hiện (C: chủ trì; P: phối hợp)",
        "Đơn vị thực hiện (C - chủ trì, P - phối hợp)",
        "Ghi chú: (C) là cơ quan chủ trì; (P) là cơ quan phối hợp.",
        "Ký hiệu: C = chủ trì, P = phối hợp",
        "Trong đó “C” là đơn vị chủ trì, “P” là đơn vị phối hợp",
        "(C) chủ trì (P) phối hợp",
        "Chủ trì (C), phối hợp (P)",
        "Chủ trì (C) phối hợp (P)",
    ],
)
def test_signs_are_explained(text: str) -> None:
    assert read_legend(["Nội dung công việc", text]) == BOTH


@pytest.mark.parametrize(
    "text",
    [
        "Cơ quan chủ trì",
        "UBND xã chủ trì",
        "Sở Tài chính (chủ trì)",
        "Phân công thực hiện - chủ trì/phối hợp",
        "(P) phối hợp",
    ],
)
def test_other_words_explain_no_sign(text: str) -> None:
    assert read_legend([text]) == {}


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Cơ quan thực hiện (C: chủ trì; P: phối hợp)", "units"),
        ("Chủ trì (C), phối hợp (P)", "units"),
        ("Chủ trì (C) phối hợp (P)", "units"),
        ("Cơ quan phối hợp", "coordinators"),
    ],
)
def test_a_heading_with_signs_names_its_column(label: str, role: str) -> None:
    assert role_of(label) == role


def test_a_star_may_stand_without_brackets() -> None:
    legend = read_legend(["(*) Đơn vị chủ trì"])
    assert spelled_out("Sở Tài chính*; Sở Y tế (*)\nSở Nội vụ", legend) == (
        "Sở Tài chính(chủ trì); Sở Y tế (chủ trì)\nSở Nội vụ"
    )


def _parsed(heading: str, note: str = "", *, above: str = "") -> ParsedDocument:
    rows = (
        "| 1 | Xây dựng kho dữ liệu dùng chung | Sở Tài chính (C); Sở Y tế (P); Sở Nội vụ (P) | 30/6/2026 |\n"
        "| 2 | Tập huấn kỹ năng số cho cấp xã | Sở Y tế (P), Sở Nội vụ (C) | 30/9/2026 |\n"
    )
    head = f"| TT | Nội dung công việc | {heading} | Thời hạn |\n|---|---|---|---|\n"
    return parse(f"{above}\n\n{head}{rows}\n{note}\n".encode(), filename="plan.md")


@pytest.mark.parametrize(
    "parsed",
    [
        _parsed("Đơn vị thực hiện (C: chủ trì; P: phối hợp)"),
        _parsed("Đơn vị thực hiện", "Ghi chú: (C) là đơn vị chủ trì, (P) là đơn vị phối hợp."),
        _parsed("Đơn vị thực hiện", above="Ký hiệu: C = chủ trì; P = phối hợp"),
        _parsed("Đơn vị thực hiện", "| | Ghi chú: C: chủ trì; P: phối hợp | | |"),
    ],
    ids=["heading", "below", "above", "row"],
)
def test_signs_say_who_leads(parsed: ParsedDocument) -> None:
    assert [(item.lead, item.coordinators) for item in parsed.items] == [
        (("Sở Tài chính",), ("Sở Y tế", "Sở Nội vụ")),
        (("Sở Nội vụ",), ("Sở Y tế",)),
    ]
    assert parsed.reconciliation.complete


def test_signs_that_nobody_explains_stay_as_written() -> None:
    first = _parsed("Đơn vị thực hiện").items[0]
    assert first.lead == ("Sở Tài chính (C)", "Sở Y tế (P)", "Sở Nội vụ (P)")
