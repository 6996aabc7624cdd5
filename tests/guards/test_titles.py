"""Codes have words: a title for every stored code, a sentence for every error that the code raises."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from enum import StrEnum

import pytest
from sqlalchemy import Enum

from taskflow import paths, titles
from taskflow.domain import errors
from taskflow.domain.deadlines import TimeLabel
from taskflow.extensions import db
from taskflow.i18n import ERRORS, TITLES

assert titles  # importing it fills the registries
STORED = {
    column.type.enum_class
    for table in db.metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, Enum) and column.type.enum_class is not None
}
KINDS = sorted(STORED | {TimeLabel}, key=lambda kind: kind.__name__)
RAISED = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.DomainError)
}
PLACEHOLDER = re.compile(r"%\((\w+)\)")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_member_has_a_title(kind: type[StrEnum]) -> None:
    assert not [member.value for member in kind if (kind.__name__, member.value) not in TITLES]


@functools.cache
def raised_errors() -> tuple[tuple[str, str | None, set[str] | None], ...]:
    """The domain errors made in the package."""
    return tuple(_scan())


def _scan() -> Iterator[tuple[str, str | None, set[str] | None]]:
    """Place, code and given parameters of every domain error made in the package (None: not written out)."""
    for path in sorted(paths.PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args:
                first = node.args[0]
                code = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
                names = {word.arg for word in node.keywords if word.arg is not None}
                given = None if any(word.arg is None for word in node.keywords) else names
                yield f"{path.relative_to(paths.PACKAGE)}:{node.lineno}", code, given


def test_every_error_has_a_sentence() -> None:
    missing = sorted({f"{code} ({place})" for place, code, _ in raised_errors() if code and code not in ERRORS})
    assert not missing


def test_every_sentence_gets_its_values() -> None:
    unfilled = []
    for place, code, given in raised_errors():
        if code in ERRORS and given is not None:
            wanted = set(PLACEHOLDER.findall(str(ERRORS[code])))
            if not wanted <= given:
                unfilled.append(f"{place}: {code} lacks {sorted(wanted - given)}")
    assert not unfilled


def test_the_scan_sees_the_errors() -> None:
    assert len([code for _, code, _ in raised_errors() if code]) > 20
