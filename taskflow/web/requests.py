"""The request as views see it: what stands in an address is cleaned before anybody reads it."""

from __future__ import annotations

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.utils import cached_property

from taskflow.domain.typed import clean_text


class CleanRequest(Request):
    """A request whose query parameters hold only what pages, stores and exports can hold."""

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        """The parameters of the address, cleaned as forms are."""
        given = super().args
        return ImmutableMultiDict((key, clean_text(value)) for key, value in given.items(multi=True))
