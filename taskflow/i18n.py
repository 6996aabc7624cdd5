"""Language: translation functions, dates and numbers as Vietnamese offices write them, titles of codes.

msgids are English, the catalogue ``vi`` is complete and the default. Codes are stored, titles are
translated here: ``title_of(TaskState.ASSIGNED)``. Errors of the domain become sentences in
``error_sentence``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from flask import Flask, has_request_context, request
from flask_babel import format_decimal, gettext, lazy_gettext, ngettext

from taskflow.clock import local_date, now
from taskflow.domain.errors import DomainError

_ = gettext
_l = lazy_gettext

__all__ = [
    "_",
    "_l",
    "error_sentence",
    "format_date",
    "format_datetime",
    "format_number",
    "format_percent",
    "ngettext",
    "title_of",
]


def select_locale() -> str:
    """Vietnamese, unless the session of a developer asks for English."""
    if has_request_context() and request.cookies.get("taskflow_locale") == "en":
        return "en"
    return "vi"


def format_date(value: date | datetime | None) -> str:
    """dd/MM/yyyy (Babel's short form would print a two-digit year); an instant is shown in the office's zone."""
    if value is None:
        return ""
    day = local_date(value) if isinstance(value, datetime) else value
    return f"{day:%d/%m/%Y}"


def format_datetime(value: datetime | None) -> str:
    """dd/MM/yyyy HH:mm in the office's time zone."""
    if value is None:
        return ""
    from flask import current_app

    return f"{value.astimezone(current_app.config['TASKFLOW'].zone):%d/%m/%Y %H:%M}"


def format_number(value: Decimal | float | None, digits: int | None = None) -> str:
    """A number with dots for thousands and a decimal comma."""
    if value is None:
        return ""
    pattern = None if digits is None else "#,##0." + "0" * digits if digits else "#,##0"
    return str(format_decimal(value, format=pattern))


def format_percent(part: float, whole: float) -> str:
    """``part`` of ``whole`` in percent with two digits ("84,46%"), or "–" of nothing."""
    return "–" if not whole else f"{format_number(round(100 * part / whole, 2), 2)}%"


def title_of(code: StrEnum | str, kind: str = "") -> str:
    """The translated title of a stored code. ``kind`` is the enum's name when ``code`` is a plain string."""
    name = kind or type(code).__name__
    found = TITLES.get((name, str(code)))
    return str(found) if found is not None else str(code)


def error_sentence(error: DomainError) -> str:
    """The sentence for a domain error: what happened and what to do next."""
    text = ERRORS.get(error.code)
    if text is None:
        return str(
            gettext("This cannot be done now (%(code)s). Please reload the page and try again.", code=error.code)
        )
    values = {
        key: format_date(value) if isinstance(value, date) else title_of(value) if isinstance(value, StrEnum) else value
        for key, value in error.params.items()
    }
    return str(text) % _Defaults(values)


class _Defaults(dict[str, object]):
    def __missing__(self, key: str) -> object:
        return "…"


#: Titles of codes by (enum name, code). Filled by the modules ``taskflow.titles``.
TITLES: dict[tuple[str, str], object] = {}
#: Sentences of errors by code, filled there too.
ERRORS: dict[str, object] = {}


def init_i18n(app: Flask) -> None:
    """Register the filters and globals that templates use."""
    app.jinja_env.filters.update(date=format_date, datetime=format_datetime, number=format_number, title_of=title_of)
    app.jinja_env.globals.update(now=now, title_of=title_of, format_percent=format_percent)
