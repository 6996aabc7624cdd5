"""What pages and the API have in common, for they do not import each other: marks of access, statuses of errors."""

from __future__ import annotations

from taskflow.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooLarge, TooMany, WrongState

#: Attribute of a view that says who may use it; a guard test walks the URL map and fails on a view without it.
ACCESS_ATTRIBUTE = "taskflow_access"


def status_of(error: DomainError) -> int:
    """The HTTP status of a domain error."""
    for kind, status in (
        (NotAllowed, 403),
        (NotFound, 404),
        (WrongState, 409),
        (Conflict, 409),
        (TooLarge, 413),
        (TooMany, 429),
        (Invalid, 422),
    ):
        if isinstance(error, kind):
            return status
    return 400
