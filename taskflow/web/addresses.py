"""Addresses of pages with parameters that are only known at run time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, url_for
from werkzeug.routing import IntegerConverter, Map

#: Largest number that the databases give to a row; a larger one names nothing and would only make them fail.
_LARGEST = 2**31 - 1


class _RowNumber(IntegerConverter):
    """``<int:…>`` in an address: a number that a row can have; any other is an address that leads nowhere."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, *args, **{"max": _LARGEST, **kwargs})


def init_addresses(app: Flask) -> None:
    """Let numbers in addresses be those of rows; before any route is registered."""
    app.url_map.converters["int"] = _RowNumber


def row_number(text: str) -> int:
    """A number of a query string or form, for ``type=``. Raises ``ValueError`` for what no row can have."""
    number = int(text)
    if not -_LARGEST <= number <= _LARGEST:
        raise ValueError(text)
    return number


def address(endpoint: str, query: Mapping[str, str], **more: Any) -> str:
    """The address of a page with these parameters."""
    values: dict[str, Any] = {**query, **more}
    return url_for(endpoint, **values)
