"""Search in short lists (units, groups, people): every typed word must occur, accents and abbreviations aside."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from taskflow.domain.search import Term, query_terms


def _forms(term: Term) -> list[str]:
    return [term.prefix, " ".join(term.phrase)] if term.phrase else [term.prefix]


def found_in(column: InstrumentedAttribute[str], query: str) -> list[ColumnElement[bool]]:
    """One condition a word on a column of ``domain.search.search_words``."""
    return [or_(*(column.contains(form, autoescape=True) for form in _forms(term))) for term in query_terms(query)]


def matches(text: str, terms: Iterable[Term]) -> bool:
    """The same on a text that is at hand."""
    return all(any(form in text for form in _forms(term)) for term in terms)
