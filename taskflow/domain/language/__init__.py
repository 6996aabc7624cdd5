"""Vietnamese deadline phrases (thời hạn) → ``Deadline``. DOMAIN.md section 4; nothing is guessed silently.

``read_deadline`` reads a cell or phrase, ``find_deadlines`` finds phrases in running text. Inside: ``tokens``
(folding), ``numbers`` and ``units`` and ``dates`` (what a calendar has), ``repeats`` and ``rules`` (periods),
``remarks`` (events, thường xuyên, blanks), ``scanning`` → ``readings`` → ``composing`` (what it means together),
``wording`` (what is said about it in Vietnamese).
"""

from __future__ import annotations

from taskflow.domain.deadlines import BeforeMeans
from taskflow.domain.language.prose import find_deadlines
from taskflow.domain.language.reader import LONGEST_TEXT, read_deadline
from taskflow.domain.language.wording import problem_message

__all__ = ["LONGEST_TEXT", "BeforeMeans", "find_deadlines", "problem_message", "read_deadline"]
