"""What pages and the API have in common, for they do not import each other: marks of access, statuses of errors."""

from __future__ import annotations

import errno
import sqlite3

from taskflow.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, TooLarge, TooMany, WrongState

#: Attribute of a view that says who may use it; a guard test walks the URL map and fails on a view without it.
ACCESS_ATTRIBUTE = "taskflow_access"

#: PostgreSQL's word for a full disk.
_DISK_FULL = "53100"


def is_full_disk(error: BaseException) -> bool:
    """Whether the database or the file system has no room left."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError):
        return cause.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _DISK_FULL


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
