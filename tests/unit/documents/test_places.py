"""A sentence is found in its paragraph by its place, not by its first words."""

from __future__ import annotations

from taskflow.documents.parse import parse
from taskflow.documents.passages import paragraph_at

TEXT = """KẾ HOẠCH
Triển khai chuyển đổi số năm 2026

II. TỔ CHỨC THỰC HIỆN

1. Sở Nội vụ

- Chủ trì, phối hợp với các cơ quan, đơn vị có liên quan xây dựng kế hoạch đào tạo cán bộ trước ngày 15/3/2026.

2. Sở Tài chính

- Chủ trì, phối hợp với các cơ quan, đơn vị có liên quan xây dựng dự toán kinh phí trước ngày 30/4/2026.
"""


def test_two_paragraphs_that_begin_alike_keep_their_places() -> None:
    parsed = parse(TEXT.encode(), filename="plan.txt")
    duties = [item for item in parsed.items if "xây dựng" in item.content]

    assert len(duties) == 2
    for duty, word in zip(duties, ("đào tạo", "dự toán"), strict=True):
        assert duty.place.offset is not None
        found = paragraph_at(parsed.blocks, duty.place.offset)
        assert found is not None
        assert word in found[0][found[1] :]
