"""Label lists in every wording and every form: each task, unit and deadline must come back, and nothing else."""

from __future__ import annotations

import html
import io
from collections.abc import Callable

import pytest
from docx import Document

from taskflow.documents.model import Item
from taskflow.documents.parse import parse
from tests.unit.documents.pdf_files import Page, pdf
from tests.unit.documents.plans import HEAD_LINES, Plan, Task, make_plan

#: The opening of a task, then lead, coordinators and deadline; what has no coordinators leaves their part out.
STYLES: dict[str, tuple[str, str, str, str]] = {
    "brackets": (
        "{tt}/ {content} (Đơn vị chủ trì: ",
        "{lead}; đơn vị phối hợp thực hiện: ",
        "{with}",
        "; thời hạn hoàn thành: {due}).",
    ),
    "bulleted lines": (
        "{tt}. {content}\n- Cơ quan chủ trì: ",
        "{lead}.\n- Cơ quan phối hợp: ",
        "{with}",
        ".\n- Thời gian hoàn thành: {due}.",
    ),
    "two kinds of bullets": (
        "- {content}.\n+ Đơn vị chủ trì: ",
        "{lead};\n+ Đơn vị phối hợp: ",
        "{with}",
        ";\n+ Thời hạn: {due}.",
    ),
    "bare lines": ("{tt}. {content}.\nChủ trì: ", "{lead}\nPhối hợp: ", "{with}", "\nThời gian thực hiện: {due}"),
    "one line below": (
        "{tt}. {content}.\nCơ quan chủ trì: ",
        "{lead}. Cơ quan phối hợp: ",
        "{with}",
        ". Thời gian hoàn thành: {due}.",
    ),
    "behind the task": (
        "{tt}. {content}. Cơ quan chủ trì: ",
        "{lead}; cơ quan phối hợp: ",
        "{with}",
        "; thời gian: {due}.",
    ),
    "named tasks": (
        "Nhiệm vụ {tt}: {content}\n- Đơn vị thực hiện: ",
        "{lead}\n- Đơn vị phối hợp: ",
        "{with}",
        "\n- Tiến độ: {due}\n- Sản phẩm: Báo cáo",
    ),
    "lettered lines": (
        "{tt}. {content}\na) Cơ quan chủ trì: ",
        "{lead}.\nb) Cơ quan phối hợp: ",
        "{with}",
        ".\nc) Thời gian trình Chính phủ: {due}.",
    ),
    "labelled content": (
        "{tt}. Nội dung: {content}\n- Chủ trì: ",
        "{lead}\n- Phối hợp: ",
        "{with}",
        "\n- Thời hạn: {due}",
    ),
}


def _lines(plan: Plan, style: str, separator: str) -> list[str]:
    opening, lead, others, closing = STYLES[style]
    lines = [text for pair in HEAD_LINES for text in pair[:1]]
    lines += ["KẾ HOẠCH", "Phát triển vùng Sông Hạc năm 2027", "II. NỘI DUNG, NHIỆM VỤ", "Nhiệm vụ cụ thể như sau:"]
    group = ""
    for number, task in enumerate(plan.tasks, 1):
        if task.groups and task.groups[0] != group:
            group = task.groups[0]
            lines.append(group)
        middle = lead + others if task.coordinators else "{lead}"
        values = {"tt": number, "content": task.content, "lead": separator.join(task.lead), "due": task.deadline}
        text = (opening + middle + closing).format(**values, **{"with": separator.join(task.coordinators)})
        lines += text.split("\n")
    return [*lines, "III. TỔ CHỨC THỰC HIỆN", "Các cơ quan, đơn vị tổ chức thực hiện Kế hoạch này./.", "Nơi nhận:"]


def _text(lines: list[str]) -> bytes:
    return "\n\n".join(lines).encode()


def _web_page(lines: list[str]) -> bytes:
    return f"<html><body>{''.join(f'<p>{html.escape(line)}</p>' for line in lines)}</body></html>".encode()


def _word_file(lines: list[str]) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _pages(lines: list[str]) -> bytes:
    """Lines of print: a paragraph is known by nothing but its wrapped lines."""
    pages, y = [Page(size=11)], 40.0
    for line in lines:
        height = Page(size=11).block(0, 0, 480, line)
        if y + height > 790:
            pages.append(Page(size=11))
            y = 40.0
        y = pages[-1].block(60, y, 480, line) + 4
    return pdf(pages)


FORMS: dict[str, Callable[[list[str]], bytes]] = {
    "txt": _text,
    "md": _text,
    "html": _web_page,
    "docx": _word_file,
    "pdf": _pages,
}


def _same(text: str) -> str:
    return " ".join(text.split()).lower().rstrip(".")


def _answer(task: Item | Task) -> tuple[str, frozenset[str], frozenset[str], str]:
    due = task.deadline if isinstance(task, Task) else task.deadline.text
    return _same(task.content), frozenset(map(_same, task.lead)), frozenset(map(_same, task.coordinators)), _same(due)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("seed", "separator"), [(0, "; "), (3, ", "), (4, ", ")])
def test_every_wording_gives_back_the_plan(style: str, form: str, seed: int, separator: str) -> None:
    plan = make_plan(seed, merging=False)

    parsed = parse(FORMS[form](_lines(plan, style, separator)), filename=f"plan.{form}")

    assert [_answer(item) for item in parsed.items if item.selected] == [_answer(task) for task in plan.tasks]
    assert parsed.reconciliation.complete
