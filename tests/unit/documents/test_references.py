"""Links to other documents: căn cứ, thay thế, sửa đổi."""

from __future__ import annotations

from datetime import date

from taskflow.documents.model import Cell, DocumentReference, Paragraph, RawTable
from taskflow.documents.references import find_references


def references(*lines: str) -> list[DocumentReference]:
    """What is stated of other documents; those that are only mentioned apart."""
    return [one for one in find_references([Paragraph(line) for line in lines]) if one.relation != "mentions"]


def test_numbers_cited_anywhere_are_mentions() -> None:
    blocks = [
        Paragraph("Căn cứ Quyết định số 5/QĐ-TTg ngày 01/02/2026;"),
        Paragraph("I. NỘI DUNG"),
        Paragraph("(Kèm theo Kế hoạch số 9/KH-UBND ngày 02/3/2026)"),
        Paragraph("Tiếp tục thực hiện Kế hoạch số 32/KH-UBND ngày 24/02/2023; nội dung theo 51-KL/TW và 5/QĐ-TTg."),
        RawTable(((Cell("1"), Cell("Rà soát theo Công văn số 74/UBND-VP ngày 17/8/2020; Kế hoạch số 32/KH-UBND")),)),
    ]
    assert [(one.relation, one.number, one.issued_on) for one in find_references(blocks)] == [
        ("basis", "5/QĐ-TTg", date(2026, 2, 1)),
        ("mentions", "32/KH-UBND", date(2023, 2, 24)),
        ("mentions", "51-KL/TW", None),
        ("mentions", "74/UBND-VP", date(2020, 8, 17)),
    ]


def test_the_basis_of_a_plan_with_numbers_and_dates() -> None:
    found = references(
        "KẾ HOẠCH",
        "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
        "Căn cứ Nghị quyết số 32-NQ/TU ngày 02/02/2026 của Tỉnh ủy; Kết luận số 129-KL/HU ngày 30 tháng 9 năm 2025;",
        (
            "Thực hiện Quyết định số 1041/QĐ-TTg ngày 13/10/2025 của Thủ tướng về việc thực hiện Kết luận "
            "số 51-KL/TW ngày 30/5/2024,"
        ),
        "I. MỤC ĐÍCH",
        "- Tiếp tục thực hiện Nghị quyết số 99/NQ-CP ngày 01/01/2020 của Chính phủ.",
    )
    assert [(r.relation, r.number, r.issued_on) for r in found] == [
        ("basis", "Luật Tổ chức chính quyền địa phương", date(2025, 6, 16)),
        ("basis", "32-NQ/TU", date(2026, 2, 2)),
        ("basis", "129-KL/HU", date(2025, 9, 30)),
        ("executes", "1041/QĐ-TTg", date(2025, 10, 13)),
    ]


def test_what_is_replaced_and_what_is_amended() -> None:
    found = references(
        "Điều 1. Sửa đổi, bổ sung một số nội dung",
        "Kế hoạch này thay thế Kế hoạch số 12/KH-UBND ngày 31/02/2026 và Kế hoạch số 15/KH-UBND.",
        "Quyết định này sửa đổi, bổ sung Quyết định số 7/2024/QĐ-UBND ngày 05/3/2024.",
        "Thay thế thiết bị theo Quyết định số 1/QĐ-UBND.",
    )
    assert [(r.relation, r.number, r.issued_on) for r in found] == [
        ("supersedes", "12/KH-UBND", None),
        ("supersedes", "15/KH-UBND", None),
        ("amends", "7/2024/QĐ-UBND", date(2024, 3, 5)),
    ]


def test_the_title_says_what_is_amended() -> None:
    title = "Sửa đổi, bổ sung Kế hoạch số 245/KH-UBND ngày 02/3/2026 về triển khai chuyển đổi số"
    found = references("KẾ HOẠCH", title, "Bổ sung thiết bị theo Quyết định số 9/QĐ-UBND.")
    assert [(r.relation, r.number, r.issued_on) for r in found] == [("amends", "245/KH-UBND", date(2026, 3, 2))]
    (replaced,) = references("QUYẾT ĐỊNH", "Về việc thay thế Quyết định số 12/QĐ-UBND")
    assert (replaced.relation, replaced.number) == ("supersedes", "12/QĐ-UBND")
    late = ["Đoạn mở đầu"] * 20
    assert references(*late, "Điều chỉnh dự toán tại Quyết định số 12/QĐ-UBND.") == []


def test_a_document_is_linked_once() -> None:
    line = "Căn cứ Quyết định số 5/QĐ-TTg ngày 01/02/2026;"
    assert len(references(line, line)) == 1


def test_what_the_title_executes_stands_once_with_its_date() -> None:
    found = references(
        "KẾ HOẠCH",
        "Triển khai Nghị quyết số 15-NQ/TU về chuyển đổi số.",
        "Căn cứ Nghị quyết số 15-NQ/TU ngày 12/02/2026 của Tỉnh ủy;",
    )
    assert [(r.relation, r.number, r.issued_on) for r in found] == [("executes", "15-NQ/TU", date(2026, 2, 12))]
