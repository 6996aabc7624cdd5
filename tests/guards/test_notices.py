"""Whatever people are told about has its words, as a message and under the bell."""

from __future__ import annotations

import ast
from pathlib import Path

from taskflow import services
from taskflow.domain.transitions import TABLE
from taskflow.notifications.messages import EVENTS
from taskflow.services import bulk_actions
from taskflow.services.notices import NOTICES
from taskflow.web.bell.words import SENTENCES
from taskflow.web.tasks import story


def test_every_event_that_is_sent_has_a_subject_of_its_own() -> None:
    assert {kind for kind, notice in NOTICES.items() if notice.message} - set(EVENTS) == set()


def test_every_event_has_a_sentence_under_the_bell() -> None:
    assert set(NOTICES) - set(SENTENCES) == set()


def test_every_line_of_a_history_has_its_sentence() -> None:
    kinds = set(NOTICES) | {row.event for row in TABLE.values()} | set(bulk_actions.EVENTS.values())
    for file in Path(services.__path__[0]).rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("history.") and len(call.args) > 1:
                kind = call.args[1]
                if isinstance(kind, ast.Constant) and isinstance(kind.value, str):
                    kinds.add(kind.value)
    assert "coordination_moved" in kinds
    assert kinds - set(story.PLAIN) - set(story.SENTENCES) == set()
