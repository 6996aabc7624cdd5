"""Search without accents: what is stored for finding, and what a typed query asks for.

Stored text and queries are words of ``[a-z0-9]``: no accents, đ as d, punctuation as gaps. An
abbreviation is found by its long form and the other way round ("gd" ↔ "giáo dục").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from taskflow.domain.units import fold, plain

_WORD = re.compile(r"[a-z0-9]+")
#: More words than this in one query are left out: nobody reads on after eight.
MAX_TERMS = 8


@dataclass(frozen=True, slots=True)
class Term:
    """One typed word: it matches words that begin so, or the phrase that it abbreviates."""

    prefix: str
    phrase: tuple[str, ...] = ()


def search_words(*texts: str | None) -> str:
    """The words to store for finding a thing by any of these texts, abbreviations also in their long form."""
    words: list[str] = []
    for text in texts:
        if not text:
            continue
        as_written = _WORD.findall(plain(text))
        words += as_written
        long_form = fold(text).split()
        if long_form != [word for word in as_written if word != "va"]:
            words += long_form
    return " ".join(words)


def query_terms(query: str) -> list[Term]:
    """What a typed query asks for; all terms must be found. An empty list asks for nothing."""
    terms = []
    for word in _WORD.findall(plain(query))[:MAX_TERMS]:
        long_form = tuple(fold(word).split())
        terms.append(Term(word, () if long_form == (word,) else long_form))
    return terms


def as_fts5(terms: list[Term]) -> str:
    """The terms as an FTS5 query."""
    parts = []
    for term in terms:
        phrase = f' OR "{" ".join(term.phrase)}"' if term.phrase else ""
        parts.append(f'("{term.prefix}"*{phrase})')
    return " AND ".join(parts)


def as_tsquery(terms: list[Term]) -> str:
    """The terms as a PostgreSQL tsquery."""
    parts = []
    for term in terms:
        phrase = f" | ({' <-> '.join(term.phrase)})" if term.phrase else ""
        parts.append(f"({term.prefix}:*{phrase})")
    return " & ".join(parts)
