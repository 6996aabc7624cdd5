"""The reader in a process of its own: the same answer, and an end when it takes too long, too much or is cancelled."""

from __future__ import annotations

import pytest

from taskflow.documents.messages import DocumentError
from taskflow.documents.parse import parse
from taskflow.documents.sandbox import parse_in_subprocess
from tests.unit.documents.office_files import as_docx
from tests.unit.documents.plans import make_plan


def test_child_answers_as_the_reader_itself_and_tells_its_progress() -> None:
    data, seen = as_docx(make_plan(5)), []

    parsed = parse_in_subprocess(data, filename="plan.docx", progress=lambda *step: seen.append(step))

    assert parsed == parse(data, filename="plan.docx")
    assert seen[-1] == ("read", 1, 1)


def test_refusal_of_the_child_is_raised_here() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_in_subprocess(b"\x89PNG\r\n\x1a\n" + b"x" * 50, filename="plan.docx")

    assert caught.value.code == "document.lying_type"
    assert caught.value.params["extension"] == ".docx"


def test_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_in_subprocess(as_docx(make_plan(5)), filename="plan.docx", seconds=0.0)

    assert caught.value.code == "document.timeout"


def test_child_that_needs_too_much_memory_is_ended() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_in_subprocess(as_docx(make_plan(5)), filename="plan.docx", memory=40 * 1024 * 1024)

    assert caught.value.code in {"document.out_of_memory", "document.crashed"}


def test_child_can_be_cancelled() -> None:
    with pytest.raises(DocumentError) as caught:
        parse_in_subprocess(as_docx(make_plan(5)), filename="plan.docx", cancelled=lambda: True)

    assert caught.value.code == "document.cancelled"
