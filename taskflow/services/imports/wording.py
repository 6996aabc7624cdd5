"""Deadlines of rows as this office reads them."""

from __future__ import annotations

from datetime import date
from typing import Any

from taskflow.domain.language import read_deadline
from taskflow.models.document import ImportRow
from taskflow.services.imports.values import deadline_values
from taskflow.services.wording import read


def as_office_reads(row: ImportRow, issued_on: date | None) -> dict[str, Any]:
    """The reader's deadline of a row, read again with the office's calendar; a date cell of a sheet stays as it is."""
    text = row.deadline.get("text") or ""
    if row.deadline != deadline_values(read_deadline(text, issued_on=issued_on)):
        return row.deadline
    return deadline_values(read(text, issued_on))


def for_date(row: ImportRow, before: date | None, after: date | None) -> dict[str, Any]:
    """The deadline of a row once the document's date has been put right, where nobody decided about it yet."""
    text = row.deadline.get("text") or ""
    if row.deadline.get("decision") or row.deadline != deadline_values(read(text, before)):
        return row.deadline
    return deadline_values(read(text, after))
