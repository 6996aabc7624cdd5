"""``find_deadlines``: deadline phrases inside running text.

Careful by design: a year in prose is mostly a target ("đến năm 2030, 80% …"), a plan's title or the past. Only
what words mark as a limit, a repetition or a stretch of time from an event is found.
"""

from __future__ import annotations

from datetime import date
from itertools import zip_longest

from taskflow.domain.deadlines import BeforeMeans, Deadline, DeadlineKind
from taskflow.domain.language.composing import compose
from taskflow.domain.language.facts import Bound, Dates, Fact, Joined, Plain, Remark, Repeat, Wait
from taskflow.domain.language.moments import Unit
from taskflow.domain.language.reader import WEEKENDS_OFF, as_deadline
from taskflow.domain.language.readings import Context
from taskflow.domain.language.scanning import clauses, scan
from taskflow.domain.language.tokens import Tokens, tokenize

_LINKS = frozenset({",", "(", ")", "va", "hoac", "-", ":", "/", "bao", "cao"})


def find_deadlines(text: str, *, issued_on: date | None = None) -> list[tuple[int, int, Deadline]]:
    """The deadline phrases of ``text`` as (start, end, deadline), in order; ``text[start:end]`` is the phrase.

    "Định kỳ hằng năm … báo cáo … trước ngày 30/11" in one sentence is one phrase, words between included.
    """
    tokens = tokenize(text)
    context = Context(issued_on, WEEKENDS_OFF, BeforeMeans.NAMED_DAY)
    found = []
    for sentence in clauses(tokens, scan(tokens)):
        clusters = _clusters(tokens, sentence)
        for cluster, following in zip_longest(clusters, clusters[1:]):
            start = tokens.items[cluster[0].begin].start
            end = tokens.items[_last_word(tokens, cluster[-1], following[0].begin if following else len(tokens))].end
            deadline = as_deadline(text[start:end], compose(tokens, [cluster], context))
            periodic = any(isinstance(fact, Plain) and fact.remark is Remark.PERIODIC for fact in cluster)
            if deadline.kind is not DeadlineKind.UNKNOWN or periodic:
                found.append((start, end, deadline))
    return found


def _last_word(tokens: Tokens, fact: Fact, limit: int) -> int:
    """The place, before ``limit``, of the last word of a phrase: the event that a time runs from belongs to it."""
    place = fact.end - 1
    if isinstance(fact, Wait) and not fact.from_issue and fact.anchor is None:
        while place + 1 < limit and (tokens.is_word(place + 1) or tokens.number(place + 1) is not None):
            place += 1
    return place


def _clusters(tokens: Tokens, sentence: list[Fact]) -> list[list[Fact]]:
    """The facts of a sentence that speak of a deadline, those that belong together in one list."""
    repeated = any(isinstance(fact, Repeat) for fact in sentence)
    clusters: list[list[Fact]] = []
    for previous, fact in zip([None, *sentence], sentence, strict=False):
        touching = bool(clusters) and _linked(tokens, clusters[-1][-1].end, fact.begin)
        if not (_counts(fact, repeated=repeated) or (touching and _adds(fact))):
            continue
        if clusters and (touching or _day_of(clusters[-1], fact)):
            clusters[-1].append(fact)
        else:
            clusters.append([fact])
            if previous is not None and _adds(previous) and _linked(tokens, previous.end, fact.begin):
                clusters[-1].insert(0, previous)
    return clusters


def _linked(tokens: Tokens, end: int, begin: int) -> bool:
    return begin - end <= 3 and all(tokens.word(place) in _LINKS for place in range(end, begin))


def _adds(fact: Fact) -> bool:
    """Whether a remark beside a deadline belongs to it: "hằng năm hoặc đột xuất"."""
    return isinstance(fact, Plain) and fact.remark in (Remark.SPORADIC, Remark.PERIODIC)


def _day_of(cluster: list[Fact], fact: Fact) -> bool:
    """Whether ``fact`` is the day of a repetition named earlier in the sentence."""
    if not isinstance(fact, Dates) or any(isinstance(other, Dates) for other in cluster):
        return False
    yearless = all(moment.year is None and moment.relative is None for moment in fact.moments)
    return yearless and any(isinstance(other, Repeat) for other in cluster)


def _counts(fact: Fact, *, repeated: bool) -> bool:
    """Whether ``fact`` is a deadline by itself."""
    if isinstance(fact, Repeat):
        return fact.unit is not Unit.DAY
    if isinstance(fact, Plain):
        return fact.remark is Remark.PERIODIC and not repeated
    if isinstance(fact, Wait):
        return not fact.loose and (fact.working or fact.from_issue or fact.anchor is not None)
    return isinstance(fact, Dates) and _is_limit(fact, repeated=repeated)


def _is_limit(dates: Dates, *, repeated: bool) -> bool:
    last = dates.moments[-1]
    if dates.stage or dates.target or dates.bound is Bound.AFTER or last.relative is not None or not dates.marked:
        return False
    if dates.bound is Bound.FROM:
        return dates.joined is Joined.RANGE and last.unit < Unit.YEAR
    return last.dated or repeated
