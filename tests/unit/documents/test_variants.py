"""Plans laid out in many ways, in every form: every task, unit, deadline and group must come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from taskflow.documents.model import Item
from taskflow.documents.parse import parse
from taskflow.domain.units import plain
from tests.unit.documents.office_files import as_docx, as_ods, as_xlsx
from tests.unit.documents.pdf_plans import as_ruled_pdf, as_unruled_pdf
from tests.unit.documents.plans import Plan, Task, make_plan
from tests.unit.documents.text_files import (
    as_aligned_text,
    as_flat_text,
    as_html,
    as_markdown,
    as_pasted_cells,
    as_piped_text,
)


def _split_docx(plan: Plan) -> bytes:
    return as_docx(plan, split_at=6)


FORMS: dict[str, tuple[Callable[[Plan], bytes], str, bool]] = {
    "docx": (as_docx, "docx", True),
    "split docx": (_split_docx, "docx", False),
    "xlsx": (as_xlsx, "xlsx", True),
    "ods": (as_ods, "ods", True),
    "html": (as_html, "html", True),
    "md": (as_markdown, "md", False),
    "flat text": (as_flat_text, "txt", False),
    "aligned text": (as_aligned_text, "txt", False),
    "piped text": (as_piped_text, "txt", False),
    "pasted cells": (as_pasted_cells, "txt", False),
    "ruled pdf": (as_ruled_pdf, "pdf", True),
    "unruled pdf": (as_unruled_pdf, "pdf", False),
}
SEEDS = 8


def _same(text: str) -> str:
    return plain(" ".join(text.split())).rstrip(".")


def _answer(item: Item | Task) -> tuple[str, frozenset[str], frozenset[str], str]:
    deadline = item.deadline if isinstance(item, Task) else item.deadline.text
    lead, coordinators = frozenset(map(_same, item.lead)), frozenset(map(_same, item.coordinators))
    return _same(item.content), lead, coordinators, _same(deadline)


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("form", FORMS)
def test_every_layout_gives_back_the_plan(form: str, seed: int) -> None:
    write, extension, merging = FORMS[form]
    plan = make_plan(seed * len(FORMS) + list(FORMS).index(form), merging=merging)

    parsed = parse(write(plan), filename=f"plan.{extension}")

    items = [item for item in parsed.items if item.selected]
    assert [_answer(item) for item in items] == [_answer(task) for task in plan.tasks]
    assert [item.group for item in items] == [task.groups[-1] if task.groups else None for task in plan.tasks]
    assert parsed.reconciliation.complete
    assert parsed.reconciliation.items == len(plan.tasks)


def test_persons_in_charge_lead_where_no_unit_does() -> None:
    text = "| Thời gian | Nội dung công việc | Người phụ trách | Ghi chú |\n|---|---|---|---|\n"
    text += (
        "| Tháng 9/2025 | Tổ chức khai giảng | Hiệu trưởng | |\n| 15/10/2025 | Hội nghị viên chức | Ban Giám hiệu | |\n"
    )
    found = parse(text.encode(), filename="ke-hoach.md").items
    assert [item.lead for item in found] == [("Hiệu trưởng",), ("Ban Giám hiệu",)]
